//! The one thread that writes.
//!
//! **Invariant.** What waits to be written is bounded, in number and in bytes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::mpsc::{self, error::TrySendError};

use super::{
    StoreError,
    core::{Core, Job},
    thread::Thread,
};

/// What to do when the queue of jobs is full.
#[derive(Clone, Copy, Debug)]
pub(super) enum Admission {
    /// Say so at once: the caller has a client who can come again.
    Refuse,
    /// Wait for room: the work is already accepted.
    Wait,
}

/// Hands jobs to the writing thread. When this is dropped the thread commits what it was given, and ends.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
    waiting_bytes: Arc<AtomicUsize>,
    _thread: Thread,
}

impl Writer {
    pub(super) fn start(core: Core) -> Result<Self, StoreError> {
        let (jobs, waiting) = mpsc::channel(MAX_WAITING);
        let waiting_bytes = Arc::new(AtomicUsize::new(0));
        let bytes = Arc::clone(&waiting_bytes);
        let thread = Thread::start("sqlite-writer", move || run(core, waiting, &bytes))?;
        Ok(Self { jobs, waiting_bytes, _thread: thread })
    }

    pub(super) async fn send(
        &self,
        admission: Admission,
        job: Box<dyn Job>,
    ) -> Result<(), StoreError> {
        let size = job.size();
        let waiting = self.waiting_bytes.fetch_add(size, Ordering::Relaxed);
        let sent = match admission {
            Admission::Wait => self.jobs.send(job).await.map_err(|_| ended()),
            // One job alone is taken, however large: its size was limited before.
            Admission::Refuse
                if waiting > 0 && waiting.saturating_add(size) > MAX_WAITING_BYTES =>
            {
                Err(StoreError::Busy)
            }
            Admission::Refuse => self.jobs.try_send(job).map_err(|error| match error {
                TrySendError::Full(_) => StoreError::Busy,
                TrySendError::Closed(_) => ended(),
            }),
        };
        if sent.is_err() {
            self.waiting_bytes.fetch_sub(size, Ordering::Relaxed);
        }
        sent
    }

    /// Returns when the thread has ended.
    pub(super) async fn ended(&self) {
        self.jobs.closed().await;
    }
}

/// What is said of a thread that is no more.
pub(super) fn ended() -> StoreError {
    StoreError::Engine("the writing thread has ended".to_owned())
}

fn run(mut core: Core, mut waiting: mpsc::Receiver<Box<dyn Job>>, waiting_bytes: &AtomicUsize) {
    let mut last = 0;
    while let Some(first) = waiting.blocking_recv() {
        // A commit costs the processor as much as a few deliveries, whatever is in it.
        if last >= BUSY {
            linger(&waiting);
        }
        let mut batch = Batch::default();
        batch.add(first);
        while !batch.is_full() {
            let next = match waiting.try_recv() {
                Ok(job) => Some(job),
                Err(_) if batch.is_urgent => None,
                Err(_) => recv_until(&mut waiting, *batch.until.get_or_insert_with(later)),
            };
            match next {
                Some(job) => batch.add(job),
                None => break,
            }
        }
        last = batch.jobs.len();
        core.run(batch.jobs);
        core.look_at_log();
        waiting_bytes.fetch_sub(batch.bytes, Ordering::Relaxed);
    }
}

/// What shares a commit.
#[derive(Default)]
struct Batch {
    jobs: Vec<Box<dyn Job>>,
    bytes: usize,
    /// Somebody waits for it.
    is_urgent: bool,
    /// How long it waits for something urgent.
    until: Option<Instant>,
}

impl Batch {
    fn add(&mut self, job: Box<dyn Job>) {
        self.bytes = self.bytes.saturating_add(job.size());
        self.is_urgent |= job.is_urgent();
        self.jobs.push(job);
    }

    fn is_full(&self) -> bool {
        self.jobs.len() >= MAX_BATCH || self.bytes >= MAX_BATCH_BYTES
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a thread of the engine, which simulations do not have"
)]
fn later() -> Instant {
    Instant::now() + PATIENCE
}

/// Sleeps as long as more and more jobs come, so that fewer commits leave more of the processor for the rest; not where all
/// wait for this one.
#[expect(
    clippy::disallowed_methods,
    reason = "a thread of the engine, which simulations do not have"
)]
fn linger(waiting: &mpsc::Receiver<Box<dyn Job>>) {
    let mut before = waiting.len();
    for _ in 0..LOOKS {
        thread::sleep(LOOK);
        let now = waiting.len();
        if now == before || now >= ENOUGH {
            break;
        }
        before = now;
    }
}

/// The next job; none once it is `until`, or where there will be none.
#[expect(
    clippy::disallowed_methods,
    reason = "a thread of the engine, which simulations do not have"
)]
fn recv_until(waiting: &mut mpsc::Receiver<Box<dyn Job>>, until: Instant) -> Option<Box<dyn Job>> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(job) = waiting.poll_recv(&mut context) {
            return job;
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        thread::park_timeout(left);
    }
}

struct Unpark(thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// How long a job that nobody waits for may wait for one to share a commit with. What is lost meanwhile by a crash is done
/// again.
const PATIENCE: Duration = Duration::from_millis(10);
/// Jobs in a commit from which on the next one waits for more.
const BUSY: usize = 32;
/// Jobs that are worth a commit at once.
const ENOUGH: usize = 128;
const LOOK: Duration = Duration::from_micros(150);
/// A millisecond in all, for the first that waits.
const LOOKS: usize = 6;
/// Jobs that may wait; beyond, callers are told to come again.
const MAX_WAITING: usize = 4096;
const MAX_WAITING_BYTES: usize = 32 << 20;
/// Jobs in one commit: enough to share its cost, few enough that the first does not wait long for the last.
const MAX_BATCH: usize = 512;
const MAX_BATCH_BYTES: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use hookseal::Timestamp;
    use rusqlite::Connection;
    use tokio::sync::oneshot;

    use super::*;
    use crate::store::{
        DeliveryKey, EndpointKey, EventKey, KeyMint,
        sqlite::{
            core::{Kind, Work},
            transaction::{Memory, Transaction},
        },
    };

    struct Counter(Writer);

    impl Counter {
        fn start() -> Self {
            let connection = Connection::open_in_memory().unwrap();
            connection.execute_batch("CREATE TABLE t (n INTEGER UNIQUE); CREATE TABLE claim (key INTEGER, deliveries BLOB)").unwrap();
            let core = Core {
                connection,
                memory: Memory::default(),
                intake: Arc::new(OnceLock::new()),
                mint: Arc::new(KeyMint::new(0, 0)),
                checkpointer: None,
                runtime: None,
            };
            Self(Writer::start(core).unwrap())
        }

        async fn run<T: Send + 'static>(
            &self,
            kind: Kind,
            work: impl FnMut(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
        ) -> Result<T, StoreError> {
            self.sized(kind, Admission::Wait, 0, work).await
        }

        async fn sized<T: Send + 'static>(
            &self,
            kind: Kind,
            admission: Admission,
            size: usize,
            work: impl FnMut(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
        ) -> Result<T, StoreError> {
            let (job, answered) = Work::boxed(kind, size, work);
            self.0.send(admission, job).await?;
            answered.await.map_err(|_| ended())?
        }

        /// Holds the thread up, so that what comes meanwhile is one batch.
        async fn gate(&self) -> std::sync::mpsc::Sender<()> {
            let (open, gate) = std::sync::mpsc::channel();
            let (started, running) = oneshot::channel();
            let mut started = Some(started);
            let (job, _) = Work::boxed(Kind::Guarded, 0, move |_| {
                let _ = started.take().map(|started| started.send(()));
                let _ = gate.recv();
                Ok(())
            });
            self.0.send(Admission::Wait, job).await.unwrap();
            running.await.unwrap();
            open
        }

        async fn count(&self) -> i64 {
            let sql = "SELECT count(*) FROM t";
            let count =
                |t: &mut Transaction<'_>| Ok(t.connection.query_row(sql, [], |row| row.get(0))?);
            self.run(Kind::Guarded, count).await.unwrap()
        }
    }

    fn insert(transaction: &Transaction<'_>, n: i64) -> Result<(), StoreError> {
        transaction.connection.execute("INSERT INTO t VALUES (?1)", [n])?;
        Ok(())
    }

    #[tokio::test]
    async fn a_failing_job_leaves_nothing_and_spoils_no_other() {
        let writer = Counter::start();
        for kind in [Kind::Guarded, Kind::Plain] {
            let before = writer.count().await;
            let gate = writer.gate().await;
            let good = |n| writer.run(kind, move |t| insert(t, n));
            let half_way = writer.run(kind, |t| {
                insert(t, 7)?;
                insert(t, 7)
            });
            let open = async { gate.send(()).unwrap() };
            let (first, failed, second, ()) =
                tokio::join!(good(before + 1), half_way, good(before + 2), open);
            assert!(first.is_ok() && second.is_ok());
            assert!(failed.is_err());
            assert_eq!(writer.count().await, before + 2);
        }
    }

    #[tokio::test]
    async fn jobs_go_on_after_the_engine_gave_the_transaction_up() {
        let writer = Counter::start();
        let gate = writer.gate().await;
        let before = writer.run(Kind::Guarded, |t| insert(t, 1));
        let rolls_back = writer.run(Kind::Guarded, |t| {
            t.connection.execute_batch("ROLLBACK")?;
            Err::<(), _>(StoreError::Engine("disk full".to_owned()))
        });
        let after = writer.run(Kind::Plain, |t| insert(t, 2));
        let open = async { gate.send(()).unwrap() };
        let (before, rolled_back, after, ()) = tokio::join!(before, rolls_back, after, open);
        assert!(rolled_back.is_err());
        assert!(before.is_ok() && after.is_ok());
        assert_eq!(writer.count().await, 2);
    }

    #[tokio::test]
    async fn what_nobody_waits_for_goes_with_what_is_urgent_or_alone() {
        let writer = Counter::start();
        let claim = |n| {
            move |t: &mut Transaction<'_>| {
                let delivery = DeliveryKey { endpoint: EndpointKey(n), event: EventKey(n) };
                Ok(t.claim(delivery, false, Timestamp::from_millis(0)))
            }
        };
        let alone = writer.run(Kind::Deferred, claim(1)).await.unwrap();
        let (deferred, urgent) =
            tokio::join!(writer.run(Kind::Deferred, claim(2)), writer.run(Kind::Plain, claim(3)));
        let (deferred, urgent) = (deferred.unwrap(), urgent.unwrap());
        assert_eq!(deferred, urgent);
        assert_ne!(alone, deferred);
    }

    #[tokio::test]
    async fn a_job_that_panics_ends_the_thread_and_that_shows() {
        let writer = Counter::start();
        let panics = |_: &mut Transaction<'_>| -> Result<(), StoreError> { panic!("on purpose") };
        assert!(writer.run(Kind::Plain, panics).await.is_err());
        writer.0.ended().await;
        assert!(writer.run(Kind::Plain, |_| Ok(())).await.is_err());
    }

    #[tokio::test]
    async fn a_full_queue_refuses_new_work_and_keeps_what_it_has() {
        let writer = Counter::start();
        let gate = writer.gate().await;
        let mut answers = Vec::new();
        for n in 0..i64::try_from(MAX_WAITING).unwrap() {
            let (job, answered) = Work::boxed(Kind::Plain, 1, move |t| insert(t, n));
            writer.0.send(Admission::Refuse, job).await.unwrap();
            answers.push(answered);
        }
        let refused = writer.sized(Kind::Plain, Admission::Refuse, 1, |_| Ok(())).await;
        assert!(matches!(refused, Err(StoreError::Busy)));
        gate.send(()).unwrap();
        for answer in answers {
            answer.await.unwrap().unwrap();
        }
        assert_eq!(writer.count().await, i64::try_from(MAX_WAITING).unwrap());
    }

    #[tokio::test]
    async fn what_waits_is_limited_in_bytes() {
        let writer = Counter::start();
        let gate = writer.gate().await;
        let (job, _answered) = Work::boxed(Kind::Plain, MAX_WAITING_BYTES - 10, |_| Ok(()));
        writer.0.send(Admission::Refuse, job).await.unwrap();
        let refused = writer.sized(Kind::Plain, Admission::Refuse, 11, |_| Ok(())).await;
        assert!(matches!(refused, Err(StoreError::Busy)));
        let (taken, more, ()) = tokio::join!(
            writer.sized(Kind::Plain, Admission::Refuse, 10, |_| Ok(())),
            writer.sized(Kind::Plain, Admission::Wait, 11, |_| Ok(())),
            async { gate.send(()).unwrap() }
        );
        assert!(taken.is_ok() && more.is_ok());
        // Given back a moment after the answers; a write that comes then is one more batch.
        while writer.0.waiting_bytes.load(Ordering::Relaxed) > 0 {
            writer.count().await;
        }
        assert!(
            writer
                .sized(Kind::Plain, Admission::Refuse, MAX_WAITING_BYTES * 2, |_| Ok(()))
                .await
                .is_ok()
        );
    }
}
