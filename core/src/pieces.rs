//! Text in pieces, cut at one ASCII character.
//!
//! What [`str::split`] and its kin do for any character takes more code than a small build has to spare, and more time
//! than a header is long.

use crate::WHOLE;

/// What stands before and behind the first `byte`, which is ASCII.
#[inline]
pub(crate) fn split_once(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = find(text.as_bytes(), byte)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// As [`str::split`].
pub(crate) fn split(text: &str, byte: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (piece, tail) =
            split_once(text, byte).map_or((text, None), |(piece, tail)| (piece, Some(tail)));
        rest = tail;
        Some(piece)
    })
}

/// As [`str::trim_matches`].
pub(crate) fn trim(mut text: &str, byte: u8) -> &str {
    while let Some((&first, _)) = text.as_bytes().split_first()
        && first == byte
    {
        text = text.get(1..).unwrap_or_default();
    }
    trim_end(text, byte)
}

/// As [`str::trim_end_matches`].
pub(crate) fn trim_end(mut text: &str, byte: u8) -> &str {
    while let Some((&last, rest)) = text.as_bytes().split_last()
        && last == byte
    {
        text = text.get(..rest.len()).unwrap_or_default();
    }
    text
}

#[inline]
fn find(text: &[u8], byte: u8) -> Option<usize> {
    if WHOLE {
        return memchr::memchr(byte, text);
    }
    text.iter().position(|one| *one == byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_as_the_standard_library_does() {
        for text in ["", ",", "a", "a,b", ",a,,é,", " a ", "  ", ",,", "é", " ,a, "] {
            assert_eq!(split_once(text, b','), text.split_once(','), "{text}");
            assert!(split(text, b',').eq(text.split(',')), "{text}");
            assert_eq!(trim(text, b' '), text.trim_matches(' '), "{text}");
            assert_eq!(trim_end(text, b','), text.trim_end_matches(','), "{text}");
        }
    }
}
