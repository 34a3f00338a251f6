//! `hookseal verify`.

use std::{process::ExitCode, time::Duration};

use clap::Args;
use hookseal::{Request, Timestamp};
use serde_json::{Value, json};

use super::webhook::{Failure, WebhookArgs, report};

/// Check the signature of a request
///
/// Prints its id, type and timestamp (seconds since 1970) as JSON and exits with 0, or prints what is wrong and exits
/// with 1. Wrong use exits with 2.
#[derive(Args, Debug)]
pub(super) struct Verify {
    #[command(flatten)]
    webhook: WebhookArgs,

    /// A header of the request, as `Name: value`; may be repeated
    #[arg(long, value_parser = parse_header, value_name = "NAME: VALUE")]
    header: Vec<(String, String)>,

    /// How far the timestamp may be off, in seconds [default: what the scheme says]
    #[arg(long, value_name = "SECONDS")]
    tolerance: Option<u32>,
}

impl Verify {
    pub(super) fn run(&self) -> ExitCode {
        report(self.verify())
    }

    fn verify(&self) -> Result<Value, Failure> {
        let mut webhook = self.webhook.webhook()?;
        if let Some(seconds) = self.tolerance {
            webhook = webhook.with_tolerance(Duration::from_secs(seconds.into()));
        }
        let headers: Vec<(&str, &str)> =
            self.header.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let body = self.webhook.body()?;
        let verified = webhook.verify(&Request::new(&headers, &body), self.webhook.now())?;
        Ok(json!({
            "id": verified.id(),
            "type": verified.event_type(),
            "timestamp": verified.timestamp().map(Timestamp::as_seconds),
        }))
    }
}

fn parse_header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("expected `Name: value`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
