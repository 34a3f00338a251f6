//! Accounts, their keys, and the settings of the database.

use tokio_postgres::Row;

use super::{
    fault::Fault,
    row::{get, word},
    session::Session,
};
use crate::store::{AccountKey, ApiKey, ApiKeyId, KeyOrigin, Scope};

pub(super) async fn of_key(session: &Session, hash: &[u8; 32]) -> Result<Option<ApiKey>, Fault> {
    let row = session.optional("SELECT * FROM api_key WHERE hash = $1", &[&&hash[..]]).await?;
    row.as_ref().map(read).transpose()
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
    let sql = "INSERT INTO api_key (id, hash, account, origin, scope, tenant, name, used)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (hash) DO NOTHING";
    let (origin, scope) = (key.origin.as_str(), key.scope.as_str());
    session
        .execute(
            sql,
            &[&key.id.0, &hash, &key.account.0, &origin, &scope, &key.tenant, &key.name, &key.used],
        )
        .await
        .map(drop)
}

pub(super) async fn keys(session: &Session, account: AccountKey) -> Result<Vec<ApiKey>, Fault> {
    let rows = session
        .query("SELECT * FROM api_key WHERE account = $1 ORDER BY id", &[&account.0])
        .await?;
    rows.iter().map(read).collect()
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
