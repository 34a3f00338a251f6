//! Time of a simulation: tokio's paused clock, which moves to the next timer when nothing else can run. It survives the
//! crashes of the server, each of which ends a runtime.

use std::{
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use hookseal::Timestamp;
use hookseal_server::clock::Clock;
use tokio::time::Instant;

#[derive(Debug)]
pub(crate) struct SimClock {
    /// The time of day when the runtime of now began, in milliseconds.
    base: i64,
    began: Instant,
    /// How far the time of day was set off by somebody.
    step: AtomicI64,
}

impl SimClock {
    /// To be made on the runtime that it tells the time of.
    #[expect(clippy::disallowed_methods, reason = "the clock of the simulation itself")]
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { base: now.as_millis(), began: Instant::now(), step: AtomicI64::new(0) }
    }

    /// Sets the time of day off, as an operator or NTP does.
    pub(crate) fn step(&self, millis: i64) {
        self.step.fetch_add(millis, Ordering::Relaxed);
    }

    #[expect(clippy::disallowed_methods, reason = "the clock of the simulation itself")]
    pub(crate) async fn pass(&self, millis: u64) {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.elapsed().as_millis()).unwrap();
        Timestamp::from_millis(self.base + passed + self.step.load(Ordering::Relaxed))
    }

    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            while let left @ 1.. = at.as_millis() - self.now().as_millis() {
                self.pass(u64::try_from(left).unwrap()).await;
            }
        })
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.pass(u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap()))
    }
}
