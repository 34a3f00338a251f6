//! What the machine can do at all: bare POSTs, and a bare forwarder.

use serde::Serialize;

use super::Settings;
use crate::{
    adapter::Adapter,
    error::{Context as _, Error},
    outcome::Outcome,
    report::{Report, Rows, grouped_rate},
    run::FanOut,
    sender::Pace,
    target::{DatabaseChoice, TargetOptions},
};

/// Both anchors.
#[derive(Debug, Serialize)]
pub struct Anchors {
    /// The sender straight to the receiver.
    pub raw: Outcome,
    /// What the receiver could take if it had a processor for itself.
    pub receiver_posts_per_cpu_second: Option<f64>,
    /// The sender to the forwarder, and that to the receiver.
    pub forwarder: Outcome,
}

/// Measures both with the load of these settings, one event to a request.
///
/// # Errors
/// What keeps them from being measured.
pub fn anchor(settings: &Settings, report: &mut Report) -> Result<Anchors, Error> {
    let mut settings = settings.clone();
    settings.batch = 1;
    settings.fan_out = FanOut::One;
    settings.verify_every = None;
    settings.target = forwarder(&settings.target)?;
    let raw = raw(&settings)?;
    let cpu = raw.cost.receiver_cpu_seconds;
    let receiver_posts_per_cpu_second = (cpu > 0.0).then(|| raw.delivered as f64 / cpu);
    let mut rows = Rows::default();
    rows.outcome(&raw);
    if let Some(rate) = receiver_posts_per_cpu_second {
        rows.push("receiver", format!("{} POSTs for each CPU second", grouped_rate(rate)));
    }
    report.add("anchor", "no server, sender to receiver", settings.title(), &rows, &raw)?;

    let stage = settings.stage(0)?;
    let forwarder = stage.run(&settings.trial(Pace::Closed { window: None }))?;
    let mut rows = Rows::default();
    rows.outcome(&forwarder);
    report.add("anchor", "bare forwarder", settings.title(), &rows, &forwarder)?;
    Ok(Anchors { raw, receiver_posts_per_cpu_second, forwarder })
}

fn raw(settings: &Settings) -> Result<Outcome, Error> {
    use crate::{
        receiver::Receiver,
        target::{NewEndpoint, Target},
    };
    let id = settings.target.adapter.delivery.id.clone();
    let receiver = Receiver::start(id, settings.endpoints, settings.receivers)?;
    let options = TargetOptions { address: Some(receiver.address()), ..settings.target.clone() };
    let mut target = Target::start(&options, receiver.address())?;
    let endpoints: Vec<_> =
        (0..settings.endpoints).map(|number| NewEndpoint::at(&receiver, number)).collect();
    target.create(&endpoints, 1)?;
    settings.trial(Pace::Closed { window: None }).run(&target, &receiver)
}

/// The forwarder of this very program.
fn forwarder(target: &TargetOptions) -> Result<TargetOptions, Error> {
    Ok(TargetOptions {
        adapter: Adapter::load("forwarder")?,
        program: Some(std::env::current_exe().context("own program")?),
        arguments: Vec::new(),
        address: None,
        pids: Vec::new(),
        database: DatabaseChoice::Own,
        database_pids: Vec::new(),
        folder: target.folder.clone(),
    })
}
