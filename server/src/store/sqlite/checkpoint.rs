//! Writing the log back into the database, beside the commits.
//!
//! A thread of its own copies what is in the log while commits go on, and has the disk take it, piece by piece. Once the
//! log is long the writer copies the little that came last, between two commits, and then the log begins anew. So no
//! commit waits for a whole log to be copied, nor for the disk to take much at once. Where the thread cannot keep up, the
//! writer waits for it: the log does not grow without end.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
};

use rusqlite::{Connection, Row};

use super::{StoreError, file, thread::Thread};

/// Belongs to the writer, which asks after each commit. To be dropped after the writer's connection.
#[derive(Debug)]
pub(super) struct Checkpointer {
    wanted: SyncSender<()>,
    done: Receiver<()>,
    /// The thread is at work.
    busy: bool,
    /// How long the log was when it was last to begin anew. Whoever reads it then keeps it from that.
    tried_at: i64,
    ahead: Ahead,
    _thread: Thread,
}

impl Checkpointer {
    /// Starts the thread for the database at `path`. It ends when this is dropped.
    pub(super) fn start(path: &Path) -> Result<Self, StoreError> {
        let database = Database { connection: file::connect(path)?, file: open(path)? };
        // Room for one is enough: there is no second request before the first is done.
        let (wanted, requests) = sync_channel(1);
        let (say_done, done) = sync_channel(1);
        let thread = Thread::start("sqlite-log", move || database.run(&requests, &say_done))?;
        let ahead = Ahead { log: open(&log_of(path))?, piece: 0 };
        Ok(Self { wanted, done, busy: false, tried_at: 0, ahead, _thread: thread })
    }

    /// Looks at the log after a commit.
    pub(super) fn look(&mut self, writer: &Connection) {
        if let Err(error) = self.advance(writer) {
            tracing::warn!(%error, "the log was not written back");
        }
    }

    fn advance(&mut self, writer: &Connection) -> Result<(), StoreError> {
        let log = checkpoint(writer, "NOOP")?;
        self.ahead.look(log.length);
        if log.length < self.tried_at {
            self.tried_at = 0;
        }
        let grown = log.length - self.tried_at;
        if self.busy {
            if grown >= TOO_LONG {
                // A thread that has ended says nothing, and the writer goes on alone.
                let _ = self.done.recv();
            } else if self.done.try_recv() == Err(TryRecvError::Empty) {
                return Ok(());
            }
            self.busy = false;
        }
        if grown >= TOO_LONG || (grown >= LONG && log.left < LITTLE) {
            self.tried_at = log.length;
            checkpoint(writer, "PASSIVE")?;
            self.ahead.read(0);
        } else if grown >= LONG || log.left >= PIECE {
            self.busy = true;
            let _ = self.wanted.try_send(());
        }
        Ok(())
    }
}

/// What the thread works on.
struct Database {
    connection: Connection,
    /// To sync what was copied: SQLite leaves that to whoever copies the last page, which is the writer. Closing it gives
    /// up the locks that the process has on the file, so it is closed after the connections that write.
    file: File,
}

impl Database {
    fn run(&self, requests: &Receiver<()>, done: &SyncSender<()>) {
        while requests.recv().is_ok() {
            if let Err(error) = self.write_back() {
                tracing::warn!(%error, "the log was not written back");
            }
            let _ = done.try_send(());
        }
    }

    fn write_back(&self) -> Result<(), StoreError> {
        checkpoint(&self.connection, "PASSIVE")?;
        self.file
            .sync_data()
            .map_err(|error| StoreError::Unavailable(format!("cannot sync the database: {error}")))
    }
}

/// Has the system read what the log is about to be written over. SQLite writes it in units that are no pages, so the
/// system needs the rest of each page; where it has dropped that, a commit would wait for the disk once for every page.
#[derive(Debug)]
struct Ahead {
    log: File,
    /// Where the log stands.
    piece: i64,
}

impl Ahead {
    fn look(&mut self, length: i64) {
        let piece = length / PIECE;
        if piece != self.piece {
            self.piece = piece;
            self.read(piece + 1);
        }
    }

    #[cfg(target_os = "linux")]
    fn read(&self, piece: i64) {
        use std::num::NonZeroU64;

        use rustix::fs::{Advice, fadvise};

        let bytes = |pieces: i64| u64::try_from(pieces * PIECE * FRAME).unwrap_or_default();
        // An advice: where it is not taken, nothing is lost but time.
        let _ = fadvise(&self.log, bytes(piece), NonZeroU64::new(bytes(1)), Advice::WillNeed);
    }

    #[cfg(not(target_os = "linux"))]
    fn read(&self, _piece: i64) {}
}

fn log_of(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push("-wal");
    path.into()
}

fn open(path: &Path) -> Result<File, StoreError> {
    File::open(path)
        .map_err(|error| StoreError::Engine(format!("cannot open `{}`: {error}", path.display())))
}

/// In pages.
#[derive(Clone, Copy, Debug)]
struct Log {
    length: i64,
    /// Not yet in the database.
    left: i64,
}

/// The log, after what `mode` does.
fn checkpoint(connection: &Connection, mode: &str) -> Result<Log, StoreError> {
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    let mut statement = connection.prepare_cached(&sql)?;
    let read = |row: &Row<'_>| {
        let (length, copied): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok(Log { length, left: length - copied })
    };
    Ok(statement.query_row([], read)?)
}

/// Pages that the writer copies itself, in a few milliseconds.
const LITTLE: i64 = 256;
/// Pages that are worth the thread's work. The disk takes them beside the commits, which wait the longer the more there are.
const PIECE: i64 = 1024;
/// Bytes of a page in the log, with its header.
const FRAME: i64 = file::PAGE_SIZE + 24;
/// Pages at which the log is to begin anew: 32 MiB. Commits wait for that, so not too often.
const LONG: i64 = 8 * PIECE;
/// Pages at which the writer waits for the thread, and copies what is left however much it is: commits may be so large, or
/// come so fast, that it is never little.
const TOO_LONG: i64 = 2 * LONG;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::file::Durability;

    #[test]
    fn the_log_begins_anew_while_writing_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let writer = file::writer(&path, Durability::None).unwrap();
        writer.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
        writer.execute_batch("CREATE TABLE t (n INTEGER PRIMARY KEY, b BLOB)").unwrap();
        let mut checkpointer = Checkpointer::start(&path).unwrap();
        for _ in 0..4000 {
            writer.execute("INSERT INTO t (b) VALUES (zeroblob(100000))", []).unwrap();
            checkpointer.look(&writer);
        }
        let log = folder.path().join("db-wal").metadata().unwrap().len();
        assert!(log < 80_000_000, "the log grew to {log} bytes of 400,000,000 that were written");
    }
}
