//! The texts in which keys are handed around.
//!
//! **Invariants.** No message holds a part of the text: it may be a secret that was put in the wrong place.

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use zeroize::Zeroizing;

use super::ed25519::{Ed25519Key, KEY_LEN};
use super::key::{AsymmetricKey, Material, refused};
use super::{der, jwk};
use crate::error::Error;

/// The prefix of a public key in Standard Webhooks.
pub(super) const PUBLIC_PREFIX: &str = "whpk_";
/// The prefix of a private key in Standard Webhooks.
pub(super) const PRIVATE_PREFIX: &str = "whsk_";
/// The prefix of a secret that both sides share.
const SHARED_PREFIX: &str = "whsec_";

/// Room for a large key set; bounds what a mistake (a whole file) can do.
const MAX_LEN: usize = 256 * 1024;
/// More keys than any rotation or chain of certificates needs.
const MAX_BLOCKS: usize = 64;

/// Base64 with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads every key in `text`, in whatever form.
pub(super) fn read(text: &str) -> Result<Vec<AsymmetricKey>, Error> {
    if text.len() > MAX_LEN {
        let got = text.len();
        return Err(refused(format!("a key has at most {MAX_LEN} bytes of text, got {got}")));
    }
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('{') { jwk::read(text) } else { read_plain(text) }
}

/// Reads every key in `text`, which is not JSON.
pub(super) fn read_plain(text: &str) -> Result<Vec<AsymmetricKey>, Error> {
    let materials =
        if text.contains("-----BEGIN ") { pem(text)? } else { vec![bare(text.trim())?] };
    Ok(materials.into_iter().map(|material| AsymmetricKey::new(None, material)).collect())
}

/// The keys of all PEM blocks (RFC 7468), however their lines are broken.
fn pem(text: &str) -> Result<Vec<Material>, Error> {
    let mut materials = Vec::new();
    let mut rest = text;
    while let Some((_, block)) = rest.split_once("-----BEGIN ") {
        let (label, block) = block
            .split_once("-----")
            .ok_or_else(|| refused("the PEM text ends inside its BEGIN line"))?;
        let (body, after) = block
            .split_once("-----END ")
            .ok_or_else(|| refused("the PEM text has a BEGIN line without its END line"))?;
        rest = after;
        match label {
            // OpenSSL writes the name of the curve before the key, which repeats it.
            "EC PARAMETERS" => continue,
            "ENCRYPTED PRIVATE KEY" => {
                return Err(refused("expected a private key in the clear, got an encrypted one"));
            }
            _ if materials.len() == MAX_BLOCKS => {
                return Err(refused(format!("a PEM text has at most {MAX_BLOCKS} keys here")));
            }
            _ => {}
        }
        let bytes = base64(body).ok_or_else(|| refused("a PEM block does not hold base64"))?;
        materials.push(der::read(&bytes)?);
    }
    if materials.is_empty() {
        return Err(refused("the PEM text holds no key"));
    }
    Ok(materials)
}

/// One key without anything around it.
fn bare(text: &str) -> Result<Material, Error> {
    if let Some(key) = text.strip_prefix(PUBLIC_PREFIX) {
        let bytes = base64(key).ok_or_else(|| not_base64(PUBLIC_PREFIX))?;
        return Ok(Material::Ed25519(Ed25519Key::from_public(&bytes)?));
    }
    if let Some(key) = text.strip_prefix(PRIVATE_PREFIX) {
        let bytes = base64(key).ok_or_else(|| not_base64(PRIVATE_PREFIX))?;
        // Svix and libsodium write the public key behind the seed.
        let key = match bytes.split_at_checked(KEY_LEN) {
            Some((seed, public)) if public.len() == KEY_LEN => {
                Ed25519Key::from_seed(seed, Some(public))
            }
            _ => Ed25519Key::from_seed(&bytes, None),
        };
        return Ok(Material::Ed25519(key?));
    }
    if text.starts_with(SHARED_PREFIX) {
        let message =
            format!("expected a public or private key, got a shared secret (`{SHARED_PREFIX}`)");
        return Err(refused(message));
    }
    let bytes = hex(text).or_else(|| base64(text)).filter(|bytes| !bytes.is_empty());
    let bytes = bytes.ok_or_else(|| {
        refused(format!(
            "expected a key as PEM, JWK, `{PUBLIC_PREFIX}…`, `{PRIVATE_PREFIX}…`, hex or base64, got {} bytes of other text",
            text.len()
        ))
    })?;
    if bytes.len() == KEY_LEN {
        return Ok(Material::Ed25519(Ed25519Key::from_public(&bytes)?));
    }
    der::read(&bytes)
}

fn hex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    hex::decode(text).ok().map(Zeroizing::new)
}

/// Reads base64 of either alphabet. White space does not count, nor does what is left of a line break where a shell or a
/// configuration file escaped it: a backslash and a letter.
fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut plain = Zeroizing::new(Vec::with_capacity(text.len()));
    let lines = text.split("\\n").flat_map(|line| line.split("\\r"));
    let bytes = lines.flat_map(str::bytes).filter(|byte| !byte.is_ascii_whitespace());
    plain.extend(bytes.map(|byte| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    }));
    BASE64.decode(plain.as_slice()).ok().map(Zeroizing::new)
}

fn not_base64(prefix: &str) -> Error {
    refused(format!("expected base64 after `{prefix}`, got other text"))
}
