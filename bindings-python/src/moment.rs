//! Moments: seconds since the epoch on the way in, aware datetimes in UTC on the way out.

use hookseal::Timestamp;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDateTime, PyDelta, PyDict, PyTzInfo};

/// The moment that the caller gave, or now.
///
/// The clock is read through Python's `time.time`: a test that freezes that freezes this too.
///
/// # Errors
/// `WebhookError` with `invalid_argument` for what is no moment.
pub(crate) fn moment_or_now(py: Python<'_>, now: Option<&Bound<'_, PyAny>>) -> PyResult<Timestamp> {
    static TIME: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    static TO_SECONDS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let seconds = match now {
        None => {
            let names =
                TIME.get_or_try_init(py, || py.import("time").map(|time| time.dict().unbind()))?;
            names.bind(py).as_any().get_item(intern!(py, "time"))?.call0()?
        }
        Some(now) => {
            TO_SECONDS.import(py, "hookseal._moment", "to_seconds")?.call1(("now", now))?
        }
    };
    seconds.extract().map(from_seconds)
}

/// The millisecond that has begun. The core limits the range.
pub(crate) fn from_seconds(seconds: f64) -> Timestamp {
    // A float of `1.001` times 1000 may come out below 1001: what counts is the last millisecond whose float is reached.
    let nearest = (seconds * 1000.0).round();
    let millis = if nearest / 1000.0 > seconds { nearest - 1.0 } else { nearest };
    Timestamp::from_millis(millis as i64)
}

/// An aware datetime in UTC, exact to the millisecond (a float of seconds would not be).
pub(crate) fn to_datetime(py: Python<'_>, moment: Timestamp) -> PyResult<Bound<'_, PyAny>> {
    const SECONDS_PER_DAY: i64 = 86_400;
    let (seconds, millis) = (moment.as_seconds(), moment.as_millis() % 1000);
    let (days, seconds) = (seconds / SECONDS_PER_DAY, seconds % SECONDS_PER_DAY);
    let utc = PyTzInfo::utc(py)?;
    let epoch = PyDateTime::new(py, 1970, 1, 1, 0, 0, 0, 0, Some(&utc))?;
    // INVARIANT: a `Timestamp` ends with the year 9999, so each of the three fits.
    epoch.add(PyDelta::new(py, days as i32, seconds as i32, millis as i32 * 1000, false)?)
}
