//! How a built-in scheme is written.

use hookseal::Scheme;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{Result, thrown};

/// The JSON of a built-in scheme.
#[wasm_bindgen(js_name = schemeDefinition)]
pub fn scheme_definition(id: String) -> Result<String> {
    Scheme::catalogue_entry(&id).map(|entry| entry.json.to_owned()).map_err(thrown)
}
