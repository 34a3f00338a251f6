//! The engine that is one file: SQLite in WAL mode, `synchronous = FULL`.
//!
//! One thread writes; it takes all jobs that wait and commits them together (`writer.rs`). Reads go to a few connections
//! of their own and never wait for the writer (`readers.rs`). One process owns a database at a time: its caller holds the
//! lock of the data directory.

mod accounts;
mod endpoints;
mod events;
mod migrate;
mod queue;
mod readers;
mod row;
mod writer;

use std::{fmt, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use hookseal::Timestamp;
use rusqlite::Connection;

use self::{
    readers::Readers,
    writer::{Admission, Writer},
};
use super::{
    Delivery, DeliveryState, Endpoint, EventDetail, KeyOrigin, LeaseRequest, Leased, NewEvent,
    Pushed, Queue, SealedSecret, Settlement, Store, StoreError,
};
use crate::rng::Rng;

/// A database in one file.
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    rng: Arc<dyn Rng>,
}

impl SqliteStore {
    /// Opens or makes the database at `path` and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Engine`] when it cannot be opened, or was written by a newer version.
    pub fn open(path: &Path, rng: Arc<dyn Rng>) -> Result<Self, StoreError> {
        let mut connection = connect(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        migrate::run(&mut connection)?;
        let readers = (0..READERS)
            .map(|_| {
                let reader = connect(path)?;
                reader.pragma_update(None, "query_only", true)?;
                Ok(reader)
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        Ok(Self { writer: Writer::start(connection)?, readers: Readers::new(readers), rng })
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteStore(…)")
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn account_of_key(&self, key_hash: [u8; 32]) -> Result<Option<String>, StoreError> {
        self.readers.read(move |connection| accounts::of_key(connection, &key_hash)).await
    }

    async fn first_account(&self) -> Result<Option<String>, StoreError> {
        self.readers.read(accounts::first).await
    }

    async fn put_key(
        &self,
        account: &str,
        key_hash: [u8; 32],
        origin: KeyOrigin,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let account = account.to_owned();
        let write = move |connection: &Connection| {
            accounts::put_key(connection, &account, &key_hash, origin, now)
        };
        self.writer.write(Admission::Wait, write).await
    }

    async fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let name = name.to_owned();
        self.readers.read(move |connection| accounts::setting(connection, &name)).await
    }

    async fn put_setting(&self, name: &str, value: Vec<u8>) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.writer
            .write(Admission::Wait, move |connection| {
                accounts::put_setting(connection, &name, &value)
            })
            .await
    }

    async fn insert_endpoint(
        &self,
        endpoint: Endpoint,
        secret: SealedSecret,
    ) -> Result<(), StoreError> {
        self.writer
            .write(Admission::Refuse, move |connection| {
                endpoints::insert(connection, &endpoint, &secret)
            })
            .await
    }

    async fn endpoint(&self, account: &str, id: &str) -> Result<Option<Endpoint>, StoreError> {
        let (account, id) = (account.to_owned(), id.to_owned());
        self.readers.read(move |connection| endpoints::one(connection, &account, &id)).await
    }

    async fn endpoints(&self, account: &str) -> Result<Vec<Endpoint>, StoreError> {
        let account = account.to_owned();
        self.readers.read(move |connection| endpoints::all(connection, &account)).await
    }

    async fn delete_endpoint(
        &self,
        account: &str,
        id: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (account, id) = (account.to_owned(), id.to_owned());
        let write =
            move |connection: &Connection| endpoints::delete(connection, &account, &id, now);
        self.writer.write(Admission::Refuse, write).await
    }

    async fn event(&self, account: &str, id: &str) -> Result<Option<EventDetail>, StoreError> {
        let (account, id) = (account.to_owned(), id.to_owned());
        self.readers.read(move |connection| events::detail(connection, &account, &id)).await
    }

    async fn delivery(&self, account: &str, id: &str) -> Result<Option<Delivery>, StoreError> {
        let (account, id) = (account.to_owned(), id.to_owned());
        self.readers.read(move |connection| events::delivery(connection, &account, &id)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        // Through the writer: a server that cannot write is not ready.
        self.writer.write(Admission::Refuse, |_| Ok(())).await
    }
}

#[async_trait]
impl Queue for SqliteStore {
    async fn push(&self, event: NewEvent) -> Result<Pushed, StoreError> {
        let rng = Arc::clone(&self.rng);
        self.writer
            .write(Admission::Refuse, move |connection| events::push(connection, &event, &*rng))
            .await
    }

    async fn lease(&self, request: LeaseRequest) -> Result<Leased, StoreError> {
        self.writer
            .write(Admission::Wait, move |connection| queue::lease(connection, &request))
            .await
    }

    async fn settle(&self, settlement: Settlement) -> Result<DeliveryState, StoreError> {
        self.writer
            .write(Admission::Wait, move |connection| queue::settle(connection, &settlement))
            .await
    }

    async fn recover(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.writer.write(Admission::Wait, move |connection| queue::recover(connection, now)).await
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(format!("sqlite: {error}"))
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Connections that read. Reads are short and mostly from memory; more than the cores of a small machine gain nothing.
const READERS: usize = 4;
/// Statements each connection keeps prepared: all that this engine has, with room.
const STATEMENTS: usize = 64;
/// How long a reader waits while the file is being checkpointed or recovered.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
