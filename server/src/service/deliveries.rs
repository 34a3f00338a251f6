//! Deliveries: listed, looked up, sent again.

use std::sync::Arc;

use super::{
    caller::{Caller, unknown},
    endpoint_changes::disabled,
    page::Page,
    to_the_end,
};
use crate::{
    clock::Clock,
    dispatch::Dispatcher,
    error::{ApiCode, ApiError},
    store::{
        AccountKey, Attempt, Delivery, DeliveryFilter, DeliveryKey, EndpointState, Engine, Replay,
    },
};
use hookseal::Timestamp;

/// The use cases of deliveries.
#[derive(Debug)]
pub struct Deliveries {
    /// The record.
    pub engine: Arc<dyn Engine>,
    /// Sends what is due again.
    pub dispatcher: Arc<Dispatcher>,
    /// When.
    pub clock: Arc<dyn Clock>,
}

impl Deliveries {
    /// The caller's deliveries, newest event first, before one of them, at most `limit`. Of those in some states, the ones
    /// among about 10,000: a page may have fewer rows, or none, and a next one all the same.
    ///
    /// # Errors
    /// `forbidden` when the filter names a tenant that is not the caller's.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: DeliveryFilter,
        before: Option<DeliveryKey>,
        limit: u32,
    ) -> Result<Page<Delivery>, ApiError> {
        let filter = DeliveryFilter { tenant: caller.tenant(filter.tenant)?, ..filter };
        let found = self.engine.deliveries(caller.account(), &filter, before, limit + 1).await?;
        let page = Page::of(found.rows, limit, |delivery| delivery.key.to_string());
        // Beyond those that were looked at there may be more.
        let next = page.next.or_else(|| found.until.map(|until| until.to_string()));
        Ok(Page { next, ..page })
    }

    /// As [`list`](Self::list), each with its attempts, first to last.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub async fn list_with_attempts(
        &self,
        caller: &Caller,
        filter: DeliveryFilter,
        before: Option<DeliveryKey>,
        limit: u32,
    ) -> Result<Page<(Delivery, Vec<Attempt>)>, ApiError> {
        let page = self.list(caller, filter, before, limit).await?;
        let mut rows = Vec::with_capacity(page.rows.len());
        for delivery in page.rows {
            // The row holds the last; more of them are looked up.
            let whole = match delivery.attempts {
                0 | 1 => None,
                _ => self.engine.delivery(caller.account(), delivery.key).await?,
            };
            rows.push(whole.unwrap_or_else(|| {
                let last = delivery.last_attempt.clone().into_iter().collect();
                (delivery, last)
            }));
        }
        Ok(Page { rows, next: page.next })
    }

    /// One delivery with its attempts, first to last.
    ///
    /// # Errors
    /// `not_found` when the caller has none of this id.
    pub async fn get(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<(Delivery, Vec<Attempt>), ApiError> {
        let key = caller.delivery(&*self.engine, id).await?;
        let found = self.engine.delivery(caller.account(), key).await?;
        found.ok_or_else(|| unknown("delivery"))
    }

    /// Sends a delivery again, from the first step of its schedule, and returns it as it stands then.
    ///
    /// # Errors
    /// `not_found` when the caller has none of this id, `endpoint_disabled`, `not_replayable` while it is under way.
    pub async fn replay(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<(Delivery, Vec<Attempt>), ApiError> {
        let key = caller.delivery(&*self.engine, id).await?;
        if self.again(caller.account(), vec![Replay::Delivery(key)], "delivery").await? == 0 {
            let target = self.engine.target(caller.account(), key.endpoint).await?;
            return Err(match target {
                Some(target) if target.endpoint.state == EndpointState::Disabled => {
                    disabled(&target.endpoint)
                }
                Some(_) => ApiError::new(ApiCode::NotReplayable, "the delivery is under way"),
                None => {
                    ApiError::new(ApiCode::NotReplayable, "the delivery's endpoint was deleted")
                }
            });
        }
        self.get(caller, id).await
    }

    /// Sends an event again, to all of the caller's endpoints that it went to. Returns how many deliveries will be sent.
    ///
    /// # Errors
    /// `not_found` when the caller has no event of this id.
    pub async fn replay_event(&self, caller: &Caller, id: &str) -> Result<u64, ApiError> {
        let detail = caller.event(&*self.engine, id).await?;
        let what = match caller.limit() {
            None => vec![Replay::Event(detail.event.key)],
            Some(_) => {
                let own = caller.deliveries_of(&*self.engine, &detail, None, u32::MAX).await?;
                own.into_iter().map(Replay::Delivery).collect()
            }
        };
        self.again(caller.account(), what, "event").await
    }

    /// Sends again what failed at an endpoint, of events accepted since then. Returns how many deliveries will be sent.
    ///
    /// # Errors
    /// `not_found` when the caller has no endpoint of this id, `endpoint_disabled`.
    pub async fn replay_failed(
        &self,
        caller: &Caller,
        endpoint_id: &str,
        since: Timestamp,
    ) -> Result<u64, ApiError> {
        let endpoint = caller.endpoint(&*self.engine, endpoint_id).await?.endpoint;
        if endpoint.state == EndpointState::Disabled {
            return Err(disabled(&endpoint));
        }
        let what = vec![Replay::Failed { endpoint: endpoint.key, since }];
        self.again(caller.account(), what, "endpoint").await
    }

    /// How many deliveries will be sent; the dispatcher knows of them even when the caller stops waiting.
    async fn again(
        &self,
        account: AccountKey,
        what: Vec<Replay>,
        name: &'static str,
    ) -> Result<u64, ApiError> {
        let (engine, dispatcher) = (Arc::clone(&self.engine), Arc::clone(&self.dispatcher));
        let now = self.clock.now();
        to_the_end(async move {
            let mut count = 0;
            for what in what {
                let replayed = engine.replay(account, what, now).await?;
                count += replayed.ok_or_else(|| unknown(name))?;
                dispatcher.wake();
                tracing::info!(?what, deliveries = count, "sent again");
            }
            Ok(count)
        })
        .await
    }
}
