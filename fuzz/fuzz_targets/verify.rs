//! Any request to any scheme: nothing panics, the same request has the same result, and what a scheme signs verifies,
//! whatever is in it.

#![no_main]

use hookseal::{Request, Webhook};
use hookseal_fuzz::{Delivery, check_error, check_round_trip, verify_twice};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Some(delivery) = Delivery::parse(bytes) else { return Corpus::Reject };
    let Some(webhook) = delivery.webhook() else { return Corpus::Keep };
    let _ = verify_twice(&webhook, &delivery.request(), delivery.now);
    if let Err(error) = Webhook::key_request(webhook.scheme(), &delivery.request()) {
        check_error(&error);
    }

    if let Some(signed) = check_round_trip(&webhook, &delivery.message(), delivery.now) {
        // The right signature beside whatever else came.
        let mut headers = delivery.headers.clone();
        headers.extend(signed.pairs());
        let request = Request { headers: &headers, body: &signed.body, ..delivery.request() };
        let _ = verify_twice(&webhook, &request, delivery.now);
    }
    Corpus::Keep
});
