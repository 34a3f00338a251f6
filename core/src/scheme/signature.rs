//! Where the signature is and how it is written.

use serde::Deserialize;

use super::format::Format;
use super::object::{object, optional};
use super::{Encoding, Selector, Template, invalid};
use crate::asymmetric::EcdsaForm;
use crate::canonical::json::EachPointer;
use crate::error::{Error, clip};
use crate::rare::Rare;
use crate::scheme::compact::compact;

/// A sender numbers its headers up to here at most.
const MAX_PLACES: usize = 100;

/// Where the signature is and how it is written.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "Fields"))]
#[serde(try_from = "Fields")]
pub(crate) struct SignatureRule {
    /// Where signatures may stand; those of all places count. The first is where they are written.
    pub(crate) from: Vec<Selector>,
    pub(crate) format: Format,
    pub(crate) encoding: Encoding,
    /// How the two numbers of an ECDSA signature are put together.
    pub(crate) form: EcdsaForm,
    /// The items of the body that are signed each for themselves; `*` stands for each element of an array.
    pub(crate) each: Rare<EachPointer>,
    pub(crate) fallback: Rare<Fallback>,
}

/// What an older version of the scheme signs, for values that hold none of the newer one.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Fallback {
    /// How the older signature is written.
    #[serde(deserialize_with = "object")]
    pub(crate) format: Format,
    /// What it signs.
    pub(crate) signed_content: Template,
}

impl SignatureRule {
    /// The place where the signature should stand.
    pub(crate) fn place(&self) -> &Selector {
        self.from.first().unwrap_or(&Selector::Body) // INVARIANT: there is at least one.
    }
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Fields {
    /// Where it is. Of several headers each may hold one; the first is where it is written.
    from: Places,
    /// How it is written there.
    #[serde(default, deserialize_with = "object")]
    format: Format,
    /// How its bytes are written.
    encoding: Encoding,
    /// How the two numbers of an ECDSA signature are put together.
    #[serde(default)]
    form: EcdsaForm,
    /// The items of a batch that are signed each for themselves: a JSON pointer in which `*` stands for every element.
    /// The signature is at an `item:/POINTER` then.
    #[serde(default)]
    each: Option<EachPointer>,
    /// An older form, for values that hold no signature of this one.
    #[serde(default, deserialize_with = "optional")]
    fallback: Option<Fallback>,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    untagged,
    expecting = "signature.from takes a place such as `header:x-signature`, or a list of places"
)]
enum Places {
    One(#[cfg_attr(feature = "schema", schemars(with = "super::schema::NumberedSelector"))] String),
    Several(
        #[cfg_attr(
            feature = "schema",
            schemars(with = "Vec<super::schema::NumberedSelector>", length(min = 1))
        )]
        Vec<String>,
    ),
}

impl TryFrom<Fields> for SignatureRule {
    type Error = Error;

    fn try_from(fields: Fields) -> Result<Self, Error> {
        let places = match fields.from {
            Places::One(place) => vec![place],
            Places::Several(places) => places,
        };
        let mut from = Vec::new();
        for place in &places {
            for place in expand(place)? {
                from.push(Selector::parse(&place)?);
            }
        }
        if from.is_empty() || from.len() > MAX_PLACES {
            let message =
                format!("signature.from takes 1 to {MAX_PLACES} places, got {}", from.len());
            return Err(invalid(message));
        }
        if fields.each.is_some() != from.iter().any(|place| matches!(place, Selector::Item(_))) {
            return Err(invalid(
                "signature.each goes with a signature.from of the form `item:/POINTER`",
            ));
        }
        if from.len() > 1 && from.iter().any(|place| place.header().is_none()) {
            return Err(invalid("several places of signature.from are headers, all of them"));
        }
        let fallback = fields.fallback.as_ref().map(|fallback| &fallback.format);
        if !std::iter::once(&fields.format).chain(fallback).all(Format::has_whole_names) {
            return Err(invalid("signature.format has a name with its own separator in it"));
        }
        Ok(Self {
            from,
            format: fields.format,
            encoding: fields.encoding,
            form: fields.form,
            each: Rare::new(fields.each),
            fallback: Rare::new(fields.fallback),
        })
    }
}

/// The names that `x-signature-{1..100}` stands for.
fn expand(place: &str) -> Result<Vec<String>, Error> {
    let Some((before, rest)) = place.split_once('{') else { return Ok(vec![place.to_owned()]) };
    let range = rest.split_once('}').and_then(|(range, after)| {
        let (from, to) = range.split_once("..")?;
        Some((from.parse::<usize>().ok()?, to.parse::<usize>().ok()?, after))
    });
    match range {
        Some((from, to, after)) if from <= to && to - from < MAX_PLACES => {
            Ok((from..=to).map(|number| format!("{before}{number}{after}")).collect())
        }
        _ => Err(invalid(format!(
            "a range of numbered headers is written `{{1..100}}`, got `{}`",
            clip(place)
        ))),
    }
}

compact! { struct SignatureRule { from, format, encoding, form, each, fallback } }
compact! { struct Fallback { format, signed_content } }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_headers_are_written_as_a_range() {
        assert_eq!(
            expand("header:x-{9..11}").unwrap(),
            ["header:x-9", "header:x-10", "header:x-11"]
        );
        assert_eq!(expand("header:x").unwrap(), ["header:x"]);
        for range in
            ["x-{", "x-{1}", "x-{2..1}", "x-{1..101}", "x-{a..b}", "x-{1..18446744073709551615}"]
        {
            assert!(expand(range).is_err(), "{range}");
        }
    }
}
