//! The native API: extract, call a service, respond. One file per resource.

mod ctx;
mod deliveries;
mod endpoints;
mod events;
mod extract;
mod health;
mod listen;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef},
    routing::get,
};

pub use self::{extract::BodyTimeout, listen::listen};
use crate::{
    error::{ApiCode, ApiError},
    service::{accounts::Accounts, endpoints::Endpoints, events::Events, readiness::Readiness},
};

/// What handlers can ask for.
#[derive(Clone, Debug)]
pub struct AppState {
    /// Who may call.
    pub accounts: Arc<Accounts>,
    /// Use cases of endpoints.
    pub endpoints: Arc<Endpoints>,
    /// Use cases of events.
    pub events: Arc<Events>,
    /// Whether it can take requests.
    pub readiness: Arc<Readiness>,
    /// For slow clients.
    pub body_timeout: BodyTimeout,
}

/// All routes.
pub fn router(state: AppState) -> Router {
    Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/v1/endpoints", get(endpoints::list).post(endpoints::create))
        .route("/v1/endpoints/{id}", get(endpoints::show).delete(endpoints::delete))
        .route("/v1/events", axum::routing::post(events::send))
        .route("/v1/events/{id}", get(events::show))
        .route("/v1/deliveries/{id}", get(deliveries::show))
        .fallback(|| async { ApiError::new(ApiCode::NotFound, "there is nothing at this path") })
        .method_not_allowed_fallback(|| async {
            ApiError::new(ApiCode::MethodNotAllowed, "the path does not take this method")
        })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(state)
}

impl FromRef<AppState> for Arc<Accounts> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.accounts)
    }
}

impl FromRef<AppState> for Arc<Endpoints> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.endpoints)
    }
}

impl FromRef<AppState> for Arc<Events> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.events)
    }
}

impl FromRef<AppState> for BodyTimeout {
    fn from_ref(state: &AppState) -> Self {
        state.body_timeout
    }
}

impl FromRef<AppState> for Arc<Readiness> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.readiness)
    }
}

/// Bytes of a request body.
const MAX_BODY: usize = 1024 * 1024;
