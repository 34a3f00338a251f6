//! The core for WebAssembly: converts what comes from JavaScript, calls the core, maps its errors. Nothing is decided
//! here.
//!
//! These functions are not what users call: `bindings-js` checks types, reads header objects and the clock, and makes
//! the classes of the package. Both this module and the Node addon implement its interface `Native`.

#![expect(clippy::needless_pass_by_value, reason = "wasm-bindgen hands over owned values")]

pub mod definition;
pub mod error;
pub mod explain;
pub mod handshake;
pub mod idempotency;
pub mod key_pair;
pub mod published_keys;
mod request;
pub mod retry;
pub mod scheme;
pub mod webhook;
