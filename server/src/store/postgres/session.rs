//! One connection, with the statements that were prepared on it.
//!
//! Statements are sent without waiting for the answers to those before them: futures of one session that are polled in
//! an order are executed in that order.

use std::{
    collections::HashMap,
    fmt,
    future::poll_fn,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::future;
use tokio::sync::mpsc;
use tokio_postgres::{AsyncMessage, Client, Row, Statement, types::ToSql};

use super::{address::Address, fault::Fault};

/// Values of a statement.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

pub(super) struct Session {
    client: Client,
    statements: Mutex<HashMap<&'static str, Statement>>,
    in_transaction: AtomicBool,
    /// Somebody waits for an answer, or has given that up.
    busy: AtomicBool,
    /// Process and start of what serves this connection: tells it from every other.
    backend: (i32, String),
}

impl Session {
    pub(super) async fn open(address: &Address) -> Result<Self, Fault> {
        Self::open_listening(address, None).await
    }

    /// With `heard`, what other sessions notify goes there; it closes with the connection.
    pub(super) async fn open_listening(
        address: &Address,
        heard: Option<mpsc::UnboundedSender<String>>,
    ) -> Result<Self, Fault> {
        let (client, mut connection) = address.config.connect(address.tls.clone()).await?;
        // Ends by itself when the client is dropped.
        tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await
            {
                if let (AsyncMessage::Notification(notification), Some(heard)) = (message, &heard) {
                    // Nobody hears any more: the client is about to be dropped as well.
                    let _ = heard.send(notification.payload().to_owned());
                }
            }
        });
        client.batch_execute(SETTINGS).await?;
        let backend = client.query_one(WHO, &[]).await?;
        Ok(Self {
            client,
            statements: Mutex::default(),
            in_transaction: AtomicBool::new(false),
            busy: AtomicBool::new(false),
            backend: (backend.try_get(0)?, backend.try_get(1)?),
        })
    }

    pub(super) fn backend(&self) -> &(i32, String) {
        &self.backend
    }

    /// Whether it can be used by somebody else: it is open, and nothing was left half done.
    pub(super) fn is_clean(&self) -> bool {
        !self.client.is_closed() && !self.is_in_transaction() && !self.busy.load(Ordering::Relaxed)
    }

    pub(super) fn is_in_transaction(&self) -> bool {
        self.in_transaction.load(Ordering::Relaxed)
    }

    pub(super) fn set_busy(&self, busy: bool) {
        self.busy.store(busy, Ordering::Relaxed);
    }

    /// Prepares what is not yet prepared, so that the statements can then be sent one after the other without waiting.
    pub(super) async fn prepare(&self, statements: &[&'static str]) -> Result<(), Fault> {
        let missing: Vec<_> =
            statements.iter().copied().filter(|sql| self.prepared(sql).is_none()).collect();
        let prepared = future::join_all(missing.iter().map(|sql| self.client.prepare(sql))).await;
        for (sql, statement) in missing.into_iter().zip(prepared) {
            let statement = statement?;
            self.statements.lock().unwrap_or_else(PoisonError::into_inner).insert(sql, statement);
        }
        Ok(())
    }

    pub(super) async fn query(
        &self,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<Vec<Row>, Fault> {
        Ok(self.client.query(&self.statement(sql).await?, values).await?)
    }

    pub(super) async fn optional(
        &self,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<Option<Row>, Fault> {
        Ok(self.client.query_opt(&self.statement(sql).await?, values).await?)
    }

    pub(super) async fn execute(
        &self,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<u64, Fault> {
        Ok(self.client.execute(&self.statement(sql).await?, values).await?)
    }

    pub(super) async fn batch(&self, sql: &str) -> Result<(), Fault> {
        Ok(self.client.batch_execute(sql).await?)
    }

    pub(super) async fn begin(&self) -> Result<(), Fault> {
        self.in_transaction.store(true, Ordering::Relaxed);
        self.batch("BEGIN").await
    }

    /// Only after every statement of the transaction went well: of one that failed, `COMMIT` makes a `ROLLBACK` and is
    /// content.
    pub(super) async fn commit(&self) -> Result<(), Fault> {
        self.batch("COMMIT").await?;
        self.in_transaction.store(false, Ordering::Relaxed);
        Ok(())
    }

    pub(super) async fn rollback(&self) -> Result<(), Fault> {
        self.batch("ROLLBACK").await?;
        self.in_transaction.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Does `work` in a transaction.
    pub(super) async fn transaction<T>(
        &self,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        self.begin().await?;
        match work.await {
            Ok(done) => self.commit().await.map(|()| done),
            Err(fault) => {
                // Where this fails too, the connection is dropped, and with it the transaction.
                let _ = self.rollback().await;
                Err(fault)
            }
        }
    }

    async fn statement(&self, sql: &'static str) -> Result<Statement, Fault> {
        if let Some(statement) = self.prepared(sql) {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await?;
        self.statements
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(sql, statement.clone());
        Ok(statement)
    }

    fn prepared(&self, sql: &str) -> Option<Statement> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).get(sql).cloned()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.backend.0)
    }
}

/// Makes sure that nothing of a connection that was lost still runs: its last commit is done or will never be.
pub(super) async fn end_backend(session: &Session, backend: &(i32, String)) -> Result<(), Fault> {
    loop {
        let rows = session.query(END, &[&backend.0, &backend.1]).await?;
        if rows.is_empty() {
            return Ok(());
        }
    }
}

/// Shared, because a transaction and what it writes are several futures.
pub(super) type SharedSession = Arc<Session>;

/// Every statement here goes by an index, whatever the statistics of a young table make the planner believe. What is
/// committed is on disk, even where the operator relaxed that for others. A node that stands still lets go of its locks.
const SETTINGS: &str = "SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') = 'off';
    SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off;
    SET jit = off; SET plan_cache_mode = force_generic_plan; SET standard_conforming_strings = on;
    SET idle_in_transaction_session_timeout = '10s'";
const WHO: &str = "SELECT pid, extract(epoch FROM backend_start)::text FROM pg_stat_activity WHERE pid = pg_backend_pid()";
/// Waits up to a second for the process to be gone.
const END: &str = "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
    WHERE pid = $1 AND extract(epoch FROM backend_start)::text = $2";
