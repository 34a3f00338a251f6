//! A scheme as it stands in JSON, and the checks of its fields against each other.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, IntoDeserializer as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::body_member::BodySignature;
use super::config::Setting;
use super::key_rule::KeyRule;
use super::key_source::KeySource;
use super::{
    AlgorithmChoice, BodyDigest, Encoding, HeaderName, Scheme, Selector, SignatureRule, Template,
    TimestampRule, TimestampSource, UrlForm, invalid, self_check,
};
use crate::algorithm::{Algorithm, Family};
use crate::error::{Error, clip};
use crate::handshake::Handshake;
use crate::jwt::JwtRule;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    algorithm: AlgorithmRule,
    /// Read before this: see `config.rs`.
    #[serde(default, rename = "config")]
    _config: BTreeMap<String, Setting>,
    #[serde(default)]
    key: KeyRule,
    #[serde(default)]
    key_source: Option<KeySource>,
    #[serde(default)]
    header_aliases: BTreeMap<HeaderName, Vec<HeaderName>>,
    signature: SignatureRule,
    #[serde(default)]
    body_signature: Option<BodySignature>,
    #[serde(default)]
    signed_content: Template,
    /// How much of the body the signature protects.
    #[serde(default)]
    body_coverage: Coverage,
    /// A digest of the body that stands in what is signed.
    #[serde(default)]
    body_digest: Option<BodyDigest>,
    /// The sender's own spelling of the URL.
    #[serde(default)]
    url_form: Option<UrlForm>,
    /// Places that must have exactly this value.
    #[serde(default)]
    require: BTreeMap<String, String>,
    #[serde(default)]
    timestamp: Option<TimestampRule>,
    #[serde(default)]
    jwt: Option<JwtRule>,
    #[serde(default)]
    event_id: Option<Selector>,
    #[serde(default)]
    event_type: Option<Selector>,
    /// A header that repeats the type of the event; written, never read, because it is not signed.
    #[serde(default)]
    event_type_header: Option<HeaderName>,
    #[serde(default)]
    handshake: Handshake,
    /// For people: where the facts of this row come from, how sure they are, and what a user should know.
    #[serde(default, rename = "source")]
    _source: Option<String>,
    #[serde(default, rename = "confidence")]
    _confidence: Option<String>,
    #[serde(default, rename = "notes")]
    _notes: Option<String>,
}

enum AlgorithmRule {
    Fixed(Algorithm),
    Chosen(AlgorithmChoice),
}

/// By hand, because an untagged enum would not say which name is unknown.
impl<'de> Deserialize<'de> for AlgorithmRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rule;
        impl<'de> Visitor<'de> for Rule {
            type Value = AlgorithmRule;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of an algorithm, or an object with `from` and `map`")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<AlgorithmRule, E> {
                Algorithm::deserialize(name.into_deserializer()).map(AlgorithmRule::Fixed)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<AlgorithmRule, A::Error> {
                AlgorithmChoice::deserialize(MapAccessDeserializer::new(map))
                    .map(AlgorithmRule::Chosen)
            }
        }
        deserializer.deserialize_any(Rule)
    }
}

impl Default for AlgorithmRule {
    fn default() -> Self {
        Self::Fixed(Algorithm::default())
    }
}

/// How much of the body a signature protects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Coverage {
    /// Every byte, or every value of it.
    #[default]
    Full,
    None,
    /// Some values, or a checksum that can be forged.
    Partial,
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
        let (algorithm, algorithm_choice) = match fields.algorithm {
            AlgorithmRule::Fixed(algorithm) => (algorithm, None),
            AlgorithmRule::Chosen(choice) => {
                let mut algorithms = choice.map.values();
                let first = *algorithms
                    .next()
                    .ok_or_else(|| invalid("algorithm.map names no algorithm"))?;
                if first.family() != Family::Asymmetric
                    || algorithms.any(|other| other.family() != Family::Asymmetric)
                {
                    return Err(invalid("algorithm.map takes algorithms with public keys only"));
                }
                (first, Some(choice))
            }
        };
        let scheme = Self {
            name: fields.name.unwrap_or_else(|| fields.id.clone()),
            id: fields.id,
            algorithm,
            algorithm_choice,
            key: fields.key,
            key_source: fields.key_source,
            header_aliases: fields.header_aliases.into_iter().collect(),
            signature: fields.signature,
            body_signature: fields.body_signature,
            content: fields.signed_content,
            coverage: fields.body_coverage,
            body_digest: fields.body_digest,
            url_form: fields.url_form,
            require: requirements(fields.require)?,
            timestamp: fields.timestamp,
            jwt: fields.jwt,
            event_id: fields.event_id,
            event_type: fields.event_type,
            event_type_header: fields.event_type_header,
            handshake: fields.handshake,
        };
        scheme.check_timestamp()?;
        scheme.check_algorithm()?;
        scheme.check_coverage()?;
        scheme.check_requirements()?;
        scheme.check_aliases()?;
        scheme.handshake.check(scheme.algorithm)?;
        self_check::run(&scheme)?;
        Ok(scheme)
    }
}

impl Scheme {
    fn check_timestamp(&self) -> Result<(), Error> {
        let Some(rule) = &self.timestamp else {
            if self.content.uses_timestamp() {
                return Err(invalid(
                    "signed_content uses `{timestamp}`, but the scheme has no `timestamp`",
                ));
            }
            return Ok(());
        };
        if matches!(rule.from, TimestampSource::Signature) {
            if !self.signature.format.carries_timestamp() {
                return Err(invalid(
                    "timestamp.from is `signature`, but signature.format says not where it is",
                ));
            }
            if self.signature.place().header().is_none() {
                return Err(invalid("timestamp.from `signature` is for signatures in a header"));
            }
        }
        if !self.content.signs(&rule.from) {
            return Err(invalid("the timestamp is not in signed_content: it would prove nothing"));
        }
        Ok(())
    }

    fn check_algorithm(&self) -> Result<(), Error> {
        let family = self.algorithm.family();
        if (family == Family::Jwt) != self.jwt.is_some() {
            return Err(invalid("`jwt` goes with the algorithm `jwt`, and only with that"));
        }
        if (family == Family::BareHash) != self.content.uses_secret() {
            return Err(invalid(
                "`{secret}` belongs into the signed_content of a bare hash, and only there",
            ));
        }
        let signs_content = !matches!(family, Family::Jwt | Family::Token);
        if signs_content == self.content.parts().is_empty() {
            return Err(invalid(
                "signed_content says what a signature signs; a token signs nothing",
            ));
        }
        if signs_content && matches!(self.signature.encoding, Encoding::Utf8) {
            return Err(invalid(
                "signature.encoding `utf8` is for tokens; a signature is hex or base64",
            ));
        }
        let is_body = |place: &Selector| *place == Selector::Body;
        if family != Family::Jwt && self.signature.from.iter().any(is_body) {
            return Err(invalid("signature.from `body` is for a body that is a JSON Web Token"));
        }
        Ok(())
    }

    fn check_coverage(&self) -> Result<(), Error> {
        let in_body = self.signature.from.contains(&Selector::Body);
        let full = self.content.covers_body()
            || self.body_digest.is_some()
            || in_body
            || self.jwt.as_ref().is_some_and(JwtRule::covers_body);
        let (fits, what) = match self.coverage {
            Coverage::Full => (
                full,
                "does not protect the whole body: say so with `body_coverage` `partial` or `none`",
            ),
            Coverage::Partial => (
                !full && self.content.touches_body(),
                "does not protect a part of the body, as `body_coverage` says",
            ),
            Coverage::None => (!full, "protects the body, other than `body_coverage` says"),
        };
        if fits { Ok(()) } else { Err(invalid(format!("signed_content {what}"))) }
    }

    fn check_requirements(&self) -> Result<(), Error> {
        let fits = |place: &Selector| match place {
            Selector::Body | Selector::Item(_) => false,
            Selector::Claim(_) => self.jwt.is_some(),
            _ => true,
        };
        match self.require.iter().find(|(place, _)| !fits(place)) {
            Some((place, _)) => Err(invalid(format!(
                "`require` takes places of one value, and claims with the algorithm `jwt`, got {place}"
            ))),
            None => Ok(()),
        }
    }

    fn check_aliases(&self) -> Result<(), Error> {
        let known = self.headers();
        let unknown = |(name, _): &&(HeaderName, Vec<HeaderName>)| !known.contains(&name.as_str());
        match self.header_aliases.iter().find(unknown) {
            Some((name, _)) => Err(invalid(format!(
                "header_aliases names `{name}`, which the scheme does not use"
            ))),
            None => Ok(()),
        }
    }
}

/// What the request must say, headers first: they are looked at before anything is computed.
fn requirements(map: BTreeMap<String, String>) -> Result<Vec<(Selector, String)>, Error> {
    let mut places = map
        .into_iter()
        .map(|(place, value)| Ok((Selector::parse(&place)?, value)))
        .collect::<Result<Vec<_>, Error>>()?;
    places.sort_by_key(|(place, _)| place.header().is_none());
    Ok(places)
}
