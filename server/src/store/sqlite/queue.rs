//! The queue: lease, settle, recover.

use hookseal::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{StoreError, endpoints, row};
use crate::store::{
    DeliveryState, EndpointSecret, Job, LeaseRequest, Leased, Next, SealedSecret, Settlement,
};

/// Walks once round the endpoints that have something pending, beginning behind the one served last, and takes from
/// each what there is room for. The cost grows with the endpoints, never with their backlogs.
pub(super) fn lease(connection: &Connection, request: &LeaseRequest) -> Result<Leased, StoreError> {
    let mut leased = Leased::default();
    let mut endpoint = request.after.clone();
    let mut wrapped = false;
    let room_left = |leased: &Leased| {
        request.limit.saturating_sub(u32::try_from(leased.jobs.len()).unwrap_or(u32::MAX))
    };
    while room_left(&leased) > 0 {
        let Some(next) = endpoint_after(connection, &endpoint)? else {
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
        let room = request.per_endpoint.saturating_sub(busy).min(room_left(&leased));
        lease_from(connection, &endpoint, room, request.now, &mut leased)?;
    }
    // Whoever filled the limit may have left something; one more look is cheap.
    leased.more |= room_left(&leased) == 0;
    leased.next_due = next_due(connection, request.now)?;
    Ok(leased)
}

pub(super) fn settle(
    connection: &Connection,
    settlement: &Settlement,
) -> Result<DeliveryState, StoreError> {
    let attempt = &settlement.attempt;
    let sql = "SELECT d.seq, d.state, d.endpoint_id, e.state FROM delivery d JOIN endpoint e ON e.id = d.endpoint_id
               WHERE d.id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let columns = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let (seq, state, endpoint, endpoint_state): (i64, String, String, String) =
        statement.query_row([&settlement.delivery_id], columns).optional()?.ok_or_else(|| {
            StoreError::Corrupt { table: "delivery", id: settlement.delivery_id.clone() }
        })?;

    let sql = "INSERT INTO attempt (delivery_seq, number, started_at, duration_ms, status, error, response_body)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
               ON CONFLICT (delivery_seq, number) DO NOTHING";
    let inserted = connection.prepare_cached(sql)?.execute(params![
        seq,
        attempt.number,
        attempt.started_at.as_millis(),
        attempt.duration_ms,
        attempt.status,
        attempt.error,
        attempt.response_body,
    ])?;
    if inserted == 0 {
        // Settled before: the answer of that commit was lost.
        return DeliveryState::parse(&state).ok_or_else(|| StoreError::Corrupt {
            table: "delivery",
            id: settlement.delivery_id.clone(),
        });
    }

    if settlement.next == Next::Disable {
        let sql = "UPDATE endpoint SET state = 'disabled', changed_at = ?2 WHERE id = ?1 AND state = 'active'";
        connection.prepare_cached(sql)?.execute(params![endpoint, settlement.now.as_millis()])?;
        endpoints::cancel(
            connection,
            &endpoint,
            DeliveryState::Pending,
            "endpoint_gone",
            settlement.now,
        )?;
    }
    let cancelled = state == DeliveryState::Cancelled.as_str();
    let after = after(settlement.next, cancelled, &endpoint_state);
    let sql = "UPDATE delivery SET state = ?2, reason = coalesce(?3, reason), next_attempt_at = ?4, attempts = ?5,
                                   first_attempt_at = coalesce(first_attempt_at, ?6), changed_at = ?7
               WHERE seq = ?1";
    connection.prepare_cached(sql)?.execute(params![
        seq,
        after.state.as_str(),
        after.reason,
        after.next_attempt_at.map(Timestamp::as_millis),
        attempt.number,
        attempt.started_at.as_millis(),
        settlement.now.as_millis(),
    ])?;
    Ok(after.state)
}

pub(super) fn recover(connection: &Connection, now: Timestamp) -> Result<usize, StoreError> {
    let sql = "UPDATE delivery SET state = 'cancelled', reason = 'endpoint_gone', changed_at = ?1
               WHERE state = 'delivering'
                 AND endpoint_id IN (SELECT id FROM endpoint WHERE state <> 'active')";
    connection.prepare_cached(sql)?.execute([now.as_millis()])?;
    let sql = "UPDATE delivery SET state = 'pending', next_attempt_at = ?1, changed_at = ?1 WHERE state = 'delivering'";
    Ok(connection.prepare_cached(sql)?.execute([now.as_millis()])?)
}

struct After {
    state: DeliveryState,
    reason: Option<&'static str>,
    next_attempt_at: Option<Timestamp>,
}

/// The state that follows. What was delivered is delivered, even when its endpoint went away meanwhile.
fn after(next: Next, cancelled: bool, endpoint_state: &str) -> After {
    let done = |state, reason| After { state, reason, next_attempt_at: None };
    match next {
        Next::Delivered => done(DeliveryState::Delivered, None),
        Next::Disable => done(DeliveryState::Failed, Some("endpoint_gone")),
        _ if cancelled => done(DeliveryState::Cancelled, None),
        Next::Cancelled => done(DeliveryState::Cancelled, Some("endpoint_deleted")),
        Next::GiveUp(reason) => done(DeliveryState::Failed, Some(reason.as_str())),
        Next::Impossible(failure) => done(DeliveryState::Failed, Some(failure.as_str())),
        Next::RetryAt(_) if endpoint_state != "active" => {
            done(DeliveryState::Cancelled, Some("endpoint_gone"))
        }
        Next::RetryAt(at) => {
            After { state: DeliveryState::Pending, reason: None, next_attempt_at: Some(at) }
        }
    }
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
        leased.jobs.push(job(connection, seq)?);
    }
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

// The three questions of every lease. Each is one step into a partial index; the test holds them to it.
const ENDPOINT_AFTER: &str =
    "SELECT endpoint_id FROM delivery WHERE state = 'pending' AND endpoint_id > ?1
               ORDER BY endpoint_id LIMIT 1";
const NEXT_DUE: &str =
    "SELECT min(next_attempt_at) FROM delivery WHERE state = 'pending' AND next_attempt_at > ?1";
const DUE: &str = "SELECT seq FROM delivery WHERE state = 'pending' AND endpoint_id = ?1 AND next_attempt_at <= ?2
               ORDER BY next_attempt_at LIMIT ?3";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::migrate;

    #[test]
    fn leasing_never_scans() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate::run(&mut connection).unwrap();
        for (sql, plan) in [
            (
                ENDPOINT_AFTER,
                "SEARCH delivery USING COVERING INDEX delivery_due_by_endpoint (endpoint_id>?)",
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
