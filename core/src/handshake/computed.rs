//! A value of an answer that is signed or hashed.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::template::Template;
use super::{Values, missing_config};
use crate::error::{Error, ErrorCode};
use crate::key::SigningKey;
use crate::scheme::Encoding;
use crate::scheme::compact::compact;

/// A value that is computed from others: one of `hmac` and `sha256`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Computed {
    /// What is signed by the scheme's HMAC, under its key.
    pub(super) hmac: Option<Template>,
    /// What is hashed, without a key.
    pub(super) sha256: Option<Template>,
    /// How the value is written.
    pub(super) encoding: Encoding,
}

impl Computed {
    pub(super) fn compute(
        &self,
        values: &Values<'_, '_>,
        key: Option<&SigningKey>,
        scheme: &str,
    ) -> Result<String, Error> {
        let fill = |template: &Template| {
            template.fill(values, &[]).map_err(|setting| missing_config(scheme, &setting))
        };
        if let Some(template) = &self.hmac {
            let text = fill(template)?;
            let key = key.ok_or_else(|| {
                let message =
                    format!("scheme `{scheme}` signs its handshake, but there is no secret");
                Error::new(ErrorCode::InvalidSecret, message)
            })?;
            return Ok(self.encoding.encode(key.tag_of(text.as_bytes()).as_public()));
        }
        let text = self.sha256.as_ref().map(fill).transpose()?.unwrap_or_default();
        Ok(self.encoding.encode(&Sha256::digest(text)))
    }

    pub(super) fn template(&self) -> Option<&Template> {
        self.hmac.as_ref().or(self.sha256.as_ref())
    }
}

compact! { struct Computed { hmac, sha256, encoding } }
