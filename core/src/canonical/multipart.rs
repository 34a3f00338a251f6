//! `multipart/form-data` bodies, read into the pairs of their fields.
//!
//! Source: RFC 7578 and RFC 2046, §5.1. Written here because the crates that read it do I/O or are asynchronous.
//!
//! **Invariants.** A stricter grammar than the RFCs', so that every reader sees the same: no text before the first
//! boundary or behind the last, no transfer encodings, no folded headers, no padding behind a boundary. Parts with a
//! file name are files, skipped or refused. Work is linear in the body, times the length of the boundary.

use std::borrow::Cow;

use super::header_params::HeaderParams;
use super::pairs::{MAX_PAIRS, Pairs, Place};
use crate::error::{Error, ErrorCode};

/// Bytes of the headers of one part.
const MAX_PART_HEAD: usize = 4096;

/// What becomes of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Files {
    /// For bodies whose signature protects some fields, as the scheme says.
    Skipped,
    /// For bodies whose fields are signed: a file would be a part that anybody can put there.
    Refused,
}

/// Reads the fields of a multipart body.
///
/// # Errors
/// `malformed_header` for a boundary that is not one, `malformed_body` for everything else.
pub(crate) fn parse<'a>(body: &'a [u8], boundary: &str, files: Files) -> Result<Pairs<'a>, Error> {
    if boundary.is_empty() || boundary.len() > 70 || !boundary.bytes().all(is_boundary_byte) {
        let message =
            "header `content-type` of a multipart body needs a boundary of 1 to 70 characters";
        return Err(Error::new(ErrorCode::MalformedHeader, message));
    }
    let malformed = || Place::Form.error("is not well-formed multipart/form-data");
    let delimiter = format!("\r\n--{boundary}");
    let mut pairs = Pairs::empty(Place::Form);
    let first = delimiter.trim_start().as_bytes();
    let mut rest = body.strip_prefix(first).ok_or_else(malformed)?;
    // Files are counted as well.
    for _ in 0..=MAX_PAIRS {
        if let Some(end) = rest.strip_prefix(b"--") {
            return if end.is_empty() || end == b"\r\n" { Ok(pairs) } else { Err(malformed()) };
        }
        let part = read_part(rest, delimiter.as_bytes()).ok_or_else(malformed)?;
        if let Some(name) = part.field {
            let value = std::str::from_utf8(part.content).map_err(|_| malformed())?;
            pairs.push(Cow::Borrowed(name), Cow::Borrowed(value))?;
        } else if files == Files::Refused {
            return Err(Place::Form.error("has a file, which the sender does not sign"));
        }
        rest = part.rest;
    }
    Err(malformed())
}

struct Part<'a> {
    /// The name of the field; none for a file.
    field: Option<&'a str>,
    content: &'a [u8],
    /// What follows the boundary behind it.
    rest: &'a [u8],
}

/// Reads a part, from the line break behind one boundary to the next boundary.
fn read_part<'a>(text: &'a [u8], delimiter: &[u8]) -> Option<Part<'a>> {
    let text = text.strip_prefix(b"\r\n")?;
    let head_end = find(text.get(..MAX_PART_HEAD).unwrap_or(text), b"\r\n\r\n")?;
    let head = std::str::from_utf8(text.get(..head_end)?).ok()?;
    let content = text.get(head_end + 4..)?;
    let end = find(content, delimiter)?;
    let rest = content.get(end + delimiter.len()..)?;
    Some(Part { field: read_head(head)?, content: content.get(..end)?, rest })
}

/// The name of the field that the headers of a part say; inner none for a file.
fn read_head(head: &str) -> Option<Option<&str>> {
    let mut disposition = None;
    for line in head.split("\r\n") {
        let (name, value) = line.split_once(':')?;
        match name.to_ascii_lowercase().as_str() {
            "content-disposition" if disposition.is_none() => {
                disposition = Some(HeaderParams::parse(value)?);
            }
            "content-disposition" => return None,
            "content-transfer-encoding" if !is_plain(value.trim()) => return None,
            "content-type" if !HeaderParams::parse(value)?.is_utf8() => return None,
            name if name.is_empty() || name.contains(char::is_whitespace) => return None,
            _ => {}
        }
    }
    let disposition = disposition.filter(|disposition| disposition.value == "form-data")?;
    let name = disposition.get("name")?;
    let is_file = disposition.get("filename").or(disposition.get("filename*")).is_some();
    Some((!is_file).then_some(name))
}

/// Whether a transfer encoding leaves the bytes as they are.
fn is_plain(encoding: &str) -> bool {
    ["7bit", "8bit", "binary"].iter().any(|known| encoding.eq_ignore_ascii_case(known))
}

fn is_boundary_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte)
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_text(body: &str) -> Option<Vec<(String, String)>> {
        let pairs = parse(body.as_bytes(), "b", Files::Skipped).ok()?;
        Some(pairs.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    fn part(name: &str, value: &str) -> String {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    }

    #[test]
    fn fields_are_read_and_files_skipped() {
        let file = "--b\r\ncontent-disposition: form-data; name=\"f\"; filename=\"\"\r\n\
                    content-type: application/pdf\r\n\r\n\u{1}\r\n--x\r\n";
        let body =
            format!("{}{file}{}{}--b--\r\n", part("a", "1\r\n2"), part("a", ""), part("é", "✓"));
        let expected = [("a", "1\r\n2"), ("a", ""), ("é", "✓")];
        let read = parse_text(&body).unwrap();
        assert!(parse(body.as_bytes(), "b", Files::Refused).is_err());
        assert_eq!(read, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(parse_text("--b--"), Some(vec![]));
    }

    #[test]
    fn what_may_be_read_in_two_ways_is_refused() {
        let good = part("a", "1");
        for body in [
            String::new(),
            good.clone(),
            format!("{good}--b"),
            format!("{good}--b--x"),
            format!("x\r\n{good}--b--"),
            format!("{good}--bb--"),
            format!("{good}--b \r\n--b--"),
            format!("{}--b--", good.replace("\r\n", "\n")),
            format!("{}--b--", good.replace("form-data", "attachment")),
            format!("{}--b--", good.replace("; name=\"a\"", "")),
            format!("{}--b--", good.replace("name=\"a\"", "name=\"a\"; name=\"b\"")),
            format!("{}--b--", good.replace("Content", "X-a: 1\r\n folded\r\nContent")),
            format!(
                "{}--b--",
                good.replace("Content", "content-transfer-encoding: base64\r\nContent")
            ),
            format!(
                "{}--b--",
                good.replace("Content", "content-type: a; charset=utf-16\r\nContent")
            ),
            format!(
                "{}--b--",
                good.replace("Content", "content-disposition: form-data; name=x\r\nContent")
            ),
            format!(
                "{}--b--",
                good.replace("Content", &format!("x: {}\r\nContent", "y".repeat(4096)))
            ),
        ] {
            assert_eq!(parse_text(&body), None, "{body:?}");
        }
        assert!(
            parse(
                b"--b\r\ncontent-disposition: form-data; name=a\r\n\r\n\xff\r\n--b--",
                "b",
                Files::Skipped
            )
            .is_err()
        );
        assert!(parse(b"----", "", Files::Skipped).is_err());
    }

    #[test]
    fn parts_are_counted() {
        let body = |count: usize| format!("{}--b--", part("a", "").repeat(count));
        assert_eq!(parse_text(&body(MAX_PAIRS)).unwrap().len(), MAX_PAIRS);
        assert_eq!(parse_text(&body(MAX_PAIRS + 1)), None);
    }
}
