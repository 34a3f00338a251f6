//! What holds for every input.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use hookseal::payload::{EnvelopeKind, Object};
use hookseal::{
    EventType, Message, Outcome, Request, RetryPolicy, Scheme, Secret, Timestamp, TimestampUnit,
    Webhook, verify_signature,
};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_seconds(1_777_111_523);

fn webhook(id: &str) -> Webhook {
    webhook_with(id, &[7; 32])
}

/// A webhook whose secret holds `key` in whatever form the scheme reads.
fn webhook_with(id: &str, key: &[u8]) -> Webhook {
    let prefixed = Secret::generate(key).unwrap();
    let base64 = Secret::new(prefixed.expose().trim_start_matches("whsec_")).unwrap();
    let hex = Secret::new(hex::encode(key)).unwrap();
    let scheme = Scheme::builtin(id).unwrap();
    let fits = |secret: Secret| Webhook::new(scheme.clone(), &[secret]).ok();
    [prefixed, base64, hex].into_iter().find_map(fits).unwrap()
}

fn schemes() -> impl Strategy<Value = Webhook> {
    prop::sample::select(Scheme::builtin_ids()).prop_map(webhook)
}

fn verifies(webhook: &Webhook, headers: &[(String, String)], body: &[u8]) -> bool {
    let pairs: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    webhook.verify(&Request::new(&pairs, body), NOW).is_ok()
}

fn sign(webhook: &Webhook, body: &[u8]) -> Vec<(String, String)> {
    // Whatever else a scheme signs: a nonce, a submission id.
    let others: Vec<(&str, &str)> =
        webhook.scheme().headers().into_iter().map(|name| (name, "nonce-1")).collect();
    let message = Message {
        id: Some("msg_1"),
        event_type: Some("a.b"),
        body,
        headers: &others,
        ..Message::default()
    };
    webhook.sign(&message, NOW).unwrap()
}

proptest! {
    #[test]
    fn what_is_signed_verifies(webhook in schemes(), body: Vec<u8>) {
        prop_assert!(verifies(&webhook, &sign(&webhook, &body), &body));
    }

    #[test]
    fn order_and_case_of_headers_do_not_matter(webhook in schemes(), body: Vec<u8>, seed: prop::sample::Index) {
        let mut headers = sign(&webhook, &body);
        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        let middle = seed.index(headers.len());
        headers.rotate_left(middle);
        for (name, _) in &mut headers {
            *name = name.to_ascii_uppercase();
        }
        prop_assert!(verifies(&webhook, &headers, &body));
    }

    #[test]
    fn one_flipped_bit_of_the_body_is_refused(webhook in schemes(), mut body in prop::collection::vec(any::<u8>(), 1..300), at: prop::sample::Index, bit in 0..8u8) {
        if !webhook.scheme().covers_body() {
            return Ok(());
        }
        let headers = sign(&webhook, &body);
        let at = at.index(body.len());
        body[at] ^= 1 << bit;
        prop_assert!(!verifies(&webhook, &headers, &body));
    }

    #[test]
    fn another_character_in_a_signed_header_is_refused(webhook in schemes(), body: Vec<u8>, at: prop::sample::Index, with in "[ -~]") {
        for signed in ["signature", "webhook-timestamp", "yativo-timestamp"] {
            let mut headers = sign(&webhook, &body);
            let Some((_, value)) = headers.iter_mut().find(|(name, _)| name.ends_with(signed)) else { continue };
            let at = at.index(value.len());
            let before = value.clone();
            value.replace_range(at..=at, &with);
            // A hex digit in upper case is the same digit.
            if before.as_bytes()[at].eq_ignore_ascii_case(&with.as_bytes()[0]) {
                continue;
            }
            prop_assert!(!verifies(&webhook, &headers, &body), "{before} {:?}", headers);
        }
    }

    #[test]
    fn another_key_is_refused(id in prop::sample::select(Scheme::builtin_ids()), body: Vec<u8>, key in prop::array::uniform32(any::<u8>())) {
        prop_assume!(key != [7; 32]);
        let other = webhook_with(id, &key);
        prop_assert!(!verifies(&other, &sign(&webhook(id), &body), &body));
    }

    #[test]
    fn a_signed_body_verifies_without_its_header(fields in prop::collection::btree_map("[a-z\"\\\\é]{0,6}", "\\PC{0,20}", 0..5)) {
        let webhook = webhook("nativemsg");
        let body = serde_json::to_vec(&fields).unwrap();
        prop_assume!(!fields.contains_key("signature"));
        prop_assert!(verifies(&webhook, &[], &webhook.sign_body(&body).unwrap()));
    }

    #[test]
    fn no_request_panics(webhook in schemes(), names in prop::collection::vec("[a-z-]{0,12}|webhook-(id|timestamp|signature)|x-[a-z]{5,9}-signature", 0..6), value in "\\PC{0,80}|v1,[A-Za-z0-9+/=]{0,60}|sha256=[0-9a-f]{0,70}|-?[0-9]{0,22}", body: Vec<u8>) {
        let headers: Vec<(String, String)> = names.into_iter().map(|name| (name, value.clone())).collect();
        prop_assert!(!verifies(&webhook, &headers, &body));
        prop_assert!(!verify_signature(&value, &body, &value));
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,120}", bytes: Vec<u8>, attempt: u32, status: u16, first: i64, now: i64, random: f64) {
        let _ = (Scheme::from_json(&text), RetryPolicy::from_json(&text), EventType::parse(&text), Secret::new(&*text));
        for unit in [TimestampUnit::S, TimestampUnit::Ms, TimestampUnit::Iso8601, TimestampUnit::HttpDate] {
            let _ = unit.parse(&text).map(|moment| unit.format(moment));
        }
        for kind in [EnvelopeKind::Naive, EnvelopeKind::Ainative, EnvelopeKind::Yativo, EnvelopeKind::Nativemsg, EnvelopeKind::Standard] {
            let _ = (kind.decode(&bytes, &text), Object::parse(text.as_bytes()));
        }
        let outcome = Outcome::Response { status, retry_after: Some(&text), delivery: Some(&text) };
        let (first, now) = (Timestamp::from_millis(first), Timestamp::from_millis(now));
        let policy = RetryPolicy::profile("nativemsg").unwrap().scaled(random);
        let _ = policy.next(attempt, &outcome, first, now, random);
    }
}
