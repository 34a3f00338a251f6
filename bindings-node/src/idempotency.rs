//! By what a receiver knows that it has seen an event before.

use napi_derive::napi;

/// The id of an event or, where it has none, the hash of its body.
#[napi(catch_unwind)]
pub fn idempotency_key(id: Option<String>, body: &[u8]) -> String {
    hookseal::idempotency_key(id.as_deref(), body)
}
