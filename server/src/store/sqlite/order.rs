//! Endpoints that get their events one after the other.
//!
//! **Invariant.** Of the open deliveries of one order, one is active: it is being sent, or due at some moment. The others
//! are blocked: pending without a moment. When the active one ends, the first of the blocked takes its place.

use std::sync::LazyLock;

use hookseal::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{StoreError, transaction::Transaction};
use crate::store::{EndpointKey, Order, Target};

/// The order that a delivery of an event is in at an endpoint.
pub(super) fn key_of<'a>(target: &Target, ordering_key: Option<&'a str>) -> Option<&'a str> {
    match target.endpoint.settings.order {
        Order::None => None,
        Order::Endpoint => Some(""),
        Order::Key => ordering_key,
    }
}

/// Whether a delivery of an order is open.
pub(super) fn is_open(
    connection: &Connection,
    endpoint: EndpointKey,
    order_key: &str,
) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(&FIRST)?;
    Ok(statement.exists(params![endpoint.0, order_key])?)
}

/// Makes the first blocked delivery of an order due: the active one has ended.
pub(super) fn release_next(
    transaction: &mut Transaction<'_>,
    endpoint: EndpointKey,
    order_key: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut statement = transaction.connection.prepare_cached(&FIRST)?;
    let first: Option<i64> =
        statement.query_row(params![endpoint.0, order_key], |row| row.get(0)).optional()?;
    let Some(event) = first else { return Ok(()) };
    let sql = "UPDATE delivery SET due = ?3 WHERE endpoint = ?1 AND event = ?2 AND state = 'pending' AND due IS NULL";
    let mut release = transaction.connection.prepare_cached(sql)?;
    if release.execute(params![endpoint.0, event, now.as_millis()])? > 0 {
        transaction.touch(endpoint);
        transaction.wake();
    }
    Ok(())
}

/// Takes at most `limit` blocked deliveries of an endpoint out of their orders. Whether more may be left.
pub(super) fn dissolve(
    transaction: &mut Transaction<'_>,
    endpoint: EndpointKey,
    now: Timestamp,
    limit: usize,
) -> Result<bool, StoreError> {
    let mut statement = transaction.connection.prepare_cached(&DISSOLVE)?;
    let released = statement.execute(params![
        endpoint.0,
        now.as_millis(),
        i64::try_from(limit).unwrap_or(i64::MAX)
    ])?;
    if released > 0 {
        transaction.touch(endpoint);
        transaction.wake();
    }
    Ok(released >= limit)
}

/// What the partial index of open deliveries asks for.
pub(super) const OPEN: &str = "order_key IS NOT NULL AND state IN ('pending', 'delivering')";

static FIRST: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT event FROM delivery INDEXED BY delivery_order WHERE endpoint = ?1 AND order_key = ?2 AND {OPEN}
         ORDER BY event LIMIT 1"
    )
});
static DISSOLVE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "UPDATE delivery SET due = ?2, order_key = NULL WHERE endpoint = ?1 AND event IN (
             SELECT event FROM delivery INDEXED BY delivery_order
             WHERE endpoint = ?1 AND {OPEN} AND state = 'pending' AND due IS NULL LIMIT ?3)"
    )
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::{migrate, plan};

    #[test]
    fn the_open_ones_of_an_order_are_found_by_its_index() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate::run(&mut connection).unwrap();
        assert_eq!(
            plan(&connection, &FIRST),
            ["SEARCH delivery USING INDEX delivery_order (endpoint=? AND order_key=?)"]
        );
    }
}
