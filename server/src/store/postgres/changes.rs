//! What a transaction writes into `delivery` and `attempt`: collected row by row, sent as a few statements.

use hookseal::Timestamp;

use super::{
    fault::Fault,
    lanes::Lanes,
    row::micros,
    session::{Session, Values},
};
use crate::store::{AccountKey, Attempt, DeliveryKey, DeliveryState, EndpointKey, EventKey};

/// Rows to write, and the lanes that this touches.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) lanes: Lanes,
    new: Columns,
    attempted: Columns,
    given_back: Columns,
    waiting: Waiting,
    ended_orders: (Vec<i64>, Vec<String>, Vec<i64>),
    gives_back: bool,
}

/// What becomes of a delivery.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) delivery: DeliveryKey,
    pub(super) account: AccountKey,
    pub(super) state: DeliveryState,
    pub(super) reason: Option<String>,
    pub(super) due: Option<Timestamp>,
    /// The attempt that led to it; none where none was made.
    pub(super) attempt: Option<Attempt>,
    /// When its schedule began, where that is known.
    pub(super) first_attempt_at: Option<Timestamp>,
    /// Whether the attempt was only interrupted, which is no step of the schedule.
    pub(super) interrupted: bool,
}

impl Changes {
    /// Writes a delivery that has no row. Where its event is gone, it stays without one.
    pub(super) fn insert(&mut self, outcome: Outcome) {
        if outcome.due.is_some() {
            self.lanes.touch(outcome.delivery.endpoint);
            self.gives_back |= outcome.attempt.is_none();
        }
        self.new.push(outcome);
    }

    /// Changes a delivery that has a row, which is locked. Where it ends, the next of its order takes its place.
    pub(super) fn update(&mut self, outcome: Outcome, order_key: Option<&str>, now: Timestamp) {
        let endpoint = outcome.delivery.endpoint;
        if outcome.due.is_some() {
            self.lanes.touch(endpoint);
            self.gives_back |= outcome.attempt.is_none();
        } else if let Some(order_key) = order_key {
            self.end_order(endpoint, order_key, now);
        }
        if outcome.attempt.is_some() { &mut self.attempted } else { &mut self.given_back }
            .push(outcome);
    }

    /// Adds a delivery that waits, for its moment or for others of its order.
    pub(super) fn wait(
        &mut self,
        delivery: DeliveryKey,
        account: AccountKey,
        order_key: Option<&str>,
        now: Timestamp,
    ) {
        self.lanes.touch(delivery.endpoint);
        self.waiting.push(delivery, account, order_key, now);
    }

    /// Whether something is added that may be due at once: what was never tried, the next of an order, what is given back.
    pub(super) fn may_be_due(&self) -> bool {
        self.has_waiting() || self.gives_back || !self.ended_orders.0.is_empty()
    }

    /// Whether something is added that was never tried.
    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.endpoints.is_empty()
    }

    /// The deliveries that are to get a row which had none.
    pub(super) fn inserted(&self) -> impl Iterator<Item = DeliveryKey> {
        let pair = |(endpoint, event): (&i64, &i64)| DeliveryKey {
            endpoint: EndpointKey(*endpoint),
            event: EventKey(*event),
        };
        self.new.endpoints.iter().zip(&self.new.events).map(pair)
    }

    /// Sends it all, in an order in which each statement sees what it has to. The lanes are locked by then.
    pub(super) async fn write(&self, session: &Session) -> Result<Written, Fault> {
        let results = tokio::join!(
            self.new.send(session, INSERT),
            self.attempted.send_keys(session, KEEP_ATTEMPT),
            self.attempted.send(session, RECORD),
            self.given_back.send_brief(session, GIVE_BACK),
            self.waiting.send(session),
            self.send_ended_orders(session),
        );
        let inserted = results.0?;
        results.1.and(results.2).and(results.3).and(results.4)?;
        let missing = u64::try_from(self.new.endpoints.len()).is_ok_and(|wanted| inserted < wanted);
        Ok(Written { missing, released: results.5? > 0 })
    }

    /// Lets an order go on of which the active delivery went away.
    pub(super) fn end_order(&mut self, endpoint: EndpointKey, order_key: &str, now: Timestamp) {
        self.lanes.touch(endpoint);
        let (endpoints, order_keys, nows) = &mut self.ended_orders;
        endpoints.push(endpoint.0);
        order_keys.push(order_key.to_owned());
        nows.push(now.as_millis());
    }

    async fn send_ended_orders(&self, session: &Session) -> Result<u64, Fault> {
        let (endpoints, order_keys, nows) = &self.ended_orders;
        if endpoints.is_empty() {
            return Ok(0);
        }
        session.execute(RELEASE_NEXT, &[endpoints, order_keys, nows]).await
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    /// Not every delivery got its row: some events are gone.
    pub(super) missing: bool,
    /// The next of an order is due.
    pub(super) released: bool,
}

/// Outcomes, a column each.
#[derive(Debug, Default)]
struct Columns {
    endpoints: Vec<i64>,
    events: Vec<i64>,
    accounts: Vec<i64>,
    states: Vec<&'static str>,
    reasons: Vec<Option<String>>,
    dues: Vec<Option<i64>>,
    numbers: Vec<i32>,
    interrupted: Vec<i32>,
    first_attempts: Vec<Option<i64>>,
    started: Vec<Option<i64>>,
    totals: Vec<Option<i64>>,
    dns: Vec<Option<i64>>,
    connects: Vec<Option<i64>>,
    tls: Vec<Option<i64>>,
    first_bytes: Vec<Option<i64>>,
    statuses: Vec<Option<i16>>,
    errors: Vec<Option<String>>,
    addresses: Vec<Option<String>>,
    heads: Vec<Option<String>>,
    bodies: Vec<Option<Vec<u8>>>,
}

impl Columns {
    fn push(&mut self, outcome: Outcome) {
        let Outcome {
            delivery,
            account,
            state,
            reason,
            due,
            attempt,
            first_attempt_at,
            interrupted,
        } = outcome;
        self.endpoints.push(delivery.endpoint.0);
        self.events.push(delivery.event.0);
        self.accounts.push(account.0);
        self.states.push(state.as_str());
        self.reasons.push(reason);
        self.dues.push(due.map(Timestamp::as_millis));
        self.interrupted.push(i32::from(interrupted));
        self.first_attempts.push(first_attempt_at.map(Timestamp::as_millis));
        let number = attempt.as_ref().map_or(0, |attempt| attempt.number);
        self.numbers.push(i32::try_from(number).unwrap_or(i32::MAX));
        let phases = attempt.as_ref().map(|attempt| attempt.phases).unwrap_or_default();
        self.started.push(attempt.as_ref().map(|attempt| attempt.started_at.as_millis()));
        self.totals.push(attempt.as_ref().map(|_| micros(phases.total)));
        self.dns.push(phases.dns.map(micros));
        self.connects.push(phases.connect.map(micros));
        self.tls.push(phases.tls.map(micros));
        self.first_bytes.push(phases.first_byte.map(micros));
        let status = attempt.as_ref().and_then(|attempt| attempt.status);
        self.statuses.push(status.and_then(|status| i16::try_from(status).ok()));
        let address = attempt.as_ref().and_then(|attempt| attempt.address);
        self.addresses.push(address.map(|address| address.to_string()));
        let (error, head, body) = attempt.map_or((None, None, Vec::new()), |attempt| {
            (attempt.error, attempt.response_head, attempt.response_body)
        });
        self.errors.push(error);
        self.heads.push(head);
        self.bodies.push((!body.is_empty()).then_some(body));
    }

    async fn send(&self, session: &Session, sql: &'static str) -> Result<u64, Fault> {
        if self.endpoints.is_empty() {
            return Ok(0);
        }
        session
            .execute(
                sql,
                &[
                    &self.endpoints,
                    &self.events,
                    &self.accounts,
                    &self.states,
                    &self.reasons,
                    &self.dues,
                    &self.numbers,
                    &self.interrupted,
                    &self.first_attempts,
                    &self.started,
                    &self.totals,
                    &self.dns,
                    &self.connects,
                    &self.tls,
                    &self.first_bytes,
                    &self.statuses,
                    &self.errors,
                    &self.addresses,
                    &self.heads,
                    &self.bodies,
                ],
            )
            .await
    }

    async fn send_keys(&self, session: &Session, sql: &'static str) -> Result<u64, Fault> {
        if self.endpoints.is_empty() {
            return Ok(0);
        }
        session.execute(sql, &[&self.endpoints, &self.events]).await
    }

    async fn send_brief(&self, session: &Session, sql: &'static str) -> Result<u64, Fault> {
        if self.endpoints.is_empty() {
            return Ok(0);
        }
        session
            .execute(sql, &[&self.endpoints, &self.events, &self.states, &self.reasons, &self.dues])
            .await
    }
}

/// Deliveries that were never tried, a column each.
#[derive(Debug, Default)]
struct Waiting {
    endpoints: Vec<i64>,
    events: Vec<i64>,
    accounts: Vec<i64>,
    dues: Vec<i64>,
    order_keys: Vec<Option<String>>,
    /// Whether it is the first of its order here.
    first: Vec<bool>,
    orders: std::collections::HashSet<(EndpointKey, String)>,
}

impl Waiting {
    fn push(
        &mut self,
        delivery: DeliveryKey,
        account: AccountKey,
        order_key: Option<&str>,
        now: Timestamp,
    ) {
        self.endpoints.push(delivery.endpoint.0);
        self.events.push(delivery.event.0);
        self.accounts.push(account.0);
        self.dues.push(now.as_millis());
        self.first.push(
            order_key.is_none_or(|order_key| {
                self.orders.insert((delivery.endpoint, order_key.to_owned()))
            }),
        );
        self.order_keys.push(order_key.map(str::to_owned));
    }

    async fn send(&self, session: &Session) -> Result<u64, Fault> {
        if self.endpoints.is_empty() {
            return Ok(0);
        }
        let values: Values<'_> = &[
            &self.endpoints,
            &self.events,
            &self.accounts,
            &self.dues,
            &self.order_keys,
            &self.first,
        ];
        session.execute(WAIT, values).await
    }
}

/// The columns of an outcome.
macro_rules! outcomes {
    () => {
        "unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::integer[], \
         $8::integer[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], \
         $15::bigint[], $16::smallint[], $17::text[], $18::text[], $19::text[], $20::bytea[]) \
         AS u (endpoint, event, account, state, reason, due, number, interrupted, first_attempt_at, started_at, total_us, \
         dns_us, connect_us, tls_us, first_byte_us, status, error, address, response_head, response_body)"
    };
}

pub(super) const INSERT: &str = concat!(
    "INSERT INTO delivery (endpoint, event, account, state, reason, due, attempts, interruptions, first_attempt_at,
        started_at, total_us, dns_us, connect_us, tls_us, first_byte_us, status, error, address, response_head, response_body)
     SELECT u.endpoint, u.event, u.account, u.state, u.reason, u.due, u.number, u.interrupted, u.first_attempt_at,
        u.started_at, u.total_us, u.dns_us, u.connect_us, u.tls_us, u.first_byte_us, u.status, u.error, u.address,
        u.response_head, u.response_body FROM ",
    outcomes!(),
    " WHERE EXISTS (SELECT FROM event v WHERE v.account = u.account AND v.key = u.event)"
);
/// The last attempt is about to be the one before the last.
pub(super) const KEEP_ATTEMPT: &str = "INSERT INTO attempt (endpoint, event, number, started_at, total_us, dns_us, connect_us,
        tls_us, first_byte_us, status, error, address, response_head, response_body)
    SELECT d.endpoint, d.event, d.attempts, d.started_at, d.total_us, d.dns_us, d.connect_us, d.tls_us, d.first_byte_us,
        d.status, d.error, d.address, d.response_head, d.response_body
    FROM unnest($1::bigint[], $2::bigint[]) AS u (endpoint, event)
    JOIN delivery d ON d.endpoint = u.endpoint AND d.event = u.event
    WHERE d.started_at IS NOT NULL ON CONFLICT DO NOTHING";
pub(super) const RECORD: &str = concat!(
    "UPDATE delivery d SET state = u.state, reason = u.reason, due = u.due, claim = NULL, attempts = u.number,
        interruptions = d.interruptions + u.interrupted,
        first_attempt_at = COALESCE(d.first_attempt_at, u.first_attempt_at),
        started_at = u.started_at, total_us = u.total_us, dns_us = u.dns_us, connect_us = u.connect_us,
        tls_us = u.tls_us, first_byte_us = u.first_byte_us, status = u.status, error = u.error, address = u.address,
        response_head = u.response_head, response_body = u.response_body FROM ",
    outcomes!(),
    " WHERE d.endpoint = u.endpoint AND d.event = u.event"
);
pub(super) const GIVE_BACK: &str =
    "UPDATE delivery d SET state = u.state, reason = u.reason, due = u.due, claim = NULL
    FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[])
        AS u (endpoint, event, state, reason, due)
    WHERE d.endpoint = u.endpoint AND d.event = u.event";
/// Of an order, one is due or under way, and the others are without a moment.
pub(super) const WAIT: &str =
    "INSERT INTO delivery (endpoint, event, account, state, due, order_key)
    SELECT u.endpoint, u.event, u.account, 'pending', CASE
            WHEN u.order_key IS NULL THEN u.due
            WHEN u.first AND NOT EXISTS (SELECT FROM delivery o WHERE o.endpoint = u.endpoint
                AND o.order_key = u.order_key AND o.state IN ('pending', 'delivering')) THEN u.due
        END, u.order_key
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::boolean[])
        AS u (endpoint, event, account, due, order_key, first)";
/// The one that was due or under way has ended: the first of the others takes its place.
pub(super) const RELEASE_NEXT: &str = "UPDATE delivery d SET due = n.due FROM (
        SELECT u.endpoint, u.due, (
            SELECT o.event FROM delivery o WHERE o.endpoint = u.endpoint AND o.order_key = u.order_key
                AND o.state IN ('pending', 'delivering') ORDER BY o.event LIMIT 1) AS event
        FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS u (endpoint, order_key, due)
    ) n WHERE d.endpoint = n.endpoint AND d.event = n.event AND d.state = 'pending' AND d.due IS NULL";
