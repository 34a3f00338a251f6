//! A scheme with its keys.

use std::time::Duration;

use hookseal::{ErrorCode, Message, Secret, Webhook as CoreWebhook};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyBytes, PyDict, PyString};

use crate::error::raise;
use crate::handshake::{Answer, to_answer};
use crate::headers::Names;
use crate::moment::from_seconds;
use crate::request::{Target, on_body, on_request};
use crate::scheme::Scheme;
use crate::text::{exact, to_utf8};
use crate::verified::{Fields, Verified};

/// A scheme with its keys, parsed once.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Webhook {
    webhook: CoreWebhook,
    names: Names,
}

#[pymethods]
impl Webhook {
    #[new]
    fn new(
        scheme: &Scheme,
        secrets: Vec<Bound<'_, PyString>>,
        tolerance_millis: Option<u64>,
    ) -> PyResult<Self> {
        let scheme = scheme.scheme.clone();
        let names = Names::of(&scheme);
        let secrets = secrets
            .into_iter()
            .map(|text| exact("secrets", &text, ErrorCode::InvalidSecret))
            .map(|text| Secret::new(text?).map_err(raise))
            .collect::<Result<Vec<_>, _>>()?;
        let webhook = CoreWebhook::new(scheme, &secrets).map_err(raise)?;
        let webhook = match tolerance_millis {
            Some(millis) => webhook.with_tolerance(Duration::from_millis(millis)),
            None => webhook,
        };
        Ok(Self { webhook, names })
    }

    /// The id of the scheme.
    #[getter]
    fn scheme(&self) -> &str {
        self.webhook.scheme().id()
    }

    /// Checks signature and age.
    fn verify(
        &self,
        body: Bound<'_, PyBytes>,
        headers: &Bound<'_, PyAny>,
        now_seconds: f64,
        target: Option<Target<'_>>,
    ) -> PyResult<Verified> {
        let fields = on_request(&self.names, &body, headers, target, |request| {
            self.webhook.verify(request, from_seconds(now_seconds)).map(Fields::from)
        })?;
        Ok(Verified::new(fields, body.unbind()))
    }

    /// The answer to a handshake; none for a delivery.
    fn handshake<'py>(
        &self,
        body: &Bound<'py, PyBytes>,
        headers: &Bound<'py, PyAny>,
        now_seconds: f64,
        target: Option<Target<'py>>,
    ) -> PyResult<Option<Answer<'py>>> {
        let answer = on_request(&self.names, body, headers, target, |request| {
            self.webhook.handshake(request, from_seconds(now_seconds))
        })?;
        answer.map(|answer| to_answer(body.py(), answer)).transpose()
    }

    /// The headers to send with a message.
    fn sign<'py>(
        &self,
        body: &Bound<'py, PyBytes>,
        id: Option<&Bound<'py, PyString>>,
        event_type: Option<&Bound<'py, PyString>>,
        now_seconds: f64,
        target: Option<Target<'py>>,
        headers: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let (id, event_type) = (id.map(to_utf8), event_type.map(to_utf8));
        let signed = on_request(&self.names, body, headers, target, |request| {
            let message = Message {
                id: id.as_deref(),
                event_type: event_type.as_deref(),
                method: request.method,
                url: request.url,
                body: request.body,
                headers: request.headers,
            };
            self.webhook.sign(&message, from_seconds(now_seconds))
        })?;
        signed.into_py_dict(body.py())
    }

    /// The body with its signature inserted, where the scheme carries one there.
    fn sign_body<'py>(&self, body: &Bound<'py, PyBytes>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = body.as_bytes();
        let signed =
            on_body(body.py(), bytes.len(), || self.webhook.sign_body(bytes)).map_err(raise)?;
        Ok(PyBytes::new(body.py(), &signed))
    }
}

/// The boolean helper of naive's SDK.
#[pyfunction]
pub(crate) fn verify_signature(
    secret: &Bound<'_, PyString>,
    body: &Bound<'_, PyBytes>,
    header: &Bound<'_, PyString>,
) -> bool {
    // As an empty secret: nothing is signed with it.
    let Ok(secret) = secret.to_cow() else { return false };
    let header = to_utf8(header);
    let bytes = body.as_bytes();
    on_body(body.py(), bytes.len(), || hookseal::verify_signature(&secret, bytes, &header))
}
