//! What one endpoint has in memory.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use hookseal::Timestamp;
use tokio::sync::watch;

use super::{bucket::Bucket, prepared::Prepared};
use crate::store::{Health, Job, SharedTarget, Tenant};

/// One endpoint. Stays after its last job as long as there is room: what was prepared for it is worth keeping.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) tenant: Arc<Tenant>,
    /// To be sent, first to last.
    pub(super) jobs: VecDeque<Queued>,
    /// Promised to events that are being committed.
    pub(super) reserved: usize,
    /// Leased, and neither sent nor given back.
    pub(super) leased: usize,
    pub(super) running: u32,
    /// Attempts beside the queue.
    pub(super) aside: u32,
    /// It stands in its tenant's ring.
    pub(super) in_ring: bool,
    /// It waits for more room than what is kept. Its place in that line may outlast it.
    pub(super) is_put_off: bool,
    pub(super) in_later: bool,
    /// It has a timer.
    pub(super) in_timer: bool,
    /// What the last lease might still have brought, where it was told a number.
    pub(super) room_left: Option<u32>,
    /// The last lease left it out, or some of what it has.
    pub(super) left_out: bool,
    pub(super) health: Health,
    /// When the last attempt ended.
    pub(super) seen_at: Duration,
    /// The last attempt brought no answer: one at a time, until one does.
    pub(super) silent: bool,
    /// When it took something last, since it is remembered.
    pub(super) took_at: Option<Timestamp>,
    pub(super) concurrency: u32,
    pub(super) bucket: Option<Bucket>,
    pub(super) revoked: watch::Sender<u64>,
    pub(super) prepared: Option<Arc<Prepared>>,
    pub(super) version: i64,
}

/// A job that waits, and where it came from.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) job: Job,
    pub(super) leased: bool,
}

impl Lane {
    pub(super) fn new(target: &SharedTarget, health: Health) -> Self {
        let endpoint = &target.endpoint;
        Self {
            tenant: Arc::new(Tenant { account: endpoint.account, tenant: endpoint.tenant.clone() }),
            jobs: VecDeque::new(),
            reserved: 0,
            leased: 0,
            running: 0,
            aside: 0,
            in_ring: false,
            is_put_off: false,
            in_later: false,
            in_timer: false,
            room_left: None,
            left_out: false,
            health,
            seen_at: Duration::ZERO,
            silent: false,
            took_at: None,
            concurrency: 0,
            bucket: None,
            revoked: watch::Sender::new(0),
            prepared: None,
            version: 0,
        }
    }

    /// Takes the endpoint's settings, where they are newer.
    pub(super) fn refresh(&mut self, target: &SharedTarget, limits: Shared, now: Duration) {
        let endpoint = &target.endpoint;
        if endpoint.version <= self.version {
            return;
        }
        self.version = endpoint.version;
        self.prepared = None;
        let own = endpoint.settings.concurrency.unwrap_or(limits.per_endpoint);
        self.concurrency = own.clamp(1, limits.per_endpoint.max(1));
        let new = endpoint.settings.rate_limit.map(|rate| Bucket::new(rate, limits.share, now));
        self.bucket = new.map(|bucket| bucket.follow(self.bucket.as_ref(), now));
    }

    /// Whether an attempt of it, if it has no answer, is one of those that there may be only so many of.
    pub(super) fn is_doubtful(&self) -> bool {
        self.running > 0 || self.silent || self.health.failures > 0
    }

    /// How many may run at once.
    pub(super) fn cap(&self) -> u32 {
        if self.silent { 1 } else { self.concurrency }
    }

    /// How many a lease may bring, whatever waits from accepted events, so that retries get their turn. Twice as many as
    /// may run, no more than its rate lets out soon, and none before half of them is gone: leases are worth while then.
    pub(super) fn room(&self) -> u32 {
        let soon = self.bucket.map_or(u32::MAX, |bucket| bucket.within(AHEAD));
        let most = self.cap().saturating_mul(2).min(soon);
        let leased = u32::try_from(self.leased).unwrap_or(u32::MAX);
        if leased <= most / 2 { most - leased } else { 0 }
    }

    /// Nothing may be sent yet.
    pub(super) fn held(&self, now: Timestamp) -> bool {
        self.health.hold_until.is_some_and(|until| until > now)
    }

    /// Believes the store where it knows more: another node may have closed the breaker, or opened it. What was seen here
    /// a moment ago may not be settled yet: failures from before the last success are over.
    pub(super) fn learn(&mut self, health: Health, now: Timestamp, elapsed: Duration) {
        let stale = self.running == 0 && elapsed.saturating_sub(self.seen_at) > SETTLED;
        let over = health.failing_since.is_some_and(|since| Some(since) <= self.took_at);
        if (health.failures > self.health.failures && !over) || (stale && !self.held(now)) {
            self.health = health;
        } else if self.health.failing_since.is_none() {
            // So that the next success is told, and ends it there too.
            self.health.failing_since = health.failing_since;
        }
    }

    pub(super) fn wants_turn(&self) -> bool {
        !self.in_ring && !self.in_timer && !self.jobs.is_empty() && self.running < self.cap()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.jobs.is_empty() && self.running == 0 && self.reserved == 0 && self.aside == 0
    }
}

/// What all lanes share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shared {
    pub(super) per_endpoint: u32,
    /// The part of every rate that is this node's.
    pub(super) share: f64,
}

/// What a rate lets out in that time may wait in memory.
const AHEAD: Duration = Duration::from_secs(10);
/// By then an attempt is settled.
const SETTLED: Duration = Duration::from_secs(1);
