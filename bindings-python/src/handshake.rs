//! Answers to handshakes, for Python to send.

use hookseal::HandshakeResponse;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{IntoPyDict, PyBytes};

/// The answer as the `HandshakeResponse` of the Python face; None for a delivery.
pub(crate) fn to_answer(
    py: Python<'_>,
    answer: Option<HandshakeResponse>,
) -> PyResult<Option<Bound<'_, PyAny>>> {
    static RESPONSE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let Some(answer) = answer else { return Ok(None) };
    let headers = answer.headers.into_py_dict(py)?;
    let secret = answer.secret.as_ref().map(hookseal::Secret::expose);
    let fields =
        (answer.status, headers, PyBytes::new(py, &answer.body), secret, answer.fetch.as_deref());
    RESPONSE.import(py, "hookseal._handshake", "HandshakeResponse")?.call1(fields).map(Some)
}
