//! What nodes tell each other, by `NOTIFY`.
//!
//! A revocation must reach what is in memory here, also what comes there from a commit that began before it. So the
//! writer asks after each commit what was revoked meanwhile, and says that once more.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::{Notify, mpsc};

use super::{
    core::Core,
    fault::Fault,
    node::Badge,
    pool::BackOff,
    session::{Session, SharedSession},
};
use crate::store::{EndpointKey, Heard};

/// What was heard and not yet passed on. Bounded, because saying a thing twice is saying it once.
#[derive(Debug, Default)]
pub(super) struct Notices {
    heard: Mutex<Waiting>,
    bell: Notify,
    last_due: Mutex<Option<Duration>>,
}

#[derive(Debug, Default)]
struct Waiting {
    due: bool,
    revoked: BTreeSet<EndpointKey>,
    /// Since the commit under way began.
    revoked_meanwhile: HashSet<EndpointKey>,
}

impl Notices {
    pub(super) async fn next(&self) -> Heard {
        loop {
            if let Some(heard) = self.pop() {
                return heard;
            }
            self.bell.notified().await;
        }
    }

    /// A commit begins.
    pub(super) fn begin(&self) {
        self.waiting().revoked_meanwhile.clear();
    }

    /// A commit has handed these endpoints something: says again what was revoked of them meanwhile.
    pub(super) fn repeat(&self, endpoints: impl Iterator<Item = EndpointKey>) {
        let mut waiting = self.waiting();
        if waiting.revoked_meanwhile.is_empty() {
            return;
        }
        let again: Vec<_> =
            endpoints.filter(|key| waiting.revoked_meanwhile.contains(key)).collect();
        waiting.revoked.extend(again);
        drop(waiting);
        self.bell.notify_one();
    }

    fn hear(&self, heard: Heard) {
        let mut waiting = self.waiting();
        match heard {
            Heard::Due => waiting.due = true,
            Heard::Revoked(endpoint) => {
                waiting.revoked.insert(endpoint);
                waiting.revoked_meanwhile.insert(endpoint);
            }
        }
        drop(waiting);
        self.bell.notify_one();
    }

    fn pop(&self) -> Option<Heard> {
        let mut waiting = self.waiting();
        if let Some(endpoint) = waiting.revoked.pop_first() {
            return Some(Heard::Revoked(endpoint));
        }
        std::mem::take(&mut waiting.due).then_some(Heard::Due)
    }

    /// Whether others are to be told that something is due: not every time.
    pub(super) fn may_say_due(&self, elapsed: Duration) -> bool {
        let mut last = self.last_due.lock().unwrap_or_else(PoisonError::into_inner);
        let may = last.is_none_or(|last| elapsed.saturating_sub(last) >= DUE_INTERVAL);
        if may {
            *last = Some(elapsed);
        }
        may
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells the other nodes, once the transaction is committed.
pub(super) async fn say(session: &Session, badge: Badge, heard: &[Heard]) -> Result<(), Fault> {
    if heard.is_empty() {
        return Ok(());
    }
    let texts: Vec<_> = heard
        .iter()
        .map(|heard| match heard {
            Heard::Due => format!("{}.{} due", badge.id, badge.joined),
            Heard::Revoked(endpoint) => {
                format!("{}.{} revoked {}", badge.id, badge.joined, endpoint.0)
            }
        })
        .collect();
    session.execute(NOTIFY, &[&texts]).await?;
    Ok(())
}

/// What a text says, unless this node said it.
fn read(text: &str, own: Badge) -> Option<Heard> {
    let mut words = text.split(' ');
    if words.next()? == format!("{}.{}", own.id, own.joined) {
        return None;
    }
    match words.next()? {
        "due" => Some(Heard::Due),
        "revoked" => Some(Heard::Revoked(EndpointKey(words.next()?.parse().ok()?))),
        _ => None,
    }
}

/// A connection that listens.
pub(super) struct Ear {
    /// Kept, because the connection ends with it.
    session: SharedSession,
    texts: mpsc::UnboundedReceiver<String>,
}

impl Ear {
    pub(super) async fn open(core: &Core) -> Result<Self, Fault> {
        let (heard, texts) = mpsc::unbounded_channel();
        let session = Arc::new(Session::open_listening(&core.address, Some(heard)).await?);
        session.batch("LISTEN hookseal").await?;
        Ok(Self { session, texts })
    }
}

/// Listens until it is aborted, on one connection after the other.
pub(super) async fn listen(core: Arc<Core>, mut ear: Ear) {
    let mut back_off = BackOff::default();
    loop {
        while let Some(text) = ear.texts.recv().await {
            if let Some(heard) = read(&text, core.node.badge()) {
                core.notices.hear(heard);
            }
        }
        ear = loop {
            back_off.wait(&*core.clock).await;
            match reopen(&core).await {
                Ok(ear) => break ear,
                Err(fault) => {
                    let error = crate::store::StoreError::from(fault);
                    tracing::warn!(%error, "other nodes cannot be heard, trying again");
                }
            }
        };
        back_off = BackOff::default();
    }
}

/// After a time of silence nobody knows what was said. Something may be due, and of the endpoints that this node holds
/// something for, those that are not active or not what they were may have been revoked.
async fn reopen(core: &Core) -> Result<Ear, Fault> {
    let ear = Ear::open(core).await?;
    // What is just being committed is held after it.
    drop(core.turn.lock().await);
    drop(core.leasing.lock().await);
    let held = core.held().endpoints();
    let (endpoints, versions): (Vec<_>, Vec<_>) =
        held.into_iter().map(|(endpoint, version)| (endpoint.0, version)).unzip();
    for row in ear.session.query(CHANGED, &[&endpoints, &versions]).await? {
        core.notices.hear(Heard::Revoked(EndpointKey(row.try_get(0)?)));
    }
    core.notices.hear(Heard::Due);
    Ok(ear)
}

pub(super) const NOTIFY: &str =
    "SELECT pg_notify('hookseal', u.text) FROM unnest($1::text[]) AS u (text)";
const CHANGED: &str = "SELECT e.key FROM unnest($1::bigint[], $2::bigint[]) AS u (key, version)
    JOIN endpoint e ON e.key = u.key AND (e.state <> 'active' OR e.version <> u.version)";
const DUE_INTERVAL: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_does_not_hear_itself() {
        let own = Badge { id: 1, joined: 7 };
        assert_eq!(read("1.7 due", own), None);
        assert_eq!(read("1.8 due", own), Some(Heard::Due));
        assert_eq!(read("2.7 revoked 99", own), Some(Heard::Revoked(EndpointKey(99))));
        for odd in ["", "2.7", "2.7 revoked", "2.7 revoked x", "2.7 sings"] {
            assert_eq!(read(odd, own), None, "{odd}");
        }
    }

    #[test]
    fn what_is_revoked_during_a_commit_is_said_again_after_it() {
        let notices = Notices::default();
        notices.begin();
        notices.hear(Heard::Revoked(EndpointKey(5)));
        assert_eq!(notices.pop(), Some(Heard::Revoked(EndpointKey(5))));
        notices.repeat([EndpointKey(4), EndpointKey(5)].into_iter());
        assert_eq!(notices.pop(), Some(Heard::Revoked(EndpointKey(5))));
        notices.begin();
        notices.repeat([EndpointKey(5)].into_iter());
        assert_eq!(notices.pop(), None);
    }

    #[test]
    fn others_are_not_told_all_the_time() {
        let notices = Notices::default();
        let said: Vec<_> = [0, 50, 99, 100, 150, 200]
            .map(|ms| notices.may_say_due(Duration::from_millis(ms)))
            .into();
        assert_eq!(said, [true, false, false, true, false, true]);
    }
}
