//! What a checked request says of itself.

use std::borrow::Cow;
use std::ptr;

use hookseal::{Scheme, Timestamp, Verified as CoreVerified};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyBytes;

use crate::moment::to_datetime;
use crate::webhook::Webhook;

/// A webhook whose signature was checked.
///
/// `body` is the object that was passed in where that was `bytes`: nothing is copied.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Verified {
    fields: Fields,
    #[pyo3(get)]
    body: Py<PyBytes>,
    webhook: Py<Webhook>,
}

/// The part that can be made without the interpreter.
pub(crate) struct Fields {
    id: Option<String>,
    event_type: EventType,
    timestamp: Option<Timestamp>,
    key_index: usize,
    /// Where it is not the body.
    payload: Option<Vec<u8>>,
}

enum EventType {
    Read(Option<String>),
    /// Looked up when somebody asks for it.
    InBody,
}

impl Fields {
    pub(crate) fn of(verified: &CoreVerified<'_>, scheme: &Scheme) -> Self {
        Self {
            id: verified.id().map(Into::into),
            event_type: if scheme.has_event_type_in_body() {
                EventType::InBody
            } else {
                EventType::Read(verified.event_type().map(Into::into))
            },
            timestamp: verified.timestamp(),
            key_index: verified.key_index(),
            payload: (!ptr::eq(verified.payload(), verified.body()))
                .then(|| verified.payload().to_vec()),
        }
    }
}

impl Verified {
    pub(crate) fn new(fields: Fields, body: Py<PyBytes>, webhook: Py<Webhook>) -> Self {
        Self { fields, body, webhook }
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
    fn r#type<'a>(&'a self, py: Python<'a>) -> Option<Cow<'a, str>> {
        match &self.fields.event_type {
            EventType::Read(found) => found.as_deref().map(Cow::Borrowed),
            EventType::InBody => {
                self.webhook.get().scheme_of().event_type_in(self.body.as_bytes(py))
            }
        }
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
        let (id, event_type) = (self.id().into_pyobject(py)?, self.r#type(py).into_pyobject(py)?);
        let key_index = self.key_index();
        Ok(format!(
            "Verified(id={}, type={}, key_index={key_index})",
            id.repr()?,
            event_type.repr()?
        ))
    }
}
