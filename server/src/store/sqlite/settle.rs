//! What follows an attempt.
//!
//! **Invariants.** That an endpoint took a delivery is always believed; any other outcome only while the delivery is
//! held with the claim of the job. An attempt is recorded once. What was delivered stays delivered.

use hookseal::Timestamp;
use rusqlite::{Connection, Row, params};

use super::{
    StoreError, claims::Held, endpoints, gone, order, push, row, transaction::Transaction,
};
use crate::store::{Attempt, DeliveryKey, DeliveryState, Next, Settlement};

pub(super) fn settle(
    transaction: &mut Transaction<'_>,
    settlement: &Settlement,
) -> Result<DeliveryState, StoreError> {
    let key = settlement.job.delivery;
    let held = transaction.memory.claims.drop(key, settlement.job.claim);
    if held.is_none() && settlement.next != Next::Delivered {
        return Ok(find(transaction.connection, key)?
            .map_or_else(|| unstored(transaction, key), |found| found.state));
    }
    let disable = match &settlement.disable {
        // An answer to what was changed since says nothing of what it is now.
        Some(disable) if endpoints::is_still(transaction.connection, &settlement.job.target)? => {
            Some(disable)
        }
        _ => None,
    };
    let (state, is_new) = record(transaction, settlement, held, disable.is_some())?;
    if is_new {
        if let Some(health) = settlement.health {
            transaction.put_health(key.endpoint, health);
        }
        if let Some(disable) = disable {
            endpoints::disable(transaction, key.endpoint, disable.reason)?;
        }
        let about_it = disable.and_then(|disable| disable.report.as_ref());
        for event in settlement.report.iter().chain(about_it) {
            push::push(transaction, event)?;
        }
    }
    Ok(state)
}

/// The state of the delivery, and whether this settlement changed something.
fn record(
    transaction: &mut Transaction<'_>,
    settlement: &Settlement,
    held: Option<Held>,
    disables: bool,
) -> Result<(DeliveryState, bool), StoreError> {
    let key = settlement.job.delivery;
    let outcome = Outcome::of(transaction, settlement, disables)?;
    // What was taken when it was accepted has no row, unless somebody else has settled it.
    if held.is_some_and(|held| !held.stored) && insert(transaction, settlement, &outcome)? {
        return Ok((outcome.state, true));
    }
    let Some(found) = find(transaction.connection, key)? else {
        return record_late(transaction, settlement, &outcome);
    };
    let delivered = settlement.next == Next::Delivered;
    let is_known = match &settlement.attempt {
        Some(attempt) => is_recorded(transaction.connection, key, &found, attempt)?,
        None => false,
    };
    if is_known || (found.state != DeliveryState::Delivering && !delivered) {
        return Ok((found.state, false));
    }
    update(transaction, settlement, &outcome, &found)?;
    let ended = outcome.state != DeliveryState::Pending;
    if ended
        && found.is_active()
        && let Some(order_key) = &found.order_key
    {
        order::release_next(transaction, key.endpoint, order_key, settlement.now)?;
    }
    Ok((outcome.state, true))
}

/// A delivery that nobody knows of: its node was taken for dead before its first attempt was settled, or its event is
/// erased.
fn record_late(
    transaction: &mut Transaction<'_>,
    settlement: &Settlement,
    outcome: &Outcome,
) -> Result<(DeliveryState, bool), StoreError> {
    let key = settlement.job.delivery;
    let known = transaction
        .connection
        .prepare_cached("SELECT 1 FROM event WHERE key = ?1")?
        .exists([key.event.0])?;
    if known && insert(transaction, settlement, outcome)? {
        return Ok((outcome.state, true));
    }
    Ok((DeliveryState::Cancelled, false))
}

/// The state of a delivery without a row, as far as it matters to who has lost it.
fn unstored(transaction: &Transaction<'_>, key: DeliveryKey) -> DeliveryState {
    if transaction.memory.claims.holds(key) {
        DeliveryState::Delivering
    } else {
        DeliveryState::Cancelled
    }
}

struct Outcome {
    state: DeliveryState,
    reason: Option<&'static str>,
    due: Option<Timestamp>,
}

impl Outcome {
    /// Nothing goes back to waiting for an endpoint that is gone.
    fn of(
        transaction: &Transaction<'_>,
        settlement: &Settlement,
        disables: bool,
    ) -> Result<Self, StoreError> {
        let (state, reason) = settlement.next.state();
        if state == DeliveryState::Pending {
            let endpoint = settlement.job.delivery.endpoint;
            let now = endpoints::state(transaction.connection, endpoint)?;
            let gone = gone::reason(now.as_deref().unwrap_or("deleted"));
            if let Some(reason) = gone.or(disables.then_some(gone::DISABLED)) {
                return Ok(Self {
                    state: DeliveryState::Cancelled,
                    reason: Some(reason),
                    due: None,
                });
            }
        }
        Ok(Self { state, reason, due: settlement.next.due() })
    }
}

/// A row as it was found.
struct Found {
    state: DeliveryState,
    due: Option<i64>,
    order_key: Option<String>,
    attempts: u32,
    started_at: Option<i64>,
    total_us: Option<i64>,
}

impl Found {
    /// Whether it is the one of its order that is under way.
    fn is_active(&self) -> bool {
        match self.state {
            DeliveryState::Delivering => true,
            DeliveryState::Pending => self.due.is_some(),
            _ => false,
        }
    }
}

fn find(connection: &Connection, key: DeliveryKey) -> Result<Option<Found>, StoreError> {
    let sql = "SELECT state, due, order_key, attempts, started_at, total_us FROM delivery WHERE endpoint = ?1 AND event = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![key.endpoint.0, key.event.0])?;
    rows.next()?.map(|row| read(row, key)).transpose()
}

fn read(row: &Row<'_>, key: DeliveryKey) -> Result<Found, StoreError> {
    Ok(Found {
        state: row::word(row, "state", DeliveryState::parse, "delivery", &key.to_string())?,
        due: row.get("due")?,
        order_key: row.get("order_key")?,
        attempts: row.get("attempts")?,
        started_at: row.get("started_at")?,
        total_us: row.get("total_us")?,
    })
}

/// Whether this very attempt stands there: its number may have been taken by another, its times are its own.
fn is_recorded(
    connection: &Connection,
    key: DeliveryKey,
    found: &Found,
    attempt: &Attempt,
) -> Result<bool, StoreError> {
    let times = (attempt.started_at.as_millis(), row::micros(attempt.phases.total));
    if (found.started_at, found.total_us) == (Some(times.0), Some(times.1)) {
        return Ok(true);
    }
    if found.attempts < 2 {
        return Ok(false);
    }
    let sql = "SELECT 1 FROM attempt WHERE endpoint = ?1 AND event = ?2 AND started_at = ?3 AND total_us = ?4";
    Ok(connection.prepare_cached(sql)?.exists(params![
        key.endpoint.0,
        key.event.0,
        times.0,
        times.1
    ])?)
}

/// Writes the row of a delivery that has none. Whether there was none.
fn insert(
    transaction: &mut Transaction<'_>,
    settlement: &Settlement,
    outcome: &Outcome,
) -> Result<bool, StoreError> {
    let key = settlement.job.delivery;
    let attempt = settlement.attempt.as_ref();
    let columns = Columns::of(attempt);
    let inserted = transaction.delivery_insert()?.execute(params![
        key.endpoint.0,
        key.event.0,
        settlement.job.event.account.0,
        outcome.state.as_str(),
        outcome.reason,
        outcome.due.map(Timestamp::as_millis),
        attempt.map_or(0, |attempt| attempt.number),
        columns.started_at,
        columns.total,
        columns.dns,
        columns.connect,
        columns.tls,
        columns.first_byte,
        attempt.and_then(|attempt| attempt.status),
        attempt.and_then(|attempt| attempt.error.as_deref()),
        columns.address,
        attempt.and_then(|attempt| attempt.response_head.as_deref()),
        attempt.map(|attempt| attempt.response_body.as_slice()),
        settlement.is_broken_off(),
    ])?;
    if outcome.due.is_some() && inserted > 0 {
        transaction.touch(key.endpoint);
    }
    Ok(inserted > 0)
}

fn update(
    transaction: &mut Transaction<'_>,
    settlement: &Settlement,
    outcome: &Outcome,
    found: &Found,
) -> Result<(), StoreError> {
    let key = settlement.job.delivery;
    let connection = transaction.connection;
    let due = outcome.due.map(Timestamp::as_millis);
    if let Some(attempt) = &settlement.attempt {
        if found.started_at.is_some() {
            connection.prepare_cached(KEEP)?.execute(params![key.endpoint.0, key.event.0])?;
        }
        let columns = Columns::of(Some(attempt));
        connection.prepare_cached(UPDATE_WITH)?.execute(params![
            key.endpoint.0,
            key.event.0,
            outcome.state.as_str(),
            outcome.reason,
            due,
            attempt.number.max(found.attempts.saturating_add(1)),
            columns.started_at,
            columns.total,
            columns.dns,
            columns.connect,
            columns.tls,
            columns.first_byte,
            attempt.status,
            attempt.error,
            columns.address,
            attempt.response_head,
            attempt.response_body,
            settlement.is_broken_off(),
        ])?;
    } else {
        connection.prepare_cached(UPDATE)?.execute(params![
            key.endpoint.0,
            key.event.0,
            outcome.state.as_str(),
            outcome.reason,
            due,
        ])?;
    }
    if due.is_some() || found.due.is_some() {
        transaction.touch(key.endpoint);
    }
    Ok(())
}

/// The columns of an attempt that are not kept as they are.
struct Columns {
    started_at: Option<i64>,
    total: Option<i64>,
    dns: Option<i64>,
    connect: Option<i64>,
    tls: Option<i64>,
    first_byte: Option<i64>,
    address: Option<String>,
}

impl Columns {
    fn of(attempt: Option<&Attempt>) -> Self {
        let phases = attempt.map(|attempt| attempt.phases).unwrap_or_default();
        Self {
            started_at: attempt.map(|attempt| attempt.started_at.as_millis()),
            total: attempt.map(|_| row::micros(phases.total)),
            dns: phases.dns.map(row::micros),
            connect: phases.connect.map(row::micros),
            tls: phases.tls.map(row::micros),
            first_byte: phases.first_byte.map(row::micros),
            address: attempt.and_then(|attempt| attempt.address).map(|address| address.to_string()),
        }
    }
}

pub(super) const INSERT: &str = "INSERT INTO delivery (endpoint, event, account, state, reason, due, attempts, first_attempt_at, started_at, total_us,
                          dns_us, connect_us, tls_us, first_byte_us, status, error, address, response_head, response_body, interruptions)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19) ON CONFLICT DO NOTHING";
const UPDATE: &str =
    "UPDATE delivery SET state = ?3, reason = ?4, due = ?5 WHERE endpoint = ?1 AND event = ?2";
const UPDATE_WITH: &str = "UPDATE delivery SET state = ?3, reason = ?4, due = ?5, attempts = ?6,
        first_attempt_at = coalesce(first_attempt_at, ?7), started_at = ?7, total_us = ?8, dns_us = ?9, connect_us = ?10,
        tls_us = ?11, first_byte_us = ?12, status = ?13, error = ?14, address = ?15, response_head = ?16, response_body = ?17,
        interruptions = interruptions + ?18
    WHERE endpoint = ?1 AND event = ?2";
/// Keeps the last attempt: another takes its place.
pub(super) const KEEP: &str = "INSERT INTO attempt (endpoint, event, number, started_at, total_us, dns_us, connect_us, tls_us, first_byte_us, status,
                         error, address, response_head, response_body)
    SELECT endpoint, event, attempts, started_at, total_us, dns_us, connect_us, tls_us, first_byte_us, status, error, address,
           response_head, response_body
    FROM delivery WHERE endpoint = ?1 AND event = ?2 AND started_at IS NOT NULL ON CONFLICT DO NOTHING";
