//! Taking what is due: some lanes, and of each as much as there is room for.
//!
//! Lanes that somebody else is at are passed over, and so are rows. What is looked at is what is taken, and a lane each,
//! whatever waits behind them.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use hookseal::Timestamp;
use tokio_postgres::Row;

use super::{
    changes::{self, Changes},
    core::Core,
    cycle,
    fault::Fault,
    gone,
    held::Hold,
    lanes::Lanes,
    node,
    row::{self, get},
    session::{Session, SharedSession, Values},
};
use crate::store::{
    AccountKey, ClaimKey, DeliveryKey, DeliveryState, EndpointKey, EventKey, Health, Job,
    LanePlace, LeaseRequest, Leased, StoreError, Tenant,
};

pub(super) async fn lease(core: &Core, request: &LeaseRequest) -> Result<Leased, StoreError> {
    let unclear = core.leasing.lock().await;
    let unclear = &*unclear;
    core.vital
        .run(|session| async move {
            unclear.undo(&session, request.now).await?;
            // Each try has its own: what is left of the one before may be a claim.
            let claim = ClaimKey(core.node.mint(request.now));
            let Outcome { leased, stale } = match attempt(core, &session, request, claim).await {
                Ok(outcome) => outcome,
                Err(fault) => {
                    if session.is_in_transaction() {
                        let _ = session.rollback().await;
                    }
                    return Err(fault);
                }
            };
            unclear.begin(claim, &session);
            session.commit().await?;
            unclear.end();
            hold(core, &leased.jobs, claim);
            if !stale.is_empty()
                && let Err(fault) = session.transaction(gone::mark(&session, &stale)).await
            {
                let error = StoreError::from(fault);
                tracing::warn!(%error, "cannot note what waits for endpoints that are gone, trying again at the next lease");
            }
            Ok(leased)
        })
        .await
}

fn hold(core: &Core, jobs: &[Job], claim: ClaimKey) {
    let mut held = core.held();
    for job in jobs {
        let version = job.target.endpoint.version;
        held.take(job.delivery, Hold { claim, stored: true, version });
    }
}

struct Outcome {
    leased: Leased,
    /// Lanes that are due although nothing may be sent.
    stale: Vec<EndpointKey>,
}

/// Everything but the commit.
async fn attempt(
    core: &Core,
    session: &SharedSession,
    request: &LeaseRequest,
    claim: ClaimKey,
) -> Result<Outcome, Fault> {
    session.prepare(STATEMENTS).await?;
    let now = request.now.as_millis();
    let window = Window::find(session, request).await?;
    let mut full: Vec<_> = request
        .rooms
        .iter()
        .filter(|(_, room)| *room == 0)
        .map(|(endpoint, _)| endpoint.0)
        .collect();
    full.extend(&window.left_out);
    let limit = i64::from(request.limit);
    let ((from_due, from), (to_due, to)) = (window.after, window.until);
    let (begun, found) = tokio::join!(session.begin(), async {
        session.query(LANES, &[&now, &full, &limit, &from_due, &from, &to_due, &to]).await
    },);
    begun?;
    let mut lanes = Vec::new();
    for row in &found? {
        // It may be due only since its tenant was looked for.
        if !request.without.contains(&tenant(row)?) {
            lanes.push(Lane::read(row)?);
        }
    }
    let badge = core.node.badge();
    let mut taken = Taken::default();
    // Who takes nothing locks nothing: such a commit need not wait for the disk.
    if !lanes.is_empty() {
        let (fenced, found) =
            tokio::join!(node::fence(session, badge), take(core, session, request, claim, &lanes),);
        if !fenced? {
            session.rollback().await?;
            core.join_anew(session, badge).await?;
            return Err(Fault::Collision);
        }
        taken = found?;
    }
    let mut rooms: Vec<_> = request.rooms.iter().map(|(endpoint, _)| endpoint.0).collect();
    rooms.extend(&window.left_out);
    // Who may have what is outside of the window is not known, where some get nothing.
    let (from_due, from) = if request.without.is_empty() { START } else { window.after };
    let (written, next) =
        tokio::join!(write(session, badge, request, claim, &lanes, &taken), async {
            session.optional(NEXT, &[&now, &full, &rooms, &from_due, &from, &to_due, &to]).await
        },);
    written?;
    let (mut more, mut next_due) = (taken.bytes() >= request.bytes, None);
    if let Some(row) = next? {
        more |= get::<bool>(&row, "more")?;
        next_due = row::time(&row, "next_due")?;
    }
    if more && lanes.is_empty() {
        // Others are at all that is due. Whether they leave something is seen soon.
        let soon = request.now.plus_millis(SOON_MILLIS);
        (more, next_due) = (false, Some(next_due.map_or(soon, |due: Timestamp| due.min(soon))));
    }
    let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let is_cut = lanes.len() >= limit
        || taken.jobs.len() >= limit
        || taken.looked_at < lanes.len()
        || taken.bytes() >= request.bytes;
    let last = lanes.iter().take(taken.looked_at).next_back();
    let after = match last.filter(|_| is_cut) {
        Some(last) => Some(last.place),
        None => window.end,
    };
    // Lanes that are left may be among those with a room.
    more |= is_cut;
    if after.is_some() && !more && !request.without.is_empty() {
        let soon = request.now.plus_millis(SOON_MILLIS);
        next_due = Some(next_due.map_or(soon, |due| due.min(soon)));
    }
    // At the end: the first are to be looked at again.
    more |= after.is_none() && request.after.is_some();
    let leased = Leased { jobs: taken.jobs, more, after, next_due };
    Ok(Outcome { leased, stale: taken.stale })
}

/// The lanes that are looked at: all that are due, behind where the last look ended; where some tenants get nothing, so
/// many of them.
struct Window {
    /// Due and endpoint: behind this ...
    after: (i64, i64),
    /// ... and not behind that.
    until: (i64, i64),
    /// The same, where more is behind it.
    end: Option<LanePlace>,
    /// Of tenants that get nothing.
    left_out: Vec<i64>,
}

impl Window {
    async fn find(session: &Session, request: &LeaseRequest) -> Result<Self, Fault> {
        let after = request.after.map_or(START, |place| (place.due.as_millis(), place.endpoint.0));
        let until = (request.now.as_millis(), i64::MAX);
        let mut window = Self { after, until, end: None, left_out: Vec::new() };
        if request.without.is_empty() {
            return Ok(window);
        }
        let rows = session.query(TENANTS, &[&until.0, &after.0, &after.1, &WINDOW]).await?;
        for row in &rows {
            if request.without.contains(&tenant(row)?) {
                window.left_out.push(get(row, "endpoint")?);
            }
        }
        if i64::try_from(rows.len()).is_ok_and(|count| count >= WINDOW)
            && let Some(last) = rows.last()
        {
            let place = place(last)?;
            window.until = (place.due.as_millis(), place.endpoint.0);
            window.end = Some(place);
        }
        Ok(window)
    }
}

fn tenant(row: &Row) -> Result<Tenant, Fault> {
    Ok(Tenant { account: AccountKey(get(row, "account")?), tenant: get(row, "tenant")? })
}

fn place(row: &Row) -> Result<LanePlace, Fault> {
    Ok(LanePlace {
        due: Timestamp::from_millis(get(row, "due")?),
        endpoint: EndpointKey(get(row, "endpoint")?),
    })
}

/// A lane that is due, and locked.
struct Lane {
    endpoint: EndpointKey,
    place: LanePlace,
    version: i64,
    is_active: bool,
    health: Health,
}

impl Lane {
    fn read(row: &Row) -> Result<Self, Fault> {
        Ok(Self {
            endpoint: EndpointKey(get(row, "endpoint")?),
            place: place(row)?,
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
    /// Lanes of endpoints that nothing may be sent to.
    stale: Vec<EndpointKey>,
    /// Set aside, because their endpoints cannot be read.
    corrupt: Changes,
}

impl Taken {
    /// Of the data of all that is leased.
    fn bytes(&self) -> usize {
        self.jobs.iter().map(|job| job.event.data.len()).sum()
    }
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
    let inactive = lanes.iter().filter(|lane| !lane.is_active).map(|lane| lane.endpoint);
    let mut taken = Taken { looked_at: lanes.len(), stale: inactive.collect(), ..Taken::default() };
    if endpoints.is_empty() {
        return Ok(taken);
    }
    let (limit, now) = (i64::from(request.limit), request.now.as_millis());
    let bytes = i64::try_from(request.bytes).unwrap_or(i64::MAX);
    let mut cache = core.targets.lock().await;
    let (rows, targets) = tokio::join!(
        async { session.query(DUE, &[&endpoints, &room_of, &now, &limit, &bytes]).await },
        cache.load(session, &versions),
    );
    drop(cache);
    let (rows, targets) = (rows?, targets?);
    taken.stale.extend(
        endpoints.iter().copied().map(EndpointKey).filter(|key| !targets.contains_key(key)),
    );
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
        let target = match targets.get(&delivery.endpoint) {
            Some(Some(target)) => target,
            Some(None) => {
                set_aside(&mut taken.corrupt, delivery, row, request.now)?;
                continue;
            }
            // It went away while its lane was looked for.
            None => continue,
        };
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
    let is_full = i64::try_from(rows.len()).is_ok_and(|count| count >= limit);
    if (is_full || taken.bytes() >= request.bytes)
        && let Some(last) = rows.last()
    {
        let last = EndpointKey(get(last, "endpoint")?);
        taken.looked_at =
            lanes.iter().position(|lane| lane.endpoint == last).map_or(lanes.len(), |at| at + 1);
    }
    Ok(taken)
}

/// It must not hold up the others, and nobody can send it.
fn set_aside(
    corrupt: &mut Changes,
    delivery: DeliveryKey,
    row: &Row,
    now: Timestamp,
) -> Result<(), Fault> {
    tracing::error!(delivery.id = %delivery, "a delivery's endpoint cannot be read, setting it aside");
    let outcome = changes::Outcome {
        delivery,
        account: AccountKey(get(row, "account")?),
        state: DeliveryState::Failed,
        reason: Some("corrupt".to_owned()),
        due: None,
        attempt: None,
        first_attempt_at: None,
        interrupted: false,
    };
    corrupt.update(outcome, get(row, "order_key")?, now);
    Ok(())
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
    for lane in lanes.iter().take(taken.looked_at) {
        if lane.is_probe(request) && of_jobs.contains(&lane.endpoint.0) {
            touched.put_health(lane.endpoint, lane.health_after(request));
        } else {
            touched.touch(lane.endpoint);
        }
    }
    let (take, remove): (Values<'_>, Values<'_>) =
        (&[&endpoints, &events, &claim.0], &[&orphan_endpoints, &orphan_events]);
    let (marked, removed, set_aside, claimed, refreshed) = tokio::join!(
        send(session, TAKE, events.is_empty(), take),
        send(session, REMOVE, orphan_events.is_empty(), remove),
        taken.corrupt.write(session),
        cycle::claim_jobs(session, badge, claim, &taken.jobs),
        touched.refresh(session),
    );
    marked.and(removed).and(set_aside.map(drop)).and(claimed).and(refreshed)
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
    TENANTS,
    DUE,
    super::matching::LOAD,
    TAKE,
    REMOVE,
    changes::GIVE_BACK,
    changes::RELEASE_NEXT,
    cycle::CLAIM,
    super::lanes::REFRESH,
    NEXT,
];
pub(super) const LANES: &str = "SELECT l.endpoint, l.due, l.failures, l.failing_since, l.hold_until, e.version, e.state, e.account, e.tenant
    FROM (SELECT endpoint, due, failures, failing_since, hold_until FROM lane
          WHERE due <= $1 AND endpoint <> ALL ($2::bigint[]) AND (due, endpoint) > ($4, $5) AND (due, endpoint) <= ($6, $7)
          ORDER BY due, endpoint LIMIT $3 FOR UPDATE SKIP LOCKED) l
    JOIN endpoint e ON e.key = l.endpoint ORDER BY l.due, l.endpoint";
/// Whose the lanes are that come next.
const TENANTS: &str = "SELECT l.due, l.endpoint, e.account, e.tenant
    FROM (SELECT due, endpoint FROM lane WHERE due <= $1 AND (due, endpoint) > ($2, $3)
          ORDER BY due, endpoint LIMIT $4) l
    JOIN endpoint e ON e.key = l.endpoint ORDER BY l.due, l.endpoint";
pub(super) const DUE: &str = concat!(
    "SELECT * FROM (SELECT d.endpoint, d.event, d.attempts, d.attempts_before, d.interruptions, d.first_attempt_at, d.order_key, ",
    row::event_columns!(),
    ", sum(octet_length(v.data)) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
        FROM (SELECT w.* FROM unnest($1::bigint[], $2::bigint[]) AS u (endpoint, room),
                    LATERAL (SELECT w.endpoint, w.event, w.account, w.attempts, w.attempts_before, w.interruptions,
                                 w.first_attempt_at, w.order_key
                             FROM delivery w WHERE w.endpoint = u.endpoint AND w.due <= $3
                             ORDER BY w.due, w.event LIMIT u.room FOR UPDATE SKIP LOCKED) w
                LIMIT $4) d
        LEFT JOIN event v ON v.account = d.account AND v.key = d.event) t
    WHERE bytes_before IS NULL OR bytes_before < $5"
);
const REMOVE: &str =
    "DELETE FROM delivery d USING unnest($1::bigint[], $2::bigint[]) AS u (endpoint, event)
    WHERE d.endpoint = u.endpoint AND d.event = u.event";
const TAKE: &str = "UPDATE delivery d SET state = 'delivering', due = NULL, claim = $3
    FROM unnest($1::bigint[], $2::bigint[]) AS u (endpoint, event)
    WHERE d.endpoint = u.endpoint AND d.event = u.event";
/// Something is left in a lane that the caller did not say how full it is; and the first moment after now.
const NEXT: &str = "SELECT
    EXISTS (SELECT FROM lane WHERE due <= $1 AND endpoint <> ALL ($3::bigint[])
            AND (due, endpoint) > ($4, $5) AND (due, endpoint) <= ($6, $7)) AS more,
    (SELECT due FROM lane WHERE due > $1 AND endpoint <> ALL ($2::bigint[]) ORDER BY due LIMIT 1) AS next_due";
/// How soon lanes are looked at again that others are at.
const SOON_MILLIS: i64 = 10;
/// Lanes that are looked at where some tenants get nothing.
const WINDOW: i64 = 256;
/// Before all lanes.
const START: (i64, i64) = (i64::MIN, i64::MIN);
