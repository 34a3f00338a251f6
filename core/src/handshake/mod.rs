//! The answer to a request by which a sender makes sure that the receiver wants its webhooks.
//!
//! Before the first delivery, and some senders again and again, a challenge comes in: a token to send back as it is, to
//! hash or to sign, a code to compare, a URL to call. What is asked and how it is answered is data of the
//! [scheme](crate::Scheme), under `handshake`: one rule, or a list of which the first that fits counts. A rule says
//!
//! - which request it is: `method` (`POST` unless said otherwise), `match` (a value per place, as a text or as allowed
//!   characters with a length), `absent` (places without a value), `only_key` (the one member of the JSON body);
//! - who may ask: `verify_first` (the signature has to verify), `compare` (a value has to be a setting of the receiver,
//!   or `mismatch_status` is the answer);
//! - the answer: `respond` with `status`, `headers`, and a `body` or a `json` object, in which `{PLACE}` stands for a
//!   value that was matched and `{NAME}` for one of `values`: an `hmac` under the key of the scheme or a `sha256`;
//! - what else: `secret` (the place of a secret that the sender hands over), `fetch` (a URL to call, on these `hosts`).
//!
//! A place is `header:NAME`, `query:NAME`, `form:NAME` or `json:/POINTER`. A `{config:NAME}` that is still there when a
//! rule is used is a setting that was not given.
//!
//! **Invariants.** Anybody can send a handshake, so:
//!
//! - A rule never fits every delivery: without a condition it is refused.
//! - What is sent back was matched: visible ASCII and spaces without `<` and `>`, at most 1024 characters. It is written
//!   as `text/plain`, or escaped into JSON, always with `nosniff`: no markup is reflected, no header is split.
//! - The key signs only what cannot be a delivery. Text that a stranger chose is signed if the request verified, or if it
//!   is made of letters, digits and `. _ ~ + / = -` alone, 1 to 256 of them: no JSON object, no XML, no `v0:time:body`. A
//!   scheme whose deliveries sign less than that (an id, a form of one field) needs a narrower `match`.
//! - A URL is given out after the signature verified, is `https`, and has a host of the rule's list.
//! - Settings are compared in constant time.

mod computed;
mod fetch;
mod pattern;
mod place;
mod respond;
mod rule;
#[cfg(feature = "schema")]
mod schema;
mod template;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::algorithm::Algorithm;
use crate::error::{Error, ErrorCode};
use crate::key::SigningKey;
use crate::request::Request;
use crate::scheme::compact::compact;
use crate::scheme::object::Object;
use crate::scheme::{HeaderName, Scheme};
use crate::secret::Secret;
use place::Place;
use rule::Rule;

/// What to answer to a handshake.
#[derive(Clone)]
#[non_exhaustive]
pub struct HandshakeResponse {
    /// The HTTP status.
    pub status: u16,
    /// Name (lower case) and value of each header; without `content-length`, which the server knows to write.
    pub headers: Vec<(String, String)>,
    /// The body; empty where there is none.
    pub body: Vec<u8>,
    /// The secret that the sender hands over, to make a [`Webhook`](crate::Webhook) with. **Nobody has vouched for it**:
    /// keep it only while you wait for it (between asking for a webhook and the answer), and never put it in the place
    /// of one that is in use.
    pub secret: Option<Secret>,
    /// The URL to call with `GET` so that deliveries begin. It came with a signature that verified, is `https` and has
    /// a host of the sender. Call it as it is, and follow no redirects.
    pub fetch: Option<String>,
}

impl HandshakeResponse {
    fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), secret: None, fetch: None }
    }
}

/// Without headers and body: with some senders they repeat the secret.
impl fmt::Debug for HandshakeResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandshakeResponse")
            .field("status", &self.status)
            .field("secret", &self.secret)
            .field("fetch", &self.fetch)
            .finish_non_exhaustive()
    }
}

/// The rules of one scheme; the first that fits counts.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "schema::RuleOrRules"))]
pub(crate) struct Handshake(Vec<Rule>);

impl Handshake {
    /// Checks what depends on the rest of the scheme.
    ///
    /// # Errors
    /// `invalid_scheme`.
    pub(crate) fn check(&self, algorithm: Algorithm) -> Result<(), Error> {
        self.0.iter().try_for_each(|rule| rule.check(algorithm))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The headers that the rules read.
    pub(crate) fn headers(&self) -> impl Iterator<Item = &HeaderName> {
        self.0.iter().flat_map(Rule::places).filter_map(Place::header)
    }
}

/// Answers `request`, if it is a handshake of `scheme`. `verify` verifies it and says which key matched.
///
/// # Errors
/// Those of `verify`, if the rule asks for it; `missing_config`; `invalid_secret` when a key is needed and there is none;
/// `malformed_body` when the URL to fetch is not one of the sender's.
pub(crate) fn answer(
    scheme: &Scheme,
    keys: &[SigningKey],
    request: &Request<'_>,
    verify: impl FnOnce() -> Result<usize, Error>,
) -> Result<Option<HandshakeResponse>, Error> {
    for rule in scheme.handshake.get().into_iter().flat_map(|handshake| &handshake.0) {
        if let Some(values) = rule.values(request) {
            return rule.answer(&values, scheme.id(), keys, request, verify).map(Some);
        }
    }
    Ok(None)
}

/// What stands at the places of a rule.
struct Values<'r, 'a>(Vec<(&'r Place, Cow<'a, str>)>);

impl Values<'_, '_> {
    fn get(&self, place: &Place) -> &str {
        // INVARIANT: a rule uses no place that it does not match, and values are taken when all match.
        self.0.iter().find(|(known, _)| *known == place).map_or("", |(_, value)| value)
    }
}

/// One rule or a list of them. By hand, because an untagged enum would not say what is wrong with a rule.
impl<'de> Deserialize<'de> for Handshake {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Handshake;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a handshake rule or a list of them")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Handshake, A::Error> {
                let rule = Rule::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Handshake(vec![rule]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Handshake, A::Error> {
                let rules =
                    Vec::<Object<Rule>>::deserialize(de::value::SeqAccessDeserializer::new(seq))?;
                Ok(Handshake(rules.into_iter().map(|rule| rule.0).collect()))
            }
        }

        deserializer.deserialize_any(OneOrMany)
    }
}

fn missing_config(scheme: &str, setting: &str) -> Error {
    let message =
        format!("scheme `{scheme}` needs the setting `{setting}` to answer this handshake");
    Error::new(ErrorCode::MissingConfig, message)
}

compact! { tuple Handshake }
