//! What a run cost: processor time, memory, and the work of the database.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::{
    error::Error,
    latency::Quantiles,
    postgres::Statistics,
    process::{DiskWatch, Usage, Watch, busy},
    receiver::Receiver,
    target::Target,
};

/// Measures from its start to its end.
#[derive(Debug)]
pub struct Meter {
    server: Vec<u32>,
    databases: Vec<u32>,
    url: Option<String>,
    server_before: Option<Duration>,
    database_before: Option<Duration>,
    statistics_before: Option<Statistics>,
    receiver_before: Duration,
    foreign: Vec<u32>,
    others_before: Option<Duration>,
    begun: Instant,
    watch: Watch,
    disk: DiskWatch,
}

/// What it came to. Where the system does not tell, there is nothing.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Cost {
    /// The server's processes.
    pub server: Option<ServerCost>,
    /// Its database, where it has one of its own processes.
    pub database: Option<DatabaseCost>,
    /// Processor time of this program's senders, in seconds.
    pub sender_cpu_seconds: f64,
    /// Processor time of this program's receivers, in seconds.
    pub receiver_cpu_seconds: f64,
    /// How many processors all other programs of the machine took on average: noise.
    pub processors_taken_by_others: Option<f64>,
    /// What the disk took for a page that was written and synced beside it all, in milliseconds.
    pub disk: Option<Quantiles>,
}

/// The server's processes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ServerCost {
    /// User and system time.
    pub cpu_seconds: f64,
    /// The same for each thousand deliveries.
    pub cpu_seconds_per_1000: Option<f64>,
    /// The most resident memory, in bytes.
    pub resident_peak: u64,
    /// Resident memory at the end.
    pub resident: u64,
}

/// A database's processes, and what it counts itself.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct DatabaseCost {
    /// User and system time.
    pub cpu_seconds: f64,
    /// The same for each thousand deliveries.
    pub cpu_seconds_per_1000: Option<f64>,
    /// The most memory, pages that processes share counted once, in bytes.
    pub memory_peak: u64,
    /// Commits for each delivery.
    pub commits_per_delivery: Option<f64>,
    /// Statements for each delivery, where `pg_stat_statements` is there.
    pub statements_per_delivery: Option<f64>,
    /// Bytes of the write-ahead log for each delivery.
    pub wal_bytes_per_delivery: Option<f64>,
}

impl Meter {
    /// Begins.
    ///
    /// # Errors
    /// When the database does not let its statistics be read, or the disk no file be written.
    pub fn start(target: &Target, receiver: &Receiver) -> Result<Self, Error> {
        let server = target.pids();
        let (url, databases) = match target.database() {
            Some(database) => (Some(database.url.clone()), database.pids.clone()),
            None => (None, Vec::new()),
        };
        let foreign = target.foreign_pids();
        // First of all, because it waits.
        let statistics_before = url.as_deref().map(Statistics::read).transpose()?;
        Ok(Self {
            server_before: cpu(&server),
            database_before: cpu(&databases),
            statistics_before,
            receiver_before: receiver.cpu(),
            others_before: others(&foreign),
            foreign,
            begun: Instant::now(),
            watch: Watch::start(server.clone(), databases.clone()),
            disk: DiskWatch::start(target.folder())?,
            server,
            databases,
            url,
        })
    }

    /// Ends, after so many deliveries.
    ///
    /// # Errors
    /// When the database does not let its statistics be read.
    pub fn stop(
        self,
        receiver: &Receiver,
        sender: Duration,
        deliveries: u64,
    ) -> Result<Cost, Error> {
        let per = |count: f64, of: f64| (deliveries > 0).then(|| count * of / deliveries as f64);
        let took = |pids: &[u32], before: Option<Duration>| {
            Some(cpu(pids)?.saturating_sub(before?).as_secs_f64())
        };
        let elapsed = self.begun.elapsed().as_secs_f64();
        let others = others(&self.foreign).zip(self.others_before);
        let taken = others.map(|(now, before)| now.saturating_sub(before).as_secs_f64() / elapsed);
        let receiver_cpu = receiver.cpu().saturating_sub(self.receiver_before);
        let server = took(&self.server, self.server_before);
        let database = took(&self.databases, self.database_before);
        let resident =
            self.server.iter().filter_map(|pid| Usage::of(*pid)).map(|usage| usage.resident);
        let resident = resident.sum();
        let peak = self.watch.stop();
        let disk = self.disk.stop();
        let statistics = match (&self.url, &self.statistics_before) {
            (Some(url), Some(before)) => Some(Statistics::read(url)?.since(before)),
            _ => None,
        };
        Ok(Cost {
            server: server.map(|cpu_seconds| ServerCost {
                cpu_seconds,
                cpu_seconds_per_1000: per(cpu_seconds, 1000.0),
                resident_peak: peak.server.max(resident),
                resident,
            }),
            database: database.map(|cpu_seconds| DatabaseCost {
                cpu_seconds,
                cpu_seconds_per_1000: per(cpu_seconds, 1000.0),
                memory_peak: peak.database,
                commits_per_delivery: statistics.and_then(|done| per(done.commits as f64, 1.0)),
                statements_per_delivery: statistics
                    .and_then(|done| per(done.statements? as f64, 1.0)),
                wal_bytes_per_delivery: statistics.and_then(|done| per(done.wal_bytes as f64, 1.0)),
            }),
            sender_cpu_seconds: sender.as_secs_f64(),
            receiver_cpu_seconds: receiver_cpu.as_secs_f64(),
            processors_taken_by_others: taken,
            disk,
        })
    }
}

/// Of all these processes together; [`None`] without any.
fn cpu(pids: &[u32]) -> Option<Duration> {
    let known: Vec<_> = pids.iter().filter_map(|pid| Usage::of(*pid)).collect();
    (!known.is_empty()).then(|| known.iter().map(|usage| usage.cpu).sum())
}

/// What the machine did beside this program, what that started, and these processes.
fn others(foreign: &[u32]) -> Option<Duration> {
    let own = cpu(&[std::process::id()])? + cpu(foreign).unwrap_or_default();
    Some(busy()?.saturating_sub(own))
}
