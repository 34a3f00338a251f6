//! Sources, their counts and what they were refused.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Admission, SqliteStore, StoreError, row};
use crate::store::{
    AccountKey, EventKey, Refusal, RefusalKey, Source, SourceKey, SourceNote, SourceState, Sources,
};

#[async_trait]
impl Sources for SqliteStore {
    async fn insert_source(&self, source: Source) -> Result<(), StoreError> {
        self.write(Admission::Refuse, move |t| insert(t.connection, &source)).await
    }

    async fn source(&self, key: SourceKey) -> Result<Option<Source>, StoreError> {
        self.read(move |connection| one(connection, key)).await
    }

    async fn sources(
        &self,
        account: AccountKey,
        tenant: Option<&str>,
        after: Option<SourceKey>,
        limit: u32,
    ) -> Result<Vec<Source>, StoreError> {
        let tenant = tenant.map(str::to_owned);
        self.read(move |connection| {
            let sql = "SELECT * FROM source WHERE account = ?1 AND key > ?2 AND (?3 IS NULL OR tenant = ?3)
                       ORDER BY key LIMIT ?4";
            let after = after.map_or(i64::MIN, |key| key.0);
            many(connection, sql, params![account.0, after, tenant, limit])
        })
        .await
    }

    async fn put_source(&self, source: Source) -> Result<bool, StoreError> {
        self.write(Admission::Refuse, move |t| put(t.connection, &source)).await
    }

    async fn delete_source(&self, account: AccountKey, key: SourceKey) -> Result<bool, StoreError> {
        self.write(Admission::Refuse, move |t| delete(t.connection, account, key)).await
    }

    async fn all_sources(
        &self,
        after: Option<SourceKey>,
        limit: u32,
    ) -> Result<Vec<Source>, StoreError> {
        self.read(move |connection| {
            let sql = "SELECT * FROM source WHERE key > ?1 ORDER BY key LIMIT ?2";
            many(connection, sql, params![after.map_or(i64::MIN, |key| key.0), limit])
        })
        .await
    }

    async fn note(&self, notes: Vec<SourceNote>, keep: u32) -> Result<(), StoreError> {
        self.write(Admission::Wait, move |t| {
            notes.iter().try_for_each(|note| add(t.connection, note, keep))
        })
        .await
    }

    async fn source_counts(&self, key: SourceKey) -> Result<Vec<(String, u64)>, StoreError> {
        self.read(move |connection| counts(connection, key)).await
    }

    async fn refusals(&self, source: SourceKey, limit: u32) -> Result<Vec<Refusal>, StoreError> {
        self.read(move |connection| {
            let sql = "SELECT key, code, sealed FROM refusal WHERE source = ?1 ORDER BY key DESC LIMIT ?2";
            let mut statement = connection.prepare_cached(sql)?;
            let refusals = statement.query_map(params![source.0, limit], read_refusal)?;
            Ok(refusals.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn refusal(
        &self,
        source: SourceKey,
        key: RefusalKey,
    ) -> Result<Option<Refusal>, StoreError> {
        self.read(move |connection| {
            let sql = "SELECT key, code, sealed FROM refusal WHERE source = ?1 AND key = ?2";
            let mut statement = connection.prepare_cached(sql)?;
            Ok(statement.query_row([source.0, key.0], read_refusal).optional()?)
        })
        .await
    }

    async fn prune_refusals(&self, before: RefusalKey) -> Result<(), StoreError> {
        self.write(Admission::Wait, move |t| {
            let mut statement =
                t.connection.prepare_cached("DELETE FROM refusal WHERE key < ?1")?;
            statement.execute([before.0])?;
            Ok(())
        })
        .await
    }

    async fn event_under(
        &self,
        account: AccountKey,
        idempotency_key: &str,
    ) -> Result<Option<EventKey>, StoreError> {
        let idempotency_key = idempotency_key.to_owned();
        self.read(move |connection| {
            let sql = "SELECT key FROM event WHERE account = ?1 AND idempotency_key = ?2";
            let mut statement = connection.prepare_cached(sql)?;
            let found = statement
                .query_row(params![account.0, idempotency_key], |row| row.get(0).map(EventKey));
            Ok(found.optional()?)
        })
        .await
    }
}

/// Puts other sealed secrets into the place of those that are there.
pub(super) fn reseal(
    connection: &Connection,
    key: SourceKey,
    sealed: &[u8],
) -> Result<(), StoreError> {
    let sql = "UPDATE source SET sealed = ?2 WHERE key = ?1";
    connection.prepare_cached(sql)?.execute(params![key.0, sealed])?;
    Ok(())
}

/// Removes what was sealed and is not sealed anew.
pub(super) fn forget_refusals(connection: &Connection) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM refusal")?.execute([])?;
    Ok(())
}

fn insert(connection: &Connection, source: &Source) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO source (key, account, tenant, name, scheme, state, settings, sealed, version)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    connection.prepare_cached(sql)?.execute(params![
        source.key.0,
        source.account.0,
        source.tenant,
        source.name,
        source.scheme,
        source.state.as_str(),
        settings(source)?,
        source.sealed,
        source.version,
    ])?;
    Ok(())
}

fn put(connection: &Connection, source: &Source) -> Result<bool, StoreError> {
    let sql =
        "UPDATE source SET name = ?3, state = ?4, settings = ?5, sealed = ?6, version = version + 1
               WHERE key = ?1 AND version = ?2";
    let changed = connection.prepare_cached(sql)?.execute(params![
        source.key.0,
        source.version,
        source.name,
        source.state.as_str(),
        settings(source)?,
        source.sealed,
    ])?;
    Ok(changed > 0)
}

fn delete(
    connection: &Connection,
    account: AccountKey,
    key: SourceKey,
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM source WHERE key = ?1 AND account = ?2";
    if connection.prepare_cached(sql)?.execute([key.0, account.0])? == 0 {
        return Ok(false);
    }
    connection.prepare_cached("DELETE FROM source_count WHERE source = ?1")?.execute([key.0])?;
    connection.prepare_cached("DELETE FROM refusal WHERE source = ?1")?.execute([key.0])?;
    Ok(true)
}

/// Of a source that is gone, nothing is kept.
fn add(connection: &Connection, note: &SourceNote, keep: u32) -> Result<(), StoreError> {
    let mut there = connection.prepare_cached("SELECT 1 FROM source WHERE key = ?1")?;
    if !there.exists([note.source.0])? {
        return Ok(());
    }
    let sql = "INSERT INTO source_count (source, what, count) VALUES (?1, ?2, ?3)
               ON CONFLICT (source, what) DO UPDATE SET count = count + excluded.count";
    let mut count = connection.prepare_cached(sql)?;
    for (what, times) in &note.counts {
        count.execute(params![note.source.0, what, i64::try_from(*times).unwrap_or(i64::MAX)])?;
    }
    if note.refusals.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO refusal (source, key, code, sealed) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    let mut insert = connection.prepare_cached(sql)?;
    for refusal in &note.refusals {
        insert.execute(params![note.source.0, refusal.key.0, refusal.code, refusal.sealed])?;
    }
    let sql = "DELETE FROM refusal WHERE source = ?1 AND key <= (SELECT key FROM refusal WHERE source = ?1
                   ORDER BY key DESC LIMIT 1 OFFSET ?2)";
    connection.prepare_cached(sql)?.execute(params![note.source.0, keep])?;
    Ok(())
}

fn counts(connection: &Connection, key: SourceKey) -> Result<Vec<(String, u64)>, StoreError> {
    let sql = "SELECT what, count FROM source_count WHERE source = ?1 ORDER BY what";
    let mut statement = connection.prepare_cached(sql)?;
    let counts = statement.query_map([key.0], |row| {
        let count: i64 = row.get(1)?;
        Ok((row.get(0)?, count.unsigned_abs()))
    })?;
    Ok(counts.collect::<Result<_, _>>()?)
}

fn one(connection: &Connection, key: SourceKey) -> Result<Option<Source>, StoreError> {
    let mut found = many(connection, "SELECT * FROM source WHERE key = ?1", params![key.0])?;
    Ok(found.pop())
}

fn many(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<Source>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut sources = Vec::new();
    while let Some(row) = rows.next()? {
        sources.push(read(row)?);
    }
    Ok(sources)
}

fn read(row: &Row<'_>) -> Result<Source, StoreError> {
    let key = SourceKey(row.get("key")?);
    let id = key.to_string();
    let settings = row.get_ref("settings")?.as_str().map_err(rusqlite::Error::from)?;
    Ok(Source {
        account: AccountKey(row.get("account")?),
        tenant: row.get("tenant")?,
        name: row.get("name")?,
        scheme: row.get("scheme")?,
        state: row::word(row, "state", SourceState::parse, "source", &id)?,
        settings: serde_json::from_str(settings).map_err(|_| row::corrupt("source", &id))?,
        sealed: row.get("sealed")?,
        version: row.get("version")?,
        key,
    })
}

fn read_refusal(row: &Row<'_>) -> rusqlite::Result<Refusal> {
    Ok(Refusal { key: RefusalKey(row.get(0)?), code: row.get(1)?, sealed: row.get(2)? })
}

fn settings(source: &Source) -> Result<String, StoreError> {
    serde_json::to_string(&source.settings)
        .map_err(|error| StoreError::Engine(format!("settings cannot be written as JSON: {error}")))
}
