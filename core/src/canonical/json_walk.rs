//! The walk through a JSON text to the values at a path.
//!
//! **Invariants.** The text is read once, to its end, and is JSON. A member on the path that stands there twice is an
//! error, and so is an element of a `*` without what the path asks for. At most [`MAX_VALUES`] values are collected.

use super::json_scan::{Broken, Scanner, unescape};
use crate::error::{Error, ErrorCode, clip, say};
use crate::scheme::compact::compact;

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
    let mut walk = Walk { scanner: Scanner::new(json), values: Vec::new() };
    match walk.value(path).and_then(|()| Ok(walk.scanner.end()?)) {
        Ok(()) => Ok(walk.values),
        Err(Stop::Refused(problem)) => Err(malformed(problem)),
        Err(Stop::Broken) => {
            let (line, column) = walk.scanner.position();
            Err(malformed(say!("the body is not JSON: line {line}, column {column}")))
        }
    }
}

#[cold]
fn malformed(message: String) -> Error {
    Error::new(ErrorCode::MalformedBody, message)
}

/// Why a walk ends early.
enum Stop {
    Broken,
    Refused(String),
}

impl From<Broken> for Stop {
    fn from(_: Broken) -> Self {
        Self::Broken
    }
}

struct Walk<'a> {
    scanner: Scanner<'a>,
    values: Vec<&'a str>,
}

impl Walk<'_> {
    /// Passes over a value and collects what is at `path` in it. A scheme's path is short: this recurses as deep.
    fn value(&mut self, path: &[Token]) -> Result<(), Stop> {
        let Some((token, rest)) = path.split_first() else {
            if self.values.len() == MAX_VALUES {
                let problem = say!("the body has more than {MAX_VALUES} signed items");
                return Err(Stop::Refused(problem));
            }
            let text = std::str::from_utf8(self.scanner.value()?).map_err(|_| Stop::Broken)?;
            self.values.push(text);
            return Ok(());
        };
        match self.scanner.peek() {
            Some(b'{') => self.members(token, rest),
            Some(b'[') => self.elements(token, rest),
            // The path leads nowhere.
            _ => {
                self.scanner.value()?;
                Ok(())
            }
        }
    }

    fn members(&mut self, token: &Token, rest: &[Token]) -> Result<(), Stop> {
        let wanted = if let Token::Name(name) = token { Some(name.as_str()) } else { None };
        let (mut is_first, mut seen) = (true, false);
        self.scanner.open(b'{')?;
        while let Some(key) = self.scanner.next_key(&mut is_first)? {
            let key = unescape(key).ok_or(Stop::Broken)?;
            if wanted != Some(&*key) {
                self.scanner.value()?;
            } else if std::mem::replace(&mut seen, true) {
                let problem = say!("member `{}` of the body stands there twice", clip(&key));
                return Err(Stop::Refused(problem));
            } else {
                self.value(rest)?;
            }
        }
        Ok(())
    }

    fn elements(&mut self, token: &Token, rest: &[Token]) -> Result<(), Stop> {
        let wanted = if let Token::Name(name) = token { array_index(name) } else { None };
        let (mut is_first, mut index) = (true, 0_usize);
        self.scanner.open(b'[')?;
        while self.scanner.next_item(&mut is_first)? {
            let before = self.values.len();
            if *token == Token::Every {
                self.value(rest)?;
                if self.values.len() == before {
                    return Err(Stop::Refused(
                        "an item of the body lacks what is signed".to_owned(),
                    ));
                }
            } else if wanted == Some(index) {
                self.value(rest)?;
            } else {
                self.scanner.value()?;
            }
            index += 1;
        }
        Ok(())
    }
}

/// `0`, `1`, `12`: no sign and no leading zero (RFC 6901, §4).
pub(super) fn array_index(token: &str) -> Option<usize> {
    let is_plain = token == "0" || !token.starts_with(['0', '+']);
    token.parse().ok().filter(|_| is_plain)
}

compact! { enum Token { Name(name), Every } }
