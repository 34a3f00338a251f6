//! `hookseal serve`.

use std::{
    fs,
    io::{self, IsTerminal as _, Write as _},
    ops::RangeInclusive,
    path::PathBuf,
    pin::pin,
    time::Duration,
};

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, filter::FilterFn, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};
use zeroize::Zeroizing;

use super::{
    CommandResult, open_files,
    variable::{admin_key_variable, master_key_variable, variable},
};
use crate::{
    app::{Server, Shell},
    config::{Config, Retention},
    dialects::Dialect,
    guard::{AddressPolicy, Egress, ExtraRoots, GuardPolicy, PortPolicy},
    luma::LumaConfig,
};

/// Run the server.
///
/// The first start makes an account and prints its API key, unless `HOOKSEAL_ADMIN_KEY` gives one. As long as that key
/// is not used, each start prints a new one in its place. Secrets are sealed under `HOOKSEAL_MASTER_KEY` (32 bytes, hex
/// or base64), or under a key file that the first start makes. Guests of Luma
/// become contacts at Resend where `LUMA_WEBHOOK_SECRET`, `RESEND_API_KEY` and `RESEND_AUDIENCE_ID` are set.
#[derive(Args, Debug)]
pub(super) struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(
        long,
        env = "HOOKSEAL_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "HOST:PORT"
    )]
    listen: String,

    /// Directory for the database and the key file; made where it is missing
    #[arg(long, env = "HOOKSEAL_DATA", default_value = "./hookseal-data", value_name = "DIR")]
    data: PathBuf,

    /// Keep the data in this PostgreSQL, which any number of servers may share, instead of a file in `--data`
    #[arg(long, env = "HOOKSEAL_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,

    /// Let endpoints use `http://` as well
    #[arg(long, env = "HOOKSEAL_ALLOW_HTTP", value_parser = parse_flag)]
    allow_http: bool,

    /// Let deliveries go to this network although it is not public; may be repeated
    #[arg(long, env = "HOOKSEAL_ALLOW_NETWORK", value_parser = parse_networks, value_name = "CIDR,…")]
    allow_network: Vec<Networks>,

    /// Let deliveries go to these ports and no others; may be repeated. Without it: 80, 443, and from 1024 up all but
    /// those that other protocols are known by
    #[arg(long, env = "HOOKSEAL_ALLOW_PORT", value_parser = parse_ports, value_name = "PORT|FROM-TO,…")]
    allow_port: Vec<Ports>,

    /// Send every delivery through this HTTP proxy (CONNECT), as `http://[user:password@]host:port`
    ///
    /// The proxy resolves the names of endpoints: it has to refuse addresses that are not public. Schemes, ports and
    /// literal addresses are still checked here. Proxies that HTTP_PROXY and the like name are never used. The variable
    /// of the environment keeps a password out of the list of processes.
    #[arg(long, env = "HOOKSEAL_EGRESS_PROXY", hide_env_values = true, value_name = "URL")]
    egress_proxy: Option<String>,

    /// Trust the certificate authorities in this PEM file beside the public ones; may be repeated
    #[arg(long, env = "HOOKSEAL_EXTRA_CA", value_name = "FILE")]
    extra_ca: Vec<PathBuf>,

    /// Multiply every delay of the retry schedules by this factor; for tests and demonstrations
    #[arg(long, env = "HOOKSEAL_RETRY_DELAY_FACTOR", default_value_t = 1.0, value_parser = parse_factor)]
    retry_delay_factor: f64,

    /// Take a node that shares the database for dead when it said nothing for so many seconds
    #[arg(long, env = "HOOKSEAL_NODE_LEASE_SECONDS", default_value_t = 15, value_name = "SECONDS",
          value_parser = clap::value_parser!(u32).range(1..=600))]
    node_lease_seconds: u32,

    /// Disable an endpoint that takes nothing for so many days; 0 for never
    #[arg(long, env = "HOOKSEAL_DISABLE_AFTER_DAYS", default_value_t = 5, value_name = "DAYS")]
    disable_after_days: u32,

    /// Keep events and what became of them for so many days; 0 for ever
    #[arg(long, env = "HOOKSEAL_RETENTION_DAYS", default_value_t = 30, value_name = "DAYS")]
    retention_days: u32,

    /// Keep the records of attempts, by the age of their event, for so many days; 0 for ever
    #[arg(
        long,
        env = "HOOKSEAL_ATTEMPT_RETENTION_DAYS",
        default_value_t = 30,
        value_name = "DAYS"
    )]
    attempt_retention_days: u32,

    /// Take so many bytes for an event, and for any other request; 16 times as many for a batch of events
    #[arg(long, env = "HOOKSEAL_MAX_BODY", default_value_t = 1024 * 1024, value_name = "BYTES",
          value_parser = clap::value_parser!(u32).range(1024..=67_108_864))]
    max_body: u32,

    /// Take so many requests per second from each API key; 0 for any number
    #[arg(long, env = "HOOKSEAL_API_RATE_LIMIT", default_value_t = 0, value_name = "REQUESTS")]
    api_rate_limit: u32,

    /// Serve the HTTP APIs of these systems beside the native one: `naive`, `ainative`, `yativo`, `nativemsg`; or `none`
    #[arg(long, env = "HOOKSEAL_DIALECTS", default_value = "naive,ainative,yativo,nativemsg",
          value_parser = parse_dialects, value_name = "NAME,…")]
    dialects: Dialects,

    /// What the world calls this server, such as `https://hooks.example.com`: senders that sign the URL are given URLs
    /// below it
    #[arg(long, env = "HOOKSEAL_PUBLIC_URL", value_name = "URL", value_parser = parse_public_url)]
    public_url: Option<String>,

    /// How log lines are written to standard error
    #[arg(long, env = "HOOKSEAL_LOG_FORMAT", default_value = "text")]
    log_format: LogFormat,

    /// What is logged: a level, or directives such as `info,hookseal_server=debug`
    #[arg(long, env = "HOOKSEAL_LOG", default_value = "info", value_name = "FILTER")]
    log: String,
}

/// A list that may be empty, as a variable of the environment can be.
#[derive(Clone, Debug)]
struct Networks(Vec<IpNet>);

/// As [`Networks`].
#[derive(Clone, Debug)]
struct Ports(Vec<RangeInclusive<u16>>);

/// As [`Networks`].
#[derive(Clone, Debug)]
struct Dialects(Vec<Dialect>);

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Json,
    Text,
}

impl Serve {
    pub(super) fn run(self) -> CommandResult {
        start_logging(self.log_format, &self.log)?;
        let mut config = self.into_config()?;
        share(&mut config, open_files::raise());
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let outcome = runtime.block_on(serve(config));
        // A name that the system still looks up must not hold the process.
        runtime.shutdown_background();
        outcome
    }

    fn into_config(self) -> Result<Config, Box<dyn std::error::Error>> {
        let master_key = master_key_variable("HOOKSEAL_MASTER_KEY")?;
        let egress = self.egress()?;
        let ports: Vec<_> = self.allow_port.into_iter().flat_map(|ports| ports.0).collect();
        let networks = self.allow_network.into_iter().flat_map(|networks| networks.0).collect();
        Ok(Config {
            listen: self.listen,
            guard: GuardPolicy {
                allow_http: self.allow_http,
                addresses: AddressPolicy::new(networks),
                ports: if ports.is_empty() {
                    PortPolicy::default()
                } else {
                    PortPolicy::only(ports)
                },
            },
            database_url: self.database_url.map(Zeroizing::new),
            egress,
            retry_delay_factor: self.retry_delay_factor,
            node_lease: Duration::from_secs(self.node_lease_seconds.into()),
            disable_after: days(self.disable_after_days),
            retention: Retention {
                events: days(self.retention_days),
                attempts: days(self.attempt_retention_days),
            },
            dialects: self.dialects.0,
            api_rate_limit: self.api_rate_limit,
            public_url: self.public_url,
            luma: LumaConfig {
                secret: variable("LUMA_WEBHOOK_SECRET")?.map(Zeroizing::new),
                resend_api_key: variable("RESEND_API_KEY")?.map(Zeroizing::new),
                resend_audience: variable("RESEND_AUDIENCE_ID")?,
                resend_base_url: variable("RESEND_BASE_URL")?,
            },
            admin_key: admin_key_variable("HOOKSEAL_ADMIN_KEY")?,
            max_body: usize::try_from(self.max_body)?,
            master_key,
            ..Config::new(self.data)
        })
    }

    fn egress(&self) -> Result<Egress, Box<dyn std::error::Error>> {
        // Not a parser of the argument: what such a parser refuses is shown, and may hold a password.
        let proxy = self.egress_proxy.as_deref().map(str::parse).transpose()?;
        let mut extra_roots = ExtraRoots::default();
        for path in &self.extra_ca {
            let cannot = |error| format!("cannot use `{}` as extra CA: {error}", path.display());
            let pem = fs::read(path).map_err(cannot)?;
            extra_roots.add_pem(&pem).map_err(cannot)?;
        }
        Ok(Egress { proxy, extra_roots, ..Egress::default() })
    }
}

/// Lets attempts, connections that are kept, and clients have a quarter of the files each; the last is for the database, for
/// look-ups, and for the attempts beyond the usual ones.
fn share(config: &mut Config, files: usize) {
    let quarter = (files / 4).max(1);
    config.max_clients = config.max_clients.min(quarter);
    config.egress.idle_connections = config.egress.idle_connections.min(quarter);
    config.limits.total = u32::try_from(quarter)
        .map_or(config.limits.total, |quarter| config.limits.total.min(quarter));
}

async fn serve(config: Config) -> CommandResult {
    // Before the server says that it listens, so that whoever reads that may already send the signal.
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut next_signal = async move || {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let mut server = tokio::select! {
        started = Server::start(config, Shell::default()) => started?,
        // Nothing was begun that the next start does not go on with.
        () = next_signal() => return Ok(()),
    };
    announce(&mut server)?;
    let (stop, stopped) = oneshot::channel();
    let mut running = pin!(server.run_until(async {
        // Sent below, or never.
        let _ = stopped.await;
    }));
    tokio::select! {
        ended = &mut running => return Ok(ended?),
        () = next_signal() => {}
    }
    // It is still there: it has not ended.
    let _ = stop.send(());
    tokio::select! {
        ended = &mut running => Ok(ended?),
        () = next_signal() => {
            Err("stopped at once by a second signal; the next start makes the attempts that ran again".into())
        }
    }
}

fn announce(server: &mut Server) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if let Some(key) = server.take_new_key() {
        writeln!(out, "API key (shown only this once): {}", key.as_str())?;
    }
    writeln!(out, "listening on http://{}", server.address())?;
    out.flush()
}

fn start_logging(format: LogFormat, filter: &str) -> CommandResult {
    let wanted = tracing_subscriber::registry()
        .with(EnvFilter::builder().parse(filter)?)
        .with(FilterFn::new(holds_no_content));
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    match format {
        LogFormat::Json => wanted.with(lines.json()).init(),
        LogFormat::Text => wanted.with(lines).init(),
    }
    Ok(())
}

/// SECURITY: the client of PostgreSQL writes the parameters of statements into its finer levels: bodies of events, sealed
/// secrets, hashes of keys. No filter lets those through.
fn holds_no_content(record: &Metadata<'_>) -> bool {
    let writes_content = record.target().starts_with("tokio_postgres");
    !writes_content || *record.level() <= Level::INFO
}

fn parse_flag(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "on" | "true" | "yes" => Ok(true),
        "" | "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("expected 1, 0, yes, no, true or false".to_owned()),
    }
}

fn parse_networks(text: &str) -> Result<Networks, String> {
    let parse = |part: &str| {
        part.parse().map_err(|_| format!("expected networks such as 10.0.0.0/8, got `{part}`"))
    };
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(parse).collect::<Result<_, _>>().map(Networks)
}

fn parse_ports(text: &str) -> Result<Ports, String> {
    let parse = |part: &str| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let port = |text: &str| text.trim().parse::<u16>().ok().filter(|port| *port > 0);
        let range = port(from).zip(port(to)).filter(|(from, to)| from <= to);
        range
            .map(|(from, to)| from..=to)
            .ok_or_else(|| format!("expected ports such as 443 or 8000-8999, got `{part}`"))
    };
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(parse).collect::<Result<_, _>>().map(Ports)
}

fn parse_dialects(text: &str) -> Result<Dialects, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty() && *part != "none");
    let mut dialects = Vec::new();
    for part in parts {
        let dialect = Dialect::parse(part).ok_or_else(|| {
            let names: Vec<_> = Dialect::ALL.iter().map(|dialect| dialect.as_str()).collect();
            format!("expected names out of {}, or `none`, got `{part}`", names.join(", "))
        })?;
        if !dialects.contains(&dialect) {
            dialects.push(dialect);
        }
    }
    Ok(Dialects(dialects))
}

fn parse_public_url(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).ok();
    let usable = |url: &url::Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    match url {
        Some(url) if usable(&url) => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err("expected a URL such as `https://hooks.example.com`".to_owned()),
    }
}

/// A time of so many days; none for 0.
fn days(days: u32) -> Option<Duration> {
    (days > 0).then(|| Duration::from_secs(u64::from(days) * 24 * 60 * 60))
}

fn parse_factor(text: &str) -> Result<f64, String> {
    let factor: f64 = text.parse().map_err(|_| "expected a number such as 0.001".to_owned())?;
    if (0.0..=1000.0).contains(&factor) { Ok(factor) } else { Err("expected 0 to 1000".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_few_files_does_less_at_once() {
        for (files, clients, idle, attempts) in [
            (16_384, 4096, 512, 512),
            (usize::MAX, 4096, 512, 512),
            (1024, 256, 256, 256),
            (2, 1, 1, 1),
        ] {
            let mut config = Config::new("unused");
            share(&mut config, files);
            let shares = (config.max_clients, config.egress.idle_connections, config.limits.total);
            assert_eq!(shares, (clients, idle, attempts), "{files}");
        }
    }

    #[test]
    fn flags_and_lists_take_what_people_write() {
        for (text, flag) in [
            ("1", true),
            ("YES", true),
            ("true", true),
            ("0", false),
            ("no", false),
            ("False", false),
            ("", false),
        ] {
            assert_eq!(parse_flag(text), Ok(flag), "{text}");
        }
        assert!(parse_flag("maybe").is_err());
        for (text, count) in [("", 0), ("10.0.0.0/8", 1), ("10.0.0.0/8, ::1/128,", 2)] {
            assert_eq!(parse_networks(text).unwrap().0.len(), count, "{text}");
        }
        assert!(parse_networks("10.0.0.0/8,x").is_err());
        for (text, ports) in [
            ("", vec![]),
            ("443", vec![443..=443]),
            ("443, 8000-8999,", vec![443..=443, 8000..=8999]),
        ] {
            assert_eq!(parse_ports(text).unwrap().0, ports, "{text}");
        }
        for (text, dialects) in [
            ("", vec![]),
            ("none", vec![]),
            ("yativo, naive,yativo", vec![Dialect::Yativo, Dialect::Naive]),
        ] {
            assert_eq!(parse_dialects(text).unwrap().0, dialects, "{text}");
        }
        let refused = parse_dialects("naive,navie").unwrap_err();
        assert!(refused.contains("`navie`") && refused.contains("nativemsg"), "{refused}");
        for text in ["0", "65536", "x", "9-8", "1-", "-1", "1-2-3"] {
            assert!(parse_ports(text).is_err(), "{text}");
        }
    }
}
