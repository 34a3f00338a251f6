//! `/v1/events`.

use std::sync::Arc;

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    deliveries::{DeliveryView, SummaryView},
    extract::{self, IdOf, IdempotencyKey, JsonOrNothing},
    list::ListView,
    moment,
    query::{Limit, Query, Text, given},
    respond,
};
use crate::{
    error::{ApiError, ErrorView},
    object::objects,
    schema::{AnyObject, EventId, EventTypeName, Moment, ProfileName},
    service::{
        caller::Caller,
        events::{Accepted, Events, MAX_BATCH, SendEvent, Shown},
        test_event::SendTest,
    },
    store::{DeliveryKey, EndpointKey, EventFilter, EventHead, EventKey},
};

/// The answer to an event that is on disk.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AcceptedEvent")]
pub(super) struct AcceptedView {
    /// The event.
    #[schemars(with = "EventId")]
    id: String,
    /// One for each endpoint that wants it.
    deliveries: Vec<AcceptedDelivery>,
}

/// A delivery that will be made.
#[derive(Debug, Serialize, JsonSchema)]
struct AcceptedDelivery {
    /// The delivery.
    id: DeliveryKey,
    /// The endpoint.
    endpoint_id: EndpointKey,
}

/// An event with all that became of it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Event")]
pub(super) struct EventView {
    #[serde(flatten)]
    head: HeadView,
    /// What was sent, byte for byte.
    #[schemars(with = "AnyObject")]
    data: Box<RawValue>,
    /// What became of it, for each endpoint that wanted it: the first 250.
    deliveries: Vec<DeliveryView>,
    /// What to send as `after` to `GET /v1/events/{id}/deliveries` for those that follow; `null` where there are no more.
    #[schemars(with = "Option<DeliveryKey>")]
    next_deliveries: Option<String>,
}

/// The same in a list: without its data.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EventSummary")]
pub(super) struct HeadView {
    /// Its id.
    #[schemars(with = "EventId")]
    id: String,
    /// The type.
    #[serde(rename = "type")]
    #[schemars(with = "EventTypeName")]
    event_type: String,
    /// The tenant it belongs to.
    tenant: Option<String>,
    /// The one profile that was asked for.
    #[schemars(with = "Option<ProfileName>")]
    profile: Option<String>,
    /// What keeps it in order.
    ordering_key: Option<String>,
    /// When it was accepted.
    #[schemars(with = "Moment")]
    created_at: String,
}

pub(super) async fn send(
    caller: Caller,
    State(events): State<Arc<Events>>,
    IdempotencyKey(key): IdempotencyKey,
    extract::Json(event): extract::Json<SendEvent>,
) -> Result<respond::Accepted<AcceptedView>, ApiError> {
    let accepted = events.send(&caller, event, key).await?;
    Ok(respond::Accepted(accepted.into()))
}

/// The body of `POST /v1/events/batch`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SendBatch")]
pub(super) struct Batch {
    /// The events, each on its own terms.
    #[serde(deserialize_with = "objects")]
    #[schemars(length(min = 1, max = MAX_BATCH))]
    events: Vec<SendEvent>,
}

/// What became of each event of a batch, in their order.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AcceptedBatch")]
pub(super) struct BatchView {
    /// One for each event that was sent.
    events: Vec<BatchItem>,
}

/// An event that is on disk, or why it is not.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum BatchItem {
    Accepted(AcceptedView),
    #[schemars(with = "ErrorView<'_>")]
    Refused {
        error: serde_json::Value,
    },
}

pub(super) async fn send_batch(
    caller: Caller,
    State(events): State<Arc<Events>>,
    IdempotencyKey(key): IdempotencyKey,
    extract::Json(batch): extract::Json<Batch>,
) -> Result<respond::Accepted<BatchView>, ApiError> {
    let accepted = events.send_batch(&caller, batch.events, key).await?;
    let item = |outcome: Result<Accepted, ApiError>| match outcome {
        Ok(accepted) => BatchItem::Accepted(accepted.into()),
        Err(error) => BatchItem::Refused { error: error.to_json() },
    };
    let events = accepted.into_iter().map(item).collect();
    Ok(respond::Accepted(BatchView { events }))
}

/// The parameters of a list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListEvents {
    /// Those of this type.
    r#type: Option<String>,
    /// Those of this tenant.
    tenant: Option<String>,
    /// Those before this one: the `next` of the page before.
    before: Option<Text<EventKey>>,
    /// Rows of a page.
    limit: Option<Text<Limit>>,
}

pub(super) async fn list(
    caller: Caller,
    State(events): State<Arc<Events>>,
    Query(wanted): Query<ListEvents>,
) -> Result<Json<ListView<HeadView>>, ApiError> {
    let filter =
        EventFilter { event_type: wanted.r#type, tenant: wanted.tenant, ..EventFilter::default() };
    let Limit(limit) = given(wanted.limit).unwrap_or_default();
    let page = events.list(&caller, filter, given(wanted.before), limit).await?;
    Ok(Json(ListView::of(page)))
}

pub(super) async fn show(
    caller: Caller,
    State(events): State<Arc<Events>>,
    IdOf(id, _): IdOf<EventId>,
) -> Result<Json<EventView>, ApiError> {
    let Shown { event, deliveries } = events.get(&caller, &id).await?;
    let data = RawValue::from_string(event.data.as_ref().to_owned()).map_err(ApiError::internal)?;
    Ok(Json(EventView {
        head: EventHead::from(event).into(),
        data,
        deliveries: deliveries.rows.into_iter().map(DeliveryView::from).collect(),
        next_deliveries: deliveries.next,
    }))
}

/// The parameters of the list of an event's deliveries.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListEventDeliveries {
    /// Those after this one: the `next` of the page before.
    after: Option<Text<DeliveryKey>>,
    /// Rows of a page.
    limit: Option<Text<Limit>>,
}

pub(super) async fn list_deliveries(
    caller: Caller,
    State(events): State<Arc<Events>>,
    IdOf(id, _): IdOf<EventId>,
    Query(wanted): Query<ListEventDeliveries>,
) -> Result<Json<ListView<SummaryView>>, ApiError> {
    let Limit(limit) = given(wanted.limit).unwrap_or_default();
    Ok(Json(ListView::of(events.deliveries(&caller, &id, given(wanted.after), limit).await?)))
}

/// The parameters of a test.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TestEndpoint {
    /// Answer when the attempt has ended, with its outcome.
    wait: Option<Text<bool>>,
}

pub(super) async fn send_test(
    caller: Caller,
    State(events): State<Arc<Events>>,
    IdOf(id, _): IdOf<EndpointKey>,
    Query(how): Query<TestEndpoint>,
    JsonOrNothing(wanted): JsonOrNothing<SendTest>,
) -> Result<respond::Done<DeliveryView>, ApiError> {
    if given(how.wait).unwrap_or_default() {
        let tested = events.send_test_at_once(&caller, &id, wanted).await?;
        return Ok(respond::Done::Now(tested.into()));
    }
    Ok(respond::Done::Later(events.send_test(&caller, &id, wanted).await?.into()))
}

impl From<EventHead> for HeadView {
    fn from(event: EventHead) -> Self {
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
        Self { id: delivery, endpoint_id: delivery.endpoint }
    }
}
