//! When to try again: a pure function of what happened.
//!
//! **Invariants.** The same arguments give the same decision in every language. A retry is never earlier than the
//! receiver asked for with `Retry-After` (RFC 9110 §10.2.3).

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorCode};
use crate::profile::Profile;
use crate::timestamp::Timestamp;

/// Longest delay between two attempts in seconds: a year.
const MAX_DELAY_SECONDS: f64 = 31_536_000.0;
/// Most attempts of one delivery.
const MAX_ATTEMPTS: u32 = 1000;

/// When a failed delivery is tried again, and when no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Fields")]
pub struct RetryPolicy(Fields);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    schedule: Schedule,
    #[serde(default)]
    jitter: Jitter,
    /// Give up when the next attempt would be later than this after the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_age_seconds: Option<f64>,
    /// Statuses after which trying again is of no use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    final_statuses: Vec<u16>,
    /// Statuses with which the receiver says that it wants nothing more.
    #[serde(default = "gone")]
    disable_statuses: Vec<u16>,
}

/// 410 Gone: the endpoint is to be disabled (Standard Webhooks, "Retries").
fn gone() -> Vec<u16> {
    vec![410]
}

/// The delays between attempts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Schedule {
    /// `initial`, then each time `factor` times as long, up to `max`.
    Exponential { initial_seconds: f64, factor: f64, max_seconds: f64, max_attempts: u32 },
    /// One delay after each attempt but the last.
    List(Vec<f64>),
}

/// How a delay is spread, so that receivers that failed together are not tried again together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Jitter {
    /// Half the delay, and a random part of the other half.
    Equal,
    /// A random part of the delay.
    Full,
    /// Exactly the delay.
    #[default]
    None,
    /// The delay, and up to this part of it more or less: 0.1 is ±10 %.
    PlusMinus(f64),
}

impl TryFrom<Fields> for RetryPolicy {
    type Error = Error;

    fn try_from(fields: Fields) -> Result<Self, Error> {
        let delay = |field: &str, seconds: f64| {
            if (0.0..=MAX_DELAY_SECONDS).contains(&seconds) {
                return Ok(());
            }
            Err(invalid(format!("{field} takes 0 to {MAX_DELAY_SECONDS} seconds, got {seconds}")))
        };
        let attempts = match &fields.schedule {
            Schedule::List(delays) => {
                delays.iter().try_for_each(|seconds| delay("schedule.list", *seconds))?;
                u32::try_from(delays.len()).unwrap_or(u32::MAX).saturating_add(1)
            }
            Schedule::Exponential { initial_seconds, factor, max_seconds, max_attempts } => {
                delay("schedule.exponential.initial_seconds", *initial_seconds)?;
                delay("schedule.exponential.max_seconds", *max_seconds)?;
                if !(1.0..=100.0).contains(factor) {
                    return Err(invalid(format!(
                        "schedule.exponential.factor takes 1 to 100, got {factor}"
                    )));
                }
                *max_attempts
            }
        };
        if !(1..=MAX_ATTEMPTS).contains(&attempts) {
            return Err(invalid(format!(
                "a delivery takes 1 to {MAX_ATTEMPTS} attempts, got {attempts}"
            )));
        }
        if let Some(seconds) = fields.max_age_seconds {
            delay("max_age_seconds", seconds)?;
        }
        if let Jitter::PlusMinus(ratio) = fields.jitter
            && !(0.0..=1.0).contains(&ratio)
        {
            return Err(invalid(format!("jitter.plus_minus takes 0 to 1, got {ratio}")));
        }
        Ok(Self(fields))
    }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorCode::InvalidRetryPolicy, message)
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// No answer: refused, reset, timed out, TLS or DNS failure.
    NoResponse,
    /// An answer.
    Response {
        /// The HTTP status.
        status: u16,
        /// The `Retry-After` header as received: seconds or an HTTP date; anything else counts as absent.
        retry_after: Option<&'a str>,
    },
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Decision {
    /// Nothing: a 2xx answer.
    Delivered,
    /// Send nothing more to this endpoint.
    Disable,
    /// This delivery failed for good.
    GiveUp(GiveUpReason),
    /// Try again at this time.
    RetryAt(Timestamp),
}

/// Why a delivery failed for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GiveUpReason {
    /// The last attempt of the schedule failed.
    AttemptsExhausted,
    /// The receiver answered with a status after which trying again is of no use.
    FinalStatus,
    /// The next attempt would come later than the policy allows.
    TooOld,
}

impl GiveUpReason {
    /// The reason on the wire: `"attempts_exhausted"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AttemptsExhausted => "attempts_exhausted",
            Self::FinalStatus => "final_status",
            Self::TooOld => "too_old",
        }
    }
}

impl RetryPolicy {
    /// The schedule of a system: `"yativo"`.
    ///
    /// # Errors
    /// `unknown_profile`.
    pub fn profile(id: &str) -> Result<Self, Error> {
        Profile::get(id).map(Profile::retry_policy)
    }

    /// Reads a policy: `{"schedule":{"list":[60,300]},"jitter":{"plus_minus":0.1}}`; delays in seconds.
    ///
    /// # Errors
    /// `invalid_retry_policy`, with the field and what it takes.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        serde_json::from_str(json).map_err(|error| invalid(format!("retry policy: {error}")))
    }

    /// Writes the policy, so that [`from_json`](Self::from_json) reads it back.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() // INVARIANT: plain numbers and lists always serialise.
    }

    /// `delays` in seconds, one after each attempt but the last, without jitter.
    pub(crate) fn list(delays: &[f64]) -> Self {
        Self::of(Schedule::List(delays.to_vec()), Jitter::None)
    }

    /// Exponential, ±20 %.
    pub(crate) fn exponential(
        initial_seconds: f64,
        factor: f64,
        max_seconds: f64,
        max_attempts: u32,
    ) -> Self {
        let schedule = Schedule::Exponential { initial_seconds, factor, max_seconds, max_attempts };
        Self::of(schedule, Jitter::PlusMinus(0.2))
    }

    fn of(schedule: Schedule, jitter: Jitter) -> Self {
        let fields = Fields {
            schedule,
            jitter,
            max_age_seconds: None,
            final_statuses: Vec::new(),
            disable_statuses: gone(),
        };
        Self(fields)
    }

    /// How many attempts there are in all.
    #[must_use]
    pub fn max_attempts(&self) -> u32 {
        match &self.0.schedule {
            Schedule::Exponential { max_attempts, .. } => *max_attempts,
            Schedule::List(delays) => {
                u32::try_from(delays.len()).unwrap_or(MAX_ATTEMPTS).saturating_add(1)
            }
        }
    }

    /// The same policy with every delay multiplied, to see a schedule of hours in seconds. What the receiver asks for
    /// with `Retry-After` is not changed. A factor that is not between 0 and 1000 counts as 1.
    #[must_use]
    pub fn scaled(mut self, factor: f64) -> Self {
        let factor = if (0.0..=1000.0).contains(&factor) { factor } else { 1.0 };
        match &mut self.0.schedule {
            Schedule::Exponential { initial_seconds, max_seconds, .. } => {
                *initial_seconds *= factor;
                *max_seconds *= factor;
            }
            Schedule::List(delays) => delays.iter_mut().for_each(|seconds| *seconds *= factor),
        }
        self
    }

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
        check_arguments(attempt, outcome, random)?;
        let mut asked = None;
        if let Outcome::Response { status, retry_after } = outcome {
            if (200..300).contains(status) {
                return Ok(Decision::Delivered);
            }
            if self.0.disable_statuses.contains(status) {
                return Ok(Decision::Disable);
            }
            if self.0.final_statuses.contains(status) {
                return Ok(Decision::GiveUp(GiveUpReason::FinalStatus));
            }
            asked = retry_after.and_then(|value| parse_retry_after(value, now));
        }
        let Some(delay) = self.delay(attempt) else {
            return Ok(Decision::GiveUp(GiveUpReason::AttemptsExhausted));
        };
        let planned = now.plus_millis(to_millis(self.spread(delay, random)));
        let at = asked.map_or(planned, |asked| asked.max(planned));
        let age = at.as_millis().saturating_sub(first_attempt_at.as_millis());
        if self.0.max_age_seconds.is_some_and(|max| age > to_millis(max)) {
            return Ok(Decision::GiveUp(GiveUpReason::TooOld));
        }
        Ok(Decision::RetryAt(at))
    }

    /// Seconds to wait after attempt number `attempt`; none after the last.
    fn delay(&self, attempt: u32) -> Option<f64> {
        if attempt >= self.max_attempts() {
            return None;
        }
        match &self.0.schedule {
            Schedule::Exponential { initial_seconds, factor, max_seconds, .. } => {
                let exponent = i32::try_from(attempt - 1).unwrap_or(i32::MAX);
                Some((initial_seconds * factor.powi(exponent)).min(*max_seconds))
            }
            Schedule::List(delays) => delays.get(usize::try_from(attempt - 1).ok()?).copied(),
        }
    }

    fn spread(&self, delay: f64, random: f64) -> f64 {
        match self.0.jitter {
            Jitter::Equal => delay / 2.0 + delay / 2.0 * random,
            Jitter::Full => delay * random,
            Jitter::None => delay,
            Jitter::PlusMinus(ratio) => delay * (1.0 - ratio + 2.0 * ratio * random),
        }
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

/// Whole milliseconds; the fields keep `seconds` between zero and some years.
fn to_millis(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
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
        policy.next(attempt, &Outcome::Response { status, retry_after }, NOW, NOW, random).unwrap()
    }

    fn delays(id: &str) -> Vec<i64> {
        let policy = RetryPolicy::profile(id).unwrap();
        let mut delays = Vec::new();
        while let Decision::RetryAt(at) = next(&policy, delays.len() as u32 + 1, 500, None, 0.5) {
            delays.push((at.as_millis() - NOW.as_millis()) / 1000);
        }
        delays
    }

    #[test]
    fn the_four_systems_keep_their_schedules() {
        assert_eq!(delays("yativo"), [60, 300, 1800, 7200, 21600, 86400]);
        assert_eq!(delays("ainative"), [0_i64; 0]);
        assert_eq!(delays("naive").len() + 1, 3);
        assert_eq!(delays("nativemsg").len() + 1, 5);
        assert!(delays("nativemsg").is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn answers_decide() {
        let policy = RetryPolicy::profile("yativo").unwrap();
        assert_eq!(next(&policy, 1, 204, None, 0.0), Decision::Delivered);
        assert_eq!(next(&policy, 1, 410, None, 0.0), Decision::Disable);
        assert_eq!(
            next(&policy, 7, 500, None, 0.0),
            Decision::GiveUp(GiveUpReason::AttemptsExhausted)
        );
        assert_eq!(
            policy.next(1, &Outcome::NoResponse, NOW, NOW, 0.0).unwrap(),
            Decision::RetryAt(NOW.plus_millis(60_000))
        );
        for status in [100, 199, 300, 301, 400, 404, 429, 599] {
            assert_eq!(
                next(&policy, 1, status, None, 0.0),
                Decision::RetryAt(NOW.plus_millis(60_000)),
                "{status}"
            );
        }
    }

    #[test]
    fn retry_after_only_delays() {
        let policy = RetryPolicy::profile("yativo").unwrap();
        let at = |value| match next(&policy, 1, 503, Some(value), 0.0) {
            Decision::RetryAt(at) => (at.as_millis() - NOW.as_millis()) / 1000,
            other => panic!("{other:?}"),
        };
        assert_eq!(at("120"), 120);
        assert_eq!(at(" 120 "), 120);
        assert_eq!(at("5"), 60);
        assert_eq!(at("Fri, 15 Jan 2027 08:10:00 GMT"), 600);
        for ignored in ["", "-5", "1.5", "soon", "1e9", "Fri, 15 Jan 2027"] {
            assert_eq!(at(ignored), 60, "{ignored}");
        }
        let far = next(&policy, 1, 503, Some("99999999999999999999"), 0.0);
        assert_eq!(far, Decision::RetryAt(Timestamp::MAX));
    }

    #[test]
    fn policies_survive_json_and_mistakes_are_named() {
        let json = r#"{"schedule":{"exponential":{"initial_seconds":1.0,"factor":2.0,"max_seconds":5.0,"max_attempts":9}},"jitter":"full","max_age_seconds":60.0,"final_statuses":[400],"disable_statuses":[]}"#;
        let policy = RetryPolicy::from_json(json).unwrap();
        assert_eq!(policy.to_json(), json);
        assert_eq!(next(&policy, 8, 500, None, 1.0), Decision::RetryAt(NOW.plus_millis(5000)));
        assert_eq!(next(&policy, 8, 500, None, 0.0), Decision::RetryAt(NOW));
        assert_eq!(next(&policy, 1, 400, None, 0.0), Decision::GiveUp(GiveUpReason::FinalStatus));
        assert_eq!(next(&policy, 1, 503, Some("61"), 0.0), Decision::GiveUp(GiveUpReason::TooOld));
        for (json, expected) in [
            (r#"{"schedule":{"list":[-1]}}"#, "schedule.list takes 0"),
            (r#"{"schedule":{"list":[1],"x":1}}"#, "retry policy"),
            (r#"{"schedule":{"list":[1]},"jitters":"full"}"#, "unknown field `jitters`"),
            (r#"{"schedule":{"list":[1]},"jitter":{"plus_minus":2}}"#, "jitter.plus_minus takes"),
            (
                r#"{"schedule":{"exponential":{"initial_seconds":1,"factor":0.5,"max_seconds":5,"max_attempts":9}}}"#,
                "factor takes",
            ),
            (
                r#"{"schedule":{"exponential":{"initial_seconds":1,"factor":2,"max_seconds":5,"max_attempts":0}}}"#,
                "attempts",
            ),
            ("[]", "retry policy"),
        ] {
            let error = RetryPolicy::from_json(json).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidRetryPolicy);
            assert!(error.message().contains(expected), "{json}: {error}");
        }
    }

    #[test]
    fn odd_numbers_are_refused() {
        let policy = RetryPolicy::exponential(30.0, 100.0, 3600.0, 1000);
        let code = |attempt, status, random| {
            let outcome = Outcome::Response { status, retry_after: None };
            policy.next(attempt, &outcome, NOW, NOW, random).map_err(|error| error.code())
        };
        for random in [f64::NAN, f64::INFINITY, -0.1, 1.1] {
            assert_eq!(code(1, 500, random), Err(ErrorCode::InvalidArgument));
        }
        for status in [0, 99, 600, u16::MAX] {
            assert_eq!(code(1, status, 0.0), Err(ErrorCode::InvalidArgument));
        }
        assert_eq!(code(0, 500, 0.0), Err(ErrorCode::InvalidArgument));
        assert!(matches!(code(999, 599, 1.0), Ok(Decision::RetryAt(_))));
        assert_eq!(policy.clone().scaled(f64::NAN), policy);
        assert_eq!(next(&policy.scaled(0.0), 3, 500, None, 1.0), Decision::RetryAt(NOW));
    }
}
