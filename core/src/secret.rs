//! The text that sender and receiver share.
//!
//! **Invariants.** A [`Secret`] is never empty, is wiped from memory when dropped, and is never printed: no `Display`,
//! no `Serialize`, no `PartialEq`, and a `Debug` that says nothing.

use std::fmt;

use crate::error::{Error, ErrorCode, say};
use crate::radix::STANDARD;
use crate::white_space;

/// The prefix of a generated secret, as in Standard Webhooks.
const PREFIX: &str = "whsec_";
/// Longer than any real secret; bounds what a mistake (a whole file) can do.
const MAX_LEN: usize = 4096;
/// Room for a large key set or a chain of certificates.
const MAX_KEY_TEXT_LEN: usize = 256 * 1024;

/// A shared secret as the sender shows it: `whsec_…`, hex, or any text; or a public or private key: PEM, JWK, JWKS,
/// `whpk_…`, `whsk_…`. The scheme says how it is read.
#[derive(Clone)]
#[cfg_attr(
    any(feature = "whole", not(feature = "heap-wipes")),
    derive(zeroize::Zeroize, zeroize::ZeroizeOnDrop)
)]
pub struct Secret(String);

impl Secret {
    /// Takes the text of a secret as the sender shows it.
    ///
    /// # Errors
    /// `invalid_secret` when it is empty, begins or ends with white space, or is longer than 4096 bytes. A key in PEM or
    /// JSON may end with a line break and have up to 256 KiB.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let mut secret = Self(text.into());
        let is_key_text = secret.0.starts_with("-----BEGIN ") || secret.0.starts_with('{');
        if is_key_text {
            while let Some(shorter) = white_space::strip_end(&secret.0) {
                let len = shorter.len();
                secret.0.truncate(len);
            }
        }
        let max_len = if is_key_text { MAX_KEY_TEXT_LEN } else { MAX_LEN };
        let problem = if secret.0.is_empty() {
            say!("secret is empty: see that the variable that holds it is set")
        } else if secret.0.len() > max_len {
            say!("secret is {} bytes long, more than {max_len}", secret.0.len())
        } else if white_space::surrounds(&secret.0) {
            say!("secret begins or ends with white space")
        } else {
            return Ok(secret);
        };
        Err(Error::new(ErrorCode::InvalidSecret, problem))
    }

    /// Makes `whsec_` + base64 from 24 to 64 random bytes, the size that Standard Webhooks asks for.
    ///
    /// # Errors
    /// `invalid_argument` when `random` has another length.
    pub fn generate(random: &[u8]) -> Result<Self, Error> {
        if !(24..=64).contains(&random.len()) {
            let message = say!("a secret is made from 24 to 64 random bytes, got {}", random.len());
            return Err(Error::new(ErrorCode::InvalidArgument, message));
        }
        let mut text = String::with_capacity(PREFIX.len() + 88);
        text.push_str(PREFIX);
        STANDARD.encode_string(random, &mut text);
        Ok(Self(text))
    }

    /// The text itself, to show it once to its owner or to derive a key.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_secret_is_prefixed_base64() {
        let secret = Secret::generate(&[0xff; 32]).unwrap();
        assert_eq!(secret.expose(), "whsec_//////////////////////////////////////////8=");
        assert_eq!(Secret::generate(&[0; 23]).unwrap_err().code(), ErrorCode::InvalidArgument);
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }

    #[test]
    fn unusable_text_is_refused() {
        for text in ["", " abc", "abc\n", "\t"] {
            assert_eq!(Secret::new(text).unwrap_err().code(), ErrorCode::InvalidSecret, "{text:?}");
        }
        assert!(Secret::new("x".repeat(MAX_LEN + 1)).is_err());
        assert_eq!(Secret::new("-----BEGIN X-----\n").unwrap().expose(), "-----BEGIN X-----");
        assert!(Secret::new(format!("{{{}", "x".repeat(MAX_LEN))).is_ok());
    }
}
