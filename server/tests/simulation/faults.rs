//! A queue that is slow, fails, forgets to answer, and takes the server with it: all of it drawn from the seed.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hookseal::Timestamp;
use hookseal_server::{
    clock::Clock as _,
    store::{
        DeliveryState, Heard, Intake, LeaseRequest, Leased, NewEvent, Pushed, Queue, Settlement,
        Store as _, StoreError, sqlite::SqliteStore,
    },
};
use tokio::sync::Notify;

use crate::{
    clock::SimClock,
    dice::Dice,
    world::{Settled, World},
};

#[derive(Debug)]
pub(crate) struct FaultyQueue {
    pub(crate) inner: Arc<SqliteStore>,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) dice: Arc<Mutex<Dice>>,
    pub(crate) world: Arc<World>,
    pub(crate) crash: Arc<Notify>,
}

impl FaultyQueue {
    /// What happens before or after the engine did its part.
    async fn weather(&self) -> Result<(), StoreError> {
        let (pause, fault, crash) = {
            let mut dice = self.dice.lock().unwrap();
            let rough = self.world.is_rough();
            (dice.below(4), rough && dice.one_in(40), rough && dice.one_in(120))
        };
        if pause > 0 {
            self.clock.pass(pause).await;
        }
        if crash {
            self.crash.notify_one();
            std::future::pending::<()>().await;
        }
        if fault { Err(StoreError::Engine("a fault of the simulation".to_owned())) } else { Ok(()) }
    }
}

#[async_trait]
impl Queue for FaultyQueue {
    fn mint(&self, now: Timestamp) -> i64 {
        self.inner.mint(now)
    }

    fn set_intake(&self, intake: Arc<dyn Intake>) {
        self.inner.set_intake(intake);
    }

    async fn push(&self, events: Vec<NewEvent>) -> Result<Vec<Pushed>, StoreError> {
        self.weather().await?;
        let wanted: Vec<_> = events.iter().map(|event| self.world.wanted(event)).collect();
        let pushed = self.inner.push(events.clone()).await?;
        let now = self.clock.elapsed();
        for ((event, wanted), pushed) in events.iter().zip(&wanted).zip(&pushed) {
            self.world.pushed(event, wanted, pushed, now);
        }
        self.world.check_overdue(now);
        self.weather().await?;
        Ok(pushed)
    }

    async fn lease(&self, request: LeaseRequest) -> Result<Leased, StoreError> {
        self.weather().await?;
        // What a lease took and nobody got is made again after the next start, so here it always arrives.
        self.inner.lease(request).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<DeliveryState, StoreError> {
        self.weather().await?;
        let (account, endpoint) = (settlement.job.event.account, settlement.job.delivery.endpoint);
        let disables = settlement.disable.is_some();
        let settled = settlement.attempt.as_ref().map(|attempt| Settled {
            delivery: settlement.job.delivery,
            during: attempt.started_at..=settlement.now,
            took: attempt.status == Some(200),
            broken_off: settlement.is_broken_off(),
            version: settlement.job.target.endpoint.version,
            before: None,
            after: None,
        });
        let before = self.inner.target(account, endpoint).await?;
        let state = self.inner.settle(settlement).await?;
        let after = self.inner.target(account, endpoint).await?;
        if let Some(settled) = settled {
            let (before, after) =
                (before.map(|target| target.endpoint), after.map(|target| target.endpoint));
            self.world.settled(&Settled { before, after, ..settled });
        }
        self.weather().await?;
        if disables {
            self.world.told(endpoint);
        }
        Ok(state)
    }

    async fn recover(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.inner.recover(now).await
    }

    async fn heartbeat(&self) -> Result<bool, StoreError> {
        self.inner.heartbeat().await
    }

    async fn hear(&self) -> Heard {
        self.inner.hear().await
    }

    async fn broken(&self) {
        self.inner.broken().await;
    }
}
