//! Any request to any scheme, explained: nothing panics, what verifies is said to verify, and no finding holds a secret.

#![no_main]

use hookseal::explain;
use hookseal_fuzz::{Delivery, check_error};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Some(delivery) = Delivery::parse(bytes) else { return Corpus::Reject };
    let scheme = &delivery.known().scheme;
    let request = delivery.request();
    let explanation = explain(scheme, &delivery.secrets, None, &request, delivery.now);
    assert_eq!(explanation.verified, explanation.error.is_none());
    if let Some(error) = &explanation.error {
        check_error(error);
    }
    for finding in &explanation.findings {
        assert!(!finding.message.contains(char::is_control), "{}", finding.message);
        for secret in delivery.secrets.iter().filter(|secret| secret.len() >= 16) {
            assert!(!finding.message.contains(secret), "a finding repeats the secret");
        }
    }
    Corpus::Keep
});
