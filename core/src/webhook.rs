//! A scheme with its keys: the paved path.

use std::cell::RefCell;
use std::time::Duration;

use crate::WHOLE;
use crate::algorithm::Algorithm;
use crate::delegate::{Signed, Tags};
use crate::error::{Error, ErrorCode, say};
use crate::handshake::{HandshakeResponse, answer};
use crate::key::SigningKey;
use crate::request::Request;
use crate::scheme::{Encoding, KeyRequest, Scheme};
use crate::secret::Secret;
use crate::sign::{Message, sign, sign_body};
use crate::timestamp::Timestamp;
use crate::verify::{Verified, key_request, verify};

/// More keys than any rotation or key set needs; each costs one hash of the body.
const MAX_KEYS: usize = 64;
/// More secrets than any rotation needs.
const MAX_SECRETS: usize = 16;

/// A thousand years: no tolerance switches the check of the time off.
const MAX_TOLERANCE: Duration = Duration::from_secs(1000 * 366 * 86_400);

/// A scheme with its keys, parsed once, to verify and to sign with.
#[derive(Clone, Debug)]
pub struct Webhook {
    scheme: Scheme,
    keys: Vec<SigningKey>,
    /// Of each key, the secret it comes from, where that is not of the same index: a key set holds several.
    secret_of: Vec<usize>,
    tolerance: Option<Duration>,
}

impl Webhook {
    /// Makes the keys of `secrets` as `scheme` says. Verifying accepts any of them, signing uses the first (or all,
    /// where the header has room): put the newest first.
    ///
    /// # Errors
    /// `invalid_secret` when there is none, there are more than 16, or one is not written as the scheme says.
    pub fn new(scheme: Scheme, secrets: &[Secret]) -> Result<Self, Error> {
        if secrets.is_empty() || secrets.len() > MAX_SECRETS {
            let message = say!("1 to {MAX_SECRETS} secrets are needed, got {}", secrets.len());
            return Err(Error::new(ErrorCode::InvalidSecret, message));
        }
        let (mut keys, mut secret_of) = (Vec::new(), Vec::new());
        for (index, secret) in secrets.iter().enumerate() {
            scheme.add_keys(secret, &mut keys)?;
            // Only public keys come in sets.
            if WHOLE {
                secret_of.resize(keys.len(), index);
            }
        }
        Self::of(scheme, keys, secret_of)
    }

    /// As [`new`](Self::new), from keys that exist already.
    ///
    /// # Errors
    /// `invalid_secret` when there is no key, there are more than 64, or one is not of the scheme's kind.
    pub fn with_keys(scheme: Scheme, keys: Vec<SigningKey>) -> Result<Self, Error> {
        if !keys.iter().all(|key| key.fits(scheme.algorithm)) {
            let message = say!("a key is not one of scheme `{}`", scheme.id());
            return Err(Error::new(ErrorCode::InvalidSecret, message));
        }
        let secret_of = (0..keys.len()).collect();
        Self::of(scheme, keys, secret_of)
    }

    fn of(scheme: Scheme, keys: Vec<SigningKey>, secret_of: Vec<usize>) -> Result<Self, Error> {
        if keys.is_empty() || keys.len() > MAX_KEYS {
            let message = say!("1 to {MAX_KEYS} keys are needed, got {}", keys.len());
            return Err(Error::new(ErrorCode::InvalidSecret, message));
        }
        Ok(Self { scheme, keys, secret_of, tolerance: None })
    }

    /// Replaces the scheme's tolerance for timestamps, in both directions.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = Some(tolerance.min(MAX_TOLERANCE));
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
    /// `malformed_body`, `malformed_timestamp`, `timestamp_too_old`, `timestamp_too_new`, `no_match`; for schemes that
    /// sign more than headers and body also `missing_url`, `missing_value`, `claim_mismatch`, `digest_mismatch`.
    pub fn verify<'a>(
        &'a self,
        request: &Request<'a>,
        now: Timestamp,
    ) -> Result<Verified<'a>, Error> {
        self.verified(request, now, &Tags::Computed)
    }

    /// What of a request is signed, for the platform to hash: everything else is checked as in
    /// [`verify`](Self::verify). For the keys of [`Scheme::hmac_key`].
    ///
    /// # Errors
    /// Those of [`verify`](Self::verify) but for `no_match`.
    pub fn signed(&self, request: &Request<'_>, now: Timestamp) -> Result<Signed, Error> {
        let signed = RefCell::new(None);
        let outcome = self.verified(request, now, &Tags::Asked(&signed)).map(|_| ());
        match (signed.into_inner(), outcome) {
            (Some(signed), _) => Ok(signed),
            (None, Err(error)) => Err(error),
            (None, Ok(())) => {
                Err(Error::new(ErrorCode::InvalidArgument, "the scheme signs nothing to hash"))
            }
        }
    }

    /// As [`verify`](Self::verify), with what the platform computed of [`signed`](Self::signed): one tag for each secret.
    ///
    /// # Errors
    /// As there.
    pub fn verify_tags<'a>(
        &'a self,
        request: &Request<'a>,
        now: Timestamp,
        tags: &[&[u8]],
    ) -> Result<Verified<'a>, Error> {
        self.verified(request, now, &Tags::Given(tags))
    }

    fn verified<'a>(
        &'a self,
        request: &Request<'a>,
        now: Timestamp,
        tags: &Tags<'_>,
    ) -> Result<Verified<'a>, Error> {
        let verified = verify(&self.scheme, &self.keys, self.tolerance, request, now, tags)?;
        Ok(verified.of_secret(&self.secret_of))
    }

    /// The answer to a request by which the sender makes sure that you want its webhooks; none for a delivery, which is
    /// to be [verified](Self::verify). Ask this first, for every request: some senders repeat their handshake, and most
    /// of these requests are not signed. Where the sender signs it, this verifies it.
    ///
    /// The request needs its method, and its URL for handshakes that come as a query.
    ///
    /// # Errors
    /// `missing_config` for a setting that the answer needs; `malformed_body` when a URL to call is not the sender's; for
    /// a handshake that is signed, those of [`verify`](Self::verify).
    pub fn handshake(
        &self,
        request: &Request<'_>,
        now: Timestamp,
    ) -> Result<Option<HandshakeResponse>, Error> {
        answer(&self.scheme, &self.keys, request, || {
            self.verify(request, now).map(|verified| verified.key_index())
        })
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

    /// The body with its signature in it, for schemes that carry one there; others give it back as it is. Sign the
    /// result with [`sign`](Self::sign) for the headers. Where the signature is the value of a member of the body
    /// (Mailgun), the member must be there, with any string; nativemsg's is added; a body that is a token (Wix) is made
    /// of the JSON of its claims.
    ///
    /// # Errors
    /// `invalid_message` when the body does not have the form that the scheme signs, or is signed already.
    pub fn sign_body(&self, body: &[u8]) -> Result<Vec<u8>, Error> {
        sign_body(&self.scheme, &self.keys, body)
    }

    /// The sender's published key that verifying this request needs, where the scheme has such: fetch it, make the keys
    /// with [`Scheme::keys`] and the webhook with [`with_keys`](Self::with_keys). Nothing of the request is trusted yet:
    /// the URL is one of the sender's hosts, or this fails.
    ///
    /// # Errors
    /// `untrusted_key_url`; those of [`verify`](Self::verify) for what is absent or not well-formed.
    pub fn key_request(
        scheme: &Scheme,
        request: &Request<'_>,
    ) -> Result<Option<KeyRequest>, Error> {
        key_request(scheme, request)
    }
}

/// The boolean helper of naive's SDK: whether `header`, the value of `X-Naive-Signature`, is the hex HMAC-SHA256 of the
/// raw body. Anything else, also an empty secret or header, is `false`.
#[must_use]
pub fn verify_signature(secret: &str, body: &[u8], header: &str) -> bool {
    let key =
        Secret::new(secret).and_then(|secret| SigningKey::from_bytes(secret.expose().as_bytes()));
    match (key, Encoding::Hex.decode(header, Algorithm::HmacSha256.tag_len())) {
        (Ok(key), Some(candidate)) => key.tag_of(body).matches(&candidate),
        _ => false,
    }
}
