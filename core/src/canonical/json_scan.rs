//! A walk over the bytes of a JSON text (RFC 8259), which copies and converts nothing.
//!
//! **Invariants.** What is passed over is JSON: brackets match, numbers and literals have their form, strings hold no
//! control character and only the escapes that there are. Nothing recurses, so depth costs memory and not stack. Text
//! that is only passed over need not be UTF-8; what [`unescape`] gives out is.

use std::borrow::Cow;

use crate::pieces;
use crate::radix::hex_into;

/// The text is not JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Broken;

/// A place in a JSON text.
#[derive(Clone, Debug)]
pub(crate) struct Scanner<'j> {
    json: &'j [u8],
    at: usize,
}

impl<'j> Scanner<'j> {
    pub(crate) fn new(json: &'j [u8]) -> Self {
        Self { json, at: 0 }
    }

    /// The first byte of what comes next, which stays where it is.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.json.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// Takes `byte`, if it comes next.
    #[inline]
    fn takes(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn take(&mut self, byte: u8) -> Result<(), Broken> {
        if self.takes(byte) { Ok(()) } else { Err(Broken) }
    }

    /// Opens an object or array, by its bracket.
    pub(crate) fn open(&mut self, bracket: u8) -> Result<(), Broken> {
        self.take(bracket)
    }

    /// The key of the next member, as it is written, quotes and all; none where the object is closed. `is_first` says
    /// whether it is the first one.
    pub(crate) fn next_key(&mut self, is_first: &mut bool) -> Result<Option<&'j [u8]>, Broken> {
        if !self.goes_on(b'}', is_first)? {
            return Ok(None);
        }
        self.peek();
        let key = self.string()?;
        self.take(b':')?;
        Ok(Some(key))
    }

    /// Whether another element comes; otherwise the array is closed.
    pub(crate) fn next_item(&mut self, is_first: &mut bool) -> Result<bool, Broken> {
        self.goes_on(b']', is_first)
    }

    fn goes_on(&mut self, close: u8, is_first: &mut bool) -> Result<bool, Broken> {
        if self.takes(close) {
            return Ok(false);
        }
        if !std::mem::take(is_first) {
            self.take(b',')?;
        }
        Ok(true)
    }

    /// Passes over a value: its text.
    pub(crate) fn value(&mut self) -> Result<&'j [u8], Broken> {
        let _ = self.peek();
        let start = self.at;
        // The brackets that are open.
        let mut open = Vec::new();
        loop {
            match self.peek() {
                Some(b'"') => drop(self.string()?),
                Some(b'-' | b'0'..=b'9') => self.number()?,
                Some(b't') => self.word(b"true")?,
                Some(b'f') => self.word(b"false")?,
                Some(b'n') => self.word(b"null")?,
                Some(bracket @ (b'{' | b'[')) => {
                    self.at += 1;
                    let close = bracket + 2;
                    if !self.takes(close) {
                        open.push(close);
                        self.key_of(close)?;
                        continue;
                    }
                }
                _ => return Err(Broken),
            }
            loop {
                let Some(&close) = open.last() else {
                    return self.json.get(start..self.at).ok_or(Broken);
                };
                if self.takes(close) {
                    open.pop();
                } else {
                    self.take(b',')?;
                    self.key_of(close)?;
                    break;
                }
            }
        }
    }

    /// Passes over the key, in an object.
    fn key_of(&mut self, close: u8) -> Result<(), Broken> {
        if close == b'}' {
            self.peek();
            self.string()?;
            self.take(b':')?;
        }
        Ok(())
    }

    /// That nothing but white space follows.
    pub(crate) fn end(&mut self) -> Result<(), Broken> {
        if self.peek().is_none() { Ok(()) } else { Err(Broken) }
    }

    /// Line and column, from 1, of where the walk came to.
    pub(crate) fn position(&self) -> (usize, usize) {
        let before = self.json.get(..self.at).unwrap_or(self.json);
        let line_at = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        (1 + before.iter().filter(|&&byte| byte == b'\n').count(), before.len() - line_at + 1)
    }

    /// A string as it is written, quotes and all.
    fn string(&mut self) -> Result<&'j [u8], Broken> {
        let start = self.at;
        if self.json.get(start) != Some(&b'"') {
            return Err(Broken);
        }
        self.at += 1;
        loop {
            self.pass_plain();
            match self.json.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return self.json.get(start..self.at).ok_or(Broken);
                }
                Some(b'\\') => {
                    let tail = self.json.get(self.at + 1..).unwrap_or_default();
                    self.at += match tail {
                        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => 2,
                        [b'u', a, b, c, d, ..]
                            if [a, b, c, d].iter().all(|byte| byte.is_ascii_hexdigit()) =>
                        {
                            6
                        }
                        _ => return Err(Broken),
                    };
                }
                Some(0x20..) => self.at += 1,
                _ => return Err(Broken),
            }
        }
    }

    /// Passes over characters that mean nothing, eight at a time.
    #[inline]
    fn pass_plain(&mut self) {
        const ONES: u64 = u64::MAX / 255;
        let rest = self.json.get(self.at..).unwrap_or_default();
        let (words, _) = rest.as_chunks::<8>();
        for word in words {
            let word = u64::from_le_bytes(*word);
            let has_zero = |word: u64| word.wrapping_sub(ONES) & !word & (ONES << 7);
            let control = word.wrapping_sub(ONES * 0x20) & !word & (ONES << 7);
            let special = control
                | has_zero(word ^ (ONES * u64::from(b'"')))
                | has_zero(word ^ (ONES * u64::from(b'\\')));
            if special != 0 {
                // The lowest mark is exact; what a borrow marks by mistake stands behind it.
                self.at += special.trailing_zeros() as usize / 8;
                return;
            }
            self.at += 8;
        }
    }

    fn number(&mut self) -> Result<(), Broken> {
        self.at += usize::from(self.byte() == Some(b'-'));
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(())
    }

    fn byte(&self) -> Option<u8> {
        self.json.get(self.at).copied()
    }

    fn digits(&mut self) -> Result<(), Broken> {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(Broken) }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Broken> {
        if !self.json.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(Broken);
        }
        self.at += word.len();
        Ok(())
    }
}

/// The text of a string that [`Scanner`] passed over, quotes and all; none where it is not UTF-8 or has half of a pair of
/// surrogates.
pub(crate) fn unescape(raw: &[u8]) -> Option<Cow<'_, str>> {
    let inside = std::str::from_utf8(raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?).ok()?;
    let mut parts = pieces::split(inside, b'\\');
    let first = parts.next()?;
    if first.len() == inside.len() {
        return Some(Cow::Borrowed(inside));
    }
    let mut text = String::with_capacity(inside.len());
    text.push_str(first);
    // The first half of a pair that waits for its second.
    let mut high = None;
    while let Some(part) = parts.next() {
        let mut behind = part.get(1..);
        let escaped = match part.as_bytes().first() {
            // Behind the backslash of `\\`, what follows is text until the next one.
            None => {
                high.is_none().then_some(())?;
                text.push('\\');
                text.push_str(parts.next()?);
                continue;
            }
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let mut unit = [0; 2];
                hex_into(part.as_bytes().get(1..5)?, &mut unit)?;
                let unit = u32::from(u16::from_be_bytes(unit));
                behind = part.get(5..);
                match (high.take(), unit) {
                    (None, 0xd800..=0xdbff) => {
                        high = Some(unit);
                        behind?.is_empty().then_some(())?;
                        continue;
                    }
                    (Some(high), 0xdc00..=0xdfff) => {
                        char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (unit - 0xdc00))?
                    }
                    (None, unit) => char::from_u32(unit)?,
                    (Some(_), _) => return None,
                }
            }
            Some(itself) => char::from(*itself),
        };
        high.is_none().then_some(())?;
        text.push(escaped);
        text.push_str(behind?);
    }
    high.is_none().then_some(Cow::Owned(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_json(text: &[u8]) -> bool {
        let mut scanner = Scanner::new(text);
        scanner.value().and_then(|_| scanner.end()).is_ok()
    }

    fn agrees(text: &[u8]) {
        let reference = serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok();
        assert_eq!(is_json(text), reference, "{}", String::from_utf8_lossy(text));
        if text.starts_with(b"\"") && reference {
            let read = serde_json::from_slice::<String>(text).ok();
            let trimmed = text.trim_ascii_end();
            assert_eq!(
                unescape(trimmed).map(Cow::into_owned),
                read,
                "{}",
                String::from_utf8_lossy(text)
            );
        }
    }

    #[test]
    fn takes_what_serde_json_takes() {
        for text in [
            "",
            " ",
            "0",
            "00",
            "-",
            "-0",
            "-01",
            "1.",
            "1.5e+3 ",
            "1e",
            ".5",
            "+1",
            "true",
            "tru",
            "nulll",
            "\"",
            "\"a",
            "\"\\u12\"",
            "\"\\x\"",
            "\"a\tb\"",
            "\"\u{7f}é😀\"",
            "[",
            "[]",
            "[ ]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[1,2]]",
            "{}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":[{}],\"b\":{\"c\":[[]]}}",
            "{a:1}",
            "[}",
            "{]",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"\\ude00\"",
            "\"\\ud83dx\\ude00\"",
            "\"\\ud83d\\u0041\"",
            "\"\\\\\"",
            "\"\\\\u0041\\\"\\/\\b\\f\\n\\r\\t\\u0041\"",
            "\"\\ud83d\\\\\"",
            "\"\\\\\\\\\\n\\\\\"",
            "1 1",
            "\u{feff}1",
        ] {
            agrees(text.as_bytes());
        }
        agrees(b"\"\xff\"");
        assert!(!is_json("[".repeat(100_000).as_bytes()));
        assert!(is_json(&[vec![b'['; 100_000], vec![b']'; 100_000]].concat()));
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json(text in r#"[\[\]{}",:\\udbn0-9.eE+ \-tfalsr\n]{0,24}"#) {
            agrees(text.as_bytes());
        }

        #[test]
        fn agrees_on_strings(text in r#"([a"\\/bnu\x00-\x20é]|\\u[dD][89a-fA-F][0-9a-f]{2}|\\[\\"/bfnrt]|[a-z]{1,9}){0,12}"#) {
            agrees(format!("\"{text}\"").as_bytes());
        }
    }
}
