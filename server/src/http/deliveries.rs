//! `/v1/deliveries`, and what is sent again.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use hookseal::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    extract::{self, Id},
    list::ListView,
    moment::{self, millis},
    query::{Limit, Query, States, Text, given},
};
use crate::{
    error::ApiError,
    service::{caller::Caller, deliveries::Deliveries},
    store::{Attempt, Delivery, DeliveryFilter, DeliveryKey, EndpointKey},
};

/// One event for one endpoint, with what was tried.
#[derive(Debug, Serialize)]
pub(super) struct DeliveryView {
    #[serde(flatten)]
    head: HeadView,
    attempts: Vec<AttemptView>,
}

/// The same in a list: with the last attempt only.
#[derive(Debug, Serialize)]
pub(super) struct SummaryView {
    #[serde(flatten)]
    head: HeadView,
    last_attempt: Option<AttemptView>,
}

#[derive(Debug, Serialize)]
struct HeadView {
    id: String,
    event_id: String,
    event_type: String,
    endpoint_id: String,
    state: &'static str,
    reason: Option<String>,
    created_at: String,
    next_attempt_at: Option<String>,
    attempt_count: u32,
}

/// One POST. Phases that did not happen, as on a connection used again, are `null`.
#[derive(Debug, Serialize)]
struct AttemptView {
    number: u32,
    at: String,
    duration_ms: u32,
    dns_ms: Option<f64>,
    connect_ms: Option<f64>,
    tls_ms: Option<f64>,
    first_byte_ms: Option<f64>,
    status: Option<u16>,
    error: Option<String>,
    address: Option<String>,
    response_head: Option<String>,
    response_body: String,
}

/// How many deliveries will be sent.
#[derive(Debug, Serialize)]
pub(super) struct ReplayedView {
    deliveries: u64,
}

/// The parameters of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListDeliveries {
    endpoint_id: Option<Text<EndpointKey>>,
    tenant: Option<String>,
    state: Option<Text<States>>,
    since: Option<Text<Timestamp>>,
    before: Option<Text<DeliveryKey>>,
    limit: Option<Text<Limit>>,
}

/// The body of `POST /v1/endpoints/{id}/replay-failed`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplayFailed {
    since: Text<Timestamp>,
}

pub(super) async fn list(
    caller: Caller,
    State(deliveries): State<Arc<Deliveries>>,
    Query(wanted): Query<ListDeliveries>,
) -> Result<Json<ListView<SummaryView>>, ApiError> {
    let filter = DeliveryFilter {
        endpoint: given(wanted.endpoint_id),
        tenant: wanted.tenant,
        states: given(wanted.state).unwrap_or_default().0,
        since: given(wanted.since),
    };
    let Limit(limit) = given(wanted.limit).unwrap_or_default();
    let page = deliveries.list(&caller, filter, given(wanted.before), limit).await?;
    Ok(Json(ListView::of(page)))
}

pub(super) async fn show(
    caller: Caller,
    State(deliveries): State<Arc<Deliveries>>,
    Id(id): Id,
) -> Result<Json<DeliveryView>, ApiError> {
    Ok(Json(deliveries.get(&caller, &id).await?.into()))
}

pub(super) async fn replay(
    caller: Caller,
    State(deliveries): State<Arc<Deliveries>>,
    Id(id): Id,
) -> Result<(StatusCode, Json<DeliveryView>), ApiError> {
    Ok((StatusCode::ACCEPTED, Json(deliveries.replay(&caller, &id).await?.into())))
}

pub(super) async fn replay_event(
    caller: Caller,
    State(deliveries): State<Arc<Deliveries>>,
    Id(id): Id,
) -> Result<(StatusCode, Json<ReplayedView>), ApiError> {
    let count = deliveries.replay_event(&caller, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(ReplayedView { deliveries: count })))
}

pub(super) async fn replay_failed(
    caller: Caller,
    State(deliveries): State<Arc<Deliveries>>,
    Id(id): Id,
    extract::Json(wanted): extract::Json<ReplayFailed>,
) -> Result<(StatusCode, Json<ReplayedView>), ApiError> {
    let Text(since) = wanted.since;
    let count = deliveries.replay_failed(&caller, &id, since).await?;
    Ok((StatusCode::ACCEPTED, Json(ReplayedView { deliveries: count })))
}

impl From<(Delivery, Vec<Attempt>)> for DeliveryView {
    fn from((delivery, attempts): (Delivery, Vec<Attempt>)) -> Self {
        let attempts = attempts.into_iter().map(AttemptView::from).collect();
        Self { head: delivery.into(), attempts }
    }
}

impl From<Delivery> for SummaryView {
    fn from(mut delivery: Delivery) -> Self {
        let last_attempt = delivery.last_attempt.take().map(AttemptView::from);
        Self { head: delivery.into(), last_attempt }
    }
}

impl From<Delivery> for HeadView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.key.to_string(),
            event_id: delivery.event_id,
            event_type: delivery.event_type,
            endpoint_id: delivery.key.endpoint.to_string(),
            state: delivery.state.as_str(),
            reason: delivery.reason,
            created_at: moment::text(delivery.key.event.minted_at()),
            next_attempt_at: delivery.next_attempt_at.map(moment::text),
            attempt_count: delivery.attempts,
        }
    }
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        let phases = attempt.phases;
        Self {
            number: attempt.number,
            at: moment::text(attempt.started_at),
            duration_ms: u32::try_from(phases.total.as_millis()).unwrap_or(u32::MAX),
            dns_ms: phases.dns.map(millis),
            connect_ms: phases.connect.map(millis),
            tls_ms: phases.tls.map(millis),
            first_byte_ms: phases.first_byte.map(millis),
            status: attempt.status,
            error: attempt.error,
            address: attempt.address.map(|address| address.to_string()),
            response_head: attempt.response_head,
            // What is not UTF-8 shows as U+FFFD; the bytes stay in the store.
            response_body: String::from_utf8_lossy(&attempt.response_body).into_owned(),
        }
    }
}
