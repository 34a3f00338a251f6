//! Whatever a scheme signs, it verifies.

use std::time::Duration;

use hookseal::{Error, ErrorCode, Message, Request, Timestamp, Webhook};

use crate::Known;

/// A message as it is sent.
#[derive(Debug)]
pub struct Signed {
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Signed {
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

/// Signs the message and verifies the outcome; none when the message cannot be signed.
///
/// # Panics
/// When what is signed does not verify, or does so differently at the second time.
pub fn check_round_trip(
    webhook: &Webhook,
    message: &Message<'_>,
    now: Timestamp,
) -> Option<Signed> {
    let body = webhook.sign_body(message.body).inspect_err(check_error).ok()?;
    // A form that carries its signature is urlencoded, whatever is said of it.
    let carries = Known::of(webhook.scheme().id()).says("signature", "\"form:");
    let is_type = |name: &str| name.eq_ignore_ascii_case("content-type");
    let others = message.headers.iter().copied().filter(|(name, _)| !(carries && is_type(name)));
    let others: Vec<(&str, &str)> = others.collect();
    let message = Message { body: &body, headers: &others, ..*message };
    let headers = webhook.sign(&message, now).inspect_err(check_error).ok()?;
    let headers = with_others(webhook, &message, headers);
    let signed = Signed { headers, body: message.body.to_vec() };
    let (pairs, Message { method, url, .. }) = (signed.pairs(), message);
    let request = Request { method, url, headers: &pairs, body: &signed.body };
    // The body may say when it was signed.
    let webhook = webhook.clone().with_tolerance(Duration::MAX);
    if let Err(error) = verify_twice(&webhook, &request, now) {
        // What the body itself says of its times and its receiver was not ours to write.
        let told = [
            ErrorCode::ClaimMismatch,
            ErrorCode::MalformedTimestamp,
            ErrorCode::TimestampTooNew,
            ErrorCode::TimestampTooOld,
        ];
        let id = webhook.scheme().id();
        assert!(told.contains(&error.code()), "{id}: what is signed does not verify: {error}");
        return None;
    }
    Some(signed)
}

/// The headers that go with the message besides those of the signature, each name once: all of them where the scheme
/// may sign any, else those that it does not read, and what says how the body is to be read.
fn with_others(
    webhook: &Webhook,
    message: &Message<'_>,
    mut headers: Vec<(String, String)>,
) -> Vec<(String, String)> {
    let scheme = webhook.scheme();
    let read = scheme.headers();
    for (name, value) in message.headers {
        let is_read = read.iter().any(|known| known.eq_ignore_ascii_case(name));
        let is_wanted =
            scheme.reads_any_header() || !is_read || name.eq_ignore_ascii_case("content-type");
        if is_wanted && !headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            headers.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    headers
}

/// Verifies the request.
///
/// # Panics
/// When the outcome is another at the second time.
pub fn verify_twice(webhook: &Webhook, request: &Request<'_>, now: Timestamp) -> Result<(), Error> {
    let verify = || {
        webhook.verify(request, now).map(|verified| {
            let text =
                |value: Option<std::borrow::Cow<'_, str>>| value.map(|text| text.into_owned());
            let (id, event_type) = (text(verified.id()), text(verified.event_type()));
            (
                id,
                event_type,
                verified.payload().to_vec(),
                verified.timestamp(),
                verified.key_index(),
            )
        })
    };
    let first = verify();
    assert_eq!(first, verify(), "the same request, another result");
    first.map(|_| ()).inspect_err(check_error)
}

/// # Panics
/// When the message is more than a short line.
pub fn check_error(error: &Error) {
    let message = error.message();
    assert!(!message.is_empty() && message.chars().count() <= 601, "{} characters", message.len());
    assert!(!message.contains(char::is_control), "a message of several lines");
}
