//! Writing the log back into the database, beside the commits.
//!
//! A thread of its own copies what has gathered in the log while commits go on. What came meanwhile is little: the writer
//! copies that between two commits, and then the log begins anew. So no commit waits for a whole log to be copied, and the
//! log does not grow without end.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use rusqlite::Connection;

use super::StoreError;

/// Belongs to the writer, which asks after each commit.
#[derive(Debug)]
pub(super) struct Checkpointer {
    wanted: SyncSender<()>,
    /// Whether the thread is at work.
    busy: Arc<AtomicBool>,
    /// Whether it has just ended.
    finished: bool,
}

impl Checkpointer {
    /// Starts the thread, which has a connection of its own. It ends when this is dropped.
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (wanted, requests) = sync_channel(1);
        let busy = Arc::new(AtomicBool::new(false));
        let working = Arc::clone(&busy);
        thread::Builder::new()
            .name("sqlite-log".to_owned())
            .spawn(move || run(&connection, &requests, &working))
            .map_err(|error: io::Error| {
                StoreError::Engine(format!("cannot start the thread for the log: {error}"))
            })?;
        Ok(Self { wanted, busy, finished: false })
    }

    /// Looks at the log after a commit.
    pub(super) fn look(&mut self, writer: &Connection) {
        if self.busy.load(Ordering::Acquire) {
            return;
        }
        let left = match checkpoint(writer, "NOOP") {
            Ok(log) => log,
            Err(error) => {
                tracing::warn!(%error, "the length of the log is not known");
                return;
            }
        };
        if self.finished && left < LITTLE {
            self.finished = false;
            if let Err(error) = checkpoint(writer, "PASSIVE") {
                tracing::warn!(%error, "the log was not written back");
            }
        } else if left >= MUCH || self.finished {
            self.busy.store(true, Ordering::Release);
            self.finished = true;
            // Room for one is enough: the thread takes each request before it says that it is done.
            let _ = self.wanted.try_send(());
        }
    }
}

fn run(connection: &Connection, requests: &Receiver<()>, busy: &AtomicBool) {
    while requests.recv().is_ok() {
        for _ in 0..ROUNDS {
            match checkpoint(connection, "PASSIVE") {
                Ok(left) if left >= LITTLE => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "the log was not written back");
                    break;
                }
            }
        }
        busy.store(false, Ordering::Release);
    }
}

/// Pages of the log that are not yet in the database, after what `mode` does.
fn checkpoint(connection: &Connection, mode: &str) -> Result<i64, StoreError> {
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row([], |row| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?))?)
}

/// Pages that are worth the thread's work.
const MUCH: i64 = 4096;
/// Pages that the writer copies itself, in a few milliseconds.
const LITTLE: i64 = 256;
/// How often the thread copies what came while it was copying, before it lets the writer ask again.
const ROUNDS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::file::{self, Durability};

    #[test]
    fn the_log_begins_anew_while_writing_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let writer = file::writer(&path, Durability::None).unwrap();
        writer.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
        writer.execute_batch("CREATE TABLE t (n INTEGER PRIMARY KEY, b BLOB)").unwrap();
        let mut checkpointer = Checkpointer::start(file::reader(&path).unwrap()).unwrap();
        for _ in 0..4000 {
            writer.execute("INSERT INTO t (b) VALUES (zeroblob(20000))", []).unwrap();
            checkpointer.look(&writer);
            while checkpointer.busy.load(Ordering::Acquire) {
                thread::yield_now();
            }
        }
        let log = folder.path().join("db-wal").metadata().unwrap().len();
        assert!(log < 40_000_000, "the log grew to {log} bytes of 80,000,000 that were written");
    }
}
