//! The time that all nodes go by: the database's.
//!
//! What one node writes down another acts on. A node whose clock is wrong would send before the moment that a receiver asked
//! for, or run through a whole schedule at once. So each asks the database what time it is, with every heartbeat, and counts
//! on from there by its own [`Clock::elapsed`], which nobody sets.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use hookseal::Timestamp;

use super::{fault::Fault, session::Session};
use crate::clock::{self, Clock};

/// The clock of a database, as this node knows it.
#[derive(Debug)]
pub struct DatabaseClock {
    own: Arc<dyn Clock>,
    /// What it showed when `own` began to count, in milliseconds.
    start: AtomicI64,
}

impl DatabaseClock {
    /// Asks for the time once.
    pub(super) async fn read(session: &Session, own: Arc<dyn Clock>) -> Result<Self, Fault> {
        let clock = Self { own, start: AtomicI64::new(i64::MIN) };
        let asked = clock.own.elapsed();
        let row = session.optional(NOW, &[]).await?;
        let millis = row.map(|row| row.try_get(0)).transpose()?.unwrap_or_default();
        clock.set(millis, asked);
        let off = clock.now().as_millis().saturating_sub(clock.own.now().as_millis());
        if off.abs() > NOTABLE_MILLIS {
            tracing::warn!(
                database_is_ahead_by_ms = off,
                "this machine's clock is not the database's, which counts"
            );
        }
        Ok(clock)
    }

    /// The database said this time, when it was asked at that moment of `own`. What the way of the answer explains is no
    /// difference.
    pub(super) fn set(&self, millis: i64, asked: Duration) {
        let answered = self.own.elapsed();
        let way = whole_millis(answered.saturating_sub(asked)) / 2 + 1;
        let start = millis.saturating_add(way - 1).saturating_sub(whole_millis(answered));
        let before = self.start.load(Ordering::Relaxed);
        if start.saturating_sub(before).saturating_abs() > way {
            self.start.store(start, Ordering::Relaxed);
        }
    }
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        let start = self.start.load(Ordering::Relaxed);
        Timestamp::from_millis(start.saturating_add(whole_millis(self.elapsed())))
    }

    fn elapsed(&self) -> Duration {
        self.own.elapsed()
    }

    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(clock::sleep_in_slices(self, at, MAX_SLICE))
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.own.sleep(time)
    }
}

fn whole_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

const NOW: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
/// How long it sleeps before it looks again: a heartbeat may have set it.
const MAX_SLICE: Duration = Duration::from_secs(3);
/// From which difference on an operator is told.
const NOTABLE_MILLIS: i64 = 1000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn follows_the_database_and_not_what_the_way_of_an_answer_explains() {
        let own = Arc::new(ManualClock::new(Timestamp::from_seconds(0)));
        let clock =
            DatabaseClock { own: Arc::<ManualClock>::clone(&own), start: AtomicI64::new(i64::MIN) };
        clock.set(1_000_000, Duration::ZERO);
        assert_eq!(clock.now().as_millis(), 1_000_000);
        own.advance(Duration::from_secs(5));
        assert_eq!(clock.now().as_millis(), 1_005_000);
        // The answer took 200 ms: the database's clock is not 80 ms behind.
        let asked = clock.elapsed();
        own.advance(Duration::from_millis(200));
        clock.set(1_005_020, asked);
        assert_eq!(clock.now().as_millis(), 1_005_200);
        // Somebody set it back.
        let asked = clock.elapsed();
        clock.set(900_000, asked);
        assert_eq!(clock.now().as_millis(), 900_000);
    }
}
