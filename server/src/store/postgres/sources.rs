//! Sources, their counts and what they were refused.

use async_trait::async_trait;
use tokio_postgres::Row;

use super::{
    PostgresStore,
    fault::Fault,
    row::{get, word},
    session::{Session, Values},
};
use crate::store::{
    AccountKey, EventKey, Refusal, RefusalKey, Source, SourceKey, SourceNote, SourceState, Sources,
    StoreError,
};

#[async_trait]
impl Sources for PostgresStore {
    async fn insert_source(&self, source: Source) -> Result<(), StoreError> {
        let source = &source;
        self.core.pool.run(|session| async move { insert(&session, source).await }).await
    }

    async fn source(&self, key: SourceKey) -> Result<Option<Source>, StoreError> {
        self.core
            .pool
            .run(|session| async move {
                let row =
                    session.optional("SELECT * FROM source WHERE key = $1", &[&key.0]).await?;
                row.as_ref().map(read).transpose()
            })
            .await
    }

    async fn sources(
        &self,
        account: AccountKey,
        tenant: Option<&str>,
        after: Option<SourceKey>,
        limit: u32,
    ) -> Result<Vec<Source>, StoreError> {
        let (after, limit) = (after.map_or(i64::MIN, |key| key.0), i64::from(limit));
        self.core
            .pool
            .run(|session| async move {
                let rows = session.query(LIST, &[&account.0, &after, &tenant, &limit]).await?;
                rows.iter().map(read).collect()
            })
            .await
    }

    async fn put_source(&self, source: Source) -> Result<bool, StoreError> {
        let source = &source;
        self.core.pool.run(|session| async move { put(&session, source).await }).await
    }

    async fn delete_source(&self, account: AccountKey, key: SourceKey) -> Result<bool, StoreError> {
        self.core
            .pool
            .transaction(|session| async move { delete(&session, account, key).await })
            .await
    }

    async fn all_sources(
        &self,
        after: Option<SourceKey>,
        limit: u32,
    ) -> Result<Vec<Source>, StoreError> {
        let (after, limit) = (after.map_or(i64::MIN, |key| key.0), i64::from(limit));
        self.core
            .pool
            .run(|session| async move {
                let sql = "SELECT * FROM source WHERE key > $1 ORDER BY key LIMIT $2";
                let rows = session.query(sql, &[&after, &limit]).await?;
                rows.iter().map(read).collect()
            })
            .await
    }

    async fn note(&self, mut notes: Vec<SourceNote>, keep: u32) -> Result<(), StoreError> {
        // In one order for all nodes, so that none waits for another in a circle.
        notes.sort_by_key(|note| note.source);
        let notes = &notes;
        self.core
            .pool
            .transaction(|session| async move {
                for note in notes {
                    add(&session, note, keep).await?;
                }
                Ok(())
            })
            .await
    }

    async fn source_counts(&self, key: SourceKey) -> Result<Vec<(String, u64)>, StoreError> {
        self.core
            .pool
            .run(|session| async move {
                let sql = "SELECT what, count FROM source_count WHERE source = $1 ORDER BY what COLLATE \"C\"";
                let rows = session.query(sql, &[&key.0]).await?;
                let count = |row: &Row| {
                    Ok((get(row, "what")?, get::<i64>(row, "count")?.unsigned_abs()))
                };
                rows.iter().map(count).collect()
            })
            .await
    }

    async fn refusals(&self, source: SourceKey, limit: u32) -> Result<Vec<Refusal>, StoreError> {
        let limit = i64::from(limit);
        self.core
            .pool
            .run(|session| async move {
                let sql = "SELECT * FROM refusal WHERE source = $1 ORDER BY key DESC LIMIT $2";
                let rows = session.query(sql, &[&source.0, &limit]).await?;
                rows.iter().map(read_refusal).collect()
            })
            .await
    }

    async fn refusal(
        &self,
        source: SourceKey,
        key: RefusalKey,
    ) -> Result<Option<Refusal>, StoreError> {
        self.core
            .pool
            .run(|session| async move {
                let sql = "SELECT * FROM refusal WHERE source = $1 AND key = $2";
                let row = session.optional(sql, &[&source.0, &key.0]).await?;
                row.as_ref().map(read_refusal).transpose()
            })
            .await
    }

    async fn prune_refusals(&self, before: RefusalKey) -> Result<(), StoreError> {
        self.core
            .pool
            .run(|session| async move {
                session.execute("DELETE FROM refusal WHERE key < $1", &[&before.0]).await.map(drop)
            })
            .await
    }

    async fn event_under(
        &self,
        account: AccountKey,
        idempotency_key: &str,
    ) -> Result<Option<EventKey>, StoreError> {
        self.core
            .pool
            .run(|session| async move {
                let sql = "SELECT key FROM event WHERE account = $1 AND idempotency_key = $2";
                let row = session.optional(sql, &[&account.0, &idempotency_key]).await?;
                row.map(|row| Ok(EventKey(row.try_get(0)?))).transpose()
            })
            .await
    }
}

/// Puts other sealed secrets into the place of those that are there.
pub(super) async fn reseal(session: &Session, key: SourceKey, sealed: &[u8]) -> Result<(), Fault> {
    let sql = "UPDATE source SET sealed = $2 WHERE key = $1";
    session.execute(sql, &[&key.0, &sealed]).await.map(drop)
}

/// Removes what was sealed and is not sealed anew.
pub(super) async fn forget_refusals(session: &Session) -> Result<(), Fault> {
    session.execute("DELETE FROM refusal", &[]).await.map(drop)
}

async fn insert(session: &Session, source: &Source) -> Result<(), Fault> {
    let values: Values<'_> = &[
        &source.key.0,
        &source.account.0,
        &source.tenant,
        &source.name,
        &source.scheme,
        &source.state.as_str(),
        &settings(source)?,
        &source.sealed,
        &source.version,
    ];
    session.execute(INSERT, values).await.map(drop)
}

async fn put(session: &Session, source: &Source) -> Result<bool, Fault> {
    let values: Values<'_> = &[
        &source.key.0,
        &source.version,
        &source.name,
        &source.state.as_str(),
        &settings(source)?,
        &source.sealed,
    ];
    Ok(session.execute(UPDATE, values).await? > 0)
}

async fn delete(session: &Session, account: AccountKey, key: SourceKey) -> Result<bool, Fault> {
    let sql = "DELETE FROM source WHERE key = $1 AND account = $2";
    if session.execute(sql, &[&key.0, &account.0]).await? == 0 {
        return Ok(false);
    }
    session.execute("DELETE FROM source_count WHERE source = $1", &[&key.0]).await?;
    session.execute("DELETE FROM refusal WHERE source = $1", &[&key.0]).await?;
    Ok(true)
}

/// Of a source that is gone, nothing is kept; it does not go while this is written.
async fn add(session: &Session, note: &SourceNote, keep: u32) -> Result<(), Fault> {
    let there = "SELECT 1 FROM source WHERE key = $1 FOR KEY SHARE";
    if session.optional(there, &[&note.source.0]).await?.is_none() {
        return Ok(());
    }
    for (what, times) in &note.counts {
        let times = i64::try_from(*times).unwrap_or(i64::MAX);
        session.execute(COUNT, &[&note.source.0, what, &times]).await?;
    }
    for refusal in &note.refusals {
        let values: Values<'_> = &[&note.source.0, &refusal.key.0, &refusal.code, &refusal.sealed];
        session.execute(REFUSE, values).await?;
    }
    if !note.refusals.is_empty() {
        session.execute(FORGET, &[&note.source.0, &i64::from(keep)]).await?;
    }
    Ok(())
}

fn read(row: &Row) -> Result<Source, Fault> {
    let key = SourceKey(get(row, "key")?);
    let settings = serde_json::from_str(get(row, "settings")?);
    Ok(Source {
        account: AccountKey(get(row, "account")?),
        tenant: get(row, "tenant")?,
        name: get(row, "name")?,
        scheme: get(row, "scheme")?,
        state: word(row, "state", SourceState::parse, "source", &key)?,
        settings: settings.map_err(|_| Fault::corrupt("source", &key))?,
        sealed: get(row, "sealed")?,
        version: get(row, "version")?,
        key,
    })
}

fn read_refusal(row: &Row) -> Result<Refusal, Fault> {
    Ok(Refusal {
        key: RefusalKey(get(row, "key")?),
        code: get(row, "code")?,
        sealed: get(row, "sealed")?,
    })
}

fn settings(source: &Source) -> Result<String, Fault> {
    serde_json::to_string(&source.settings)
        .map_err(|error| Fault::engine(format!("settings cannot be written as JSON: {error}")))
}

const INSERT: &str =
    "INSERT INTO source (key, account, tenant, name, scheme, state, settings, sealed, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (key) DO NOTHING";
const LIST: &str =
    "SELECT * FROM source WHERE account = $1 AND key > $2 AND ($3::text IS NULL OR tenant = $3)
    ORDER BY key LIMIT $4";
const UPDATE: &str =
    "UPDATE source SET name = $3, state = $4, settings = $5, sealed = $6, version = version + 1
    WHERE key = $1 AND version = $2";
const COUNT: &str = "INSERT INTO source_count AS c (source, what, count) VALUES ($1, $2, $3)
    ON CONFLICT (source, what) DO UPDATE SET count = c.count + excluded.count";
const REFUSE: &str = "INSERT INTO refusal (source, key, code, sealed) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const FORGET: &str = "DELETE FROM refusal WHERE source = $1
    AND key <= (SELECT key FROM refusal WHERE source = $1 ORDER BY key DESC LIMIT 1 OFFSET $2)";
