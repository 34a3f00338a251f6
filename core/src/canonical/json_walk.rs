//! The walk through a JSON text to the values at a path.
//!
//! **Invariants.** The text is read once, to its end, and is JSON. A member on the path that stands there twice is an
//! error, and so is an element of a `*` without what the path asks for. At most [`MAX_VALUES`] values are collected.

use std::fmt;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use crate::error::{Error, ErrorCode, clip};

/// Values that one path with a `*` may collect.
pub(crate) const MAX_VALUES: usize = 1000;

/// A part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Name(String),
    Every,
}

/// Every value at the path, in order, as it is written.
pub(crate) fn find<'a>(path: &[Token], json: &'a [u8]) -> Result<Vec<&'a str>, Error> {
    let mut found = Found { values: Vec::new(), problem: None };
    let mut reader = serde_json::Deserializer::from_slice(json);
    let outcome =
        Walk { path, found: &mut found }.deserialize(&mut reader).and_then(|()| reader.end());
    match (outcome, found.problem) {
        (_, Some(problem)) => Err(malformed(problem)),
        // The reader's own message may quote the body.
        (Err(error), None) => Err(malformed(format!(
            "the body is not JSON: line {}, column {}",
            error.line(),
            error.column()
        ))),
        (Ok(()), None) => Ok(found.values),
    }
}

fn malformed(message: String) -> Error {
    Error::new(ErrorCode::MalformedBody, message)
}

struct Found<'a> {
    values: Vec<&'a str>,
    problem: Option<String>,
}

impl Found<'_> {
    fn refuse<T, E: serde::de::Error>(&mut self, problem: String) -> Result<T, E> {
        self.problem = Some(problem);
        Err(E::custom("refused"))
    }
}

struct Walk<'p, 'f, 'a> {
    path: &'p [Token],
    found: &'f mut Found<'a>,
}

impl<'a> DeserializeSeed<'a> for Walk<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        if !self.path.is_empty() {
            return deserializer.deserialize_any(self);
        }
        if self.found.values.len() == MAX_VALUES {
            return self.found.refuse(format!("the body has more than {MAX_VALUES} signed items"));
        }
        self.found.values.push(<&'a RawValue>::deserialize(deserializer)?.get());
        Ok(())
    }
}

impl<'a> Visitor<'a> for Walk<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let (name, rest) = match self.path.split_first() {
            Some((Token::Name(name), rest)) => (Some(name.as_str()), rest),
            _ => (None, self.path),
        };
        let mut seen = false;
        while let Some(matches) = map.next_key_seed(KeyIs(name))? {
            if !matches {
                map.next_value::<IgnoredAny>()?;
            } else if seen {
                let name = clip(name.unwrap_or_default());
                return self
                    .found
                    .refuse(format!("member `{name}` of the body stands there twice"));
            } else {
                seen = true;
                map.next_value_seed(Walk { path: rest, found: self.found })?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        match self.path.split_first() {
            Some((Token::Every, rest)) => loop {
                let before = self.found.values.len();
                let step = seq.next_element_seed(Walk { path: rest, found: self.found })?;
                if step.is_none() {
                    return Ok(());
                }
                if self.found.values.len() == before {
                    let problem = "an item of the body lacks what is signed".to_owned();
                    return self.found.refuse(problem);
                }
            },
            Some((Token::Name(name), rest)) => {
                let wanted = array_index(name);
                for index in 0_usize.. {
                    let step = if Some(index) == wanted {
                        seq.next_element_seed(Walk { path: rest, found: self.found })?
                    } else {
                        seq.next_element::<IgnoredAny>()?.map(|_| ())
                    };
                    if step.is_none() {
                        return Ok(());
                    }
                }
                Err(A::Error::custom("endless"))
            }
            None => Ok(()),
        }
    }

    // A value in which the path leads nowhere.
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// `0`, `1`, `12`: no sign and no leading zero (RFC 6901, §4).
fn array_index(token: &str) -> Option<usize> {
    let is_plain = token == "0" || !token.starts_with(['0', '+']);
    token.parse().ok().filter(|_| is_plain)
}

/// Whether a key is the wanted one, without keeping it.
struct KeyIs<'k>(Option<&'k str>);

impl<'de> DeserializeSeed<'de> for KeyIs<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyIs<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(self.0 == Some(key))
    }
}
