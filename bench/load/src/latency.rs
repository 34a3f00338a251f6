//! Latencies: recorded whole, told in quantiles.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::error::{Context as _, Error};

/// A histogram of durations, to the microsecond and three digits, up to ten minutes.
#[derive(Clone, Debug)]
pub struct Latency(Histogram<u64>);

/// What of a histogram is told, in milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Quantiles {
    /// How many were recorded.
    pub count: u64,
    /// The arithmetic mean.
    pub mean: f64,
    /// Half are at most this.
    pub p50: f64,
    /// Nine of ten are.
    pub p90: f64,
    /// Of a hundred, 99 are.
    pub p99: f64,
    /// Of a thousand, 999 are.
    pub p999: f64,
    /// All are.
    pub max: f64,
}

impl Latency {
    /// Nothing recorded yet.
    ///
    /// # Errors
    /// Never, with these bounds.
    pub fn new() -> Result<Self, Error> {
        Histogram::new_with_bounds(1, LONGEST_MICROS, 3).map(Self).context("histogram")
    }

    /// Adds one; what is longer than ten minutes counts as ten minutes.
    pub fn record(&mut self, duration: Duration) {
        self.0.saturating_record(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX));
    }

    /// Adds all of another.
    ///
    /// # Errors
    /// Never: all have the same bounds.
    pub fn add(&mut self, other: &Self) -> Result<(), Error> {
        self.0.add(&other.0).context("histogram")
    }

    /// What is told of it.
    #[must_use]
    pub fn quantiles(&self) -> Quantiles {
        let at = |quantile| self.0.value_at_quantile(quantile) as f64 / 1000.0;
        Quantiles {
            count: self.0.len(),
            mean: self.0.mean() / 1000.0,
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: self.0.max() as f64 / 1000.0,
        }
    }
}

const LONGEST_MICROS: u64 = 600_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_what_was_recorded() {
        let (mut one, mut other) = (Latency::new().unwrap(), Latency::new().unwrap());
        for millis in 1..=50 {
            one.record(Duration::from_millis(millis));
            other.record(Duration::from_millis(50 + millis));
        }
        other.record(Duration::from_secs(3600));
        one.add(&other).unwrap();
        let told = one.quantiles();
        assert_eq!(told.count, 101);
        assert!((told.p50 - 51.0).abs() < 0.1 && (told.p99 - 100.0).abs() < 0.2, "{told:?}");
        assert!((told.max - 600_000.0).abs() < 1000.0, "{told:?}");
    }
}
