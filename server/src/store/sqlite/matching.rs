//! Which endpoints want an event.
//!
//! **Invariant.** Only the writer changes endpoints, and it clears what is remembered here when it does. So nothing
//! here is ever older than the transaction that asks.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
    sync::Arc,
};

use rusqlite::{Connection, params};
use rustc_hash::FxHashMap;

use super::{StoreError, endpoints};
use crate::store::{EndpointKey, NewEvent, SharedTarget};

/// Remembers answers, and endpoints.
#[derive(Debug, Default)]
pub(super) struct Matcher {
    /// By account, type, tenant and profiles.
    answers: HashMap<String, Answer>,
    /// How many endpoints stand in `answers`, and how many answers.
    weight: usize,
    targets: FxHashMap<EndpointKey, SharedTarget>,
    question: String,
}

#[derive(Debug)]
struct Answer {
    patterns: Vec<String>,
    targets: Arc<[SharedTarget]>,
}

impl Matcher {
    /// The endpoints that get an event, oldest first.
    pub(super) fn targets_of(
        &mut self,
        connection: &Connection,
        event: &NewEvent,
    ) -> Result<Arc<[SharedTarget]>, StoreError> {
        if let Some(only) = &event.only {
            return self.only(connection, event, only);
        }
        self.ask(event);
        if let Some(answer) = self.answers.get(&self.question)
            && answer.patterns == event.patterns
        {
            return Ok(Arc::clone(&answer.targets));
        }
        let targets = self.look_up(connection, event)?;
        let weight = targets.len() + 1;
        if weight > MAX_WEIGHT {
            return Ok(targets);
        }
        self.weight += weight;
        if self.weight > MAX_WEIGHT {
            self.answers.clear();
            self.weight = weight;
        }
        let answer = Answer { patterns: event.patterns.clone(), targets: Arc::clone(&targets) };
        self.answers.insert(self.question.clone(), answer);
        Ok(targets)
    }

    /// An endpoint that may be sent to: active or paused.
    pub(super) fn target(
        &mut self,
        connection: &Connection,
        endpoint: EndpointKey,
    ) -> Result<Option<SharedTarget>, StoreError> {
        if let Some(target) = self.targets.get(&endpoint) {
            return Ok(Some(Arc::clone(target)));
        }
        let Some(target) = endpoints::live_target(connection, endpoint)? else { return Ok(None) };
        let target = Arc::new(target);
        if self.targets.len() >= MAX_TARGETS {
            self.targets.clear();
        }
        self.targets.insert(endpoint, Arc::clone(&target));
        Ok(Some(target))
    }

    /// Forgets one endpoint, and all answers: it is about to change.
    pub(super) fn forget(&mut self, endpoint: EndpointKey) {
        self.targets.remove(&endpoint);
        self.answers.clear();
        self.weight = 0;
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.targets.clear();
        self.answers.clear();
        self.weight = 0;
    }

    /// Writes what an event asks for into `question`.
    fn ask(&mut self, event: &NewEvent) {
        self.question.clear();
        let tenant = event.tenant.as_deref().unwrap_or_default();
        // Neither types nor tenants hold control characters.
        let _ = write!(self.question, "{}\0{}\0{tenant}", event.account.0, event.event_type);
        for profile in &event.profiles {
            self.question.push('\0');
            self.question.push_str(profile);
        }
    }

    fn look_up(
        &mut self,
        connection: &Connection,
        event: &NewEvent,
    ) -> Result<Arc<[SharedTarget]>, StoreError> {
        let mut keys = Vec::new();
        let mut statement = connection.prepare_cached(MATCH)?;
        for tenant in [Some(""), event.tenant.as_deref()].into_iter().flatten() {
            for pattern in &event.patterns {
                let mut rows = statement.query(params![event.account.0, tenant, pattern])?;
                while let Some(row) = rows.next()? {
                    let profile = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
                    if event.profiles.contains(&profile) {
                        keys.push(EndpointKey(row.get(0)?));
                    }
                }
            }
        }
        keys.sort_unstable();
        keys.dedup();
        let mut targets = Vec::with_capacity(keys.len());
        for key in keys {
            match self.target(connection, key) {
                Ok(target) => targets.extend(target),
                Err(error @ StoreError::Corrupt { .. }) => {
                    tracing::error!(endpoint.id = %key, %error, "an endpoint cannot be read, leaving it out");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(targets.into())
    }

    fn only(
        &mut self,
        connection: &Connection,
        event: &NewEvent,
        only: &[EndpointKey],
    ) -> Result<Arc<[SharedTarget]>, StoreError> {
        let mut seen = HashSet::new();
        let mut targets = Vec::with_capacity(only.len());
        for key in only.iter().filter(|key| seen.insert(**key)) {
            let target = self.target(connection, *key)?;
            targets.extend(target.filter(|target| target.endpoint.account == event.account));
        }
        targets.sort_unstable_by_key(|target| target.endpoint.key);
        Ok(targets.into())
    }
}

const MATCH: &str =
    "SELECT e.key, e.profile FROM subscription s JOIN endpoint e ON e.key = s.endpoint
    WHERE s.account = ?1 AND s.tenant = ?2 AND s.pattern = ?3 AND e.state IN ('active', 'paused')";
/// Endpoints that are remembered, at some hundred bytes each.
const MAX_TARGETS: usize = 4096;
/// Answers that are remembered, and endpoints in them. An answer of more than that is looked up each time.
const MAX_WEIGHT: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::{migrate, plan};

    #[test]
    fn matching_reads_only_what_matches() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate::run(&mut connection).unwrap();
        assert_eq!(
            plan(&connection, MATCH),
            [
                "SEARCH s USING PRIMARY KEY (account=? AND tenant=? AND pattern=?)",
                "SEARCH e USING INTEGER PRIMARY KEY (rowid=?)",
            ]
        );
    }
}
