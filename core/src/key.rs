//! The key of one secret, ready to sign.
//!
//! HMAC (RFC 2104) hashes one block made of the key before the message and one before the inner digest. A
//! [`SigningKey`] keeps the states after those blocks, so a signature costs the message only. For HMAC-SHA256 the states
//! are also a form that can be stored: they sign, and do not give the secret back ([`OneWayKey`]).
//!
//! **Invariants.** Keys are wiped when dropped, never printed, and compared in constant time.

use std::fmt;

#[cfg(feature = "whole")]
use hmac::{Hmac, KeyInit, Mac};
#[cfg(feature = "whole")]
use md5::Md5;
#[cfg(feature = "whole")]
use sha1::Sha1;
#[cfg(feature = "whole")]
use sha2::{Digest, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::WHOLE;
use crate::algorithm::Algorithm;
use crate::asymmetric::AsymmetricKey;
use crate::block_hash::Kind;
#[cfg(feature = "broad")]
use crate::block_hash::sha256;
use crate::block_hmac::{self, STATE_LEN};
use crate::error::{Error, ErrorCode, say};
use crate::wipe::Wiped;

/// Length of the longest tag, that of HMAC-SHA512, in bytes.
pub(crate) const MAX_TAG_LEN: usize = if WHOLE { 64 } else { 32 };

/// A key that signs and verifies.
#[derive(Clone)]
pub struct SigningKey(Keyed);

#[derive(Clone)]
enum Keyed {
    #[cfg(feature = "whole")]
    Asymmetric(Box<AsymmetricKey>),
    /// The secret itself, for bare hashes and JSON Web Tokens.
    #[cfg(feature = "whole")]
    Bytes(Algorithm, Wiped<Vec<u8>>),
    /// The secret itself with its SHA-256, by which it is compared: the time says nothing of its length either.
    #[cfg(feature = "broad")]
    Token { secret: Wiped<Vec<u8>>, digest: [u8; 32] },
    #[cfg(feature = "whole")]
    HmacMd5(Hmac<Md5>),
    /// SHA-1 or SHA-256.
    BlockHmac(block_hmac::Key),
    #[cfg(feature = "whole")]
    HmacSha384(Box<Hmac<Sha384>>),
    #[cfg(feature = "whole")]
    HmacSha512(Box<Hmac<Sha512>>),
}

/// A piece of what is signed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Piece<'a> {
    Bytes(&'a [u8]),
    /// The key's own bytes.
    Secret,
    /// The same from the last to the first.
    SecretReversed,
}

/// What is signed.
pub(crate) trait Pieces {
    /// Gives all of it to `sink`, piece by piece.
    ///
    /// # Errors
    /// Those of what it is put together from.
    fn give(&self, sink: &mut impl FnMut(Piece<'_>)) -> Result<(), Error>;
}

impl Pieces for [u8] {
    #[inline]
    fn give(&self, sink: &mut impl FnMut(Piece<'_>)) -> Result<(), Error> {
        sink(Piece::Bytes(self));
        Ok(())
    }
}

impl SigningKey {
    /// Makes an HMAC-SHA256 key from raw bytes. Schemes make theirs with [`Scheme::key`](crate::Scheme::key).
    ///
    /// # Errors
    /// `invalid_secret` when `bytes` is empty.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::new(Algorithm::HmacSha256, bytes)
    }

    pub(crate) fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, Error> {
        if bytes.is_empty() {
            return Err(Error::new(ErrorCode::InvalidSecret, "secret holds no key bytes"));
        }
        Ok(Self(match algorithm {
            #[cfg(feature = "broad")]
            Algorithm::HmacSha1 => Keyed::BlockHmac(block_hmac::Key::new(Kind::Sha1, bytes)),
            Algorithm::HmacSha256 => Keyed::BlockHmac(block_hmac::Key::new(Kind::Sha256, bytes)),
            #[cfg(feature = "broad")]
            Algorithm::Token => {
                Keyed::Token { secret: Wiped::new(bytes.to_vec()), digest: sha256(bytes) }
            }
            #[cfg(feature = "whole")]
            _ => return Self::of_rare(algorithm, bytes),
            #[cfg(not(feature = "whole"))]
            _ => {
                let message = "the algorithm is not in this build";
                return Err(Error::new(ErrorCode::InvalidScheme, message));
            }
        }))
    }

    #[cfg(feature = "whole")]
    fn of_rare(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, Error> {
        let refused = |_| Error::new(ErrorCode::InvalidSecret, "secret has an unusable length");
        Ok(Self(match algorithm {
            Algorithm::HmacMd5 => Keyed::HmacMd5(Hmac::new_from_slice(bytes).map_err(refused)?),
            Algorithm::HmacSha384 => {
                Keyed::HmacSha384(Box::new(Hmac::new_from_slice(bytes).map_err(refused)?))
            }
            Algorithm::HmacSha512 => {
                Keyed::HmacSha512(Box::new(Hmac::new_from_slice(bytes).map_err(refused)?))
            }
            Algorithm::Jwt
            | Algorithm::Md5
            | Algorithm::Sha1
            | Algorithm::Sha256
            | Algorithm::Sha512 => Keyed::Bytes(algorithm, Wiped::new(bytes.to_vec())),
            _ => {
                let message = "a key pair is not made of bytes alone";
                return Err(Error::new(ErrorCode::InvalidSecret, message));
            }
        }))
    }

    #[cfg(feature = "whole")]
    pub(crate) fn from_asymmetric(key: AsymmetricKey) -> Self {
        Self(Keyed::Asymmetric(Box::new(key)))
    }

    /// As above, for keys that do not exist.
    #[cfg(not(feature = "whole"))]
    pub(crate) fn from_asymmetric(key: AsymmetricKey) -> Self {
        match key {}
    }

    /// Makes an HMAC-SHA256 key from the 64 bytes of [`to_one_way`](Self::to_one_way).
    ///
    /// # Errors
    /// `invalid_secret` when `bytes` is not 64 bytes long.
    pub fn from_one_way(bytes: &[u8]) -> Result<Self, Error> {
        let bytes = bytes.try_into().map_err(|_| {
            let message = say!("a one-way key has {} bytes, got {}", 2 * STATE_LEN, bytes.len());
            Error::new(ErrorCode::InvalidSecret, message)
        })?;
        Ok(Self(Keyed::BlockHmac(block_hmac::Key::from_bytes(bytes))))
    }

    /// The form to store when the secret must not be kept: it signs like the secret, and so must be sealed like one,
    /// but does not give the secret back.
    ///
    /// # Errors
    /// `invalid_argument` for a key that is not one of HMAC-SHA256.
    pub fn to_one_way(&self) -> Result<OneWayKey, Error> {
        match &self.0 {
            Keyed::BlockHmac(key) if key.kind() == Kind::Sha256 => Ok(OneWayKey(*key.to_bytes())),
            _ => {
                let message = "only keys of HMAC-SHA256 have a one-way form";
                Err(Error::new(ErrorCode::InvalidArgument, message))
            }
        }
    }

    /// Whether this key can check a signature of `algorithm`.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        match &self.0 {
            #[cfg(feature = "whole")]
            Keyed::Asymmetric(key) => {
                algorithm == Algorithm::Jwt || algorithm.key_type() == Some(key.key_type())
            }
            #[cfg(feature = "whole")]
            Keyed::Bytes(known, _) => *known == algorithm,
            #[cfg(feature = "broad")]
            Keyed::Token { .. } => algorithm == Algorithm::Token,
            #[cfg(feature = "whole")]
            Keyed::HmacMd5(_) => algorithm == Algorithm::HmacMd5,
            Keyed::BlockHmac(key) => match key.kind() {
                #[cfg(feature = "broad")]
                Kind::Sha1 => algorithm == Algorithm::HmacSha1,
                Kind::Sha256 => algorithm == Algorithm::HmacSha256,
            },
            #[cfg(feature = "whole")]
            Keyed::HmacSha384(_) => algorithm == Algorithm::HmacSha384,
            #[cfg(feature = "whole")]
            Keyed::HmacSha512(_) => algorithm == Algorithm::HmacSha512,
        }
    }

    /// Whether this key makes signatures, and not only checks them.
    pub(crate) fn can_sign(&self) -> bool {
        self.asymmetric().is_none_or(AsymmetricKey::can_sign)
    }

    /// The public or private key, where it is one.
    pub(crate) fn asymmetric(&self) -> Option<&AsymmetricKey> {
        match &self.0 {
            #[cfg(feature = "whole")]
            Keyed::Asymmetric(key) => Some(key),
            _ => None,
        }
    }

    /// The secret itself, where the scheme keeps it.
    pub(crate) fn secret(&self) -> Option<&[u8]> {
        match &self.0 {
            #[cfg(feature = "broad")]
            Keyed::Token { secret, .. } => Some(secret),
            #[cfg(feature = "whole")]
            Keyed::Bytes(_, secret) => Some(secret),
            #[cfg(any(feature = "whole", not(feature = "broad")))]
            _ => None,
            #[cfg(all(feature = "broad", not(feature = "whole")))]
            Keyed::BlockHmac(_) => None,
        }
    }

    /// The signature of `signed`; of a token, its SHA-256. Not for key pairs, which want the content in one piece, and
    /// not for JSON Web Tokens.
    ///
    /// # Errors
    /// Those of `signed`.
    pub(crate) fn tag(&self, signed: &(impl Pieces + ?Sized)) -> Result<Tag, Error> {
        match &self.0 {
            #[cfg(feature = "broad")]
            Keyed::Token { digest, .. } => Ok(Tag::of(digest)),
            Keyed::BlockHmac(key) => {
                let mut message = key.start();
                signed.give(&mut |piece| {
                    if let Piece::Bytes(bytes) = piece {
                        message.update(bytes);
                    }
                })?;
                let tag = message.finish();
                Ok(Tag::of(tag.get(..key.kind().digest_len()).unwrap_or_default()))
            }
            #[cfg(feature = "whole")]
            _ => self.rare_tag(signed),
        }
    }

    #[cfg(feature = "whole")]
    fn rare_tag(&self, signed: &(impl Pieces + ?Sized)) -> Result<Tag, Error> {
        match &self.0 {
            Keyed::Bytes(Algorithm::Md5, secret) => hash::<Md5>(secret, signed),
            Keyed::Bytes(Algorithm::Sha1, secret) => hash::<Sha1>(secret, signed),
            Keyed::Bytes(Algorithm::Sha256, secret) => hash::<Sha256>(secret, signed),
            Keyed::Bytes(Algorithm::Sha512, secret) => hash::<Sha512>(secret, signed),
            Keyed::HmacMd5(mac) => authenticate(mac.clone(), signed),
            Keyed::HmacSha384(mac) => authenticate(Hmac::clone(mac), signed),
            Keyed::HmacSha512(mac) => authenticate(Hmac::clone(mac), signed),
            _ => Ok(Tag::Long(Wiped::new(Vec::new()))),
        }
    }

    /// [`tag`](Self::tag) of one piece.
    pub(crate) fn tag_of(&self, content: &[u8]) -> Tag {
        self.tag(content).unwrap_or_else(|_| Tag::of(&[])) // INVARIANT: bytes are given without failing.
    }
}

#[cfg(feature = "whole")]
fn authenticate<M: Mac>(mut mac: M, signed: &(impl Pieces + ?Sized)) -> Result<Tag, Error> {
    signed.give(&mut |piece| {
        // Only the content of a bare hash holds the secret.
        if let Piece::Bytes(bytes) = piece {
            mac.update(bytes);
        }
    })?;
    Ok(Tag::of(&mac.finalize().into_bytes()))
}

#[cfg(feature = "whole")]
fn hash<D: Digest>(secret: &[u8], signed: &(impl Pieces + ?Sized)) -> Result<Tag, Error> {
    let mut hash = D::new();
    signed.give(&mut |piece| match piece {
        Piece::Bytes(bytes) => hash.update(bytes),
        Piece::Secret => hash.update(secret),
        Piece::SecretReversed => {
            let mut reversed = Wiped::new(secret.to_vec());
            reversed.reverse();
            hash.update(&*reversed);
        }
    })?;
    Ok(Tag::of(&hash.finalize()))
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// The two SHA-256 states of an HMAC key, inner then outer, eight big-endian words each.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct OneWayKey([u8; 2 * STATE_LEN]);

impl OneWayKey {
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

/// What proves one message, computed or received. Only signing makes a computed one public; verifying compares in
/// constant time.
pub(crate) enum Tag {
    Hash {
        bytes: [u8; MAX_TAG_LEN],
        len: usize,
    },
    /// A token, or a signature as long as its key.
    Long(Wiped<Vec<u8>>),
}

impl Tag {
    #[inline]
    pub(crate) fn of(hash: &[u8]) -> Self {
        let mut bytes = [0; MAX_TAG_LEN];
        bytes.iter_mut().zip(hash).for_each(|(to, from)| *to = *from);
        Self::Hash { bytes, len: hash.len() }
    }

    /// Gives the tag out, because it is about to be sent.
    pub(crate) fn as_public(&self) -> &[u8] {
        match self {
            Self::Hash { bytes, len } => bytes.get(..*len).unwrap_or_default(),
            Self::Long(bytes) => bytes,
        }
    }

    /// Whether `candidate` is this tag, in a time that does not depend on where they differ. Never for long ones.
    #[inline(never)]
    pub(crate) fn matches(&self, candidate: &Self) -> bool {
        let (Self::Hash { bytes, len }, Self::Hash { bytes: others, len: other_len }) =
            (self, candidate)
        else {
            return false;
        };
        // Eight bytes at a time, and one guard for all of them: it costs more than the comparison.
        let ((words, _), (others, _)) = (bytes.as_chunks(), others.as_chunks());
        let differences = words.iter().zip(others).fold(0, |differences, (word, other)| {
            differences | (u64::from_ne_bytes(*word) ^ u64::from_ne_bytes(*other))
        });
        len == other_len && differences.ct_eq(&0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    /// RFC 4231 §4.3, test case 2.
    #[test]
    fn signs_rfc_4231() {
        let key = SigningKey::from_bytes(b"Jefe").unwrap();
        let tag = key.tag_of(b"what do ya want for nothing?");
        assert_eq!(
            hex::encode(tag.as_public()),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn one_way_form_signs_like_the_secret() {
        for key_len in [1, 31, 32, 63, 64, 65, 200] {
            let key = SigningKey::from_bytes(&vec![0xa7; key_len]).unwrap();
            let one_way = key.to_one_way().unwrap();
            let stored = SigningKey::from_one_way(one_way.as_bytes()).unwrap();
            for message_len in [0, 1, 55, 56, 63, 64, 65, 1000] {
                let message = vec![0x5a; message_len];
                assert!(
                    key.tag_of(&message).matches(&stored.tag_of(&message)),
                    "{key_len} {message_len}"
                );
            }
            assert_eq!(stored.to_one_way().unwrap().as_bytes(), one_way.as_bytes());
        }
    }

    /// `==` would stop at the first byte that differs. If one of these types had it, `check` would be ambiguous, and
    /// this would not compile.
    #[test]
    fn neither_tags_nor_keys_have_equality() {
        trait HasNoEquality<Why> {
            fn check() {}
        }
        impl<T> HasNoEquality<()> for T {}
        impl<T: PartialEq> HasNoEquality<bool> for T {}
        <Tag as HasNoEquality<_>>::check();
        <SigningKey as HasNoEquality<_>>::check();
        <OneWayKey as HasNoEquality<_>>::check();
        <Secret as HasNoEquality<_>>::check();
    }

    #[test]
    fn keys_are_not_printed() {
        let key = SigningKey::from_bytes(b"hunter2").unwrap();
        let one_way = key.to_one_way().unwrap();
        assert_eq!(format!("{key:?} {one_way:?}"), "SigningKey(…) OneWayKey(…)");
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
