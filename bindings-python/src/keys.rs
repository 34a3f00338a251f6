//! Keys that the sender publishes, and pairs of keys.

use hookseal::{KeyFormat, KeyPair, KeyRequest};
use pyo3::prelude::*;

use crate::error::raise;

/// URL, id of the key, form.
pub(crate) type Asked = (Option<String>, Option<String>, &'static str);

pub(crate) fn to_asked(request: KeyRequest) -> Asked {
    let format = match request.format {
        KeyFormat::Jwks => "jwks",
        KeyFormat::Pem => "pem",
        KeyFormat::X509 => "x509",
        // Whatever its form, it comes as text.
        _ => "text",
    };
    (request.url, request.key_id, format)
}

/// Private and public key, made from 32 random bytes.
#[pyfunction]
pub(crate) fn generate_key_pair(random: &[u8]) -> PyResult<(String, String)> {
    let pair = KeyPair::generate(random).map_err(raise)?;
    Ok((pair.private_key().expose().to_owned(), pair.public_key().to_owned()))
}
