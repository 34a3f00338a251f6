//! Removing events for good: those that are old, and those of a tenant that is erased. In bounded steps.

use hookseal::Timestamp;
use rusqlite::{Row, params};

use super::{StoreError, accounts, endpoints, order, row, transaction::Transaction};
use crate::store::{AccountKey, DeliveryKey, EndpointKey, EventKey, portion};

/// What one step did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// Rows that were looked at.
    pub(super) seen: usize,
    /// There may be more.
    pub(super) more: bool,
}

/// Events, with the endpoints that they went to.
struct Portion {
    events: Vec<(i64, Vec<i64>)>,
    /// There may be more.
    more: bool,
}

impl Portion {
    fn step(&self) -> Step {
        let endpoints = self.events.iter().map(|(_, endpoints)| endpoints.len()).sum();
        Step { seen: self.events.len().max(endpoints), more: self.more }
    }
}

/// Removes events older than `until`, all of whose deliveries have ended, going on where the last step stopped. What
/// stays behind is looked at again when all others are done.
pub(super) fn prune_events(
    transaction: &mut Transaction<'_>,
    until: EventKey,
    limit: usize,
) -> Result<Step, StoreError> {
    let found = events(
        transaction,
        OLD,
        params![transaction.memory.pruned, until.0, i64::try_from(limit).unwrap_or(i64::MAX)],
        limit,
    )?;
    for (event, targets) in &found.events {
        if !is_open(transaction, *event, targets)? {
            remove(transaction, *event, targets)?;
        }
    }
    transaction.memory.pruned = match found.events.last() {
        Some((last, _)) if found.more => last.saturating_add(1),
        _ => 0,
    };
    Ok(found.step())
}

/// Removes the records of attempts of events older than `until`, where the delivery has ended, going on after those of which
/// that was done before.
pub(super) fn prune_attempts(
    transaction: &mut Transaction<'_>,
    until: EventKey,
    limit: usize,
) -> Result<Step, StoreError> {
    let connection = transaction.connection;
    let done = accounts::setting(connection, ATTEMPTS_PRUNED)?.unwrap_or_default();
    let done = row::unpack(&done, "setting", 0)?.first().copied().unwrap_or_default();
    let limit_rows = i64::try_from(limit).unwrap_or(i64::MAX);
    let params = params![done.saturating_add(1), until.0, limit_rows];
    let found = events(transaction, OLD, params, limit)?;
    clear(transaction, &found)?;
    if let Some((last, _)) = found.events.last() {
        accounts::put_setting(connection, ATTEMPTS_PRUNED, &last.to_be_bytes())?;
    }
    Ok(found.step())
}

/// Looks again at events whose turn [was before](prune_attempts), in rounds: at deliveries that ended only later, or were
/// replayed.
pub(super) fn prune_late_attempts(
    transaction: &mut Transaction<'_>,
    until: EventKey,
    limit: usize,
) -> Result<Step, StoreError> {
    let limit_rows = i64::try_from(limit).unwrap_or(i64::MAX);
    let params = params![transaction.memory.attempts_pruned, until.0, limit_rows];
    let found = events(transaction, OLD, params, limit)?;
    clear(transaction, &found)?;
    transaction.memory.attempts_pruned = match found.events.last() {
        Some((last, _)) if found.more => last.saturating_add(1),
        _ => 0,
    };
    Ok(found.step())
}

fn clear(transaction: &Transaction<'_>, found: &Portion) -> Result<(), StoreError> {
    let connection = transaction.connection;
    for (event, targets) in &found.events {
        for endpoint in targets {
            if connection.prepare_cached(CLEAR)?.execute([endpoint, event])? > 0 {
                connection.prepare_cached(DELETE_ATTEMPTS)?.execute([endpoint, event])?;
            }
        }
    }
    Ok(())
}

/// Removes events of a tenant, whatever their state.
pub(super) fn erase_events(
    transaction: &mut Transaction<'_>,
    account: AccountKey,
    tenant: &str,
    limit: usize,
    now: Timestamp,
) -> Result<Step, StoreError> {
    let sql =
        "SELECT key, targets FROM event WHERE account = ?1 AND tenant = ?2 ORDER BY key LIMIT ?3";
    let limit_rows = i64::try_from(limit).unwrap_or(i64::MAX);
    let found = events(transaction, sql, params![account.0, tenant, limit_rows], limit)?;
    for (event, targets) in &found.events {
        for (endpoint, order_key) in remove(transaction, *event, targets)? {
            order::release_next(transaction, endpoint, &order_key, now)?;
        }
    }
    Ok(found.step())
}

/// Deletes endpoints of a tenant, and wipes what they say.
pub(super) fn erase_endpoints(
    transaction: &mut Transaction<'_>,
    account: AccountKey,
    tenant: &str,
    limit: usize,
) -> Result<Step, StoreError> {
    let connection = transaction.connection;
    let sql = "SELECT key FROM endpoint WHERE account = ?1 AND tenant = ?2 ORDER BY key LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let limit_rows = i64::try_from(limit).unwrap_or(i64::MAX);
    let keys: Vec<i64> = row::column(statement.query(params![account.0, tenant, limit_rows])?)?;
    for key in &keys {
        endpoints::delete(transaction, account, EndpointKey(*key))?;
        let sql = "UPDATE endpoint SET url = '', event_types = '[]', tenant = NULL, description = NULL, settings = '{}'
                   WHERE key = ?1";
        connection.prepare_cached(sql)?.execute([key])?;
    }
    Ok(Step { seen: keys.len(), more: keys.len() >= limit })
}

fn events(
    transaction: &Transaction<'_>,
    sql: &str,
    params: impl rusqlite::Params,
    limit: usize,
) -> Result<Portion, StoreError> {
    let mut statement = transaction.connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut events: Vec<(i64, Vec<i64>)> = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(event(row)?);
    }
    let is_full = events.len() >= limit;
    let taken = portion::of_events(events.iter().map(|(_, endpoints)| endpoints.len()));
    let more = is_full || taken < events.len();
    events.truncate(taken);
    Ok(Portion { events, more })
}

fn event(row: &Row<'_>) -> Result<(i64, Vec<i64>), StoreError> {
    let key = row.get(0)?;
    let targets = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
    Ok((key, row::unpack(targets, "event", key)?))
}

/// Whether a delivery of an event is still to be made.
fn is_open(transaction: &Transaction<'_>, event: i64, targets: &[i64]) -> Result<bool, StoreError> {
    let mut ended = transaction.connection.prepare_cached(ENDED)?;
    for endpoint in targets {
        if !ended.exists([*endpoint, event])? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes an event with all that became of it. Returns the orders in which an active delivery went away.
fn remove(
    transaction: &mut Transaction<'_>,
    event: i64,
    targets: &[i64],
) -> Result<Vec<(EndpointKey, String)>, StoreError> {
    let connection = transaction.connection;
    let mut freed = Vec::new();
    for endpoint in targets {
        let key = DeliveryKey { endpoint: EndpointKey(*endpoint), event: EventKey(event) };
        transaction.memory.claims.forget(key);
        connection.prepare_cached(DELETE_ATTEMPTS)?.execute([*endpoint, event])?;
        let mut statement = connection.prepare_cached(DELETE)?;
        let mut rows = statement.query([*endpoint, event])?;
        let Some(row) = rows.next()? else { continue };
        let (active, order_key): (bool, Option<String>) = (row.get(0)?, row.get(1)?);
        if active {
            transaction.touch(key.endpoint);
            freed.extend(order_key.map(|order_key| (key.endpoint, order_key)));
        }
    }
    connection.prepare_cached("DELETE FROM event WHERE key = ?1")?.execute([event])?;
    Ok(freed)
}

const OLD: &str =
    "SELECT key, targets FROM event WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3";
/// The setting that says up to which event records of attempts were removed.
const ATTEMPTS_PRUNED: &str = "attempts_pruned";
const ENDED: &str = "SELECT 1 FROM delivery d WHERE d.endpoint = ?1 AND d.event = ?2 AND (d.state NOT IN ('pending', 'delivering')
    OR (d.state = 'pending' AND NOT EXISTS (SELECT 1 FROM endpoint e WHERE e.key = d.endpoint AND e.state IN ('active', 'paused'))))";
const DELETE: &str = "DELETE FROM delivery WHERE endpoint = ?1 AND event = ?2 RETURNING state = 'delivering' OR due IS NOT NULL, order_key";
const DELETE_ATTEMPTS: &str = "DELETE FROM attempt WHERE endpoint = ?1 AND event = ?2";
const CLEAR: &str = "UPDATE delivery SET started_at = NULL, total_us = NULL, dns_us = NULL, connect_us = NULL, tls_us = NULL,
        first_byte_us = NULL, status = NULL, error = NULL, address = NULL, response_head = NULL, response_body = NULL
    WHERE endpoint = ?1 AND event = ?2 AND started_at IS NOT NULL AND state NOT IN ('pending', 'delivering')";
