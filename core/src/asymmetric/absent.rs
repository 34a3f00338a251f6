//! What stands for a key in a build without the feature `asymmetric`: nothing can be read, so nothing exists.

use super::{EcdsaForm, HashAlgorithm, KeyType};
use crate::error::{Error, ErrorCode};

/// A key that cannot exist in this build.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AsymmetricKey {}

impl AsymmetricKey {
    pub(crate) fn read(_text: &str) -> Result<Vec<Self>, Error> {
        let message = "this build cannot read public keys: hookseal's feature `asymmetric` is off";
        Err(Error::new(ErrorCode::InvalidSecret, message))
    }

    pub(crate) fn key_type(&self) -> KeyType {
        match *self {}
    }

    pub(crate) fn key_id(&self) -> Option<&str> {
        match *self {}
    }

    pub(crate) fn can_sign(&self) -> bool {
        match *self {}
    }

    pub(crate) fn verify(&self, _: HashAlgorithm, _: EcdsaForm, _: &[u8], _: &[u8]) -> bool {
        match *self {}
    }

    pub(crate) fn sign(&self, _: HashAlgorithm, _: EcdsaForm, _: &[u8]) -> Result<Vec<u8>, Error> {
        match *self {}
    }
}
