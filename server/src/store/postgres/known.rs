//! Which of the events to store are here already, by their key, the caller's id or the idempotency key.

use std::collections::{HashMap, HashSet};

use tokio_postgres::Row;

use super::{
    fault::Fault,
    row::{self, get},
    session::Session,
};
use crate::store::{AccountKey, DeliveryKey, EndpointKey, EventKey, NewEvent, Pushed};

/// Events that are stored, or will be in this commit.
#[derive(Debug, Default)]
pub(super) struct Known {
    events: Vec<First>,
    by_key: HashMap<EventKey, usize>,
    by_id: HashMap<(AccountKey, String), usize>,
    by_idempotency_key: HashMap<(AccountKey, String), usize>,
    /// Events without an id, whose text somebody else has for an id.
    texts: HashSet<(AccountKey, EventKey)>,
}

#[derive(Debug)]
struct First {
    key: EventKey,
    id: String,
    fingerprint: Option<Vec<u8>>,
    targets: Vec<EndpointKey>,
    has_idempotency_key: bool,
}

/// What is known of an event.
#[derive(Debug)]
pub(super) enum Finding {
    /// It is here: the answer, and the event that takes its idempotency key over, which it came without.
    Here(Pushed, Option<EventKey>),
    New,
}

impl Known {
    /// Looks them up: those with an id or an idempotency key, or all of them when one may have been stored before.
    pub(super) async fn ask(
        session: &Session,
        events: &[&NewEvent],
        all: bool,
    ) -> Result<Vec<Row>, Fault> {
        let asked: Vec<_> = events
            .iter()
            .filter(|event| all || event.id.is_some() || event.idempotency_key.is_some())
            .collect();
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let accounts: Vec<_> = asked.iter().map(|event| event.account.0).collect();
        let keys: Vec<_> = asked.iter().map(|event| event.key.0).collect();
        let ids: Vec<_> = asked.iter().map(|event| event.id.as_deref()).collect();
        let idempotency_keys: Vec<_> =
            asked.iter().map(|event| event.idempotency_key.as_deref()).collect();
        let texts: Vec<_> = asked.iter().map(|event| text_key(event).map(|key| key.0)).collect();
        session.query(FIND, &[&accounts, &keys, &ids, &idempotency_keys, &texts]).await
    }

    pub(super) fn read(rows: &[Row]) -> Result<Self, Fault> {
        let mut known = Self::default();
        for row in rows {
            let key = EventKey(get(row, "key")?);
            let account = AccountKey(get(row, "account")?);
            let id: Option<&str> = get(row, "id")?;
            if get::<i32>(row, "how")? == TEXT {
                known.texts.insert((account, key));
                continue;
            }
            let idempotency_key: Option<&str> = get(row, "idempotency_key")?;
            let targets = row::unpack(get(row, "targets")?, "event", key.0)?;
            let first = First {
                key,
                id: id.map_or_else(|| key.to_string(), str::to_owned),
                fingerprint: get(row, "fingerprint")?,
                targets: targets.into_iter().map(EndpointKey).collect(),
                has_idempotency_key: idempotency_key.is_some(),
            };
            known.add(first, account, id, idempotency_key);
        }
        Ok(known)
    }

    /// What the answer to an event is, as far as it is decided by those before it.
    pub(super) fn find(&mut self, event: &NewEvent) -> Finding {
        let at = |index: &usize| self.events.get(*index);
        if let Some(first) = self.by_key.get(&event.key).and_then(at) {
            return Finding::Here(first.repeat(), None);
        }
        if text_key(event).is_some_and(|key| self.texts.contains(&(event.account, key))) {
            return Finding::Here(Pushed::Conflict, None);
        }
        let look = |map: &HashMap<(AccountKey, String), usize>, name: Option<&String>| {
            map.get(&(event.account, name?.clone())).copied()
        };
        let by_idempotency_key = look(&self.by_idempotency_key, event.idempotency_key.as_ref());
        let by_id = look(&self.by_id, event.id.as_ref());
        if let (Some(one), Some(other)) = (by_idempotency_key, by_id)
            && one != other
        {
            return Finding::Here(Pushed::Conflict, None);
        }
        let index = by_idempotency_key.or(by_id);
        let Some(first) = index.as_ref().and_then(at) else { return Finding::New };
        if first.fingerprint.as_deref() != Some(&event.fingerprint) {
            return Finding::Here(Pushed::Conflict, None);
        }
        let (answer, key) = (first.repeat(), first.key);
        let late_key = event
            .idempotency_key
            .as_ref()
            .filter(|_| by_idempotency_key.is_none() && !first.has_idempotency_key);
        let Some((text, index)) = late_key.zip(index) else { return Finding::Here(answer, None) };
        // From here on it is taken.
        self.by_idempotency_key.insert((event.account, text.clone()), index);
        if let Some(first) = self.events.get_mut(index) {
            first.has_idempotency_key = true;
        }
        Finding::Here(answer, Some(key))
    }

    /// Notes an event that this commit stores.
    pub(super) fn note(&mut self, event: &NewEvent, targets: Vec<EndpointKey>) {
        let first = First {
            key: event.key,
            id: event.id.clone().unwrap_or_else(|| event.key.to_string()),
            fingerprint: Some(event.fingerprint.to_vec()),
            targets,
            has_idempotency_key: event.idempotency_key.is_some(),
        };
        self.add(first, event.account, event.id.as_deref(), event.idempotency_key.as_deref());
    }

    fn add(
        &mut self,
        first: First,
        account: AccountKey,
        id: Option<&str>,
        idempotency_key: Option<&str>,
    ) {
        let index = self.events.len();
        self.by_key.insert(first.key, index);
        if let Some(id) = id {
            self.by_id.insert((account, id.to_owned()), index);
        } else {
            self.texts.insert((account, first.key));
        }
        if let Some(idempotency_key) = idempotency_key {
            self.by_idempotency_key.insert((account, idempotency_key.to_owned()), index);
        }
        self.events.push(first);
    }
}

impl First {
    fn repeat(&self) -> Pushed {
        let delivery =
            |endpoint: &EndpointKey| DeliveryKey { endpoint: *endpoint, event: self.key };
        Pushed::Repeat {
            id: self.id.clone(),
            deliveries: self.targets.iter().map(delivery).collect(),
        }
    }
}

/// The key that the caller's id is the text of, where that is another.
fn text_key(event: &NewEvent) -> Option<EventKey> {
    event.id.as_deref().and_then(EventKey::parse).filter(|key| *key != event.key)
}

const TEXT: i32 = 3;
/// An event may be found in several ways: it is the same row then.
pub(super) const FIND: &str = "WITH u AS (
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[])
            AS u (account, key, id, idempotency_key, text_key))
    SELECT DISTINCT v.account, v.key, v.id, v.idempotency_key, v.fingerprint, v.targets, f.how
    FROM (SELECT v.account, v.key, 0 AS how FROM u JOIN event v ON v.account = u.account AND v.key = u.key
          UNION ALL SELECT v.account, v.key, 0 FROM u JOIN event v
              ON v.account = u.account AND v.idempotency_key = u.idempotency_key
          UNION ALL SELECT v.account, v.key, 0 FROM u JOIN event v ON v.account = u.account AND v.id = u.id
          UNION ALL SELECT v.account, v.key, 3 FROM u JOIN event v
              ON v.account = u.account AND v.key = u.text_key AND v.id IS NULL) f
    JOIN event v ON v.account = f.account AND v.key = f.key";
