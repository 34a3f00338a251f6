//! The native API: extract, call a service, respond. One file per resource.

mod accounts;
mod api_keys;
pub(crate) mod ctx;
mod deliveries;
mod docs;
mod endpoints;
mod event_types;
mod events;
pub(crate) mod extract;
mod health;
mod inbound;
pub(crate) mod list;
mod listen;
pub(crate) mod moment;
pub mod openapi;
pub(crate) mod query;
mod respond;
pub(crate) mod routes;
mod sources;
mod tenants;

use std::{ops::Deref, sync::Arc};

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef},
    routing::{any, get},
};

pub use self::{
    extract::BodyTimeout,
    listen::listen,
    routes::{Call, Route, calls, routes},
};
use crate::{
    dialects::{self, Dialect},
    error::{ApiCode, ApiError},
    luma::routes::Luma,
    service::{
        account_settings::AccountSettings,
        accounts::Accounts,
        api_keys::ApiKeys,
        deliveries::Deliveries,
        endpoints::Endpoints,
        events::Events,
        inbound::{gateway::Gateway, sources::SourceBook},
        readiness::Readiness,
        registry::Registry,
        room::Room,
        tenants::Tenants,
    },
};

/// What handlers can ask for. It is cloned several times for each request: behind one pointer that is one counter, instead
/// of one for each service, that all threads write to.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Services>);

/// The use cases, and the limits of requests.
#[derive(Debug)]
pub struct Services {
    /// Who may call.
    pub accounts: Arc<Accounts>,
    /// Use cases of accounts.
    pub account_settings: Arc<AccountSettings>,
    /// Use cases of API keys.
    pub api_keys: Arc<ApiKeys>,
    /// Use cases of deliveries.
    pub deliveries: Arc<Deliveries>,
    /// Use cases of endpoints.
    pub endpoints: Arc<Endpoints>,
    /// Use cases of events.
    pub events: Arc<Events>,
    /// Whether it can take requests.
    pub readiness: Arc<Readiness>,
    /// Use cases of event types.
    pub registry: Arc<Registry>,
    /// Guests of Luma.
    pub luma: Arc<Luma>,
    /// Whom webhooks are taken from.
    pub gateway: Arc<Gateway>,
    /// Use cases of sources.
    pub sources: Arc<SourceBook>,
    /// Use cases of tenants.
    pub tenants: Arc<Tenants>,
    /// For bodies of the API; senders, who have no key, fill one of their own.
    pub room: Arc<Room>,
    /// Bytes of a request body, but of a batch.
    pub max_body: usize,
    /// For slow clients.
    pub body_timeout: BodyTimeout,
}

impl From<Services> for AppState {
    fn from(services: Services) -> Self {
        Self(Arc::new(services))
    }
}

impl Deref for AppState {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.0
    }
}

/// All routes: those of the table and of the dialects that are on, and those that need no key.
pub fn router(state: AppState, dialects: &[Dialect]) -> Router {
    routes()
        .into_iter()
        .fold(Router::new(), |router, route| router.route(route.path, route.gated(&state)))
        .merge(dialects::router(dialects, &state))
        .route("/docs", get(docs::show))
        .route("/docs/style.css", get(docs::style))
        .route("/healthz", get(health::live))
        .route("/openapi.json", get(openapi::show))
        .route("/readyz", get(health::ready))
        .route("/in/{source}", any(inbound::receive))
        .fallback(|| async { ApiError::new(ApiCode::NotFound, "there is nothing at this path") })
        .method_not_allowed_fallback(|| async {
            ApiError::new(ApiCode::MethodNotAllowed, "the path does not take this method")
        })
        .layer(DefaultBodyLimit::max(state.max_body))
        .with_state(state)
}

impl FromRef<AppState> for Arc<AccountSettings> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.account_settings)
    }
}

impl FromRef<AppState> for Arc<ApiKeys> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.api_keys)
    }
}

impl FromRef<AppState> for Arc<Deliveries> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.deliveries)
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

impl FromRef<AppState> for Arc<Registry> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.registry)
    }
}

impl FromRef<AppState> for Arc<Room> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.room)
    }
}

impl FromRef<AppState> for Arc<Gateway> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.gateway)
    }
}

impl FromRef<AppState> for Arc<SourceBook> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.sources)
    }
}

impl FromRef<AppState> for Arc<Tenants> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.tenants)
    }
}
