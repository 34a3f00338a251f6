//! What waits for an endpoint that is gone, or out of order: changed in bounded steps.
//!
//! **Invariant.** What is not yet changed reads as if it were: a pending delivery of an endpoint that is deleted or
//! disabled counts as cancelled.

use hookseal::Timestamp;

use super::{fault::Fault, lanes::Lanes, row, session::Session};
use crate::store::{AccountKey, EndpointKey};

/// Changes some of what waits for an endpoint, in the transaction that changes the endpoint; the rest is left to
/// [`sweep`].
pub(super) async fn change_some(
    session: &Session,
    endpoint: EndpointKey,
    now: Timestamp,
) -> Result<(), Fault> {
    change(session, endpoint, AT_ONCE, now).await.map(drop)
}

/// Changes at most `limit` deliveries of one endpoint that is not done; nothing where all are. Whether any endpoint is not
/// done after that.
pub(super) async fn sweep(
    session: &Session,
    limit: i64,
    now: Timestamp,
) -> Result<Option<bool>, Fault> {
    let Some(row) = session.optional(NEXT, &[]).await? else { return Ok(None) };
    let more = change(session, EndpointKey(row.try_get(0)?), limit, now).await?;
    Ok(Some(more || session.optional(NEXT, &[]).await?.is_some()))
}

/// Whether deliveries of an endpoint of this account that is disabled are still to be cancelled: if so, cancels some.
pub(super) async fn finish_disabled(
    session: &Session,
    account: AccountKey,
    endpoint: EndpointKey,
    now: Timestamp,
) -> Result<bool, Fault> {
    if session.optional(UNFINISHED, &[&endpoint.0, &account.0]).await?.is_none() {
        return Ok(false);
    }
    change(session, endpoint, AT_ONCE, now).await?;
    Ok(true)
}

/// Notes that something waits for endpoints that are gone: it came in while they went away. Their lanes look no further.
pub(super) async fn mark(session: &Session, endpoints: &[EndpointKey]) -> Result<(), Fault> {
    let keys: Vec<_> = endpoints.iter().map(|endpoint| endpoint.0).collect();
    session.execute(MARK, &[&keys]).await?;
    let mut lanes = Lanes::default();
    for endpoint in endpoints {
        lanes.touch(*endpoint);
    }
    lanes.lock(session).await?;
    lanes.refresh(session).await
}

/// Whether more may be left.
async fn change(
    session: &Session,
    endpoint: EndpointKey,
    limit: i64,
    now: Timestamp,
) -> Result<bool, Fault> {
    let sql = "SELECT state FROM endpoint WHERE key = $1 FOR UPDATE";
    let Some(row) = session.optional(sql, &[&endpoint.0]).await? else { return Ok(false) };
    let reason = row::gone_reason(row.try_get(0)?);
    let mut lanes = Lanes::default();
    lanes.touch(endpoint);
    let changed = match reason {
        Some(reason) => {
            let due = session.execute(CANCEL_DUE, &[&endpoint.0, &reason, &limit]).await?;
            let left = limit.saturating_sub(i64::try_from(due).unwrap_or(i64::MAX));
            due + session.execute(CANCEL_BLOCKED, &[&endpoint.0, &reason, &left]).await?
        }
        None => {
            lanes.lock(session).await?;
            session.execute(DISSOLVE, &[&endpoint.0, &now.as_millis(), &limit]).await?
        }
    };
    let more = i64::try_from(changed).is_ok_and(|changed| changed >= limit);
    session
        .execute(
            "UPDATE endpoint SET sweeping = $2 WHERE key = $1 AND sweeping <> $2",
            &[&endpoint.0, &more],
        )
        .await?;
    lanes.lock(session).await?;
    lanes.refresh(session).await?;
    Ok(more)
}

const NEXT: &str = "SELECT key FROM endpoint WHERE sweeping ORDER BY key LIMIT 1";
const MARK: &str = "UPDATE endpoint SET sweeping = true
    WHERE key IN (SELECT key FROM endpoint WHERE key = ANY ($1::bigint[]) ORDER BY key FOR NO KEY UPDATE)
      AND state IN ('disabled', 'deleted') AND NOT sweeping";
const UNFINISHED: &str = "SELECT FROM endpoint WHERE key = $1 AND account = $2 AND state = 'disabled' AND sweeping FOR UPDATE";
const CANCEL_DUE: &str = "UPDATE delivery d SET state = 'cancelled', reason = $2, due = NULL
    FROM (SELECT event FROM delivery WHERE endpoint = $1 AND due IS NOT NULL ORDER BY due LIMIT $3 FOR UPDATE) w
    WHERE d.endpoint = $1 AND d.event = w.event";
const CANCEL_BLOCKED: &str = "UPDATE delivery d SET state = 'cancelled', reason = $2
    FROM (SELECT event FROM delivery WHERE endpoint = $1 AND order_key IS NOT NULL AND state IN ('pending', 'delivering')
              AND state = 'pending' AND due IS NULL LIMIT $3 FOR UPDATE) w
    WHERE d.endpoint = $1 AND d.event = w.event";
const DISSOLVE: &str = "UPDATE delivery d SET due = $2, order_key = NULL
    FROM (SELECT event FROM delivery WHERE endpoint = $1 AND order_key IS NOT NULL AND state IN ('pending', 'delivering')
              AND state = 'pending' AND due IS NULL LIMIT $3 FOR UPDATE) w
    WHERE d.endpoint = $1 AND d.event = w.event";
/// Deliveries that are changed in the transaction that changes the endpoint.
const AT_ONCE: i64 = 1000;
