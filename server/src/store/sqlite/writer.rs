//! The one thread that writes, and its group commit.
//!
//! **Invariants.** A job's answer is given only after the commit that holds it. A job that fails takes nothing of its
//! own with it into the commit and spoils no other. The queue of jobs is bounded.

use std::{io, thread};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::StoreError;

/// What to do when the queue of jobs is full.
#[derive(Clone, Copy, Debug)]
pub(super) enum Admission {
    /// Say so at once: the caller has a client who can come again.
    Refuse,
    /// Wait for room: the work is already accepted.
    Wait,
}

/// Hands jobs to the writing thread. The thread ends when this is dropped.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

/// Runs in the transaction, or gets none when that could not begin; what it returns runs after the commit, with the
/// commit's outcome.
type Job = Box<dyn FnOnce(Option<&Connection>) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Result<(), String>) + Send>;

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (jobs, waiting) = mpsc::channel(QUEUE_LEN);
        thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || run(&connection, waiting))
            .map_err(|error: io::Error| {
                StoreError::Engine(format!("cannot start the writing thread: {error}"))
            })?;
        Ok(Self { jobs })
    }

    /// Runs `work` in a transaction shared with others and returns once that is on disk.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        admission: Admission,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let result = connection
                .ok_or_else(|| StoreError::Engine("sqlite: no transaction".to_owned()))
                .and_then(|connection| in_savepoint(connection, work));
            Box::new(move |committed: Result<(), String>| {
                // Who asked may have gone away; the work is done all the same.
                let _ = answer.send(committed.map_err(StoreError::Engine).and(result));
            })
        });
        let gone = || StoreError::Engine("the writing thread has ended".to_owned());
        match admission {
            Admission::Wait => self.jobs.send(job).await.map_err(|_| gone())?,
            Admission::Refuse => self.jobs.try_send(job).map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => StoreError::Busy,
                mpsc::error::TrySendError::Closed(_) => gone(),
            })?,
        }
        answered.await.map_err(|_| gone())?
    }

    /// Returns when the thread has ended.
    pub(super) async fn ended(&self) {
        self.jobs.closed().await;
    }
}

fn run(connection: &Connection, mut waiting: mpsc::Receiver<Job>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < MAX_BATCH
            && let Ok(job) = waiting.try_recv()
        {
            batch.push(job);
        }
        commit(connection, batch);
    }
}

/// Runs `batch` in one transaction, or in several when the engine gives one up half-way.
fn commit(connection: &Connection, batch: Vec<Job>) {
    let mut left = batch.into_iter();
    while left.len() > 0 {
        let begun = connection.execute_batch("BEGIN IMMEDIATE");
        let transaction = begun.is_ok().then_some(connection);
        let mut answers = Vec::with_capacity(left.len());
        for job in left.by_ref() {
            answers.push(job(transaction));
            // A full disk or a failing one rolls the whole transaction back, not only the savepoint.
            if transaction.is_some() && connection.is_autocommit() {
                break;
            }
        }
        let outcome = begun.and_then(|()| connection.execute_batch("COMMIT"));
        if outcome.is_err() && !connection.is_autocommit() {
            // Nothing more can be done when this fails too; the next BEGIN will say so.
            let _ = connection.execute_batch("ROLLBACK");
        }
        let outcome = outcome.map_err(|error| format!("sqlite: the commit failed: {error}"));
        for answer in answers {
            answer(outcome.clone());
        }
    }
}

fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.prepare_cached("SAVEPOINT job")?.execute([])?;
    let result = work(connection);
    if result.is_err() && !connection.is_autocommit() {
        connection.prepare_cached("ROLLBACK TO job")?.execute([])?;
    }
    if !connection.is_autocommit() {
        connection.prepare_cached("RELEASE job")?.execute([])?;
    }
    result
}

/// Jobs that may wait. At 1 KB each they are a few megabytes; beyond, callers are told to come again.
const QUEUE_LEN: usize = 4096;
/// Jobs in one commit: enough to share its cost, few enough that the first does not wait long for the last.
const MAX_BATCH: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn counter() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (n INTEGER UNIQUE)").unwrap();
        connection
    }

    fn insert(connection: &Connection, n: i64) -> Result<(), StoreError> {
        connection.execute("INSERT INTO t VALUES (?1)", [n])?;
        Ok(())
    }

    fn count(connection: &Connection) -> Result<i64, StoreError> {
        Ok(connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?)
    }

    #[tokio::test]
    async fn a_failing_job_leaves_nothing_and_spoils_no_other() {
        let writer = Writer::start(counter()).unwrap();
        let good = |n| writer.write(Admission::Wait, move |connection| insert(connection, n));
        let half_way = writer.write(Admission::Wait, |connection| {
            insert(connection, 7)?;
            insert(connection, 7)
        });
        let (first, failed, second) = tokio::join!(good(1), half_way, good(2));
        assert!(first.is_ok() && second.is_ok());
        assert!(failed.is_err());
        assert_eq!(writer.write(Admission::Wait, count).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn jobs_go_on_after_the_engine_gave_the_transaction_up() {
        let writer = Writer::start(counter()).unwrap();
        let before = writer.write(Admission::Wait, |connection| insert(connection, 1));
        let rolls_back = writer.write(Admission::Wait, |connection| {
            connection.execute_batch("ROLLBACK")?;
            Err::<(), _>(StoreError::Engine("disk full".to_owned()))
        });
        let after = writer.write(Admission::Wait, |connection| insert(connection, 2));
        let (before, rolled_back, after) = tokio::join!(before, rolls_back, after);
        assert!(rolled_back.is_err());
        // `before` shared the lost transaction or had one of its own; what it was told must be what is there.
        let there = i64::from(before.is_ok()) + i64::from(after.is_ok());
        assert!(after.is_ok());
        assert_eq!(writer.write(Admission::Wait, count).await.unwrap(), there);
    }

    #[tokio::test]
    async fn a_job_that_panics_ends_the_thread_and_that_shows() {
        let writer = Writer::start(counter()).unwrap();
        let panics = |_: &Connection| -> Result<(), StoreError> { panic!("on purpose") };
        assert!(writer.write(Admission::Wait, panics).await.is_err());
        writer.ended().await;
        assert!(writer.write(Admission::Wait, count).await.is_err());
    }

    #[tokio::test]
    async fn a_full_queue_refuses_new_work_and_keeps_what_it_has() {
        let writer = Writer::start(counter()).unwrap();
        let (open, gate) = std::sync::mpsc::channel::<()>();
        let (started, running) = oneshot::channel();
        let blocked = writer.write(Admission::Wait, move |_| {
            let _ = started.send(());
            let _ = gate.recv();
            Ok(())
        });
        let fill = async {
            running.await.unwrap();
            for n in 0..i64::try_from(QUEUE_LEN).unwrap() {
                let job: Job = Box::new(move |connection| {
                    insert(connection.unwrap(), n).unwrap();
                    Box::new(|_| ())
                });
                writer.jobs.try_send(job).unwrap();
            }
            let refused = writer.write(Admission::Refuse, |_| Ok(())).await;
            assert!(matches!(refused, Err(StoreError::Busy)));
            open.send(()).unwrap();
        };
        let (blocked, ()) = tokio::join!(blocked, fill);
        blocked.unwrap();
        assert_eq!(
            writer.write(Admission::Wait, count).await.unwrap(),
            i64::try_from(QUEUE_LEN).unwrap()
        );
    }
}
