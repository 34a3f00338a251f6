//! The head of an answer, as it is kept.

use std::fmt::Write as _;

use hyper::{
    HeaderMap,
    header::{
        CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName, HeaderValue, SERVER,
        TRANSFER_ENCODING,
    },
    http::response::Parts,
};

/// The head as text, without secrets, at most [`MAX_KEPT_HEAD`] bytes. Names are in lower case, as HTTP/2 writes them.
pub(super) fn text(parts: &Parts) -> String {
    let mut text = String::with_capacity(FIRST_ROOM);
    let reason = parts.status.canonical_reason().unwrap_or_default();
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{:?} {} {reason}", parts.version, parts.status.as_str());
    for (name, value) in &parts.headers {
        let value = if is_secret(name) { REDACTED.into() } else { printable(value) };
        if text.len() + name.as_str().len() + value.len() + 3 > MAX_KEPT_HEAD {
            text.push_str(CLIPPED);
            break;
        }
        for piece in [name.as_str(), ": ", &value, "\n"] {
            text.push_str(piece);
        }
    }
    text
}

/// The values of a header as one list (RFC 9110 §5.3), without what is not text.
pub(super) fn list(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let mut values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let mut list = values.next()?.to_owned();
    for value in values {
        list.push(',');
        list.push_str(value);
    }
    Some(list)
}

fn printable(value: &HeaderValue) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

/// Whether a header's value may open something: sessions, tokens, keys.
fn is_secret(name: &HeaderName) -> bool {
    // Known at a glance, and most answers have no others.
    if HARMLESS.contains(name) {
        return false;
    }
    let name = name.as_str();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

static HARMLESS: [HeaderName; 6] =
    [CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, SERVER, TRANSFER_ENCODING];

const SECRET_WORDS: &[&str] = &[
    "api-key",
    "apikey",
    "auth",
    "cookie",
    "credential",
    "password",
    "secret",
    "session",
    "token",
];
const REDACTED: &str = "[redacted]";
const CLIPPED: &str = "[clipped]\n";
/// Bytes of a response head that are kept, but for the mark that there was more.
const MAX_KEPT_HEAD: usize = 4 * 1024;
/// Most heads fit.
const FIRST_ROOM: usize = 256;

#[cfg(test)]
mod tests {
    use hyper::Response;

    use super::*;

    fn head_of(headers: &[(&str, &[u8])]) -> String {
        let mut response = Response::builder().status(200);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        text(&response.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn status_line_and_headers_are_kept_and_secrets_are_not() {
        let text = head_of(&[
            ("server", b"nginx"),
            ("set-cookie", b"session=abc"),
            ("X-Auth-Token", b"abc"),
            ("authorization", b"Bearer abc"),
            ("x-api-key", b"abc"),
            ("x-odd", b"\xff"),
        ]);
        assert_eq!(
            text,
            "HTTP/1.1 200 OK\nserver: nginx\nset-cookie: [redacted]\nx-auth-token: [redacted]\n\
             authorization: [redacted]\nx-api-key: [redacted]\nx-odd: \u{fffd}\n"
        );
    }

    #[test]
    fn long_heads_are_clipped_between_headers() {
        let long = "x".repeat(3000);
        let text = head_of(&[("a", long.as_bytes()), ("b", long.as_bytes()), ("c", b"1")]);
        assert!(text.len() <= MAX_KEPT_HEAD + CLIPPED.len());
        assert!(text.ends_with("x\n[clipped]\n"), "{text}");
    }
}
