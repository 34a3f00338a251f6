//! Events: what is sent.

use std::sync::Arc;

use hookseal::Timestamp;

use super::{AccountKey, DeliveryKey, EndpointKey, EventKey};

/// An event to store.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The row to make. Pushing the same key twice stores it once.
    pub key: EventKey,
    /// The owner.
    pub account: AccountKey,
    /// The caller's id; without one the key's text is the id.
    pub id: Option<String>,
    /// The header `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// Half a SHA-256 of what the caller sent, to tell a repeat from a conflict. Kept where there is an id or a key.
    pub fingerprint: [u8; 16],
    /// The type.
    pub event_type: String,
    /// The tenant it belongs to.
    pub tenant: Option<String>,
    /// The one profile the caller asked for.
    pub profile: Option<String>,
    /// What endpoints with [`Order::Key`](super::Order::Key) keep in order.
    pub ordering_key: Option<String>,
    /// A JSON object, byte for byte.
    pub data: Arc<str>,
    /// What subscriptions match: the type itself, its prefixes (`invoice.*`) and `*`.
    pub patterns: Vec<String>,
    /// The profiles whose registry knows the type.
    pub profiles: Vec<&'static str>,
    /// These endpoints, whatever they subscribed to: for tests. Those of other accounts are left out.
    pub only: Option<Vec<EndpointKey>>,
    /// Goes to memory whatever waits, is paused or on hold, and is tried once: somebody waits for the outcome.
    pub at_once: bool,
    /// When it was accepted.
    pub now: Timestamp,
}

/// What became of an event that was pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The key or the id is taken by an event with another content.
    Conflict,
    /// Stored, with these deliveries.
    New(Vec<DeliveryKey>),
    /// Stored earlier.
    Repeat {
        /// The event's id.
        id: String,
        /// Its deliveries.
        deliveries: Vec<DeliveryKey>,
    },
}

impl Pushed {
    /// How many deliveries it has.
    pub(super) const fn deliveries(&self) -> usize {
        match self {
            Self::Conflict => 0,
            Self::New(deliveries) | Self::Repeat { deliveries, .. } => deliveries.len(),
        }
    }
}

/// An event as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The row; says when it was accepted.
    pub key: EventKey,
    /// The owner.
    pub account: AccountKey,
    /// The caller's id, or the key's text; unique within the account.
    pub id: String,
    /// The type.
    pub event_type: String,
    /// The tenant.
    pub tenant: Option<String>,
    /// The one profile the caller asked for.
    pub profile: Option<String>,
    /// What keeps it in order.
    pub ordering_key: Option<String>,
    /// A JSON object, byte for byte.
    pub data: Arc<str>,
}

/// An event in a list: without its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventHead {
    /// The row; says when it was accepted.
    pub key: EventKey,
    /// The caller's id, or the key's text; unique within the account.
    pub id: String,
    /// The type.
    pub event_type: String,
    /// The tenant.
    pub tenant: Option<String>,
    /// The one profile the caller asked for.
    pub profile: Option<String>,
    /// What keeps it in order.
    pub ordering_key: Option<String>,
}

impl From<Event> for EventHead {
    fn from(event: Event) -> Self {
        Self {
            key: event.key,
            id: event.id,
            event_type: event.event_type,
            tenant: event.tenant,
            profile: event.profile,
            ordering_key: event.ordering_key,
        }
    }
}

/// An event and where it went.
#[derive(Clone, Debug)]
pub struct EventDetail {
    /// The event.
    pub event: Event,
    /// The endpoints that wanted it, smallest key first.
    pub endpoints: Vec<EndpointKey>,
}

impl EventDetail {
    pub(super) fn new(event: Event, mut endpoints: Vec<EndpointKey>) -> Self {
        endpoints.sort_unstable();
        Self { event, endpoints }
    }
}

/// Which events.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Those of this type.
    pub event_type: Option<String>,
    /// Those of this tenant.
    pub tenant: Option<String>,
    /// From this one on.
    pub since: Option<EventKey>,
}
