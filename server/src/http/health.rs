//! Whether the process lives, and whether it can take requests.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};

use crate::{error::ApiError, service::readiness::Readiness};

/// `GET /healthz`: the process answers.
pub(super) async fn live() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// `GET /readyz`: a write reached the disk just now.
pub(super) async fn ready(State(readiness): State<Arc<Readiness>>) -> Result<StatusCode, ApiError> {
    readiness.check().await?;
    Ok(StatusCode::NO_CONTENT)
}
