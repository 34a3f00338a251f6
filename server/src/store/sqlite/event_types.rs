//! Types of events and their schemas.

use hookseal::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::StoreError;
use crate::store::{AccountKey, EventTypeChange, EventTypeDetail, EventTypeRecord, Registered};

pub(super) fn insert(
    connection: &Connection,
    account: AccountKey,
    new: &EventTypeDetail,
    max: u32,
) -> Result<Registered, StoreError> {
    let record = &new.record;
    if one(connection, account, &record.name)?.is_some() {
        return Ok(Registered::Known);
    }
    let sql = "SELECT count(*) FROM event_type WHERE account = ?1";
    let count: u32 = connection.prepare_cached(sql)?.query_row([account.0], |row| row.get(0))?;
    if count >= max {
        return Ok(Registered::Full);
    }
    let sql = "INSERT INTO event_type (account, name, description, archived, version, example, created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    connection.prepare_cached(sql)?.execute(params![
        account.0,
        record.name,
        record.description,
        record.archived,
        record.version,
        record.example,
        record.created_at.as_millis(),
    ])?;
    if let Some(schema) = &new.schema {
        put_schema(connection, account, record, schema, record.created_at)?;
    }
    Ok(Registered::New)
}

pub(super) fn one(
    connection: &Connection,
    account: AccountKey,
    name: &str,
) -> Result<Option<EventTypeDetail>, StoreError> {
    let sql = "SELECT event_type.*, schema FROM event_type LEFT JOIN event_schema USING (account, name, version)
               WHERE account = ?1 AND name = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![account.0, name])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(EventTypeDetail { record: read(row)?, schema: row.get("schema")? }))
}

pub(super) fn schema(
    connection: &Connection,
    account: AccountKey,
    name: &str,
    version: u32,
) -> Result<Option<(String, Timestamp)>, StoreError> {
    let sql = "SELECT schema, created_at FROM event_schema WHERE account = ?1 AND name = ?2 AND version = ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let read = |row: &Row<'_>| Ok((row.get(0)?, Timestamp::from_millis(row.get(1)?)));
    Ok(statement.query_row(params![account.0, name, version], read).optional()?)
}

pub(super) fn list(
    connection: &Connection,
    account: AccountKey,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<EventTypeRecord>, StoreError> {
    // No name is empty.
    let sql = "SELECT * FROM event_type WHERE account = ?1 AND name > ?2 ORDER BY name LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![account.0, after.unwrap_or_default(), limit])?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(read(row)?);
    }
    Ok(records)
}

pub(super) fn change(
    connection: &Connection,
    account: AccountKey,
    name: &str,
    change: &EventTypeChange,
    now: Timestamp,
) -> Result<Option<EventTypeDetail>, StoreError> {
    let Some(mut detail) = one(connection, account, name)? else { return Ok(None) };
    let before = detail.record.version;
    detail.change(change);
    let EventTypeDetail { record, schema } = &detail;
    let sql = "UPDATE event_type SET description = ?3, archived = ?4, version = ?5, example = ?6
               WHERE account = ?1 AND name = ?2";
    connection.prepare_cached(sql)?.execute(params![
        account.0,
        name,
        record.description,
        record.archived,
        record.version,
        record.example,
    ])?;
    if let Some(schema) = schema.as_ref().filter(|_| record.version != before) {
        put_schema(connection, account, record, schema, now)?;
    }
    Ok(Some(detail))
}

pub(super) fn delete(
    connection: &Connection,
    account: AccountKey,
    name: &str,
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM event_schema WHERE account = ?1 AND name = ?2";
    connection.prepare_cached(sql)?.execute(params![account.0, name])?;
    let sql = "DELETE FROM event_type WHERE account = ?1 AND name = ?2";
    Ok(connection.prepare_cached(sql)?.execute(params![account.0, name])? > 0)
}

fn put_schema(
    connection: &Connection,
    account: AccountKey,
    record: &EventTypeRecord,
    schema: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO event_schema (account, name, version, schema, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(sql)?.execute(params![
        account.0,
        record.name,
        record.version,
        schema,
        now.as_millis(),
    ])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<EventTypeRecord, StoreError> {
    Ok(EventTypeRecord {
        name: row.get("name")?,
        description: row.get("description")?,
        archived: row.get("archived")?,
        version: row.get("version")?,
        example: row.get("example")?,
        created_at: Timestamp::from_millis(row.get("created_at")?),
    })
}
