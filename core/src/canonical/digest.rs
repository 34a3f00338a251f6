//! Digests of the raw body, written as senders write them into what they sign.

use crc::{CRC_32_ISO_HDLC, Crc};
use sha2::{Digest as _, Sha256};

use crate::radix::{STANDARD, hex_encode};

/// SHA-256 of the body: 32 bytes.
pub(crate) fn sha256(body: &[u8]) -> [u8; 32] {
    Sha256::digest(body).into()
}

/// SHA-256 of the body in lower-case hex.
pub(crate) fn sha256_hex(body: &[u8]) -> String {
    hex_encode(sha256(body))
}

/// SHA-256 of the body in padded base64.
pub(crate) fn sha256_base64(body: &[u8]) -> String {
    STANDARD.encode(sha256(body))
}

/// CRC-32 (ISO 3309, as in zip) of the body as a decimal number. It detects accidents, not attackers: a body that has the
/// same CRC is easily made.
///
/// Source: PayPal, "Integrate webhooks", the fourth part of the signed text.
pub(crate) fn crc32_decimal(body: &[u8]) -> String {
    static CRC32: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);
    CRC32.checksum(body).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_the_published_ones() {
        // FIPS 180-4 "abc"; the check value of CRC-32/ISO-HDLC.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex(b"abc"), abc);
        assert_eq!(hex::encode(sha256(b"abc")), abc);
        assert_eq!(sha256_base64(b"abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        assert_eq!(crc32_decimal(b"123456789"), 0xcbf4_3926_u32.to_string());
        assert_eq!(crc32_decimal(b""), "0");
    }
}
