//! Whether healthy traffic notices what waits for endpoints that are dead.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use serde::Serialize;
use tokio::net::TcpSocket;

use super::{CONNECTIONS, Settings, Stage};
use crate::{
    error::{Context as _, Error},
    outcome::{Outcome, Trial},
    process::Usage,
    receiver::{Mode, Receiver},
    report::{Report, Rows, bytes, grouped, grouped_rate, latency},
    sender::Pace,
    target::NewEndpoint,
};

/// The same traffic on an empty server, and on one with many pending deliveries and endpoints.
#[derive(Clone, Copy, Debug)]
pub struct Backlog {
    /// Deliveries that wait for dead endpoints.
    pub pending: usize,
    /// Dead endpoints.
    pub dead: usize,
    /// How they are dead; nothing listens where they are, if this is [`None`].
    pub mode: Option<Mode>,
    /// Endpoints that nothing is sent to.
    pub idle: usize,
    /// Events per second, of the run at a fixed rate.
    pub rate: f64,
    /// The longest that making the pending deliveries may take.
    pub fill: Duration,
}

#[derive(Serialize)]
struct Compared {
    pending: u64,
    empty: Pair,
    loaded: Pair,
    p99_ratio: f64,
    throughput_ratio: f64,
    restart_millis: Option<f64>,
    resident_after_restart: Option<u64>,
}

/// One run at a fixed rate, one as fast as it goes.
#[derive(Serialize)]
struct Pair {
    rate: Outcome,
    throughput: Outcome,
}

impl Backlog {
    /// Measures.
    ///
    /// # Errors
    /// What keeps it from being measured.
    pub fn run(&self, settings: &Settings, report: &mut Report) -> Result<(), Error> {
        let stage = settings.stage(0)?;
        let empty = self.pair(&stage, settings)?;
        drop(stage);
        let mut stage = settings.stage(self.dead + self.idle)?;
        let pending = self.fill(&mut stage, settings)?;
        let loaded = self.pair(&stage, settings)?;
        let restarted = match stage.target.pids().is_empty() || stage.target.started_in().is_none()
        {
            true => None,
            false => Some(stage.target.restart()?),
        };
        let after = stage.target.pids().first().and_then(|pid| Usage::of(*pid));
        let compared = Compared {
            pending,
            p99_ratio: loaded.rate.end_to_end.p99 / empty.rate.end_to_end.p99,
            throughput_ratio: loaded.throughput.delivered_per_second
                / empty.throughput.delivered_per_second,
            empty,
            loaded,
            restart_millis: restarted.map(|duration| duration.as_secs_f64() * 1000.0),
            resident_after_restart: after.map(|usage| usage.resident),
        };
        let title = format!(
            "{} pending for {} dead endpoints ({}), {} idle endpoints, {}",
            grouped(pending),
            self.dead,
            self.mode.map_or_else(|| "refuse".to_owned(), |mode| mode.to_string()),
            grouped(self.idle as u64),
            settings.title()
        );
        report.add("backlog", &stage.target.name(), title, &compared.rows(self.rate), &compared)
    }

    fn pair(&self, stage: &Stage, settings: &Settings) -> Result<Pair, Error> {
        let rate = stage.run(&settings.trial(Pace::Open(self.rate)))?;
        let throughput = stage.run(&settings.trial(Pace::Closed { window: None }))?;
        Ok(Pair { rate, throughput })
    }

    /// Makes the endpoints and the pending deliveries; how many the server took.
    fn fill(&self, stage: &mut Stage, settings: &Settings) -> Result<u64, Error> {
        let first = settings.endpoints;
        let dead = first..first + self.dead;
        let closed = ClosedPort::new()?;
        let endpoints: Vec<_> = dead
            .clone()
            .map(|number| {
                let endpoint = NewEndpoint::at(&stage.receiver, number);
                match self.mode {
                    Some(_) => endpoint,
                    None => NewEndpoint { url: closed.url(number), ..endpoint },
                }
            })
            .collect();
        for number in dead.clone() {
            stage.receiver.set_mode(number, self.mode.unwrap_or(Mode::Fail));
        }
        stage.target.create(&endpoints, CONNECTIONS)?;
        stage.create(dead.end..dead.end + self.idle, settings)?;
        let most = stage
            .target
            .batch()
            .map_or(1, |(_, limit)| limit.min((MOST_IN_REQUEST / settings.size.max(1)).max(1)));
        let batch = if stage.takes_batches(settings)? { most } else { 1 };
        let mut trial: Trial = settings.trial(Pace::Closed { window: None });
        trial.load.batch = batch;
        trial.load.duration = self.fill;
        trial.endpoints = dead.collect();
        trial.events = self.pending;
        trial.drain = Duration::ZERO;
        let accepted = stage.run(&trial)?.accepted;
        // Held until here, so that nobody else listens where the dead endpoints are.
        stage.closed = Some(closed);
        Ok(accepted)
    }
}

impl Compared {
    fn rows(&self, rate: f64) -> Rows {
        let mut rows = Rows::default();
        let rate = grouped_rate(rate);
        for (name, pair) in [("empty", &self.empty), ("loaded", &self.loaded)] {
            rows.push(format!("{name}, {rate}/s"), latency(&pair.rate.end_to_end));
            let per_second = grouped_rate(pair.throughput.delivered_per_second);
            let (lost, duplicates) = (
                pair.rate.lost + pair.throughput.lost,
                pair.rate.duplicates + pair.throughput.duplicates,
            );
            rows.push(
                format!("{name}, closed loop"),
                format!("{per_second} deliveries/s; {lost} lost, {duplicates} duplicates"),
            );
            if let Some(server) = pair.throughput.cost.server {
                let most = server.resident_peak;
                rows.push(format!("{name}, server"), format!("{} resident at most", bytes(most)));
            }
        }
        let (p99, throughput) = (self.p99_ratio, self.throughput_ratio);
        rows.push("loaded : empty", format!("{p99:.2} × p99, {throughput:.2} × deliveries/s"));
        if let (Some(millis), Some(resident)) = (self.restart_millis, self.resident_after_restart) {
            rows.push("restart", format!("{millis:.1} ms, {} resident", bytes(resident)));
        }
        rows
    }
}

/// A port that refuses connections for as long as this lives: bound, and never listened on.
#[derive(Debug)]
pub(super) struct ClosedPort {
    address: SocketAddr,
    _socket: TcpSocket,
}

impl ClosedPort {
    fn new() -> Result<Self, Error> {
        let socket = TcpSocket::new_v4().context("closed port")?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).context("closed port")?;
        Ok(Self { address: socket.local_addr().context("closed port")?, _socket: socket })
    }

    fn url(&self, endpoint: usize) -> String {
        format!("http://{}{}", self.address, Receiver::path(endpoint))
    }
}

/// Bytes of data in one request of pending deliveries: servers take 1 MiB or more.
const MOST_IN_REQUEST: usize = 512 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_ports_refuse() {
        let port = ClosedPort::new().unwrap();
        let refused = std::net::TcpStream::connect(port.address).unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    }
}
