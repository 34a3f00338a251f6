//! The circuit breaker: what an outcome says about an endpoint, and when it is tried again.
//!
//! Closed, an endpoint gets all it has room for. After [`OPEN_AFTER`] failures in a row it is open: nothing is sent
//! before `hold_until`, which moves further away with each failure. Then one delivery is sent as a probe; it
//! closes the breaker or moves the moment on. So a dead endpoint costs one attempt per hold, however much waits for it.
//!
//! A refusal (3xx, 4xx) is an answer: it does not open the breaker, but the endpoint still counts as failing since the
//! first of them, which is what disables it in the end.

use hookseal::Timestamp;

use crate::{
    guard::{Failure, Reply},
    store::Health,
};

/// What an attempt says about its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// It took the delivery.
    Took,
    /// It answered, and did not take it.
    Refused,
    /// It did not answer, or said that it cannot take anything now.
    Down,
    /// Nothing: the attempt was not made, or broken off by us.
    Nothing,
}

impl Sign {
    pub(super) fn of(reply: &Reply) -> Self {
        match (reply.status, reply.failure) {
            (_, Some(failure)) if is_ours(failure) => Self::Nothing,
            (Some(200..=299), None) => Self::Took,
            (Some(429 | 500..=599), None) | (_, Some(_)) | (None, None) => Self::Down,
            (Some(_), None) => Self::Refused,
        }
    }
}

/// Says nothing about the endpoint.
const fn is_ours(failure: Failure) -> bool {
    matches!(
        failure,
        Failure::Cancelled
            | Failure::Interrupted
            | Failure::NotConfigured
            | Failure::Overloaded
            | Failure::Proxy
            | Failure::Render
            | Failure::Seal
    )
}

/// What is known after a sign; `random` in 0..1 spreads the probes of endpoints that failed together.
pub(super) fn after(before: Health, sign: Sign, now: Timestamp, random: f64) -> Health {
    let failing_since = before.failing_since.or(Some(now));
    match sign {
        Sign::Nothing => before,
        Sign::Took => Health::default(),
        Sign::Refused => Health { failures: 0, hold_until: None, failing_since },
        Sign::Down => {
            let failures = before.failures.saturating_add(1);
            let hold_until = failures.checked_sub(OPEN_AFTER).map(|beyond| {
                let longest = FIRST_HOLD_MILLIS << beyond.min(LAST_DOUBLING);
                now.plus_millis(spread(longest.min(LAST_HOLD_MILLIS), random))
            });
            Health { failures, hold_until, failing_since }
        }
    }
}

/// What is known after a probe that said nothing, because it was broken off or not made: the next one need not wait for the
/// time that this one had.
pub(super) fn after_no_probe(before: Health, now: Timestamp) -> Health {
    Health { hold_until: Some(now.plus_millis(FIRST_HOLD_MILLIS)), ..before }
}

/// From four fifths to all of it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "minutes in milliseconds fit both ways"
)]
fn spread(millis: i64, random: f64) -> i64 {
    (millis as f64 * (1.0 - random / 5.0)) as i64
}

/// Failures in a row that open the breaker.
pub(super) const OPEN_AFTER: u32 = 10;
const FIRST_HOLD_MILLIS: i64 = 1_000;
const LAST_HOLD_MILLIS: i64 = 300_000;
/// 1 s doubled nine times is beyond the last hold.
const LAST_DOUBLING: u32 = 9;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_777_000_000 + seconds)
    }

    #[test]
    fn ten_failures_open_and_each_further_one_doubles_the_hold() {
        let mut health = Health::default();
        for n in 1..OPEN_AFTER {
            health = after(health, Sign::Down, at(0), 0.0);
            assert_eq!((health.failures, health.hold_until), (n, None));
        }
        let holds: Vec<_> = (0..11)
            .map(|_| {
                health = after(health, Sign::Down, at(5), 0.0);
                (health.hold_until.unwrap().as_millis() - at(5).as_millis()) / 1000
            })
            .collect();
        assert_eq!(holds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(health.failing_since, Some(at(0)));
        assert_eq!(after(health, Sign::Took, at(6), 0.0), Health::default());
    }

    #[test]
    fn a_refusal_is_an_answer_but_no_success() {
        let open = Health { failures: 12, hold_until: Some(at(9)), failing_since: Some(at(0)) };
        let refused = Health { failures: 0, hold_until: None, failing_since: Some(at(0)) };
        assert_eq!(after(open, Sign::Refused, at(9), 0.5), refused);
        assert_eq!(after(open, Sign::Nothing, at(9), 0.5), open);
    }

    #[test]
    fn probes_are_spread() {
        let health = Health { failures: 100, hold_until: None, failing_since: Some(at(0)) };
        let hold = after(health, Sign::Down, at(0), 0.999).hold_until.unwrap();
        let millis = hold.as_millis() - at(0).as_millis();
        assert!((240_000..245_000).contains(&millis), "{millis}");
    }
}
