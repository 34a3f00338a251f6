//! What the dispatcher gets to send, and how it gives it back.

use std::{fmt, sync::Arc};

use hookseal::{GiveUpReason, Timestamp};

use super::{
    AccountKey, Attempt, ClaimKey, DeliveryKey, DeliveryState, EndpointKey, Event, NewEvent, Order,
    SharedTarget,
};
use crate::guard::Failure;

/// Takes deliveries into memory while they are being accepted, so that the usual one is never read back.
///
/// The engine calls this between matching and commit, from wherever it writes: implementations must not block.
pub trait Intake: fmt::Debug + Send + Sync {
    /// Whether there is room for a delivery to this endpoint, of so many bytes of data; reserves it. Without room the delivery is stored as
    /// pending and comes back by [`Queue::lease`](super::Queue::lease).
    fn reserve(&self, target: &SharedTarget, health: Health, bytes: usize) -> bool;

    /// Gives a reservation back, of as many bytes of data: the commit failed.
    fn release(&self, endpoint: EndpointKey, bytes: usize);

    /// The commit is done: these were reserved, or are to be sent [at once](Job::at_once). Called before any later write of
    /// this node is begun.
    fn take(&self, jobs: Vec<Job>);

    /// The commit is done, and left deliveries in the store that are due now.
    fn wake(&self);
}

/// What is known of an endpoint's answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Attempts in a row that failed.
    pub failures: u32,
    /// When the first of them ended.
    pub failing_since: Option<Timestamp>,
    /// Nothing is sent before that moment.
    pub hold_until: Option<Timestamp>,
}

/// Who shares with whom: each tenant of each account gets the same part of what there is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tenant {
    /// The account.
    pub account: AccountKey,
    /// Its tenant, if the endpoint has one.
    pub tenant: Option<String>,
}

/// Where a look at what is due ended: endpoints are looked at in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LanePlace {
    /// From when on something of the endpoint is due.
    pub due: Timestamp,
    /// The endpoint.
    pub endpoint: EndpointKey,
}

/// What the dispatcher has room for.
#[derive(Clone, Debug)]
pub struct LeaseRequest {
    /// How many in all.
    pub limit: u32,
    /// Bytes of data; the delivery that reaches them is the last.
    pub bytes: usize,
    /// How many for one endpoint that is not in `rooms`.
    pub per_endpoint: u32,
    /// How many for these; 0 leaves the endpoint alone.
    pub rooms: Vec<(EndpointKey, u32)>,
    /// Those that get nothing, whatever is due for them.
    pub without: Vec<Tenant>,
    /// Begins behind this place, so that all take turns, and not the longest due again and again.
    pub after: Option<LanePlace>,
    /// From so many failures in a row on, an endpoint gets one at a time, as a probe ...
    pub probe_from: u32,
    /// ... and the next not before that moment, unless the settlement says otherwise.
    pub probe_until: Timestamp,
    /// Due means due by now.
    pub now: Timestamp,
}

/// Deliveries to send.
#[derive(Debug, Default)]
pub struct Leased {
    /// What to send.
    pub jobs: Vec<Job>,
    /// More is due than was taken, for endpoints that are not in `rooms` and whose tenant is not `without`; or may be for
    /// any, where it was too many or too many bytes, or the look did not begin with the first.
    pub more: bool,
    /// Where to go on; unset once it came to the end.
    pub after: Option<LanePlace>,
    /// When the next delivery that is not yet due will be.
    pub next_due: Option<Timestamp>,
}

/// All that an attempt needs.
#[derive(Clone, Debug)]
pub struct Job {
    /// The delivery.
    pub delivery: DeliveryKey,
    /// What it was taken with.
    pub claim: ClaimKey,
    /// The number of the attempt to make, from 1.
    pub attempt: u32,
    /// Which attempt of its schedule that is, from 1: interruptions do not count, a replay begins anew.
    pub step: u32,
    /// When the first attempt of its schedule began.
    pub first_attempt_at: Option<Timestamp>,
    /// Where to.
    pub target: SharedTarget,
    /// What is known of it.
    pub health: Health,
    /// What to send.
    pub event: Arc<Event>,
    /// Has no place at the intake, waits for no turn and is tried once.
    pub at_once: bool,
}

/// The outcome of a job.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// What was to be done.
    pub job: Job,
    /// What was tried; nothing when the job is given back.
    pub attempt: Option<Attempt>,
    /// What follows.
    pub next: Next,
    /// What is known of the endpoint now, where the attempt changed it.
    pub health: Option<Health>,
    /// Disables the endpoint, if it is still as it was when the job was taken.
    pub disable: Option<Disable>,
    /// Events about this, stored in the same commit.
    pub report: Vec<NewEvent>,
    /// When it was settled.
    pub now: Timestamp,
}

/// Nothing is sent to the endpoint any more, and what waits is cancelled.
#[derive(Clone, Debug)]
pub struct Disable {
    /// Why.
    pub reason: &'static str,
    /// The event about it, stored where it is done.
    pub report: Option<NewEvent>,
}

impl Settlement {
    /// Whether something waits for it: a caller, the next of its order, or what hangs on the health of its endpoint.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.next != Next::Delivered
            || self.health.is_some()
            || self.disable.is_some()
            || !self.report.is_empty()
            || self.job.at_once
            || self.job.target.endpoint.settings.order != Order::None
    }

    /// The events that may be stored with it: those about it, then that about the endpoint.
    pub fn events(&self) -> impl Iterator<Item = &NewEvent> {
        self.report.iter().chain(self.disable.iter().flat_map(|disable| &disable.report))
    }

    /// Whether the attempt was broken off by this server, as where its endpoint is paused. Like an interruption, that is no
    /// step of the schedule.
    #[must_use]
    pub fn is_broken_off(&self) -> bool {
        let error = self.attempt.as_ref().and_then(|attempt| attempt.error.as_deref());
        error == Some(Failure::Cancelled.as_str())
    }
}

/// What follows a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The endpoint went away.
    Cancelled,
    /// The endpoint took it.
    Delivered,
    /// No further attempt, because the endpoint is gone for good.
    Gone,
    /// No further attempt, by the retry policy.
    GiveUp(GiveUpReason),
    /// No further attempt, because the next would fail the same way.
    Impossible(Failure),
    /// Not tried: due at this time, as if it had not been taken.
    Release(Timestamp),
    /// Another attempt at this time.
    RetryAt(Timestamp),
}

impl Next {
    /// The state that follows, with its reason, while the endpoint is still there.
    #[must_use]
    pub const fn state(self) -> (DeliveryState, Option<&'static str>) {
        match self {
            Self::Cancelled => (DeliveryState::Cancelled, Some("endpoint_deleted")),
            Self::Delivered => (DeliveryState::Delivered, None),
            Self::Gone => (DeliveryState::Failed, Some("endpoint_gone")),
            Self::GiveUp(reason) => (DeliveryState::Failed, Some(reason.as_str())),
            Self::Impossible(failure) => (DeliveryState::Failed, Some(failure.as_str())),
            Self::Release(_) | Self::RetryAt(_) => (DeliveryState::Pending, None),
        }
    }

    /// When the next attempt is due.
    #[must_use]
    pub const fn due(self) -> Option<Timestamp> {
        match self {
            Self::Release(at) | Self::RetryAt(at) => Some(at),
            _ => None,
        }
    }
}
