//! The one task that accepts and settles, and its group commit.
//!
//! **Invariants.** An answer is given only after the commit that holds it. What was committed is handed to the dispatcher
//! before anybody is answered, and before the next commit begins. What waits is bounded. Nothing that was begun is given
//! up: when the database goes away it is done once that is back, while those who asked wait only so long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::{
    core::Core,
    cycle::{self, Batch, Effects, Trouble},
    fault::Fault,
    matching::Targets,
    node::Badge,
    pool::{BackOff, IMPATIENCE, PATIENCE},
    session::{self, Session, SharedSession},
};
use crate::store::{DeliveryState, MAX_DELIVERIES, NewEvent, Pushed, Settlement, StoreError};

/// Hands work to the writing task, which ends when this is dropped and all is done.
#[derive(Debug)]
pub(super) struct Writer {
    core: Arc<Core>,
    work: mpsc::Sender<Work>,
    room: Arc<Semaphore>,
    /// When the database last did something for the writer, in milliseconds.
    done_at: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Work {
    Push {
        events: Vec<NewEvent>,
        answer: oneshot::Sender<Result<Vec<Pushed>, StoreError>>,
        _room: OwnedSemaphorePermit,
    },
    Settle {
        settlement: Box<Settlement>,
        answer: oneshot::Sender<Result<DeliveryState, StoreError>>,
    },
}

impl Writer {
    pub(super) fn start(core: Arc<Core>) -> Self {
        let (work, waiting) = mpsc::channel(MAX_WAITING);
        let done_at = Arc::new(AtomicU64::new(0));
        let task = Task {
            core: Arc::clone(&core),
            session: None,
            targets: Targets::default(),
            done_at: Arc::clone(&done_at),
        };
        tokio::spawn(task.run(waiting));
        Self { core, work, room: Arc::new(Semaphore::new(MAX_ROOM as usize)), done_at }
    }

    pub(super) async fn push(&self, events: Vec<NewEvent>) -> Result<Vec<Pushed>, StoreError> {
        let room = Arc::clone(&self.room)
            .try_acquire_many_owned(weight(&events).min(MAX_ROOM))
            .map_err(|_| StoreError::Busy)?;
        let (answer, answered) = oneshot::channel();
        let pushed = self.hand_over(Work::Push { events, answer, _room: room }, answered);
        tokio::select! {
            biased;
            pushed = pushed => pushed,
            // Somebody waits for the answer, and can send it again.
            () = self.stands_still() => Err(silent(IMPATIENCE)),
        }
    }

    pub(super) async fn settle(&self, settlement: Settlement) -> Result<DeliveryState, StoreError> {
        let (answer, answered) = oneshot::channel();
        let work = Work::Settle { settlement: Box::new(settlement), answer };
        self.hand_over(work, answered).await
    }

    /// Returns once nothing was done for a while, from now on. What waits behind others is done when those are.
    async fn stands_still(&self) {
        let clock = &*self.core.clock;
        let mut since = clock.elapsed();
        loop {
            let until = since + IMPATIENCE;
            let left = until.saturating_sub(clock.elapsed());
            if left.is_zero() {
                return;
            }
            clock.sleep(left).await;
            since = since.max(Duration::from_millis(self.done_at.load(Ordering::Relaxed)));
        }
    }

    async fn hand_over<T>(
        &self,
        work: Work,
        answered: oneshot::Receiver<Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let ended = || StoreError::Engine("the writing task has ended".to_owned());
        let done = async {
            self.work.send(work).await.map_err(|_| ended())?;
            answered.await.map_err(|_| ended())?
        };
        tokio::time::timeout(PATIENCE, done).await.unwrap_or_else(|_| Err(silent(PATIENCE)))
    }

    /// Returns when the task has ended.
    pub(super) async fn ended(&self) {
        self.work.closed().await;
    }
}

fn silent(after: Duration) -> StoreError {
    let text = format!("postgres: no answer within {} seconds", after.as_secs());
    StoreError::Unavailable(text)
}

struct Task {
    core: Arc<Core>,
    session: Option<SharedSession>,
    targets: Targets,
    done_at: Arc<AtomicU64>,
}

impl Task {
    async fn run(mut self, mut waiting: mpsc::Receiver<Work>) {
        while let Some(first) = waiting.recv().await {
            let mut size = first.size();
            let mut batch = vec![first];
            while size < MAX_BATCH
                && let Ok(work) = waiting.try_recv()
            {
                size += work.size();
                batch.push(work);
            }
            // Who has gone away before it began does not get it done.
            batch.retain(|work| !matches!(work, Work::Push { answer, .. } if answer.is_closed()));
            let core = Arc::clone(&self.core);
            let _turn = core.turn.lock().await;
            self.write(batch).await;
        }
    }

    /// Commits it all at once, or in halves where that cannot be done, down to each by itself.
    async fn write(&mut self, works: Vec<Work>) {
        let mut portions = vec![works];
        while let Some(mut works) = portions.pop() {
            match self.commit(&works).await {
                Ok(effects) => answer(works, effects),
                Err(error) if works.len() > 1 => {
                    if !matches!(error, StoreError::TooManyDeliveries) {
                        tracing::warn!(%error, "a commit of several failed, doing it in halves");
                    }
                    portions.push(works.split_off(works.len() / 2));
                    portions.push(works);
                }
                Err(error) => works.into_iter().for_each(|work| refuse(work, error.clone())),
            }
        }
    }

    async fn commit(&mut self, works: &[Work]) -> Result<Effects, StoreError> {
        let alone = match works {
            [Work::Push { events, .. }] => events.len() == 1,
            _ => works.len() == 1,
        };
        let mut batch = Batch {
            events: Vec::new(),
            settlements: Vec::new(),
            thorough: false,
            room: (!alone).then_some(MAX_DELIVERIES),
        };
        for work in works {
            match work {
                Work::Push { events, .. } => batch.events.extend(events),
                Work::Settle { settlement, .. } => batch.settlements.push(settlement),
            }
        }
        let (mut collisions, mut back_off) = (0, BackOff::default());
        loop {
            let session = self.session().await;
            self.core.notices.begin();
            let trouble = match cycle::commit(&self.core, &session, &mut self.targets, &batch).await
            {
                Ok(mut effects) => {
                    self.note_done();
                    effects.apply(&self.core);
                    return Ok(effects);
                }
                Err(trouble) => trouble,
            };
            match trouble {
                Trouble::Dead(badge) => self.join_anew(&session, badge).await,
                Trouble::Failed(Fault::Lost(text)) => {
                    self.lose(&text);
                    // A standby takes connections, and refuses each commit.
                    back_off.wait(&*self.core.clock).await;
                }
                Trouble::Failed(Fault::Collision | Fault::Duplicate)
                    if collisions < MAX_COLLISIONS =>
                {
                    collisions += 1;
                    batch.thorough = true;
                }
                Trouble::Failed(fault) => return Err(fault.into()),
                Trouble::Unclear(text, mut effects) => {
                    self.lose(&text);
                    if self.was_committed(&session, &mut effects).await {
                        effects.apply(&self.core);
                        return Ok(*effects);
                    }
                    effects.accepted.release(self.core.intake());
                    batch.thorough = true;
                }
            }
        }
    }

    /// Asks until somebody knows.
    async fn was_committed(&mut self, lost: &Session, effects: &mut Effects) -> bool {
        let core = Arc::clone(&self.core);
        let mut back_off = BackOff::default();
        loop {
            let session = self.session().await;
            let asked = async {
                session::end_backend(&session, lost.backend()).await?;
                effects.is_there(&core, &session).await
            };
            match asked.await {
                Ok(is_there) => return is_there,
                Err(fault) => {
                    self.lose(&StoreError::from(fault).to_string());
                    back_off.wait(&*core.clock).await;
                }
            }
        }
    }

    async fn join_anew(&mut self, session: &Session, dead: Badge) {
        if let Err(fault) = self.core.join_anew(session, dead).await {
            self.lose(&StoreError::from(fault).to_string());
        }
    }

    fn note_done(&self) {
        let millis = self.core.clock.elapsed().as_millis();
        self.done_at.store(u64::try_from(millis).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn lose(&mut self, text: &str) {
        tracing::warn!(error = text, "the database does not answer, connecting again");
        self.session = None;
    }

    /// The connection of now, or else a new one, however long that takes.
    async fn session(&mut self) -> SharedSession {
        let mut back_off = BackOff::default();
        loop {
            if let Some(session) = self.session.as_ref().filter(|session| session.is_clean()) {
                return Arc::clone(session);
            }
            match Session::open(&self.core.address).await {
                Ok(session) => self.session = Some(Arc::new(session)),
                Err(fault) => {
                    self.lose(&StoreError::from(fault).to_string());
                    back_off.wait(&*self.core.clock).await;
                }
            }
        }
    }
}

impl Work {
    fn size(&self) -> u32 {
        match self {
            Self::Push { events, .. } => weight(events),
            Self::Settle { .. } => 1,
        }
    }
}

fn answer(works: Vec<Work>, effects: Effects) {
    let mut pushed = effects.accepted.answers.into_iter();
    let mut states = effects.settled.states.into_iter();
    let missing = || StoreError::Engine("a commit left something without an answer".to_owned());
    for work in works {
        match work {
            Work::Push { events, answer, .. } => {
                let answers: Vec<_> = pushed.by_ref().take(events.len()).collect();
                let complete = answers.len() == events.len();
                // Who asked may have gone away; it is done all the same.
                let _ = answer.send(if complete { Ok(answers) } else { Err(missing()) });
            }
            Work::Settle { answer, .. } => {
                let _ = answer.send(states.next().ok_or_else(missing));
            }
        }
    }
}

fn refuse(work: Work, error: StoreError) {
    match work {
        Work::Push { answer, .. } => drop(answer.send(Err(error))),
        Work::Settle { answer, .. } => drop(answer.send(Err(error))),
    }
}

/// An event and each further 4 KiB of it weigh one.
fn weight(events: &[NewEvent]) -> u32 {
    let weight = |event: &NewEvent| {
        u32::try_from(event.data.len() / 4096).unwrap_or(u32::MAX).saturating_add(1)
    };
    events.iter().map(weight).fold(0, u32::saturating_add)
}

/// Weight of events that may wait: at most 64 MiB of data. Beyond, callers are told to come again.
const MAX_ROOM: u32 = 16_384;
/// Works that may wait.
const MAX_WAITING: usize = 16_384;
/// Weight in one commit: enough to share its cost, little enough that the first does not wait long for the last.
const MAX_BATCH: u32 = 1024;
/// Times that others may be in the way.
const MAX_COLLISIONS: u32 = 20;
