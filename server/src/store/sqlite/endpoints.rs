//! Endpoints, their secrets and what they subscribe to.

use hookseal::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{StoreError, gone, row, transaction::Transaction};
use crate::store::{
    AccountKey, Endpoint, EndpointChange, EndpointFilter, EndpointKey, EndpointState, Health,
    SealedSecret, SecretKind, Secrets, Target,
};

pub(super) fn insert(
    transaction: &mut Transaction<'_>,
    endpoint: &Endpoint,
    secrets: &Secrets,
) -> Result<(), StoreError> {
    let (previous, until) = previous(secrets);
    transaction.connection.prepare_cached(INSERT)?.execute(params![
        endpoint.key.0,
        endpoint.account.0,
        endpoint.url,
        json(&endpoint.event_types)?,
        endpoint.profile,
        endpoint.tenant,
        endpoint.description,
        endpoint.state.as_str(),
        endpoint.reason,
        secrets.current.kind.as_str(),
        secrets.current.sealed,
        previous.map(|secret| secret.kind.as_str()),
        previous.map(|secret| &secret.sealed),
        until,
        json(&endpoint.settings)?,
        endpoint.version,
    ])?;
    transaction.memory.matcher.forget(endpoint.key);
    subscribe(transaction.connection, endpoint)
}

/// One endpoint of an account with its secrets, unless it is deleted.
pub(super) fn target(
    connection: &Connection,
    account: AccountKey,
    key: EndpointKey,
) -> Result<Option<Target>, StoreError> {
    let sql = format!("{SELECT} WHERE e.key = ?1 AND e.account = ?2 AND e.state <> 'deleted'");
    one(connection, &sql, params![key.0, account.0])
}

/// The tenant of an endpoint of an account, which may be deleted.
pub(super) fn tenant(
    connection: &Connection,
    account: AccountKey,
    key: EndpointKey,
) -> Result<Option<Option<String>>, StoreError> {
    let sql = "SELECT tenant FROM endpoint WHERE key = ?1 AND account = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![key.0, account.0], |row| row.get(0)).optional()?)
}

/// One endpoint that may be sent to: active or paused. Without `failing_since`, which the lane knows.
pub(super) fn live_target(
    connection: &Connection,
    key: EndpointKey,
) -> Result<Option<Target>, StoreError> {
    let sql = "SELECT *, NULL AS failing_since FROM endpoint WHERE key = ?1 AND state IN ('active', 'paused')";
    one(connection, sql, params![key.0])
}

pub(super) fn list(
    connection: &Connection,
    account: AccountKey,
    filter: &EndpointFilter,
    after: Option<EndpointKey>,
    limit: u32,
) -> Result<Vec<Endpoint>, StoreError> {
    let tenant = if filter.tenant.is_some() { "AND e.tenant = ?3" } else { "AND ?3 IS NULL" };
    let sql = format!(
        "{SELECT} WHERE e.account = ?1 AND e.key > ?2 {tenant} AND (?4 IS NULL OR e.profile = ?4)
             AND e.state <> 'deleted' ORDER BY e.key LIMIT ?5"
    );
    let after = after.map_or(i64::MIN, |key| key.0);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows =
        statement.query(params![account.0, after, filter.tenant, filter.profile, limit])?;
    let mut endpoints = Vec::new();
    while let Some(row) = rows.next()? {
        endpoints.push(read(row)?.endpoint);
    }
    Ok(endpoints)
}

/// The targets of all accounts.
pub(super) fn all(
    connection: &Connection,
    after: Option<EndpointKey>,
    limit: u32,
) -> Result<Vec<Target>, StoreError> {
    let sql = format!("{SELECT} WHERE e.key > ?1 AND e.state <> 'deleted' ORDER BY e.key LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![after.map_or(i64::MIN, |key| key.0), limit])?;
    let mut targets = Vec::new();
    while let Some(row) = rows.next()? {
        targets.push(read(row)?);
    }
    Ok(targets)
}

pub(super) fn change(
    transaction: &mut Transaction<'_>,
    account: AccountKey,
    key: EndpointKey,
    change: &EndpointChange,
    now: Timestamp,
) -> Result<Option<Endpoint>, StoreError> {
    let connection = transaction.connection;
    let Some(Target { endpoint: before, .. }) = target(connection, account, key)? else {
        return Ok(None);
    };
    if change.version.is_some_and(|version| version != before.version) {
        return Err(StoreError::Stale);
    }
    let state = change.state.unwrap_or(before.state);
    let after = Endpoint {
        url: change.url.clone().unwrap_or_else(|| before.url.clone()),
        event_types: change.event_types.clone().unwrap_or_else(|| before.event_types.clone()),
        description: change.description.clone().unwrap_or_else(|| before.description.clone()),
        settings: change.settings.clone().unwrap_or_else(|| before.settings.clone()),
        state,
        reason: before.reason_in(state),
        ..before.clone()
    };
    let sql = "UPDATE endpoint SET url = ?2, event_types = ?3, description = ?4, settings = ?5, state = ?6, reason = ?7,
                                   version = version + 1 WHERE key = ?1";
    connection.prepare_cached(sql)?.execute(params![
        key.0,
        after.url,
        json(&after.event_types)?,
        after.description,
        json(&after.settings)?,
        after.state.as_str(),
        after.reason,
    ])?;
    transaction.memory.matcher.forget(key);
    if after.event_types != before.event_types {
        unsubscribe(connection, key)?;
        subscribe(connection, &after)?;
    }
    if after.state != before.state {
        change_state(transaction, key, after.state)?;
    }
    if after.url != before.url {
        transaction.put_health(key, Health::default());
        transaction.wake();
    }
    if after.settings.order != before.settings.order && after.state != EndpointState::Disabled {
        gone::dissolve_orders(transaction, key, now)?;
    }
    transaction.touch(key);
    transaction.refresh_lanes()?;
    Ok(target(connection, account, key)?.map(|target| target.endpoint))
}

fn change_state(
    transaction: &mut Transaction<'_>,
    key: EndpointKey,
    state: EndpointState,
) -> Result<(), StoreError> {
    match state {
        EndpointState::Active => {
            transaction.put_health(key, Health::default());
            transaction.wake();
        }
        EndpointState::Paused => {}
        EndpointState::Disabled => gone::cancel_waiting(transaction, key, gone::DISABLED)?,
    }
    Ok(())
}

/// Whether an endpoint that may be sent to has not been changed since.
pub(super) fn is_still(connection: &Connection, target: &Target) -> Result<bool, StoreError> {
    let sql =
        "SELECT 1 FROM endpoint WHERE key = ?1 AND version = ?2 AND state IN ('active', 'paused')";
    let endpoint = &target.endpoint;
    Ok(connection.prepare_cached(sql)?.exists(params![endpoint.key.0, endpoint.version])?)
}

/// Disables an endpoint that is not yet disabled or deleted.
pub(super) fn disable(
    transaction: &mut Transaction<'_>,
    key: EndpointKey,
    reason: &str,
) -> Result<(), StoreError> {
    let sql = "UPDATE endpoint SET state = 'disabled', reason = ?2, version = version + 1
               WHERE key = ?1 AND state IN ('active', 'paused')";
    if transaction.connection.prepare_cached(sql)?.execute(params![key.0, reason])? > 0 {
        transaction.memory.matcher.forget(key);
        gone::cancel_waiting(transaction, key, gone::DISABLED)?;
    }
    Ok(())
}

/// Whether there was one.
pub(super) fn delete(
    transaction: &mut Transaction<'_>,
    account: AccountKey,
    key: EndpointKey,
) -> Result<bool, StoreError> {
    let sql = "UPDATE endpoint SET state = 'deleted', reason = NULL, secret_kind = 'none', secret = x'', previous_kind = NULL,
                                   previous_secret = NULL, previous_until = NULL, version = version + 1
               WHERE key = ?1 AND account = ?2 AND state <> 'deleted'";
    let connection = transaction.connection;
    if connection.prepare_cached(sql)?.execute(params![key.0, account.0])? == 0 {
        return Ok(false);
    }
    unsubscribe(connection, key)?;
    transaction.memory.matcher.forget(key);
    gone::cancel_waiting(transaction, key, gone::DELETED)?;
    Ok(true)
}

/// Of an endpoint that has this version.
pub(super) fn put_secrets(
    transaction: &mut Transaction<'_>,
    key: EndpointKey,
    version: i64,
    secrets: &Secrets,
) -> Result<(), StoreError> {
    let (previous, until) = previous(secrets);
    let sql = "UPDATE endpoint SET secret_kind = ?3, secret = ?4, previous_kind = ?5, previous_secret = ?6, previous_until = ?7,
                                   version = version + 1
               WHERE key = ?1 AND version = ?2 AND state <> 'deleted'";
    let changed = transaction.connection.prepare_cached(sql)?.execute(params![
        key.0,
        version,
        secrets.current.kind.as_str(),
        secrets.current.sealed,
        previous.map(|secret| secret.kind.as_str()),
        previous.map(|secret| &secret.sealed),
        until,
    ])?;
    transaction.memory.matcher.forget(key);
    if changed > 0 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Of those whose overlap has ended. They sign nothing any more, so the endpoints stay what they were.
pub(super) fn drop_secrets(
    connection: &Connection,
    limit: u32,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let dropped =
        connection.prepare_cached(DROP_SECRETS)?.execute(params![now.as_millis(), limit])?;
    Ok(usize::try_from(limit).is_ok_and(|limit| dropped >= limit))
}

fn subscribe(connection: &Connection, endpoint: &Endpoint) -> Result<(), StoreError> {
    let sql = "INSERT INTO subscription (account, tenant, pattern, endpoint) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    let mut statement = connection.prepare_cached(sql)?;
    let tenant = endpoint.tenant.as_deref().unwrap_or_default();
    for pattern in &endpoint.event_types {
        statement.execute(params![endpoint.account.0, tenant, pattern, endpoint.key.0])?;
    }
    Ok(())
}

fn unsubscribe(connection: &Connection, key: EndpointKey) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM subscription WHERE endpoint = ?1")?.execute([key.0])?;
    Ok(())
}

fn previous(secrets: &Secrets) -> (Option<&SealedSecret>, Option<i64>) {
    let previous = secrets.previous.as_ref();
    (previous.map(|(secret, _)| secret), previous.map(|(_, until)| until.as_millis()))
}

fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Engine(format!("a value cannot be written as JSON: {error}")))
}

fn one(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<Option<Target>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(read).transpose()
}

fn read(row: &Row<'_>) -> Result<Target, StoreError> {
    let key: i64 = row.get("key")?;
    let id = EndpointKey(key).to_string();
    let list: String = row.get("event_types")?;
    let settings: String = row.get("settings")?;
    let odd = |_| row::corrupt("endpoint", &id);
    let kind = row::word(row, "secret_kind", SecretKind::parse, "endpoint", &id)?;
    let current = SealedSecret { kind, sealed: row.get("secret")? };
    let previous = match row::time(row, "previous_until")? {
        None => None,
        Some(until) => {
            let kind = row::word(row, "previous_kind", SecretKind::parse, "endpoint", &id)?;
            Some((SealedSecret { kind, sealed: row.get("previous_secret")? }, until))
        }
    };
    let endpoint = Endpoint {
        key: EndpointKey(key),
        account: AccountKey(row.get("account")?),
        url: row.get("url")?,
        event_types: serde_json::from_str(&list).map_err(odd)?,
        profile: row.get("profile")?,
        tenant: row.get("tenant")?,
        description: row.get("description")?,
        state: row::word(row, "state", EndpointState::parse, "endpoint", &id)?,
        reason: row.get("reason")?,
        secret: kind,
        settings: serde_json::from_str(&settings).map_err(odd)?,
        failing_since: row::time(row, "failing_since")?,
        version: row.get("version")?,
    };
    Ok(Target { endpoint, secrets: Secrets { current, previous } })
}

/// The state of an endpoint; `None` where there never was one.
pub(super) fn state(
    connection: &Connection,
    key: EndpointKey,
) -> Result<Option<String>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT state FROM endpoint WHERE key = ?1")?
        .query_row([key.0], |row| row.get(0))
        .optional()?)
}

const SELECT: &str =
    "SELECT e.*, l.failing_since FROM endpoint e LEFT JOIN lane l ON l.endpoint = e.key";
const INSERT: &str = "INSERT INTO endpoint (key, account, url, event_types, profile, tenant, description, state, reason,
                          secret_kind, secret, previous_kind, previous_secret, previous_until, settings, version)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
const DROP_SECRETS: &str = "UPDATE endpoint SET previous_kind = NULL, previous_secret = NULL, previous_until = NULL
    WHERE key IN (SELECT key FROM endpoint WHERE previous_until <= ?1 ORDER BY previous_until LIMIT ?2)";
