//! What is due, and how it is taken.

use std::{collections::HashMap, sync::Arc};

use hookseal::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, Rows, params};

use super::{StoreError, lane, order, row, transaction::Transaction};
use crate::store::{
    AccountKey, DeliveryKey, EndpointKey, Event, EventKey, Health, Job, LanePlace, LeaseRequest,
    Leased, SharedTarget, Tenant,
};

/// Walks the lanes that are due, the one that is due for longest first, from where the last walk ended, and takes from
/// each what there is room for. The cost grows with what is taken and the lanes that are looked at, not with the
/// backlogs, and of those that get nothing because of their tenant only so many are looked at. A row that does not make
/// sense is set aside as `failed`, with the reason `corrupt`: it must not hold up the others.
pub(super) fn lease(
    transaction: &mut Transaction<'_>,
    request: &LeaseRequest,
) -> Result<Leased, StoreError> {
    let rooms: HashMap<EndpointKey, u32> = request.rooms.iter().copied().collect();
    let mut taken = Taken::default();
    let mut after = request
        .after
        .map_or((i64::MIN, i64::MIN), |place| (place.due.as_millis(), place.endpoint.0));
    // The last lane that could have got something, and those that could not because of their tenant.
    let (mut offered, mut left_out) = (request.after, 0);
    let mut is_cut = false;
    'walk: loop {
        let lanes = due_lanes(transaction.connection, request.now, after)?;
        let Some(last) = lanes.last() else { break };
        after = (last.due, last.endpoint.0);
        for lane in &lanes {
            let room = rooms.get(&lane.endpoint).copied();
            let left = request.limit.saturating_sub(taken.len());
            if left_out >= LANES {
                is_cut = true;
                break 'walk;
            }
            if room.is_none() && is_left_out(transaction.connection, request, lane.endpoint)? {
                left_out += 1;
                offered = if left > 0 { Some(lane.place()) } else { offered };
                continue;
            }
            if taken.bytes >= request.bytes || (left == 0 && room.is_none()) {
                taken.leased.more = true;
                is_cut = true;
                break 'walk;
            }
            if left > 0 {
                offered = Some(lane.place());
            }
            let room = room.unwrap_or(request.per_endpoint).min(left);
            if room == 0 {
                continue;
            }
            let more = take(transaction, request, lane, room, &mut taken)?;
            taken.leased.more |= more && !rooms.contains_key(&lane.endpoint);
        }
        if lanes.len() < LANES {
            break;
        }
    }
    transaction.refresh_lanes()?;
    taken.leased.next_due = next_due(transaction.connection, request.now)?;
    if taken.len() >= request.limit {
        // Lanes that are left may be among those with a room.
        (is_cut, taken.leased.more) = (true, true);
    }
    if is_cut {
        taken.leased.after = offered;
    } else {
        // At the end: the first are to be looked at again.
        taken.leased.more |= request.after.is_some();
    }
    if is_cut && !taken.leased.more {
        let soon = request.now.plus_millis(SOON_MILLIS);
        taken.leased.next_due = taken.leased.next_due.map_or(Some(soon), |due| Some(due.min(soon)));
    }
    Ok(taken.leased)
}

#[derive(Default)]
struct Taken {
    leased: Leased,
    /// Of the data of all that is leased.
    bytes: usize,
    /// Those that were read.
    events: HashMap<EventKey, Arc<Event>>,
}

impl Taken {
    fn len(&self) -> u32 {
        u32::try_from(self.leased.jobs.len()).unwrap_or(u32::MAX)
    }
}

/// Takes from one lane. Whether more is due there.
fn take(
    transaction: &mut Transaction<'_>,
    request: &LeaseRequest,
    lane: &Lane,
    room: u32,
    taken: &mut Taken,
) -> Result<bool, StoreError> {
    let probes = lane.health.failures >= request.probe_from;
    let room = if probes { 1 } else { room };
    let connection = transaction.connection;
    let mut due = due(connection, lane.endpoint, request.now, room.saturating_add(1))?;
    let more = due.len() > usize::try_from(room).unwrap_or(usize::MAX);
    due.truncate(usize::try_from(room).unwrap_or(usize::MAX));
    transaction.touch(lane.endpoint);
    let mut health = lane.health;
    if probes && !due.is_empty() {
        health.hold_until = Some(request.probe_until);
    }
    let (before, mut set_aside) = (taken.len(), false);
    for row in due {
        if taken.bytes >= request.bytes {
            taken.leased.more = true;
            break;
        }
        let delivery = DeliveryKey { endpoint: lane.endpoint, event: row.event };
        match load(transaction, delivery, &mut taken.events) {
            Ok((target, event)) => {
                connection
                    .prepare_cached(TAKE)?
                    .execute([delivery.endpoint.0, delivery.event.0])?;
                let claim = transaction.claim(delivery, true, request.now);
                taken.bytes = taken.bytes.saturating_add(event.data.len());
                taken.leased.jobs.push(Job {
                    delivery,
                    claim,
                    attempt: row.attempts.saturating_add(1),
                    step: row.steps.saturating_add(1),
                    first_attempt_at: row.first_attempt_at,
                    target,
                    health,
                    event,
                    at_once: false,
                });
            }
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::error!(delivery.id = %delivery, %error, "a delivery cannot be read, setting it aside");
                let sql = "UPDATE delivery SET state = 'failed', reason = 'corrupt', due = NULL WHERE endpoint = ?1 AND event = ?2";
                connection.prepare_cached(sql)?.execute([delivery.endpoint.0, delivery.event.0])?;
                if let Some(order_key) = &row.order_key {
                    order::release_next(transaction, lane.endpoint, order_key, request.now)?;
                }
                set_aside = true;
            }
            Err(error) => return Err(error),
        }
    }
    if probes && taken.len() > before {
        transaction.put_health(lane.endpoint, health);
    }
    Ok(set_aside || (more && !probes))
}

fn load(
    transaction: &mut Transaction<'_>,
    delivery: DeliveryKey,
    events: &mut HashMap<EventKey, Arc<Event>>,
) -> Result<(SharedTarget, Arc<Event>), StoreError> {
    let connection = transaction.connection;
    let target = transaction
        .memory
        .matcher
        .target(connection, delivery.endpoint)?
        .ok_or_else(|| row::corrupt("endpoint", &delivery.endpoint.to_string()))?;
    if let Some(event) = events.get(&delivery.event) {
        return Ok((target, Arc::clone(event)));
    }
    let event = Arc::new(event(connection, delivery.event)?);
    events.insert(delivery.event, Arc::clone(&event));
    Ok((target, event))
}

fn event(connection: &Connection, key: EventKey) -> Result<Event, StoreError> {
    let sql = "SELECT key, account, id, type, tenant, profile, ordering_key, data FROM event WHERE key = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([key.0])?;
    let row = rows.next()?.ok_or_else(|| row::corrupt("event", &key.to_string()))?;
    row::event(row)
}

struct Lane {
    endpoint: EndpointKey,
    due: i64,
    health: Health,
}

impl Lane {
    fn place(&self) -> LanePlace {
        LanePlace { due: Timestamp::from_millis(self.due), endpoint: self.endpoint }
    }
}

/// Whether its tenant is one of those that get nothing.
fn is_left_out(
    connection: &Connection,
    request: &LeaseRequest,
    endpoint: EndpointKey,
) -> Result<bool, StoreError> {
    if request.without.is_empty() {
        return Ok(false);
    }
    let read = |row: &Row<'_>| {
        Ok(Tenant { account: AccountKey(row.get("account")?), tenant: row.get("tenant")? })
    };
    let tenant = connection.prepare_cached(TENANT)?.query_row([endpoint.0], read).optional()?;
    Ok(tenant.is_some_and(|tenant| request.without.contains(&tenant)))
}

/// Some of the lanes that are due, in the order of their moments, behind one of them.
fn due_lanes(
    connection: &Connection,
    now: Timestamp,
    after: (i64, i64),
) -> Result<Vec<Lane>, StoreError> {
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let (now, mut lanes) = (now.as_millis(), Vec::new());
    // However many are due since the very same moment, none of those before is looked at again.
    if (i64::MIN + 1..=now).contains(&after.0) {
        let mut same = connection.prepare_cached(SAME_DUE)?;
        read_lanes(same.query(params![after.0, after.1, count(LANES)])?, &mut lanes)?;
    }
    let left = LANES.saturating_sub(lanes.len());
    if left > 0 {
        let mut later = connection.prepare_cached(DUE_LANES)?;
        read_lanes(later.query(params![now, after.0, count(left)])?, &mut lanes)?;
    }
    Ok(lanes)
}

fn read_lanes(mut rows: Rows<'_>, lanes: &mut Vec<Lane>) -> Result<(), StoreError> {
    while let Some(row) = rows.next()? {
        lanes.push(Lane {
            endpoint: EndpointKey(row.get("endpoint")?),
            due: row.get("due")?,
            health: lane::read_health(row)?,
        });
    }
    Ok(())
}

struct Due {
    event: EventKey,
    attempts: u32,
    /// Those of its schedule.
    steps: u32,
    first_attempt_at: Option<Timestamp>,
    order_key: Option<String>,
}

fn due(
    connection: &Connection,
    endpoint: EndpointKey,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Due>, StoreError> {
    let mut statement = connection.prepare_cached(DUE)?;
    let mut rows = statement.query(params![endpoint.0, now.as_millis(), limit])?;
    let mut due = Vec::new();
    while let Some(row) = rows.next()? {
        due.push(read_due(row)?);
    }
    Ok(due)
}

fn read_due(row: &Row<'_>) -> Result<Due, StoreError> {
    // Numbers that make no sense are no reason not to send.
    let number = |column: &str| -> Result<u32, StoreError> {
        let number: i64 = row.get(column)?;
        Ok(u32::try_from(number).unwrap_or_default())
    };
    let attempts = number("attempts")?;
    let apart = number("attempts_before")?.saturating_add(number("interruptions")?);
    Ok(Due {
        event: EventKey(row.get("event")?),
        attempts,
        steps: attempts.saturating_sub(apart),
        first_attempt_at: row::time(row, "first_attempt_at")?,
        order_key: row.get("order_key")?,
    })
}

fn next_due(connection: &Connection, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let millis: Option<i64> =
        connection.prepare_cached(NEXT_DUE)?.query_row([now.as_millis()], |row| row.get(0))?;
    Ok(millis.map(Timestamp::from_millis))
}

/// Lanes that are read at once, and so many are looked at of those that get nothing because of their tenant.
const LANES: usize = 256;
/// How soon the rest is looked at then.
const SOON_MILLIS: i64 = 10;
// The questions of every lease. Each is one step into an index; the test holds them to it.
const DUE_LANES: &str = "SELECT endpoint, due, failures, failing_since, hold_until FROM lane
    WHERE due IS NOT NULL AND due <= ?1 AND due > ?2 ORDER BY due, endpoint LIMIT ?3";
const SAME_DUE: &str = "SELECT endpoint, due, failures, failing_since, hold_until FROM lane
    WHERE due IS NOT NULL AND due = ?1 AND endpoint > ?2 ORDER BY endpoint LIMIT ?3";
const DUE: &str = "SELECT event, attempts, attempts_before, interruptions, first_attempt_at, order_key FROM delivery INDEXED BY delivery_due
    WHERE endpoint = ?1 AND due IS NOT NULL AND due <= ?2 ORDER BY due, event LIMIT ?3";
const TENANT: &str = "SELECT account, tenant FROM endpoint WHERE key = ?1";
const NEXT_DUE: &str = "SELECT min(due) FROM lane WHERE due IS NOT NULL AND due > ?1";
const TAKE: &str =
    "UPDATE delivery SET state = 'delivering', due = NULL WHERE endpoint = ?1 AND event = ?2";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        KeyMint,
        sqlite::{migrate, plan, transaction::Memory},
    };

    fn database() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate::run(&mut connection).unwrap();
        connection
            .execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;")
            .unwrap();
        connection
    }

    fn endpoint(connection: &Connection, key: i64, settings: &str) {
        let sql = "INSERT INTO endpoint (key, account, url, event_types, profile, state, secret_kind, secret, settings)
                   VALUES (?1, 1, 'https://example.com/', '[]', 'naive', 'active', 'none', x'', ?2)";
        connection.execute(sql, params![key, settings]).unwrap();
    }

    fn pending(connection: &Connection, endpoint: i64, event: i64) {
        let sql = "INSERT INTO delivery (endpoint, event, account, state, due) VALUES (?1, ?2, 1, 'pending', 0)";
        connection.execute(sql, [endpoint, event]).unwrap();
        lane::refresh(connection, EndpointKey(endpoint), None).unwrap();
    }

    fn take(connection: &Connection, limit: u32) -> Leased {
        let (mut memory, mint) = (Memory::default(), KeyMint::new(0, 0));
        let mut transaction = Transaction::new(connection, &mut memory, None, &mint);
        let request = LeaseRequest {
            limit,
            bytes: usize::MAX,
            per_endpoint: limit,
            rooms: Vec::new(),
            without: Vec::new(),
            after: None,
            probe_from: 9,
            probe_until: Timestamp::from_millis(9),
            now: Timestamp::from_millis(5),
        };
        lease(&mut transaction, &request).unwrap()
    }

    #[test]
    fn a_row_that_makes_no_sense_is_set_aside_and_holds_up_no_other() {
        let connection = database();
        let event = "INSERT INTO event (key, account, type, targets, data) VALUES (?1, 1, 'a.b', x'', CAST(?2 AS TEXT))";
        connection.execute(event, params![1, b"{}"]).unwrap();
        connection.execute(event, params![2, b"\xff"]).unwrap();
        endpoint(&connection, 1, "{}");
        endpoint(&connection, 2, "no JSON");
        for (endpoint, event) in [(1, 2), (1, 3), (2, 1), (1, 1)] {
            pending(&connection, endpoint, event);
        }
        let keys: Vec<_> =
            take(&connection, 10).jobs.iter().map(|job| job.delivery.to_string()).collect();
        let good = DeliveryKey { endpoint: EndpointKey(1), event: EventKey(1) };
        assert_eq!(keys, [good.to_string()]);
        let sql = "SELECT count(*) FROM delivery WHERE state = 'failed' AND reason = 'corrupt'";
        assert_eq!(connection.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap(), 3);
        assert!(take(&connection, 10).jobs.is_empty());
    }

    #[test]
    fn the_cost_does_not_grow_with_the_backlog() {
        let steps = |backlog: u32| {
            let connection = database();
            endpoint(&connection, 1, "{}");
            let sql = "INSERT INTO event (key, account, type, targets, data)
                       WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
                       SELECT n, 1, 'a.b', x'', '{}' FROM n";
            connection.execute(sql, [backlog]).unwrap();
            let sql = "INSERT INTO delivery (endpoint, event, account, state, due) SELECT 1, key, 1, 'pending', 0 FROM event";
            connection.execute(sql, []).unwrap();
            lane::refresh(&connection, EndpointKey(1), None).unwrap();
            assert_eq!(take(&connection, 10).jobs.len(), 10);
            let mut steps = 0;
            for sql in [DUE_LANES, DUE, NEXT_DUE, TAKE] {
                let statement = connection.prepare_cached(sql).unwrap();
                steps += statement.get_status(rusqlite::StatementStatus::VmStep);
            }
            steps
        };
        // A deeper tree is a few steps more, a walk would be a thousand times as many.
        let (few, many) = (steps(100), steps(100_000));
        assert!(many <= few + few / 4, "{few} steps with 100 pending, {many} with 100,000");
    }

    #[test]
    fn leasing_never_scans() {
        let connection = database();
        for (sql, expected) in [
            (DUE_LANES, "SEARCH lane USING INDEX lane_due (due>? AND due<?)"),
            (DUE, "SEARCH delivery USING INDEX delivery_due (endpoint=? AND due>? AND due<?)"),
            (SAME_DUE, "SEARCH lane USING INDEX lane_due (due=? AND rowid>?)"),
            (TENANT, "SEARCH endpoint USING INTEGER PRIMARY KEY (rowid=?)"),
            (NEXT_DUE, "SEARCH lane USING COVERING INDEX lane_due (due>?)"),
            (TAKE, "SEARCH delivery USING PRIMARY KEY (endpoint=? AND event=?)"),
        ] {
            assert_eq!(plan(&connection, sql), [expected], "{sql}");
        }
    }
}
