//! How much a server can do: a closed loop, beside the anchors.

use serde::Serialize;

use super::{Settings, anchor::Anchors};
use crate::{
    error::Error,
    outcome::Outcome,
    report::{Report, Rows},
    sender::Pace,
};

/// As many events as the server accepts.
#[derive(Clone, Copy, Debug)]
pub struct Throughput {
    /// The most events that may be sent and not yet delivered.
    pub window: Option<u64>,
}

#[derive(Serialize)]
struct Compared<'a> {
    server: &'a Outcome,
    ratio_to_forwarder: Option<f64>,
    ratio_to_raw: Option<f64>,
}

impl Throughput {
    /// Measures, and compares with anchors of the same run where there are any.
    ///
    /// # Errors
    /// What keeps it from being measured.
    pub fn run(
        &self,
        settings: &Settings,
        anchors: Option<&Anchors>,
        report: &mut Report,
    ) -> Result<Outcome, Error> {
        let stage = settings.stage(0)?;
        let outcome = stage.run(&settings.trial(Pace::Closed { window: self.window }))?;
        let mut rows = Rows::default();
        rows.outcome(&outcome);
        let ratio = |anchor: &Outcome| outcome.delivered_per_second / anchor.delivered_per_second;
        let to_forwarder = anchors.map(|anchors| ratio(&anchors.forwarder));
        let to_raw = anchors.map(|anchors| ratio(&anchors.raw));
        if let (Some(forwarder), Some(raw)) = (to_forwarder, to_raw) {
            let text = format!(
                "{:.0} % of the forwarder's, {:.0} % of bare POSTs",
                forwarder * 100.0,
                raw * 100.0
            );
            rows.push("deliveries/s", text);
        }
        let window = self
            .window
            .map_or_else(String::new, |window| format!(", at most {window} on their way"));
        let result =
            Compared { server: &outcome, ratio_to_forwarder: to_forwarder, ratio_to_raw: to_raw };
        let title = format!("{}{window}", settings.title());
        report.add("throughput", &stage.target.name(), title, &rows, result)?;
        Ok(outcome)
    }
}
