//! A few connections that only read, each used by one caller at a time.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;
use tokio::{sync::Semaphore, task};

use super::StoreError;

pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Semaphore,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        Self { permits: Semaphore::new(connections.len()), idle: Arc::new(Mutex::new(connections)) }
    }

    /// Runs `query` in one read transaction, off the threads that serve requests.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let lost = || StoreError::Engine("no connection to read with".to_owned());
        let _permit = self.permits.acquire().await.map_err(|_| lost())?;
        let idle = Arc::clone(&self.idle);
        let read = move || {
            let mut connection =
                idle.lock().unwrap_or_else(PoisonError::into_inner).pop().ok_or_else(lost)?;
            let result = in_transaction(&mut connection, query);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            result
        };
        task::spawn_blocking(read)
            .await
            .map_err(|error| StoreError::Engine(format!("a read did not end: {error}")))?
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Readers(…)")
    }
}

/// One snapshot for all statements of a query: an event and its deliveries fit together.
fn in_transaction<T>(
    connection: &mut Connection,
    query: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = connection.transaction()?;
    let result = query(&transaction)?;
    transaction.commit()?;
    Ok(result)
}
