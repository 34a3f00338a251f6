//! `/v1/tenants`.

use std::sync::Arc;

use axum::extract::State;

use super::{extract::IdOf, respond::NoContent};
use crate::{
    error::ApiError,
    schema::ShortText,
    service::{caller::Caller, tenants::Tenants},
};

pub(super) async fn erase(
    caller: Caller,
    State(tenants): State<Arc<Tenants>>,
    IdOf(tenant, _): IdOf<ShortText>,
) -> Result<NoContent, ApiError> {
    tenants.erase(&caller, tenant).await?;
    Ok(NoContent)
}
