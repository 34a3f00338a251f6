//! `/v1/sources`.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};

use super::{
    extract::{self, IdOf, IdsOf},
    list::ListView,
    moment,
    query::{Limit, Query, Text, given},
    respond::{Created, NoContent},
};
use crate::{
    error::ApiError,
    explanation,
    schema::{Moment, ShortText},
    service::{
        caller::Caller,
        inbound::{
            refusals::{ExplainedRefusal, ShownRefusal},
            sources::{ChangeSource, CreateSource, ShownSource, SourceBook},
        },
    },
    store::{RefusalKey, SourceKey, SourceSettings, SourceState},
};

/// A source as the API shows it; never with its secrets.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Source")]
pub(super) struct SourceView {
    /// The id, which is in the URL that its sender is given.
    #[schemars(with = "SourceKey")]
    id: String,
    /// For people, and what its event types begin with.
    name: String,
    /// The name of a scheme, or a scheme of one's own.
    #[schemars(with = "Value")]
    scheme: Box<RawValue>,
    /// Whose events it brings.
    #[schemars(with = "Option<ShortText>")]
    tenant: Option<String>,
    /// Whether it is listened to.
    #[schemars(with = "SourceState")]
    state: &'static str,
    /// What its sender is given.
    url: String,
    /// How many.
    secrets: usize,
    /// The names of what was given.
    config: Vec<String>,
    /// What it has of its own.
    settings: SettingsView,
    /// When it was made.
    #[schemars(with = "Moment")]
    created_at: String,
}

/// What a source has of its own; `null` for the default.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SourceSettings")]
struct SettingsView {
    /// What event types begin with, instead of the name.
    event_prefix: Option<String>,
    /// The sender's types that get another name.
    event_types: BTreeMap<String, String>,
    /// Where the type is.
    type_from: Option<String>,
    /// Where the id is.
    id_from: Option<String>,
    /// For how long a repeat is known, in seconds.
    dedupe_seconds: Option<u32>,
    /// Bytes of a body, at most.
    max_body_bytes: Option<u32>,
    /// Requests per second, at most.
    rate_limit: Option<u32>,
    /// How far timestamps may be off, in seconds.
    tolerance_seconds: Option<u32>,
    /// The URL that the sender was given.
    public_url: Option<String>,
}

/// The same, with what was counted.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SourceWithCounts")]
pub(super) struct CountedView {
    #[serde(flatten)]
    source: SourceView,
    /// What became of its webhooks.
    counts: CountsView,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "SourceCounts")]
struct CountsView {
    /// Stored as events.
    accepted: u64,
    /// Known already.
    duplicates: u64,
    /// Refused, by code.
    refused: BTreeMap<String, u64>,
}

/// A request that was refused.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RefusalSummary")]
pub(super) struct RefusalView {
    /// The id.
    #[schemars(with = "RefusalKey")]
    id: String,
    /// Why.
    code: String,
    /// The same in words.
    message: String,
    /// The method of the request.
    method: String,
    /// How long its body was; `null` where it was not kept.
    body_bytes: Option<usize>,
    /// When it came.
    #[schemars(with = "Moment")]
    created_at: String,
}

/// A refused request with all that is known, and why it does not verify.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Refusal")]
pub(super) struct ExplainedView {
    #[serde(flatten)]
    refusal: RefusalView,
    /// Where it was sent to.
    url: String,
    /// Its headers, without secrets.
    headers: Vec<(String, String)>,
    /// `{"text"}` or `{"base64"}`; `null` where it was not kept.
    body: Value,
    /// `{"verified", "error", "findings"}`; `null` where the body was not kept.
    explanation: Value,
}

/// The parameters of a list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListSources {
    /// Those of this tenant.
    tenant: Option<String>,
    /// Those made after this one: `next` of the page before.
    after: Option<Text<SourceKey>>,
    /// Rows of the page.
    limit: Option<Text<Limit>>,
}

/// The secret that a sender handed over.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "HandedOverSecret")]
pub(super) struct HandedOverView {
    /// As the sender wrote it.
    secret: String,
}

pub(super) async fn create(
    caller: Caller,
    State(sources): State<Arc<SourceBook>>,
    extract::Json(wanted): extract::Json<CreateSource>,
) -> Result<Created<SourceView>, ApiError> {
    let created = sources.create(&caller, wanted).await?;
    Ok(Created(created.try_into()?))
}

pub(super) async fn list(
    caller: Caller,
    State(sources): State<Arc<SourceBook>>,
    Query(wanted): Query<ListSources>,
) -> Result<Json<ListView<SourceView>>, ApiError> {
    let Limit(limit) = given(wanted.limit).unwrap_or_default();
    let page = sources.list(&caller, wanted.tenant, given(wanted.after), limit).await?;
    Ok(Json(ListView::try_of(page)?))
}

pub(super) async fn show(
    caller: Caller,
    State(sources): State<Arc<SourceBook>>,
    IdOf(id, _): IdOf<SourceKey>,
) -> Result<Json<CountedView>, ApiError> {
    let (source, counts) = sources.get(&caller, &id).await?;
    Ok(Json(CountedView { source: source.try_into()?, counts: counts.into() }))
}

pub(super) async fn change(
    caller: Caller,
    State(sources): State<Arc<SourceBook>>,
    IdOf(id, _): IdOf<SourceKey>,
    extract::Json(wanted): extract::Json<ChangeSource>,
) -> Result<Json<SourceView>, ApiError> {
    Ok(Json(sources.change(&caller, &id, wanted).await?.try_into()?))
}

pub(super) async fn delete(
    caller: Caller,
    State(sources): State<Arc<SourceBook>>,
    IdOf(id, _): IdOf<SourceKey>,
) -> Result<NoContent, ApiError> {
    sources.delete(&caller, &id).await?;
    Ok(NoContent)
}

pub(super) async fn handed_over(
    caller: Caller,
    State(sources): State<Arc<SourceBook>>,
    IdOf(id, _): IdOf<SourceKey>,
) -> Result<Json<HandedOverView>, ApiError> {
    let secret = sources.handed_over(&caller, &id).await?;
    Ok(Json(HandedOverView { secret: secret.as_str().to_owned() }))
}

pub(super) async fn refusals(
    caller: Caller,
    State(sources): State<Arc<SourceBook>>,
    IdOf(id, _): IdOf<SourceKey>,
) -> Result<Json<ListView<RefusalView>>, ApiError> {
    let refusals = sources.refusals(&caller, &id).await?;
    Ok(Json(ListView::whole(refusals.into_iter().map(RefusalView::from).collect())))
}

pub(super) async fn refusal(
    caller: Caller,
    State(sources): State<Arc<SourceBook>>,
    IdsOf(id, refusal, _): IdsOf<SourceKey, RefusalKey>,
) -> Result<Json<ExplainedView>, ApiError> {
    Ok(Json(sources.explain(&caller, &id, &refusal).await?.into()))
}

impl TryFrom<ShownSource> for SourceView {
    type Error = ApiError;

    fn try_from(shown: ShownSource) -> Result<Self, ApiError> {
        let ShownSource { source, secrets, config, url } = shown;
        Ok(Self {
            id: source.key.to_string(),
            name: source.name,
            scheme: RawValue::from_string(source.scheme).map_err(ApiError::internal)?,
            tenant: source.tenant,
            state: source.state.as_str(),
            url,
            secrets,
            config,
            settings: source.settings.into(),
            created_at: moment::text(source.key.minted_at()),
        })
    }
}

impl From<SourceSettings> for SettingsView {
    fn from(settings: SourceSettings) -> Self {
        Self {
            event_prefix: settings.event_prefix,
            event_types: settings.event_types,
            type_from: settings.type_from,
            id_from: settings.id_from,
            dedupe_seconds: settings.dedupe_seconds,
            max_body_bytes: settings.max_body_bytes,
            rate_limit: settings.rate_limit,
            tolerance_seconds: settings.tolerance_seconds,
            public_url: settings.public_url,
        }
    }
}

impl From<Vec<(String, u64)>> for CountsView {
    fn from(counts: Vec<(String, u64)>) -> Self {
        let mut view = Self::default();
        for (what, times) in counts {
            match what.as_str() {
                "accepted" => view.accepted = times,
                "duplicate" => view.duplicates = times,
                _ => _ = view.refused.insert(what, times),
            }
        }
        view
    }
}

impl From<ShownRefusal> for RefusalView {
    fn from(refusal: ShownRefusal) -> Self {
        Self {
            id: refusal.id,
            code: refusal.code,
            message: refusal.message,
            method: refusal.method,
            body_bytes: refusal.body_bytes,
            created_at: moment::text(refusal.at),
        }
    }
}

impl From<ExplainedRefusal> for ExplainedView {
    fn from(explained: ExplainedRefusal) -> Self {
        let body = explained.body.map(|body| match String::from_utf8(body) {
            Ok(text) => json!({ "text": text }),
            Err(other) => json!({ "base64": STANDARD.encode(other.as_bytes()) }),
        });
        Self {
            refusal: explained.refusal.into(),
            url: explained.url,
            headers: explained.headers,
            body: body.unwrap_or_default(),
            explanation: explained
                .explanation
                .as_ref()
                .map(explanation::to_json)
                .unwrap_or_default(),
        }
    }
}
