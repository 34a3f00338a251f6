//! `/v1/endpoints`.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State};
use hookseal::RetryPolicy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    extract::{self, IdOf, JsonOrNothing},
    list::ListView,
    moment,
    query::{Limit, Query, Text, given},
    respond::{Created, NoContent},
};
use crate::{
    error::ApiError,
    schema::{EventTypePattern, Moment, ProfileName, Url},
    service::{
        caller::Caller,
        endpoint_changes::{ChangeEndpoint, RotateSecret},
        endpoints::{CreateEndpoint, Endpoints, WithSecret},
    },
    store::{
        Endpoint, EndpointFilter, EndpointKey, EndpointSettings, EndpointState, Order, Scope,
        SecretKind,
    },
};

/// An endpoint as the API shows it; never with its secret.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Endpoint")]
pub(super) struct EndpointView {
    /// Its id.
    #[schemars(with = "EndpointKey")]
    id: String,
    /// Where to.
    #[schemars(with = "Url")]
    url: String,
    /// Which events: types, beginnings such as `invoice.*`, or `*` alone for all.
    #[schemars(with = "Vec<EventTypePattern>")]
    event_types: Vec<String>,
    /// How deliveries are written, signed and retried.
    #[schemars(with = "ProfileName")]
    profile: String,
    /// Gets the events of this tenant only.
    tenant: Option<String>,
    /// For people.
    description: Option<String>,
    /// Whether it gets events.
    #[schemars(with = "EndpointState")]
    state: &'static str,
    /// Why it is disabled.
    reason: Option<String>,
    /// Since when no attempt succeeds.
    #[schemars(with = "Option<Moment>")]
    failing_since: Option<String>,
    /// Whether deliveries are signed.
    signed: bool,
    /// What it has of its own.
    settings: SettingsView,
    /// When it was made.
    #[schemars(with = "Moment")]
    created_at: String,
}

/// What an endpoint has of its own; `null` where its profile decides.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EndpointSettings")]
struct SettingsView {
    /// Headers sent with every delivery; keys below the scope `admin` see `(hidden)` for each value.
    headers: BTreeMap<String, String>,
    /// Attempts per second, at most.
    rate_limit: Option<u32>,
    /// Attempts at once, at most.
    concurrency: Option<u32>,
    /// In which order it gets its events.
    #[schemars(with = "Order")]
    order: &'static str,
    /// When a failed delivery is tried again.
    #[schemars(with = "Option<RetryPolicy>")]
    retry: Option<Box<RawValue>>,
    /// How long an attempt may take, in milliseconds.
    timeout_ms: Option<u32>,
}

/// The answer to "create" and "rotate secret": the only ones that hold the secret.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EndpointWithSecret")]
pub(super) struct WithSecretView {
    #[serde(flatten)]
    endpoint: EndpointView,
    /// The secret that the server made; `null` where the caller chose it, or there is none.
    secret: Option<String>,
}

/// The parameters of a list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListEndpoints {
    /// Those of this tenant.
    tenant: Option<String>,
    /// Those of this profile.
    profile: Option<String>,
    /// Those after this one: the `next` of the page before.
    after: Option<Text<EndpointKey>>,
    /// Rows of a page.
    limit: Option<Text<Limit>>,
}

pub(super) async fn create(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    extract::Json(wanted): extract::Json<CreateEndpoint>,
) -> Result<Created<WithSecretView>, ApiError> {
    let created = endpoints.create(&caller, wanted).await?;
    Ok(Created(created.try_into()?))
}

pub(super) async fn list(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    Query(wanted): Query<ListEndpoints>,
) -> Result<Json<ListView<EndpointView>>, ApiError> {
    let filter = EndpointFilter { tenant: wanted.tenant, profile: wanted.profile };
    let Limit(limit) = given(wanted.limit).unwrap_or_default();
    let mut page = endpoints.list(&caller, filter, given(wanted.after), limit).await?;
    page.rows.iter_mut().for_each(|endpoint| hide_values(&caller, endpoint));
    Ok(Json(ListView::try_of(page)?))
}

pub(super) async fn show(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    IdOf(id, _): IdOf<EndpointKey>,
) -> Result<Json<EndpointView>, ApiError> {
    let mut endpoint = endpoints.get(&caller, &id).await?;
    hide_values(&caller, &mut endpoint);
    Ok(Json(endpoint.try_into()?))
}

pub(super) async fn change(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    IdOf(id, _): IdOf<EndpointKey>,
    extract::Json(wanted): extract::Json<ChangeEndpoint>,
) -> Result<Json<EndpointView>, ApiError> {
    Ok(Json(endpoints.change(&caller, &id, wanted).await?.try_into()?))
}

pub(super) async fn pause(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    IdOf(id, _): IdOf<EndpointKey>,
) -> Result<Json<EndpointView>, ApiError> {
    Ok(Json(endpoints.pause(&caller, &id).await?.try_into()?))
}

pub(super) async fn resume(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    IdOf(id, _): IdOf<EndpointKey>,
) -> Result<Json<EndpointView>, ApiError> {
    Ok(Json(endpoints.resume(&caller, &id).await?.try_into()?))
}

pub(super) async fn enable(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    IdOf(id, _): IdOf<EndpointKey>,
) -> Result<Json<EndpointView>, ApiError> {
    Ok(Json(endpoints.enable(&caller, &id).await?.try_into()?))
}

pub(super) async fn disable(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    IdOf(id, _): IdOf<EndpointKey>,
) -> Result<Json<EndpointView>, ApiError> {
    Ok(Json(endpoints.disable(&caller, &id).await?.try_into()?))
}

pub(super) async fn rotate_secret(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    IdOf(id, _): IdOf<EndpointKey>,
    JsonOrNothing(wanted): JsonOrNothing<RotateSecret>,
) -> Result<Json<WithSecretView>, ApiError> {
    Ok(Json(endpoints.rotate_secret(&caller, &id, wanted).await?.try_into()?))
}

pub(super) async fn delete(
    caller: Caller,
    State(endpoints): State<Arc<Endpoints>>,
    IdOf(id, _): IdOf<EndpointKey>,
) -> Result<NoContent, ApiError> {
    endpoints.delete(&caller, &id).await?;
    Ok(NoContent)
}

/// Leaves the names of an endpoint's headers: their values may be secrets, which only keys see that may set them.
fn hide_values(caller: &Caller, endpoint: &mut Endpoint) {
    if !caller.may(Scope::Admin) {
        for (_, value) in &mut endpoint.settings.headers {
            HIDDEN.clone_into(value);
        }
    }
}

const HIDDEN: &str = "(hidden)";

impl TryFrom<Endpoint> for EndpointView {
    type Error = ApiError;

    fn try_from(mut endpoint: Endpoint) -> Result<Self, ApiError> {
        endpoint.event_types.sort_unstable();
        Ok(Self {
            id: endpoint.key.to_string(),
            url: endpoint.url,
            event_types: endpoint.event_types,
            profile: endpoint.profile,
            tenant: endpoint.tenant,
            description: endpoint.description,
            state: endpoint.state.as_str(),
            reason: endpoint.reason,
            failing_since: endpoint.failing_since.map(moment::text),
            signed: endpoint.secret != SecretKind::None,
            settings: endpoint.settings.try_into()?,
            created_at: moment::text(endpoint.key.minted_at()),
        })
    }
}

impl TryFrom<EndpointSettings> for SettingsView {
    type Error = ApiError;

    fn try_from(settings: EndpointSettings) -> Result<Self, ApiError> {
        Ok(Self {
            headers: settings.headers.into_iter().collect(),
            rate_limit: settings.rate_limit,
            concurrency: settings.concurrency,
            order: settings.order.as_str(),
            retry: settings
                .retry
                .map(RawValue::from_string)
                .transpose()
                .map_err(ApiError::internal)?,
            timeout_ms: settings.timeout_ms,
        })
    }
}

impl TryFrom<WithSecret> for WithSecretView {
    type Error = ApiError;

    fn try_from(made: WithSecret) -> Result<Self, ApiError> {
        let secret = made.secret.map(|secret| secret.expose().to_owned());
        Ok(Self { endpoint: made.endpoint.try_into()?, secret })
    }
}
