//! `/v1/endpoints`.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;

use super::{
    ctx::Ctx,
    extract::{self, Id},
};
use crate::{
    error::ApiError,
    service::endpoints::{CreateEndpoint, Endpoints},
    store::{Endpoint, EndpointSecret},
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
    signed: bool,
    created_at: String,
}

/// The answer to "create": the only one that holds the secret.
#[derive(Serialize)]
pub(super) struct CreatedView {
    #[serde(flatten)]
    endpoint: EndpointView,
    secret: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct ListView {
    data: Vec<EndpointView>,
}

pub(super) async fn create(
    ctx: Ctx,
    State(endpoints): State<Arc<Endpoints>>,
    extract::Json(wanted): extract::Json<CreateEndpoint>,
) -> Result<(StatusCode, Json<CreatedView>), ApiError> {
    let created = endpoints.create(&ctx.account, wanted).await?;
    let view = CreatedView {
        endpoint: created.endpoint.into(),
        secret: created.secret.map(|secret| secret.expose().to_owned()),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

pub(super) async fn list(
    ctx: Ctx,
    State(endpoints): State<Arc<Endpoints>>,
) -> Result<Json<ListView>, ApiError> {
    let data = endpoints.list(&ctx.account).await?.into_iter().map(EndpointView::from).collect();
    Ok(Json(ListView { data }))
}

pub(super) async fn show(
    ctx: Ctx,
    State(endpoints): State<Arc<Endpoints>>,
    Id(id): Id,
) -> Result<Json<EndpointView>, ApiError> {
    Ok(Json(endpoints.get(&ctx.account, &id).await?.into()))
}

pub(super) async fn delete(
    ctx: Ctx,
    State(endpoints): State<Arc<Endpoints>>,
    Id(id): Id,
) -> Result<StatusCode, ApiError> {
    endpoints.delete(&ctx.account, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<Endpoint> for EndpointView {
    fn from(endpoint: Endpoint) -> Self {
        Self {
            id: endpoint.id,
            url: endpoint.url,
            event_types: endpoint.event_types,
            profile: endpoint.profile,
            tenant: endpoint.tenant,
            description: endpoint.description,
            state: endpoint.state.as_str(),
            signed: endpoint.secret != EndpointSecret::None,
            created_at: endpoint.created_at.to_rfc3339(),
        }
    }
}
