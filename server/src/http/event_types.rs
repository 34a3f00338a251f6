//! `/v1/event-types`.

use std::sync::Arc;

use axum::{Json, extract::State};
use hookseal::EventType;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    extract::{self, IdOf},
    list::ListView,
    moment,
    query::{FromText, Limit, Query, Text, given},
    respond::{Created, NoContent},
};
use crate::{
    error::ApiError,
    schema::{AnyObject, EventTypeName, Moment, ProfileName},
    service::{
        caller::Caller,
        registry::{self, ChangeEventType, CreateEventType, Registry, ShownEventType},
    },
    store::EventTypeRecord,
};

/// A type of events in a list: without its schema.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EventTypeSummary")]
pub(super) struct SummaryView {
    /// What events of it say under `type`.
    #[schemars(with = "EventTypeName")]
    name: String,
    /// For people.
    description: Option<String>,
    /// The profile whose registry holds it; `null` for what the account registered.
    #[schemars(with = "Option<ProfileName>")]
    profile: Option<String>,
    /// Whether it is not to be used any more.
    archived: bool,
    /// That of its newest schema; 0 where it has none.
    version: u32,
    /// When it was registered.
    #[schemars(with = "Option<Moment>")]
    created_at: Option<String>,
}

/// A type of events.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EventType")]
pub(super) struct EventTypeView {
    #[serde(flatten)]
    summary: SummaryView,
    /// The JSON Schema of the data of its events.
    #[schemars(with = "Option<AnyObject>")]
    schema: Option<Box<RawValue>>,
    /// The version that `schema` is of.
    schema_version: Option<u32>,
    /// Data that fits the newest schema.
    #[schemars(with = "Option<AnyObject>")]
    example: Option<Box<RawValue>>,
}

/// The parameters of a list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListEventTypes {
    /// Those of the registry of this profile, instead of those of the account.
    #[schemars(with = "Option<ProfileName>")]
    profile: Option<String>,
    /// Those after this one: the `next` of the page before.
    after: Option<Text<EventType>>,
    /// Rows of a page.
    limit: Option<Text<Limit>>,
}

/// The parameters of one.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ShowEventType {
    /// The version of the schema to show; the newest, where none is given.
    version: Option<Text<Version>>,
}

/// A version of a schema.
#[derive(Clone, Copy, Debug)]
struct Version(u32);

impl FromText for Version {
    const EXPECTED: &'static str = "the number of a version, from 1 on";

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": u32::MAX })
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().filter(|version| *version > 0).map(Self)
    }
}

impl FromText for EventType {
    const EXPECTED: &'static str = "the name of an event type";

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        EventTypeName::json_schema(generator)
    }

    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

pub(super) async fn create(
    caller: Caller,
    State(registry): State<Arc<Registry>>,
    extract::Json(wanted): extract::Json<CreateEventType>,
) -> Result<Created<EventTypeView>, ApiError> {
    Ok(Created(registry.create(&caller, wanted).await?.try_into()?))
}

pub(super) async fn list(
    caller: Caller,
    State(registry): State<Arc<Registry>>,
    Query(wanted): Query<ListEventTypes>,
) -> Result<Json<ListView<SummaryView>>, ApiError> {
    if let Some(profile) = wanted.profile {
        let names = registry::of_profile(&profile)?;
        let built_in = |name: &str| SummaryView::built_in(name, &profile);
        return Ok(Json(ListView::whole(names.into_iter().map(built_in).collect())));
    }
    let Limit(limit) = given(wanted.limit).unwrap_or_default();
    let after = given(wanted.after);
    let after = after.as_ref().map(EventType::as_str);
    let page = registry.list(&caller, after, limit).await?;
    Ok(Json(ListView::of(page)))
}

pub(super) async fn show(
    caller: Caller,
    State(registry): State<Arc<Registry>>,
    IdOf(name, _): IdOf<EventTypeName>,
    Query(wanted): Query<ShowEventType>,
) -> Result<Json<EventTypeView>, ApiError> {
    let version = given(wanted.version).map(|Version(version)| version);
    Ok(Json(registry.get(&caller, &name, version).await?.try_into()?))
}

pub(super) async fn change(
    caller: Caller,
    State(registry): State<Arc<Registry>>,
    IdOf(name, _): IdOf<EventTypeName>,
    extract::Json(wanted): extract::Json<ChangeEventType>,
) -> Result<Json<EventTypeView>, ApiError> {
    Ok(Json(registry.change(&caller, &name, wanted).await?.try_into()?))
}

pub(super) async fn delete(
    caller: Caller,
    State(registry): State<Arc<Registry>>,
    IdOf(name, _): IdOf<EventTypeName>,
) -> Result<NoContent, ApiError> {
    registry.delete(&caller, &name).await?;
    Ok(NoContent)
}

impl SummaryView {
    fn built_in(name: &str, profile: &str) -> Self {
        Self {
            name: name.to_owned(),
            description: None,
            profile: Some(profile.to_owned()),
            archived: false,
            version: 0,
            created_at: None,
        }
    }
}

impl From<EventTypeRecord> for SummaryView {
    fn from(record: EventTypeRecord) -> Self {
        Self {
            name: record.name,
            description: record.description,
            profile: None,
            archived: record.archived,
            version: record.version,
            created_at: Some(moment::text(record.created_at)),
        }
    }
}

impl TryFrom<ShownEventType> for EventTypeView {
    type Error = ApiError;

    fn try_from(shown: ShownEventType) -> Result<Self, ApiError> {
        let ShownEventType { mut record, schema } = shown;
        let raw = |json| RawValue::from_string(json).map_err(ApiError::internal);
        let example = record.example.take().map(raw).transpose()?;
        let schema_version = schema.as_ref().map(|(version, _)| *version);
        let schema = schema.map(|(_, schema)| raw(schema)).transpose()?;
        Ok(Self { summary: record.into(), schema, schema_version, example })
    }
}
