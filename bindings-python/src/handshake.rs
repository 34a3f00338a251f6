//! Answers to handshakes, for Python to send.

use hookseal::HandshakeResponse;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyBytes, PyDict};

/// Status, headers, body, secret, URL to fetch.
pub(crate) type Answer<'py> =
    (u16, Bound<'py, PyDict>, Bound<'py, PyBytes>, Option<String>, Option<String>);

pub(crate) fn to_answer(py: Python<'_>, answer: HandshakeResponse) -> PyResult<Answer<'_>> {
    let headers = answer.headers.into_py_dict(py)?;
    let secret = answer.secret.map(|secret| secret.expose().to_owned());
    Ok((answer.status, headers, PyBytes::new(py, &answer.body), secret, answer.fetch))
}
