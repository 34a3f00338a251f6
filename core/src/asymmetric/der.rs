//! The DER structures that hold keys: SPKI and X.509 (RFC 5280), PKCS#1 (RFC 8017), PKCS#8 (RFC 5958), SEC 1 (RFC 5915).
//!
//! The structure says what it is: none of them can be read as another, so labels and file names are not needed.

use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, OctetStringRef, UintRef};
use pkcs8::der::{self, Decode as _, Reader, SliceReader, Tag};
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use sec1::{EcParameters, EcPrivateKey};

use super::KeyType;
use super::ed25519::Ed25519Key;
use super::key::{Material, refused};
use super::rsa::RsaKey;
use crate::error::Error;

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The curves by their names in ASN.1 (RFC 5480 §2.1.1.1).
const CURVES: [(ObjectIdentifier, KeyType); 3] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), KeyType::P256),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), KeyType::P384),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), KeyType::P521),
];

/// Reads the key in any of the structures.
pub(super) fn read(bytes: &[u8]) -> Result<Material, Error> {
    if let Ok(info) = SubjectPublicKeyInfoRef::from_der(bytes) {
        return public_key(&info);
    }
    if let Ok(info) = whole(bytes, certificate) {
        return public_key(&info);
    }
    if let Ok(info) = PrivateKeyInfoRef::from_der(bytes) {
        return private_key(&info);
    }
    if let Ok(key) = EcPrivateKey::from_der(bytes) {
        let curve = key.parameters.map(|EcParameters::NamedCurve(curve)| curve);
        return Material::from_scalar(curve_of(curve)?, key.private_key, key.public_key);
    }
    if let Ok((modulus, exponent)) = whole(bytes, rsa_key) {
        return Ok(Material::Rsa(RsaKey::from_numbers(modulus, exponent)?));
    }
    Err(refused(format!(
        "expected 32 bytes (an Ed25519 public key) or DER of a public key, a certificate or a private key, got {} other bytes",
        bytes.len()
    )))
}

fn public_key(info: &SubjectPublicKeyInfoRef<'_>) -> Result<Material, Error> {
    let bits = info.subject_public_key.as_bytes().ok_or_else(malformed)?;
    match info.algorithm.oid {
        ED25519 => Ok(Material::Ed25519(Ed25519Key::from_public(bits)?)),
        EC_PUBLIC_KEY => Material::from_point(named_curve(&info.algorithm)?, bits),
        RSA => {
            let (modulus, exponent) = whole(bits, rsa_key).map_err(|_| malformed())?;
            Ok(Material::Rsa(RsaKey::from_numbers(modulus, exponent)?))
        }
        other => Err(unknown_algorithm(other)),
    }
}

fn private_key(info: &PrivateKeyInfoRef<'_>) -> Result<Material, Error> {
    let bytes = info.private_key.as_bytes();
    let public = info.public_key.as_ref().and_then(BitStringRef::as_bytes);
    match info.algorithm.oid {
        ED25519 => {
            let seed = <&OctetStringRef>::from_der(bytes).map_err(|_| malformed())?;
            Ok(Material::Ed25519(Ed25519Key::from_seed(seed.as_bytes(), public)?))
        }
        EC_PUBLIC_KEY => {
            let key = EcPrivateKey::from_der(bytes).map_err(|_| malformed())?;
            let curve = named_curve(&info.algorithm)?;
            Material::from_scalar(curve, key.private_key, key.public_key)
        }
        RSA => {
            let (modulus, exponent) = whole(bytes, rsa_key).map_err(|_| malformed())?;
            Ok(Material::Rsa(RsaKey::from_numbers(modulus, exponent)?))
        }
        other => Err(unknown_algorithm(other)),
    }
}

/// The two public numbers of an RSA key, public or private (RFC 8017 §A.1).
fn rsa_key<'a>(key: &mut SliceReader<'a>) -> der::Result<(&'a [u8], &'a [u8])> {
    key.sequence(|key| {
        let mut modulus: UintRef<'a> = key.decode()?;
        let mut exponent: UintRef<'a> = key.decode()?;
        if !key.is_finished() {
            // What came first was the version of a private key.
            (modulus, exponent) = (exponent, key.decode()?);
            skip_rest(key)?;
        }
        Ok((modulus.as_bytes(), exponent.as_bytes()))
    })
}

/// The public key that a certificate is about (RFC 5280 §4.1).
fn certificate<'a>(certificate: &mut SliceReader<'a>) -> der::Result<SubjectPublicKeyInfoRef<'a>> {
    certificate.sequence(|certificate| {
        let key = certificate.sequence(|signed| {
            if Tag::peek(signed)? != Tag::Integer {
                signed.tlv_bytes()?; // version
            }
            for _ in ["serialNumber", "signature", "issuer", "validity", "subject"] {
                signed.tlv_bytes()?;
            }
            let key = signed.decode()?;
            skip_rest(signed)?;
            Ok::<_, der::Error>(key)
        })?;
        skip_rest(certificate)?;
        Ok(key)
    })
}

fn skip_rest<'a>(reader: &mut impl Reader<'a>) -> der::Result<()> {
    while !reader.is_finished() {
        reader.tlv_bytes()?;
    }
    Ok(())
}

/// Reads `bytes` with `read`, to the last one.
fn whole<'a, T>(
    bytes: &'a [u8],
    read: impl FnOnce(&mut SliceReader<'a>) -> der::Result<T>,
) -> der::Result<T> {
    let mut reader = SliceReader::new(bytes)?;
    let value = read(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

fn named_curve(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<KeyType, Error> {
    curve_of(algorithm.parameters.and_then(|curve: AnyRef<'_>| curve.decode_as().ok()))
}

fn curve_of(name: Option<ObjectIdentifier>) -> Result<KeyType, Error> {
    let curve = CURVES.iter().find(|(oid, _)| Some(*oid) == name);
    curve.map(|(_, curve)| *curve).ok_or_else(|| {
        let name = name.map_or("no name".to_owned(), |oid| format!("`{oid}`"));
        refused(format!("expected a key of P-256, P-384 or P-521, got a curve with {name}"))
    })
}

fn unknown_algorithm(oid: ObjectIdentifier) -> Error {
    refused(format!("expected an Ed25519, ECDSA or RSA key, got one of algorithm `{oid}`"))
}

fn malformed() -> Error {
    refused("the key inside the DER structure is not well-formed")
}
