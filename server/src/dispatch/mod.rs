//! Takes due deliveries from the queue and sends them, never more at once than the limits allow.
//!
//! One loop leases; each attempt is a task of its own, owned by the loop and awaited at its end. Memory is bounded by
//! the number of attempts that run, whatever the backlog. The loop sleeps until something is accepted, an attempt ends
//! or the next delivery is due; it never polls.
//!
//! **Who gets the room.** An endpoint whose last attempt brought no answer gets one attempt at a time until one does. A
//! quarter of all attempts is kept for endpoints to which none runs. So endpoints that hang hold up the others only when
//! there are more of them than that quarter.

mod attempt;
mod inflight;

use std::{sync::Arc, time::Duration};

use hookseal::Timestamp;
use tokio::{
    sync::{Notify, watch},
    task::{JoinError, JoinSet},
};

pub use self::attempt::Attempter;
use self::inflight::Inflight;
use crate::{
    clock::Clock,
    store::{Job, LeaseRequest, Queue},
};

/// How many attempts may run at once.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// In all.
    pub total: u32,
    /// For one endpoint, so that a hanging one cannot take all.
    pub per_endpoint: u32,
    /// How long attempts may go on once the server stops.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { total: 256, per_endpoint: 16, grace: Duration::from_secs(10) }
    }
}

/// What the rest of the server tells the dispatcher.
#[derive(Debug, Default)]
pub struct Signals {
    pushed: Notify,
    inflight: Inflight,
}

impl Signals {
    /// Something was pushed that is due now.
    pub fn pushed(&self) {
        self.pushed.notify_one();
    }

    /// An endpoint was deleted: what is being sent to it is broken off, what was leased for it is dropped.
    pub fn revoke(&self, endpoint: &str) {
        self.inflight.revoke(endpoint);
    }
}

/// The loop.
#[derive(Debug)]
pub struct Dispatcher {
    /// What to send.
    pub queue: Arc<dyn Queue>,
    /// How to send it.
    pub attempter: Arc<Attempter>,
    /// How much at once.
    pub limits: Limits,
    /// What the rest of the server says.
    pub signals: Arc<Signals>,
    /// When.
    pub clock: Arc<dyn Clock>,
}

impl Dispatcher {
    /// Sends until `stop` turns true, then lets the attempts that run end, for [`Limits::grace`] at most. What is then
    /// still running is given back by [`Queue::recover`] at the next start.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut attempts = JoinSet::new();
        let mut agenda = Agenda { ask: true, ..Agenda::default() };
        while !*stop.borrow() {
            let room = self.limits.total.saturating_sub(len(&attempts)).min(BATCH);
            if agenda.ask && room > 0 {
                self.lease(room, &mut attempts, &mut agenda).await;
                continue;
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = self.signals.pushed.notified() => agenda.ask = true,
                Some(ended) = attempts.join_next() => agenda.note(ended),
                () = sleep_until(&*self.clock, agenda.next_due) => agenda.ask = true,
            }
            // Whoever ended at the same moment makes room as well.
            while let Some(ended) = attempts.try_join_next() {
                agenda.note(ended);
            }
        }
        self.drain(attempts).await;
    }

    async fn lease(
        &self,
        room: u32,
        attempts: &mut JoinSet<Option<Timestamp>>,
        agenda: &mut Agenda,
    ) {
        let load = self.signals.inflight.begin_lease();
        let free = self.limits.total.saturating_sub(len(attempts));
        let request = LeaseRequest {
            limit: room,
            shared: free.saturating_sub(self.limits.total / KEPT_PART),
            per_endpoint: self.limits.per_endpoint,
            busy: load.busy,
            silent: load.silent,
            after: agenda.after.clone(),
            now: self.clock.now(),
        };
        match self.queue.lease(request).await {
            Ok(leased) => {
                agenda.more = leased.more;
                // Less than the limit means that the others have to wait until an attempt ends.
                agenda.ask =
                    leased.more && leased.jobs.len() >= usize::try_from(room).unwrap_or(usize::MAX);
                agenda.next_due = leased.next_due;
                self.spawn(leased.jobs, attempts, agenda);
            }
            Err(error) => {
                tracing::error!(%error, "cannot lease deliveries, trying again soon");
                agenda.ask = false;
                agenda.next_due = Some(self.clock.now().plus_millis(PAUSE_MILLIS));
            }
        }
        self.signals.inflight.end_lease();
    }

    fn spawn(
        &self,
        jobs: Vec<Job>,
        attempts: &mut JoinSet<Option<Timestamp>>,
        agenda: &mut Agenda,
    ) {
        for job in jobs {
            agenda.after.clone_from(&job.endpoint_id);
            // Deleted between lease and here: the deletion has cancelled the row.
            let Some(ticket) = self.signals.inflight.enter(&job.endpoint_id) else { continue };
            let (attempter, queue) = (Arc::clone(&self.attempter), Arc::clone(&self.queue));
            attempts.spawn(async move { attempter.run(job, ticket, &*queue).await });
        }
    }

    async fn drain(&self, mut attempts: JoinSet<Option<Timestamp>>) {
        let grace = i64::try_from(self.limits.grace.as_millis()).unwrap_or(i64::MAX);
        let deadline = self.clock.now().plus_millis(grace);
        let all = async { while attempts.join_next().await.is_some() {} };
        tokio::select! {
            () = all => {}
            () = self.clock.sleep_until(deadline) => {
                tracing::warn!("attempts still run after the grace period; the next start makes them again");
            }
        }
    }
}

/// What the loop has to do next.
#[derive(Debug, Default)]
struct Agenda {
    /// Something may be due that there is room for.
    ask: bool,
    /// Something was due that there was no room for.
    more: bool,
    /// When the next delivery will be due.
    next_due: Option<Timestamp>,
    /// The endpoint served last.
    after: String,
}

impl Agenda {
    /// An attempt ended: there is room again, and perhaps a retry to come.
    fn note(&mut self, ended: Result<Option<Timestamp>, JoinError>) {
        self.ask |= self.more;
        match ended {
            Ok(retry) => self.next_due = [self.next_due, retry].into_iter().flatten().min(),
            Err(error) => {
                tracing::error!(%error, "an attempt did not end; the next start makes it again");
            }
        }
    }
}

fn len(attempts: &JoinSet<Option<Timestamp>>) -> u32 {
    u32::try_from(attempts.len()).unwrap_or(u32::MAX)
}

async fn sleep_until(clock: &dyn Clock, at: Option<Timestamp>) {
    match at {
        Some(at) => clock.sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// One in so many attempts is kept for endpoints to which none runs.
const KEPT_PART: u32 = 4;
/// Deliveries per lease: enough to share a transaction, few enough to keep it short.
const BATCH: u32 = 64;
/// How long the loop waits after the queue failed.
const PAUSE_MILLIS: i64 = 500;
