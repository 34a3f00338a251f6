//! ainative (ZeroDB): `/api/v1/webhooks/…`.
//!
//! A webhook is known by a UUID, in which the number of its endpoint stands. Errors are `{"detail": …}`: a text, or for a
//! request that does not fit (422) a list that says where, as FastAPI does.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    middleware::map_response,
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::window::{Wanted, Window};
use crate::{
    error::{ApiCode, ApiError, Refusal},
    http::{
        AppState, Route,
        extract::{self, Id},
        routes::{delete, get, post},
    },
    service::caller::Caller,
    store::{
        Endpoint, EndpointKey, EndpointState,
        Scope::{Admin, Read},
    },
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/webhooks/", Read, list),
        post("/api/v1/webhooks/register", Admin, register),
        delete("/api/v1/webhooks/{webhook_id}", Admin, remove),
    ]
}

/// Says errors of these routes in the form of this system.
pub(super) fn with_errors(routes: Router<AppState>) -> Router<AppState> {
    routes.layer(map_response(in_detail))
}

#[derive(Deserialize)]
struct Register {
    url: Option<String>,
    events: Option<Vec<String>>,
    secret: Option<String>,
}

#[derive(Debug, Serialize)]
struct Registered {
    webhook_id: String,
    url: String,
    events: Vec<String>,
    created_at: String,
}

#[derive(Debug, Serialize)]
struct List {
    webhooks: Vec<Listed>,
    count: usize,
}

#[derive(Debug, Serialize)]
struct Listed {
    webhook_id: String,
    url: String,
    events: Vec<String>,
    is_active: bool,
    created_at: String,
}

#[derive(Debug, Serialize)]
struct Deleted {
    webhook_id: String,
    status: &'static str,
}

async fn register(
    caller: Caller,
    State(state): State<AppState>,
    extract::Json(wanted): extract::Json<Register>,
) -> Result<(StatusCode, Json<Registered>), ApiError> {
    let wanted = Wanted {
        url: wanted.url,
        events: wanted.events,
        secret: wanted.secret,
        ..Wanted::default()
    };
    let endpoint = WINDOW.create(&state, &caller, wanted).await?.endpoint;
    let registered = Registered {
        webhook_id: webhook_id(endpoint.key).to_string(),
        created_at: endpoint.key.minted_at().to_rfc3339(),
        events: sorted(endpoint.event_types),
        url: endpoint.url,
    };
    Ok((StatusCode::CREATED, Json(registered)))
}

async fn list(caller: Caller, State(state): State<AppState>) -> Result<Json<List>, ApiError> {
    let mut all = WINDOW.all(&state, &caller).await?;
    all.retain(|endpoint| endpoint.state != EndpointState::Disabled);
    let webhooks: Vec<_> = all.into_iter().map(Listed::from).collect();
    Ok(Json(List { count: webhooks.len(), webhooks }))
}

async fn remove(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id,
) -> Result<Json<Deleted>, ApiError> {
    let endpoint = WINDOW.delete(&state, &caller, read_webhook_id(&id)).await?;
    Ok(Json(Deleted { webhook_id: webhook_id(endpoint.key).to_string(), status: "deleted" }))
}

impl From<Endpoint> for Listed {
    fn from(endpoint: Endpoint) -> Self {
        Self {
            webhook_id: webhook_id(endpoint.key).to_string(),
            is_active: endpoint.state == EndpointState::Active,
            created_at: endpoint.key.minted_at().to_rfc3339(),
            events: sorted(endpoint.event_types),
            url: endpoint.url,
        }
    }
}

fn sorted(mut events: Vec<String>) -> Vec<String> {
    events.sort_unstable();
    events
}

async fn in_detail(mut response: Response) -> Response {
    let Some(refusal) = response.extensions_mut().remove::<Refusal>() else { return response };
    let unfit = response.status() == StatusCode::UNPROCESSABLE_ENTITY;
    let broken = refusal.code == ApiCode::MalformedJson.as_str();
    let listed = |place: Vec<Value>, kind: &str| json!([{ "loc": place, "msg": refusal.message, "type": kind }]);
    let detail = match &refusal.field {
        _ if broken => listed(place(None), "json_invalid"),
        field if unfit => listed(place(field.as_deref()), "value_error"),
        _ => json!(refusal.message),
    };
    let (head, _) = response.into_parts();
    let status = if detail.is_array() { StatusCode::UNPROCESSABLE_ENTITY } else { head.status };
    let mut response = (status, Json(json!({ "detail": detail }))).into_response();
    for (name, value) in &head.headers {
        if !response.headers().contains_key(name) && name != axum::http::header::CONTENT_LENGTH {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

/// `events/1` as `["body", "events", 1]`.
fn place(field: Option<&str>) -> Vec<Value> {
    let step = |text: &str| match text.parse::<u32>() {
        Ok(index) => json!(index),
        Err(_) => json!(text),
    };
    let steps = field.into_iter().flat_map(|field| field.split('/')).map(step);
    std::iter::once(json!("body")).chain(steps).collect()
}

/// The UUID of an endpoint: its 63 bits, then a hash of them, so that no other UUID reads as one. It is marked as of
/// version 4, because many a check of UUIDs knows no later one.
fn webhook_id(key: EndpointKey) -> Uuid {
    let number = u128::from(key.0.cast_unsigned());
    let hash = Sha256::digest(key.0.to_be_bytes());
    let rest = hash.iter().take(8).fold(0_u128, |rest, byte| rest << 8 | u128::from(*byte));
    // 122 bits are free: 48 before the version, 12 before the variant, 62 after it.
    let free = number << 59 | rest >> 5;
    let (high, middle, low) = (free >> 74, free >> 62 & 0xfff, free & ((1 << 62) - 1));
    Uuid::from_u128(high << 80 | 4 << 76 | middle << 64 | 2 << 62 | low)
}

/// Reads the text of a UUID that [`webhook_id`] makes; `None` for any other.
fn read_webhook_id(text: &str) -> Option<EndpointKey> {
    let id = Uuid::parse_str(text).ok()?;
    let bits = id.as_u128();
    let (high, middle, low) = (bits >> 80, bits >> 64 & 0xfff, bits & ((1 << 62) - 1));
    let number = (high << 74 | middle << 62 | low) >> 59;
    let key = EndpointKey(i64::try_from(number).ok()?);
    (webhook_id(key) == id).then_some(key)
}

static WINDOW: Window = Window::new("ainative", "events");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_has_a_uuid_and_no_other_uuid_is_one() {
        for number in [0, 1, 31, 1 << 40, 1_234_567_890_123_456_789, i64::MAX] {
            let id = webhook_id(EndpointKey(number));
            let text = id.to_string();
            assert_eq!((text.len(), id.get_version_num()), (36, 4), "{text}");
            assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
            assert_eq!(read_webhook_id(&text), Some(EndpointKey(number)));
            assert_eq!(read_webhook_id(&text.to_uppercase()), Some(EndpointKey(number)));
            let other = Uuid::from_u128(id.as_u128() ^ 1);
            assert_eq!(read_webhook_id(&other.to_string()), None);
        }
        for text in ["", "x", "ep_0000000000000", "550e8400-e29b-41d4-a716-446655440099"] {
            assert_eq!(read_webhook_id(text), None, "{text}");
        }
    }
}
