//! One key, read from text, to verify with and, where its private part is known, to sign with.

use std::fmt;

use p256::NistP256;
use p384::NistP384;
use p521::NistP521;

use super::ecdsa::EcdsaKey;
use super::ed25519::Ed25519Key;
use super::rsa::RsaKey;
use super::{EcdsaForm, HashAlgorithm, KeyType, text};
use crate::error::{Error, ErrorCode};

/// A public key, or a private key with its public part.
#[derive(Clone)]
pub(crate) struct AsymmetricKey {
    id: Option<String>,
    material: Material,
}

/// The key itself.
#[derive(Clone)]
pub(super) enum Material {
    Ed25519(Ed25519Key),
    P256(EcdsaKey<NistP256>),
    P384(EcdsaKey<NistP384>),
    P521(EcdsaKey<NistP521>),
    Rsa(RsaKey),
}

impl AsymmetricKey {
    /// Reads every key in `text`: PEM (SPKI, PKCS#1, X.509, PKCS#8, SEC 1), JWK or JWKS, a JSON object that holds one of
    /// them, `whpk_…`, `whsk_…`, or bare hex, base64 or base64url of an Ed25519 public key or of DER.
    ///
    /// A certificate only carries a key here: neither its dates nor its issuer are checked.
    ///
    /// # Errors
    /// `invalid_secret` when there is no key of a known type in it, or one that is not well-formed.
    pub(crate) fn read(text: &str) -> Result<Vec<Self>, Error> {
        text::read(text)
    }

    pub(super) fn new(id: Option<String>, material: Material) -> Self {
        Self { id, material }
    }

    pub(crate) fn key_type(&self) -> KeyType {
        match &self.material {
            Material::Ed25519(_) => KeyType::Ed25519,
            Material::P256(_) => KeyType::P256,
            Material::P384(_) => KeyType::P384,
            Material::P521(_) => KeyType::P521,
            Material::Rsa(_) => KeyType::Rsa,
        }
    }

    /// The `kid` of a JWK.
    pub(crate) fn key_id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub(crate) fn can_sign(&self) -> bool {
        match &self.material {
            Material::Ed25519(key) => key.can_sign(),
            Material::P256(key) => key.can_sign(),
            Material::P384(key) => key.can_sign(),
            Material::P521(key) => key.can_sign(),
            Material::Rsa(_) => false,
        }
    }

    /// Whether `signature` is this key's for `message`. `hash` says nothing to Ed25519, `form` only something to ECDSA.
    pub(crate) fn verify(
        &self,
        hash: HashAlgorithm,
        form: EcdsaForm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        match &self.material {
            Material::Ed25519(key) => key.verify(message, signature),
            Material::P256(key) => key.verify(hash, form, message, signature),
            Material::P384(key) => key.verify(hash, form, message, signature),
            Material::P521(key) => key.verify(hash, form, message, signature),
            Material::Rsa(key) => key.verify(hash, message, signature),
        }
    }

    /// The signature of `message`, the same bytes each time.
    ///
    /// # Errors
    /// `invalid_secret` when the private part is not known, or the key is one of RSA.
    pub(crate) fn sign(
        &self,
        hash: HashAlgorithm,
        form: EcdsaForm,
        message: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let signature = match &self.material {
            Material::Ed25519(key) => key.sign(message),
            Material::P256(key) => key.sign(hash, form, message),
            Material::P384(key) => key.sign(hash, form, message),
            Material::P521(key) => key.sign(hash, form, message),
            Material::Rsa(_) => {
                return Err(refused("RSA keys only verify here; Ed25519 and ECDSA keys sign"));
            }
        };
        signature.ok_or_else(|| {
            let key_type = self.key_type();
            refused(format!("signing needs the private key, got a public key of {key_type}"))
        })
    }
}

impl fmt::Debug for AsymmetricKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AsymmetricKey({} …)", self.key_type())
    }
}

impl Material {
    /// A public key of `curve` from its point (SEC 1 §2.3.3), which must lie on the curve.
    pub(super) fn from_point(curve: KeyType, point: &[u8]) -> Result<Self, Error> {
        match curve {
            KeyType::P256 => EcdsaKey::from_point(point).map(Self::P256),
            KeyType::P384 => EcdsaKey::from_point(point).map(Self::P384),
            KeyType::P521 => EcdsaKey::from_point(point).map(Self::P521),
            KeyType::Ed25519 | KeyType::Rsa => None,
        }
        .ok_or_else(|| refused(format!("the public key is not a point of {curve}")))
    }

    /// A private key of `curve` from its number and, where it is given, its point.
    pub(super) fn from_scalar(
        curve: KeyType,
        scalar: &[u8],
        point: Option<&[u8]>,
    ) -> Result<Self, Error> {
        match curve {
            KeyType::P256 => EcdsaKey::from_scalar(scalar, point).map(Self::P256),
            KeyType::P384 => EcdsaKey::from_scalar(scalar, point).map(Self::P384),
            KeyType::P521 => EcdsaKey::from_scalar(scalar, point).map(Self::P521),
            KeyType::Ed25519 | KeyType::Rsa => None,
        }
        .ok_or_else(|| {
            refused(format!(
                "the private key is not one of {curve}, or its public key is another's"
            ))
        })
    }
}

/// Every reason to refuse a key has this code.
pub(super) fn refused(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidSecret, message)
}
