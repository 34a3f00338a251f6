//! What is remembered, and the queue of what is still to be sent.
//!
//! [`Store`] keeps the records, [`Queue`] is what the dispatcher needs: `push`, `lease`, `settle`. An engine implements
//! both over one database, so that an event and its deliveries are committed together.
//!
//! # How little is written
//! The usual event is written once and its delivery once: `push` stores the event, with the list of its endpoints, and
//! one *claim* for all that a commit accepted; the deliveries go to the memory of the node by [`Intake`]. `settle` then
//! writes the row of the delivery, with its attempt, and drops the claim when all of it is settled. Only what memory has
//! no room for, and what has to wait (retries, paused and ordered endpoints), is a row before it is sent, and comes back by
//! `lease`. What a node held when it died is in its claims: `recover` makes rows of it.
//!
//! *Lanes* make the backlog of an endpoint cost the others nothing: one row per endpoint that has pending deliveries or
//! fails (or ever had, where an engine locks it), with the moment when it is worth a look. A dead endpoint is one row with a moment that is far away.
//!
//! # Invariants
//! A call that returns `Ok` is durable. What follows an attempt happens in `settle`, in the transaction that records it.
//! Besides, only these move deliveries: `recover`, `replay`, and the end of an endpoint (to `cancelled`). SQL lives only in
//! the engines. No engine reads the clock of its node. Every call may be repeated after an unclear outcome: `push` and
//! `settle` do a thing once.

mod account;
mod delivery;
mod endpoint;
mod event;
mod event_type;
mod key;
mod lease;
mod portion;
pub mod postgres;
mod source;
pub mod sqlite;
pub(crate) mod word;

use std::{fmt, future, sync::Arc, time::Duration};

use async_trait::async_trait;
use hookseal::Timestamp;

pub use account::{Account, AccountChange, ApiKey, Holder, KeyMade, KeyOrigin, Scope, Validation};
pub use delivery::{Attempt, Delivery, DeliveryFilter, DeliveryState, Phases, Replay, Walked};
pub use endpoint::{
    Endpoint, EndpointChange, EndpointFilter, EndpointSettings, EndpointState, Order, SealedSecret,
    SecretKind, Secrets, SharedTarget, Target,
};
pub use event::{Event, EventDetail, EventFilter, EventHead, NewEvent, Pushed};
pub use event_type::{EventTypeChange, EventTypeDetail, EventTypeRecord, Registered};
pub use key::{
    AccountKey, ApiKeyId, ClaimKey, DeliveryKey, EndpointKey, EventKey, KeyMint, RefusalKey,
    SourceKey,
};
pub use lease::{
    Disable, Health, Intake, Job, LanePlace, LeaseRequest, Leased, Next, Settlement, Tenant,
};
pub use source::{Refusal, Source, SourceNote, SourceSettings, SourceState, Sources};

use crate::rng::RandomError;

/// Accounts, endpoints and the record of what happened. Whatever names an account sees and touches only what is its own.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// The key with this SHA-256, and its account.
    ///
    /// # Errors
    /// [`StoreError`], as every call here.
    async fn api_key(&self, hash: [u8; 32]) -> Result<Option<Holder>, StoreError>;

    /// Notes that a key was used: from now on nothing takes its place.
    async fn mark_key_used(&self, id: ApiKeyId) -> Result<(), StoreError>;

    /// Adds a key, and its account where there is none. A key from the environment takes the place of the one from there
    /// before, a generated one that of those that were never used. A hash that is there already stays as it is.
    async fn put_key(&self, key: ApiKey, hash: [u8; 32]) -> Result<(), StoreError>;

    /// Adds a key that was made with another one, if that is still there, and the account has fewer than `max`.
    async fn put_key_by(
        &self,
        key: ApiKey,
        hash: [u8; 32],
        by: ApiKeyId,
        max: u32,
    ) -> Result<KeyMade, StoreError>;

    /// Keys of the account, or of a tenant of it, oldest first, after one of them, at most `limit`.
    async fn api_keys(
        &self,
        account: AccountKey,
        tenant: Option<&str>,
        after: Option<ApiKeyId>,
        limit: u32,
    ) -> Result<Vec<ApiKey>, StoreError>;

    /// Revokes a key. Whether there was one.
    async fn delete_key(&self, account: AccountKey, id: ApiKeyId) -> Result<bool, StoreError>;

    /// The oldest account, if there is one; never the [server's own](AccountKey::OWN).
    async fn first_account(&self) -> Result<Option<AccountKey>, StoreError>;

    /// Adds an account with its first key. One that is there stays as it is.
    async fn insert_account(
        &self,
        account: Account,
        key: ApiKey,
        hash: [u8; 32],
    ) -> Result<(), StoreError>;

    /// One account.
    async fn account(&self, key: AccountKey) -> Result<Option<Account>, StoreError>;

    /// Accounts, oldest first, after one of them, at most `limit`.
    async fn accounts(
        &self,
        after: Option<AccountKey>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError>;

    /// Changes an account and returns what it is now; `None` where there is none.
    async fn change_account(
        &self,
        key: AccountKey,
        change: AccountChange,
    ) -> Result<Option<Account>, StoreError>;

    /// Registers a type of events, unless the account has `max` of them.
    async fn insert_event_type(
        &self,
        account: AccountKey,
        new: EventTypeDetail,
        max: u32,
    ) -> Result<Registered, StoreError>;

    /// One type of events.
    async fn event_type(
        &self,
        account: AccountKey,
        name: &str,
    ) -> Result<Option<EventTypeDetail>, StoreError>;

    /// The schema of a version of a type, and when it was made.
    async fn event_schema(
        &self,
        account: AccountKey,
        name: &str,
        version: u32,
    ) -> Result<Option<(String, Timestamp)>, StoreError>;

    /// Types of events by their names, after one of them, at most `limit`.
    async fn event_types(
        &self,
        account: AccountKey,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<EventTypeRecord>, StoreError>;

    /// Changes a type of events and returns what it is now; `None` where there is none.
    async fn change_event_type(
        &self,
        account: AccountKey,
        name: &str,
        change: EventTypeChange,
        now: Timestamp,
    ) -> Result<Option<EventTypeDetail>, StoreError>;

    /// Removes a type of events with its schemas. Whether there was one.
    async fn delete_event_type(&self, account: AccountKey, name: &str) -> Result<bool, StoreError>;

    /// A setting of the database itself.
    async fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Sets a setting, unless it is there: of several nodes that start at once, one decides. Returns what is there now.
    async fn init_setting(&self, name: &str, value: Vec<u8>) -> Result<Vec<u8>, StoreError>;

    /// Adds an endpoint.
    async fn insert_endpoint(&self, endpoint: Endpoint, secrets: Secrets)
    -> Result<(), StoreError>;

    /// One endpoint with its secrets, unless it is deleted.
    async fn target(
        &self,
        account: AccountKey,
        key: EndpointKey,
    ) -> Result<Option<Target>, StoreError>;

    /// The tenant of an endpoint, deleted or not, which never changes: `Some(None)` for one of the whole account, `None`
    /// where there is no such endpoint.
    async fn endpoint_tenant(
        &self,
        account: AccountKey,
        key: EndpointKey,
    ) -> Result<Option<Option<String>>, StoreError>;

    /// Endpoints that are not deleted, oldest first, after one of them, at most `limit`.
    async fn endpoints(
        &self,
        account: AccountKey,
        filter: &EndpointFilter,
        after: Option<EndpointKey>,
        limit: u32,
    ) -> Result<Vec<Endpoint>, StoreError>;

    /// Changes an endpoint and returns what it is now; `None` where there is none. One that is resumed or enabled counts as
    /// healthy until shown otherwise.
    ///
    /// # Errors
    /// [`StoreError::Stale`] where it is not of the version that the change is made for.
    async fn change_endpoint(
        &self,
        account: AccountKey,
        key: EndpointKey,
        change: EndpointChange,
        now: Timestamp,
    ) -> Result<Option<Endpoint>, StoreError>;

    /// Replaces the secrets of an endpoint that has this version. Whether there was one.
    ///
    /// # Errors
    /// [`StoreError::Stale`] where it has another version.
    async fn put_secrets(
        &self,
        account: AccountKey,
        key: EndpointKey,
        version: i64,
        secrets: Secrets,
    ) -> Result<bool, StoreError>;

    /// The targets of all accounts after one of them, at most `limit`: to seal their secrets under another master key.
    async fn all_targets(
        &self,
        after: Option<EndpointKey>,
        limit: u32,
    ) -> Result<Vec<Target>, StoreError>;

    /// Replaces settings and what is sealed, of endpoints that have these versions, in one transaction: the last step of a new
    /// master key. What was refused is forgotten.
    ///
    /// # Errors
    /// [`StoreError::Stale`] where an endpoint has another version: nothing is changed.
    async fn reseal(&self, anew: Resealed) -> Result<(), StoreError>;

    /// Deletes an endpoint, wipes its secrets and cancels what is not yet delivered. Whether there was one.
    async fn delete_endpoint(
        &self,
        account: AccountKey,
        key: EndpointKey,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// An event and where it went.
    async fn event(&self, account: AccountKey, id: &str)
    -> Result<Option<EventDetail>, StoreError>;

    /// The deliveries of an event to some of the endpoints that it went to, in their order, without attempts before the last.
    async fn deliveries_of(
        &self,
        event: &Event,
        endpoints: &[EndpointKey],
    ) -> Result<Vec<Delivery>, StoreError>;

    /// Events, newest first, before one of them, at most `limit`.
    async fn events(
        &self,
        account: AccountKey,
        filter: &EventFilter,
        before: Option<EventKey>,
        limit: u32,
    ) -> Result<Vec<EventHead>, StoreError>;

    /// The event so many places before another one, or before the end, of those of the account or of a tenant.
    async fn earlier_event(
        &self,
        account: AccountKey,
        tenant: Option<&str>,
        before: Option<EventKey>,
        places: u32,
    ) -> Result<Option<EventKey>, StoreError>;

    /// One delivery with its attempts, first to last.
    async fn delivery(
        &self,
        account: AccountKey,
        key: DeliveryKey,
    ) -> Result<Option<(Delivery, Vec<Attempt>)>, StoreError>;

    /// Deliveries, by event newest first, before one of them, at most `limit`. Those that were accepted and never settled
    /// are not among them: they are under way, and seen by their events.
    async fn deliveries(
        &self,
        account: AccountKey,
        filter: &DeliveryFilter,
        before: Option<DeliveryKey>,
        limit: u32,
    ) -> Result<Walked, StoreError>;

    /// Makes what has ended due again, from the first step of its schedule; what is pending becomes due now. Leaves out
    /// endpoints that are deleted or disabled. Returns how many deliveries will be sent; `None` where there is no such
    /// delivery, event or endpoint.
    async fn replay(
        &self,
        account: AccountKey,
        what: Replay,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError>;

    /// Removes at most `limit` events accepted before `events`, with all that became of them, and the records of attempts
    /// of events accepted before `attempts`. What is still pending stays. Returns whether more is left to remove.
    async fn prune(
        &self,
        events: Timestamp,
        attempts: Timestamp,
        limit: u32,
    ) -> Result<bool, StoreError>;

    /// Removes at most `limit` events of a tenant, with all that became of them, whatever their state; and its endpoints.
    /// Returns whether more is left.
    async fn erase_tenant(
        &self,
        account: AccountKey,
        tenant: &str,
        limit: u32,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Removes at most `limit` secrets whose overlap has ended. Returns whether more may be left.
    async fn drop_secrets(&self, limit: u32, now: Timestamp) -> Result<bool, StoreError>;

    /// Cancels at most `limit` deliveries that still wait for endpoints that are gone. Returns whether more are left.
    async fn sweep(&self, limit: u32, now: Timestamp) -> Result<bool, StoreError>;

    /// Whether the engine can write: it does.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// What a new master key changes.
#[derive(Clone, Debug, Default)]
pub struct Resealed {
    /// Settings, by their names.
    pub settings: Vec<(String, Vec<u8>)>,
    /// Secrets of endpoints, with the versions that these have.
    pub endpoints: Vec<(EndpointKey, i64, Secrets)>,
    /// What is sealed of sources.
    pub sources: Vec<(SourceKey, Vec<u8>)>,
}

/// Deliveries that wait for their moment.
#[async_trait]
pub trait Queue: fmt::Debug + Send + Sync {
    /// A number for a new row.
    fn mint(&self, now: Timestamp) -> i64;

    /// Where deliveries go that need not wait. Set once, before the first `push`; until then all of them are stored.
    fn set_intake(&self, intake: Arc<dyn Intake>);

    /// Stores events with their deliveries, in one transaction that is shared with others, or says that they are here
    /// already. One answer per event, in their order.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when too many wait to write, [`StoreError::TooManyDeliveries`] when several events have more than
    /// [`MAX_DELIVERIES`], [`StoreError`] otherwise, as every call here.
    async fn push(&self, events: Vec<NewEvent>) -> Result<Vec<Pushed>, StoreError>;

    /// Takes due deliveries for sending; they are `delivering` from now on. At an endpoint with an order, only the
    /// first of each order is due.
    async fn lease(&self, request: LeaseRequest) -> Result<Leased, StoreError>;

    /// Records an attempt and moves its delivery to the next state, which is returned. A delivery whose endpoint is gone
    /// does not go back to waiting but is cancelled. That an endpoint took a delivery is always believed; any other
    /// outcome only while the delivery is this node's.
    async fn settle(&self, settlement: Settlement) -> Result<DeliveryState, StoreError>;

    /// Makes what nodes held that are dead due again. Returns how many deliveries. An engine of one node takes all others
    /// for dead.
    ///
    /// Nobody knows whether those were sent. So each is recorded as an attempt with the error `interrupted`, which does not
    /// count as a step of the schedule: what was accepted is not given up without an outcome. Only a delivery over
    /// which nodes died more than [`MAX_INTERRUPTIONS`] times fails, with the reason `interrupted`.
    async fn recover(&self, now: Timestamp) -> Result<usize, StoreError>;

    /// Says that this node is alive, a few times within [`NODE_LEASE_MILLIS`]. `false`: it was taken for dead and has
    /// joined anew; what it held belongs to others, and settling it changes nothing.
    async fn heartbeat(&self) -> Result<bool, StoreError>;

    /// Says that this node ends: others need not wait for that. What it still holds falls to them.
    async fn leave(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// What another node says. Never returns where there is no other.
    async fn hear(&self) -> Heard {
        future::pending().await
    }

    /// How many nodes are alive, this one with them: as of the last heartbeat.
    fn nodes(&self) -> u32 {
        1
    }

    /// Until when this node may begin attempts without another heartbeat, by
    /// [`Clock::elapsed`](crate::clock::Clock::elapsed): from then on others may be sending what it holds, and it may not
    /// have heard of an endpoint that is gone. `None` where there are no others.
    fn lease_end(&self) -> Option<Duration> {
        None
    }

    /// Returns when the engine can never write again.
    async fn broken(&self);
}

/// What one node tells the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Something is due that the other node has no room for.
    Due,
    /// An endpoint was deleted, disabled, paused or moved, or its secret replaced at once: what is being sent to it is
    /// broken off.
    Revoked(EndpointKey),
}

/// How long a node counts as alive after its last heartbeat.
pub const NODE_LEASE_MILLIS: i64 = 15_000;

/// Times a delivery is made again after the node that held it died.
///
/// Far more than a machine that crashes and starts again does in a day: most of what a node holds when it dies was only
/// waiting, and is not given up for that. It ends what brings a node down each time.
pub const MAX_INTERRUPTIONS: u32 = 250;

/// Deliveries that several events may have which are pushed together: of each, what is stored, answered and held in memory at
/// once. One event alone goes to all endpoints that want it.
pub const MAX_DELIVERIES: usize = 100_000;

/// Why the store did not do it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// Too many writers wait; try again soon.
    Busy,
    /// A row does not make sense.
    Corrupt {
        /// The table.
        table: &'static str,
        /// The id of the row.
        id: String,
    },
    /// The engine failed; the text is for the log.
    Engine(String),
    /// There was no randomness for an id.
    Random(RandomError),
    /// Somebody changed it since it was read.
    Stale,
    /// Events that were pushed together have more deliveries than [`MAX_DELIVERIES`]: none of them is stored.
    TooManyDeliveries,
    /// The database is away, or its disk takes nothing at the moment; the text is for the log.
    Unavailable(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("too many writers wait for the store"),
            Self::Corrupt { table, id } => {
                write!(f, "row `{id}` of table `{table}` does not make sense")
            }
            Self::Engine(text) | Self::Unavailable(text) => f.write_str(text),
            Self::Random(error) => error.fmt(f),
            Self::Stale => f.write_str("the endpoint was changed meanwhile"),
            Self::TooManyDeliveries => {
                write!(f, "the events have more than {MAX_DELIVERIES} deliveries")
            }
        }
    }
}

impl std::error::Error for StoreError {}

impl From<RandomError> for StoreError {
    fn from(error: RandomError) -> Self {
        Self::Random(error)
    }
}

/// A whole engine.
pub trait Engine: Store + Queue + Sources {}

impl<T: Store + Queue + Sources> Engine for T {}
