//! A queue that is slow, fails, forgets to answer, and takes the server with it: all of it drawn from the seed.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hookseal::Timestamp;
use hookseal_server::store::{
    DeliveryState, Heard, Intake, LeaseRequest, Leased, NewEvent, Pushed, Queue, Settlement,
    StoreError,
};
use tokio::sync::Notify;

use crate::{clock::SimClock, dice::Dice, world::World};

#[derive(Debug)]
pub(crate) struct FaultyQueue {
    pub(crate) inner: Arc<dyn Queue>,
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
        let pushed = self.inner.push(events).await?;
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
        let delivery = settlement.job.delivery;
        let during = settlement.attempt.as_ref().map(|attempt| attempt.started_at..=settlement.now);
        let state = self.inner.settle(settlement).await?;
        if let Some(during) = during {
            self.world.settled(delivery, &during);
        }
        self.weather().await?;
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
