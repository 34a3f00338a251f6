//! What `explain` says, as JSON: the same from the command line and the API.

use hookseal::Explanation;
use serde_json::{Value, json};

/// `{"verified", "error", "findings"}`.
pub(crate) fn to_json(explanation: &Explanation) -> Value {
    let error = explanation.error.as_ref().map(|error| {
        json!({ "code": error.code().as_str(), "message": error.message(), "hint": error.hint() })
    });
    let findings = explanation.findings.iter().map(|found| {
        let cause = found.cause.as_str();
        json!({ "cause": cause, "certain": found.certain, "message": found.message, "hint": found.hint })
    });
    json!({ "verified": explanation.verified, "error": error, "findings": findings.collect::<Value>() })
}
