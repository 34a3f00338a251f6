//! One event at a time on a server that has nothing else to do.

use std::time::Duration;

use super::Settings;
use crate::{
    error::Error,
    report::{Report, Rows},
    sender::Pace,
};

/// Events one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Idle {
    /// How many.
    pub events: usize,
    /// From the delivery of one to the next.
    pub pause: Duration,
}

impl Idle {
    /// Measures.
    ///
    /// # Errors
    /// What keeps it from being measured.
    pub fn run(&self, settings: &Settings, report: &mut Report) -> Result<(), Error> {
        let stage = settings.stage(0)?;
        let mut trial = settings.trial(Pace::Step(self.pause));
        trial.load.connections = 1;
        trial.load.threads = 1;
        trial.load.batch = 1;
        // The first ones open connections.
        trial.events = WARM_UP;
        stage.run(&trial)?;
        trial.events = self.events.max(1);
        let outcome = stage.run(&trial)?;
        let mut rows = Rows::default();
        rows.outcome(&outcome);
        let title =
            format!("{} bytes, one at a time, {} ms apart", settings.size, self.pause.as_millis());
        report.add("idle", &stage.target.name(), title, &rows, &outcome)
    }
}

const WARM_UP: usize = 20;
