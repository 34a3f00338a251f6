//! What follows an attempt: of one that ended, and of one whose process died.

use hookseal::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{StoreError, endpoints};
use crate::{
    guard::Failure,
    store::{DeliveryState, Next, Settlement},
};

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

    if matches!(settlement.next, Next::DeliveredAndDisable | Next::Disable) {
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

/// The rule stands at [`Queue::recover`](crate::store::Queue::recover). A delivery was leased when it last changed.
pub(super) fn recover(connection: &Connection, now: Timestamp) -> Result<usize, StoreError> {
    let interrupted = Failure::Interrupted.as_str();
    let sql = "INSERT INTO attempt (delivery_seq, number, started_at, duration_ms, status, error, response_body)
               SELECT seq, attempts + 1, changed_at, 0, NULL, ?1, x'' FROM delivery WHERE state = 'delivering'
               ON CONFLICT (delivery_seq, number) DO NOTHING";
    connection.prepare_cached(sql)?.execute([interrupted])?;
    let sql = "UPDATE delivery SET attempts = attempts + 1, first_attempt_at = coalesce(first_attempt_at, changed_at)
               WHERE state = 'delivering'";
    connection.prepare_cached(sql)?.execute([])?;
    let sql = "UPDATE delivery SET state = 'cancelled', reason = 'endpoint_gone', changed_at = ?1
               WHERE state = 'delivering'
                 AND endpoint_id IN (SELECT id FROM endpoint WHERE state <> 'active')";
    connection.prepare_cached(sql)?.execute([now.as_millis()])?;
    let sql = "UPDATE delivery SET state = 'failed', reason = ?2, changed_at = ?1
               WHERE state = 'delivering'
                 AND (SELECT count(*) FROM attempt WHERE delivery_seq = seq AND error = ?2) > ?3";
    connection.prepare_cached(sql)?.execute(params![
        now.as_millis(),
        interrupted,
        MAX_INTERRUPTIONS
    ])?;
    let sql = "UPDATE delivery SET state = 'pending', next_attempt_at = ?1, changed_at = ?1 WHERE state = 'delivering'";
    Ok(connection.prepare_cached(sql)?.execute([now.as_millis()])?)
}

/// Times a delivery is made again after the server died over it.
const MAX_INTERRUPTIONS: u32 = 5;

struct After {
    state: DeliveryState,
    reason: Option<&'static str>,
    next_attempt_at: Option<Timestamp>,
}

/// The state that follows. What was delivered is delivered, even when its endpoint went away meanwhile.
fn after(next: Next, cancelled: bool, endpoint_state: &str) -> After {
    let done = |state, reason| After { state, reason, next_attempt_at: None };
    match next {
        Next::Delivered | Next::DeliveredAndDisable => done(DeliveryState::Delivered, None),
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
