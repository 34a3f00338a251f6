//! When to try again.

use std::time::Duration;

use hookseal::{GiveUpReason, Outcome, RetryPolicy, Timestamp};
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::error::{Result, thrown};

/// An attempt that was made; without a status there was no response.
#[napi(object, object_to_js = false)]
#[derive(Debug)]
pub struct NativeAttempt {
    pub attempt: u32,
    #[napi(ts_type = "number | undefined")]
    pub status: Option<u16>,
    #[napi(ts_type = "string | undefined")]
    pub retry_after: Option<String>,
    #[napi(ts_type = "string | undefined")]
    pub delivery: Option<String>,
    #[napi(ts_type = "number | undefined")]
    pub previous_delay_ms: Option<f64>,
    pub first_attempt_ms: f64,
    pub now_ms: f64,
    pub random: f64,
}

/// What to do next. `at_ms` and `delay_ms`, counted from now, come with `"retry"`, `reason` with `"give_up"`.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeDecision {
    pub action: &'static str,
    pub at_ms: Option<f64>,
    pub delay_ms: Option<f64>,
    pub reason: Option<&'static str>,
}

/// One attempt of a schedule.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeScheduleRow {
    pub attempt: u32,
    pub min_delay_ms: f64,
    pub max_delay_ms: f64,
    pub min_elapsed_ms: f64,
    pub max_elapsed_ms: f64,
}

/// The names of the presets; the first is the default.
#[napi(catch_unwind)]
pub fn presets() -> Vec<&'static str> {
    RetryPolicy::presets().collect()
}

/// A schedule by its name.
#[napi(catch_unwind, ts_return_type = "object")]
pub fn policy_of_preset(name: String) -> Result<External<RetryPolicy>> {
    RetryPolicy::preset(&name).map(External::new).map_err(thrown)
}

/// The schedule of a profile.
#[napi(catch_unwind, ts_return_type = "object")]
pub fn policy_of_profile(id: String) -> Result<External<RetryPolicy>> {
    RetryPolicy::profile(&id).map(External::new).map_err(thrown)
}

/// A policy written in JSON.
#[napi(catch_unwind, ts_return_type = "object")]
pub fn policy_of_json(policy: String) -> Result<External<RetryPolicy>> {
    RetryPolicy::from_json(&policy).map(External::new).map_err(thrown)
}

/// The policy in JSON, with its defaults filled in.
#[napi(catch_unwind)]
pub fn policy_to_json(#[napi(ts_arg_type = "object")] policy: &External<RetryPolicy>) -> String {
    policy.to_json()
}

/// How many attempts there are in all.
#[napi(catch_unwind)]
pub fn max_attempts(#[napi(ts_arg_type = "object")] policy: &External<RetryPolicy>) -> u32 {
    policy.max_attempts()
}

/// Every attempt there can be, with its bounds.
#[napi(catch_unwind)]
pub fn schedule_rows(
    #[napi(ts_arg_type = "object")] policy: &External<RetryPolicy>,
) -> Vec<NativeScheduleRow> {
    let millis = |duration: Duration| duration.as_millis() as f64;
    let rows = policy.schedule().into_iter().map(|row| NativeScheduleRow {
        attempt: row.attempt,
        min_delay_ms: millis(row.min_delay),
        max_delay_ms: millis(row.max_delay),
        min_elapsed_ms: millis(row.min_elapsed),
        max_elapsed_ms: millis(row.max_elapsed),
    });
    rows.collect()
}

/// The schedule as a table for people.
#[napi(catch_unwind)]
pub fn schedule_table(#[napi(ts_arg_type = "object")] policy: &External<RetryPolicy>) -> String {
    policy.table()
}

/// What to do after an attempt.
#[napi(catch_unwind)]
pub fn next_attempt(
    #[napi(ts_arg_type = "object")] policy: &External<RetryPolicy>,
    made: NativeAttempt,
) -> Result<NativeDecision> {
    let outcome = match made.status {
        Some(status) => Outcome::Response {
            status,
            retry_after: made.retry_after.as_deref(),
            delivery: made.delivery.as_deref(),
        },
        None => Outcome::NoResponse,
    };
    let previous = made.previous_delay_ms.map(|ms| Duration::from_millis(ms as u64));
    let first = Timestamp::from_millis(made.first_attempt_ms as i64);
    let now = Timestamp::from_millis(made.now_ms as i64);
    let decision = policy
        .next_after(previous, made.attempt, &outcome, first, now, made.random)
        .map_err(thrown)?;
    let at = decision.retry_at().map(Timestamp::as_millis);
    Ok(NativeDecision {
        action: decision.as_str(),
        at_ms: at.map(|at| at as f64),
        delay_ms: at.map(|at| (at - now.as_millis()) as f64),
        reason: decision.reason().map(GiveUpReason::as_str),
    })
}
