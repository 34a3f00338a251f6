//! How a sender signs: one of the catalogue, or the user's own.

use std::collections::BTreeMap;

use hookseal::{Error, Scheme as CoreScheme};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::body::to_bytes;
use crate::error::raise;
use crate::handshake::to_answer;
use crate::headers::Names;
use crate::published_keys::{Asked, to_asked};
use crate::request::{Target, on_request};
use crate::text::to_utf8;

/// Names and values that only the user of a scheme knows.
type Config<'py> = Vec<(Bound<'py, PyString>, Bound<'py, PyString>)>;

/// Id, name, source, confidence, notes, config.
type Entry = (String, String, String, String, Option<String>, BTreeMap<String, String>);

/// A scheme, read once; without keys.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Scheme {
    pub(crate) scheme: CoreScheme,
    names: Names,
}

impl Scheme {
    fn make(
        py: Python<'_>,
        config: Config<'_>,
        load: impl FnOnce(&[(&str, &str)]) -> Result<CoreScheme, Error>,
    ) -> PyResult<Self> {
        let config: Vec<(String, String)> = config
            .into_iter()
            .map(|(name, value)| (to_utf8(&name).into_owned(), to_utf8(&value).into_owned()))
            .collect();
        let config: Vec<(&str, &str)> =
            config.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let scheme = load(&config).map_err(raise)?;
        Ok(Self { names: Names::of(py, &scheme), scheme })
    }
}

#[pymethods]
impl Scheme {
    /// One of the user's own, as JSON.
    #[staticmethod]
    fn own(py: Python<'_>, json: &str, config: Config<'_>) -> PyResult<Self> {
        Self::make(py, config, |config| CoreScheme::from_json_with(json, config))
    }

    /// A name of the catalogue, or the JSON of one of the user's own.
    #[staticmethod]
    fn of(text: &Bound<'_, PyString>, config: Config<'_>) -> PyResult<Self> {
        Self::make(text.py(), config, |config| CoreScheme::from_text_with(&to_utf8(text), config))
    }

    /// How one of the catalogue is written, as JSON.
    #[staticmethod]
    fn definition(name: &Bound<'_, PyString>) -> PyResult<&'static str> {
        CoreScheme::catalogue_entry(&to_utf8(name)).map(|entry| entry.json).map_err(raise)
    }

    /// The id of the scheme.
    #[getter]
    fn id(&self) -> &str {
        self.scheme.id()
    }

    /// The answer to a handshake, while there is no secret.
    fn handshake<'py>(
        &self,
        body: &Bound<'py, PyAny>,
        headers: &Bound<'py, PyAny>,
        method: Option<&Bound<'py, PyAny>>,
        url: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (body, target) = (to_bytes(body)?, Target::of(method, url)?);
        let answer = on_request(&self.names, &body, headers, &target, |request| {
            self.scheme.handshake(request)
        })?;
        to_answer(body.py(), answer)
    }

    /// The published key that verifying a request needs.
    fn key_request(
        &self,
        body: &Bound<'_, PyAny>,
        headers: &Bound<'_, PyAny>,
        method: Option<&Bound<'_, PyAny>>,
        url: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Option<Asked>> {
        let (body, target) = (to_bytes(body)?, Target::of(method, url)?);
        let asked = on_request(&self.names, &body, headers, &target, |request| {
            hookseal::Webhook::key_request(&self.scheme, request)
        })?;
        Ok(asked.map(to_asked))
    }
}

/// The catalogue.
#[pyfunction]
pub(crate) fn schemes() -> PyResult<Vec<Entry>> {
    CoreScheme::builtin_ids().into_iter().map(entry).collect::<Result<_, _>>().map_err(raise)
}

fn entry(id: &str) -> Result<Entry, Error> {
    let entry = CoreScheme::catalogue_entry(id)?;
    let config = entry.config.into_iter().collect();
    Ok((entry.id, entry.name, entry.source, entry.confidence, entry.notes, config))
}
