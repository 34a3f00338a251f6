//! Any request to any scheme: nothing panics, the same request has the same result, and what a scheme signs verifies,
//! whatever is in it.

#![no_main]

use hookseal::Request;
use hookseal_fuzz::{Delivery, check_round_trip, verify_twice};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Some(delivery) = Delivery::parse(bytes) else { return Corpus::Reject };
    let Some(webhook) = delivery.webhook() else { return Corpus::Keep };
    verify_twice(&webhook, &delivery.request(), delivery.now);

    let place = [delivery.method, delivery.url];
    if let Some(signed) = check_round_trip(&webhook, &delivery.message(), place, delivery.now) {
        // The right signature beside whatever else came.
        let mut headers = delivery.headers.clone();
        headers.extend(signed.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let request = Request::new(&headers, delivery.body)
            .with_method(delivery.method)
            .with_url(delivery.url);
        verify_twice(&webhook, &request, delivery.now);
    }
    Corpus::Keep
});
