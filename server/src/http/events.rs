//! `/v1/events`.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    deliveries::DeliveryView,
    extract::{self, Id, IdempotencyKey, JsonOrNothing},
    list::ListView,
    moment,
    query::{Limit, Query, Text, given},
};
use crate::{
    error::ApiError,
    service::{
        caller::Caller,
        events::{Accepted, Events, SendEvent, Shown},
        test_event::SendTest,
    },
    store::{DeliveryKey, Event, EventFilter, EventKey},
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
    #[serde(flatten)]
    head: HeadView,
    data: Box<RawValue>,
    deliveries: Vec<DeliveryView>,
}

/// The same in a list: without its data.
#[derive(Debug, Serialize)]
pub(super) struct HeadView {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    tenant: Option<String>,
    profile: Option<String>,
    ordering_key: Option<String>,
    created_at: String,
}

pub(super) async fn send(
    caller: Caller,
    State(events): State<Arc<Events>>,
    IdempotencyKey(key): IdempotencyKey,
    extract::Json(event): extract::Json<SendEvent>,
) -> Result<(StatusCode, Json<AcceptedView>), ApiError> {
    let accepted = events.send(&caller, event, key).await?;
    Ok((StatusCode::ACCEPTED, Json(accepted.into())))
}

/// The body of `POST /v1/events/batch`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Batch {
    events: Vec<SendEvent>,
}

/// What became of each event of a batch, in their order.
#[derive(Debug, Serialize)]
pub(super) struct BatchView {
    events: Vec<BatchItem>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum BatchItem {
    Accepted(AcceptedView),
    Refused { error: serde_json::Value },
}

pub(super) async fn send_batch(
    caller: Caller,
    State(events): State<Arc<Events>>,
    IdempotencyKey(key): IdempotencyKey,
    extract::Json(batch): extract::Json<Batch>,
) -> Result<(StatusCode, Json<BatchView>), ApiError> {
    let accepted = events.send_batch(&caller, batch.events, key).await?;
    let item = |outcome: Result<Accepted, ApiError>| match outcome {
        Ok(accepted) => BatchItem::Accepted(accepted.into()),
        Err(error) => BatchItem::Refused { error: error.to_json() },
    };
    let events = accepted.into_iter().map(item).collect();
    Ok((StatusCode::ACCEPTED, Json(BatchView { events })))
}

/// The parameters of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListEvents {
    r#type: Option<String>,
    tenant: Option<String>,
    before: Option<Text<EventKey>>,
    limit: Option<Text<Limit>>,
}

pub(super) async fn list(
    caller: Caller,
    State(events): State<Arc<Events>>,
    Query(wanted): Query<ListEvents>,
) -> Result<Json<ListView<HeadView>>, ApiError> {
    let filter = EventFilter { event_type: wanted.r#type, tenant: wanted.tenant };
    let Limit(limit) = given(wanted.limit).unwrap_or_default();
    let page = events.list(&caller, filter, given(wanted.before), limit).await?;
    Ok(Json(ListView::of(page)))
}

pub(super) async fn show(
    caller: Caller,
    State(events): State<Arc<Events>>,
    Id(id): Id,
) -> Result<Json<EventView>, ApiError> {
    let Shown { event, deliveries } = events.get(&caller, &id).await?;
    let data = RawValue::from_string(event.data.as_ref().to_owned()).map_err(ApiError::internal)?;
    let deliveries = deliveries.into_iter().map(DeliveryView::from).collect();
    Ok(Json(EventView { head: event.into(), data, deliveries }))
}

/// The parameters of a test.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TestEndpoint {
    wait: Option<Text<bool>>,
}

pub(super) async fn send_test(
    caller: Caller,
    State(events): State<Arc<Events>>,
    Id(id): Id,
    Query(how): Query<TestEndpoint>,
    JsonOrNothing(wanted): JsonOrNothing<SendTest>,
) -> Result<(StatusCode, Json<DeliveryView>), ApiError> {
    if given(how.wait).unwrap_or_default() {
        let tested = events.send_test_at_once(&caller, &id, wanted).await?;
        return Ok((StatusCode::OK, Json(tested.into())));
    }
    Ok((StatusCode::ACCEPTED, Json(events.send_test(&caller, &id, wanted).await?.into())))
}

impl From<Event> for HeadView {
    fn from(event: Event) -> Self {
        Self {
            id: event.id,
            event_type: event.event_type,
            tenant: event.tenant,
            profile: event.profile,
            ordering_key: event.ordering_key,
            created_at: moment::text(event.key.minted_at()),
        }
    }
}

impl From<Accepted> for AcceptedView {
    fn from(accepted: Accepted) -> Self {
        let deliveries = accepted.deliveries.into_iter().map(AcceptedDelivery::from).collect();
        Self { id: accepted.id, deliveries }
    }
}

impl From<DeliveryKey> for AcceptedDelivery {
    fn from(delivery: DeliveryKey) -> Self {
        Self { id: delivery.to_string(), endpoint_id: delivery.endpoint.to_string() }
    }
}
