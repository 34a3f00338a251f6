//! Each mistake, made on a request that was really signed.

#![expect(clippy::string_slice, reason = "a test may fail loudly")]

mod bodies;
mod circumstances;
mod headers;
mod keys;
mod properties;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::*;
use crate::sign::Message;

const NOW: Timestamp = Timestamp::from_seconds(1_777_111_523);
const BODY: &str = r#"{"data":{"amount":1.50,"id":7,"name":"Café","url":"https://e.com/a"},"type":"invoice.paid"}"#;
const URL: &str = "https://example.com/hooks/in?a=1";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SEED: &str = "whsk_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// A request as it was received, with what the receiver knows.
#[derive(Clone, Debug)]
struct Case {
    scheme: Scheme,
    secrets: Vec<String>,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    now: Timestamp,
    /// The headers as they were signed.
    signed: Vec<String>,
}

impl Case {
    fn signed(scheme: &str, secret: &str, body: &[u8], others: &[(&str, &str)]) -> Self {
        let scheme = Scheme::builtin(scheme).unwrap();
        let webhook = Webhook::new(scheme.clone(), &[Secret::new(secret).unwrap()]).unwrap();
        let message = Message {
            id: Some("msg_1"),
            event_type: Some("invoice.paid"),
            url: URL,
            body,
            headers: others,
            ..Message::default()
        };
        let mut headers = webhook.sign(&message, NOW).unwrap();
        let signed = headers.iter().map(|(_, value)| value.clone()).collect();
        headers
            .extend(others.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self {
            scheme,
            secrets: vec![secret.to_owned()],
            method: "POST".to_owned(),
            url: URL.to_owned(),
            headers,
            body: body.to_vec(),
            now: NOW,
            signed,
        }
    }

    fn of(scheme: &str) -> Self {
        match scheme {
            "twilio" => {
                let form = b"To=%2B15550001&Body=Caf%C3%A9+now&From=%2B15550002";
                let headers = [("content-type", "application/x-www-form-urlencoded")];
                Self::signed(scheme, SECRET, form, &headers)
            }
            "discord" => Self::signed(scheme, SEED, BODY.as_bytes(), &[]),
            _ => Self::signed(scheme, SECRET, BODY.as_bytes(), &[]),
        }
    }

    fn explain(&self) -> Explanation {
        let secrets: Vec<&str> = self.secrets.iter().map(String::as_str).collect();
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request =
            Request::new(&headers, &self.body).with_method(&self.method).with_url(&self.url);
        explain(&self.scheme, &secrets, None, &request, self.now)
    }

    fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    fn with_url(mut self, url: &str) -> Self {
        self.url = url.to_owned();
        self
    }

    fn with_secret(mut self, secret: &str) -> Self {
        self.secrets = vec![secret.to_owned()];
        self
    }

    fn with_now(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// The receiver takes it for one of this scheme.
    fn taken_for(mut self, scheme: &str) -> Self {
        self.scheme = Scheme::builtin(scheme).unwrap();
        self
    }

    fn header(&mut self, name: &str) -> &mut (String, String) {
        self.headers.iter_mut().find(|(known, _)| known == name).unwrap()
    }

    fn with_value(mut self, name: &str, change: impl Fn(&str) -> String) -> Self {
        let header = self.header(name);
        header.1 = change(&header.1);
        self
    }

    fn with_names(mut self, change: impl Fn(&str) -> String) -> Self {
        self.headers.iter_mut().for_each(|(name, _)| *name = change(name));
        self
    }

    fn and_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }
}

/// The first finding is this, certain, and nothing is told that must not be.
#[track_caller]
fn expect(case: &Case, cause: Cause) -> String {
    let explanation = case.explain();
    assert!(!explanation.verified && explanation.error.is_some());
    let first = explanation.findings.first().unwrap();
    assert_eq!((first.cause, first.certain), (cause, true), "{:#?}", explanation.findings);
    check_form(&explanation, case);
    first.message.clone()
}

/// Certain findings stand first, messages are in form, and no secret, signature or body is in them.
#[track_caller]
fn check_form(explanation: &Explanation, case: &Case) {
    assert!(explanation.findings.is_sorted_by_key(|finding| !finding.certain));
    let mut hidden: Vec<String> = Vec::new();
    for secret in &case.secrets {
        let bare = secret.trim().trim_matches('"').trim_start_matches("whsec_");
        let bytes = STANDARD.decode(bare).unwrap_or_default();
        hidden.extend([
            secret.clone(),
            bare.to_owned(),
            hex::encode(&bytes),
            STANDARD.encode(bare),
            hex::encode(bare),
        ]);
        hidden.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    let values = case.headers.iter().map(|(_, value)| value).chain(&case.signed);
    // The longest run of characters of an encoding is the signature.
    let runs = values
        .flat_map(|value| value.split(|c: char| !c.is_ascii_alphanumeric() && !"+/".contains(c)));
    hidden.extend(runs.filter(|run| run.len() > 24).map(str::to_owned));
    // `[object Object]` and the like are nobody's data.
    hidden.extend(
        Some(String::from_utf8_lossy(&case.body).into_owned()).filter(|body| body.len() > 24),
    );
    for finding in &explanation.findings {
        let message = &finding.message;
        assert!(
            !message.is_empty() && !message.ends_with('.') && !message.contains('\n'),
            "{message}"
        );
        assert_eq!(finding.hint, finding.cause.hint());
        for text in hidden.iter().filter(|text| text.len() > 8) {
            assert!(!message.contains(text.as_str()), "{message}");
        }
    }
}

const SIGNED_BODIES: [&str; 3] = ["stripe", "github", "standard_webhooks"];
