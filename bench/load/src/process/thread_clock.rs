//! The processor time of a thread of this program.

use std::{
    fs, io,
    sync::mpsc,
    thread::{Builder, JoinHandle},
    time::Duration,
};

/// Reads the time that a thread has spent on a processor.
#[derive(Clone, Copy, Debug)]
pub struct ThreadClock(Option<i32>);

impl ThreadClock {
    /// Starts a thread, and gives the clock of it.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn spawn<T: Send + 'static>(
        name: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<(JoinHandle<T>, Self)> {
        let (tell, told) = mpsc::channel();
        let thread = Builder::new().name(name.to_owned()).spawn(move || {
            // Nobody listens if the start failed half-way.
            _ = tell.send(own_id());
            work()
        })?;
        Ok((thread, Self(told.recv().ok().flatten())))
    }

    /// So far; zero where the system does not tell, or the thread has ended.
    #[must_use]
    pub fn read(self) -> Duration {
        self.0.and_then(on_processor).unwrap_or_default()
    }

    /// The clock of the thread that asks.
    #[must_use]
    pub fn own() -> Self {
        Self(own_id())
    }
}

#[cfg(target_os = "linux")]
fn own_id() -> Option<i32> {
    Some(rustix::thread::gettid().as_raw_nonzero().get())
}

#[cfg(not(target_os = "linux"))]
fn own_id() -> Option<i32> {
    None
}

/// The first number of `schedstat`: nanoseconds on a processor. Source: Documentation/scheduler/sched-stats.rst.
fn on_processor(thread: i32) -> Option<Duration> {
    let text = fs::read_to_string(format!("/proc/self/task/{thread}/schedstat")).ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}
