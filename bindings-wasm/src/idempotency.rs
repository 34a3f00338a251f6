//! By what a receiver knows that it has seen an event before.

use wasm_bindgen::prelude::wasm_bindgen;

/// The id of an event or, where it has none, the hash of its body.
#[wasm_bindgen(js_name = idempotencyKey)]
pub fn idempotency_key(id: Option<String>, body: &[u8]) -> String {
    hookseal::idempotency_key(id.as_deref(), body)
}
