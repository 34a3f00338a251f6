//! How a built-in scheme is written.

use hookseal::Scheme;
use napi_derive::napi;

use crate::error::{Result, thrown};

/// The JSON of a built-in scheme.
#[napi(catch_unwind)]
pub fn scheme_definition(id: String) -> Result<String> {
    Scheme::catalogue_entry(&id).map(|entry| entry.json.to_owned()).map_err(thrown)
}
