//! Events in: stored once, matched, and their deliveries handed to memory or stored as pending.

use std::sync::Arc;

use rusqlite::{Connection, Row, ToSql, params};

use super::{StoreError, order, row, transaction::Transaction};
use crate::store::{
    DeliveryKey, EndpointKey, EndpointState, Event, EventKey, Job, MAX_DELIVERIES, NewEvent,
    Pushed, SharedTarget,
};

pub(super) fn push_all(
    transaction: &mut Transaction<'_>,
    events: &[NewEvent],
) -> Result<Vec<Pushed>, StoreError> {
    let mut answers = Vec::with_capacity(events.len());
    let mut deliveries = 0_usize;
    for event in events {
        let pushed = push(transaction, event)?;
        deliveries = deliveries.saturating_add(pushed.deliveries());
        if deliveries > MAX_DELIVERIES && events.len() > 1 {
            return Err(StoreError::TooManyDeliveries);
        }
        answers.push(pushed);
    }
    Ok(answers)
}

pub(super) fn push(
    transaction: &mut Transaction<'_>,
    event: &NewEvent,
) -> Result<Pushed, StoreError> {
    let connection = transaction.connection;
    let targets = transaction.memory.matcher.targets_of(connection, event)?;
    if is_text_of_another(connection, event)? {
        return Ok(Pushed::Conflict);
    }
    let named = event.id.is_some() || event.idempotency_key.is_some();
    let inserted = transaction.event_insert()?.execute(params![
        event.key.0,
        event.account.0,
        event.id,
        event.idempotency_key,
        named.then_some(event.fingerprint),
        event.event_type,
        event.tenant,
        event.profile,
        event.ordering_key,
        row::pack(targets.iter().map(|target| target.endpoint.key.0)),
        event.data,
    ])?;
    if inserted == 0 {
        return repeat(connection, event);
    }
    let stored = (!targets.is_empty()).then(|| Arc::new(stored(event)));
    let mut deliveries = Vec::with_capacity(targets.len());
    for target in targets.iter() {
        let Some(stored) = &stored else { break };
        deliver(transaction, event, stored, target)?;
        deliveries.push(DeliveryKey { endpoint: target.endpoint.key, event: event.key });
    }
    transaction.count(deliveries.len());
    Ok(Pushed::New(deliveries))
}

/// To memory where it may go at once and there is room, to the store otherwise.
fn deliver(
    transaction: &mut Transaction<'_>,
    event: &NewEvent,
    stored: &Arc<Event>,
    target: &SharedTarget,
) -> Result<(), StoreError> {
    let endpoint = target.endpoint.key;
    let delivery = DeliveryKey { endpoint, event: event.key };
    let order_key = order::key_of(target, event.ordering_key.as_deref());
    let may_go = order_key.is_none() && target.endpoint.state == EndpointState::Active;
    if (may_go || event.at_once)
        && let Some(intake) = transaction.intake()
    {
        let health = transaction.health(endpoint)?;
        if event.at_once || intake.reserve(target, health, stored.data.len()) {
            let claim = transaction.claim(delivery, false, event.now);
            transaction.hand_over(Job {
                delivery,
                claim,
                attempt: 1,
                step: 1,
                first_attempt_at: None,
                target: Arc::clone(target),
                health,
                event: Arc::clone(stored),
                at_once: event.at_once,
            });
            return Ok(());
        }
    }
    let connection = transaction.connection;
    let blocked = match order_key {
        Some(order_key) => order::is_open(connection, endpoint, order_key)?,
        None => false,
    };
    let due = (!blocked).then_some(event.now.as_millis());
    connection.prepare_cached(INSERT_PENDING)?.execute(params![
        endpoint.0,
        event.key.0,
        event.account.0,
        due,
        order_key
    ])?;
    if due.is_some() {
        transaction.touch(endpoint);
        transaction.wake();
    }
    Ok(())
}

/// Whether the caller's id is what another event without one is known by.
fn is_text_of_another(connection: &Connection, event: &NewEvent) -> Result<bool, StoreError> {
    let Some(key) = event.id.as_deref().and_then(EventKey::parse) else { return Ok(false) };
    let sql = "SELECT 1 FROM event WHERE key = ?1 AND account = ?2 AND id IS NULL";
    Ok(key != event.key
        && connection.prepare_cached(sql)?.exists(params![key.0, event.account.0])?)
}

/// The answer to an event of which the key, the caller's id or the idempotency key is taken.
fn repeat(connection: &Connection, event: &NewEvent) -> Result<Pushed, StoreError> {
    if let Some(first) = find(connection, BY_KEY, event, Some(event.key.0))? {
        return Ok(first.pushed());
    }
    let by_idempotency_key =
        find(connection, BY_IDEMPOTENCY_KEY, event, event.idempotency_key.as_deref())?;
    let by_id = find(connection, BY_ID, event, event.id.as_deref())?;
    if let (Some(one), Some(other)) = (&by_idempotency_key, &by_id)
        && one.key != other.key
    {
        return Ok(Pushed::Conflict);
    }
    let is_late_key = by_idempotency_key.is_none();
    let Some(first) = by_idempotency_key.or(by_id) else {
        return Err(row::corrupt("event", &event.key.to_string()));
    };
    if first.fingerprint.as_ref() != Some(&event.fingerprint) {
        return Ok(Pushed::Conflict);
    }
    if is_late_key && let Some(key) = &event.idempotency_key {
        // The event came first with its id alone. From now on the key stands for it as well.
        let sql =
            "UPDATE event SET idempotency_key = ?2 WHERE key = ?1 AND idempotency_key IS NULL";
        connection.prepare_cached(sql)?.execute(params![first.key.0, key])?;
    }
    Ok(first.pushed())
}

struct First {
    key: EventKey,
    id: Option<String>,
    fingerprint: Option<[u8; 16]>,
    targets: Vec<i64>,
}

impl First {
    fn pushed(self) -> Pushed {
        let delivery = |endpoint| DeliveryKey { endpoint: EndpointKey(endpoint), event: self.key };
        Pushed::Repeat {
            deliveries: self.targets.into_iter().map(delivery).collect(),
            id: self.id.unwrap_or_else(|| self.key.to_string()),
        }
    }
}

fn find(
    connection: &Connection,
    sql: &str,
    event: &NewEvent,
    value: Option<impl ToSql>,
) -> Result<Option<First>, StoreError> {
    let Some(value) = value else { return Ok(None) };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![event.account.0, value])?;
    rows.next()?.map(first).transpose()
}

fn first(row: &Row<'_>) -> Result<First, StoreError> {
    let key: i64 = row.get("key")?;
    let targets = row.get_ref("targets")?.as_blob().map_err(rusqlite::Error::from)?;
    Ok(First {
        key: EventKey(key),
        id: row.get("id")?,
        fingerprint: row.get("fingerprint")?,
        targets: row::unpack(targets, "event", key)?,
    })
}

fn stored(event: &NewEvent) -> Event {
    Event {
        key: event.key,
        account: event.account,
        id: event.id.clone().unwrap_or_else(|| event.key.to_string()),
        event_type: event.event_type.clone(),
        tenant: event.tenant.clone(),
        profile: event.profile.clone(),
        ordering_key: event.ordering_key.clone(),
        data: Arc::clone(&event.data),
    }
}

pub(super) const INSERT: &str = "INSERT INTO event (key, account, id, idempotency_key, fingerprint, type, tenant, profile, ordering_key,
                       targets, data)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING";
const INSERT_PENDING: &str = "INSERT INTO delivery (endpoint, event, account, state, due, order_key) VALUES (?1, ?2, ?3, 'pending', ?4, ?5)";
const BY_KEY: &str =
    "SELECT key, id, fingerprint, targets FROM event WHERE account = ?1 AND key = ?2";
const BY_IDEMPOTENCY_KEY: &str =
    "SELECT key, id, fingerprint, targets FROM event WHERE account = ?1 AND idempotency_key = ?2";
const BY_ID: &str =
    "SELECT key, id, fingerprint, targets FROM event WHERE account = ?1 AND id = ?2";
