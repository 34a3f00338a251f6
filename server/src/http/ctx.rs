//! Who calls.
//!
//! **Invariant.** A route of the API has a scope, and its handler runs only for a caller whose key has that scope. Both is
//! seen to here, before anything else of the request is read.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
    middleware::Next,
    response::Response,
};

use crate::{
    error::{ApiCode, ApiError},
    service::{accounts::Accounts, caller::Caller, room::Room},
    store::Scope,
};

/// What a route asks of its callers.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    pub(super) accounts: Arc<Accounts>,
    pub(super) scope: Scope,
    pub(super) room: Arc<Room>,
}

/// Lets those through whose key has the scope of the route.
pub(super) async fn authorize(
    State(gate): State<Gate>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let key = bearer(request.headers()).ok_or_else(|| {
        ApiError::new(ApiCode::Unauthorized, "expected the header `Authorization: Bearer <key>`")
    })?;
    let caller = gate.accounts.authenticate(key).await?;
    caller.require(gate.scope)?;
    request.extensions_mut().insert(caller);
    // Until the answer is there: what was read of the body is in memory as long.
    let part = Arc::new(gate.room.part());
    request.extensions_mut().insert(Arc::clone(&part));
    let response = next.run(request).await;
    drop(part);
    Ok(response)
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let missing = || ApiError::internal("a handler wants a caller, but its route has no scope");
        parts.extensions.remove().ok_or_else(missing)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim_start_matches(' '))
}
