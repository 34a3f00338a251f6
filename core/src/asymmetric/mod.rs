//! Signatures with a public and a private key: Ed25519, ECDSA on the NIST curves, RSA.
//!
//! Sources: RFC 8032 (Ed25519), FIPS 186-5 and RFC 6979 (ECDSA), RFC 8017 (RSA, PKCS#1 v1.5).
//!
//! **Invariants.** A key is checked when it is read, so that verifying answers yes or no and nothing else. The work of
//! one check is bounded by the sizes that reading accepts. Private parts are wiped when dropped and never printed. RSA
//! keys only verify: no constant-time implementation of their private operation is at hand (RUSTSEC-2023-0071).

#[cfg(not(feature = "asymmetric"))]
mod absent;
#[cfg(feature = "asymmetric")]
mod der;
#[cfg(feature = "asymmetric")]
mod digest;
#[cfg(feature = "asymmetric")]
mod ecdsa;
#[cfg(feature = "asymmetric")]
mod ed25519;
#[cfg(feature = "asymmetric")]
mod jwk;
#[cfg(feature = "asymmetric")]
mod key;
#[cfg(feature = "asymmetric")]
mod key_pair;
#[cfg(feature = "asymmetric")]
mod rsa;
#[cfg(feature = "asymmetric")]
#[cfg(test)]
mod tests;
#[cfg(feature = "asymmetric")]
mod text;

use std::fmt;

use serde::Deserialize;

use crate::scheme::compact::compact;

#[cfg(not(feature = "asymmetric"))]
pub(crate) use absent::AsymmetricKey;
#[cfg(feature = "asymmetric")]
pub(crate) use key::AsymmetricKey;
#[cfg(feature = "asymmetric")]
pub use key_pair::KeyPair;

/// The kind of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyType {
    Ed25519,
    P256,
    P384,
    P521,
    Rsa,
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ed25519 => "Ed25519",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Rsa => "RSA",
        })
    }
}

/// The hash that ECDSA and RSA sign; Ed25519 has its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HashAlgorithm {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// How the two numbers of an ECDSA signature are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum EcdsaForm {
    /// ASN.1 DER, as OpenSSL writes it.
    #[default]
    Der,
    /// One after the other at full width (IEEE P1363), as in JWS.
    Fixed,
}

compact! { enum EcdsaForm { Der, Fixed } }
