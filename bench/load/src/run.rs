//! One run of events: which were sent, accepted and delivered, and how long it took.
//!
//! **Invariants.** An event has its number in its id, and goes to the endpoint that follows from the number. Memory is
//! taken once, for as many events as the run may have. Latency is counted from the moment at which an event was *to be*
//! sent, so that a sender that falls behind its schedule does not hide what it waited for.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU16, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use crate::{error::Error, latency::Latency};

/// Shared by the sender and the receiver.
#[derive(Debug)]
pub struct Run {
    tag: u32,
    begun: Instant,
    fan_out: FanOut,
    targets: Vec<Target>,
    events: Vec<Event>,
    /// Per delivery, how often it came.
    arrivals: Vec<AtomicU16>,
    /// Events that were due so far, so that nobody looks further.
    used: AtomicUsize,
    expected: AtomicU64,
    arrived: AtomicU64,
    last_arrival: AtomicU64,
    astray: AtomicU64,
    unhealthy: AtomicU64,
    shards: Vec<Mutex<Latency>>,
    progress: Notify,
}

/// Which endpoints an event goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FanOut {
    /// To all endpoints of the run.
    All,
    /// To one: the endpoints take turns.
    One,
}

/// An endpoint in a run.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its number at the receiver.
    pub endpoint: usize,
    /// Whether it takes what it is sent; if not, nothing is expected to arrive.
    pub healthy: bool,
}

/// How it ended.
#[derive(Clone, Debug)]
pub struct Arrivals {
    /// First deliveries to healthy endpoints.
    pub delivered: u64,
    /// Accepted for healthy endpoints, and not delivered.
    pub lost: u64,
    /// Deliveries to healthy endpoints beyond the first.
    pub duplicates: u64,
    /// Delivered to another endpoint than was meant, or unknown.
    pub astray: u64,
    /// Requests that endpoints got which did not take them.
    pub unhealthy: u64,
    /// From the beginning to the last first delivery.
    pub until_last: Duration,
    /// From schedule to arrival, of first deliveries to healthy endpoints.
    pub latency: Latency,
}

#[derive(Debug, Default)]
struct Event {
    /// Nanoseconds after the beginning.
    due: AtomicU64,
    accepted: AtomicBool,
}

impl Run {
    /// A run of at most `capacity` events. `tag` tells its ids from those of other runs, `shards` is the number of
    /// threads that will report arrivals.
    ///
    /// # Errors
    /// Without targets.
    pub fn new(
        tag: u32,
        targets: Vec<Target>,
        fan_out: FanOut,
        capacity: usize,
        shards: usize,
    ) -> Result<Self, Error> {
        if targets.is_empty() {
            return Err(Error::new("a run needs at least one endpoint"));
        }
        let deliveries = capacity * if fan_out == FanOut::All { targets.len() } else { 1 };
        Ok(Self {
            tag,
            fan_out,
            targets,
            events: (0..capacity).map(|_| Event::default()).collect(),
            arrivals: (0..deliveries).map(|_| AtomicU16::new(0)).collect(),
            expected: AtomicU64::new(0),
            arrived: AtomicU64::new(0),
            last_arrival: AtomicU64::new(0),
            astray: AtomicU64::new(0),
            unhealthy: AtomicU64::new(0),
            shards: (0..shards)
                .map(|_| Latency::new().map(Mutex::new))
                .collect::<Result<_, _>>()?,
            progress: Notify::new(),
            used: AtomicUsize::new(0),
            // Last: the memory for many events takes its time.
            begun: Instant::now(),
        })
    }

    /// The most events it can have.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.events.len()
    }

    /// Since it began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// The id of an event, always of the same length.
    pub fn write_id(&self, event: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("ld_{:08x}_{event:08x}", self.tag).as_bytes());
    }

    /// The position among the targets of the endpoint that an event goes to; with [`FanOut::All`], of the first.
    #[must_use]
    pub fn position(&self, event: usize) -> usize {
        match self.fan_out {
            FanOut::All => 0,
            FanOut::One => event % self.targets.len(),
        }
    }

    /// Says when an event is to be sent, before it is.
    pub fn due(&self, event: usize, after: Duration) {
        if let Some(entry) = self.events.get(event) {
            entry.due.store(nanos(after), Ordering::Release);
            self.used.fetch_max(event + 1, Ordering::AcqRel);
        }
    }

    /// The server has it.
    pub fn accepted(&self, event: usize) {
        if let Some(entry) = self.events.get(event) {
            entry.accepted.store(true, Ordering::Relaxed);
            let expected = self.deliveries(event).filter(|(_, healthy)| *healthy).count() as u64;
            self.expected.fetch_add(expected, Ordering::AcqRel);
        }
    }

    /// A delivery is here, whole. `shard` is the number of the thread that got it.
    pub fn arrived(&self, id: &str, endpoint: usize, shard: usize) {
        let now = self.begun.elapsed();
        let Some((event, position)) = self.find(id, endpoint) else {
            self.astray.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let (Some(entry), Some(target)) = (self.events.get(event), self.targets.get(position))
        else {
            return;
        };
        if !target.healthy {
            self.unhealthy.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let index = self.index(event, position);
        let earlier = self.arrivals.get(index).map(|count| count.fetch_add(1, Ordering::AcqRel));
        if earlier != Some(0) {
            return;
        }
        let due = Duration::from_nanos(entry.due.load(Ordering::Acquire));
        if let Some(latency) = self.shards.get(shard) {
            let mut latency = latency.lock().unwrap_or_else(PoisonError::into_inner);
            latency.record(now.saturating_sub(due));
        }
        self.last_arrival.fetch_max(nanos(now), Ordering::Relaxed);
        self.arrived.fetch_add(1, Ordering::AcqRel);
        self.progress.notify_waiters();
    }

    /// Deliveries to healthy endpoints so far.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.arrived.load(Ordering::Acquire)
    }

    /// Waits until that many deliveries to healthy endpoints have come.
    pub async fn reached(&self, deliveries: u64) {
        loop {
            let progress = self.progress.notified();
            let mut progress = std::pin::pin!(progress);
            // From here on no notification is missed.
            progress.as_mut().enable();
            if self.delivered() >= deliveries {
                return;
            }
            progress.await;
        }
    }

    /// Whether all has arrived that was accepted.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.delivered() >= self.expected.load(Ordering::Acquire) && self.lost() == 0
    }

    /// Counts what came.
    ///
    /// # Errors
    /// Never: all histograms have the same bounds.
    pub fn arrivals(&self) -> Result<Arrivals, Error> {
        let mut latency = Latency::new()?;
        for shard in &self.shards {
            latency.add(&shard.lock().unwrap_or_else(PoisonError::into_inner))?;
        }
        let beyond = |count: &AtomicU16| u64::from(count.load(Ordering::Acquire).saturating_sub(1));
        Ok(Arrivals {
            delivered: self.delivered(),
            lost: self.lost(),
            duplicates: self.arrivals.iter().map(beyond).sum(),
            astray: self.astray.load(Ordering::Acquire),
            unhealthy: self.unhealthy.load(Ordering::Acquire),
            until_last: Duration::from_nanos(self.last_arrival.load(Ordering::Acquire)),
            latency,
        })
    }

    fn lost(&self) -> u64 {
        let mut lost = 0;
        for (event, entry) in self.events.iter().take(self.used.load(Ordering::Acquire)).enumerate()
        {
            if entry.accepted.load(Ordering::Relaxed) {
                let missing = |&(index, healthy): &(usize, bool)| {
                    let count = self.arrivals.get(index).map(|count| count.load(Ordering::Acquire));
                    healthy && count == Some(0)
                };
                lost += self.deliveries(event).filter(missing).count() as u64;
            }
        }
        lost
    }

    /// The deliveries of an event: their index, and whether they go to a healthy endpoint.
    fn deliveries(&self, event: usize) -> impl Iterator<Item = (usize, bool)> {
        let first = self.position(event);
        let count = if self.fan_out == FanOut::All { self.targets.len() } else { 1 };
        let targets = self.targets.iter().enumerate().skip(first).take(count);
        targets.map(move |(position, target)| (self.index(event, position), target.healthy))
    }

    fn index(&self, event: usize, position: usize) -> usize {
        match self.fan_out {
            FanOut::All => event * self.targets.len() + position,
            FanOut::One => event,
        }
    }

    /// The event of an id, and the position of the endpoint, if it was meant for that.
    fn find(&self, id: &str, endpoint: usize) -> Option<(usize, usize)> {
        let (tag, event) = id.strip_prefix("ld_")?.split_once('_')?;
        if u32::from_str_radix(tag, 16) != Ok(self.tag) {
            return None;
        }
        let event = usize::from_str_radix(event, 16).ok()?;
        let position = match self.fan_out {
            FanOut::All => self.targets.iter().position(|target| target.endpoint == endpoint)?,
            FanOut::One => self.position(event),
        };
        let meant = self.targets.get(position)?.endpoint == endpoint;
        (meant && event < self.events.len()).then_some((event, position))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(fan_out: FanOut) -> Run {
        let targets = [(4, true), (5, false)]
            .map(|(endpoint, healthy)| Target { endpoint, healthy })
            .to_vec();
        Run::new(7, targets, fan_out, 4, 1).unwrap()
    }

    fn id(run: &Run, event: usize) -> String {
        let mut id = Vec::new();
        run.write_id(event, &mut id);
        String::from_utf8(id).unwrap()
    }

    #[test]
    fn endpoints_take_turns_and_everything_is_counted() {
        let run = run(FanOut::One);
        for event in 0..4 {
            run.due(event, Duration::ZERO);
            run.accepted(event);
        }
        assert!(!run.is_complete());
        run.arrived(&id(&run, 0), 4, 0);
        run.arrived(&id(&run, 0), 4, 0);
        run.arrived(&id(&run, 1), 5, 0);
        for (wrong, endpoint) in
            [(id(&run, 0), 5), ("ld_00000008_0".to_owned(), 4), (String::new(), 4)]
        {
            run.arrived(&wrong, endpoint, 0);
        }
        let so_far = run.arrivals().unwrap();
        assert_eq!((so_far.delivered, so_far.lost, so_far.duplicates), (1, 1, 1));
        assert_eq!((so_far.astray, so_far.unhealthy), (3, 1));
        run.arrived(&id(&run, 2), 4, 0);
        assert!(run.is_complete());
        assert_eq!(run.arrivals().unwrap().latency.quantiles().count, 2);
    }

    #[test]
    fn with_fan_out_each_healthy_endpoint_must_get_each_event() {
        let run = run(FanOut::All);
        run.due(3, Duration::ZERO);
        run.accepted(3);
        run.arrived(&id(&run, 3), 5, 0);
        assert_eq!(run.arrivals().unwrap().lost, 1);
        run.arrived(&id(&run, 3), 4, 0);
        assert!(run.is_complete());
        assert_eq!(run.arrivals().unwrap().unhealthy, 1);
    }
}
