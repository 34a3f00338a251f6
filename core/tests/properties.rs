//! What holds for every input, and for every scheme of the catalogue.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test may fail loudly"
)]

mod sample;

use hookseal::payload::{EnvelopeKind, Object};
use hookseal::{
    EventType, Outcome, Request, RetryPolicy, Scheme, Secret, Timestamp, TimestampUnit,
    verify_signature,
};
use proptest::prelude::*;
use proptest::sample::Index;
use sample::{Delivery, KEY, NOW, SAMPLES, Sample};

/// Each case runs over every scheme.
const OF_ALL_SCHEMES: u32 = 64;

fn contents() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..300)
}

fn sample(id: &str) -> &'static Sample {
    SAMPLES.iter().find(|sample| sample.id() == id).unwrap()
}

/// The delivery without the headers of this name.
fn without(delivery: &Delivery, name: &str) -> Delivery {
    let mut delivery = delivery.clone();
    delivery.headers.retain(|(known, _)| known != name);
    delivery
}

/// A hex digit in upper case is the same digit.
fn is_same_digit(byte: u8, bit: u8) -> bool {
    bit == 5 && byte.is_ascii_hexdigit() && (byte ^ 1 << bit).is_ascii_hexdigit()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(OF_ALL_SCHEMES))]

    #[test]
    fn what_is_signed_verifies(content in contents()) {
        for sample in &*SAMPLES {
            prop_assert!(sample.verifies(&sample.sign(&content)), "{}", sample.id());
        }
    }

    #[test]
    fn order_and_case_of_headers_do_not_matter(content in contents(), first: Index, upper: u64) {
        for sample in &*SAMPLES {
            let mut delivery = sample.sign(&content);
            let headers = &mut delivery.headers;
            headers.push(("User-Agent".to_owned(), "sample".to_owned()));
            let first = first.index(headers.len());
            headers.rotate_left(first);
            for (name, _) in headers {
                let recase = |(at, c): (usize, char)| {
                    if upper >> (at % 64) & 1 == 1 { c.to_ascii_uppercase() } else { c }
                };
                *name = name.chars().enumerate().map(recase).collect();
            }
            prop_assert!(sample.verifies(&delivery), "{}: {delivery:?}", sample.id());
        }
    }

    #[test]
    fn one_flipped_bit_of_the_body_is_refused(content in prop::collection::vec(any::<u8>(), 1..300), at: Index, bit in 0..8u8) {
        for sample in &*SAMPLES {
            let mut delivery = sample.sign(&content);
            let covered = sample.covered_body(&delivery, &content);
            if covered.is_empty() {
                continue;
            }
            let at = covered.start + at.index(covered.len());
            // The signature may stand there, too.
            if !sample.writes_body() || !is_same_digit(delivery.body[at], bit) {
                delivery.body[at] ^= 1 << bit;
                prop_assert!(!sample.verifies(&delivery), "{}: {delivery:?}", sample.id());
            }
        }
    }

    #[test]
    fn one_flipped_bit_of_the_key_is_refused(content in contents(), at in 0..KEY.len(), bit in 0..8u8) {
        let mut key = KEY;
        key[at] ^= 1 << bit;
        for sample in &*SAMPLES {
            let other = sample.with_key(&key);
            prop_assert!(!other.verifies(&sample.sign(&content)), "{}", sample.id());
        }
    }

    #[test]
    fn one_flipped_bit_of_a_signed_header_is_refused(content in contents(), at: Index, bit in 0..7u8) {
        for sample in &*SAMPLES {
            let signed = sample.sign(&content);
            for name in &sample.signed_headers {
                let mut delivery = signed.clone();
                let Some((_, value)) = delivery.headers.iter_mut().find(|(known, _)| known == name) else { continue };
                let covered = sample.covered_header(name, value);
                let at = covered.start + at.index(covered.len());
                let before = value.as_bytes()[at];
                if is_same_digit(before, bit) {
                    continue;
                }
                value.replace_range(at..=at, char::from(before ^ 1 << bit).encode_utf8(&mut [0; 4]));
                prop_assert!(!sample.verifies(&delivery), "{}: {delivery:?}", sample.id());
            }
        }
    }

    #[test]
    fn a_signed_header_cannot_be_left_out(content in contents()) {
        for sample in &*SAMPLES {
            let signed = sample.sign(&content);
            let removed = sample.signed_headers.iter().map(|name| without(&signed, name));
            let mut count = 0;
            for delivery in removed.filter(|delivery| delivery.headers.len() < signed.headers.len()) {
                prop_assert!(!sample.verifies(&delivery), "{}: {delivery:?}", sample.id());
                count += 1;
            }
            prop_assert!(count > 0 || sample.writes_body(), "{} signs without a header", sample.id());
        }
    }

    #[test]
    fn no_request_panics(value in "\\PC{0,80}|[a-z]{1,4}[0-9]?[,=][A-Za-z0-9+/=]{0,90}|sha256=[0-9a-f]{0,70}|-?[0-9]{0,22}", content in contents(), only: Index, twice: bool) {
        for sample in &*SAMPLES {
            let names = sample.webhook.scheme().headers();
            let wrong: Vec<(&str, &str)> = names.iter().map(|name| (*name, value.as_str())).collect();
            let url = value.as_str();
            for body in [content.as_slice(), value.as_bytes()] {
                let request = Request::new(&wrong, body);
                prop_assert!(sample.webhook.verify(&request, NOW).is_err(), "{}", sample.id());
                prop_assert!(sample.webhook.verify(&request.with_url(url), NOW).is_err(), "{}", sample.id());
                let _ = sample.webhook.handshake(&request.with_url(url), NOW);
            }
            let right = sample.sign(&content);
            if names.is_empty() {
                continue;
            }
            // One wrong header among the right ones, in place of its own or beside it.
            let only = names[only.index(names.len())];
            let mut headers = right.pairs();
            headers.retain(|(name, _)| twice || *name != only);
            headers.push((only, &value));
            let _ = sample.webhook.verify(&right.request(&headers), NOW);
        }
    }
}

proptest! {
    #[test]
    fn a_signed_body_verifies_without_its_header(fields in prop::collection::btree_map("[a-z\"\\\\é]{0,6}", "\\PC{0,20}", 0..5)) {
        let nativemsg = sample("nativemsg");
        let body = serde_json::to_vec(&fields).unwrap();
        prop_assume!(!fields.contains_key("signature"));
        let body = nativemsg.webhook.sign_body(&body).unwrap();
        prop_assert!(nativemsg.webhook.verify(&Request::new(&[], &body), NOW).is_ok());
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
        prop_assert!(!verify_signature(&text, &bytes, &text));
        let outcome =
            Outcome::Response { status, retry_after: Some(&text), delivery: Some(&text) };
        let (first, now) = (Timestamp::from_millis(first), Timestamp::from_millis(now));
        let policy = RetryPolicy::profile("nativemsg").unwrap().scaled(random);
        let _ = policy.next(attempt, &outcome, first, now, random);
    }
}
