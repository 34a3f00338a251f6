//! Pairs of keys.

use hookseal::KeyPair;
use pyo3::prelude::*;

use crate::error::raise;

/// Private and public key, made from 32 random bytes.
#[pyfunction]
pub(crate) fn generate_key_pair(random: &[u8]) -> PyResult<(String, String)> {
    let pair = KeyPair::generate(random).map_err(raise)?;
    Ok((pair.private_key().expose().to_owned(), pair.public_key().to_owned()))
}
