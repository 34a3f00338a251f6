//! `hookseal master-key`.

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use zeroize::Zeroizing;

use super::{CommandResult, variable::master_key_variable};
use crate::{
    config::Config,
    rng::SystemRng,
    rotation::{Rotated, rotate},
};

/// Manage the key under which secrets are sealed
#[derive(Args, Debug)]
pub(super) struct MasterKeyCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Rotate(Rotate),
}

/// Seal all secrets under a new master key
///
/// Stop the server first, and with a shared database all servers. The old key is taken from `HOOKSEAL_MASTER_KEY`, or from
/// the file `master.key` in `--data`. The new one is taken from `HOOKSEAL_NEW_MASTER_KEY` (32 bytes, hex or base64), or made
/// and written to `master.key`, readable by you alone, after all is sealed under it; the old file becomes `master.key.old`. When this is broken off, run it again
/// as before: it goes on where it ended. Backups made before still need the old key.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  hookseal master-key rotate --data /var/lib/hookseal
  HOOKSEAL_NEW_MASTER_KEY=$(openssl rand -hex 32) hookseal master-key rotate --database-url postgres://…")]
struct Rotate {
    /// Directory of the database and the key file
    #[arg(long, env = "HOOKSEAL_DATA", default_value = "./hookseal-data", value_name = "DIR")]
    data: PathBuf,

    /// The PostgreSQL that holds the data instead
    #[arg(long, env = "HOOKSEAL_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
}

impl MasterKeyCommand {
    pub(super) fn run(self) -> CommandResult {
        let Command::Rotate(command) = self.command;
        command.run()
    }
}

impl Rotate {
    fn run(self) -> CommandResult {
        let new = master_key_variable("HOOKSEAL_NEW_MASTER_KEY")?;
        let config = Config {
            database_url: self.database_url.map(Zeroizing::new),
            master_key: master_key_variable("HOOKSEAL_MASTER_KEY")?,
            ..Config::new(self.data)
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let rotated = runtime.block_on(rotate(&config, new, &SystemRng))?;
        report(&rotated, config.master_key.is_some())?;
        Ok(())
    }
}

fn report(rotated: &Rotated, old_was_given: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "secrets sealed under the new master key: {}", rotated.secrets)?;
    match &rotated.file {
        Some(file) => {
            writeln!(out, "the new key is in `{}`", file.display())?;
            if old_was_given {
                writeln!(
                    out,
                    "unset `HOOKSEAL_MASTER_KEY`, which holds the old one, before you start the server"
                )?;
            }
        }
        None => {
            writeln!(out, "set `HOOKSEAL_MASTER_KEY` to the new key before you start the server")?;
        }
    }
    if let Some(stale) = &rotated.stale {
        writeln!(
            out,
            "the file `{}` holds an old key; only backups made before need it",
            stale.display()
        )?;
    }
    out.flush()
}
