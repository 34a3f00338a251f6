//! Sources kept ready, so that a request costs neither a look-up nor the opening of secrets.
//!
//! **Invariant.** What is changed here counts from the next request on; what another node changed, within
//! five seconds.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::opened::OpenSource;
use crate::{
    clock::Clock,
    error::ApiError,
    seal::Sealer,
    store::{Engine, SourceKey},
};

/// The sources that were used lately.
#[derive(Debug)]
pub struct Known {
    engine: Arc<dyn Engine>,
    sealer: Arc<Sealer>,
    clock: Arc<dyn Clock>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    sources: HashMap<SourceKey, (Arc<OpenSource>, Duration)>,
    /// Rises with every change made here: what was looked up before may be out of date.
    changes: u64,
}

impl Known {
    /// Over `engine`.
    #[must_use]
    pub fn new(engine: Arc<dyn Engine>, sealer: Arc<Sealer>, clock: Arc<dyn Clock>) -> Self {
        Self { engine, sealer, clock, seen: Mutex::default() }
    }

    /// The source of this key, ready.
    pub(super) async fn open(&self, key: SourceKey) -> Result<Option<Arc<OpenSource>>, ApiError> {
        let now = self.clock.elapsed();
        let (before, changes) = {
            let seen = self.seen();
            let known = seen.sources.get(&key);
            if let Some((open, at)) = known
                && now.saturating_sub(*at) < FRESH
            {
                return Ok(Some(Arc::clone(open)));
            }
            (known.map(|(open, _)| Arc::clone(open)), seen.changes)
        };
        let Some(source) = self.engine.source(key).await? else {
            self.seen().sources.remove(&key);
            return Ok(None);
        };
        let open = match before.filter(|open| open.source.version == source.version) {
            Some(unchanged) => unchanged,
            None => Arc::new(OpenSource::new(source, &self.sealer)?),
        };
        let mut seen = self.seen();
        if seen.changes == changes {
            if seen.sources.len() >= MAX_SEEN {
                seen.sources.clear();
            }
            seen.sources.insert(key, (Arc::clone(&open), now));
        }
        drop(seen);
        Ok(Some(open))
    }

    /// To be called once a change is stored.
    pub(in crate::service) fn forget(&self, key: SourceKey) {
        let mut seen = self.seen();
        seen.changes += 1;
        seen.sources.remove(&key);
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a source is believed without asking the store.
const FRESH: Duration = Duration::from_secs(5);
const MAX_SEEN: usize = 4096;
