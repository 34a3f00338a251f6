//! The queue: what is due, and how it is leased.

use std::{collections::BTreeSet, ops::Bound};

use hookseal::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{StoreError, row};
use crate::store::{EndpointSecret, Job, LeaseRequest, Leased, SealedSecret};

/// Walks once round the endpoints that have something due, beginning behind the one served last, and takes from each
/// what there is room for. The cost grows neither with the backlogs nor, as long as little is due, with the endpoints
/// that wait for a retry. A row that does not make sense is set aside as `failed`, with the reason `corrupt`: it must not
/// hold up the others.
pub(super) fn lease(connection: &Connection, request: &LeaseRequest) -> Result<Leased, StoreError> {
    let mut leased = Leased::default();
    let mut endpoint = request.after.clone();
    let mut wrapped = false;
    let due = due_endpoints(connection, request.now)?;
    let left = |of: u32, leased: &Leased| {
        of.saturating_sub(u32::try_from(leased.jobs.len()).unwrap_or(u32::MAX))
    };
    let room_left = |leased: &Leased| left(request.limit, leased);
    while room_left(&leased) > 0 {
        let next = match &due {
            Some(due) => {
                let behind = (Bound::Excluded(endpoint.as_str()), Bound::Unbounded);
                due.range::<str, _>(behind).next().cloned()
            }
            None => endpoint_after(connection, &endpoint)?,
        };
        let Some(next) = next else {
            if wrapped || request.after.is_empty() {
                break;
            }
            (wrapped, endpoint) = (true, String::new());
            continue;
        };
        if wrapped && next > request.after {
            break;
        }
        endpoint = next;
        let busy = request.busy.get(&endpoint).copied().unwrap_or_default();
        let cap = if request.silent.contains(&endpoint) { 1 } else { request.per_endpoint };
        // The first delivery to an endpoint may take what is kept for first ones, each further one may not.
        let kept = u32::from(busy == 0);
        let room = cap
            .saturating_sub(busy)
            .min(left(request.shared, &leased).max(kept))
            .min(room_left(&leased));
        lease_from(connection, &endpoint, room, request.now, &mut leased)?;
    }
    // Whoever filled the limit may have left something; one more look is cheap.
    leased.more |= room_left(&leased) == 0;
    leased.next_due = next_due(connection, request.now)?;
    Ok(leased)
}

/// The endpoints that have something due, unless so much is due that walking from endpoint to endpoint is cheaper.
fn due_endpoints(
    connection: &Connection,
    now: Timestamp,
) -> Result<Option<BTreeSet<String>>, StoreError> {
    let mut statement = connection.prepare_cached(DUE_ENDPOINTS)?;
    let rows: Vec<String> = row::column(statement.query(params![now.as_millis(), FEW])?)?;
    let all = u32::try_from(rows.len()).is_ok_and(|len| len < FEW);
    Ok(all.then(|| rows.into_iter().collect()))
}

fn endpoint_after(connection: &Connection, endpoint: &str) -> Result<Option<String>, StoreError> {
    Ok(connection
        .prepare_cached(ENDPOINT_AFTER)?
        .query_row([endpoint], |row| row.get(0))
        .optional()?)
}

fn next_due(connection: &Connection, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let millis: Option<i64> =
        connection.prepare_cached(NEXT_DUE)?.query_row([now.as_millis()], |row| row.get(0))?;
    Ok(millis.map(Timestamp::from_millis))
}

fn lease_from(
    connection: &Connection,
    endpoint: &str,
    room: u32,
    now: Timestamp,
    leased: &mut Leased,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(DUE)?;
    // One more than there is room for, to know whether more is due.
    let mut due: Vec<i64> =
        row::column(statement.query(params![endpoint, now.as_millis(), i64::from(room) + 1])?)?;
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    leased.more |= due.len() > room;
    due.truncate(room);

    let sql = "UPDATE delivery SET state = 'delivering', next_attempt_at = NULL, changed_at = ?2 WHERE seq = ?1";
    let mut take = connection.prepare_cached(sql)?;
    for seq in due {
        take.execute(params![seq, now.as_millis()])?;
        match job(connection, seq) {
            Ok(job) => leased.jobs.push(job),
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::error!(delivery.seq = seq, %error, "a delivery cannot be read, setting it aside");
                set_aside(connection, seq, now)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn set_aside(connection: &Connection, seq: i64, now: Timestamp) -> Result<(), StoreError> {
    let sql =
        "UPDATE delivery SET state = 'failed', reason = 'corrupt', changed_at = ?2 WHERE seq = ?1";
    connection.prepare_cached(sql)?.execute(params![seq, now.as_millis()])?;
    Ok(())
}

fn job(connection: &Connection, seq: i64) -> Result<Job, StoreError> {
    let sql = "SELECT d.id, d.attempts, d.first_attempt_at, d.endpoint_id, p.url, p.profile, p.secret_kind, p.secret,
                      e.id AS event_id, e.type, e.tenant, e.profile AS event_profile, e.data,
                      e.created_at AS event_created_at
               FROM delivery d JOIN endpoint p ON p.id = d.endpoint_id JOIN event e ON e.seq = d.event_seq
               WHERE d.seq = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([seq])?;
    let row = rows
        .next()?
        .ok_or_else(|| StoreError::Corrupt { table: "delivery", id: seq.to_string() })?;
    let endpoint_id: String = row.get("endpoint_id")?;
    let attempts: u32 = row.get("attempts")?;
    Ok(Job {
        delivery_id: row.get("id")?,
        attempt: attempts.saturating_add(1),
        first_attempt_at: row::optional_time(row, "first_attempt_at")?,
        url: row.get("url")?,
        profile: row.get("profile")?,
        secret: SealedSecret {
            kind: row::word(row, "secret_kind", EndpointSecret::parse, "endpoint", &endpoint_id)?,
            sealed: row.get::<_, Option<Vec<u8>>>("secret")?.unwrap_or_default(),
        },
        event: row::event(row)?,
        endpoint_id,
    })
}

/// Due deliveries that are read to learn their endpoints.
const FEW: u32 = 1024;
// The questions of every lease. Each is one step into a partial index; the test holds them to it.
const ENDPOINT_AFTER: &str =
    "SELECT endpoint_id FROM delivery WHERE state = 'pending' AND endpoint_id > ?1
               ORDER BY endpoint_id LIMIT 1";
const DUE_ENDPOINTS: &str =
    "SELECT endpoint_id FROM delivery WHERE state = 'pending' AND next_attempt_at <= ?1
               ORDER BY next_attempt_at LIMIT ?2";
const NEXT_DUE: &str =
    "SELECT min(next_attempt_at) FROM delivery WHERE state = 'pending' AND next_attempt_at > ?1";
const DUE: &str = "SELECT seq FROM delivery WHERE state = 'pending' AND endpoint_id = ?1 AND next_attempt_at <= ?2
               ORDER BY next_attempt_at LIMIT ?3";

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, sync::Arc};

    use super::*;
    use crate::store::sqlite::migrate;

    #[test]
    fn a_row_that_makes_no_sense_is_set_aside_and_holds_up_no_other() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate::run(&mut connection).unwrap();
        connection
            .execute_batch(
                "PRAGMA foreign_keys = OFF;
                 PRAGMA ignore_check_constraints = ON;
                 INSERT INTO event (seq, account_id, id, type, data, fingerprint, created_at)
                     VALUES (1, 'a', 'evt_1', 'a.b', '{}', x'', 0),
                            (2, 'a', 'evt_2', 'a.b', CAST(x'ff' AS TEXT), x'', 0);
                 INSERT INTO endpoint VALUES
                     ('ep_1', 'a', 'https://example.com/', 'naive', NULL, NULL, 'active', 'none', NULL, 0, 0),
                     ('ep_2', 'a', 'https://example.com/', 'naive', NULL, NULL, 'active', 'odd', NULL, 0, 0);
                 INSERT INTO delivery VALUES
                     (1, 'odd number', 1, 'ep_1', 'pending', NULL, -7, NULL, 1, 0, 0),
                     (2, 'odd secret', 1, 'ep_2', 'pending', NULL, 0, NULL, 1, 0, 0),
                     (3, 'odd text', 2, 'ep_1', 'pending', NULL, 0, NULL, 1, 0, 0),
                     (4, 'no endpoint', 1, 'ep_3', 'pending', NULL, 0, NULL, 1, 0, 0),
                     (5, 'good', 1, 'ep_1', 'pending', NULL, 0, NULL, 2, 0, 0);",
            )
            .unwrap();
        let request = LeaseRequest {
            limit: 10,
            shared: 10,
            per_endpoint: 10,
            busy: HashMap::default(),
            silent: Arc::default(),
            after: String::new(),
            now: Timestamp::from_millis(5),
        };
        let leased = lease(&connection, &request).unwrap();
        let ids: Vec<_> = leased.jobs.iter().map(|job| job.delivery_id.as_str()).collect();
        assert_eq!(ids, ["good"]);
        let sql = "SELECT count(*) FROM delivery WHERE state = 'failed' AND reason = 'corrupt'";
        assert_eq!(connection.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap(), 4);
    }

    #[test]
    fn a_backlog_holds_up_no_other_endpoint() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate::run(&mut connection).unwrap();
        connection
            .execute_batch(
                "PRAGMA foreign_keys = OFF;
                 INSERT INTO event (seq, account_id, id, type, data, fingerprint, created_at)
                     VALUES (1, 'a', 'evt_1', 'a.b', '{}', x'', 0);
                 INSERT INTO endpoint SELECT 'ep_' || value, 'a', 'https://example.com/', 'naive', NULL, NULL, 'active',
                                             'none', NULL, 0, 0 FROM json_each('[1, 2, 3]');
                 WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2000)
                     INSERT INTO delivery SELECT n, 'dlv_' || n, 1, 'ep_2', 'pending', NULL, 0, NULL, 1, 0, 0 FROM n;
                 INSERT INTO delivery VALUES
                     (3001, 'a', 1, 'ep_1', 'pending', NULL, 0, NULL, 2, 0, 0),
                     (3002, 'b', 1, 'ep_3', 'pending', NULL, 0, NULL, 2, 0, 0);",
            )
            .unwrap();
        assert!(due_endpoints(&connection, Timestamp::from_millis(5)).unwrap().is_none());
        let request = LeaseRequest {
            limit: 10,
            shared: 10,
            per_endpoint: 3,
            busy: HashMap::default(),
            silent: Arc::default(),
            after: "ep_2".to_owned(),
            now: Timestamp::from_millis(5),
        };
        let leased = lease(&connection, &request).unwrap();
        let got: Vec<_> = leased.jobs.iter().map(|job| job.endpoint_id.as_str()).collect();
        assert_eq!(got, ["ep_3", "ep_1", "ep_2", "ep_2", "ep_2"]);
        assert!(leased.more);
    }

    #[test]
    fn leasing_never_scans() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate::run(&mut connection).unwrap();
        for (sql, plan) in [
            (
                ENDPOINT_AFTER,
                "SEARCH delivery USING COVERING INDEX delivery_due_by_endpoint (endpoint_id>?)",
            ),
            (
                DUE_ENDPOINTS,
                "SEARCH delivery USING COVERING INDEX delivery_due (next_attempt_at<?)",
            ),
            (NEXT_DUE, "SEARCH delivery USING COVERING INDEX delivery_due (next_attempt_at>?)"),
            (
                DUE,
                "SEARCH delivery USING COVERING INDEX delivery_due_by_endpoint (endpoint_id=? AND next_attempt_at<?)",
            ),
        ] {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            for index in 1..=statement.parameter_count() {
                statement.raw_bind_parameter(index, 1).unwrap();
            }
            let mut rows = statement.raw_query();
            let detail: String = rows.next().unwrap().unwrap().get("detail").unwrap();
            assert_eq!(detail, plan);
            assert!(rows.next().unwrap().is_none(), "more than one step: {sql}");
        }
    }
}
