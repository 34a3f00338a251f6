//! When to try again.

use hookseal::{Decision, Outcome, RetryPolicy, Timestamp};
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::error::{Result, thrown};

/// What to do next. `at_ms` and `delay_ms`, counted from now, come with `"retry"`, `reason` with `"give_up"`.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeDecision {
    pub action: &'static str,
    pub at_ms: Option<f64>,
    pub delay_ms: Option<f64>,
    pub reason: Option<&'static str>,
}

/// The schedule of a system.
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

/// What to do after attempt number `attempt`; without a status there was no response.
#[napi(catch_unwind)]
pub fn next_attempt(
    #[napi(ts_arg_type = "object")] policy: &External<RetryPolicy>,
    attempt: u32,
    status: Option<u16>,
    retry_after: Option<String>,
    first_attempt_ms: f64,
    now_ms: f64,
    random: f64,
) -> Result<NativeDecision> {
    let outcome = match status {
        Some(status) => Outcome::Response { status, retry_after: retry_after.as_deref() },
        None => Outcome::NoResponse,
    };
    let first = Timestamp::from_millis(first_attempt_ms as i64);
    let now = Timestamp::from_millis(now_ms as i64);
    let decision = policy.next(attempt, &outcome, first, now, random).map_err(thrown)?;
    let (action, at, reason) = match decision {
        Decision::Delivered => ("delivered", None, None),
        Decision::Disable => ("disable", None, None),
        Decision::GiveUp(reason) => ("give_up", None, Some(reason.as_str())),
        Decision::RetryAt(at) => ("retry", Some(at.as_millis()), None),
    };
    let at_ms = at.map(|at| at as f64);
    let delay_ms = at.map(|at| (at - now.as_millis()) as f64);
    Ok(NativeDecision { action, at_ms, delay_ms, reason })
}
