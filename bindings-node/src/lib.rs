//! The core for Node: converts what comes from JavaScript, calls the core, maps its errors. Nothing is decided here.
//!
//! These functions are not what users call: `bindings-js` checks types, reads header objects and the clock, and makes
//! the classes of the package. Both this addon and the WebAssembly build implement its interface `Native`.
//!
//! **Invariants.** Every function catches panics: one that crossed into Node would end the process.

#![deny(unsafe_code)]
#![expect(clippy::needless_pass_by_value, reason = "napi hands over owned values")]

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
#[expect(unsafe_code, reason = "calls Node-API itself")]
pub mod verifier;
pub mod webhook;
