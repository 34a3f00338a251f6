//! When a thread stood still: because it was told to, or because the machine had no time for it.
//!
//! What nobody could do in time says nothing about the servers, and a test that does not know it blames them. So each thread
//! that counts looks at the clock all the time, and how late it is at that is how late it is at everything.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::{story::pass, world::now};

/// Of one thread, from when to when.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standstills(Arc<Mutex<Vec<(Instant, Instant)>>>);

impl Standstills {
    /// Looks at the thread that this runs on, until it is dropped.
    pub(crate) async fn watch(self) {
        let mut last = now();
        loop {
            pass(TICK_MILLIS).await;
            let woken = now();
            if woken - last > 2 * Duration::from_millis(TICK_MILLIS) {
                self.note(last, woken);
            }
            last = woken;
        }
    }

    pub(crate) fn note(&self, begin: Instant, end: Instant) {
        self.0.lock().unwrap().push((begin, end));
    }

    /// How much of that time it stood still.
    pub(crate) fn within(&self, from: Instant, to: Instant) -> Duration {
        let mut all = self.0.lock().unwrap().clone();
        all.sort_unstable();
        let (mut sum, mut seen) = (Duration::ZERO, from);
        for (begin, end) in all {
            let end = end.min(to);
            sum += end.saturating_duration_since(begin.max(seen));
            seen = seen.max(end);
        }
        sum
    }

    /// When it went on, if it stood still at that moment; otherwise that moment.
    pub(crate) fn end_of(&self, moment: Instant) -> Instant {
        let all = self.0.lock().unwrap();
        let before = all.iter().filter(|(begin, _)| *begin <= moment);
        before.map(|(_, end)| *end).fold(moment, Instant::max)
    }
}

/// A thread with nothing else to do is less late than this.
const TICK_MILLIS: u64 = 10;

#[test]
fn what_overlaps_counts_once() {
    let start = now();
    let at = |millis| start + Duration::from_millis(millis);
    let standstills = Standstills::default();
    for (begin, end) in [(30, 60), (10, 20), (40, 50), (55, 70)] {
        standstills.note(at(begin), at(end));
    }
    assert_eq!(standstills.within(at(0), at(100)), Duration::from_millis(50));
    assert_eq!(standstills.within(at(15), at(45)), Duration::from_millis(20));
    assert_eq!(standstills.within(at(45), at(15)), Duration::ZERO);
    assert_eq!(standstills.end_of(at(5)), at(5));
    assert_eq!(standstills.end_of(at(45)), at(60));
}
