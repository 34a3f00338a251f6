//! Sending again what has ended.

use std::collections::HashMap;

use hookseal::Timestamp;

use super::{
    accept, changes::Changes, cycle, endpoints, events, fault::Fault, matching::Targets, row::get,
    session::Session, settle::Rows,
};
use crate::store::{AccountKey, DeliveryKey, DeliveryState, EndpointKey, EventKey};

/// One delivery, whatever became of it. How many will be sent; `None` where there is no such delivery.
pub(super) async fn one(
    session: &Session,
    account: AccountKey,
    key: DeliveryKey,
    now: Timestamp,
) -> Result<Option<u64>, Fault> {
    let event = events::by_key(session, account, key.event).await?;
    if !event.is_some_and(|(_, targets)| targets.contains(&key.endpoint)) {
        return Ok(None);
    }
    again(session, account, vec![key], &|_| true, now).await.map(Some)
}

/// One event, to all endpoints it went to.
pub(super) async fn event(
    session: &Session,
    account: AccountKey,
    key: EventKey,
    now: Timestamp,
) -> Result<Option<u64>, Fault> {
    let Some((_, targets)) = events::by_key(session, account, key).await? else { return Ok(None) };
    let keys = targets.into_iter().map(|endpoint| DeliveryKey { endpoint, event: key }).collect();
    again(session, account, keys, &|_| true, now).await.map(Some)
}

/// Some of the failed deliveries of an endpoint, from an event on: how many will be sent, and the event to go on from, if
/// there may be more. `None` where there is no such endpoint.
pub(super) async fn failed(
    session: &Session,
    account: AccountKey,
    endpoint: EndpointKey,
    from: EventKey,
    now: Timestamp,
) -> Result<Option<(u64, Option<EventKey>)>, Fault> {
    if endpoints::target(session, account, endpoint).await?.is_none() {
        return Ok(None);
    }
    let rows = session.query(FAILED, &[&endpoint.0, &from.0, &STEP]).await?;
    let mut keys = Vec::with_capacity(rows.len());
    for row in &rows {
        keys.push(DeliveryKey { endpoint, event: EventKey(row.try_get(0)?) });
    }
    let next = keys.last().map(|key| EventKey(key.event.0.saturating_add(1)));
    let sent = again(session, account, keys, &|state| state == DeliveryState::Failed, now).await?;
    Ok(Some((sent, next)))
}

/// Makes deliveries due again that are in a state that is wanted. How many will be sent: not those that are being sent, or
/// whose endpoint is gone.
async fn again(
    session: &Session,
    account: AccountKey,
    mut keys: Vec<DeliveryKey>,
    is_wanted: &(dyn Fn(DeliveryState) -> bool + Sync),
    now: Timestamp,
) -> Result<u64, Fault> {
    session.prepare(cycle::STATEMENTS).await?;
    keys.sort_unstable();
    let rows = Rows::read(&Rows::lock(session, &keys).await?)?;
    let (mut due, mut anew) = (Vec::new(), Vec::new());
    for key in keys {
        match rows.get(key) {
            Some(found) if !is_wanted(found.state) => {}
            None => {}
            Some(found) => match found.state {
                DeliveryState::Delivering => {}
                // One that waits for an earlier one of its order goes on waiting.
                DeliveryState::Pending => due.push((key, found.is_due())),
                _ => anew.push(key),
            },
        }
    }
    let all = due.iter().map(|(key, _)| *key).chain(anew.iter().copied());
    // Of every version: it is read here, not compared.
    let versions: HashMap<_, _> = all.map(|key| (key.endpoint, i64::MIN)).collect();
    let mut targets = Targets::default().load(session, &versions).await?;
    targets.retain(|_, target| target.is_some());
    due.retain(|(key, _)| targets.contains_key(&key.endpoint));
    anew.retain(|key| targets.contains_key(&key.endpoint));
    let ordering_keys = ordering_keys(session, account, &anew).await?;

    let mut changes = Changes::default();
    for key in due.iter().map(|(key, _)| key).chain(&anew) {
        changes.lanes.touch(key.endpoint);
    }
    changes.lanes.lock(session).await?;
    let waiting: Vec<_> = due.iter().filter(|(_, is_due)| *is_due).map(|(key, _)| *key).collect();
    let (endpoints, events) = columns(&waiting);
    session.execute(HURRY, &[&endpoints, &events, &now.as_millis()]).await?;
    let mut free = Vec::new();
    for key in &anew {
        let Some(Some(target)) = targets.get(&key.endpoint) else { continue };
        let ordering_key = ordering_keys.get(&key.event).and_then(Option::as_deref);
        let Some(order_key) = accept::order_key(target, ordering_key) else {
            free.push(*key);
            continue;
        };
        // One after the other: each may be the first of its order.
        session
            .execute(AGAIN_IN_ORDER, &[&key.endpoint.0, &key.event.0, &now.as_millis(), &order_key])
            .await?;
    }
    let (endpoints, events) = columns(&free);
    session.execute(AGAIN, &[&endpoints, &events, &now.as_millis()]).await?;
    changes.lanes.refresh(session).await?;
    Ok(u64::try_from(due.len() + anew.len()).unwrap_or(u64::MAX))
}

async fn ordering_keys(
    session: &Session,
    account: AccountKey,
    keys: &[DeliveryKey],
) -> Result<HashMap<EventKey, Option<String>>, Fault> {
    let events: Vec<_> = keys.iter().map(|key| key.event.0).collect();
    let sql = "SELECT key, ordering_key FROM event WHERE account = $1 AND key = ANY ($2::bigint[])";
    let rows = session.query(sql, &[&account.0, &events]).await?;
    rows.iter().map(|row| Ok((EventKey(get(row, "key")?), get(row, "ordering_key")?))).collect()
}

fn columns(keys: &[DeliveryKey]) -> (Vec<i64>, Vec<i64>) {
    keys.iter().map(|key| (key.endpoint.0, key.event.0)).unzip()
}

const FAILED: &str = "SELECT event FROM delivery WHERE endpoint = $1 AND state = 'failed'
    AND state IN ('pending', 'failed', 'cancelled') AND event >= $2 ORDER BY event LIMIT $3";
const HURRY: &str =
    "UPDATE delivery d SET due = $3 FROM unnest($1::bigint[], $2::bigint[]) AS u (endpoint, event)
    WHERE d.endpoint = u.endpoint AND d.event = u.event";
const AGAIN: &str = "UPDATE delivery d SET state = 'pending', reason = NULL, order_key = NULL, attempts_before = attempts,
        interruptions = 0, first_attempt_at = NULL, due = $3
    FROM unnest($1::bigint[], $2::bigint[]) AS u (endpoint, event)
    WHERE d.endpoint = u.endpoint AND d.event = u.event";
const AGAIN_IN_ORDER: &str = "UPDATE delivery d SET state = 'pending', reason = NULL, order_key = $4, attempts_before = attempts,
        interruptions = 0, first_attempt_at = NULL,
        due = CASE WHEN NOT EXISTS (SELECT FROM delivery o WHERE o.endpoint = $1 AND o.order_key = $4
            AND o.state IN ('pending', 'delivering')) THEN $3::bigint END
    WHERE d.endpoint = $1 AND d.event = $2";
/// Deliveries that are made due in one transaction.
const STEP: i64 = 256;
