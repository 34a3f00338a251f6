//! What holds for every input, and for every scheme of the catalogue.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
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
use sample::{Headers, KEY, NOW, SAMPLES, Sample};

/// Each case runs over every scheme.
const OF_ALL_SCHEMES: u32 = 64;

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..300)
}

fn sample(id: &str) -> &'static Sample {
    SAMPLES.iter().find(|sample| sample.id() == id).unwrap()
}

/// The headers without those of this name.
fn without(headers: &Headers, name: &str) -> Headers {
    headers.iter().filter(|(known, _)| known != name).cloned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(OF_ALL_SCHEMES))]

    #[test]
    fn what_is_signed_verifies(body in bodies()) {
        for sample in &*SAMPLES {
            prop_assert!(sample.verifies(&sample.sign(&body), &body), "{}", sample.id());
        }
    }

    #[test]
    fn order_and_case_of_headers_do_not_matter(body in bodies(), first: Index, upper: u64) {
        for sample in &*SAMPLES {
            let mut headers = sample.sign(&body);
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
            let first = first.index(headers.len());
            headers.rotate_left(first);
            for (name, _) in &mut headers {
                let recase = |(at, c): (usize, char)| {
                    if upper >> (at % 64) & 1 == 1 { c.to_ascii_uppercase() } else { c }
                };
                *name = name.chars().enumerate().map(recase).collect();
            }
            prop_assert!(sample.verifies(&headers, &body), "{}: {headers:?}", sample.id());
        }
    }

    #[test]
    fn one_flipped_bit_of_the_body_is_refused(mut body in prop::collection::vec(any::<u8>(), 1..300), at: Index, bit in 0..8u8) {
        let signed: Vec<Headers> = SAMPLES.iter().map(|sample| sample.sign(&body)).collect();
        let at = at.index(body.len());
        body[at] ^= 1 << bit;
        for (sample, headers) in SAMPLES.iter().zip(signed) {
            let covers_body = sample.webhook.scheme().covers_body();
            prop_assert!(!covers_body || !sample.verifies(&headers, &body), "{}", sample.id());
        }
    }

    #[test]
    fn one_flipped_bit_of_the_key_is_refused(body in bodies(), at in 0..KEY.len(), bit in 0..8u8) {
        let mut key = KEY;
        key[at] ^= 1 << bit;
        for sample in &*SAMPLES {
            let other = sample.with_key(&key);
            prop_assert!(!other.verifies(&sample.sign(&body), &body), "{}", sample.id());
        }
    }

    #[test]
    fn one_flipped_bit_of_a_signed_header_is_refused(body in bodies(), at: Index, bit in 0..7u8) {
        for sample in &*SAMPLES {
            let signed = sample.sign(&body);
            for name in &sample.signed_headers {
                let mut headers = signed.clone();
                let Some((_, value)) = headers.iter_mut().find(|(known, _)| known == name) else { continue };
                let at = at.index(value.len());
                let before = value.as_bytes()[at];
                let after = before ^ 1 << bit;
                // A hex digit in upper case is the same digit.
                if bit == 5 && before.is_ascii_hexdigit() && after.is_ascii_hexdigit() {
                    continue;
                }
                value.replace_range(at..=at, char::from(after).encode_utf8(&mut [0; 4]));
                prop_assert!(!sample.verifies(&headers, &body), "{}: {headers:?}", sample.id());
            }
        }
    }

    #[test]
    fn a_signed_header_cannot_be_left_out(body in bodies()) {
        for sample in &*SAMPLES {
            let signed = sample.sign(&body);
            let removed = sample.signed_headers.iter().map(|name| without(&signed, name));
            let mut count = 0;
            for headers in removed.filter(|headers| headers.len() < signed.len()) {
                prop_assert!(!sample.verifies(&headers, &body), "{}: {headers:?}", sample.id());
                count += 1;
            }
            prop_assert!(count > 0, "{} signs without a header", sample.id());
        }
    }

    #[test]
    fn no_request_panics(value in "\\PC{0,80}|[a-z]{1,4}[0-9]?[,=][A-Za-z0-9+/=]{0,90}|sha256=[0-9a-f]{0,70}|-?[0-9]{0,22}", body in bodies(), only: Index, twice: bool) {
        for sample in &*SAMPLES {
            let names = sample.webhook.scheme().headers();
            let only = names[only.index(names.len())];
            let right = sample.sign(&body);
            let mut headers: Vec<(&str, &str)> = names.iter().map(|name| (*name, value.as_str())).collect();
            prop_assert!(sample.webhook.verify(&Request::new(&headers, &body), NOW).is_err(), "{}", sample.id());
            // One wrong header among the right ones, in place of its own or beside it.
            headers.clear();
            headers.extend(right.iter().filter(|(name, _)| twice || name != only).map(|(name, value)| (name.as_str(), value.as_str())));
            headers.push((only, &value));
            let _ = sample.webhook.verify(&Request::new(&headers, &body), NOW);
        }
    }
}

proptest! {
    #[test]
    fn a_signed_body_verifies_without_its_header(fields in prop::collection::btree_map("[a-z\"\\\\é]{0,6}", "\\PC{0,20}", 0..5)) {
        let nativemsg = sample("nativemsg");
        let body = serde_json::to_vec(&fields).unwrap();
        prop_assume!(!fields.contains_key("signature"));
        prop_assert!(nativemsg.verifies(&Vec::new(), &nativemsg.webhook.sign_body(&body).unwrap()));
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
