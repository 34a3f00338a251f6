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
use super::object::{object, objects, optional};
use super::{
    AlgorithmChoice, BodyDigest, Encoding, HeaderName, Scheme, Selector, SignatureRule, Template,
    TimestampRule, TimestampSource, UrlForm, invalid, self_check,
};
use crate::algorithm::{Algorithm, Family};
use crate::error::{Error, clip};
use crate::handshake::Handshake;
use crate::jwt::JwtRule;
use crate::rare::Rare;

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    /// The name in code: letters, digits and `_ - .`.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[A-Za-z0-9_.-]{1,64}$")))]
    id: String,
    /// The name for people; the id where it is absent.
    #[serde(default)]
    name: Option<String>,
    /// What computes the signature.
    #[serde(default)]
    algorithm: AlgorithmRule,
    // Read before this: see `config.rs`.
    /// Values that only the user of the scheme knows. `{config:NAME}` in any text of the scheme stands for one.
    #[serde(default, rename = "config", deserialize_with = "objects")]
    _config: BTreeMap<String, Setting>,
    /// How the text of the secret becomes the key.
    #[serde(default, deserialize_with = "object")]
    key: KeyRule,
    /// Where the sender publishes its key.
    #[serde(default, deserialize_with = "optional")]
    key_source: Option<KeySource>,
    /// Other names under which a header may come.
    #[serde(default)]
    header_aliases: BTreeMap<HeaderName, Vec<HeaderName>>,
    /// Where the signature is and how it is written.
    #[serde(deserialize_with = "object")]
    signature: SignatureRule,
    /// A signature inside the body, of the rest of it, for requests without the header.
    #[serde(default, deserialize_with = "optional")]
    body_signature: Option<BodySignature>,
    /// What is signed. Not for tokens and JSON Web Tokens.
    #[serde(default)]
    signed_content: Template,
    /// How much of the body the signature protects; it has to be said where it is not all of it.
    #[serde(default)]
    body_coverage: Coverage,
    /// What every body of the sender is. A body of another type is refused, whatever its signature.
    #[serde(default)]
    body_type: BodyType,
    /// A digest of the body that is signed in place of it.
    #[serde(default, deserialize_with = "optional")]
    body_digest: Option<BodyDigest>,
    /// The sender's own spelling of the URL.
    #[serde(default)]
    url_form: Option<UrlForm>,
    /// Places that must have exactly this value: the version of the scheme, an account of yours. One whose value is a
    /// `{config:NAME}` that is not given falls away.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<Selector, String>"))]
    require: BTreeMap<String, String>,
    /// When the sender signed, so that an old request is refused. It must be signed.
    #[serde(default, deserialize_with = "optional")]
    timestamp: Option<TimestampRule>,
    /// What a JSON Web Token must say, with the algorithm `jwt`.
    #[serde(default, deserialize_with = "optional")]
    jwt: Option<JwtRule>,
    /// Where the id of the event is, which is the same for each attempt.
    #[serde(default)]
    event_id: Option<Selector>,
    /// Where the type of the event is.
    #[serde(default)]
    event_type: Option<Selector>,
    /// A header that repeats the type of the event; written, never read, because it is not signed.
    #[serde(default)]
    event_type_header: Option<HeaderName>,
    /// The answer to the request by which the sender makes sure that you want its webhooks.
    #[serde(default)]
    handshake: Handshake,
    /// For editors: the JSON Schema of schemes.
    #[serde(default, rename = "$schema")]
    _schema: Option<String>,
    /// For people: where the facts come from, such as a URL.
    #[serde(default, rename = "source")]
    _source: Option<String>,
    /// For people: how sure the facts are.
    #[serde(default, rename = "confidence")]
    _confidence: Option<Confidence>,
    /// For people: what a user of the scheme should know.
    #[serde(default, rename = "notes")]
    _notes: Option<String>,
}

/// How sure the facts of a scheme are.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum Confidence {
    /// From the provider's own documents or code, or from several sources.
    High,
    /// From one other source.
    Medium,
    /// Not confirmed.
    Low,
}

/// The name of an algorithm, or a rule by which the request names one.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(untagged))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Coverage {
    /// Every byte, or every value of it.
    #[default]
    Full,
    /// Nothing of it.
    None,
    /// Some values, or a checksum that can be forged.
    Partial,
}

/// What every body of a sender is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum BodyType {
    /// Any bytes.
    #[default]
    Any,
    /// An object or an array in JSON. For senders whose key signs other text as well, such as answers to challenges,
    /// or whose content runs into the body: such text does not pass for a body then.
    Json,
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
            algorithm_choice: Rare::new(algorithm_choice),
            key: fields.key,
            key_source: Rare::new(fields.key_source),
            header_aliases: fields.header_aliases.into_iter().collect(),
            signature: fields.signature,
            body_signature: Rare::new(fields.body_signature),
            content: fields.signed_content,
            coverage: fields.body_coverage,
            body_type: fields.body_type,
            body_digest: Rare::new(fields.body_digest),
            url_form: Rare::new(fields.url_form),
            require: requirements(fields.require)?,
            timestamp: fields.timestamp,
            jwt: Rare::new(fields.jwt),
            event_id: fields.event_id,
            event_type: fields.event_type,
            event_type_header: fields.event_type_header,
            handshake: Rare::new(Some(fields.handshake)),
            #[cfg(not(feature = "whole"))]
            names: Vec::new(),
            #[cfg(not(feature = "whole"))]
            reads_body: true,
        };
        #[cfg(not(feature = "whole"))]
        let scheme = scheme.with_names()?;
        scheme.check_timestamp()?;
        scheme.check_algorithm()?;
        scheme.check_coverage()?;
        scheme.check_requirements()?;
        scheme.check_aliases()?;
        if let Some(handshake) = scheme.handshake.get() {
            handshake.check(scheme.algorithm)?;
        }
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
        if rule.optional && !self.content.may_lack(&rule.from) {
            return Err(invalid(
                "timestamp.optional is for a timestamp that stands in `[[…]]` of signed_content, and only there",
            ));
        }
        // SECURITY: without its header, an old request would verify with the timestamp moved into the body.
        if rule.optional && self.body_type != BodyType::Json {
            return Err(invalid("timestamp.optional needs `body_type` `json`"));
        }
        Ok(())
    }

    fn check_algorithm(&self) -> Result<(), Error> {
        let family = self.algorithm.family();
        if (family == Family::Jwt) != self.jwt.is_some() {
            return Err(invalid("`jwt` goes with the algorithm `jwt`, and only with that"));
        }
        if self.jwt.get().is_some_and(|jwt| !jwt.takes_any()) {
            return Err(invalid("jwt.algorithms names no algorithm"));
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
            || self.jwt.get().is_some_and(JwtRule::covers_body);
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
