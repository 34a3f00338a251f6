//! Taking what is due: some lanes, and of each as much as there is room for.
//!
//! Lanes that somebody else is at are passed over, and so are rows. What is looked at is what is taken, and a lane each,
//! whatever waits behind them.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_postgres::Row;

use super::{
    core::Core,
    cycle,
    fault::Fault,
    held::Hold,
    lanes::Lanes,
    node, recover,
    row::{self, get},
    session::{self, Session, SharedSession, Values},
};
use crate::store::{
    ClaimKey, DeliveryKey, EndpointKey, EventKey, Health, Job, LeaseRequest, Leased, StoreError,
};

/// A lease of which nobody knows whether it was committed: the connection broke meanwhile, or whoever asked for it has
/// given up. It stays here until that is known.
#[derive(Debug, Default)]
pub(super) struct Unclear(Mutex<Option<Begun>>);

#[derive(Clone, Debug)]
struct Begun {
    claim: ClaimKey,
    session: SharedSession,
}

impl Unclear {
    fn get(&self) -> Option<Begun> {
        self.lock().clone()
    }

    fn set(&self, begun: Option<Begun>) {
        *self.lock() = begun;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Begun>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) async fn lease(core: &Core, request: &LeaseRequest) -> Result<Leased, StoreError> {
    let unclear = core.leasing.lock().await;
    let unclear = &*unclear;
    core.pool
        .run(|session| async move {
            if let Some(begun) = unclear.get() {
                session::end_backend(&session, begun.session.backend()).await?;
                session
                    .transaction(recover::give_back(&session, begun.claim, request.now))
                    .await?;
                unclear.set(None);
            }
            // Each try has its own: what is left of the one before may be a claim.
            let claim = ClaimKey(core.node.mint(request.now));
            let leased = match attempt(core, &session, request, claim).await {
                Ok(leased) => leased,
                Err(fault) => {
                    if session.is_in_transaction() {
                        let _ = session.rollback().await;
                    }
                    return Err(fault);
                }
            };
            unclear.set(Some(Begun { claim, session: Arc::clone(&session) }));
            session.commit().await?;
            unclear.set(None);
            let mut held = core.held();
            for job in &leased.jobs {
                let version = job.target.endpoint.version;
                held.take(job.delivery, Hold { claim, stored: true, version });
            }
            drop(held);
            Ok(leased)
        })
        .await
}

/// Everything but the commit.
async fn attempt(
    core: &Core,
    session: &SharedSession,
    request: &LeaseRequest,
    claim: ClaimKey,
) -> Result<Leased, Fault> {
    session.prepare(STATEMENTS).await?;
    let badge = core.node.badge();
    let now = request.now.as_millis();
    let full: Vec<_> = request
        .rooms
        .iter()
        .filter(|(_, room)| *room == 0)
        .map(|(endpoint, _)| endpoint.0)
        .collect();
    let limit = i64::from(request.limit);
    let (begun, fenced, found) =
        tokio::join!(session.begin(), node::fence(session, badge), async {
            session.query(LANES, &[&now, &full, &limit]).await
        },);
    begun?;
    if !fenced? {
        session.rollback().await?;
        core.join_anew(session, badge).await?;
        return Err(Fault::Collision);
    }
    let mut lanes = Vec::new();
    for row in &found? {
        lanes.push(Lane::read(row)?);
    }
    let taken = take(core, session, request, claim, &lanes).await?;
    let rooms: Vec<_> = request.rooms.iter().map(|(endpoint, _)| endpoint.0).collect();
    let (written, next) =
        tokio::join!(write(session, badge, request, claim, &lanes, &taken), async {
            session.optional(NEXT, &[&now, &full, &rooms]).await
        },);
    written?;
    let (mut more, mut next_due) = (false, None);
    if let Some(row) = next? {
        more = get(&row, "more")?;
        next_due = row::time(&row, "next_due")?;
    }
    Ok(Leased { jobs: taken.jobs, more, next_due })
}

/// A lane that is due, and locked.
struct Lane {
    endpoint: EndpointKey,
    version: i64,
    is_active: bool,
    health: Health,
}

impl Lane {
    fn read(row: &Row) -> Result<Self, Fault> {
        Ok(Self {
            endpoint: EndpointKey(get(row, "endpoint")?),
            version: get(row, "version")?,
            is_active: get::<&str>(row, "state")? == "active",
            health: row::health(row)?,
        })
    }

    fn is_probe(&self, request: &LeaseRequest) -> bool {
        self.health.failures >= request.probe_from
    }

    /// What is known once something was taken.
    fn health_after(&self, request: &LeaseRequest) -> Health {
        let hold_until =
            if self.is_probe(request) { Some(request.probe_until) } else { self.health.hold_until };
        Health { hold_until, ..self.health }
    }
}

/// What came of a look at the lanes.
#[derive(Default)]
struct Taken {
    jobs: Vec<Job>,
    /// How many of the lanes were looked at before the limit was reached.
    looked_at: usize,
    /// Deliveries of events that are gone.
    orphans: Vec<DeliveryKey>,
}

/// Locks and reads what is due in these lanes.
async fn take(
    core: &Core,
    session: &Session,
    request: &LeaseRequest,
    claim: ClaimKey,
    lanes: &[Lane],
) -> Result<Taken, Fault> {
    let rooms: HashMap<_, _> = request.rooms.iter().copied().collect();
    let (mut endpoints, mut room_of, mut versions) = (Vec::new(), Vec::new(), HashMap::new());
    for lane in lanes.iter().filter(|lane| lane.is_active) {
        let room = rooms.get(&lane.endpoint).copied().unwrap_or(request.per_endpoint);
        endpoints.push(lane.endpoint.0);
        room_of.push(i64::from(if lane.is_probe(request) { room.min(1) } else { room }));
        versions.insert(lane.endpoint, lane.version);
    }
    let mut taken = Taken { looked_at: lanes.len(), ..Taken::default() };
    if endpoints.is_empty() {
        return Ok(taken);
    }
    let (limit, now) = (i64::from(request.limit), request.now.as_millis());
    let mut cache = core.targets.lock().await;
    let (rows, targets) = tokio::join!(
        async { session.query(DUE, &[&endpoints, &room_of, &now, &limit]).await },
        cache.load(session, &versions),
    );
    drop(cache);
    let (rows, targets) = (rows?, targets?);
    if i64::try_from(rows.len()).is_ok_and(|count| count >= limit)
        && let Some(last) = rows.last()
    {
        let last = EndpointKey(get(last, "endpoint")?);
        taken.looked_at =
            lanes.iter().position(|lane| lane.endpoint == last).map_or(lanes.len(), |at| at + 1);
    }
    let healths: HashMap<_, _> =
        lanes.iter().map(|lane| (lane.endpoint, lane.health_after(request))).collect();
    let mut events = HashMap::new();
    for row in &rows {
        let delivery = DeliveryKey {
            endpoint: EndpointKey(get(row, "endpoint")?),
            event: EventKey(get(row, "event")?),
        };
        if get::<Option<i64>>(row, "key")?.is_none() {
            taken.orphans.push(delivery);
            continue;
        }
        let Some(target) = targets.get(&delivery.endpoint) else { continue };
        let event = match events.get(&delivery.event) {
            Some(event) => Arc::clone(event),
            None => Arc::clone(events.entry(delivery.event).or_insert(Arc::new(row::event(row)?))),
        };
        let (attempts, before, interruptions) = (
            row::count(row, "attempts")?,
            row::count(row, "attempts_before")?,
            row::count(row, "interruptions")?,
        );
        taken.jobs.push(Job {
            delivery,
            claim,
            attempt: attempts + 1,
            step: attempts.saturating_sub(before).saturating_sub(interruptions) + 1,
            first_attempt_at: row::time(row, "first_attempt_at")?,
            target: Arc::clone(target),
            health: healths.get(&delivery.endpoint).copied().unwrap_or_default(),
            event,
            at_once: false,
        });
    }
    Ok(taken)
}

async fn write(
    session: &Session,
    badge: node::Badge,
    request: &LeaseRequest,
    claim: ClaimKey,
    lanes: &[Lane],
    taken: &Taken,
) -> Result<(), Fault> {
    let (endpoints, events) = columns(taken.jobs.iter().map(|job| job.delivery));
    let (orphan_endpoints, orphan_events) = columns(taken.orphans.iter().copied());
    let of_jobs: HashSet<_> = endpoints.iter().copied().collect();
    let mut touched = Lanes::default();
    let mut stale = Vec::new();
    for lane in lanes.iter().take(taken.looked_at) {
        if lane.is_probe(request) && of_jobs.contains(&lane.endpoint.0) {
            touched.put_health(lane.endpoint, lane.health_after(request));
        } else {
            touched.touch(lane.endpoint);
        }
        if !lane.is_active {
            stale.push(lane.endpoint.0);
        }
    }
    let (take, remove, sweep): (Values<'_>, Values<'_>, Values<'_>) =
        (&[&endpoints, &events, &claim.0], &[&orphan_endpoints, &orphan_events], &[&stale]);
    let (marked, removed, swept, claimed, refreshed) = tokio::join!(
        send(session, TAKE, events.is_empty(), take),
        send(session, REMOVE, orphan_events.is_empty(), remove),
        send(session, SWEEP, stale.is_empty(), sweep),
        cycle::claim_jobs(session, badge, claim, &taken.jobs),
        touched.refresh(session),
    );
    marked.and(removed).and(swept).and(claimed).and(refreshed)
}

fn columns(deliveries: impl Iterator<Item = DeliveryKey>) -> (Vec<i64>, Vec<i64>) {
    deliveries.map(|delivery| (delivery.endpoint.0, delivery.event.0)).unzip()
}

async fn send(
    session: &Session,
    sql: &'static str,
    is_empty: bool,
    values: Values<'_>,
) -> Result<(), Fault> {
    if is_empty { Ok(()) } else { session.execute(sql, values).await.map(drop) }
}

const STATEMENTS: &[&str] = &[
    node::FENCE,
    LANES,
    DUE,
    super::matching::LOAD,
    TAKE,
    REMOVE,
    SWEEP,
    cycle::CLAIM,
    super::lanes::REFRESH,
    NEXT,
];
pub(super) const LANES: &str = "SELECT l.endpoint, l.failures, l.failing_since, l.hold_until, e.version, e.state
    FROM (SELECT endpoint, due, failures, failing_since, hold_until FROM lane
          WHERE due <= $1 AND endpoint <> ALL ($2::bigint[]) ORDER BY due LIMIT $3 FOR UPDATE SKIP LOCKED) l
    JOIN endpoint e ON e.key = l.endpoint ORDER BY l.due";
pub(super) const DUE: &str = concat!(
    "SELECT d.endpoint, d.event, d.attempts, d.attempts_before, d.interruptions, d.first_attempt_at, ",
    row::event_columns!(),
    " FROM (SELECT w.* FROM unnest($1::bigint[], $2::bigint[]) AS u (endpoint, room),
                LATERAL (SELECT w.endpoint, w.event, w.account, w.attempts, w.attempts_before, w.interruptions,
                             w.first_attempt_at
                         FROM delivery w WHERE w.endpoint = u.endpoint AND w.due <= $3
                         ORDER BY w.due, w.event LIMIT u.room FOR UPDATE SKIP LOCKED) w
            LIMIT $4) d
    LEFT JOIN event v ON v.account = d.account AND v.key = d.event"
);
const REMOVE: &str =
    "DELETE FROM delivery d USING unnest($1::bigint[], $2::bigint[]) AS u (endpoint, event)
    WHERE d.endpoint = u.endpoint AND d.event = u.event";
const TAKE: &str = "UPDATE delivery d SET state = 'delivering', due = NULL, claim = $3
    FROM unnest($1::bigint[], $2::bigint[]) AS u (endpoint, event)
    WHERE d.endpoint = u.endpoint AND d.event = u.event";
/// They came in while their endpoint went away.
const SWEEP: &str = "UPDATE endpoint SET sweeping = true
    WHERE key = ANY ($1::bigint[]) AND state IN ('disabled', 'deleted') AND NOT sweeping";
/// Something is left in a lane that the caller did not say how full it is; and the first moment after now.
const NEXT: &str = "SELECT
    EXISTS (SELECT FROM lane WHERE due <= $1 AND endpoint <> ALL ($3::bigint[])) AS more,
    (SELECT due FROM lane WHERE due > $1 AND endpoint <> ALL ($2::bigint[]) ORDER BY due LIMIT 1) AS next_due";
