//! Headers, in whichever form a framework has them.
//!
//! In Rust rather than in the Python face: there, it took longer than to verify a small body.

use std::borrow::Cow;

use hookseal::{ErrorCode, Scheme};
use pyo3::exceptions::{PyException, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyList, PyMemoryView, PyString, PyTuple};
use smallvec::SmallVec;

use crate::environ::{OF_ENVIRON, WITHOUT_PREFIX, from_environ, to_environ};
use crate::error::{WebhookError, refuse};
use crate::header_value::{Value, value_of};
use crate::header_view::{Viewed, viewed};

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
    /// The same, as the key of a dictionary.
    key: Py<PyString>,
    /// As in a WSGI environ.
    in_environ: Py<PyString>,
}

/// Name and value of the headers that were found, in the order received.
pub(crate) type Found<'n, 'py> = SmallVec<[(Cow<'n, str>, Value<'py>); USUAL]>;

/// Few schemes read more headers: so many are kept without asking for memory.
pub(crate) const USUAL: usize = 4;

impl Names {
    pub(crate) fn of(py: Python<'_>, scheme: &Scheme) -> Self {
        let (names, any) = (scheme.headers(), scheme.reads_any_header());
        let lengths = names.iter().fold(0, |bits, name| bits | bit(name.len()));
        let names = names.into_iter().map(|name| Name {
            text: name.to_owned(),
            key: PyString::intern(py, name).unbind(),
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
    /// `WebhookError` with `invalid_argument`, whatever went wrong in the objects of the user.
    #[inline]
    pub(crate) fn select<'n, 'py>(
        &'n self,
        headers: &Bound<'py, PyAny>,
        found: &mut Found<'n, 'py>,
    ) -> PyResult<()> {
        self.collect(headers, found).map_err(|cause| of_unreadable(headers, cause))?;
        // What has the headers needs no closer look.
        if found.is_empty() && !self.names.is_empty() && !headers.is_exact_instance_of::<PyDict>() {
            return refuse_holder(headers);
        }
        Ok(())
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
        if let Ok(list) = headers.cast_exact::<PyList>() {
            return self.collect_list(list, found);
        }
        if is_flat(headers) {
            return Err(PyTypeError::new_err("not pairs"));
        }
        match viewed(headers)? {
            Some(Viewed::Environ(environ)) => return self.collect_dict(&environ, found),
            Some(Viewed::Pairs(pairs)) => return self.collect_list(&pairs, found),
            None => {}
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
        if dict.contains(intern!(dict.py(), OF_ENVIRON))? {
            return self.collect_environ(dict, found);
        }
        if self.collect_known(dict, found)? {
            return Ok(());
        }
        found.clear();
        // INVARIANT: nothing here runs code of the user, so the dictionary does not change under the iterator.
        dict.iter().try_for_each(|(name, value)| self.push(&name, &value, found))
    }

    /// Looks each name up in lower case, as frameworks have them. False where not all of them are there with one value:
    /// then the closer look is to be taken.
    fn collect_known<'n, 'py>(
        &'n self,
        dict: &Bound<'py, PyDict>,
        found: &mut Found<'n, 'py>,
    ) -> PyResult<bool> {
        if self.any {
            return Ok(false);
        }
        for name in &self.names {
            match dict.get_item(name.key.bind(dict.py()))?.as_ref().and_then(value_of) {
                Some(value) => found.push((Cow::Borrowed(&name.text), value)),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    fn collect_pairs<'n, 'py>(
        &'n self,
        pairs: &Bound<'py, PyAny>,
        found: &mut Found<'n, 'py>,
    ) -> PyResult<()> {
        pairs.try_iter()?.try_for_each(|pair| self.push_pair(&pair?, found))
    }

    /// As ASGI has them, and what Starlette's headers are a view of.
    fn collect_list<'n, 'py>(
        &'n self,
        pairs: &Bound<'py, PyList>,
        found: &mut Found<'n, 'py>,
    ) -> PyResult<()> {
        pairs.iter().try_for_each(|pair| self.push_pair(&pair, found))
    }

    fn push_pair<'n, 'py>(
        &'n self,
        pair: &Bound<'py, PyAny>,
        found: &mut Found<'n, 'py>,
    ) -> PyResult<()> {
        match pair.cast_exact::<PyTuple>() {
            Ok(pair) if pair.len() == 2 => {
                let name = pair.get_borrowed_item(0)?;
                match self.find(&name)? {
                    Some(name) => push_value(name, &*pair.get_borrowed_item(1)?, found),
                    None => Ok(()),
                }
            }
            _ if pair.len()? == 2 => self.push(&pair.get_item(0)?, &pair.get_item(1)?, found),
            _ => Err(PyTypeError::new_err("not a pair")),
        }
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
        let name = if let Ok(name) = name.cast_exact::<PyBytes>() {
            name.as_bytes()
        } else if let Ok(name) = name.cast::<PyString>() {
            if !self.may_have(name.code_point_len()?) {
                return Ok(None);
            }
            // No scheme names a header that is not Unicode.
            let Ok(name) = name.to_str() else { return Ok(None) };
            name.as_bytes()
        } else {
            name.cast::<PyBytes>()?.as_bytes()
        };
        if !self.may_have(name.len()) {
            return Ok(None);
        }
        let is = |known: &&Name| {
            let known = known.text.as_bytes();
            // Most come in lower case, which is compared at once.
            known == name || known.eq_ignore_ascii_case(name)
        };
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
    if let Some(value) = value_of(value) {
        found.push((name, value));
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
    let value = value_of(value).ok_or_else(|| invalid(&name, "text or bytes", value))?;
    found.push((name, value));
    Ok(())
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

/// Text or bytes, which can be iterated but hold no pairs; the empty ones would count as no headers.
fn is_flat(headers: &Bound<'_, PyAny>) -> bool {
    headers.is_instance_of::<PyString>()
        || headers.is_instance_of::<PyBytes>()
        || headers.is_instance_of::<PyByteArray>()
        || headers.is_instance_of::<PyMemoryView>()
}

/// A request has no headers of its own, and would be refused as one that is not signed: that of Starlette is a mapping.
#[cold]
fn refuse_holder(headers: &Bound<'_, PyAny>) -> PyResult<()> {
    match headers.getattr_opt(intern!(headers.py(), "headers")) {
        Ok(Some(_)) => Err(invalid("headers", HEADERS_OF, headers)),
        _ => Ok(()),
    }
}

/// What names the header passes, and what is no error, such as KeyboardInterrupt.
#[cold]
fn of_unreadable(headers: &Bound<'_, PyAny>, cause: PyErr) -> PyErr {
    let py = headers.py();
    if cause.is_instance_of::<WebhookError>(py) || !cause.is_instance_of::<PyException>(py) {
        return cause;
    }
    let holds = headers.hasattr(intern!(py, "headers")).unwrap_or_default();
    let expected = if holds { HEADERS_OF } else { "a mapping or pairs of names and values" };
    let error = invalid("headers", expected, headers);
    error.set_cause(py, Some(cause));
    error
}

const HEADERS_OF: &str = "the headers of a request: pass `request.headers`";

fn invalid(name: &str, expected: &str, value: &Bound<'_, PyAny>) -> PyErr {
    refuse(name, expected, value, ErrorCode::InvalidArgument.as_str())
}

fn bit(length: usize) -> u128 {
    1 << length.min(127)
}
