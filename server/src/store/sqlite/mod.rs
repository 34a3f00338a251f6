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
mod settle;
mod writer;

use std::{
    fmt,
    fs::{self, File, Permissions},
    io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use hookseal::Timestamp;
use rusqlite::Connection;

use self::{
    readers::Readers,
    writer::{Admission, Writer},
};
use super::{
    Delivery, DeliveryState, Endpoint, EventDetail, KeyOrigin, KeyOwner, LeaseRequest, Leased,
    NewEvent, Pushed, Queue, SealedSecret, Settlement, Store, StoreError,
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
        make_private(path)?;
        let mut connection = connect(path)?;
        let mode: String =
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(StoreError::Engine(format!(
                "sqlite: `{}` is on a file system that cannot hold a write-ahead log (journal mode `{mode}`); put the data on a local disk",
                path.display()
            )));
        }
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

    /// Returns when the thread that writes has ended, which it does by itself only when a write panicked. Nothing can be
    /// stored from then on.
    pub async fn broken(&self) {
        self.writer.ended().await;
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteStore(…)")
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn owner_of_key(&self, key_hash: [u8; 32]) -> Result<Option<KeyOwner>, StoreError> {
        self.readers.read(move |connection| accounts::of_key(connection, &key_hash)).await
    }

    async fn mark_key_used(&self, key_hash: [u8; 32]) -> Result<(), StoreError> {
        self.writer
            .write(Admission::Refuse, move |connection| accounts::mark_used(connection, &key_hash))
            .await
    }

    async fn has_unused_key(&self, account: &str) -> Result<bool, StoreError> {
        let account = account.to_owned();
        self.readers.read(move |connection| accounts::has_unused(connection, &account)).await
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
        self.writer.write(Admission::Refuse, accounts::touch).await
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
            .write(Admission::Wait, move |connection| settle::settle(connection, &settlement))
            .await
    }

    async fn recover(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.writer.write(Admission::Wait, move |connection| settle::recover(connection, now)).await
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        match error {
            // The engine works, but what it holds is not what was put there: trying again is of no use.
            E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::InvalidColumnType(..)
            | E::Utf8Error(..) => Self::Corrupt { table: "(any)", id: error.to_string() },
            _ => Self::Engine(format!("sqlite: {error}")),
        }
    }
}

/// Makes the database file where it is missing, and lets nobody else read it, its log or its index: SQLite gives those
/// the mode of the database.
fn make_private(path: &Path) -> Result<(), StoreError> {
    let failed = |error: io::Error| {
        StoreError::Engine(format!("cannot make `{}` private: {error}", path.display()))
    };
    let mut open = File::options();
    let file = open.create(true).append(true).mode(PRIVATE).open(path).map_err(failed)?;
    file.set_permissions(Permissions::from_mode(PRIVATE)).map_err(failed)?;
    for suffix in ["-wal", "-shm"] {
        let mut beside = path.as_os_str().to_owned();
        beside.push(suffix);
        match fs::set_permissions(beside, Permissions::from_mode(PRIVATE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    Ok(())
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Read and written by the owner only.
const PRIVATE: u32 = 0o600;
/// Connections that read. Reads are short and mostly from memory; more than the cores of a small machine gain nothing.
const READERS: usize = 4;
/// Statements each connection keeps prepared: all that this engine has, with room.
const STATEMENTS: usize = 64;
/// How long a reader waits while the file is being checkpointed or recovered.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::ManualClock, rng::SeededRng, service::readiness::Readiness};

    #[tokio::test]
    async fn readiness_is_a_write_that_worked_at_most_once_a_second() {
        let data = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&data.path().join("db"), Arc::new(SeededRng::new(1)));
        let store = Arc::new(store.unwrap());
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(0)));
        let readiness = Readiness::new(store.clone(), clock.clone());
        let can_write = async |can: bool| {
            // Breaks what is written, while an empty transaction still goes through.
            let (from, to) = if can { ("gone", "setting") } else { ("setting", "gone") };
            let set = move |connection: &Connection| {
                Ok(connection.execute_batch(&format!("ALTER TABLE {from} RENAME TO {to}"))?)
            };
            store.writer.write(Admission::Wait, set).await.unwrap();
        };
        assert!(readiness.check().await.is_ok());
        let mut works = true;
        for (can, advance, ready) in
            [(false, 999, true), (false, 1, false), (true, 999, false), (true, 1, true)]
        {
            if can != works {
                can_write(can).await;
                works = can;
            }
            clock.advance(Duration::from_millis(advance));
            assert_eq!(readiness.check().await.is_ok(), ready, "{can} {advance}");
        }
    }
}
