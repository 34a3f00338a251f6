//! A scheme with its keys: the paved path.

use std::time::Duration;

use crate::algorithm::Algorithm;
use crate::error::{Error, ErrorCode};
use crate::key::{Piece, SigningKey};
use crate::request::Request;
use crate::scheme::{Encoding, Scheme};
use crate::secret::Secret;
use crate::sign::{Message, sign, sign_body};
use crate::timestamp::Timestamp;
use crate::verify::{Verified, verify};

/// More keys than any rotation needs; each costs one hash of the body.
const MAX_KEYS: usize = 16;

/// A scheme with its keys, parsed once, to verify and to sign with.
#[derive(Clone, Debug)]
pub struct Webhook {
    scheme: Scheme,
    keys: Vec<SigningKey>,
    tolerance: Option<Duration>,
}

impl Webhook {
    /// Makes the keys of `secrets` as `scheme` says. Verifying accepts any of them, signing uses the first (or all,
    /// where the header has room): put the newest first.
    ///
    /// # Errors
    /// `invalid_secret` when there is none, there are more than 16, or one is not written as the scheme says.
    pub fn new(scheme: Scheme, secrets: &[Secret]) -> Result<Self, Error> {
        let keys = secrets.iter().map(|secret| scheme.key(secret)).collect::<Result<_, _>>()?;
        Self::with_keys(scheme, keys)
    }

    /// As [`new`](Self::new), from keys that exist already.
    ///
    /// # Errors
    /// `invalid_secret` when there is no key or there are more than 16.
    pub fn with_keys(scheme: Scheme, keys: Vec<SigningKey>) -> Result<Self, Error> {
        if keys.is_empty() || keys.len() > MAX_KEYS {
            let message = format!("1 to {MAX_KEYS} secrets are needed, got {}", keys.len());
            return Err(Error::new(ErrorCode::InvalidSecret, message));
        }
        if keys.iter().any(|key| key.algorithm() != scheme.algorithm) {
            let message = format!("a key is not one of scheme `{}`", scheme.id());
            return Err(Error::new(ErrorCode::InvalidSecret, message));
        }
        Ok(Self { scheme, keys, tolerance: None })
    }

    /// Replaces the scheme's tolerance for timestamps, in both directions.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = Some(tolerance);
        self
    }

    /// The scheme in use.
    #[must_use]
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// Checks the signature of a request and the age of its timestamp.
    ///
    /// # Errors
    /// `missing_header`, `malformed_header`, `header_too_long`, `too_many_signatures`, `unsupported_signature`,
    /// `malformed_body`, `malformed_timestamp`, `timestamp_too_old`, `timestamp_too_new`, `no_match`.
    pub fn verify<'a>(
        &'a self,
        request: &Request<'a>,
        now: Timestamp,
    ) -> Result<Verified<'a>, Error> {
        verify(&self.scheme, &self.keys, self.tolerance, request, now)
    }

    /// The headers to send with a message, names in lower case: whatever [`verify`](Self::verify) reads.
    ///
    /// # Errors
    /// `invalid_message` when the message lacks what the scheme signs, or has what a header cannot hold.
    pub fn sign(
        &self,
        message: &Message<'_>,
        now: Timestamp,
    ) -> Result<Vec<(String, String)>, Error> {
        sign(&self.scheme, &self.keys, message, now)
    }

    /// The body with its signature inserted, for schemes that carry one there (nativemsg); others give it back as it is.
    /// Sign the result with [`sign`](Self::sign) for the header.
    ///
    /// # Errors
    /// `invalid_message` when the body is not a JSON object or is signed already.
    pub fn sign_body(&self, body: &[u8]) -> Result<Vec<u8>, Error> {
        sign_body(&self.scheme, &self.keys, body.to_vec())
    }
}

/// The boolean helper of naive's SDK: whether `header`, the value of `X-Naive-Signature`, is the hex HMAC-SHA256 of the
/// raw body. Anything else, also an empty secret or header, is `false`.
#[must_use]
pub fn verify_signature(secret: &str, body: &[u8], header: &str) -> bool {
    let key =
        Secret::new(secret).and_then(|secret| SigningKey::from_bytes(secret.expose().as_bytes()));
    match (key, Encoding::Hex.decode(header, Algorithm::HmacSha256)) {
        (Ok(key), Some(candidate)) => key.tag([Piece::Bytes(body)].into_iter()).matches(&candidate),
        _ => false,
    }
}
