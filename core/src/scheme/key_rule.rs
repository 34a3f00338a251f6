//! How the text of a secret becomes key bytes.

use serde::Deserialize;

use super::invalid;
use crate::WHOLE;
use crate::algorithm::{Algorithm, Family};
use crate::asymmetric::AsymmetricKey;
use crate::canonical::key_material::{Derivation, PrefixPattern, nfkd};
use crate::error::{Error, ErrorCode, say};
use crate::jwt::JwtRule;
use crate::key::SigningKey;
use crate::radix::{LENIENT, hex_decode};
use crate::scheme::compact::compact;
use crate::secret::Secret;
use crate::wipe::Wiped;

/// How the text of a secret becomes key bytes.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "Fields"))]
#[serde(try_from = "Fields")]
pub(crate) struct KeyRule(Fields);

#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
struct Fields {
    /// What the text of the secret is. Public keys are read in any of their usual forms, whatever stands here.
    encoding: KeyEncoding,
    /// Prefixes that are not part of the encoded key; the first that fits is taken off.
    strip_prefix: Vec<String>,
    /// A prefix that is not part of the key either, with one `*`, which stands for letters, digits and `_`:
    /// `signkey-*-`.
    strip_pattern: Option<PrefixPattern>,
    /// The Unicode form that the sender puts the secret in.
    normalize: Option<Normalization>,
    /// What the sender appends to the secret, such as `&`.
    suffix: String,
    /// The key is this hash of the secret, as bytes.
    derive: Option<Derivation>,
    /// The fewest bytes that a key has.
    min_bytes: Option<usize>,
    /// The most bytes that a key has.
    max_bytes: Option<usize>,
}

/// What the text of a secret is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum KeyEncoding {
    /// Base64 of the key's bytes, with or without `=`.
    Base64,
    /// Hex of the key's bytes.
    Hex,
    /// The bytes of the text itself.
    #[default]
    Utf8,
}

/// A form of Unicode.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum Normalization {
    /// Form KD (UAX #15).
    Nfkd,
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
    pub(crate) fn encoding(&self) -> KeyEncoding {
        self.0.encoding
    }

    /// The prefixes that are taken off.
    pub(crate) fn prefixes(&self) -> &[String] {
        &self.0.strip_prefix
    }

    /// The same rule with another encoding, no prefixes and any length: to try how a secret may be meant.
    pub(crate) fn read_as(&self, encoding: KeyEncoding) -> Self {
        let mut fields = self.0.clone();
        (fields.encoding, fields.strip_prefix, fields.strip_pattern) = (encoding, Vec::new(), None);
        (fields.min_bytes, fields.max_bytes) = (None, None);
        Self(fields)
    }

    /// Adds the keys of a secret.
    pub(crate) fn parse(
        &self,
        secret: &Secret,
        algorithm: Algorithm,
        jwt: Option<&JwtRule>,
        into: &mut Vec<SigningKey>,
    ) -> Result<(), Error> {
        let text = secret.expose();
        let is_public = match algorithm.family() {
            Family::Asymmetric => true,
            // The form of the secret says which kind of key it is, and the kind which algorithms it checks: a public
            // key is never used as the secret of an HMAC.
            Family::Jwt => jwt.is_some_and(|rule| rule.reads_public_key(text)),
            Family::BareHash | Family::Hmac | Family::Token => false,
        };
        if WHOLE && is_public {
            let keys = AsymmetricKey::read(text)?;
            let before = into.len();
            let fitting = keys
                .into_iter()
                .filter(|key| match jwt {
                    Some(rule) => rule.uses(key.key_type()),
                    None => algorithm.key_type() == Some(key.key_type()),
                })
                .map(SigningKey::from_asymmetric);
            into.extend(fitting);
            if into.len() == before {
                let message = "secret holds a public key of another kind than the scheme's";
                return Err(Error::new(ErrorCode::InvalidSecret, message));
            }
            return Ok(());
        }
        into.push(SigningKey::new(algorithm, &self.bytes(text)?)?);
        Ok(())
    }

    /// The key's bytes, where it is no key pair.
    pub(crate) fn bytes(&self, text: &str) -> Result<Wiped<Vec<u8>>, Error> {
        let rule = &self.0;
        let given = text;
        let text = rule
            .strip_prefix
            .iter()
            .find_map(|prefix| text.strip_prefix(prefix.as_str()))
            .unwrap_or(text);
        let text = rule
            .strip_pattern
            .as_ref()
            .filter(|_| WHOLE)
            .map_or(text, |pattern| pattern.strip(text));
        let normalized = match rule.normalize {
            Some(Normalization::Nfkd) if WHOLE => Some(nfkd(text)?),
            _ => None,
        };
        let refuse = |problem: String| Err(Error::new(ErrorCode::InvalidSecret, problem));
        let mut bytes = Wiped::new(match rule.encoding {
            KeyEncoding::Utf8 => {
                normalized.as_ref().map_or(text, |text| text.as_str()).as_bytes().to_vec()
            }
            KeyEncoding::Hex => match hex_decode(text) {
                Some(bytes) => bytes,
                None => return refuse(say!("secret is not hex: {} characters", text.len())),
            },
            KeyEncoding::Base64 => match LENIENT.decode(text) {
                Some(bytes) => bytes,
                None => {
                    return refuse(match rule.strip_prefix.first() {
                        Some(prefix) if text.len() == given.len() => {
                            say!("secret is neither `{prefix}` and base64 nor base64 alone")
                        }
                        Some(prefix) => say!("secret is not base64 after `{prefix}`"),
                        None => say!("secret is not base64"),
                    });
                }
            },
        });
        let (min, max) = (rule.min_bytes.unwrap_or(1), rule.max_bytes.unwrap_or(usize::MAX));
        if bytes.len() < min {
            return refuse(say!(
                "secret holds {} key bytes, at least {min} are needed",
                bytes.len()
            ));
        }
        if bytes.len() > max {
            return refuse(say!(
                "secret holds {} key bytes, at most {max} are allowed",
                bytes.len()
            ));
        }
        bytes.extend_from_slice(rule.suffix.as_bytes());
        Ok(match rule.derive {
            Some(derivation) if WHOLE => derivation.apply(&bytes),
            _ => bytes,
        })
    }
}

compact! { tuple KeyRule }
compact! { struct Fields { encoding, strip_prefix, suffix, min_bytes, max_bytes; strip_pattern, normalize, derive } }
compact! { enum KeyEncoding { Utf8, Base64, Hex } }
compact! { enum Normalization { Nfkd } }
