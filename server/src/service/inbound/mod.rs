//! Webhooks that others send here: verified by the scheme of their source, and stored as events.
//!
//! `gateway.rs` takes requests, `sources.rs` is what the owner of a source does, `refusals.rs` what the owner sees of
//! requests that did not verify. `known.rs` keeps sources ready in memory, `ledger.rs` counts.

mod data;
mod event_name;
pub mod gateway;
mod kept;
pub mod known;
pub mod ledger;
mod opened;
pub mod published;
pub mod refusals;
mod sealed;
pub mod settings;
pub mod sources;
