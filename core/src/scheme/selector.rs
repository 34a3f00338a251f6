//! Where in a request a value is: `header:x-event-id` or `json:/data/id`.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{HeaderName, invalid};
use crate::error::{Error, clip};

/// Where in a request a value is.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Selector {
    Header(HeaderName),
    Json(JsonPointer),
}

impl TryFrom<String> for Selector {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        match text.split_once(':') {
            Some(("header", name)) => HeaderName::parse(name).map(Self::Header),
            Some(("json", pointer)) if pointer.starts_with('/') => {
                Ok(Self::Json(JsonPointer::parse(pointer)))
            }
            _ => Err(invalid(format!(
                "`header:NAME` or `json:/POINTER` is expected, got `{}`",
                clip(&text)
            ))),
        }
    }
}

/// A JSON pointer (RFC 6901) to a string or an integer.
#[derive(Clone, Debug)]
pub(crate) struct JsonPointer(Vec<String>);

impl JsonPointer {
    fn parse(pointer: &str) -> Self {
        Self(
            pointer
                .split('/')
                .skip(1)
                .map(|token| token.replace("~1", "/").replace("~0", "~"))
                .collect(),
        )
    }

    /// The string or integer at this place; none when it is absent, of another type, or what stands before it is not
    /// JSON. Reads no further than the value and keeps nothing else; of a member that stands there twice, the first.
    pub(crate) fn find<'a>(&self, json: &'a [u8]) -> Option<Cow<'a, str>> {
        let mut found = None;
        let mut reader = serde_json::Deserializer::from_slice(json);
        // The walk stops by an error once it has the value, so its result says nothing.
        let _ = Walk { path: &self.0, found: &mut found }.deserialize(&mut reader);
        found
    }
}

struct Walk<'p, 'a> {
    path: &'p [String],
    found: &'p mut Option<Cow<'a, str>>,
}

impl<'a> Walk<'_, 'a> {
    fn stop<E: de::Error>(self, value: Option<Cow<'a, str>>) -> Result<(), E> {
        if self.path.is_empty() {
            *self.found = value;
        }
        Err(E::custom("done"))
    }
}

impl<'a> DeserializeSeed<'a> for Walk<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Walk<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'a str) -> Result<(), E> {
        self.stop(Some(Cow::Borrowed(value)))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<(), E> {
        self.stop(Some(Cow::Owned(value.to_owned())))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
        self.stop(Some(Cow::Owned(value.to_string())))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
        self.stop(Some(Cow::Owned(value.to_string())))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((first, rest)) = self.path.split_first() else { return self.stop(None) };
        while let Some(key) = map.next_key::<Cow<'a, str>>()? {
            if key == first.as_str() {
                return map.next_value_seed(Walk { path: rest, found: self.found });
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        let Some((first, rest)) = self.path.split_first() else { return self.stop(None) };
        let Ok(index) = first.parse::<usize>() else { return self.stop(None) };
        for _ in 0..index {
            if seq.next_element::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
        }
        seq.next_element_seed(Walk { path: rest, found: self.found }).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_strings_and_integers() {
        let json = br#"{"a":{"b":[{"c":"x\n"},{"c":7}]},"d/e":"y","n":-1,"o":{},"t":true,"big":18446744073709551615}"#;
        let find = |pointer: &str| JsonPointer::parse(pointer).find(json).map(Cow::into_owned);
        assert_eq!(find("/a/b/0/c").as_deref(), Some("x\n"));
        assert_eq!(find("/a/b/1/c").as_deref(), Some("7"));
        assert_eq!(find("/d~1e").as_deref(), Some("y"));
        assert_eq!(find("/n").as_deref(), Some("-1"));
        assert_eq!(find("/big").as_deref(), Some("18446744073709551615"));
        for absent in ["/a", "/a/b", "/a/b/2/c", "/a/b/x", "/o", "/t", "/zz", "/d~1e/f"] {
            assert_eq!(find(absent), None, "{absent}");
        }
    }

    #[test]
    fn broken_json_is_no_value() {
        for json in [&b""[..], b"{", b"[1", b"\xff", b"{\"a\":\"\xff\"}"] {
            assert_eq!(JsonPointer::parse("/a").find(json), None);
        }
        let deep = "[".repeat(100_000);
        assert_eq!(JsonPointer::parse("/0/0").find(deep.as_bytes()), None);
    }
}
