//! How often what happened at each source, and a few of the requests that were refused.
//!
//! **Invariants.** A request that is refused costs no write: what happens is added up in memory and stored every few
//! seconds, for all sources in one transaction. Of a flood, one request in ten seconds is kept. So whoever sends what does
//! not verify, however fast, costs a source a row in ten seconds, of which the newest `KEEP` stay for a day.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hookseal::Timestamp;
use tokio::sync::{Notify, watch};

use super::kept::Kept;
use crate::{
    clock::Clock,
    rng::Rng,
    seal::Sealer,
    store::{Engine, Refusal, RefusalKey, SourceKey, SourceNote, StoreError},
};

/// The counts of a node that are not stored yet.
#[derive(Debug)]
pub struct Ledger {
    engine: Arc<dyn Engine>,
    sealer: Arc<Sealer>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    open: Mutex<Open>,
    /// There is something to store.
    woken: Notify,
    /// One at a time, so that whoever waits for it sees all of before.
    storing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Open {
    tallies: HashMap<SourceKey, Tally>,
    /// When each source may have had all of its refusals kept again.
    full_at: HashMap<SourceKey, Duration>,
}

#[derive(Debug, Default)]
struct Tally {
    counts: BTreeMap<&'static str, u64>,
    refusals: Vec<Refusal>,
}

impl Ledger {
    /// Over `engine`.
    #[must_use]
    pub fn new(
        engine: Arc<dyn Engine>,
        sealer: Arc<Sealer>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Self {
        let (open, woken, storing) = Default::default();
        Self { engine, sealer, clock, rng, open, woken, storing }
    }

    /// Counts one more.
    pub(super) fn count(&self, source: SourceKey, what: &'static str) {
        let mut open = self.open();
        let tally = open.tallies.entry(source).or_default();
        *tally.counts.entry(what).or_default() += 1;
        drop(open);
        self.woken.notify_one();
    }

    /// Counts a refusal, and keeps what `kept` makes unless many came lately.
    pub(super) fn refuse(
        &self,
        source: SourceKey,
        code: &'static str,
        kept: impl FnOnce() -> Kept,
    ) {
        self.count(source, code);
        if !self.open().has_room(source, self.clock.elapsed()) {
            return;
        }
        match self.seal(source, code, &kept()) {
            Ok(refusal) => {
                self.open().tallies.entry(source).or_default().refusals.push(refusal);
                self.woken.notify_one();
            }
            Err(error) => {
                tracing::warn!(source.id = %source, error, "cannot keep a refused request");
            }
        }
    }

    fn seal(&self, source: SourceKey, code: &'static str, kept: &Kept) -> Result<Refusal, String> {
        let key = RefusalKey(self.engine.mint(self.clock.now()));
        let plain = serde_json::to_vec(kept).map_err(|error| error.to_string())?;
        let sealed = self.sealer.seal(&plain, &purpose(source, key), &*self.rng);
        let sealed = sealed.map_err(|error| error.to_string())?;
        Ok(Refusal { key, code: code.to_owned(), sealed })
    }

    /// What was kept under a key.
    pub(super) fn open_kept(&self, source: SourceKey, refusal: &Refusal) -> Option<Kept> {
        let plain = self.sealer.open(&refusal.sealed, &purpose(source, refusal.key)).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    /// Stores what has come together. What cannot be stored is tried again with the next.
    ///
    /// # Errors
    /// [`StoreError`] when it could not.
    pub(super) async fn store(&self) -> Result<(), StoreError> {
        let _turn = self.storing.lock().await;
        let tallies = std::mem::take(&mut self.open().tallies);
        if tallies.is_empty() {
            return Ok(());
        }
        let stored = self.engine.note(tallies.iter().map(note).collect(), KEEP).await;
        if stored.is_err() {
            self.open().give_back(tallies);
        }
        stored
    }

    /// Runs until `stop` turns true, and then stores the rest.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        let mut prune_at = Duration::ZERO;
        while !*stop.borrow() {
            let elapsed = self.clock.elapsed();
            if elapsed >= prune_at {
                self.prune().await;
                prune_at = elapsed + PRUNE_EVERY;
            }
            tokio::select! {
                biased;
                _ = stop.changed() => break,
                () = self.clock.sleep(prune_at.saturating_sub(elapsed)) => continue,
                () = self.woken.notified() => {}
            }
            tokio::select! {
                biased;
                _ = stop.changed() => {}
                () = self.clock.sleep(PAUSE) => {}
            }
            self.try_store().await;
        }
        self.try_store().await;
    }

    async fn try_store(&self) {
        if let Err(error) = self.store().await {
            tracing::warn!(%error, "cannot store the counts of sources, trying again");
            self.woken.notify_one();
        }
    }

    async fn prune(&self) {
        let before = oldest(self.clock.now());
        if let Err(error) = self.engine.prune_refusals(RefusalKey::floor(before)).await {
            tracing::warn!(%error, "cannot remove old refusals");
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// A bucket of ten, with one more every ten seconds.
    fn has_room(&mut self, source: SourceKey, now: Duration) -> bool {
        if self.full_at.len() >= MAX_BUCKETS {
            self.full_at.retain(|_, full_at| *full_at > now);
        }
        let full_at = self.full_at.entry(source).or_default();
        let after = (*full_at).max(now) + EVERY;
        let has_room = after.saturating_sub(now) <= EVERY * BURST;
        if has_room {
            *full_at = after;
        }
        has_room
    }

    /// Puts back what was not stored.
    fn give_back(&mut self, tallies: HashMap<SourceKey, Tally>) {
        for (source, old) in tallies {
            let tally = self.tallies.entry(source).or_default();
            for (what, times) in old.counts {
                *tally.counts.entry(what).or_default() += times;
            }
            // Those of now are newer.
            if tally.refusals.is_empty() {
                tally.refusals = old.refusals;
            }
        }
    }
}

fn note((source, tally): (&SourceKey, &Tally)) -> SourceNote {
    let counts = tally.counts.iter().map(|(what, times)| ((*what).to_owned(), *times)).collect();
    SourceNote { source: *source, counts, refusals: tally.refusals.clone() }
}

fn purpose(source: SourceKey, refusal: RefusalKey) -> String {
    format!("{source}/{refusal}")
}

/// What is older is not shown, and removed.
pub(super) fn oldest(now: Timestamp) -> Timestamp {
    now.plus_millis(-DAY_MILLIS)
}

/// An event was stored.
pub(super) const ACCEPTED: &str = "accepted";
/// It was stored before.
pub(super) const DUPLICATE: &str = "duplicate";
/// Refused without a look: too many came.
pub(super) const RATE_LIMITED: &str = "rate_limited";
/// Refusals of a source that are kept.
pub(super) const KEEP: u32 = 50;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
const PRUNE_EVERY: Duration = Duration::from_secs(600);
const PAUSE: Duration = Duration::from_secs(3);
const EVERY: Duration = Duration::from_secs(10);
const BURST: u32 = 10;
const MAX_BUCKETS: usize = 10_000;
