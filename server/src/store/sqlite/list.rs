//! Lists of deliveries, by event newest first.
//!
//! Each filter has its own way through the indexes. Undelivered ones come from the indexes of these, of the account or of the
//! endpoints that are named, those that are being sent from the claims: a page of them costs about what stands on it, and
//! at most what waits for endpoints that are gone and not yet swept. Those of an endpoint or a tenant come from the endpoints,
//! and only a list without any of that walks the events; both walk over what is in another state when they are asked for
//! what was delivered, so far and no farther at a time.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap},
};

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{StoreError, deliveries, row};
use crate::store::{
    AccountKey, Delivery, DeliveryFilter, DeliveryKey, DeliveryState, EndpointKey, EventKey,
    Walked, delivery::MAX_WALK,
};

pub(super) fn list(
    connection: &Connection,
    account: AccountKey,
    filter: &DeliveryFilter,
    before: Option<DeliveryKey>,
    limit: u32,
) -> Result<Walked, StoreError> {
    let mut page = Page {
        connection,
        account,
        filter,
        before: before.map_or((i64::MAX, i64::MAX), |key| (key.event.0, key.endpoint.0)),
        since: filter.since.map_or(i64::MIN, |since| EventKey::floor(since).0),
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
        found: Vec::new(),
        looked_at: 0,
        last: None,
    };
    let is_settled = |state| matches!(state, &DeliveryState::Delivered);
    if !filter.states.is_empty() && !filter.states.iter().any(is_settled) {
        page.undelivered()?;
    } else if let Some(endpoints) = page.endpoints()? {
        page.of_endpoints(endpoints)?;
    } else {
        page.of_events()?;
    }
    let until = page.last.filter(|_| page.looked_at >= MAX_WALK && page.found.len() < page.limit);
    Ok(Walked { rows: page.found, until })
}

struct Page<'a> {
    connection: &'a Connection,
    account: AccountKey,
    filter: &'a DeliveryFilter,
    /// Event and endpoint of the last one on the page before.
    before: (i64, i64),
    /// The smallest event.
    since: i64,
    limit: usize,
    found: Vec<Delivery>,
    looked_at: usize,
    /// What was looked at last.
    last: Option<DeliveryKey>,
}

impl Page<'_> {
    fn is_full(&self) -> bool {
        self.found.len() >= self.limit || self.looked_at >= MAX_WALK
    }

    /// Adds a delivery, if it fits the filter.
    fn add(&mut self, (event, endpoint): (i64, i64)) -> Result<(), StoreError> {
        let key = DeliveryKey { endpoint: EndpointKey(endpoint), event: EventKey(event) };
        self.looked_at += 1;
        self.last = Some(key);
        let fits = deliveries::in_states(self.connection, self.account, key, &self.filter.states)?;
        if let Some(delivery) = fits
            && self.is_of_tenant(endpoint)?
        {
            self.found.push(delivery);
        }
        Ok(())
    }

    fn is_of_tenant(&self, endpoint: i64) -> Result<bool, StoreError> {
        let Some(tenant) = &self.filter.tenant else { return Ok(true) };
        let sql = "SELECT 1 FROM endpoint WHERE key = ?1 AND tenant = ?2";
        Ok(self.connection.prepare_cached(sql)?.exists(params![endpoint, tenant])?)
    }

    /// The endpoints that the filter names, if it names some.
    fn endpoints(&self) -> Result<Option<Vec<i64>>, StoreError> {
        let one = self.filter.endpoint.map(|endpoint| endpoint.0);
        let Some(tenant) = &self.filter.tenant else { return Ok(one.map(|one| vec![one])) };
        let sql = "SELECT key FROM endpoint WHERE account = ?1 AND tenant = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut keys = row::column(statement.query(params![self.account.0, tenant])?)?;
        keys.retain(|key| one.is_none_or(|one| one == *key));
        Ok(Some(keys))
    }

    /// What waits, failed, was cancelled or is being sent.
    fn undelivered(&mut self) -> Result<(), StoreError> {
        let wants = |state| self.filter.states.contains(&state);
        let cancelled = wants(DeliveryState::Cancelled);
        let mut keys = BTreeSet::new();
        if wants(DeliveryState::Delivering) {
            keys.extend(self.being_sent()?);
        }
        let endpoints = self.endpoints()?;
        // What waits for an endpoint that is gone stands there as pending until it is swept.
        if wants(DeliveryState::Pending) {
            keys.extend(self.unsettled("pending", endpoints.as_deref(), Some(false))?);
        }
        if cancelled {
            let gone = match &endpoints {
                Some(endpoints) => endpoints.clone(),
                None => self.not_yet_swept()?,
            };
            keys.extend(self.unsettled("pending", Some(&gone), Some(true))?);
            keys.extend(self.unsettled("cancelled", endpoints.as_deref(), None)?);
        }
        if wants(DeliveryState::Failed) {
            keys.extend(self.unsettled("failed", endpoints.as_deref(), None)?);
        }
        for key in keys.into_iter().rev() {
            if self.is_full() {
                break;
            }
            self.add(key)?;
        }
        Ok(())
    }

    /// At most a page of each endpoint, or of the account where none are named.
    fn unsettled(
        &self,
        state: &str,
        endpoints: Option<&[i64]>,
        gone: Option<bool>,
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        let limit = i64::try_from(self.limit).unwrap_or(i64::MAX);
        let (sql, owners) = match endpoints {
            Some(endpoints) => (UNSETTLED_OF_ENDPOINT, endpoints),
            None => (UNSETTLED, std::slice::from_ref(&self.account.0)),
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut keys = Vec::new();
        for owner in owners {
            let (event, endpoint) = self.before;
            let mut rows =
                statement.query(params![owner, state, event, endpoint, self.since, gone, limit])?;
            while let Some(row) = rows.next()? {
                keys.push((row.get(0)?, row.get(1)?));
            }
        }
        Ok(keys)
    }

    fn not_yet_swept(&self) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT key FROM endpoint WHERE sweeping = 1 AND account = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        row::column(statement.query(params![self.account.0])?)
    }

    /// What is held and has a row.
    fn being_sent(&self) -> Result<Vec<(i64, i64)>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT key, deliveries FROM claim")?;
        let mut rows = statement.query([])?;
        let mut keys = Vec::new();
        while let Some(row) = rows.next()? {
            let pairs = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            let pairs = row::unpack(pairs, "claim", row.get(0)?)?;
            let (pairs, _) = pairs.as_chunks::<2>();
            let of_endpoint =
                |endpoint| self.filter.endpoint.is_none_or(|wanted| wanted.0 == endpoint);
            keys.extend(pairs.iter().map(|[endpoint, event]| (*event, *endpoint)).filter(
                |(event, endpoint)| {
                    (*event, *endpoint) < self.before
                        && *event >= self.since
                        && of_endpoint(*endpoint)
                },
            ));
        }
        Ok(keys)
    }

    /// Those of some endpoints, merged.
    fn of_endpoints(&mut self, endpoints: Vec<i64>) -> Result<(), StoreError> {
        let mut heads = BinaryHeap::new();
        for endpoint in endpoints {
            heads.extend(self.next_of(endpoint, self.before)?);
        }
        while !self.is_full()
            && let Some(key) = heads.pop()
        {
            self.add(key)?;
            heads.extend(self.next_of(key.1, key)?);
        }
        Ok(())
    }

    fn next_of(&self, endpoint: i64, before: (i64, i64)) -> Result<Option<(i64, i64)>, StoreError> {
        // Of the event of the one before, only smaller endpoints are left.
        let last = if endpoint < before.1 { before.0 } else { before.0.saturating_sub(1) };
        let event: Option<i64> = self
            .connection
            .prepare_cached(NEXT_OF_ENDPOINT)?
            .query_row(params![endpoint, last, self.since], |row| row.get(0))
            .optional()?;
        Ok(event.map(|event| (event, endpoint)))
    }

    /// Those of all events, one after the other.
    fn of_events(&mut self) -> Result<(), StoreError> {
        let connection = self.connection;
        let mut statement = connection.prepare_cached(EVENTS)?;
        let mut rows = statement.query(params![self.account.0, self.before.0, self.since])?;
        while !self.is_full()
            && let Some(row) = rows.next()?
        {
            let event: i64 = row.get(0)?;
            let targets = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            let mut targets = row::unpack(targets, "event", event)?;
            targets.sort_unstable_by_key(|endpoint| Reverse(*endpoint));
            for endpoint in targets {
                if (event, endpoint) < self.before && !self.is_full() {
                    self.add((event, endpoint))?;
                }
            }
        }
        Ok(())
    }
}

// The indexes hold all that is asked, apart from the endpoint's state.
const UNSETTLED: &str = "SELECT d.event, d.endpoint FROM delivery d INDEXED BY delivery_unsettled LEFT JOIN endpoint e ON e.key = d.endpoint
    WHERE d.account = ?1 AND d.state = ?2 AND d.state <> 'delivered' AND d.state <> 'delivering'
      AND (d.event, d.endpoint) < (?3, ?4) AND d.event >= ?5
      AND (?6 IS NULL OR (e.state IN ('deleted', 'disabled')) = ?6)
    ORDER BY d.event DESC, d.endpoint DESC LIMIT ?7";
const UNSETTLED_OF_ENDPOINT: &str =
    "SELECT d.event, d.endpoint FROM endpoint e CROSS JOIN delivery d INDEXED BY delivery_left
    WHERE e.key = ?1 AND (?6 IS NULL OR (e.state IN ('deleted', 'disabled')) = ?6)
      AND d.endpoint = ?1 AND d.state = ?2 AND d.state <> 'delivered' AND d.state <> 'delivering'
      AND d.event <= ?3 AND (d.event < ?3 OR d.endpoint < ?4) AND d.event >= ?5
    ORDER BY d.event DESC LIMIT ?7";
const NEXT_OF_ENDPOINT: &str = "SELECT event FROM delivery WHERE endpoint = ?1 AND event <= ?2 AND event >= ?3 ORDER BY event DESC LIMIT 1";
const EVENTS: &str = "SELECT key, targets FROM event WHERE account = ?1 AND key <= ?2 AND key >= ?3 ORDER BY key DESC";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::{migrate, plan};

    #[test]
    fn pages_begin_where_the_last_one_ended() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate::run(&mut connection).unwrap();
        for (sql, expected) in [
            (
                UNSETTLED,
                &[
                    "SEARCH d USING COVERING INDEX delivery_unsettled (account=? AND state=? AND event>? AND (event,endpoint)<(?,?))",
                    "SEARCH e USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
                ][..],
            ),
            (
                UNSETTLED_OF_ENDPOINT,
                &[
                    "SEARCH e USING INTEGER PRIMARY KEY (rowid=?)",
                    "SEARCH d USING COVERING INDEX delivery_left (endpoint=? AND state=? AND event>? AND event<?)",
                ],
            ),
            (
                NEXT_OF_ENDPOINT,
                &["SEARCH delivery USING PRIMARY KEY (endpoint=? AND event>? AND event<?)"],
            ),
            (
                EVENTS,
                &["SEARCH event USING INDEX event_by_account (account=? AND key>? AND key<?)"],
            ),
        ] {
            assert_eq!(plan(&connection, sql), expected, "{sql}");
        }
    }
}
