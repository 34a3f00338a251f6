//! Events and what became of them, for reading.

use std::sync::LazyLock;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{StoreError, deliveries, row};
use crate::store::{
    AccountKey, Delivery, DeliveryKey, EndpointKey, Event, EventDetail, EventFilter, EventHead,
    EventKey,
};

pub(super) fn detail(
    connection: &Connection,
    account: AccountKey,
    id: &str,
) -> Result<Option<EventDetail>, StoreError> {
    let Some((event, targets)) = find(connection, account, id)? else { return Ok(None) };
    Ok(Some(EventDetail::new(event, targets.into_iter().map(EndpointKey).collect())))
}

/// The deliveries of an event to some of its endpoints.
pub(super) fn deliveries_of(
    connection: &Connection,
    event: &Event,
    endpoints: &[EndpointKey],
) -> Result<Vec<Delivery>, StoreError> {
    let delivery = |endpoint: &EndpointKey| {
        let key = DeliveryKey { endpoint: *endpoint, event: event.key };
        let stored = deliveries::stored(connection, event.account, key)?;
        Ok(stored.unwrap_or_else(|| deliveries::under_way(key, event)))
    };
    endpoints.iter().map(delivery).collect()
}

pub(super) fn list(
    connection: &Connection,
    account: AccountKey,
    filter: &EventFilter,
    before: Option<EventKey>,
    limit: u32,
) -> Result<Vec<EventHead>, StoreError> {
    let sql = if filter.tenant.is_some() { &*LIST_OF_TENANT } else { &*LIST };
    let before = before.map_or(i64::MAX, |key| key.0);
    let since = filter.since.map_or(i64::MIN, |key| key.0);
    let mut statement = connection.prepare_cached(sql)?;
    let values = params![account.0, before, filter.tenant, filter.event_type, limit, since];
    let mut rows = statement.query(values)?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(row::event_head(row)?);
    }
    Ok(events)
}

/// The event so many places before another one.
pub(super) fn earlier(
    connection: &Connection,
    account: AccountKey,
    tenant: Option<&str>,
    before: Option<EventKey>,
    places: u32,
) -> Result<Option<EventKey>, StoreError> {
    let sql = if tenant.is_some() { EARLIER_OF_TENANT } else { EARLIER };
    let before = before.map_or(i64::MAX, |key| key.0);
    let values = params![account.0, before, tenant, places.saturating_sub(1)];
    let found = connection.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?;
    Ok(found.map(EventKey))
}

/// The event with this key and the endpoints that it went to.
pub(super) fn by_key(
    connection: &Connection,
    account: AccountKey,
    key: EventKey,
) -> Result<Option<(Event, Vec<i64>)>, StoreError> {
    let sql = format!("SELECT {}, targets FROM event WHERE key = ?1 AND account = ?2", row::EVENT);
    read(connection, &sql, params![key.0, account.0])
}

/// By the caller's id, or by the key where the caller gave none.
fn find(
    connection: &Connection,
    account: AccountKey,
    id: &str,
) -> Result<Option<(Event, Vec<i64>)>, StoreError> {
    let sql = format!("SELECT {}, targets FROM event WHERE account = ?1 AND id = ?2", row::EVENT);
    let found = read(connection, &sql, params![account.0, id])?;
    if found.is_some() {
        return Ok(found);
    }
    let Some(key) = EventKey::parse(id) else { return Ok(None) };
    // One with an id of its own is known by that alone.
    Ok(by_key(connection, account, key)?.filter(|(event, _)| event.id == id))
}

fn read(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<Option<(Event, Vec<i64>)>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let event = row::event(row)?;
    let targets = row.get_ref("targets")?.as_blob().map_err(rusqlite::Error::from)?;
    let targets = row::unpack(targets, "event", event.key.0)?;
    Ok(Some((event, targets)))
}

static LIST: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {} FROM event WHERE account = ?1 AND key < ?2 AND key >= ?6 AND ?3 IS NULL AND (?4 IS NULL OR type = ?4)
         ORDER BY key DESC LIMIT ?5",
        row::EVENT_HEAD
    )
});
static LIST_OF_TENANT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {} FROM event WHERE account = ?1 AND key < ?2 AND key >= ?6 AND tenant = ?3 AND (?4 IS NULL OR type = ?4)
         ORDER BY key DESC LIMIT ?5",
        row::EVENT_HEAD
    )
});

const EARLIER: &str = "SELECT key FROM event WHERE account = ?1 AND key < ?2 AND ?3 IS NULL ORDER BY key DESC LIMIT 1 OFFSET ?4";
const EARLIER_OF_TENANT: &str = "SELECT key FROM event WHERE account = ?1 AND key < ?2 AND tenant = ?3 ORDER BY key DESC LIMIT 1 OFFSET ?4";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::{migrate, plan};

    #[test]
    fn pages_begin_where_the_last_one_ended() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate::run(&mut connection).unwrap();
        for (sql, expected) in [
            (
                LIST.as_str(),
                "SEARCH event USING INDEX event_by_account (account=? AND key>? AND key<?)",
            ),
            (
                LIST_OF_TENANT.as_str(),
                "SEARCH event USING INDEX event_by_tenant (account=? AND tenant=? AND key>? AND key<?)",
            ),
            (EARLIER, "SEARCH event USING COVERING INDEX event_by_account (account=? AND key<?)"),
            (
                EARLIER_OF_TENANT,
                "SEARCH event USING COVERING INDEX event_by_tenant (account=? AND tenant=? AND key<?)",
            ),
        ] {
            assert_eq!(plan(&connection, sql), [expected], "{sql}");
        }
    }
}
