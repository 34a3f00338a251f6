//! The value of a header, as Python hands it over.

use hookseal::{Error, ErrorCode};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::error::raise;

/// The value of a header, where it is already where it can stay.
pub(crate) enum Value<'py> {
    Text(Bound<'py, PyString>),
    /// INVARIANT: ASCII.
    Bytes(Bound<'py, PyBytes>),
    Owned(String),
}

impl Value<'_> {
    /// # Errors
    /// `WebhookError` with `malformed_header` for a value that is not Unicode.
    pub(crate) fn as_str(&self, name: &str) -> PyResult<&str> {
        match self {
            // Replaced by U+FFFD, it could match a signature of other text.
            Self::Text(text) => text.to_str().map_err(|_| of_lone_surrogate(name)),
            Self::Bytes(bytes) => Ok(str::from_utf8(bytes.as_bytes()).unwrap_or_default()),
            Self::Owned(text) => Ok(text),
        }
    }
}

#[cold]
fn of_lone_surrogate(name: &str) -> PyErr {
    let message = format!("header `{name}` holds a lone surrogate, which no bytes stand for");
    raise(Error::new(ErrorCode::MalformedHeader, message))
}

/// Text, or bytes as HTTP/1.1 and WSGI have them: each a character. None for what is neither.
#[inline]
pub(crate) fn value_of<'py>(value: &Bound<'py, PyAny>) -> Option<Value<'py>> {
    // Not by a subclass, as it mostly is, it is told at once.
    if let Ok(text) = value.cast_exact::<PyString>() {
        return Some(Value::Text(text.clone()));
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Some(Value::Text(text.clone()));
    }
    let bytes = value.cast::<PyBytes>().ok()?;
    Some(if bytes.as_bytes().is_ascii() {
        Value::Bytes(bytes.clone())
    } else {
        Value::Owned(bytes.as_bytes().iter().copied().map(char::from).collect())
    })
}
