//! Whose turn it is: the state of the dispatcher, without time, tasks or I/O.
//!
//! Tenants take turns, and within a tenant its endpoints; each turn is one attempt. So the backlog of one costs the
//! others nothing but its own turns. A quarter of all attempts is kept for endpoints that took the last they got, and to
//! which none runs, and beyond all of them there are some for endpoints that took something already, and for tenants that
//! have little under way: however many hang, the others go on. So it is with what is leased: beyond what one tenant may
//! have there is some for the others.
//!
//! **Invariants.** Memory is bounded: by jobs and bytes in all, those that run and those not yet on record with them, and by
//! jobs per endpoint; what there is no room for stays in the store. After [`Scheduler::revoke`] returned, no attempt to that endpoint begins from an earlier lease.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use hookseal::Timestamp;
use rustc_hash::FxHashMap;
use tokio::sync::watch;

use super::{
    Limits,
    at_once::Aside,
    health::{self, OPEN_AFTER, Sign},
    lane::{Lane, Queued, Shared},
    prepared::Prepared,
    share::{Share, most},
};
use crate::store::{
    EndpointKey, Health, Job, LanePlace, LeaseRequest, Leased, SharedTarget, Tenant,
};

/// The moment, by both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) time: Timestamp,
    pub(super) elapsed: Duration,
}

/// A job whose turn it is.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) job: Job,
    pub(super) kind: TurnKind,
    pub(super) prepared: Option<Arc<Prepared>>,
    /// Changes when the endpoint is revoked.
    pub(super) revoked: watch::Receiver<u64>,
}

/// All jobs whose turn it is.
#[derive(Debug)]
pub(super) struct Turns {
    pub(super) turns: Vec<Turn>,
    /// Whether an endpoint began to wait for a token since this was asked.
    pub(super) new_timer: bool,
    /// What was found to be on hold since this was asked, to be given back.
    pub(super) overtaken: Vec<Job>,
}

/// What the end of a turn has to know of its beginning.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TurnKind {
    pub(super) leased: bool,
    /// The breaker was open, and this is to show whether the endpoint is well again.
    pub(super) probe: bool,
    /// Of the event.
    pub(super) bytes: usize,
}

/// What an attempt leaves behind.
#[derive(Debug, Default)]
pub(super) struct After {
    /// What is known of the endpoint, where that changed.
    pub(super) health: Option<Health>,
    /// Since when it fails, as is known now: what the job came with may be over.
    pub(super) failing_since: Option<Timestamp>,
    /// Given back to the store: the endpoint is on hold.
    pub(super) released: Vec<Job>,
}

#[derive(Debug)]
pub(super) struct Scheduler {
    limits: Limits,
    share: f64,
    lanes: FxHashMap<EndpointKey, Lane>,
    /// What each tenant has.
    shares: FxHashMap<Arc<Tenant>, Share>,
    /// Tenants with endpoints that have a turn to take.
    ring: VecDeque<Arc<Tenant>>,
    /// Endpoints with a turn to take once there is more room than what is kept.
    later: VecDeque<EndpointKey>,
    /// Tenants with endpoints that had to wait because of all that is under way for the tenant.
    refused: VecDeque<Arc<Tenant>>,
    /// Endpoints that wait for a token of their rate.
    timers: BinaryHeap<Reverse<(Duration, EndpointKey)>>,
    new_timer: bool,
    running: u32,
    /// Attempts with an outcome that is not on record.
    unsettled: usize,
    /// Jobs in lanes, and places promised.
    waiting: usize,
    /// Bytes of the events in lanes and under way.
    bytes: usize,
    /// Of the jobs in lanes or running, those that were leased.
    leased: usize,
    /// Something may be due in the store that there is room for.
    ask: bool,
    /// When the store was asked last, by `elapsed`.
    asked_at: Duration,
    /// Where the last lease ended, if it was not at the end.
    after: Option<LanePlace>,
    /// Where the last one did that left tenants out: what it passed over must not lose its turn.
    after_others: Option<LanePlace>,
    /// The one that is under way leaves tenants out.
    leaves_out: bool,
    /// Some tenant has too much of what is leased to get more.
    crowded: bool,
    /// When the next delivery in the store will be due.
    next_due: Option<Timestamp>,
    leasing: bool,
    /// Endpoints revoked while a lease was under way, which may bring deliveries for them.
    revoked: HashSet<EndpointKey>,
    /// So were all, known here or not.
    revoked_all: bool,
    /// With more lanes than this it is worth while to look for idle ones.
    tidy_beyond: usize,
    /// To be given back: on hold since they were taken.
    overtaken: Vec<Job>,
    /// No turn from then on, by `elapsed`: others may have taken this node for dead.
    lease_end: Option<Duration>,
    /// The server stops.
    closed: bool,
}

impl Scheduler {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            share: 1.0,
            lanes: FxHashMap::default(),
            shares: FxHashMap::default(),
            ring: VecDeque::new(),
            later: VecDeque::new(),
            refused: VecDeque::new(),
            timers: BinaryHeap::new(),
            new_timer: false,
            running: 0,
            unsettled: 0,
            waiting: 0,
            bytes: 0,
            leased: 0,
            ask: true,
            asked_at: Duration::ZERO,
            after: None,
            after_others: None,
            leaves_out: false,
            crowded: false,
            next_due: None,
            leasing: false,
            revoked: HashSet::new(),
            revoked_all: false,
            tidy_beyond: limits.remembered,
            overtaken: Vec::new(),
            lease_end: None,
            closed: false,
        }
    }

    /// A place for a delivery that is being accepted.
    pub(super) fn reserve(
        &mut self,
        target: &SharedTarget,
        health: Health,
        bytes: usize,
        now: Now,
    ) -> bool {
        if self.closed
            || self.waiting.saturating_add(self.unsettled) >= self.limits.queue
            || self.bytes.saturating_add(bytes) > MAX_BYTES - LEASE_BYTES
        {
            return false;
        }
        let lane = self.lane(target, health, now);
        if lane.health.failures >= OPEN_AFTER || lane.jobs.len() + lane.reserved >= MAX_PER_LANE {
            return false;
        }
        lane.reserved += 1;
        self.waiting += 1;
        self.bytes += bytes;
        true
    }

    /// Gives a place back.
    pub(super) fn release(&mut self, endpoint: EndpointKey, bytes: usize) {
        if let Some(lane) = self.lanes.get_mut(&endpoint) {
            lane.reserved = lane.reserved.saturating_sub(1);
        }
        self.waiting = self.waiting.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// Fills the places that were reserved. Once it is closed, returns what came too late.
    pub(super) fn take(&mut self, jobs: Vec<Job>, now: Now) -> Vec<Job> {
        for job in jobs {
            let lane = self.lane(&job.target, job.health, now);
            lane.reserved = lane.reserved.saturating_sub(1);
            let endpoint = job.delivery.endpoint;
            lane.jobs.push_back(Queued { job, leased: false });
            self.give_turn(endpoint);
        }
        if self.closed { self.close() } else { Vec::new() }
    }

    /// What to ask the store for, when there is a reason to.
    pub(super) fn lease_request(&mut self, now: Now) -> Option<LeaseRequest> {
        if self.next_due.is_some_and(|due| due <= now.time) {
            (self.ask, self.next_due) = (true, None);
        }
        if !(self.asks() || self.wants_little() && self.patient_until() <= now.elapsed) {
            return None;
        }
        let (limit, free) = (self.batch(), self.room());
        (self.ask, self.leasing, self.asked_at) = (false, true, now.elapsed);
        let mut without = Vec::new();
        for (tenant, share) in &mut self.shares {
            share.left_out = share.is_full(free);
            if share.left_out {
                without.push(Tenant::clone(tenant));
            }
        }
        without.sort_unstable();
        self.leaves_out = !without.is_empty();
        self.crowded = self.leaves_out;
        let mut rooms = Vec::new();
        for (endpoint, lane) in &mut self.lanes {
            if !lane.is_idle() || lane.silent {
                let is_full = self.leaves_out && without.contains(&lane.tenant);
                let room = if is_full { 0 } else { lane.room() };
                // What has no room, or uses all it has, may have more that nobody tells of.
                (lane.room_left, lane.left_out) = (Some(room), room == 0);
                rooms.push((*endpoint, room));
            } else {
                lane.room_left = None;
            }
        }
        rooms.sort_unstable();
        Some(LeaseRequest {
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
            bytes: LEASE_BYTES,
            per_endpoint: self.limits.per_endpoint,
            rooms,
            without,
            after: if self.leaves_out { self.after_others } else { self.after },
            probe_from: OPEN_AFTER,
            probe_until: now.time.plus_millis(PROBE_MILLIS),
            now: now.time,
        })
    }

    /// What the store gave. Returns the jobs whose endpoint was revoked meanwhile.
    pub(super) fn leased(&mut self, leased: Leased, now: Now) -> Vec<Job> {
        self.leasing = false;
        let (all, revoked) =
            (std::mem::take(&mut self.revoked_all), std::mem::take(&mut self.revoked));
        self.ask |= leased.more;
        *(if self.leaves_out { &mut self.after_others } else { &mut self.after }) = leased.after;
        self.next_due = [self.next_due, leased.next_due].into_iter().flatten().min();
        let (gone, jobs): (Vec<_>, Vec<_>) = leased
            .jobs
            .into_iter()
            .partition(|job| all || revoked.contains(&job.delivery.endpoint));
        let endpoints: Vec<_> = jobs.iter().map(|job| job.delivery.endpoint).collect();
        for job in jobs.into_iter().rev() {
            self.waiting += 1;
            self.leased += 1;
            self.bytes += job.event.data.len();
            let lane = self.lane(&job.target, job.health, now);
            lane.leased += 1;
            let tenant = Arc::clone(&lane.tenant);
            lane.room_left = lane.room_left.map(|room| room.saturating_sub(1));
            lane.left_out |= lane.room_left == Some(0);
            // Before what was accepted since; in their own order, because they come last to first.
            lane.jobs.push_front(Queued { job, leased: true });
            self.shares.entry(tenant).or_default().leased += 1;
        }
        // Some of what is due for these was not even looked for.
        let free = self.room();
        for share in self.shares.values_mut() {
            share.left_out |= share.is_full(free);
            self.crowded |= share.left_out;
        }
        for endpoint in endpoints {
            self.give_turn(endpoint);
        }
        gone
    }

    /// The store failed: asks again.
    pub(super) fn lease_failed(&mut self) {
        self.leasing = false;
        self.revoked_all = false;
        self.revoked.clear();
        self.ask = true;
    }

    /// All jobs whose turn it is now.
    pub(super) fn turns(&mut self, now: Now) -> Turns {
        let turns = std::iter::from_fn(|| self.turn(now)).collect();
        Turns {
            turns,
            new_timer: std::mem::take(&mut self.new_timer),
            overtaken: std::mem::take(&mut self.overtaken),
        }
    }

    /// The next job whose turn it is.
    pub(super) fn turn(&mut self, now: Now) -> Option<Turn> {
        while let Some(Reverse((at, endpoint))) = self.timers.peek().copied()
            && at <= now.elapsed
        {
            self.timers.pop();
            if let Some(lane) = self.lanes.get_mut(&endpoint) {
                lane.in_timer = false;
            }
            self.give_turn(endpoint);
        }
        let open = self.limits.total - self.limits.total / KEPT_PART;
        if self.running < open {
            for _ in 0..self.later.len().min(MAX_LATER) {
                let Some(endpoint) = self.later.pop_front() else { break };
                if let Some(lane) = self.lanes.get_mut(&endpoint) {
                    lane.in_later = false;
                }
                self.put_off_no_more(endpoint);
            }
        }
        if self.running < self.limits.total
            && let Some(tenant) = self.refused.pop_front()
        {
            if let Some(share) = self.shares.get_mut(&tenant) {
                share.is_refused = false;
            }
            self.let_in(&tenant, MAX_LATER);
        }
        // Each round takes an endpoint out of the ring.
        loop {
            if self.closed
                || self.lease_end.is_some_and(|end| end <= now.elapsed)
                || self.running >= most(self.limits.total)
                || self.unsettled >= self.limits.queue
            {
                return None;
            }
            let tenant = self.ring.pop_front()?;
            let Some(share) = self.shares.get_mut(&tenant) else { continue };
            let Some(endpoint) = share.turns.pop_front() else { continue };
            if !share.turns.is_empty() {
                self.ring.push_back(Arc::clone(&tenant));
            } else if share.is_idle() {
                self.shares.remove(&tenant);
            }
            let Some(lane) = self.lanes.get_mut(&endpoint) else { continue };
            lane.in_ring = false;
            if !lane.wants_turn() {
                continue;
            }
            if lane.held(now.time) && lane.jobs.front().is_some_and(|queued| !queued.leased) {
                // Another node opened the breaker, or it opened while these were being committed. What was leased the
                // store has let go.
                let held = self.empty(endpoint);
                self.overtaken.extend(held);
                continue;
            }
            if self.running >= open && lane.is_doubtful() {
                (lane.in_ring, lane.is_put_off) = (true, true);
                if !std::mem::replace(&mut lane.in_later, true) {
                    self.later.push_back(endpoint);
                }
                continue;
            }
            if self.running >= self.limits.total {
                let share = self.shares.entry(Arc::clone(&tenant)).or_default();
                if !share.goes_beyond(self.limits.total, self.running, lane.took_at.is_some()) {
                    lane.in_ring = true;
                    share.refused.push_back(endpoint);
                    if !std::mem::replace(&mut share.is_refused, true) {
                        self.refused.push_back(tenant);
                    }
                    continue;
                }
            }
            if let Some(Err(wait)) = lane.bucket.as_mut().map(|bucket| bucket.take(now.elapsed)) {
                lane.in_timer = true;
                self.new_timer = true;
                self.timers.push(Reverse((now.elapsed + wait, endpoint)));
                continue;
            }
            let Some(Queued { job, leased }) = lane.jobs.pop_front() else { continue };
            lane.running += 1;
            self.shares.entry(tenant).or_default().running += 1;
            let kind = TurnKind {
                leased,
                probe: job.health.failures >= OPEN_AFTER,
                bytes: job.event.data.len(),
            };
            let turn = Turn {
                job,
                kind,
                prepared: lane.prepared.clone(),
                revoked: lane.revoked.subscribe(),
            };
            self.running += 1;
            self.waiting = self.waiting.saturating_sub(1);
            self.give_turn(endpoint);
            return Some(turn);
        }
    }

    /// Keeps what was prepared for an endpoint, for its next attempts.
    pub(super) fn keep(&mut self, target: &SharedTarget, prepared: Arc<Prepared>) {
        if let Some(lane) = self.lanes.get_mut(&target.endpoint.key)
            && lane.version == target.endpoint.version
        {
            lane.prepared = Some(prepared);
        }
    }

    /// What an attempt needs that takes no turn.
    pub(super) fn aside(&mut self, target: &SharedTarget, health: Health, now: Now) -> Aside {
        let lane = self.lane(target, health, now);
        lane.aside += 1;
        Aside { prepared: lane.prepared.clone(), revoked: lane.revoked.subscribe() }
    }

    /// Such an attempt ended.
    pub(super) fn leave_aside(&mut self, endpoint: EndpointKey, now: Duration) {
        if let Some(lane) = self.lanes.get_mut(&endpoint) {
            lane.aside = lane.aside.saturating_sub(1);
        }
        self.tidy(now);
    }

    /// An attempt ended, and its outcome is to be settled. `silent`: it brought no answer.
    pub(super) fn finish(
        &mut self,
        endpoint: EndpointKey,
        kind: TurnKind,
        sign: Sign,
        silent: bool,
        now: Now,
        random: f64,
    ) -> After {
        self.running = self.running.saturating_sub(1);
        self.unsettled += 1;
        self.bytes = self.bytes.saturating_sub(kind.bytes);
        let Some(lane) = self.lanes.get_mut(&endpoint) else { return After::default() };
        lane.running = lane.running.saturating_sub(1);
        lane.leased = lane.leased.saturating_sub(usize::from(kind.leased));
        if sign != Sign::Nothing {
            lane.silent = silent;
        }
        if sign == Sign::Took {
            lane.took_at = Some(now.time);
        }
        let tenant = Arc::clone(&lane.tenant);
        lane.seen_at = now.elapsed;
        let before = lane.health;
        // What began before the breaker opened says nothing new: one moment in which an endpoint was away counts once,
        // however many attempts were under way.
        let is_old = sign == Sign::Down && !kind.probe && before.failures >= OPEN_AFTER;
        if kind.probe && sign == Sign::Nothing {
            lane.health = health::after_no_probe(before, now.time);
        } else if !is_old {
            lane.health = health::after(before, sign, now.time, random);
        }
        let changed = (lane.health != before).then_some(lane.health);
        let failing_since = lane.health.failing_since;
        let released = if lane.held(now.time) { self.empty(endpoint) } else { Vec::new() };
        let left_out = self.leave(&tenant, usize::from(kind.leased));
        if let Some(lane) = self.lanes.get_mut(&endpoint)
            && lane.left_out
            && lane.room() > 0
            && !left_out
        {
            lane.left_out = false;
            self.ask = true;
        }
        self.put_off_no_more(endpoint);
        self.give_turn(endpoint);
        self.tidy(now.elapsed);
        After { health: changed, failing_since, released }
    }

    /// The outcome of an attempt is on record. Whether others waited for that.
    pub(super) fn settled(&mut self) -> bool {
        let had_to_wait = self.unsettled >= self.limits.queue;
        self.unsettled = self.unsettled.saturating_sub(1);
        had_to_wait
    }

    /// Breaks off what runs for an endpoint, and takes out what waits.
    pub(super) fn revoke(&mut self, endpoint: EndpointKey) -> Vec<Job> {
        if self.leasing {
            self.revoked.insert(endpoint);
        }
        if let Some(lane) = self.lanes.get_mut(&endpoint) {
            lane.revoked.send_modify(|count| *count += 1);
            lane.silent = false;
        }
        self.empty(endpoint)
    }

    /// Everything at once.
    pub(super) fn revoke_all(&mut self) -> Vec<Job> {
        self.revoked_all = self.leasing;
        self.endpoints().into_iter().flat_map(|endpoint| self.revoke(endpoint)).collect()
    }

    /// No further turn. Takes out what waits; what runs goes on.
    pub(super) fn close(&mut self) -> Vec<Job> {
        self.closed = true;
        self.endpoints().into_iter().flat_map(|endpoint| self.empty(endpoint)).collect()
    }

    /// Something is due in the store.
    pub(super) fn wake(&mut self) {
        self.ask = true;
    }

    /// Something will be due in the store.
    pub(super) fn due(&mut self, at: Timestamp) {
        self.next_due = Some(self.next_due.map_or(at, |due| due.min(at)));
    }

    /// When there will be something to do without anybody saying so: by the time of day, and after how long.
    pub(super) fn next_moment(&self, now: Now) -> (Option<Timestamp>, Option<Duration>) {
        let timer = self.timers.peek().map(|Reverse((at, _))| *at);
        let patient = self.wants_little().then(|| self.patient_until());
        let next = timer.into_iter().chain(patient).min();
        (self.next_due, next.map(|at| at.saturating_sub(now.elapsed)))
    }

    /// Whether the store is to be asked now: there is a reason, and room for enough to make it worth while; for tenants that
    /// have little, any room.
    pub(super) fn asks(&self) -> bool {
        let room = self.room();
        self.may_ask()
            && (room >= self.worth_while() || self.leased == 0 || (self.crowded && room > 0))
    }

    fn may_ask(&self) -> bool {
        self.ask && !self.closed && self.bytes <= MAX_BYTES - LEASE_BYTES
    }

    /// Whether there is a reason, and some room. It may not grow for as long as attempts hang, so that is enough after a while.
    fn wants_little(&self) -> bool {
        self.may_ask() && !self.asks() && self.room() > 0
    }

    fn patient_until(&self) -> Duration {
        self.asked_at.saturating_add(PATIENCE)
    }

    /// How many the next lease may bring: not all that there is room for, so that something is left for other tenants.
    fn batch(&self) -> usize {
        let room = self.room();
        room.saturating_sub(self.total() / 2).max(room / 4).clamp(1, BATCH)
    }

    /// How many more may be leased: twice as many as may run, so that there is no pause between two leases, and a quarter
    /// more, which no tenant gets alone.
    fn room(&self) -> usize {
        let total = self.total();
        total.saturating_mul(2).saturating_add(total / 2).saturating_sub(self.leased)
    }

    /// How much room a lease is worth while for. Less than what no tenant gets alone: nobody may wait until another's attempts
    /// end.
    fn worth_while(&self) -> usize {
        MIN_BATCH.min(self.total() / 2)
    }

    fn total(&self) -> usize {
        usize::try_from(self.limits.total).unwrap_or(usize::MAX)
    }

    /// The part of every endpoint's rate that this node may use.
    pub(super) fn set_share(&mut self, share: f64) {
        let factor = share / self.share;
        if (factor - 1.0).abs() > f64::EPSILON {
            self.share = share;
            let buckets = self.lanes.values_mut().filter_map(|lane| lane.bucket.as_mut());
            buckets.for_each(|bucket| bucket.scale(factor));
        }
    }

    /// From when on there are no turns, until this is said again.
    pub(super) fn set_lease_end(&mut self, lease_end: Option<Duration>) {
        self.lease_end = lease_end;
    }

    fn lane(&mut self, target: &SharedTarget, health: Health, now: Now) -> &mut Lane {
        let shared = Shared { per_endpoint: self.limits.per_endpoint, share: self.share };
        let lane =
            self.lanes.entry(target.endpoint.key).or_insert_with(|| Lane::new(target, health));
        if target.endpoint.version > lane.version {
            // It was changed since, and what was seen before is about what it was.
            lane.health = health;
        }
        lane.learn(health, now.time, now.elapsed);
        lane.refresh(target, shared, now.elapsed);
        lane
    }

    /// In one order, whatever the map's: two runs of a simulation must go alike.
    fn endpoints(&self) -> Vec<EndpointKey> {
        let mut endpoints: Vec<_> = self.lanes.keys().copied().collect();
        endpoints.sort_unstable();
        endpoints
    }

    fn give_turn(&mut self, endpoint: EndpointKey) {
        let Some(lane) = self.lanes.get_mut(&endpoint) else { return };
        if !lane.wants_turn() {
            return;
        }
        lane.in_ring = true;
        let share = self.shares.entry(Arc::clone(&lane.tenant)).or_default();
        if share.turns.is_empty() {
            self.ring.push_back(Arc::clone(&lane.tenant));
        }
        share.turns.push_back(endpoint);
    }

    /// An attempt of a tenant ended, and it has so much less that was leased. Lets in two of its endpoints that had to
    /// wait for that. Whether leases still leave some of it out.
    fn leave(&mut self, tenant: &Arc<Tenant>, leased: usize) -> bool {
        self.unlease(tenant, leased);
        let Some(share) = self.shares.get_mut(tenant) else { return false };
        share.running = share.running.saturating_sub(1);
        let left_out = share.left_out;
        self.let_in(tenant, 2);
        left_out
    }

    /// Has so many endpoints of a tenant stand in line again that had to wait because of it.
    fn let_in(&mut self, tenant: &Arc<Tenant>, count: usize) {
        let Some(share) = self.shares.get_mut(tenant) else { return };
        let count = count.min(share.refused.len());
        let endpoints: Vec<_> = share.refused.drain(..count).collect();
        if !share.refused.is_empty() && !std::mem::replace(&mut share.is_refused, true) {
            self.refused.push_back(Arc::clone(tenant));
        }
        for endpoint in endpoints {
            if let Some(lane) = self.lanes.get_mut(&endpoint) {
                lane.in_ring = false;
            }
            self.give_turn(endpoint);
        }
        if self.shares.get(tenant).is_some_and(Share::is_idle) {
            self.shares.remove(tenant);
        }
    }

    /// Has an endpoint that was put off stand in line again.
    fn put_off_no_more(&mut self, endpoint: EndpointKey) {
        if let Some(lane) = self.lanes.get_mut(&endpoint)
            && std::mem::take(&mut lane.is_put_off)
        {
            lane.in_ring = false;
            self.give_turn(endpoint);
        }
    }

    /// Leased jobs of a tenant were sent or given back.
    fn unlease(&mut self, tenant: &Arc<Tenant>, leased: usize) {
        self.leased = self.leased.saturating_sub(leased);
        let free = self.room();
        let piece = MIN_BATCH.min(self.total() / 8);
        let Some(share) = self.shares.get_mut(tenant) else { return };
        share.leased = share.leased.saturating_sub(leased);
        if share.comes_back(free, piece) {
            (share.left_out, self.ask) = (false, true);
        }
        if share.is_idle() {
            self.shares.remove(tenant);
        }
    }

    fn empty(&mut self, endpoint: EndpointKey) -> Vec<Job> {
        let Some(lane) = self.lanes.get_mut(&endpoint) else { return Vec::new() };
        let queued: Vec<_> = lane.jobs.drain(..).collect();
        let leased = queued.iter().filter(|queued| queued.leased).count();
        lane.leased = lane.leased.saturating_sub(leased);
        let tenant = Arc::clone(&lane.tenant);
        self.unlease(&tenant, leased);
        self.waiting = self.waiting.saturating_sub(queued.len());
        let bytes: usize = queued.iter().map(|queued| queued.job.event.data.len()).sum();
        self.bytes = self.bytes.saturating_sub(bytes);
        queued.into_iter().map(|queued| queued.job).collect()
    }

    /// Forgets endpoints that nothing happens to, once there are many more than the last time.
    fn tidy(&mut self, now: Duration) {
        if self.lanes.len() <= self.tidy_beyond {
            return;
        }
        // A bucket that is not full would come back as one that is.
        let is_used = |lane: &Lane| {
            !lane.is_idle()
                || lane.in_ring
                || lane.in_later
                || lane.in_timer
                || lane.bucket.is_some_and(|bucket| !bucket.is_full(now))
        };
        self.lanes.retain(|_, lane| is_used(lane));
        self.tidy_beyond = self.limits.remembered.max(self.lanes.len().saturating_mul(2));
        self.lanes.shrink_to(self.tidy_beyond);
    }
}

/// One in so many attempts is kept.
const KEPT_PART: u32 = 4;
/// Jobs of accepted events that wait for one endpoint; more stays in the store.
const MAX_PER_LANE: usize = 512;
/// Bytes of the events of all jobs that wait. What a lease may bring is kept free for it: what is accepted must not keep
/// out what waits in the store.
const MAX_BYTES: usize = 64 * 1024 * 1024;
const LEASE_BYTES: usize = 16 * 1024 * 1024;
/// Deliveries per lease: enough to share a transaction, few enough to keep it short.
const BATCH: usize = 256;
const MIN_BATCH: usize = 64;
/// How long after a lease the next one waits for room that makes it worth while.
const PATIENCE: Duration = Duration::from_millis(50);
/// Endpoints that come back to the ring at once.
const MAX_LATER: usize = 64;
/// A probe whose outcome nobody tells is made again after so long: longer than any attempt takes.
const PROBE_MILLIS: i64 = 120_000;

#[cfg(test)]
mod tests;
