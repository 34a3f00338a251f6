//! [`Store`] on PostgreSQL: each call on a connection of the pool, what writes more than a row in a transaction.

use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use hookseal::Timestamp;

use super::{
    PostgresStore, accounts, endpoints, event_types, events,
    fault::Fault,
    gone, heard, list, notices,
    remove::{self, Step},
    replay, sources,
};
use crate::store::{
    Account, AccountChange, AccountKey, ApiKey, ApiKeyId, Attempt, Delivery, DeliveryFilter,
    DeliveryKey, Endpoint, EndpointChange, EndpointFilter, EndpointKey, EndpointState, Event,
    EventDetail, EventFilter, EventHead, EventKey, EventTypeChange, EventTypeDetail,
    EventTypeRecord, Heard, Holder, KeyMade, Registered, Replay, Resealed, Secrets, Store,
    StoreError, Target, Walked,
};

#[async_trait]
impl Store for PostgresStore {
    async fn api_key(&self, hash: [u8; 32]) -> Result<Option<Holder>, StoreError> {
        self.core.pool.run(|session| async move { accounts::of_key(&session, &hash).await }).await
    }

    async fn mark_key_used(&self, id: ApiKeyId) -> Result<(), StoreError> {
        self.core.pool.run(|session| async move { accounts::mark_used(&session, id).await }).await
    }

    async fn put_key(&self, key: ApiKey, hash: [u8; 32]) -> Result<(), StoreError> {
        let key = &key;
        self.core
            .pool
            .transaction(|session| async move { accounts::put_key(&session, key, &hash).await })
            .await
    }

    async fn put_key_by(
        &self,
        key: ApiKey,
        hash: [u8; 32],
        by: ApiKeyId,
        max: u32,
    ) -> Result<KeyMade, StoreError> {
        let key = &key;
        self.core
            .pool
            .transaction(|session| async move {
                accounts::put_key_by(&session, key, &hash, by, max).await
            })
            .await
    }

    async fn api_keys(
        &self,
        account: AccountKey,
        tenant: Option<&str>,
        after: Option<ApiKeyId>,
        limit: u32,
    ) -> Result<Vec<ApiKey>, StoreError> {
        self.core
            .pool
            .run(|session| async move {
                accounts::keys(&session, account, tenant, after, limit).await
            })
            .await
    }

    async fn delete_key(&self, account: AccountKey, id: ApiKeyId) -> Result<bool, StoreError> {
        self.core
            .pool
            .run(|session| async move { accounts::delete_key(&session, account, id).await })
            .await
    }

    async fn first_account(&self) -> Result<Option<AccountKey>, StoreError> {
        self.core.pool.run(|session| async move { accounts::first(&session).await }).await
    }

    async fn insert_account(
        &self,
        account: Account,
        key: ApiKey,
        hash: [u8; 32],
    ) -> Result<(), StoreError> {
        let (account, key) = (&account, &key);
        self.core
            .pool
            .transaction(
                |session| async move { accounts::insert(&session, account, key, &hash).await },
            )
            .await
    }

    async fn account(&self, key: AccountKey) -> Result<Option<Account>, StoreError> {
        self.core.pool.run(|session| async move { accounts::one(&session, key).await }).await
    }

    async fn accounts(
        &self,
        after: Option<AccountKey>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError> {
        self.core
            .pool
            .run(|session| async move { accounts::list(&session, after, limit).await })
            .await
    }

    async fn change_account(
        &self,
        key: AccountKey,
        change: AccountChange,
    ) -> Result<Option<Account>, StoreError> {
        let change = &change;
        self.core
            .pool
            .transaction(|session| async move { accounts::change(&session, key, change).await })
            .await
    }

    async fn insert_event_type(
        &self,
        account: AccountKey,
        new: EventTypeDetail,
        max: u32,
    ) -> Result<Registered, StoreError> {
        let new = &new;
        let tries = &AtomicU32::new(0);
        self.core
            .pool
            .transaction(|session| async move {
                let is_first = tries.fetch_add(1, Ordering::Relaxed) == 0;
                match event_types::insert(&session, account, new, max).await {
                    // It was committed, only the answer was lost.
                    Ok(Registered::Known) if !is_first => Ok(Registered::New),
                    registered => registered,
                }
            })
            .await
    }

    async fn event_type(
        &self,
        account: AccountKey,
        name: &str,
    ) -> Result<Option<EventTypeDetail>, StoreError> {
        self.core
            .pool
            .run(|session| async move { event_types::one(&session, account, name).await })
            .await
    }

    async fn event_schema(
        &self,
        account: AccountKey,
        name: &str,
        version: u32,
    ) -> Result<Option<(String, Timestamp)>, StoreError> {
        self.core
            .pool
            .run(|session| async move { event_types::schema(&session, account, name, version).await })
            .await
    }

    async fn event_types(
        &self,
        account: AccountKey,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<EventTypeRecord>, StoreError> {
        self.core
            .pool
            .run(|session| async move { event_types::list(&session, account, after, limit).await })
            .await
    }

    async fn change_event_type(
        &self,
        account: AccountKey,
        name: &str,
        change: EventTypeChange,
        now: Timestamp,
    ) -> Result<Option<EventTypeDetail>, StoreError> {
        let change = &change;
        self.core
            .pool
            .transaction(|session| async move {
                event_types::change(&session, account, name, change, now).await
            })
            .await
    }

    async fn delete_event_type(&self, account: AccountKey, name: &str) -> Result<bool, StoreError> {
        self.core
            .pool
            .transaction(
                |session| async move { event_types::delete(&session, account, name).await },
            )
            .await
    }

    async fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.core.pool.run(|session| async move { accounts::setting(&session, name).await }).await
    }

    async fn init_setting(&self, name: &str, value: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let value = &value;
        self.core
            .pool
            .run(|session| async move { accounts::init_setting(&session, name, value).await })
            .await
    }

    async fn insert_endpoint(
        &self,
        endpoint: Endpoint,
        secrets: Secrets,
    ) -> Result<(), StoreError> {
        let (endpoint, secrets) = (&endpoint, &secrets);
        let tries = &AtomicU32::new(0);
        self.core
            .pool
            .transaction(|session| async move {
                let is_first = tries.fetch_add(1, Ordering::Relaxed) == 0;
                match endpoints::insert(&session, endpoint, secrets).await {
                    // It was committed, only the answer was lost.
                    Err(Fault::Duplicate) if !is_first => Ok(()),
                    inserted => inserted,
                }
            })
            .await
    }

    async fn target(
        &self,
        account: AccountKey,
        key: EndpointKey,
    ) -> Result<Option<Target>, StoreError> {
        self.core
            .pool
            .run(|session| async move { endpoints::target(&session, account, key).await })
            .await
    }

    async fn endpoint_tenant(
        &self,
        account: AccountKey,
        key: EndpointKey,
    ) -> Result<Option<Option<String>>, StoreError> {
        self.core
            .pool
            .run(|session| async move { endpoints::tenant(&session, account, key).await })
            .await
    }

    async fn endpoints(
        &self,
        account: AccountKey,
        filter: &EndpointFilter,
        after: Option<EndpointKey>,
        limit: u32,
    ) -> Result<Vec<Endpoint>, StoreError> {
        self.core
            .pool
            .run(|session| async move { endpoints::list(&session, account, filter, after, limit).await })
            .await
    }

    async fn change_endpoint(
        &self,
        account: AccountKey,
        key: EndpointKey,
        change: EndpointChange,
        now: Timestamp,
    ) -> Result<Option<Endpoint>, StoreError> {
        let (core, change) = (&self.core, &change);
        if matches!(change.state, Some(EndpointState::Active | EndpointState::Paused)) {
            // What was cancelled when it was disabled stays cancelled: the rest first.
            let finish = || {
                core.pool.transaction(|session| async move {
                    gone::finish_disabled(&session, account, key, now).await
                })
            };
            while finish().await? {}
        }
        let changed = heard::change(core, key, |session, _| async move {
            let changed = endpoints::change(&session, account, key, change, now).await?;
            let Some((before, after)) = changed else { return Ok((None, false)) };
            if is_resumed(&before, &after) {
                notices::say(&session, core.node.badge(), &[Heard::Due]).await?;
            }
            let breaks_off = breaks_off(&before, &after);
            Ok((Some(after), breaks_off))
        })
        .await?;
        core.wake();
        Ok(changed)
    }

    async fn put_secrets(
        &self,
        account: AccountKey,
        key: EndpointKey,
        version: i64,
        secrets: Secrets,
    ) -> Result<bool, StoreError> {
        let ends_at_once = secrets.previous.is_none();
        let (core, all) = (&self.core, &[(key, version, secrets)]);
        heard::change(core, key, |session, _| async move {
            if endpoints::target(&session, account, key).await?.is_none() {
                return Ok((false, false));
            }
            endpoints::put_secrets(&session, all).await?;
            Ok((true, ends_at_once))
        })
        .await
    }

    async fn all_targets(
        &self,
        after: Option<EndpointKey>,
        limit: u32,
    ) -> Result<Vec<Target>, StoreError> {
        self.core
            .pool
            .run(|session| async move { endpoints::all(&session, after, limit).await })
            .await
    }

    async fn reseal(&self, anew: Resealed) -> Result<(), StoreError> {
        let anew = &anew;
        self.core
            .pool
            .transaction(|session| async move {
                for (name, value) in &anew.settings {
                    accounts::put_setting(&session, name, value).await?;
                }
                endpoints::put_secrets(&session, &anew.endpoints).await?;
                for (key, sealed) in &anew.sources {
                    sources::reseal(&session, *key, sealed).await?;
                }
                sources::forget_refusals(&session).await
            })
            .await
    }

    async fn delete_endpoint(
        &self,
        account: AccountKey,
        key: EndpointKey,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        heard::change(&self.core, key, |session, is_again| async move {
            let deleted = endpoints::delete(&session, account, key, now).await?;
            // Whoever deleted it may have died before the others had heard, and before it answered.
            let is_gone = deleted || endpoints::tenant(&session, account, key).await?.is_some();
            Ok((deleted || is_again && is_gone, is_gone))
        })
        .await
    }

    async fn event(
        &self,
        account: AccountKey,
        id: &str,
    ) -> Result<Option<EventDetail>, StoreError> {
        self.core
            .pool
            .run(|session| async move { events::detail(&session, account, id).await })
            .await
    }

    async fn deliveries_of(
        &self,
        event: &Event,
        endpoints: &[EndpointKey],
    ) -> Result<Vec<Delivery>, StoreError> {
        self.core
            .pool
            .run(|session| async move { events::deliveries_of(&session, event, endpoints).await })
            .await
    }

    async fn events(
        &self,
        account: AccountKey,
        filter: &EventFilter,
        before: Option<EventKey>,
        limit: u32,
    ) -> Result<Vec<EventHead>, StoreError> {
        self.core
            .pool
            .run(|session| async move { events::list(&session, account, filter, before, limit).await })
            .await
    }

    async fn earlier_event(
        &self,
        account: AccountKey,
        tenant: Option<&str>,
        before: Option<EventKey>,
        places: u32,
    ) -> Result<Option<EventKey>, StoreError> {
        self.core
            .pool
            .run(|session| async move {
                events::earlier(&session, account, tenant, before, places).await
            })
            .await
    }

    async fn delivery(
        &self,
        account: AccountKey,
        key: DeliveryKey,
    ) -> Result<Option<(Delivery, Vec<Attempt>)>, StoreError> {
        self.core
            .pool
            .run(|session| async move { events::delivery(&session, account, key).await })
            .await
    }

    async fn deliveries(
        &self,
        account: AccountKey,
        filter: &DeliveryFilter,
        before: Option<DeliveryKey>,
        limit: u32,
    ) -> Result<Walked, StoreError> {
        self.core
            .pool
            .run(
                |session| async move { list::list(&session, account, filter, before, limit).await },
            )
            .await
    }

    async fn replay(
        &self,
        account: AccountKey,
        what: Replay,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let pool = &self.core.pool;
        let sent = match what {
            Replay::Delivery(key) => {
                pool.transaction(
                    |session| async move { replay::one(&session, account, key, now).await },
                )
                .await?
            }
            Replay::Event(key) => {
                pool.transaction(|session| async move {
                    replay::event(&session, account, key, now).await
                })
                .await?
            }
            Replay::Failed { endpoint, since } => {
                self.replay_failed(account, endpoint, EventKey::floor(since), now).await?
            }
        };
        notices::wake_all(&self.core);
        Ok(sent)
    }

    async fn prune(
        &self,
        events: Timestamp,
        attempts: Timestamp,
        limit: u32,
    ) -> Result<bool, StoreError> {
        let (core, pool) = (&self.core, &self.core.pool);
        let (events, attempts) = (EventKey::floor(events), EventKey::floor(attempts));
        let more_events = in_steps(limit, |step| async move {
            let from = core.pruned();
            let (step, next) = pool
                .transaction(|session| async move {
                    remove::prune_events(&session, events, from, step).await
                })
                .await?;
            core.set_pruned(next);
            Ok(step)
        })
        .await?;
        if attempts <= events {
            return Ok(more_events);
        }
        let more_attempts = in_steps(limit, |step| async move {
            pool.transaction(|session| async move {
                remove::prune_attempts(&session, attempts, step).await
            })
            .await
        })
        .await?;
        if !more_attempts {
            in_steps(LATE, |step| async move {
                let from = core.attempts_pruned();
                let (step, next) = pool
                    .transaction(|session| async move {
                        remove::prune_late_attempts(&session, attempts, from, step).await
                    })
                    .await?;
                core.set_attempts_pruned(next);
                Ok(step)
            })
            .await?;
        }
        Ok(more_events || more_attempts)
    }

    async fn erase_tenant(
        &self,
        account: AccountKey,
        tenant: &str,
        limit: u32,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let core = &self.core;
        let more_endpoints = in_steps(limit, |step| async move {
            let (step, asked) = core
                .transaction_in_turn(|session| async move {
                    let (step, gone) =
                        remove::erase_endpoints(&session, account, tenant, step, now).await?;
                    Ok((step, heard::ask(core, &session, &gone).await?))
                })
                .await?;
            asked.heard().await;
            Ok(step)
        })
        .await?;
        let more_events = in_steps(limit, |step| async move {
            core.pool
                .transaction(|session| async move {
                    remove::erase_events(&session, account, tenant, step, now).await
                })
                .await
        })
        .await?;
        notices::wake_all(&self.core);
        Ok(more_endpoints || more_events)
    }

    async fn drop_secrets(&self, limit: u32, now: Timestamp) -> Result<bool, StoreError> {
        self.core
            .pool
            .run(|session| async move { endpoints::drop_secrets(&session, limit, now).await })
            .await
    }

    async fn sweep(&self, limit: u32, now: Timestamp) -> Result<bool, StoreError> {
        in_steps(limit, |step| async move {
            let pool = &self.core.pool;
            let swept = pool
                .transaction(|session| async move { gone::sweep(&session, step, now).await })
                .await?;
            if swept.is_some() {
                // What was let out of its order is due.
                notices::wake_all(&self.core);
            }
            let seen = usize::try_from(step).unwrap_or(usize::MAX);
            Ok(Step { seen, more: swept.unwrap_or_default() })
        })
        .await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let badge = self.core.node.badge();
        self.core
            .pool
            .once(|session| async move { session.execute(TOUCH, &[&badge.id]).await.map(drop) })
            .await
    }
}

impl PostgresStore {
    async fn replay_failed(
        &self,
        account: AccountKey,
        endpoint: EndpointKey,
        since: EventKey,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let (mut from, mut sent) = (since, 0);
        loop {
            let step = self
                .core
                .pool
                .transaction(|session| async move {
                    replay::failed(&session, account, endpoint, from, now).await
                })
                .await?;
            match step {
                None => return Ok(None),
                Some((count, next)) => {
                    sent += count;
                    let Some(next) = next else { return Ok(Some(sent)) };
                    from = next;
                }
            }
        }
    }
}

/// Whether what nodes hold for an endpoint goes back to the store, where a pause keeps it and a new URL is found.
fn breaks_off(before: &Endpoint, after: &Endpoint) -> bool {
    let stopped = after.state != before.state && after.state != EndpointState::Active;
    stopped || after.url != before.url
}

fn is_resumed(before: &Endpoint, after: &Endpoint) -> bool {
    after.state != before.state && after.state == EndpointState::Active
}

/// Repeats a step, each in a short transaction of its own, for at most `limit` rows in all. Whether more is left.
async fn in_steps<F>(limit: u32, step: impl Fn(i64) -> F) -> Result<bool, StoreError>
where
    F: Future<Output = Result<Step, StoreError>>,
{
    let mut left = i64::from(limit);
    while left > 0 {
        let done = step(left.min(STEP)).await?;
        if !done.more {
            return Ok(false);
        }
        left = left.saturating_sub(i64::try_from(done.seen.max(1)).unwrap_or(i64::MAX));
    }
    Ok(true)
}

/// A write that changes nothing, and is written all the same.
const TOUCH: &str = "UPDATE node SET expires_at = expires_at WHERE id = $1";
/// Rows that are changed in one transaction by what can wait.
const STEP: i64 = 256;
/// Deliveries that are looked at once more each time there is nothing else to remove.
const LATE: u32 = 20_000;
