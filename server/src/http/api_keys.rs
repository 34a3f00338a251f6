//! `/v1/api-keys`.

use std::sync::Arc;

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    extract::{self, IdOf},
    list::ListView,
    moment,
    query::{Limit, Query, Text, given},
    respond::{Created, NoContent},
};
use crate::{
    error::ApiError,
    schema::Moment,
    service::{
        api_keys::{ApiKeys, CreateApiKey, CreatedApiKey},
        caller::Caller,
    },
    store::{ApiKey, ApiKeyId, KeyOrigin, Scope},
};

/// An API key as the API shows it; never the key itself.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ApiKey")]
pub(super) struct ApiKeyView {
    /// Not the key: what names it.
    #[schemars(with = "ApiKeyId")]
    id: String,
    /// For people.
    name: Option<String>,
    /// What it may do.
    #[schemars(with = "Scope")]
    scope: &'static str,
    /// The tenant that it is limited to.
    tenant: Option<String>,
    /// How it came to be.
    #[schemars(with = "KeyOrigin")]
    origin: &'static str,
    /// When it was made.
    #[schemars(with = "Moment")]
    created_at: String,
}

/// The answer to "create": the only one that holds the key.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CreatedApiKey")]
pub(super) struct CreatedView {
    #[serde(flatten)]
    record: ApiKeyView,
    /// The key itself.
    key: String,
}

pub(super) async fn create(
    caller: Caller,
    State(keys): State<Arc<ApiKeys>>,
    extract::Json(wanted): extract::Json<CreateApiKey>,
) -> Result<Created<CreatedView>, ApiError> {
    Ok(Created(keys.create(&caller, wanted).await?.into()))
}

/// The parameters of a list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
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
    let page = keys.list(&caller, given(wanted.after), limit).await?;
    Ok(Json(ListView::of(page)))
}

pub(super) async fn show(
    caller: Caller,
    State(keys): State<Arc<ApiKeys>>,
    IdOf(id, _): IdOf<ApiKeyId>,
) -> Result<Json<ApiKeyView>, ApiError> {
    Ok(Json(keys.get(&caller, &id).await?.into()))
}

pub(super) async fn delete(
    caller: Caller,
    State(keys): State<Arc<ApiKeys>>,
    IdOf(id, _): IdOf<ApiKeyId>,
) -> Result<NoContent, ApiError> {
    keys.delete(&caller, &id).await?;
    Ok(NoContent)
}

impl From<CreatedApiKey> for CreatedView {
    fn from(created: CreatedApiKey) -> Self {
        Self { record: created.record.into(), key: created.text.as_str().to_owned() }
    }
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
