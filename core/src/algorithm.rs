//! What computes a signature.

use serde::Deserialize;

use crate::asymmetric::{HashAlgorithm, KeyType};
use crate::scheme::compact::compact;
use crate::{BROAD, WHOLE};

/// What computes a signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Algorithm {
    /// ECDSA (FIPS 186-5) on P-256 with SHA-1.
    EcdsaP256Sha1,
    /// ECDSA on P-256 with SHA-256; `ES256` in a JWS.
    EcdsaP256Sha256,
    /// ECDSA on P-521 with SHA-512; `ES512` in a JWS.
    EcdsaP521Sha512,
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// HMAC (RFC 2104) with MD5; some senders still use it.
    HmacMd5,
    /// HMAC with SHA-1.
    HmacSha1,
    /// HMAC with SHA-256.
    #[default]
    HmacSha256,
    /// HMAC with SHA-384.
    HmacSha384,
    /// HMAC with SHA-512.
    HmacSha512,
    /// A JSON Web Token (RFC 7519), whose header names one of the algorithms that the scheme allows.
    Jwt,
    /// MD5 of content that holds the secret.
    Md5,
    /// RSA PKCS#1 v1.5 (RFC 8017) with SHA-1.
    RsaSha1,
    /// RSA PKCS#1 v1.5 with SHA-256; `RS256` in a JWS.
    RsaSha256,
    /// RSA PKCS#1 v1.5 with SHA-512.
    RsaSha512,
    /// SHA-1 of content that holds the secret.
    Sha1,
    /// SHA-256 of content that holds the secret.
    Sha256,
    /// SHA-512 of content that holds the secret.
    Sha512,
    /// Nothing is signed: the secret itself is sent.
    Token,
}

/// What kind of proof an algorithm makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// Made with a private key, checked with a public one.
    Asymmetric,
    /// A hash of content that holds the secret.
    BareHash,
    Hmac,
    Jwt,
    Token,
}

impl Algorithm {
    pub(crate) fn family(self) -> Family {
        match self {
            // Others were refused.
            _ if !BROAD => Family::Hmac,
            _ if !WHOLE => {
                if self == Self::Token {
                    Family::Token
                } else {
                    Family::Hmac
                }
            }
            Self::EcdsaP256Sha1
            | Self::EcdsaP256Sha256
            | Self::EcdsaP521Sha512
            | Self::Ed25519
            | Self::RsaSha1
            | Self::RsaSha256
            | Self::RsaSha512 => Family::Asymmetric,
            Self::HmacMd5
            | Self::HmacSha1
            | Self::HmacSha256
            | Self::HmacSha384
            | Self::HmacSha512 => Family::Hmac,
            Self::Md5 | Self::Sha1 | Self::Sha256 | Self::Sha512 => Family::BareHash,
            Self::Jwt => Family::Jwt,
            Self::Token => Family::Token,
        }
    }

    /// Length of a signature in bytes; none where it depends on the key.
    pub(crate) fn tag_len(self) -> Option<usize> {
        match self {
            _ if !BROAD => Some(32),
            Self::HmacSha256 if !WHOLE => Some(32),
            Self::HmacSha1 if !WHOLE => Some(20),
            _ if !WHOLE => None,
            Self::HmacMd5 | Self::Md5 => Some(16),
            Self::HmacSha1 | Self::Sha1 => Some(20),
            Self::HmacSha256 | Self::Sha256 => Some(32),
            Self::HmacSha384 => Some(48),
            Self::HmacSha512 | Self::Sha512 | Self::Ed25519 => Some(64),
            Self::EcdsaP256Sha1
            | Self::EcdsaP256Sha256
            | Self::EcdsaP521Sha512
            | Self::Jwt
            | Self::RsaSha1
            | Self::RsaSha256
            | Self::RsaSha512
            | Self::Token => None,
        }
    }

    /// The kind of key pair, where the algorithm has one.
    pub(crate) fn key_type(self) -> Option<KeyType> {
        match self {
            Self::EcdsaP256Sha1 | Self::EcdsaP256Sha256 => Some(KeyType::P256),
            Self::EcdsaP521Sha512 => Some(KeyType::P521),
            Self::Ed25519 => Some(KeyType::Ed25519),
            Self::RsaSha1 | Self::RsaSha256 | Self::RsaSha512 => Some(KeyType::Rsa),
            _ => None,
        }
    }

    /// The hash that goes with a key pair.
    pub(crate) fn hash(self) -> HashAlgorithm {
        match self {
            Self::EcdsaP256Sha1 | Self::RsaSha1 => HashAlgorithm::Sha1,
            Self::EcdsaP521Sha512 | Self::RsaSha512 => HashAlgorithm::Sha512,
            _ => HashAlgorithm::Sha256,
        }
    }
}

compact! { enum Algorithm { HmacSha256 | HmacSha1, Token; EcdsaP256Sha1, EcdsaP256Sha256, EcdsaP521Sha512, Ed25519, HmacMd5, HmacSha384,
HmacSha512, Jwt, Md5, RsaSha1, RsaSha256, RsaSha512, Sha1, Sha256, Sha512 } }
