//! Which endpoints want the events of a commit: one statement for all of them.
//!
//! **Invariant.** What is remembered of an endpoint is used only where its version is the one that the database says now.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use tokio_postgres::Row;

use super::{
    fault::Fault,
    row::{self, get},
    session::Session,
};
use crate::store::{EndpointKey, Health, NewEvent, SharedTarget};

/// The questions that a list of events asks, each once.
#[derive(Debug, Default)]
pub(super) struct Questions {
    /// Per event, the number of its question; none where it names its endpoints.
    of_event: Vec<Option<i32>>,
    numbers: Vec<i32>,
    accounts: Vec<i64>,
    tenants: Vec<String>,
    patterns: Vec<String>,
    only: Vec<i64>,
}

impl Questions {
    pub(super) fn of(events: &[&NewEvent]) -> Self {
        let mut questions = Self::default();
        let mut known = HashMap::new();
        let mut only = BTreeSet::new();
        for event in events {
            if let Some(keys) = &event.only {
                only.extend(keys.iter().map(|key| key.0));
                questions.of_event.push(None);
                continue;
            }
            let asked = (event.account, event.tenant.as_deref(), &event.patterns);
            let next = i32::try_from(known.len()).unwrap_or(i32::MAX);
            let number = *known.entry(asked).or_insert(next);
            questions.of_event.push(Some(number));
            if number == next {
                questions.ask(number, event);
            }
        }
        questions.only = only.into_iter().collect();
        questions
    }

    fn ask(&mut self, number: i32, event: &NewEvent) {
        for tenant in [Some(""), event.tenant.as_deref()].into_iter().flatten() {
            for pattern in &event.patterns {
                self.numbers.push(number);
                self.accounts.push(event.account.0);
                self.tenants.push(tenant.to_owned());
                self.patterns.push(pattern.clone());
            }
        }
    }

    /// The rows that [`Targets::answers`] reads, no more than it takes within `room`. Sends nothing where nothing is asked.
    pub(super) async fn ask_all(
        &self,
        session: &Session,
        room: Option<usize>,
    ) -> Result<Vec<Row>, Fault> {
        if self.numbers.is_empty() && self.only.is_empty() {
            return Ok(Vec::new());
        }
        let limit =
            room.map(|room| i64::try_from(matches_in(room)).unwrap_or(i64::MAX).saturating_add(1));
        session
            .query(
                MATCH,
                &[&self.numbers, &self.accounts, &self.tenants, &self.patterns, &self.only, &limit],
            )
            .await
    }
}

/// Who gets what, in the order of the events.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// Of the first events, where there is no room for those of all.
    pub(super) targets: Vec<Vec<SharedTarget>>,
    pub(super) health: HashMap<EndpointKey, Health>,
}

/// Endpoints that were read before. Those that are used stay, of the others the older half is forgotten now and then.
#[derive(Debug, Default)]
pub(super) struct Targets {
    young: HashMap<EndpointKey, SharedTarget>,
    old: HashMap<EndpointKey, SharedTarget>,
}

impl Targets {
    pub(super) async fn answers(
        &mut self,
        session: &Session,
        questions: &Questions,
        rows: &[Row],
        events: &[&NewEvent],
        room: Option<usize>,
    ) -> Result<Answers, Fault> {
        let mut answers = Answers::default();
        let mut room = room.unwrap_or(usize::MAX);
        if rows.len() > matches_in(room) {
            return Ok(answers);
        }
        let mut found: HashMap<Option<i32>, BTreeSet<EndpointKey>> = HashMap::new();
        let mut versions = HashMap::new();
        for row in rows {
            let key = EndpointKey(get(row, "key")?);
            found.entry(get(row, "number")?).or_default().insert(key);
            if versions.insert(key, get(row, "version")?).is_none() {
                answers.health.insert(key, row::health(row)?);
            }
        }
        let targets = self.load(session, &versions).await?;
        let none = BTreeSet::new();
        for (event, question) in events.iter().zip(&questions.of_event) {
            let keys = found.get(question).unwrap_or(&none);
            let readable = keys.iter().filter_map(|key| targets.get(key)?.as_ref());
            let wanted = readable.filter(|target| {
                let endpoint = &target.endpoint;
                match &event.only {
                    Some(only) => endpoint.account == event.account && only.contains(&endpoint.key),
                    None => event.profiles.contains(&endpoint.profile.as_str()),
                }
            });
            let targets: Vec<_> = wanted.cloned().collect();
            let Some(left) = room.checked_sub(targets.len()) else { break };
            room = left;
            answers.targets.push(targets);
        }
        Ok(answers)
    }

    /// The endpoints of these versions, from memory where they are there. Those that are gone are left out, and nothing
    /// stands for one that cannot be read.
    pub(super) async fn load(
        &mut self,
        session: &Session,
        versions: &HashMap<EndpointKey, i64>,
    ) -> Result<HashMap<EndpointKey, Option<SharedTarget>>, Fault> {
        let mut targets = HashMap::with_capacity(versions.len());
        let mut missing = Vec::new();
        for (key, version) in versions {
            match self.recall(*key).filter(|target| target.endpoint.version == *version) {
                Some(target) => {
                    targets.insert(*key, Some(target));
                }
                None => missing.push(key.0),
            }
        }
        if missing.is_empty() {
            return Ok(targets);
        }
        for row in session.query(LOAD, &[&missing]).await? {
            match row::target(&row) {
                Ok(target) => {
                    let target = Arc::new(target);
                    self.remember(&target);
                    targets.insert(target.endpoint.key, Some(target));
                }
                Err(fault) => {
                    let key = EndpointKey(get(&row, "key")?);
                    let error = crate::store::StoreError::from(fault);
                    tracing::error!(endpoint.id = %key, %error, "an endpoint cannot be read, leaving it out");
                    targets.insert(key, None);
                }
            }
        }
        Ok(targets)
    }

    fn recall(&mut self, key: EndpointKey) -> Option<SharedTarget> {
        if let Some(target) = self.young.get(&key) {
            return Some(Arc::clone(target));
        }
        let target = self.old.remove(&key)?;
        self.remember(&target);
        Some(target)
    }

    fn remember(&mut self, target: &SharedTarget) {
        if self.young.len() >= MAX_YOUNG {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(target.endpoint.key, Arc::clone(target));
    }
}

/// Keys, versions and healths of who matches, by the number of the question; without one for those that are named.
pub(super) const MATCH: &str = "SELECT m.number, e.key, e.version, l.failures, l.failing_since, l.hold_until
    FROM (SELECT u.number, s.endpoint
              FROM unnest($1::integer[], $2::bigint[], $3::text[], $4::text[]) AS u (number, account, tenant, pattern)
              JOIN subscription s ON s.account = u.account AND s.tenant = u.tenant AND s.pattern = u.pattern
          UNION ALL SELECT NULL, u.endpoint FROM unnest($5::bigint[]) AS u (endpoint)) AS m
    JOIN endpoint e ON e.key = m.endpoint AND e.state IN ('active', 'paused')
    LEFT JOIN lane l ON l.endpoint = e.key LIMIT $6::bigint";
pub(super) const LOAD: &str = concat!(
    "SELECT ",
    row::target_columns!(),
    " FROM endpoint e LEFT JOIN lane l ON l.endpoint = e.key WHERE e.key = ANY ($1::bigint[]) AND e.state IN ('active', 'paused')"
);
const MAX_YOUNG: usize = 4096;

/// Rows that are read where there is room for so many deliveries: some match twice, others are of another profile.
const fn matches_in(room: usize) -> usize {
    room.saturating_mul(4)
}
