//! The command line. One file per command.

mod answer;
mod explain;
mod handshake;
mod key;
mod keygen;
mod master_key;
mod open_files;
mod openapi;
mod request;
mod schedule;
mod scheme;
mod schemes;
mod serve;
mod sign;
mod variable;
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
    MasterKey(master_key::MasterKeyCommand),
    Openapi(openapi::Openapi),
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
    match Cli::parse().command {
        Command::Explain(command) => command.run(),
        Command::Handshake(command) => command.run(),
        Command::Key(command) => command.run(),
        Command::Keygen(command) => command.run(),
        Command::MasterKey(command) => finish(command.run()),
        Command::Openapi(command) => command.run(),
        Command::Schemes(command) => command.run(),
        Command::Serve(command) => finish(command.run()),
        Command::Schedule(command) => command.run(),
        Command::Sign(command) => command.run(),
        Command::Verify(command) => command.run(),
    }
}

fn finish(outcome: CommandResult) -> ExitCode {
    match outcome {
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
