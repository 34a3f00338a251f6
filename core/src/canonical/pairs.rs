//! Decoded `name=value` pairs of a query or a form.
//!
//! Source: WHATWG URL, §5.1 (`application/x-www-form-urlencoded` parsing), but bytes that are not UTF-8 are refused
//! instead of replaced: two different requests would read the same.
//!
//! **Invariants.** At most [`MAX_PAIRS`] pairs. Order and repetitions are kept; [`Pairs::value`] gives a value only if it
//! is the only one of its name.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use crate::error::{Error, ErrorCode, clip};

/// No known sender writes nearly as many fields; it is also the usual limit of the frameworks that read them.
pub(crate) const MAX_PAIRS: usize = 1000;

/// Where pairs stand: it decides what an error is called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Place {
    Query,
    Form,
}

impl Place {
    pub(crate) fn error(self, problem: &str) -> Error {
        match self {
            Self::Query => {
                Error::new(ErrorCode::MalformedUrl, format!("the query of the URL {problem}"))
            }
            Self::Form => {
                Error::new(ErrorCode::MalformedBody, format!("the form in the body {problem}"))
            }
        }
    }
}

/// Decoded pairs in the order in which they stand there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pairs<'a> {
    place: Place,
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Pairs<'a> {
    pub(crate) fn empty(place: Place) -> Self {
        Self { place, pairs: Vec::new() }
    }

    /// Reads `a=1&b=2`: percent-encoding decoded, `+` as a space.
    ///
    /// # Errors
    /// `malformed_url` or `malformed_body` for text that is not UTF-8 or has too many pairs.
    pub(crate) fn parse(text: &'a [u8], place: Place) -> Result<Self, Error> {
        let mut pairs = Self::empty(place);
        for piece in text.split(|&byte| byte == b'&').filter(|piece| !piece.is_empty()) {
            let (name, value) = match piece.iter().position(|&byte| byte == b'=') {
                Some(at) => piece.split_at(at),
                None => (piece, &b""[..]),
            };
            let value = value.strip_prefix(b"=").unwrap_or(value);
            match (decode(name), decode(value)) {
                (Some(name), Some(value)) => pairs.push(name, value)?,
                _ => return Err(place.error("is not UTF-8")),
            }
        }
        Ok(pairs)
    }

    /// Adds one pair at the end.
    ///
    /// # Errors
    /// `malformed_url` or `malformed_body` when there are [`MAX_PAIRS`] already.
    pub(crate) fn push(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) -> Result<(), Error> {
        if self.pairs.len() == MAX_PAIRS {
            return Err(self.place.error(&format!("has more than {MAX_PAIRS} values")));
        }
        self.pairs.push((name, value));
        Ok(())
    }

    /// The value of this name, or none.
    ///
    /// # Errors
    /// `malformed_url` or `malformed_body` when it stands there more than once.
    pub(crate) fn value(&self, name: &str) -> Result<Option<&Cow<'a, str>>, Error> {
        let mut values = self.pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        let value = values.next();
        if values.next().is_some() {
            return Err(self.place.error(&format!("has `{}` more than once", clip(name))));
        }
        Ok(value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The pairs by name, and those of one name by value, both bytewise.
    pub(crate) fn sorted(&self) -> Vec<(&str, &str)> {
        let mut sorted: Vec<(&str, &str)> = self.iter().collect();
        sorted.sort_unstable();
        sorted
    }
}

fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    if !bytes.contains(&b'+') {
        return percent_decode(bytes).decode_utf8().ok();
    }
    let spaced: Vec<u8> =
        bytes.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    percent_decode(&spaced).decode_utf8().ok().map(|text| Cow::Owned(text.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<(String, String)>, Error> {
        let pairs = Pairs::parse(text.as_bytes(), Place::Form)?;
        Ok(pairs.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    #[test]
    fn pairs_are_decoded_in_order() {
        let expected = [("b", "1 2+3"), ("a", ""), ("", "x"), ("é", "="), ("c", "%zz%")];
        let read = parse("b=1+2%2B3&&a&=x&%C3%A9==&c=%zz%").unwrap();
        let read: Vec<(&str, &str)> = read.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(read, expected);
        assert_eq!(parse("").unwrap(), []);
    }

    #[test]
    fn what_is_not_utf8_or_too_much_is_refused() {
        assert_eq!(parse("a=%ff").unwrap_err().code(), ErrorCode::MalformedBody);
        assert_eq!(parse("%ff").unwrap_err().code(), ErrorCode::MalformedBody);
        let query = Pairs::parse(b"a=\xff", Place::Query);
        assert_eq!(query.unwrap_err().code(), ErrorCode::MalformedUrl);
        assert!(parse(&"a&".repeat(MAX_PAIRS)).is_ok());
        assert!(parse(&"a&".repeat(MAX_PAIRS + 1)).is_err());
    }

    #[test]
    fn a_name_that_stands_twice_has_no_value() {
        let pairs = Pairs::parse(b"a=1&b=2&a=1", Place::Query).unwrap();
        assert_eq!(pairs.value("b").unwrap().map(Cow::as_ref), Some("2"));
        assert_eq!(pairs.value("c").unwrap(), None);
        assert_eq!(
            pairs.value("a").unwrap_err().message(),
            "the query of the URL has `a` more than once"
        );
    }
}
