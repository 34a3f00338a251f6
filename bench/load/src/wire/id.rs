//! Where a delivery says which event it is of.

use std::fmt;

use httparse::Header;
use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor},
};

/// A header, or a member of a JSON body.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum IdSource {
    /// The name of a header.
    Header(String),
    /// A JSON pointer (RFC 6901) through objects: `/data/id`.
    Pointer(String),
}

impl IdSource {
    /// Takes the id out of a delivery, when it is there.
    #[must_use]
    pub fn find(&self, headers: &[Header<'_>], body: &[u8]) -> Option<String> {
        match self {
            Self::Header(name) => {
                let header =
                    headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
                Some(std::str::from_utf8(header.value).ok()?.to_owned())
            }
            Self::Pointer(pointer) => {
                let path = Path(pointer.strip_prefix('/')?);
                path.deserialize(&mut serde_json::Deserializer::from_slice(body)).ok()?
            }
        }
    }
}

/// Reads past everything but one member, so that a body costs no memory.
#[derive(Clone, Copy)]
struct Path<'p>(&'p str);

impl<'de> DeserializeSeed<'de> for Path<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Path<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the member `{}`", self.0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (name, rest) = match self.0.split_once('/') {
            Some((name, rest)) => (name, Some(rest)),
            None => (self.0, None),
        };
        let mut found = None;
        while let Some(key) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            if key != name {
                map.next_value::<IgnoredAny>()?;
            } else if let Some(rest) = rest {
                found = map.next_value_seed(Path(rest))?;
            } else {
                found = Some(map.next_value::<String>()?);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_headers_and_bodies() {
        let headers = [Header { name: "Webhook-Id", value: b"e1" }];
        let body = br#"{"type":"a","data":{"x":[1,{"id":"no"}],"id":"e2"},"id":"e3"}"#;
        for (source, id) in [
            (IdSource::Header("webhook-id".to_owned()), Some("e1")),
            (IdSource::Header("x-id".to_owned()), None),
            (IdSource::Pointer("/data/id".to_owned()), Some("e2")),
            (IdSource::Pointer("/id".to_owned()), Some("e3")),
            (IdSource::Pointer("/none".to_owned()), None),
            (IdSource::Pointer("/type/id".to_owned()), None),
        ] {
            assert_eq!(source.find(&headers, body).as_deref(), id, "{source:?}");
        }
        assert_eq!(IdSource::Pointer("/id".to_owned()).find(&headers, b"no json"), None);
    }
}
