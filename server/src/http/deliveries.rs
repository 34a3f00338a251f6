//! `/v1/deliveries`, and what is sent again.

use std::sync::Arc;

use axum::{Json, extract::State};
use hookseal::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    extract::{self, IdOf},
    list::ListView,
    moment::{self, millis},
    query::{Limit, Query, States, Text, given},
    respond::Accepted,
};
use crate::{
    error::ApiError,
    schema::{EventId, EventTypeName, Moment},
    service::{caller::Caller, deliveries::Deliveries},
    store::{Attempt, Delivery, DeliveryFilter, DeliveryKey, DeliveryState, EndpointKey},
};

/// One event for one endpoint, with what was tried.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Delivery")]
pub(super) struct DeliveryView {
    #[serde(flatten)]
    head: HeadView,
    /// Every attempt, first to last.
    attempts: Vec<AttemptView>,
}

/// The same in a list: with the last attempt only.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DeliverySummary")]
pub(super) struct SummaryView {
    #[serde(flatten)]
    head: HeadView,
    /// The last attempt, if there was one.
    last_attempt: Option<AttemptView>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct HeadView {
    /// Its id.
    #[schemars(with = "DeliveryKey")]
    id: String,
    /// The event.
    #[schemars(with = "EventId")]
    event_id: String,
    /// The type of the event.
    #[schemars(with = "EventTypeName")]
    event_type: String,
    /// The endpoint.
    #[schemars(with = "EndpointKey")]
    endpoint_id: String,
    /// How far it is.
    #[schemars(with = "DeliveryState")]
    state: &'static str,
    /// Why it failed or was cancelled.
    reason: Option<String>,
    /// When the event was accepted.
    #[schemars(with = "Moment")]
    created_at: String,
    /// When it is tried next, while it is pending.
    #[schemars(with = "Option<Moment>")]
    next_attempt_at: Option<String>,
    /// How often it was tried.
    attempt_count: u32,
}

/// One POST. Phases that did not happen, as on a connection used again, are `null`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Attempt")]
pub(super) struct AttemptView {
    /// The first is 1.
    number: u32,
    /// When it began.
    #[schemars(with = "Moment")]
    at: String,
    /// How long it took in all.
    duration_ms: u32,
    /// Looking the host up.
    dns_ms: Option<f64>,
    /// Connecting.
    connect_ms: Option<f64>,
    /// Making the connection private.
    tls_ms: Option<f64>,
    /// From the request to the first byte of the answer.
    first_byte_ms: Option<f64>,
    /// The status of the answer.
    status: Option<u16>,
    /// What went wrong, where there was no whole answer.
    error: Option<String>,
    /// The address that was connected to.
    address: Option<String>,
    /// The head of the answer.
    response_head: Option<String>,
    /// The beginning of the body of the answer.
    response_body: String,
}

/// How many deliveries will be sent.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Replayed")]
pub(super) struct ReplayedView {
    /// So many.
    deliveries: u64,
}

/// The parameters of a list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListDeliveries {
    /// Those to this endpoint.
    endpoint_id: Option<Text<EndpointKey>>,
    /// Those of events of this tenant.
    tenant: Option<String>,
    /// Those in one of these states; `failed` are the undelivered.
    state: Option<Text<States>>,
    /// Those of events accepted since then.
    since: Option<Text<Timestamp>>,
    /// Those before this one: the `next` of the page before.
    before: Option<Text<DeliveryKey>>,
    /// Rows of a page.
    limit: Option<Text<Limit>>,
}

/// The body of `POST /v1/endpoints/{id}/replay-failed`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplayFailed {
    /// What failed of events accepted since then.
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
    IdOf(id, _): IdOf<DeliveryKey>,
) -> Result<Json<DeliveryView>, ApiError> {
    Ok(Json(deliveries.get(&caller, &id).await?.into()))
}

pub(super) async fn attempts(
    caller: Caller,
    State(deliveries): State<Arc<Deliveries>>,
    IdOf(id, _): IdOf<DeliveryKey>,
) -> Result<Json<ListView<AttemptView>>, ApiError> {
    let (_, attempts) = deliveries.get(&caller, &id).await?;
    Ok(Json(ListView::whole(attempts.into_iter().map(AttemptView::from).collect())))
}

pub(super) async fn replay(
    caller: Caller,
    State(deliveries): State<Arc<Deliveries>>,
    IdOf(id, _): IdOf<DeliveryKey>,
) -> Result<Accepted<DeliveryView>, ApiError> {
    Ok(Accepted(deliveries.replay(&caller, &id).await?.into()))
}

pub(super) async fn replay_event(
    caller: Caller,
    State(deliveries): State<Arc<Deliveries>>,
    IdOf(id, _): IdOf<EventId>,
) -> Result<Accepted<ReplayedView>, ApiError> {
    let count = deliveries.replay_event(&caller, &id).await?;
    Ok(Accepted(ReplayedView { deliveries: count }))
}

pub(super) async fn replay_failed(
    caller: Caller,
    State(deliveries): State<Arc<Deliveries>>,
    IdOf(id, _): IdOf<EndpointKey>,
    extract::Json(wanted): extract::Json<ReplayFailed>,
) -> Result<Accepted<ReplayedView>, ApiError> {
    let Text(since) = wanted.since;
    let count = deliveries.replay_failed(&caller, &id, since).await?;
    Ok(Accepted(ReplayedView { deliveries: count }))
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
