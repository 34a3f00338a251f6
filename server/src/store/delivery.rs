//! Deliveries and their attempts.

use std::{net::SocketAddr, time::Duration};

use hookseal::Timestamp;

use super::{DeliveryKey, EndpointKey, EventKey, word::words};

words! {
    /// Where a delivery stands.
    DeliveryState {
        /// Its endpoint was deleted or disabled first.
        Cancelled = "cancelled",
        /// The endpoint took it.
        Delivered = "delivered",
        /// A node has taken it to deliver.
        Delivering = "delivering",
        /// No further attempt will be made.
        Failed = "failed",
        /// Waits for its next attempt.
        Pending = "pending",
    }
}

/// One event for one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// `dlv_…`.
    pub key: DeliveryKey,
    /// The event's id.
    pub event_id: String,
    /// Its type.
    pub event_type: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// Why it failed or was cancelled.
    pub reason: Option<String>,
    /// When the next attempt is due, while pending. Unset while it waits for an earlier one of its order.
    pub next_attempt_at: Option<Timestamp>,
    /// How many attempts were made.
    pub attempts: u32,
    /// The last of them.
    pub last_attempt: Option<Attempt>,
}

/// One POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub phases: Phases,
    /// The status, when an answer began.
    pub status: Option<u16>,
    /// Why there is no whole answer: a name of [`Failure`](crate::guard::Failure).
    pub error: Option<String>,
    /// The address that was connected to.
    pub address: Option<SocketAddr>,
    /// The headers of the answer that tell something, as lines.
    pub response_head: Option<String>,
    /// The beginning of the answer's body.
    pub response_body: Vec<u8>,
}

/// Where the time of an attempt went. Phases that did not happen, as on a connection used again, are `None`. Kept in
/// microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// From its beginning to its end.
    pub total: Duration,
    /// The look-up of the name.
    pub dns: Option<Duration>,
    /// The connection.
    pub connect: Option<Duration>,
    /// The TLS session.
    pub tls: Option<Duration>,
    /// From the beginning to the first byte of the answer.
    pub first_byte: Option<Duration>,
}

/// Which deliveries.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// Those of this endpoint.
    pub endpoint: Option<EndpointKey>,
    /// Those of this tenant's endpoints.
    pub tenant: Option<String>,
    /// Those in one of these states; empty for all.
    pub states: Vec<DeliveryState>,
    /// Those of events accepted since.
    pub since: Option<Timestamp>,
}

/// A part of a list of deliveries.
#[derive(Clone, Debug, Default)]
pub struct Walked {
    /// What was found.
    pub rows: Vec<Delivery>,
    /// How far it was looked, where that ended before so many were found as were asked for, and before the end.
    pub until: Option<DeliveryKey>,
}

/// Deliveries that are looked at for a page, most of which may be in another state than the one that is asked for.
pub(super) const MAX_WALK: usize = 10_000;

/// What to send again.
#[derive(Clone, Copy, Debug)]
pub enum Replay {
    /// One delivery, whatever became of it.
    Delivery(DeliveryKey),
    /// One event, to all endpoints it went to.
    Event(EventKey),
    /// All failed deliveries of an endpoint whose events were accepted since.
    Failed {
        /// The endpoint.
        endpoint: EndpointKey,
        /// Since when.
        since: Timestamp,
    },
}
