//! Why a request does not verify.

#![expect(clippy::too_many_arguments, reason = "as verifying, and making what verifies")]

use std::time::Duration;

use hookseal::{Explanation, Scheme, Timestamp};
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::request::{pairs, request};

/// What is to be said of a request; `code` and `message` are those of the error.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeExplanation {
    pub verified: bool,
    pub code: Option<&'static str>,
    pub message: Option<String>,
    pub findings: Vec<NativeFinding>,
}

/// One mistake that fits.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeFinding {
    pub cause: &'static str,
    pub certain: bool,
    pub message: String,
    pub hint: &'static str,
}

/// Says why a request does not verify; `headers`, all of them, is name, value, name, value, …
#[napi(catch_unwind)]
pub fn explain(
    #[napi(ts_arg_type = "object")] scheme: &External<Scheme>,
    secrets: Vec<String>,
    body: &[u8],
    headers: Vec<String>,
    now_ms: f64,
    tolerance_seconds: Option<u32>,
    method: Option<String>,
    url: Option<String>,
) -> NativeExplanation {
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    let tolerance = tolerance_seconds.map(|seconds| Duration::from_secs(seconds.into()));
    let headers = pairs(&headers);
    let request = request(&headers, body, method.as_deref(), url.as_deref());
    let now = Timestamp::from_millis(now_ms as i64);
    let Explanation { verified, error, findings } =
        hookseal::explain(scheme, &secrets, tolerance, &request, now);
    let findings = findings.into_iter().map(|found| NativeFinding {
        cause: found.cause.as_str(),
        certain: found.certain,
        message: found.message,
        hint: found.hint,
    });
    NativeExplanation {
        verified,
        code: error.as_ref().map(|error| error.code().as_str()),
        message: error.as_ref().map(|error| error.message().to_owned()),
        findings: findings.collect(),
    }
}
