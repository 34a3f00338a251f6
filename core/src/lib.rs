#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod algorithm;
mod asymmetric;
mod block_hash;
mod block_hmac;
mod canonical;
mod content;
mod delegate;
mod error;
mod event;
mod explain;
mod handshake;
mod idempotency;
mod jwt;
mod key;
mod late;
pub mod payload;
mod pieces;
mod problem;
mod profile;
#[cfg(feature = "whole")]
mod published_keys;
mod radix;
mod rare;
mod request;
mod retry;
#[cfg(feature = "schema")]
pub mod schema;
pub mod scheme;
mod secret;
mod sign;
mod timestamp;
mod verify;
mod webhook;
mod white_space;
mod wipe;
#[cfg(feature = "asymmetric")]
#[cfg(test)]
mod wycheproof;

/// Whether this build has all that schemes can say. Without the feature `whole`, a build reads compiled schemes that most
/// senders use, and refuses the others when they are read: what is behind this constant is not in it.
pub(crate) const WHOLE: bool = cfg!(feature = "whole");

/// Whether this build has, besides what most senders do, what many do.
pub(crate) const BROAD: bool = cfg!(feature = "broad");

#[cfg(feature = "asymmetric")]
pub use asymmetric::KeyPair;
pub use delegate::{HmacKey, Signed};
pub use error::{Error, ErrorCode};
pub use event::{Event, EventType};
pub use explain::{Cause, Explanation, Finding, explain};
pub use handshake::HandshakeResponse;
pub use idempotency::idempotency_key;
pub use key::{OneWayKey, SigningKey};
pub use profile::{Direction, EventTypeInfo, Outgoing, Profile, SecretRule};
#[cfg(feature = "whole")]
pub use published_keys::{KeyDecision, PublishedKeys};
pub use request::{MAX_HEADER_LEN, Request};
pub use retry::{Decision, GiveUpReason, Outcome, RetryPolicy, ScheduleRow};
pub use scheme::{CatalogueEntry, KeyFormat, KeyRequest, Scheme};
pub use secret::Secret;
pub use sign::Message;
pub use timestamp::{Timestamp, TimestampUnit};
pub use verify::Verified;
pub use webhook::{Webhook, verify_signature};
