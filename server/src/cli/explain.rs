//! `hookseal explain`.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::Args;
use hookseal::{Explanation, Request};
use zeroize::Zeroizing;

use super::answer::{Failure, report};
use super::request::{NowArgs, RequestArgs};
use super::scheme::{SchemeArgs, read_text};
use crate::explanation;

/// Say why a request does not verify
///
/// Tries the usual mistakes (a body that was parsed and written again, a secret in another encoding, another scheme, a
/// renamed header, a clock that is off, a URL behind a proxy, …) and names the ones that fit, those that are proven first.
/// Pass all headers of the request, not only those that the scheme reads. Never prints a secret, a right signature or the
/// body. Exits with 0 when the request verifies, with 1 when it does not, with 2 for wrong use.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  hookseal explain stripe --secret-file secret --header 'Stripe-Signature: t=…,v1=…' body.json")]
pub(super) struct Explain {
    #[command(flatten)]
    scheme: SchemeArgs,

    /// File with the secret, as the sender shows it, or with its public key; repeat it while a secret is rotated, the
    /// newest first
    #[arg(long, required = true, value_name = "FILE")]
    secret_file: Vec<PathBuf>,

    #[command(flatten)]
    request: RequestArgs,

    #[command(flatten)]
    now: NowArgs,

    /// How far the timestamp may be off, in seconds [default: what the scheme says]
    #[arg(long, value_name = "SECONDS")]
    tolerance: Option<u32>,

    /// Print `{"verified", "error", "findings"}` in the place of text
    #[arg(long)]
    json: bool,
}

impl Explain {
    pub(super) fn run(&self) -> ExitCode {
        let explanation = match self.explain() {
            Ok(explanation) => explanation,
            Err(failure) => return report::<()>(Err(failure)),
        };
        let said = if self.json {
            explanation::to_json(&explanation).to_string()
        } else {
            as_text(&explanation)
        };
        match writeln!(io::stdout(), "{}", said.trim_end()) {
            Ok(()) if explanation.verified => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        }
    }

    fn explain(&self) -> Result<Explanation, Failure> {
        let scheme = self.scheme.load()?;
        let files = self.secret_file.iter().map(|path| read_text(path).map(Zeroizing::new));
        let secrets = files.collect::<Result<Vec<_>, _>>()?;
        // As for `verify`, the line break at the end of a file is not part of the secret; all else is told.
        let secrets: Vec<&str> =
            secrets.iter().map(|text| text.trim_end_matches(['\r', '\n'])).collect();
        let (headers, body) = (self.request.headers(), self.request.body()?);
        let request = Request::new(&headers, &body)
            .with_method(&self.request.method)
            .with_url(&self.request.url);
        let tolerance = self.tolerance.map(|seconds| Duration::from_secs(seconds.into()));
        Ok(hookseal::explain(&scheme, &secrets, tolerance, &request, self.now.now()))
    }
}

fn as_text(explanation: &Explanation) -> String {
    let mut text = match &explanation.error {
        None => "the request verifies\n".to_owned(),
        Some(error) => format!("the request does not verify: {error} ({})\n", error.code()),
    };
    for found in &explanation.findings {
        let certainty = match (explanation.verified, found.certain) {
            (true, _) => "note",
            (false, true) => "certain",
            (false, false) => "likely",
        };
        // Writing into a `String` does not fail.
        let _ = write!(
            text,
            "\n{certainty}: {} ({})\n  do: {}\n",
            found.message, found.cause, found.hint
        );
    }
    text
}
