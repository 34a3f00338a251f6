//! What a checked request says of itself.

use std::ptr;

use hookseal::{Timestamp, Verified as CoreVerified};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyBytes;

use crate::moment::to_datetime;

/// A webhook whose signature was checked.
///
/// `body` is the object that was passed in where that was `bytes`: nothing is copied.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Verified {
    fields: Fields,
    #[pyo3(get)]
    body: Py<PyBytes>,
}

/// The part that can be made without the interpreter.
pub(crate) struct Fields {
    id: Option<String>,
    event_type: Option<String>,
    timestamp: Option<Timestamp>,
    key_index: usize,
    /// Where it is not the body.
    payload: Option<Vec<u8>>,
}

impl From<CoreVerified<'_>> for Fields {
    fn from(verified: CoreVerified<'_>) -> Self {
        Self {
            id: verified.id().map(Into::into),
            event_type: verified.event_type().map(Into::into),
            timestamp: verified.timestamp(),
            key_index: verified.key_index(),
            payload: (!ptr::eq(verified.payload(), verified.body()))
                .then(|| verified.payload().to_vec()),
        }
    }
}

impl Verified {
    pub(crate) fn new(fields: Fields, body: Py<PyBytes>) -> Self {
        Self { fields, body }
    }
}

#[pymethods]
impl Verified {
    /// The id of the event, the same with every attempt; None where the scheme has none.
    ///
    /// Where the scheme does not sign it (naive, ainative, nativemsg, and others that have it in a header), it tells
    /// retries apart, but does not stop a replay: who has seen one request can send it again under another id.
    #[getter]
    fn id(&self) -> Option<&str> {
        self.fields.id.as_deref()
    }

    /// The type of the event, such as "invoice.paid"; None where the scheme does not say where it is.
    ///
    /// Where the sender has it in a header (naive, github, shopify), it is not signed: act on what the body says.
    #[getter]
    fn r#type(&self) -> Option<&str> {
        self.fields.event_type.as_deref()
    }

    /// When the sender signed, in UTC; None where the scheme has no timestamp.
    #[getter]
    fn timestamp<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.fields.timestamp.map(|moment| to_datetime(py, moment)).transpose()
    }

    /// Which of the secrets matched, from 0.
    #[getter]
    fn key_index(&self) -> usize {
        self.fields.key_index
    }

    /// What the sender says: the raw body or, where the body is a JSON Web Token, the JSON of its claims.
    #[getter]
    fn payload<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        match &self.fields.payload {
            Some(claims) => PyBytes::new(py, claims),
            None => self.body.bind(py).clone(),
        }
    }

    /// The payload, read as JSON.
    ///
    /// Raises WebhookError `invalid_payload` when it is not JSON.
    fn json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static PARSE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        PARSE.import(py, "hookseal._json", "parse")?.call1((self.payload(py),))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (id, event_type) = (self.id().into_pyobject(py)?, self.r#type().into_pyobject(py)?);
        let key_index = self.key_index();
        Ok(format!(
            "Verified(id={}, type={}, key_index={key_index})",
            id.repr()?,
            event_type.repr()?
        ))
    }
}
