//! `hookseal handshake`.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use hookseal::Request;
use serde_json::{Map, Value, json};

use super::answer::{Failure, report};
use super::request::{NowArgs, RequestArgs};
use super::scheme::{SchemeArgs, webhook};

/// Print the answer to a request by which a sender makes sure that you want its webhooks
///
/// Prints `{"status", "headers", "body"}`, with `secret` where the sender hands one over and `fetch` where a URL has to
/// be called, or `null` for a request that is no handshake of the scheme, and exits with 0. Exits with 1 when it is
/// refused, with 2 for wrong use.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  hookseal handshake meta --config verify_token=mine --method GET \\
    --url 'https://example.com/hooks?hub.mode=subscribe&hub.verify_token=mine&hub.challenge=1158201444'")]
pub(super) struct Handshake {
    #[command(flatten)]
    scheme: SchemeArgs,

    /// File with the secret, where the handshake is signed or its answer is; may be repeated
    #[arg(long, value_name = "FILE")]
    secret_file: Vec<PathBuf>,

    #[command(flatten)]
    request: RequestArgs,

    #[command(flatten)]
    now: NowArgs,
}

impl Handshake {
    pub(super) fn run(&self) -> ExitCode {
        report(self.handshake())
    }

    fn handshake(&self) -> Result<Value, Failure> {
        let scheme = self.scheme.load()?;
        let (headers, body) = (self.request.headers(), self.request.body()?);
        let request = Request::new(&headers, &body)
            .with_method(&self.request.method)
            .with_url(&self.request.url);
        let response = if self.secret_file.is_empty() {
            scheme.handshake(&request)?
        } else {
            webhook(scheme, &self.secret_file)?.handshake(&request, self.now.now())?
        };
        let Some(response) = response else { return Ok(Value::Null) };
        let headers: Map<String, Value> =
            response.headers.into_iter().map(|(name, value)| (name, value.into())).collect();
        let body = String::from_utf8_lossy(&response.body).into_owned();
        let mut answer = json!({ "status": response.status, "headers": headers, "body": body });
        if let Value::Object(members) = &mut answer {
            members.extend(
                response.secret.map(|secret| ("secret".to_owned(), secret.expose().into())),
            );
            members.extend(response.fetch.map(|url| ("fetch".to_owned(), url.into())));
        }
        Ok(answer)
    }
}
