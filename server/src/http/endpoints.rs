//! `/v1/endpoints`.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    extract::{self, Id, JsonOrNothing},
    list::ListView,
    moment,
    query::{Limit, Query, Text, given},
};
use crate::{
    error::ApiError,
    service::{
        caller::Caller,
        endpoint_changes::{ChangeEndpoint, RotateSecret},
        endpoints::{CreateEndpoint, Endpoints, WithSecret},
    },
    store::{Endpoint, EndpointFilter, EndpointKey, EndpointSettings, SecretKind},
};

/// An endpoint as the API shows it; never with its secret.
#[derive(Debug, Serialize)]
pub(super) struct EndpointView {
    id: String,
    url: String,
    event_types: Vec<String>,
    profile: String,
    tenant: Option<String>,
    description: Option<String>,
    state: &'static str,
    reason: Option<String>,
    failing_since: Option<String>,
    signed: bool,
    settings: SettingsView,
    created_at: String,
}

/// What an endpoint has of its own; `null` where its profile decides.
#[derive(Debug, Serialize)]
struct SettingsView {
    headers: BTreeMap<String, String>,
    rate_limit: Option<u32>,
    concurrency: Option<u32>,
    order: &'static str,
    retry: Option<Box<RawValue>>,
    timeout_ms: Option<u32>,
}

/// The answer to "create" and "rotate secret": the only ones that hold the secret.
#[derive(Serialize)]
pub(super) struct WithSecretView {
    #[serde(flatten)]
    endpoint: EndpointView,
    secret: Option<String>,
}

/// The parameters of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListEndpoints {
    tenant: Option<String>,
    profile: Option<String>,
    after: Option<Text<EndpointKey>>,
    limit: Option<Text<Limit>>,
}

pub(super) async fn create(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    extract::Json(wanted): extract::Json<CreateEndpoint>,
) -> Result<(StatusCode, Json<WithSecretView>), ApiError> {
    let created = endpoints.create(&caller, wanted).await?;
    Ok((StatusCode::CREATED, Json(created.try_into()?)))
}

pub(super) async fn list(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    Query(wanted): Query<ListEndpoints>,
) -> Result<Json<ListView<EndpointView>>, ApiError> {
    let filter = EndpointFilter { tenant: wanted.tenant, profile: wanted.profile };
    let Limit(limit) = given(wanted.limit).unwrap_or_default();
    let page = endpoints.list(&caller, filter, given(wanted.after), limit).await?;
    Ok(Json(ListView::try_of(page)?))
}

pub(super) async fn show(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    Id(id): Id,
) -> Result<Json<EndpointView>, ApiError> {
    Ok(Json(endpoints.get(&caller, &id).await?.try_into()?))
}

pub(super) async fn change(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    Id(id): Id,
    extract::Json(wanted): extract::Json<ChangeEndpoint>,
) -> Result<Json<EndpointView>, ApiError> {
    Ok(Json(endpoints.change(&caller, &id, wanted).await?.try_into()?))
}

pub(super) async fn pause(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    Id(id): Id,
) -> Result<Json<EndpointView>, ApiError> {
    Ok(Json(endpoints.pause(&caller, &id).await?.try_into()?))
}

pub(super) async fn resume(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    Id(id): Id,
) -> Result<Json<EndpointView>, ApiError> {
    Ok(Json(endpoints.resume(&caller, &id).await?.try_into()?))
}

pub(super) async fn enable(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    Id(id): Id,
) -> Result<Json<EndpointView>, ApiError> {
    Ok(Json(endpoints.enable(&caller, &id).await?.try_into()?))
}

pub(super) async fn rotate_secret(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    Id(id): Id,
    JsonOrNothing(wanted): JsonOrNothing<RotateSecret>,
) -> Result<Json<WithSecretView>, ApiError> {
    Ok(Json(endpoints.rotate_secret(&caller, &id, wanted).await?.try_into()?))
}

pub(super) async fn delete(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    Id(id): Id,
) -> Result<StatusCode, ApiError> {
    endpoints.delete(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl TryFrom<Endpoint> for EndpointView {
    type Error = ApiError;

    fn try_from(mut endpoint: Endpoint) -> Result<Self, ApiError> {
        endpoint.event_types.sort_unstable();
        Ok(Self {
            id: endpoint.key.to_string(),
            url: endpoint.url,
            event_types: endpoint.event_types,
            profile: endpoint.profile,
            tenant: endpoint.tenant,
            description: endpoint.description,
            state: endpoint.state.as_str(),
            reason: endpoint.reason,
            failing_since: endpoint.failing_since.map(moment::text),
            signed: endpoint.secret != SecretKind::None,
            settings: endpoint.settings.try_into()?,
            created_at: moment::text(endpoint.key.minted_at()),
        })
    }
}

impl TryFrom<EndpointSettings> for SettingsView {
    type Error = ApiError;

    fn try_from(settings: EndpointSettings) -> Result<Self, ApiError> {
        Ok(Self {
            headers: settings.headers.into_iter().collect(),
            rate_limit: settings.rate_limit,
            concurrency: settings.concurrency,
            order: settings.order.as_str(),
            retry: settings
                .retry
                .map(RawValue::from_string)
                .transpose()
                .map_err(ApiError::internal)?,
            timeout_ms: settings.timeout_ms,
        })
    }
}

impl TryFrom<WithSecret> for WithSecretView {
    type Error = ApiError;

    fn try_from(made: WithSecret) -> Result<Self, ApiError> {
        let secret = made.secret.map(|secret| secret.expose().to_owned());
        Ok(Self { endpoint: made.endpoint.try_into()?, secret })
    }
}
