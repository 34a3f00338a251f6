//! Headers objects that are views of something simpler: Werkzeug's of an environ, Starlette's of a list of pairs. Their own
//! iteration takes longer than verifying.

use pyo3::PyTypeInfo;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyString, PyType};

/// What headers are a view of.
pub(crate) enum Viewed<'py> {
    Environ(Bound<'py, PyDict>),
    Pairs(Bound<'py, PyList>),
}

/// The first type of headers that were found to have an environ in their attribute `environ`, and the first of those whose
/// `raw` gives the list in their attribute `_list`. Of these the attribute is asked for at once: to look for one that is not
/// there, or to call a property, takes as long as verifying.
static OF_ENVIRON: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static OF_LIST: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// What the headers are a view of, if they are one.
///
/// # Errors
/// Whatever the object raises.
pub(crate) fn viewed<'py>(headers: &Bound<'py, PyAny>) -> PyResult<Option<Viewed<'py>>> {
    let (py, kind) = (headers.py(), headers.get_type());
    let is = |known: &PyOnceLock<Py<PyType>>| known.get(py).is_some_and(|known| kind.is(known));
    if is(&OF_LIST)
        && let Some(list) = attribute::<PyList>(headers, intern!(py, "_list"))?
    {
        return Ok(Some(Viewed::Pairs(list)));
    }
    if is(&OF_ENVIRON)
        && let Some(environ) = attribute::<PyDict>(headers, intern!(py, "environ"))?
    {
        return Ok(Some(Viewed::Environ(environ)));
    }
    let Some(state) = attribute::<PyDict>(headers, intern!(py, "__dict__"))? else {
        return Ok(None);
    };
    if let Some(environ) = member::<PyDict>(&state, intern!(py, "environ"))? {
        OF_ENVIRON.get_or_init(py, || kind.unbind());
        return Ok(Some(Viewed::Environ(environ)));
    }
    let Some(raw) = attribute::<PyList>(headers, intern!(py, "raw"))? else { return Ok(None) };
    if let Some(list) = member::<PyList>(&state, intern!(py, "_list"))?
        && !list.is_empty()
        && list.eq(&raw)?
    {
        OF_LIST.get_or_init(py, || kind.unbind());
    }
    Ok(Some(Viewed::Pairs(raw)))
}

/// The attribute, where it is exactly of that type.
fn attribute<'py, T: PyTypeInfo>(
    of: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, T>>> {
    Ok(of.getattr_opt(name)?.and_then(|found| found.cast_into_exact::<T>().ok()))
}

/// The same of an entry.
fn member<'py, T: PyTypeInfo>(
    of: &Bound<'py, PyDict>,
    name: &Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, T>>> {
    Ok(of.get_item(name)?.and_then(|found| found.cast_into_exact::<T>().ok()))
}
