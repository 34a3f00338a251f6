//! What was measured, for people and for programs.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
    thread::available_parallelism,
};

use serde::Serialize;
use serde_json::Value;

use crate::{
    cost::Cost,
    error::{Context as _, Error},
    latency::Quantiles,
    outcome::Outcome,
};

/// Prints each part as soon as it is there, and keeps all for the JSON file.
#[derive(Debug, Serialize)]
pub struct Report {
    machine: Machine,
    parts: Vec<Part>,
}

/// Where it was measured: numbers of another machine, or of a busy one, are other numbers.
#[derive(Debug, Serialize)]
struct Machine {
    processors: usize,
    /// The load average of the last minute, before the first run.
    load: Option<f64>,
    kernel: Option<String>,
    /// Of the folder that holds the data.
    file_system: Option<&'static str>,
}

/// One scenario.
#[derive(Debug, Serialize)]
struct Part {
    scenario: &'static str,
    server: String,
    title: String,
    result: Value,
}

/// Lines of a part: what, and how much.
#[derive(Debug, Default)]
pub struct Rows(Vec<(String, String)>);

impl Report {
    /// Nothing yet. Data will be in `folder`.
    ///
    /// # Errors
    /// When nothing can be printed.
    pub fn new(folder: &Path) -> Result<Self, Error> {
        let first_number = |path: &str| {
            let text = fs::read_to_string(path).ok()?;
            text.split_whitespace().next()?.parse().ok()
        };
        let machine = Machine {
            processors: available_parallelism().map_or(0, usize::from),
            load: first_number("/proc/loadavg"),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")
                .ok()
                .map(|text| text.trim().to_owned()),
            file_system: file_system(folder),
        };
        let load =
            machine.load.map_or_else(String::new, |load| format!(", load average {load:.2}"));
        let files =
            machine.file_system.map_or_else(String::new, |name| format!(", data on {name}"));
        print(&format!("{} processors{load}{files}", machine.processors))?;
        if machine.file_system == Some(TMPFS) {
            print("note: tmpfs is memory, so that fsync costs nothing; choose another --folder")?;
        }
        Ok(Self { machine, parts: Vec::new() })
    }

    /// Prints a part, and keeps it.
    ///
    /// # Errors
    /// When nothing can be printed, or the result is not JSON.
    pub fn add(
        &mut self,
        scenario: &'static str,
        server: &str,
        title: String,
        rows: &Rows,
        result: impl Serialize,
    ) -> Result<(), Error> {
        print(&format!("\n{scenario} · {server} · {title}"))?;
        for (what, how_much) in &rows.0 {
            print(&format!("  {what:<22} {how_much}"))?;
        }
        let result = serde_json::to_value(result).context("result")?;
        self.parts.push(Part { scenario, server: server.to_owned(), title, result });
        Ok(())
    }

    /// All events that were lost, in whatever run.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.parts.iter().map(|part| lost(&part.result)).sum()
    }

    /// Writes everything as JSON.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(self).context("report")?;
        fs::write(path, text + "\n").context(path.display())
    }
}

impl Rows {
    /// Adds a line.
    pub fn push(&mut self, what: impl Into<String>, how_much: impl Into<String>) {
        self.0.push((what.into(), how_much.into()));
    }

    /// Adds the lines of a run.
    pub fn outcome(&mut self, outcome: &Outcome) {
        let rate =
            |count: u64, rate: f64| format!("{} in all, {}/s", grouped(count), grouped_rate(rate));
        self.push("accepted", rate(outcome.accepted, outcome.accepted_per_second));
        self.push("delivered", rate(outcome.delivered, outcome.delivered_per_second));
        self.push("accept", latency(&outcome.accept));
        self.push("end to end", latency(&outcome.end_to_end));
        let mut counts = format!(
            "{} lost, {} duplicates, {} refused, {} astray",
            outcome.lost, outcome.duplicates, outcome.refused, outcome.astray
        );
        if outcome.unhealthy_requests > 0 {
            counts +=
                &format!(", {} to endpoints that do not take them", outcome.unhealthy_requests);
        }
        self.push("events", counts);
        for (what, count) in &outcome.failed {
            self.push("  failed", format!("{count} × {what}"));
        }
        if let Some(first) = &outcome.first_failure {
            self.push("  the first", first.clone());
        }
        if let Some(signatures) = &outcome.signatures {
            self.push(
                "signatures",
                format!("{} right, {} wrong", signatures.right, signatures.wrong),
            );
        }
        self.cost(&outcome.cost);
    }

    fn cost(&mut self, cost: &Cost) {
        let per_1000 = |seconds: Option<f64>| {
            seconds.map_or_else(String::new, |seconds| format!("{seconds:.3} CPU s per 1,000, "))
        };
        if let Some(server) = &cost.server {
            let cpu = per_1000(server.cpu_seconds_per_1000);
            let (peak, now) = (bytes(server.resident_peak), bytes(server.resident));
            self.push("server", format!("{cpu}{peak} resident at most, {now} at the end"));
        }
        if let Some(database) = &cost.database {
            let cpu = per_1000(database.cpu_seconds_per_1000);
            self.push("database", format!("{cpu}{} at most", bytes(database.memory_peak)));
            if let (Some(commits), Some(wal)) =
                (database.commits_per_delivery, database.wal_bytes_per_delivery)
            {
                let statements = database
                    .statements_per_delivery
                    .map_or_else(String::new, |statements| format!("{statements:.3} statements, "));
                self.push(
                    "  for each delivery",
                    format!("{commits:.3} commits, {statements}{wal:.0} bytes of WAL"),
                );
            }
        }
        let (sender, receiver) = (cost.sender_cpu_seconds, cost.receiver_cpu_seconds);
        self.push("this program", format!("{sender:.2} CPU s to send, {receiver:.2} to receive"));
        if let Some(disk) = &cost.disk {
            self.push("disk", format!("a page, synced, beside it: {}", latency(disk)));
        }
        if let Some(taken) = cost.processors_taken_by_others.filter(|taken| *taken >= NOISE) {
            self.push("noise", format!("other programs took {taken:.2} processors on average"));
        }
    }
}

/// The sum of all members `lost` in a result.
fn lost(result: &Value) -> u64 {
    match result {
        Value::Object(members) => {
            let own = members.get("lost").and_then(Value::as_u64).unwrap_or(0);
            own + members.values().map(lost).sum::<u64>()
        }
        Value::Array(items) => items.iter().map(lost).sum(),
        _ => 0,
    }
}

/// Quantiles on one line, in milliseconds.
#[must_use]
pub fn latency(quantiles: &Quantiles) -> String {
    if quantiles.count == 0 {
        return "none".to_owned();
    }
    let Quantiles { p50, p99, p999, max, .. } = quantiles;
    format!("p50 {p50:.2}, p99 {p99:.2}, p999 {p999:.2}, max {max:.2} ms")
}

/// A number of bytes, in powers of ten.
#[must_use]
pub fn bytes(count: u64) -> String {
    format!("{:.1} MB", count as f64 / 1e6)
}

/// A rate, without what nobody reads.
#[must_use]
pub fn grouped_rate(rate: f64) -> String {
    if rate < 100.0 { format!("{rate:.1}") } else { grouped(rate.round() as u64) }
}

/// A number with commas.
#[must_use]
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A line on standard output.
///
/// # Errors
/// When nobody reads it any more.
pub fn print(line: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("standard output")
}

#[cfg(target_os = "linux")]
fn file_system(folder: &Path) -> Option<&'static str> {
    // Source: statfs(2).
    match rustix::fs::statfs(folder).ok()?.f_type {
        0x0102_1994 => Some(TMPFS),
        0x0000_ef53 => Some("ext4"),
        0x5846_5342 => Some("xfs"),
        0x9123_683e => Some("btrfs"),
        0x794c_7630 => Some("overlayfs"),
        _ => Some("another file system"),
    }
}

#[cfg(not(target_os = "linux"))]
fn file_system(_folder: &Path) -> Option<&'static str> {
    None
}

const TMPFS: &str = "tmpfs";
/// Processors that other programs may take before it is worth a line.
const NOISE: f64 = 0.05;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_of_all_runs_are_summed() {
        let result = serde_json::json!([{"lost": 1}, {"outcome": {"lost": 2, "max": 9}}]);
        assert_eq!(lost(&result), 3);
    }

    #[test]
    fn numbers_are_written_for_people() {
        for (count, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(count), text);
        }
        assert_eq!(grouped_rate(12.34), "12.3");
        assert_eq!(grouped_rate(12_345.6), "12,346");
        assert_eq!(bytes(2_500_000), "2.5 MB");
    }
}
