//! The walk through a JSON text to the values at a path.
//!
//! **Invariants.** The text is read once, to its end, and is JSON. A member on the path that stands there twice is an
//! error, and so is an element of a `*` without what the path asks for. At most [`MAX_VALUES`] values are collected.

use super::json_scan::{Broken, Scanner, unescape};
use crate::WHOLE;
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
    let mut values = Vec::new();
    let mut give = |value| values.push(value);
    let mut walk =
        Walk { scanner: Scanner::new(json), found: 0, only_first: false, give: &mut give };
    match walk.value(path).and_then(|()| Ok(walk.scanner.end()?)) {
        Ok(()) => Ok(values),
        Err(Stop::Refused(problem)) => Err(malformed(problem)),
        Err(Stop::Broken) => {
            let position = walk.scanner.position();
            Err(malformed(say!("the body is not JSON: line {}, column {}", position.0, position.1)))
        }
    }
}

/// The first value at the path, as it is written; what stands behind it is not read.
pub(super) fn find_first<'a>(path: &[Token], json: &'a [u8]) -> Option<&'a str> {
    let mut first = None;
    let mut give = |value| first = Some(value);
    let mut walk =
        Walk { scanner: Scanner::new(json), found: 0, only_first: true, give: &mut give };
    // Whether it went on to the end says nothing.
    drop(walk.value(path));
    first
}

#[cold]
fn malformed(message: String) -> Error {
    Error::new(ErrorCode::MalformedBody, message)
}

/// Why a walk ends early.
enum Stop {
    /// What follows is not JSON, or is not looked at.
    Broken,
    Refused(String),
}

impl From<Broken> for Stop {
    fn from(_: Broken) -> Self {
        Self::Broken
    }
}

struct Walk<'w, 'a> {
    scanner: Scanner<'a>,
    found: usize,
    only_first: bool,
    give: &'w mut dyn FnMut(&'a str),
}

impl Walk<'_, '_> {
    /// Passes over a value and collects what is at `path` in it. A scheme's path is short: this recurses as deep.
    fn value(&mut self, path: &[Token]) -> Result<(), Stop> {
        let Some((token, rest)) = path.split_first() else {
            if WHOLE && self.found == MAX_VALUES {
                let problem = say!("the body has more than {MAX_VALUES} signed items");
                return Err(Stop::Refused(problem));
            }
            let text = std::str::from_utf8(self.scanner.value()?).map_err(|_| Stop::Broken)?;
            self.found += 1;
            (self.give)(text);
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
                self.on_path(rest)?;
            }
        }
        Ok(())
    }

    fn elements(&mut self, token: &Token, rest: &[Token]) -> Result<(), Stop> {
        let wanted = if let Token::Name(name) = token { array_index(name) } else { None };
        let (mut is_first, mut index) = (true, 0_usize);
        self.scanner.open(b'[')?;
        while self.scanner.next_item(&mut is_first)? {
            let before = self.found;
            if WHOLE && *token == Token::Every {
                self.value(rest)?;
                if self.found == before {
                    return Err(Stop::Refused(
                        "an item of the body lacks what is signed".to_owned(),
                    ));
                }
            } else if wanted == Some(index) {
                self.on_path(rest)?;
            } else {
                self.scanner.value()?;
            }
            index += 1;
        }
        Ok(())
    }

    /// What the path leads to, which is there once.
    fn on_path(&mut self, rest: &[Token]) -> Result<(), Stop> {
        self.value(rest)?;
        if self.only_first { Err(Stop::Broken) } else { Ok(()) }
    }
}

/// `0`, `1`, `12`: no sign and no leading zero (RFC 6901, §4).
fn array_index(token: &str) -> Option<usize> {
    let digit = |byte: u8| Some(usize::from(byte.wrapping_sub(b'0'))).filter(|digit| *digit < 10);
    match token.as_bytes() {
        [b'0'] => Some(0),
        [b'1'..=b'9', ..] => token
            .bytes()
            .try_fold(0_usize, |index, byte| index.checked_mul(10)?.checked_add(digit(byte)?)),
        _ => None,
    }
}

compact! { enum Token { Name(name), Every } }
