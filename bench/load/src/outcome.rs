//! The result of one run.

use std::{
    collections::BTreeMap,
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde::Serialize;

use crate::{
    cost::{Cost, Meter},
    error::Error,
    interrupt,
    latency::Quantiles,
    receiver::{Receiver, Verified},
    run::{FanOut, Run, Target as RunTarget},
    sender::{self, Events, Load},
    target::Target,
};

/// A run to be made.
#[derive(Clone, Debug)]
pub struct Trial {
    /// How much is sent.
    pub load: Load,
    /// To which endpoints.
    pub endpoints: Vec<usize>,
    /// Whether each event goes to all of them.
    pub fan_out: FanOut,
    /// Bytes of the data of an event.
    pub size: usize,
    /// The most events.
    pub events: usize,
    /// How long to wait for the last deliveries.
    pub drain: Duration,
}

/// All that was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Events that the server said it has.
    pub accepted: u64,
    /// The same by the second, while they were sent.
    pub accepted_per_second: f64,
    /// First deliveries to endpoints that take them.
    pub delivered: u64,
    /// The same by the second, from the first that was due to the last of them.
    pub delivered_per_second: f64,
    /// Accepted and never delivered.
    pub lost: u64,
    /// Delivered again.
    pub duplicates: u64,
    /// Delivered where they do not belong, or left over from an earlier run.
    pub astray: u64,
    /// Requests to endpoints that do not take them.
    pub unhealthy_requests: u64,
    /// Refused for the moment (429, 503).
    pub refused: u64,
    /// Went wrong otherwise, by what went wrong.
    pub failed: BTreeMap<String, u64>,
    /// The first of these.
    pub first_failure: Option<String>,
    /// From due to accepted, in milliseconds.
    pub accept: Quantiles,
    /// From due to delivered, in milliseconds.
    pub end_to_end: Quantiles,
    /// Seconds in which events were sent.
    pub sending_seconds: f64,
    /// Seconds until the last delivery or answer.
    pub seconds: f64,
    /// What it cost.
    pub cost: Cost,
    /// Signatures, if some were to be verified; since the receiver began.
    pub signatures: Option<Verified>,
}

impl Trial {
    /// Sends, waits until everything has arrived or it takes too long, and counts.
    ///
    /// # Errors
    /// What kept it from being made; what goes wrong at the server is part of the outcome.
    pub fn run(&self, target: &Target, receiver: &Receiver) -> Result<Outcome, Error> {
        let targets = self.endpoints.iter().map(|&endpoint| {
            let healthy = receiver.mode(endpoint).is_healthy();
            RunTarget { endpoint, healthy }
        });
        let targets: Vec<_> = targets.collect();
        let events = Events::new(target, &self.endpoints, self.size)?;
        let meter = Meter::start(target, receiver)?;
        let capacity = self.load.capacity(self.events);
        let run = Run::new(tag(), targets, self.fan_out, capacity, receiver.threads())?;
        let run = Arc::new(run);
        receiver.begin(Arc::clone(&run));
        let sent = sender::send(&self.load, events, target.address(), &run)?;
        let drained = Instant::now();
        while !run.is_complete() && drained.elapsed() < self.drain {
            interrupt::check()?;
            sleep(LOOK);
        }
        interrupt::check()?;
        let arrivals = run.arrivals()?;
        let cost = meter.stop(receiver, sent.cpu, arrivals.delivered)?;
        let until_last = arrivals.until_last.saturating_sub(self.load.pace.lead());
        Ok(Outcome {
            accepted: sent.accepted,
            accepted_per_second: rate(sent.accepted, sent.sending),
            delivered: arrivals.delivered,
            delivered_per_second: rate(arrivals.delivered, until_last),
            lost: arrivals.lost,
            duplicates: arrivals.duplicates,
            astray: arrivals.astray,
            unhealthy_requests: arrivals.unhealthy,
            refused: sent.refused,
            accept: sent.accept.quantiles(),
            end_to_end: arrivals.latency.quantiles(),
            sending_seconds: sent.sending.as_secs_f64(),
            seconds: until_last.max(sent.sending).as_secs_f64(),
            cost,
            signatures: receiver.signatures(),
            failed: sent.failed,
            first_failure: sent.first_failure,
        })
    }
}

fn rate(count: u64, duration: Duration) -> f64 {
    if duration.is_zero() { 0.0 } else { count as f64 / duration.as_secs_f64() }
}

/// Another one for each run, also of other processes that use the same server.
fn tag() -> u32 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (since.as_micros() as u32) ^ std::process::id().rotate_left(16)
}

const LOOK: Duration = Duration::from_millis(5);
