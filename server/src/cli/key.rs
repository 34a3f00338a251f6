//! `hookseal key`.

use std::process::ExitCode;

use clap::Args;
use hookseal::{Request, Webhook};
use serde_json::Value;

use super::answer::{Failure, key_request, report};
use super::request::RequestArgs;
use super::scheme::SchemeArgs;

/// Print where to fetch the published key that verifies a request
///
/// Prints `{"key": {"url", "key_id", "format"}}`, or `{"key": null}` for a scheme with a secret of your own, and exits
/// with 0. `url` is null where the sender gives its keys only to its customers: ask its API for the key `key_id`. A
/// request that names a URL of somebody else is refused with exit code 1. Nothing of the request is verified yet.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  hookseal key aws_sns --config topic_arn=ARN body.json | jq -r .key.url | xargs curl -s -o key.pem
  hookseal verify aws_sns --config topic_arn=ARN --secret-file key.pem body.json")]
pub(super) struct Key {
    #[command(flatten)]
    scheme: SchemeArgs,

    #[command(flatten)]
    request: RequestArgs,
}

impl Key {
    pub(super) fn run(&self) -> ExitCode {
        report(self.key())
    }

    fn key(&self) -> Result<Value, Failure> {
        let scheme = self.scheme.load()?;
        let (headers, body) = (self.request.headers(), self.request.body()?);
        let request = Request::new(&headers, &body)
            .with_method(&self.request.method)
            .with_url(&self.request.url);
        Ok(key_request(Webhook::key_request(&scheme, &request)?.as_ref()))
    }
}
