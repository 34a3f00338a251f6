//! `/v1/api-keys`.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};

use super::{
    extract::{self, Id},
    list::ListView,
    moment,
    query::{Limit, Query, Text, given},
};
use crate::{
    error::ApiError,
    service::{
        api_keys::{ApiKeys, CreateApiKey},
        caller::Caller,
    },
    store::{ApiKey, ApiKeyId},
};

/// An API key as the API shows it; never the key itself.
#[derive(Debug, Serialize)]
pub(super) struct ApiKeyView {
    id: String,
    name: Option<String>,
    scope: &'static str,
    tenant: Option<String>,
    origin: &'static str,
    created_at: String,
}

/// The answer to "create": the only one that holds the key.
#[derive(Serialize)]
pub(super) struct CreatedView {
    #[serde(flatten)]
    record: ApiKeyView,
    key: String,
}

pub(super) async fn create(
    caller: Caller,
    State(keys): State<Arc<ApiKeys>>,
    extract::Json(wanted): extract::Json<CreateApiKey>,
) -> Result<(StatusCode, Json<CreatedView>), ApiError> {
    let created = keys.create(&caller, wanted).await?;
    let view = CreatedView { record: created.record.into(), key: created.text.as_str().to_owned() };
    Ok((StatusCode::CREATED, Json(view)))
}

/// The parameters of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListApiKeys {
    after: Option<Text<ApiKeyId>>,
    limit: Option<Text<Limit>>,
}

pub(super) async fn list(
    caller: Caller,
    State(keys): State<Arc<ApiKeys>>,
    Query(wanted): Query<ListApiKeys>,
) -> Result<Json<ListView<ApiKeyView>>, ApiError> {
    let Limit(limit) = given(wanted.limit).unwrap_or_default();
    let page = keys.page(&caller, given(wanted.after), limit).await?;
    Ok(Json(ListView::of(page)))
}

pub(super) async fn delete(
    caller: Caller,
    State(keys): State<Arc<ApiKeys>>,
    Id(id): Id,
) -> Result<StatusCode, ApiError> {
    keys.delete(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            scope: key.scope.as_str(),
            tenant: key.tenant,
            origin: key.origin.as_str(),
            created_at: moment::text(key.created_at),
        }
    }
}
