//! When to try again.

use hookseal::{Decision, Outcome, RetryPolicy, Timestamp};
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::error::{Result, thrown};

/// When a failed delivery is tried again.
#[wasm_bindgen]
#[derive(Debug)]
pub struct NativePolicy(RetryPolicy);

/// What to do next. `at_ms` and `delay_ms`, counted from now, come with `"retry"`, `reason` with `"give_up"`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NativeDecision {
    action: &'static str,
    at_ms: Option<f64>,
    delay_ms: Option<f64>,
    reason: Option<&'static str>,
}

/// The schedule of a system.
#[wasm_bindgen(js_name = policyOfProfile)]
pub fn policy_of_profile(id: String) -> Result<NativePolicy> {
    RetryPolicy::profile(&id).map(NativePolicy).map_err(thrown)
}

/// A policy written in JSON.
#[wasm_bindgen(js_name = policyOfJson)]
pub fn policy_of_json(policy: String) -> Result<NativePolicy> {
    RetryPolicy::from_json(&policy).map(NativePolicy).map_err(thrown)
}

/// The policy in JSON, with its defaults filled in.
#[wasm_bindgen(js_name = policyToJson)]
pub fn policy_to_json(policy: &NativePolicy) -> String {
    policy.0.to_json()
}

/// How many attempts there are in all.
#[wasm_bindgen(js_name = maxAttempts)]
pub fn max_attempts(policy: &NativePolicy) -> u32 {
    policy.0.max_attempts()
}

/// What to do after attempt number `attempt`; without a status there was no response.
#[wasm_bindgen(js_name = nextAttempt, unchecked_return_type = "{ action: string; atMs?: number; delayMs?: number; reason?: string }")]
pub fn next_attempt(
    policy: &NativePolicy,
    attempt: u32,
    status: Option<u16>,
    retry_after: Option<String>,
    first_attempt_ms: f64,
    now_ms: f64,
    random: f64,
) -> Result<JsValue> {
    let outcome = match status {
        Some(status) => Outcome::Response { status, retry_after: retry_after.as_deref() },
        None => Outcome::NoResponse,
    };
    let first = Timestamp::from_millis(first_attempt_ms as i64);
    let now = Timestamp::from_millis(now_ms as i64);
    let decision = policy.0.next(attempt, &outcome, first, now, random).map_err(thrown)?;
    let (action, at, reason) = match decision {
        Decision::Delivered => ("delivered", None, None),
        Decision::Disable => ("disable", None, None),
        Decision::GiveUp(reason) => ("give_up", None, Some(reason.as_str())),
        Decision::RetryAt(at) => ("retry", Some(at.as_millis()), None),
    };
    let at_ms = at.map(|at| at as f64);
    let delay_ms = at.map(|at| (at - now.as_millis()) as f64);
    Ok(serde_wasm_bindgen::to_value(&NativeDecision { action, at_ms, delay_ms, reason })?)
}
