//! Text from Python, of which not all is Unicode.

use std::borrow::Cow;

use hookseal::{Error, ErrorCode};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::error::{raise, refuse};

/// The text as UTF-8; a lone surrogate becomes U+FFFD, which no id, type or name of ours contains.
pub(crate) fn to_utf8<'a>(text: &'a Bound<'_, PyString>) -> Cow<'a, str> {
    // The second way takes anything, but four times as long.
    text.to_cow().unwrap_or_else(|_| text.to_string_lossy())
}

/// The same of an argument that may be absent.
///
/// # Errors
/// `WebhookError` with `invalid_argument` for what is not text.
pub(crate) fn optional<'a>(
    name: &str,
    value: Option<&'a Bound<'_, PyAny>>,
) -> PyResult<Option<Cow<'a, str>>> {
    let wrong_type = |value| refuse(name, "text", value, ErrorCode::InvalidArgument.as_str());
    value
        .map(|value| Ok(to_utf8(value.cast::<PyString>().map_err(|_| wrong_type(value))?)))
        .transpose()
}

/// The text as UTF-8, where another must not stand for it: U+FFFD could match a signature of other text.
///
/// # Errors
/// `WebhookError` with `code`.
pub(crate) fn exact<'a>(
    name: &str,
    text: &'a Bound<'_, PyString>,
    code: ErrorCode,
) -> PyResult<&'a str> {
    let message = || format!("`{name}` holds a lone surrogate, which no bytes stand for");
    text.to_str().map_err(|_| raise(Error::new(code, message())))
}
