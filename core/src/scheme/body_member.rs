//! A signature inside the body: the last member of a JSON object, signed without itself.
//!
//! The sender writes compact JSON, signs those bytes and inserts `,"signature":"sha256=<hex>"` before the closing brace.
//! The receiver takes that member out of the raw bytes, with the comma before it, and checks what remains.
//!
//! **Invariants.** Bytes are cut, never re-serialised. A body in which the member stands elsewhere, or twice, is
//! refused: two readers of it would see different signatures.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};

use crate::error::{Error, ErrorCode};
use crate::scheme::compact::compact;

/// The member of the body that holds a signature of the rest of it.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct BodySignature {
    /// The name of the member: the last one of the JSON object.
    member: String,
}

/// A body taken apart: the value of the member, and what stands before and behind it.
#[derive(Debug, PartialEq)]
pub(crate) struct Located<'a> {
    pub(crate) value: &'a str,
    pub(crate) rest: [&'a [u8]; 2],
}

impl BodySignature {
    pub(crate) fn member(&self) -> &str {
        &self.member
    }

    /// Finds the member in the raw bytes; none when the body is not a JSON object or does not have it.
    ///
    /// # Errors
    /// `malformed_body` when the member is not the last one, stands there twice or is not a plain string.
    pub(crate) fn locate<'a>(&self, body: &'a [u8]) -> Result<Option<Located<'a>>, Error> {
        let refuse = |problem: &str| {
            let message = format!("member `{}` of the body {problem}", self.member);
            Err(Error::new(ErrorCode::MalformedBody, message))
        };
        let Some(members) = Members::count(body, &self.member) else { return Ok(None) };
        match (members.count, members.last) {
            (0, _) => Ok(None),
            (1, true) => match self.cut(body) {
                Some(located) => Ok(Some(located)),
                None => refuse("is not a plain string"),
            },
            (1, false) => refuse("is not the last one"),
            _ => refuse("stands there more than once"),
        }
    }

    /// Walks backwards over `, "member" : "value" }`, of which only the value may vary.
    fn cut<'a>(&self, body: &'a [u8]) -> Option<Located<'a>> {
        let before_brace = body.trim_ascii_end().strip_suffix(b"}")?.trim_ascii_end();
        let before_quote = before_brace.strip_suffix(b"\"")?;
        let value_at = before_quote.iter().rposition(|&byte| byte == b'"')? + 1;
        let value = std::str::from_utf8(before_quote.get(value_at..)?).ok()?;
        if value.contains('\\') {
            return None;
        }
        let before_colon =
            before_quote.get(..value_at - 1)?.trim_ascii_end().strip_suffix(b":")?.trim_ascii_end();
        let before_key = before_colon
            .strip_suffix(b"\"")?
            .strip_suffix(self.member.as_bytes())?
            .strip_suffix(b"\"")?;
        let trimmed = before_key.trim_ascii_end();
        // The only member of its object has no comma before it.
        let head = trimmed.strip_suffix(b",").or(trimmed.ends_with(b"{").then_some(before_key))?;
        let tail = body.get(before_brace.len()..)?;
        Some(Located { value, rest: [head, tail] })
    }

    /// Inserts the member before the closing brace of a JSON object that does not have it.
    ///
    /// # Errors
    /// `invalid_message` when the body is not a JSON object or has the member already.
    pub(crate) fn insert(&self, body: &[u8], value: &str) -> Result<Vec<u8>, Error> {
        let refuse = |problem: String| Err(Error::new(ErrorCode::InvalidMessage, problem));
        match Members::count(body, &self.member) {
            None => return refuse("a body that carries its signature is a JSON object".to_owned()),
            Some(Members { count: 0, .. }) => {}
            Some(_) => return refuse(format!("the body has a member `{}` already", self.member)),
        }
        let Some(open) = body.trim_ascii_end().strip_suffix(b"}") else {
            return refuse("a body that carries its signature is a JSON object".to_owned());
        };
        let comma = if open.trim_ascii_end().ends_with(b"{") { "" } else { "," };
        let mut signed = Vec::with_capacity(body.len() + self.member.len() + value.len() + 8);
        signed.extend_from_slice(open);
        signed.extend_from_slice(format!("{comma}\"{}\":\"{value}\"", self.member).as_bytes());
        signed.extend_from_slice(body.get(open.len()..).unwrap_or_default());
        Ok(signed)
    }
}

/// How often a member stands at the top level of an object, and whether it is the last one.
struct Members {
    count: usize,
    last: bool,
}

impl Members {
    /// None when `json` is not exactly one JSON object.
    fn count(json: &[u8], member: &str) -> Option<Self> {
        let mut reader = serde_json::Deserializer::from_slice(json);
        let members = reader.deserialize_map(Counter(member)).ok()?;
        reader.end().ok().map(|()| members)
    }
}

struct Counter<'m>(&'m str);

impl<'de> Visitor<'de> for Counter<'_> {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members { count: 0, last: false };
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            members.last = key == self.0;
            members.count += usize::from(members.last);
            map.next_value::<IgnoredAny>()?;
        }
        Ok(members)
    }
}

compact! { struct BodySignature { member } }

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> BodySignature {
        BodySignature { member: "signature".to_owned() }
    }

    #[test]
    fn what_is_inserted_is_found_and_taken_out() {
        for body in [
            &br#"{"a":1}"#[..],
            b"{}",
            b"{ }",
            b" {\"a\":[{\"signature\":\"no\"}]} \n",
            "{\"é\":\"✓\"}".as_bytes(),
        ] {
            let signed = rule().insert(body, "sha256=00").unwrap();
            let located = rule().locate(&signed).unwrap().unwrap();
            assert_eq!(located.value, "sha256=00");
            assert_eq!(located.rest.concat(), body, "{}", String::from_utf8_lossy(&signed));
        }
    }

    #[test]
    fn spaced_json_is_cut_where_the_comma_is() {
        let body = b"{\n  \"a\": 1,\n  \"signature\": \"sha256=ab\"\n}\n";
        let located = rule().locate(body).unwrap().unwrap();
        assert_eq!(located.rest, [&b"{\n  \"a\": 1"[..], b"\n}\n"]);
    }

    #[test]
    fn a_member_elsewhere_or_twice_is_refused() {
        for body in [
            r#"{"signature":"x","a":1}"#,
            r#"{"signature":"x","signature":"y"}"#,
            r#"{"a":1,"sig\u006eature":"x","signature":"y"}"#,
            r#"{"a":1,"sig\u006eature":"x"}"#,
            r#"{"a":1,"signature":7}"#,
            r#"{"a":1,"signature":{"b":"x"}}"#,
            r#"{"a":1,"signature":"x\""}"#,
        ] {
            assert_eq!(
                rule().locate(body.as_bytes()).unwrap_err().code(),
                ErrorCode::MalformedBody,
                "{body}"
            );
        }
    }

    #[test]
    fn a_body_without_the_member_has_none() {
        for body in [
            &b""[..],
            b"[]",
            b"{}",
            b"{\"a\":\", \\\"signature\\\":\\\"x\"}",
            b"\xff",
            b"{} {}",
            b"{\"signature\":\"x\"} 1",
        ] {
            assert_eq!(rule().locate(body), Ok(None), "{body:?}");
        }
        assert_eq!(rule().insert(b"[]", "x").unwrap_err().code(), ErrorCode::InvalidMessage);
        assert_eq!(
            rule().insert(br#"{"signature":1}"#, "x").unwrap_err().code(),
            ErrorCode::InvalidMessage
        );
    }
}
