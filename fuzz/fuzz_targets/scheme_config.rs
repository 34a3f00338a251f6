//! Any values for a scheme: `NAME=VALUE` in lines, and after an empty line the name of a scheme or one as JSON. What
//! reads with them signs, and verifies what it signs; a value is never read as a part of the scheme's language.

#![no_main]

use hookseal::{Message, Scheme, Timestamp};
use hookseal_fuzz::{check_error, check_round_trip, sample_webhook};
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp::from_seconds(1_777_111_523);
const URL: &str = "https://example.com/hooks?a=1";

fuzz_target!(|text: &str| {
    let (values, scheme) = text.split_once("\n\n").unwrap_or((text, ""));
    let config: Vec<(&str, &str)> =
        values.lines().map(|line| line.split_once('=').unwrap_or((line, ""))).collect();
    let read = match scheme.starts_with('{') {
        true => Scheme::from_json_with(scheme, &config),
        false => Scheme::builtin_with(scheme, &config),
    };
    let Ok(scheme) = read.inspect_err(check_error) else { return };
    for (_, value) in &config {
        assert!(!value.is_empty() && !value.contains(['{', '}', '[', ']', '"', '\\']), "{value}");
    }
    let is_name = |byte: u8| byte.is_ascii_graphic() && !b"{}\"(),:;<=>?@[\\]".contains(&byte);
    for name in scheme.headers() {
        assert!(name.bytes().all(is_name) && name == name.to_ascii_lowercase(), "{name}");
    }
    let Some(webhook) = sample_webhook(&scheme) else { return };
    let headers: Vec<(&str, &str)> = scheme
        .headers()
        .into_iter()
        .filter(|name| *name != "content-type")
        .map(|name| (name, "value-1"))
        .collect();
    let message = Message { id: Some("id-1"), url: URL, headers: &headers, ..Message::default() };
    for body in [&b"{\"a\":1}"[..], b"bt_payload=1&events=2"] {
        let _ = check_round_trip(&webhook, &Message { body, ..message }, NOW);
    }
});
