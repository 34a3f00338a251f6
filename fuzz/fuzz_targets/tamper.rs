//! No byte that a signature covers can be changed, in deliveries as they came and in messages that are signed here.

#![no_main]

use hookseal::Request;
use hookseal_fuzz::{Delivery, check_round_trip, check_tampering, verify_twice};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Some(delivery) = Delivery::parse(bytes) else { return Corpus::Reject };
    let Some(webhook) = delivery.webhook() else { return Corpus::Reject };
    let (known, now) = (delivery.known(), delivery.now);
    // Which bits are flipped depends on the input, in a part that most signatures do not cover: the id.
    let sum = bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_mul(31).wrapping_add(*byte));
    let mask = if sum == 0 { 1 } else { sum };

    let mut checked = false;
    if verify_twice(&webhook, &delivery.request(), now).is_ok() {
        check_tampering(known, &webhook, &delivery.request(), now, mask);
        checked = true;
    }
    if let Some(signed) = check_round_trip(&webhook, &delivery.message(), now) {
        let request =
            Request { headers: &signed.pairs(), body: &signed.body, ..delivery.request() };
        check_tampering(known, &webhook, &request, now, mask);
        checked = true;
    }
    if checked { Corpus::Keep } else { Corpus::Reject }
});
