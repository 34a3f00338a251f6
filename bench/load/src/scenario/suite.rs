//! Everything, one after the other.

use std::time::Duration;

use super::{Backlog, Idle, Noisy, Rate, Settings, Start, Throughput, anchor::anchor};
use crate::{
    error::Error,
    interrupt,
    receiver::Mode,
    report::{Report, print},
    target::DatabaseChoice,
};

/// All scenarios, for each of several databases; those that fail do not keep the others from being measured.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The databases.
    pub databases: Vec<DatabaseChoice>,
    /// Events per second, where there is a fixed rate.
    pub rate: f64,
    /// Pending deliveries of the backlog.
    pub pending: usize,
    /// Idle endpoints of the backlog.
    pub idle: usize,
}

impl Suite {
    /// Measures; how many scenarios could not be.
    ///
    /// # Errors
    /// When nothing can be printed.
    pub fn run(&self, settings: &Settings, report: &mut Report) -> Result<usize, Error> {
        let mut failures = 0;
        let mut note = |name: &str, outcome: Result<(), Error>| {
            interrupt::check()?;
            let Err(error) = outcome else { return Ok(()) };
            failures += 1;
            print(&format!("\n{name}: not measured: {error}"))
        };
        let mut anchors = None;
        note("anchor", anchor(settings, report).map(|measured| anchors = Some(measured)))?;
        for database in &self.databases {
            let mut settings = settings.clone();
            settings.target.database = database.clone();
            let start = Start { times: 10, settle: Duration::from_secs(1) };
            note("start", start.run(&settings, report))?;
            let throughput = Throughput { window: None };
            note("throughput", throughput.run(&settings, anchors.as_ref(), report).map(drop))?;
            note(
                "throughput",
                batches(&settings, report, |settings, report| {
                    throughput.run(settings, anchors.as_ref(), report).map(drop)
                }),
            )?;
            note("rate", Rate { rates: vec![self.rate] }.run(&settings, report))?;
            let idle = Idle { events: 200, pause: Duration::from_millis(5) };
            note("idle", idle.run(&settings, report))?;
            let noisy =
                Noisy { rate: self.rate / 2.0, modes: vec![Mode::Hang, Mode::Drip, Mode::Fail] };
            note("noisy", noisy.run(&settings, report))?;
            let backlog = Backlog {
                pending: self.pending,
                dead: 10,
                mode: None,
                idle: self.idle,
                rate: self.rate / 2.0,
                fill: settings.duration * 4,
            };
            note("backlog", backlog.run(&settings, report))?;
        }
        Ok(failures)
    }
}

/// The same with several events in one request, where the server takes that.
fn batches(
    settings: &Settings,
    report: &mut Report,
    run: impl FnOnce(&Settings, &mut Report) -> Result<(), Error>,
) -> Result<(), Error> {
    let takes = settings.stage(0)?.takes_batches(settings)?;
    if !takes {
        return print("\nthroughput: the server takes no batches, so none are sent");
    }
    let mut settings = settings.clone();
    settings.batch = BATCH;
    settings.connections = settings.connections.min(CONNECTIONS);
    run(&settings, report)
}

/// Events in one request.
const BATCH: usize = 100;
/// Each holds a whole batch.
const CONNECTIONS: usize = 8;
