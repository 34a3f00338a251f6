//! Lists of deliveries, by event newest first.
//!
//! Each filter has its own way through the indexes, so that a page costs about what stands on it: undelivered ones come
//! from the index of these, those of an endpoint or a tenant from the endpoints, and only a list without any of that
//! walks the events.

use super::{endpoints, events, fault::Fault, row, session::Session};
use crate::store::{
    AccountKey, Delivery, DeliveryFilter, DeliveryKey, DeliveryState, EndpointKey, EventKey,
};

pub(super) async fn list(
    session: &Session,
    account: AccountKey,
    filter: &DeliveryFilter,
    before: Option<DeliveryKey>,
    limit: u32,
) -> Result<Vec<Delivery>, Fault> {
    let page = Page {
        session,
        account,
        filter,
        before: before.map_or((i64::MAX, i64::MAX), |key| (key.event.0, key.endpoint.0)),
        since: filter.since.map_or(i64::MIN, |since| EventKey::floor(since).0),
        limit,
    };
    if !filter.states.is_empty() && !filter.states.contains(&DeliveryState::Delivered) {
        page.undelivered().await
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
        let (mut states, mut gone) = (Vec::new(), Vec::new());
        let mut want = |state: DeliveryState, of_gone: Option<bool>| {
            states.push(state.as_str());
            gone.push(of_gone);
        };
        // What waits for an endpoint that is gone stands there as pending until it is swept.
        for state in &self.filter.states {
            match state {
                DeliveryState::Pending => want(*state, Some(false)),
                DeliveryState::Cancelled => {
                    want(*state, None);
                    want(DeliveryState::Pending, Some(true));
                }
                _ => want(*state, None),
            }
        }
        let endpoint = self.filter.endpoint.map(|endpoint| endpoint.0);
        let rows = self
            .session
            .query(
                UNDELIVERED,
                &[
                    &self.account.0,
                    &states,
                    &gone,
                    &self.before.0,
                    &self.before.1,
                    &self.since,
                    &endpoint,
                    &self.filter.tenant,
                    &self.limit_rows(),
                ],
            )
            .await?;
        let keys = rows
            .iter()
            .map(|row| {
                Ok(DeliveryKey {
                    endpoint: EndpointKey(row.try_get(1)?),
                    event: EventKey(row.try_get(0)?),
                })
            })
            .collect::<Result<Vec<_>, Fault>>()?;
        events::stored(self.session, self.account, &keys).await
    }

    /// Those of some endpoints, merged.
    async fn of_endpoints(&self) -> Result<Vec<Delivery>, Fault> {
        let mut keys = match &self.filter.tenant {
            Some(tenant) => {
                endpoints::of_tenant(self.session, self.account, tenant, i64::MAX).await?
            }
            None => self.filter.endpoint.into_iter().collect(),
        };
        keys.retain(|key| self.filter.endpoint.is_none_or(|endpoint| endpoint == *key));
        let keys: Vec<_> = keys.into_iter().map(|key| key.0).collect();
        let states: Vec<_> = self.filter.states.iter().map(|state| state.as_str()).collect();
        let values: super::session::Values<'_> = &[
            &keys,
            &self.account.0,
            &states,
            &self.before.0,
            &self.before.1,
            &self.since,
            &self.limit_rows(),
        ];
        let rows = self.session.query(OF_ENDPOINTS, values).await?;
        let keys = rows
            .iter()
            .map(|row| {
                Ok(DeliveryKey {
                    endpoint: EndpointKey(row.try_get(1)?),
                    event: EventKey(row.try_get(0)?),
                })
            })
            .collect::<Result<Vec<_>, Fault>>()?;
        events::stored(self.session, self.account, &keys).await
    }

    /// Those of all events, some at a time.
    async fn of_events(&self) -> Result<Vec<Delivery>, Fault> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let mut found = Vec::new();
        let mut last = self.before.0;
        loop {
            let rows =
                self.session.query(EVENTS, &[&self.account.0, &last, &self.since, &WALK]).await?;
            let mut keys = Vec::new();
            for row in &rows {
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
            let deliveries = events::stored(self.session, self.account, &keys).await?;
            found.extend(
                deliveries
                    .into_iter()
                    .filter(|found| states.is_empty() || states.contains(&found.state)),
            );
            found.truncate(limit);
            if found.len() >= limit || i64::try_from(rows.len()).is_ok_and(|count| count < WALK) {
                return Ok(found);
            }
        }
    }
}

const UNDELIVERED: &str =
    "SELECT f.event, f.endpoint FROM unnest($2::text[], $3::boolean[]) AS u (state, gone),
        LATERAL (SELECT d.event, d.endpoint FROM delivery d JOIN endpoint e ON e.key = d.endpoint
            WHERE d.account = $1 AND d.state = u.state AND d.state <> 'delivered'
              AND (d.event, d.endpoint) < ($4, $5) AND d.event >= $6
              AND ($7::bigint IS NULL OR d.endpoint = $7) AND ($8::text IS NULL OR e.tenant = $8)
              AND (u.gone IS NULL OR (e.state IN ('deleted', 'disabled')) = u.gone)
            ORDER BY d.event DESC, d.endpoint DESC LIMIT $9) f
    ORDER BY f.event DESC, f.endpoint DESC LIMIT $9";
const OF_ENDPOINTS: &str = "SELECT f.event, f.endpoint FROM unnest($1::bigint[]) AS u (endpoint)
        JOIN endpoint e ON e.key = u.endpoint AND e.account = $2,
        LATERAL (SELECT d.event, d.endpoint FROM delivery d
            WHERE d.endpoint = u.endpoint AND d.event <= $4 AND d.event >= $6
              AND (d.event < $4 OR d.endpoint < $5)
              AND (cardinality($3::text[]) = 0 OR CASE WHEN d.state = 'pending' AND e.state IN ('deleted', 'disabled')
                   THEN 'cancelled' ELSE d.state END = ANY ($3))
            ORDER BY d.event DESC LIMIT $7) f
    ORDER BY f.event DESC, f.endpoint DESC LIMIT $7";
const EVENTS: &str = "SELECT key, targets FROM event WHERE account = $1 AND key <= $2 AND key >= $3
    ORDER BY key DESC LIMIT $4";
/// Events that are looked at together.
const WALK: i64 = 200;
