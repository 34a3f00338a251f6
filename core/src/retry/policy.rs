//! What a policy holds, its JSON, and what it refuses.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorCode};
use crate::problem;

/// When a failed delivery is tried again, and when no more.
///
/// In JSON it is an object of these fields; an unknown one is an error. Times are seconds, with fractions where wanted,
/// up to a year.
///
/// | field | takes | default |
/// |---|---|---|
/// | `schedule` | `{"list": […]}`: one delay after each attempt but the last, 0 to 999 of them | required |
/// | | `{"exponential": {…}}`: `initial_seconds`, then each time `factor` (1 to 100) times as long, up to `max_seconds`; `max_attempts` in all (1 to 1000) | |
/// | `jitter` | `"none"`: exactly the delay | `"none"` |
/// | | `"full"`: a random part of the delay, from 0 on | |
/// | | `"equal"`: half the delay, and a random part of the other half | |
/// | | `{"plus_minus": 0.2}`: the delay, up to 20 % more or less; 0 to 1, and the one jitter that exceeds `max_seconds` | |
/// | | `"decorrelated"`: from `initial_seconds` to `factor` times the previous delay, up to `max_seconds`; exponential schedules only, usually with `factor` 3 | |
/// | `max_age_seconds` | give up when the next attempt would be later than this after the first | none |
/// | `max_retry_after_seconds` | give up when `Retry-After` asks for more: an attempt earlier than asked is never made, and no receiver holds a delivery for years | 604800: a week |
/// | `final_statuses` | statuses after which trying again is of no use | `[]` |
/// | `disable_statuses` | statuses with which the receiver says that it wants nothing more | `[410]` |
///
/// A 2xx answer is success, whatever the fields say. The sources: Standard Webhooks, "Deliverability and reliability"
/// (410 disables); the AWS Architecture Blog, "Exponential Backoff And Jitter" (full, equal, decorrelated).
///
/// ```
/// # use hookseal::RetryPolicy;
/// let policy = RetryPolicy::from_json(
///     r#"{
///         "schedule": { "exponential": { "initial_seconds": 10, "factor": 3, "max_seconds": 3600, "max_attempts": 8 } },
///         "jitter": "decorrelated",
///         "final_statuses": [400, 422]
///     }"#,
/// )?;
/// assert_eq!(policy.max_attempts(), 8);
/// # Ok::<(), hookseal::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Fields")]
pub struct RetryPolicy(pub(super) Fields);

#[cfg(feature = "schema")]
impl schemars::JsonSchema for RetryPolicy {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RetryPolicy".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Fields::json_schema(generator)
    }
}

/// When a failed delivery is tried again, and when no more. Times are seconds, with fractions where wanted, up to a year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(super) struct Fields {
    /// The delays between attempts.
    pub(super) schedule: Schedule,
    /// How a delay is spread.
    #[serde(default)]
    pub(super) jitter: Jitter,
    /// Give up when the next attempt would be later than this after the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = MAX_DELAY_SECONDS)))]
    pub(super) max_age_seconds: Option<f64>,
    /// Give up when the header `Retry-After` asks for more.
    #[serde(default = "a_week")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = MAX_DELAY_SECONDS)))]
    pub(super) max_retry_after_seconds: f64,
    /// Statuses after which trying again is of no use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) final_statuses: Vec<u16>,
    /// Statuses with which the receiver says that it wants nothing more.
    #[serde(default = "gone")]
    pub(super) disable_statuses: Vec<u16>,
}

/// 410 Gone: the endpoint is to be disabled.
fn gone() -> Vec<u16> {
    vec![410]
}

/// Longer than any honest outage; short enough that whoever waits still remembers the event.
const fn a_week() -> f64 {
    604_800.0
}

/// The delays between attempts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "RetrySchedule"))]
pub(super) enum Schedule {
    /// Each time `factor` times as long, from `initial_seconds` up to `max_seconds`.
    Exponential {
        #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = MAX_DELAY_SECONDS)))]
        initial_seconds: f64,
        #[cfg_attr(feature = "schema", schemars(range(min = 1.0, max = 100.0)))]
        factor: f64,
        #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = MAX_DELAY_SECONDS)))]
        max_seconds: f64,
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_ATTEMPTS)))]
        max_attempts: u32,
    },
    /// One delay after each attempt but the last.
    List(
        #[cfg_attr(
            feature = "schema",
            schemars(
                length(max = MAX_ATTEMPTS - 1),
                inner(range(min = 0.0, max = MAX_DELAY_SECONDS))
            )
        )]
        Vec<f64>,
    ),
}

/// How a delay is spread, so that receivers that failed together are not tried again together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "RetryJitter"))]
pub(super) enum Jitter {
    Decorrelated,
    Equal,
    Full,
    #[default]
    None,
    /// The delay, more or less by up to this part of it.
    PlusMinus(#[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1.0)))] f64),
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
        delay("max_retry_after_seconds", fields.max_retry_after_seconds)?;
        if let (Schedule::List(_), Jitter::Decorrelated) = (&fields.schedule, fields.jitter) {
            return Err(invalid("jitter decorrelated takes an exponential schedule".to_owned()));
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

impl RetryPolicy {
    /// Reads a policy: `{"schedule":{"list":[60,300]},"jitter":{"plus_minus":0.1}}`.
    ///
    /// # Errors
    /// `invalid_retry_policy`, with the field and what it takes.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        const WHAT: &str = "retry policy";
        // An array would be taken as the fields in order.
        if !json.trim_start().starts_with('{') {
            return Err(invalid(problem::no_object(WHAT, json)));
        }
        serde_json::from_str(json).map_err(|error| invalid(problem::in_json(WHAT, json, &error)))
    }

    /// Writes the policy with its defaults filled in, so that [`from_json`](Self::from_json) reads it back.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() // INVARIANT: plain numbers and lists always serialise.
    }

    /// `delays` in seconds, one after each attempt but the last, without jitter.
    pub(super) fn list(delays: &[f64]) -> Self {
        Self::of(Schedule::List(delays.to_vec()))
    }

    /// Exponential, without jitter.
    pub(super) fn exponential(
        initial_seconds: f64,
        factor: f64,
        max_seconds: f64,
        max_attempts: u32,
    ) -> Self {
        Self::of(Schedule::Exponential { initial_seconds, factor, max_seconds, max_attempts })
    }

    fn of(schedule: Schedule) -> Self {
        let fields = Fields {
            schedule,
            jitter: Jitter::None,
            max_age_seconds: None,
            max_retry_after_seconds: a_week(),
            final_statuses: Vec::new(),
            disable_statuses: gone(),
        };
        Self(fields)
    }

    /// The same with this part of each delay more or less: 0.2 is ±20 %.
    pub(super) fn plus_minus(mut self, ratio: f64) -> Self {
        self.0.jitter = Jitter::PlusMinus(ratio);
        self
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
}

/// Longest delay between two attempts in seconds: a year.
const MAX_DELAY_SECONDS: f64 = 31_536_000.0;
/// Most attempts of one delivery.
const MAX_ATTEMPTS: u32 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_survive_json() {
        let json = r#"{"schedule":{"exponential":{"initial_seconds":1.0,"factor":2.0,"max_seconds":5.0,"max_attempts":9}},"jitter":"full","max_age_seconds":60.0,"max_retry_after_seconds":90.0,"final_statuses":[400],"disable_statuses":[]}"#;
        assert_eq!(RetryPolicy::from_json(json).unwrap().to_json(), json);
        let short = r#"{"schedule":{"list":[]}}"#;
        let long = r#"{"schedule":{"list":[]},"jitter":"none","max_retry_after_seconds":604800.0,"disable_statuses":[410]}"#;
        assert_eq!(RetryPolicy::from_json(short).unwrap().to_json(), long);
    }

    #[test]
    fn mistakes_are_named() {
        for (json, expected) in [
            (r#"{"schedule":{"list":[-1]}}"#, "schedule.list takes 0"),
            (r#"{"schedule":{"list":[1],"x":1}}"#, "retry policy"),
            (r#"{"schedule":{"list":[1]},"jitters":"full"}"#, "unknown field `jitters`"),
            (r#"{"schedule":{"list":[1]},"jitter":{"plus_minus":2}}"#, "jitter.plus_minus takes"),
            (r#"{"schedule":{"list":[1]},"jitter":"decorrelated"}"#, "an exponential schedule"),
            (
                r#"{"schedule":{"list":[1]},"max_retry_after_seconds":1e9}"#,
                "max_retry_after_seconds takes 0",
            ),
            (
                r#"{"schedule":{"exponential":{"initial_seconds":1,"factor":0.5,"max_seconds":5,"max_attempts":9}}}"#,
                "factor takes",
            ),
            (
                r#"{"schedule":{"exponential":{"initial_seconds":1,"factor":2,"max_seconds":5,"max_attempts":0}}}"#,
                "attempts",
            ),
            ("[]", "retry policy: expected a JSON object, got a list"),
            (
                r#"{"schedule":{"list":["60"]}}"#,
                "retry policy: `schedule.list.0`: got string \"60\", expected a number",
            ),
            (r#"{"schedule":{"lisst":[1]}}"#, "retry policy: `schedule.lisst`: unknown variant"),
            (r#"{"schedule":[1]}"#, "retry policy: `schedule.0`: expected a name"),
            (r#"{"schedule":{"list":[1]},"jitter":1}"#, "retry policy: `jitter`: expected a name"),
            (
                r#"{"schedule":{"list":[1,]}}"#,
                "retry policy: not JSON: near `schedule.list.0`, line 1 column 24: expected a value, got `]`",
            ),
        ] {
            let error = RetryPolicy::from_json(json).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidRetryPolicy);
            assert!(error.message().contains(expected), "{json}: {error}");
        }
    }

    #[test]
    fn an_odd_factor_scales_nothing() {
        let policy = RetryPolicy::exponential(30.0, 100.0, 3600.0, 1000);
        assert_eq!(policy.clone().scaled(f64::NAN), policy);
        assert_eq!(policy.clone().scaled(-1.0), policy);
        let none = policy.scaled(0.0).schedule();
        assert!(none.iter().all(|row| row.max_elapsed.is_zero()));
    }
}
