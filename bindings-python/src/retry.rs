//! When to try again.

use hookseal::{Decision, Outcome, RetryPolicy as CoreRetryPolicy};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::error::raise;
use crate::moment::{from_seconds, to_datetime};
use crate::text::to_utf8;

/// Action, time of the next attempt, seconds until then, reason.
type Next<'py> = (&'static str, Option<Bound<'py, PyAny>>, Option<f64>, Option<&'static str>);

/// When a failed delivery is tried again.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct RetryPolicy(CoreRetryPolicy);

#[pymethods]
impl RetryPolicy {
    /// The schedule of a system.
    #[staticmethod]
    fn profile(name: &Bound<'_, PyString>) -> PyResult<Self> {
        CoreRetryPolicy::profile(&to_utf8(name)).map(Self).map_err(raise)
    }

    /// A policy of the user's own, as JSON.
    #[staticmethod]
    fn own(json: &str) -> PyResult<Self> {
        CoreRetryPolicy::from_json(json).map(Self).map_err(raise)
    }

    /// How many attempts there are in all.
    #[getter]
    fn max_attempts(&self) -> u32 {
        self.0.max_attempts()
    }

    /// The policy as JSON that `own` reads back.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// What to do after an attempt. The answer is its status and its `Retry-After`; none when there was no answer.
    fn next<'py>(
        &self,
        py: Python<'py>,
        attempt: u32,
        answer: Option<(u16, Option<Bound<'py, PyString>>)>,
        first_attempt_seconds: f64,
        now_seconds: f64,
        random: f64,
    ) -> PyResult<Next<'py>> {
        let (status, retry_after) = answer.unzip();
        let retry_after = retry_after.flatten();
        let retry_after = retry_after.as_ref().map(to_utf8);
        let outcome = match status {
            Some(status) => Outcome::Response { status, retry_after: retry_after.as_deref() },
            None => Outcome::NoResponse,
        };
        let now = from_seconds(now_seconds);
        let first = from_seconds(first_attempt_seconds);
        let decision = self.0.next(attempt, &outcome, first, now, random).map_err(raise)?;
        Ok(match decision {
            Decision::Delivered => ("delivered", None, None, None),
            Decision::Disable => ("disable", None, None, None),
            Decision::GiveUp(reason) => ("give_up", None, None, Some(reason.as_str())),
            Decision::RetryAt(at) => {
                // Both are within the core's range, and a retry is never before `now`: not negative.
                let seconds = (at.as_millis() - now.as_millis()) as f64 / 1000.0;
                ("retry", Some(to_datetime(py, at)?), Some(seconds), None)
            }
        })
    }
}
