//! A new pair of keys for Standard Webhooks' `v1a` signatures.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::ed25519::{Ed25519Key, KEY_LEN};
use super::text::{PRIVATE_PREFIX, PUBLIC_PREFIX};
use crate::error::{Error, ErrorCode};
use crate::secret::Secret;

/// An Ed25519 private key, which signs, and the public key that its receivers verify with.
///
/// ```
/// let random = [7; 32]; // from the system's random number generator
/// let pair = hookseal::KeyPair::generate(&random)?;
/// assert!(pair.private_key().expose().starts_with("whsk_"));
/// assert!(pair.public_key().starts_with("whpk_"));
/// # Ok::<(), hookseal::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeyPair {
    private_key: Secret,
    public_key: String,
}

impl KeyPair {
    /// Makes a pair from 32 random bytes, the seed of RFC 8032 §5.1.5. The same bytes make the same pair.
    ///
    /// # Errors
    /// `invalid_argument` when `random` has another length.
    pub fn generate(random: &[u8]) -> Result<Self, Error> {
        if random.len() != KEY_LEN {
            let got = random.len();
            let message = format!("a key pair is made from {KEY_LEN} random bytes, got {got}");
            return Err(Error::new(ErrorCode::InvalidArgument, message));
        }
        let key = Ed25519Key::from_seed(random, None)?;
        let public = key.public_bytes();
        // The specification says no more than "base64"; Svix, which coined the prefix, writes both halves.
        let halves = Zeroizing::new([random, public.as_slice()].concat());
        Ok(Self {
            private_key: Secret::new(prefixed(PRIVATE_PREFIX, &halves))?,
            public_key: prefixed(PUBLIC_PREFIX, public),
        })
    }

    /// `whsk_` and base64 of seed and public key: what the sender keeps, and signs with.
    #[must_use]
    pub fn private_key(&self) -> &Secret {
        &self.private_key
    }

    /// `whpk_` and base64 of the public key: what receivers verify with.
    #[must_use]
    pub fn public_key(&self) -> &str {
        &self.public_key
    }
}

fn prefixed(prefix: &str, bytes: &[u8]) -> String {
    // Room for all of it: a string that grows leaves copies behind.
    let mut text = String::with_capacity(prefix.len() + 4 * bytes.len().div_ceil(3));
    text.push_str(prefix);
    STANDARD.encode_string(bytes, &mut text);
    text
}
