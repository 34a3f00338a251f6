//! How long to wait after an attempt: the schedule's delay, spread by its jitter.

use std::time::Duration;

use super::RetryPolicy;
use super::policy::{Jitter, Schedule};

impl RetryPolicy {
    /// The shortest and the longest wait in milliseconds after attempt number `attempt`, from 1; none after the last.
    /// `previous` is the wait before that attempt, for jitter that grows from it; without it, the longest there can have
    /// been.
    pub(super) fn bounds(&self, attempt: u32, previous: Option<Duration>) -> Option<(i64, i64)> {
        if attempt == 0 || attempt >= self.max_attempts() {
            return None;
        }
        let delay = self.planned(attempt)?;
        let (shortest, longest) = match (&self.0.schedule, self.0.jitter) {
            (Schedule::Exponential { factor, max_seconds, .. }, Jitter::Decorrelated) => {
                let base = self.planned(1)?;
                let grown = match previous {
                    Some(previous) if attempt > 1 => previous.as_secs_f64().max(base).min(delay),
                    _ => delay,
                };
                (base, (grown * factor).min(*max_seconds))
            }
            (_, Jitter::Equal) => (delay / 2.0, delay),
            (_, Jitter::Full) => (0.0, delay),
            (_, Jitter::Decorrelated | Jitter::None) => (delay, delay),
            (_, Jitter::PlusMinus(ratio)) => (delay * (1.0 - ratio), delay * (1.0 + ratio)),
        };
        Some((to_millis(shortest), to_millis(longest)))
    }

    /// The delay of the schedule in seconds, without jitter.
    fn planned(&self, attempt: u32) -> Option<f64> {
        let index = attempt.checked_sub(1)?;
        match &self.0.schedule {
            Schedule::Exponential { initial_seconds, factor, max_seconds, .. } => {
                let exponent = i32::try_from(index).unwrap_or(i32::MAX);
                // Infinite times a delay of zero would be no number.
                let growth = factor.powi(exponent).min(f64::MAX);
                Some((initial_seconds * growth).min(*max_seconds))
            }
            Schedule::List(delays) => delays.get(usize::try_from(index).ok()?).copied(),
        }
    }
}

/// Whole milliseconds; the fields of a policy keep `seconds` between zero and some years.
pub(super) fn to_millis(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}
