//! What nodes tell each other, by `NOTIFY`.
//!
//! A revocation must reach what is in memory here, also what comes there from a commit that began before it. So the
//! writer asks after each commit what was revoked meanwhile, and says that once more.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, mpsc, oneshot},
    task::JoinSet,
};

use super::{
    core::Core,
    fault::Fault,
    heard,
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
    due: Mutex<Told>,
}

/// What was said of what is due, by this node.
#[derive(Debug, Default)]
struct Told {
    last: Option<Duration>,
    /// It will be said once more.
    owed: bool,
}

#[derive(Debug, Default)]
struct Waiting {
    due: bool,
    /// With those who wait until it is passed on.
    revoked: BTreeMap<EndpointKey, Vec<oneshot::Sender<()>>>,
    /// Of what was passed on last. Whoever asks for more is done with it.
    passed: Vec<oneshot::Sender<()>>,
    /// Since the commit under way began.
    revoked_meanwhile: HashSet<EndpointKey>,
}

impl Notices {
    pub(super) async fn next(&self) -> Heard {
        for waiter in std::mem::take(&mut self.waiting().passed) {
            // Whoever waited may have given up.
            let _ = waiter.send(());
        }
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
        for endpoint in again {
            waiting.revoked.entry(endpoint).or_default();
        }
        drop(waiting);
        self.bell.notify_one();
    }

    /// Passes a revocation on, and returns when what it asks for is done.
    pub(super) async fn pass_on(&self, endpoint: EndpointKey) {
        let (waiter, passed) = oneshot::channel();
        self.waiting().revoked.entry(endpoint).or_default().push(waiter);
        self.bell.notify_one();
        // Fails only when nobody asks any more.
        let _ = passed.await;
    }

    pub(super) fn hear(&self, heard: Heard) {
        let mut waiting = self.waiting();
        match heard {
            Heard::Due => waiting.due = true,
            Heard::Revoked(endpoint) => {
                waiting.revoked.entry(endpoint).or_default();
                waiting.revoked_meanwhile.insert(endpoint);
            }
        }
        drop(waiting);
        self.bell.notify_one();
    }

    fn pop(&self) -> Option<Heard> {
        let mut waiting = self.waiting();
        if let Some((endpoint, waiters)) = waiting.revoked.pop_first() {
            waiting.passed.extend(waiters);
            return Some(Heard::Revoked(endpoint));
        }
        std::mem::take(&mut waiting.due).then_some(Heard::Due)
    }

    /// Whether others are to be told with a commit that something is due: not every time. What is not said then is
    /// [owed](Self::owe_due).
    pub(super) fn may_say_due(&self, elapsed: Duration) -> bool {
        let mut told = self.told();
        let may = told.last.is_none_or(|last| elapsed.saturating_sub(last) >= DUE_INTERVAL);
        if may {
            told.last = Some(elapsed);
        }
        may
    }

    /// Something is due that others were not told of. Whether the caller is to [say](say_owed) that later.
    fn owe_due(&self) -> bool {
        !std::mem::replace(&mut self.told().owed, true)
    }

    /// When it may be said.
    fn owed_at(&self) -> Duration {
        self.told().last.map_or(Duration::ZERO, |last| last + DUE_INTERVAL)
    }

    /// It is being said.
    fn pay_due(&self, elapsed: Duration) {
        *self.told() = Told { last: Some(elapsed), owed: false };
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
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
    let texts = heard.iter().map(|heard| match heard {
        Heard::Due => format!("{badge} due"),
        Heard::Revoked(endpoint) => format!("{badge} revoked {}", endpoint.0),
    });
    notify(session, texts.collect()).await
}

/// Tells the other nodes that something is due which was committed without a word, once there was a pause.
pub(super) fn owe_due(core: &Arc<Core>) {
    if !core.notices.owe_due() {
        return;
    }
    let core = Arc::clone(core);
    tokio::spawn(async move {
        let left = core.notices.owed_at().saturating_sub(core.clock.elapsed());
        core.clock.sleep(left).await;
        // What is committed from now on is owed again.
        core.notices.pay_due(core.clock.elapsed());
        let badge = core.node.badge();
        let said =
            core.pool.run(|session| async move { say(&session, badge, &[Heard::Due]).await }).await;
        if let Err(error) = said {
            tracing::warn!(%error, "cannot tell other nodes that something is due");
        }
    });
}

/// Something may be due now, which this node looks for and the others are told.
pub(super) fn wake_all(core: &Arc<Core>) {
    core.wake();
    owe_due(core);
}

/// As [`say`], and asks whether it was heard.
pub(super) async fn revoke(
    session: &Session,
    badge: Badge,
    endpoints: &[EndpointKey],
    number: u64,
) -> Result<(), Fault> {
    let last = endpoints.len().saturating_sub(1);
    let texts = endpoints.iter().enumerate().map(|(at, endpoint)| {
        // They are heard in their order.
        let asks = if at == last { format!(" {number}") } else { String::new() };
        format!("{badge} revoked {}{asks}", endpoint.0)
    });
    notify(session, texts.collect()).await
}

/// Says that it was heard.
pub(super) async fn answer(
    session: &Session,
    badge: Badge,
    asker: Badge,
    number: u64,
) -> Result<(), Fault> {
    notify(session, vec![format!("{badge} heard {asker} {number}")]).await
}

async fn notify(session: &Session, texts: Vec<String>) -> Result<(), Fault> {
    session.execute(NOTIFY, &[&texts]).await?;
    Ok(())
}

/// What another node says.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Due,
    /// With the number to answer with, where an answer is wanted.
    Revoked(EndpointKey, Option<u64>),
    /// It has heard what this node said.
    Heard(u64),
}

/// What a text says, and who, unless it is not for this node.
fn read(text: &str, own: Badge) -> Option<(Badge, Said)> {
    let mut words = text.split(' ');
    let by = Badge::parse(words.next()?)?;
    if by == own {
        return None;
    }
    let said = match words.next()? {
        "due" => Said::Due,
        "revoked" => {
            let endpoint = EndpointKey(words.next()?.parse().ok()?);
            Said::Revoked(endpoint, words.next().and_then(|number| number.parse().ok()))
        }
        "heard" if Badge::parse(words.next()?)? == own => Said::Heard(words.next()?.parse().ok()?),
        _ => return None,
    };
    Some((by, said))
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

    /// Fails where a pooler stands in between that gives each transaction another connection: nothing would be heard.
    pub(super) async fn check(&self, other: &Session) -> Result<(), Fault> {
        // Such a pooler gives it the connection that was used last, and this one another.
        other.begin().await?;
        let row = self.session.optional("SELECT pg_backend_pid()", &[]).await?;
        other.rollback().await?;
        let process: Option<i32> = row.map(|row| row.try_get(0)).transpose()?;
        if process == Some(self.session.backend().0) {
            return Ok(());
        }
        Err(Fault::engine(
            "the database is behind a pooler that gives each transaction another connection; connect to PostgreSQL itself, or set the pooler to keep a connection for each client (`pool_mode = session`)",
        ))
    }
}

/// Listens until it is aborted, on one connection after the other.
pub(super) async fn listen(core: Arc<Core>, mut ear: Ear) {
    let mut back_off = BackOff::default();
    // They end with the listener.
    let mut answering = JoinSet::new();
    loop {
        while let Some(text) = ear.texts.recv().await {
            while answering.try_join_next().is_some() {}
            match read(&text, core.node.badge()) {
                Some((_, Said::Due)) => core.notices.hear(Heard::Due),
                Some((asker, Said::Revoked(endpoint, Some(number)))) => {
                    answering.spawn(heard::hear(Arc::clone(&core), endpoint, asker, number));
                }
                Some((_, Said::Revoked(endpoint, None))) => {
                    core.notices.hear(Heard::Revoked(endpoint));
                }
                Some((by, Said::Heard(number))) => core.questions.answer(number, by),
                None => {}
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
    use std::{
        future::Future as _,
        task::{Context, Waker},
    };

    use super::*;

    #[test]
    fn a_node_does_not_hear_itself() {
        let own = Badge { id: 1, joined: 7 };
        assert_eq!(read("1.7 due", own), None);
        let other = Badge { id: 1, joined: 8 };
        let endpoint = EndpointKey(99);
        assert_eq!(read("1.8 due", own), Some((other, Said::Due)));
        assert_eq!(read("1.8 revoked 99", own), Some((other, Said::Revoked(endpoint, None))));
        assert_eq!(read("1.8 revoked 99 5", own), Some((other, Said::Revoked(endpoint, Some(5)))));
        assert_eq!(read("1.8 heard 1.7 5", own), Some((other, Said::Heard(5))));
        assert_eq!(read("1.8 heard 3.7 5", own), None);
        for odd in
            ["", "2.7", "2.7 revoked", "2.7 revoked x", "2.7 sings", "2.7 heard 1.7", "2 due"]
        {
            assert_eq!(read(odd, own), None, "{odd}");
        }
    }

    #[tokio::test]
    async fn what_is_passed_on_is_done_when_more_is_asked_for() {
        let notices = Notices::default();
        let mut context = Context::from_waker(Waker::noop());
        let mut passing = Box::pin(notices.pass_on(EndpointKey(5)));
        assert!(passing.as_mut().poll(&mut context).is_pending());
        assert_eq!(notices.next().await, Heard::Revoked(EndpointKey(5)));
        assert!(passing.as_mut().poll(&mut context).is_pending());
        assert!(Box::pin(notices.next()).as_mut().poll(&mut context).is_pending());
        assert!(passing.as_mut().poll(&mut context).is_ready());
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
