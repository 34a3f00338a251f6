//! Accounts, their keys, and the settings of the database.

use tokio_postgres::Row;

use super::{
    fault::Fault,
    row::{get, word},
    session::{Session, Values},
};
use crate::store::{
    Account, AccountChange, AccountKey, ApiKey, ApiKeyId, Holder, KeyMade, KeyOrigin, Scope,
    Validation,
};

pub(super) async fn of_key(session: &Session, hash: &[u8; 32]) -> Result<Option<Holder>, Fault> {
    let sql = "SELECT api_key.*, account.key AS account_key, account.name AS account_name, validation, suspended
               FROM api_key JOIN account ON account.key = api_key.account WHERE hash = $1";
    let Some(row) = session.optional(sql, &[&&hash[..]]).await? else { return Ok(None) };
    Ok(Some(Holder { key: read(&row)?, account: read_account(&row)? }))
}

pub(super) async fn insert(
    session: &Session,
    account: &Account,
    key: &ApiKey,
    hash: &[u8; 32],
) -> Result<(), Fault> {
    let sql = "INSERT INTO account (key, name, validation, suspended) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    let validation = account.validation.as_str();
    let values: Values<'_> = &[&account.key.0, &account.name, &validation, &account.suspended];
    session.execute(sql, values).await?;
    put_key(session, key, hash).await
}

pub(super) async fn one(session: &Session, key: AccountKey) -> Result<Option<Account>, Fault> {
    let sql = "SELECT key AS account_key, name AS account_name, validation, suspended FROM account WHERE key = $1";
    session.optional(sql, &[&key.0]).await?.as_ref().map(read_account).transpose()
}

pub(super) async fn list(
    session: &Session,
    after: Option<AccountKey>,
    limit: u32,
) -> Result<Vec<Account>, Fault> {
    let sql = "SELECT key AS account_key, name AS account_name, validation, suspended FROM account
               WHERE key > $1 ORDER BY key LIMIT $2";
    let after = after.map_or(-1, |after| after.0);
    let rows = session.query(sql, &[&after, &i64::from(limit)]).await?;
    rows.iter().map(read_account).collect()
}

pub(super) async fn change(
    session: &Session,
    key: AccountKey,
    change: &AccountChange,
) -> Result<Option<Account>, Fault> {
    let sql = "SELECT key AS account_key, name AS account_name, validation, suspended FROM account
               WHERE key = $1 FOR UPDATE";
    let Some(row) = session.optional(sql, &[&key.0]).await? else { return Ok(None) };
    let mut account = read_account(&row)?;
    account.change(change);
    let sql = "UPDATE account SET name = $2, validation = $3, suspended = $4 WHERE key = $1";
    let validation = account.validation.as_str();
    session.execute(sql, &[&key.0, &account.name, &validation, &account.suspended]).await?;
    Ok(Some(account))
}

pub(super) async fn mark_used(session: &Session, id: ApiKeyId) -> Result<(), Fault> {
    session
        .execute("UPDATE api_key SET used = true WHERE id = $1 AND NOT used", &[&id.0])
        .await
        .map(drop)
}

pub(super) async fn put_key(session: &Session, key: &ApiKey, hash: &[u8; 32]) -> Result<(), Fault> {
    let hash = &hash[..];
    session
        .execute("INSERT INTO account (key) VALUES ($1) ON CONFLICT DO NOTHING", &[&key.account.0])
        .await?;
    let replaced = match key.origin {
        KeyOrigin::Api => None,
        KeyOrigin::Environment => {
            Some("DELETE FROM api_key WHERE account = $1 AND origin = 'environment' AND hash <> $2")
        }
        KeyOrigin::Generated => Some(
            "DELETE FROM api_key WHERE account = $1 AND origin = 'generated' AND NOT used AND hash <> $2",
        ),
    };
    if let Some(sql) = replaced {
        session.execute(sql, &[&key.account.0, &hash]).await?;
    }
    add_key(session, key, hash).await
}

/// If the key `by` is there, and the account has fewer than `max`.
pub(super) async fn put_key_by(
    session: &Session,
    key: &ApiKey,
    hash: &[u8; 32],
    by: ApiKeyId,
    max: u32,
) -> Result<KeyMade, Fault> {
    // One at a time for an account: what is counted stays true.
    let sql = "SELECT 1 FROM account WHERE key = $1 FOR NO KEY UPDATE";
    session.optional(sql, &[&key.account.0]).await?;
    let sql = "SELECT 1 FROM api_key WHERE id = $1 AND account = $2 FOR KEY SHARE";
    if session.optional(sql, &[&by.0, &key.account.0]).await?.is_none() {
        return Ok(KeyMade::Revoked);
    }
    // Without the one of a try before this.
    let sql = "SELECT count(*) >= $2 FROM api_key WHERE account = $1 AND id <> $3";
    let values: Values<'_> = &[&key.account.0, &i64::from(max), &key.id.0];
    let is_full = session.optional(sql, values).await?.map(|row| row.try_get(0)).transpose()?;
    if is_full == Some(true) {
        return Ok(KeyMade::Full);
    }
    add_key(session, key, hash).await?;
    Ok(KeyMade::New)
}

async fn add_key(session: &Session, key: &ApiKey, hash: &[u8]) -> Result<(), Fault> {
    let (origin, scope) = (key.origin.as_str(), key.scope.as_str());
    let values: Values<'_> =
        &[&key.id.0, &hash, &key.account.0, &origin, &scope, &key.tenant, &key.name, &key.used];
    session.execute(INSERT, values).await.map(drop)
}

pub(super) async fn keys(
    session: &Session,
    account: AccountKey,
    tenant: Option<&str>,
    after: Option<ApiKeyId>,
    limit: u32,
) -> Result<Vec<ApiKey>, Fault> {
    let sql =
        "SELECT * FROM api_key WHERE account = $1 AND id > $2 AND ($3::text IS NULL OR tenant = $3)
               ORDER BY id LIMIT $4";
    let after = after.map_or(i64::MIN, |after| after.0);
    let values: Values<'_> = &[&account.0, &after, &tenant, &i64::from(limit)];
    session.query(sql, values).await?.iter().map(read).collect()
}

pub(super) async fn delete_key(
    session: &Session,
    account: AccountKey,
    id: ApiKeyId,
) -> Result<bool, Fault> {
    let sql = "DELETE FROM api_key WHERE id = $1 AND account = $2";
    Ok(session.execute(sql, &[&id.0, &account.0]).await? > 0)
}

pub(super) async fn first(session: &Session) -> Result<Option<AccountKey>, Fault> {
    let sql = "SELECT key FROM account WHERE key >= 0 ORDER BY key LIMIT 1";
    let row = session.optional(sql, &[]).await?;
    row.map(|row| Ok(AccountKey(row.try_get(0)?))).transpose()
}

pub(super) async fn setting(session: &Session, name: &str) -> Result<Option<Vec<u8>>, Fault> {
    let row = session.optional("SELECT value FROM setting WHERE name = $1", &[&name]).await?;
    row.map(|row| Ok(row.try_get(0)?)).transpose()
}

/// What is there after it, which is `value` only where nothing was.
pub(super) async fn init_setting(
    session: &Session,
    name: &str,
    value: &[u8],
) -> Result<Vec<u8>, Fault> {
    let sql = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    session.execute(sql, &[&name, &value]).await?;
    setting(session, name).await?.ok_or_else(|| Fault::corrupt("setting", &name))
}

pub(super) async fn put_setting(session: &Session, name: &str, value: &[u8]) -> Result<(), Fault> {
    let sql = "INSERT INTO setting (name, value) VALUES ($1, $2)
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    session.execute(sql, &[&name, &value]).await.map(drop)
}

fn read(row: &Row) -> Result<ApiKey, Fault> {
    let id = ApiKeyId(get(row, "id")?);
    Ok(ApiKey {
        account: AccountKey(get(row, "account")?),
        origin: word(row, "origin", KeyOrigin::parse, "api_key", &id)?,
        scope: word(row, "scope", Scope::parse, "api_key", &id)?,
        tenant: get(row, "tenant")?,
        name: get(row, "name")?,
        used: get(row, "used")?,
        created_at: id.minted_at(),
        id,
    })
}

fn read_account(row: &Row) -> Result<Account, Fault> {
    let key = AccountKey(get(row, "account_key")?);
    Ok(Account {
        name: get(row, "account_name")?,
        validation: word(row, "validation", Validation::parse, "account", &key)?,
        suspended: get(row, "suspended")?,
        key,
    })
}
/// One that is there already stays as it is, and counts as put: a repeat of this statement finds its own.
const INSERT: &str = "INSERT INTO api_key (id, hash, account, origin, scope, tenant, name, used)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (hash) DO UPDATE SET hash = excluded.hash";
