//! What is told: an explanation and its findings.

use super::cause::Cause;
use crate::error::Error;

/// What is to be said of a request; see [`explain`](super::explain).
#[derive(Clone, Debug)]
#[must_use]
pub struct Explanation {
    /// Whether the request verifies as it is.
    pub verified: bool,
    /// Why it does not: what [`Webhook::new`](crate::Webhook::new) or [`Webhook::verify`](crate::Webhook::verify)
    /// answers.
    pub error: Option<Error>,
    /// The mistakes that fit, the certain ones first; for a request that verifies, advice.
    pub findings: Vec<Finding>,
}

/// One mistake that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its stable name.
    pub cause: Cause,
    /// Whether it is proven: the request verifies once this is put right, or cannot before it is. Otherwise it is likely.
    pub certain: bool,
    /// What was found: one line, lower case, without a final period.
    pub message: String,
    /// What to do about it; depends on the cause alone.
    pub hint: &'static str,
}

impl Finding {
    pub(super) fn certain(cause: Cause, message: impl Into<String>) -> Self {
        Self { cause, certain: true, message: message.into(), hint: cause.hint() }
    }

    pub(super) fn likely(cause: Cause, message: impl Into<String>) -> Self {
        Self { certain: false, ..Self::certain(cause, message) }
    }
}
