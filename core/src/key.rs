//! The key of one secret, ready to sign.
//!
//! HMAC (RFC 2104) hashes one block made of the key before the message and one before the inner digest. A
//! [`SigningKey`] keeps the two SHA-256 states after those blocks, so a signature costs the message only. The states
//! are also a form that can be stored: they sign, and do not give the secret back ([`OneWayKey`]).
//!
//! **Invariants.** Keys are wiped when dropped, never printed, and compared in constant time.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac as _};
use sha2::{
    Digest as _, Sha256,
    digest::common::hazmat::{SerializableState, SerializedState},
};
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::{Error, ErrorCode};

/// Length of an HMAC-SHA256 tag in bytes.
pub(crate) const TAG_LEN: usize = 32;
/// Length of a SHA-256 block in bytes.
const BLOCK_LEN: usize = 64;
/// Length of a SHA-256 state in bytes.
const STATE_LEN: usize = 32;

/// A key that signs and verifies with HMAC-SHA256.
#[derive(Clone)]
pub struct SigningKey {
    mac: Keyed,
    one_way: OneWayKey,
}

#[derive(Clone)]
enum Keyed {
    Secret(Hmac<Sha256>),
    OneWay { inner: Sha256, outer: Sha256 },
}

impl SigningKey {
    /// Makes a key from raw bytes. Schemes call this with the decoded secret.
    ///
    /// # Errors
    /// `invalid_secret` when `bytes` is empty.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.is_empty() {
            return Err(Error::new(ErrorCode::InvalidSecret, "secret holds no key bytes"));
        }
        let mac = Hmac::new_from_slice(bytes).map_err(|_| {
            Error::new(ErrorCode::InvalidSecret, "secret has a length that HMAC cannot take")
        })?;
        Ok(Self { mac: Keyed::Secret(mac), one_way: OneWayKey::derive(bytes) })
    }

    /// Makes a key from the 64 bytes of [`to_one_way`](Self::to_one_way).
    ///
    /// # Errors
    /// `invalid_secret` when `bytes` is not 64 bytes long.
    pub fn from_one_way(bytes: &[u8]) -> Result<Self, Error> {
        let invalid = || {
            let message = format!("a one-way key has {} bytes, got {}", 2 * STATE_LEN, bytes.len());
            Error::new(ErrorCode::InvalidSecret, message)
        };
        let one_way = OneWayKey(bytes.try_into().map_err(|_| invalid())?);
        let (inner, outer) = bytes.split_at_checked(STATE_LEN).ok_or_else(invalid)?;
        let (inner, outer) =
            (resume(inner).ok_or_else(invalid)?, resume(outer).ok_or_else(invalid)?);
        Ok(Self { mac: Keyed::OneWay { inner, outer }, one_way })
    }

    /// The form to store when the secret must not be kept: it signs like the secret, and so must be sealed like one,
    /// but does not give the secret back.
    #[must_use]
    pub fn to_one_way(&self) -> OneWayKey {
        self.one_way.clone()
    }

    /// The HMAC-SHA256 of `parts`, one after the other.
    pub(crate) fn tag<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Tag {
        let digest = match &self.mac {
            Keyed::Secret(mac) => {
                let mut mac = mac.clone();
                parts.into_iter().for_each(|part| mac.update(part));
                mac.finalize().into_bytes()
            }
            Keyed::OneWay { inner, outer } => {
                let mut inner = inner.clone();
                parts.into_iter().for_each(|part| inner.update(part));
                outer.clone().chain_update(inner.finalize()).finalize()
            }
        };
        Tag(digest.into())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// A SHA-256 that has hashed exactly one block and stands in the state `words` (eight big-endian words).
fn resume(words: &[u8]) -> Option<Sha256> {
    let mut state = Zeroizing::new([0u8; STATE_LEN + 1]);
    for (to, from) in state.chunks_exact_mut(4).zip(words.chunks_exact(4)) {
        to.copy_from_slice(from);
        to.reverse();
    }
    if let Some(blocks) = state.last_mut() {
        *blocks = 1;
    }
    let mut serialized = SerializedState::<Sha256>::default();
    serialized.get_mut(..=STATE_LEN)?.copy_from_slice(state.as_slice());
    let resumed = Sha256::deserialize(&serialized).ok();
    serialized.as_mut_slice().zeroize();
    resumed
}

/// The two SHA-256 states of an HMAC key, inner then outer, eight big-endian words each.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct OneWayKey([u8; 2 * STATE_LEN]);

impl OneWayKey {
    fn derive(key: &[u8]) -> Self {
        let mut block = Zeroizing::new([0u8; BLOCK_LEN]);
        let hashed;
        let source: &[u8] = if key.len() > BLOCK_LEN {
            hashed = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(key)));
            hashed.as_slice()
        } else {
            key
        };
        block.iter_mut().zip(source).for_each(|(to, from)| *to = *from);

        let mut states = Self([0; 2 * STATE_LEN]);
        for (state, pad) in states.0.chunks_exact_mut(STATE_LEN).zip([0x36, 0x5c]) {
            let padded = Zeroizing::new(block.map(|byte| byte ^ pad));
            let serialized = Sha256::new_with_prefix(padded.as_slice()).serialize();
            for (to, from) in state.chunks_exact_mut(4).zip(serialized.chunks_exact(4)) {
                to.copy_from_slice(from);
                to.reverse();
            }
        }
        states
    }

    /// The 64 bytes to store, sealed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for OneWayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneWayKey(…)")
    }
}

/// The authentication tag of one message. Only signing makes it public; verifying compares it in constant time.
pub(crate) struct Tag([u8; TAG_LEN]);

impl Tag {
    /// Gives the tag out, because it is about to be sent.
    pub(crate) fn into_public(self) -> [u8; TAG_LEN] {
        self.0
    }

    /// Whether `candidate` is this tag, in a time that does not depend on where they differ.
    pub(crate) fn matches(&self, candidate: &[u8; TAG_LEN]) -> bool {
        self.0.ct_eq(candidate).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231 §4.3, test case 2.
    #[test]
    fn signs_rfc_4231() {
        let key = SigningKey::from_bytes(b"Jefe").unwrap();
        let tag = key.tag([&b"what do ya want "[..], b"for nothing?"]).into_public();
        assert_eq!(
            hex::encode(tag),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn one_way_form_signs_like_the_secret() {
        for key_len in [1, 31, 32, 63, 64, 65, 200] {
            let key = SigningKey::from_bytes(&vec![0xa7; key_len]).unwrap();
            let stored = SigningKey::from_one_way(key.to_one_way().as_bytes()).unwrap();
            for message_len in [0, 1, 55, 56, 63, 64, 65, 1000] {
                let message = vec![0x5a; message_len];
                assert!(
                    key.tag([&message[..]]).matches(&stored.tag([&message[..]]).into_public()),
                    "{key_len} {message_len}"
                );
            }
            assert_eq!(stored.to_one_way().as_bytes(), key.to_one_way().as_bytes());
        }
    }

    #[test]
    fn keys_are_not_printed() {
        let key = SigningKey::from_bytes(b"hunter2").unwrap();
        assert_eq!(format!("{key:?} {:?}", key.to_one_way()), "SigningKey(…) OneWayKey(…)");
    }

    #[test]
    fn unusable_keys_are_refused() {
        for result in [
            SigningKey::from_bytes(b""),
            SigningKey::from_one_way(&[0; 63]),
            SigningKey::from_one_way(&[]),
        ] {
            assert_eq!(result.unwrap_err().code(), ErrorCode::InvalidSecret);
        }
    }
}
