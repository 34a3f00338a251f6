//! The types of events that accounts registered, and the events held against their schemas.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hookseal::{EventType, Profile};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    caller::{Caller, unknown},
    data_schema::{DataSchema, MAX_LEN},
    page::Page,
    settings::given,
    text::check_text,
    to_the_end,
};
use crate::{
    clock::Clock,
    error::{ApiCode, ApiError},
    schema::{AnyObject, EventTypeName, LongText},
    store::{
        AccountKey, Engine, EventTypeChange, EventTypeDetail, EventTypeRecord, NewEvent,
        Registered, Validation,
    },
    subscription,
};

/// A type to register; as JSON, the body of `POST /v1/event-types`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateEventType {
    /// What events of it say under `type`.
    #[schemars(with = "EventTypeName")]
    name: String,
    /// For people.
    #[schemars(with = "Option<LongText>")]
    description: Option<String>,
    /// A JSON Schema of the data of its events, draft 2020-12 or 07, of at most 64 KiB. It refers to its own parts only.
    #[schemars(with = "Option<AnyObject>")]
    schema: Option<Box<RawValue>>,
    /// Data that such an event could have; it has to fit the schema.
    #[schemars(with = "Option<AnyObject>")]
    example: Option<Box<RawValue>>,
}

/// What is to change; as JSON, the body of `PATCH /v1/event-types/{name}`. What is left out stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeEventType {
    /// Another text, or none.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<LongText>")]
    description: Option<Option<String>>,
    /// Whether it is not to be used any more.
    archived: Option<bool>,
    /// The schema of its next version. Versions of before are kept.
    #[schemars(with = "Option<AnyObject>")]
    schema: Option<Box<RawValue>>,
    /// Another example, or none.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<AnyObject>")]
    example: Option<Option<Box<RawValue>>>,
}

/// A type with one of its schemas.
#[derive(Debug)]
pub struct ShownEventType {
    /// The type.
    pub record: EventTypeRecord,
    /// The schema and its version.
    pub schema: Option<(u32, String)>,
}

/// The use cases of event types.
#[derive(Debug)]
pub struct Registry {
    engine: Arc<dyn Engine>,
    clock: Arc<dyn Clock>,
    /// Types seen lately, so that an event costs no look-up; what was changed on another node is seen within five seconds.
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    types: HashMap<(AccountKey, String), KnownType>,
    /// About how much memory the schemas take.
    size: usize,
    /// Rises with every change here: what was looked up before may be what changed.
    changes: u64,
}

#[derive(Clone, Debug)]
struct KnownType {
    rule: Rule,
    at: Duration,
}

/// What is asked of the events of a type.
#[derive(Clone, Debug)]
enum Rule {
    /// It is not registered, or archived.
    Unknown,
    /// It is registered without a schema.
    Free,
    /// Their data has to fit. With the version, and its text to know it again.
    Schema(u32, Arc<str>, Arc<DataSchema>),
}

impl Registry {
    /// Over `engine`.
    #[must_use]
    pub fn new(engine: Arc<dyn Engine>, clock: Arc<dyn Clock>) -> Self {
        Self { engine, clock, known: Mutex::default() }
    }

    /// Registers a type.
    ///
    /// # Errors
    /// `already_exists`, `limit_reached`, `forbidden` for a key that is limited to a tenant, [`ApiError`] that names the
    /// field that is wrong.
    pub async fn create(
        &self,
        caller: &Caller,
        wanted: CreateEventType,
    ) -> Result<ShownEventType, ApiError> {
        caller.require_account()?;
        EventType::parse(&wanted.name).map_err(|error| ApiError::from_core(&error, "name"))?;
        if subscription::is_operational(&wanted.name) {
            let message = "names that begin with `hookseal.` are the server's own";
            return Err(ApiError::new(ApiCode::InvalidArgument, message).in_field("name"));
        }
        check_text(wanted.description.as_deref(), "description", MAX_DESCRIPTION_LEN)?;
        let schema = wanted.schema.map(|schema| schema.get().to_owned());
        let example = wanted.example.map(|example| object(&example)).transpose()?;
        check_example(schema.as_deref(), example.as_deref())?;
        let new = EventTypeDetail {
            record: EventTypeRecord {
                name: wanted.name,
                description: wanted.description,
                archived: false,
                version: u32::from(schema.is_some()),
                example,
                created_at: self.clock.now(),
            },
            schema,
        };
        let account = caller.account();
        let registered = self.engine.insert_event_type(account, new.clone(), MAX_TYPES).await;
        self.forget(account, &new.record.name);
        match registered? {
            Registered::New => Ok(new.into()),
            Registered::Known => {
                let message = "there is an event type of this name";
                Err(ApiError::new(ApiCode::AlreadyExists, message).in_field("name"))
            }
            Registered::Full => {
                let message =
                    format!("the account has {MAX_TYPES} event types, the most there can be");
                Err(ApiError::new(ApiCode::LimitReached, message))
            }
        }
    }

    /// The account's types by their names, after one of them, at most `limit`. A key of a tenant sees them too: they say
    /// what can be subscribed to.
    ///
    /// # Errors
    /// [`ApiError`] when the store fails.
    pub async fn list(
        &self,
        caller: &Caller,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<EventTypeRecord>, ApiError> {
        let rows = self.engine.event_types(caller.account(), after, limit + 1).await?;
        Ok(Page::of(rows, limit, |record| record.name.clone()))
    }

    /// One type, with the schema of the version that is asked for, or else the newest.
    ///
    /// # Errors
    /// `not_found` when the account has no such type, or the type no such version.
    pub async fn get(
        &self,
        caller: &Caller,
        name: &str,
        version: Option<u32>,
    ) -> Result<ShownEventType, ApiError> {
        let found = self.engine.event_type(caller.account(), name).await?;
        let newest: ShownEventType = found.ok_or_else(|| unknown("event type"))?.into();
        let Some(version) = version.filter(|version| *version != newest.record.version) else {
            return Ok(newest);
        };
        let schema = self.engine.event_schema(caller.account(), name, version).await?;
        let (schema, _) = schema.ok_or_else(|| unknown("version of the event type"))?;
        Ok(ShownEventType { record: newest.record, schema: Some((version, schema)) })
    }

    /// Changes a type. Once this returned, it holds on this node; on others within five seconds.
    ///
    /// # Errors
    /// As [`create`](Self::create), and `not_found`.
    pub async fn change(
        &self,
        caller: &Caller,
        name: &str,
        wanted: ChangeEventType,
    ) -> Result<ShownEventType, ApiError> {
        caller.require_account()?;
        let text = wanted.description.as_ref().and_then(Option::as_deref);
        check_text(text, "description", MAX_DESCRIPTION_LEN)?;
        let before = self.get(caller, name, None).await?;
        if wanted.schema.is_some() && before.record.version >= MAX_VERSIONS {
            let message =
                format!("the event type has {MAX_VERSIONS} versions, the most there can be");
            return Err(ApiError::new(ApiCode::LimitReached, message));
        }
        let own = |example: Option<Box<RawValue>>| example.map(|one| object(&one)).transpose();
        let change = EventTypeChange {
            description: wanted.description,
            archived: wanted.archived,
            example: wanted.example.map(own).transpose()?,
            schema: wanted.schema.map(|schema| schema.get().to_owned()),
        };
        if change.schema.is_some() || change.example.is_some() {
            let old = before.schema.as_ref().map(|(_, schema)| schema.as_str());
            let example = change.example.as_ref().unwrap_or(&before.record.example);
            check_example(change.schema.as_deref().or(old), example.as_deref())?;
        }
        let engine = Arc::clone(&self.engine);
        let (account, owned, now) = (caller.account(), name.to_owned(), self.clock.now());
        let changed =
            to_the_end(
                async move { Ok(engine.change_event_type(account, &owned, change, now).await?) },
            );
        let changed = changed.await;
        self.forget(account, name);
        Ok(changed?.ok_or_else(|| unknown("event type"))?.into())
    }

    /// Removes a type with all its versions.
    ///
    /// # Errors
    /// `not_found`, `forbidden` for a key that is limited to a tenant.
    pub async fn delete(&self, caller: &Caller, name: &str) -> Result<(), ApiError> {
        caller.require_account()?;
        let deleted = self.engine.delete_event_type(caller.account(), name).await;
        self.forget(caller.account(), name);
        if deleted? { Ok(()) } else { Err(unknown("event type")) }
    }

    /// Holds events against the schemas of their types, where the account asks for it.
    ///
    /// # Errors
    /// `invalid_data`, `unknown_event_type`, with the index of the event where `is_batch`.
    pub(super) async fn check(
        &self,
        caller: &Caller,
        events: &[NewEvent],
        is_batch: bool,
    ) -> Result<(), ApiError> {
        let validation = caller.validation();
        if validation == Validation::Off {
            return Ok(());
        }
        for (index, event) in events.iter().enumerate() {
            let checked = self.check_one(caller.account(), validation, event).await;
            checked.map_err(|error| match is_batch {
                true => error.within(&format!("events/{index}")),
                false => error,
            })?;
        }
        Ok(())
    }

    async fn check_one(
        &self,
        account: AccountKey,
        validation: Validation,
        event: &NewEvent,
    ) -> Result<(), ApiError> {
        match self.rule(account, &event.event_type).await? {
            Rule::Free => Ok(()),
            Rule::Unknown if validation == Validation::All => {
                let message = format!(
                    "`{}` is not among the event types of this account, or archived",
                    event.event_type
                );
                Err(ApiError::new(ApiCode::UnknownEventType, message).in_field("type"))
            }
            Rule::Unknown => Ok(()),
            Rule::Schema(_, _, schema) if schema.cost(event.data.len()) < LONG => {
                schema.check(&event.data)
            }
            Rule::Schema(_, _, schema) => {
                let data = Arc::clone(&event.data);
                let checked = tokio::task::spawn_blocking(move || schema.check(&data)).await;
                checked.map_err(ApiError::internal)?
            }
        }
    }

    async fn rule(&self, account: AccountKey, name: &str) -> Result<Rule, ApiError> {
        let key = (account, name.to_owned());
        let now = self.clock.elapsed();
        let (before, changes) = {
            let known = self.known();
            let seen = known.types.get(&key);
            if let Some(seen) = seen.filter(|seen| now.saturating_sub(seen.at) < FRESH) {
                return Ok(seen.rule.clone());
            }
            (seen.map(|seen| seen.rule.clone()), known.changes)
        };
        let found = self.engine.event_type(account, name).await?;
        let rule = match found {
            None => Rule::Unknown,
            Some(detail) if detail.record.archived => Rule::Unknown,
            Some(EventTypeDetail { schema: None, .. }) => Rule::Free,
            Some(EventTypeDetail { record, schema: Some(text) }) => match before {
                Some(Rule::Schema(version, known, schema)) if *known == *text => {
                    Rule::Schema(version, known, schema)
                }
                // Read when it was stored, so it is read again.
                _ => {
                    let schema = DataSchema::compile(&text).map_err(ApiError::internal)?;
                    Rule::Schema(record.version, text.into(), Arc::new(schema))
                }
            },
        };
        let mut known = self.known();
        if known.changes == changes {
            known.put(key, KnownType { rule: rule.clone(), at: now });
        }
        drop(known);
        Ok(rule)
    }

    fn forget(&self, account: AccountKey, name: &str) {
        let mut known = self.known();
        known.changes += 1;
        known.remove(&(account, name.to_owned()));
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn put(&mut self, key: (AccountKey, String), seen: KnownType) {
        self.remove(&key);
        if self.types.len() >= MAX_KNOWN || self.size + seen.rule.size() > MAX_SIZE {
            self.types.clear();
            self.size = 0;
        }
        self.size += seen.rule.size();
        self.types.insert(key, seen);
    }

    fn remove(&mut self, key: &(AccountKey, String)) {
        if let Some(gone) = self.types.remove(key) {
            self.size = self.size.saturating_sub(gone.rule.size());
        }
    }
}

impl Rule {
    fn size(&self) -> usize {
        match self {
            Self::Unknown | Self::Free => 0,
            Self::Schema(_, text, schema) => text.len() + schema.size(),
        }
    }
}

impl From<EventTypeDetail> for ShownEventType {
    fn from(detail: EventTypeDetail) -> Self {
        let version = detail.record.version;
        Self { schema: detail.schema.map(|schema| (version, schema)), record: detail.record }
    }
}

/// The types that a profile has.
///
/// # Errors
/// `unknown_profile`.
pub fn of_profile(name: &str) -> Result<Vec<&'static str>, ApiError> {
    let profile = Profile::get(name).map_err(|error| ApiError::from_core(&error, "profile"))?;
    Ok(profile.event_types().iter().map(|known| known.name).collect())
}

fn object(example: &RawValue) -> Result<String, ApiError> {
    let text = example.get();
    let message = if text.len() > MAX_LEN {
        format!("example has {} bytes, expected up to {MAX_LEN}", text.len())
    } else if !text.starts_with('{') {
        "example is not a JSON object".to_owned()
    } else {
        return Ok(text.to_owned());
    };
    Err(ApiError::new(ApiCode::InvalidArgument, message).in_field("example"))
}

/// Reads the schema, and holds the example against it.
fn check_example(schema: Option<&str>, example: Option<&str>) -> Result<(), ApiError> {
    let Some(schema) = schema else { return Ok(()) };
    let schema = DataSchema::compile(schema)?;
    let Some(example) = example else { return Ok(()) };
    schema.check(example).map_err(|error| error.instead_of("data", "example"))
}

/// How long a type is believed without asking the store.
const FRESH: Duration = Duration::from_secs(5);
const MAX_DESCRIPTION_LEN: usize = 1024;
const MAX_KNOWN: usize = 4096;
/// Bytes of compiled schemas in memory.
const MAX_SIZE: usize = 64 << 20;
/// Types of one account.
const MAX_TYPES: u32 = 1000;
const MAX_VERSIONS: u32 = 1000;
/// What takes longer than a few milliseconds holds no other request up.
const LONG: usize = 1 << 20;
