//! What follows attempts: which of them change something, and what.

use std::collections::{HashMap, HashSet};

use tokio_postgres::Row;

use super::{
    changes::{Changes, Outcome},
    fault::Fault,
    held::{Held, Hold},
    row::{self, get},
    session::Session,
};
use crate::store::{
    AccountKey, Attempt, ClaimKey, DeliveryKey, DeliveryState, Endpoint, EndpointKey, EventKey,
    Next, Settlement, Target,
};

/// A delivery that has a row, which is locked until the end of the transaction.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) state: DeliveryState,
    pub(super) account: AccountKey,
    claim: Option<ClaimKey>,
    pub(super) attempts: u32,
    pub(super) interruptions: u32,
    pub(super) order_key: Option<String>,
    due: Option<i64>,
    /// Begin and duration of the last attempt: they tell it from others.
    last: (Option<i64>, Option<i64>),
    /// The same of attempts before, as far as they were [asked for](Rows::recall).
    earlier: Vec<(i64, i64)>,
}

impl Found {
    /// Whether it is the one of its order that is under way.
    pub(super) fn is_active(&self) -> bool {
        self.state == DeliveryState::Delivering || self.due.is_some()
    }

    /// Whether it was taken with this claim, and not settled since.
    pub(super) fn is_under(&self, claim: ClaimKey) -> bool {
        self.state == DeliveryState::Delivering && self.claim == Some(claim)
    }

    pub(super) fn is_due(&self) -> bool {
        self.due.is_some()
    }

    /// The order that goes on when this one ends.
    pub(super) fn order_to_release(&self) -> Option<&str> {
        self.order_key.as_deref().filter(|_| self.is_active())
    }

    fn is_recorded(&self, attempt: Option<&Attempt>) -> bool {
        attempt.is_none_or(|attempt| {
            let told_by = (attempt.started_at.as_millis(), row::micros(attempt.phases.total));
            self.last == (Some(told_by.0), Some(told_by.1)) || self.earlier.contains(&told_by)
        })
    }
}

/// Rows of deliveries, by their keys.
#[derive(Debug, Default)]
pub(super) struct Rows(HashMap<DeliveryKey, Found>);

impl Rows {
    /// Locks those that there are.
    pub(super) async fn lock(
        session: &Session,
        deliveries: &[DeliveryKey],
    ) -> Result<Vec<Row>, Fault> {
        if deliveries.is_empty() {
            return Ok(Vec::new());
        }
        let endpoints: Vec<_> = deliveries.iter().map(|delivery| delivery.endpoint.0).collect();
        let events: Vec<_> = deliveries.iter().map(|delivery| delivery.event.0).collect();
        session.query(LOCK, &[&endpoints, &events]).await
    }

    pub(super) fn read(rows: &[Row]) -> Result<Self, Fault> {
        let read = |row: &Row| -> Result<_, Fault> {
            let key = DeliveryKey {
                endpoint: EndpointKey(get(row, "endpoint")?),
                event: EventKey(get(row, "event")?),
            };
            let found = Found {
                state: row::word(row, "state", DeliveryState::parse, "delivery", &key)?,
                account: AccountKey(get(row, "account")?),
                claim: get::<Option<i64>>(row, "claim")?.map(ClaimKey),
                attempts: row::count(row, "attempts")?,
                interruptions: row::count(row, "interruptions")?,
                order_key: get(row, "order_key")?,
                due: get(row, "due")?,
                last: (get(row, "started_at")?, get(row, "total_us")?),
                earlier: Vec::new(),
            };
            Ok((key, found))
        };
        Ok(Self(rows.iter().map(read).collect::<Result<_, _>>()?))
    }

    pub(super) fn get(&self, delivery: DeliveryKey) -> Option<&Found> {
        self.0.get(&delivery)
    }

    /// The deliveries of settlements that would be believed and may repeat an attempt before the last. That is rare: somebody
    /// else went on with the delivery meanwhile.
    pub(super) fn doubtful(&self, settlements: &[&Settlement], held: &Held) -> Vec<DeliveryKey> {
        let is_doubtful = |settlement: &&&Settlement| {
            let Settlement { job, attempt, next, .. } = settlement;
            let (found, hold) = (self.get(job.delivery), held.hold(job.delivery, job.claim));
            *next == Next::Delivered
                && !is_ours(found, hold, job.claim)
                && found
                    .is_some_and(|found| found.attempts > 1 && !found.is_recorded(attempt.as_ref()))
        };
        settlements.iter().filter(is_doubtful).map(|settlement| settlement.job.delivery).collect()
    }

    /// Reads the attempts before the last of some deliveries.
    pub(super) async fn recall(
        &mut self,
        session: &Session,
        deliveries: &[DeliveryKey],
    ) -> Result<(), Fault> {
        if deliveries.is_empty() {
            return Ok(());
        }
        let (endpoints, events): (Vec<_>, Vec<_>) =
            deliveries.iter().map(|delivery| (delivery.endpoint.0, delivery.event.0)).unzip();
        for row in session.query(EARLIER, &[&endpoints, &events]).await? {
            let key = DeliveryKey {
                endpoint: EndpointKey(get(&row, "endpoint")?),
                event: EventKey(get(&row, "event")?),
            };
            if let Some(found) = self.0.get_mut(&key) {
                found.earlier.push((get(&row, "started_at")?, get(&row, "total_us")?));
            }
        }
        Ok(())
    }
}

/// The states of endpoints, locked so that none goes away before what waits for it is written.
#[derive(Debug, Default)]
pub(super) struct EndpointStates(HashMap<EndpointKey, (String, i64)>);

impl EndpointStates {
    /// With `to_change` so that the transaction may disable some of them: those who only look at one wait for it.
    pub(super) async fn lock(
        session: &Session,
        endpoints: &[EndpointKey],
        to_change: bool,
    ) -> Result<Vec<Row>, Fault> {
        if endpoints.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<_> = endpoints.iter().map(|endpoint| endpoint.0).collect();
        let sql = if to_change { LOCK_ENDPOINTS_TO_CHANGE } else { LOCK_ENDPOINTS };
        session.query(sql, &[&keys]).await
    }

    pub(super) fn read(rows: &[Row]) -> Result<Self, Fault> {
        let read = |row: &Row| -> Result<_, Fault> {
            Ok((EndpointKey(get(row, "key")?), (get(row, "state")?, get(row, "version")?)))
        };
        Ok(Self(rows.iter().map(read).collect::<Result<_, _>>()?))
    }

    /// Why deliveries to this endpoint are cancelled, unless they are not. One without a row was erased.
    pub(super) fn gone_reason(&self, endpoint: EndpointKey) -> Option<&'static str> {
        row::gone_reason(self.0.get(&endpoint).map_or("deleted", |(state, _)| state.as_str()))
    }

    /// Whether an endpoint that may be sent to has not been changed since: an answer to what was says nothing of what it
    /// is now.
    fn is_still(&self, target: &Target) -> bool {
        let Endpoint { key, version, .. } = target.endpoint;
        let known = self.0.get(&key).is_some_and(|(_, now)| *now == version);
        known && self.gone_reason(key).is_none()
    }
}

/// What a commit has to read before it can settle.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) deliveries: Vec<DeliveryKey>,
    pub(super) endpoints: Vec<EndpointKey>,
    /// Whether one of the endpoints may be disabled.
    pub(super) disables: bool,
}

impl Look {
    /// Without `all`, the rows of deliveries that went to memory when they were accepted are not looked for: they have
    /// none, unless this was settled before.
    pub(super) fn of(settlements: &[&Settlement], held: &Held, all: bool) -> Self {
        let mut look = Self::default();
        for settlement in settlements {
            let delivery = settlement.job.delivery;
            let hold = held.hold(delivery, settlement.job.claim);
            if all || hold.is_none_or(|hold| hold.stored) {
                look.deliveries.push(delivery);
            }
            look.disables |= settlement.disable.is_some();
            if settlement.next != Next::Delivered || settlement.disable.is_some() {
                look.endpoints.push(delivery.endpoint);
            }
        }
        look.deliveries.sort_unstable();
        look.deliveries.dedup();
        look.endpoints.sort_unstable();
        look.endpoints.dedup();
        look
    }
}

/// What a commit makes of settlements. The rule stands at [`Queue::settle`](crate::store::Queue::settle).
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// One per settlement.
    pub(super) states: Vec<DeliveryState>,
    /// Whether it counts: otherwise its events are not stored either.
    pub(super) counted: Vec<bool>,
    /// Whether it disables its endpoint: otherwise the event about that is not stored.
    pub(super) disables: Vec<bool>,
    /// Endpoints to disable, and why.
    pub(super) disabled: HashMap<EndpointKey, &'static str>,
}

impl Settled {
    pub(super) fn plan(
        settlements: &[&Settlement],
        held: &Held,
        rows: &Rows,
        endpoints: &EndpointStates,
        changes: &mut Changes,
    ) -> Self {
        let mut settled = Self::default();
        let mut seen: HashMap<DeliveryKey, DeliveryState> = HashMap::new();
        let disables: HashSet<_> = settlements
            .iter()
            .filter(|it| it.disable.is_some() && endpoints.is_still(&it.job.target))
            .map(|settlement| settlement.job.delivery.endpoint)
            .collect();
        for settlement in settlements {
            let job = &settlement.job;
            let found = rows.get(job.delivery);
            let hold = held.hold(job.delivery, job.claim);
            let is_ours = !seen.contains_key(&job.delivery) && is_ours(found, hold, job.claim);
            let is_believed = !seen.contains_key(&job.delivery)
                && settlement.next == Next::Delivered
                && found.is_none_or(|found| !found.is_recorded(settlement.attempt.as_ref()));
            let counts = is_ours || is_believed;
            let mut disables_now = false;
            let state = if counts {
                let gone = if disables.contains(&job.delivery.endpoint) {
                    row::gone_reason("disabled")
                } else {
                    endpoints.gone_reason(job.delivery.endpoint)
                };
                let mut outcome = outcome(settlement, gone);
                if let (Some(attempt), Some(found), false) = (&mut outcome.attempt, found, is_ours)
                {
                    // Others went on counting while this node was taken for dead.
                    attempt.number = found.attempts + 1;
                }
                let state = outcome.state;
                match found {
                    Some(found) => {
                        changes.update(outcome, found.order_to_release(), settlement.now);
                    }
                    None => changes.insert(outcome),
                }
                if let Some(health) = settlement.health {
                    changes.lanes.put_health(job.delivery.endpoint, health);
                }
                if let Some(disable) = &settlement.disable
                    && endpoints.is_still(&job.target)
                {
                    let before = settled.disabled.insert(job.delivery.endpoint, disable.reason);
                    disables_now = before.is_none();
                }
                state
            } else {
                let here = seen.get(&job.delivery).copied().or(found.map(|found| found.state));
                here.unwrap_or(DeliveryState::Cancelled)
            };
            // One that counts for nothing, because others had taken over, leaves room for the one that was taken since.
            if counts {
                seen.insert(job.delivery, state);
            }
            settled.states.push(state);
            settled.counted.push(counts);
            settled.disables.push(disables_now);
        }
        settled
    }

    /// Of these nothing is left: their events are gone.
    pub(super) fn correct(&mut self, settlements: &[&Settlement], missing: &HashSet<DeliveryKey>) {
        for (settlement, state) in settlements.iter().zip(&mut self.states) {
            if missing.contains(&settlement.job.delivery) {
                *state = DeliveryState::Cancelled;
            }
        }
    }
}

/// Whether the delivery is still this node's, by the claim of the job.
fn is_ours(found: Option<&Found>, hold: Option<Hold>, claim: ClaimKey) -> bool {
    match (hold, found) {
        (Some(hold), None) => !hold.stored,
        (Some(_), Some(found)) => found.is_under(claim),
        (None, _) => false,
    }
}

fn outcome(settlement: &Settlement, gone: Option<&'static str>) -> Outcome {
    let (mut state, mut reason) = settlement.next.state();
    let mut due = settlement.next.due();
    if due.is_some() && gone.is_some() {
        (state, reason, due) = (DeliveryState::Cancelled, gone, None);
    }
    let began = settlement.attempt.as_ref().map(|attempt| attempt.started_at);
    Outcome {
        delivery: settlement.job.delivery,
        account: settlement.job.event.account,
        state,
        reason: reason.map(str::to_owned),
        due,
        attempt: settlement.attempt.clone(),
        first_attempt_at: settlement.job.first_attempt_at.or(began),
        interrupted: settlement.is_broken_off(),
    }
}

pub(super) const LOCK: &str =
    "SELECT d.endpoint, d.event, d.account, d.state, d.claim, d.attempts, d.interruptions, d.order_key, d.due,
        d.started_at, d.total_us
    FROM unnest($1::bigint[], $2::bigint[]) AS u (endpoint, event)
    JOIN delivery d ON d.endpoint = u.endpoint AND d.event = u.event
    ORDER BY d.endpoint, d.event FOR UPDATE OF d";
const EARLIER: &str = "SELECT t.endpoint, t.event, t.started_at, t.total_us
    FROM unnest($1::bigint[], $2::bigint[]) AS u (endpoint, event)
    JOIN attempt t ON t.event = u.event AND t.endpoint = u.endpoint";
pub(super) const LOCK_ENDPOINTS: &str = "SELECT key, state, version FROM endpoint WHERE key = ANY ($1::bigint[]) ORDER BY key FOR SHARE";
/// Whoever has them for looking cannot change them any more: two that did would wait for each other.
pub(super) const LOCK_ENDPOINTS_TO_CHANGE: &str = "SELECT key, state, version FROM endpoint WHERE key = ANY ($1::bigint[]) ORDER BY key FOR NO KEY UPDATE";
