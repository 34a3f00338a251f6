//! What a checked request says of itself.

use std::borrow::Cow;
use std::ptr;

use hookseal::{Request, Scheme, Timestamp, Verified as CoreVerified};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyGenericAlias, PyIterator, PyString, PyType};

use crate::error::WebhookError;
use crate::header_value::Value;
use crate::headers::Found;
use crate::moment::to_datetime;
use crate::webhook::Webhook;

/// A webhook whose signature was checked.
///
/// `body` is the object that was passed in where that was `bytes`, and so are the values of headers: nothing is copied.
#[pyclass(frozen, module = "hookseal")]
pub(crate) struct Verified {
    id: Text,
    event_type: Text,
    timestamp: Option<Timestamp>,
    key_index: usize,
    #[pyo3(get)]
    body: Py<PyBytes>,
    /// Where it is not the body.
    payload: Option<Py<PyBytes>>,
    webhook: Py<Webhook>,
}

/// The id or the type of an event.
enum Text {
    Read(Option<Py<PyString>>),
    /// INVARIANT: ASCII.
    Bytes(Py<PyBytes>),
    /// Looked up when somebody asks for it.
    InBody,
}

/// The part that can be made without the interpreter.
pub(crate) struct Fields {
    id: Place,
    event_type: Place,
    timestamp: Option<Timestamp>,
    key_index: usize,
    payload: Option<Vec<u8>>,
}

/// Where the id or the type of an event stands.
enum Place {
    Nowhere,
    /// It is the value of the header of this index.
    Header(usize),
    Elsewhere(String),
    /// In JSON, which is read when somebody asks for it.
    Body,
}

impl Fields {
    pub(crate) fn of(verified: &CoreVerified<'_>, scheme: &Scheme, request: &Request<'_>) -> Self {
        let place_of = |text: Option<Cow<'_, str>>| match text {
            Some(text) => request
                .headers
                .iter()
                .position(|(_, value)| ptr::eq(*value, &*text))
                .map_or_else(|| Place::Elsewhere(text.into_owned()), Place::Header),
            None => Place::Nowhere,
        };
        let id = if scheme.has_event_id_in_body() { Place::Body } else { place_of(verified.id()) };
        let event_type = if scheme.has_event_type_in_body() {
            Place::Body
        } else {
            place_of(verified.event_type())
        };
        Self {
            id,
            event_type,
            timestamp: verified.timestamp(),
            key_index: verified.key_index(),
            payload: (!ptr::eq(verified.payload(), verified.body()))
                .then(|| verified.payload().to_vec()),
        }
    }
}

impl Text {
    fn of(py: Python<'_>, place: Place, headers: &Found<'_, '_>) -> Self {
        let text = match place {
            Place::Body => return Self::InBody,
            Place::Nowhere => None,
            Place::Elsewhere(text) => Some(PyString::new(py, &text).unbind()),
            Place::Header(index) => match headers.get(index) {
                Some((_, Value::Text(text))) if text.is_exact_instance_of::<PyString>() => {
                    Some(text.clone().unbind())
                }
                Some((_, Value::Bytes(bytes))) => return Self::Bytes(bytes.clone().unbind()),
                Some((name, value)) => {
                    // INVARIANT: it was read before, as text.
                    Some(PyString::new(py, value.as_str(name).unwrap_or_default()).unbind())
                }
                None => None,
            },
        };
        Self::Read(text)
    }
}

impl Verified {
    /// `headers` are those of the request, in the same order.
    pub(crate) fn new(
        fields: Fields,
        headers: &Found<'_, '_>,
        body: &Bound<'_, PyBytes>,
        webhook: &Bound<'_, Webhook>,
    ) -> Self {
        let Fields { id, event_type, timestamp, key_index, payload } = fields;
        let py = body.py();
        Self {
            id: Text::of(py, id, headers),
            event_type: Text::of(py, event_type, headers),
            timestamp,
            key_index,
            body: body.clone().unbind(),
            payload: payload.map(|payload| PyBytes::new(py, &payload).unbind()),
            webhook: webhook.clone().unbind(),
        }
    }

    /// The text, which `find` looks up in the body.
    fn text<'py>(
        &self,
        py: Python<'py>,
        text: &Text,
        find: for<'a> fn(&Scheme, &'a [u8]) -> Option<Cow<'a, str>>,
    ) -> Option<Bound<'py, PyString>> {
        match text {
            Text::Read(text) => text.as_ref().map(|text| text.bind(py).clone()),
            Text::Bytes(bytes) => {
                Some(PyString::new(py, str::from_utf8(bytes.as_bytes(py)).unwrap_or_default()))
            }
            Text::InBody => find(self.webhook.get().scheme_of(), self.body.as_bytes(py))
                .map(|text| PyString::new(py, &text)),
        }
    }
}

#[pymethods]
impl Verified {
    /// The id of the event, the same with every attempt; None where the scheme has none.
    ///
    /// Where the scheme does not sign it (naive, ainative, nativemsg, and others that have it in a header), it tells
    /// retries apart, but does not stop a replay: who has seen one request can send it again under another id.
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyString>> {
        self.text(py, &self.id, Scheme::event_id_in)
    }

    /// The type of the event, such as "invoice.paid"; None where the scheme does not say where it is.
    ///
    /// Where the sender has it in a header (naive, github, shopify), it is not signed: act on what the body says.
    #[getter]
    fn r#type<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyString>> {
        self.text(py, &self.event_type, Scheme::event_type_in)
    }

    /// When the sender signed, in UTC; None where the scheme has no timestamp.
    #[getter]
    fn timestamp<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.timestamp.map(|moment| to_datetime(py, moment)).transpose()
    }

    /// Which of the secrets matched, from 0.
    #[getter]
    fn key_index(&self) -> usize {
        self.key_index
    }

    /// What the sender says: the raw body or, where the body is a JSON Web Token, the JSON of its claims.
    #[getter]
    fn payload<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.payload.as_ref().unwrap_or(&self.body).bind(py).clone()
    }

    /// The payload, read as JSON.
    ///
    /// Raises WebhookError `invalid_payload` when it is not JSON.
    fn json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static PARSE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        PARSE.import(py, "hookseal._json", "parse")?.call1((self.payload(py),))
    }

    /// The event as JSON has it, also the answers of frameworks: `id`, `type`, `timestamp` in ISO 8601, `key_index` and
    /// `data`, which is the payload; None where that is not JSON.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let data = match self.json(py) {
            Err(error) if error.is_instance_of::<WebhookError>(py) => None,
            read => Some(read?),
        };
        let timestamp = self.timestamp(py)?;
        let timestamp = timestamp.map(|moment| moment.call_method0(intern!(py, "isoformat")));
        let dict = PyDict::new(py);
        dict.set_item("id", self.id(py))?;
        dict.set_item("type", self.r#type(py))?;
        dict.set_item("timestamp", timestamp.transpose()?)?;
        dict.set_item("key_index", self.key_index)?;
        dict.set_item("data", data)?;
        Ok(dict)
    }

    /// The names and values of :meth:`to_dict`, so that ``dict(event)`` is the same.
    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.to_dict(py)?.items().try_iter()
    }

    /// What the payload is, for type checkers.
    #[classmethod]
    fn __class_getitem__<'py>(
        cls: &Bound<'py, PyType>,
        payload: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyGenericAlias>> {
        PyGenericAlias::new(cls.py(), cls, payload)
    }

    /// How Pydantic, and with it FastAPI, writes an event.
    #[classmethod]
    fn __get_pydantic_core_schema__<'py>(
        cls: &Bound<'py, PyType>,
        _source: &Bound<'py, PyAny>,
        _handler: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        cls.py().import("hookseal._pydantic")?.call_method1("schema_of", (cls,))
    }

    /// The same where Pydantic knows of no type: it asks whatever it is to write for this.
    #[getter]
    fn __pydantic_serializer__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("hookseal._pydantic")?.getattr("SERIALIZER")
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (id, event_type) = (self.id(py).into_pyobject(py)?, self.r#type(py).into_pyobject(py)?);
        let key_index = self.key_index();
        Ok(format!(
            "Verified(id={}, type={}, key_index={key_index})",
            id.repr()?,
            event_type.repr()?
        ))
    }
}
