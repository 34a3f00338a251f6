//! Load on a webhook server, and what it makes of it.
//!
//! A [`receiver`] and a [`sender`] in one program, so that the latency of a delivery can be taken from the moment its event
//! was due to the moment it arrived, and every event is accounted for. [`scenario`] has what is measured; `bench/README.md`
//! says how.

pub mod adapter;
pub mod cli;
pub mod cost;
pub mod error;
pub mod forwarder;
pub mod interrupt;
pub mod latency;
pub mod outcome;
pub mod postgres;
pub mod process;
pub mod receiver;
pub mod report;
pub mod run;
pub mod scenario;
pub mod sender;
pub mod target;
pub mod wire;
