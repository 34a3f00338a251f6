//! The command line. One file per command.

mod answer;
mod explain;
mod handshake;
mod key;
mod keygen;
mod request;
mod schedule;
mod scheme;
mod schemes;
mod serve;
mod sign;
mod verify;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(
    name = "hookseal",
    version,
    about = "Webhooks made right: sign, deliver, retry, and keep the record"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Explain(explain::Explain),
    Handshake(handshake::Handshake),
    Key(key::Key),
    Keygen(keygen::Keygen),
    Schemes(schemes::Schemes),
    /// Run the server: take events over HTTP and deliver them to endpoints
    Serve(serve::Serve),
    Schedule(schedule::Schedule),
    Sign(sign::Sign),
    Verify(verify::Verify),
}

/// Parses the arguments of the process and runs the command.
#[must_use]
pub fn run() -> ExitCode {
    let command = match Cli::parse().command {
        Command::Explain(command) => return command.run(),
        Command::Handshake(command) => return command.run(),
        Command::Key(command) => return command.run(),
        Command::Keygen(command) => return command.run(),
        Command::Schemes(command) => return command.run(),
        Command::Serve(command) => command,
        Command::Schedule(command) => return command.run(),
        Command::Sign(command) => return command.run(),
        Command::Verify(command) => return command.run(),
    };
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to do when standard error is closed as well.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A failure for the person at the terminal.
type CommandResult = Result<(), Box<dyn std::error::Error>>;

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn arguments_are_declared_consistently() {
        Cli::command().debug_assert();
    }
}
