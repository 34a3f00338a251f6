//! New pairs of keys.

use std::fmt;

use hookseal::KeyPair;
use napi_derive::napi;

use crate::error::{Result, thrown};

/// A private key, which signs, and the public key that its receivers verify with.
#[napi(object, object_from_js = false)]
pub struct NativeKeyPair {
    pub private_key: String,
    pub public_key: String,
}

/// Without the private key.
impl fmt::Debug for NativeKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeKeyPair")
            .field("public_key", &self.public_key)
            .finish_non_exhaustive()
    }
}

/// Makes a pair of keys of 32 random bytes.
#[napi(catch_unwind)]
pub fn generate_key_pair(random: &[u8]) -> Result<NativeKeyPair> {
    let pair = KeyPair::generate(random).map_err(thrown)?;
    Ok(NativeKeyPair {
        private_key: pair.private_key().expose().to_owned(),
        public_key: pair.public_key().to_owned(),
    })
}
