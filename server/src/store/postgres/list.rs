//! Lists of deliveries, by event newest first.
//!
//! Each filter has its own way through the indexes. Undelivered ones come from the indexes of these, of the account or of the
//! endpoints that are named: a page of them costs about what stands on it, and at most what waits for endpoints that are gone
//! and not yet swept. Those of an endpoint or a tenant come from the endpoints, and only a list without any of that walks
//! the events; both walk over what is in another state when they are asked for what was delivered, so far and no farther at a
//! time.

use super::{
    endpoints, events,
    fault::Fault,
    row,
    session::{Session, Values},
};
use crate::store::{
    AccountKey, Delivery, DeliveryFilter, DeliveryKey, DeliveryState, EndpointKey, EventKey,
    Walked, delivery::MAX_WALK,
};

pub(super) async fn list(
    session: &Session,
    account: AccountKey,
    filter: &DeliveryFilter,
    before: Option<DeliveryKey>,
    limit: u32,
) -> Result<Walked, Fault> {
    let page = Page {
        session,
        account,
        filter,
        before: before.map_or((i64::MAX, i64::MAX), |key| (key.event.0, key.endpoint.0)),
        since: filter.since.map_or(i64::MIN, |since| EventKey::floor(since).0),
        limit,
    };
    if !filter.states.is_empty() && !filter.states.contains(&DeliveryState::Delivered) {
        Ok(Walked { rows: page.undelivered().await?, until: None })
    } else if filter.endpoint.is_some() || filter.tenant.is_some() {
        page.of_endpoints().await
    } else {
        page.of_events().await
    }
}

struct Page<'a> {
    session: &'a Session,
    account: AccountKey,
    filter: &'a DeliveryFilter,
    /// Event and endpoint of the last one on the page before.
    before: (i64, i64),
    /// The smallest event.
    since: i64,
    limit: u32,
}

impl Page<'_> {
    fn limit_rows(&self) -> i64 {
        i64::from(self.limit)
    }

    /// What waits, failed, was cancelled or is being sent.
    async fn undelivered(&self) -> Result<Vec<Delivery>, Fault> {
        let wants = |state| self.filter.states.contains(&state);
        // What waits for an endpoint that is gone stands there as pending until it is swept.
        let (mut states, mut gone) = (Vec::new(), Vec::new());
        for state in &self.filter.states {
            states.push(state.as_str());
            gone.push((*state == DeliveryState::Pending).then_some(false));
        }
        let swept_later = wants(DeliveryState::Cancelled);
        let Some(endpoints) = self.endpoints().await? else {
            let values: Values<'_> = &[
                &self.account.0,
                &states,
                &gone,
                &self.before.0,
                &self.before.1,
                &self.since,
                &self.limit_rows(),
                &swept_later,
            ];
            return self.read(UNDELIVERED, values).await;
        };
        if swept_later {
            states.push(DeliveryState::Pending.as_str());
            gone.push(Some(true));
        }
        let values: Values<'_> = &[
            &self.account.0,
            &states,
            &gone,
            &self.before.0,
            &self.before.1,
            &self.since,
            &self.limit_rows(),
            &wants(DeliveryState::Delivering),
            &endpoints,
        ];
        self.read(UNDELIVERED_OF_ENDPOINTS, values).await
    }

    /// Those of some endpoints, merged.
    async fn of_endpoints(&self) -> Result<Walked, Fault> {
        let endpoints = self.endpoints().await?.unwrap_or_default();
        let states: Vec<_> = self.filter.states.iter().map(|state| state.as_str()).collect();
        let horizon = if states.is_empty() { None } else { self.horizon(&endpoints).await? };
        let values: Values<'_> = &[
            &endpoints,
            &self.account.0,
            &states,
            &self.before.0,
            &self.before.1,
            &horizon.unwrap_or(self.since),
            &self.limit_rows(),
        ];
        let rows = self.read(OF_ENDPOINTS, values).await?;
        let until =
            horizon.filter(|_| rows.len() < usize::try_from(self.limit).unwrap_or(usize::MAX));
        // Of that event all were looked at.
        let until =
            until.map(|event| DeliveryKey { event: EventKey(event), endpoint: EndpointKey(0) });
        Ok(Walked { rows, until })
    }

    /// The event that it is looked back to, where there are more deliveries than are looked at.
    async fn horizon(&self, endpoints: &[i64]) -> Result<Option<i64>, Fault> {
        let each = i64::try_from(MAX_WALK / endpoints.len().max(1)).unwrap_or(i64::MAX);
        let each = each.max(self.limit_rows());
        let values: Values<'_> = &[&endpoints, &self.before.0, &self.since, &each];
        let row = self.session.optional(HORIZON, values).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?.flatten())
    }

    /// The endpoints that the filter names, if it names some.
    async fn endpoints(&self) -> Result<Option<Vec<i64>>, Fault> {
        let one = self.filter.endpoint.map(|endpoint| endpoint.0);
        let Some(tenant) = &self.filter.tenant else { return Ok(one.map(|one| vec![one])) };
        let of_tenant = endpoints::of_tenant(self.session, self.account, tenant, i64::MAX).await?;
        let keys = of_tenant.into_iter().map(|endpoint| endpoint.0);
        Ok(Some(keys.filter(|key| one.is_none_or(|one| one == *key)).collect()))
    }

    /// Keys and rows by one statement: what it finds is what they are.
    async fn read(&self, sql: &'static str, values: Values<'_>) -> Result<Vec<Delivery>, Fault> {
        self.session.query(sql, values).await?.iter().map(row::delivery).collect()
    }

    /// Those of all events, some at a time.
    async fn of_events(&self) -> Result<Walked, Fault> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let (mut rows, mut looked_at) = (Vec::new(), 0);
        let mut last = self.before.0;
        loop {
            let events =
                self.session.query(EVENTS, &[&self.account.0, &last, &self.since, &WALK]).await?;
            let mut keys = Vec::new();
            for row in &events {
                let event: i64 = row.try_get(0)?;
                let endpoints = row::unpack(row.try_get(1)?, "event", event)?;
                let key = |endpoint| DeliveryKey {
                    endpoint: EndpointKey(endpoint),
                    event: EventKey(event),
                };
                keys.extend(
                    endpoints
                        .into_iter()
                        .filter(|endpoint| (event, *endpoint) < self.before)
                        .map(key),
                );
                last = event.saturating_sub(1);
            }
            keys.sort_unstable_by_key(|key| std::cmp::Reverse((key.event, key.endpoint)));
            let states = &self.filter.states;
            for keys in keys.chunks(AT_ONCE) {
                let deliveries = events::stored(self.session, self.account, keys).await?;
                let fits = |found: &Delivery| states.is_empty() || states.contains(&found.state);
                rows.extend(deliveries.into_iter().filter(fits));
                looked_at += keys.len();
                if rows.len() >= limit {
                    rows.truncate(limit);
                    return Ok(Walked { rows, until: None });
                }
                if looked_at >= MAX_WALK {
                    return Ok(Walked { rows, until: keys.last().copied() });
                }
            }
            if i64::try_from(events.len()).is_ok_and(|count| count < WALK) {
                return Ok(Walked { rows, until: None });
            }
        }
    }
}

/// The rows of some keys `f`, newest first.
macro_rules! rows_of {
    ($keys:expr) => {
        concat!(
            "SELECT ",
            row::delivery_columns!(),
            " FROM (",
            $keys,
            ") f JOIN delivery d ON d.endpoint = f.endpoint AND d.event = f.event
             JOIN event v ON v.account = d.account AND v.key = d.event
             JOIN endpoint e ON e.key = d.endpoint ORDER BY f.event DESC, f.endpoint DESC"
        )
    };
}

/// `u.gone` says whether the endpoint has to be gone or must not be, where that matters.
const UNDELIVERED: &str = rows_of!(
    "SELECT f.event, f.endpoint FROM unnest($2::text[], $3::boolean[]) AS u (state, gone),
        LATERAL (SELECT d.event, d.endpoint FROM delivery d JOIN endpoint e ON e.key = d.endpoint
            WHERE d.account = $1 AND d.state = u.state AND d.state <> 'delivered'
              AND (d.event, d.endpoint) < ($4, $5) AND d.event >= $6
              AND (u.gone IS NULL OR (e.state IN ('deleted', 'disabled')) = u.gone)
            ORDER BY d.event DESC, d.endpoint DESC LIMIT $7) f
    UNION ALL SELECT f.event, f.endpoint FROM endpoint e,
        LATERAL (SELECT d.event, d.endpoint FROM delivery d
            WHERE d.endpoint = e.key AND d.state = 'pending' AND d.state IN ('pending', 'failed', 'cancelled')
              AND d.event <= $4 AND d.event >= $6 AND (d.event < $4 OR d.endpoint < $5)
            ORDER BY d.event DESC LIMIT $7) f
        WHERE $8 AND e.account = $1 AND e.sweeping AND e.state IN ('deleted', 'disabled')
    ORDER BY event DESC, endpoint DESC LIMIT $7"
);
const UNDELIVERED_OF_ENDPOINTS: &str = rows_of!(
    "SELECT f.event, f.endpoint FROM unnest($9::bigint[]) AS k (endpoint)
        JOIN endpoint e ON e.key = k.endpoint AND e.account = $1
        JOIN unnest($2::text[], $3::boolean[]) AS u (state, gone)
            ON u.gone IS NULL OR (e.state IN ('deleted', 'disabled')) = u.gone,
        LATERAL (SELECT d.event, d.endpoint FROM delivery d
            WHERE d.endpoint = k.endpoint AND d.state = u.state AND d.state IN ('pending', 'failed', 'cancelled')
              AND d.event <= $4 AND d.event >= $6 AND (d.event < $4 OR d.endpoint < $5)
            ORDER BY d.event DESC LIMIT $7) f
    UNION ALL SELECT d.event, d.endpoint FROM delivery d
        WHERE $8 AND d.account = $1 AND d.state = 'delivering' AND d.state <> 'delivered' AND d.endpoint = ANY ($9)
          AND (d.event, d.endpoint) < ($4, $5) AND d.event >= $6
    ORDER BY event DESC, endpoint DESC LIMIT $7"
);
const OF_ENDPOINTS: &str = rows_of!(
    "SELECT f.event, f.endpoint FROM unnest($1::bigint[]) AS u (endpoint)
        JOIN endpoint e ON e.key = u.endpoint AND e.account = $2,
        LATERAL (SELECT d.event, d.endpoint FROM delivery d
            WHERE d.endpoint = u.endpoint AND d.event <= $4 AND d.event >= $6
              AND (d.event < $4 OR d.endpoint < $5)
              AND (cardinality($3::text[]) = 0 OR CASE WHEN d.state = 'pending' AND e.state IN ('deleted', 'disabled')
                   THEN 'cancelled' ELSE d.state END = ANY ($3))
            ORDER BY d.event DESC LIMIT $7) f
    ORDER BY f.event DESC, f.endpoint DESC LIMIT $7"
);
const EVENTS: &str = "SELECT key, targets FROM event WHERE account = $1 AND key <= $2 AND key >= $3
    ORDER BY key DESC LIMIT $4";
/// What stands so many places behind the newest at one of the endpoints: that of them which is the newest itself.
const HORIZON: &str = "SELECT max(f.event) FROM unnest($1::bigint[]) AS u (endpoint),
        LATERAL (SELECT d.event FROM delivery d WHERE d.endpoint = u.endpoint AND d.event <= $2 AND d.event >= $3
            ORDER BY d.event DESC OFFSET $4 LIMIT 1) f";
/// Events that are looked at together.
const WALK: i64 = 100;
/// Deliveries that are read together, each of which may hold 20 KiB of an answer.
const AT_ONCE: usize = 250;
