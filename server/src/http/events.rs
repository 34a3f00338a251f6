//! `/v1/events`.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    ctx::Ctx,
    deliveries::DeliveryView,
    extract::{self, Id, IdempotencyKey},
};
use crate::{
    error::ApiError,
    service::events::{Events, SendEvent},
    store::PushedDelivery,
};

/// The answer to an event that is on disk.
#[derive(Debug, Serialize)]
pub(super) struct AcceptedView {
    id: String,
    deliveries: Vec<AcceptedDelivery>,
}

#[derive(Debug, Serialize)]
struct AcceptedDelivery {
    id: String,
    endpoint_id: String,
}

/// An event with all that became of it.
#[derive(Debug, Serialize)]
pub(super) struct EventView {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    tenant: Option<String>,
    profile: Option<String>,
    data: Box<RawValue>,
    created_at: String,
    deliveries: Vec<DeliveryView>,
}

pub(super) async fn send(
    ctx: Ctx,
    State(events): State<Arc<Events>>,
    IdempotencyKey(key): IdempotencyKey,
    extract::Json(event): extract::Json<SendEvent>,
) -> Result<(StatusCode, Json<AcceptedView>), ApiError> {
    let accepted = events.send(&ctx.account, event, key).await?;
    let deliveries = accepted.deliveries.into_iter().map(AcceptedDelivery::from).collect();
    Ok((StatusCode::ACCEPTED, Json(AcceptedView { id: accepted.id, deliveries })))
}

pub(super) async fn show(
    ctx: Ctx,
    State(events): State<Arc<Events>>,
    Id(id): Id,
) -> Result<Json<EventView>, ApiError> {
    let detail = events.get(&ctx.account, &id).await?;
    Ok(Json(EventView {
        id: detail.event.id,
        event_type: detail.event.event_type,
        tenant: detail.event.tenant,
        profile: detail.event.profile,
        data: RawValue::from_string(detail.event.data).map_err(ApiError::internal)?,
        created_at: detail.event.created_at.to_rfc3339(),
        deliveries: detail.deliveries.into_iter().map(DeliveryView::from).collect(),
    }))
}

impl From<PushedDelivery> for AcceptedDelivery {
    fn from(delivery: PushedDelivery) -> Self {
        Self { id: delivery.id, endpoint_id: delivery.endpoint }
    }
}
