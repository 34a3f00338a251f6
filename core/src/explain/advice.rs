//! What the operator of a receiver should know of a request that verifies.

use super::cause::Cause;
use super::finding::Finding;
use crate::algorithm::Family;
use crate::scheme::Scheme;
use crate::verify::Verified;

pub(super) fn findings(scheme: &Scheme, verified: &Verified<'_>, secrets: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    let id = scheme.id();
    if verified.key_index() > 0 {
        let message =
            format!("secret {} of {secrets} matches, not the first", verified.key_index() + 1);
        findings.push(Finding::certain(Cause::OldSecret, message));
    }
    if !scheme.covers_body() {
        let message = format!("scheme `{id}` does not protect the whole body");
        findings.push(Finding::certain(Cause::BodyNotCovered, message));
    }
    if verified.timestamp().is_none() {
        let what = if scheme.algorithm.family() == Family::Token {
            "a token and no timestamp"
        } else {
            "no timestamp"
        };
        let verb = if scheme.algorithm.family() == Family::Token { "sends" } else { "signs" };
        findings.push(Finding::certain(
            Cause::NoReplayProtection,
            format!("scheme `{id}` {verb} {what}"),
        ));
    }
    findings
}
