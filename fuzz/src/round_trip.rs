//! Whatever a scheme signs, it verifies.

use hookseal::{Message, Request, Timestamp, Webhook};

/// Signs the message and verifies the outcome; gives the headers back, or none when the message cannot be signed.
///
/// # Panics
/// When the headers do not verify, or do so differently at the second time.
pub fn check_round_trip(
    webhook: &Webhook,
    message: &Message<'_>,
    [method, url]: [&str; 2],
    now: Timestamp,
) -> Option<Vec<(String, String)>> {
    let headers = webhook.sign(message, now).ok()?;
    let pairs: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let request = Request::new(&pairs, message.body).with_method(method).with_url(url);
    assert!(verify_twice(webhook, &request, now), "what is signed does not verify");
    if let Ok(signed) = webhook.sign_body(message.body)
        && signed != message.body
    {
        let request = Request::new(&[], &signed).with_method(method).with_url(url);
        assert!(verify_twice(webhook, &request, now), "a signed body does not verify");
    }
    Some(headers)
}

/// Whether the request verifies.
///
/// # Panics
/// When it does so differently at the second time.
pub fn verify_twice(webhook: &Webhook, request: &Request<'_>, now: Timestamp) -> bool {
    let verify = || {
        webhook.verify(request, now).map(|verified| {
            let (id, event_type) = (verified.id(), verified.event_type());
            (id, event_type, verified.timestamp(), verified.key_index())
        })
    };
    let first = verify();
    assert_eq!(first, verify(), "the same request, another result");
    if let Err(error) = &first {
        assert!(!error.message().contains(char::is_control), "a message of several lines");
    }
    first.is_ok()
}
