//! How one sender signs, as a value.
//!
//! A [`Scheme`] is data: it says which header holds the signature and in which form, how the secret becomes a key, what
//! exactly is signed, and where the timestamp, the event's id and its type are. One engine reads it, for
//! [verifying](crate::Webhook::verify) as for [signing](crate::Webhook::sign). A new sender is a new row in
//! `catalogue.json`; a private one is the same JSON, given to [`Scheme::from_json`].
//!
//! **Invariants.** A `Scheme` that exists is usable: every field was checked when it was read.

mod body_member;
mod catalogue;
mod format;
mod header_name;
mod key_rule;
mod selector;
mod template;

use std::time::Duration;

use serde::Deserialize;

pub(crate) use body_member::Located;
pub(crate) use format::{Candidates, Encoding};
pub(crate) use header_name::HeaderName;
pub(crate) use selector::Selector;
pub(crate) use template::Source;

use crate::error::{Error, ErrorCode, clip};
use crate::key::SigningKey;
use crate::secret::Secret;
use crate::timestamp::TimestampUnit;
use body_member::BodySignature;
use format::Format;
use key_rule::KeyRule;
use template::Template;

/// How one sender signs. See the [module](self).
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Fields")]
pub struct Scheme {
    id: String,
    name: String,
    key: KeyRule,
    header_aliases: Vec<(HeaderName, Vec<HeaderName>)>,
    pub(crate) signature: SignatureRule,
    pub(crate) body_signature: Option<BodySignature>,
    pub(crate) content: Template,
    pub(crate) timestamp: Option<TimestampRule>,
    pub(crate) event_id: Option<Selector>,
    pub(crate) event_type: Option<Selector>,
}

/// Where the signature is and how it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignatureRule {
    pub(crate) header: HeaderName,
    #[serde(default)]
    pub(crate) format: Format,
    pub(crate) encoding: Encoding,
}

/// Where the timestamp is, how it is written and how far it may be off.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimestampRule {
    pub(crate) from: TimestampSource,
    pub(crate) unit: TimestampUnit,
    #[serde(default = "default_tolerance")]
    tolerance_seconds: u32,
}

impl TimestampRule {
    pub(crate) fn tolerance(&self) -> Duration {
        Duration::from_secs(self.tolerance_seconds.into())
    }
}

/// Five minutes, as Standard Webhooks, Stripe and Slack.
fn default_tolerance() -> u32 {
    300
}

/// Where a timestamp is.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum TimestampSource {
    /// A header of its own.
    Header(HeaderName),
    /// Inside the signature header, where its format says.
    Signature,
}

impl TryFrom<String> for TimestampSource {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        if text == "signature" {
            return Ok(Self::Signature);
        }
        match text.split_once(':') {
            Some(("header", name)) => HeaderName::parse(name).map(Self::Header),
            _ => Err(invalid(format!(
                "timestamp.from takes `header:NAME` or `signature`, got `{}`",
                clip(&text)
            ))),
        }
    }
}

impl Scheme {
    /// The built-in scheme of this name: `"standard_webhooks"`, `"naive"`, …
    ///
    /// # Errors
    /// `unknown_scheme`.
    pub fn builtin(id: &str) -> Result<Self, Error> {
        catalogue::load(id)
    }

    /// The names of the built-in schemes.
    #[must_use]
    pub fn builtin_ids() -> Vec<String> {
        catalogue::ids()
    }

    /// Reads a scheme of your own; the fields are those of the rows in `catalogue.json`.
    ///
    /// # Errors
    /// `invalid_scheme`, with the field and what it takes.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        serde_json::from_str(json).map_err(|error| invalid(format!("scheme: {error}")))
    }

    /// The name that stands for this scheme in code: `"standard_webhooks"`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name for people: `"Standard Webhooks"`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Makes the key of a secret, which this scheme says how to read.
    ///
    /// # Errors
    /// `invalid_secret` when it is not written as the scheme says, or too short or too long for it.
    pub fn key(&self, secret: &Secret) -> Result<SigningKey, Error> {
        self.key.parse(secret)
    }

    /// The headers that verifying reads, in lower case: all that a binding has to hand over.
    #[must_use]
    pub fn headers(&self) -> Vec<&str> {
        let mut names: Vec<&str> = vec![self.signature.header.as_str()];
        names.extend(self.content.headers().map(HeaderName::as_str));
        if let Some(TimestampRule { from: TimestampSource::Header(name), .. }) = &self.timestamp {
            names.push(name.as_str());
        }
        for selector in [&self.event_id, &self.event_type].into_iter().flatten() {
            if let Selector::Header(name) = selector {
                names.push(name.as_str());
            }
        }
        names.extend(
            self.header_aliases.iter().flat_map(|(_, aliases)| aliases).map(HeaderName::as_str),
        );
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Other names under which the sender may write this header.
    pub(crate) fn aliases(&self, name: &HeaderName) -> &[HeaderName] {
        self.header_aliases
            .iter()
            .find(|(header, _)| header == name)
            .map_or(&[], |(_, aliases)| aliases)
    }
}

/// A scheme as it stands in JSON, before its fields are checked against each other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    algorithm: Algorithm,
    #[serde(default)]
    key: KeyRule,
    #[serde(default)]
    header_aliases: std::collections::BTreeMap<HeaderName, Vec<HeaderName>>,
    signature: SignatureRule,
    #[serde(default)]
    body_signature: Option<BodySignature>,
    signed_content: Template,
    #[serde(default)]
    timestamp: Option<TimestampRule>,
    #[serde(default)]
    event_id: Option<Selector>,
    #[serde(default)]
    event_type: Option<Selector>,
    /// For people: where the facts of this row come from, and what a user should know.
    #[serde(default, rename = "source")]
    _source: Option<String>,
    #[serde(default, rename = "notes")]
    _notes: Option<String>,
}

/// What computes the signature.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Algorithm {
    #[default]
    HmacSha256,
}

impl TryFrom<Fields> for Scheme {
    type Error = Error;

    fn try_from(fields: Fields) -> Result<Self, Error> {
        let Algorithm::HmacSha256 = fields.algorithm;
        let id_is_plain = !fields.id.is_empty()
            && fields
                .id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        if !id_is_plain || fields.id.len() > 64 {
            let id = clip(&fields.id);
            return Err(invalid(format!(
                "id takes 1 to 64 letters, digits and `_ - .`, got `{id}`"
            )));
        }
        let in_signature = fields.signature.format.carries_timestamp();
        match &fields.timestamp {
            Some(TimestampRule { from: TimestampSource::Signature, .. }) if !in_signature => {
                return Err(invalid(
                    "timestamp.from is `signature`, but signature.format names no `ts_key`",
                ));
            }
            None if fields.signed_content.uses_timestamp() => {
                return Err(invalid(
                    "signed_content uses `{timestamp}`, but the scheme has no `timestamp`",
                ));
            }
            _ => {}
        }
        if !fields.signed_content.uses_body() {
            return Err(invalid(
                "signed_content does not use `{body}`: the body would not be protected",
            ));
        }
        Ok(Self {
            name: fields.name.unwrap_or_else(|| fields.id.clone()),
            id: fields.id,
            key: fields.key,
            header_aliases: fields.header_aliases.into_iter().collect(),
            signature: fields.signature,
            body_signature: fields.body_signature,
            content: fields.signed_content,
            timestamp: fields.timestamp,
            event_id: fields.event_id,
            event_type: fields.event_type,
        })
    }
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidScheme, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: &str) -> Result<Scheme, Error> {
        let mut scheme: serde_json::Value = serde_json::from_str(
            r#"{"id":"acme","signature":{"header":"x-acme","encoding":"hex"},"signed_content":"{body}"}"#,
        )
        .unwrap();
        let change: serde_json::Value = serde_json::from_str(change).unwrap();
        scheme.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        Scheme::from_json(&scheme.to_string())
    }

    #[test]
    fn a_small_scheme_is_enough() {
        let scheme = with("{}").unwrap();
        assert_eq!((scheme.id(), scheme.name()), ("acme", "acme"));
        assert_eq!(scheme.headers(), ["x-acme"]);
    }

    #[test]
    fn mistakes_are_named() {
        for (change, expected) in [
            (r#"{"id":"a b"}"#, "id takes"),
            (r#"{"signed_contents":"{body}"}"#, "unknown field `signed_contents`"),
            (r#"{"signed_content":"{timestamp}.{body}"}"#, "has no `timestamp`"),
            (r#"{"signed_content":"{header:x-id}"}"#, "would not be protected"),
            (r#"{"signed_content":"{boddy}"}"#, "`{boddy}`"),
            (r#"{"algorithm":"hmac-md5"}"#, "unknown variant `hmac-md5`"),
            (r#"{"timestamp":{"from":"signature","unit":"s"}}"#, "names no `ts_key`"),
            (r#"{"timestamp":{"from":"x-time","unit":"s"}}"#, "takes `header:NAME` or `signature`"),
            (r#"{"event_type":"json:type"}"#, "`json:/POINTER`"),
            (r#"{"signature":{"header":"x acme","encoding":"hex"}}"#, "header name"),
            (
                r#"{"signature":{"header":"x-acme","encoding":"base16"}}"#,
                "unknown variant `base16`",
            ),
            (r#"{"key":{"encoding":"hex","min_bytes":9,"max_bytes":8}}"#, "min_bytes"),
        ] {
            let error = with(change).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidScheme);
            assert!(error.message().contains(expected), "{change}: {error}");
        }
    }
}
