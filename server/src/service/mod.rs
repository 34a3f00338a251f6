//! The rules: what the API's calls do. Each use case is one transaction of the store.

pub mod account_settings;
pub mod accounts;
pub mod api_keys;
pub mod caller;
pub mod data_schema;
pub mod deliveries;
pub mod endpoint_changes;
pub mod endpoints;
mod event_types;
pub mod events;
pub mod inbound;
pub mod page;
mod rate;
pub mod readiness;
pub mod registry;
pub mod room;
pub mod settings;
pub mod tenants;
pub mod test_event;
mod text;

use std::future::Future;

use crate::error::ApiError;

/// Runs `work` to its end, although whoever waits for it may stop: a handler is dropped when its client hangs up, and
/// what is on disk by then must not lack what follows from it.
async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, ApiError>> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::spawn(work).await.map_err(ApiError::internal)?
}
