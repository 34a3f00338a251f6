//! Sending again what has ended.

use hookseal::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{StoreError, endpoints, order, row, transaction::Transaction};
use crate::store::{AccountKey, DeliveryKey, DeliveryState, EndpointKey, EventKey};

/// One delivery, whatever became of it. How many will be sent; `None` where there is no such delivery.
pub(super) fn one(
    transaction: &mut Transaction<'_>,
    account: AccountKey,
    key: DeliveryKey,
    now: Timestamp,
) -> Result<Option<u64>, StoreError> {
    let targets = targets(transaction.connection, account, key.event)?;
    if !targets.is_some_and(|targets| targets.contains(&key.endpoint.0)) {
        return Ok(None);
    }
    Ok(Some(u64::from(again(transaction, account, key, now)?)))
}

/// One event, to all endpoints it went to.
pub(super) fn event(
    transaction: &mut Transaction<'_>,
    account: AccountKey,
    key: EventKey,
    now: Timestamp,
) -> Result<Option<u64>, StoreError> {
    let Some(targets) = targets(transaction.connection, account, key)? else { return Ok(None) };
    let mut sent = 0;
    for endpoint in targets {
        let key = DeliveryKey { endpoint: EndpointKey(endpoint), event: key };
        sent += u64::from(again(transaction, account, key, now)?);
    }
    Ok(Some(sent))
}

/// The events of which the delivery to an endpoint failed, oldest first, from one on, at most `limit`. `None` where there
/// is no such endpoint.
pub(super) fn failed(
    connection: &Connection,
    account: AccountKey,
    endpoint: EndpointKey,
    from: EventKey,
    limit: usize,
) -> Result<Option<Vec<i64>>, StoreError> {
    if endpoints::target(connection, account, endpoint)?.is_none() {
        return Ok(None);
    }
    let mut statement = connection.prepare_cached(FAILED)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok(Some(row::column(statement.query(params![endpoint.0, from.0, limit])?)?))
}

/// Of these, all that are still failed.
pub(super) fn failed_again(
    transaction: &mut Transaction<'_>,
    account: AccountKey,
    endpoint: EndpointKey,
    events: &[i64],
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut sent = 0;
    for event in events {
        let key = DeliveryKey { endpoint, event: EventKey(*event) };
        let sql = "SELECT 1 FROM delivery WHERE endpoint = ?1 AND event = ?2 AND state = 'failed'";
        let mut failed = transaction.connection.prepare_cached(sql)?;
        if failed.exists(params![endpoint.0, event])? {
            sent += u64::from(again(transaction, account, key, now)?);
        }
    }
    Ok(sent)
}

/// Makes a delivery due again. Whether it will be sent: not one that is being sent, or whose endpoint is gone.
fn again(
    transaction: &mut Transaction<'_>,
    account: AccountKey,
    key: DeliveryKey,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let connection = transaction.connection;
    let Some(target) = transaction.memory.matcher.target(connection, key.endpoint)? else {
        return Ok(false);
    };
    let sql = "SELECT d.state, d.due, d.order_key, v.ordering_key FROM delivery d JOIN event v ON v.key = d.event
               WHERE d.endpoint = ?1 AND d.event = ?2 AND d.account = ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![key.endpoint.0, key.event.0, account.0])?;
    let Some(row) = rows.next()? else { return Ok(false) };
    let state = row::word(row, "state", DeliveryState::parse, "delivery", &key.to_string())?;
    let due: Option<i64> = row.get(1)?;
    let ordering_key: Option<String> = row.get(3)?;
    drop(rows);
    match state {
        DeliveryState::Delivering => return Ok(false),
        DeliveryState::Pending => {
            // One that waits for an earlier one of its order goes on waiting.
            if due.is_some() {
                let sql = "UPDATE delivery SET due = ?3 WHERE endpoint = ?1 AND event = ?2";
                connection.prepare_cached(sql)?.execute(params![
                    key.endpoint.0,
                    key.event.0,
                    now.as_millis()
                ])?;
            }
        }
        _ => {
            let order_key = order::key_of(&target, ordering_key.as_deref());
            let blocked = match order_key {
                Some(order_key) => order::is_open(connection, key.endpoint, order_key)?,
                None => false,
            };
            connection.prepare_cached(AGAIN)?.execute(params![
                key.endpoint.0,
                key.event.0,
                (!blocked).then_some(now.as_millis()),
                order_key
            ])?;
        }
    }
    transaction.touch(key.endpoint);
    transaction.wake();
    Ok(true)
}

fn targets(
    connection: &Connection,
    account: AccountKey,
    event: EventKey,
) -> Result<Option<Vec<i64>>, StoreError> {
    let sql = "SELECT targets FROM event WHERE key = ?1 AND account = ?2";
    let read = |row: &Row<'_>| row.get::<_, Vec<u8>>(0);
    let mut statement = connection.prepare_cached(sql)?;
    let targets = statement.query_row(params![event.0, account.0], read).optional()?;
    targets.map(|targets| row::unpack(&targets, "event", event.0)).transpose()
}

const FAILED: &str = "SELECT event FROM delivery INDEXED BY delivery_left
    WHERE endpoint = ?1 AND state = 'failed' AND state <> 'delivered' AND state <> 'delivering' AND event >= ?2
    ORDER BY event LIMIT ?3";
const AGAIN: &str = "UPDATE delivery SET state = 'pending', reason = NULL, due = ?3, order_key = ?4, attempts_before = attempts,
        interruptions = 0, first_attempt_at = NULL
    WHERE endpoint = ?1 AND event = ?2";
