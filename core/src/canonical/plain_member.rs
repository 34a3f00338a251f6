//! A member of a usual JSON body, without a parser: the type of an event is asked for with every request, and mostly
//! stands at the front, among other strings.
//!
//! **Invariants.** What is found is what [`lookup::first`](super::lookup::first) finds by parsing. Anything out of the
//! ordinary (an escape, a letter beyond ASCII, a value before it that is no string) is left to it.

/// How far it is looked: a few members.
const MAX_LEN: usize = 512;

/// The string that the first member of this name holds; none where that has to be parsed to be known.
pub(super) fn find<'a>(name: &str, json: &'a [u8]) -> Option<&'a str> {
    let mut rest = json.get(..MAX_LEN).unwrap_or(json).strip_prefix(b"{")?;
    loop {
        let (key, after) = string(skip_space(rest))?;
        let (value, after) = string(skip_space(skip_space(after).strip_prefix(b":")?))?;
        if key == name.as_bytes() {
            return str::from_utf8(value).ok();
        }
        rest = skip_space(after).strip_prefix(b",")?;
    }
}

/// The string at the front, and what follows it.
fn string(json: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = json.strip_prefix(b"\"")?;
    let end = text.iter().position(|byte| !is_plain(*byte))?;
    let (text, rest) = text.split_at_checked(end)?;
    Some((text, rest.strip_prefix(b"\"")?))
}

/// What stands in a JSON string as it is.
fn is_plain(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\'
}

fn skip_space(json: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let end = json.iter().position(|byte| !is_space(byte)).unwrap_or(json.len());
    json.get(end..).unwrap_or_default()
}
