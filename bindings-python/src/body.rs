//! Bodies: the raw bytes, in whichever type a framework hands them over.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyList, PyMemoryView, PyString};

use crate::error::{error, refuse};

/// The bytes of a raw body; of `bytes` the object itself. No method of a subclass is called.
///
/// # Errors
/// `WebhookError` with `body_not_raw` for what is not a raw body.
pub(crate) fn to_bytes<'py>(body: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(bytes) = body.cast_exact::<PyBytes>() {
        return Ok(bytes.clone());
    }
    let py = body.py();
    if let Ok(text) = body.cast::<PyString>() {
        // No UTF-8 reads as a lone surrogate, so it is not what was received.
        let encoded = text.encode_utf8();
        return encoded.map_err(|cause| unread(py, "body is text with lone surrogates", cause));
    }
    if let Ok(bytes) = body.cast::<PyBytes>() {
        return Ok(PyBytes::new(py, bytes.as_bytes()));
    }
    if let Ok(array) = body.cast::<PyByteArray>() {
        return Ok(PyBytes::new(py, &array.to_vec()));
    }
    if body.is_instance_of::<PyMemoryView>() {
        let copied = body.call_method0(intern!(py, "tobytes"));
        let copied = copied.and_then(|bytes| Ok(bytes.cast_into::<PyBytes>()?));
        return copied.map_err(|cause| unread(py, "the bytes of body cannot be read", cause));
    }
    Err(refuse("body", &expected(body), body, BODY_NOT_RAW))
}

/// The bytes of a body that is to be sent.
///
/// # Errors
/// `WebhookError` with `body_not_raw` for what is neither bytes nor text.
pub(crate) fn to_sent<'py>(body: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    if body.is_instance_of::<PyDict>() || body.is_instance_of::<PyList>() {
        return Err(refuse("body", SENT, body, BODY_NOT_RAW));
    }
    to_bytes(body)
}

/// Reading a body takes a call and an `await`, which are easily left out.
#[cold]
fn expected(body: &Bound<'_, PyAny>) -> String {
    let awaited = body.get_type().hasattr(intern!(body.py(), "__await__"));
    let advice = if awaited.unwrap_or_default() {
        "; `await` it"
    } else if body.is_callable() {
        "; call it"
    } else {
        ""
    };
    format!("{RAW}{advice}")
}

fn unread(py: Python<'_>, message: &str, cause: PyErr) -> PyErr {
    let error = error(py, BODY_NOT_RAW, message.to_owned());
    let error = PyErr::from_value(error.into_bound(py).into_any());
    error.set_cause(py, Some(cause));
    error
}

const BODY_NOT_RAW: &str = "body_not_raw";

/// Where the frameworks keep it.
const RAW: &str = "the raw bytes or text: `await request.body()` in FastAPI and Starlette, `request.get_data()` in \
                   Flask, `request.body` in Django, `await request.read()` in aiohttp";

const SENT: &str =
    "the text or bytes that you send: `json.dumps(…)` once, for `sign` and for the request";
