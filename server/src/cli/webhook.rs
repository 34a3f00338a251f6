//! What `sign` and `verify` share: a scheme, its secrets, a body, the present; JSON out.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use hookseal::{Error, Scheme, Secret, Timestamp, Webhook};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::clock::{Clock as _, SystemClock};

/// Wrong use: a file that cannot be read.
const USAGE: u8 = 2;

#[derive(Args, Debug)]
pub(super) struct WebhookArgs {
    /// Name of a built-in scheme, or a file `….json` with one of your own
    scheme: String,

    /// File with the secret, as the sender shows it; repeat it while a secret is rotated, the newest first
    #[arg(long, required = true, value_name = "FILE")]
    secret_file: Vec<PathBuf>,

    /// The present, in seconds since 1970 [default: the clock]
    #[arg(long, value_name = "UNIX")]
    now: Option<i64>,

    /// File with the raw body [default: standard input]
    body: Option<PathBuf>,
}

/// Why a command ends without success.
#[derive(Debug)]
pub(super) enum Failure {
    /// The core refuses: standard output gets it as JSON, the exit code is 1.
    Refused(Error),
    /// The command cannot be carried out: standard error gets it as text, the exit code is 2.
    Unusable(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl WebhookArgs {
    pub(super) fn webhook(&self) -> Result<Webhook, Failure> {
        let scheme = if Path::new(&self.scheme).extension().is_some_and(|end| end == "json") {
            Scheme::from_json(&read_text(Path::new(&self.scheme))?)?
        } else {
            Scheme::builtin(&self.scheme)?
        };
        let secrets =
            self.secret_file.iter().map(|path| read_secret(path)).collect::<Result<Vec<_>, _>>()?;
        Ok(Webhook::new(scheme, &secrets)?)
    }

    pub(super) fn body(&self) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        match &self.body {
            Some(path) => body = fs::read(path).map_err(|error| unreadable(path, &error))?,
            None => {
                io::stdin()
                    .lock()
                    .read_to_end(&mut body)
                    .map_err(|error| unreadable(Path::new("standard input"), &error))?;
            }
        }
        Ok(body)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now.map_or_else(|| SystemClock::default().now(), Timestamp::from_seconds)
    }
}

/// A secret is one line; editors end it with a line break that is not part of it.
fn read_secret(path: &Path) -> Result<Secret, Failure> {
    let text = Zeroizing::new(read_text(path)?);
    Ok(Secret::new(text.trim_end_matches(['\r', '\n']))?)
}

pub(super) fn read_text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::Unusable(format!("cannot read `{}`: {error}", path.display()))
}

/// Prints the outcome and gives the exit code.
pub(super) fn report(outcome: Result<Value, Failure>) -> ExitCode {
    let (code, answer) = match outcome {
        Ok(answer) => (ExitCode::SUCCESS, answer),
        Err(Failure::Refused(error)) => {
            let (code, message, hint) = (error.code().as_str(), error.message(), error.hint());
            let answer = json!({ "error": { "code": code, "message": message, "hint": hint } });
            (ExitCode::FAILURE, answer)
        }
        Err(Failure::Unusable(message)) => {
            // Nothing is left to do when standard error is closed as well.
            let _ = writeln!(io::stderr(), "error: {message}");
            return ExitCode::from(USAGE);
        }
    };
    match writeln!(io::stdout(), "{answer}") {
        Ok(()) => code,
        Err(_) => ExitCode::FAILURE,
    }
}
