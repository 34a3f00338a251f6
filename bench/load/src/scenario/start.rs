//! How long a server takes to start, and what it needs when it has nothing to do.

use std::{fs, thread::sleep, time::Duration};

use serde::Serialize;

use super::Settings;
use crate::{
    error::Error,
    process::Usage,
    report::{Report, Rows, bytes},
};

/// Starts it again and again.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// How often.
    pub times: usize,
    /// How long it is left alone before its memory is looked at.
    pub settle: Duration,
}

#[derive(Serialize)]
struct Started {
    /// With an empty folder or database.
    first_millis: f64,
    /// With what the first one left there.
    again_millis_median: Option<f64>,
    again_millis_max: Option<f64>,
    idle_resident: Option<u64>,
    binary: Option<u64>,
}

impl Start {
    /// Measures.
    ///
    /// # Errors
    /// What keeps it from being measured; when the server runs already, that.
    pub fn run(&self, settings: &Settings, report: &mut Report) -> Result<(), Error> {
        let mut stage = settings.stage(0)?;
        let Some(first) = stage.target.started_in() else {
            return Err(Error::new("a server that runs already cannot be started"));
        };
        let mut again = Vec::with_capacity(self.times);
        for _ in 0..self.times {
            again.push(millis(stage.target.restart()?));
        }
        again.sort_by(f64::total_cmp);
        sleep(self.settle);
        let resident = stage.target.pids().first().and_then(|pid| Usage::of(*pid));
        let program = stage.target.program().and_then(|program| fs::metadata(program).ok());
        let started = Started {
            first_millis: millis(first),
            again_millis_median: again.get(again.len() / 2).copied(),
            again_millis_max: again.last().copied(),
            idle_resident: resident.map(|usage| usage.resident),
            binary: program.map(|file| file.len()),
        };
        let mut rows = Rows::default();
        rows.push("first start", format!("{:.1} ms from exec to ready", started.first_millis));
        if let (Some(median), Some(max)) = (started.again_millis_median, started.again_millis_max) {
            rows.push("later ones", format!("median {median:.1} ms, at most {max:.1} ms"));
        }
        if let Some(resident) = started.idle_resident {
            rows.push("idle", format!("{} resident", bytes(resident)));
        }
        if let Some(binary) = started.binary {
            rows.push("binary", bytes(binary));
        }
        let title = format!("{} starts, {} endpoints", self.times + 1, settings.endpoints);
        report.add("start", &stage.target.name(), title, &rows, started)
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
