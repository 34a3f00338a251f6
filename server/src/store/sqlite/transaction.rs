//! One transaction of the writer, with what has to happen around its commit.

use hookseal::Timestamp;
use rusqlite::{CachedStatement, Connection, params};
use rustc_hash::FxHashMap;

use super::{
    StoreError,
    claims::{Claims, Held},
    lane,
    matching::Matcher,
    push, row, settle,
};
use crate::store::{
    ClaimKey, DeliveryKey, EndpointKey, Health, Intake, Job, KeyMint, MAX_DELIVERIES,
};

/// What the writer remembers beside the database.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) claims: Claims,
    pub(super) matcher: Matcher,
    /// How far the removal of old events has come, in this round: what is still pending stays behind.
    pub(super) pruned: i64,
    /// The same of records of attempts that were written late.
    pub(super) attempts_pruned: i64,
}

/// Lent to everything that writes.
pub(super) struct Transaction<'a> {
    pub(super) connection: &'a Connection,
    pub(super) memory: &'a mut Memory,
    intake: Option<&'a dyn Intake>,
    mint: &'a KeyMint,
    effects: Effects,
    /// What nearly every job runs, looked up once for all of them.
    event_insert: Option<CachedStatement<'a>>,
    delivery_insert: Option<CachedStatement<'a>>,
}

/// What a transaction does besides.
#[derive(Debug, Default)]
pub(super) struct Effects {
    /// Taken into memory, each with a reservation unless it is sent at once.
    pub(super) jobs: Vec<Job>,
    /// Stored and due now.
    pub(super) wake: bool,
    /// How many were stored with their events.
    deliveries: usize,
    claim: Option<ClaimKey>,
    claimed: Vec<DeliveryKey>,
    /// Endpoints whose lanes have to be looked at again, with their health where it changed.
    touched: FxHashMap<EndpointKey, Option<Health>>,
    healths: FxHashMap<EndpointKey, Health>,
}

/// A place to go back to.
pub(super) struct Mark {
    jobs: usize,
    claimed: usize,
    claims: usize,
    wake: bool,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        memory: &'a mut Memory,
        intake: Option<&'a dyn Intake>,
        mint: &'a KeyMint,
    ) -> Self {
        Self {
            connection,
            memory,
            intake,
            mint,
            effects: Effects::default(),
            event_insert: None,
            delivery_insert: None,
        }
    }

    /// The statement that stores an event.
    pub(super) fn event_insert(&mut self) -> Result<&mut CachedStatement<'a>, StoreError> {
        held(&mut self.event_insert, self.connection, push::INSERT)
    }

    /// The statement that stores a delivery with its first attempt.
    pub(super) fn delivery_insert(&mut self) -> Result<&mut CachedStatement<'a>, StoreError> {
        held(&mut self.delivery_insert, self.connection, settle::INSERT)
    }

    pub(super) fn intake(&self) -> Option<&'a dyn Intake> {
        self.intake
    }

    /// Takes a delivery for sending, with the claim that is shared by all that this transaction takes.
    pub(super) fn claim(
        &mut self,
        delivery: DeliveryKey,
        stored: bool,
        now: Timestamp,
    ) -> ClaimKey {
        let claim = *self.effects.claim.get_or_insert_with(|| ClaimKey(self.mint.mint(now)));
        self.effects.claimed.push(delivery);
        self.memory.claims.take(delivery, Held { claim, stored });
        claim
    }

    /// Hands a job to the memory of the node, once this is committed.
    pub(super) fn hand_over(&mut self, job: Job) {
        self.effects.jobs.push(job);
    }

    /// Notes that so many deliveries more were stored with their event.
    pub(super) fn count(&mut self, deliveries: usize) {
        self.effects.deliveries = self.effects.deliveries.saturating_add(deliveries);
    }

    /// Whether it has so many deliveries that what still waits to share it is left to the next.
    pub(super) fn is_full(&self) -> bool {
        self.effects.deliveries >= MAX_DELIVERIES
    }

    /// Says after the commit that something stored is due now.
    pub(super) fn wake(&mut self) {
        self.effects.wake = true;
    }

    /// Has the lane of an endpoint brought up to date before the commit.
    pub(super) fn touch(&mut self, endpoint: EndpointKey) {
        self.effects.touched.entry(endpoint).or_default();
    }

    pub(super) fn put_health(&mut self, endpoint: EndpointKey, health: Health) {
        self.effects.touched.insert(endpoint, Some(health));
        self.effects.healths.insert(endpoint, health);
    }

    pub(super) fn health(&mut self, endpoint: EndpointKey) -> Result<Health, StoreError> {
        if let Some(health) = self.effects.healths.get(&endpoint) {
            return Ok(*health);
        }
        let health = lane::health(self.connection, endpoint)?;
        self.effects.healths.insert(endpoint, health);
        Ok(health)
    }

    /// Brings the lanes of all endpoints that were touched up to date, once each.
    pub(super) fn refresh_lanes(&mut self) -> Result<(), StoreError> {
        for (endpoint, health) in self.effects.touched.drain() {
            lane::refresh(self.connection, endpoint, health)?;
        }
        Ok(())
    }

    /// The last writes before the commit.
    pub(super) fn finish(&mut self) -> Result<(), StoreError> {
        self.refresh_lanes()?;
        if let Some(claim) = self.effects.claim
            && !self.memory.claims.is_empty(claim)
        {
            let mut pairs = Vec::with_capacity(self.effects.claimed.len().saturating_mul(2));
            for delivery in &self.effects.claimed {
                pairs.extend([delivery.endpoint.0, delivery.event.0]);
            }
            self.connection
                .prepare_cached("INSERT INTO claim (key, deliveries) VALUES (?1, ?2)")?
                .execute(params![claim.0, row::pack(pairs.into_iter())])?;
        }
        for claim in self.memory.claims.ended() {
            self.connection
                .prepare_cached("DELETE FROM claim WHERE key = ?1")?
                .execute([claim.0])?;
        }
        Ok(())
    }

    /// Where a job begins that may fail alone. Lanes are up to date here.
    pub(super) fn mark(&self) -> Mark {
        Mark {
            jobs: self.effects.jobs.len(),
            claimed: self.effects.claimed.len(),
            claims: self.memory.claims.mark(),
            wake: self.effects.wake,
        }
    }

    /// Forgets what was done since; the database has done so already.
    pub(super) fn roll_back(&mut self, mark: &Mark) {
        self.effects.claimed.truncate(mark.claimed);
        for job in self.effects.jobs.drain(mark.jobs..) {
            if let Some(intake) = self.intake.filter(|_| !job.at_once) {
                intake.release(job.delivery.endpoint, job.event.data.len());
            }
        }
        self.effects.wake = mark.wake;
        self.effects.touched.clear();
        self.effects.healths.clear();
        self.memory.claims.roll_back(mark.claims);
        self.memory.matcher.clear();
    }

    /// What is left to do after the commit.
    pub(super) fn into_effects(self) -> Effects {
        self.effects
    }
}

fn held<'s, 'a>(
    statement: &'s mut Option<CachedStatement<'a>>,
    connection: &'a Connection,
    sql: &str,
) -> Result<&'s mut CachedStatement<'a>, StoreError> {
    match statement {
        Some(statement) => Ok(statement),
        none => Ok(none.insert(connection.prepare_cached(sql)?)),
    }
}
