//! [`Queue`] on SQLite.

use std::{future, sync::Arc};

use async_trait::async_trait;
use hookseal::Timestamp;

use super::{Admission, Engine, Kind, SqliteStore, StoreError, Work, lease, push, recover, settle};
use crate::store::{
    DeliveryState, Intake, LeaseRequest, Leased, NewEvent, Pushed, Queue, Settlement,
};

#[async_trait]
impl Queue for SqliteStore {
    fn mint(&self, now: Timestamp) -> i64 {
        self.mint.mint(now)
    }

    fn set_intake(&self, intake: Arc<dyn Intake>) {
        // A second one would not get what the first has reserved.
        let _ = self.intake.set(intake);
    }

    async fn push(&self, events: Vec<NewEvent>) -> Result<Vec<Pushed>, StoreError> {
        let size = events.iter().map(|event| event.data.len().saturating_add(EVENT_OVERHEAD)).sum();
        // Several may be too much, which is seen half-way.
        let kind = if events.len() > 1 { Kind::Guarded } else { Kind::Plain };
        let job = Work::boxed(kind, size, move |t| push::push_all(t, &events));
        self.submit(Admission::Refuse, job).await
    }

    async fn lease(&self, request: LeaseRequest) -> Result<Leased, StoreError> {
        self.write(Admission::Wait, move |t| lease::lease(t, &request)).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<DeliveryState, StoreError> {
        let kind = if settlement.is_urgent() { Kind::Plain } else { Kind::Deferred };
        let job = Work::boxed(kind, EVENT_OVERHEAD, move |t| settle::settle(t, &settlement));
        self.submit(Admission::Wait, job).await
    }

    async fn recover(&self, now: Timestamp) -> Result<usize, StoreError> {
        let former = self.former;
        let mut due = 0_usize;
        loop {
            let step = self
                .write(Admission::Wait, move |t| {
                    recover::recover(t, former, RECOVERED_AT_ONCE, now)
                })
                .await?;
            due = due.saturating_add(step.due);
            if !step.more {
                return Ok(due);
            }
        }
    }

    async fn heartbeat(&self) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn broken(&self) {
        match &self.engine {
            Engine::Threads { writer, .. } => writer.ended().await,
            Engine::Inline(_) => future::pending().await,
        }
    }
}

/// What an event or a settlement holds besides its data, in bytes, about.
const EVENT_OVERHEAD: usize = 512;
/// Deliveries that are made due again in one transaction.
const RECOVERED_AT_ONCE: usize = 1024;
