//! The binary `hookseal-load`.

use std::process::ExitCode;

fn main() -> ExitCode {
    hookseal_load::cli::run()
}
