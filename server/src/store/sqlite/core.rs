//! The connection that writes, and how jobs share a commit.
//!
//! **Invariants.** A job's answer is given only after the commit that holds it. A job that fails takes nothing of its
//! own with it into the commit and spoils no other. What was committed is handed to the dispatcher before anybody is
//! answered, and before the next write begins.

use std::sync::{Arc, OnceLock};

use rusqlite::Connection;
use tokio::{runtime::Handle, sync::oneshot};

use super::{
    StoreError,
    checkpoint::Checkpointer,
    transaction::{Memory, Transaction},
};
use crate::store::{Intake, KeyMint};

/// All that writing needs, used by one thread at a time.
pub(super) struct Core {
    pub(super) connection: Connection,
    pub(super) memory: Memory,
    pub(super) intake: Arc<OnceLock<Arc<dyn Intake>>>,
    pub(super) mint: Arc<KeyMint>,
    pub(super) checkpointer: Option<Checkpointer>,
    /// Where callers wait, where they do so on other threads.
    pub(super) runtime: Option<Handle>,
}

/// Something to write, which may be done more than once until it is committed.
pub(super) trait Job: Send {
    /// Does it. An error ends the transaction, and with it the others that share it.
    fn run(&mut self, transaction: &mut Transaction<'_>) -> Result<(), StoreError>;

    /// Tells who asked.
    fn answer(self: Box<Self>, outcome: Result<(), StoreError>);

    /// Roughly how many bytes it holds.
    fn size(&self) -> usize;

    /// Whether its commit is not to wait for others.
    fn is_urgent(&self) -> bool;

    /// Whether what was put off before it has to be done first: it may look at a delivery, and who asks for it knows what
    /// became of that.
    fn looks_back(&self) -> bool;
}

impl Core {
    /// Runs `jobs` in one transaction, in several where they are too much for one, or in one each where that fails, and
    /// answers them.
    pub(super) fn run(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        while !jobs.is_empty() {
            match self.commit(&mut jobs) {
                Ok(done) => {
                    let left = jobs.split_off(done);
                    self.answer(std::mem::replace(&mut jobs, left), Ok(()));
                }
                Err(_) if jobs.len() > 1 => {
                    for job in jobs.drain(..) {
                        self.run(vec![job]);
                    }
                }
                Err(error) => self.answer(std::mem::take(&mut jobs), Err(error)),
            }
        }
    }

    fn answer(&self, jobs: Vec<Box<dyn Job>>, outcome: Result<(), StoreError>) {
        let answer = move || {
            for job in jobs {
                job.answer(outcome.clone());
            }
        };
        match &self.runtime {
            // Each answer wakes a task. From within the runtime that costs no system call.
            Some(runtime) => drop(runtime.spawn(async move { answer() })),
            None => answer(),
        }
    }

    /// Has the log written back when it is long. Nobody waits for an answer now.
    pub(super) fn look_at_log(&mut self) {
        if let Some(checkpointer) = &mut self.checkpointer {
            checkpointer.look(&self.connection);
        }
    }

    /// How many of them, from the first on, are committed.
    fn commit(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<usize, StoreError> {
        let connection = &self.connection;
        let intake = self.intake.get().map(|intake| &**intake);
        let mut transaction = Transaction::new(connection, &mut self.memory, intake, &self.mint);
        let start = transaction.mark();
        let written = write(&mut transaction, jobs);
        let done = match written {
            Ok(done) => done,
            Err(error) => {
                if !connection.is_autocommit() {
                    // Nothing more can be done when this fails too; the next BEGIN will say so.
                    let _ = connection.execute_batch("ROLLBACK");
                }
                transaction.roll_back(&start);
                return Err(error);
            }
        };
        let effects = transaction.into_effects();
        self.memory.claims.commit();
        if let Some(intake) = intake {
            if !effects.jobs.is_empty() {
                intake.take(effects.jobs);
            }
            if effects.wake {
                intake.wake();
            }
        }
        Ok(done)
    }
}

fn write(
    transaction: &mut Transaction<'_>,
    jobs: &mut [Box<dyn Job>],
) -> Result<usize, StoreError> {
    let connection = transaction.connection;
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let mut done = 0;
    for job in jobs {
        job.run(transaction)?;
        done += 1;
        if transaction.is_full() {
            break;
        }
    }
    transaction.finish()?;
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(done)
}

/// A job made of a function.
pub(super) struct Work<T, F> {
    work: F,
    kind: Kind,
    size: usize,
    result: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

/// How a job shares a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It fails only when the engine does, and then the transaction is given up.
    Plain,
    /// Plain, and nobody waits for it: it goes with what is urgent, or alone a little later.
    Deferred,
    /// It may fail half-way, and is alone taken back then. What was deferred before it is done before it.
    Guarded,
}

impl<T, F> Work<T, F>
where
    T: Send + 'static,
    F: FnMut(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
{
    pub(super) fn boxed(
        kind: Kind,
        size: usize,
        work: F,
    ) -> (Box<dyn Job>, oneshot::Receiver<Result<T, StoreError>>) {
        let (answer, answered) = oneshot::channel();
        (Box::new(Self { work, kind, size, result: None, answer }), answered)
    }

    fn run_guarded(&mut self, transaction: &mut Transaction<'_>) -> Result<T, StoreError> {
        transaction.refresh_lanes()?;
        let result = (self.work)(transaction)?;
        transaction.refresh_lanes()?;
        Ok(result)
    }
}

impl<T, F> Job for Work<T, F>
where
    T: Send + 'static,
    F: FnMut(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
{
    fn run(&mut self, transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
        if self.kind != Kind::Guarded {
            self.result = Some(Ok((self.work)(transaction)?));
            return Ok(());
        }
        transaction.refresh_lanes()?;
        let connection = transaction.connection;
        connection.prepare_cached("SAVEPOINT job")?.execute([])?;
        let mark = transaction.mark();
        let result = self.run_guarded(transaction);
        if let Err(error) = &result {
            // A full disk or a failing one rolls the whole transaction back, not only the savepoint.
            if connection.is_autocommit() {
                return Err(error.clone());
            }
            connection.prepare_cached("ROLLBACK TO job")?.execute([])?;
            transaction.roll_back(&mark);
        }
        connection.prepare_cached("RELEASE job")?.execute([])?;
        self.result = Some(result);
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        let Self { result, answer, .. } = *self;
        let lost = || Err(StoreError::Engine("sqlite: a job was not run".to_owned()));
        // Who asked may have gone away; the work is done all the same.
        let _ = answer.send(outcome.and_then(|()| result.unwrap_or_else(lost)));
    }

    fn size(&self) -> usize {
        self.size
    }

    fn is_urgent(&self) -> bool {
        self.kind != Kind::Deferred
    }

    fn looks_back(&self) -> bool {
        self.kind == Kind::Guarded
    }
}
