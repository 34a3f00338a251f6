//! RSASSA-PKCS1-v1_5 (RFC 8017 §8.2), verification only.
//!
//! The signature is raised to the public exponent and compared, whole, with the one block that the hash encodes to:
//! nothing in it is parsed, so nothing in it can be forged by what a parser lets pass.
//!
//! **Invariants.** The modulus is odd and has 1024 to 8192 bits; the exponent is odd, at least 3 and below 2^33. Only
//! public numbers are handled, so time may depend on them.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};

use super::HashAlgorithm;
use super::key::refused;
use crate::error::Error;

/// Postal signs with keys of 1024 bits; nobody should with fewer.
const MIN_BITS: u32 = 1024;
/// Twice what anybody uses. The work of verifying grows with the square.
const MAX_BITS: u32 = 8192;
/// 65537 needs 17; the work of verifying grows with them.
const MAX_EXPONENT_BITS: u32 = 33;
/// RFC 8017 §9.2 asks for eight bytes of padding at least; around it stand three more.
const MIN_PADDING: usize = 8;

/// A public key.
#[derive(Clone)]
pub(super) struct RsaKey {
    modulus: BoxedMontyParams,
    exponent: BoxedUint,
    /// Length of the modulus, and so of every signature, in bytes.
    len: usize,
}

impl RsaKey {
    /// Makes a key from its two numbers, big-endian.
    pub(super) fn from_numbers(modulus: &[u8], exponent: &[u8]) -> Result<Self, Error> {
        let (modulus, exponent) = (trim(modulus), trim(exponent));
        let bits = bit_len(modulus);
        if !(MIN_BITS..=MAX_BITS).contains(&bits) {
            let message =
                format!("an RSA modulus has {MIN_BITS} to {MAX_BITS} bits here, got {bits}");
            return Err(refused(message));
        }
        let exponent_bits = bit_len(exponent);
        let odd = exponent.last().is_some_and(|byte| byte & 1 == 1);
        if !odd || !(2..=MAX_EXPONENT_BITS).contains(&exponent_bits) {
            let message =
                format!("an RSA exponent is odd and has 2 to {MAX_EXPONENT_BITS} bits here");
            return Err(refused(message));
        }
        let number = BoxedUint::from_be_slice_vartime(modulus);
        let number = Option::<Odd<_>>::from(number.into_odd())
            .ok_or_else(|| refused("the RSA modulus is even"))?;
        Ok(Self {
            modulus: BoxedMontyParams::new_vartime(number),
            exponent: BoxedUint::from_be_slice_vartime(exponent),
            len: modulus.len(),
        })
    }

    pub(super) fn verify(&self, hash: HashAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        if signature.len() != self.len {
            return false;
        }
        let number = BoxedUint::from_be_slice_vartime(signature);
        if number >= *self.modulus.modulus().as_ref() {
            return false;
        }
        let block = BoxedMontyForm::new(number, &self.modulus)
            .pow_bounded_exp(&self.exponent, self.exponent.bits_vartime())
            .retrieve()
            .to_be_bytes();
        // The number is as wide as machine words make it: what is above the modulus' length is zero.
        let block = block.split_at_checked(block.len().saturating_sub(self.len));
        let expected = hash.digest(message, |digest| encode(hash, digest, self.len));
        matches!((block, expected), (Some((_, block)), Some(expected)) if *block == *expected)
    }
}

/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2): `00 01 ff … ff 00`, then the hash with its name, `len` bytes in all.
fn encode(hash: HashAlgorithm, digest: &[u8], len: usize) -> Option<Vec<u8>> {
    let name = digest_info(hash);
    let padding = len.checked_sub(name.len() + digest.len() + 3)?;
    if padding < MIN_PADDING {
        return None;
    }
    let mut block = Vec::with_capacity(len);
    block.extend_from_slice(&[0, 1]);
    block.resize(2 + padding, 0xff);
    block.push(0);
    block.extend_from_slice(name);
    block.extend_from_slice(digest);
    Some(block)
}

/// The DER that stands before the hash in a `DigestInfo` (RFC 8017 §9.2, note 1).
fn digest_info(hash: HashAlgorithm) -> &'static [u8] {
    match hash {
        HashAlgorithm::Sha1 => b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
        HashAlgorithm::Sha256 => {
            b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
        }
        HashAlgorithm::Sha384 => {
            b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"
        }
        HashAlgorithm::Sha512 => {
            b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"
        }
    }
}

/// Takes leading zeros away.
fn trim(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// Length in bits of a number without leading zeros; what is too long to count is too long to use.
fn bit_len(number: &[u8]) -> u32 {
    let unused = number.first().map_or(0, |byte| byte.leading_zeros());
    u32::try_from(number.len()).unwrap_or(u32::MAX).saturating_mul(8).saturating_sub(unused)
}
