//! What one bad endpoint costs the others.

use serde::Serialize;

use super::Settings;
use crate::{
    error::Error,
    outcome::Outcome,
    receiver::Mode,
    report::{Report, Rows, grouped_rate, latency},
    sender::Pace,
};

/// All endpoints are well, then one is not, in one way after the other, then all are well again. The same server and the
/// same rate throughout, an open loop.
#[derive(Clone, Debug)]
pub struct Noisy {
    /// Events per second, over all endpoints.
    pub rate: f64,
    /// The ways in which one is not well.
    pub modes: Vec<Mode>,
}

#[derive(Serialize)]
struct Step {
    mode: String,
    /// p99 of the others from due to delivered, as a multiple of what it was when all were well.
    p99_ratio: f64,
    outcome: Outcome,
}

impl Noisy {
    /// Measures.
    ///
    /// # Errors
    /// What keeps it from being measured.
    pub fn run(&self, settings: &Settings, report: &mut Report) -> Result<(), Error> {
        let mut stage = settings.stage(self.modes.len())?;
        let others = settings.endpoints.saturating_sub(1);
        let first_bad = settings.endpoints;
        stage.create(first_bad..first_bad + self.modes.len(), settings)?;
        let run = |bad: usize| {
            let mut trial = settings.trial(Pace::Open(self.rate));
            trial.endpoints = (0..others).chain([bad]).collect();
            stage.run(&trial)
        };
        // Opens connections, and lets the server settle.
        let mut warm_up = settings.trial(Pace::Open(self.rate));
        warm_up.load.duration /= 4;
        stage.run(&warm_up)?;
        let before = run(others)?;
        let mut steps =
            vec![Step { mode: "all are well".to_owned(), p99_ratio: 1.0, outcome: before }];
        for (index, mode) in self.modes.iter().enumerate() {
            // Each on an endpoint that the server knows nothing bad of.
            stage.receiver.set_mode(first_bad + index, *mode);
            steps.push(Step::new(format!("one of them: {mode}"), run(first_bad + index)?, &steps));
        }
        steps.push(Step::new("all are well again".to_owned(), run(others)?, &steps));
        let mut rows = Rows::default();
        for step in &steps {
            let outcome = &step.outcome;
            let ratio = format!("{:.2} × p99, {}", step.p99_ratio, latency(&outcome.end_to_end));
            rows.push(
                &step.mode,
                format!("{ratio}; {} lost, {} duplicates", outcome.lost, outcome.duplicates),
            );
        }
        if let Some(server) = steps.last().and_then(|step| step.outcome.cost.server) {
            rows.push(
                "server",
                format!("{} resident at the end", crate::report::bytes(server.resident)),
            );
        }
        let title = format!("{}/s, {}", grouped_rate(self.rate), settings.title());
        report.add("noisy", &stage.target.name(), title, &rows, &steps)
    }
}

impl Step {
    fn new(mode: String, outcome: Outcome, earlier: &[Self]) -> Self {
        let before = earlier.first().map_or(f64::NAN, |first| first.outcome.end_to_end.p99);
        Self { mode, p99_ratio: outcome.end_to_end.p99 / before, outcome }
    }
}
