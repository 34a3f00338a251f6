//! The binary `hookseal`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Gives back to the system what a burst took. The system's own keeps twice as much after one: small things that live on
/// lie between what became free.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    hookseal_server::cli::run()
}
