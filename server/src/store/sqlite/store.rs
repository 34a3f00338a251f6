//! [`Store`] on SQLite: each call hands its work to the writer or a reader.

use async_trait::async_trait;
use hookseal::Timestamp;

use super::{
    Admission, SqliteStore, StoreError, accounts, deliveries, endpoints, event_types, events, gone,
    list, remove, replay, sources,
};
use crate::store::{
    Account, AccountChange, AccountKey, ApiKey, ApiKeyId, Attempt, Delivery, DeliveryFilter,
    DeliveryKey, Endpoint, EndpointChange, EndpointFilter, EndpointKey, EndpointState, Event,
    EventDetail, EventFilter, EventHead, EventKey, EventTypeChange, EventTypeDetail,
    EventTypeRecord, Holder, KeyMade, Registered, Replay, Resealed, Secrets, Store, Target, Walked,
};

#[async_trait]
impl Store for SqliteStore {
    async fn api_key(&self, hash: [u8; 32]) -> Result<Option<Holder>, StoreError> {
        self.read(move |connection| accounts::of_key(connection, &hash)).await
    }

    async fn mark_key_used(&self, id: ApiKeyId) -> Result<(), StoreError> {
        self.write(Admission::Refuse, move |t| accounts::mark_used(t.connection, id)).await
    }

    async fn put_key(&self, key: ApiKey, hash: [u8; 32]) -> Result<(), StoreError> {
        self.write(Admission::Refuse, move |t| accounts::put_key(t.connection, &key, &hash)).await
    }

    async fn put_key_by(
        &self,
        key: ApiKey,
        hash: [u8; 32],
        by: ApiKeyId,
        max: u32,
    ) -> Result<KeyMade, StoreError> {
        self.write(Admission::Refuse, move |t| {
            accounts::put_key_by(t.connection, &key, &hash, by, max)
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
        let tenant = tenant.map(str::to_owned);
        self.read(move |connection| {
            accounts::keys(connection, account, tenant.as_deref(), after, limit)
        })
        .await
    }

    async fn delete_key(&self, account: AccountKey, id: ApiKeyId) -> Result<bool, StoreError> {
        self.write(Admission::Refuse, move |t| accounts::delete_key(t.connection, account, id))
            .await
    }

    async fn first_account(&self) -> Result<Option<AccountKey>, StoreError> {
        self.read(accounts::first).await
    }

    async fn insert_account(
        &self,
        account: Account,
        key: ApiKey,
        hash: [u8; 32],
    ) -> Result<(), StoreError> {
        self.write(Admission::Refuse, move |t| {
            accounts::insert(t.connection, &account, &key, &hash)
        })
        .await
    }

    async fn account(&self, key: AccountKey) -> Result<Option<Account>, StoreError> {
        self.read(move |connection| accounts::one(connection, key)).await
    }

    async fn accounts(
        &self,
        after: Option<AccountKey>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError> {
        self.read(move |connection| accounts::list(connection, after, limit)).await
    }

    async fn change_account(
        &self,
        key: AccountKey,
        change: AccountChange,
    ) -> Result<Option<Account>, StoreError> {
        self.write(Admission::Refuse, move |t| accounts::change(t.connection, key, &change)).await
    }

    async fn insert_event_type(
        &self,
        account: AccountKey,
        new: EventTypeDetail,
        max: u32,
    ) -> Result<Registered, StoreError> {
        self.write(Admission::Refuse, move |t| {
            event_types::insert(t.connection, account, &new, max)
        })
        .await
    }

    async fn event_type(
        &self,
        account: AccountKey,
        name: &str,
    ) -> Result<Option<EventTypeDetail>, StoreError> {
        let name = name.to_owned();
        self.read(move |connection| event_types::one(connection, account, &name)).await
    }

    async fn event_schema(
        &self,
        account: AccountKey,
        name: &str,
        version: u32,
    ) -> Result<Option<(String, Timestamp)>, StoreError> {
        let name = name.to_owned();
        self.read(move |connection| event_types::schema(connection, account, &name, version)).await
    }

    async fn event_types(
        &self,
        account: AccountKey,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<EventTypeRecord>, StoreError> {
        let after = after.map(str::to_owned);
        self.read(move |connection| event_types::list(connection, account, after.as_deref(), limit))
            .await
    }

    async fn change_event_type(
        &self,
        account: AccountKey,
        name: &str,
        change: EventTypeChange,
        now: Timestamp,
    ) -> Result<Option<EventTypeDetail>, StoreError> {
        let name = name.to_owned();
        self.write(Admission::Refuse, move |t| {
            event_types::change(t.connection, account, &name, &change, now)
        })
        .await
    }

    async fn delete_event_type(&self, account: AccountKey, name: &str) -> Result<bool, StoreError> {
        let name = name.to_owned();
        self.write(Admission::Refuse, move |t| event_types::delete(t.connection, account, &name))
            .await
    }

    async fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let name = name.to_owned();
        self.read(move |connection| accounts::setting(connection, &name)).await
    }

    async fn init_setting(&self, name: &str, value: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let name = name.to_owned();
        self.write(Admission::Wait, move |t| accounts::init_setting(t.connection, &name, &value))
            .await
    }

    async fn insert_endpoint(
        &self,
        endpoint: Endpoint,
        secrets: Secrets,
    ) -> Result<(), StoreError> {
        self.write(Admission::Refuse, move |t| endpoints::insert(t, &endpoint, &secrets)).await
    }

    async fn target(
        &self,
        account: AccountKey,
        key: EndpointKey,
    ) -> Result<Option<Target>, StoreError> {
        self.read(move |connection| endpoints::target(connection, account, key)).await
    }

    async fn endpoint_tenant(
        &self,
        account: AccountKey,
        key: EndpointKey,
    ) -> Result<Option<Option<String>>, StoreError> {
        self.read(move |connection| endpoints::tenant(connection, account, key)).await
    }

    async fn endpoints(
        &self,
        account: AccountKey,
        filter: &EndpointFilter,
        after: Option<EndpointKey>,
        limit: u32,
    ) -> Result<Vec<Endpoint>, StoreError> {
        let filter = filter.clone();
        self.read(move |connection| endpoints::list(connection, account, &filter, after, limit))
            .await
    }

    async fn change_endpoint(
        &self,
        account: AccountKey,
        key: EndpointKey,
        change: EndpointChange,
        now: Timestamp,
    ) -> Result<Option<Endpoint>, StoreError> {
        if matches!(change.state, Some(EndpointState::Active | EndpointState::Paused)) {
            // What was cancelled when it was disabled stays cancelled: the rest first.
            while self.read(move |connection| gone::is_unfinished(connection, account, key)).await?
            {
                self.write(Admission::Wait, move |t| gone::sweep_endpoint(t, key, STEP, now))
                    .await?;
            }
        }
        self.write(Admission::Refuse, move |t| endpoints::change(t, account, key, &change, now))
            .await
    }

    async fn put_secrets(
        &self,
        account: AccountKey,
        key: EndpointKey,
        version: i64,
        secrets: Secrets,
    ) -> Result<bool, StoreError> {
        self.write(Admission::Refuse, move |t| {
            if endpoints::target(t.connection, account, key)?.is_none() {
                return Ok(false);
            }
            endpoints::put_secrets(t, key, version, &secrets).map(|()| true)
        })
        .await
    }

    async fn all_targets(
        &self,
        after: Option<EndpointKey>,
        limit: u32,
    ) -> Result<Vec<Target>, StoreError> {
        self.read(move |connection| endpoints::all(connection, after, limit)).await
    }

    async fn reseal(&self, anew: Resealed) -> Result<(), StoreError> {
        self.write(Admission::Wait, move |t| {
            for (name, value) in &anew.settings {
                accounts::put_setting(t.connection, name, value)?;
            }
            for (key, version, secrets) in &anew.endpoints {
                endpoints::put_secrets(t, *key, *version, secrets)?;
            }
            for (key, sealed) in &anew.sources {
                sources::reseal(t.connection, *key, sealed)?;
            }
            sources::forget_refusals(t.connection)
        })
        .await
    }

    async fn delete_endpoint(
        &self,
        account: AccountKey,
        key: EndpointKey,
        _now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(Admission::Refuse, move |t| endpoints::delete(t, account, key)).await
    }

    async fn event(
        &self,
        account: AccountKey,
        id: &str,
    ) -> Result<Option<EventDetail>, StoreError> {
        let id = id.to_owned();
        self.read(move |connection| events::detail(connection, account, &id)).await
    }

    async fn deliveries_of(
        &self,
        event: &Event,
        endpoints: &[EndpointKey],
    ) -> Result<Vec<Delivery>, StoreError> {
        let (event, endpoints) = (event.clone(), endpoints.to_vec());
        self.read(move |connection| events::deliveries_of(connection, &event, &endpoints)).await
    }

    async fn events(
        &self,
        account: AccountKey,
        filter: &EventFilter,
        before: Option<EventKey>,
        limit: u32,
    ) -> Result<Vec<EventHead>, StoreError> {
        let filter = filter.clone();
        self.read(move |connection| events::list(connection, account, &filter, before, limit)).await
    }

    async fn earlier_event(
        &self,
        account: AccountKey,
        tenant: Option<&str>,
        before: Option<EventKey>,
        places: u32,
    ) -> Result<Option<EventKey>, StoreError> {
        let tenant = tenant.map(str::to_owned);
        self.read(move |connection| {
            events::earlier(connection, account, tenant.as_deref(), before, places)
        })
        .await
    }

    async fn delivery(
        &self,
        account: AccountKey,
        key: DeliveryKey,
    ) -> Result<Option<(Delivery, Vec<Attempt>)>, StoreError> {
        self.read(move |connection| deliveries::detail(connection, account, key)).await
    }

    async fn deliveries(
        &self,
        account: AccountKey,
        filter: &DeliveryFilter,
        before: Option<DeliveryKey>,
        limit: u32,
    ) -> Result<Walked, StoreError> {
        let filter = filter.clone();
        self.read(move |connection| list::list(connection, account, &filter, before, limit)).await
    }

    async fn replay(
        &self,
        account: AccountKey,
        what: Replay,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        match what {
            Replay::Delivery(key) => {
                self.write(Admission::Refuse, move |t| replay::one(t, account, key, now)).await
            }
            Replay::Event(key) => {
                self.write(Admission::Refuse, move |t| replay::event(t, account, key, now)).await
            }
            Replay::Failed { endpoint, since } => {
                self.replay_failed(account, endpoint, EventKey::floor(since), now).await
            }
        }
    }

    async fn prune(
        &self,
        events: Timestamp,
        attempts: Timestamp,
        limit: u32,
    ) -> Result<bool, StoreError> {
        let (events, attempts) = (EventKey::floor(events), EventKey::floor(attempts));
        let more_events = self
            .in_steps(limit, move |step| {
                self.write(Admission::Wait, move |t| remove::prune_events(t, events, step))
            })
            .await?;
        if attempts <= events {
            return Ok(more_events);
        }
        let more_attempts = self
            .in_steps(limit, move |step| {
                self.write(Admission::Wait, move |t| remove::prune_attempts(t, attempts, step))
            })
            .await?;
        if !more_attempts {
            self.in_steps(LATE, move |step| {
                self.write(Admission::Wait, move |t| remove::prune_late_attempts(t, attempts, step))
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
        let (events_of, endpoints_of) = (tenant.to_owned(), tenant.to_owned());
        let more_endpoints = self
            .in_steps(limit, move |step| {
                let tenant = endpoints_of.clone();
                self.write(Admission::Wait, move |t| {
                    remove::erase_endpoints(t, account, &tenant, step)
                })
            })
            .await?;
        let more_events = self
            .in_steps(limit, move |step| {
                let tenant = events_of.clone();
                self.write(Admission::Wait, move |t| {
                    remove::erase_events(t, account, &tenant, step, now)
                })
            })
            .await?;
        Ok(more_endpoints || more_events)
    }

    async fn drop_secrets(&self, limit: u32, now: Timestamp) -> Result<bool, StoreError> {
        self.write(Admission::Wait, move |t| endpoints::drop_secrets(t.connection, limit, now))
            .await
    }

    async fn sweep(&self, limit: u32, now: Timestamp) -> Result<bool, StoreError> {
        self.in_steps(limit, move |step| {
            self.write(Admission::Wait, move |t| {
                let more = gone::sweep(t, step, now)?;
                Ok(remove::Step { seen: step, more })
            })
        })
        .await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.write(Admission::Refuse, |t| accounts::touch(t.connection)).await
    }
}

impl SqliteStore {
    async fn replay_failed(
        &self,
        account: AccountKey,
        endpoint: EndpointKey,
        since: EventKey,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let (mut from, mut sent) = (since, 0);
        loop {
            let found = self
                .read(move |connection| replay::failed(connection, account, endpoint, from, STEP))
                .await?;
            let Some(events) = found else { return Ok(None) };
            let Some(last) = events.last() else { return Ok(Some(sent)) };
            from = EventKey(last.saturating_add(1));
            sent += self
                .write(Admission::Wait, move |t| {
                    replay::failed_again(t, account, endpoint, &events, now)
                })
                .await?;
        }
    }

    /// Repeats a step, each in a short transaction of its own that others get in between, for at most `limit` rows in
    /// all. Whether more is left.
    async fn in_steps<F>(
        &self,
        limit: u32,
        step: impl Fn(usize) -> F + Send,
    ) -> Result<bool, StoreError>
    where
        F: Future<Output = Result<remove::Step, StoreError>> + Send,
    {
        let mut left = usize::try_from(limit).unwrap_or(usize::MAX);
        while left > 0 {
            let done = step(left.min(STEP)).await?;
            if !done.more {
                return Ok(false);
            }
            left = left.saturating_sub(done.seen.max(1));
        }
        Ok(true)
    }
}

/// Rows that are changed in one transaction by what can wait: a few milliseconds of work.
const STEP: usize = 256;
/// Deliveries that are looked at once more each time there is nothing else to remove.
const LATE: u32 = 20_000;
