//! What a command says at its end: JSON on standard output and an exit code.
//!
//! **Invariants.** 0: done, and the answer is on standard output. 1: the core refuses, and `{"error": {"code", "message",
//! "hint"}}` is on standard output. 2: wrong use, in words on standard error. Whoever only looks at the exit code never
//! takes a request for verified that is not.

use std::{
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

use hookseal::{Error, KeyRequest};
use serde::Serialize;
use serde_json::{Value, json};

/// Wrong use: a missing argument, a file that cannot be read.
const USAGE: u8 = 2;

/// Why a command ends without success.
#[derive(Debug)]
pub(super) enum Failure {
    /// Verifying takes a key that the sender publishes: standard output says where it is, the exit code is 2.
    NeedsKey(KeyRequest),
    /// The core refuses: standard output gets it as JSON, the exit code is 1.
    Refused(Error),
    /// The command cannot be carried out: standard error gets it as text, the exit code is 2.
    Unusable(String),
}

impl Failure {
    pub(super) fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self::Unusable(format!("cannot read `{}`: {error}", path.display()))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// Prints the outcome and gives the exit code.
pub(super) fn report<T: Serialize>(outcome: Result<T, Failure>) -> ExitCode {
    match outcome.map(|answer| serde_json::to_string(&answer)) {
        Ok(Ok(line)) => print(&line, ExitCode::SUCCESS),
        Ok(Err(error)) => complain(&error.to_string()),
        Err(failure) => fail(failure),
    }
}

/// As [`report`], for an answer that is lines for people or for a file.
pub(super) fn report_text(outcome: Result<String, Failure>) -> ExitCode {
    match outcome {
        Ok(text) => print(text.trim_end_matches('\n'), ExitCode::SUCCESS),
        Err(failure) => fail(failure),
    }
}

/// Where to fetch a published key, as it is printed.
pub(super) fn key_request(request: Option<&KeyRequest>) -> Value {
    let key = request.map(|request| {
        json!({ "url": request.url, "key_id": request.key_id, "format": request.format.as_str() })
    });
    json!({ "key": key })
}

fn fail(failure: Failure) -> ExitCode {
    match failure {
        Failure::NeedsKey(request) => {
            print(&key_request(Some(&request)).to_string(), ExitCode::SUCCESS);
            complain("the sender publishes its key: fetch it and pass it with --secret-file <FILE>")
        }
        Failure::Refused(error) => {
            let (code, message, hint) = (error.code().as_str(), error.message(), error.hint());
            let answer = json!({ "error": { "code": code, "message": message, "hint": hint } });
            print(&answer.to_string(), ExitCode::FAILURE)
        }
        Failure::Unusable(message) => complain(&message),
    }
}

fn print(line: &str, code: ExitCode) -> ExitCode {
    match writeln!(io::stdout(), "{line}") {
        Ok(()) => code,
        Err(_) => ExitCode::FAILURE,
    }
}

fn complain(message: &str) -> ExitCode {
    // Nothing is left to do when standard error is closed as well.
    let _ = writeln!(io::stderr(), "error: {message}");
    ExitCode::from(USAGE)
}
