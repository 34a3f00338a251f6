//! Sends what is accepted and what is due, never more at once than the limits allow.
//!
//! Accepted events come straight from their commit ([`Intake`]); what waits in the store is leased by one loop. Each attempt
//! is a task of its own, and its place is free as soon as the answer is there: the outcome is settled behind it. The loop
//! sleeps until something is stored for it, a place is free or the next delivery is due; it never polls.
//!
//! `scheduler.rs` says whose turn it is, `health.rs` is the circuit breaker, `attempt.rs` makes one attempt.

mod at_once;
mod attempt;
mod bucket;
mod health;
mod lane;
mod open;
mod prepared;
mod report;
mod scheduler;
mod share;

use std::{
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use hookseal::Timestamp;
use tokio::{
    runtime::Handle,
    sync::{Notify, watch},
};

pub use self::{at_once::Expected, attempt::Attempter};
use self::{
    at_once::Waiting,
    health::{OPEN_AFTER, Sign},
    open::Tasks,
    scheduler::{After, Now, Scheduler, Turn, TurnKind, Turns},
};
use crate::{
    clock::Clock,
    store::{
        EndpointKey, Health, Heard, Intake, Job, Next, Order, Queue, Settlement, SharedTarget,
        StoreError,
    },
};

/// How much at once.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Attempts in all, but for an eighth more: those are for endpoints and tenants that would wait for others that hang.
    pub total: u32,
    /// Attempts to one endpoint.
    pub per_endpoint: u32,
    /// Accepted deliveries that wait in memory; more waits in the store.
    pub queue: usize,
    /// Endpoints that are remembered although nothing happens to them.
    pub remembered: usize,
    /// How long attempts may go on once the server stops.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            total: 512,
            per_endpoint: 32,
            queue: 4096,
            remembered: 4096,
            grace: Duration::from_secs(10),
        }
    }
}

/// The dispatcher.
#[derive(Debug)]
pub struct Dispatcher {
    this: Weak<Self>,
    /// Weak, because the queue holds this as its intake.
    queue: Weak<dyn Queue>,
    attempter: Attempter,
    clock: Arc<dyn Clock>,
    grace: Duration,
    scheduler: Mutex<Scheduler>,
    /// What the scheduler was told, in milliseconds: looked at once more when an attempt begins.
    lease_end: AtomicU64,
    /// There is something for the loop to look at.
    woken: Notify,
    /// Who waits for deliveries that are sent at once.
    waiting: Waiting,
    /// Attempts that run or are being settled.
    open: Arc<Tasks>,
    /// Attempts run here; the engine may call from a thread of its own.
    runtime: Handle,
}

impl Dispatcher {
    /// Makes the dispatcher, which becomes the queue's intake. Attempts run on the runtime that this is called on.
    #[must_use]
    pub fn new(
        queue: &Arc<dyn Queue>,
        attempter: Attempter,
        limits: Limits,
        clock: Arc<dyn Clock>,
    ) -> Arc<Self> {
        let dispatcher = Arc::new_cyclic(|this| Self {
            this: Weak::clone(this),
            queue: Arc::downgrade(queue),
            attempter,
            clock,
            grace: limits.grace,
            scheduler: Mutex::new(Scheduler::new(limits)),
            lease_end: AtomicU64::new(u64::MAX),
            woken: Notify::new(),
            waiting: Waiting::default(),
            open: Arc::default(),
            runtime: Handle::current(),
        });
        dispatcher.go_on_until(queue.lease_end());
        queue.set_intake(Arc::<Self>::clone(&dispatcher));
        dispatcher
    }

    /// Sends until `stop` turns true. Then gives back what waits, and lets the attempts that run end, for
    /// [`Limits::grace`] at most. What is then still running is made again by another node or at the next start.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        tokio::select! {
            biased;
            () = self.send(&mut stop) => {}
            // Beside the leases, however long they take and however many follow each other.
            () = self.listen() => {}
        }
        let waiting = self.lock().close();
        self.give_back(waiting);
        self.drain().await;
    }

    async fn send(&self, stop: &mut watch::Receiver<bool>) {
        while !*stop.borrow() {
            let request = self.lock().lease_request(self.now());
            if let Some(request) = request {
                self.lease(request).await;
                continue;
            }
            let (due, wait) = self.lock().next_moment(self.now());
            tokio::select! {
                biased;
                _ = stop.changed() => {}
                () = self.woken.notified() => {}
                () = self.sleep_until(due) => {}
                () = self.sleep(wait) => {}
            }
            self.pump();
        }
    }

    /// Does what other nodes say.
    async fn listen(&self) {
        loop {
            match self.hear().await {
                Heard::Due => self.wake(),
                Heard::Revoked(endpoint) => self.revoke(endpoint),
            }
        }
    }

    /// Nothing more is sent to an endpoint from what was taken before: what runs is broken off, what waits is given back.
    /// To be called once the store knows why.
    pub fn revoke(&self, endpoint: EndpointKey) {
        let waiting = self.lock().revoke(endpoint);
        self.give_back(waiting);
    }

    /// Forgets everything: this node was taken for dead, and what it held belongs to others. What it took since it joined
    /// anew goes back to the store, which knows the one from the other.
    pub fn forget(&self) {
        let forgotten = self.lock().revoke_all();
        tracing::error!(
            deliveries = forgotten.len(),
            "this node was taken for dead, others deliver what it held"
        );
        self.give_back(forgotten);
    }

    /// Something is due in the store.
    pub fn wake(&self) {
        self.lock().wake();
        self.woken.notify_one();
    }

    /// How many nodes share the rates of the endpoints.
    pub fn set_nodes(&self, nodes: u32) {
        self.lock().set_share(1.0 / f64::from(nodes.max(1)));
    }

    /// No attempt begins once `elapsed` has come so far, until this is said again; `None`: however far.
    pub fn go_on_until(&self, lease_end: Option<Duration>) {
        let millis = lease_end.map_or(u64::MAX, whole_millis);
        self.lease_end.store(millis, Ordering::Relaxed);
        self.lock().set_lease_end(lease_end);
        self.pump();
    }

    fn lease_has_ended(&self) -> bool {
        let end = self.lease_end.load(Ordering::Relaxed);
        end != u64::MAX && whole_millis(self.clock.elapsed()) >= end
    }

    async fn lease(&self, request: crate::store::LeaseRequest) {
        let Some(queue) = self.queue.upgrade() else { return };
        match queue.lease(request).await {
            Ok(leased) => {
                let revoked = self.lock().leased(leased, self.now());
                self.give_back(revoked);
                self.pump();
            }
            Err(error) => {
                tracing::error!(%error, "cannot lease deliveries, trying again soon");
                self.clock.sleep(PAUSE).await;
                self.lock().lease_failed();
            }
        }
    }

    async fn hear(&self) -> Heard {
        match self.queue.upgrade() {
            Some(queue) => queue.hear().await,
            None => std::future::pending().await,
        }
    }

    /// Begins all attempts that there is room for.
    fn pump(&self) {
        let now = self.now();
        let turns = self.lock().turns(now);
        self.begin(turns);
    }

    fn begin(&self, Turns { turns, new_timer, overtaken }: Turns) {
        for turn in turns {
            self.spawn(async move |this| this.attempt(turn).await);
        }
        if new_timer {
            self.woken.notify_one();
        }
        self.give_back(overtaken);
    }

    fn spawn<F: Future<Output = ()> + Send + 'static>(&self, task: impl FnOnce(Arc<Self>) -> F) {
        let Some(this) = self.this.upgrade() else { return };
        let open = this.open.enter();
        let task = task(this);
        self.runtime.spawn(async move {
            task.await;
            drop(open);
        });
    }

    async fn attempt(self: Arc<Self>, turn: Turn) {
        let Turn { job, kind, prepared, mut revoked } = turn;
        let mut place =
            Place { dispatcher: &self, endpoint: job.delivery.endpoint, kind, left: false };
        if self.lease_has_ended() {
            // This node stood still since the turn was given.
            place.leave(Sign::Nothing, false);
            drop(Unsettled(&self));
            self.give_back(vec![job]);
            return;
        }
        let known = prepared.is_some();
        let made = self.attempter.make(&job, prepared, &mut revoked).await;
        if let (false, Some(prepared)) = (known, &made.prepared) {
            self.lock().keep(&job.target, Arc::clone(prepared));
        }
        let after = place.leave(made.sign(), made.is_silent());
        let Some(queue) = self.queue.upgrade() else { return };
        let settlement = self.attempter.settlement(job, made, &after, |now| queue.mint(now));
        let unsettled = Unsettled(&self);
        self.settle(settlement).await;
        drop(unsettled);
    }

    /// Settles, and tries again until the store takes it: what happened must be on record before the next attempt. What
    /// the store can never take, because the row itself is corrupt, is left to the next start.
    async fn settle(&self, settlement: Settlement) {
        let Some(queue) = self.queue.upgrade() else { return };
        let (delivery, due) = (settlement.job.delivery, settlement.next.due());
        let disabled = settlement.disable.as_ref().map(|_| delivery.endpoint);
        // The endpoint is well again and its backlog due, or the next of its order is.
        let frees = settlement.health == Some(Health::default())
            || settlement.job.target.endpoint.settings.order != Order::None;
        let mut pause = FIRST_PAUSE;
        while let Err(error) = queue.settle(settlement.clone()).await {
            if matches!(error, StoreError::Corrupt { .. }) {
                tracing::error!(delivery.id = %delivery, %error, "cannot settle a delivery, its row is corrupt");
                return;
            }
            tracing::error!(delivery.id = %delivery, %error, "cannot settle a delivery, trying again");
            self.clock.sleep(pause).await;
            pause = pause.saturating_mul(2).min(LAST_PAUSE);
        }
        if let Some(endpoint) = disabled {
            self.revoke(endpoint);
        }
        if let Some(due) = due {
            self.lock().due(due);
            self.woken.notify_one();
        }
        if frees {
            self.wake();
        }
    }

    /// Gives jobs that were not begun back to the store.
    fn give_back(&self, jobs: Vec<Job>) {
        for job in jobs {
            let now = self.clock.now();
            // A probe that was not made holds up no other.
            let is_probe = job.health.failures >= OPEN_AFTER
                && job.health.hold_until.is_some_and(|until| until > now);
            let settlement = Settlement {
                health: is_probe.then_some(Health { hold_until: Some(now), ..job.health }),
                job,
                attempt: None,
                next: Next::Release(now),
                disable: None,
                report: Vec::new(),
                now,
            };
            self.spawn(async move |this| this.settle(settlement).await);
        }
    }

    async fn drain(&self) {
        tokio::select! {
            biased;
            () = self.open.ended() => {}
            () = self.clock.sleep(self.grace) => {
                tracing::warn!("attempts still run after the grace period; they will be made again");
            }
        }
    }

    async fn sleep_until(&self, at: Option<Timestamp>) {
        match at {
            Some(at) => self.clock.sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    async fn sleep(&self, time: Option<Duration>) {
        match time {
            Some(time) => self.clock.sleep(time).await,
            None => std::future::pending().await,
        }
    }

    fn now(&self) -> Now {
        Now { time: self.clock.now(), elapsed: self.clock.elapsed() }
    }

    fn lock(&self) -> MutexGuard<'_, Scheduler> {
        // Nothing in there panics half-way; if it did, going on is better than stopping all deliveries.
        self.scheduler.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intake for Dispatcher {
    fn reserve(&self, target: &SharedTarget, health: Health, bytes: usize) -> bool {
        let now = self.now();
        self.lock().reserve(target, health, bytes, now)
    }

    fn release(&self, endpoint: EndpointKey, bytes: usize) {
        self.lock().release(endpoint, bytes);
    }

    fn take(&self, mut jobs: Vec<Job>) {
        if jobs.iter().any(|job| job.at_once) {
            let (at_once, others) = jobs.into_iter().partition::<Vec<_>, _>(|job| job.at_once);
            at_once.into_iter().for_each(|job| self.send_at_once(job));
            jobs = others;
        }
        let now = self.now();
        let late = self.lock().take(jobs, now);
        self.give_back(late);
        if Handle::try_current().is_ok() {
            self.pump();
        } else if let Some(this) = self.this.upgrade() {
            // From within the runtime, attempts begin without a system call for each, and the writer goes on.
            self.runtime.spawn(async move { this.pump() });
        }
    }

    fn wake(&self) {
        Self::wake(self);
    }
}

fn whole_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The place of an attempt: left when the answer is there, or when the attempt panics.
struct Place<'a> {
    dispatcher: &'a Dispatcher,
    endpoint: EndpointKey,
    kind: TurnKind,
    left: bool,
}

impl Place<'_> {
    fn leave(&mut self, sign: Sign, silent: bool) -> After {
        self.left = true;
        let dispatcher = self.dispatcher;
        let random = dispatcher.attempter.rng.unit().unwrap_or_default();
        let now = dispatcher.now();
        let mut scheduler = dispatcher.lock();
        let mut after = scheduler.finish(self.endpoint, self.kind, sign, silent, now, random);
        let (asks, turns) = (scheduler.asks(), scheduler.turns(now));
        drop(scheduler);
        if asks {
            dispatcher.woken.notify_one();
        }
        dispatcher.give_back(std::mem::take(&mut after.released));
        dispatcher.begin(turns);
        after
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if !self.left {
            self.leave(Sign::Nothing, false);
            self.dispatcher.lock().settled();
        }
    }
}

/// An outcome that is not yet on record: as soon as there are many, no further attempt begins.
struct Unsettled<'a>(&'a Dispatcher);

impl Drop for Unsettled<'_> {
    fn drop(&mut self) {
        let had_to_wait = self.0.lock().settled();
        if had_to_wait {
            self.0.pump();
        }
    }
}

/// How long the loop waits after the queue failed.
const PAUSE: Duration = Duration::from_millis(500);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(5);
