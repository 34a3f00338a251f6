//! When to try again.

use std::time::Duration;

use hookseal::{Error, ErrorCode, GiveUpReason, Outcome, RetryPolicy as CoreRetryPolicy};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::error::raise;
use crate::moment::{from_seconds, to_datetime};
use crate::text::to_utf8;

/// Action, time of the next attempt, seconds until then, reason.
type Next<'py> = (&'static str, Option<Bound<'py, PyAny>>, Option<f64>, Option<&'static str>);

/// Number of the attempt, then the least and the longest delay before it, then the least and the longest time since the
/// first, in seconds.
type Row = (u32, f64, f64, f64, f64);

/// Status, `Retry-After` and `webhook-delivery` of an answer.
type Answer<'py> = (u16, Option<Bound<'py, PyString>>, Option<Bound<'py, PyString>>);

/// When a failed delivery is tried again.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct RetryPolicy(CoreRetryPolicy);

#[pymethods]
impl RetryPolicy {
    /// The names of the presets; the first is the default.
    #[staticmethod]
    fn presets() -> Vec<&'static str> {
        CoreRetryPolicy::presets().collect()
    }

    /// A schedule by its name.
    #[staticmethod]
    fn preset(name: &Bound<'_, PyString>) -> PyResult<Self> {
        CoreRetryPolicy::preset(&to_utf8(name)).map(Self).map_err(raise)
    }

    /// The schedule of a profile.
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

    /// Every attempt there can be, with its bounds.
    fn schedule(&self) -> Vec<Row> {
        let seconds = |duration: Duration| duration.as_secs_f64();
        let rows = self.0.schedule().into_iter().map(|row| {
            let delays = (seconds(row.min_delay), seconds(row.max_delay));
            let elapsed = (seconds(row.min_elapsed), seconds(row.max_elapsed));
            (row.attempt, delays.0, delays.1, elapsed.0, elapsed.1)
        });
        rows.collect()
    }

    /// The schedule as a table for people.
    fn table(&self) -> String {
        self.0.table()
    }

    /// What to do after an attempt. There is no answer when nothing came.
    #[expect(clippy::too_many_arguments, reason = "one for each argument in Python")]
    fn next<'py>(
        &self,
        py: Python<'py>,
        attempt: u32,
        answer: Option<Answer<'py>>,
        previous_delay_seconds: Option<f64>,
        first_attempt_seconds: f64,
        now_seconds: f64,
        random: f64,
    ) -> PyResult<Next<'py>> {
        let (status, retry_after, delivery) = match answer {
            Some((status, retry_after, delivery)) => (Some(status), retry_after, delivery),
            None => (None, None, None),
        };
        let retry_after = retry_after.as_ref().map(to_utf8);
        let delivery = delivery.as_ref().map(to_utf8);
        let outcome = match status {
            Some(status) => Outcome::Response {
                status,
                retry_after: retry_after.as_deref(),
                delivery: delivery.as_deref(),
            },
            None => Outcome::NoResponse,
        };
        let previous = previous_delay_seconds.map(to_duration).transpose()?;
        let now = from_seconds(now_seconds);
        let first = from_seconds(first_attempt_seconds);
        let decision =
            self.0.next_after(previous, attempt, &outcome, first, now, random).map_err(raise)?;
        let at = decision.retry_at();
        // Both are within the core's range, and a retry is never before `now`: not negative.
        let delay = at.map(|at| (at.as_millis() - now.as_millis()) as f64 / 1000.0);
        let at = at.map(|at| to_datetime(py, at)).transpose()?;
        Ok((decision.as_str(), at, delay, decision.reason().map(GiveUpReason::as_str)))
    }
}

fn to_duration(seconds: f64) -> PyResult<Duration> {
    // Beyond the greatest it counts as the greatest, as everywhere.
    if seconds.is_finite() && seconds >= 0.0 {
        return Ok(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
    }
    let message = format!("`previous_delay_seconds` takes a number from 0 on, got {seconds}");
    Err(raise(Error::new(ErrorCode::InvalidArgument, message)))
}
