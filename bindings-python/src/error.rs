//! The one way in which an error of the core becomes an exception.

use hookseal::{Error, ErrorCode};
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;

// The class is Python, so that it can be documented and subclassed there.
pyo3::import_exception!(hookseal.errors, WebhookError);

/// Maps an error of the core to a `WebhookError`; code, hint and status come from the core's table.
#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` takes")]
pub(crate) fn raise(error: Error) -> PyErr {
    let code = error.code();
    let message = error.message().to_owned();
    WebhookError::new_err((message, code.as_str(), error.hint(), code.http_status()))
}

/// The error for a value of the wrong type, as an exception to raise.
pub(crate) fn refuse(name: &str, expected: &str, value: &Bound<'_, PyAny>, code: &str) -> PyErr {
    let error = wrong(name, expected, value, code);
    PyErr::from_value(error.into_bound(value.py()).into_any())
}

/// An error that the Python face found, for it to raise. A name that is not in the table counts as `invalid_argument`.
#[pyfunction]
pub(crate) fn error(py: Python<'_>, code: &str, message: String) -> Py<PyBaseException> {
    let named = ErrorCode::ALL.iter().copied().find(|known| known.as_str() == code);
    let code = named.unwrap_or(ErrorCode::InvalidArgument);
    raise(Error::new(code, message)).into_value(py)
}

/// An error for a value of the wrong type. The value itself may be a secret: it is not shown.
#[pyfunction]
#[pyo3(signature = (name, expected, value, code = "invalid_argument"))]
pub(crate) fn wrong(
    name: &str,
    expected: &str,
    value: &Bound<'_, PyAny>,
    code: &str,
) -> Py<PyBaseException> {
    // A metaclass can make even the name of a type fail.
    let kind = value.get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string());
    error(value.py(), code, format!("`{name}` takes {expected}, got `{kind}`"))
}

/// The table: code, HTTP status, meaning, hint.
#[pyfunction]
pub(crate) fn error_codes() -> Vec<(&'static str, u16, &'static str, &'static str)> {
    ErrorCode::ALL
        .iter()
        .map(|code| (code.as_str(), code.http_status(), code.meaning(), code.hint()))
        .collect()
}
