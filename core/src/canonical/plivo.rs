//! What Plivo signs since version 3: the URL with its query sorted, and the sorted fields of the form.
//!
//! Source: npm `plivo` 4.79.0, `v3Security.js`; PyPI `plivo` 4.63.0, `signature_v3.py`. The nonce follows in the
//! scheme's template.
//!
//! **Invariants.** Names and values are decoded, so two URLs that differ in their escapes alone are signed the same. A
//! `GET` has no body: Plivo would not sign it.

use super::form::Form;
use super::url::Url;
use crate::error::{Error, ErrorCode};
use crate::request::Request;

/// The signed text up to the nonce.
///
/// # Errors
/// `missing_url`, `malformed_url`; `malformed_body` when the body is not a form, or a `GET` has one.
pub(crate) fn v3(request: &Request<'_>) -> Result<String, Error> {
    let url = Url::of(request)?;
    if request.method == "GET" && !request.body.is_empty() {
        let message = "a `GET` with a body is not signed";
        return Err(Error::new(ErrorCode::MalformedBody, message));
    }
    let form = Form::without_files(request)?;
    let pairs = url.pairs()?;
    let query: Vec<String> =
        pairs.sorted().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let params = form.sorted_params_with_repeats();
    let has_fields = form.iter().next().is_some();
    let mut text = url.without_query().to_owned();
    if !query.is_empty() || has_fields {
        text.push('?');
        text.push_str(&query.join("&"));
    }
    if !query.is_empty() && has_fields {
        text.push('.');
    }
    text.push_str(&params);
    Ok(text)
}
