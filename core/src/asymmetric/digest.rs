//! The hash of a message, by name.

use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::HashAlgorithm;

impl HashAlgorithm {
    /// Gives the hash of `message` to `then`: a slice, because its length depends on the algorithm.
    pub(super) fn digest<T>(self, message: &[u8], then: impl FnOnce(&[u8]) -> T) -> T {
        match self {
            Self::Sha1 => then(&Sha1::digest(message)),
            Self::Sha256 => then(&Sha256::digest(message)),
            Self::Sha384 => then(&Sha384::digest(message)),
            Self::Sha512 => then(&Sha512::digest(message)),
        }
    }
}
