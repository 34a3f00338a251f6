//! What is remembered, and the queue of what is still to be sent.
//!
//! [`Store`] keeps the records, [`Queue`] is what the dispatcher needs: `push`, `lease`, `settle`. An engine implements
//! both over one database, so that an event and its deliveries are committed together.
//!
//! **Invariants.** A call that returns `Ok` is durable. A delivery is made by `push` and becomes `delivering` in `lease`.
//! What follows an attempt happens in `settle`, in the transaction that records it; `recover` does the same for attempts
//! whose process died. Besides, only the end of an endpoint moves its deliveries, to `cancelled`, and `lease` those whose
//! row is corrupt, to `failed`. SQL lives only in the engines. No engine reads a clock.

mod model;
pub mod sqlite;

use std::fmt;

use async_trait::async_trait;
use hookseal::Timestamp;

pub use model::{
    Attempt, Delivery, DeliveryState, Endpoint, EndpointSecret, EndpointState, EventDetail,
    EventRecord, Job, KeyOrigin, KeyOwner, LeaseRequest, Leased, NewEvent, Next, Pushed,
    PushedDelivery, SealedSecret, Settlement,
};

use crate::rng::RandomError;

/// Accounts, endpoints and the record of what happened.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// The account that the key with this SHA-256 opens.
    ///
    /// # Errors
    /// [`StoreError`], as every call here.
    async fn owner_of_key(&self, key_hash: [u8; 32]) -> Result<Option<KeyOwner>, StoreError>;

    /// Notes that a key was used: from now on nothing takes its place.
    async fn mark_key_used(&self, key_hash: [u8; 32]) -> Result<(), StoreError>;

    /// Whether the account has a generated key that was never used.
    async fn has_unused_key(&self, account: &str) -> Result<bool, StoreError>;

    /// The oldest account, if there is one.
    async fn first_account(&self) -> Result<Option<String>, StoreError>;

    /// Adds a key to an account, which is made where there is none of this id. A key from the environment takes the
    /// place of the one from there before, a generated one that of those that were never used.
    async fn put_key(
        &self,
        account: &str,
        key_hash: [u8; 32],
        origin: KeyOrigin,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// A setting of the database itself.
    async fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Sets a setting.
    async fn put_setting(&self, name: &str, value: Vec<u8>) -> Result<(), StoreError>;

    /// Adds an endpoint.
    async fn insert_endpoint(
        &self,
        endpoint: Endpoint,
        secret: SealedSecret,
    ) -> Result<(), StoreError>;

    /// One endpoint of the account that is not deleted.
    async fn endpoint(&self, account: &str, id: &str) -> Result<Option<Endpoint>, StoreError>;

    /// All endpoints of the account that are not deleted, oldest first.
    async fn endpoints(&self, account: &str) -> Result<Vec<Endpoint>, StoreError>;

    /// Deletes an endpoint, wipes its secret and cancels what is not yet delivered. Whether there was one.
    async fn delete_endpoint(
        &self,
        account: &str,
        id: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// An event with its deliveries and their attempts.
    async fn event(&self, account: &str, id: &str) -> Result<Option<EventDetail>, StoreError>;

    /// One delivery with its attempts.
    async fn delivery(&self, account: &str, id: &str) -> Result<Option<Delivery>, StoreError>;

    /// Whether the engine can write: it does.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// Deliveries that wait for their moment.
#[async_trait]
pub trait Queue: fmt::Debug + Send + Sync {
    /// Stores an event with one pending delivery for each endpoint that wants it, or says that it is here already.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when too many wait to write, [`StoreError`] otherwise, as every call here.
    async fn push(&self, event: NewEvent) -> Result<Pushed, StoreError>;

    /// Takes due deliveries for sending; they are `delivering` from now on.
    async fn lease(&self, request: LeaseRequest) -> Result<Leased, StoreError>;

    /// Records an attempt and moves its delivery to the next state. A delivery whose endpoint is gone does not go back
    /// to waiting but is cancelled.
    async fn settle(&self, settlement: Settlement) -> Result<DeliveryState, StoreError>;

    /// Gives back what a process that died had leased. Returns how many.
    ///
    /// Nobody knows whether those attempts reached their receivers. So each is recorded as an attempt with the error
    /// `interrupted`, which counts towards the schedule, and the delivery is due again at once, even when the
    /// interrupted attempt was the last of its schedule: what was accepted is not given up without an outcome. Only a
    /// delivery over which the server died more than five times fails, with the reason `interrupted`.
    async fn recover(&self, now: Timestamp) -> Result<usize, StoreError>;
}

/// Why the store did not do it.
#[derive(Debug)]
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
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("too many writers wait for the store"),
            Self::Corrupt { table, id } => {
                write!(f, "row `{id}` of table `{table}` does not make sense")
            }
            Self::Engine(text) => f.write_str(text),
            Self::Random(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<RandomError> for StoreError {
    fn from(error: RandomError) -> Self {
        Self::Random(error)
    }
}
