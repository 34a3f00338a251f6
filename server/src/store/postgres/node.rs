//! This node among the others: its number, and its lease by the clock of the database.
//!
//! **Invariants.** No two living nodes have the same number. A number that a dead node had is not given to another
//! while something is claimed under it, nor within some minutes: the dead one may still believe it is alive and mint.
//! Whatever a node commits, it commits while its row says that it is not dead. Who could not reach the database itself,
//! or has just come, gives the others half a lease to say that they are alive: when a database comes back after longer than a
//! lease, nobody is dead.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use hookseal::Timestamp;

use super::{
    fault::Fault,
    notices,
    session::{Session, Values},
    time::DatabaseClock,
};
use crate::{
    clock::Clock as _,
    store::{Heard, KeyMint},
};

/// What a node is called, for as long as it is not taken for dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Badge {
    pub(super) id: i16,
    /// Tells it from others that had the number before.
    pub(super) joined: i64,
}

impl Badge {
    /// Reads what [`Display`](fmt::Display) writes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (id, joined) = text.split_once('.')?;
        Some(Self { id: id.parse().ok()?, joined: joined.parse().ok()? })
    }
}

impl fmt::Display for Badge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.id, self.joined)
    }
}

#[derive(Debug)]
pub(super) struct Node {
    seat: RwLock<Seat>,
    clock: Arc<DatabaseClock>,
    lease_millis: i64,
    /// By `elapsed`, and never later than by the clock of the database.
    lease_end: Mutex<Duration>,
    /// It was taken for dead, and the dispatcher does not know it yet.
    lost: AtomicBool,
    alive: AtomicU32,
}

#[derive(Debug)]
struct Seat {
    badge: Badge,
    mint: KeyMint,
}

impl Node {
    /// Takes a number.
    pub(super) async fn join(
        session: &Session,
        lease_millis: i64,
        clock: Arc<DatabaseClock>,
    ) -> Result<Self, Fault> {
        let asked = clock.elapsed();
        Ok(Self {
            seat: RwLock::new(take_seat(session, lease_millis).await?),
            lease_end: Mutex::new(asked + lease(lease_millis)),
            clock,
            lease_millis,
            lost: AtomicBool::new(false),
            alive: AtomicU32::new(1),
        })
    }

    /// Takes another number, because others took this node for dead. What it held is theirs.
    pub(super) async fn join_anew(&self, session: &Session) -> Result<(), Fault> {
        let asked = self.clock.elapsed();
        let seat = take_seat(session, self.lease_millis).await?;
        *self.seat.write().unwrap_or_else(PoisonError::into_inner) = seat;
        self.lost.store(true, Ordering::Release);
        self.lives_from(asked);
        Ok(())
    }

    pub(super) fn badge(&self) -> Badge {
        self.seat.read().unwrap_or_else(PoisonError::into_inner).badge
    }

    pub(super) fn mint(&self, now: Timestamp) -> i64 {
        self.seat.read().unwrap_or_else(PoisonError::into_inner).mint.mint(now)
    }

    /// Lengthens the lease. Whether the node is still taken for alive.
    pub(super) async fn beat(&self, session: &Session) -> Result<bool, Fault> {
        let (badge, asked) = (self.badge(), self.clock.elapsed());
        let beaten = session.execute(BEAT, &[&badge.id, &badge.joined, &self.lease_millis]).await?;
        if beaten > 0 {
            self.lives_from(asked);
        }
        let asked = self.clock.elapsed();
        if let Some(row) = session.optional(ALIVE, &[]).await? {
            self.clock.set(row.try_get(1)?, asked);
            let alive = u32::try_from(row.try_get::<_, i64>(0)?).unwrap_or(1);
            self.alive.store(alive.max(1), Ordering::Relaxed);
        }
        Ok(beaten > 0)
    }

    /// Until when nobody takes this node for dead, by [`Clock::elapsed`](crate::clock::Clock::elapsed).
    pub(super) fn lease_end(&self) -> Duration {
        *self.lease_end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long a heartbeat lasts.
    pub(super) fn lease(&self) -> Duration {
        lease(self.lease_millis)
    }

    fn lives_from(&self, asked: Duration) {
        *self.lease_end.lock().unwrap_or_else(PoisonError::into_inner) =
            asked + lease(self.lease_millis);
    }

    pub(super) fn clock(&self) -> Arc<DatabaseClock> {
        Arc::clone(&self.clock)
    }

    /// Ends the lease, and tells the others that what it gave back is due.
    pub(super) async fn leave(&self, session: &Session) -> Result<(), Fault> {
        let badge = self.badge();
        session.execute(LEAVE, &[&badge.id, &badge.joined]).await?;
        notices::say(session, badge, &[Heard::Due]).await
    }

    pub(super) fn alive(&self) -> u32 {
        self.alive.load(Ordering::Relaxed)
    }

    /// Whether it was taken for dead since this was asked last.
    pub(super) fn was_lost(&self) -> bool {
        self.lost.swap(false, Ordering::AcqRel)
    }
}

/// Fails the transaction of a node that is dead, and keeps it from being taken for dead until the end of the
/// transaction: whoever does that has to lock the row first.
pub(super) async fn fence(session: &Session, badge: Badge) -> Result<bool, Fault> {
    Ok(session.optional(FENCE, &[&badge.id, &badge.joined]).await?.is_some())
}

fn lease(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}

async fn take_seat(session: &Session, lease_millis: i64) -> Result<Seat, Fault> {
    session.begin().await?;
    let taken = take_number(session, lease_millis).await;
    let Some(badge) = taken? else {
        session.rollback().await?;
        return Err(Fault::engine(
            "the database has 1024 nodes, which is as many as there are numbers",
        ));
    };
    session.commit().await?;
    let newest: Option<i64> = match session.optional(NEWEST, &[]).await? {
        Some(row) => row.try_get(0)?,
        None => None,
    };
    let number = u16::try_from(badge.id).unwrap_or_default();
    Ok(Seat { badge, mint: KeyMint::new(number, newest.unwrap_or_default()) })
}

/// The smallest that is free, or else was used last by a node that is dead for some time.
async fn take_number(session: &Session, lease_millis: i64) -> Result<Option<Badge>, Fault> {
    session.execute(LOCK, &[]).await?;
    for forget in [FORGET_OLD, FORGET_ANY] {
        session.execute(forget, &[]).await?;
        let values: Values<'_> = &[&lease_millis];
        if let Some(row) = session.optional(TAKE, values).await? {
            return Ok(Some(Badge { id: row.try_get(0)?, joined: row.try_get(1)? }));
        }
    }
    Ok(None)
}

/// For whoever chooses a number.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7526411283028634734)";
const FORGET_OLD: &str =
    "DELETE FROM node n WHERE n.dead AND n.expires_at < now() - interval '10 minutes'
    AND NOT EXISTS (SELECT FROM claim c WHERE c.node = n.id)";
const FORGET_ANY: &str =
    "DELETE FROM node n WHERE n.dead AND NOT EXISTS (SELECT FROM claim c WHERE c.node = n.id)";
const TAKE: &str = "INSERT INTO node (id, expires_at, judges_at)
    SELECT g, now() + $1::bigint * interval '1 millisecond', now() + $1::bigint * interval '0.5 milliseconds' FROM generate_series(0, 1023) AS g
    WHERE NOT EXISTS (SELECT FROM node n WHERE n.id = g) ORDER BY g LIMIT 1
    RETURNING id, joined";
/// A lease that ended can go on as long as nobody has taken over.
const BEAT: &str = "UPDATE node SET expires_at = now() + $3::bigint * interval '1 millisecond',
        judges_at = CASE WHEN expires_at < now() THEN now() + $3::bigint * interval '0.5 milliseconds' ELSE judges_at END
    WHERE id = $1 AND joined = $2 AND NOT dead";
const LEAVE: &str =
    "UPDATE node SET expires_at = LEAST(expires_at, now()) WHERE id = $1 AND joined = $2";
const ALIVE: &str =
    "SELECT count(*), (extract(epoch FROM clock_timestamp()) * 1000)::bigint FROM node
    WHERE NOT dead AND expires_at > now()";
pub(super) const FENCE: &str =
    "SELECT FROM node WHERE id = $1 AND joined = $2 AND NOT dead FOR KEY SHARE";
/// Beyond every key of this number, because beyond every key.
const NEWEST: &str = "SELECT GREATEST(
    (SELECT max(newest.key) FROM account a,
        LATERAL (SELECT v.key FROM event v WHERE v.account = a.key ORDER BY v.key DESC LIMIT 1) newest),
    (SELECT max(key) FROM endpoint), (SELECT max(id) FROM api_key), (SELECT max(key) FROM account),
    (SELECT max(key) FROM claim), (SELECT max(key) FROM source), (SELECT max(key) FROM refusal))";
