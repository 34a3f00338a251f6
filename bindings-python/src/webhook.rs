//! A scheme with its keys. The docs of what users call are those of `_native.pyi`, word for word: a test compares them.

use std::time::Duration;

use hookseal::{ErrorCode, Message, Scheme as CoreScheme, Secret, Webhook as CoreWebhook};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyBytes, PyDict, PyGenericAlias, PyString, PyType};

use crate::body::{to_bytes, to_sent};
use crate::error::{WebhookError, raise, refuse};
use crate::handshake::to_answer;
use crate::headers::Names;
use crate::moment::moment_or_now;
use crate::request::{Target, on_body, on_request, with_request};
use crate::scheme::Scheme;
use crate::text::{exact, optional, to_utf8};
use crate::verified::{Fields, Verified};

/// A scheme with its keys, parsed once.
#[pyclass(frozen, subclass, module = "hookseal._native")]
pub(crate) struct Webhook {
    webhook: CoreWebhook,
    names: Names,
}

impl Webhook {
    pub(crate) fn scheme_of(&self) -> &CoreScheme {
        self.webhook.scheme()
    }
}

#[pymethods]
impl Webhook {
    #[new]
    fn new(
        py: Python<'_>,
        scheme: &Scheme,
        secrets: Vec<Bound<'_, PyString>>,
        tolerance_millis: Option<u64>,
    ) -> PyResult<Self> {
        let scheme = scheme.scheme.clone();
        let names = Names::of(py, &scheme);
        let secrets = secrets
            .into_iter()
            .map(|text| {
                let text = exact("secrets", &text, ErrorCode::InvalidSecret)?;
                Secret::new(text).map_err(raise)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let webhook = CoreWebhook::new(scheme, &secrets).map_err(raise)?;
        let webhook = match tolerance_millis {
            Some(millis) => webhook.with_tolerance(Duration::from_millis(millis)),
            None => webhook,
        };
        Ok(Self { webhook, names })
    }

    /// What the payloads of its events are, for type checkers.
    #[classmethod]
    fn __class_getitem__<'py>(
        cls: &Bound<'py, PyType>,
        payload: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyGenericAlias>> {
        PyGenericAlias::new(cls.py(), cls, payload)
    }

    /// The id of the scheme.
    #[getter]
    fn scheme(&self) -> &str {
        self.webhook.scheme().id()
    }

    /// Whether verifying looks at the method or the URL: with most senders it does not.
    #[getter]
    fn reads_target(&self) -> bool {
        self.webhook.scheme().reads_target()
    }

    /// Whether the sender has handshakes: if not, there are none for :meth:`handshake`.
    #[getter]
    fn has_handshake(&self) -> bool {
        self.webhook.scheme().has_handshake()
    }

    /// Check that a request is from who it says, and not too old.
    ///
    /// Args:
    ///     body: The raw body as received, before anything parsed it.
    ///     headers: The headers of the request, in whichever form the framework has them.
    ///     method: The method of the request, in capitals.
    ///     url: The whole URL as it is registered with the sender, for schemes that sign it.
    ///     now: Instead of the clock.
    ///
    /// Raises:
    ///     WebhookError: With the ``code`` that says why; answer its ``status``.
    #[pyo3(
        signature = (body, headers, *, method = None, url = None, now = None),
        text_signature = "($self, body, headers, *, method='POST', url=None, now=None)"
    )]
    fn verify(
        slf: &Bound<'_, Self>,
        body: &Bound<'_, PyAny>,
        headers: &Bound<'_, PyAny>,
        method: Option<&Bound<'_, PyAny>>,
        url: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Verified> {
        let body = to_bytes(body)?;
        let now = moment_or_now(body.py(), now)?;
        let target = Target::of(method, url)?;
        let Self { webhook, names } = slf.get();
        with_request(names, &body, headers, &target, |request, found| {
            let verified = on_body(body.py(), request.body.len(), || {
                let verified = webhook.verify(request, now)?;
                Ok(Fields::of(&verified, webhook.scheme(), request))
            });
            Ok(Verified::new(verified.map_err(raise)?, found, &body, slf))
        })
    }

    /// As :meth:`verify`, but give the error back instead of raising it.
    ///
    /// >>> from hookseal import Webhook, WebhookError
    /// >>> result = Webhook("naive", "secret").verify_result(b"{}", {})
    /// >>> result.code if isinstance(result, WebhookError) else result.id
    /// 'missing_header'
    #[pyo3(
        signature = (body, headers, *, method = None, url = None, now = None),
        text_signature = "($self, body, headers, *, method='POST', url=None, now=None)"
    )]
    fn verify_result(
        slf: &Bound<'_, Self>,
        body: &Bound<'_, PyAny>,
        headers: &Bound<'_, PyAny>,
        method: Option<&Bound<'_, PyAny>>,
        url: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let py = body.py();
        match Self::verify(slf, body, headers, method, url, now) {
            Ok(verified) => Ok(Py::new(py, verified)?.into_any()),
            Err(error) if error.is_instance_of::<WebhookError>(py) => {
                Ok(error.into_value(py).into_any())
            }
            Err(other) => Err(other),
        }
    }

    /// Answer the request by which a sender makes sure that you want its webhooks.
    ///
    /// Ask this first, for every request: some senders repeat their handshake. Before there is a
    /// secret, ask :func:`hookseal.handshake`.
    ///
    /// Args:
    ///     body: The raw body as received.
    ///     headers: The headers of the request.
    ///     method: The method of the request, in capitals.
    ///     url: The URL of the request, for handshakes that come in its query.
    ///     now: Instead of the clock.
    ///
    /// Returns:
    ///     The answer, or None for a delivery, which is to be verified.
    ///
    /// Raises:
    ///     WebhookError: ``missing_config`` for a value that the answer needs; for a handshake
    ///         that is signed, as :meth:`verify`.
    #[pyo3(
        signature = (body, headers, *, method = None, url = None, now = None),
        text_signature = "($self, body, headers, *, method='POST', url=None, now=None)"
    )]
    fn handshake<'py>(
        &self,
        body: &Bound<'py, PyAny>,
        headers: &Bound<'py, PyAny>,
        method: Option<&Bound<'py, PyAny>>,
        url: Option<&Bound<'py, PyAny>>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let body = to_bytes(body)?;
        let now = moment_or_now(body.py(), now)?;
        let target = Target::of(method, url)?;
        let answer = on_request(&self.names, &body, headers, &target, |request| {
            self.webhook.handshake(request, now)
        })?;
        to_answer(body.py(), answer)
    }

    /// Make the headers to send with a body, names in lower case.
    ///
    /// Args:
    ///     body: The raw body, exactly as it will be sent.
    ///     id: The id of the event, the same for each attempt.
    ///     type: The type of the event, such as ``"invoice.paid"``.
    ///     method: The method that it will be sent with, in capitals.
    ///     url: The whole URL that it will be sent to, for schemes that sign it.
    ///     headers: Other headers that it will be sent with, for schemes that sign them.
    ///     now: Instead of the clock.
    ///
    /// Raises:
    ///     WebhookError: ``invalid_message`` when the scheme signs what the message lacks.
    #[pyo3(
        signature = (body, *, id = None, r#type = None, method = None, url = None, headers = None, now = None),
        text_signature = "($self, body, *, id=None, type=None, method='POST', url=None, headers=None, now=None)"
    )]
    #[expect(clippy::too_many_arguments, reason = "one for each argument in Python")]
    fn sign<'py>(
        &self,
        body: &Bound<'py, PyAny>,
        id: Option<&Bound<'py, PyAny>>,
        r#type: Option<&Bound<'py, PyAny>>,
        method: Option<&Bound<'py, PyAny>>,
        url: Option<&Bound<'py, PyAny>>,
        headers: Option<&Bound<'py, PyAny>>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let body = to_sent(body)?;
        let py = body.py();
        let (id, event_type) = (optional("id", id)?, optional("type", r#type)?);
        let now = moment_or_now(py, now)?;
        let target = Target::of(method, url)?;
        let none = PyDict::new(py).into_any();
        let headers = headers.unwrap_or(&none);
        let signed = on_request(&self.names, &body, headers, &target, |request| {
            let message = Message {
                id: id.as_deref(),
                event_type: event_type.as_deref(),
                method: request.method,
                url: request.url,
                body: request.body,
                headers: request.headers,
            };
            self.webhook.sign(&message, now)
        })?;
        signed.into_py_dict(py)
    }

    /// Insert the signature into the body, where the scheme has it there (nativemsg).
    ///
    /// Other schemes give the body back as it is. Sign the result with :meth:`sign`.
    ///
    /// Raises:
    ///     WebhookError: ``invalid_message`` when the body has no place for it.
    fn sign_body<'py>(&self, body: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let body = to_sent(body)?;
        let bytes = body.as_bytes();
        let signed =
            on_body(body.py(), bytes.len(), || self.webhook.sign_body(bytes)).map_err(raise)?;
        Ok(PyBytes::new(body.py(), &signed))
    }
}

/// The boolean helper of naive's SDK.
#[pyfunction]
pub(crate) fn verify_signature(
    secret: &Bound<'_, PyAny>,
    body: &Bound<'_, PyAny>,
    header: &Bound<'_, PyAny>,
) -> PyResult<bool> {
    let invalid = |_| refuse("secret", "text", secret, ErrorCode::InvalidArgument.as_str());
    let secret = secret.cast::<PyString>().map_err(invalid)?;
    let body = to_bytes(body)?;
    // As an empty secret: nothing is signed with it.
    let Ok(secret) = secret.to_cow() else { return Ok(false) };
    let header = match (header.cast::<PyString>(), header.cast::<PyBytes>()) {
        (Ok(text), _) => to_utf8(text),
        (_, Ok(bytes)) => String::from_utf8_lossy(bytes.as_bytes()),
        _ => return Ok(false),
    };
    let bytes = body.as_bytes();
    Ok(on_body(body.py(), bytes.len(), || hookseal::verify_signature(&secret, bytes, &header)))
}
