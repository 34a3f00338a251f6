//! The binary `hookseal`.

use std::process::ExitCode;

fn main() -> ExitCode {
    hookseal_server::cli::run()
}
