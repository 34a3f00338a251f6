//! yativo: `/webhook/…`.
//!
//! Ours: the forms of lists and of the event log, `POST /webhook/{id}/test`, and errors, which are the native API's.

use axum::{Json, extract::State, http::StatusCode};
use hookseal::{Secret, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    outcome::Outcome,
    window::{Changed, Wanted, Window, read_webhook_id, webhook_id},
};
use crate::{
    error::{ApiCode, ApiError},
    http::{
        AppState, Route,
        extract::{self, Id, JsonOrNothing},
        list::ListView,
        moment,
        query::{FromText, Limit, Query, Text, given},
        routes::{delete, get, post, put},
    },
    service::caller::Caller,
    store::{
        Attempt, Delivery, DeliveryFilter, DeliveryKey, DeliveryState, Endpoint,
        Scope::{Admin, Read, Send},
    },
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        post("/webhook/create", Admin, create),
        get("/webhook/list", Read, list),
        get("/webhook/{id}", Read, show),
        put("/webhook/{id}", Admin, change),
        delete("/webhook/{id}", Admin, remove),
        get("/webhook/{id}/events", Read, events),
        post("/webhook/{id}/replay", Send, replay),
        post("/webhook/{id}/test", Send, test),
    ]
}

#[derive(Debug, Deserialize)]
struct Create {
    url: Option<String>,
    events: Option<Vec<String>>,
    description: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Change {
    url: Option<String>,
    events: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given_or_null")]
    description: Option<Option<String>>,
}

#[derive(Debug, Default, Deserialize)]
struct Replay {
    event_id: Option<String>,
}

/// The parameters of the event log.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ListEvents {
    status: Option<Text<Statuses>>,
    before: Option<Text<DeliveryKey>>,
    limit: Option<Text<Limit>>,
}

#[derive(Serialize)]
struct View {
    id: String,
    url: String,
    events: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// In the answer to "create" alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    status: &'static str,
    created_at: String,
}

#[derive(Debug, Serialize)]
struct Removed {
    id: String,
    status: &'static str,
}

/// An event of the log. `response_codes` has one per attempt, first to last; `null` where there was no answer.
#[derive(Debug, Serialize)]
struct EventView {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    status: &'static str,
    reason: Option<String>,
    attempts: u32,
    response_codes: Vec<Option<u16>>,
    created_at: String,
    last_attempt_at: Option<String>,
    next_attempt_at: Option<String>,
    attempt_log: Vec<AttemptView>,
}

#[derive(Debug, Serialize)]
struct AttemptView {
    attempt: u32,
    at: String,
    response_code: Option<u16>,
    error: Option<String>,
    duration_ms: u64,
}

#[derive(Debug, Serialize)]
struct Replayed {
    id: String,
    replayed: u64,
}

async fn create(
    caller: Caller,
    State(state): State<AppState>,
    extract::Json(wanted): extract::Json<Create>,
) -> Result<(StatusCode, Json<View>), ApiError> {
    let wanted = Wanted {
        url: wanted.url,
        events: wanted.events,
        description: wanted.description,
        secret: None,
    };
    let made = WINDOW.create(&state, &caller, wanted).await?;
    Ok((StatusCode::CREATED, Json(View::new(made.endpoint, made.secret))))
}

async fn list(
    caller: Caller,
    State(state): State<AppState>,
) -> Result<Json<ListView<View>>, ApiError> {
    let all = WINDOW.all(&state, &caller).await?;
    Ok(Json(ListView::whole(all.into_iter().map(|endpoint| View::new(endpoint, None)).collect())))
}

async fn show(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id,
) -> Result<Json<View>, ApiError> {
    let endpoint = WINDOW.find(&state, &caller, read_webhook_id(&id)).await?;
    Ok(Json(View::new(endpoint, None)))
}

async fn change(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id,
    extract::Json(wanted): extract::Json<Change>,
) -> Result<Json<View>, ApiError> {
    let changed =
        Changed { url: wanted.url, events: wanted.events, description: wanted.description };
    let endpoint = WINDOW.change(&state, &caller, read_webhook_id(&id), changed).await?;
    Ok(Json(View::new(endpoint, None)))
}

async fn remove(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id,
) -> Result<Json<Removed>, ApiError> {
    let endpoint = WINDOW.delete(&state, &caller, read_webhook_id(&id)).await?;
    Ok(Json(Removed { id: webhook_id(endpoint.key), status: "deleted" }))
}

async fn events(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id,
    Query(wanted): Query<ListEvents>,
) -> Result<Json<ListView<EventView>>, ApiError> {
    let endpoint = WINDOW.find(&state, &caller, read_webhook_id(&id)).await?;
    let filter = DeliveryFilter {
        endpoint: Some(endpoint.key),
        states: given(wanted.status).unwrap_or_default().0,
        ..DeliveryFilter::default()
    };
    let Limit(limit) = given(wanted.limit).unwrap_or_default();
    let before = given(wanted.before);
    let page = state.deliveries.list_with_attempts(&caller, filter, before, limit).await?;
    Ok(Json(ListView::of(page)))
}

/// All failed events, or the one that is named, whatever became of it.
async fn replay(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id,
    JsonOrNothing(wanted): JsonOrNothing<Replay>,
) -> Result<(StatusCode, Json<Replayed>), ApiError> {
    let endpoint = WINDOW.find(&state, &caller, read_webhook_id(&id)).await?;
    let replayed = match wanted.event_id {
        None => {
            let id = endpoint.key.to_string();
            state.deliveries.replay_failed(&caller, &id, Timestamp::MIN).await?
        }
        Some(event_id) => {
            let delivery = state.events.delivery_to(&caller, &event_id, endpoint.key).await?;
            let delivery = delivery.ok_or_else(|| {
                let message = "the webhook has no event with this id";
                ApiError::new(ApiCode::NotFound, message).in_field("event_id")
            })?;
            state.deliveries.replay(&caller, &delivery.to_string()).await?;
            1
        }
    };
    Ok((StatusCode::ACCEPTED, Json(Replayed { id: webhook_id(endpoint.key), replayed })))
}

async fn test(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id,
) -> Result<Json<Outcome>, ApiError> {
    let outcome = WINDOW.test(&state, &caller, read_webhook_id(&id)).await?;
    Ok(Json(outcome.into()))
}

impl View {
    fn new(endpoint: Endpoint, secret: Option<Secret>) -> Self {
        Self {
            id: webhook_id(endpoint.key),
            created_at: moment::text(endpoint.key.minted_at()),
            url: endpoint.url,
            events: endpoint.event_types,
            description: endpoint.description,
            secret: secret.map(|secret| secret.expose().to_owned()),
            status: endpoint.state.as_str(),
        }
    }
}

impl From<(Delivery, Vec<Attempt>)> for EventView {
    fn from((delivery, attempts): (Delivery, Vec<Attempt>)) -> Self {
        Self {
            id: delivery.event_id,
            event_type: delivery.event_type,
            status: match delivery.state {
                DeliveryState::Delivering => DeliveryState::Pending.as_str(),
                state => state.as_str(),
            },
            reason: delivery.reason,
            attempts: delivery.attempts,
            response_codes: attempts.iter().map(|attempt| attempt.status).collect(),
            created_at: moment::text(delivery.key.event.minted_at()),
            last_attempt_at: attempts.last().map(|attempt| moment::text(attempt.started_at)),
            next_attempt_at: delivery.next_attempt_at.map(moment::text),
            attempt_log: attempts.into_iter().map(AttemptView::from).collect(),
        }
    }
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            attempt: attempt.number,
            at: moment::text(attempt.started_at),
            response_code: attempt.status,
            error: attempt.error,
            duration_ms: u64::try_from(attempt.phases.total.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// Statuses of events. What is being sent is pending, too.
#[derive(Clone, Debug, Default)]
struct Statuses(Vec<DeliveryState>);

impl FromText for Statuses {
    const EXPECTED: &'static str =
        "statuses out of pending, delivered, failed and cancelled, with commas between them";

    fn from_text(text: &str) -> Option<Self> {
        let mut states = Vec::new();
        for word in text.split(',') {
            match DeliveryState::parse(word)? {
                DeliveryState::Pending => {
                    states.extend([DeliveryState::Pending, DeliveryState::Delivering]);
                }
                DeliveryState::Delivering => return None,
                state => states.push(state),
            }
        }
        Some(Self(states))
    }
}

/// Tells `null` from what is left out.
fn given_or_null<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

static WINDOW: Window = Window::new("yativo", "events");
