//! Latency at a fixed rate: an open loop, which does not wait for the server.

use super::Settings;
use crate::{
    error::Error,
    report::{Report, Rows, grouped_rate},
    sender::Pace,
};

/// So many events per second, one rate after the other.
#[derive(Clone, Debug)]
pub struct Rate {
    /// Events per second.
    pub rates: Vec<f64>,
}

impl Rate {
    /// Measures.
    ///
    /// # Errors
    /// What keeps it from being measured.
    pub fn run(&self, settings: &Settings, report: &mut Report) -> Result<(), Error> {
        let stage = settings.stage(0)?;
        for rate in &self.rates {
            let outcome = stage.run(&settings.trial(Pace::Open(*rate)))?;
            let mut rows = Rows::default();
            rows.outcome(&outcome);
            let title = format!("{}/s, {}", grouped_rate(*rate), settings.title());
            report.add("rate", &stage.target.name(), title, &rows, &outcome)?;
        }
        Ok(())
    }
}
