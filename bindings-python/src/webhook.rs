//! A scheme with its keys.

use std::time::Duration;

use hookseal::{Error, ErrorCode, Message, Request, Scheme, Secret, Webhook as CoreWebhook};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyBytes, PyDict, PyString};

use crate::error::raise;
use crate::headers::Names;
use crate::moment::from_seconds;
use crate::text::to_utf8;
use crate::verified::{Fields, Verified};

/// Bodies from this size (bytes) are hashed without the GIL. Whoever lets go of it may get it back only after a switch
/// interval (5 ms by default), which is a bad bargain for the microsecond or two that a small body takes; 32 KiB take
/// 20 to 30 µs, in which other threads can work.
const DETACH_FROM: usize = 32 * 1024;

/// Runs `work` on a body of this length, without the GIL where that pays.
fn on_body<T: Send>(py: Python<'_>, length: usize, work: impl FnOnce() -> T + Send) -> T {
    if length < DETACH_FROM { work() } else { py.detach(work) }
}

type Texts<'py> = Vec<Bound<'py, PyString>>;

/// A scheme with its keys, parsed once.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Webhook {
    webhook: CoreWebhook,
    names: Names,
}

impl Webhook {
    fn make(scheme: Scheme, secrets: Texts<'_>, tolerance: Option<u64>) -> PyResult<Self> {
        let secrets =
            secrets.into_iter().map(secret).collect::<Result<Vec<_>, _>>().map_err(raise)?;
        let webhook = CoreWebhook::new(scheme, &secrets).map_err(raise)?;
        let names = Names::new(&webhook.scheme().headers());
        let webhook = match tolerance {
            Some(seconds) => webhook.with_tolerance(Duration::from_secs(seconds)),
            None => webhook,
        };
        Ok(Self { webhook, names })
    }
}

#[pymethods]
impl Webhook {
    /// With a scheme of the catalogue.
    #[staticmethod]
    fn builtin(
        name: &Bound<'_, PyString>,
        secrets: Texts<'_>,
        tolerance_seconds: Option<u64>,
    ) -> PyResult<Self> {
        let scheme = Scheme::builtin(&to_utf8(name)).map_err(raise)?;
        Self::make(scheme, secrets, tolerance_seconds)
    }

    /// With a scheme of the user's own, as JSON.
    #[staticmethod]
    fn own(json: &str, secrets: Texts<'_>, tolerance_seconds: Option<u64>) -> PyResult<Self> {
        let scheme = Scheme::from_json(json).map_err(raise)?;
        Self::make(scheme, secrets, tolerance_seconds)
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
    ) -> PyResult<Verified> {
        let headers = self.names.select(headers)?;
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let bytes = body.as_bytes();
        let fields = on_body(body.py(), bytes.len(), || {
            let request = Request::new(&headers, bytes);
            self.webhook.verify(&request, from_seconds(now_seconds)).map(Fields::from)
        });
        Ok(Verified::new(fields.map_err(raise)?, body.unbind()))
    }

    /// The headers to send with a message.
    fn sign<'py>(
        &self,
        body: &Bound<'py, PyBytes>,
        id: Option<&Bound<'py, PyString>>,
        event_type: Option<&Bound<'py, PyString>>,
        now_seconds: f64,
    ) -> PyResult<Bound<'py, PyDict>> {
        let id = id.map(to_utf8);
        let event_type = event_type.map(to_utf8);
        let (id, event_type) = (id.as_deref(), event_type.as_deref());
        let message =
            Message { id, event_type, body: body.as_bytes(), headers: &[], ..Message::default() };
        let now = from_seconds(now_seconds);
        on_body(body.py(), message.body.len(), || self.webhook.sign(&message, now))
            .map_err(raise)?
            .into_py_dict(body.py())
    }

    /// The body with its signature inserted, where the scheme carries one there.
    fn sign_body<'py>(&self, body: &Bound<'py, PyBytes>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = body.as_bytes();
        let signed =
            on_body(body.py(), bytes.len(), || self.webhook.sign_body(bytes)).map_err(raise)?;
        Ok(PyBytes::new(body.py(), &signed))
    }
}

/// The ids of the catalogue.
#[pyfunction]
pub(crate) fn schemes() -> Vec<String> {
    Scheme::builtin_ids().into_iter().map(str::to_owned).collect()
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

#[expect(clippy::needless_pass_by_value, reason = "an element of `Texts`")]
fn secret(text: Bound<'_, PyString>) -> Result<Secret, Error> {
    let refused =
        |_| Error::new(ErrorCode::InvalidSecret, "secret is not text that UTF-8 can write");
    Secret::new(text.to_cow().map_err(refused)?)
}
