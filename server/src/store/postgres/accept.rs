//! Events in: each stored once, its deliveries handed to memory or stored as waiting.

use std::sync::Arc;

use super::{
    changes::Changes,
    fault::Fault,
    known::{Finding, Known},
    matching::Answers,
    row,
    session::Session,
};
use crate::store::{
    AccountKey, ClaimKey, DeliveryKey, EndpointKey, EndpointState, Event, EventKey, Health, Intake,
    Job, NewEvent, Order, Pushed, SharedTarget, StoreError, Target,
};

/// What a commit makes of the events that came in.
#[derive(Debug)]
pub(super) struct Accepted {
    /// One per event that is included.
    pub(super) answers: Vec<Pushed>,
    /// Reserved at the intake, unless they are sent at once.
    pub(super) jobs: Vec<Job>,
    /// The first event that is stored: whether it is there tells whether the commit happened.
    pub(super) first: Option<(AccountKey, EventKey)>,
    rows: Columns,
    late_keys: (Vec<i64>, Vec<i64>, Vec<String>),
}

impl Accepted {
    /// Decides what becomes of each event that is included, and reserves room for its deliveries.
    ///
    /// # Errors
    /// [`StoreError::TooManyDeliveries`] when they have more than `room`: nothing is reserved.
    #[expect(clippy::too_many_arguments, reason = "all that a commit knows of its events")]
    pub(super) fn plan(
        events: &[&NewEvent],
        included: &[bool],
        answers: &Answers,
        known: &mut Known,
        claim: ClaimKey,
        intake: Option<&dyn Intake>,
        changes: &mut Changes,
        room: Option<usize>,
    ) -> Result<Self, StoreError> {
        let mut room = room.unwrap_or(usize::MAX);
        let mut accepted = Self {
            answers: Vec::with_capacity(events.len()),
            jobs: Vec::new(),
            first: None,
            rows: Columns::default(),
            late_keys: Default::default(),
        };
        let all = events.iter().zip(included).enumerate();
        for (index, (event, _)) in all.filter(|(_, (_, included))| **included) {
            match (known.find(event), answers.targets.get(index)) {
                (Finding::Here(answer, late_key), _) => {
                    if let (Some(key), Some(text)) = (late_key, &event.idempotency_key) {
                        accepted.late_keys.0.push(event.account.0);
                        accepted.late_keys.1.push(key.0);
                        accepted.late_keys.2.push(text.clone());
                    }
                    accepted.answers.push(answer);
                }
                (Finding::New, None) => {
                    accepted.release(intake);
                    return Err(StoreError::TooManyDeliveries);
                }
                (Finding::New, Some(targets)) => {
                    let endpoints: Vec<_> =
                        targets.iter().map(|target| target.endpoint.key).collect();
                    accepted.rows.push(event, &endpoints);
                    accepted.first.get_or_insert((event.account, event.key));
                    let delivery = |endpoint: &EndpointKey| DeliveryKey {
                        endpoint: *endpoint,
                        event: event.key,
                    };
                    accepted.answers.push(Pushed::New(endpoints.iter().map(delivery).collect()));
                    accepted.deliver(event, targets, answers, claim, intake, changes);
                    known.note(event, endpoints);
                }
            }
            let deliveries = accepted.answers.last().map_or(0, Pushed::deliveries);
            let Some(left) = room.checked_sub(deliveries) else {
                accepted.release(intake);
                return Err(StoreError::TooManyDeliveries);
            };
            room = left;
        }
        Ok(accepted)
    }

    /// To memory where it may go at once and there is room, to the store otherwise.
    fn deliver(
        &mut self,
        event: &NewEvent,
        targets: &[SharedTarget],
        answers: &Answers,
        claim: ClaimKey,
        intake: Option<&dyn Intake>,
        changes: &mut Changes,
    ) {
        let mut shared = None;
        for target in targets {
            let endpoint = target.endpoint.key;
            let delivery = DeliveryKey { endpoint, event: event.key };
            let order_key = order_key(target, event.ordering_key.as_deref());
            let health = answers.health.get(&endpoint).copied().unwrap_or_default();
            let may_go = order_key.is_none() && target.endpoint.state == EndpointState::Active;
            let goes_to_memory = intake.is_some_and(|intake| {
                event.at_once || (may_go && intake.reserve(target, health, event.data.len()))
            });
            if !goes_to_memory {
                changes.wait(delivery, event.account, order_key, event.now);
                continue;
            }
            let stored = Arc::clone(shared.get_or_insert_with(|| Arc::new(stored(event))));
            self.jobs.push(Job {
                at_once: event.at_once,
                ..job(delivery, claim, target, health, stored)
            });
        }
    }

    /// Gives the reservations back: nothing was stored.
    pub(super) fn release(&self, intake: Option<&dyn Intake>) {
        for job in self.jobs.iter().filter(|job| !job.at_once) {
            if let Some(intake) = intake {
                intake.release(job.delivery.endpoint, job.event.data.len());
            }
        }
    }

    pub(super) async fn write(&self, session: &Session) -> Result<(), Fault> {
        let (accounts, keys, texts) = &self.late_keys;
        let late = async {
            if !accounts.is_empty() {
                session.execute(LATE_KEY, &[accounts, keys, texts]).await?;
            }
            Ok(())
        };
        let (rows, late) = tokio::join!(self.rows.send(session), late);
        rows.and(late)
    }
}

fn job(
    delivery: DeliveryKey,
    claim: ClaimKey,
    target: &SharedTarget,
    health: Health,
    event: Arc<Event>,
) -> Job {
    Job {
        delivery,
        claim,
        attempt: 1,
        step: 1,
        first_attempt_at: None,
        target: Arc::clone(target),
        health,
        event,
        at_once: false,
    }
}

/// The order that a delivery of an event is in at an endpoint.
pub(super) fn order_key<'a>(target: &Target, ordering_key: Option<&'a str>) -> Option<&'a str> {
    match target.endpoint.settings.order {
        Order::None => None,
        Order::Endpoint => Some(""),
        Order::Key => ordering_key,
    }
}

fn stored(event: &NewEvent) -> Event {
    Event {
        key: event.key,
        account: event.account,
        id: event.id.clone().unwrap_or_else(|| event.key.to_string()),
        event_type: event.event_type.clone(),
        tenant: event.tenant.clone(),
        profile: event.profile.clone(),
        ordering_key: event.ordering_key.clone(),
        data: Arc::clone(&event.data),
    }
}

/// Rows of `event`, a column each.
#[derive(Debug, Default)]
struct Columns {
    accounts: Vec<i64>,
    keys: Vec<i64>,
    ids: Vec<Option<String>>,
    idempotency_keys: Vec<Option<String>>,
    fingerprints: Vec<Option<Vec<u8>>>,
    types: Vec<String>,
    tenants: Vec<Option<String>>,
    profiles: Vec<Option<String>>,
    ordering_keys: Vec<Option<String>>,
    targets: Vec<Vec<u8>>,
    data: Vec<Arc<str>>,
}

impl Columns {
    fn push(&mut self, event: &NewEvent, endpoints: &[EndpointKey]) {
        let named = event.id.is_some() || event.idempotency_key.is_some();
        self.accounts.push(event.account.0);
        self.keys.push(event.key.0);
        self.ids.push(event.id.clone());
        self.idempotency_keys.push(event.idempotency_key.clone());
        self.fingerprints.push(named.then(|| event.fingerprint.to_vec()));
        self.types.push(event.event_type.clone());
        self.tenants.push(event.tenant.clone());
        self.profiles.push(event.profile.clone());
        self.ordering_keys.push(event.ordering_key.clone());
        self.targets.push(row::pack(endpoints.iter().map(|endpoint| endpoint.0)));
        self.data.push(Arc::clone(&event.data));
    }

    async fn send(&self, session: &Session) -> Result<(), Fault> {
        if self.keys.is_empty() {
            return Ok(());
        }
        let data: Vec<&str> = self.data.iter().map(|data| &**data).collect();
        session
            .execute(
                STORE,
                &[
                    &self.accounts,
                    &self.keys,
                    &self.ids,
                    &self.idempotency_keys,
                    &self.fingerprints,
                    &self.types,
                    &self.tenants,
                    &self.profiles,
                    &self.ordering_keys,
                    &self.targets,
                    &data,
                ],
            )
            .await?;
        Ok(())
    }
}

/// Fails where one is there already: somebody else was quicker, and everything is asked again.
pub(super) const STORE: &str = "INSERT INTO event (account, key, id, idempotency_key, fingerprint, type, tenant, profile,
        ordering_key, targets, data)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::text[],
        $8::text[], $9::text[], $10::bytea[], $11::text[])";
/// The event came first with its id alone. From now on the key stands for it as well.
pub(super) const LATE_KEY: &str = "UPDATE event v SET idempotency_key = u.text
    FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u (account, key, text)
    WHERE v.account = u.account AND v.key = u.key AND v.idempotency_key IS NULL";
