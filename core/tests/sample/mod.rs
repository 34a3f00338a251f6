//! Every built-in scheme with a sample secret, and deliveries of it.

mod config;
mod coverage;
mod message;
pub(crate) mod secret;

use std::sync::LazyLock;

use hookseal::{Message, Request, Timestamp, Webhook};
use serde_json::Value;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_777_111_523);
pub(crate) const KEY: [u8; 32] = [7; 32];

/// Schemes with RSA keys, which are not made here, or with signatures that are verified only: their vectors speak for
/// them.
const ELSEWHERE: [&str; 14] = [
    "adyen_standard",
    "aws_sns",
    "constant_contact",
    "dropbox_sign",
    "dyte",
    "ebay",
    "highlevel",
    "kinde",
    "microsoft_graph",
    "paypal",
    "postal",
    "truelayer",
    "wise",
    "wix",
];

/// Every scheme that signs here.
pub(crate) static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let rows = include_str!("../../src/scheme/catalogue.jsonl").lines();
    let rows = rows.map(|row| {
        // The first of several headers.
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

/// A signed message as it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) url: String,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

impl Delivery {
    pub(crate) fn pairs(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    pub(crate) fn request<'r>(&'r self, headers: &'r [(&'r str, &'r str)]) -> Request<'r> {
        Request::new(headers, &self.body).with_url(&self.url)
    }
}

impl Sample {
    fn new(row: &Value) -> Self {
        let scheme = config::scheme(row["id"].as_str().unwrap());
        let webhook = secret::webhook(&scheme, &KEY)
            .unwrap_or_else(|| panic!("no sample secret fits scheme `{}`", scheme.id()));
        Self { webhook, signed_headers: coverage::signed_headers(row) }
    }

    pub(crate) fn id(&self) -> &str {
        self.webhook.scheme().id()
    }

    /// The same scheme with another key.
    pub(crate) fn with_key(&self, key: &[u8; 32]) -> Self {
        let webhook = secret::webhook(self.webhook.scheme(), key).unwrap();
        Self { webhook, signed_headers: self.signed_headers.clone() }
    }

    /// Whether the body is a form or JSON that holds the content as hex, and not the content itself.
    pub(crate) fn writes_body(&self) -> bool {
        message::body(self.id(), "").is_some()
    }

    /// Signs `content`, in the body that the scheme wants.
    pub(crate) fn sign(&self, content: &[u8]) -> Delivery {
        let id = self.id();
        let body = match message::body(id, &hex(content)) {
            Some(body) => self.webhook.sign_body(body.as_bytes()).unwrap(),
            None => content.to_vec(),
        };
        let url = message::url(id, &body);
        // Whatever else a scheme signs: a nonce, a submission id.
        let names = self.webhook.scheme().headers().into_iter();
        let others = names.filter(|name| *name != "content-type").map(|name| (name, "nonce-1"));
        let others: Vec<(&str, &str)> =
            message::headers(id).iter().copied().chain(others).collect();
        let named = Message { id: Some("msg_1"), event_type: Some("a.b"), ..Message::default() };
        let message = Message { body: &body, url: &url, headers: &others, ..named };
        let signed = self.webhook.sign(&message, NOW);
        let mut headers = signed.unwrap_or_else(|error| panic!("{id} does not sign: {error}"));
        if self.webhook.scheme().reads_any_header() {
            let is_new = |name: &str| headers.iter().all(|(known, _)| known != name);
            let added: Vec<_> = others.iter().filter(|(name, _)| is_new(name)).collect();
            headers.extend(added.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        }
        Delivery { url, headers, body }
    }

    pub(crate) fn verifies(&self, delivery: &Delivery) -> bool {
        self.webhook.verify(&delivery.request(&delivery.pairs()), NOW).is_ok()
    }

    /// The part of the delivery's body that its signature covers: where it is not all of it, the value that holds the
    /// content.
    pub(crate) fn covered_body(
        &self,
        delivery: &Delivery,
        content: &[u8],
    ) -> std::ops::Range<usize> {
        let len = delivery.body.len();
        if self.webhook.scheme().covers_body() {
            return 0..len;
        }
        let text = hex(content);
        if !self.writes_body() || self.id() == "figma" || text.is_empty() {
            return 0..0;
        }
        let start = delivery.body.windows(text.len()).position(|part| part == text.as_bytes());
        start.map_or(0..0, |start| start..start + text.len())
    }

    /// Where the characters of a signed header stand that the signature covers.
    pub(crate) fn covered_header(&self, name: &str, value: &str) -> std::ops::Range<usize> {
        message::covered(name, value)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
