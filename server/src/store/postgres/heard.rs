//! Whether the others have heard: a change that breaks off what is sent is answered only once no node goes on with it.
//!
//! Whoever changes an endpoint says so in that transaction, with a number, and names those who have to answer: the nodes that
//! are alive. One that hears it breaks off what it sends, waits for a commit that may be handing it more, breaks that off as
//! well, and says the number back. One that does not, because it stands still or cannot be reached, begins nothing any more once its lease
//! has ended, so it is waited for until then.

use std::{
    collections::{HashMap, HashSet},
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;

use super::{
    core::Core,
    fault::Fault,
    node::Badge,
    notices,
    session::{Session, SharedSession},
};
use crate::store::{EndpointKey, Heard, StoreError};

/// What was asked and not yet answered by all.
#[derive(Debug, Default)]
pub(super) struct Questions {
    last: AtomicU64,
    open: Mutex<HashMap<u64, Open>>,
}

#[derive(Debug, Default)]
struct Open {
    silent: HashSet<Badge>,
    answered: Arc<Notify>,
}

impl Questions {
    /// Another node has heard it.
    pub(super) fn answer(&self, number: u64, by: Badge) {
        if let Some(open) = self.lock().get_mut(&number) {
            open.silent.remove(&by);
            open.answered.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A question, asked once its transaction is committed.
pub(super) struct Asked {
    core: Arc<Core>,
    number: u64,
    endpoints: Vec<EndpointKey>,
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.core.questions.lock().remove(&self.number);
    }
}

/// Says in this transaction that what is sent to these endpoints is to be broken off.
pub(super) async fn ask(
    core: &Arc<Core>,
    session: &Session,
    endpoints: &[EndpointKey],
) -> Result<Asked, Fault> {
    let number = core.questions.last.fetch_add(1, Ordering::Relaxed) + 1;
    let asked = Asked { core: Arc::clone(core), number, endpoints: endpoints.to_vec() };
    if endpoints.is_empty() {
        return Ok(asked);
    }
    let badge = core.node.badge();
    let silent = others(session, badge).await?;
    core.questions.lock().insert(number, Open { silent, answered: Arc::default() });
    notices::revoke(session, badge, endpoints, number).await?;
    Ok(asked)
}

impl Asked {
    /// Waits for the others, once it is committed. The caller sees to this node, unless that would take long.
    pub(super) async fn heard(self) {
        let core = &self.core;
        let mut heard_here = false;
        let until = core.clock.elapsed() + core.node.lease();
        while let Some(answered) = self.waits() {
            if tokio::time::timeout(RECHECK, answered.notified()).await.is_err() {
                if !std::mem::replace(&mut heard_here, true) {
                    self.hear_here();
                }
                self.leave_out_the_dead().await;
            }
            if core.clock.elapsed() > until {
                tracing::warn!(
                    "another node has not said that it heard of a change of an endpoint"
                );
                return;
            }
        }
    }

    fn hear_here(&self) {
        for endpoint in &self.endpoints {
            self.core.notices.hear(Heard::Revoked(*endpoint));
        }
    }

    /// What tells of the next answer, while one is missing.
    fn waits(&self) -> Option<Arc<Notify>> {
        let open = self.core.questions.lock();
        open.get(&self.number)
            .filter(|open| !open.silent.is_empty())
            .map(|open| Arc::clone(&open.answered))
    }

    async fn leave_out_the_dead(&self) {
        let core = &self.core;
        let badge = core.node.badge();
        let alive = core.vital.once(|session| async move { others(&session, badge).await }).await;
        // Who cannot ask goes on waiting.
        let Ok(alive) = alive else { return };
        if let Some(open) = core.questions.lock().get_mut(&self.number) {
            open.silent.retain(|node| alive.contains(node));
        }
    }
}

/// Changes an endpoint in between the commits of the writer. What is sent to it is broken off everywhere, where `work` says
/// so, before this returns. `work` is told whether it may have been done before.
pub(super) async fn change<T, W, F>(
    core: &Arc<Core>,
    endpoint: EndpointKey,
    work: W,
) -> Result<T, StoreError>
where
    W: Fn(SharedSession, bool) -> F,
    F: Future<Output = Result<(T, bool), Fault>>,
{
    let (work, tries) = (&work, &AtomicU32::new(0));
    let changed = core
        .transaction_in_turn(|session| async move {
            let is_again = tries.fetch_add(1, Ordering::Relaxed) > 0;
            let (done, breaks_off) = work(Arc::clone(&session), is_again).await?;
            let revoked: &[_] = if breaks_off || is_again { &[endpoint] } else { &[] };
            Ok((done, ask(core, &session, revoked).await?))
        })
        .await;
    let is_again = tries.load(Ordering::Relaxed) > 1;
    match changed {
        Ok((done, asked)) => {
            if is_again {
                asked.hear_here();
            }
            asked.heard().await;
            Ok(done)
        }
        // What nobody knows to be committed may be: a repeat then finds another version.
        Err(StoreError::Stale) if is_again => {
            let asked = core
                .pool
                .transaction(|session| async move { ask(core, &session, &[endpoint]).await })
                .await?;
            asked.hear_here();
            asked.heard().await;
            Err(StoreError::Stale)
        }
        Err(error) => Err(error),
    }
}

async fn others(session: &Session, badge: Badge) -> Result<HashSet<Badge>, Fault> {
    let rows = session.query(OTHERS, &[&badge.id, &badge.joined]).await?;
    rows.iter().map(|row| Ok(Badge { id: row.try_get(0)?, joined: row.try_get(1)? })).collect()
}

/// Breaks off what is sent to an endpoint here, and tells the node that asked.
pub(super) async fn hear(core: Arc<Core>, endpoint: EndpointKey, asker: Badge, number: u64) {
    if core.intake().is_none() {
        // Nothing is sent here.
        core.notices.hear(Heard::Revoked(endpoint));
    } else {
        // What is just being committed may hand the dispatcher something more for it.
        if core.turn.try_lock().is_err() {
            core.notices.hear(Heard::Revoked(endpoint));
            drop(core.turn.lock().await);
        }
        core.notices.pass_on(endpoint).await;
    }
    let badge = core.node.badge();
    let said = core
        .vital
        .once(|session| async move { notices::answer(&session, badge, asker, number).await });
    if let Err(error) = said.await {
        tracing::warn!(%error, "cannot say that a change of an endpoint was heard");
    }
}

const OTHERS: &str = "SELECT id, joined FROM node WHERE NOT dead AND expires_at > now() AND NOT (id = $1 AND joined = $2)";
/// How often it is asked whether those who are silent are still alive.
const RECHECK: Duration = Duration::from_millis(250);
