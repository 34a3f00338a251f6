//! `hookseal serve`.

use std::{
    env,
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
};

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use tokio::signal::unix::{SignalKind, signal};
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
/// The first start makes an account and prints its API key once, unless `HOOKSEAL_ADMIN_KEY` gives one. Secrets are
/// sealed under `HOOKSEAL_MASTER_KEY` (32 bytes, hex or base64), or under a key file that the first start makes.
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
    #[arg(long, env = "HOOKSEAL_ALLOW_HTTP")]
    allow_http: bool,

    /// Let deliveries go to this network although it is not public; may be repeated
    #[arg(long, env = "HOOKSEAL_ALLOW_NETWORK", value_delimiter = ',', value_name = "CIDR")]
    allow_network: Vec<IpNet>,

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

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Json,
    Text,
}

impl Serve {
    pub(super) fn run(self) -> CommandResult {
        start_logging(self.log_format, &self.log)?;
        let config = self.into_config()?;
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(config))
    }

    fn into_config(self) -> Result<Config, Box<dyn std::error::Error>> {
        let master_key = secret_variable("HOOKSEAL_MASTER_KEY")
            .map(|text| MasterKey::parse(&text))
            .transpose()?;
        Ok(Config {
            listen: self.listen,
            guard: GuardPolicy {
                allow_http: self.allow_http,
                addresses: AddressPolicy::new(self.allow_network),
            },
            retry_delay_factor: self.retry_delay_factor,
            admin_key: secret_variable("HOOKSEAL_ADMIN_KEY"),
            master_key,
            ..Config::new(self.data)
        })
    }
}

async fn serve(config: Config) -> CommandResult {
    // Before the server says that it listens, so that whoever reads that may already send the signal.
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut server = Server::start(config, Shell::default()).await?;
    announce(&mut server)?;
    server
        .run_until(async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
        .await?;
    Ok(())
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
fn secret_variable(name: &str) -> Option<Zeroizing<String>> {
    env::var(name).ok().filter(|text| !text.is_empty()).map(Zeroizing::new)
}

fn parse_factor(text: &str) -> Result<f64, String> {
    let factor: f64 = text.parse().map_err(|_| "expected a number such as 0.001".to_owned())?;
    if (0.0..=1000.0).contains(&factor) { Ok(factor) } else { Err("expected 0 to 1000".to_owned()) }
}
