//! Deliveries, for reading.

use rusqlite::{Connection, Row, params};

use super::{StoreError, events, gone, row};
use crate::store::{AccountKey, Attempt, Delivery, DeliveryKey, DeliveryState, Event};

/// One delivery with its attempts, first to last.
pub(super) fn detail(
    connection: &Connection,
    account: AccountKey,
    key: DeliveryKey,
) -> Result<Option<(Delivery, Vec<Attempt>)>, StoreError> {
    let Some(delivery) = stored(connection, account, key)? else {
        let event = events::by_key(connection, account, key.event)?;
        let event = event.filter(|(_, targets)| targets.contains(&key.endpoint.0));
        return Ok(event.map(|(event, _)| (under_way(key, &event), Vec::new())));
    };
    let sql = "SELECT * FROM attempt WHERE endpoint = ?1 AND event = ?2 ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![key.endpoint.0, key.event.0])?;
    let mut attempts = Vec::new();
    while let Some(row) = rows.next()? {
        attempts.extend(row::attempt(row, row.get("number")?)?);
    }
    attempts.extend(delivery.last_attempt.clone());
    Ok(Some((delivery, attempts)))
}

/// A delivery that has a row.
pub(super) fn stored(
    connection: &Connection,
    account: AccountKey,
    key: DeliveryKey,
) -> Result<Option<Delivery>, StoreError> {
    in_states(connection, account, key, &[])
}

/// A delivery that has a row, if it is in one of these states, or in any where there are none.
pub(super) fn in_states(
    connection: &Connection,
    account: AccountKey,
    key: DeliveryKey,
    states: &[DeliveryState],
) -> Result<Option<Delivery>, StoreError> {
    let sql = "SELECT d.*, v.id AS event_id, v.type, e.state AS endpoint_state
               FROM delivery d JOIN event v ON v.key = d.event LEFT JOIN endpoint e ON e.key = d.endpoint
               WHERE d.endpoint = ?1 AND d.event = ?2 AND d.account = ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![key.endpoint.0, key.event.0, account.0])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (state, gone) = state(row, key)?;
    if !states.is_empty() && !states.contains(&state) {
        return Ok(None);
    }
    read(row, key, state, gone).map(Some)
}

/// A delivery that was taken into memory when its event was accepted, and not yet settled.
pub(super) fn under_way(key: DeliveryKey, event: &Event) -> Delivery {
    Delivery {
        key,
        event_id: event.id.clone(),
        event_type: event.event_type.clone(),
        state: DeliveryState::Delivering,
        reason: None,
        next_attempt_at: None,
        attempts: 0,
        last_attempt: None,
    }
}

/// The state, and why it is cancelled where only its endpoint says so.
fn state(
    row: &Row<'_>,
    key: DeliveryKey,
) -> Result<(DeliveryState, Option<&'static str>), StoreError> {
    let state = row::word(row, "state", DeliveryState::parse, "delivery", &key.to_string())?;
    let endpoint: Option<String> = row.get("endpoint_state")?;
    match gone::reason(endpoint.as_deref().unwrap_or("deleted")) {
        Some(reason) if state == DeliveryState::Pending => {
            Ok((DeliveryState::Cancelled, Some(reason)))
        }
        _ => Ok((state, None)),
    }
}

fn read(
    row: &Row<'_>,
    key: DeliveryKey,
    state: DeliveryState,
    gone: Option<&'static str>,
) -> Result<Delivery, StoreError> {
    let attempts = row.get("attempts")?;
    let event_id: Option<String> = row.get("event_id")?;
    let reason: Option<String> = row.get("reason")?;
    let due = row::time(row, "due")?;
    Ok(Delivery {
        key,
        event_id: event_id.unwrap_or_else(|| key.event.to_string()),
        event_type: row.get("type")?,
        state,
        reason: gone.map(str::to_owned).or(reason),
        next_attempt_at: due.filter(|_| state == DeliveryState::Pending),
        attempts,
        last_attempt: row::attempt(row, attempts)?,
    })
}
