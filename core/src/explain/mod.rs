//! Why did verification fail? The usual mistakes, tried one after the other.
//!
//! A guess is worth little, so each mistake is undone and the request verified again: the finding whose change makes it
//! verify is proven. What cannot be tried, such as a secret of somebody else, is told as likely, after the certain ones.
//!
//! **Invariants.** Nothing panics, and the work is bounded whatever comes in. No finding holds a secret, a signature that
//! would be right, or a part of the body. An explanation is for the operator, not for whoever sent the request.

mod advice;
mod body;
mod cause;
mod clock;
mod facts;
mod finding;
mod headers;
mod method;
mod schemes;
mod search;
mod secrets;
mod signature;
mod subject;
#[cfg(test)]
mod tests;
mod url;

use std::time::Duration;

pub use cause::Cause;
pub use finding::{Explanation, Finding};

use crate::error::{Error, ErrorCode};
use crate::key::SigningKey;
use crate::request::Request;
use crate::scheme::Scheme;
use crate::secret::Secret;
use crate::timestamp::Timestamp;
use crate::webhook::Webhook;
use subject::Subject;

/// Says why a request does not verify, by trying the usual mistakes.
///
/// `secrets` are the texts as the user has them, also such as [`Secret::new`] refuses: white space around a secret is one
/// of the mistakes. Hand over *all* headers of the request, not only those of [`Scheme::headers`]: one may have come under
/// another name. `tolerance` is that of [`Webhook::with_tolerance`], where one is set.
///
/// At most 64 MiB are hashed, so a small body is tried in thousands of ways, and a large one in few; of one above 1 MiB
/// only what stands around it.
///
/// Show the explanation to whoever runs the receiver; to the sender of the request it would tell too much.
pub fn explain(
    scheme: &Scheme,
    secrets: &[&str],
    tolerance: Option<Duration>,
    request: &Request<'_>,
    now: Timestamp,
) -> Explanation {
    let error = match webhook(scheme, secrets, tolerance) {
        Ok(webhook) => match webhook.verify(request, now) {
            Ok(verified) => {
                let findings = advice::findings(scheme, &verified, secrets.len());
                return Explanation { verified: true, error: None, findings };
            }
            Err(error) => error,
        },
        Err(error) => error,
    };
    let keys = keys(scheme, secrets);
    let subject = Subject { scheme, secrets, keys: &keys, request: *request };
    let findings = mistakes(&subject, &error, tolerance, now);
    Explanation { verified: false, error: Some(error), findings }
}

fn webhook(
    scheme: &Scheme,
    secrets: &[&str],
    tolerance: Option<Duration>,
) -> Result<Webhook, Error> {
    let secrets = secrets.iter().map(|text| Secret::new(*text)).collect::<Result<Vec<_>, _>>()?;
    let webhook = Webhook::new(scheme.clone(), &secrets)?;
    Ok(match tolerance {
        Some(tolerance) => webhook.with_tolerance(tolerance),
        None => webhook,
    })
}

/// The keys of those secrets that can be read.
fn keys(scheme: &Scheme, secrets: &[&str]) -> Vec<SigningKey> {
    let secrets = secrets.iter().take(MAX_SECRETS).filter_map(|text| Secret::new(*text).ok());
    let keys = secrets.filter_map(|secret| scheme.keys(&secret).ok()).flatten();
    keys.take(MAX_KEYS).collect()
}

/// The mistakes that fit a request that does not verify, the certain ones first.
fn mistakes(
    subject: &Subject<'_>,
    error: &Error,
    tolerance: Option<Duration>,
    now: Timestamp,
) -> Vec<Finding> {
    if let Ok(verified) = subject.verify(now) {
        return vec![match error.code() {
            // One of several secrets cannot be read, and another one is good.
            ErrorCode::InvalidSecret => Finding::certain(Cause::SecretEncoding, error.message()),
            _ => clock::finding(subject, verified.timestamp(), error, tolerance, now),
        }];
    }
    if let Some(found) = search::search(subject, now) {
        let mut findings = found.findings;
        let late =
            found.signed_at.and_then(|signed_at| clock::late(subject, signed_at, tolerance, now));
        findings.extend(late);
        return findings;
    }
    let mut findings = facts::certain(subject, error);
    findings.extend(facts::likely(subject));
    findings
}

/// As many as a webhook takes.
const MAX_SECRETS: usize = 16;
const MAX_KEYS: usize = 64;
