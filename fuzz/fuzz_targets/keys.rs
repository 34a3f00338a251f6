//! Any text, and any bytes as DER, as the secret of every scheme with public keys: nothing panics, no message repeats
//! the text, and what a key signs it verifies.

#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use hookseal::{Message, Scheme, Secret, Timestamp, Webhook};
use hookseal_fuzz::{Known, check_error, check_round_trip};
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp::from_seconds(1_777_111_523);
const BODY: &[u8] = b"{\"a\":1}";
/// The words of a message may happen to be in a short text.
const LONG: usize = 24;

/// One scheme of each algorithm, or set of algorithms.
static SCHEMES: LazyLock<Vec<&Scheme>> = LazyLock::new(|| {
    let takes_keys = |known: &&Known| {
        ["ed25519", "ecdsa", "rsa", "jwt"].iter().any(|name| known.says("algorithm", name))
    };
    let kind =
        |known: &Known| format!("{}{}", known.row["algorithm"], known.row["jwt"]["algorithms"]);
    let schemes: BTreeMap<String, &Scheme> =
        Known::all().iter().filter(takes_keys).map(|known| (kind(known), &known.scheme)).collect();
    schemes.into_values().collect()
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        check(text);
    }
    check(&bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
});

fn check(text: &str) {
    let Ok(secret) = Secret::new(text).inspect_err(check_error) else { return };
    for scheme in &*SCHEMES {
        let keys = scheme.keys(&secret).map(|keys| keys.len());
        assert_ne!(keys.as_ref().ok(), Some(&0), "a secret without a key");
        match Webhook::new((*scheme).clone(), std::slice::from_ref(&secret)) {
            Err(error) => {
                check_error(&error);
                let shown = error.message();
                assert!(
                    text.len() < LONG || !shown.contains(text),
                    "the message repeats the secret"
                );
            }
            Ok(webhook) => {
                let url = "https://example.com/hooks?a=1";
                let message = Message { body: BODY, url, ..Message::default() };
                let _ = check_round_trip(&webhook, &message, NOW);
            }
        }
    }
}
