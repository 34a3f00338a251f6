//! The first value at a place of a JSON body, found without reading what follows it.
//!
//! For what is only told, not signed: the id and the type of an event. Of a member that stands there twice, the first.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::json::Pointer;
use super::json_walk::Token;
use super::plain_member;

/// The string or integer at this place; none when it is absent, of another type, or what stands before it is not JSON.
pub(crate) fn first<'a>(pointer: &Pointer, json: &'a [u8]) -> Option<Cow<'a, str>> {
    if let [Token::Name(name)] = pointer.tokens()
        && let Some(value) = plain_member::find(name, json)
    {
        return Some(Cow::Borrowed(value));
    }
    parsed(pointer, json)
}

fn parsed<'a>(pointer: &Pointer, json: &'a [u8]) -> Option<Cow<'a, str>> {
    let mut found = None;
    let mut reader = serde_json::Deserializer::from_slice(json);
    // The walk stops by an error once it has the value, so its result says nothing.
    let _ = Walk { path: pointer.tokens(), found: &mut found }.deserialize(&mut reader);
    found
}

struct Walk<'p, 'a> {
    path: &'p [Token],
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
        let Some((Token::Name(first), rest)) = self.path.split_first() else {
            return self.stop(None);
        };
        while let Some(key) = map.next_key::<Cow<'a, str>>()? {
            if key == first.as_str() {
                return map.next_value_seed(Walk { path: rest, found: self.found });
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        let Some((Token::Name(first), rest)) = self.path.split_first() else {
            return self.stop(None);
        };
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
        let find = |pointer: &str| {
            super::first(&Pointer::parse(pointer).unwrap(), json).map(Cow::into_owned)
        };
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
    fn the_quick_way_finds_what_parsing_finds() {
        let long = format!(r#"{{"a":"{}","type":"t"}}"#, "x".repeat(1000));
        for json in [
            r#"{"type":"t"}"#,
            r#"{ "id" : "1" ,	"type"
: "t" , "z": 1}"#,
            r#"{"type":"t","type":"u"}"#,
            r#"{"type":"a\"b"}"#,
            r#"{"type":"é"}"#,
            r#"{"typ\u0065":"t","type":"u"}"#,
            r#"{"é":"x","type":"t"}"#,
            r#"{"n":1,"type":"t"}"#,
            r#"{"n":01,"type":"t"}"#,
            r#"{"type":7}"#,
            r#"{"a":"x" "type":"t"}"#,
            r#"{"a":"x",,"type":"t"}"#,
            r#"{"a" "x","type":"t"}"#,
            r#"{,"type":"t"}"#,
            r#" {"type":"t"}"#,
            r#"["type","t"]"#,
            "{\u{c}\"type\":\"t\"}",
            "{\"type\":\"t\nu\"}",
            r#"{"type":"t"#,
            r#"{"type":""}"#,
            r#"{"":"x"}"#,
            "",
            &long,
        ] {
            let pointer = Pointer::parse("/type").unwrap();
            assert_eq!(
                first(&pointer, json.as_bytes()),
                parsed(&pointer, json.as_bytes()),
                "{json}"
            );
        }
    }

    #[test]
    fn broken_json_is_no_value() {
        for json in [&b""[..], b"{", b"[1", b"\xff", b"{\"a\":\"\xff\"}"] {
            assert_eq!(first(&Pointer::parse("/a").unwrap(), json), None);
        }
        let deep = "[".repeat(100_000);
        assert_eq!(first(&Pointer::parse("/0/0").unwrap(), deep.as_bytes()), None);
    }
}
