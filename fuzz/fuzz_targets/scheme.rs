//! Any text as a scheme: what reads signs, verifies what it signs, and refuses another body where it is signed.

#![no_main]

use hookseal::{Message, Request, Scheme, Timestamp};
use hookseal_fuzz::{check_error, check_round_trip, sample_webhook};
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp::from_seconds(1_777_111_523);
const URL: &str = "https://example.com/hooks?a=1";
const BODIES: [&[u8]; 4] = [b"", b"{\"a\":1}", b"a=1&b=%20", b"\xff\n"];

fuzz_target!(|text: &str| {
    let Ok(scheme) = Scheme::from_json(text).inspect_err(check_error) else { return };
    let Some(webhook) = sample_webhook(&scheme) else { return };
    let headers: Vec<(&str, &str)> = scheme
        .headers()
        .into_iter()
        .filter(|name| *name != "content-type")
        .map(|name| (name, "value-1"))
        .collect();
    for body in BODIES {
        let (id, event_type) = (Some("id-1"), Some("a-b"));
        let message =
            Message { id, event_type, body, url: URL, headers: &headers, ..Message::default() };
        let _ = webhook.handshake(&Request::new(&headers, body).with_url(URL), NOW);
        let Some(signed) = check_round_trip(&webhook, &message, NOW) else { continue };
        let pairs = signed.pairs();
        let other = Request::new(&pairs, b"a=2&c=%21").with_url(URL);
        assert!(
            !scheme.covers_body() || webhook.verify(&other, NOW).is_err(),
            "another body verifies"
        );
    }
});
