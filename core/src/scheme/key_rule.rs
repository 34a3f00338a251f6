//! How the text of a secret becomes key bytes.

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::invalid;
use crate::algorithm::Algorithm;
use crate::error::{Error, ErrorCode};
use crate::key::SigningKey;
use crate::secret::Secret;

/// Secrets get copied without their `=`; which bytes they stand for is clear all the same.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How the text of a secret becomes key bytes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "Fields")]
pub(crate) struct KeyRule(Fields);

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Fields {
    encoding: KeyEncoding,
    /// Prefixes that are not part of the encoded key; the first that fits is taken off.
    strip_prefix: Vec<String>,
    min_bytes: Option<usize>,
    max_bytes: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KeyEncoding {
    Base64,
    Hex,
    /// The bytes of the text itself.
    #[default]
    Utf8,
}

impl TryFrom<Fields> for KeyRule {
    type Error = Error;

    fn try_from(fields: Fields) -> Result<Self, Error> {
        if fields.min_bytes.zip(fields.max_bytes).is_some_and(|(min, max)| min > max) {
            return Err(invalid("key.min_bytes is larger than key.max_bytes"));
        }
        Ok(Self(fields))
    }
}

impl KeyRule {
    pub(crate) fn parse(&self, secret: &Secret, algorithm: Algorithm) -> Result<SigningKey, Error> {
        let rule = &self.0;
        let text = secret.expose();
        let text = rule
            .strip_prefix
            .iter()
            .find_map(|prefix| text.strip_prefix(prefix.as_str()))
            .unwrap_or(text);
        let refuse = |problem: String| Err(Error::new(ErrorCode::InvalidSecret, problem));
        let bytes = Zeroizing::new(match rule.encoding {
            KeyEncoding::Utf8 => text.as_bytes().to_vec(),
            KeyEncoding::Hex => match hex::decode(text) {
                Ok(bytes) => bytes,
                Err(_) => return refuse(format!("secret is not hex: {} characters", text.len())),
            },
            KeyEncoding::Base64 => match BASE64.decode(text) {
                Ok(bytes) => bytes,
                Err(_) => {
                    return refuse(format!(
                        "secret is not base64: {} characters after the prefix",
                        text.len()
                    ));
                }
            },
        });
        let (min, max) = (rule.min_bytes.unwrap_or(1), rule.max_bytes.unwrap_or(usize::MAX));
        if bytes.len() < min {
            return refuse(format!(
                "secret holds {} key bytes, at least {min} are needed",
                bytes.len()
            ));
        }
        if bytes.len() > max {
            return refuse(format!(
                "secret holds {} key bytes, at most {max} are allowed",
                bytes.len()
            ));
        }
        SigningKey::new(algorithm, &bytes)
    }
}
