//! Keys that senders publish: which are known, and which to fetch.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hookseal::{KeyDecision, KeyRequest, PublishedKeys as CoreKeys, Secret};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::error::raise;
use crate::text::to_utf8;

/// URL, id of the key, form.
pub(crate) type Asked = (Option<String>, Option<String>, &'static str);

pub(crate) fn to_asked(request: KeyRequest) -> Asked {
    (request.url, request.key_id, request.format.as_str())
}

/// The same, as it comes back.
type Wanted<'py> =
    (Option<Bound<'py, PyString>>, Option<Bound<'py, PyString>>, Bound<'py, PyString>);

/// What is known of the keys of senders; `now` is in milliseconds.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct PublishedKeys(Mutex<CoreKeys<Secret>>);

impl PublishedKeys {
    /// Never held while Python runs.
    fn keys(&self) -> MutexGuard<'_, CoreKeys<Secret>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl PublishedKeys {
    #[new]
    fn new() -> Self {
        Self(Mutex::default())
    }

    /// The key, where it is known.
    fn recall(&self, wanted: Wanted<'_>, now: u64) -> PyResult<Option<String>> {
        let known = self.keys().recall(&read(wanted)?, millis(now)).map_err(raise)?;
        Ok(known.map(|key| key.expose().to_owned()))
    }

    /// The key, where it is known; None where it is to be fetched now.
    fn ask(&self, wanted: Wanted<'_>, now: u64) -> PyResult<Option<String>> {
        match self.keys().ask(&read(wanted)?, millis(now)) {
            KeyDecision::Use(key) => Ok(Some(key.expose().to_owned())),
            KeyDecision::Unavailable { error, .. } => Err(raise(error)),
            _ => Ok(None),
        }
    }

    /// The key in what came.
    fn arrived(
        &self,
        wanted: Wanted<'_>,
        text: &Bound<'_, PyString>,
        now: u64,
    ) -> PyResult<String> {
        let (wanted, text) = (read(wanted)?, to_utf8(text));
        let key = self.keys().arrived(&wanted, &text, millis(now), Ok).map_err(raise)?;
        Ok(key.expose().to_owned())
    }

    /// The key that is used although it could not be fetched.
    fn failed(&self, wanted: Wanted<'_>, why: &str, now: u64) -> PyResult<String> {
        let key = self.keys().failed(&read(wanted)?, why, millis(now)).map_err(raise)?;
        Ok(key.expose().to_owned())
    }

    /// Where anybody can fetch a key.
    #[staticmethod]
    fn public_url(wanted: Wanted<'_>) -> PyResult<String> {
        read(wanted)?.public_url().map(str::to_owned).map_err(raise)
    }
}

fn read((url, key_id, format): Wanted<'_>) -> PyResult<KeyRequest> {
    let text = |text: Bound<'_, PyString>| to_utf8(&text).into_owned();
    KeyRequest::new(url.map(text), key_id.map(text), &to_utf8(&format)).map_err(raise)
}

fn millis(now: u64) -> Duration {
    Duration::from_millis(now)
}
