//! Text from Python, of which not all is Unicode.

use std::borrow::Cow;

use hookseal::{Error, ErrorCode};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::error::raise;

/// The text as UTF-8; a lone surrogate becomes U+FFFD, which no id, type or name of ours contains.
pub(crate) fn to_utf8<'a>(text: &'a Bound<'_, PyString>) -> Cow<'a, str> {
    // The second way takes anything, but four times as long.
    text.to_cow().unwrap_or_else(|_| text.to_string_lossy())
}

/// The text as UTF-8, where another must not stand for it: U+FFFD could match a signature of other text.
///
/// # Errors
/// `WebhookError` with `code`.
pub(crate) fn exact(name: &str, text: &Bound<'_, PyString>, code: ErrorCode) -> PyResult<String> {
    let message = || format!("`{name}` holds a lone surrogate, which no bytes stand for");
    text.to_cow().map(Cow::into_owned).map_err(|_| raise(Error::new(code, message())))
}
