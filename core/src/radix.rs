//! Bytes as text: base64 (RFC 4648 §4), base64 for URLs (§5) and hex (§8).
//!
//! **Invariants.** Text is read in its one canonical form: no white space, no bits beyond the last byte, no `=` but where
//! the alphabet says. Hex may have either case. What is read does not depend on time but through its length.

/// How base64 stands to the `=` at its end.
#[derive(Clone, Copy, PartialEq)]
enum Padding {
    Never,
    Always,
    /// Some of it, all or none: people copy secrets without.
    Indifferent,
}

/// A way to write base64.
#[derive(Clone, Copy)]
pub(crate) struct Base64 {
    alphabet: &'static [u8; 64],
    /// The number of each character; [`UNKNOWN`] for those that are not in the alphabet.
    numbers: &'static [i8; 256],
    padding: Padding,
}

/// With `=`.
pub(crate) const STANDARD: Base64 =
    Base64 { alphabet: PLAIN, numbers: &PLAIN_NUMBERS, padding: Padding::Always };
/// With or without `=`.
pub(crate) const LENIENT: Base64 = Base64 { padding: Padding::Indifferent, ..STANDARD };
/// For URLs, without `=`.
pub(crate) const URL_SAFE_NO_PAD: Base64 =
    Base64 { alphabet: FOR_URLS, numbers: &URL_NUMBERS, padding: Padding::Never };

const PLAIN: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const FOR_URLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static PLAIN_NUMBERS: [i8; 256] = numbers(PLAIN);
static URL_NUMBERS: [i8; 256] = numbers(FOR_URLS);
const HEX: &[u8; 16] = b"0123456789abcdef";
/// Negative, as is everything that is put together with it.
const UNKNOWN: i8 = -1;

#[expect(clippy::indexing_slicing, reason = "computed when this is compiled")]
const fn numbers(alphabet: &[u8; 64]) -> [i8; 256] {
    let mut numbers = [UNKNOWN; 256];
    let mut number = 0;
    while number < 64 {
        numbers[alphabet[number] as usize] = number as i8;
        number += 1;
    }
    numbers
}

impl Base64 {
    /// The bytes of `text`; none when it is not written so.
    pub(crate) fn decode(&self, text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
        let text = text.as_ref();
        let mut bytes = vec![0; text.len().div_ceil(4) * 3];
        let len = self.decode_slice(text, &mut bytes)?;
        bytes.truncate(len);
        Some(bytes)
    }

    /// As [`decode`](Self::decode), into `out`: how many bytes; none also when they do not fit.
    #[inline]
    pub(crate) fn decode_slice(&self, text: impl AsRef<[u8]>, out: &mut [u8]) -> Option<usize> {
        let text = self.unpadded(text.as_ref())?;
        let (chunks, rest) = text.as_chunks::<8>();
        let (len, spare_bits) = (chunks.len() * 6 + rest.len() * 6 / 8, rest.len() * 6 % 8);
        // A single character holds no byte.
        let out = out.get_mut(..len).filter(|_| spare_bits != 6)?;
        let (sixes, tail) = out.as_chunks_mut::<6>();
        let rest = self.bits(rest);
        let mut all = rest;
        for (six, chunk) in sixes.iter_mut().zip(chunks) {
            let bits = self.bits(chunk);
            all |= bits;
            let [_, _, bytes @ ..] = bits.to_be_bytes();
            *six = bytes;
        }
        let bytes = (rest >> spare_bits).to_le_bytes();
        tail.iter_mut().rev().zip(&bytes).for_each(|(to, byte)| *to = *byte);
        (all >= 0 && rest & !(-1 << spare_bits) == 0).then_some(len)
    }

    /// The bits of up to eight characters; negative when one is not in the alphabet.
    #[inline]
    fn bits(&self, text: &[u8]) -> i64 {
        text.iter().fold(0, |bits, byte| {
            let number = self.numbers.get(usize::from(*byte)).copied().unwrap_or(UNKNOWN);
            bits << 6 | i64::from(number)
        })
    }

    fn unpadded<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        let mut bare = text;
        while let Some(shorter) = bare.strip_suffix(b"=") {
            bare = shorter;
        }
        let (padding, wanted) = (text.len() - bare.len(), bare.len().wrapping_neg() % 4);
        let fits = match self.padding {
            Padding::Never => padding == 0,
            Padding::Always => padding == wanted,
            Padding::Indifferent => padding <= wanted,
        };
        fits.then_some(bare)
    }

    pub(crate) fn encode(&self, bytes: impl AsRef<[u8]>) -> String {
        let bytes = bytes.as_ref();
        let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
        self.encode_string(bytes, &mut text);
        text
    }

    /// Writes `bytes` behind what `text` holds.
    pub(crate) fn encode_string(&self, bytes: impl AsRef<[u8]>, text: &mut String) {
        for triple in bytes.as_ref().chunks(3) {
            let mut bits = triple.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
            bits <<= 8 * (3 - triple.len());
            for place in 0..4 {
                if place <= triple.len() {
                    let number = bits >> (18 - 6 * place) & 63;
                    text.push(char::from(
                        self.alphabet.get(number as usize).copied().unwrap_or(b'='),
                    ));
                } else if self.padding != Padding::Never {
                    text.push('=');
                }
            }
        }
    }
}

/// Reads hex into all of `out`.
pub(crate) fn hex_into(text: &[u8], out: &mut [u8]) -> Option<()> {
    const UNKNOWN: u8 = 0x80;
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        _ => UNKNOWN,
    };
    let (pairs, rest) = text.as_chunks::<2>();
    if !rest.is_empty() || pairs.len() != out.len() {
        return None;
    }
    let mut unknown = 0;
    for (byte, [high, low]) in out.iter_mut().zip(pairs) {
        let (high, low) = (digit(*high), digit(*low));
        unknown |= high | low;
        *byte = high << 4 | low & 15;
    }
    (unknown & UNKNOWN == 0).then_some(())
}

/// The bytes that `text` is the hex of.
pub(crate) fn hex_decode(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    let text = text.as_ref();
    let mut bytes = vec![0; text.len() / 2];
    hex_into(text, &mut bytes).map(|()| bytes)
}

/// Lower-case hex.
pub(crate) fn hex_encode(bytes: impl AsRef<[u8]>) -> String {
    let digit = |number: u8| HEX.get(usize::from(number)).copied().map_or('0', char::from);
    bytes.as_ref().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn writes_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(STANDARD.encode(bytes), text);
            assert_eq!(STANDARD.decode(text).as_deref(), Some(bytes.as_bytes()));
            assert_eq!(
                LENIENT.decode(text.trim_end_matches('=')).as_deref(),
                Some(bytes.as_bytes())
            );
        }
        assert_eq!(URL_SAFE_NO_PAD.encode([0xfb, 0xff]), "-_8");
        assert_eq!(hex_encode([0x0f, 0xa0]), "0fa0");
        assert_eq!(hex_decode("0FA0"), Some(vec![0x0f, 0xa0]));
    }

    #[test]
    fn refuses_what_is_not_canonical() {
        for text in [
            "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8", "Z", "Zm9v\n", "=", "====", "Z=g=", "Zm-_",
        ] {
            assert_eq!(STANDARD.decode(text), None, "{text}");
        }
        for text in ["Zg==", "Zh", "+/8", "A"] {
            assert_eq!(URL_SAFE_NO_PAD.decode(text), None, "{text}");
        }
        for text in ["Zg=", "Zg", "Zg=="] {
            assert_eq!(LENIENT.decode(text).as_deref(), Some(&b"f"[..]), "{text}");
        }
        for text in ["Zg===", "Zm9v=", "Zh"] {
            assert_eq!(LENIENT.decode(text), None, "{text}");
        }
        for text in ["0", "0g", "é0", "0x"] {
            assert_eq!(hex_decode(text), None, "{text}");
        }
        assert_eq!(STANDARD.decode_slice("Zm9v", &mut [0; 2]), None);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(bytes: Vec<u8>) {
            for base64 in [STANDARD, LENIENT, URL_SAFE_NO_PAD] {
                prop_assert_eq!(base64.decode(base64.encode(&bytes)), Some(bytes.clone()));
            }
            prop_assert_eq!(hex_decode(hex_encode(&bytes)), Some(bytes));
        }

        #[test]
        fn one_text_for_the_same_bytes(text in "[A-Za-z0-9+/=]{0,12}") {
            if let Some(bytes) = STANDARD.decode(&text) {
                prop_assert_eq!(STANDARD.encode(bytes), text);
            }
        }
    }
}
