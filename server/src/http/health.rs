//! Whether the process lives, and whether it can take requests.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};

use crate::{error::ApiError, store::Store};

/// `GET /healthz`: the process answers.
pub(super) async fn live() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// `GET /readyz`: the store takes writes.
pub(super) async fn ready(State(store): State<Arc<dyn Store>>) -> Result<StatusCode, ApiError> {
    store.ping().await?;
    Ok(StatusCode::NO_CONTENT)
}
