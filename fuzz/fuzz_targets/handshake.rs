//! Any request as the handshake of every scheme that has one: nothing panics, and an answer is plain: one that no
//! browser takes for a page, no client for two headers, and nobody for the secret.

#![no_main]

use std::sync::LazyLock;

use hookseal::{HandshakeResponse, Request, Webhook};
use hookseal_fuzz::{Delivery, Known, check_error, sample_webhook};
use libfuzzer_sys::{Corpus, fuzz_target};

/// What no answer may hold: the sample secret's bytes, as `sample_webhook` writes them.
const SECRET: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBw";

static WITH_RULE: LazyLock<Vec<(&Known, Option<Webhook>)>> = LazyLock::new(|| {
    let with_rule = Known::all().iter().filter(|known| known.row.get("handshake").is_some());
    with_rule.map(|known| (known, sample_webhook(&known.scheme))).collect()
});

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Some(delivery) = Delivery::parse(bytes) else { return Corpus::Reject };
    let request = delivery.request();
    for (known, webhook) in &*WITH_RULE {
        check(&request, known.scheme.handshake(&request));
        let Some(webhook) = webhook else { continue };
        check(&request, webhook.handshake(&request, delivery.now));
        // Some answer only what is signed.
        let Ok(signed) = webhook.sign(&delivery.message(), delivery.now) else { continue };
        let mut headers = delivery.headers.clone();
        headers.extend(signed.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let request = Request { headers: &headers, ..request };
        check(&request, webhook.handshake(&request, delivery.now));
    }
    Corpus::Keep
});

fn check(request: &Request<'_>, answer: Result<Option<HandshakeResponse>, hookseal::Error>) {
    let response = match answer {
        Ok(Some(response)) => response,
        Ok(None) => return,
        Err(error) => return check_error(&error),
    };
    assert!((200..=299).contains(&response.status) || (400..=499).contains(&response.status));
    for (name, value) in &response.headers {
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        assert!(!name.is_empty() && name.bytes().all(is_name), "a header name");
        assert!(
            value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()),
            "a header value"
        );
    }
    let header = |name| {
        let mut values = response.headers.iter().filter(|(known, _)| known == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "`{name}` twice");
        value
    };
    let body = std::str::from_utf8(&response.body).expect("an answer is text");
    assert!(body.len() <= 8192, "an answer of {} bytes", body.len());
    if body.is_empty() {
        assert_eq!(header("content-type"), None);
    } else {
        assert_eq!(header("x-content-type-options"), Some("nosniff"));
        match header("content-type") {
            Some("application/json") => {
                serde_json::from_str::<serde_json::Value>(body).expect("an answer is JSON");
            }
            Some("text/plain") => assert!(!body.contains(['<', '>', '\n', '\r']), "markup"),
            other => panic!("an answer of type {other:?}"),
        }
    }
    // Unless the request itself says it.
    if !String::from_utf8_lossy(request.body).contains(SECRET) && !request.url.contains(SECRET) {
        let is_told = request.headers.iter().any(|(_, value)| value.contains(SECRET));
        assert!(is_told || !body.contains(SECRET), "the answer holds the secret");
    }
    if let Some(url) = response.fetch {
        let host = url.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
        assert!(host.is_some_and(|host| host.contains('.') && !host.contains(['@', ':', '\\'])));
        assert!(url.bytes().all(|byte| byte.is_ascii_graphic()), "a URL in one line");
    }
}
