//! `/v1/deliveries`.

use std::sync::Arc;

use axum::{Json, extract::State};
use hookseal::Timestamp;
use serde::Serialize;

use super::{ctx::Ctx, extract::Id};
use crate::{
    error::ApiError,
    service::events::Events,
    store::{Attempt, Delivery},
};

/// One event for one endpoint, with what was tried.
#[derive(Debug, Serialize)]
pub(super) struct DeliveryView {
    id: String,
    event_id: String,
    endpoint_id: String,
    state: &'static str,
    reason: Option<String>,
    next_attempt_at: Option<String>,
    attempts: Vec<AttemptView>,
}

/// One POST.
#[derive(Debug, Serialize)]
struct AttemptView {
    number: u32,
    at: String,
    duration_ms: u32,
    status: Option<u16>,
    error: Option<String>,
    response_body: String,
}

pub(super) async fn show(
    ctx: Ctx,
    State(events): State<Arc<Events>>,
    Id(id): Id,
) -> Result<Json<DeliveryView>, ApiError> {
    Ok(Json(events.get_delivery(&ctx.account, &id).await?.into()))
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            event_id: delivery.event_id,
            endpoint_id: delivery.endpoint_id,
            state: delivery.state.as_str(),
            reason: delivery.reason,
            next_attempt_at: delivery.next_attempt_at.map(Timestamp::to_rfc3339),
            attempts: delivery.attempts.into_iter().map(AttemptView::from).collect(),
        }
    }
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            number: attempt.number,
            at: attempt.started_at.to_rfc3339(),
            duration_ms: attempt.duration_ms,
            status: attempt.status,
            error: attempt.error,
            // What is not UTF-8 shows as U+FFFD; the bytes stay in the store.
            response_body: String::from_utf8_lossy(&attempt.response_body).into_owned(),
        }
    }
}
