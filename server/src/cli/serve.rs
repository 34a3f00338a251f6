//! `hookseal serve`.

use std::{
    env,
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
    pin::pin,
};

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};
use tracing_subscriber::EnvFilter;
use zeroize::Zeroizing;

use super::CommandResult;
use crate::{
    app::{Server, Shell},
    config::Config,
    guard::{AddressPolicy, GuardPolicy},
    seal::MasterKey,
};

/// Run the server.
///
/// The first start makes an account and prints its API key, unless `HOOKSEAL_ADMIN_KEY` gives one. As long as that key
/// is not used, each start prints a new one in its place. Secrets are sealed under `HOOKSEAL_MASTER_KEY` (32 bytes, hex
/// or base64), or under a key file that the first start makes.
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

    /// Let endpoints use `http://` as well
    #[arg(long, env = "HOOKSEAL_ALLOW_HTTP", value_parser = parse_flag)]
    allow_http: bool,

    /// Let deliveries go to this network although it is not public; may be repeated
    #[arg(long, env = "HOOKSEAL_ALLOW_NETWORK", value_parser = parse_networks, value_name = "CIDR,…")]
    allow_network: Vec<Networks>,

    /// Multiply every delay of the retry schedules by this factor; for tests and demonstrations
    #[arg(long, env = "HOOKSEAL_RETRY_DELAY_FACTOR", default_value_t = 1.0, value_parser = parse_factor)]
    retry_delay_factor: f64,

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

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Json,
    Text,
}

impl Serve {
    pub(super) fn run(self) -> CommandResult {
        start_logging(self.log_format, &self.log)?;
        let config = self.into_config()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let outcome = runtime.block_on(serve(config));
        // A name that the system still looks up must not hold the process.
        runtime.shutdown_background();
        outcome
    }

    fn into_config(self) -> Result<Config, Box<dyn std::error::Error>> {
        let master_key = secret_variable(MASTER_KEY)?
            .map(|text| MasterKey::parse(&text).map_err(|error| format!("`{MASTER_KEY}`: {error}")))
            .transpose()?;
        let networks = self.allow_network.into_iter().flat_map(|networks| networks.0).collect();
        Ok(Config {
            listen: self.listen,
            guard: GuardPolicy {
                allow_http: self.allow_http,
                addresses: AddressPolicy::new(networks),
            },
            retry_delay_factor: self.retry_delay_factor,
            admin_key: secret_variable("HOOKSEAL_ADMIN_KEY")?,
            master_key,
            ..Config::new(self.data)
        })
    }
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
    let mut server = Server::start(config, Shell::default()).await?;
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
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::builder().parse(filter)?)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    match format {
        LogFormat::Json => builder.json().init(),
        LogFormat::Text => builder.init(),
    }
    Ok(())
}

/// A secret from the environment: never an argument, which other users of the machine could read.
///
/// One that is set to nothing is a mistake in a deployment: to go on without it would quietly make another key.
fn secret_variable(name: &str) -> Result<Option<Zeroizing<String>>, String> {
    match env::var(name) {
        Ok(text) if text.is_empty() => {
            Err(format!("`{name}` is empty, expected a key; set or unset it"))
        }
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(format!("`{name}` is not text, expected a key")),
    }
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

fn parse_factor(text: &str) -> Result<f64, String> {
    let factor: f64 = text.parse().map_err(|_| "expected a number such as 0.001".to_owned())?;
    if (0.0..=1000.0).contains(&factor) { Ok(factor) } else { Err("expected 0 to 1000".to_owned()) }
}

const MASTER_KEY: &str = "HOOKSEAL_MASTER_KEY";

#[cfg(test)]
mod tests {
    use super::*;

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
    }
}
