//! The command line.

use std::{
    io::{self, Write as _},
    net::{SocketAddr, ToSocketAddrs as _},
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, Mutex},
    time::Duration,
};

use clap::{Args, Parser, Subcommand};

use crate::{
    adapter::Adapter,
    error::{Context as _, Error},
    forwarder, interrupt,
    postgres::Cluster,
    receiver::Mode,
    report::{Report, print},
    run::FanOut,
    scenario::{Backlog, Idle, Noisy, Rate, Settings, Start, Suite, Throughput, anchor},
    target::{DatabaseChoice, TargetOptions},
};

/// Puts load on a webhook server and tells what it makes of it: latency from due to delivered, what was lost or came twice,
/// and what it cost in processor time, memory and work of the database.
///
/// Everything runs on this machine and ends by itself. Servers that are started are stopped again.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What the machine can do at all: bare POSTs, and a bare forwarder
    Anchor(Common),
    /// The same traffic on an empty server, and on one with many pending deliveries for dead endpoints
    Backlog {
        #[command(flatten)]
        common: Common,
        /// Deliveries that wait for dead endpoints
        #[arg(long, default_value_t = 1_000_000)]
        pending: usize,
        /// Dead endpoints
        #[arg(long, default_value_t = 10)]
        dead: usize,
        /// How they are dead: `refuse` (nothing listens there), or a mode as in `noisy`
        #[arg(long, default_value = "refuse", value_parser = parse_dead)]
        mode: Dead,
        /// Further endpoints that nothing is sent to
        #[arg(long, default_value_t = 100_000)]
        idle: usize,
        /// Events per second of the run at a fixed rate
        #[arg(long, default_value_t = 1000.0, value_parser = parse_rate)]
        rate: f64,
        /// Seconds that making the pending deliveries may take
        #[arg(long, default_value = "900", value_parser = parse_seconds, value_name = "SECONDS")]
        fill: Duration,
    },
    /// Pass each POST on, and store nothing: what `anchor` compares with
    Forward {
        /// Where to listen
        #[arg(long)]
        listen: SocketAddr,
        /// Where to: `http://HOST:PORT`
        #[arg(long)]
        to: String,
    },
    /// One event at a time on a server that has nothing else to do
    Idle {
        #[command(flatten)]
        common: Common,
        /// How many
        #[arg(long, default_value_t = 500)]
        times: usize,
        /// Milliseconds between the delivery of one and the next
        #[arg(long, default_value_t = 10)]
        pause: u64,
    },
    /// What one bad endpoint costs the others
    Noisy {
        #[command(flatten)]
        common: Common,
        /// Events per second, over all endpoints
        #[arg(long, default_value_t = 500.0, value_parser = parse_rate)]
        rate: f64,
        /// How one of them behaves, one mode after the other: busy, drip, fail, garbage, hang, huge, reset, slow=MILLISECONDS
        #[arg(long, default_value = "hang,drip,fail", value_delimiter = ',')]
        modes: Vec<Mode>,
    },
    /// Latency at fixed rates, in an open loop
    Rate {
        #[command(flatten)]
        common: Common,
        /// Events per second, one after the other
        #[arg(long, default_value = "1000", value_delimiter = ',', value_parser = parse_rate)]
        rates: Vec<f64>,
    },
    /// From exec to ready, idle memory, size of the binary
    Start {
        #[command(flatten)]
        common: Common,
        /// How often it is started again
        #[arg(long, default_value_t = 20)]
        times: usize,
        /// Milliseconds that it is left alone before its memory is looked at
        #[arg(long, default_value_t = 2000)]
        settle: u64,
    },
    /// All of these in short: with the server's own database, and with PostgreSQL where that is installed
    Suite {
        #[command(flatten)]
        common: Common,
        /// Events per second; half of that where one endpoint is bad and where there is a backlog
        #[arg(long, default_value_t = 1000.0, value_parser = parse_rate)]
        rate: f64,
        /// Pending deliveries of the backlog
        #[arg(long, default_value_t = 20_000)]
        pending: usize,
        /// Idle endpoints of the backlog
        #[arg(long, default_value_t = 2_000)]
        idle: usize,
    },
    /// As many events as the server accepts, in a closed loop, beside the anchors
    Throughput {
        #[command(flatten)]
        common: Common,
        /// The most events that may be sent and not yet delivered [default: no limit]
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
        window: Option<u64>,
        /// Leave the anchors out
        #[arg(long)]
        no_anchor: bool,
    },
}

/// Options of all scenarios.
#[derive(Args, Debug)]
struct Common {
    /// How to speak to the server: hookseal, svix, forwarder, or a file
    #[arg(long, default_value = "hookseal", help_heading = "Server")]
    adapter: String,
    /// A value that the adapter uses; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_pair, help_heading = "Server")]
    set: Vec<(String, String)>,
    /// The program to start, instead of the adapter's beside this one or in the path
    #[arg(long, help_heading = "Server")]
    program: Option<PathBuf>,
    /// A further argument for it; may be repeated
    #[arg(long, allow_hyphen_values = true, help_heading = "Server")]
    argument: Vec<String>,
    /// A server that runs already: HOST:PORT of this machine
    #[arg(long, value_parser = parse_address, help_heading = "Server")]
    address: Option<SocketAddr>,
    /// A process of that server, to be measured with its children; may be repeated
    #[arg(long, help_heading = "Server")]
    pid: Vec<u32>,
    /// The database to give it: `own` (what it brings itself), `postgres` (one that is made for it), or a URL
    #[arg(long, default_value = "own", help_heading = "Server")]
    database: String,
    /// The first process of that database, to be measured with its children; may be repeated
    #[arg(long, help_heading = "Server")]
    database_pid: Vec<u32>,
    /// Where data are kept while it runs; not in memory, or syncing costs nothing [default: temporary files]
    #[arg(long, value_name = "DIR", help_heading = "Server")]
    folder: Option<PathBuf>,

    /// Endpoints that events go to, in turn
    #[arg(long, default_value_t = 10, value_parser = parse_count, help_heading = "Load")]
    endpoints: usize,
    /// Send each event to all endpoints instead
    #[arg(long, help_heading = "Load")]
    fan_out: bool,
    /// Bytes of the data of an event
    #[arg(long, default_value_t = 1024, help_heading = "Load")]
    size: usize,
    /// Connections to the server
    #[arg(long, default_value_t = 64, value_parser = parse_count, help_heading = "Load")]
    connections: usize,
    /// Events in one request
    #[arg(long, default_value_t = 1, value_parser = parse_count, help_heading = "Load")]
    batch: usize,
    /// Seconds that each run sends
    #[arg(long, default_value = "10", value_parser = parse_seconds, help_heading = "Load")]
    seconds: Duration,
    /// The most events of a run
    #[arg(long, default_value_t = 2_000_000, value_parser = parse_count, help_heading = "Load")]
    events: usize,
    /// Seconds that a request may take
    #[arg(long, default_value = "30", value_parser = parse_seconds, help_heading = "Load")]
    timeout: Duration,
    /// Seconds to wait for the last deliveries of a run
    #[arg(long, default_value = "60", value_parser = parse_seconds, help_heading = "Load")]
    drain: Duration,
    /// Verify the signature of one delivery in so many
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..), help_heading = "Load")]
    verify_every: Option<u64>,
    /// Threads that send
    #[arg(long, default_value_t = 1, value_parser = parse_count, help_heading = "Load")]
    senders: usize,
    /// Threads that receive
    #[arg(long, default_value_t = 1, value_parser = parse_count, help_heading = "Load")]
    receivers: usize,

    /// Write everything to this file, too
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    json: Option<PathBuf>,
}

/// How endpoints are dead.
#[derive(Clone, Copy, Debug)]
struct Dead(Option<Mode>);

/// Runs the command that the arguments name. Fails when something could not be measured, or an event was lost.
#[must_use]
pub fn run() -> ExitCode {
    match Cli::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell if this fails.
            _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Command {
    fn run(self) -> Result<(), Error> {
        match self {
            Self::Forward { listen, to } => forwarder::forward(listen, &to),
            Self::Anchor(common) => {
                common.measure(|settings, report| anchor(settings, report).map(drop))
            }
            Self::Backlog { common, pending, dead, mode, idle, rate, fill } => {
                let backlog = Backlog { pending, dead, mode: mode.0, idle, rate, fill };
                common.measure(|settings, report| backlog.run(settings, report))
            }
            Self::Idle { common, times, pause } => {
                let idle = Idle { events: times, pause: Duration::from_millis(pause) };
                common.measure(|settings, report| idle.run(settings, report))
            }
            Self::Noisy { common, rate, modes } => {
                common.measure(|settings, report| Noisy { rate, modes }.run(settings, report))
            }
            Self::Rate { common, rates } => {
                common.measure(|settings, report| Rate { rates }.run(settings, report))
            }
            Self::Start { common, times, settle } => {
                let start = Start { times, settle: Duration::from_millis(settle) };
                common.measure(|settings, report| start.run(settings, report))
            }
            Self::Suite { common, rate, pending, idle } => common.measure(|settings, report| {
                let mut databases = vec![DatabaseChoice::Own];
                if Cluster::is_installed() {
                    databases.push(DatabaseChoice::Postgres(Arc::default()));
                } else {
                    print("PostgreSQL is not installed, so it is left out")?;
                }
                let suite = Suite { databases, rate, pending, idle };
                match suite.run(settings, report)? {
                    0 => Ok(()),
                    failures => {
                        Err(Error::new(format!("{failures} scenarios could not be measured")))
                    }
                }
            }),
            Self::Throughput { common, window, no_anchor } => common.measure(|settings, report| {
                let anchors = if no_anchor { None } else { Some(anchor(settings, report)?) };
                Throughput { window }.run(settings, anchors.as_ref(), report).map(drop)
            }),
        }
    }
}

impl Common {
    fn measure(
        self,
        scenario: impl FnOnce(&Settings, &mut Report) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let json = self.json.clone();
        let settings = self.settings()?;
        interrupt::listen().context("signals")?;
        let mut report = Report::new(&settings.folder())?;
        let outcome = scenario(&settings, &mut report);
        // What was measured before something went wrong is kept.
        if let Some(path) = json {
            report.write(&path)?;
        }
        outcome?;
        match report.lost() {
            0 => Ok(()),
            lost => Err(Error::new(format!("{lost} accepted events were not delivered in time"))),
        }
    }

    fn settings(self) -> Result<Settings, Error> {
        let mut adapter = Adapter::load(&self.adapter)?;
        for (name, value) in self.set {
            if !adapter.values.contains_key(&name) {
                let names: Vec<_> = adapter.values.keys().map(String::as_str).collect();
                let message =
                    format!("the adapter has no value `{name}`, only `{}`", names.join("`, `"));
                return Err(Error::new(message));
            }
            adapter.values.insert(name, value);
        }
        let database = match self.database.as_str() {
            "own" => DatabaseChoice::Own,
            "postgres" => DatabaseChoice::Postgres(Arc::new(Mutex::new(None))),
            url => DatabaseChoice::Url(url.to_owned()),
        };
        Ok(Settings {
            target: TargetOptions {
                adapter,
                program: self.program,
                arguments: self.argument,
                address: self.address,
                pids: self.pid,
                database,
                database_pids: self.database_pid,
                folder: self.folder,
            },
            endpoints: self.endpoints,
            fan_out: if self.fan_out { FanOut::All } else { FanOut::One },
            size: self.size,
            connections: self.connections,
            batch: self.batch,
            senders: self.senders,
            receivers: self.receivers,
            duration: self.seconds,
            events: self.events,
            timeout: self.timeout,
            drain: self.drain,
            verify_every: self.verify_every,
        })
    }
}

fn parse_pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let mut found = text.to_socket_addrs().map_err(|error| error.to_string())?;
    found.next().ok_or_else(|| "no address".to_owned())
}

fn parse_count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count @ 1..=100_000_000) => Ok(count),
        _ => Err("expected a number from 1 to 100000000".to_owned()),
    }
}

fn parse_rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if (0.001..=1_000_000.0).contains(&rate) => Ok(rate),
        _ => Err("expected 0.001 to 1000000 events per second".to_owned()),
    }
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds) if (0.0..=86_400.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err("expected 0 to 86400 seconds".to_owned()),
    }
}

fn parse_dead(text: &str) -> Result<Dead, String> {
    if text == "refuse" { Ok(Dead(None)) } else { text.parse().map(|mode| Dead(Some(mode))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_well_formed() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
        assert!(parse_dead("refuse").unwrap().0.is_none());
        assert_eq!(parse_dead("hang").unwrap().0, Some(Mode::Hang));
        assert!(
            parse_rate("0").is_err() && parse_seconds("-1").is_err() && parse_count("0").is_err()
        );
    }
}
