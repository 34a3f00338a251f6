//! Endpoints and what they subscribe to.

use hookseal::Timestamp;
use rusqlite::{Connection, Row, params};

use super::{StoreError, row};
use crate::store::{DeliveryState, Endpoint, EndpointSecret, EndpointState, SealedSecret};

pub(super) fn insert(
    connection: &Connection,
    endpoint: &Endpoint,
    secret: &SealedSecret,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO endpoint (id, account_id, url, profile, tenant, description, state, secret_kind, secret,
                                     created_at, changed_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)";
    connection.prepare_cached(sql)?.execute(params![
        endpoint.id,
        endpoint.account,
        endpoint.url,
        endpoint.profile,
        endpoint.tenant,
        endpoint.description,
        endpoint.state.as_str(),
        secret.kind.as_str(),
        secret.sealed,
        endpoint.created_at.as_millis(),
    ])?;
    let sql = "INSERT INTO subscription (account_id, event_type, endpoint_id) VALUES (?1, ?2, ?3)";
    let mut subscribe = connection.prepare_cached(sql)?;
    for event_type in &endpoint.event_types {
        subscribe.execute(params![endpoint.account, event_type, endpoint.id])?;
    }
    Ok(())
}

pub(super) fn one(
    connection: &Connection,
    account: &str,
    id: &str,
) -> Result<Option<Endpoint>, StoreError> {
    let sql = format!("{SELECT} WHERE e.id = ?2 AND e.account_id = ?1 AND e.state <> 'deleted'");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![account, id])?;
    rows.next()?.map(read).transpose()
}

pub(super) fn all(connection: &Connection, account: &str) -> Result<Vec<Endpoint>, StoreError> {
    let sql = format!("{SELECT} WHERE e.account_id = ?1 AND e.state <> 'deleted' ORDER BY e.id");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([account])?;
    let mut endpoints = Vec::new();
    while let Some(row) = rows.next()? {
        endpoints.push(read(row)?);
    }
    Ok(endpoints)
}

pub(super) fn delete(
    connection: &Connection,
    account: &str,
    id: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "UPDATE endpoint SET state = 'deleted', secret = NULL, changed_at = ?3
               WHERE id = ?2 AND account_id = ?1 AND state <> 'deleted'";
    if connection.prepare_cached(sql)?.execute(params![account, id, now.as_millis()])? == 0 {
        return Ok(false);
    }
    connection.prepare_cached("DELETE FROM subscription WHERE endpoint_id = ?1")?.execute([id])?;
    cancel(connection, id, DeliveryState::Pending, "endpoint_deleted", now)?;
    cancel(connection, id, DeliveryState::Delivering, "endpoint_deleted", now)?;
    Ok(true)
}

/// Cancels the deliveries of an endpoint that are in one state.
pub(super) fn cancel(
    connection: &Connection,
    endpoint: &str,
    state: DeliveryState,
    reason: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    // The state stands in the text, because only then is the partial index of that state used.
    let sql = match state {
        DeliveryState::Pending => {
            "UPDATE delivery SET state = 'cancelled', reason = ?2, next_attempt_at = NULL, changed_at = ?3
             WHERE endpoint_id = ?1 AND state = 'pending'"
        }
        DeliveryState::Delivering => {
            "UPDATE delivery SET state = 'cancelled', reason = ?2, changed_at = ?3
             WHERE endpoint_id = ?1 AND state = 'delivering'"
        }
        DeliveryState::Cancelled | DeliveryState::Delivered | DeliveryState::Failed => return Ok(()),
    };
    connection.prepare_cached(sql)?.execute(params![endpoint, reason, now.as_millis()])?;
    Ok(())
}

/// With the event types as one text: a type holds no space.
const SELECT: &str = "SELECT e.*, (SELECT group_concat(event_type, ' ' ORDER BY event_type)
                                   FROM subscription WHERE endpoint_id = e.id) AS event_types FROM endpoint e";

fn read(row: &Row<'_>) -> Result<Endpoint, StoreError> {
    let id: String = row.get("id")?;
    let event_types: Option<String> = row.get("event_types")?;
    Ok(Endpoint {
        event_types: event_types
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        account: row.get("account_id")?,
        url: row.get("url")?,
        profile: row.get("profile")?,
        tenant: row.get("tenant")?,
        description: row.get("description")?,
        state: row::word(row, "state", EndpointState::parse, "endpoint", &id)?,
        secret: row::word(row, "secret_kind", EndpointSecret::parse, "endpoint", &id)?,
        created_at: row::time(row, "created_at")?,
        id,
    })
}
