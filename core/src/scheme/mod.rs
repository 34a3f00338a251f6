//! How one sender signs, as a value.
//!
//! A [`Scheme`] is data: it says which header holds the signature and in which form, how the secret becomes a key, what
//! exactly is signed, and where the timestamp, the event's id and its type are. One engine reads it, for
//! [verifying](crate::Webhook::verify) as for [signing](crate::Webhook::sign). A new sender is a new row in
//! `catalogue.json`; a private one is the same JSON, given to [`Scheme::from_json`].
//!
//! **Invariants.** A `Scheme` that exists is usable: every field was checked when it was read, and it verified what it
//! signed (`self_check.rs`).

mod body_member;
mod catalogue;
mod format;
mod header_name;
mod key_rule;
mod selector;
mod self_check;
mod template;

use std::time::Duration;

use serde::Deserialize;

pub(crate) use body_member::Located;
pub(crate) use format::{Candidates, Encoding};
pub(crate) use header_name::HeaderName;
pub(crate) use selector::Selector;
pub(crate) use template::Source;

use crate::algorithm::Algorithm;
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
    pub(crate) algorithm: Algorithm,
    key: KeyRule,
    header_aliases: Vec<(HeaderName, Vec<HeaderName>)>,
    pub(crate) signature: SignatureRule,
    pub(crate) body_signature: Option<BodySignature>,
    pub(crate) content: Template,
    pub(crate) require_headers: Vec<(HeaderName, String)>,
    pub(crate) timestamp: Option<TimestampRule>,
    pub(crate) event_id: Option<Selector>,
    pub(crate) event_type: Option<Selector>,
    pub(crate) event_type_header: Option<HeaderName>,
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
        // An array would be taken as the fields in order.
        if !json.trim_start().starts_with('{') {
            return Err(invalid("scheme: a JSON object is expected"));
        }
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
        self.key.parse(secret, self.algorithm)
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
        names.extend(self.require_headers.iter().map(|(name, _)| name.as_str()));
        names.extend(
            self.header_aliases.iter().flat_map(|(_, aliases)| aliases).map(HeaderName::as_str),
        );
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether the signature protects the body. Where it does not, anybody who has seen one request can send another
    /// body with it: treat the body as a hint and ask the sender's API.
    #[must_use]
    pub fn covers_body(&self) -> bool {
        self.content.uses_body()
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
    #[serde(default)]
    signed_content: Template,
    /// How much of the body the signature protects.
    #[serde(default)]
    body_coverage: BodyCoverage,
    /// Headers that must have exactly this value.
    #[serde(default)]
    require_headers: std::collections::BTreeMap<HeaderName, String>,
    #[serde(default)]
    timestamp: Option<TimestampRule>,
    #[serde(default)]
    event_id: Option<Selector>,
    #[serde(default)]
    event_type: Option<Selector>,
    /// A header that repeats the type of the event; written, never read, because it is not signed.
    #[serde(default)]
    event_type_header: Option<HeaderName>,
    /// For people: where the facts of this row come from, and what a user should know.
    #[serde(default, rename = "source")]
    _source: Option<String>,
    #[serde(default, rename = "notes")]
    _notes: Option<String>,
}

impl TryFrom<Fields> for Scheme {
    type Error = Error;

    fn try_from(fields: Fields) -> Result<Self, Error> {
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
            Some(TimestampRule { from, .. }) if !fields.signed_content.signs(from) => {
                return Err(invalid(
                    "the timestamp is not in signed_content: it would prove nothing",
                ));
            }
            None if fields.signed_content.uses_timestamp() => {
                return Err(invalid(
                    "signed_content uses `{timestamp}`, but the scheme has no `timestamp`",
                ));
            }
            _ => {}
        }
        let (algorithm, content) = (fields.algorithm, &fields.signed_content);
        if algorithm.tag_len().is_some()
            && algorithm.needs_secret_in_content() != content.uses_secret()
        {
            return Err(invalid(
                "`{secret}` belongs into the signed_content of a bare hash, and only there",
            ));
        }
        if algorithm.tag_len().is_some() && matches!(fields.signature.encoding, Encoding::Utf8) {
            return Err(invalid(
                "signature.encoding `utf8` is for tokens; a signature is hex or base64",
            ));
        }
        if content.uses_body() != (fields.body_coverage == BodyCoverage::Full) {
            return Err(invalid(
                "signed_content without `{body}` leaves the body unprotected: say so with `body_coverage` `none`",
            ));
        }
        let scheme = Self {
            name: fields.name.unwrap_or_else(|| fields.id.clone()),
            id: fields.id,
            algorithm: fields.algorithm,
            key: fields.key,
            header_aliases: fields.header_aliases.into_iter().collect(),
            signature: fields.signature,
            body_signature: fields.body_signature,
            content: fields.signed_content,
            require_headers: fields.require_headers.into_iter().collect(),
            timestamp: fields.timestamp,
            event_id: fields.event_id,
            event_type: fields.event_type,
            event_type_header: fields.event_type_header,
        };
        self_check::run(&scheme)?;
        Ok(scheme)
    }
}

/// How much of the body a signature protects.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum BodyCoverage {
    #[default]
    Full,
    None,
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
            (r#"{"signed_content":"{header:x-id}"}"#, "leaves the body unprotected"),
            (r#"{"signed_content":"{secret}{body}"}"#, "bare hash"),
            (r#"{"algorithm":"sha256"}"#, "bare hash"),
            (r#"{"signed_content":"[[{header:x}{body}"}"#, "without `]]`"),
            (r#"{"signed_content":"{boddy}"}"#, "`{boddy}`"),
            (r#"{"algorithm":"hmac-md4"}"#, "unknown variant `hmac-md4`"),
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
