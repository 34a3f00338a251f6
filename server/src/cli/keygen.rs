//! `hookseal keygen`.

use std::process::ExitCode;

use clap::Args;
use hookseal::{KeyPair, Secret};
use serde_json::json;
use zeroize::Zeroizing;

use super::answer::{Failure, report_text};
use crate::rng::{Rng as _, SystemRng};

/// Print a new secret: `whsec_…`, for Standard Webhooks and for schemes that take any text
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  hookseal keygen > secret
  hookseal keygen --ed25519")]
pub(super) struct Keygen {
    /// Print a key pair for signatures `v1a`, as `{\"private_key\": \"whsk_…\", \"public_key\": \"whpk_…\"}`
    #[arg(long)]
    ed25519: bool,
}

impl Keygen {
    pub(super) fn run(&self) -> ExitCode {
        report_text(self.keygen())
    }

    fn keygen(&self) -> Result<String, Failure> {
        let mut random = Zeroizing::new([0; 32]);
        SystemRng.fill(random.as_mut()).map_err(|error| Failure::Unusable(error.to_string()))?;
        if !self.ed25519 {
            return Ok(Secret::generate(random.as_ref())?.expose().to_owned());
        }
        let pair = KeyPair::generate(random.as_ref())?;
        let (private_key, public_key) = (pair.private_key().expose(), pair.public_key());
        Ok(json!({ "private_key": private_key, "public_key": public_key }).to_string())
    }
}
