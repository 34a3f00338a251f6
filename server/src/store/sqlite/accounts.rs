//! Accounts, their keys, and the settings of the database.

use hookseal::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::StoreError;
use crate::store::{KeyOrigin, KeyOwner};

pub(super) fn of_key(
    connection: &Connection,
    key_hash: &[u8; 32],
) -> Result<Option<KeyOwner>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT account_id, used FROM api_key WHERE hash = ?1")?;
    let read = |row: &Row<'_>| Ok(KeyOwner { account: row.get(0)?, key_used: row.get(1)? });
    Ok(statement.query_row([key_hash], read).optional()?)
}

pub(super) fn mark_used(connection: &Connection, key_hash: &[u8; 32]) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE api_key SET used = 1 WHERE hash = ?1")?
        .execute([key_hash])?;
    Ok(())
}

pub(super) fn has_unused(connection: &Connection, account: &str) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM api_key WHERE account_id = ?1 AND origin = 'generated' AND NOT used)";
    Ok(connection.prepare_cached(sql)?.query_row([account], |row| row.get(0))?)
}

pub(super) fn first(connection: &Connection) -> Result<Option<String>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM account ORDER BY created_at, id LIMIT 1")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?)
}

pub(super) fn put_key(
    connection: &Connection,
    account: &str,
    key_hash: &[u8; 32],
    origin: KeyOrigin,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO account (id, created_at) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING";
    connection.prepare_cached(sql)?.execute(params![account, now.as_millis()])?;
    let replaced = match origin {
        KeyOrigin::Environment => {
            "DELETE FROM api_key WHERE account_id = ?1 AND origin = 'environment' AND hash <> ?2"
        }
        KeyOrigin::Generated => {
            "DELETE FROM api_key WHERE account_id = ?1 AND origin = 'generated' AND NOT used AND hash <> ?2"
        }
    };
    connection.prepare_cached(replaced)?.execute(params![account, key_hash])?;
    let sql = "INSERT INTO api_key (hash, account_id, origin, created_at) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (hash) DO NOTHING";
    connection.prepare_cached(sql)?.execute(params![
        key_hash,
        account,
        origin.as_str(),
        now.as_millis()
    ])?;
    Ok(())
}

pub(super) fn setting(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM setting WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

pub(super) fn put_setting(
    connection: &Connection,
    name: &str,
    value: &[u8],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO setting (name, value) VALUES (?1, ?2)
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    connection.prepare_cached(sql)?.execute(params![name, value])?;
    Ok(())
}

/// A write that changes something each time: one that changes nothing never reaches the disk.
pub(super) fn touch(connection: &Connection) -> Result<(), StoreError> {
    let sql = "INSERT INTO setting (name, value) VALUES ('touched', randomblob(8))
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}
