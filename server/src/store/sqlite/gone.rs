//! What waits for an endpoint that is gone, or out of order: changed in bounded steps.
//!
//! **Invariant.** What is not yet changed reads as if it were: a pending delivery of an endpoint that is deleted or
//! disabled counts as cancelled.

use std::sync::LazyLock;

use hookseal::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{StoreError, endpoints, order, row, transaction::Transaction};
use crate::store::{AccountKey, EndpointKey};

/// Why a delivery was cancelled.
pub(super) const DELETED: &str = "endpoint_deleted";
/// Why a delivery was cancelled.
pub(super) const DISABLED: &str = "endpoint_disabled";

/// Why deliveries to an endpoint in this state are cancelled, unless they are not.
pub(super) fn reason(state: &str) -> Option<&'static str> {
    match state {
        "deleted" => Some(DELETED),
        "disabled" => Some(DISABLED),
        _ => None,
    }
}

/// Cancels what waits for an endpoint: some now, the rest by [`sweep`].
pub(super) fn cancel_waiting(
    transaction: &mut Transaction<'_>,
    endpoint: EndpointKey,
    reason: &str,
) -> Result<(), StoreError> {
    let more = cancel(transaction, endpoint, reason, AT_ONCE)?;
    transaction.touch(endpoint);
    mark(transaction, endpoint, more)
}

/// Lets what is blocked go: some now, the rest by [`sweep`].
pub(super) fn dissolve_orders(
    transaction: &mut Transaction<'_>,
    endpoint: EndpointKey,
    now: Timestamp,
) -> Result<(), StoreError> {
    let more = order::dissolve(transaction, endpoint, now, AT_ONCE)?;
    mark(transaction, endpoint, more)
}

/// Changes at most `limit` deliveries of one endpoint that is not done. Whether any endpoint is not done after that.
pub(super) fn sweep(
    transaction: &mut Transaction<'_>,
    limit: usize,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "SELECT key FROM endpoint WHERE sweeping = 1 ORDER BY key LIMIT 1";
    let connection = transaction.connection;
    let mut next = connection.prepare_cached(sql)?;
    let mut next = || next.query_row([], |row| row.get(0).map(EndpointKey)).optional();
    match next()? {
        Some(endpoint) => {
            sweep_endpoint(transaction, endpoint, limit, now)?;
            Ok(next()?.is_some())
        }
        None => Ok(false),
    }
}

/// Changes at most `limit` deliveries of an endpoint.
pub(super) fn sweep_endpoint(
    transaction: &mut Transaction<'_>,
    endpoint: EndpointKey,
    limit: usize,
    now: Timestamp,
) -> Result<(), StoreError> {
    let state = endpoints::state(transaction.connection, endpoint)?.unwrap_or_default();
    let more = match reason(&state) {
        Some(reason) => cancel(transaction, endpoint, reason, limit)?,
        None => order::dissolve(transaction, endpoint, now, limit)?,
    };
    mark(transaction, endpoint, more)
}

/// Whether deliveries of an endpoint of this account that is disabled are still to be cancelled.
pub(super) fn is_unfinished(
    connection: &Connection,
    account: AccountKey,
    endpoint: EndpointKey,
) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM endpoint WHERE key = ?1 AND account = ?2 AND state = 'disabled' AND sweeping = 1";
    Ok(connection.prepare_cached(sql)?.exists(params![endpoint.0, account.0])?)
}

fn mark(
    transaction: &Transaction<'_>,
    endpoint: EndpointKey,
    sweeping: bool,
) -> Result<(), StoreError> {
    let sql = "UPDATE endpoint SET sweeping = ?2 WHERE key = ?1 AND sweeping <> ?2";
    transaction.connection.prepare_cached(sql)?.execute(params![endpoint.0, sweeping])?;
    Ok(())
}

/// Cancels at most `limit` pending deliveries. Whether more may be left.
fn cancel(
    transaction: &Transaction<'_>,
    endpoint: EndpointKey,
    reason: &str,
    limit: usize,
) -> Result<bool, StoreError> {
    let mut left = limit;
    for sql in [DUE, &*BLOCKED] {
        let mut statement = transaction.connection.prepare_cached(sql)?;
        let events: Vec<i64> = row::column(
            statement.query(params![endpoint.0, i64::try_from(left).unwrap_or(i64::MAX)])?,
        )?;
        let mut cancel = transaction.connection.prepare_cached(CANCEL)?;
        for event in &events {
            cancel.execute(params![endpoint.0, event, reason])?;
        }
        left = left.saturating_sub(events.len());
    }
    Ok(left == 0)
}

const DUE: &str = "SELECT event FROM delivery INDEXED BY delivery_due WHERE endpoint = ?1 AND due IS NOT NULL LIMIT ?2";
static BLOCKED: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT event FROM delivery INDEXED BY delivery_order WHERE endpoint = ?1 AND {} AND state = 'pending' LIMIT ?2",
        order::OPEN
    )
});
const CANCEL: &str = "UPDATE delivery SET state = 'cancelled', reason = ?3, due = NULL WHERE endpoint = ?1 AND event = ?2 AND state = 'pending'";
/// Deliveries that are changed in the transaction that changes the endpoint.
const AT_ONCE: usize = 1000;
