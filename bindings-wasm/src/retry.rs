//! When to try again.

use std::time::Duration;

use hookseal::{GiveUpReason, Outcome, RetryPolicy, Timestamp};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::error::{Result, thrown};

/// When a failed delivery is tried again.
#[wasm_bindgen]
#[derive(Debug)]
pub struct NativePolicy(RetryPolicy);

/// An attempt that was made; without a status there was no response.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NativeAttempt {
    attempt: u32,
    status: Option<u16>,
    retry_after: Option<String>,
    delivery: Option<String>,
    previous_delay_ms: Option<f64>,
    first_attempt_ms: f64,
    now_ms: f64,
    random: f64,
}

/// What to do next. `at_ms` and `delay_ms`, counted from now, come with `"retry"`, `reason` with `"give_up"`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NativeDecision {
    action: &'static str,
    at_ms: Option<f64>,
    delay_ms: Option<f64>,
    reason: Option<&'static str>,
}

/// One attempt of a schedule.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NativeScheduleRow {
    attempt: u32,
    min_delay_ms: f64,
    max_delay_ms: f64,
    min_elapsed_ms: f64,
    max_elapsed_ms: f64,
}

/// The names of the presets; the first is the default.
#[wasm_bindgen]
pub fn presets() -> Vec<String> {
    RetryPolicy::presets().map(str::to_owned).collect()
}

/// A schedule by its name.
#[wasm_bindgen(js_name = policyOfPreset)]
pub fn policy_of_preset(name: String) -> Result<NativePolicy> {
    RetryPolicy::preset(&name).map(NativePolicy).map_err(thrown)
}

/// The schedule of a profile.
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

/// Every attempt there can be, with its bounds.
#[wasm_bindgen(js_name = scheduleRows, unchecked_return_type = "{ attempt: number; minDelayMs: number; maxDelayMs: number; minElapsedMs: number; maxElapsedMs: number }[]")]
pub fn schedule_rows(policy: &NativePolicy) -> Result<JsValue> {
    let millis = |duration: Duration| duration.as_millis() as f64;
    let rows = policy.0.schedule().into_iter().map(|row| NativeScheduleRow {
        attempt: row.attempt,
        min_delay_ms: millis(row.min_delay),
        max_delay_ms: millis(row.max_delay),
        min_elapsed_ms: millis(row.min_elapsed),
        max_elapsed_ms: millis(row.max_elapsed),
    });
    Ok(serde_wasm_bindgen::to_value(&rows.collect::<Vec<_>>())?)
}

/// The schedule as a table for people.
#[wasm_bindgen(js_name = scheduleTable)]
pub fn schedule_table(policy: &NativePolicy) -> String {
    policy.0.table()
}

/// What to do after an attempt.
#[wasm_bindgen(js_name = nextAttempt, unchecked_return_type = "{ action: string; atMs?: number; delayMs?: number; reason?: string }")]
pub fn next_attempt(
    policy: &NativePolicy,
    #[wasm_bindgen(
        unchecked_param_type = "{ attempt: number; status: number | undefined; retryAfter: string | undefined; delivery: string | undefined; previousDelayMs: number | undefined; firstAttemptMs: number; nowMs: number; random: number }"
    )]
    made: JsValue,
) -> Result<JsValue> {
    let made: NativeAttempt = serde_wasm_bindgen::from_value(made)?;
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
        .0
        .next_after(previous, made.attempt, &outcome, first, now, made.random)
        .map_err(thrown)?;
    let at = decision.retry_at().map(Timestamp::as_millis);
    let decision = NativeDecision {
        action: decision.as_str(),
        at_ms: at.map(|at| at as f64),
        delay_ms: at.map(|at| (at - now.as_millis()) as f64),
        reason: decision.reason().map(GiveUpReason::as_str),
    };
    Ok(serde_wasm_bindgen::to_value(&decision)?)
}
