//! Text from Python, of which not all is Unicode.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::PyString;

/// The text as UTF-8; a lone surrogate becomes U+FFFD, which no id, type or name of ours contains.
pub(crate) fn to_utf8<'a>(text: &'a Bound<'_, PyString>) -> Cow<'a, str> {
    // The second way takes anything, but four times as long.
    text.to_cow().unwrap_or_else(|_| text.to_string_lossy())
}
