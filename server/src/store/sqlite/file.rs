//! The database file and the connections to it.

use std::{
    fs::{self, File, Permissions},
    io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
    time::Duration,
};

use rusqlite::{Connection, config::DbConfig};

use super::{StoreError, migrate};

/// When a commit is done.
#[derive(Clone, Copy, Debug)]
pub(super) enum Durability {
    /// Once it is on disk.
    Full,
    /// Once the operating system has it.
    None,
}

/// The connection that writes, to a database that is there and up to date.
pub(super) fn writer(path: &Path, durability: Durability) -> Result<Connection, StoreError> {
    make_private(path)?;
    let mut connection = connect(path)?;
    connection.pragma_update(None, "page_size", PAGE_SIZE)?;
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(StoreError::Engine(format!(
            "sqlite: `{}` is on a file system that cannot hold a write-ahead log (journal mode `{mode}`); put the data on a local disk",
            path.display()
        )));
    }
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::None => "OFF",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    migrate::run(&mut connection)?;
    Ok(connection)
}

/// A connection that reads.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    Ok(connection)
}

/// The newest number that was minted, of those that were kept.
pub(super) fn newest_key(connection: &Connection) -> Result<i64, StoreError> {
    let sql = "SELECT max(coalesce((SELECT max(key) FROM event), 0), coalesce((SELECT max(key) FROM endpoint), 0),
                          coalesce((SELECT max(key) FROM claim), 0), coalesce((SELECT max(id) FROM api_key), 0),
                          coalesce((SELECT max(key) FROM account), 0), coalesce((SELECT max(key) FROM source), 0),
                          coalesce((SELECT max(key) FROM refusal), 0))";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
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

/// A connection as SQLite makes it.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // One plan per statement: otherwise each new value that could change a plan has the statement compiled again.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

/// Read and written by the owner only.
const PRIVATE: u32 = 0o600;
/// Bytes in a page. Twice that is a sixth smaller on disk, and a quarter slower while commits are small: each writes the
/// pages that it touched.
pub(super) const PAGE_SIZE: i64 = 4096;
const WRITER_CACHE_KIB: i64 = 16 << 10;
const READER_CACHE_KIB: i64 = 2 << 10;
/// What is left of the log when it was written back. More than it usually comes to: a commit that lies within the file
/// as it is changes nothing that the file system would have to write down as well.
const LOG_BYTES: i64 = 64 << 20;
/// Statements each connection keeps prepared: all that this engine has, with room.
const STATEMENTS: usize = 128;
/// How long a reader waits while the file is being checkpointed or recovered.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_committed_is_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        for (durability, level) in [(Durability::Full, 2), (Durability::None, 0)] {
            let connection = writer(&path, durability).unwrap();
            let pragma = |name| connection.pragma_query_value(None, name, |row| row.get(0));
            assert_eq!(pragma("synchronous"), Ok(rusqlite::types::Value::Integer(level)));
            let mode = rusqlite::types::Value::Text("wal".to_owned());
            assert_eq!(pragma("journal_mode"), Ok(mode));
        }
    }
}
