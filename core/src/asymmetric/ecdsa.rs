//! ECDSA on one of the NIST curves (FIPS 186-5), with the nonces of RFC 6979.
//!
//! **Invariants.** The public key is a point of the curve other than its zero. Signing draws no randomness. Both values
//! of `s` verify: senders that sign with OpenSSL write either.

use std::ops::Add;

use ecdsa::der::{MaxOverhead, MaxSize};
use ecdsa::elliptic_curve::array::ArraySize;
use ecdsa::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use ecdsa::elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytesSize};
use ecdsa::hazmat::sign_prehashed_rfc6979;
use ecdsa::signature::hazmat::PrehashVerifier as _;
use ecdsa::{EcdsaCurve, Signature, SigningKey, VerifyingKey};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::{EcdsaForm, HashAlgorithm};

/// A public key, or a private key with its public part.
#[derive(Clone)]
pub(super) struct EcdsaKey<C: EcdsaCurve + CurveArithmetic> {
    public: VerifyingKey<C>,
    private: Option<SigningKey<C>>,
}

impl<C> EcdsaKey<C>
where
    C: EcdsaCurve + CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
    MaxSize<C>: ArraySize,
    <FieldBytesSize<C> as Add>::Output: Add<MaxOverhead> + ArraySize,
{
    pub(super) fn from_point(point: &[u8]) -> Option<Self> {
        Some(Self { public: VerifyingKey::from_sec1_bytes(point).ok()?, private: None })
    }

    /// A private key; none if it is out of range or not that of `point`.
    pub(super) fn from_scalar(scalar: &[u8], point: Option<&[u8]>) -> Option<Self> {
        let private = SigningKey::from_slice(scalar).ok()?;
        let public = *private.verifying_key();
        if let Some(point) = point
            && VerifyingKey::from_sec1_bytes(point).ok()? != public
        {
            return None;
        }
        Some(Self { public, private: Some(private) })
    }

    pub(super) fn can_sign(&self) -> bool {
        self.private.is_some()
    }

    pub(super) fn verify(
        &self,
        hash: HashAlgorithm,
        form: EcdsaForm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let signature = match form {
            EcdsaForm::Der => Signature::from_der(signature),
            EcdsaForm::Fixed => Signature::from_slice(signature),
        };
        signature.is_ok_and(|signature| {
            hash.digest(message, |digest| self.public.verify_prehash(digest, &signature).is_ok())
        })
    }

    pub(super) fn sign(
        &self,
        hash: HashAlgorithm,
        form: EcdsaForm,
        message: &[u8],
    ) -> Option<Vec<u8>> {
        let key = self.private.as_ref()?.as_nonzero_scalar();
        // RFC 6979 derives the nonce with the hash that the message is signed with.
        let (signature, _) = hash.digest(message, |digest| match hash {
            HashAlgorithm::Sha1 => sign_prehashed_rfc6979::<C, Sha1>(key, digest, &[]),
            HashAlgorithm::Sha256 => sign_prehashed_rfc6979::<C, Sha256>(key, digest, &[]),
            HashAlgorithm::Sha384 => sign_prehashed_rfc6979::<C, Sha384>(key, digest, &[]),
            HashAlgorithm::Sha512 => sign_prehashed_rfc6979::<C, Sha512>(key, digest, &[]),
        });
        Some(match form {
            EcdsaForm::Der => signature.to_der().as_bytes().to_vec(),
            EcdsaForm::Fixed => signature.to_bytes().to_vec(),
        })
    }
}
