//! Time, passed in.
//!
//! **Invariant.** No other file of this package reads a clock or sleeps (`clippy.toml` forbids it), so that every
//! schedule can be tested without waiting.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use hookseal::Timestamp;
use tokio::sync::watch;

/// Where the server learns what time it is, and how it waits.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time of day.
    fn now(&self) -> Timestamp;

    /// Time since some fixed start that never goes back: for measuring durations.
    fn elapsed(&self) -> Duration;

    /// Returns once [`now`](Clock::now) has reached `at`.
    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;

    /// Returns after so much time, however the time of day is set meanwhile.
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let millis = i64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX);
        self.sleep_until(self.now().plus_millis(millis))
    }
}

/// The operating system's clock.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose [`elapsed`](Clock::elapsed) starts now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the replacement that the lint names")]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the replacement that the lint names")]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(sleep_in_slices(self, at, MAX_SLICE))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the replacement that the lint names")]
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(time))
    }
}

/// Sleeps until `clock` shows `at`, and looks at it once in a slice: it may be set meanwhile.
#[expect(clippy::disallowed_methods, reason = "this is the replacement that the lint names")]
pub(crate) async fn sleep_in_slices(clock: &dyn Clock, at: Timestamp, slice: Duration) {
    loop {
        let left = at.as_millis().saturating_sub(clock.now().as_millis());
        let Ok(left @ 1..) = u64::try_from(left) else { return };
        tokio::time::sleep(Duration::from_millis(left).min(slice)).await;
    }
}

/// A clock that moves only when a test moves it.
#[derive(Debug)]
pub struct ManualClock {
    start: Timestamp,
    millis: watch::Sender<i64>,
}

impl ManualClock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn new(start: Timestamp) -> Self {
        Self { start, millis: watch::Sender::new(start.as_millis()) }
    }

    /// Moves the clock forward and wakes whoever waited for it.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.millis.send_modify(|millis| *millis = millis.saturating_add(by));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(*self.millis.borrow())
    }

    fn elapsed(&self) -> Duration {
        let millis = self.now().as_millis().saturating_sub(self.start.as_millis());
        Duration::from_millis(u64::try_from(millis).unwrap_or_default())
    }

    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let mut changes = self.millis.subscribe();
        Box::pin(async move {
            // The sender lives as long as `self`, so waiting cannot fail.
            let _ = changes.wait_for(|millis| *millis >= at.as_millis()).await;
        })
    }
}

/// How long the system clock sleeps before it looks again.
const MAX_SLICE: Duration = Duration::from_secs(10);
