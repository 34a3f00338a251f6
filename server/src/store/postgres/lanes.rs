//! Lanes: when an endpoint is worth a look, and what is known of its answers.
//!
//! **Invariants.** Whoever changes what waits for an endpoint locks its lane first and brings it up to date last, in one
//! transaction. So no delivery is ever due without its lane knowing. Lanes are locked in the order of their endpoints.

use std::collections::BTreeMap;

use hookseal::Timestamp;

use super::{fault::Fault, session::Session};
use crate::store::{EndpointKey, Health};

/// The lanes that a transaction touches, with their health where that changed.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    touched: BTreeMap<EndpointKey, Option<Health>>,
}

impl Lanes {
    pub(super) fn touch(&mut self, endpoint: EndpointKey) {
        self.touched.entry(endpoint).or_default();
    }

    pub(super) fn put_health(&mut self, endpoint: EndpointKey, health: Health) {
        self.touched.insert(endpoint, Some(health));
    }

    /// Locks them, and makes those that are not there.
    pub(super) async fn lock(&self, session: &Session) -> Result<(), Fault> {
        if self.touched.is_empty() {
            return Ok(());
        }
        let endpoints: Vec<_> = self.touched.keys().map(|key| key.0).collect();
        let (made, locked) =
            tokio::join!(async { session.execute(MAKE, &[&endpoints]).await }, async {
                session.execute(LOCK, &[&endpoints]).await
            },);
        made?;
        locked?;
        Ok(())
    }

    /// Holds up none of them any longer.
    pub(super) async fn let_go(&self, session: &Session, now: Timestamp) -> Result<(), Fault> {
        if self.touched.is_empty() {
            return Ok(());
        }
        let endpoints: Vec<_> = self.touched.keys().map(|key| key.0).collect();
        session.execute(LET_GO, &[&endpoints, &now.as_millis()]).await.map(drop)
    }

    /// Brings them up to date with what the transaction did.
    pub(super) async fn refresh(&self, session: &Session) -> Result<(), Fault> {
        if self.touched.is_empty() {
            return Ok(());
        }
        let endpoints: Vec<_> = self.touched.keys().map(|key| key.0).collect();
        let healths: Vec<_> = self.touched.values().collect();
        let millis = |time: Option<Timestamp>| time.map(Timestamp::as_millis);
        let failures: Vec<_> = healths
            .iter()
            .map(|health| health.map(|health| i32::try_from(health.failures).unwrap_or(i32::MAX)))
            .collect();
        let since: Vec<_> = healths
            .iter()
            .map(|health| millis(health.and_then(|health| health.failing_since)))
            .collect();
        let hold: Vec<_> = healths
            .iter()
            .map(|health| millis(health.and_then(|health| health.hold_until)))
            .collect();
        session.execute(REFRESH, &[&endpoints, &failures, &since, &hold]).await?;
        Ok(())
    }
}

pub(super) const MAKE: &str = "INSERT INTO lane (endpoint) SELECT u.endpoint FROM unnest($1::bigint[]) AS u (endpoint)
    WHERE NOT EXISTS (SELECT FROM lane l WHERE l.endpoint = u.endpoint) ON CONFLICT (endpoint) DO NOTHING";
pub(super) const LOCK: &str =
    "SELECT FROM lane WHERE endpoint = ANY ($1::bigint[]) ORDER BY endpoint FOR UPDATE";
pub(super) const LET_GO: &str = "UPDATE lane SET hold_until = $2
    WHERE endpoint = ANY ($1::bigint[]) AND hold_until > $2";
/// `failures` is empty where the health stays as it is.
pub(super) const REFRESH: &str = "UPDATE lane l
    SET due = n.due, failures = n.failures, failing_since = n.failing_since, hold_until = n.hold_until
    FROM (
        SELECT o.endpoint,
               CASE WHEN e.state = 'active' THEN
                   (SELECT GREATEST(d.due, CASE WHEN u.failures IS NULL THEN o.hold_until ELSE u.hold_until END)
                    FROM delivery d WHERE d.endpoint = u.endpoint AND d.due IS NOT NULL ORDER BY d.due LIMIT 1)
               END AS due,
               COALESCE(u.failures, o.failures) AS failures,
               CASE WHEN u.failures IS NULL THEN o.failing_since ELSE u.failing_since END AS failing_since,
               CASE WHEN u.failures IS NULL THEN o.hold_until ELSE u.hold_until END AS hold_until
        FROM unnest($1::bigint[], $2::integer[], $3::bigint[], $4::bigint[])
                 AS u (endpoint, failures, failing_since, hold_until)
        JOIN lane o ON o.endpoint = u.endpoint
        JOIN endpoint e ON e.key = u.endpoint
    ) n
    WHERE l.endpoint = n.endpoint
      AND (l.due, l.failures, l.failing_since, l.hold_until)
          IS DISTINCT FROM (n.due, n.failures, n.failing_since, n.hold_until)";
