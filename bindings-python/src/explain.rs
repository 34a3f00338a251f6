//! Why a request does not verify.

use std::time::Duration;

use hookseal::ErrorCode;
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::body::to_bytes;
use crate::error::raise;
use crate::headers::Names;
use crate::moment::moment_or_now;
use crate::request::{Target, with_request};
use crate::scheme::Scheme;
use crate::text::exact;

/// Cause, whether it is proven, what was found, what to do about it.
type Finding = (&'static str, bool, String, &'static str);

/// Whether the request verifies, why not, what was found.
type Explanation = (bool, Option<Py<PyBaseException>>, Vec<Finding>);

/// Says why a request does not verify.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "one for each argument in Python")]
pub(crate) fn explain(
    scheme: &Scheme,
    secrets: Vec<Bound<'_, PyString>>,
    tolerance_millis: Option<u64>,
    body: &Bound<'_, PyAny>,
    headers: &Bound<'_, PyAny>,
    method: Option<&Bound<'_, PyAny>>,
    url: Option<&Bound<'_, PyAny>>,
    now: Option<&Bound<'_, PyAny>>,
) -> PyResult<Explanation> {
    let py = body.py();
    let secrets = secrets
        .into_iter()
        .map(|text| exact("secrets", &text, ErrorCode::InvalidSecret).map(str::to_owned))
        .collect::<Result<Vec<String>, _>>()?;
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    let tolerance = tolerance_millis.map(Duration::from_millis);
    let (body, now) = (to_bytes(body)?, moment_or_now(py, now)?);
    let target = Target::of(method, url)?;
    // Tries what takes milliseconds, whatever the length of the body.
    let explanation = with_request(&Names::all(), &body, headers, &target, |request, _| {
        Ok(py.detach(|| hookseal::explain(&scheme.scheme, &secrets, tolerance, request, now)))
    })?;
    let error = explanation.error.map(|error| raise(error).into_value(py));
    let findings = explanation
        .findings
        .into_iter()
        .map(|found| (found.cause.as_str(), found.certain, found.message, found.hint))
        .collect();
    Ok((explanation.verified, error, findings))
}
