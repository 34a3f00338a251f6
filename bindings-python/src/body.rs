//! Bodies: the raw bytes, in whichever type a framework hands them over.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyString};

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
    Err(refuse("body", RAW, body, BODY_NOT_RAW))
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
