//! The core without a binding, as a WebAssembly module.
//!
//! What is exported here uses every entry point of the core on input that the compiler cannot know, so that the module
//! holds all of it. `imports.test.mjs` asserts that the module asks nothing of its host: no clock, no randomness.

// The property tests' own: one list of the forms of a secret.
#[path = "../../../core/tests/sample/secret.rs"]
mod secret;

use hookseal::payload::EnvelopeKind;
use hookseal::{Decision, Message, Outcome, Request, RetryPolicy, Scheme, Timestamp, Webhook};

/// How many schemes of the catalogue have a sample secret.
#[unsafe(no_mangle)]
pub extern "C" fn schemes(seed: u8) -> usize {
    webhooks(seed).count()
}

/// How many of those verify what they sign, and refuse another body where it is signed.
#[unsafe(no_mangle)]
pub extern "C" fn verifying_schemes(seed: u8) -> usize {
    webhooks(seed).filter(|webhook| verifies(webhook, seed)).count()
}

/// How many of two envelopes survive being read and written.
#[unsafe(no_mangle)]
pub extern "C" fn envelopes(seed: u8) -> usize {
    let body = format!(
        r#"{{"event":"a.b","type":"a.b","timestamp":"2026-04-25T10:05:23Z","ts":{seed},"data":{{"tenant_user_id":null}}}}"#
    );
    let survives = |kind: &EnvelopeKind| {
        let event = kind.decode(body.as_bytes(), "msg_1").ok();
        event.is_some_and(|event| kind.encode(&event).is_ok())
    };
    [EnvelopeKind::Naive, EnvelopeKind::Standard].iter().filter(|kind| survives(kind)).count()
}

/// Milliseconds until the retry of a policy that is read from JSON; 0 when there is none.
#[unsafe(no_mangle)]
pub extern "C" fn retry_delay_ms(seed: u8) -> f64 {
    let now = now(seed);
    let outcome = Outcome::Response {
        status: 503,
        retry_after: Some("Thu, 01 Jan 1970 00:00:01 GMT"),
        delivery: None,
    };
    let policy = RetryPolicy::from_json(&format!(r#"{{"schedule":{{"list":[{seed}]}}}}"#));
    match policy.and_then(|policy| policy.next(1, &outcome, now, now, 0.5)) {
        Ok(Decision::RetryAt(at)) => {
            f64::from(i32::try_from(at.as_millis() - now.as_millis()).unwrap_or(0))
        }
        _ => 0.0,
    }
}

fn webhooks(seed: u8) -> impl Iterator<Item = Webhook> {
    let schemes = Scheme::builtin_ids().into_iter().filter_map(|id| Scheme::builtin(id).ok());
    schemes.filter_map(move |scheme| secret::webhook(&scheme, &[seed; 32]))
}

fn verifies(webhook: &Webhook, seed: u8) -> bool {
    let body = [b"{\"a\":", [b'0' + seed % 10].as_slice(), b"}"].concat();
    let headers: Vec<(&str, &str)> =
        webhook.scheme().headers().into_iter().map(|name| (name, "nonce-1")).collect();
    let named = Message { id: Some("msg_1"), event_type: Some("a.b"), ..Message::default() };
    let Ok(signed) = webhook.sign(&Message { body: &body, headers: &headers, ..named }, now(seed))
    else {
        return false;
    };
    let headers: Vec<(&str, &str)> =
        signed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let accepts = |body: &[u8]| webhook.verify(&Request::new(&headers, body), now(seed)).is_ok();
    accepts(&body) && (accepts(b"{}") != webhook.scheme().covers_body())
}

fn now(seed: u8) -> Timestamp {
    Timestamp::from_seconds(1_777_111_523 + i64::from(seed))
}
