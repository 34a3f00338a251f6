//! The PostgreSQL engine: any number of nodes on one database, none of them in charge.
//!
//! `writer.rs` accepts and settles in shared commits on a connection of its own; what is asked less often goes over a few
//! others. What a node takes to deliver stands in a claim under its number, and falls to the others when its lease ends.
//!
//! **Invariants.** Two transactions lock in this order: the node, claims, endpoints, deliveries that are being settled, lanes;
//! of each kind by key. Leases, which lock lanes first, never wait for a lock on what comes before. Whose transactions
//! collide all the same do them again.
//!
//! An attempt that is settled twice is told by its begin and duration from those on record.

mod accept;
mod accounts;
mod address;
mod changes;
mod core;
mod cycle;
mod endpoints;
mod event_types;
mod events;
mod fault;
mod gone;
mod heard;
mod held;
mod known;
mod lanes;
mod lease;
mod list;
mod matching;
mod migrate;
mod node;
mod notices;
mod pool;
mod recover;
mod remove;
mod replay;
mod row;
mod session;
mod settle;
mod sources;
mod store;
mod time;
mod unclear;
mod writer;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use hookseal::Timestamp;
use tokio::task::JoinHandle;

pub use self::time::DatabaseClock;
use self::{
    address::Address, core::Core, node::Node, notices::Ear, session::Session, writer::Writer,
};
use crate::{
    clock::Clock,
    store::{
        DeliveryState, Heard, Intake, LeaseRequest, Leased, NODE_LEASE_MILLIS, NewEvent, Pushed,
        Queue, Settlement, StoreError,
    },
};

/// A store in a PostgreSQL database.
#[derive(Debug)]
pub struct PostgresStore {
    core: Arc<Core>,
    writer: Writer,
    listener: JoinHandle<()>,
}

impl PostgresStore {
    /// Connects, makes or updates the tables, and joins the other nodes. The clock is for waiting only.
    ///
    /// # Errors
    /// [`StoreError`] when the URL is not understood, the database is not there, or belongs to a newer program.
    pub async fn open(url: &str, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open_with_lease(url, clock, NODE_LEASE_MILLIS).await
    }

    /// As [`open`](Self::open), but the node counts as alive for so many milliseconds after a heartbeat.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with_lease(
        url: &str,
        clock: Arc<dyn Clock>,
        lease_millis: i64,
    ) -> Result<Self, StoreError> {
        let address = Address::parse(url)?;
        let session = Session::open(&address).await?;
        migrate::migrate(&session).await?;
        let time = Arc::new(DatabaseClock::read(&session, Arc::clone(&clock)).await?);
        let node = Node::join(&session, lease_millis, time).await?;
        let core = Arc::new(Core::new(address, clock, node));
        let ear = Ear::open(&core).await?;
        ear.check(&session).await?;
        drop(session);
        let listener = tokio::spawn(notices::listen(Arc::clone(&core), ear));
        Ok(Self { writer: Writer::start(Arc::clone(&core)), core, listener })
    }

    /// What time it is for all nodes of this database.
    #[must_use]
    pub fn clock(&self) -> Arc<DatabaseClock> {
        self.core.node.clock()
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

#[async_trait]
impl Queue for PostgresStore {
    fn mint(&self, now: Timestamp) -> i64 {
        self.core.node.mint(now)
    }

    fn set_intake(&self, intake: Arc<dyn Intake>) {
        // Set once; whoever comes later is not listened to.
        let _ = self.core.intake.set(intake);
    }

    async fn push(&self, events: Vec<NewEvent>) -> Result<Vec<Pushed>, StoreError> {
        self.writer.push(events).await
    }

    async fn lease(&self, request: LeaseRequest) -> Result<Leased, StoreError> {
        lease::lease(&self.core, &request).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<DeliveryState, StoreError> {
        self.writer.settle(settlement).await
    }

    async fn recover(&self, now: Timestamp) -> Result<usize, StoreError> {
        recover::recover(&self.core, now).await
    }

    async fn heartbeat(&self) -> Result<bool, StoreError> {
        let core = &self.core;
        core.vital
            .run(|session| async move {
                let badge = core.node.badge();
                if core.node.beat(&session).await? {
                    Ok(())
                } else {
                    core.join_anew(&session, badge).await
                }
            })
            .await?;
        Ok(!core.node.was_lost())
    }

    async fn leave(&self) -> Result<(), StoreError> {
        let node = &self.core.node;
        self.core.vital.once(|session| async move { node.leave(&session).await }).await
    }

    async fn hear(&self) -> Heard {
        self.core.notices.next().await
    }

    fn nodes(&self) -> u32 {
        self.core.node.alive()
    }

    fn lease_end(&self) -> Option<Duration> {
        Some(self.core.node.lease_end())
    }

    async fn broken(&self) {
        self.writer.ended().await;
    }
}
