//! Brings a database to the tables that this program knows. Several nodes may start at once: one of them does it.

use tokio_postgres::types::ToSql;

use super::{fault::Fault, session::Session};

pub(super) async fn migrate(session: &Session) -> Result<(), Fault> {
    session.begin().await?;
    match advance(session).await {
        Ok(()) => session.commit().await,
        Err(fault) => {
            session.rollback().await?;
            Err(fault)
        }
    }
}

async fn advance(session: &Session) -> Result<(), Fault> {
    let lock: &(dyn ToSql + Sync) = &LOCK;
    session.execute("SELECT pg_advisory_xact_lock($1)", &[lock]).await?;
    session.batch("CREATE TABLE IF NOT EXISTS hookseal_version (number integer NOT NULL)").await?;
    let version = session.optional("SELECT max(number) FROM hookseal_version", &[]).await?;
    let version: Option<i32> = version.map(|row| row.try_get(0)).transpose()?.flatten();
    let version = usize::try_from(version.unwrap_or_default()).unwrap_or(usize::MAX);
    if version > MIGRATIONS.len() {
        return Err(Fault::engine(format!(
            "the database has version {version}, this program knows up to {}; use the newer program",
            MIGRATIONS.len()
        )));
    }
    for (number, sql) in (1_i32..).zip(MIGRATIONS).skip(version) {
        session.batch(sql).await?;
        session.execute("INSERT INTO hookseal_version (number) VALUES ($1)", &[&number]).await?;
    }
    Ok(())
}

/// In their order; what was released is never changed.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/postgres/0001_first.sql"),
    include_str!("../../../migrations/postgres/0002_inbound.sql"),
    include_str!("../../../migrations/postgres/0003_event_types.sql"),
    include_str!("../../../migrations/postgres/0004_lane_turns.sql"),
    include_str!("../../../migrations/postgres/0005_overlaps.sql"),
];
/// A number of our own among the advisory locks of the database.
const LOCK: i64 = 0x686f_6f6b_7365_616c;
