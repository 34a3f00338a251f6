//! `hookseal sign`.

use std::process::ExitCode;

use clap::Args;
use hookseal::Message;
use serde_json::{Map, Value};

use super::webhook::{Failure, WebhookArgs, report};

/// Print the headers that make a body verifiable, as JSON
///
/// Exits with 0, with 1 when the scheme or the message is refused (as JSON), with 2 for wrong use.
#[derive(Args, Debug)]
pub(super) struct Sign {
    #[command(flatten)]
    webhook: WebhookArgs,

    /// Id of the event, where the scheme has one
    #[arg(long)]
    id: Option<String>,

    /// Type of the event, where the scheme has one
    #[arg(long = "type")]
    event_type: Option<String>,
}

impl Sign {
    pub(super) fn run(&self) -> ExitCode {
        report(self.sign())
    }

    fn sign(&self) -> Result<Value, Failure> {
        let webhook = self.webhook.webhook()?;
        let body = self.webhook.body()?;
        let message = Message {
            id: self.id.as_deref(),
            event_type: self.event_type.as_deref(),
            body: &body,
            headers: &[],
            ..Message::default()
        };
        let headers = webhook.sign(&message, self.webhook.now())?;
        let headers: Map<String, Value> =
            headers.into_iter().map(|(name, value)| (name, value.into())).collect();
        Ok(headers.into())
    }
}
