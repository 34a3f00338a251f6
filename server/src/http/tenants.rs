//! `/v1/tenants`.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};

use super::extract::Id;
use crate::{
    error::ApiError,
    service::{caller::Caller, tenants::Tenants},
};

pub(super) async fn erase(
    caller: Caller,
    State(tenants): State<Arc<Tenants>>,
    Id(tenant): Id,
) -> Result<StatusCode, ApiError> {
    tenants.erase(&caller, tenant).await?;
    Ok(StatusCode::NO_CONTENT)
}
