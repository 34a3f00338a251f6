//! Events: accepted once, with their deliveries, and read back.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{StoreError, row};
use crate::{
    id,
    rng::Rng,
    store::{Delivery, DeliveryState, EventDetail, NewEvent, Pushed, PushedDelivery},
};

pub(super) fn push(
    connection: &Connection,
    event: &NewEvent,
    rng: &dyn Rng,
) -> Result<Pushed, StoreError> {
    if let Some(earlier) = find_earlier(connection, event)? {
        if earlier.fingerprint != event.fingerprint {
            return Ok(Pushed::Conflict);
        }
        record_key(connection, event, earlier.seq)?;
        return Ok(Pushed::Repeat { deliveries: pushed(connection, earlier.seq)?, id: earlier.id });
    }
    let sql =
        "INSERT INTO event (account_id, id, type, tenant, profile, data, fingerprint, created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    connection.prepare_cached(sql)?.execute(params![
        event.account,
        event.id,
        event.event_type,
        event.tenant,
        event.profile,
        event.data,
        event.fingerprint,
        event.now.as_millis(),
    ])?;
    let seq = connection.last_insert_rowid();
    record_key(connection, event, seq)?;
    let sql = "INSERT INTO delivery (id, event_seq, endpoint_id, state, next_attempt_at, created_at, changed_at)
               VALUES (?1, ?2, ?3, 'pending', ?4, ?4, ?4)";
    let mut insert = connection.prepare_cached(sql)?;
    let mut deliveries = Vec::new();
    for endpoint in match_endpoints(connection, event)? {
        let delivery = PushedDelivery { id: id::mint(id::DELIVERY, event.now, rng)?, endpoint };
        insert.execute(params![delivery.id, seq, delivery.endpoint, event.now.as_millis()])?;
        deliveries.push(delivery);
    }
    Ok(Pushed::New(deliveries))
}

pub(super) fn detail(
    connection: &Connection,
    account: &str,
    id: &str,
) -> Result<Option<EventDetail>, StoreError> {
    let sql = "SELECT seq, id AS event_id, type, tenant, profile AS event_profile, data, created_at AS event_created_at
               FROM event WHERE account_id = ?1 AND id = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![account, id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let seq: i64 = row.get("seq")?;
    let event = row::event(row)?;

    let sql = "SELECT d.*, e.id AS event_id FROM delivery d JOIN event e ON e.seq = d.event_seq
               WHERE d.event_seq = ?1 ORDER BY d.seq";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([seq])?;
    let mut deliveries = Vec::new();
    while let Some(row) = rows.next()? {
        deliveries.push(read_delivery(connection, row)?);
    }
    Ok(Some(EventDetail { event, deliveries }))
}

pub(super) fn delivery(
    connection: &Connection,
    account: &str,
    id: &str,
) -> Result<Option<Delivery>, StoreError> {
    let sql = "SELECT d.*, e.id AS event_id FROM delivery d JOIN event e ON e.seq = d.event_seq
               WHERE d.id = ?2 AND e.account_id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![account, id])?;
    rows.next()?.map(|row| read_delivery(connection, row)).transpose()
}

struct Earlier {
    seq: i64,
    id: String,
    fingerprint: [u8; 32],
}

/// The event that has taken the idempotency key, or else the id.
fn find_earlier(connection: &Connection, event: &NewEvent) -> Result<Option<Earlier>, StoreError> {
    let read =
        |row: &Row<'_>| Ok(Earlier { seq: row.get(0)?, id: row.get(1)?, fingerprint: row.get(2)? });
    if let Some(key) = &event.idempotency_key {
        let sql = "SELECT e.seq, e.id, e.fingerprint FROM idempotency_key k JOIN event e ON e.seq = k.event_seq
                   WHERE k.account_id = ?1 AND k.value = ?2";
        let earlier = connection
            .prepare_cached(sql)?
            .query_row(params![event.account, key], read)
            .optional()?;
        if earlier.is_some() {
            return Ok(earlier);
        }
    }
    let sql = "SELECT seq, id, fingerprint FROM event WHERE account_id = ?1 AND id = ?2";
    Ok(connection
        .prepare_cached(sql)?
        .query_row(params![event.account, event.id], read)
        .optional()?)
}

/// Notes the idempotency key, where there is one, as taken by an event.
fn record_key(connection: &Connection, event: &NewEvent, event_seq: i64) -> Result<(), StoreError> {
    let Some(key) = &event.idempotency_key else { return Ok(()) };
    let sql = "INSERT INTO idempotency_key (account_id, value, event_seq) VALUES (?1, ?2, ?3)
               ON CONFLICT (account_id, value) DO NOTHING";
    connection.prepare_cached(sql)?.execute(params![event.account, key, event_seq])?;
    Ok(())
}

fn pushed(connection: &Connection, event_seq: i64) -> Result<Vec<PushedDelivery>, StoreError> {
    let sql = "SELECT id, endpoint_id FROM delivery WHERE event_seq = ?1 ORDER BY seq";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([event_seq], |row| {
        Ok(PushedDelivery { id: row.get(0)?, endpoint: row.get(1)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The endpoints that want the event, oldest first.
fn match_endpoints(connection: &Connection, event: &NewEvent) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT e.id, e.profile FROM subscription s JOIN endpoint e ON e.id = s.endpoint_id
               WHERE s.account_id = ?1 AND s.event_type = ?2 AND e.state = 'active'
                 AND (e.tenant IS NULL OR e.tenant = ?3)";
    let mut statement = connection.prepare_cached(sql)?;
    let mut matched = Vec::new();
    for pattern in &event.patterns {
        let mut rows = statement.query(params![event.account, pattern, event.tenant])?;
        while let Some(row) = rows.next()? {
            let profile: String = row.get(1)?;
            if event.profiles.contains(&profile.as_str()) {
                matched.push(row.get(0)?);
            }
        }
    }
    matched.sort_unstable();
    matched.dedup();
    Ok(matched)
}

fn read_delivery(connection: &Connection, row: &Row<'_>) -> Result<Delivery, StoreError> {
    let id: String = row.get("id")?;
    let seq: i64 = row.get("seq")?;
    let mut statement = connection
        .prepare_cached("SELECT * FROM attempt WHERE delivery_seq = ?1 ORDER BY number")?;
    let mut rows = statement.query([seq])?;
    let mut attempts = Vec::new();
    while let Some(row) = rows.next()? {
        attempts.push(row::attempt(row)?);
    }
    Ok(Delivery {
        event_id: row.get("event_id")?,
        endpoint_id: row.get("endpoint_id")?,
        state: row::word(row, "state", DeliveryState::parse, "delivery", &id)?,
        reason: row.get("reason")?,
        next_attempt_at: row::optional_time(row, "next_attempt_at")?,
        attempts,
        id,
    })
}
