//! Connections that wait for the next request.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::link::Link;
use crate::clock::Clock;

/// Connections by origin. The one that was used last is taken first, unless it carries as many requests as it should; those
/// that nobody took for long or that are old, and the oldest where there are too many, are closed.
pub(super) struct Pool {
    clock: Arc<dyn Clock>,
    capacity: usize,
    idle: Mutex<IdleLinks>,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pool({})", self.lock().by_age.len())
    }
}

/// **Invariant.** Every number is once in `by_age`, and once in the list of its link's origin, which is in order. No
/// list is empty.
#[derive(Default)]
struct IdleLinks {
    by_age: BTreeMap<u64, IdleLink>,
    by_origin: HashMap<Arc<str>, VecDeque<u64>>,
    next: u64,
}

struct IdleLink {
    origin: Arc<str>,
    link: Link,
    since: Duration,
}

impl Pool {
    /// Keeps at most `capacity` connections.
    pub(super) fn new(clock: Arc<dyn Clock>, capacity: usize) -> Arc<Self> {
        Arc::new(Self { clock, capacity, idle: Mutex::default() })
    }

    /// A connection to `origin` that is ready for a request.
    pub(super) fn take(&self, origin: &str) -> Option<Link> {
        let now = self.clock.elapsed();
        let mut idle = self.lock();
        let mut full = Vec::new();
        let taken = loop {
            let Some(taken) = idle.pop(origin) else { break None };
            if !taken.link.is_ready() || taken.is_expired(now) {
                continue;
            }
            if taken.link.is_full() {
                full.push(taken);
                continue;
            }
            break Some(match taken.link.share() {
                Some(copy) => {
                    idle.push(IdleLink { since: now, ..taken });
                    copy
                }
                None => taken.link,
            });
        };
        // They are in use, which is as if they were taken now.
        for full in full {
            idle.push(IdleLink { since: now, ..full });
        }
        taken
    }

    /// Keeps a connection for later, if one more request can be made on it.
    pub(super) fn put(self: &Arc<Self>, origin: &Arc<str>, mut link: Link) {
        if link.is_ready() {
            self.keep(origin, link);
            return;
        }
        // Its task may have yet to see that the answer ended, or the receiver answered before it read all of the body.
        let (pool, origin) = (Arc::downgrade(self), Arc::clone(origin));
        tokio::spawn(async move {
            if let Ok(true) = tokio::time::timeout(SETTLE, link.ready()).await
                && let Some(pool) = pool.upgrade()
            {
                pool.keep(&origin, link);
            }
        });
    }

    /// Closes what nobody took for long.
    pub(super) fn drop_expired(&self) {
        self.lock().drop_expired(self.clock.elapsed());
    }

    fn keep(&self, origin: &Arc<str>, link: Link) {
        let since = self.clock.elapsed();
        let mut idle = self.lock();
        idle.drop_expired(since);
        idle.push(IdleLink { origin: Arc::clone(origin), link, since });
        while idle.by_age.len() > self.capacity {
            idle.drop_oldest();
        }
    }

    fn lock(&self) -> MutexGuard<'_, IdleLinks> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IdleLink {
    /// Nobody took it for long, or it was made so long ago that its name may have another address by now.
    fn is_expired(&self, now: Duration) -> bool {
        now.saturating_sub(self.since) >= IDLE || now.saturating_sub(self.link.made) >= MAX_AGE
    }
}

impl IdleLinks {
    fn drop_expired(&mut self, now: Duration) {
        while self.by_age.first_key_value().is_some_and(|(_, oldest)| oldest.is_expired(now)) {
            self.drop_oldest();
        }
    }

    fn push(&mut self, idle: IdleLink) {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        let numbers = self.by_origin.entry(Arc::clone(&idle.origin)).or_default();
        numbers.push_back(number);
        let crowded = if numbers.len() > MAX_PER_ORIGIN { numbers.pop_front() } else { None };
        if let Some(number) = crowded {
            self.by_age.remove(&number);
        }
        self.by_age.insert(number, idle);
    }

    fn pop(&mut self, origin: &str) -> Option<IdleLink> {
        let numbers = self.by_origin.get_mut(origin)?;
        let number = numbers.pop_back()?;
        if numbers.is_empty() {
            self.by_origin.remove(origin);
        }
        self.by_age.remove(&number)
    }

    fn drop_oldest(&mut self) {
        let Some((_, idle)) = self.by_age.pop_first() else { return };
        if let Some(numbers) = self.by_origin.get_mut(&idle.origin) {
            numbers.pop_front();
            if numbers.is_empty() {
                self.by_origin.remove(&idle.origin);
            }
        }
    }
}

/// Servers close idle connections after 5 s (Node.js) to 75 s (nginx).
const IDLE: Duration = Duration::from_secs(30);
/// However busy it is.
const MAX_AGE: Duration = Duration::from_secs(5 * 60);
/// How long a connection may take until the next request can be made on it.
const SETTLE: Duration = Duration::from_secs(1);
const MAX_PER_ORIGIN: usize = 64;
