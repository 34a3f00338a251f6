//! `hookseal verify`.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Args;
use hookseal::{Request, Scheme, Timestamp, Webhook};
use serde::Serialize;
use serde_json::value::RawValue;

use super::answer::{Failure, report};
use super::request::{NowArgs, RequestArgs};
use super::scheme::{SchemeArgs, webhook};

/// Check the signature of a request
///
/// Prints its id, type and timestamp (seconds since 1970) as JSON and exits with 0, or prints what is wrong as
/// `{"error": {"code", "message", "hint"}}` and exits with 1. Wrong use exits with 2.
///
/// Some senders publish the key that verifies. Without `--secret-file`, their key is asked for: `{"key": {"url",
/// "key_id", "format"}}` and exit code 2. Fetch the URL and pass the file with `--secret-file`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  hookseal verify stripe --secret-file secret --header 'Stripe-Signature: t=…,v1=…' body.json

`hookseal schemes ID` shows the headers and values that a scheme reads, and an example.")]
pub(super) struct Verify {
    #[command(flatten)]
    scheme: SchemeArgs,

    /// File with the secret, as the sender shows it, or with its public key; repeat it while a secret is rotated, the
    /// newest first
    #[arg(long, value_name = "FILE")]
    secret_file: Vec<PathBuf>,

    #[command(flatten)]
    request: RequestArgs,

    #[command(flatten)]
    now: NowArgs,

    /// How far the timestamp may be off, in seconds [default: what the scheme says]
    #[arg(long, value_name = "SECONDS")]
    tolerance: Option<u32>,

    /// Print what the sender says, too: the claims where the body is a token (JWT), else the body
    #[arg(long)]
    payload: bool,
}

/// What a verified request says of itself.
#[derive(Serialize)]
struct Answer<'a> {
    id: Option<&'a str>,
    #[serde(rename = "type")]
    event_type: Option<&'a str>,
    timestamp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Box<RawValue>>,
}

impl Verify {
    pub(super) fn run(&self) -> ExitCode {
        report(self.verify())
    }

    fn verify(&self) -> Result<Box<RawValue>, Failure> {
        let scheme = self.scheme.load()?;
        if self.secret_file.is_empty() {
            return Err(self.needs_key(&scheme));
        }
        let mut webhook = webhook(scheme, &self.secret_file)?;
        if let Some(seconds) = self.tolerance {
            webhook = webhook.with_tolerance(Duration::from_secs(seconds.into()));
        }
        let (headers, body) = (self.request.headers(), self.request.body()?);
        let verified = webhook.verify(&self.of(&headers, &body), self.now.now())?;
        let payload = self.payload.then(|| as_json(verified.payload())).transpose()?;
        as_raw(&Answer {
            id: verified.id().as_deref(),
            event_type: verified.event_type().as_deref(),
            timestamp: verified.timestamp().map(Timestamp::as_seconds),
            payload,
        })
    }

    /// Why verifying cannot go on without a secret.
    fn needs_key(&self, scheme: &Scheme) -> Failure {
        let missing =
            || Failure::Unusable("the argument --secret-file <FILE> is missing".to_owned());
        // Who has no published key says so before it waits for a body.
        if let Ok(None) = Webhook::key_request(scheme, &Request::new(&[], &[])) {
            return missing();
        }
        let body = match self.request.body() {
            Ok(body) => body,
            Err(failure) => return failure,
        };
        match Webhook::key_request(scheme, &self.of(&self.request.headers(), &body)) {
            Ok(request) => request.map_or_else(missing, Failure::NeedsKey),
            Err(error) => error.into(),
        }
    }

    fn of<'a>(&'a self, headers: &'a [(&'a str, &'a str)], body: &'a [u8]) -> Request<'a> {
        Request::new(headers, body).with_method(&self.request.method).with_url(&self.request.url)
    }
}

/// JSON as it is, so that long numbers stay whole; anything else as a string.
fn as_json(payload: &[u8]) -> Result<Box<RawValue>, Failure> {
    let json = std::str::from_utf8(payload).ok().and_then(|text| serde_json::from_str(text).ok());
    json.map_or_else(|| as_raw(&String::from_utf8_lossy(payload)), Ok)
}

fn as_raw<T: Serialize + ?Sized>(value: &T) -> Result<Box<RawValue>, Failure> {
    serde_json::value::to_raw_value(value).map_err(|error| Failure::Unusable(error.to_string()))
}
