//! No byte that a signature covers can be changed.

use hookseal::{Request, Timestamp, Webhook};

use crate::Known;

/// A request that verifies, with one byte of it changed after the other: of the body, of the signed headers, of the URL.
///
/// # Panics
/// When it still verifies although the byte is covered.
pub fn check_tampering(
    known: &Known,
    webhook: &Webhook,
    request: &Request<'_>,
    now: Timestamp,
    mask: u8,
) {
    let verifies = |request: &Request<'_>| webhook.verify(request, now).is_ok();
    let id = webhook.scheme().id();
    if webhook.scheme().covers_body() && !known.reads_parts_of_body() {
        let mut body = request.body.to_vec();
        for at in 0..body.len() {
            if is_same_digit(body[at], mask) || known.skips(request.body, at) {
                continue;
            }
            body[at] ^= mask;
            let changed = Request { body: &body, ..*request };
            assert!(!verifies(&changed), "{id}: byte {at} of the body can be changed by {mask}");
            body[at] ^= mask;
        }
    }
    for (number, (name, value)) in request.headers.iter().enumerate() {
        if !known.covers_header(name) {
            continue;
        }
        for (at, before) in value.bytes().enumerate() {
            let after = before ^ mask;
            if !after.is_ascii() || is_same_digit(before, mask) {
                continue;
            }
            let mut value = (*value).to_owned();
            value.replace_range(at..=at, char::from(after).encode_utf8(&mut [0; 4]));
            let mut headers = request.headers.to_vec();
            headers[number].1 = &value;
            let changed = Request { headers: &headers, ..*request };
            assert!(
                !verifies(&changed),
                "{id}: byte {at} of header {name} can be changed by {mask}"
            );
        }
    }
    if known.covers_url() {
        for (at, before) in request.url.bytes().enumerate() {
            let after = before ^ mask;
            if !after.is_ascii() || !before.is_ascii() {
                continue;
            }
            let mut url = request.url.to_owned();
            url.replace_range(at..=at, char::from(after).encode_utf8(&mut [0; 4]));
            let changed = request.with_url(&url);
            assert!(!verifies(&changed), "{id}: byte {at} of the URL can be changed by {mask}");
        }
    }
    if known.says("signed_content", "{method}") {
        assert!(!verifies(&request.with_method("PATCH")), "{id}: the method can be changed");
    }
}

/// A hex digit in upper case is the same digit.
fn is_same_digit(byte: u8, mask: u8) -> bool {
    mask == 0x20 && byte.is_ascii_hexdigit() && (byte ^ mask).is_ascii_hexdigit()
}

impl Known {
    /// Whether the body is signed as the fields of a form: other bytes may say the same fields.
    fn reads_parts_of_body(&self) -> bool {
        self.says("signed_content", "{sorted_form}") || self.says("signed_content", "plivo")
    }

    /// White space around a token, and before a member that holds the signature, says nothing.
    fn skips(&self, body: &[u8], at: usize) -> bool {
        let is_space = |byte: &u8| byte.is_ascii_whitespace();
        body.get(at).is_some_and(is_space)
            && (self.says("signature", "\"body\"") || self.row.get("body_signature").is_some())
    }

    /// Whether every character of the header is held against something. Where the signature stands, there may also be
    /// others, a key id or an index.
    fn covers_header(&self, name: &str) -> bool {
        let is_name = |known: &String| known.eq_ignore_ascii_case(name);
        let is_alone =
            self.row["signature"].get("format").is_none_or(|format| format["mode"] == "plain");
        let holds_signature =
            self.says("signature", &format!("header:{}", name.to_ascii_lowercase()));
        self.signed_headers.iter().any(is_name) && (is_alone || !holds_signature)
    }

    /// Whether the URL is signed as it is given.
    fn covers_url(&self) -> bool {
        self.says("signed_content", "{url}") && self.row.get("url_form").is_none()
    }
}
