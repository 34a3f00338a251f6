//! A few connections that only read, each used by one caller at a time.
//!
//! **Invariant.** A permit is held as long as its connection is out: until the query has ended, not until the caller
//! stopped waiting for it. So whoever has a permit finds a connection.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task,
};

use super::StoreError;

pub(super) struct Readers {
    idle: Idle,
    permits: Arc<Semaphore>,
}

type Idle = Arc<Mutex<Vec<Connection>>>;

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        let permits = Arc::new(Semaphore::new(connections.len()));
        Self { permits, idle: Arc::new(Mutex::new(connections)) }
    }

    /// Runs `query` in one read transaction, off the threads that serve requests.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| lost())?;
        let idle = Arc::clone(&self.idle);
        let read = move || in_transaction(Borrowed::take(idle, permit)?.connection()?, query);
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

/// A connection that is out. Goes back when dropped, and only then is its permit free.
struct Borrowed {
    connection: Option<Connection>,
    idle: Idle,
    _permit: OwnedSemaphorePermit,
}

impl Borrowed {
    fn take(idle: Idle, permit: OwnedSemaphorePermit) -> Result<Self, StoreError> {
        let connection = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match connection {
            Some(_) => Ok(Self { connection, idle, _permit: permit }),
            None => Err(lost()),
        }
    }

    fn connection(&mut self) -> Result<&mut Connection, StoreError> {
        self.connection.as_mut().ok_or_else(lost)
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        let connection = self.connection.take();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(connection);
    }
}

fn lost() -> StoreError {
    StoreError::Engine("no connection to read with".to_owned())
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn one() -> Arc<Readers> {
        Arc::new(Readers::new(vec![Connection::open_in_memory().unwrap()]))
    }

    #[tokio::test]
    async fn a_caller_who_stops_waiting_takes_nobody_elses_turn() {
        let readers = one();
        let (started, running) = tokio::sync::oneshot::channel();
        let (open, gate) = mpsc::channel::<()>();
        let first = Arc::clone(&readers);
        let first = tokio::spawn(async move {
            let query = move |_: &Connection| {
                started.send(()).unwrap();
                gate.recv().unwrap();
                Ok(())
            };
            first.read(query).await
        });
        running.await.unwrap();
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());

        let second = readers.read(|_| Ok(7));
        let free = async {
            tokio::task::yield_now().await;
            open.send(()).unwrap();
        };
        assert_eq!(tokio::join!(second, free).0.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_query_that_panics_gives_its_connection_back() {
        let readers = one();
        let panics = |_: &Connection| -> Result<(), StoreError> { panic!("on purpose") };
        assert!(readers.read(panics).await.is_err());
        assert_eq!(readers.read(|_| Ok(7)).await.unwrap(), 7);
    }
}
