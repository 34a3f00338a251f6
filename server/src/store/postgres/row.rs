//! Columns to types. A value that does not fit is a corrupt row, named by table and id.

use std::{fmt, sync::Arc, time::Duration};

use hookseal::Timestamp;
use tokio_postgres::{Row, types::FromSql};

use super::fault::Fault;
use crate::store::{
    AccountKey, Attempt, Delivery, DeliveryKey, DeliveryState, Endpoint, EndpointKey,
    EndpointState, Event, EventHead, EventKey, Health, Phases, SealedSecret, SecretKind, Secrets,
    Target,
};

pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: &str) -> Result<T, Fault> {
    Ok(row.try_get(column)?)
}

/// A word of a `words!` enum.
pub(super) fn word<T>(
    row: &Row,
    column: &str,
    parse: fn(&str) -> Option<T>,
    table: &'static str,
    id: &dyn fmt::Display,
) -> Result<T, Fault> {
    parse(get(row, column)?).ok_or_else(|| Fault::corrupt(table, id))
}

/// A column of milliseconds that may be empty.
pub(super) fn time(row: &Row, column: &str) -> Result<Option<Timestamp>, Fault> {
    Ok(get::<Option<i64>>(row, column)?.map(Timestamp::from_millis))
}

/// A column of a number that cannot be below zero.
pub(super) fn count(row: &Row, column: &str) -> Result<u32, Fault> {
    Ok(u32::try_from(get::<i32>(row, column)?).unwrap_or_default())
}

/// The columns `failures`, `failing_since` and `hold_until`, which are empty where there is no lane.
pub(super) fn health(row: &Row) -> Result<Health, Fault> {
    let failures: Option<i32> = get(row, "failures")?;
    Ok(Health {
        failures: u32::try_from(failures.unwrap_or_default()).unwrap_or_default(),
        failing_since: time(row, "failing_since")?,
        hold_until: time(row, "hold_until")?,
    })
}

/// The columns of `event_columns!`.
pub(super) fn event(row: &Row) -> Result<Event, Fault> {
    let head = event_head(row)?;
    Ok(Event {
        key: head.key,
        account: AccountKey(get(row, "account")?),
        id: head.id,
        event_type: head.event_type,
        tenant: head.tenant,
        profile: head.profile,
        ordering_key: head.ordering_key,
        data: Arc::from(get::<&str>(row, "data")?),
    })
}

/// The columns of `event_head_columns!`.
pub(super) fn event_head(row: &Row) -> Result<EventHead, Fault> {
    let key = EventKey(get(row, "key")?);
    let id: Option<String> = get(row, "id")?;
    Ok(EventHead {
        key,
        id: id.unwrap_or_else(|| key.to_string()),
        event_type: get(row, "type")?,
        tenant: get(row, "tenant")?,
        profile: get(row, "profile")?,
        ordering_key: get(row, "ordering_key")?,
    })
}

/// The columns of `target_columns!`.
pub(super) fn target(row: &Row) -> Result<Target, Fault> {
    let key = EndpointKey(get(row, "key")?);
    let kind = word(row, "secret_kind", SecretKind::parse, "endpoint", &key)?;
    let previous = match time(row, "previous_until")? {
        None => None,
        Some(until) => {
            let kind = word(row, "previous_kind", SecretKind::parse, "endpoint", &key)?;
            Some((SealedSecret { kind, sealed: get(row, "previous_secret")? }, until))
        }
    };
    let settings = serde_json::from_str(get(row, "settings")?);
    let endpoint = Endpoint {
        key,
        account: AccountKey(get(row, "account")?),
        url: get(row, "url")?,
        event_types: get(row, "event_types")?,
        profile: get(row, "profile")?,
        tenant: get(row, "tenant")?,
        description: get(row, "description")?,
        state: word(row, "state", EndpointState::parse, "endpoint", &key)?,
        reason: get(row, "reason")?,
        secret: kind,
        settings: settings.map_err(|_| Fault::corrupt("endpoint", &key))?,
        failing_since: time(row, "failing_since")?,
        version: get(row, "version")?,
    };
    let current = SealedSecret { kind, sealed: get(row, "secret")? };
    Ok(Target { endpoint, secrets: Secrets { current, previous } })
}

/// A delivery with its last attempt: the columns of `delivery_columns!`.
pub(super) fn delivery(row: &Row) -> Result<Delivery, Fault> {
    let key = DeliveryKey {
        endpoint: EndpointKey(get(row, "endpoint")?),
        event: EventKey(get(row, "event")?),
    };
    let attempts = count(row, "attempts")?;
    let state = word(row, "state", DeliveryState::parse, "delivery", &key)?;
    let id: Option<String> = get(row, "event_id")?;
    let delivery = Delivery {
        key,
        event_id: id.unwrap_or_else(|| key.event.to_string()),
        event_type: get(row, "event_type")?,
        state,
        reason: get(row, "reason")?,
        next_attempt_at: time(row, "due")?,
        attempts,
        last_attempt: attempt(row, attempts)?,
    };
    // What the sweep has not reached yet is cancelled all the same.
    let gone = gone_reason(get(row, "endpoint_state")?);
    Ok(match gone {
        Some(reason) if state == DeliveryState::Pending => Delivery {
            state: DeliveryState::Cancelled,
            reason: Some(reason.to_owned()),
            next_attempt_at: None,
            ..delivery
        },
        _ => delivery,
    })
}

/// Why deliveries to an endpoint in this state are cancelled, unless they are not.
pub(super) fn gone_reason(endpoint_state: &str) -> Option<&'static str> {
    match endpoint_state {
        "deleted" => Some("endpoint_deleted"),
        "disabled" => Some("endpoint_disabled"),
        _ => None,
    }
}

/// An attempt: the columns from `started_at` on, of either table that has them. None where it was not made, or removed.
pub(super) fn attempt(row: &Row, number: u32) -> Result<Option<Attempt>, Fault> {
    let Some(started_at) = time(row, "started_at")? else { return Ok(None) };
    let phase = |column: &str| -> Result<Option<Duration>, Fault> {
        let micros: Option<i64> = get(row, column)?;
        Ok(micros.map(|micros| Duration::from_micros(micros.unsigned_abs())))
    };
    let status: Option<i16> = get(row, "status")?;
    let address: Option<&str> = get(row, "address")?;
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
        status: status.and_then(|status| u16::try_from(status).ok()),
        error: get(row, "error")?,
        address: address.and_then(|address| address.parse().ok()),
        response_head: get(row, "response_head")?,
        response_body: get::<Option<Vec<u8>>>(row, "response_body")?.unwrap_or_default(),
    }))
}

/// Microseconds, as they are kept.
pub(super) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Keys as one value, 8 bytes each, big-endian.
pub(super) fn pack(keys: impl Iterator<Item = i64>) -> Vec<u8> {
    keys.flat_map(i64::to_be_bytes).collect()
}

/// The keys of such a value.
pub(super) fn unpack(packed: &[u8], table: &'static str, id: i64) -> Result<Vec<i64>, Fault> {
    let (keys, rest) = packed.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(Fault::corrupt(table, &id));
    }
    Ok(keys.iter().map(|key| i64::from_be_bytes(*key)).collect())
}

/// The deliveries of a claim.
pub(super) fn unpack_pairs(packed: &[u8], claim: i64) -> Result<Vec<DeliveryKey>, Fault> {
    let keys = unpack(packed, "claim", claim)?;
    let (pairs, rest) = keys.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Fault::corrupt("claim", &claim));
    }
    let pair = |&[endpoint, event]: &[i64; 2]| DeliveryKey {
        endpoint: EndpointKey(endpoint),
        event: EventKey(event),
    };
    Ok(pairs.iter().map(pair).collect())
}

/// The columns that [`event`] reads, of `event v`.
macro_rules! event_columns {
    () => {
        "v.key, v.account, v.id, v.type, v.tenant, v.profile, v.ordering_key, v.data"
    };
}

/// The columns that [`event_head`] reads, of `event v`: not the data.
macro_rules! event_head_columns {
    () => {
        "v.key, v.id, v.type, v.tenant, v.profile, v.ordering_key"
    };
}

/// The columns that [`target`] reads, of `endpoint e` and, left-joined, `lane l`.
macro_rules! target_columns {
    () => {
        "e.key, e.account, e.url, e.event_types, e.profile, e.tenant, e.description, e.state, e.reason, e.secret_kind, \
         e.secret, e.previous_kind, e.previous_secret, e.previous_until, e.settings, e.version, l.failing_since"
    };
}

/// The columns that [`delivery`] reads, of `delivery d`, `event v` and `endpoint e`.
macro_rules! delivery_columns {
    () => {
        "d.*, v.id AS event_id, v.type AS event_type, e.state AS endpoint_state"
    };
}

pub(super) use {delivery_columns, event_columns, event_head_columns, target_columns};
