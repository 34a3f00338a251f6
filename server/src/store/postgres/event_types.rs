//! Types of events and their schemas.

use hookseal::Timestamp;
use tokio_postgres::Row;

use super::{
    fault::Fault,
    row::{count, get},
    session::Session,
};
use crate::store::{AccountKey, EventTypeChange, EventTypeDetail, EventTypeRecord, Registered};

pub(super) async fn insert(
    session: &Session,
    account: AccountKey,
    new: &EventTypeDetail,
    max: u32,
) -> Result<Registered, Fault> {
    let record = &new.record;
    // One at a time for an account: what is counted stays true.
    session.optional("SELECT 1 FROM account WHERE key = $1 FOR UPDATE", &[&account.0]).await?;
    if one(session, account, &record.name).await?.is_some() {
        return Ok(Registered::Known);
    }
    let sql = "SELECT count(*) FROM event_type WHERE account = $1";
    let known: Option<i64> = match session.optional(sql, &[&account.0]).await? {
        Some(row) => row.try_get(0)?,
        None => None,
    };
    if known.unwrap_or_default() >= i64::from(max) {
        return Ok(Registered::Full);
    }
    let sql = "INSERT INTO event_type (account, name, description, archived, version, example, created_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let (version, created_at) = (number(record.version), record.created_at.as_millis());
    session
        .execute(
            sql,
            &[
                &account.0,
                &record.name,
                &record.description,
                &record.archived,
                &version,
                &record.example,
                &created_at,
            ],
        )
        .await?;
    if let Some(schema) = &new.schema {
        put_schema(session, account, record, schema, record.created_at).await?;
    }
    Ok(Registered::New)
}

pub(super) async fn one(
    session: &Session,
    account: AccountKey,
    name: &str,
) -> Result<Option<EventTypeDetail>, Fault> {
    let sql = "SELECT event_type.*, schema FROM event_type LEFT JOIN event_schema USING (account, name, version)
               WHERE account = $1 AND name = $2";
    let Some(row) = session.optional(sql, &[&account.0, &name]).await? else { return Ok(None) };
    Ok(Some(EventTypeDetail { record: read(&row)?, schema: get(&row, "schema")? }))
}

pub(super) async fn schema(
    session: &Session,
    account: AccountKey,
    name: &str,
    version: u32,
) -> Result<Option<(String, Timestamp)>, Fault> {
    let sql = "SELECT schema, created_at FROM event_schema WHERE account = $1 AND name = $2 AND version = $3";
    let row = session.optional(sql, &[&account.0, &name, &number(version)]).await?;
    row.map(|row| Ok((get(&row, "schema")?, Timestamp::from_millis(get(&row, "created_at")?))))
        .transpose()
}

pub(super) async fn list(
    session: &Session,
    account: AccountKey,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<EventTypeRecord>, Fault> {
    // No name is empty.
    let sql = "SELECT * FROM event_type WHERE account = $1 AND name > $2 ORDER BY name LIMIT $3";
    let values = (after.unwrap_or_default(), i64::from(limit));
    let rows = session.query(sql, &[&account.0, &values.0, &values.1]).await?;
    rows.iter().map(read).collect()
}

pub(super) async fn change(
    session: &Session,
    account: AccountKey,
    name: &str,
    change: &EventTypeChange,
    now: Timestamp,
) -> Result<Option<EventTypeDetail>, Fault> {
    let sql = "SELECT 1 FROM event_type WHERE account = $1 AND name = $2 FOR UPDATE";
    session.optional(sql, &[&account.0, &name]).await?;
    let Some(mut detail) = one(session, account, name).await? else { return Ok(None) };
    let before = detail.record.version;
    detail.change(change);
    let EventTypeDetail { record, schema } = &detail;
    let sql = "UPDATE event_type SET description = $3, archived = $4, version = $5, example = $6
               WHERE account = $1 AND name = $2";
    let version = number(record.version);
    session
        .execute(
            sql,
            &[&account.0, &name, &record.description, &record.archived, &version, &record.example],
        )
        .await?;
    if let Some(schema) = schema.as_ref().filter(|_| record.version != before) {
        put_schema(session, account, record, schema, now).await?;
    }
    Ok(Some(detail))
}

pub(super) async fn delete(
    session: &Session,
    account: AccountKey,
    name: &str,
) -> Result<bool, Fault> {
    let sql = "DELETE FROM event_schema WHERE account = $1 AND name = $2";
    session.execute(sql, &[&account.0, &name]).await?;
    let sql = "DELETE FROM event_type WHERE account = $1 AND name = $2";
    Ok(session.execute(sql, &[&account.0, &name]).await? > 0)
}

async fn put_schema(
    session: &Session,
    account: AccountKey,
    record: &EventTypeRecord,
    schema: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    let sql = "INSERT INTO event_schema (account, name, version, schema, created_at) VALUES ($1, $2, $3, $4, $5)";
    let (version, now) = (number(record.version), now.as_millis());
    session.execute(sql, &[&account.0, &record.name, &version, &schema, &now]).await.map(drop)
}

fn number(version: u32) -> i32 {
    i32::try_from(version).unwrap_or(i32::MAX)
}

fn read(row: &Row) -> Result<EventTypeRecord, Fault> {
    Ok(EventTypeRecord {
        name: get(row, "name")?,
        description: get(row, "description")?,
        archived: get(row, "archived")?,
        version: count(row, "version")?,
        example: get(row, "example")?,
        created_at: Timestamp::from_millis(get(row, "created_at")?),
    })
}
