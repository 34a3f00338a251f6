//! Text of an answer: literals, `{PLACE}` for a value of the request and `{NAME}` for one that is computed from it.

use serde::Deserialize;
use serde_json::Value;

use super::Values;
use super::place::Place;
use crate::error::{Error, clip};
use crate::scheme::compact::{Compact, Reader, Writer, compact};
use crate::scheme::invalid;

const CONFIG: &str = "{config:";

/// Text in which `{PLACE}` stands for a value that was matched, and `{NAME}` for a computed one.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(with = "String", rename = "Answer", extend("pattern" = r"^([^{]|\{[^}]*\})*$"))
)]
#[serde(try_from = "String")]
pub(super) struct Template(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Literal(String),
    /// A computed value.
    Named(String),
    Place(Place),
    /// A setting that was not given.
    Setting(String),
}

impl Template {
    fn parse(text: &str) -> Result<Self, Error> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            let (token, after) = after.split_once('}').ok_or_else(|| {
                invalid(format!("handshake has a `{{` without `}}` in `{}`", clip(text)))
            })?;
            parts.push(Part::Literal(literal.to_owned()));
            parts.push(match token.split_once(':') {
                Some(("config", name)) => Part::Setting(name.to_owned()),
                Some(_) => Part::Place(Place::parse(token)?),
                None => Part::Named(token.to_owned()),
            });
            rest = after;
        }
        parts.push(Part::Literal(rest.to_owned()));
        Ok(Self(parts))
    }

    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.0
            .iter()
            .filter_map(|part| if let Part::Place(place) = part { Some(place) } else { None })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| {
            if let Part::Named(name) = part { Some(name.as_str()) } else { None }
        })
    }

    /// Whether the literals can stand in a header.
    pub(super) fn is_header_text(&self) -> bool {
        self.0.iter().all(|part| match part {
            Part::Literal(text) => text.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
            _ => true,
        })
    }

    /// Puts the values in.
    ///
    /// # Errors
    /// The name of a setting that was not given.
    pub(super) fn fill(
        &self,
        values: &Values<'_, '_>,
        computed: &[(&str, String)],
    ) -> Result<String, String> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Named(name) => {
                    // INVARIANT: a rule names no value that it does not compute.
                    let value = computed.iter().find(|(known, _)| known == name);
                    text.push_str(value.map_or("", |(_, value)| value));
                }
                Part::Place(place) => text.push_str(values.get(place)),
                Part::Setting(name) => return Err(name.clone()),
            }
        }
        Ok(text)
    }
}

impl TryFrom<String> for Template {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

/// A member of the JSON object that is answered.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "super::schema::NumberOrText"))]
#[serde(try_from = "Value")]
pub(super) enum Member {
    Number(serde_json::Number),
    Text(Template),
}

impl TryFrom<Value> for Member {
    type Error = Error;

    fn try_from(value: Value) -> Result<Self, Error> {
        match value {
            Value::Number(number) => Ok(Self::Number(number)),
            Value::String(text) => Template::parse(&text).map(Self::Text),
            _ => Err(invalid("handshake.respond.json takes texts and numbers")),
        }
    }
}

/// The setting that `text` waits for.
pub(super) fn missing_setting(text: &str) -> Option<&str> {
    let (_, after) = text.split_once(CONFIG)?;
    after.split_once('}').map(|(name, _)| name)
}

compact! { enum Part { Literal(text), Named(name), Place(place), Setting(name) } }

impl Compact for Template {
    fn write(&self, into: &mut Writer) {
        self.0.write(into);
    }

    /// A literal that waits for a setting is that setting: nothing is written without it.
    fn read(from: &mut Reader<'_>) -> Self {
        let mut parts = Vec::read(from);
        for part in &mut parts {
            if let Part::Literal(text) = part
                && let Some(name) = missing_setting(text)
            {
                *part = Part::Setting(name.to_owned());
            }
        }
        Self(parts)
    }
}

impl Compact for Member {
    fn write(&self, into: &mut Writer) {
        match self {
            Self::Number(number) => Some(number.to_string()).write(into),
            Self::Text(template) => {
                None::<String>.write(into);
                template.write(into);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Self {
        match Option::<String>::read(from) {
            Some(number) => Self::Number(number.parse().unwrap_or(serde_json::Number::from(0))),
            None => Self::Text(Template::read(from)),
        }
    }
}
