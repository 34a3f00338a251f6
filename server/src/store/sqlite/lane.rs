//! Lanes: when an endpoint is worth a look, and what is known of its answers.

use hookseal::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::StoreError;
use crate::store::{EndpointKey, Health};

/// What the lane of an endpoint says of its answers.
pub(super) fn health(connection: &Connection, endpoint: EndpointKey) -> Result<Health, StoreError> {
    let health = connection
        .prepare_cached("SELECT failures, failing_since, hold_until FROM lane WHERE endpoint = ?1")?
        .query_row([endpoint.0], read_health)
        .optional()?;
    Ok(health.unwrap_or_default())
}

/// The columns `failures`, `failing_since` and `hold_until`.
pub(super) fn read_health(row: &Row<'_>) -> rusqlite::Result<Health> {
    let time = |column: &str| -> rusqlite::Result<Option<Timestamp>> {
        let millis: Option<i64> = row.get(column)?;
        Ok(millis.map(Timestamp::from_millis))
    };
    Ok(Health {
        failures: row.get("failures")?,
        failing_since: time("failing_since")?,
        hold_until: time("hold_until")?,
    })
}

/// Brings the lane of an endpoint in line with its deliveries, its state and, where that changed, its health.
pub(super) fn refresh(
    connection: &Connection,
    endpoint: EndpointKey,
    changed: Option<Health>,
) -> Result<(), StoreError> {
    let read = |row: &Row<'_>| {
        let lane: Option<i64> = row.get("lane")?;
        Ok(Found {
            state: row.get("state")?,
            next: row.get("next")?,
            lane: lane
                .map(|_| Ok::<_, rusqlite::Error>((row.get("due")?, read_health(row)?)))
                .transpose()?,
        })
    };
    let found = connection.prepare_cached(FIND)?.query_row([endpoint.0], read).optional()?;
    let Some(found) = found else { return Ok(()) };
    let before = found.lane.map(|(_, health)| health).unwrap_or_default();
    let health = changed.unwrap_or(before);
    let due = match (found.state.as_str(), found.next) {
        ("active", Some(next)) => {
            Some(health.hold_until.map_or(next, |hold| next.max(hold.as_millis())))
        }
        _ => None,
    };
    let idle = due.is_none() && health == Health::default();
    if idle || found.state == "deleted" {
        if found.lane.is_some() {
            connection
                .prepare_cached("DELETE FROM lane WHERE endpoint = ?1")?
                .execute([endpoint.0])?;
        }
    } else if found.lane != Some((due, health)) {
        connection.prepare_cached(PUT)?.execute(params![
            endpoint.0,
            due,
            health.failures,
            health.failing_since.map(Timestamp::as_millis),
            health.hold_until.map(Timestamp::as_millis),
        ])?;
    }
    Ok(())
}

struct Found {
    state: String,
    /// The earliest moment that a delivery is due.
    next: Option<i64>,
    lane: Option<(Option<i64>, Health)>,
}

const FIND: &str = "SELECT e.state, l.endpoint AS lane, l.due, l.failures, l.failing_since, l.hold_until,
           (SELECT d.due FROM delivery d INDEXED BY delivery_due WHERE d.endpoint = e.key AND d.due IS NOT NULL
            ORDER BY d.due LIMIT 1) AS next
    FROM endpoint e LEFT JOIN lane l ON l.endpoint = e.key WHERE e.key = ?1";
const PUT: &str = "INSERT INTO lane (endpoint, due, failures, failing_since, hold_until) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (endpoint) DO UPDATE SET due = excluded.due, failures = excluded.failures,
        failing_since = excluded.failing_since, hold_until = excluded.hold_until";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::{migrate, plan};

    #[test]
    fn a_lane_is_brought_up_to_date_by_three_steps_into_trees() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate::run(&mut connection).unwrap();
        assert_eq!(
            plan(&connection, FIND),
            [
                "SEARCH e USING INTEGER PRIMARY KEY (rowid=?)",
                "SEARCH l USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
                "CORRELATED SCALAR SUBQUERY 1",
                "SEARCH d USING COVERING INDEX delivery_due (endpoint=? AND due>?)",
            ]
        );
    }
}
