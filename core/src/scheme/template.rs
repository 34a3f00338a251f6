//! What exactly is signed: `{header:webhook-id}.{timestamp}.{body}`.
//!
//! A template is literals, tokens in braces, and optional segments in `[[…]]` that fall away when a value in them is
//! absent. [`Content`](crate::content::Content) puts the values in.

use serde::Deserialize;

use super::{HeaderName, Selector, TimestampSource, invalid};
use crate::error::{Error, clip};
use crate::scheme::compact::{Compact, Reader, Writer, compact};

/// More than any sender uses; bounds what a scheme can ask for.
const MAX_PARTS: usize = 40;

/// What is signed: literals, tokens in braces such as `{body}`, and segments in `[[…]]` that fall away when a value in
/// them is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String", extend("pattern" = super::schema::signed_content())))]
#[serde(try_from = "String")]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Body,
    /// CRC-32 of the body, unsigned and decimal.
    BodyCrc32,
    /// SHA-256 of the body.
    BodySha256(DigestForm),
    /// What a named function makes of the request.
    Canonical(Canonical),
    /// A part of the signature header that is not a signature, such as the list of signed headers.
    Field(String),
    Literal(String),
    Method,
    /// What is left out when a value in it is absent.
    Optional(Template),
    Secret,
    /// The secret's characters from the last to the first.
    SecretReversed,
    /// The parameters of a form, sorted by name: names and values without anything between, so that where one ends and
    /// the next begins is not signed.
    SortedForm,
    /// The query with its parameters sorted by name.
    SortedQuery,
    Timestamp,
    Url,
    UrlWithoutQuery,
    Value(Value),
}

/// A value of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) selector: Selector,
    pub(crate) lower: bool,
    /// Whether it may hold what separates it: of all such values, only one of them is read in one way.
    free: bool,
    /// Whether an absent value counts as an empty one.
    pub(crate) or_empty: bool,
    pub(crate) border: Border,
}

/// What keeps a value from taking a part of its neighbour: `id` `a` and body `1.b` must not read as `a.1` and `b`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Border {
    /// It stands alone, or is the only one that may hold anything.
    Open,
    /// What it is made of, because nothing stands between: letters, digits and ` +,-./:_|`.
    Plain,
    /// The literal behind it, which it must not hold.
    Literal(String),
}

/// How a digest stands in the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DigestForm {
    Base64,
    Hex,
    Raw,
}

/// The canonicalisers that are code, because no template can say them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Canonical {
    /// The raw body with the value of the signature replaced by the secret (UniSender Go).
    BodyWithSecret,
    /// The lines of an HTTP signature (draft-cavage-http-signatures).
    Cavage,
    /// Contentful's canonical request.
    Contentful,
    /// Plivo's URL with sorted query and form.
    PlivoV3,
    /// The values of the headers that the signature lists (Hook0).
    SignedHeaderValues,
    /// The lines of an Amazon SNS message.
    Sns,
    /// Every scalar of the JSON, sorted (TrustPay).
    SortedJsonValues,
    /// The payload of TrueLayer's detached JWS.
    TruelayerV2,
}

impl Canonical {
    pub(super) const ALL: [(&'static str, Self); 8] = [
        ("body_with_secret", Self::BodyWithSecret),
        ("cavage", Self::Cavage),
        ("contentful", Self::Contentful),
        ("plivo_v3", Self::PlivoV3),
        ("signed_header_values", Self::SignedHeaderValues),
        ("sns", Self::Sns),
        ("sorted_json_values", Self::SortedJsonValues),
        ("truelayer_v2", Self::TruelayerV2),
    ];

    fn parse(name: &str) -> Result<Self, Error> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, hook)| *hook).ok_or_else(|| {
            let known = Self::ALL.map(|(name, _)| name).join("`, `");
            invalid(format!("`{{canonical:…}}` takes `{known}`, got `{}`", clip(name)))
        })
    }

    /// Whether the whole body is in what it makes.
    fn covers_body(self) -> bool {
        matches!(self, Self::BodyWithSecret | Self::Cavage | Self::Contentful | Self::TruelayerV2)
    }

    /// Whether it reads headers that only the request names.
    fn reads_any_header(self) -> bool {
        matches!(
            self,
            Self::Cavage | Self::Contentful | Self::SignedHeaderValues | Self::TruelayerV2
        )
    }
}

impl Template {
    fn parse(text: &str) -> Result<Self, Error> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("[[") {
            let (inside, after) = after
                .split_once("]]")
                .ok_or_else(|| invalid("signed_content has a `[[` without `]]`"))?;
            parts.extend(parse_tokens(before)?);
            parts.push(Part::Optional(Self(parse_tokens(inside)?)));
            rest = after;
        }
        parts.extend(parse_tokens(rest)?);
        let template = Self(parts).with_borders();
        let count = template.leaves().count();
        if template.leaves().filter(|part| **part == Part::Body).count() > 1 {
            return Err(invalid("signed_content uses `{body}` more than once"));
        }
        if count > MAX_PARTS {
            return Err(invalid(format!(
                "signed_content has {count} parts, more than {MAX_PARTS}"
            )));
        }
        Ok(template)
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The parts, those of optional segments among them.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = &Part> {
        self.0.iter().flat_map(|part| match part {
            Part::Optional(Self(parts)) => parts.iter(),
            part => std::slice::from_ref(part).iter(),
        })
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Value> {
        self.leaves()
            .filter_map(|part| if let Part::Value(value) = part { Some(value) } else { None })
    }

    pub(crate) fn headers(&self) -> impl Iterator<Item = &HeaderName> {
        self.values().filter_map(|value| value.selector.header())
    }

    /// Whether the whole body is signed, always.
    pub(crate) fn covers_body(&self) -> bool {
        self.0.iter().any(|part| match part {
            Part::Body | Part::BodySha256(_) => true,
            Part::Canonical(hook) => hook.covers_body(),
            _ => false,
        })
    }

    /// Whether something of the body is signed: single values, a checksum.
    pub(crate) fn touches_body(&self) -> bool {
        self.leaves().any(|part| match part {
            Part::Body
            | Part::BodySha256(_)
            | Part::BodyCrc32
            | Part::SortedForm
            | Part::Canonical(_) => true,
            Part::Value(value) => matches!(
                value.selector,
                Selector::Form(_) | Selector::FormJson(..) | Selector::Item(_) | Selector::Json(_)
            ),
            _ => false,
        })
    }

    pub(crate) fn uses_secret(&self) -> bool {
        self.0.iter().any(|part| {
            matches!(
                part,
                Part::Secret | Part::SecretReversed | Part::Canonical(Canonical::BodyWithSecret)
            )
        })
    }

    /// Whether more than slices of the request goes into it: JSON that is read, values that are sorted, digests.
    pub(crate) fn is_derived(&self) -> bool {
        self.leaves().any(|part| match part {
            Part::Body | Part::Literal(_) | Part::Method | Part::Timestamp => false,
            Part::Value(value) => value.selector.header().is_none(),
            _ => true,
        })
    }

    pub(crate) fn uses_timestamp(&self) -> bool {
        self.leaves().any(|part| *part == Part::Timestamp)
    }

    pub(crate) fn uses_form(&self) -> bool {
        self.leaves().any(|part| match part {
            Part::SortedForm | Part::Canonical(Canonical::PlivoV3) => true,
            Part::Value(value) => {
                matches!(value.selector, Selector::Form(_) | Selector::FormJson(..))
            }
            _ => false,
        })
    }

    /// Whether the method or the URL goes into it.
    pub(crate) fn uses_target(&self) -> bool {
        self.uses_url() || self.leaves().any(|part| *part == Part::Method)
    }

    pub(crate) fn uses_url(&self) -> bool {
        self.leaves().any(|part| match part {
            Part::Url | Part::UrlWithoutQuery | Part::SortedQuery => true,
            Part::Canonical(hook) => {
                matches!(
                    hook,
                    Canonical::Cavage
                        | Canonical::Contentful
                        | Canonical::PlivoV3
                        | Canonical::TruelayerV2
                )
            }
            Part::Value(value) => matches!(value.selector, Selector::Query(_)),
            _ => false,
        })
    }

    pub(crate) fn has_two_spellings(&self) -> bool {
        self.leaves()
            .any(|part| matches!(part, Part::SortedQuery | Part::Canonical(Canonical::TruelayerV2)))
    }

    pub(crate) fn reads_any_header(&self) -> bool {
        self.leaves().any(|part| matches!(part, Part::Canonical(hook) if hook.reads_any_header()))
    }

    /// Whether a timestamp from this place is among what is signed.
    pub(crate) fn signs(&self, timestamp: &TimestampSource) -> bool {
        let has = |selector: &Selector| self.values().any(|value| value.selector == *selector);
        self.uses_timestamp()
            || self.covers_body() && matches!(timestamp, TimestampSource::Value(Selector::Json(_)))
            || matches!(timestamp, TimestampSource::Value(selector) if has(selector))
            // These sign what they list; the lists they accept hold the timestamp.
            || self.leaves().any(|part| matches!(part, Part::Canonical(Canonical::Cavage | Canonical::Contentful | Canonical::Sns)))
            // The timestamp stands in the field itself.
            || matches!(timestamp, TimestampSource::Signature) && self.leaves().any(|part| matches!(part, Part::Field(_)))
    }

    /// Whether the timestamp from this place stands here, outside of optional segments.
    pub(crate) fn holds(&self, timestamp: &TimestampSource) -> bool {
        self.0.iter().any(|part| match part {
            Part::Timestamp => true,
            Part::Value(value) => timestamp.selector() == Some(&value.selector),
            _ => false,
        })
    }

    /// Whether the timestamp from this place is signed in optional segments only.
    pub(crate) fn may_lack(&self, timestamp: &TimestampSource) -> bool {
        let is_optional =
            |part: &Part| matches!(part, Part::Optional(segment) if segment.holds(timestamp));
        timestamp.selector().is_some() && self.0.iter().any(is_optional) && !self.holds(timestamp)
    }

    /// Says of each value what keeps it from taking a part of its neighbour.
    fn with_borders(mut self) -> Self {
        let leaves: Vec<Part> = self.leaves().cloned().collect();
        let mut at = 0_usize;
        for part in &mut self.0 {
            let parts = match part {
                Part::Optional(Self(parts)) => parts.as_mut_slice(),
                part => std::slice::from_mut(part),
            };
            for part in parts {
                let before = at.checked_sub(1).and_then(|at| leaves.get(at));
                if let Part::Value(value) = part {
                    value.border = Border::of(value, before, leaves.get(at + 1));
                }
                at += 1;
            }
        }
        self
    }
}

impl Border {
    fn of(value: &Value, before: Option<&Part>, after: Option<&Part>) -> Self {
        let is_fixed =
            |part: &Part| matches!(part, Part::Literal(_) | Part::Secret | Part::SecretReversed);
        match after {
            _ if value.free => Self::Open,
            Some(Part::Literal(literal)) => Self::Literal(literal.clone()),
            _ if value.selector.header().is_some() => Self::Plain,
            _ if [before, after].into_iter().flatten().all(is_fixed) => Self::Open,
            _ => Self::Plain,
        }
    }
}

/// Literals and tokens, without optional segments.
fn parse_tokens(text: &str) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((literal, after)) = rest.split_once('{') {
        let (token, after) =
            after.split_once('}').ok_or_else(|| invalid("signed_content has a `{` without `}`"))?;
        push_literal(&mut parts, literal);
        parts.push(parse_token(token)?);
        rest = after;
    }
    push_literal(&mut parts, rest);
    Ok(parts)
}

fn parse_token(token: &str) -> Result<Part, Error> {
    let part = match token {
        "body" => Part::Body,
        "body_crc32" => Part::BodyCrc32,
        "body_sha256:base64" => Part::BodySha256(DigestForm::Base64),
        "body_sha256:hex" => Part::BodySha256(DigestForm::Hex),
        "body_sha256:raw" => Part::BodySha256(DigestForm::Raw),
        "method" => Part::Method,
        "secret" => Part::Secret,
        "secret|reverse" => Part::SecretReversed,
        "sorted_form" => Part::SortedForm,
        "sorted_query" => Part::SortedQuery,
        "timestamp" => Part::Timestamp,
        "url" => Part::Url,
        "url_without_query" => Part::UrlWithoutQuery,
        _ => match token.split_once(':') {
            Some(("canonical", name)) => Part::Canonical(Canonical::parse(name)?),
            Some(("field", name)) if !name.is_empty() => Part::Field(name.to_owned()),
            Some(("header" | "query" | "form" | "form_json" | "json" | "item", _)) => {
                Part::Value(Value::parse(token)?)
            }
            _ => {
                return Err(invalid(format!(
                    "signed_content has no token `{{{}}}`; the reference lists them",
                    clip(token)
                )));
            }
        },
    };
    Ok(part)
}

impl Value {
    fn parse(token: &str) -> Result<Self, Error> {
        let (token, or_empty) =
            token.strip_suffix('?').map_or((token, false), |token| (token, true));
        let (token, free) =
            token.strip_suffix("|free").map_or((token, false), |token| (token, true));
        let (token, lower) =
            token.strip_suffix("|lower").map_or((token, false), |token| (token, true));
        // The neighbours are not known yet.
        Ok(Self { selector: Selector::parse(token)?, lower, free, or_empty, border: Border::Open })
    }
}

fn push_literal(parts: &mut Vec<Part>, literal: &str) {
    if !literal.is_empty() {
        parts.push(Part::Literal(literal.to_owned()));
    }
}

impl TryFrom<String> for Template {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

compact! { tuple Template }
impl Compact for Value {
    fn write(&self, into: &mut Writer) {
        self.selector.write(into);
        self.free.write(into);
        self.or_empty.write(into);
        self.border.write(into);
        self.lower.then_some(true).write(into);
    }

    fn read(from: &mut Reader<'_>) -> Self {
        Self {
            selector: Compact::read(from),
            free: Compact::read(from),
            or_empty: Compact::read(from),
            border: Compact::read(from),
            // Needs the tables of Unicode.
            lower: from.rare().unwrap_or_default(),
        }
    }
}

compact! { enum Border { Open, Literal(text), Plain } }
compact! { enum DigestForm { Base64, Hex, Raw } }
compact! { enum Part { Body, Timestamp, Literal(text), Value(value); BodyCrc32, BodySha256(form), Canonical(name), Field(name), Method, Optional(inner),
Secret, SecretReversed, SortedForm, SortedQuery, Url, UrlWithoutQuery } }
compact! { enum Canonical { BodyWithSecret, Cavage, Contentful, PlivoV3, SignedHeaderValues, Sns, SortedJsonValues, TruelayerV2 } }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_literals_and_tokens() {
        let template = Template::parse("v0:{timestamp}:{body}").unwrap();
        let literal = |text: &str| Part::Literal(text.to_owned());
        assert_eq!(template.0, [literal("v0:"), Part::Timestamp, literal(":"), Part::Body]);
    }

    #[test]
    fn values_keep_to_their_borders() {
        let borders = |text: &str| -> Vec<String> {
            let template = Template::parse(text).unwrap();
            template.values().map(|value| format!("{:?}", value.border)).collect()
        };
        let literal = |text: &str| format!("Literal({text:?})");
        assert_eq!(borders("{header:a}.{body}"), [literal(".")]);
        assert_eq!(borders("{body}{header:a}"), ["Plain"]);
        assert_eq!(borders("{json:/a},{json:/b|free},{json:/c}"), [&literal(","), "Open", "Open"]);
        assert_eq!(borders("{timestamp}{json:/a}"), ["Plain"]);
        assert_eq!(borders("{json:/a}{secret}"), ["Open"]);
        assert_eq!(borders("[[a:{query:a};]][[{header:b}]]{body}"), [&literal(";"), "Plain"]);
    }

    #[test]
    fn reads_filters() {
        let template = Template::parse("{query:data.id|lower?}{json:/a}").unwrap();
        let read: Vec<_> = template.values().map(|value| (value.lower, value.or_empty)).collect();
        assert_eq!(read, [(true, true), (false, false)]);
    }

    #[test]
    fn refuses_what_it_cannot_resolve() {
        for text in [
            "{body",
            "{}",
            "{body}{body}",
            "{header:}",
            "{header:a b}",
            "{json:a}",
            "{claim:/a}",
            "{canonical:mine}",
            "{field:}",
            &"{timestamp}a".repeat(21),
        ] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
