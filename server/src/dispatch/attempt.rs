//! One attempt: write the request, send it, decide what follows, settle.

use std::{sync::Arc, time::Duration};

use hookseal::{Decision, Event, EventType, Outcome, Profile, SigningKey, Timestamp};
use serde_json::value::RawValue;

use super::inflight::Ticket;
use crate::{
    clock::Clock,
    guard::{EndpointUrl, Failure, GuardPolicy, Outbound, Reply, Transport},
    keys,
    rng::Rng,
    seal::Sealer,
    store::{Attempt, Job, Next, Queue, Settlement, StoreError},
};

/// Makes attempts.
#[derive(Debug)]
pub struct Attempter {
    /// The way out.
    pub transport: Arc<dyn Transport>,
    /// Where it may go.
    pub policy: GuardPolicy,
    /// Opens the endpoints' secrets.
    pub sealer: Arc<Sealer>,
    /// Multiplies every delay of the profiles' schedules.
    pub retry_delay_factor: f64,
    /// When.
    pub clock: Arc<dyn Clock>,
    /// For jitter.
    pub rng: Arc<dyn Rng>,
}

impl Attempter {
    /// Makes the attempt that `job` asks for and settles it. Returns when the next attempt is due, if there is one.
    pub async fn run(&self, job: Job, mut ticket: Ticket, queue: &dyn Queue) -> Option<Timestamp> {
        let (started_at, began) = (self.clock.now(), self.clock.elapsed());
        let reply = match self.prepare(&job, started_at) {
            Ok(outbound) => tokio::select! {
                reply = self.transport.post(outbound) => reply,
                () = ticket.revoked() => Reply::failed(Failure::Cancelled),
            },
            Err(failure) => Reply::failed(failure),
        };
        match (reply.status, reply.failure) {
            (_, Some(failure)) if failure.is_silence() => ticket.note(false),
            (Some(_), _) => ticket.note(true),
            _ => {}
        }
        let duration = self.clock.elapsed().saturating_sub(began);
        let now = self.clock.now();
        let next = self.decide(&job, &reply, job.first_attempt_at.unwrap_or(started_at), now);
        log(&job, &reply, next, duration);
        let attempt = Attempt {
            number: job.attempt,
            started_at,
            duration_ms: u32::try_from(duration.as_millis()).unwrap_or(u32::MAX),
            status: reply.status,
            error: reply.failure.map(|failure| failure.as_str().to_owned()),
            response_body: reply.body,
        };
        self.settle(Settlement { delivery_id: job.delivery_id, attempt, next, now }, queue).await;
        match next {
            Next::RetryAt(at) => Some(at),
            _ => None,
        }
    }

    /// The request of this attempt.
    fn prepare(&self, job: &Job, now: Timestamp) -> Result<Outbound, Failure> {
        // SECURITY: what was opened when the endpoint was made may be closed now, and a literal address in the URL
        // never reaches the resolver.
        let url = EndpointUrl::parse(&job.url, &self.policy).map_err(|error| {
            tracing::warn!(endpoint.id = job.endpoint_id, %error, "the guard refuses this endpoint's URL");
            Failure::Forbidden
        })?;
        let keys = self.open_keys(job)?;
        let outgoing = render(job, &keys, now).map_err(|error| {
            tracing::warn!(delivery.id = job.delivery_id, code = error.code().as_str(), %error, "cannot write this event");
            Failure::Render
        })?;
        let timeout = Profile::get(&job.profile).map_err(|_| Failure::Render)?.timeout;
        Ok(Outbound { url, headers: outgoing.headers, body: outgoing.body, timeout })
    }

    fn open_keys(&self, job: &Job) -> Result<Vec<SigningKey>, Failure> {
        keys::open(&self.sealer, &job.secret, &job.endpoint_id, &job.profile).map_err(|error| {
            tracing::error!(endpoint.id = job.endpoint_id, %error, "cannot open this endpoint's secret");
            Failure::Seal
        })
    }

    fn decide(
        &self,
        job: &Job,
        reply: &Reply,
        first_attempt_at: Timestamp,
        now: Timestamp,
    ) -> Next {
        match reply.failure {
            Some(Failure::Cancelled) => return Next::Cancelled,
            Some(failure @ Failure::Render) => return Next::Impossible(failure),
            _ => {}
        }
        let outcome = match (reply.status, reply.failure) {
            // HTTP has no status beyond 599 (RFC 9110 §15), so such an answer says nothing.
            (Some(status @ 100..=599), None) => Outcome::Response {
                status,
                retry_after: reply.retry_after.as_deref(),
                delivery: reply.delivery.as_deref(),
            },
            _ => Outcome::NoResponse,
        };
        let (Ok(profile), Ok(random)) = (Profile::get(&job.profile), self.rng.unit()) else {
            return Next::Impossible(Failure::Render);
        };
        let policy = profile.retry_policy().scaled(self.retry_delay_factor);
        match policy.next(job.attempt, &outcome, first_attempt_at, now, random) {
            Ok(Decision::Delivered) => Next::Delivered,
            Ok(Decision::DeliveredAndDisable) => Next::DeliveredAndDisable,
            Ok(Decision::Disable) => Next::Disable,
            Ok(Decision::GiveUp(reason)) => Next::GiveUp(reason),
            Ok(Decision::RetryAt(at)) => Next::RetryAt(at),
            Err(error) => {
                tracing::error!(delivery.id = job.delivery_id, %error, "no decision for this attempt");
                Next::Impossible(Failure::Render)
            }
        }
    }

    /// Settles, and tries again until the store takes it: what happened must be on record before the next attempt. What
    /// the store can never take, because the row itself is corrupt, is left to [`Queue::recover`].
    async fn settle(&self, settlement: Settlement, queue: &dyn Queue) {
        let mut pause = FIRST_PAUSE_MILLIS;
        while let Err(error) = queue.settle(settlement.clone()).await {
            if matches!(error, StoreError::Corrupt { .. }) {
                tracing::error!(delivery.id = settlement.delivery_id, %error, "cannot settle a delivery, its row is corrupt");
                return;
            }
            tracing::error!(delivery.id = settlement.delivery_id, %error, "cannot settle a delivery, trying again");
            self.clock.sleep_until(self.clock.now().plus_millis(pause)).await;
            pause = (2 * pause).min(LAST_PAUSE_MILLIS);
        }
    }
}

fn render(
    job: &Job,
    keys: &[SigningKey],
    now: Timestamp,
) -> Result<hookseal::Outgoing, hookseal::Error> {
    let invalid = |error: serde_json::Error| {
        hookseal::Error::new(
            hookseal::ErrorCode::InvalidEvent,
            format!("the stored data does not parse: {error}"),
        )
    };
    let event = Event {
        id: job.event.id.clone(),
        event_type: EventType::parse(&job.event.event_type)?,
        time: job.event.created_at,
        tenant: job.event.tenant.clone(),
        data: RawValue::from_string(job.event.data.clone()).map_err(invalid)?,
    };
    Profile::get(&job.profile)?.render(&event, keys, now)
}

fn log(job: &Job, reply: &Reply, next: Next, duration: Duration) {
    tracing::info!(
        delivery.id = job.delivery_id,
        endpoint.id = job.endpoint_id,
        event.id = job.event.id,
        attempt = job.attempt,
        status = reply.status,
        error = reply.failure.map(Failure::as_str),
        duration_ms = duration.as_millis(),
        next = match next {
            Next::Cancelled => "cancelled",
            Next::Delivered | Next::DeliveredAndDisable => "delivered",
            Next::Disable | Next::GiveUp(_) | Next::Impossible(_) => "failed",
            Next::RetryAt(_) => "retry",
        },
        "attempt made"
    );
}

const FIRST_PAUSE_MILLIS: i64 = 100;
const LAST_PAUSE_MILLIS: i64 = 5_000;
