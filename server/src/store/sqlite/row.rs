//! Columns to types. A value that does not fit is a corrupt row, named by table and id.

use std::{sync::Arc, time::Duration};

use hookseal::Timestamp;
use rusqlite::{Row, types::FromSql};

use super::StoreError;
use crate::store::{AccountKey, Attempt, Event, EventHead, EventKey, Phases};

/// A word of a `words!` enum.
pub(super) fn word<T>(
    row: &Row<'_>,
    column: &str,
    parse: fn(&str) -> Option<T>,
    table: &'static str,
    id: &str,
) -> Result<T, StoreError> {
    let word = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
    parse(word).ok_or_else(|| corrupt(table, id))
}

pub(super) fn corrupt(table: &'static str, id: &str) -> StoreError {
    StoreError::Corrupt { table, id: id.to_owned() }
}

/// A column of milliseconds that may be empty.
pub(super) fn time(row: &Row<'_>, column: &str) -> Result<Option<Timestamp>, StoreError> {
    let millis: Option<i64> = row.get(column)?;
    Ok(millis.map(Timestamp::from_millis))
}

/// The columns of [`EVENT`].
pub(super) fn event(row: &Row<'_>) -> Result<Event, StoreError> {
    let head = event_head(row)?;
    Ok(Event {
        key: head.key,
        account: AccountKey(row.get("account")?),
        id: head.id,
        event_type: head.event_type,
        tenant: head.tenant,
        profile: head.profile,
        ordering_key: head.ordering_key,
        data: row.get::<_, Arc<str>>("data")?,
    })
}

/// The columns of [`EVENT_HEAD`].
pub(super) fn event_head(row: &Row<'_>) -> Result<EventHead, StoreError> {
    let key = EventKey(row.get("key")?);
    let id: Option<String> = row.get("id")?;
    Ok(EventHead {
        key,
        id: id.unwrap_or_else(|| key.to_string()),
        event_type: row.get("type")?,
        tenant: row.get("tenant")?,
        profile: row.get("profile")?,
        ordering_key: row.get("ordering_key")?,
    })
}

/// The columns that [`event`] reads.
pub(super) const EVENT: &str = "key, account, id, type, tenant, profile, ordering_key, data";
/// The columns that [`event_head`] reads: all before the data, of which nothing is read.
pub(super) const EVENT_HEAD: &str = "key, id, type, tenant, profile, ordering_key";

/// An attempt: the columns from `started_at` on, of either table that has them. None where it was not made, or removed.
pub(super) fn attempt(row: &Row<'_>, number: u32) -> Result<Option<Attempt>, StoreError> {
    let Some(started_at) = time(row, "started_at")? else { return Ok(None) };
    let address: Option<String> = row.get("address")?;
    let phase = |column: &str| -> Result<Option<Duration>, StoreError> {
        let micros: Option<i64> = row.get(column)?;
        Ok(micros.map(|micros| Duration::from_micros(micros.unsigned_abs())))
    };
    Ok(Some(Attempt {
        number,
        started_at,
        phases: Phases {
            total: phase("total_us")?.unwrap_or_default(),
            dns: phase("dns_us")?,
            connect: phase("connect_us")?,
            tls: phase("tls_us")?,
            first_byte: phase("first_byte_us")?,
        },
        status: row.get("status")?,
        error: row.get("error")?,
        address: address.and_then(|address| address.parse().ok()),
        response_head: row.get("response_head")?,
        response_body: row.get::<_, Option<Vec<u8>>>("response_body")?.unwrap_or_default(),
    }))
}

/// Microseconds, as they are kept.
pub(super) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// All first columns of a result.
pub(super) fn column<T: FromSql>(mut rows: rusqlite::Rows<'_>) -> Result<Vec<T>, StoreError> {
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        values.push(row.get(0)?);
    }
    Ok(values)
}

/// Keys as one blob, 8 bytes each, big-endian.
pub(super) fn pack(keys: impl ExactSizeIterator<Item = i64>) -> Vec<u8> {
    let mut blob = Vec::with_capacity(keys.len().saturating_mul(8));
    for key in keys {
        blob.extend_from_slice(&key.to_be_bytes());
    }
    blob
}

/// The keys of such a blob.
pub(super) fn unpack(blob: &[u8], table: &'static str, id: i64) -> Result<Vec<i64>, StoreError> {
    let (keys, rest) = blob.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(corrupt(table, &id.to_string()));
    }
    Ok(keys.iter().map(|key| i64::from_be_bytes(*key)).collect())
}
