//! Where a message ends, and what its body is. Source: RFC 9112 §6 and §7.1.

use std::borrow::Cow;

use httparse::{Header, Status, parse_chunk_size};

/// The extent of one whole message in a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    head: usize,
    /// Bytes of the message, head and body.
    pub len: usize,
    chunked: bool,
}

impl Frame {
    /// Finds the end of the message at the start of `bytes`, whose head has `head` bytes. A message that says nothing of
    /// its length has no body. [`None`] when more bytes are to come.
    ///
    /// # Errors
    /// What is wrong with the message.
    pub fn of(
        bytes: &[u8],
        head: usize,
        headers: &[Header<'_>],
    ) -> Result<Option<Self>, &'static str> {
        let named =
            |name: &str| headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        if let Some(header) = named("transfer-encoding") {
            if !header.value.eq_ignore_ascii_case(b"chunked") {
                return Err("a transfer coding other than `chunked`");
            }
            return Ok(end_of_chunks(bytes, head)?.map(|len| Self { head, len, chunked: true }));
        }
        let length = match named("content-length") {
            Some(header) => decimal(header.value).ok_or("a content-length that is no number")?,
            None => 0,
        };
        let len = head.saturating_add(length);
        if len > MAX_MESSAGE {
            return Err("a message longer than 16 MiB");
        }
        Ok((bytes.len() >= len).then_some(Self { head, len, chunked: false }))
    }

    /// The body, in one piece.
    #[must_use]
    pub fn body<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        let body = bytes.get(self.head..self.len).unwrap_or_default();
        if !self.chunked {
            return Cow::Borrowed(body);
        }
        let mut whole = Vec::with_capacity(body.len());
        let mut rest = body;
        while let Ok(Status::Complete((line, size @ 1..))) = parse_chunk_size(rest) {
            let data = line..line.saturating_add(size as usize);
            let next = data.end.saturating_add(2);
            whole.extend_from_slice(rest.get(data).unwrap_or_default());
            rest = rest.get(next..).unwrap_or_default();
        }
        Cow::Owned(whole)
    }
}

fn end_of_chunks(bytes: &[u8], head: usize) -> Result<Option<usize>, &'static str> {
    let mut at = head;
    loop {
        if at > MAX_MESSAGE {
            return Err("a message longer than 16 MiB");
        }
        let Some(rest) = bytes.get(at..) else { return Ok(None) };
        match parse_chunk_size(rest) {
            Err(_) => return Err("a chunk without a size"),
            Ok(Status::Partial) => return Ok(None),
            Ok(Status::Complete((line, 0))) => {
                let Some(trailers) = rest.get(line..) else { return Ok(None) };
                return Ok(end_of_trailers(trailers).map(|len| at + line + len));
            }
            Ok(Status::Complete((line, size))) => {
                at = at.saturating_add(line).saturating_add(size as usize).saturating_add(2);
            }
        }
    }
}

/// Bytes up to and with the empty line.
fn end_of_trailers(bytes: &[u8]) -> Option<usize> {
    let mut len = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        len += line.len();
        if line == b"\r\n" {
            return Some(len);
        }
    }
    None
}

/// A canonical decimal number.
pub(super) fn decimal(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.trim().parse().ok()
}

/// Bytes of a message that are held; a webhook is far smaller.
pub const MAX_MESSAGE: usize = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn body(message: &str) -> Result<Option<(usize, String)>, &'static str> {
        let mut slots = [httparse::EMPTY_HEADER; 8];
        let mut request = httparse::Request::new(&mut slots);
        let Status::Complete(head) = request.parse(message.as_bytes()).unwrap() else {
            return Ok(None);
        };
        let frame = Frame::of(message.as_bytes(), head, request.headers)?;
        Ok(frame.map(|frame| {
            (frame.len, String::from_utf8(frame.body(message.as_bytes()).into_owned()).unwrap())
        }))
    }

    #[test]
    fn ends_are_found_and_bodies_joined() {
        let head = "POST / HTTP/1.1\r\n";
        let chunked =
            format!("{head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
        let trailed = chunked.replace("0\r\n\r\n", "0\r\nA: b\r\n\r\n");
        for (message, expected) in [
            (format!("{head}\r\n"), ""),
            (format!("{head}Content-Length: 3\r\n\r\nabc"), "abc"),
            (chunked, "abcde"),
            (trailed, "abcde"),
        ] {
            for cut in head.len()..message.len() {
                assert_eq!(body(message.get(..cut).unwrap()), Ok(None), "{message:?} cut at {cut}");
            }
            let longer = format!("{message}POST");
            assert_eq!(body(&longer), Ok(Some((message.len(), expected.to_owned()))));
        }
    }

    #[test]
    fn what_cannot_be_framed_is_an_error() {
        for header in
            ["Transfer-Encoding: gzip", "Content-Length: x", "Content-Length: 99999999999"]
        {
            assert!(body(&format!("POST / HTTP/1.1\r\n{header}\r\n\r\n")).is_err(), "{header}");
        }
        assert!(body("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n").is_err());
    }
}
