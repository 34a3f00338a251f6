//! The engine that is one file: SQLite in WAL mode, `synchronous = FULL`.
//!
//! One thread writes; it takes all jobs that wait and commits them together (`writer.rs`, `core.rs`). Reads go to a few
//! connections of their own and never wait for the writer (`readers.rs`). One process owns a database at a time: its
//! caller holds the lock of the data directory. So what the writer remembers of endpoints and claims is true without
//! being read again.

mod accounts;
mod checkpoint;
mod claims;
mod core;
mod deliveries;
mod endpoints;
mod event_types;
mod events;
mod file;
mod gone;
mod lane;
mod lease;
mod list;
mod matching;
mod migrate;
mod order;
mod push;
mod queue;
mod readers;
mod recover;
mod remove;
mod replay;
mod row;
mod settle;
mod sources;
mod store;
mod thread;
mod transaction;
mod writer;

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use rusqlite::Connection;
use tokio::{runtime::Handle, sync::oneshot};

use self::{
    checkpoint::Checkpointer,
    core::{Core, Job, Kind, Work},
    file::Durability,
    readers::Readers,
    transaction::{Memory, Transaction},
    writer::{Admission, Writer},
};
use super::{ClaimKey, Intake, KeyMint, StoreError};

/// A database in one file.
pub struct SqliteStore {
    engine: Engine,
    mint: Arc<KeyMint>,
    intake: Arc<OnceLock<Arc<dyn Intake>>>,
    /// Claims up to this one are of former runs.
    former: ClaimKey,
}

enum Engine {
    Threads { writer: Writer, readers: Readers },
    Inline(Box<Mutex<Core>>),
}

impl SqliteStore {
    /// Opens or makes the database at `path` and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Engine`] when it cannot be opened, or was written by a newer version.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::start(path, Durability::Full, |mut core| {
            core.connection.pragma_update(None, "wal_autocheckpoint", 0)?;
            core.runtime = Handle::try_current().ok();
            core.checkpointer = Some(Checkpointer::start(path)?);
            let readers = (0..READERS).map(|_| file::reader(path)).collect::<Result<_, _>>()?;
            Ok(Engine::Threads { writer: Writer::start(core)?, readers: Readers::new(readers) })
        })
    }

    /// As [`open`](Self::open), without threads: each call does its work before it first waits, in a transaction of
    /// its own that is not synced. For simulations, which decide themselves what happens when.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn inline(path: &Path) -> Result<Self, StoreError> {
        Self::start(path, Durability::None, |core| Ok(Engine::Inline(Box::new(Mutex::new(core)))))
    }

    fn start(
        path: &Path,
        durability: Durability,
        engine: impl FnOnce(Core) -> Result<Engine, StoreError>,
    ) -> Result<Self, StoreError> {
        let connection = file::writer(path, durability)?;
        let newest = file::newest_key(&connection)?;
        let mint = Arc::new(KeyMint::new(0, newest));
        let intake = Arc::new(OnceLock::new());
        let core = Core {
            connection,
            memory: Memory::default(),
            intake: Arc::clone(&intake),
            mint: Arc::clone(&mint),
            checkpointer: None,
            runtime: None,
        };
        Ok(Self { engine: engine(core)?, mint, intake, former: ClaimKey(newest) })
    }

    /// Writes, and returns once that is on disk.
    async fn write<T: Send + 'static>(
        &self,
        admission: Admission,
        work: impl FnMut(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.submit(admission, Work::boxed(Kind::Guarded, 0, work)).await
    }

    async fn submit<T: Send + 'static>(
        &self,
        admission: Admission,
        (job, answered): (Box<dyn Job>, oneshot::Receiver<Result<T, StoreError>>),
    ) -> Result<T, StoreError> {
        match &self.engine {
            Engine::Threads { writer, .. } => writer.send(admission, job).await?,
            Engine::Inline(core) => {
                core.lock().unwrap_or_else(PoisonError::into_inner).run(vec![job]);
            }
        }
        answered.await.map_err(|_| writer::ended())?
    }

    /// Reads, in one snapshot.
    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &self.engine {
            Engine::Threads { readers, .. } => readers.read(query).await,
            Engine::Inline(core) => {
                query(&core.lock().unwrap_or_else(PoisonError::into_inner).connection)
            }
        }
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteStore(…)")
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::{Error as E, ErrorCode};
        match error {
            // The engine works, but what it holds is not what was put there: trying again is of no use.
            E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::InvalidColumnType(..)
            | E::Utf8Error(..) => Self::Corrupt { table: "(any)", id: error.to_string() },
            // The disk is full, broken or read-only.
            E::SqliteFailure(inner, _)
                if matches!(
                    inner.code,
                    ErrorCode::CannotOpen
                        | ErrorCode::DiskFull
                        | ErrorCode::ReadOnly
                        | ErrorCode::SystemIoFailure
                ) =>
            {
                Self::Unavailable(format!("sqlite: {error}"))
            }
            _ => Self::Engine(format!("sqlite: {error}")),
        }
    }
}

/// Connections that read. Reads are short and mostly from memory; more than the cores of a small machine gain nothing.
const READERS: usize = 4;

/// What the engine says of how it will run a statement.
#[cfg(test)]
fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    for index in 1..=statement.parameter_count() {
        statement.raw_bind_parameter(index, 1).unwrap();
    }
    let (mut rows, mut plan) = (statement.raw_query(), Vec::new());
    while let Some(row) = rows.next().unwrap() {
        plan.push(row.get("detail").unwrap());
    }
    plan
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicIsize, Ordering};

    use hookseal::Timestamp;

    use super::*;
    use crate::store::{
        AccountKey, ApiKey, ApiKeyId, DeliveryState, Endpoint, EndpointKey, EndpointSettings,
        EndpointState, EventKey, Health, Job, KeyOrigin, NewEvent, Next, Queue as _, Scope,
        SealedSecret, SecretKind, Secrets, Settlement, SharedTarget, Store as _,
    };

    #[derive(Debug, Default)]
    struct Memory {
        reserved: AtomicIsize,
        jobs: Mutex<Vec<Job>>,
    }

    impl Intake for Memory {
        fn reserve(&self, _: &SharedTarget, _: Health, _: usize) -> bool {
            self.reserved.fetch_add(1, Ordering::Relaxed);
            true
        }

        fn release(&self, _: EndpointKey, _: usize) {
            self.reserved.fetch_sub(1, Ordering::Relaxed);
        }

        fn take(&self, jobs: Vec<Job>) {
            self.jobs.lock().unwrap().extend(jobs);
        }

        fn wake(&self) {}
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000 + millis)
    }

    fn event(number: i64, len: usize) -> NewEvent {
        NewEvent {
            key: EventKey::floor(at(number)),
            account: AccountKey(1),
            id: None,
            idempotency_key: None,
            fingerprint: [0; 16],
            event_type: "a.b".to_owned(),
            tenant: None,
            profile: None,
            ordering_key: None,
            data: "x".repeat(len).into(),
            patterns: vec!["*".to_owned()],
            profiles: vec!["naive"],
            only: None,
            at_once: false,
            now: at(number),
        }
    }

    async fn prepare(store: &SqliteStore) {
        let key = ApiKey {
            id: ApiKeyId(1),
            account: AccountKey(1),
            origin: KeyOrigin::Api,
            scope: Scope::Admin,
            tenant: None,
            name: None,
            used: false,
            created_at: at(0),
        };
        store.put_key(key, [0; 32]).await.unwrap();
        let endpoint = Endpoint {
            key: EndpointKey(1),
            account: AccountKey(1),
            url: "https://example.com/".to_owned(),
            event_types: vec!["*".to_owned()],
            profile: "naive".to_owned(),
            tenant: None,
            description: None,
            state: EndpointState::Active,
            reason: None,
            secret: SecretKind::None,
            settings: EndpointSettings::default(),
            failing_since: None,
            version: 1,
        };
        let current = SealedSecret { kind: SecretKind::None, sealed: Vec::new() };
        store.insert_endpoint(endpoint, Secrets { current, previous: None }).await.unwrap();
    }

    /// Lets the database grow by no more than so many pages.
    async fn room(store: &SqliteStore, pages: i64) {
        let limit = move |t: &mut Transaction<'_>| {
            let now: i64 = t.connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
            let set = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
            Ok(t.connection.pragma_update_and_check(None, "max_page_count", now + pages, set)?)
        };
        store.write(Admission::Wait, limit).await.unwrap();
    }

    #[tokio::test]
    async fn a_full_disk_loses_nothing_and_gives_the_room_back() {
        let folder = tempfile::tempdir().unwrap();
        for store in [
            SqliteStore::open(&folder.path().join("threads")).unwrap(),
            SqliteStore::inline(&folder.path().join("inline")).unwrap(),
        ] {
            let memory = Arc::new(Memory::default());
            store.set_intake(memory.clone());
            prepare(&store).await;
            store.push(vec![event(1, 10)]).await.unwrap();
            room(&store, 2).await;
            let too_much = vec![event(2, 10), event(3, 1_000_000)];
            assert!(matches!(store.push(too_much).await, Err(StoreError::Unavailable(_))));
            assert_eq!(memory.reserved.load(Ordering::Relaxed), 1);
            let job = memory.jobs.lock().unwrap().pop().unwrap();
            let settle = |body: usize| Settlement {
                job: job.clone(),
                attempt: Some(crate::store::Attempt {
                    number: 1,
                    started_at: at(5),
                    phases: crate::store::Phases::default(),
                    status: Some(200),
                    error: None,
                    address: None,
                    response_head: None,
                    response_body: vec![0; body],
                }),
                next: Next::Delivered,
                health: None,
                disable: None,
                report: Vec::new(),
                now: at(6),
            };
            assert!(store.settle(settle(1_000_000)).await.is_err());
            room(&store, 10_000).await;
            assert_eq!(store.settle(settle(10)).await.unwrap(), DeliveryState::Delivered);
            store.push(vec![event(2, 10), event(3, 1_000_000)]).await.unwrap();
            assert_eq!(memory.jobs.lock().unwrap().len(), 2);
            let claims = "SELECT count(*) FROM claim";
            let count =
                store.read(move |c| Ok(c.query_row(claims, [], |row| row.get::<_, i64>(0))?)).await;
            assert_eq!(count.unwrap(), 1);
        }
    }

    #[test]
    fn nobody_else_reads_the_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let _store = SqliteStore::open(&folder.path().join("db")).unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let file = file.unwrap();
            let mode = file.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{:?}", file.file_name());
        }
    }
}
