//! Events and deliveries, for reading.

use std::collections::HashMap;

use super::{
    fault::Fault,
    row::{self, get},
    session::Session,
};
use crate::store::{
    AccountKey, Attempt, Delivery, DeliveryKey, DeliveryState, EndpointKey, Event, EventDetail,
    EventFilter, EventHead, EventKey,
};

pub(super) async fn detail(
    session: &Session,
    account: AccountKey,
    id: &str,
) -> Result<Option<EventDetail>, Fault> {
    let found = find(session, account, id).await?;
    Ok(found.map(|(event, endpoints)| EventDetail::new(event, endpoints)))
}

/// The deliveries of an event to some of its endpoints.
pub(super) async fn deliveries_of(
    session: &Session,
    event: &Event,
    endpoints: &[EndpointKey],
) -> Result<Vec<Delivery>, Fault> {
    let key = |endpoint: &EndpointKey| DeliveryKey { endpoint: *endpoint, event: event.key };
    let keys: Vec<_> = endpoints.iter().map(key).collect();
    let mut stored: HashMap<_, _> = stored(session, event.account, &keys)
        .await?
        .into_iter()
        .map(|delivery| (delivery.key, delivery))
        .collect();
    let deliveries = keys
        .into_iter()
        .map(|key| stored.remove(&key).unwrap_or_else(|| under_way(key, event)))
        .collect();
    Ok(deliveries)
}

pub(super) async fn list(
    session: &Session,
    account: AccountKey,
    filter: &EventFilter,
    before: Option<EventKey>,
    limit: u32,
) -> Result<Vec<EventHead>, Fault> {
    let (before, limit) = (before.map_or(i64::MAX, |key| key.0), i64::from(limit));
    let since = filter.since.map_or(i64::MIN, |key| key.0);
    let of_type = &filter.event_type;
    let rows = match &filter.tenant {
        Some(tenant) => {
            session
                .query(LIST_OF_TENANT, &[&account.0, &before, of_type, &limit, &since, tenant])
                .await?
        }
        None => session.query(LIST, &[&account.0, &before, of_type, &limit, &since]).await?,
    };
    rows.iter().map(row::event_head).collect()
}

/// The event so many places before another one.
pub(super) async fn earlier(
    session: &Session,
    account: AccountKey,
    tenant: Option<&str>,
    before: Option<EventKey>,
    places: u32,
) -> Result<Option<EventKey>, Fault> {
    let (before, places) = (before.map_or(i64::MAX, |key| key.0), i64::from(places) - 1);
    let row = match tenant {
        Some(tenant) => {
            session.optional(EARLIER_OF_TENANT, &[&account.0, &before, &places, &tenant]).await?
        }
        None => session.optional(EARLIER, &[&account.0, &before, &places]).await?,
    };
    Ok(row.map(|row| row.try_get(0)).transpose()?.map(EventKey))
}

/// One delivery with its attempts, first to last.
pub(super) async fn delivery(
    session: &Session,
    account: AccountKey,
    key: DeliveryKey,
) -> Result<Option<(Delivery, Vec<Attempt>)>, Fault> {
    let Some(delivery) = stored(session, account, &[key]).await?.pop() else {
        let event = by_key(session, account, key.event).await?;
        let event = event.filter(|(_, targets)| targets.contains(&key.endpoint));
        return Ok(event.map(|(event, _)| (under_way(key, &event), Vec::new())));
    };
    let mut attempts = Vec::new();
    for row in session.query(ATTEMPTS, &[&key.endpoint.0, &key.event.0]).await? {
        attempts.extend(row::attempt(&row, row::count(&row, "number")?)?);
    }
    attempts.extend(delivery.last_attempt.clone());
    Ok(Some((delivery, attempts)))
}

/// Those of the deliveries that have a row, in the order that is given.
pub(super) async fn stored(
    session: &Session,
    account: AccountKey,
    keys: &[DeliveryKey],
) -> Result<Vec<Delivery>, Fault> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let endpoints: Vec<_> = keys.iter().map(|key| key.endpoint.0).collect();
    let events: Vec<_> = keys.iter().map(|key| key.event.0).collect();
    let rows = session.query(STORED, &[&endpoints, &events, &account.0]).await?;
    rows.iter().map(row::delivery).collect()
}

/// The event with this key and the endpoints that it went to.
pub(super) async fn by_key(
    session: &Session,
    account: AccountKey,
    key: EventKey,
) -> Result<Option<(Event, Vec<EndpointKey>)>, Fault> {
    read(session.optional(BY_KEY, &[&account.0, &key.0]).await?)
}

/// By the caller's id, or by the key where the caller gave none.
async fn find(
    session: &Session,
    account: AccountKey,
    id: &str,
) -> Result<Option<(Event, Vec<EndpointKey>)>, Fault> {
    if let Some(found) = read(session.optional(BY_ID, &[&account.0, &id]).await?)? {
        return Ok(Some(found));
    }
    let Some(key) = EventKey::parse(id) else { return Ok(None) };
    // One with an id of its own is known by that alone.
    Ok(by_key(session, account, key).await?.filter(|(event, _)| event.id == id))
}

fn read(row: Option<tokio_postgres::Row>) -> Result<Option<(Event, Vec<EndpointKey>)>, Fault> {
    let Some(row) = row else { return Ok(None) };
    let event = row::event(&row)?;
    let targets = row::unpack(get(&row, "targets")?, "event", event.key.0)?;
    Ok(Some((event, targets.into_iter().map(EndpointKey).collect())))
}

/// A delivery that was taken into memory when its event was accepted, and not yet settled.
fn under_way(key: DeliveryKey, event: &Event) -> Delivery {
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

const BY_KEY: &str = concat!(
    "SELECT ",
    row::event_columns!(),
    ", v.targets FROM event v WHERE v.account = $1 AND v.key = $2"
);
const BY_ID: &str = concat!(
    "SELECT ",
    row::event_columns!(),
    ", v.targets FROM event v WHERE v.account = $1 AND v.id = $2"
);
/// Looks for keys first: the index knows the types.
const LIST: &str = concat!(
    "SELECT ",
    row::event_head_columns!(),
    " FROM (SELECT key FROM event WHERE account = $1 AND key < $2 AND key >= $5 AND ($3::text IS NULL OR type = $3)
            ORDER BY key DESC LIMIT $4) k
     JOIN event v ON v.account = $1 AND v.key = k.key ORDER BY v.key DESC"
);
const LIST_OF_TENANT: &str = concat!(
    "SELECT ",
    row::event_head_columns!(),
    " FROM event v WHERE v.account = $1 AND v.tenant = $6 AND v.key < $2 AND v.key >= $5 AND ($3::text IS NULL OR v.type = $3)
      ORDER BY v.key DESC LIMIT $4"
);
const EARLIER: &str =
    "SELECT key FROM event WHERE account = $1 AND key < $2 ORDER BY key DESC LIMIT 1 OFFSET $3";
const EARLIER_OF_TENANT: &str =
    "SELECT key FROM event WHERE account = $1 AND tenant = $4 AND key < $2
    ORDER BY key DESC LIMIT 1 OFFSET $3";
/// One row after the other, by its key: of tables that were never analyzed, PostgreSQL would rather read what an endpoint or
/// an account has.
const STORED: &str = concat!(
    "SELECT ",
    row::delivery_columns!(),
    " FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS u (endpoint, event, place)
     CROSS JOIN LATERAL (SELECT * FROM delivery WHERE endpoint = u.endpoint AND event = u.event AND account = $3 LIMIT 1) d
     CROSS JOIN LATERAL (SELECT * FROM event WHERE account = d.account AND key = d.event LIMIT 1) v
     JOIN endpoint e ON e.key = d.endpoint ORDER BY u.place"
);
const ATTEMPTS: &str = "SELECT * FROM attempt WHERE event = $2 AND endpoint = $1 ORDER BY number";
