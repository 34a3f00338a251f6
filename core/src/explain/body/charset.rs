//! The body read in one character set and written in another.

use std::ops::ControlFlow;

use super::Bodies;
use super::Cause;

/// What Windows-1252 has where Latin-1 has controls (WHATWG Encoding, index windows-1252), from 0x80.
const WINDOWS_1252: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{2c6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}',
    '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}',
    '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}', '\u{17e}', '\u{178}',
];

pub(super) fn changes(bodies: &mut Bodies<'_, '_>) -> ControlFlow<()> {
    if let Some(text) = bodies.text() {
        for (name, bytes) in [("Latin-1", to_latin1(text)), ("Windows-1252", to_windows_1252(text))]
        {
            let Some(bytes) = bytes else { continue };
            let message = if std::str::from_utf8(&bytes).is_ok() {
                format!("the body is UTF-8 that was read as {name} and written as UTF-8 again")
            } else {
                format!("the body was sent in {name}, and came as UTF-8")
            };
            bodies.give(Cause::BodyCharset, &message, bytes)?;
        }
        let [little, big] = to_utf16(text);
        for (name, mark, bytes) in
            [("UTF-16LE", b"\xff\xfe", little), ("UTF-16BE", b"\xfe\xff", big)]
        {
            let message = format!("the body was sent in {name}, and came as UTF-8");
            bodies.give(Cause::BodyCharset, &message, [&mark[..], &bytes].concat())?;
            bodies.give(Cause::BodyCharset, &message, bytes)?;
        }
    } else {
        let latin1: String = bodies.body.iter().map(|byte| char::from(*byte)).collect();
        bodies.give(
            Cause::BodyCharset,
            "the body was sent in UTF-8, and came as Latin-1",
            latin1,
        )?;
        let windows: String = bodies.body.iter().map(|byte| from_windows_1252(*byte)).collect();
        bodies.give(
            Cause::BodyCharset,
            "the body was sent in UTF-8, and came as Windows-1252",
            windows,
        )?;
    }
    for (name, read) in
        [("UTF-16LE", u16::from_le_bytes as fn([u8; 2]) -> u16), ("UTF-16BE", u16::from_be_bytes)]
    {
        if let Some(text) = from_utf16(bodies.body, read) {
            let message = format!("the body was sent in UTF-8, and came as {name}");
            bodies.give(Cause::BodyCharset, &message, text.trim_start_matches('\u{feff}'))?;
            bodies.give(Cause::BodyCharset, &message, text)?;
        }
    }
    ControlFlow::Continue(())
}

/// None where the text has other characters, or only ASCII.
fn to_latin1(text: &str) -> Option<Vec<u8>> {
    if text.is_ascii() { None } else { text.chars().map(|c| u8::try_from(c).ok()).collect() }
}

fn to_windows_1252(text: &str) -> Option<Vec<u8>> {
    let byte = |c: char| match WINDOWS_1252.iter().position(|known| *known == c) {
        Some(at) => u8::try_from(0x80 + at).ok(),
        None => u8::try_from(c).ok(),
    };
    if text.is_ascii() { None } else { text.chars().map(byte).collect() }
}

fn from_windows_1252(byte: u8) -> char {
    let special = byte.checked_sub(0x80).and_then(|at| WINDOWS_1252.get(usize::from(at)));
    special.copied().unwrap_or(char::from(byte))
}

/// With the low byte first, and with the high byte first.
fn to_utf16(text: &str) -> [Vec<u8>; 2] {
    [
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ]
}

fn from_utf16(body: &[u8], read: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = body.as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return None;
    }
    char::decode_utf16(pairs.iter().map(|pair| read(*pair))).collect::<Result<_, _>>().ok()
}
