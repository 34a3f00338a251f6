//! Accounts, their keys, and the settings of the database.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{StoreError, row};
use crate::store::{
    Account, AccountChange, AccountKey, ApiKey, ApiKeyId, Holder, KeyMade, KeyOrigin, Scope,
    Validation,
};

pub(super) fn of_key(
    connection: &Connection,
    hash: &[u8; 32],
) -> Result<Option<Holder>, StoreError> {
    let sql = "SELECT api_key.*, account.key AS account_key, account.name AS account_name, validation, suspended
               FROM api_key JOIN account ON account.key = api_key.account WHERE hash = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([hash])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(Holder { key: read(row)?, account: read_account(row)? }))
}

pub(super) fn insert(
    connection: &Connection,
    account: &Account,
    key: &ApiKey,
    hash: &[u8; 32],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO account (key, name, validation, suspended) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    connection.prepare_cached(sql)?.execute(params![
        account.key.0,
        account.name,
        account.validation.as_str(),
        account.suspended
    ])?;
    put_key(connection, key, hash)
}

pub(super) fn one(connection: &Connection, key: AccountKey) -> Result<Option<Account>, StoreError> {
    let sql = "SELECT key AS account_key, name AS account_name, validation, suspended FROM account WHERE key = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([key.0])?;
    rows.next()?.map(read_account).transpose()
}

pub(super) fn list(
    connection: &Connection,
    after: Option<AccountKey>,
    limit: u32,
) -> Result<Vec<Account>, StoreError> {
    let sql = "SELECT key AS account_key, name AS account_name, validation, suspended FROM account
               WHERE key > ?1 ORDER BY key LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![after.map_or(-1, |after| after.0), limit])?;
    let mut accounts = Vec::new();
    while let Some(row) = rows.next()? {
        accounts.push(read_account(row)?);
    }
    Ok(accounts)
}

pub(super) fn change(
    connection: &Connection,
    key: AccountKey,
    change: &AccountChange,
) -> Result<Option<Account>, StoreError> {
    let Some(mut account) = one(connection, key)? else { return Ok(None) };
    account.change(change);
    connection
        .prepare_cached(
            "UPDATE account SET name = ?2, validation = ?3, suspended = ?4 WHERE key = ?1",
        )?
        .execute(params![key.0, account.name, account.validation.as_str(), account.suspended])?;
    Ok(Some(account))
}

pub(super) fn mark_used(connection: &Connection, id: ApiKeyId) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE api_key SET used = 1 WHERE id = ?1 AND used = 0")?
        .execute([id.0])?;
    Ok(())
}

pub(super) fn put_key(
    connection: &Connection,
    key: &ApiKey,
    hash: &[u8; 32],
) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO account (key) VALUES (?1) ON CONFLICT DO NOTHING")?
        .execute([key.account.0])?;
    let replaced = match key.origin {
        KeyOrigin::Api => None,
        KeyOrigin::Environment => {
            Some("DELETE FROM api_key WHERE account = ?1 AND origin = 'environment' AND hash <> ?2")
        }
        KeyOrigin::Generated => Some(
            "DELETE FROM api_key WHERE account = ?1 AND origin = 'generated' AND used = 0 AND hash <> ?2",
        ),
    };
    if let Some(sql) = replaced {
        connection.prepare_cached(sql)?.execute(params![key.account.0, hash])?;
    }
    add_key(connection, key, hash)
}

/// If the key `by` is there, and the account has fewer than `max`.
pub(super) fn put_key_by(
    connection: &Connection,
    key: &ApiKey,
    hash: &[u8; 32],
    by: ApiKeyId,
    max: u32,
) -> Result<KeyMade, StoreError> {
    let sql = "SELECT 1 FROM api_key WHERE id = ?1 AND account = ?2";
    if !connection.prepare_cached(sql)?.exists([by.0, key.account.0])? {
        return Ok(KeyMade::Revoked);
    }
    let sql = "SELECT count(*) FROM api_key WHERE account = ?1";
    let known: u32 =
        connection.prepare_cached(sql)?.query_row([key.account.0], |row| row.get(0))?;
    if known >= max {
        return Ok(KeyMade::Full);
    }
    add_key(connection, key, hash)?;
    Ok(KeyMade::New)
}

fn add_key(connection: &Connection, key: &ApiKey, hash: &[u8; 32]) -> Result<(), StoreError> {
    connection.prepare_cached(INSERT)?.execute(params![
        key.id.0,
        hash,
        key.account.0,
        key.origin.as_str(),
        key.scope.as_str(),
        key.tenant,
        key.name,
        key.used,
    ])?;
    Ok(())
}

pub(super) fn keys(
    connection: &Connection,
    account: AccountKey,
    tenant: Option<&str>,
    after: Option<ApiKeyId>,
    limit: u32,
) -> Result<Vec<ApiKey>, StoreError> {
    let sql = "SELECT * FROM api_key WHERE account = ?1 AND id > ?2 AND (?3 IS NULL OR tenant = ?3)
               ORDER BY id LIMIT ?4";
    let mut statement = connection.prepare_cached(sql)?;
    let after = after.map_or(i64::MIN, |after| after.0);
    let mut rows = statement.query(params![account.0, after, tenant, limit])?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        keys.push(read(row)?);
    }
    Ok(keys)
}

pub(super) fn delete_key(
    connection: &Connection,
    account: AccountKey,
    id: ApiKeyId,
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM api_key WHERE id = ?1 AND account = ?2";
    Ok(connection.prepare_cached(sql)?.execute([id.0, account.0])? > 0)
}

pub(super) fn first(connection: &Connection) -> Result<Option<AccountKey>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT key FROM account WHERE key >= 0 ORDER BY key LIMIT 1")?;
    Ok(statement.query_row([], |row| row.get(0).map(AccountKey)).optional()?)
}

pub(super) fn setting(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM setting WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

/// What is there after it, which is `value` only where nothing was.
pub(super) fn init_setting(
    connection: &Connection,
    name: &str,
    value: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let sql = "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING";
    connection.prepare_cached(sql)?.execute(params![name, value])?;
    setting(connection, name)?.ok_or_else(|| row::corrupt("setting", name))
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

fn read(row: &Row<'_>) -> Result<ApiKey, StoreError> {
    let id = ApiKeyId(row.get("id")?);
    let text = id.to_string();
    Ok(ApiKey {
        account: AccountKey(row.get("account")?),
        origin: row::word(row, "origin", KeyOrigin::parse, "api_key", &text)?,
        scope: row::word(row, "scope", Scope::parse, "api_key", &text)?,
        tenant: row.get("tenant")?,
        name: row.get("name")?,
        used: row.get("used")?,
        created_at: id.minted_at(),
        id,
    })
}

fn read_account(row: &Row<'_>) -> Result<Account, StoreError> {
    let key = AccountKey(row.get("account_key")?);
    Ok(Account {
        key,
        name: row.get("account_name")?,
        validation: row::word(row, "validation", Validation::parse, "account", &key.to_string())?,
        suspended: row.get("suspended")?,
    })
}
const INSERT: &str = "INSERT INTO api_key (id, hash, account, origin, scope, tenant, name, used)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (hash) DO NOTHING";
