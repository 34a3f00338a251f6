//! Why a request does not verify.

use std::time::Duration;

use hookseal::{Explanation, Timestamp};
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::error::Result;
use crate::request::{pairs, request};
use crate::scheme::NativeScheme;

/// What is to be said of a request; `code` and `message` are those of the error.
#[derive(Serialize)]
struct NativeExplanation<'a> {
    verified: bool,
    code: Option<&'static str>,
    message: Option<&'a str>,
    findings: Vec<NativeFinding<'a>>,
}

/// One mistake that fits.
#[derive(Serialize)]
struct NativeFinding<'a> {
    cause: &'static str,
    certain: bool,
    message: &'a str,
    hint: &'static str,
}

/// Says why a request does not verify; `headers`, all of them, is name, value, name, value, …
#[wasm_bindgen(
    unchecked_return_type = "{ verified: boolean; code?: string; message?: string; findings: { cause: string; certain: boolean; message: string; hint: string }[] }"
)]
#[expect(clippy::too_many_arguments, reason = "as verifying, and making what verifies")]
pub fn explain(
    scheme: &NativeScheme,
    secrets: Vec<String>,
    body: &[u8],
    headers: Vec<String>,
    now_ms: f64,
    tolerance_seconds: Option<u32>,
    method: Option<String>,
    url: Option<String>,
) -> Result<JsValue> {
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    let tolerance = tolerance_seconds.map(|seconds| Duration::from_secs(seconds.into()));
    let headers = pairs(&headers);
    let request = request(&headers, body, method.as_deref(), url.as_deref());
    let now = Timestamp::from_millis(now_ms as i64);
    let Explanation { verified, error, findings } =
        hookseal::explain(&scheme.0, &secrets, tolerance, &request, now);
    let findings = findings.iter().map(|found| NativeFinding {
        cause: found.cause.as_str(),
        certain: found.certain,
        message: &found.message,
        hint: found.hint,
    });
    let explanation = NativeExplanation {
        verified,
        code: error.as_ref().map(|error| error.code().as_str()),
        message: error.as_ref().map(hookseal::Error::message),
        findings: findings.collect(),
    };
    Ok(serde_wasm_bindgen::to_value(&explanation)?)
}
