//! White space around a text, as Unicode has it: what `str::trim` finds with tables and decoders that a small build has no
//! room for.

/// Whether a text begins or ends with white space.
pub(crate) fn surrounds(text: &str) -> bool {
    let bytes = text.as_bytes();
    let begins = (1..=3).any(|len| bytes.get(..len).is_some_and(is_white_space));
    begins || strip_end(text).is_some()
}

/// The text without the white space at its end, one character of it.
pub(crate) fn strip_end(text: &str) -> Option<&str> {
    let shorter = |len| text.split_at_checked(text.len().checked_sub(len)?);
    let mut ends = (1..=3).filter_map(shorter);
    ends.find(|(_, end)| is_white_space(end.as_bytes())).map(|(text, _)| text)
}

/// Whether these are the bytes of one character with the property `White_Space`.
fn is_white_space(character: &[u8]) -> bool {
    let utf8 = character.iter().fold(0, |bytes: u32, byte| bytes << 8 | u32::from(*byte));
    matches!(utf8, 0x09..=0x0d | 0x20 | 0xc285 | 0xc2a0 | 0xe1_9a80 | 0xe2_8080..=0xe2_808a | 0xe2_80a8)
        || matches!(utf8, 0xe2_80a9 | 0xe2_80af | 0xe2_819f | 0xe3_8080)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_that_of_the_standard_library() {
        for c in (0..=0x11_0000).filter_map(char::from_u32) {
            let (before, behind) = (format!("{c}a"), format!("a{c}"));
            assert_eq!(surrounds(&before), c.is_whitespace(), "{c:?}");
            assert_eq!(surrounds(&behind), c.is_whitespace(), "{c:?}");
            assert_eq!(strip_end(&behind), c.is_whitespace().then_some("a"), "{c:?}");
        }
        assert!(!surrounds("") && !surrounds("a \u{3000}b"));
    }
}
