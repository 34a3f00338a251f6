//! A JSON object whose values stay as they were written.
//!
//! **Invariants.** Order is kept, numbers keep every digit, no member stands there twice.

use std::fmt;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::{Error, ErrorCode, clip};
use crate::event::EventType;

/// A JSON object: ordered members, each value as raw JSON.
#[derive(Clone, Debug, Default)]
pub struct Object(Vec<(String, Box<RawValue>)>);

impl Object {
    /// Reads exactly one JSON object.
    ///
    /// # Errors
    /// `invalid_payload` when `json` is not an object or has a member twice.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(json)
            .map_err(|error| invalid(format!("a JSON object is expected: {error}")))
    }

    /// The value of a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&RawValue> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_ref())
    }

    /// The value of a member, if it is a string.
    #[must_use]
    pub fn get_str(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.get(name)?.get()).ok()
    }

    /// The digits of a member that is a number, or a string that holds one, exactly as they were written: amounts do not
    /// survive a detour over binary fractions.
    #[must_use]
    pub fn get_number(&self, name: &str) -> Option<String> {
        let text = self.get(name)?.get();
        let digits = serde_json::from_str::<String>(text).unwrap_or_else(|_| text.to_owned());
        let number = digits.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit())
            && serde_json::from_str::<&RawValue>(&digits).is_ok_and(|raw| raw.get() == digits);
        number.then_some(digits)
    }

    /// The members in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_ref()))
    }

    /// Sets a member: in its place where it exists, else as the last one.
    pub(crate) fn set(&mut self, name: &str, value: Box<RawValue>) {
        match self.0.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// A name that stands there twice.
    fn repeated(&self) -> Option<&str> {
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.windows(2).find_map(|pair| match pair {
            [one, other] if one == other => Some(*one),
            _ => None,
        })
    }

    /// Takes a member out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Box<RawValue>> {
        let index = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(index).1)
    }

    /// Takes a member out and reads it as `T`.
    pub(crate) fn require<T: de::DeserializeOwned>(
        &mut self,
        name: &str,
        expected: &str,
    ) -> Result<T, Error> {
        let value =
            self.take(name).ok_or_else(|| invalid(format!("member `{name}` is missing")))?;
        serde_json::from_str(value.get()).map_err(|_| {
            invalid(format!("member `{name}` is not {expected}, got `{}`", clip(value.get())))
        })
    }

    /// Takes a member out and reads it as `T`; an absent one is read as null, so that an `Option` may be left out.
    pub(crate) fn member<T: de::DeserializeOwned>(&mut self, name: &str) -> Result<T, Error> {
        let Some(value) = self.take(name) else {
            return serde_json::from_str("null")
                .map_err(|_| invalid(format!("member `{name}` is missing")));
        };
        serde_json::from_str(value.get()).map_err(|error| {
            // The position is counted from the member, which nobody can look up.
            let problem = error.to_string();
            let problem = problem.rsplit_once(" at line ").map_or(&*problem, |(head, _)| head);
            invalid(format!("member `{name}`: {}", clip(problem)))
        })
    }

    /// Takes the event type out.
    pub(crate) fn require_type(&mut self, name: &str) -> Result<EventType, Error> {
        let text: String = self.require(name, "a string")?;
        EventType::parse(&text)
    }
}

/// Any value as raw JSON.
pub(crate) fn raw(value: &impl Serialize) -> Result<Box<RawValue>, Error> {
    serde_json::value::to_raw_value(value)
        .map_err(|error| invalid(format!("value cannot be written: {error}")))
}

pub(crate) fn invalid(message: String) -> Error {
    Error::new(ErrorCode::InvalidPayload, message)
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Object {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Object".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "object" })
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let mut object = Object::default();
        while let Some(member) = map.next_entry()? {
            object.0.push(member);
        }
        match object.repeated() {
            None => Ok(object),
            Some(name) => {
                let message = format!("member `{}` stands there twice", clip(name));
                Err(de::Error::custom(message))
            }
        }
    }
}
