//! Ctrl-C and SIGTERM: what runs ends early, so that what was started is stopped and what was written is removed.

use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use tokio::signal::unix::{SignalKind, signal};

use crate::error::Error;

/// From now on the signals are noted instead of ending the process.
///
/// # Errors
/// When the system gives no thread or does not let signals be caught.
pub fn listen() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let guard = runtime.enter();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    drop(guard);
    let wait = move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        });
        REQUESTED.store(true, Ordering::Release);
    };
    thread::Builder::new().name("signals".to_owned()).spawn(wait).map(drop)
}

/// Whether somebody wants it to end.
#[must_use]
pub fn is_requested() -> bool {
    REQUESTED.load(Ordering::Acquire)
}

/// Ends what comes next, if somebody wants that.
///
/// # Errors
/// That it was interrupted.
pub fn check() -> Result<(), Error> {
    if is_requested() { Err(Error::new("interrupted")) } else { Ok(()) }
}

static REQUESTED: AtomicBool = AtomicBool::new(false);
