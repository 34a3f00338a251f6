//! Any text as a scheme: what reads signs, and verifies what it signs.

#![no_main]

use hookseal::{Message, Scheme, Timestamp};
use hookseal_fuzz::{check_round_trip, sample_webhook};
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp::from_seconds(1_777_111_523);
const BODIES: [&[u8]; 4] = [b"", b"{\"a\":1}", b"a=1&b=%20", b"\xff\n"];

fuzz_target!(|text: &str| {
    let Ok(scheme) = Scheme::from_json(text) else { return };
    let Some(webhook) = sample_webhook(&scheme) else { return };
    let headers: Vec<(&str, &str)> =
        scheme.headers().into_iter().map(|name| (name, "value-1")).collect();
    for body in BODIES {
        let message =
            Message { id: Some("id-1"), event_type: Some("a-b"), body, headers: &headers };
        check_round_trip(&webhook, &message, ["POST", "https://example.com/hooks?a=1"], NOW);
    }
});
