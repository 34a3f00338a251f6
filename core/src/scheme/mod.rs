//! How one sender signs, as a value.
//!
//! A [`Scheme`] is data: it says where the signature stands and in which form, how the secret becomes a key, what
//! exactly is signed, and where the timestamp, the event's id and its type are. One engine reads it, for
//! [verifying](crate::Webhook::verify) as for [signing](crate::Webhook::sign). A new sender is a new row in
//! `catalogue.jsonl`; a private one is the same JSON, given to [`Scheme::from_json`].
//!
//! **Invariants.** A `Scheme` that exists is usable: every field was checked when it was read, and it verified what it
//! signed (`self_check.rs`).

mod body_member;
mod candidates;
mod catalogue;
pub(crate) mod compact;
mod config;
mod encoding;
mod fields;
mod format;
mod header_name;
mod key_rule;
mod key_source;
pub(crate) mod object;
#[cfg(feature = "schema")]
mod schema;
mod selector;
mod self_check;

mod signature;
mod spelling;
mod template;
mod timestamp_rule;

pub(crate) use body_member::Located;
pub(crate) use candidates::{Candidates, MAX_SIGNATURES};
pub use catalogue::CatalogueEntry;
#[cfg(test)]
pub(crate) use catalogue::row as catalogue_row;
pub(crate) use encoding::Encoding;
pub(crate) use header_name::HeaderName;
pub(crate) use key_rule::{KeyEncoding, KeyRule};
pub use key_source::{KeyFormat, KeyRequest};
pub(crate) use selector::Selector;
pub(crate) use signature::{Fallback, SignatureRule};
pub(crate) use template::{Border, Canonical, DigestForm, Part, Template, Value};
pub(crate) use timestamp_rule::{TimestampRule, TimestampSource};

use std::fmt;

use serde::Deserialize;

use crate::algorithm::{Algorithm, Family};
use crate::error::{Error, ErrorCode, say};
use crate::handshake::{Handshake, HandshakeResponse, answer};
use crate::jwt::JwtRule;
use crate::key::SigningKey;
use crate::rare::Rare;
use crate::request::Request;
use crate::secret::Secret;
use crate::{BROAD, WHOLE, problem};
use body_member::BodySignature;
use compact::{Compact, Reader, Writer, compact};
use fields::{BodyType, Coverage, Fields};
use key_source::KeySource;

/// How one sender signs: where the signature is, what it signs, and how the secret becomes a key.
#[derive(Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "Fields"))]
#[serde(try_from = "Fields")]
pub struct Scheme {
    id: String,
    name: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) algorithm_choice: Rare<AlgorithmChoice>,
    pub(crate) key: KeyRule,
    pub(crate) key_source: Rare<KeySource>,
    header_aliases: Vec<(HeaderName, Vec<HeaderName>)>,
    pub(crate) signature: SignatureRule,
    pub(crate) body_signature: Rare<BodySignature>,
    pub(crate) content: Template,
    coverage: Coverage,
    body_type: BodyType,
    pub(crate) body_digest: Rare<BodyDigest>,
    pub(crate) url_form: Rare<UrlForm>,
    /// Places and the value that each must have; those in headers first.
    pub(crate) require: Vec<(Selector, String)>,
    pub(crate) timestamp: Option<TimestampRule>,
    pub(crate) jwt: Rare<JwtRule>,
    pub(crate) event_id: Option<Selector>,
    pub(crate) event_type: Option<Selector>,
    pub(crate) event_type_header: Option<HeaderName>,
    pub(crate) handshake: Rare<Handshake>,
    /// The headers that verifying reads, where those of a handshake are not.
    #[cfg(not(feature = "whole"))]
    names: Vec<HeaderName>,
    /// See [`reads_body`](Scheme::reads_body).
    #[cfg(not(feature = "whole"))]
    pub(crate) reads_body: bool,
}

/// An algorithm that the request names. It chooses among those that the scheme allows.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct AlgorithmChoice {
    /// Where the request names it.
    pub(crate) from: Selector,
    /// What it writes for which algorithm: of those with public keys only.
    pub(crate) map: std::collections::BTreeMap<String, Algorithm>,
}

/// A SHA-256 of the body at a place that is signed.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct BodyDigest {
    /// Where it is: a place that is signed.
    pub(crate) from: Selector,
    /// How it is written.
    pub(crate) encoding: Encoding,
}

/// Senders that sign the URL in other spellings than the one they were given; each is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum UrlForm {
    /// With some percent-escapes decoded.
    HubspotV3,
    /// With and without the port, and with the query escaped anew.
    Twilio,
}

impl Scheme {
    /// The built-in scheme of this name: `"standard_webhooks"`, `"naive"`, …
    ///
    /// # Errors
    /// `unknown_scheme`; `missing_config` for one that needs [values](Self::builtin_with).
    pub fn builtin(id: &str) -> Result<Self, Error> {
        Self::builtin_with(id, &[])
    }

    /// As [`builtin`](Self::builtin), with the values that only you know: names and values, such as
    /// `("webhook_id", "8PT597110X687430LKGECATA")`.
    ///
    /// # Errors
    /// `unknown_scheme`, `missing_config`, `invalid_config`.
    pub fn builtin_with(id: &str, config: &[(&str, &str)]) -> Result<Self, Error> {
        Self::from_json_with(catalogue::row(id)?, config)
    }

    /// The names of the built-in schemes.
    #[must_use]
    pub fn builtin_ids() -> Vec<&'static str> {
        catalogue::ids().collect()
    }

    /// What is known of a built-in scheme besides how it signs.
    ///
    /// # Errors
    /// `unknown_scheme`.
    pub fn catalogue_entry(id: &str) -> Result<CatalogueEntry, Error> {
        catalogue::entry(id)
    }

    /// Reads a scheme of your own; the fields are those of the rows in `catalogue.jsonl`.
    ///
    /// # Errors
    /// `invalid_scheme`, with the field and what it takes; `missing_config`.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        Self::from_json_with(json, &[])
    }

    /// As [`from_json`](Self::from_json), with the values that only you know.
    ///
    /// # Errors
    /// `invalid_scheme`, `missing_config`, `invalid_config`.
    pub fn from_json_with(json: &str, config: &[(&str, &str)]) -> Result<Self, Error> {
        // An array would be taken as the fields in order.
        if !json.trim_start().starts_with('{') {
            return Err(invalid(problem::no_object("scheme", json)));
        }
        let json = config::apply(json, config)?;
        serde_json::from_str(&json)
            .map_err(|error| invalid(problem::in_json("scheme", &json, &error)))
    }

    /// What users write as a scheme: the name of a built-in one, or the JSON of their own. No name begins with a brace.
    ///
    /// # Errors
    /// Those of [`builtin_with`](Self::builtin_with) or of [`from_json_with`](Self::from_json_with).
    pub fn from_text_with(text: &str, config: &[(&str, &str)]) -> Result<Self, Error> {
        if text.trim_start().starts_with('{') {
            Self::from_json_with(text, config)
        } else {
            Self::builtin_with(text, config)
        }
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

    /// Makes the key of a secret, which this scheme says how to read. Where the secret holds several (a JWKS), the
    /// first.
    ///
    /// # Errors
    /// `invalid_secret` when it is not written as the scheme says, or too short or too long for it.
    pub fn key(&self, secret: &Secret) -> Result<SigningKey, Error> {
        let key = self.keys(secret)?.into_iter().next();
        key.ok_or_else(|| Error::new(ErrorCode::InvalidSecret, "secret holds no key"))
    }

    /// Makes the keys of a secret: one, but for a key set (JWKS) or several PEM blocks.
    ///
    /// # Errors
    /// As [`key`](Self::key).
    pub fn keys(&self, secret: &Secret) -> Result<Vec<SigningKey>, Error> {
        let mut keys = Vec::new();
        self.add_keys(secret, &mut keys)?;
        Ok(keys)
    }

    pub(crate) fn add_keys(
        &self,
        secret: &Secret,
        into: &mut Vec<SigningKey>,
    ) -> Result<(), Error> {
        self.key.parse(secret, self.algorithm, self.jwt.get(), into)
    }

    /// As [`Webhook::handshake`](crate::Webhook::handshake), while there is no secret yet: some senders hand it over in
    /// their first request.
    ///
    /// # Errors
    /// As there, and `invalid_secret` for a handshake that takes a secret to answer.
    pub fn handshake(&self, request: &Request<'_>) -> Result<Option<HandshakeResponse>, Error> {
        answer(self, &[], request, || {
            let message = say!("scheme `{}` signs its handshake, but there is no secret", self.id);
            Err(Error::new(ErrorCode::InvalidSecret, message))
        })
    }

    /// The headers that verifying and [handshakes](Self::handshake) read, in lower case: all that a binding has to hand
    /// over, unless the scheme [reads any header](Self::reads_any_header).
    #[must_use]
    pub fn headers(&self) -> Vec<&str> {
        #[cfg(feature = "whole")]
        return self.named_headers();
        #[cfg(not(feature = "whole"))]
        self.names.iter().map(HeaderName::as_str).collect()
    }

    #[cfg(not(feature = "whole"))]
    fn with_names(mut self) -> Result<Self, Error> {
        let names = self.named_headers().into_iter().map(HeaderName::parse);
        self.names = names.collect::<Result<_, _>>()?;
        Ok(self)
    }

    fn named_headers<'s>(&'s self) -> Vec<&'s str> {
        let timestamp = self.timestamp.as_ref().and_then(|rule| rule.from.selector());
        let mut names = Vec::new();
        let mut add = |name: &'s HeaderName| names.push(name.as_str());
        let mut add_place = |place: &'s Selector| place.header().into_iter().for_each(&mut add);
        self.signature.from.iter().for_each(&mut add_place);
        self.content.values().for_each(|value| add_place(&value.selector));
        let places = [timestamp, self.event_id.as_ref(), self.event_type.as_ref()];
        places.into_iter().flatten().for_each(&mut add_place);
        self.require.iter().for_each(|(place, _)| add_place(place));
        for (_, aliases) in &self.header_aliases {
            aliases.iter().for_each(&mut add);
        }
        if WHOLE {
            let digest = self.body_digest.get().map(|digest| &digest.from);
            let key = self.key_source.get().into_iter().flat_map(KeySource::selectors);
            digest.into_iter().chain(key).filter_map(Selector::header).for_each(&mut add);
            self.handshake.get().into_iter().flat_map(Handshake::headers).for_each(&mut add);
            if self.reads_form() {
                names.push("content-type");
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether the request itself names headers that are signed, so that all of them are needed.
    #[must_use]
    pub fn reads_any_header(&self) -> bool {
        WHOLE && self.content.reads_any_header()
    }

    /// Whether the URL is needed to verify: what is signed, or something that is looked up, stands in it.
    #[must_use]
    pub fn reads_url(&self) -> bool {
        let in_query = |selector: &Selector| matches!(selector, Selector::Query(_));
        self.content.uses_url()
            || self.signature.from.iter().any(in_query)
            || self.body_digest.get().is_some_and(|digest| in_query(&digest.from))
            || self.require.iter().any(|(place, _)| in_query(place))
            || self.jwt.get().is_some_and(JwtRule::reads_url)
    }

    /// Whether verifying, or the id or the type of an event, depends on the method or the URL of the request. Where it
    /// does not, a binding has neither to hand over; [handshakes](Self::has_handshake) may read them all the same.
    #[must_use]
    pub fn reads_target(&self) -> bool {
        let fallback = self.signature.fallback.get().map(|fallback| &fallback.signed_content);
        let in_query = |selector: &Selector| matches!(selector, Selector::Query(_));
        let in_timestamp = self.timestamp.as_ref().and_then(|rule| rule.from.selector());
        self.reads_url()
            || std::iter::once(&self.content).chain(fallback).any(Template::uses_target)
            || [in_timestamp, self.event_id.as_ref(), self.event_type.as_ref()]
                .into_iter()
                .flatten()
                .any(in_query)
    }

    /// Whether there are requests of the sender that are to be answered, not verified. Where there are none,
    /// [`Webhook::handshake`](crate::Webhook::handshake) has no answer to any request.
    #[must_use]
    pub fn has_handshake(&self) -> bool {
        self.handshake.get().is_some_and(|rules| !rules.is_empty())
    }

    /// Whether the signature protects the whole body. Where it does not, anybody who has seen one request can send
    /// another body with it, or change the part that is not signed: treat the body as a hint and ask the sender's API.
    #[must_use]
    pub fn covers_body(&self) -> bool {
        self.coverage == Coverage::Full
    }

    /// Whether the signature stands in the body: [`Webhook::sign_body`](crate::Webhook::sign_body) puts it there.
    #[must_use]
    pub fn signs_in_body(&self) -> bool {
        !matches!(self.signature.place(), Selector::Header(_) | Selector::Query(_))
    }

    /// How many spellings of the signed content the sender may have signed.
    pub(crate) fn spellings(&self, template: &Template) -> usize {
        match self.url_form.get() {
            _ if !WHOLE => 1,
            Some(UrlForm::Twilio) => 4,
            Some(UrlForm::HubspotV3) => 2,
            None if template.has_two_spellings() => 2,
            None => 1,
        }
    }

    /// Whether bodies have to be more than bytes.
    #[cfg(feature = "whole")]
    pub(crate) fn has_typed_body(&self) -> bool {
        self.body_type != BodyType::Any || self.algorithm.family() == Family::BareHash
    }

    /// Holds a body against what the sender's bodies are.
    ///
    /// SECURITY: behind a secret, a bare hash can be continued by who does not know the secret, but only with the bytes
    /// that the hash itself puts at its end, and those are not text.
    ///
    /// # Errors
    /// `malformed_body`
    #[inline]
    pub(crate) fn check_body_type(&self, body: &[u8]) -> Result<(), Error> {
        match (self.body_type, self.algorithm.family()) {
            _ if !BROAD => Ok(()), // INVARIANT: they are any bytes.
            (BodyType::Any, family) if family != Family::BareHash => Ok(()),
            _ => self.check_type_of(body),
        }
    }

    #[cold]
    fn check_type_of(&self, body: &[u8]) -> Result<(), Error> {
        let starts_json = || matches!(body.trim_ascii_start().first(), Some(b'{' | b'['));
        let expected = if self.body_type == BodyType::Json && !starts_json() {
            "an object or an array in JSON"
        } else if self.algorithm.family() == Family::BareHash && std::str::from_utf8(body).is_err()
        {
            "text in UTF-8"
        } else {
            return Ok(());
        };
        let message = say!("the body is not {expected}, as scheme `{}` has it", self.id);
        Err(Error::new(ErrorCode::MalformedBody, message))
    }

    /// Whether only a [broad](BROAD) build verifies it: one of the places of what is signed is no header.
    fn is_seldom(&self) -> bool {
        let timestamp = self.timestamp.as_ref().and_then(|rule| rule.from.selector());
        let values = self.content.parts().iter().filter_map(|part| match part {
            Part::Value(value) => Some(&value.selector),
            _ => None,
        });
        let mut places = self.signature.from.iter().chain(timestamp).chain(values);
        self.signature.format.is_seldom() || places.any(|place| place.header().is_none())
    }

    fn reads_form(&self) -> bool {
        let in_form =
            |selector: &Selector| matches!(selector, Selector::Form(_) | Selector::FormJson(..));
        self.content.uses_form()
            || self.signature.from.iter().any(in_form)
            || self.require.iter().any(|(place, _)| in_form(place))
            || self.event_id.iter().chain(&self.event_type).any(in_form)
    }

    /// Every name of this header, where it has several.
    pub(crate) fn names_of(&self, name: &str) -> Vec<&HeaderName> {
        let groups = self.header_aliases.iter();
        let mut groups =
            groups.map(|(header, aliases)| std::iter::once(header).chain(aliases).collect());
        groups
            .find(|names: &Vec<&HeaderName>| names.iter().any(|known| known.is(name)))
            .unwrap_or_default()
    }

    /// Other names under which the sender may write this header.
    pub(crate) fn aliases(&self, name: &HeaderName) -> &[HeaderName] {
        self.header_aliases
            .iter()
            .find(|(header, _)| header == name)
            .map_or(&[], |(_, aliases)| aliases)
    }
}

/// The name alone: values that the user gave, such as the token of a handshake, are in the rules.
impl fmt::Debug for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheme").field("id", &self.id).finish_non_exhaustive()
    }
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidScheme, message)
}

impl Compact for Scheme {
    fn write(&self, into: &mut Writer) {
        self.id.write(into);
        self.algorithm.write(into);
        self.algorithm_choice.write(into);
        self.key.write(into);
        self.key_source.write(into);
        self.header_aliases.write(into);
        self.signature.write(into);
        self.body_signature.write(into);
        self.content.write(into);
        self.coverage.write(into);
        self.body_digest.write(into);
        self.url_form.write(into);
        self.body_type.write(into);
        self.timestamp.write(into);
        self.jwt.write(into);
        self.event_id.write(into);
        self.event_type.write(into);
        self.require.write(into);
        self.reads_body().write(into);
        self.event_type_header.write(into);
        self.handshake.get().cloned().unwrap_or_default().write(into);
    }

    fn read(from: &mut Reader<'_>) -> Self {
        let id = String::read(from);
        let mut scheme = Self {
            name: if WHOLE { id.clone() } else { String::new() },
            id,
            algorithm: Compact::read(from),
            algorithm_choice: Compact::read(from),
            key: Compact::read(from),
            key_source: Compact::read(from),
            header_aliases: Compact::read(from),
            signature: Compact::read(from),
            body_signature: Compact::read(from),
            content: Compact::read(from),
            coverage: Compact::read(from),
            body_digest: Compact::read(from),
            url_form: Compact::read(from),
            body_type: Compact::read(from),
            timestamp: Compact::read(from),
            jwt: Compact::read(from),
            event_id: Compact::read(from),
            event_type: Compact::read(from),
            require: Vec::new(),
            event_type_header: None,
            handshake: Rare::NONE,
            #[cfg(not(feature = "whole"))]
            names: Vec::new(),
            #[cfg(not(feature = "whole"))]
            reads_body: false,
        };
        from.need_all();
        if !BROAD && scheme.is_seldom() {
            from.lack();
        }
        // A requirement without its value falls away; so does a rule's, when it is used.
        for _ in 0..from.count() {
            if !BROAD {
                from.lack();
                break;
            }
            let requirement = Compact::read(from);
            if from.take_missing().is_none() {
                scheme.require.push(requirement);
            }
        }
        #[cfg(all(feature = "broad", not(feature = "whole")))]
        {
            scheme.reads_body = Compact::read(from);
        }
        // What verifying does not need.
        if WHOLE {
            bool::read(from); // That the scheme says itself.
            scheme.event_type_header = Compact::read(from);
            scheme.handshake = Rare::new(Some(Compact::read(from)));
        } else {
            from.skip();
        }
        #[cfg(not(feature = "whole"))]
        std::mem::swap(&mut scheme.names, &mut from.names);
        scheme
    }
}

compact! { struct AlgorithmChoice { from, map } }
compact! { struct BodyDigest { from, encoding } }
compact! { enum UrlForm { HubspotV3, Twilio } }
compact! { enum BodyType { Any | Json } }
compact! { enum Coverage { Full, None, Partial } }

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: &str) -> Result<Scheme, Error> {
        let mut scheme: serde_json::Value = serde_json::from_str(
            r#"{"id":"acme","signature":{"from":"header:x-acme","encoding":"hex"},"signed_content":"{body}"}"#,
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
    fn a_text_is_a_name_or_json() {
        let id_of = |text| Scheme::from_text_with(text, &[]).map(|scheme| scheme.id().to_owned());
        let json = r#" {"id":"acme","signature":{"from":"header:x","encoding":"hex"},"signed_content":"{body}"}"#;
        assert_eq!(id_of(json).unwrap(), "acme");
        assert_eq!(id_of("naive").unwrap(), "naive");
        assert_eq!(id_of("{").unwrap_err().code(), ErrorCode::InvalidScheme);
        assert_eq!(id_of("[]").unwrap_err().code(), ErrorCode::UnknownScheme);
    }

    #[test]
    fn mistakes_are_named() {
        for (change, expected) in [
            (r#"{"id":"a b"}"#, "id takes"),
            (r#"{"signed_contents":"{body}"}"#, "unknown field `signed_contents`"),
            (r#"{"signed_content":"{timestamp}.{body}"}"#, "has no `timestamp`"),
            (r#"{"signed_content":"{header:x-id}"}"#, "does not protect the whole body"),
            (r#"{"body_coverage":"none"}"#, "protects the body, other than"),
            (
                r#"{"signed_content":"{header:x-id}","body_coverage":"partial"}"#,
                "a part of the body",
            ),
            (r#"{"algorithm":"jwt"}"#, "goes with the algorithm `jwt`"),
            (r#"{"signature":{"from":"body","encoding":"hex"}}"#, "JSON Web Token"),
            (r#"{"signed_content":"{secret}{body}"}"#, "bare hash"),
            (r#"{"algorithm":"sha256"}"#, "bare hash"),
            (r#"{"signed_content":"[[{header:x}{body}"}"#, "without `]]`"),
            (r#"{"signed_content":"{boddy}"}"#, "`{boddy}`"),
            (r#"{"algorithm":"hmac-md4"}"#, "unknown variant `hmac-md4`"),
            (r#"{"timestamp":{"from":"signature","unit":"s"}}"#, "says not where it is"),
            (r#"{"timestamp":{"from":"x-time","unit":"s"}}"#, "`header:NAME`, `query:NAME`"),
            (r#"{"event_type":"json:type"}"#, "begins with `/`"),
            (r#"{"signature":{"from":"header:x acme","encoding":"hex"}}"#, "header name"),
            (
                r#"{"signature":{"from":"header:x-acme","encoding":"base16"}}"#,
                "unknown variant `base16`",
            ),
            (
                r#"{"signature":{"from":"form:s","encoding":"hex","format":{"mode":"kv","item_sep":"&","kv_sep":"|","sig_keys":["a&b"]}}}"#,
                "its own separator",
            ),
            (r#"{"key":{"encoding":"hex","min_bytes":9,"max_bytes":8}}"#, "min_bytes"),
            (r#"{"require":{"body":"x"}}"#, "`require` takes"),
            (r#"{"require":{"item:/a":"x"}}"#, "`require` takes"),
            (r#"{"require":{"claim:/a":"x"}}"#, "`require` takes"),
            (r#"{"require":{"x-version":"1"}}"#, "`header:NAME`, `query:NAME`"),
            (
                r#"{"algorithm":"jwt","jwt":{"algorithms":[]},"signed_content":"","body_coverage":"none"}"#,
                "jwt.algorithms names no algorithm",
            ),
            (
                r#"{"signed_content":"[[{timestamp}:]]{body}","timestamp":{"from":"header:x-time","unit":"s","optional":true}}"#,
                "needs `body_type` `json`",
            ),
            (
                r#"{"signed_content":"{timestamp}:{body}","body_type":"json","timestamp":{"from":"header:x-time","unit":"s","optional":true}}"#,
                "stands in `[[…]]`",
            ),
        ] {
            let error = with(change).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidScheme);
            assert!(error.message().contains(expected), "{change}: {error}");
        }
    }
}
