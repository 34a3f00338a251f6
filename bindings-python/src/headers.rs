//! Headers, in whichever form a framework has them.
//!
//! In Rust rather than in the Python face: there, it took longer than to verify a small body.

use std::borrow::Cow;

use hookseal::{Error, ErrorCode, Scheme};
use pyo3::exceptions::{PyException, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyList, PyMemoryView, PyString, PyTuple};

use crate::error::{WebhookError, raise, wrong};

/// The headers that a scheme reads, in lower case.
pub(crate) struct Names {
    names: Vec<String>,
    /// A bit for each length that a name has: most headers are told apart by it. The last stands for all above.
    lengths: u128,
    /// Whether the request can name others that are signed, so that all of them are picked.
    any: bool,
}

/// Name and value of the headers that were found, in the order received.
type Found<'n> = Vec<(Cow<'n, str>, String)>;

impl Names {
    pub(crate) fn of(scheme: &Scheme) -> Self {
        let (names, any) = (scheme.headers(), scheme.reads_any_header());
        let lengths = names.iter().fold(0, |bits, name| bits | bit(name.len()));
        let lengths = if any { u128::MAX } else { lengths };
        Self { names: names.into_iter().map(str::to_owned).collect(), lengths, any }
    }

    /// Picks every header.
    pub(crate) fn all() -> Self {
        Self { names: Vec::new(), lengths: u128::MAX, any: true }
    }

    /// Picks these headers from a mapping, from whatever has `items()`, or from pairs.
    ///
    /// # Errors
    /// `WebhookError` with `invalid_argument`, whatever went wrong in the objects of the user; `malformed_header` for a
    /// value that is not Unicode.
    pub(crate) fn select(&self, headers: &Bound<'_, PyAny>) -> PyResult<Found<'_>> {
        let mut found = Vec::with_capacity(self.names.len());
        self.collect(headers, &mut found).map_err(|cause| {
            let py = headers.py();
            // What names the header already passes, and what is no error, such as KeyboardInterrupt.
            if cause.is_instance_of::<WebhookError>(py) || !cause.is_instance_of::<PyException>(py)
            {
                return cause;
            }
            let error = refuse("headers", "a mapping or pairs of names and values", headers);
            error.set_cause(py, Some(cause));
            error
        })?;
        Ok(found)
    }

    fn collect<'n>(&'n self, headers: &Bound<'_, PyAny>, found: &mut Found<'n>) -> PyResult<()> {
        let py = headers.py();
        if let Ok(dict) = headers.cast_exact::<PyDict>() {
            // INVARIANT: `push` runs no code of the user, so the dictionary does not change under the iterator.
            return dict.iter().try_for_each(|(name, value)| self.push(&name, &value, found));
        }
        if is_flat(headers) {
            return Err(PyTypeError::new_err("not pairs"));
        }
        // A look-up that fails costs more than all the rest.
        let is_list = headers.is_exact_instance_of::<PyList>();
        let items = if is_list { None } else { headers.getattr_opt(intern!(py, "items"))? };
        let pairs = match items {
            Some(items) => items.call0()?,
            None => headers.clone(),
        };
        for pair in pairs.try_iter()? {
            let pair = pair?;
            if pair.len()? != 2 {
                return Err(PyTypeError::new_err("not a pair"));
            }
            self.push(&pair.get_item(0)?, &pair.get_item(1)?, found)?;
        }
        Ok(())
    }

    fn push<'n>(
        &'n self,
        name: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
        found: &mut Found<'n>,
    ) -> PyResult<()> {
        let Some(name) = self.find(name)? else { return Ok(()) };
        if let Some(text) = text(&name, value)? {
            found.push((name, text));
        } else if let Ok(values) = value.cast::<PyList>() {
            values.iter().try_for_each(|value| push_one(name.clone(), &value, found))?;
        } else if let Ok(values) = value.cast::<PyTuple>() {
            values.iter().try_for_each(|value| push_one(name.clone(), &value, found))?;
        } else if !value.is_none() {
            push_one(name, value, found)?;
        }
        Ok(())
    }

    fn find(&self, name: &Bound<'_, PyAny>) -> PyResult<Option<Cow<'_, str>>> {
        let name = match name.cast::<PyString>() {
            Ok(name) if !self.may_have(name.code_point_len()?) => return Ok(None),
            Ok(name) => name.encode_utf8().unwrap_or_else(|_| PyBytes::new(name.py(), b"")),
            Err(_) => name.cast::<PyBytes>()?.clone(),
        };
        let is = |known: &&str| known.as_bytes().eq_ignore_ascii_case(name.as_bytes());
        if let Some(known) = self.names.iter().map(String::as_str).find(is) {
            return Ok(Some(Cow::Borrowed(known)));
        }
        // No scheme names a header that is not ASCII.
        let other = str::from_utf8(name.as_bytes()).ok().filter(|_| self.any);
        Ok(other.map(|name| Cow::Owned(name.to_owned())))
    }

    fn may_have(&self, length: usize) -> bool {
        self.lengths & bit(length) != 0
    }
}

fn push_one<'n>(
    name: Cow<'n, str>,
    value: &Bound<'_, PyAny>,
    found: &mut Found<'n>,
) -> PyResult<()> {
    let text = text(&name, value)?.ok_or_else(|| refuse(&name, "text or bytes", value))?;
    found.push((name, text));
    Ok(())
}

/// Text, or bytes as HTTP/1.1 and WSGI have them: each a character. None for what is neither.
fn text(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    if let Ok(text) = value.cast::<PyString>() {
        // Replaced by U+FFFD, it could match a signature of other text.
        let refused = |_| {
            let message =
                format!("header `{name}` holds a lone surrogate, which no bytes stand for");
            raise(Error::new(ErrorCode::MalformedHeader, message))
        };
        return text.to_cow().map(|text| Some(text.into_owned())).map_err(refused);
    }
    let bytes = value.cast::<PyBytes>().ok();
    Ok(bytes.map(|bytes| bytes.as_bytes().iter().copied().map(char::from).collect()))
}

/// Text or bytes, which can be iterated but hold no pairs; the empty ones would count as no headers.
fn is_flat(headers: &Bound<'_, PyAny>) -> bool {
    headers.is_instance_of::<PyString>()
        || headers.is_instance_of::<PyBytes>()
        || headers.is_instance_of::<PyByteArray>()
        || headers.is_instance_of::<PyMemoryView>()
}

fn refuse(name: &str, expected: &str, value: &Bound<'_, PyAny>) -> PyErr {
    let error = wrong(name, expected, value, ErrorCode::InvalidArgument.as_str());
    PyErr::from_value(error.into_bound(value.py()).into_any())
}

fn bit(length: usize) -> u128 {
    1 << length.min(127)
}
