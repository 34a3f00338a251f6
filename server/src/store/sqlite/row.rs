//! Columns to types. A value that does not fit is a corrupt row, named by table and id.

use hookseal::Timestamp;
use rusqlite::{Row, types::FromSql};

use super::StoreError;
use crate::store::{Attempt, EventRecord};

/// A word of a `words!` enum.
pub(super) fn word<T>(
    row: &Row<'_>,
    column: &str,
    parse: fn(&str) -> Option<T>,
    table: &'static str,
    id: &str,
) -> Result<T, StoreError> {
    let word: String = row.get(column)?;
    parse(&word).ok_or_else(|| StoreError::Corrupt { table, id: id.to_owned() })
}

/// A column of milliseconds.
pub(super) fn time(row: &Row<'_>, column: &str) -> Result<Timestamp, StoreError> {
    Ok(Timestamp::from_millis(row.get(column)?))
}

/// A column of milliseconds that may be empty.
pub(super) fn optional_time(row: &Row<'_>, column: &str) -> Result<Option<Timestamp>, StoreError> {
    let millis: Option<i64> = row.get(column)?;
    Ok(millis.map(Timestamp::from_millis))
}

/// The columns `event_id`, `type`, `tenant`, `event_profile`, `data`, `event_created_at`.
pub(super) fn event(row: &Row<'_>) -> Result<EventRecord, StoreError> {
    Ok(EventRecord {
        id: row.get("event_id")?,
        event_type: row.get("type")?,
        tenant: row.get("tenant")?,
        profile: row.get("event_profile")?,
        data: row.get("data")?,
        created_at: time(row, "event_created_at")?,
    })
}

/// A row of the table `attempt`.
pub(super) fn attempt(row: &Row<'_>) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        number: row.get("number")?,
        started_at: time(row, "started_at")?,
        duration_ms: row.get("duration_ms")?,
        status: row.get("status")?,
        error: row.get("error")?,
        response_body: row.get("response_body")?,
    })
}

/// All first columns of a result.
pub(super) fn column<T: FromSql>(mut rows: rusqlite::Rows<'_>) -> Result<Vec<T>, StoreError> {
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        values.push(row.get(0)?);
    }
    Ok(values)
}
