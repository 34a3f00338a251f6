//! Every built-in scheme with a sample secret, and what it signs.

pub(crate) mod secret;

use std::sync::LazyLock;

use hookseal::{Message, Request, Scheme, Timestamp, Webhook};
use serde_json::Value;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_777_111_523);
pub(crate) const KEY: [u8; 32] = [7; 32];

/// What schemes with a URL in what they sign are given.
pub(crate) const URL: &str = "https://example.com/hooks?a=1";

/// Schemes that sign a form, JSON or a list of headers and not any bytes, or with keys that are not made here: their
/// vectors speak for them.
const ELSEWHERE: [&str; 33] = [
    "adyen_standard",
    "aws_sns",
    "braintree",
    "constant_contact",
    "contentful",
    "dropbox_sign",
    "dyte",
    "ebay",
    "figma",
    "highlevel",
    "hook0",
    "keygen",
    "kinde",
    "linear",
    "mailgun",
    "mailgun_form",
    "mandrill",
    "microsoft_graph",
    "noon",
    "novalnet",
    "paypal",
    "phonepe_v1",
    "plivo_v3",
    "postal",
    "truelayer",
    "trustpay",
    "twilio",
    "twilio_json",
    "twilio_sharedkey",
    "twilio_sharedkey_json",
    "unisender_go",
    "wise",
    "wix",
];

/// Every scheme that signs whatever bytes the body holds.
pub(crate) static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let rows = include_str!("../../src/scheme/catalogue.jsonl").lines();
    let rows = rows.map(|row| {
        // The first of several headers; see `Sample::new` for the other.
        let row = row.replace("{1..100}", "1").replace("{config:header_name}", "x-sample");
        serde_json::from_str::<Value>(&row).unwrap()
    });
    rows.filter(|row| !ELSEWHERE.contains(&row["id"].as_str().unwrap()))
        .map(|row| Sample::new(&row))
        .collect()
});

/// A scheme with the key [`KEY`].
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) webhook: Webhook,
    /// The names of the headers that its signature protects, itself among them.
    pub(crate) signed_headers: Vec<String>,
}

/// Names and values.
pub(crate) type Headers = Vec<(String, String)>;

impl Sample {
    fn new(row: &Value) -> Self {
        let sample = |name: &str| if name == "issuer" { URL } else { "x-sample" };
        let config = row["config"].as_object().into_iter().flatten();
        let config: Vec<(&str, &str)> =
            config.map(|(name, _)| (name.as_str(), sample(name))).collect();
        let scheme = Scheme::builtin_with(row["id"].as_str().unwrap(), &config).unwrap();
        let webhook = secret::webhook(&scheme, &KEY)
            .unwrap_or_else(|| panic!("no sample secret fits scheme `{}`", scheme.id()));
        Self { webhook, signed_headers: signed_headers(row) }
    }

    pub(crate) fn id(&self) -> &str {
        self.webhook.scheme().id()
    }

    /// The same scheme with another key.
    pub(crate) fn with_key(&self, key: &[u8; 32]) -> Self {
        let webhook = secret::webhook(self.webhook.scheme(), key).unwrap();
        Self { webhook, signed_headers: self.signed_headers.clone() }
    }

    pub(crate) fn sign(&self, body: &[u8]) -> Headers {
        // Whatever else a scheme signs: a nonce, a submission id.
        let headers: Vec<(&str, &str)> =
            self.webhook.scheme().headers().into_iter().map(|name| (name, "nonce-1")).collect();
        let named = Message { id: Some("msg_1"), event_type: Some("a.b"), ..Message::default() };
        let message = Message { body, url: URL, headers: &headers, ..named };
        let signed = self.webhook.sign(&message, NOW);
        signed.unwrap_or_else(|error| panic!("{} does not sign: {error}", self.id()))
    }

    pub(crate) fn verifies(&self, headers: &Headers, body: &[u8]) -> bool {
        let pairs: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.webhook.verify(&Request::new(&pairs, body).with_url(URL), NOW).is_ok()
    }
}

/// The headers that a row of the catalogue names in what it signs and in what it demands.
fn signed_headers(row: &Value) -> Vec<String> {
    let mut names = Vec::new();
    for member in ["signature", "signed_content", "timestamp"] {
        find_headers(&row[member], &mut names);
    }
    let required = row["require"].as_object().into_iter().flat_map(|map| map.keys());
    names.extend(required.filter_map(|place| place.strip_prefix("header:")).map(str::to_owned));
    names
}

/// Every `header:NAME` in the texts of `value`.
fn find_headers(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.extend(text.split("header:").skip(1).map(|rest| {
            let end = rest.find(['}', '|', '?', ':']).unwrap_or(rest.len());
            rest[..end].to_ascii_lowercase()
        })),
        Value::Array(items) => items.iter().for_each(|item| find_headers(item, into)),
        Value::Object(members) => members.values().for_each(|item| find_headers(item, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
