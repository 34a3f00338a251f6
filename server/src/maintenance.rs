//! What has to be done from time to time: heartbeats, the work of dead nodes, the end of what is too old.
//!
//! Each step is a short transaction, so that deliveries go on in between. Heartbeats wait for none of the rest: a node with
//! much to remove is not dead.

use std::{sync::Arc, time::Duration};

use hookseal::Timestamp;
use tokio::sync::watch;

use crate::{
    clock::Clock,
    config::Retention,
    dispatch::Dispatcher,
    store::{Engine, StoreError},
};

/// The task.
#[derive(Debug)]
pub struct Maintenance {
    /// What is maintained.
    pub engine: Arc<dyn Engine>,
    /// Told when this node was taken for dead, and how many nodes there are.
    pub dispatcher: Arc<Dispatcher>,
    /// How long things are kept.
    pub retention: Retention,
    /// How often this node says that it is alive.
    pub beat: Duration,
    /// When.
    pub clock: Arc<dyn Clock>,
}

impl Maintenance {
    /// Runs until `stop` turns true.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let beats = async |mut stop: watch::Receiver<bool>| {
            while !*stop.borrow() {
                self.beat().await;
                self.pause(&mut stop).await;
            }
        };
        let takeovers = async |mut stop: watch::Receiver<bool>| {
            while !*stop.borrow() {
                self.take_over().await;
                self.pause(&mut stop).await;
            }
        };
        let removals = async |mut stop: watch::Receiver<bool>| {
            let mut prune_at = Duration::ZERO;
            while !*stop.borrow() {
                self.sweep(&stop).await;
                if self.clock.elapsed() >= prune_at {
                    self.drop_secrets(&stop).await;
                    self.prune(&stop).await;
                    prune_at = self.clock.elapsed() + PRUNE_EVERY;
                }
                self.pause(&mut stop).await;
            }
        };
        tokio::join!(beats(stop.clone()), takeovers(stop.clone()), removals(stop));
    }

    /// Waits for the time of a beat, or for the stop.
    async fn pause(&self, stop: &mut watch::Receiver<bool>) {
        tokio::select! {
            biased;
            _ = stop.changed() => {}
            () = self.clock.sleep(self.beat) => {}
        }
    }

    async fn beat(&self) {
        match self.engine.heartbeat().await {
            Ok(true) => {
                self.dispatcher.set_nodes(self.engine.nodes());
                self.dispatcher.go_on_until(self.engine.lease_end());
            }
            Ok(false) => {
                self.dispatcher.forget();
                self.dispatcher.go_on_until(self.engine.lease_end());
            }
            Err(error) => tracing::warn!(%error, "no heartbeat"),
        }
    }

    async fn take_over(&self) {
        match self.engine.recover(self.clock.now()).await {
            Ok(0) => {}
            Ok(deliveries) => {
                tracing::warn!(deliveries, "took over what a dead node held");
                self.dispatcher.wake();
            }
            Err(error) => tracing::warn!(%error, "cannot take over from dead nodes"),
        }
    }

    async fn sweep(&self, stop: &watch::Receiver<bool>) {
        while !*stop.borrow() {
            let swept = self.engine.sweep(BATCH, self.clock.now()).await;
            if !self.goes_on(swept, "cannot cancel what waits for endpoints that are gone").await {
                return;
            }
        }
    }

    async fn drop_secrets(&self, stop: &watch::Receiver<bool>) {
        while !*stop.borrow() {
            let dropped = self.engine.drop_secrets(BATCH, self.clock.now()).await;
            if !self.goes_on(dropped, "cannot remove secrets that sign no more").await {
                return;
            }
        }
    }

    async fn prune(&self, stop: &watch::Receiver<bool>) {
        while !*stop.borrow() {
            let now = self.clock.now();
            let events = before(now, self.retention.events);
            let attempts = before(now, self.retention.attempts);
            let pruned = self.engine.prune(events, attempts, BATCH).await;
            if !self.goes_on(pruned, "cannot remove what is too old").await {
                return;
            }
        }
    }

    /// Whether there is more to do; after a pause that leaves the engine to others.
    async fn goes_on(&self, step: Result<bool, StoreError>, failed: &'static str) -> bool {
        match step {
            Ok(more) => {
                if more {
                    self.clock.sleep(PAUSE).await;
                }
                more
            }
            Err(error) => {
                tracing::warn!(%error, failed);
                false
            }
        }
    }
}

fn before(now: Timestamp, kept: Option<Duration>) -> Timestamp {
    let millis = |kept: Duration| i64::try_from(kept.as_millis()).unwrap_or(i64::MAX);
    kept.map_or(Timestamp::MIN, |kept| now.plus_millis(millis(kept).saturating_neg()))
}

const PRUNE_EVERY: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);
/// Rows of one step.
const BATCH: u32 = 500;
