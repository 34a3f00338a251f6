//! Every route of the API, with the scope that its callers need.

use axum::{
    handler::Handler,
    http::Method,
    middleware::from_fn_with_state,
    routing::{self, MethodRouter},
};

use super::{
    AppState, api_keys,
    ctx::{Gate, authorize},
    deliveries, endpoints, events, sources, tenants,
};
use crate::store::Scope::{self, Admin, Read, Send};

/// A method of a path, and who may call it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// What the API key has to be allowed to do.
    pub scope: Scope,
    handler: MethodRouter<AppState>,
}

impl Route {
    /// The handler behind its gate.
    pub(crate) fn gated(self, state: &AppState) -> MethodRouter<AppState> {
        let gate = Gate { accounts: state.accounts.clone(), scope: self.scope };
        self.handler.route_layer(from_fn_with_state(gate, authorize))
    }
}

/// The table: what is not here is not there.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        get("/v1/api-keys", Admin, api_keys::list),
        post("/v1/api-keys", Admin, api_keys::create),
        delete("/v1/api-keys/{id}", Admin, api_keys::delete),
        get("/v1/deliveries", Read, deliveries::list),
        get("/v1/deliveries/{id}", Read, deliveries::show),
        post("/v1/deliveries/{id}/replay", Send, deliveries::replay),
        get("/v1/endpoints", Read, endpoints::list),
        post("/v1/endpoints", Admin, endpoints::create),
        delete("/v1/endpoints/{id}", Admin, endpoints::delete),
        get("/v1/endpoints/{id}", Read, endpoints::show),
        patch("/v1/endpoints/{id}", Admin, endpoints::change),
        post("/v1/endpoints/{id}/enable", Admin, endpoints::enable),
        post("/v1/endpoints/{id}/pause", Admin, endpoints::pause),
        post("/v1/endpoints/{id}/replay-failed", Send, deliveries::replay_failed),
        post("/v1/endpoints/{id}/resume", Admin, endpoints::resume),
        post("/v1/endpoints/{id}/rotate-secret", Admin, endpoints::rotate_secret),
        post("/v1/endpoints/{id}/test", Send, events::send_test),
        get("/v1/events", Read, events::list),
        post("/v1/events", Send, events::send),
        post("/v1/events/batch", Send, events::send_batch),
        get("/v1/events/{id}", Read, events::show),
        post("/v1/events/{id}/replay", Send, deliveries::replay_event),
        get("/v1/sources", Read, sources::list),
        post("/v1/sources", Admin, sources::create),
        delete("/v1/sources/{id}", Admin, sources::delete),
        get("/v1/sources/{id}", Read, sources::show),
        patch("/v1/sources/{id}", Admin, sources::change),
        get("/v1/sources/{id}/handed-over-secret", Admin, sources::handed_over),
        get("/v1/sources/{id}/refusals", Read, sources::refusals),
        get("/v1/sources/{id}/refusals/{refusal}", Admin, sources::refusal),
        delete("/v1/tenants/{tenant}", Admin, tenants::erase),
    ]
}

pub(crate) fn delete<H: Handler<T, AppState>, T: 'static>(
    path: &'static str,
    scope: Scope,
    handler: H,
) -> Route {
    Route { method: Method::DELETE, path, scope, handler: routing::delete(handler) }
}

pub(crate) fn get<H: Handler<T, AppState>, T: 'static>(
    path: &'static str,
    scope: Scope,
    handler: H,
) -> Route {
    Route { method: Method::GET, path, scope, handler: routing::get(handler) }
}

pub(crate) fn patch<H: Handler<T, AppState>, T: 'static>(
    path: &'static str,
    scope: Scope,
    handler: H,
) -> Route {
    Route { method: Method::PATCH, path, scope, handler: routing::patch(handler) }
}

pub(crate) fn put<H: Handler<T, AppState>, T: 'static>(
    path: &'static str,
    scope: Scope,
    handler: H,
) -> Route {
    Route { method: Method::PUT, path, scope, handler: routing::put(handler) }
}

pub(crate) fn post<H: Handler<T, AppState>, T: 'static>(
    path: &'static str,
    scope: Scope,
    handler: H,
) -> Route {
    Route { method: Method::POST, path, scope, handler: routing::post(handler) }
}
