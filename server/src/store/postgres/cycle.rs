//! One transaction of the writer: all events and settlements that wait, in two round trips.
//!
//! The first begins it and reads what has to be known, the second writes and commits. Nothing is asked per event.

use std::{collections::HashSet, sync::Arc};

use super::{
    accept::{self, Accepted},
    changes::{self, Changes, Written},
    core::Core,
    fault::Fault,
    held::Hold,
    known::{self, Known},
    lanes,
    matching::{self, Questions, Targets},
    node::{self, Badge},
    notices, row,
    session::{Session, Values},
    settle::{self, EndpointStates, Look, Rows, Settled},
};
use crate::store::{ClaimKey, DeliveryKey, EndpointKey, Heard, Job, NewEvent, Settlement};

/// What a commit is made of.
#[derive(Debug)]
pub(super) struct Batch<'a> {
    pub(super) events: Vec<&'a NewEvent>,
    pub(super) settlements: Vec<&'a Settlement>,
    /// Some of it may have been committed before: looks for it everywhere.
    pub(super) thorough: bool,
    /// Deliveries that its events may have; however many where it is one thing alone.
    pub(super) room: Option<usize>,
}

/// What is left to do when the commit is done.
#[derive(Debug)]
pub(super) struct Effects {
    pub(super) accepted: Accepted,
    pub(super) settled: Settled,
    claim: ClaimKey,
    given_up: Vec<(DeliveryKey, ClaimKey)>,
    wake: bool,
    /// Something is due that others are not told of with this commit.
    owes_due: bool,
}

/// Why a commit is not done.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Others took the node of this badge for dead; nothing was written.
    Dead(Badge),
    /// It failed, and nothing was written.
    Failed(Fault),
    /// The connection broke while it was being done: the database knows whether it was.
    Unclear(String, Box<Effects>),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

pub(super) async fn commit(
    core: &Core,
    session: &Session,
    targets: &mut Targets,
    batch: &Batch<'_>,
) -> Result<Effects, Trouble> {
    session.prepare(STATEMENTS).await?;
    match attempt(core, session, targets, batch).await {
        Err(trouble @ (Trouble::Dead(_) | Trouble::Failed(_))) => {
            if session.is_in_transaction() {
                // Where this fails too, the connection is gone, and with it the transaction.
                let _ = session.rollback().await;
            }
            Err(trouble)
        }
        outcome => outcome,
    }
}

async fn attempt(
    core: &Core,
    session: &Session,
    targets: &mut Targets,
    batch: &Batch<'_>,
) -> Result<Effects, Trouble> {
    let badge = core.node.badge();
    let reports = batch.settlements.iter().flat_map(|settlement| settlement.events());
    let events: Vec<_> = batch.events.iter().copied().chain(reports).collect();
    let questions = Questions::of(&events);
    let look = Look::of(&batch.settlements, &core.held(), batch.thorough);
    let (begun, fenced, matched, known, states, rows) = tokio::join!(
        session.begin(),
        node::fence(session, badge),
        questions.ask_all(session, batch.room),
        Known::ask(session, &events, batch.thorough),
        EndpointStates::lock(session, &look.endpoints, look.disables),
        Rows::lock(session, &look.deliveries),
    );
    begun?;
    if !fenced? {
        return Err(Trouble::Dead(badge));
    }
    let answers = targets.answers(session, &questions, &matched?, &events, batch.room).await?;
    let (mut known, mut rows, states) =
        (Known::read(&known?)?, Rows::read(&rows?)?, EndpointStates::read(&states?)?);
    let doubtful = rows.doubtful(&batch.settlements, &core.held());
    rows.recall(session, &doubtful).await?;

    let mut changes = Changes::default();
    let settled = Settled::plan(&batch.settlements, &core.held(), &rows, &states, &mut changes);
    for endpoint in settled.disabled.keys() {
        changes.lanes.touch(*endpoint);
    }
    let now = batch
        .events
        .iter()
        .map(|event| event.now)
        .chain(batch.settlements.iter().map(|s| s.now))
        .max();
    let claim = ClaimKey(core.node.mint(now.unwrap_or(hookseal::Timestamp::MIN)));
    // The events of settlements that change nothing were stored by those that did.
    let mut included = vec![true; batch.events.len()];
    let outcomes = settled.counted.iter().zip(&settled.disables);
    for (settlement, (counted, disables)) in batch.settlements.iter().zip(outcomes) {
        included.extend(settlement.report.iter().map(|_| *counted));
        included.extend(settlement.disable.iter().flat_map(|it| &it.report).map(|_| *disables));
    }
    let accepted = Accepted::plan(
        &events,
        &included,
        &answers,
        &mut known,
        claim,
        core.intake(),
        &mut changes,
        batch.room,
    )
    .map_err(Fault::Final)?;
    let given_up: Vec<_> = batch
        .settlements
        .iter()
        .map(|settlement| (settlement.job.delivery, settlement.job.claim))
        .collect();
    let says_due = changes.may_be_due() && core.notices.may_say_due(core.clock.elapsed());
    let owes_due = changes.may_be_due() && !says_due;
    let wake = changes.has_waiting();
    let mut effects = Effects { accepted, settled, claim, given_up, wake, owes_due };
    match write(core, session, badge, &changes, &effects, says_due).await {
        Ok(written) => {
            effects.wake |= written.released;
            if written.missing {
                effects
                    .settled
                    .correct(&batch.settlements, &still_missing(session, &changes).await);
            }
            Ok(effects)
        }
        Err(Fault::Lost(text)) => Err(Trouble::Unclear(text, Box::new(effects))),
        Err(fault) => {
            effects.accepted.release(core.intake());
            Err(Trouble::Failed(fault))
        }
    }
}

async fn write(
    core: &Core,
    session: &Session,
    badge: Badge,
    changes: &Changes,
    effects: &Effects,
    says_due: bool,
) -> Result<Written, Fault> {
    let mut heard: Vec<_> =
        effects.settled.disabled.keys().map(|endpoint| Heard::Revoked(*endpoint)).collect();
    if says_due {
        heard.push(Heard::Due);
    }
    let ended = core.held().ended_by(&effects.given_up);
    let results = tokio::join!(
        changes.lanes.lock(session),
        effects.accepted.write(session),
        changes.write(session),
        disable(session, &effects.settled),
        changes.lanes.refresh(session),
        claim_jobs(session, badge, effects.claim, &effects.accepted.jobs),
        end_claims(session, &ended),
        notices::say(session, badge, &heard),
        session.commit(),
    );
    // The first that failed is the cause; those after it failed because it did.
    results.0.and(results.1)?;
    let written = results.2?;
    results.3.and(results.4).and(results.5).and(results.6).and(results.7).and(results.8)?;
    Ok(written)
}

/// After the commit: which deliveries have no row after all, because their events are gone.
async fn still_missing(session: &Session, changes: &Changes) -> HashSet<DeliveryKey> {
    let mut missing: HashSet<_> = changes.inserted().collect();
    let keys: Vec<_> = missing.iter().copied().collect();
    // It is only about an answer: without one, all of them count as gone.
    let rows =
        Rows::lock(session, &keys).await.and_then(|rows| Rows::read(&rows)).unwrap_or_default();
    missing.retain(|key| rows.get(*key).is_none());
    missing
}

impl Effects {
    /// Does it, after the commit.
    pub(super) fn apply(&mut self, core: &Arc<Core>) {
        if self.owes_due {
            notices::owe_due(core);
        }
        let mut held = core.held();
        for (delivery, claim) in &self.given_up {
            held.give_up(*delivery, *claim);
        }
        let jobs = std::mem::take(&mut self.accepted.jobs);
        for job in &jobs {
            let version = job.target.endpoint.version;
            held.take(job.delivery, Hold { claim: self.claim, stored: false, version });
        }
        drop(held);
        let Some(intake) = core.intake() else { return };
        if !jobs.is_empty() {
            let endpoints: Vec<EndpointKey> =
                jobs.iter().map(|job| job.delivery.endpoint).collect();
            intake.take(jobs);
            core.notices.repeat(endpoints.into_iter());
        }
        if self.wake {
            intake.wake();
        }
    }

    /// Whether an unclear commit was done after all. What leaves no trace that could be asked for is written so that
    /// writing it again changes nothing.
    pub(super) async fn is_there(&mut self, core: &Core, session: &Session) -> Result<bool, Fault> {
        let (account, event) = self
            .accepted
            .first
            .map_or((None, None), |(account, key)| (Some(account.0), Some(key.0)));
        let values: Values<'_> = &[&self.claim.0, &account, &event];
        let Some(found) = session.optional(IS_THERE, values).await? else { return Ok(false) };
        let (has_claim, has_event): (bool, bool) = (found.try_get(0)?, found.try_get(1)?);
        if has_event && !has_claim {
            // It took so long that others have taken over what was claimed.
            self.accepted.release(core.intake());
            self.accepted.jobs.clear();
        }
        Ok(has_claim || has_event)
    }
}

pub(super) async fn claim_jobs(
    session: &Session,
    badge: Badge,
    claim: ClaimKey,
    jobs: &[Job],
) -> Result<(), Fault> {
    if !jobs.is_empty() {
        let pairs = jobs.iter().flat_map(|job| [job.delivery.endpoint.0, job.delivery.event.0]);
        session.execute(CLAIM, &[&claim.0, &badge.id, &row::pack(pairs)]).await?;
    }
    Ok(())
}

async fn end_claims(session: &Session, ended: &[ClaimKey]) -> Result<(), Fault> {
    if !ended.is_empty() {
        let keys: Vec<_> = ended.iter().map(|claim| claim.0).collect();
        session.execute(END_CLAIMS, &[&keys]).await?;
    }
    Ok(())
}

/// What waits for them reads as cancelled from now on, and is by and by.
async fn disable(session: &Session, settled: &Settled) -> Result<(), Fault> {
    if !settled.disabled.is_empty() {
        let keys: Vec<_> = settled.disabled.keys().map(|key| key.0).collect();
        let reasons: Vec<_> = settled.disabled.values().copied().collect();
        session.execute(DISABLE, &[&keys, &reasons]).await?;
    }
    Ok(())
}

/// All that a commit may send: sent without waiting, they have to be known to the connection.
pub(super) const STATEMENTS: &[&str] = &[
    node::FENCE,
    matching::MATCH,
    matching::LOAD,
    known::FIND,
    settle::LOCK,
    settle::LOCK_ENDPOINTS,
    settle::LOCK_ENDPOINTS_TO_CHANGE,
    lanes::MAKE,
    lanes::LOCK,
    lanes::LET_GO,
    lanes::REFRESH,
    accept::STORE,
    accept::LATE_KEY,
    changes::INSERT,
    changes::KEEP_ATTEMPT,
    changes::RECORD,
    changes::GIVE_BACK,
    changes::WAIT,
    changes::RELEASE_NEXT,
    notices::NOTIFY,
    DISABLE,
    CLAIM,
    END_CLAIMS,
];
pub(super) const CLAIM: &str = "INSERT INTO claim (key, node, deliveries) VALUES ($1, $2, $3)";
pub(super) const END_CLAIMS: &str = "DELETE FROM claim WHERE key = ANY ($1::bigint[])";
const DISABLE: &str = "UPDATE endpoint e SET state = 'disabled', reason = u.reason, version = version + 1, sweeping = true
    FROM unnest($1::bigint[], $2::text[]) AS u (key, reason) WHERE e.key = u.key AND e.state IN ('active', 'paused')";
const IS_THERE: &str = "SELECT EXISTS (SELECT FROM claim WHERE key = $1),
    EXISTS (SELECT FROM event WHERE account = $2 AND key = $3)";
