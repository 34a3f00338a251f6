//! Connections for everything but the writer: opened when needed, kept when done, never more than a few.

use std::{
    fmt,
    future::Future,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    address::Address,
    fault::Fault,
    session::{Session, SharedSession},
};
use crate::{clock::Clock, store::StoreError};

pub(super) struct Pool {
    address: Address,
    clock: Arc<dyn Clock>,
    idle: Mutex<Vec<SharedSession>>,
    room: Semaphore,
}

impl Pool {
    /// For so many connections at once.
    pub(super) fn new(address: Address, clock: Arc<dyn Clock>, sessions: usize) -> Self {
        Self { address, clock, idle: Mutex::default(), room: Semaphore::new(sessions) }
    }

    /// Runs `work` on a connection, and again on another when the database went away or others stood in the way: work
    /// that is repeated does nothing twice. Gives up soon when it stays away, and later when it only takes long.
    pub(super) async fn run<T, W, F>(&self, work: W) -> Result<T, StoreError>
    where
        W: Fn(SharedSession) -> F,
        F: Future<Output = Result<T, Fault>>,
    {
        let mut last = None;
        let mut lost_at = None;
        let mut back_off = BackOff::default();
        let trying = async {
            loop {
                match self.attempt(&work).await {
                    Err(fault @ Fault::Lost(_)) => {
                        let now = self.clock.elapsed();
                        if now.saturating_sub(*lost_at.get_or_insert(now)) > IMPATIENCE {
                            return Err(fault);
                        }
                        last = Some(fault);
                        back_off.wait(&*self.clock).await;
                    }
                    Err(Fault::Collision) => last = Some(Fault::Collision),
                    outcome => return outcome,
                }
            }
        };
        let outcome = tokio::time::timeout(PATIENCE, trying).await;
        Ok(outcome.unwrap_or_else(|_| Err(last.unwrap_or_else(|| silent(PATIENCE))))?)
    }

    /// As [`run`](Self::run), once and soon or not at all.
    pub(super) async fn once<T, W, F>(&self, work: W) -> Result<T, StoreError>
    where
        W: Fn(SharedSession) -> F,
        F: Future<Output = Result<T, Fault>>,
    {
        let outcome = tokio::time::timeout(IMPATIENCE, self.attempt(work)).await;
        Ok(outcome.unwrap_or_else(|_| Err(silent(IMPATIENCE)))?)
    }

    /// As [`run`](Self::run), in a transaction.
    pub(super) async fn transaction<T, W, F>(&self, work: W) -> Result<T, StoreError>
    where
        W: Fn(SharedSession) -> F,
        F: Future<Output = Result<T, Fault>>,
    {
        let work = &work;
        self.run(|session| async move { session.transaction(work(Arc::clone(&session))).await })
            .await
    }

    async fn attempt<T, W, F>(&self, work: W) -> Result<T, Fault>
    where
        W: Fn(SharedSession) -> F,
        F: Future<Output = Result<T, Fault>>,
    {
        let session = self.session().await?;
        session.set_busy(true);
        let outcome = work(Arc::clone(&session)).await;
        // What became a standby, or goes down, may keep its connections: the next try is on another.
        session.set_busy(matches!(outcome, Err(Fault::Lost(_))));
        outcome
    }

    async fn session(&self) -> Result<Pooled<'_>, Fault> {
        let permit = self.room.acquire().await.map_err(|_| Fault::engine("the pool is closed"))?;
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let session = match kept.filter(|session| session.is_clean()) {
            Some(session) => session,
            None => {
                let session = Session::open(&self.address).await?;
                session.batch(LIMIT).await?;
                Arc::new(session)
            }
        };
        Ok(Pooled { pool: self, session, _permit: permit })
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

fn silent(after: Duration) -> Fault {
    Fault::Lost(format!("postgres: no answer within {} seconds", after.as_secs()))
}

/// A connection on loan. Goes back when dropped, unless something was left half done on it.
struct Pooled<'a> {
    pool: &'a Pool,
    session: SharedSession,
    _permit: SemaphorePermit<'a>,
}

impl Deref for Pooled<'_> {
    type Target = SharedSession;

    fn deref(&self) -> &SharedSession {
        &self.session
    }
}

impl Drop for Pooled<'_> {
    fn drop(&mut self) {
        if self.session.is_clean() {
            let mut idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.push(Arc::clone(&self.session));
        }
    }
}

/// Longer and longer waits between tries to connect.
#[derive(Debug, Default)]
pub(super) struct BackOff {
    tries: u32,
}

impl BackOff {
    pub(super) async fn wait(&mut self, clock: &dyn Clock) {
        let wait = FIRST_WAIT.saturating_mul(1 << self.tries.min(16)).min(LONGEST_WAIT);
        self.tries += 1;
        clock.sleep(wait).await;
    }
}

/// How long a call waits for an answer of the database.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// How long a call, and whoever asks whether it is there, waits for a database that is away.
pub(super) const IMPATIENCE: Duration = Duration::from_secs(5);
/// What nobody waits for any more does not go on: less than [`PATIENCE`].
const LIMIT: &str = "SET statement_timeout = '29s'";
const FIRST_WAIT: Duration = Duration::from_millis(20);
const LONGEST_WAIT: Duration = Duration::from_secs(1);
