//! Removing events for good: those that are old, and those of a tenant that is erased. In bounded steps, and each node
//! passes over what another is at.

use hookseal::Timestamp;
use tokio_postgres::Row;

use super::{
    changes::Changes,
    cycle, endpoints,
    fault::Fault,
    row::{self, get},
    session::Session,
};
use crate::store::{AccountKey, EndpointKey, EventKey, portion};

/// What one step did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// Rows that were looked at.
    pub(super) seen: usize,
    /// There may be more.
    pub(super) more: bool,
}

/// Account and key of the event to go on with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(pub(super) AccountKey, pub(super) EventKey);

impl Place {
    pub(super) const START: Self = Self(AccountKey(i64::MIN), EventKey(i64::MIN));

    /// Where it goes on after a step: at the start, when that was the last.
    fn after(events: &[Doomed], step: Step) -> Self {
        match events.last() {
            Some(last) if step.more => {
                Self(AccountKey(last.account), EventKey(last.key.saturating_add(1)))
            }
            _ => Self::START,
        }
    }
}

/// Removes events older than `until`, all of whose deliveries have ended, from a place on. Returns the place after them,
/// which is the start when all were looked at.
pub(super) async fn prune_events(
    session: &Session,
    until: EventKey,
    from: Place,
    limit: i64,
) -> Result<(Step, Place), Fault> {
    let rows = session.query(OLD, &[&from.0.0, &from.1.0, &until.0, &limit]).await?;
    let (events, step) = Doomed::portion(&rows, limit)?;
    let (event_keys, endpoint_keys) = pairs(&events);
    let mut open = std::collections::HashSet::new();
    for row in session.query(OPEN, &[&endpoint_keys, &event_keys]).await? {
        open.insert(row.try_get::<_, i64>(0)?);
    }
    let next = Place::after(&events, step);
    let doomed: Vec<_> = events.into_iter().filter(|event| !open.contains(&event.key)).collect();
    remove(session, &doomed, None).await?;
    Ok((step, next))
}

/// Removes the records of attempts of events older than `until`, where the delivery has ended, going on after those of which
/// that was done before.
pub(super) async fn prune_attempts(
    session: &Session,
    until: EventKey,
    limit: i64,
) -> Result<Step, Fault> {
    let rows = session.query(OLD_ATTEMPTS, &[&until.0, &limit]).await?;
    let (events, step) = Doomed::portion(&rows, limit)?;
    if events.is_empty() {
        return Ok(step);
    }
    clear(session, &events).await?;
    let (accounts, keys): (Vec<_>, Vec<_>) =
        events.iter().map(|event| (event.account, event.key)).unzip();
    session.execute(ATTEMPTS_PRUNED, &[&accounts, &keys]).await?;
    Ok(step)
}

/// Looks again at events whose turn [was before](prune_attempts), from a place on and in rounds: at deliveries that ended
/// only later, or were replayed. Returns the place after them.
pub(super) async fn prune_late_attempts(
    session: &Session,
    until: EventKey,
    from: Place,
    limit: i64,
) -> Result<(Step, Place), Fault> {
    let rows = session.query(OLD_AGAIN, &[&from.0.0, &from.1.0, &until.0, &limit]).await?;
    let (events, step) = Doomed::portion(&rows, limit)?;
    clear(session, &events).await?;
    Ok((step, Place::after(&events, step)))
}

async fn clear(session: &Session, events: &[Doomed]) -> Result<(), Fault> {
    let (event_keys, endpoint_keys) = pairs(events);
    if !event_keys.is_empty() {
        session.execute(FORGET_ATTEMPTS, &[&endpoint_keys, &event_keys]).await?;
        session.execute(CLEAR, &[&endpoint_keys, &event_keys]).await?;
    }
    Ok(())
}

/// Removes events of a tenant, whatever their state.
pub(super) async fn erase_events(
    session: &Session,
    account: AccountKey,
    tenant: &str,
    limit: i64,
    now: Timestamp,
) -> Result<Step, Fault> {
    let rows = session.query(OF_TENANT, &[&account.0, &tenant, &limit]).await?;
    let (events, step) = Doomed::portion(&rows, limit)?;
    let (event_keys, endpoint_keys) = pairs(&events);
    if session.optional(WITHOUT_ROW, &[&endpoint_keys, &event_keys]).await?.is_some() {
        // A commit under way may be writing that row, with an answer in it: seen, once that is done. Those who come after
        // it find no event.
        session.execute(AWAIT_COMMITS, &[]).await?;
    }
    remove(session, &events, Some(now)).await?;
    Ok(step)
}

/// Deletes endpoints of a tenant, and wipes what they say. Returns them, too.
pub(super) async fn erase_endpoints(
    session: &Session,
    account: AccountKey,
    tenant: &str,
    limit: i64,
    now: Timestamp,
) -> Result<(Step, Vec<EndpointKey>), Fault> {
    let keys = endpoints::of_tenant(session, account, tenant, limit).await?;
    for key in &keys {
        endpoints::delete(session, account, *key, now).await?;
        endpoints::wipe(session, *key).await?;
    }
    let step = Step {
        seen: keys.len(),
        more: i64::try_from(keys.len()).is_ok_and(|count| count >= limit),
    };
    Ok((step, keys))
}

/// An event that may be removed, with the endpoints that it went to.
struct Doomed {
    account: i64,
    key: i64,
    endpoints: Vec<i64>,
}

impl Doomed {
    /// Those that one step takes of what was found, at most `limit`.
    fn portion(rows: &[Row], limit: i64) -> Result<(Vec<Self>, Step), Fault> {
        let mut events = rows.iter().map(Self::read).collect::<Result<Vec<_>, _>>()?;
        events.sort_unstable_by_key(|event| (event.account, event.key));
        let is_full = i64::try_from(events.len()).is_ok_and(|count| count >= limit);
        let taken = portion::of_events(events.iter().map(|event| event.endpoints.len()));
        let more = is_full || taken < events.len();
        events.truncate(taken);
        let endpoints = events.iter().map(|event| event.endpoints.len()).sum();
        let seen = events.len().max(endpoints);
        Ok((events, Step { seen, more }))
    }

    fn read(row: &Row) -> Result<Self, Fault> {
        let key = get(row, "key")?;
        Ok(Self {
            account: get(row, "account")?,
            key,
            endpoints: row::unpack(get(row, "targets")?, "event", key)?,
        })
    }
}

/// The deliveries of events: a column of events and one of endpoints.
fn pairs(events: &[Doomed]) -> (Vec<i64>, Vec<i64>) {
    events
        .iter()
        .flat_map(|event| event.endpoints.iter().map(|endpoint| (event.key, *endpoint)))
        .unzip()
}

/// Removes events with all that became of them. With `now`, what was open goes as well, and the orders go on.
async fn remove(session: &Session, events: &[Doomed], now: Option<Timestamp>) -> Result<(), Fault> {
    if events.is_empty() {
        return Ok(());
    }
    session.prepare(cycle::STATEMENTS).await?;
    let (event_keys, endpoint_keys) = pairs(events);
    session.execute(DELETE_ATTEMPTS, &[&endpoint_keys, &event_keys]).await?;
    let mut changes = Changes::default();
    for row in session.query(DELETE_DELIVERIES, &[&endpoint_keys, &event_keys]).await? {
        let endpoint = EndpointKey(get(&row, "endpoint")?);
        let order_key: Option<&str> = get(&row, "order_key")?;
        if get(&row, "active")?
            && let Some(now) = now
        {
            changes.lanes.touch(endpoint);
            if let Some(order_key) = order_key {
                changes.end_order(endpoint, order_key, now);
            }
        }
    }
    let (accounts, keys): (Vec<_>, Vec<_>) =
        events.iter().map(|event| (event.account, event.key)).unzip();
    session.execute(DELETE_EVENTS, &[&accounts, &keys]).await?;
    changes.lanes.lock(session).await?;
    changes.write(session).await?;
    changes.lanes.refresh(session).await
}

const OLD: &str = "SELECT v.account, v.key, v.targets FROM account a,
        LATERAL (SELECT account, key, targets FROM event WHERE account = a.key
            AND key >= CASE WHEN a.key = $1 THEN $2::bigint ELSE -1 END AND key < $3 ORDER BY key LIMIT $4 FOR UPDATE SKIP LOCKED) v
    WHERE a.key >= $1 ORDER BY a.key LIMIT $4";
/// Events of which a delivery is still to be made, or under way without a row.
const OPEN: &str = "SELECT DISTINCT u.event FROM unnest($1::bigint[], $2::bigint[]) AS u (endpoint, event)
    WHERE NOT EXISTS (SELECT FROM delivery d LEFT JOIN endpoint e ON e.key = d.endpoint
        WHERE d.endpoint = u.endpoint AND d.event = u.event
          AND (d.state IN ('delivered', 'failed', 'cancelled')
               OR d.state = 'pending' AND COALESCE(e.state, 'deleted') IN ('deleted', 'disabled')))";
const OLD_AGAIN: &str = "SELECT v.account, v.key, v.targets FROM account a,
        LATERAL (SELECT account, key, targets FROM event WHERE account = a.key
            AND key >= CASE WHEN a.key = $1 THEN $2::bigint ELSE -1 END AND key < $3 ORDER BY key LIMIT $4) v
    WHERE a.key >= $1 ORDER BY a.key LIMIT $4";
const OLD_ATTEMPTS: &str = "SELECT v.account, v.key, v.targets FROM account a,
        LATERAL (SELECT account, key, targets FROM event WHERE account = a.key
            AND key > a.attempts_pruned AND key < $1 ORDER BY key LIMIT $2) v
    ORDER BY a.key LIMIT $2";
const FORGET_ATTEMPTS: &str = "DELETE FROM attempt t USING unnest($1::bigint[], $2::bigint[]) AS u (endpoint, event), delivery d
    WHERE t.event = u.event AND t.endpoint = u.endpoint AND d.endpoint = u.endpoint AND d.event = u.event
      AND d.state IN ('delivered', 'failed', 'cancelled')";
const CLEAR: &str = "UPDATE delivery d SET started_at = NULL, total_us = NULL, dns_us = NULL, connect_us = NULL, tls_us = NULL,
        first_byte_us = NULL, status = NULL, error = NULL, address = NULL, response_head = NULL, response_body = NULL
    FROM unnest($1::bigint[], $2::bigint[]) AS u (endpoint, event)
    WHERE d.endpoint = u.endpoint AND d.event = u.event AND d.started_at IS NOT NULL
      AND d.state IN ('delivered', 'failed', 'cancelled')";
const ATTEMPTS_PRUNED: &str = "UPDATE account a SET attempts_pruned = u.key
    FROM (SELECT account, max(key) AS key FROM unnest($1::bigint[], $2::bigint[]) AS u (account, key) GROUP BY account) u
    WHERE a.key = u.account AND a.attempts_pruned < u.key";
const OF_TENANT: &str = "SELECT account, key, targets FROM event WHERE account = $1 AND tenant = $2
    ORDER BY key LIMIT $3 FOR UPDATE";
const WITHOUT_ROW: &str = "SELECT FROM unnest($1::bigint[], $2::bigint[]) AS u (endpoint, event)
    WHERE NOT EXISTS (SELECT FROM delivery d WHERE d.endpoint = u.endpoint AND d.event = u.event) LIMIT 1";
/// Whoever settles has locked the row of its node.
const AWAIT_COMMITS: &str = "SELECT FROM node ORDER BY id FOR UPDATE";
const DELETE_ATTEMPTS: &str =
    "DELETE FROM attempt t USING unnest($1::bigint[], $2::bigint[]) AS u (endpoint, event)
    WHERE t.event = u.event AND t.endpoint = u.endpoint";
const DELETE_DELIVERIES: &str =
    "DELETE FROM delivery d USING unnest($1::bigint[], $2::bigint[]) AS u (endpoint, event)
    WHERE d.endpoint = u.endpoint AND d.event = u.event
    RETURNING d.endpoint, d.order_key, d.state = 'delivering' OR d.due IS NOT NULL AS active";
const DELETE_EVENTS: &str =
    "DELETE FROM event v USING unnest($1::bigint[], $2::bigint[]) AS u (account, key)
    WHERE v.account = u.account AND v.key = u.key";
