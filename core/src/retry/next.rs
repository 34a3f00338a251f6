//! The decision after an attempt.

use std::time::Duration;

use super::delay::to_millis;
use super::{Decision, GiveUpReason, Outcome, RetryPolicy};
use crate::error::{Error, ErrorCode};
use crate::timestamp::Timestamp;

impl RetryPolicy {
    /// What to do after attempt number `attempt` (from 1), which ended at `now` with `outcome`. `random` is a number
    /// from 0 to 1 that the caller draws; it is used for jitter only.
    ///
    /// # Errors
    /// `invalid_argument` when `attempt` is 0, the status is not from 100 to 599, or `random` not from 0 to 1.
    pub fn next(
        &self,
        attempt: u32,
        outcome: &Outcome<'_>,
        first_attempt_at: Timestamp,
        now: Timestamp,
        random: f64,
    ) -> Result<Decision, Error> {
        self.next_after(None, attempt, outcome, first_attempt_at, now, random)
    }

    /// As [`next`](Self::next), for a policy with decorrelated jitter: `previous_delay` is how long was waited before
    /// this attempt, and the next delay grows from it. Other jitter does not depend on it, nor does the first delay.
    /// Without it, the previous delay counts as the longest that the policy could have drawn: then the delays have the
    /// same bounds, but are longer on average.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub fn next_after(
        &self,
        previous_delay: Option<Duration>,
        attempt: u32,
        outcome: &Outcome<'_>,
        first_attempt_at: Timestamp,
        now: Timestamp,
        random: f64,
    ) -> Result<Decision, Error> {
        check_arguments(attempt, outcome, random)?;
        let mut asked = None;
        if let Outcome::Response { status, retry_after, delivery } = outcome {
            if let Some(decision) = self.final_answer(*status, *delivery) {
                return Ok(decision);
            }
            asked = retry_after.and_then(|value| parse_retry_after(value, now));
        }
        let Some((shortest, longest)) = self.bounds(attempt, previous_delay) else {
            return Ok(Decision::GiveUp(GiveUpReason::AttemptsExhausted));
        };
        let spread = ((longest - shortest) as f64 * random).round() as i64;
        let planned = now.plus_millis(shortest.saturating_add(spread));
        let at = asked.map_or(planned, |asked| asked.max(planned));
        // What is not later than planned costs nothing, however long it is.
        if at > planned && millis_between(now, at) > to_millis(self.0.max_retry_after_seconds) {
            return Ok(Decision::GiveUp(GiveUpReason::RetryAfterTooLong));
        }
        let age = millis_between(first_attempt_at, at);
        if self.0.max_age_seconds.is_some_and(|max| age > to_millis(max)) {
            return Ok(Decision::GiveUp(GiveUpReason::TooOld));
        }
        Ok(Decision::RetryAt(at))
    }

    /// What an answer decides by itself, whatever the schedule.
    fn final_answer(&self, status: u16, delivery: Option<&str>) -> Option<Decision> {
        // The value may be a list, as that of a header sent twice.
        let says = |word: &str| {
            let mut words = delivery.unwrap_or_default().split(',').map(str::trim);
            words.any(|found| found.eq_ignore_ascii_case(word))
        };
        if (200..300).contains(&status) {
            let disable = says("disable");
            return Some(if disable { Decision::DeliveredAndDisable } else { Decision::Delivered });
        }
        if self.0.disable_statuses.contains(&status) || says("disable") {
            return Some(Decision::Disable);
        }
        if self.0.final_statuses.contains(&status) {
            return Some(Decision::GiveUp(GiveUpReason::FinalStatus));
        }
        says("abort-message").then_some(Decision::GiveUp(GiveUpReason::Aborted))
    }
}

fn check_arguments(attempt: u32, outcome: &Outcome<'_>, random: f64) -> Result<(), Error> {
    let problem = if attempt == 0 {
        "attempt is 0, attempts count from 1".to_owned()
    } else if !(0.0..=1.0).contains(&random) {
        format!("random is {random}, a number from 0 to 1 is expected")
    } else {
        match outcome {
            Outcome::Response { status, .. } if !(100..600).contains(status) => {
                format!("status is {status}, an HTTP status from 100 to 599 is expected")
            }
            _ => return Ok(()),
        }
    };
    Err(Error::new(ErrorCode::InvalidArgument, problem))
}

/// The time that `Retry-After` asks for: `120` or an HTTP date.
fn parse_retry_after(value: &str, now: Timestamp) -> Option<Timestamp> {
    let value = value.trim_matches([' ', '\t']);
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Digits that do not fit ask for a very long time, not for none.
        let seconds: i64 = value.parse().unwrap_or(i64::MAX);
        return Some(now.plus_millis(seconds.saturating_mul(1000)));
    }
    Timestamp::parse_http_date(value).ok()
}

const fn millis_between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_millis().saturating_sub(from.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn next(
        policy: &RetryPolicy,
        attempt: u32,
        status: u16,
        retry_after: Option<&str>,
        random: f64,
    ) -> Decision {
        let outcome = Outcome::Response { status, retry_after, delivery: None };
        policy.next(attempt, &outcome, NOW, NOW, random).unwrap()
    }

    fn in_seconds(seconds: i64) -> Decision {
        Decision::RetryAt(NOW.plus_millis(seconds * 1000))
    }

    #[test]
    fn answers_decide() {
        let policy = RetryPolicy::preset("yativo").unwrap();
        assert_eq!(next(&policy, 1, 204, None, 0.0), Decision::Delivered);
        assert_eq!(next(&policy, 1, 410, None, 0.0), Decision::Disable);
        let exhausted = Decision::GiveUp(GiveUpReason::AttemptsExhausted);
        assert_eq!(next(&policy, 7, 500, None, 0.0), exhausted);
        assert_eq!(policy.next(1, &Outcome::NoResponse, NOW, NOW, 0.0).unwrap(), in_seconds(60));
        for status in [100, 199, 300, 301, 400, 404, 429, 599] {
            assert_eq!(next(&policy, 1, status, None, 0.0), in_seconds(60), "{status}");
        }
    }

    #[test]
    fn a_receiver_controls_what_it_is_sent() {
        let policy = RetryPolicy::from_json(r#"{"schedule":{"list":[60]},"final_statuses":[400]}"#);
        let policy = policy.unwrap();
        let next = |attempt, status, delivery| {
            let outcome = Outcome::Response { status, retry_after: Some("90"), delivery };
            policy.next(attempt, &outcome, NOW, NOW, 0.0).unwrap()
        };
        let aborted = Decision::GiveUp(GiveUpReason::Aborted);
        assert_eq!(next(1, 200, Some("disable")), Decision::DeliveredAndDisable);
        assert_eq!(next(1, 500, Some("disable")), Decision::Disable);
        assert_eq!(next(9, 400, Some(" Disable ")), Decision::Disable);
        assert_eq!(next(1, 500, Some("abort-message, disable")), Decision::Disable);
        assert_eq!(next(1, 500, Some("abort-message")), aborted);
        assert_eq!(next(2, 500, Some("abort-message")), aborted);
        assert_eq!(next(1, 200, Some("abort-message")), Decision::Delivered);
        assert_eq!(next(1, 410, Some("abort-message")), Decision::Disable);
        let last = Decision::GiveUp(GiveUpReason::FinalStatus);
        assert_eq!(next(1, 400, Some("abort-message")), last);
        for ignored in ["", ",", "disabled", "abort", "abort message", "disable;q=1"] {
            assert_eq!(next(1, 500, Some(ignored)), in_seconds(90), "{ignored}");
        }
    }

    #[test]
    fn retry_after_only_delays() {
        let policy = RetryPolicy::preset("yativo").unwrap();
        let at = |value| next(&policy, 1, 503, Some(value), 0.0);
        assert_eq!(at("120"), in_seconds(120));
        assert_eq!(at(" 120 "), in_seconds(120));
        assert_eq!(at("5"), in_seconds(60));
        assert_eq!(at("Fri, 15 Jan 2027 08:10:00 GMT"), in_seconds(600));
        for ignored in ["", "-5", "1.5", "soon", "1e9", "Fri, 15 Jan 2027"] {
            assert_eq!(at(ignored), in_seconds(60), "{ignored}");
        }
    }

    #[test]
    fn nobody_holds_a_delivery_for_years() {
        let policy = RetryPolicy::preset("yativo").unwrap();
        let at = |value| next(&policy, 1, 503, Some(value), 0.0);
        let too_long = Decision::GiveUp(GiveUpReason::RetryAfterTooLong);
        assert_eq!(at("604800"), in_seconds(604_800));
        assert_eq!(at("604801"), too_long);
        assert_eq!(at("Fri, 22 Jan 2027 08:00:00 GMT"), in_seconds(604_800));
        assert_eq!(at("Fri, 22 Jan 2027 08:00:01 GMT"), too_long);
        assert_eq!(at("99999999999999999999"), too_long);
        let json = r#"{"schedule":{"list":[60]},"max_retry_after_seconds":0}"#;
        let impatient = RetryPolicy::from_json(json).unwrap();
        assert_eq!(next(&impatient, 1, 503, Some("60"), 0.0), in_seconds(60));
        assert_eq!(next(&impatient, 1, 503, Some("61"), 0.0), too_long);
    }

    #[test]
    fn limits_end_a_delivery() {
        let json = r#"{"schedule":{"exponential":{"initial_seconds":1,"factor":2,"max_seconds":5,"max_attempts":9}},
            "jitter":"full","max_age_seconds":60,"final_statuses":[400]}"#;
        let policy = RetryPolicy::from_json(json).unwrap();
        assert_eq!(next(&policy, 8, 500, None, 1.0), in_seconds(5));
        assert_eq!(next(&policy, 8, 500, None, 0.0), in_seconds(0));
        assert_eq!(next(&policy, 1, 400, None, 0.0), Decision::GiveUp(GiveUpReason::FinalStatus));
        assert_eq!(next(&policy, 1, 503, Some("61"), 0.0), Decision::GiveUp(GiveUpReason::TooOld));
    }

    #[test]
    fn decorrelated_jitter_grows_from_the_previous_delay() {
        let json = r#"{"schedule":{"exponential":{"initial_seconds":10,"factor":3,"max_seconds":200,"max_attempts":9}},
            "jitter":"decorrelated"}"#;
        let policy = RetryPolicy::from_json(json).unwrap();
        let next = |previous: Option<u64>, attempt, random| {
            let previous = previous.map(Duration::from_secs);
            let failed = Outcome::status(500);
            policy.next_after(previous, attempt, &failed, NOW, NOW, random).unwrap()
        };
        // sleep = min(cap, random_between(base, previous * 3)), where the first `previous` is the base.
        for (previous, attempt, random, seconds) in [
            (None, 1, 0.0, 10),
            (None, 1, 0.5, 20),
            (None, 1, 1.0, 30),
            (Some(999), 1, 1.0, 30),
            (Some(12), 2, 0.0, 10),
            (Some(12), 2, 0.5, 23),
            (Some(12), 2, 1.0, 36),
            (Some(0), 2, 1.0, 30),
            // Longer than it can have drawn: the receiver asked for it.
            (Some(86_400), 2, 1.0, 90),
            (Some(80), 5, 1.0, 200),
            (None, 2, 1.0, 90),
            (None, 8, 0.0, 10),
            (None, 8, 1.0, 200),
        ] {
            assert_eq!(
                next(previous, attempt, random),
                in_seconds(seconds),
                "{previous:?} {attempt} {random}"
            );
        }
    }

    #[test]
    fn odd_numbers_are_refused() {
        let policy = RetryPolicy::exponential(0.0, 100.0, 3600.0, 1000);
        let code = |attempt, status, random| {
            let next = policy.next(attempt, &Outcome::status(status), NOW, NOW, random);
            next.map_err(|error| error.code())
        };
        for random in [f64::NAN, f64::INFINITY, -0.1, 1.1] {
            assert_eq!(code(1, 500, random), Err(ErrorCode::InvalidArgument));
        }
        for status in [0, 99, 600, u16::MAX] {
            assert_eq!(code(1, status, 0.0), Err(ErrorCode::InvalidArgument));
        }
        assert_eq!(code(0, 500, 0.0), Err(ErrorCode::InvalidArgument));
        // 100 to the 998th power is no number; no time that often is still none.
        assert_eq!(code(999, 599, 1.0), Ok(in_seconds(0)));
    }
}
