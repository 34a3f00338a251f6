//! `hookseal sign`.

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Args;
use hookseal::Message;
use serde_json::{Map, Value};

use super::answer::{Failure, report};
use super::request::{NowArgs, RequestArgs};
use super::scheme::{SchemeArgs, webhook};

/// Print the headers that make a body verifiable, as JSON
///
/// Exits with 0; with 1 when the scheme or the message is refused, as `{"error": {"code", "message", "hint"}}`; with 2
/// for wrong use.
///
/// Where the signature belongs into the body, `--body-out` writes the body to send. Headers that the scheme signs, or
/// that it needs to read the body (`content-type` for forms), are given with `--header`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  hookseal sign standard_webhooks --secret-file secret --id msg_1 body.json
  hookseal sign mailgun --secret-file secret --body-out signed.json body.json")]
pub(super) struct Sign {
    #[command(flatten)]
    scheme: SchemeArgs,

    /// File with the secret or the private key (PKCS#8 in PEM, `whsk_…`); repeat it while a secret is rotated, the
    /// newest first
    #[arg(long, required = true, value_name = "FILE")]
    secret_file: Vec<PathBuf>,

    /// Id of the event, where the scheme has one
    #[arg(long)]
    id: Option<String>,

    /// Type of the event, where the scheme has one
    #[arg(long = "type")]
    event_type: Option<String>,

    #[command(flatten)]
    request: RequestArgs,

    #[command(flatten)]
    now: NowArgs,

    /// File to write the body to, as it is to be sent: with the signature in it, where the scheme has it there
    #[arg(long, value_name = "FILE")]
    body_out: Option<PathBuf>,
}

impl Sign {
    pub(super) fn run(&self) -> ExitCode {
        report(self.sign())
    }

    fn sign(&self) -> Result<Value, Failure> {
        let webhook = webhook(self.scheme.load()?, &self.secret_file)?;
        if self.body_out.is_none() && webhook.scheme().signs_in_body() {
            let message =
                "the signature belongs into the body: --body-out <FILE> says where to write that";
            return Err(Failure::Unusable(message.to_owned()));
        }
        let (given, mut body) = (self.request.headers(), self.request.body()?);
        if self.body_out.is_some() {
            body = webhook.sign_body(&body)?;
        }
        let message = Message {
            id: self.id.as_deref(),
            event_type: self.event_type.as_deref(),
            method: &self.request.method,
            url: &self.request.url,
            body: &body,
            headers: &given,
        };
        let headers = webhook.sign(&message, self.now.now())?;
        if let Some(path) = &self.body_out {
            fs::write(path, &body).map_err(|error| {
                Failure::Unusable(format!("cannot write `{}`: {error}", path.display()))
            })?;
        }
        let headers: Map<String, Value> =
            headers.into_iter().map(|(name, value)| (name, value.into())).collect();
        Ok(headers.into())
    }
}
