//! Somebody who sends webhooks as their scheme says.

use hookseal::{Message, Scheme, Secret, Timestamp, Webhook};
use hookseal_server::clock::{Clock as _, SystemClock};

use super::client::{Answer, Client};

pub struct Sender {
    webhook: Webhook,
    client: Client,
    path: String,
    /// What the sender was told to send to, for schemes that sign it.
    pub url: String,
    pub content_type: &'static str,
}

impl Sender {
    /// Sends to the source of this id, whose URL is what the server sees.
    pub fn new(scheme: &str, secret: &str, client: &Client, source: &str) -> Self {
        let scheme = Scheme::builtin(scheme).unwrap();
        let webhook = Webhook::new(scheme, &[Secret::new(secret).unwrap()]).unwrap();
        let path = format!("/in/{source}");
        let url = format!("http://{}{path}", client.address());
        Self { webhook, client: client.with_key(""), path, url, content_type: "application/json" }
    }

    pub fn headers(&self, id: &str, body: &[u8], now: Timestamp) -> Vec<(String, String)> {
        let message = Message {
            id: Some(id),
            event_type: Some("x.y"),
            url: &self.url,
            body,
            ..Message::default()
        };
        self.webhook.sign(&message, now).unwrap()
    }

    pub async fn send(&self, id: &str, body: &[u8]) -> Answer {
        self.send_with(&self.headers(id, body, now()), body).await
    }

    pub async fn send_with(&self, headers: &[(String, String)], body: &[u8]) -> Answer {
        let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<_> = [("content-type", self.content_type)].into_iter().chain(pairs).collect();
        self.client.request("POST", &self.path, &all, body).await
    }
}

pub fn now() -> Timestamp {
    SystemClock::new().now()
}

impl Answer {
    /// The id of the event that is stored, and whether it was there before.
    pub fn stored(&self) -> (String, bool) {
        assert_eq!((self.status, self.body.as_str()), (200, ""), "{self:?}");
        let line = self.head.lines().find_map(|line| line.strip_prefix("hookseal-event-id: "));
        let id = line.unwrap_or_else(|| panic!("no event: {self:?}"));
        (id.to_owned(), self.head.contains("hookseal-duplicate: true"))
    }
}
