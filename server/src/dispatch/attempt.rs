//! One attempt: write the request, send it, decide what follows.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
    time::Duration,
};

use hookseal::{Decision, Event, EventType, GiveUpReason, Timestamp};
use serde_json::value::RawValue;
use tokio::sync::watch;

use super::{health::Sign, prepared::Prepared, report, scheduler::After};
use crate::{
    clock::Clock,
    guard::{Failure, GuardPolicy, Outbound, Reply, Timeouts, Transport},
    luma::Resend,
    rng::Rng,
    seal::Sealer,
    store::{Attempt, Disable, EndpointKey, Job, Next, Phases, Settlement},
};

/// Makes attempts.
#[derive(Debug)]
pub struct Attempter {
    /// The way out.
    pub transport: Arc<dyn Transport>,
    /// Where it may go.
    pub policy: GuardPolicy,
    /// The way to the server's own endpoint, where it is known.
    pub resend: Option<Resend>,
    /// Opens the endpoints' secrets.
    pub sealer: Arc<Sealer>,
    /// Multiplies every delay of the schedules.
    pub retry_delay_factor: f64,
    /// How long an endpoint may fail, without a success in between, before it is disabled.
    pub disable_after: Option<Duration>,
    /// When.
    pub clock: Arc<dyn Clock>,
    /// For jitter.
    pub rng: Arc<dyn Rng>,
}

/// What an attempt brought.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) reply: Reply,
    /// What was prepared now or before.
    pub(super) prepared: Option<Arc<Prepared>>,
    started_at: Timestamp,
    duration: Duration,
}

impl Made {
    pub(super) fn sign(&self) -> Sign {
        Sign::of(&self.reply)
    }

    /// Nobody answered.
    pub(super) fn is_silent(&self) -> bool {
        self.reply.failure.is_some_and(Failure::is_silence)
    }

    fn into_attempt(self, number: u32) -> Attempt {
        Attempt {
            number,
            started_at: self.started_at,
            phases: Phases {
                total: self.duration,
                dns: self.reply.timing.dns,
                connect: self.reply.timing.connect,
                tls: self.reply.timing.tls,
                first_byte: self.reply.timing.first_byte,
            },
            status: self.reply.status,
            error: self.reply.failure.map(|failure| failure.as_str().to_owned()),
            address: self.reply.address,
            response_head: head(&self.reply),
            response_body: self.reply.body,
        }
    }
}

impl Attempter {
    /// Makes the attempt that `job` asks for, unless the endpoint is revoked first.
    pub(super) async fn make(
        &self,
        job: &Job,
        prepared: Option<Arc<Prepared>>,
        revoked: &mut watch::Receiver<u64>,
    ) -> Made {
        let (started_at, began) = (self.clock.now(), self.clock.elapsed());
        if job.delivery.endpoint == EndpointKey::RESEND {
            let reply = match &self.resend {
                Some(resend) => resend.post(&job.event.data).await,
                None => Reply::failed(Failure::NotConfigured),
            };
            let duration = self.clock.elapsed().saturating_sub(began);
            return Made { reply, prepared: None, started_at, duration };
        }
        let prepared = prepared.map_or_else(|| self.prepare(job), Ok);
        let outbound = prepared
            .as_ref()
            .map_err(|failure| *failure)
            .and_then(|prepared| outbound(job, prepared, started_at));
        let reply = match outbound {
            Ok(outbound) => tokio::select! {
                biased;
                _ = revoked.changed() => Reply::failed(Failure::Cancelled),
                reply = self.transport.post(outbound) => reply,
            },
            Err(failure) => Reply::failed(failure),
        };
        let duration = self.clock.elapsed().saturating_sub(began);
        Made { reply, prepared: prepared.ok(), started_at, duration }
    }

    fn prepare(&self, job: &Job) -> Result<Arc<Prepared>, Failure> {
        let factor = self.retry_delay_factor;
        Prepared::new(&job.target, &self.policy, &self.sealer, factor).map(Arc::new)
    }

    /// What is settled after an attempt. `mint` gives keys for the events that tell of it.
    pub(super) fn settlement(
        &self,
        job: Job,
        made: Made,
        after: &After,
        mint: impl Fn(Timestamp) -> i64,
    ) -> Settlement {
        let now = self.clock.now();
        let Decided { next, mut disable } = self.decide(&job, &made, now);
        let may_be_disabled = job.delivery.endpoint != EndpointKey::RESEND;
        if disable.is_none()
            && may_be_disabled
            && made.sign() != Sign::Nothing
            && self.too_long(after.failing_since, now)
        {
            disable = Some("endpoint_failing");
        }
        log(&job, &made, next);
        let exhausted = match next {
            Next::Gone | Next::GiveUp(_) | Next::Impossible(_) => next.state().1,
            _ => None,
        };
        let report =
            exhausted.and_then(|reason| report::delivery_exhausted(&job, reason, now, mint(now)));
        let disable = disable.map(|reason| Disable {
            reason,
            report: report::endpoint_disabled(&job, reason, after.failing_since, now, mint(now)),
        });
        Settlement {
            attempt: Some(made.into_attempt(job.attempt)),
            job,
            next,
            health: after.health,
            disable,
            report: report.into_iter().collect(),
            now,
        }
    }

    /// What is settled after the attempt of a job that is tried [once](Job::at_once). It says nothing about the endpoint.
    pub(super) fn only_settlement(&self, job: Job, made: Made) -> Settlement {
        let now = self.clock.now();
        let next = match self.decide(&job, &made, now).next {
            next @ (Next::Delivered | Next::GiveUp(_) | Next::Impossible(_)) => next,
            _ => Next::GiveUp(GiveUpReason::AttemptsExhausted),
        };
        log(&job, &made, next);
        Settlement {
            attempt: Some(made.into_attempt(job.attempt)),
            job,
            next,
            health: None,
            disable: None,
            report: Vec::new(),
            now,
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "minutes in milliseconds fit both ways"
    )]
    fn scaled(&self, millis: i64) -> i64 {
        (millis as f64 * self.retry_delay_factor) as i64
    }

    fn too_long(&self, failing_since: Option<Timestamp>, now: Timestamp) -> bool {
        let (Some(longest), Some(since)) = (self.disable_after, failing_since) else {
            return false;
        };
        let longest = i64::try_from(longest.as_millis()).unwrap_or(i64::MAX);
        now >= since.plus_millis(longest)
    }

    fn decide(&self, job: &Job, made: &Made, now: Timestamp) -> Decided {
        let only = |next| Decided { next, disable: None };
        let reply = &made.reply;
        match reply.failure {
            // Cancelled where the endpoint is gone, sent again where it is only paused.
            Some(Failure::Cancelled) => return only(Next::RetryAt(now)),
            Some(failure @ Failure::Render) => return only(Next::Impossible(failure)),
            _ => {}
        }
        let outcome = match (reply.status, reply.failure) {
            // HTTP has no status beyond 599 (RFC 9110 §15), so such an answer says nothing.
            (Some(status @ 100..=599), None) => hookseal::Outcome::Response {
                status,
                retry_after: reply.retry_after.as_deref(),
                delivery: reply.delivery.as_deref(),
            },
            _ => hookseal::Outcome::NoResponse,
        };
        let first = job.first_attempt_at.unwrap_or(made.started_at);
        let of_profile;
        let policy = match (&made.prepared, &self.resend) {
            _ if reply.failure == Some(Failure::NotConfigured) => {
                return only(Next::RetryAt(now.plus_millis(self.scaled(UNCONFIGURED_MILLIS))));
            }
            (None, Some(resend)) if job.delivery.endpoint == EndpointKey::RESEND => &resend.policy,
            (Some(prepared), _) => &prepared.policy,
            // It could not be prepared: the schedule of its profile goes on, as somebody may mend it.
            (None, _) => match hookseal::Profile::get(&job.target.endpoint.profile) {
                Ok(profile) => {
                    of_profile = profile.retry_policy().scaled(self.retry_delay_factor);
                    &of_profile
                }
                Err(_) => return only(Next::Impossible(Failure::Render)),
            },
        };
        let Ok(random) = self.rng.unit() else { return only(Next::Impossible(Failure::Render)) };
        match policy.next(job.step, &outcome, first, now, random) {
            Ok(Decision::Delivered) => only(Next::Delivered),
            Ok(Decision::DeliveredAndDisable) => {
                Decided { next: Next::Delivered, disable: Some(GONE) }
            }
            Ok(Decision::Disable) => Decided { next: Next::Gone, disable: Some(GONE) },
            Ok(Decision::GiveUp(reason)) => only(Next::GiveUp(reason)),
            Ok(Decision::RetryAt(at)) => only(Next::RetryAt(at)),
            Err(error) => {
                tracing::error!(delivery.id = %job.delivery, %error, "no decision for this attempt");
                only(Next::Impossible(Failure::Render))
            }
        }
    }
}

struct Decided {
    next: Next,
    disable: Option<&'static str>,
}

/// The request of an attempt.
fn outbound(job: &Job, prepared: &Prepared, now: Timestamp) -> Result<Outbound, Failure> {
    let outgoing = render(job, prepared, now).map_err(|error| {
        tracing::warn!(delivery.id = %job.delivery, code = error.code().as_str(), %error, "cannot write this event");
        Failure::Render
    })?;
    Ok(Outbound {
        url: prepared.url.clone(),
        headers: outgoing.headers,
        custom_headers: prepared.headers.clone(),
        body: outgoing.body.into(),
        timeouts: Timeouts::within(prepared.timeout),
        party: party(job),
    })
}

/// The tenant whose endpoint it is, as a number; without one, the account.
fn party(job: &Job) -> u64 {
    let mut hasher = DefaultHasher::new();
    (job.event.account, &job.target.endpoint.tenant).hash(&mut hasher);
    hasher.finish()
}

/// The head of an answer, as it is kept: whole where something is to be found out, and of a success only the headers that
/// not every answer has. At many deliveries a second the others would be a third of what is written.
fn head(reply: &Reply) -> Option<String> {
    let took = reply.failure.is_none() && matches!(reply.status, Some(200..=299));
    if !took {
        return (!reply.head.is_empty()).then(|| reply.head.clone());
    }
    let says_something = |line: &&str| {
        line.split_once(':').is_some_and(|(name, _)| {
            !EVERYWHERE.iter().any(|known| name.eq_ignore_ascii_case(known))
        })
    };
    let kept: Vec<_> = reply.head.lines().filter(says_something).collect();
    (!kept.is_empty()).then(|| kept.join("\n"))
}

fn render(
    job: &Job,
    prepared: &Prepared,
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
        time: job.event.key.minted_at(),
        tenant: job.event.tenant.clone(),
        data: RawValue::from_string(job.event.data.as_ref().to_owned()).map_err(invalid)?,
    };
    prepared.profile.render(&event, prepared.keys(now), now)
}

/// What was taken at once is the usual case, and in the store; a line for each would cost more than it tells.
fn log(job: &Job, made: &Made, next: Next) {
    if job.attempt == 1 && next == Next::Delivered {
        tracing::debug!(delivery.id = %job.delivery, status = made.reply.status, "delivered");
        return;
    }
    tracing::info!(
        delivery.id = %job.delivery,
        endpoint.id = %job.delivery.endpoint,
        event.id = job.event.id,
        attempt = job.attempt,
        status = made.reply.status,
        error = made.reply.failure.map(Failure::as_str),
        detail = made.reply.detail,
        duration_ms = made.duration.as_millis(),
        next = match next {
            Next::RetryAt(_) => "retry",
            _ => next.state().0.as_str(),
        },
        "attempt made"
    );
}

const EVERYWHERE: [&str; 7] = [
    "connection",
    "content-length",
    "content-type",
    "date",
    "keep-alive",
    "server",
    "transfer-encoding",
];
/// Until a node that lacks the configuration looks again; the operator, or another node, may have it by then.
const UNCONFIGURED_MILLIS: i64 = 10 * 60 * 1000;
const GONE: &str = "endpoint_gone";
