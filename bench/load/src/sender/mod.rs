//! Who sends events: as many as the server takes (closed loop), at a rate that does not care whether it can (open loop),
//! or one at a time.
//!
//! **Invariants.** In an open loop an event is due at a moment that was fixed before the run, and all latency counts from
//! there. Whatever happens, a run ends: events, time and each exchange are bounded.

mod events;
mod pacer;
mod worker;

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use tokio::{
    sync::Semaphore,
    task::{JoinSet, LocalSet},
};

pub use self::events::Events;
use crate::{
    error::{Context as _, Error},
    latency::Latency,
    process::ThreadClock,
    run::Run,
};

/// How much is sent.
#[derive(Clone, Debug)]
pub struct Load {
    /// When the next request goes out.
    pub pace: Pace,
    /// Connections to the server.
    pub connections: usize,
    /// Events in one request.
    pub batch: usize,
    /// Threads that send.
    pub threads: usize,
    /// How long to send.
    pub duration: Duration,
    /// The longest that a request may take.
    pub timeout: Duration,
}

/// When the next request goes out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Once the last one on the connection is answered.
    Closed {
        /// The most events that may be sent and not yet delivered; as many as there are otherwise.
        window: Option<u64>,
    },
    /// On a schedule of so many events per second.
    Open(f64),
    /// Once the last event was delivered, and so long after it.
    Step(Duration),
}

/// What was sent, and what the server said to it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Events that the server said it has.
    pub accepted: u64,
    /// Events that it refused for the moment (429, 503), each time they were.
    pub refused: u64,
    /// Events that went wrong, by what went wrong.
    pub failed: BTreeMap<String, u64>,
    /// The first answer that was not a success, for the person who wonders.
    pub first_failure: Option<String>,
    /// From when a request was due until it was answered.
    pub accept: Latency,
    /// How long it took to send all, from when the first was due.
    pub sending: Duration,
    /// The processor time of the threads that sent.
    pub cpu: Duration,
}

/// What workers share.
#[derive(Debug)]
struct Plan {
    load: Load,
    run: Arc<Run>,
    events: Events,
    address: SocketAddr,
    next: AtomicUsize,
    /// In an open loop: requests that are due.
    due: Semaphore,
}

/// Sends events until the load says that it is enough, or the run has no room for more.
///
/// # Errors
/// When the system gives no threads, or a batch is larger than the server takes.
pub fn send(
    load: &Load,
    events: Events,
    address: SocketAddr,
    run: &Arc<Run>,
) -> Result<Sent, Error> {
    events.check(load.batch)?;
    let plan = Arc::new(Plan {
        load: load.clone(),
        run: Arc::clone(run),
        events,
        address,
        next: AtomicUsize::new(0),
        due: Semaphore::new(0),
    });
    let begun = run.elapsed();
    let threads = load.threads.max(1);
    let mut senders = Vec::with_capacity(threads);
    for number in 0..threads {
        let plan = Arc::clone(&plan);
        let connections = load.connections.max(1);
        let share = connections / threads + usize::from(number < connections % threads);
        let work = move || work(&plan, share);
        senders.push(ThreadClock::spawn(&format!("sender-{number}"), work).context("sender")?.0);
    }
    let pacer = match load.pace {
        Pace::Open(rate) => Some(pacer::start(Arc::clone(&plan), rate).context("pacer")?),
        _ => None,
    };
    let mut sent = Sent::new()?;
    for sender in senders {
        sent.add(&joined(sender)?.context("sender")?)?;
    }
    if let Some(pacer) = pacer {
        sent.cpu += joined(pacer)?;
    }
    sent.sending = run.elapsed().saturating_sub(begun + load.pace.lead());
    Ok(sent)
}

impl Load {
    /// The most events that it can send, if there may be so many: in an open loop the schedule says how many.
    #[must_use]
    pub fn capacity(&self, events: usize) -> usize {
        match self.pace {
            Pace::Open(rate) => events.min((rate * self.duration.as_secs_f64()).floor() as usize),
            Pace::Closed { .. } | Pace::Step(_) => events,
        }
    }
}

impl Pace {
    /// From the beginning of a run until the first event is due.
    #[must_use]
    pub const fn lead(self) -> Duration {
        match self {
            Self::Open(_) => pacer::LEAD,
            Self::Closed { .. } | Self::Step(_) => Duration::ZERO,
        }
    }
}

impl Sent {
    fn new() -> Result<Self, Error> {
        Ok(Self {
            accepted: 0,
            refused: 0,
            failed: BTreeMap::new(),
            first_failure: None,
            accept: Latency::new()?,
            sending: Duration::ZERO,
            cpu: Duration::ZERO,
        })
    }

    fn add(&mut self, other: &Self) -> Result<(), Error> {
        self.accepted += other.accepted;
        self.refused += other.refused;
        for (what, count) in &other.failed {
            *self.failed.entry(what.clone()).or_default() += count;
        }
        if self.first_failure.is_none() {
            self.first_failure.clone_from(&other.first_failure);
        }
        self.cpu += other.cpu;
        self.accept.add(&other.accept)
    }

    fn failure(&mut self, what: String, events: u64, words: impl FnOnce() -> String) {
        *self.failed.entry(what).or_default() += events;
        self.first_failure.get_or_insert_with(words);
    }
}

impl Plan {
    /// The next events, or [`None`] at the end. Never half a batch.
    fn claim(&self) -> Option<std::ops::Range<usize>> {
        let first = self.next.fetch_add(self.load.batch, Ordering::AcqRel);
        let end = first.checked_add(self.load.batch)?;
        (end <= self.run.capacity()).then_some(first..end)
    }
}

fn work(plan: &Arc<Plan>, connections: usize) -> io::Result<Sent> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = LocalSet::new().block_on(&runtime, async {
        let mut workers = JoinSet::new();
        for _ in 0..connections {
            workers.spawn_local(worker::work(Arc::clone(plan)));
        }
        let mut sent = Sent::new().map_err(io::Error::other)?;
        while let Some(part) = workers.join_next().await {
            let part = part.map_err(io::Error::other)?.map_err(io::Error::other)?;
            sent.add(&part).map_err(io::Error::other)?;
        }
        Ok(sent)
    });
    outcome.map(|mut sent: Sent| {
        sent.cpu = ThreadClock::own().read();
        sent
    })
}

fn joined<T>(thread: JoinHandle<T>) -> Result<T, Error> {
    thread.join().map_err(|_| Error::new("a thread of the sender panicked"))
}
