//! Every route of the API, with the scope that its callers need.
//!
//! The table is the one list: the router, the document of the API ([`openapi`](super::openapi)), the page of the
//! documentation and the test of who sees what are made from it or held against it.

use axum::{
    extract::DefaultBodyLimit,
    handler::Handler,
    http::Method,
    middleware::from_fn_with_state,
    routing::{self, MethodRouter},
};
use hookseal::ErrorCode;

use super::{
    AppState, accounts, api_keys,
    ctx::{Gate, authorize},
    deliveries, endpoints, event_types, events,
    openapi::{Operation, Reason},
    sources, tenants,
};
use crate::{
    error::ApiCode,
    store::Scope::{self, Admin, Read, Send},
};

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
        let gate =
            Gate { accounts: state.accounts.clone(), scope: self.scope, room: state.room.clone() };
        let handler = self.handler.route_layer(from_fn_with_state(gate, authorize));
        match LONG_BODIES.iter().find(|(path, _)| *path == self.path) {
            Some((_, factor)) => {
                handler.layer(DefaultBodyLimit::max(state.max_body.saturating_mul(*factor)))
            }
            None => handler,
        }
    }
}

/// A route of the native API, with what its document says of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Call {
    /// The route.
    pub route: Route,
    /// Its name in the document and in clients made from it.
    pub id: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// The codes it may be refused with, beside those that its types tell.
    pub(super) reasons: Vec<Reason>,
    pub(super) describe: fn(&mut Operation<'_>),
}

impl Call {
    /// May be refused with these codes, too.
    fn or(mut self, codes: &[ApiCode]) -> Self {
        self.reasons.extend(codes.iter().copied().map(Reason::from));
        self
    }

    /// May be refused with these codes of the core, too.
    fn or_core(mut self, codes: &[ErrorCode]) -> Self {
        self.reasons.extend(codes.iter().copied().map(Reason::from));
        self
    }
}

/// The routes of the native API.
#[must_use]
pub fn routes() -> Vec<Route> {
    calls().into_iter().map(|call| call.route).collect()
}

/// The table: what is not here is not there.
#[must_use]
#[rustfmt::skip]
pub fn calls() -> Vec<Call> {
    use native::{delete, get, patch, post};

    vec![
        get("/v1/account", Read, "getAccount", "shows the account of the key", accounts::show_own),
        patch("/v1/account", Admin, "updateAccount", "changes the account of the key", accounts::change_own),
        get("/v1/accounts", Admin, "listAccounts", "lists accounts; for the operator", accounts::list),
        post("/v1/accounts", Admin, "createAccount", "makes one with its first key; for the operator", accounts::create),
        get("/v1/accounts/{id}", Admin, "getAccountById", "shows one; for the operator", accounts::show),
        patch("/v1/accounts/{id}", Admin, "updateAccountById", "changes or suspends one; for the operator", accounts::change)
            .or(&[ApiCode::KeyInUse]),
        get("/v1/api-keys", Admin, "listApiKeys", "lists keys, without the keys themselves", api_keys::list),
        post("/v1/api-keys", Admin, "createApiKey", "makes a key, which is shown only now", api_keys::create).or(&[ApiCode::LimitReached]),
        get("/v1/api-keys/{id}", Admin, "getApiKey", "shows one, without the key itself", api_keys::show),
        delete("/v1/api-keys/{id}", Admin, "deleteApiKey", "revokes a key", api_keys::delete)
            .or(&[ApiCode::KeyInUse]),
        get("/v1/deliveries", Read, "listDeliveries", "lists deliveries; `?state=failed` are the undelivered", deliveries::list),
        get("/v1/deliveries/{id}", Read, "getDelivery", "shows a delivery with every attempt", deliveries::show),
        get("/v1/deliveries/{id}/attempts", Read, "listAttempts", "lists its attempts, first to last", deliveries::attempts),
        post("/v1/deliveries/{id}/replay", Send, "replayDelivery", "sends it again, from the first step of its schedule", deliveries::replay)
            .or(&[ApiCode::EndpointDisabled, ApiCode::NotReplayable]),
        get("/v1/endpoints", Read, "listEndpoints", "lists endpoints", endpoints::list),
        post("/v1/endpoints", Admin, "createEndpoint", "makes one, whose secret is shown only now", endpoints::create)
            .or(&[ApiCode::ForbiddenHeader, ApiCode::ForbiddenUrl])
            .or_core(&[ErrorCode::InvalidEventType, ErrorCode::InvalidRetryPolicy, ErrorCode::InvalidSecret, ErrorCode::UnknownProfile]),
        delete("/v1/endpoints/{id}", Admin, "deleteEndpoint", "deletes it; nothing more is sent to it", endpoints::delete),
        get("/v1/endpoints/{id}", Read, "getEndpoint", "shows it", endpoints::show),
        patch("/v1/endpoints/{id}", Admin, "updateEndpoint", "changes it", endpoints::change)
            .or(&[ApiCode::ForbiddenHeader, ApiCode::ForbiddenUrl])
            .or_core(&[ErrorCode::InvalidEventType, ErrorCode::InvalidRetryPolicy]),
        post("/v1/endpoints/{id}/disable", Admin, "disableEndpoint", "sends nothing more to it; what waits is cancelled", endpoints::disable),
        post("/v1/endpoints/{id}/enable", Admin, "enableEndpoint", "makes a disabled one active again", endpoints::enable),
        post("/v1/endpoints/{id}/pause", Admin, "pauseEndpoint", "keeps what comes for it", endpoints::pause)
            .or(&[ApiCode::EndpointDisabled]),
        post("/v1/endpoints/{id}/replay-failed", Send, "replayFailed", "sends again what failed there since a time", deliveries::replay_failed)
            .or(&[ApiCode::EndpointDisabled]),
        post("/v1/endpoints/{id}/resume", Admin, "resumeEndpoint", "sends what was kept, and what comes", endpoints::resume)
            .or(&[ApiCode::EndpointDisabled]),
        post("/v1/endpoints/{id}/rotate-secret", Admin, "rotateSecret", "gives it a new secret, which is shown only now", endpoints::rotate_secret)
            .or_core(&[ErrorCode::InvalidSecret]),
        post("/v1/endpoints/{id}/test", Send, "testEndpoint", "sends it a test event", events::send_test)
            .or(&[ApiCode::EndpointDisabled])
            .or_core(&[ErrorCode::InvalidEvent, ErrorCode::InvalidEventType]),
        get("/v1/event-types", Read, "listEventTypes", "lists types of events; `?profile=naive` those of a profile", event_types::list)
            .or_core(&[ErrorCode::UnknownProfile]),
        post("/v1/event-types", Admin, "createEventType", "registers a type, with the JSON Schema of its data", event_types::create)
            .or(&[ApiCode::AlreadyExists, ApiCode::InvalidData, ApiCode::InvalidSchema, ApiCode::LimitReached])
            .or_core(&[ErrorCode::InvalidEventType]),
        delete("/v1/event-types/{name}", Admin, "deleteEventType", "removes it with all versions", event_types::delete),
        get("/v1/event-types/{name}", Read, "getEventType", "shows it with its newest schema, or that of a version", event_types::show),
        patch("/v1/event-types/{name}", Admin, "updateEventType", "changes or archives it, or adds a version of its schema", event_types::change)
            .or(&[ApiCode::InvalidData, ApiCode::InvalidSchema, ApiCode::LimitReached]),
        get("/v1/events", Read, "listEvents", "lists events", events::list),
        post("/v1/events", Send, "sendEvent", "accepts an event", events::send)
            .or(&[ApiCode::InvalidData, ApiCode::UnknownEventType])
            .or_core(&[ErrorCode::InvalidEvent, ErrorCode::InvalidEventType, ErrorCode::UnknownProfile]),
        post("/v1/events/batch", Send, "sendEvents", "accepts up to 1,000 events", events::send_batch)
            .or(&[ApiCode::InvalidData, ApiCode::TooManyDeliveries, ApiCode::UnknownEventType])
            .or_core(&[ErrorCode::InvalidEvent, ErrorCode::InvalidEventType, ErrorCode::UnknownProfile]),
        get("/v1/events/{id}", Read, "getEvent", "shows an event with its deliveries and every attempt", events::show),
        get("/v1/events/{id}/deliveries", Read, "listEventDeliveries", "lists its deliveries", events::list_deliveries),
        post("/v1/events/{id}/replay", Send, "replayEvent", "sends it again to all endpoints that it went to", deliveries::replay_event),
        get("/v1/sources", Read, "listSources", "lists sources", sources::list),
        post("/v1/sources", Admin, "createSource", "makes one, which takes webhooks at `/in/{id}`", sources::create)
            .or_core(&[ErrorCode::InvalidConfig, ErrorCode::InvalidEventType, ErrorCode::InvalidScheme, ErrorCode::InvalidSecret, ErrorCode::UnknownScheme]),
        delete("/v1/sources/{id}", Admin, "deleteSource", "deletes it; its events stay", sources::delete),
        get("/v1/sources/{id}", Read, "getSource", "shows it, with what was accepted and refused", sources::show),
        patch("/v1/sources/{id}", Admin, "changeSource", "changes it", sources::change)
            .or_core(&[ErrorCode::InvalidConfig, ErrorCode::InvalidEventType, ErrorCode::InvalidScheme, ErrorCode::InvalidSecret, ErrorCode::UnknownScheme]),
        get("/v1/sources/{id}/handed-over-secret", Admin, "getHandedOverSecret", "shows the secret that its sender handed over", sources::handed_over),
        get("/v1/sources/{id}/refusals", Read, "listRefusals", "lists the last requests that it refused", sources::refusals),
        get("/v1/sources/{id}/refusals/{refusal}", Admin, "getRefusal", "shows one of them, and why it does not verify", sources::refusal),
        delete("/v1/tenants/{tenant}", Admin, "eraseTenant", "erases all that belongs to a tenant", tenants::erase)
            .or(&[ApiCode::InvalidArgument]),
    ]
}

macro_rules! methods {
    ($($name:ident = $method:ident,)*) => {
        $(
            /// A route of this method.
            pub(crate) fn $name<H: Handler<T, AppState>, T: 'static>(
                path: &'static str,
                scope: Scope,
                handler: H,
            ) -> Route {
                Route { method: Method::$method, path, scope, handler: routing::$name(handler) }
            }
        )*

        /// Rows of the table above, whose handlers say by their types what they take and answer.
        mod native {
            use axum::handler::Handler;

            use super::{super::openapi::Described, AppState, Call, Scope};

            $(
                pub(super) fn $name<H, T, I>(
                    path: &'static str,
                    scope: Scope,
                    id: &'static str,
                    summary: &'static str,
                    handler: H,
                ) -> Call
                where
                    H: Handler<T, AppState> + Described<I>,
                    T: 'static,
                {
                    let route = super::$name(path, scope, handler);
                    Call { route, id, summary, reasons: Vec::new(), describe: H::describe }
                }
            )*
        }
    };
}

methods! {
    delete = DELETE,
    get = GET,
    patch = PATCH,
    post = POST,
}

/// A route of this method.
pub(crate) fn put<H: Handler<T, AppState>, T: 'static>(
    path: &'static str,
    scope: Scope,
    handler: H,
) -> Route {
    Route { method: Method::PUT, path, scope, handler: routing::put(handler) }
}

/// Paths that take longer bodies than others, and how many times as long.
const LONG_BODIES: [(&str, usize); 1] = [("/v1/events/batch", 16)];
