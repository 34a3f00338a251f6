//! naive: `/v1/webhooks` for the whole company, `/v1/users/{user_id}/webhooks` for one of its tenants.
//!
//! A key that is limited to a tenant has the latter only, under its own name. Ours: the forms of lists, of the answer to
//! "test", and of errors, which are the native API's.

use axum::{
    Json,
    extract::{FromRequestParts, RawPathParams, State},
    http::{StatusCode, request::Parts},
};
use hookseal::Secret;
use serde::{Deserialize, Serialize};

use super::{
    outcome::Outcome,
    window::{Wanted, Window, read_webhook_id, webhook_id},
};
use crate::{
    error::{ApiCode, ApiError},
    http::{
        AppState, Route, extract,
        list::ListView,
        routes::{delete, get, post},
    },
    service::caller::Caller,
    store::{
        Endpoint, EndpointKey, EndpointState,
        Scope::{Admin, Read, Send},
    },
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/v1/webhooks", Read, list),
        post("/v1/webhooks", Admin, create),
        get("/v1/webhooks/event-types", Read, event_types),
        delete("/v1/webhooks/{id}", Admin, remove),
        post("/v1/webhooks/{id}/test", Send, test),
        get("/v1/users/{user_id}/webhooks", Read, list),
        post("/v1/users/{user_id}/webhooks", Admin, create),
        get("/v1/users/{user_id}/webhooks/event-types", Read, event_types),
        delete("/v1/users/{user_id}/webhooks/{id}", Admin, remove),
        post("/v1/users/{user_id}/webhooks/{id}/test", Send, test),
    ]
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Create {
    url: Option<String>,
    event_types: Option<Vec<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    id: String,
    url: String,
    event_types: Vec<String>,
    /// In the answer to "create" alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    active: bool,
    #[serde(rename = "tenant_user_id")]
    tenant_user_id: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EventTypes {
    event_types: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct Removed {
    id: String,
    deleted: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Tested {
    delivered: bool,
    status: Option<u16>,
    error: Option<String>,
    duration_ms: Option<u64>,
    id: String,
    event: String,
    event_id: String,
    delivery_id: String,
}

/// The tenant that the path names.
#[derive(Debug)]
struct User(Option<String>);

/// The webhook that the path names.
#[derive(Debug)]
struct Webhook(Option<EndpointKey>);

async fn create(
    caller: Caller,
    user: User,
    State(state): State<AppState>,
    extract::Json(wanted): extract::Json<Create>,
) -> Result<(StatusCode, Json<View>), ApiError> {
    let wanted = Wanted { url: wanted.url, events: wanted.event_types, ..Wanted::default() };
    let made = user.window(&caller)?.create(&state, &caller, wanted).await?;
    Ok((StatusCode::CREATED, Json(View::new(made.endpoint, made.secret))))
}

async fn list(
    caller: Caller,
    user: User,
    State(state): State<AppState>,
) -> Result<Json<ListView<View>>, ApiError> {
    let all = user.window(&caller)?.all(&state, &caller).await?;
    Ok(Json(ListView::whole(all.into_iter().map(|endpoint| View::new(endpoint, None)).collect())))
}

/// The registry itself: what it lists can be subscribed to and be emitted, and nothing else.
async fn event_types(caller: Caller, user: User) -> Result<Json<EventTypes>, ApiError> {
    // Nothing of it is anybody's, but a path of another tenant stays closed.
    caller.tenant(user.0)?;
    let event_types = WINDOW.profile()?.event_types().iter().map(|known| known.name).collect();
    Ok(Json(EventTypes { event_types }))
}

async fn remove(
    caller: Caller,
    user: User,
    Webhook(key): Webhook,
    State(state): State<AppState>,
) -> Result<Json<Removed>, ApiError> {
    let endpoint = user.window(&caller)?.delete(&state, &caller, key).await?;
    Ok(Json(Removed { id: webhook_id(endpoint.key), deleted: true }))
}

async fn test(
    caller: Caller,
    user: User,
    Webhook(key): Webhook,
    State(state): State<AppState>,
) -> Result<Json<Tested>, ApiError> {
    let outcome = user.window(&caller)?.test(&state, &caller, key).await?;
    Ok(Json(Outcome::from(outcome).into()))
}

impl User {
    /// The webhooks that this path is about.
    fn window(self, caller: &Caller) -> Result<Window, ApiError> {
        if self.0.is_none() {
            caller.require_account()?;
        }
        Ok(WINDOW.clone().of_tenant(caller.tenant(self.0)?))
    }
}

impl View {
    fn new(endpoint: Endpoint, secret: Option<Secret>) -> Self {
        Self {
            id: webhook_id(endpoint.key),
            url: endpoint.url,
            event_types: endpoint.event_types,
            secret: secret.map(|secret| secret.expose().to_owned()),
            active: endpoint.state == EndpointState::Active,
            tenant_user_id: endpoint.tenant,
        }
    }
}

impl From<Outcome> for Tested {
    fn from(outcome: Outcome) -> Self {
        Self {
            delivered: outcome.delivered,
            status: outcome.status,
            error: outcome.error,
            duration_ms: outcome.duration_ms,
            id: outcome.webhook_id,
            event: outcome.event,
            event_id: outcome.event_id,
            delivery_id: outcome.delivery_id,
        }
    }
}

impl<S: std::marker::Send + Sync> FromRequestParts<S> for User {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Ok(Self(parameter(parts, state, "user_id").await?))
    }
}

impl<S: std::marker::Send + Sync> FromRequestParts<S> for Webhook {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Ok(Self(parameter(parts, state, "id").await?.as_deref().and_then(read_webhook_id)))
    }
}

/// A parameter of the path, where the path has it.
async fn parameter<S: std::marker::Send + Sync>(
    parts: &mut Parts,
    state: &S,
    name: &str,
) -> Result<Option<String>, ApiError> {
    // A path that is not UTF-8 names nothing that exists.
    let unknown = |_| ApiError::new(ApiCode::NotFound, "there is nothing at this path");
    let all = RawPathParams::from_request_parts(parts, state).await.map_err(unknown)?;
    let found = all.iter().find(|(known, _)| *known == name);
    Ok(found.map(|(_, value)| value.to_owned()))
}

static WINDOW: Window = Window::new("naive", "eventTypes");
