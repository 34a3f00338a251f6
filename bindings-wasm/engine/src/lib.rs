//! The small core for WebAssembly: compiled schemes and verifying, over a border of its own.
//!
//! JavaScript writes what a call takes into the [`input`], calls, and reads the output where the call says; see
//! `border.rs`. What lives longer has a number.

// Elsewhere there is nothing to build.
#![cfg(target_arch = "wasm32")]
#![forbid(unsafe_op_in_unsafe_fn)]

mod border;
mod heap;
mod webhook;
