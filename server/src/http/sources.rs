//! `/v1/sources`.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};

use super::{
    extract::{self, Id, Ids},
    list::ListView,
    moment,
    query::{Limit, Query, Text, given},
};
use crate::{
    error::ApiError,
    explanation,
    service::{
        caller::Caller,
        inbound::{
            refusals::{ExplainedRefusal, ShownRefusal},
            sources::{ChangeSource, CreateSource, ShownSource, SourceBook},
        },
    },
    store::{SourceKey, SourceSettings},
};

/// A source as the API shows it; never with its secrets.
#[derive(Debug, Serialize)]
pub(super) struct SourceView {
    id: String,
    name: String,
    scheme: Box<RawValue>,
    tenant: Option<String>,
    state: &'static str,
    /// What its sender is given.
    url: String,
    /// How many.
    secrets: usize,
    /// The names of what was given.
    config: Vec<String>,
    settings: SettingsView,
    created_at: String,
}

/// What a source has of its own; `null` for the default.
#[derive(Debug, Serialize)]
struct SettingsView {
    event_prefix: Option<String>,
    event_types: BTreeMap<String, String>,
    type_from: Option<String>,
    id_from: Option<String>,
    dedupe_seconds: Option<u32>,
    max_body_bytes: Option<u32>,
    rate_limit: Option<u32>,
    tolerance_seconds: Option<u32>,
    public_url: Option<String>,
}

/// The same, with what was counted.
#[derive(Debug, Serialize)]
pub(super) struct CountedView {
    #[serde(flatten)]
    source: SourceView,
    counts: CountsView,
}

#[derive(Debug, Default, Serialize)]
struct CountsView {
    accepted: u64,
    duplicates: u64,
    refused: BTreeMap<String, u64>,
}

#[derive(Debug, Serialize)]
pub(super) struct RefusalView {
    id: String,
    code: String,
    message: String,
    method: String,
    body_bytes: Option<usize>,
    created_at: String,
}

/// A refused request with all that is known, and why it does not verify.
#[derive(Debug, Serialize)]
pub(super) struct ExplainedView {
    #[serde(flatten)]
    refusal: RefusalView,
    url: String,
    headers: Vec<(String, String)>,
    /// `{"text"}` or `{"base64"}`; `null` where it was not kept.
    body: Value,
    /// `{"verified", "error", "findings"}`; `null` where the body was not kept.
    explanation: Value,
}

/// The parameters of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListSources {
    tenant: Option<String>,
    after: Option<Text<SourceKey>>,
    limit: Option<Text<Limit>>,
}

pub(super) async fn create(
    caller: Caller,
    State(sources): State<Arc<SourceBook>>,
    extract::Json(wanted): extract::Json<CreateSource>,
) -> Result<(StatusCode, Json<SourceView>), ApiError> {
    let created = sources.create(&caller, wanted).await?;
    Ok((StatusCode::CREATED, Json(created.try_into()?)))
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
    Id(id): Id,
) -> Result<Json<CountedView>, ApiError> {
    let (source, counts) = sources.get(&caller, &id).await?;
    Ok(Json(CountedView { source: source.try_into()?, counts: counts.into() }))
}

pub(super) async fn change(
    caller: Caller,
    State(sources): State<Arc<SourceBook>>,
    Id(id): Id,
    extract::Json(wanted): extract::Json<ChangeSource>,
) -> Result<Json<SourceView>, ApiError> {
    Ok(Json(sources.change(&caller, &id, wanted).await?.try_into()?))
}

pub(super) async fn delete(
    caller: Caller,
    State(sources): State<Arc<SourceBook>>,
    Id(id): Id,
) -> Result<StatusCode, ApiError> {
    sources.delete(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn handed_over(
    caller: Caller,
    State(sources): State<Arc<SourceBook>>,
    Id(id): Id,
) -> Result<Json<Value>, ApiError> {
    let secret = sources.handed_over(&caller, &id).await?;
    Ok(Json(json!({ "secret": secret.as_str() })))
}

pub(super) async fn refusals(
    caller: Caller,
    State(sources): State<Arc<SourceBook>>,
    Id(id): Id,
) -> Result<Json<ListView<RefusalView>>, ApiError> {
    let refusals = sources.refusals(&caller, &id).await?;
    Ok(Json(ListView::whole(refusals.into_iter().map(RefusalView::from).collect())))
}

pub(super) async fn refusal(
    caller: Caller,
    State(sources): State<Arc<SourceBook>>,
    Ids(id, refusal): Ids,
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
