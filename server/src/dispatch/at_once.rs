//! Deliveries that somebody waits for: sent past every queue, tried once.
//!
//! They take no turn and no place of the others, so a backlog, a pause or an open circuit breaker does not hold them up;
//! and what comes of them says nothing about the endpoint's health. Only so many are under way at a time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::{oneshot, watch};

use super::{Dispatcher, prepared::Prepared};
use crate::store::{DeliveryKey, EndpointKey, Job};

/// Who waits for what.
#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<HashMap<DeliveryKey, oneshot::Sender<()>>>);

impl Waiting {
    fn settled(&self, delivery: DeliveryKey) {
        if let Some(waiter) = self.lock().remove(&delivery) {
            // Whoever waited may have given up.
            let _ = waiter.send(());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<DeliveryKey, oneshot::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A delivery that is about to be accepted, and will be sent at once.
#[derive(Debug)]
pub struct Expected {
    dispatcher: Arc<Dispatcher>,
    delivery: DeliveryKey,
    settled: oneshot::Receiver<()>,
}

impl Expected {
    /// Waits until the outcome is on record, for `limit` at most. To be called once it is accepted.
    pub async fn settled(&mut self, limit: Duration) {
        if tokio::time::timeout(limit, &mut self.settled).await.is_err() {
            tracing::warn!(delivery.id = %self.delivery, "a delivery that is waited for has no outcome yet");
        }
    }
}

impl Drop for Expected {
    fn drop(&mut self) {
        self.dispatcher.waiting.lock().remove(&self.delivery);
    }
}

impl Dispatcher {
    /// Makes room for a delivery to be [sent at once](crate::store::NewEvent::at_once); `None` where too many are under
    /// way, in all or to this endpoint.
    pub fn expect(&self, delivery: DeliveryKey) -> Option<Expected> {
        let dispatcher = self.this.upgrade()?;
        let mut waiting = self.waiting.lock();
        let same = |known: &&DeliveryKey| known.endpoint == delivery.endpoint;
        if waiting.len() >= MAX_WAITING
            || waiting.keys().filter(same).count() >= MAX_WAITING_PER_ENDPOINT
        {
            return None;
        }
        let (waiter, settled) = oneshot::channel();
        waiting.insert(delivery, waiter);
        drop(waiting);
        Some(Expected { dispatcher, delivery, settled })
    }

    /// Begins an attempt, which ends when its endpoint is revoked from now on.
    pub(super) fn send_at_once(&self, job: Job) {
        let aside = self.lock().aside(&job.target, job.health, self.now());
        self.spawn(async move |this| {
            let delivery = job.delivery;
            let Aside { prepared, mut revoked } = aside;
            let _lane = LaneInUse { dispatcher: &this, endpoint: delivery.endpoint };
            let made = this.attempter.make(&job, prepared, &mut revoked).await;
            this.settle(this.attempter.only_settlement(job, made)).await;
            this.waiting.settled(delivery);
        });
    }
}

/// What an attempt beside the queue needs of its lane.
#[derive(Debug)]
pub(super) struct Aside {
    pub(super) prepared: Option<Arc<Prepared>>,
    /// Changes when the endpoint is revoked.
    pub(super) revoked: watch::Receiver<u64>,
}

/// Keeps the lane of an endpoint in memory, also when the attempt panics: without it nobody could break the attempt off.
struct LaneInUse<'a> {
    dispatcher: &'a Dispatcher,
    endpoint: EndpointKey,
}

impl Drop for LaneInUse<'_> {
    fn drop(&mut self) {
        let now = self.dispatcher.clock.elapsed();
        self.dispatcher.lock().leave_aside(self.endpoint, now);
    }
}

/// Deliveries that are waited for.
const MAX_WAITING: usize = 128;
const MAX_WAITING_PER_ENDPOINT: usize = 4;
