//! JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037 §2) and the objects in which providers hand keys out.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::ed25519::Ed25519Key;
use super::key::{AsymmetricKey, Material, refused};
use super::rsa::RsaKey;
use super::{KeyType, text};
use crate::error::{Error, clip};

/// More keys than any sender has in use; each may cost one signature check.
const MAX_KEYS: usize = 64;

/// An object that may be a key, a set of keys, or hold either.
#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    keys: Option<Vec<&'a RawValue>>,
    kty: Option<IgnoredAny>,
    /// The names under which providers' key endpoints answer.
    #[serde(borrow, alias = "publicKey", alias = "public_key", alias = "data")]
    key: Option<&'a RawValue>,
}

/// A key. Members that are not named here do not say which signatures it verifies. The strings are slices of the text, so
/// that a private part is not left behind in copies.
#[derive(Deserialize)]
struct Jwk<'a> {
    kty: &'a str,
    #[serde(rename = "use")]
    usage: Option<&'a str>,
    kid: Option<String>,
    crv: Option<&'a str>,
    x: Option<&'a str>,
    y: Option<&'a str>,
    n: Option<&'a str>,
    e: Option<&'a str>,
    d: Option<&'a str>,
}

/// Reads the keys of a JSON object.
pub(super) fn read(json: &str) -> Result<Vec<AsymmetricKey>, Error> {
    let document: Document<'_> = serde_json::from_str(json).map_err(|_| {
        refused("the text begins like JSON, but is not a JWK, a JWKS or an object that holds a key")
    })?;
    if let Some(keys) = document.keys {
        return key_set(&keys);
    }
    if document.kty.is_some() {
        return Ok(vec![key(json)?]);
    }
    let inner = document.key.map(RawValue::get).ok_or_else(|| {
        refused("expected a JSON object with `kty`, `keys`, `key` or `publicKey`, got none of them")
    })?;
    match serde_json::from_str::<String>(inner).map(Zeroizing::new) {
        Ok(inner) => text::read_plain(&inner),
        // The depth is bounded: the parser refuses what is nested more than 128 times.
        Err(_) => read(inner),
    }
}

/// The keys of a set that can be used; RFC 7517 §5 asks to pass over the others.
fn key_set(keys: &[&RawValue]) -> Result<Vec<AsymmetricKey>, Error> {
    if keys.len() > MAX_KEYS {
        return Err(refused(format!("a key set has at most {MAX_KEYS} keys, got {}", keys.len())));
    }
    let usable: Vec<_> = keys.iter().filter_map(|json| key(json.get()).ok()).collect();
    if usable.is_empty() {
        return Err(refused(format!(
            "expected a key set with an Ed25519, ECDSA or RSA key, got none among its {} keys",
            keys.len()
        )));
    }
    Ok(usable)
}

fn key(json: &str) -> Result<AsymmetricKey, Error> {
    let jwk: Jwk<'_> = serde_json::from_str(json)
        .map_err(|_| refused("a member of the JWK is absent or not a plain string"))?;
    if let Some(usage) = jwk.usage.filter(|usage| *usage != "sig") {
        return Err(refused(format!("expected a JWK for signatures, got `use` {}", quote(usage))));
    }
    let private = jwk.d.map(|d| number("d", d)).transpose()?;
    let material = match (jwk.kty, jwk.crv) {
        ("OKP", Some("Ed25519")) => {
            let public = required("x", jwk.x)?;
            Material::Ed25519(match private {
                Some(seed) => Ed25519Key::from_seed(&seed, Some(&public))?,
                None => Ed25519Key::from_public(&public)?,
            })
        }
        ("EC", Some("P-256")) => curve(KeyType::P256, 32, &jwk, private)?,
        ("EC", Some("P-384")) => curve(KeyType::P384, 48, &jwk, private)?,
        ("EC", Some("P-521")) => curve(KeyType::P521, 66, &jwk, private)?,
        ("RSA", _) => {
            let modulus = required("n", jwk.n)?;
            let exponent = required("e", jwk.e)?;
            Material::Rsa(RsaKey::from_numbers(&modulus, &exponent)?)
        }
        (kty, crv) => {
            let crv = crv.map_or(String::new(), |crv| format!(" of curve {}", quote(crv)));
            let kty = quote(kty);
            return Err(refused(format!("expected a JWK of Ed25519, EC or RSA, got {kty}{crv}")));
        }
    };
    Ok(AsymmetricKey::new(jwk.kid, material))
}

/// A key of `curve`, whose coordinates have `len` bytes each (RFC 7518 §6.2.1).
fn curve(
    curve: KeyType,
    len: usize,
    jwk: &Jwk<'_>,
    private: Option<Zeroizing<Vec<u8>>>,
) -> Result<Material, Error> {
    let mut point = vec![4];
    for (name, value) in [("x", jwk.x), ("y", jwk.y)] {
        let coordinate = required(name, value)?;
        if coordinate.len() != len {
            let got = coordinate.len();
            return Err(refused(format!("`{name}` of a {curve} JWK has {len} bytes, got {got}")));
        }
        point.extend_from_slice(&coordinate);
    }
    match private {
        Some(scalar) => Material::from_scalar(curve, &scalar, Some(&point)),
        None => Material::from_point(curve, &point),
    }
}

fn required(name: &str, value: Option<&str>) -> Result<Zeroizing<Vec<u8>>, Error> {
    number(name, value.ok_or_else(|| refused(format!("the JWK has no `{name}`")))?)
}

fn number(name: &str, base64url: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(base64url.trim_end_matches('='));
    bytes.map(Zeroizing::new).map_err(|_| refused(format!("`{name}` of the JWK is not base64url")))
}

/// Quotes a name from the key; a long one may be anything, so it is not shown.
fn quote(name: &str) -> String {
    if name.len() <= 16 { format!("`{}`", clip(name)) } else { "another".to_owned() }
}
