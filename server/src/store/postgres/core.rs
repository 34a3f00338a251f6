//! What all parts of the engine share.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use super::{
    address::Address,
    fault::Fault,
    heard::Questions,
    held::Held,
    matching::Targets,
    node::{Badge, Node},
    notices::Notices,
    pool::Pool,
    remove::Place,
    session::{Session, SharedSession},
    unclear::Unclear,
};
use crate::{
    clock::Clock,
    store::{Intake, StoreError},
};

pub(super) struct Core {
    pub(super) address: Address,
    /// For waiting only: what time it is, callers and the database say.
    pub(super) clock: Arc<dyn Clock>,
    pub(super) pool: Pool,
    /// For leases and heartbeats: however long others read, this node lives and sends.
    pub(super) vital: Pool,
    pub(super) node: Node,
    pub(super) notices: Notices,
    pub(super) questions: Questions,
    pub(super) intake: OnceLock<Arc<dyn Intake>>,
    /// Held while a commit of the writer is under way, and by whoever takes from endpoints what that commit may be
    /// giving them.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// Endpoints as leases saw them.
    pub(super) targets: tokio::sync::Mutex<Targets>,
    /// Held while a lease is under way.
    pub(super) leasing: tokio::sync::Mutex<Unclear>,
    joining: tokio::sync::Mutex<()>,
    held: Mutex<Held>,
    /// Where the removal of old events goes on.
    pruned: Mutex<Place>,
    /// The same of records of attempts that were written late.
    attempts_pruned: Mutex<Place>,
}

impl Core {
    pub(super) fn new(address: Address, clock: Arc<dyn Clock>, node: Node) -> Self {
        Self {
            pool: Pool::new(address.clone(), Arc::clone(&clock), MAX_SESSIONS),
            vital: Pool::new(address.clone(), Arc::clone(&clock), VITAL_SESSIONS),
            address,
            clock,
            node,
            notices: Notices::default(),
            questions: Questions::default(),
            intake: OnceLock::new(),
            turn: tokio::sync::Mutex::default(),
            targets: tokio::sync::Mutex::default(),
            leasing: tokio::sync::Mutex::default(),
            joining: tokio::sync::Mutex::default(),
            held: Mutex::default(),
            pruned: Mutex::new(Place::START),
            attempts_pruned: Mutex::new(Place::START),
        }
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn intake(&self) -> Option<&dyn Intake> {
        self.intake.get().map(|intake| &**intake)
    }

    /// Does `work` in a transaction of the pool, in between the commits of the writer. On a connection that is there by
    /// then: the writer does not wait for those who have all of them.
    pub(super) async fn transaction_in_turn<T, W, F>(&self, work: W) -> Result<T, StoreError>
    where
        W: Fn(SharedSession) -> F,
        F: Future<Output = Result<T, Fault>>,
    {
        let work = &work;
        self.pool
            .run(|session| async move {
                let _turn = self.turn.lock().await;
                session.transaction(work(Arc::clone(&session))).await
            })
            .await
    }

    /// Something may be due now.
    pub(super) fn wake(&self) {
        if let Some(intake) = self.intake() {
            intake.wake();
        }
    }

    pub(super) fn pruned(&self) -> Place {
        *self.pruned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_pruned(&self, place: Place) {
        *self.pruned.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }

    pub(super) fn attempts_pruned(&self) -> Place {
        *self.attempts_pruned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_attempts_pruned(&self, place: Place) {
        *self.attempts_pruned.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }

    /// Becomes another node, because this one was found dead under that badge: unless it has become another since.
    pub(super) async fn join_anew(&self, session: &Session, dead: Badge) -> Result<(), Fault> {
        let _joining = self.joining.lock().await;
        if self.node.badge() == dead {
            tracing::warn!("this node was taken for dead and joins anew");
            self.node.join_anew(session).await?;
            self.held().clear();
        }
        Ok(())
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").field("node", &self.node).finish_non_exhaustive()
    }
}

const MAX_SESSIONS: usize = 6;
/// One lease at a time, and one heartbeat.
const VITAL_SESSIONS: usize = 2;
