//! Accounts, their keys, and the settings of the database.

use hookseal::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::StoreError;
use crate::store::KeyOrigin;

pub(super) fn of_key(
    connection: &Connection,
    key_hash: &[u8; 32],
) -> Result<Option<String>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT account_id FROM api_key WHERE hash = ?1")?;
    Ok(statement.query_row([key_hash], |row| row.get(0)).optional()?)
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
    if origin == KeyOrigin::Environment {
        let sql = "DELETE FROM api_key WHERE account_id = ?1 AND origin = ?2 AND hash <> ?3";
        connection.prepare_cached(sql)?.execute(params![account, origin.as_str(), key_hash])?;
    }
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
