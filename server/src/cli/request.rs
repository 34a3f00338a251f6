//! The request or message of a command: method, URL, headers, body.

use std::{
    fs,
    io::{self, IsTerminal as _, Read as _},
    path::{Path, PathBuf},
};

use clap::Args;
use hookseal::Timestamp;

use super::answer::Failure;
use crate::clock::{Clock as _, SystemClock};

#[derive(Args, Debug)]
pub(super) struct RequestArgs {
    /// A header, as `Name: value`; may be repeated
    #[arg(long, value_parser = parse_header, value_name = "NAME: VALUE")]
    header: Vec<(String, String)>,

    /// The method
    #[arg(long, default_value = "POST", value_parser = parse_method)]
    pub(super) method: String,

    /// The whole URL as it is registered with the sender, for schemes that sign it or read its query
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(super) url: String,

    /// File with the raw body [default: standard input; with GET and HEAD no body, where that is a terminal]
    body: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct NowArgs {
    /// The present, in seconds since 1970 [default: the clock]
    #[arg(long, value_name = "UNIX", allow_negative_numbers = true)]
    now: Option<i64>,
}

impl RequestArgs {
    pub(super) fn headers(&self) -> Vec<(&str, &str)> {
        self.header.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    pub(super) fn body(&self) -> Result<Vec<u8>, Failure> {
        if let Some(path) = &self.body {
            return fs::read(path).map_err(|error| Failure::unreadable(path, &error));
        }
        let mut body = Vec::new();
        // Nobody waits at a terminal for the body of a request that has none.
        let mut stdin = io::stdin().lock();
        if !["GET", "HEAD"].contains(&self.method.as_str()) || !stdin.is_terminal() {
            stdin
                .read_to_end(&mut body)
                .map_err(|error| Failure::unreadable(Path::new("standard input"), &error))?;
        }
        Ok(body)
    }
}

impl NowArgs {
    pub(super) fn now(&self) -> Timestamp {
        self.now.map_or_else(|| SystemClock::default().now(), Timestamp::from_seconds)
    }
}

fn parse_header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("expected `Name: value`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// Methods are in capitals; who types them need not be.
fn parse_method(text: &str) -> Result<String, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err("expected a method such as `POST`".to_owned());
    }
    Ok(text.to_ascii_uppercase())
}
