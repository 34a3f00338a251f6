//! Rows as types.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::Arc,
};

use hookseal::{GiveUpReason, Timestamp};

use crate::guard::Failure;

/// Declares an enum whose variants are words in the database and the API.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// The word in the database and the API.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The variant of a word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// Where a delivery stands.
    DeliveryState {
        /// Its endpoint was deleted or disabled first.
        Cancelled = "cancelled",
        /// The endpoint took it.
        Delivered = "delivered",
        /// An attempt runs.
        Delivering = "delivering",
        /// No further attempt will be made.
        Failed = "failed",
        /// Waits for its next attempt.
        Pending = "pending",
    }
}

words! {
    /// Whether an endpoint gets events.
    EndpointState {
        /// It does.
        Active = "active",
        /// It answered 410 Gone, or `webhook-delivery: disable`.
        Disabled = "disabled",
    }
}

words! {
    /// In which form an endpoint's secret is kept.
    EndpointSecret {
        /// There is none; deliveries are not signed.
        None = "none",
        /// The one-way form: it signs, but does not give the secret back.
        OneWay = "one_way",
        /// The secret itself.
        Shared = "shared",
    }
}

words! {
    /// How an API key came to be.
    KeyOrigin {
        /// Set by the operator.
        Environment = "environment",
        /// Made by the server and shown once.
        Generated = "generated",
    }
}

/// Whom an API key belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyOwner {
    /// The account.
    pub account: String,
    /// Whether the key was ever used.
    pub key_used: bool,
}

/// A URL that receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `ep_…`.
    pub id: String,
    /// The owner.
    pub account: String,
    /// Where to; checked again before each attempt.
    pub url: String,
    /// What it wants; `*` stands for all. Sorted.
    pub event_types: Vec<String>,
    /// The profile's id.
    pub profile: String,
    /// Gets the events of this tenant only.
    pub tenant: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Whether it gets events.
    pub state: EndpointState,
    /// In which form the secret is kept.
    pub secret: EndpointSecret,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A sealed secret with its kind. `sealed` is empty where there is none.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// The form.
    pub kind: EndpointSecret,
    /// The sealed bytes.
    pub sealed: Vec<u8>,
}

impl fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedSecret({})", self.kind.as_str())
    }
}

/// An event to store.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The owner.
    pub account: String,
    /// The caller's id, or a new one.
    pub id: String,
    /// The type.
    pub event_type: String,
    /// The tenant it belongs to.
    pub tenant: Option<String>,
    /// The one profile the caller asked for.
    pub profile: Option<String>,
    /// A JSON object, byte for byte.
    pub data: String,
    /// SHA-256 of what the caller sent.
    pub fingerprint: [u8; 32],
    /// The header `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// What subscriptions match: the type itself and `*`.
    pub patterns: Vec<String>,
    /// The profiles whose registry knows the type.
    pub profiles: Vec<&'static str>,
    /// When it was accepted.
    pub now: Timestamp,
}

/// What became of an event that was pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The key or the id is taken by an event with another content.
    Conflict,
    /// Stored.
    New(Vec<PushedDelivery>),
    /// Stored earlier, under this id.
    Repeat {
        /// The event's id.
        id: String,
        /// Its deliveries.
        deliveries: Vec<PushedDelivery>,
    },
}

/// A delivery of an event that was pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedDelivery {
    /// `dlv_…`.
    pub id: String,
    /// Where to.
    pub endpoint: String,
}

/// An event as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecord {
    /// The id, unique within the account.
    pub id: String,
    /// The type.
    pub event_type: String,
    /// The tenant.
    pub tenant: Option<String>,
    /// The one profile the caller asked for.
    pub profile: Option<String>,
    /// A JSON object, byte for byte.
    pub data: String,
    /// When it was accepted.
    pub created_at: Timestamp,
}

/// An event with all that became of it.
#[derive(Clone, Debug)]
pub struct EventDetail {
    /// The event.
    pub event: EventRecord,
    /// One per endpoint that wanted it.
    pub deliveries: Vec<Delivery>,
}

/// One event for one endpoint.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// `dlv_…`.
    pub id: String,
    /// The event.
    pub event_id: String,
    /// Where to.
    pub endpoint_id: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// Why it failed or was cancelled.
    pub reason: Option<String>,
    /// When the next attempt is due, while pending.
    pub next_attempt_at: Option<Timestamp>,
    /// What was tried, first to last.
    pub attempts: Vec<Attempt>,
}

/// One POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
    /// The status, when an answer began.
    pub status: Option<u16>,
    /// Why there is no whole answer: a name of [`Failure`].
    pub error: Option<String>,
    /// The beginning of the answer's body.
    pub response_body: Vec<u8>,
}

/// What the dispatcher has room for.
#[derive(Clone, Debug)]
pub struct LeaseRequest {
    /// How many in all.
    pub limit: u32,
    /// How many before the rest is kept for endpoints to which nothing is being sent.
    pub shared: u32,
    /// How many at once for one endpoint.
    pub per_endpoint: u32,
    /// How many already run, for the endpoints where some do.
    pub busy: HashMap<String, u32>,
    /// The endpoints that get one at a time, because the last brought no answer.
    pub silent: Arc<HashSet<String>>,
    /// The endpoint that was served last; the walk goes on behind it.
    pub after: String,
    /// Due means due by now.
    pub now: Timestamp,
}

/// Deliveries to send.
#[derive(Debug, Default)]
pub struct Leased {
    /// What to send.
    pub jobs: Vec<Job>,
    /// More is due than there was room for.
    pub more: bool,
    /// When the next delivery that is not yet due will be.
    pub next_due: Option<Timestamp>,
}

/// All that an attempt needs.
#[derive(Clone, Debug)]
pub struct Job {
    /// `dlv_…`.
    pub delivery_id: String,
    /// The number of the attempt to make, from 1.
    pub attempt: u32,
    /// When the first attempt of this delivery began.
    pub first_attempt_at: Option<Timestamp>,
    /// Where to.
    pub endpoint_id: String,
    /// Its URL.
    pub url: String,
    /// Its profile.
    pub profile: String,
    /// Its secret.
    pub secret: SealedSecret,
    /// What to send.
    pub event: EventRecord,
}

/// The outcome of an attempt.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The delivery.
    pub delivery_id: String,
    /// What was tried.
    pub attempt: Attempt,
    /// What follows.
    pub next: Next,
    /// When it was settled.
    pub now: Timestamp,
}

/// What follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The endpoint went away while the attempt ran.
    Cancelled,
    /// The endpoint took it.
    Delivered,
    /// The endpoint took it, and wants no more: no attempt for it any more, of any delivery.
    DeliveredAndDisable,
    /// The endpoint is gone for good: no attempt for it any more, of any delivery.
    Disable,
    /// No further attempt, by the retry policy.
    GiveUp(GiveUpReason),
    /// No further attempt, because the next would fail the same way.
    Impossible(Failure),
    /// Another attempt at this time.
    RetryAt(Timestamp),
}
