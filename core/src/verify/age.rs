//! The time of signing, held against the clock.

use std::time::Duration;

use crate::error::{Error, ErrorCode, say};
use crate::timestamp::Timestamp;

/// Lets a timestamp pass that is at most `tolerance` from `now`, before or after.
///
/// # Errors
/// `timestamp_too_old`, `timestamp_too_new`.
pub(crate) fn check_age(
    timestamp: Timestamp,
    now: Timestamp,
    tolerance: Duration,
) -> Result<(), Error> {
    let off = Duration::from_millis(now.as_millis().abs_diff(timestamp.as_millis()));
    if off <= tolerance {
        return Ok(());
    }
    Err(of_another_time(timestamp, now, tolerance))
}

#[cold]
fn of_another_time(timestamp: Timestamp, now: Timestamp, tolerance: Duration) -> Error {
    let off = Duration::from_millis(now.as_millis().abs_diff(timestamp.as_millis()));
    let (code, side) = if timestamp < now {
        (ErrorCode::TimestampTooOld, "before")
    } else {
        (ErrorCode::TimestampTooNew, "after")
    };
    let message = say!(
        "timestamp is {} s {side} now, the tolerance is {} s",
        off.as_secs(),
        tolerance.as_secs()
    );
    Error::new(code, message)
}
