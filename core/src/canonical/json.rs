//! Values inside a JSON body by their place, as text and as the bytes that stand there.
//!
//! Source: RFC 6901 (JSON pointers) and RFC 8259.
//!
//! **Invariants.** Bytes are never re-serialised: numbers are the text of the source, and what is replaced is replaced in
//! place. The whole text is JSON, and no member on the way to a value stands there twice, however it is escaped; readers
//! differ in which of the two they take.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;

use super::json_scan;
use super::json_walk::{Token, find};
use crate::error::{Error, ErrorCode, clip, say};
use crate::scheme::compact::compact;

const MAX_DEPTH: usize = 32;

/// A JSON pointer: `/data/object/id`, `/0/type`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String", extend("pattern" = r"^(/([^~/]|~[01])*){1,32}$")))]
#[serde(try_from = "String")]
pub(crate) struct Pointer(Vec<Token>);

/// A JSON pointer in which `*` stands for every element of an array: `/items/*/data`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String", extend("pattern" = r"^(/([^~/]|~[01])*){1,32}$")))]
#[serde(try_from = "String")]
pub(crate) struct EachPointer(Vec<Token>);

/// A string inside a text, cut out with its quotes left in place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StringAt<'a> {
    /// Up to and with the opening quote.
    pub(crate) before: &'a [u8],
    /// Unescaped.
    pub(crate) value: Cow<'a, str>,
    /// From the closing quote on.
    pub(crate) after: &'a [u8],
}

impl Pointer {
    /// # Errors
    /// `invalid_scheme` when it does not begin with `/`, is deeper than 32 or has a `~` that escapes nothing.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        parse_tokens(text).map(Self)
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        &self.0
    }

    /// The text of the value as it stands there; none when it is absent.
    ///
    /// # Errors
    /// `malformed_body` when the text is not JSON, or a member on the way stands there twice.
    pub(crate) fn raw<'a>(&self, json: &'a [u8]) -> Result<Option<&'a str>, Error> {
        Ok(find(&self.0, json)?.pop())
    }

    /// A string unescaped, a number as it is written, `true` or `false`; none when it is absent or null.
    ///
    /// # Errors
    /// `malformed_body` when it is an object or an array; as [`raw`](Self::raw).
    pub(crate) fn text<'a>(&self, json: &'a [u8]) -> Result<Option<Cow<'a, str>>, Error> {
        let Some(raw) = self.raw(json)? else { return Ok(None) };
        match raw.as_bytes().first() {
            Some(b'"') => unescape(raw).map(Some),
            Some(b'{' | b'[') => {
                Err(malformed(say!("the value at `{self}` is not a text or a number")))
            }
            Some(b'n') => Ok(None),
            _ => Ok(Some(Cow::Borrowed(raw))),
        }
    }

    /// The string at this place with what stands around it; none when it is absent.
    ///
    /// # Errors
    /// `malformed_body` when it is not a string; as [`raw`](Self::raw).
    pub(crate) fn string_at<'a>(&self, json: &'a [u8]) -> Result<Option<StringAt<'a>>, Error> {
        let Some(raw) = self.raw(json)? else { return Ok(None) };
        if !raw.starts_with('"') {
            return Err(malformed(say!("the value at `{self}` is not a string")));
        }
        let value = unescape(raw)?;
        let start = raw.as_ptr().addr().saturating_sub(json.as_ptr().addr());
        let end = (start + raw.len()).saturating_sub(1);
        let before = json.get(..=start).unwrap_or_default();
        let after = json.get(end..).unwrap_or_default();
        Ok(Some(StringAt { before, value, after }))
    }

    /// The same text with the value replaced by this string, all other bytes as they are.
    ///
    /// # Errors
    /// `invalid_message` when the value is absent; as [`raw`](Self::raw).
    pub(crate) fn replace(&self, json: &[u8], string: &str) -> Result<Vec<u8>, Error> {
        let Some(raw) = self.raw(json)? else {
            let message = say!("the body has no `{self}` to write the signature into");
            return Err(Error::new(ErrorCode::InvalidMessage, message));
        };
        let start = raw.as_ptr().addr().saturating_sub(json.as_ptr().addr());
        let written = serde_json::Value::from(string).to_string();
        let mut replaced = Vec::with_capacity(json.len() + written.len());
        replaced.extend_from_slice(json.get(..start).unwrap_or_default());
        replaced.extend_from_slice(written.as_bytes());
        replaced.extend_from_slice(json.get(start + raw.len()..).unwrap_or_default());
        Ok(replaced)
    }
}

impl EachPointer {
    /// # Errors
    /// `invalid_scheme`; as [`Pointer::parse`].
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let tokens = parse_tokens(text)?.into_iter();
        let every = |token| match token {
            Token::Name(name) if name == "*" => Token::Every,
            token => token,
        };
        Ok(Self(tokens.map(every).collect()))
    }

    /// The text of every value, in order; never empty.
    ///
    /// # Errors
    /// `malformed_body` when there is none, when an element lacks what the pointer asks for (it would go unchecked), when
    /// there are more than 1000; as [`Pointer::raw`].
    pub(crate) fn all<'a>(&self, json: &'a [u8]) -> Result<Vec<&'a str>, Error> {
        let found = find(&self.0, json)?;
        if found.is_empty() {
            return Err(malformed(say!("the body has no `{self}`")));
        }
        Ok(found)
    }
}

impl TryFrom<String> for Pointer {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

impl TryFrom<String> for EachPointer {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_tokens(&self.0, f)
    }
}

impl fmt::Display for EachPointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_tokens(&self.0, f)
    }
}

fn parse_tokens(text: &str) -> Result<Vec<Token>, Error> {
    let invalid = |problem: &str| {
        let message = say!("a JSON pointer such as `/data/id` {problem}, got `{}`", clip(text));
        Err(Error::new(ErrorCode::InvalidScheme, message))
    };
    let Some(tokens) = text.strip_prefix('/') else { return invalid("begins with `/`") };
    let mut parsed = Vec::new();
    for token in tokens.split('/') {
        if !token.split('~').skip(1).all(|tail| tail.starts_with(['0', '1'])) {
            return invalid("writes `~` as `~0`");
        }
        parsed.push(Token::Name(token.replace("~1", "/").replace("~0", "~")));
    }
    if parsed.len() > MAX_DEPTH { invalid("has at most 32 parts") } else { Ok(parsed) }
}

fn write_tokens(tokens: &[Token], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    tokens.iter().try_for_each(|token| match token {
        Token::Name(name) => write!(f, "/{}", name.replace('~', "~0").replace('/', "~1")),
        Token::Every => f.write_str("/*"),
    })
}

fn unescape(raw: &str) -> Result<Cow<'_, str>, Error> {
    json_scan::unescape(raw.as_bytes())
        .ok_or_else(|| malformed("a string in the body has a broken escape".to_owned()))
}

fn malformed(message: String) -> Error {
    Error::new(ErrorCode::MalformedBody, message)
}

compact! { tuple Pointer }
compact! { tuple EachPointer }

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::json_walk::MAX_VALUES;

    fn text(pointer: &str, json: &str) -> Result<Option<String>, Error> {
        Ok(Pointer::parse(pointer)?.text(json.as_bytes())?.map(Cow::into_owned))
    }

    #[test]
    fn scalars_are_read_as_they_are_written() {
        let json = r#" {"a":{"b":[{"c":"x\n\u00e9\ud83d\ude00"},{"c":1.0}]},"d/e~":"y","n":-0,
            "big":123456789012345678901234567890.10,"e":1E5,"t":true,"f":false,"z":null,"":"empty"} "#;
        for (pointer, expected) in [
            ("/a/b/0/c", Some("x\né😀")),
            ("/a/b/1/c", Some("1.0")),
            ("/d~1e~0", Some("y")),
            ("/n", Some("-0")),
            ("/big", Some("123456789012345678901234567890.10")),
            ("/e", Some("1E5")),
            ("/t", Some("true")),
            ("/f", Some("false")),
            ("/", Some("empty")),
            ("/z", None),
            ("/a/b/2/c", None),
            ("/a/b/00/c", None),
            ("/a/b/+0/c", None),
            ("/a/b/-/c", None),
            ("/a/b/x", None),
            ("/t/x", None),
            ("/z/x", None),
            ("/n/x", None),
            ("/d~1e~0/x", None),
            ("/zz", None),
        ] {
            assert_eq!(text(pointer, json).unwrap().as_deref(), expected, "{pointer}");
        }
        for pointer in ["/a", "/a/b", "/a/b/0"] {
            assert_eq!(text(pointer, json).unwrap_err().code(), ErrorCode::MalformedBody);
        }
    }

    #[test]
    fn a_member_that_stands_twice_on_the_way_is_refused() {
        for json in [
            r#"{"a":{"b":1},"a":{"b":2}}"#,
            r#"{"a":{"b":1,"b":1}}"#,
            r#"{"a":{"b":1,"\u0062":2}}"#,
            r#"{"a":{"b":1},"\u0061":0}"#,
            r#"{"a":0,"a":{"b":1}}"#,
        ] {
            let error = text("/a/b", json).unwrap_err();
            assert_eq!(error.code(), ErrorCode::MalformedBody);
            assert!(error.message().contains("stands there twice"), "{error}");
        }
        let elsewhere = r#"{"x":1,"x":2,"a":{"b":"1","c":{"a":1,"a":2}}}"#;
        assert_eq!(text("/a/b", elsewhere).unwrap().as_deref(), Some("1"));
    }

    #[test]
    fn what_is_not_json_is_refused_without_quoting_it() {
        let deep = "[".repeat(100_000);
        for json in [
            "",
            "{",
            "{\"a\":1}x",
            "{\"a\":1",
            "\u{feff}{}",
            "{\"b\":tru}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":\"\n\"}",
            &deep,
        ] {
            let error = text("/a", json).unwrap_err();
            assert_eq!(error.code(), ErrorCode::MalformedBody, "{json}");
        }
        let error = Pointer::parse("/a").unwrap().raw(b"{\"a\":\"\xff\"}").unwrap_err();
        assert_eq!(error.message(), "the body is not JSON: line 1, column 9");
    }

    #[test]
    fn a_string_is_replaced_in_place() {
        let json = "{ \"é\" : 1.0,\"auth\" :\t\"a\\u0062\" , \"x\":[ ] }\n";
        let pointer = Pointer::parse("/auth").unwrap();
        let at = pointer.string_at(json.as_bytes()).unwrap().unwrap();
        assert_eq!(at.value, "ab");
        assert_eq!(at.before, "{ \"é\" : 1.0,\"auth\" :\t\"".as_bytes());
        assert_eq!(at.after, b"\" , \"x\":[ ] }\n");
        let replaced = pointer.replace(json.as_bytes(), "q\"").unwrap();
        assert_eq!(replaced, json.replace("a\\u0062", "q\\\"").as_bytes());
        assert_eq!(
            Pointer::parse("/x").unwrap().replace(b"{\"x\":{}}", "").unwrap(),
            b"{\"x\":\"\"}"
        );
        assert_eq!(Pointer::parse("/y").unwrap().string_at(json.as_bytes()).unwrap(), None);
        assert!(Pointer::parse("/x").unwrap().string_at(json.as_bytes()).is_err());
        let absent = Pointer::parse("/y").unwrap().replace(json.as_bytes(), "");
        assert_eq!(absent.unwrap_err().code(), ErrorCode::InvalidMessage);
    }

    #[test]
    fn each_item_is_found_or_the_body_refused() {
        let each = |pointer: &str, json: &str| -> Option<Vec<String>> {
            let found = EachPointer::parse(pointer).unwrap();
            let found = found.all(json.as_bytes()).ok()?;
            Some(found.into_iter().map(str::to_owned).collect())
        };
        let some = |items: &[&str]| Some(items.iter().map(|&item| item.to_owned()).collect());
        let json = r#"{"n":[{"i":{"a": 1}},{"i":{"a":2} , "x":0}]}"#;
        assert_eq!(each("/n/*/i", json), some(&["{\"a\": 1}", "{\"a\":2}"]));
        assert_eq!(each("/n/*/i/a", json), some(&["1", "2"]));
        assert_eq!(each("/*", "[1,[2]]"), some(&["1", "[2]"]));
        for json in [
            "{}",
            r#"{"n":[]}"#,
            r#"{"n":{}}"#,
            r#"{"n":[{"i":1},{}]}"#,
            r#"{"n":[{"i":1},7]}"#,
            r#"{"n":[{"i":1,"i":2}]}"#,
            r#"{"n":[{"i":1}],"n":[]}"#,
        ] {
            assert_eq!(each("/n/*/i", json), None, "{json}");
        }
        let many = |count: usize| format!("[{}0]", "0,".repeat(count - 1));
        assert_eq!(each("/*", &many(MAX_VALUES)).map(|found| found.len()), Some(MAX_VALUES));
        assert_eq!(each("/*", &many(MAX_VALUES + 1)), None);
    }

    #[test]
    fn pointers_are_checked_and_shown() {
        for wrong in ["", "a", "/a~", "/~2", "/~01~", "/~~01"] {
            assert_eq!(Pointer::parse(wrong).unwrap_err().code(), ErrorCode::InvalidScheme);
        }
        assert!(Pointer::parse(&"/a".repeat(33)).is_err());
        assert_eq!(Pointer::parse("/a~1~0/*").unwrap().to_string(), "/a~1~0/*");
        assert_eq!(EachPointer::parse("/a/*").unwrap().to_string(), "/a/*");
        // `*` is a name where nothing is collected.
        assert_eq!(text("/*", r#"{"*":"x"}"#).unwrap().as_deref(), Some("x"));
    }
}
