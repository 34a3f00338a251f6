//! Headers, in whichever form a framework has them.
//!
//! In Rust rather than in the Python face: there, it took longer than to verify a small body.

use std::borrow::Cow;

use hookseal::{Error, ErrorCode, Scheme};
use pyo3::exceptions::{PyException, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyList, PyMemoryView, PyString, PyTuple};

use crate::error::{WebhookError, raise, refuse};

/// The headers that a scheme reads.
pub(crate) struct Names {
    names: Vec<Name>,
    /// A bit for each length that a name has: most headers are told apart by it. The last stands for all above.
    lengths: u128,
    /// Whether the request can name others that are signed, so that all of them are picked.
    any: bool,
}

struct Name {
    /// In lower case.
    text: String,
    /// As in a WSGI environ.
    in_environ: Py<PyString>,
}

/// Name and value of the headers that were found, in the order received.
type Found<'n, 'py> = Vec<(Cow<'n, str>, Text<'py>)>;

/// The text of a header, where it is already where it can stay.
pub(crate) enum Text<'py> {
    Str(PyBackedStr),
    /// INVARIANT: ASCII.
    Bytes(Bound<'py, PyBytes>),
    Owned(String),
}

impl Text<'_> {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Str(text) => text,
            Self::Bytes(bytes) => str::from_utf8(bytes.as_bytes()).unwrap_or_default(),
            Self::Owned(text) => text,
        }
    }
}

impl Names {
    pub(crate) fn of(py: Python<'_>, scheme: &Scheme) -> Self {
        let (names, any) = (scheme.headers(), scheme.reads_any_header());
        let lengths = names.iter().fold(0, |bits, name| bits | bit(name.len()));
        let names = names.into_iter().map(|name| Name {
            text: name.to_owned(),
            in_environ: PyString::intern(py, &to_environ(name)).unbind(),
        });
        Self { names: names.collect(), lengths: if any { u128::MAX } else { lengths }, any }
    }

    /// Picks every header.
    pub(crate) fn all() -> Self {
        Self { names: Vec::new(), lengths: u128::MAX, any: true }
    }

    /// Picks these headers from a mapping, from whatever has `items()`, from pairs, or from a WSGI environ.
    ///
    /// # Errors
    /// `WebhookError` with `invalid_argument`, whatever went wrong in the objects of the user; `malformed_header` for a
    /// value that is not Unicode.
    pub(crate) fn select<'py>(&self, headers: &Bound<'py, PyAny>) -> PyResult<Found<'_, 'py>> {
        let mut found = Vec::with_capacity(self.names.len());
        self.collect(headers, &mut found).map_err(|cause| {
            let py = headers.py();
            // What names the header already passes, and what is no error, such as KeyboardInterrupt.
            if cause.is_instance_of::<WebhookError>(py) || !cause.is_instance_of::<PyException>(py)
            {
                return cause;
            }
            let error = invalid("headers", "a mapping or pairs of names and values", headers);
            error.set_cause(py, Some(cause));
            error
        })?;
        Ok(found)
    }

    fn collect<'n, 'py>(
        &'n self,
        headers: &Bound<'py, PyAny>,
        found: &mut Found<'n, 'py>,
    ) -> PyResult<()> {
        let py = headers.py();
        if let Ok(dict) = headers.cast_exact::<PyDict>() {
            return self.collect_dict(dict, found);
        }
        if is_flat(headers) {
            return Err(PyTypeError::new_err("not pairs"));
        }
        // A look-up that fails costs more than all the rest.
        if headers.is_exact_instance_of::<PyList>() {
            return self.collect_pairs(headers, found);
        }
        // What Starlette's headers and Werkzeug's are views of: their own iteration takes longer than verifying.
        if let Some(raw) = headers.getattr_opt(intern!(py, "raw"))?
            && raw.is_exact_instance_of::<PyList>()
        {
            return self.collect_pairs(&raw, found);
        }
        if let Some(environ) = headers.getattr_opt(intern!(py, "environ"))?
            && let Ok(environ) = environ.cast_exact::<PyDict>()
        {
            return self.collect_dict(environ, found);
        }
        match headers.getattr_opt(intern!(py, "items"))? {
            Some(items) => self.collect_pairs(&items.call0()?, found),
            None => self.collect_pairs(headers, found),
        }
    }

    fn collect_dict<'n, 'py>(
        &'n self,
        dict: &Bound<'py, PyDict>,
        found: &mut Found<'n, 'py>,
    ) -> PyResult<()> {
        // INVARIANT: nothing here runs code of the user, so the dictionary does not change under the iterator.
        for (name, value) in dict.iter() {
            if is_of_environ(&name) {
                found.clear();
                return self.collect_environ(dict, found);
            }
            self.push(&name, &value, found)?;
        }
        Ok(())
    }

    fn collect_pairs<'n, 'py>(
        &'n self,
        pairs: &Bound<'py, PyAny>,
        found: &mut Found<'n, 'py>,
    ) -> PyResult<()> {
        for pair in pairs.try_iter()? {
            let pair = pair?;
            let (name, value) = match pair.cast_exact::<PyTuple>() {
                Ok(pair) if pair.len() == 2 => (pair.get_item(0)?, pair.get_item(1)?),
                _ if pair.len()? == 2 => (pair.get_item(0)?, pair.get_item(1)?),
                _ => return Err(PyTypeError::new_err("not a pair")),
            };
            self.push(&name, &value, found)?;
        }
        Ok(())
    }

    /// Looks up, where the names are known: a server puts its own environment beside the headers.
    fn collect_environ<'n, 'py>(
        &'n self,
        environ: &Bound<'py, PyDict>,
        found: &mut Found<'n, 'py>,
    ) -> PyResult<()> {
        let py = environ.py();
        if !self.any {
            return self.names.iter().try_for_each(|name| {
                match environ.get_item(name.in_environ.bind(py))? {
                    Some(value) => push_from_environ(Cow::Borrowed(&name.text), &value, found),
                    None => Ok(()),
                }
            });
        }
        environ.iter().try_for_each(|(key, value)| {
            let key = key.cast::<PyString>().ok().and_then(|key| key.to_str().ok());
            match key.and_then(from_environ) {
                Some(name) => push_from_environ(Cow::Owned(name), &value, found),
                None => Ok(()),
            }
        })
    }

    fn push<'n, 'py>(
        &'n self,
        name: &Bound<'py, PyAny>,
        value: &Bound<'py, PyAny>,
        found: &mut Found<'n, 'py>,
    ) -> PyResult<()> {
        match self.find(name)? {
            Some(name) => push_value(name, value, found),
            None => Ok(()),
        }
    }

    fn find(&self, name: &Bound<'_, PyAny>) -> PyResult<Option<Cow<'_, str>>> {
        let name = match name.cast::<PyString>() {
            Ok(name) => {
                if !self.may_have(name.code_point_len()?) {
                    return Ok(None);
                }
                // No scheme names a header that is not Unicode.
                let Ok(name) = name.to_str() else { return Ok(None) };
                name.as_bytes()
            }
            Err(_) => {
                let name = name.cast::<PyBytes>()?.as_bytes();
                if !self.may_have(name.len()) {
                    return Ok(None);
                }
                name
            }
        };
        let is = |known: &&Name| known.text.as_bytes().eq_ignore_ascii_case(name);
        if let Some(known) = self.names.iter().find(is) {
            return Ok(Some(Cow::Borrowed(&known.text)));
        }
        // No scheme names a header that is not ASCII.
        let other = str::from_utf8(name).ok().filter(|_| self.any);
        Ok(other.map(|name| Cow::Owned(name.to_owned())))
    }

    fn may_have(&self, length: usize) -> bool {
        self.lengths & bit(length) != 0
    }
}

/// One value, or a list of them; None is an absent header.
fn push_value<'n, 'py>(
    name: Cow<'n, str>,
    value: &Bound<'py, PyAny>,
    found: &mut Found<'n, 'py>,
) -> PyResult<()> {
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

fn push_one<'n, 'py>(
    name: Cow<'n, str>,
    value: &Bound<'py, PyAny>,
    found: &mut Found<'n, 'py>,
) -> PyResult<()> {
    let text = text(&name, value)?.ok_or_else(|| invalid(&name, "text or bytes", value))?;
    found.push((name, text));
    Ok(())
}

/// Text, or bytes as HTTP/1.1 and WSGI have them: each a character. None for what is neither.
fn text<'py>(name: &str, value: &Bound<'py, PyAny>) -> PyResult<Option<Text<'py>>> {
    if let Ok(text) = value.cast::<PyString>() {
        // Replaced by U+FFFD, it could match a signature of other text.
        let refused = |_| {
            let message =
                format!("header `{name}` holds a lone surrogate, which no bytes stand for");
            raise(Error::new(ErrorCode::MalformedHeader, message))
        };
        return PyBackedStr::try_from(text.clone())
            .map(|text| Some(Text::Str(text)))
            .map_err(refused);
    }
    let Ok(bytes) = value.cast::<PyBytes>() else { return Ok(None) };
    Ok(Some(if bytes.as_bytes().is_ascii() {
        Text::Bytes(bytes.clone())
    } else {
        Text::Owned(bytes.as_bytes().iter().copied().map(char::from).collect())
    }))
}

/// The key that every environ has (PEP 3333), Django's META too.
fn is_of_environ(key: &Bound<'_, PyAny>) -> bool {
    const KEY: &str = "REQUEST_METHOD";
    // The length first: it tells nearly all apart, and costs next to nothing.
    let is_long_enough =
        |key: &Bound<'_, PyString>| matches!(key.code_point_len(), Ok(len) if len == KEY.len());
    key.cast::<PyString>().is_ok_and(|key| is_long_enough(key) && *key == KEY)
}

/// An environ may hold an empty text for those without a prefix where the header did not come.
fn push_from_environ<'n, 'py>(
    name: Cow<'n, str>,
    value: &Bound<'py, PyAny>,
    found: &mut Found<'n, 'py>,
) -> PyResult<()> {
    if WITHOUT_PREFIX.contains(&&*name) && value.is_empty()? {
        return Ok(());
    }
    push_value(name, value, found)
}

/// The key of a header in an environ.
fn to_environ(name: &str) -> String {
    let key = name.to_ascii_uppercase().replace('-', "_");
    if WITHOUT_PREFIX.contains(&name) { key } else { format!("HTTP_{key}") }
}

/// The header that a key of an environ stands for.
fn from_environ(key: &str) -> Option<String> {
    let name = |key: &str| key.to_ascii_lowercase().replace('_', "-");
    match key.strip_prefix("HTTP_") {
        Some(key) => Some(name(key)),
        None => Some(name(key)).filter(|name| WITHOUT_PREFIX.contains(&name.as_str())),
    }
}

const WITHOUT_PREFIX: [&str; 2] = ["content-type", "content-length"];

/// Text or bytes, which can be iterated but hold no pairs; the empty ones would count as no headers.
fn is_flat(headers: &Bound<'_, PyAny>) -> bool {
    headers.is_instance_of::<PyString>()
        || headers.is_instance_of::<PyBytes>()
        || headers.is_instance_of::<PyByteArray>()
        || headers.is_instance_of::<PyMemoryView>()
}

fn invalid(name: &str, expected: &str, value: &Bound<'_, PyAny>) -> PyErr {
    refuse(name, expected, value, ErrorCode::InvalidArgument.as_str())
}

fn bit(length: usize) -> u128 {
    1 << length.min(127)
}
