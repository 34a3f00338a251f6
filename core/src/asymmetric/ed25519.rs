//! Ed25519 (RFC 8032).
//!
//! **Invariants.** A public key is a point written the one way, not of small order, and verifying is strict: a signature whose point has small order, or whose
//! number is not reduced, is refused. One message so has one signature per key.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::key::refused;
use crate::error::Error;

/// Length of a public key, and of the seed of a private key, in bytes.
pub(super) const KEY_LEN: usize = 32;

/// A public key, or a private key with its public part.
#[derive(Clone)]
pub(super) struct Ed25519Key {
    public: VerifyingKey,
    private: Option<Box<SigningKey>>,
}

impl Ed25519Key {
    pub(super) fn from_public(bytes: &[u8]) -> Result<Self, Error> {
        let bytes: &[u8; KEY_LEN] = bytes.try_into().map_err(|_| {
            refused(format!("an Ed25519 public key has {KEY_LEN} bytes, got {}", bytes.len()))
        })?;
        // RFC 8032 §5.1.3 refuses a coordinate that is not reduced; the library reads it.
        let public = VerifyingKey::from_bytes(bytes)
            .ok()
            .filter(|public| public.to_edwards().compress().as_bytes() == bytes)
            .ok_or_else(|| refused("the 32 bytes are not an Ed25519 public key"))?;
        if public.is_weak() {
            return Err(refused("the Ed25519 public key has small order: it proves nothing"));
        }
        Ok(Self { public, private: None })
    }

    /// A private key from its seed and, where it is given, its public key.
    pub(super) fn from_seed(seed: &[u8], public: Option<&[u8]>) -> Result<Self, Error> {
        let seed = Zeroizing::new(<[u8; KEY_LEN]>::try_from(seed).map_err(|_| {
            refused(format!("an Ed25519 private key has {KEY_LEN} bytes, got {}", seed.len()))
        })?);
        let private = Box::new(SigningKey::from_bytes(&seed));
        let derived = private.verifying_key();
        if public.is_some_and(|given| !bool::from(derived.as_bytes().as_slice().ct_eq(given))) {
            return Err(refused("the public part of the Ed25519 private key is another key's"));
        }
        Ok(Self { public: derived, private: Some(private) })
    }

    pub(super) fn public_bytes(&self) -> &[u8; KEY_LEN] {
        self.public.as_bytes()
    }

    pub(super) fn can_sign(&self) -> bool {
        self.private.is_some()
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.public.verify_strict(message, &signature).is_ok())
    }

    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        self.private.as_ref().map(|key| key.sign(message).to_bytes().to_vec())
    }
}
