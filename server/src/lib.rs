//! The reference server of Hookseal: takes events over HTTP, keeps them on disk, and delivers each to the endpoints that
//! want it, signed and written as the endpoint's profile says, until it is taken or the profile's schedule ends.
//!
//! ```text
//! http ─▶ service ─▶ store ◀─▶ dispatch ─▶ guard ─▶ receivers
//! ```
//!
//! **Invariants.** An event is answered with 202 once it and its deliveries are on disk, never before. Time, randomness,
//! DNS and outgoing HTTP come in through [`app::Shell`]. SQL lives only under [`store::sqlite`]. Nothing of what
//! webhooks *are* (schemes, envelopes, schedules) lives here: that is the crate `hookseal`.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod dialects;
pub mod dispatch;
pub mod error;
mod explanation;
pub mod guard;
pub mod http;
pub mod keys;
pub mod luma;
pub mod maintenance;
pub mod object;
pub mod rng;
pub mod rotation;
pub mod schema;
pub mod seal;
pub mod service;
pub mod store;
pub mod subscription;
