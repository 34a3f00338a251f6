//! The first value at a place of a JSON body, found without reading what follows it.
//!
//! For what is only told, not signed: the id and the type of an event. Of a member that stands there twice, the first.

use std::borrow::Cow;

use super::json::Pointer;
use super::json_scan::unescape;
use super::json_walk::{Token, find_first};
use super::plain_member;
use crate::WHOLE;

/// The string or integer at this place; none when it is absent, of another type, or what stands before it is not JSON.
pub(crate) fn first<'a>(pointer: &Pointer, json: &'a [u8]) -> Option<Cow<'a, str>> {
    if WHOLE
        && let [Token::Name(name)] = pointer.tokens()
        && let Some(value) = plain_member::find(name, json)
    {
        return Some(Cow::Borrowed(value));
    }
    parsed(pointer, json)
}

fn parsed<'a>(pointer: &Pointer, json: &'a [u8]) -> Option<Cow<'a, str>> {
    let value = find_first(pointer.tokens(), json)?;
    if value.starts_with('"') {
        return unescape(value.as_bytes());
    }
    is_integer(value).then_some(Cow::Borrowed(value))
}

/// Whether a number of JSON is one of 64 bits, with or without a sign.
fn is_integer(number: &str) -> bool {
    let (digits, longest) = match number.as_bytes() {
        [b'-', digits @ ..] => (digits, b"9223372036854775808".as_slice()),
        digits => (digits, b"18446744073709551615".as_slice()),
    };
    let fits = digits.len() < longest.len() || digits.len() == longest.len() && digits <= longest;
    fits && number != "-0" && digits.iter().all(u8::is_ascii_digit)
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
    fn integers_have_64_bits() {
        let reference = |text: &str| text.parse::<u64>().is_ok() || text.parse::<i64>().is_ok();
        for text in [
            "0",
            "7",
            "-7",
            "1.5",
            "1e3",
            "-1.0",
            "18446744073709551615",
            "18446744073709551616",
            "20000000000000000000",
            "-9223372036854775808",
            "-9223372036854775809",
            "-10000000000000000000",
            "100000000000000000000",
        ] {
            assert_eq!(is_integer(text), reference(text), "{text}");
        }
        assert!(!is_integer("-0"));
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
