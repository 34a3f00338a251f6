//! What is measured: one scenario per file.

mod anchor;
mod backlog;
mod idle;
mod noisy;
mod rate;
mod start;
mod suite;
mod throughput;

use std::{path::PathBuf, sync::Arc, time::Duration};

pub use self::{
    anchor::anchor, backlog::Backlog, idle::Idle, noisy::Noisy, rate::Rate, start::Start,
    suite::Suite, throughput::Throughput,
};
use crate::{
    error::Error,
    outcome::{Outcome, Trial},
    receiver::{Receiver, Verifier},
    run::FanOut,
    sender::{Load, Pace},
    target::{NewEndpoint, Target, TargetOptions},
};

/// What all scenarios have in common.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The server under test.
    pub target: TargetOptions,
    /// Endpoints that events go to.
    pub endpoints: usize,
    /// Whether each event goes to all of them.
    pub fan_out: FanOut,
    /// Bytes of the data of an event.
    pub size: usize,
    /// Connections to the server.
    pub connections: usize,
    /// Events in one request.
    pub batch: usize,
    /// Threads that send.
    pub senders: usize,
    /// Threads that receive.
    pub receivers: usize,
    /// How long each run sends.
    pub duration: Duration,
    /// The most events of a run.
    pub events: usize,
    /// The longest that a request may take.
    pub timeout: Duration,
    /// How long to wait for the last deliveries of a run.
    pub drain: Duration,
    /// Verify the signature of one delivery in so many.
    pub verify_every: Option<u64>,
}

/// A server and a receiver, with endpoints.
#[derive(Debug)]
struct Stage {
    /// Before the receiver, so that it ends first.
    target: Target,
    receiver: Receiver,
    /// Where dead endpoints are.
    closed: Option<backlog::ClosedPort>,
}

impl Settings {
    /// The folder below which data are kept.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.target.folder.clone().unwrap_or_else(std::env::temp_dir)
    }

    /// Starts both, with room for `reserved` more endpoints than there are.
    fn stage(&self, reserved: usize) -> Result<Stage, Error> {
        let id = self.target.adapter.delivery.id.clone();
        let receiver = Receiver::start(id, self.endpoints + reserved, self.receivers)?;
        let target = Target::start(&self.target, receiver.address())?;
        let mut stage = Stage { target, receiver, closed: None };
        stage.create(0..self.endpoints, self)?;
        if let (Some(every), Some(scheme)) =
            (self.verify_every, &self.target.adapter.delivery.scheme)
        {
            let verifier = Verifier::new(every, scheme, &stage.target.secrets())?;
            stage.receiver.verify_with(Arc::new(verifier));
        }
        Ok(stage)
    }

    fn trial(&self, pace: Pace) -> Trial {
        Trial {
            load: Load {
                pace,
                connections: self.connections,
                batch: self.batch,
                threads: self.senders,
                duration: self.duration,
                timeout: self.timeout,
            },
            endpoints: (0..self.endpoints).collect(),
            fan_out: self.fan_out,
            size: self.size,
            events: self.events,
            drain: self.drain,
        }
    }

    /// What the numbers are of.
    fn title(&self) -> String {
        let batch = if self.batch == 1 {
            String::new()
        } else {
            format!(", {} events a request", self.batch)
        };
        let fan_out = if self.fan_out == FanOut::All { ", each event to all" } else { "" };
        format!(
            "{} connections, {} bytes, {} endpoints{fan_out}{batch}, {:.0} s",
            self.connections,
            self.size,
            self.endpoints,
            self.duration.as_secs_f64()
        )
    }
}

impl Stage {
    fn run(&self, trial: &Trial) -> Result<Outcome, Error> {
        trial.run(&self.target, &self.receiver)
    }

    fn create(
        &mut self,
        numbers: std::ops::Range<usize>,
        settings: &Settings,
    ) -> Result<(), Error> {
        let shared = settings.fan_out == FanOut::All;
        let endpoints: Vec<_> = numbers
            .map(|number| {
                let endpoint = NewEndpoint::at(&self.receiver, number);
                if shared { NewEndpoint { topic: 0, ..endpoint } } else { endpoint }
            })
            .collect();
        self.target.create(&endpoints, CONNECTIONS)
    }

    /// Whether the server takes several events in one request: an adapter may be newer than the server.
    fn takes_batches(&self, settings: &Settings) -> Result<bool, Error> {
        if self.target.batch().is_none() {
            return Ok(false);
        }
        let mut trial = settings.trial(Pace::Closed { window: None });
        trial.load.batch = 2;
        trial.load.connections = 1;
        trial.events = 2;
        Ok(self.run(&trial)?.accepted == 2)
    }
}

/// For making endpoints.
const CONNECTIONS: usize = 32;
