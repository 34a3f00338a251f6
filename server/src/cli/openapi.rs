//! `hookseal openapi`.

use std::process::ExitCode;

use clap::Args;

use super::answer::report_text;
use crate::http::openapi;

/// Print the OpenAPI document of the server's API
#[derive(Args, Debug)]
pub(super) struct Openapi {}

impl Openapi {
    #[expect(clippy::unused_self, reason = "as every command")]
    pub(super) fn run(&self) -> ExitCode {
        report_text(Ok(openapi::text().to_owned()))
    }
}
