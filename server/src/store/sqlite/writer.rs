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
    let mut put_off = Batch::default();
    while let Some(batch) = next_batch(&mut waiting, &mut put_off, last) {
        last = batch.jobs.len();
        core.run(batch.jobs);
        core.look_at_log();
        waiting_bytes.fetch_sub(batch.bytes, Ordering::Relaxed);
    }
}

/// What shares the next commit; none once nothing is left and nobody is there to bring more. What nobody waits for is put off
/// until there is much of it or it has waited for long: it lies in the same few pages then, and keeps the others up once.
fn next_batch(
    waiting: &mut mpsc::Receiver<Box<dyn Job>>,
    put_off: &mut Batch,
    last: usize,
) -> Option<Batch> {
    let mut batch = Batch::default();
    while batch.jobs.is_empty() && !put_off.is_due(now()) {
        let job = match put_off.until {
            None => Some(waiting.blocking_recv()?),
            Some(until) => recv_until(waiting, until),
        };
        // Otherwise it is time for what was put off, or nothing more will come.
        let Some(job) = job else { break };
        if job.is_urgent() { &mut batch } else { &mut *put_off }.add(job);
    }
    // A commit costs the processor as much as a few deliveries, whatever is in it.
    if last >= BUSY && !batch.jobs.is_empty() {
        linger(waiting);
    }
    while !batch.is_full()
        && !put_off.is_full()
        && let Ok(job) = waiting.try_recv()
    {
        if job.is_urgent() { &mut batch } else { &mut *put_off }.add(job);
    }
    // Somewhat early, rather than soon in a commit of its own.
    if batch.jobs.is_empty() || batch.looks_back || put_off.is_due(now() + PATIENCE / 2) {
        put_off.append(batch);
        return Some(std::mem::take(put_off));
    }
    Some(batch)
}

/// Jobs for a commit.
#[derive(Default)]
struct Batch {
    jobs: Vec<Box<dyn Job>>,
    bytes: usize,
    /// When the first of those is due that nobody waits for.
    until: Option<Instant>,
    /// Whether what was put off has to be done first.
    looks_back: bool,
}

impl Batch {
    fn add(&mut self, job: Box<dyn Job>) {
        if !job.is_urgent() {
            self.until.get_or_insert_with(|| now() + PATIENCE);
        }
        self.looks_back |= job.looks_back();
        self.bytes = self.bytes.saturating_add(job.size());
        self.jobs.push(job);
    }

    fn append(&mut self, other: Self) {
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.jobs.extend(other.jobs);
    }

    fn is_full(&self) -> bool {
        self.jobs.len() >= MAX_BATCH || self.bytes >= MAX_BATCH_BYTES
    }

    /// Whether what nobody waits for has waited for long, or there is much of it.
    fn is_due(&self, now: Instant) -> bool {
        self.jobs.len() >= MUCH || self.until.is_some_and(|until| until <= now)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a thread of the engine, which simulations do not have"
)]
fn now() -> Instant {
    Instant::now()
}

/// Sleeps as long as more and more jobs come, so that fewer commits leave more of the processor for the rest; not where all
/// wait for this one, nor where there are enough.
#[expect(
    clippy::disallowed_methods,
    reason = "a thread of the engine, which simulations do not have"
)]
fn linger(waiting: &mpsc::Receiver<Box<dyn Job>>) {
    let mut before = waiting.len();
    for _ in 0..LOOKS {
        if before >= ENOUGH {
            break;
        }
        thread::sleep(LOOK);
        let now = waiting.len();
        if now == before {
            break;
        }
        before = now;
    }
}

/// The next job; none once it is `until`, or where there will be none.
fn recv_until(waiting: &mut mpsc::Receiver<Box<dyn Job>>, until: Instant) -> Option<Box<dyn Job>> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(job) = waiting.poll_recv(&mut context) {
            return job;
        }
        let left = until.saturating_duration_since(now());
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

/// How long a job that nobody waits for may wait for others to share a commit with. What is lost meanwhile by a crash is done
/// again.
const PATIENCE: Duration = Duration::from_millis(10);
/// Jobs that nobody waits for and that are worth their place in a commit.
const MUCH: usize = 256;
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
    async fn what_nobody_waits_for_is_done_together_and_with_others_where_it_is_much() {
        let writer = Counter::start();
        let claim = |n| {
            move |t: &mut Transaction<'_>| {
                let delivery = DeliveryKey { endpoint: EndpointKey(n), event: EventKey(n) };
                Ok(t.claim(delivery, false, Timestamp::from_millis(0)))
            }
        };
        let alone = writer.run(Kind::Deferred, claim(0)).await.unwrap();
        let gate = writer.gate().await;
        let (one, other, ()) = tokio::join!(
            writer.run(Kind::Deferred, claim(1)),
            writer.run(Kind::Deferred, claim(2)),
            async { gate.send(()).unwrap() }
        );
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!(one, other);
        assert_ne!(alone, one);
        // More than once around: what was put off is not put off again.
        for round in 1..=2 {
            let gate = writer.gate().await;
            let first = round * 10_000;
            let mut many = Vec::new();
            for n in (first..).take(MUCH) {
                let (job, answered) = Work::boxed(Kind::Deferred, 0, claim(n));
                writer.0.send(Admission::Wait, job).await.unwrap();
                many.push(answered);
            }
            let (urgent, ()) = tokio::join!(writer.run(Kind::Plain, claim(first - 1)), async {
                gate.send(()).unwrap();
            });
            let urgent = urgent.unwrap();
            for claim in many {
                assert_eq!(claim.await.unwrap().unwrap(), urgent);
            }
        }
    }

    #[tokio::test]
    async fn who_looks_sees_what_was_put_off_before() {
        let writer = Counter::start();
        for n in 1..=3 {
            let gate = writer.gate().await;
            let open = async { gate.send(()).unwrap() };
            let put_off = writer.run(Kind::Deferred, move |t| insert(t, n));
            let (put_off, seen, ()) = tokio::join!(put_off, writer.count(), open);
            put_off.unwrap();
            assert_eq!(seen, n);
        }
    }

    #[test]
    fn what_is_put_off_is_due_once_it_waited_for_long_or_is_much() {
        let job = || Work::boxed(Kind::Deferred, 1, |_| Ok(())).0;
        let mut put_off = Batch::default();
        put_off.add(job());
        let until = put_off.until.unwrap();
        put_off.add(job());
        assert_eq!(put_off.until, Some(until));
        assert!(!put_off.is_due(until - PATIENCE));
        assert!(put_off.is_due(until));
        (2..MUCH).for_each(|_| put_off.add(job()));
        assert!(put_off.is_due(until - PATIENCE));
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
