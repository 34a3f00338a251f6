//! Why did verification fail? The usual mistakes, tried one after the other.
//!
//! A guess is worth little, so each mistake is undone and the request verified again: the finding whose change makes it
//! verify is proven. What cannot be tried, such as a secret of somebody else, is told as likely, after the certain ones.
//!
//! **Invariants.** Nothing panics, and the work is bounded whatever comes in. No finding holds a secret, a signature that
//! would be right, or a part of the body. An explanation is for the operator, not for whoever sent the request.

mod cause;

use std::time::Duration;

pub use cause::Cause;

use crate::error::Error;
use crate::request::Request;
use crate::scheme::Scheme;
use crate::secret::Secret;
use crate::timestamp::Timestamp;
use crate::webhook::Webhook;

/// What is to be said of a request; see [`explain`].
#[derive(Clone, Debug)]
#[must_use]
pub struct Explanation {
    /// Whether the request verifies as it is.
    pub verified: bool,
    /// Why it does not: what [`Webhook::new`] or [`Webhook::verify`] answers.
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
    fn certain(cause: Cause, message: impl Into<String>) -> Self {
        Self { cause, certain: true, message: message.into(), hint: cause.hint() }
    }
}

/// Says why a request does not verify, by trying the usual mistakes.
///
/// `secrets` are the texts as the user has them, also such as [`Secret::new`](crate::Secret::new) refuses: white space
/// around a secret is one of the mistakes. Hand over *all* headers of the request, not only those of
/// [`Scheme::headers`]: one may have come under another name. `tolerance` is that of
/// [`Webhook::with_tolerance`], where one is set.
///
/// At most 64 MiB are hashed, so a small body is tried in thousands of ways, and one of more than 1 MiB in few.
///
/// Show the explanation to whoever runs the receiver; to the sender of the request it would tell too much.
pub fn explain(
    scheme: &Scheme,
    secrets: &[&str],
    tolerance: Option<Duration>,
    request: &Request<'_>,
    now: Timestamp,
) -> Explanation {
    match verify(scheme, secrets, tolerance, request, now) {
        Ok(findings) => Explanation { verified: true, error: None, findings },
        Err(error) => Explanation { verified: false, error: Some(error), findings: Vec::new() },
    }
}

/// The request as it is; advice where it verifies.
fn verify(
    scheme: &Scheme,
    secrets: &[&str],
    tolerance: Option<Duration>,
    request: &Request<'_>,
    now: Timestamp,
) -> Result<Vec<Finding>, Error> {
    let secrets = secrets.iter().map(|text| Secret::new(*text)).collect::<Result<Vec<_>, _>>()?;
    let mut webhook = Webhook::new(scheme.clone(), &secrets)?;
    if let Some(tolerance) = tolerance {
        webhook = webhook.with_tolerance(tolerance);
    }
    let verified = webhook.verify(request, now)?;
    let mut findings = Vec::new();
    if verified.key_index() > 0 {
        let number = verified.key_index() + 1;
        let message = format!("secret {number} of {} matches, not the first", secrets.len());
        findings.push(Finding::certain(Cause::OldSecret, message));
    }
    if !scheme.covers_body() {
        let message = format!("scheme `{}` does not sign the whole body", scheme.id());
        findings.push(Finding::certain(Cause::BodyNotCovered, message));
    }
    if verified.timestamp().is_none() {
        let message = format!("scheme `{}` signs no timestamp", scheme.id());
        findings.push(Finding::certain(Cause::NoReplayProtection, message));
    }
    Ok(findings)
}
