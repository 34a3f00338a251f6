//! What a former run held when it died.
//!
//! **Invariant.** A claim goes away in the transaction that makes rows of all that is left of it.

use hookseal::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

use super::{StoreError, endpoints, gone, order, row, settle, transaction::Transaction};
use crate::{
    guard::Failure,
    store::{ClaimKey, DeliveryKey, DeliveryState, EndpointKey, EventKey, MAX_INTERRUPTIONS},
};

/// What one step did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Recovered {
    /// Deliveries that are due again.
    pub(super) due: usize,
    /// There may be more claims.
    pub(super) more: bool,
}

/// Takes the oldest claims up to `last`, until about `limit` deliveries were looked at.
pub(super) fn recover(
    transaction: &mut Transaction<'_>,
    last: ClaimKey,
    limit: usize,
    now: Timestamp,
) -> Result<Recovered, StoreError> {
    let mut recovered = Recovered::default();
    let mut seen = 0_usize;
    while seen < limit {
        let sql = "SELECT key, deliveries FROM claim WHERE key <= ?1 ORDER BY key LIMIT 1";
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let claim: Option<(i64, Vec<u8>)> =
            transaction.connection.prepare_cached(sql)?.query_row([last.0], read).optional()?;
        let Some((claim, deliveries)) = claim else { return Ok(recovered) };
        let pairs = match row::unpack(&deliveries, "claim", claim) {
            Ok(pairs) => pairs,
            Err(error) => {
                tracing::error!(%error, "a claim cannot be read; what it held in memory only is not sent");
                Vec::new()
            }
        };
        let (pairs, _) = pairs.as_chunks::<2>();
        for [endpoint, event] in pairs {
            let delivery =
                DeliveryKey { endpoint: EndpointKey(*endpoint), event: EventKey(*event) };
            recovered.due += usize::from(interrupt(transaction, delivery, ClaimKey(claim), now)?);
        }
        transaction
            .connection
            .prepare_cached("DELETE FROM claim WHERE key = ?1")?
            .execute([claim])?;
        seen = seen.saturating_add(pairs.len()).saturating_add(1);
    }
    recovered.more = true;
    Ok(recovered)
}

/// Records that an attempt was interrupted, if the delivery was still held. Whether it is due again.
fn interrupt(
    transaction: &mut Transaction<'_>,
    delivery: DeliveryKey,
    claim: ClaimKey,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let connection = transaction.connection;
    let key = params![delivery.endpoint.0, delivery.event.0];
    let sql =
        "SELECT state, order_key, interruptions FROM delivery WHERE endpoint = ?1 AND event = ?2";
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let found: Option<(String, Option<String>, u32)> =
        connection.prepare_cached(sql)?.query_row(key, read).optional()?;
    let (order_key, interruptions) = match found {
        Some((state, ..)) if state != DeliveryState::Delivering.as_str() => return Ok(false),
        Some((_, order_key, interruptions)) => {
            connection.prepare_cached(settle::KEEP)?.execute(key)?;
            (order_key, interruptions)
        }
        None => {
            let sql = "INSERT INTO delivery (endpoint, event, account, state) SELECT ?1, key, account, 'delivering' FROM event WHERE key = ?2";
            if connection.prepare_cached(sql)?.execute(key)? == 0 {
                // The event was erased.
                return Ok(false);
            }
            (None, 0)
        }
    };
    let endpoint = endpoints::state(connection, delivery.endpoint)?;
    let gone = gone::reason(endpoint.as_deref().unwrap_or("deleted"));
    let (state, reason) = if let Some(reason) = gone {
        (DeliveryState::Cancelled, Some(reason))
    } else if interruptions >= MAX_INTERRUPTIONS {
        (DeliveryState::Failed, Some(Failure::Interrupted.as_str()))
    } else {
        (DeliveryState::Pending, None)
    };
    let due = state == DeliveryState::Pending;
    connection.prepare_cached(INTERRUPT)?.execute(params![
        delivery.endpoint.0,
        delivery.event.0,
        state.as_str(),
        reason,
        due.then_some(now.as_millis()),
        claim.minted_at().as_millis(),
        Failure::Interrupted.as_str(),
    ])?;
    transaction.touch(delivery.endpoint);
    if due {
        transaction.wake();
    } else if let Some(order_key) = order_key {
        order::release_next(transaction, delivery.endpoint, &order_key, now)?;
    }
    Ok(due)
}

const INTERRUPT: &str = "UPDATE delivery SET state = ?3, reason = ?4, due = ?5, attempts = attempts + 1, interruptions = interruptions + 1,
        started_at = ?6, total_us = 0, dns_us = NULL, connect_us = NULL, tls_us = NULL, first_byte_us = NULL, status = NULL,
        error = ?7, address = NULL, response_head = NULL, response_body = NULL
    WHERE endpoint = ?1 AND event = ?2";
