//! Taking over what dead nodes held.
//!
//! A node is dead once its lease has ended and somebody has said so in its row. From then on it commits nothing, and its
//! claims are taken by whoever comes first, a few at a time.

use std::sync::Arc;

use hookseal::Timestamp;

use super::{
    changes::{Changes, Outcome},
    core::Core,
    cycle,
    fault::Fault,
    notices, row,
    session::Session,
    settle::{EndpointStates, Found, Rows},
};
use crate::{
    guard::Failure,
    store::{
        AccountKey, Attempt, ClaimKey, DeliveryKey, DeliveryState, EventKey, MAX_INTERRUPTIONS,
        Phases, StoreError,
    },
};

/// The rule stands at [`Queue::recover`](crate::store::Queue::recover).
pub(super) async fn recover(core: &Arc<Core>, now: Timestamp) -> Result<usize, StoreError> {
    let judge = core.node.badge();
    let buried = core
        .pool
        .run(|session| async move { session.execute(BURY, &[&judge.id, &judge.joined]).await })
        .await?;
    if buried > 0 {
        // When its retries are due, nobody else knew.
        core.wake();
    }
    let mut recovered = 0;
    loop {
        let step =
            core.pool.transaction(|session| async move { take_over(&session, now).await }).await?;
        let Some(count) = step else { break };
        recovered += count;
    }
    if recovered > 0 {
        notices::wake_all(core);
    }
    Ok(recovered)
}

/// How many deliveries, or none when no claim is left.
async fn take_over(session: &Session, now: Timestamp) -> Result<Option<usize>, Fault> {
    let (mut claims, mut held, mut room) = (Vec::new(), Vec::new(), STEP);
    for row in session.query(CLAIMS, &[]).await? {
        let claim: i64 = row.try_get(0)?;
        let mut pairs = row::unpack_pairs(row.try_get(1)?, claim)?;
        if pairs.len() > room {
            let rest = pairs.split_off(room);
            let rest = rest.iter().flat_map(|delivery| [delivery.endpoint.0, delivery.event.0]);
            session.execute(SHORTEN, &[&claim, &row::pack(rest)]).await?;
        } else {
            claims.push(claim);
        }
        room -= pairs.len();
        held.extend(pairs.into_iter().map(|delivery| (delivery, ClaimKey(claim))));
        if room == 0 {
            break;
        }
    }
    if claims.is_empty() && held.is_empty() {
        return Ok(None);
    }
    held.sort_unstable();
    let mut deliveries: Vec<_> = held.iter().map(|(delivery, _)| *delivery).collect();
    deliveries.dedup();
    let mut endpoints: Vec<_> = deliveries.iter().map(|delivery| delivery.endpoint).collect();
    endpoints.dedup();
    session.prepare(cycle::STATEMENTS).await?;
    let states = EndpointStates::read(&EndpointStates::lock(session, &endpoints, false).await?)?;
    let rows = Rows::read(&Rows::lock(session, &deliveries).await?)?;
    let accounts = accounts(session, &deliveries).await?;

    let mut changes = Changes::default();
    let mut count = 0;
    for (delivery, claim) in held {
        let Some(account) = accounts.get(&delivery.event) else { continue };
        let found = rows.get(delivery);
        if !found.is_none_or(|found| found.is_under(claim)) {
            continue;
        }
        let outcome = interrupted(
            delivery,
            *account,
            claim,
            found,
            states.gone_reason(delivery.endpoint),
            now,
        );
        count += usize::from(outcome.due.is_some());
        match found {
            Some(found) => changes.update(outcome, found.order_to_release(), now),
            None => changes.insert(outcome),
        }
    }
    end(session, &changes, &claims, now).await?;
    Ok(Some(count))
}

/// Makes due again what was taken with a claim that nobody was told of: no attempt was made. Nothing where there is no such
/// claim, because it was never committed, or others have taken over.
pub(super) async fn give_back(
    session: &Session,
    claim: ClaimKey,
    now: Timestamp,
) -> Result<(), Fault> {
    let Some(row) = session.optional(CLAIM, &[&claim.0]).await? else { return Ok(()) };
    let mut deliveries = row::unpack_pairs(row.try_get(0)?, claim.0)?;
    deliveries.sort_unstable();
    let mut endpoints: Vec<_> = deliveries.iter().map(|delivery| delivery.endpoint).collect();
    endpoints.dedup();
    session.prepare(cycle::STATEMENTS).await?;
    let states = EndpointStates::read(&EndpointStates::lock(session, &endpoints, false).await?)?;
    let rows = Rows::read(&Rows::lock(session, &deliveries).await?)?;
    let mut changes = Changes::default();
    for delivery in deliveries {
        let Some(found) = rows.get(delivery).filter(|found| found.is_under(claim)) else {
            continue;
        };
        let gone = states.gone_reason(delivery.endpoint);
        let outcome = Outcome {
            delivery,
            account: found.account,
            state: if gone.is_some() { DeliveryState::Cancelled } else { DeliveryState::Pending },
            reason: gone.map(str::to_owned),
            due: gone.is_none().then_some(now),
            attempt: None,
            first_attempt_at: None,
            interrupted: false,
        };
        changes.update(outcome, found.order_to_release(), now);
    }
    end(session, &changes, &[claim.0], now).await
}

/// Writes what becomes of the deliveries of claims, which end. One of them may have been the probe that the others of its
/// endpoint wait for: they wait no longer.
async fn end(
    session: &Session,
    changes: &Changes,
    claims: &[i64],
    now: Timestamp,
) -> Result<(), Fault> {
    let (locked, let_go, written, refreshed, ended) = tokio::join!(
        changes.lanes.lock(session),
        changes.lanes.let_go(session, now),
        changes.write(session),
        changes.lanes.refresh(session),
        async { session.execute(cycle::END_CLAIMS, &[&claims]).await },
    );
    locked.and(let_go).and(written.map(drop)).and(refreshed).and(ended.map(drop))
}

/// The accounts of the events that are still there.
async fn accounts(
    session: &Session,
    deliveries: &[DeliveryKey],
) -> Result<std::collections::HashMap<EventKey, AccountKey>, Fault> {
    let endpoints: Vec<_> = deliveries.iter().map(|delivery| delivery.endpoint.0).collect();
    let events: Vec<_> = deliveries.iter().map(|delivery| delivery.event.0).collect();
    let rows = session.query(ACCOUNTS, &[&endpoints, &events]).await?;
    rows.iter().map(|row| Ok((EventKey(row.try_get(0)?), AccountKey(row.try_get(1)?)))).collect()
}

fn interrupted(
    delivery: DeliveryKey,
    account: AccountKey,
    claim: ClaimKey,
    found: Option<&Found>,
    gone: Option<&'static str>,
    now: Timestamp,
) -> Outcome {
    let interruptions = found.map_or(0, |found| found.interruptions) + 1;
    let name = Failure::Interrupted.as_str();
    let (state, reason, due) = if let Some(reason) = gone {
        (DeliveryState::Cancelled, Some(reason), None)
    } else if interruptions > MAX_INTERRUPTIONS {
        (DeliveryState::Failed, Some(name), None)
    } else {
        (DeliveryState::Pending, None, Some(now))
    };
    let attempt = Attempt {
        number: found.map_or(0, |found| found.attempts) + 1,
        // It was to be made from then on.
        started_at: claim.minted_at(),
        phases: Phases::default(),
        status: None,
        error: Some(name.to_owned()),
        address: None,
        response_head: None,
        response_body: Vec::new(),
    };
    Outcome {
        delivery,
        account,
        state,
        reason: reason.map(str::to_owned),
        due,
        attempt: Some(attempt),
        first_attempt_at: None,
        interrupted: true,
    }
}

/// Who is just committing is passed over: it cannot be so dead.
const BURY: &str = "UPDATE node SET dead = true WHERE id IN (
    SELECT id FROM node WHERE NOT dead AND expires_at < now()
    AND EXISTS (SELECT FROM node judge WHERE judge.id = $1 AND judge.joined = $2 AND judge.expires_at > now() AND judge.judges_at <= now())
    ORDER BY id FOR UPDATE SKIP LOCKED)";
const CLAIMS: &str = "SELECT c.key, c.deliveries FROM node n JOIN claim c ON c.node = n.id
    WHERE n.dead ORDER BY c.key LIMIT 8 FOR UPDATE OF c SKIP LOCKED";
/// Deliveries that are taken over in one transaction.
const STEP: usize = 512;
const SHORTEN: &str = "UPDATE claim SET deliveries = $2 WHERE key = $1";
const CLAIM: &str = "SELECT deliveries FROM claim WHERE key = $1 FOR UPDATE";
const ACCOUNTS: &str = "SELECT v.key, v.account FROM unnest($1::bigint[], $2::bigint[]) AS u (endpoint, event)
    JOIN endpoint e ON e.key = u.endpoint JOIN event v ON v.account = e.account AND v.key = u.event";
