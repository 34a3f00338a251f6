//! Contentful's canonical request: method, path, the listed headers and the body, a line each.
//!
//! Source: npm `@contentful/node-apps-toolkit` 3.16.1, `verifyRequest`. The query is escaped as one piece and then once
//! more with the path; the headers are sorted by name, whatever the order of the list.
//!
//! **Invariants.** The list covers the timestamp and itself. A second `?` is refused, because the sender's library leaves
//! out what follows it.

use percent_encoding::{AsciiSet, utf8_percent_encode};

use super::signed_headers::{names, required};
use super::url::{COMPONENT, Url};
use crate::error::{Error, ErrorCode};
use crate::request::Request;

const SIGNED_HEADERS: &str = "x-contentful-signed-headers";
const TIMESTAMP: &str = "x-contentful-timestamp";

/// All but what `encodeURI` of JavaScript leaves alone.
const URI: &AsciiSet = &COMPONENT
    .remove(b';')
    .remove(b'/')
    .remove(b'?')
    .remove(b':')
    .remove(b'@')
    .remove(b'&')
    .remove(b'=')
    .remove(b'+')
    .remove(b'$')
    .remove(b',')
    .remove(b'#');

/// What Contentful signs.
///
/// # Errors
/// `missing_url`, `malformed_url`; `missing_header` for a listed header that is absent; `malformed_header` for a list
/// that covers too little.
pub(crate) fn canonical_request(request: &Request<'_>) -> Result<Vec<u8>, Error> {
    let url = Url::of(request)?;
    let mut names = names(required(request, SIGNED_HEADERS)?, ',')?;
    for needed in [SIGNED_HEADERS, TIMESTAMP] {
        if !names.iter().any(|name| name.eq_ignore_ascii_case(needed)) {
            let message = format!("header `{SIGNED_HEADERS}` does not list `{needed}`");
            return Err(Error::new(ErrorCode::MalformedHeader, message));
        }
    }
    names.sort_unstable_by_key(|name| name.to_ascii_lowercase());
    let mut lines = format!("{}\n{}\n", request.method, path(&url)?);
    for (number, name) in names.iter().enumerate() {
        let value = if name.eq_ignore_ascii_case(SIGNED_HEADERS) {
            names.join(",").to_ascii_lowercase()
        } else {
            required(request, name)?.trim().to_owned()
        };
        let separator = if number == 0 { "" } else { ";" };
        lines.push_str(&format!("{separator}{}:{value}", name.to_ascii_lowercase()));
    }
    lines.push('\n');
    let mut canonical = lines.into_bytes();
    canonical.extend_from_slice(request.body);
    Ok(canonical)
}

fn path(url: &Url<'_>) -> Result<String, Error> {
    let path = utf8_percent_encode(url.path(), URI).to_string();
    match url.query() {
        Some(query) if query.contains('?') => {
            let message = "Contentful does not sign what stands behind a second `?` of the URL";
            Err(Error::new(ErrorCode::MalformedUrl, message))
        }
        Some(query) if !query.is_empty() => {
            let once = utf8_percent_encode(query, COMPONENT).to_string();
            Ok(format!("{path}?{}", utf8_percent_encode(&once, URI)))
        }
        _ => Ok(path),
    }
}
