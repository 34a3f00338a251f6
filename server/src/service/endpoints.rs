//! Endpoints: made, listed, looked up, deleted.

use std::{fmt, sync::Arc};

use hookseal::{Profile, Secret};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    caller::{Caller, unknown},
    event_types::{MAX_EVENT_TYPES, parse_subscription},
    page::Page,
    settings::SettingsChange,
    text::{MAX_TENANT_LEN, check_text},
    to_the_end,
};
use crate::{
    clock::Clock,
    dispatch::Dispatcher,
    error::{ApiCode, ApiError},
    guard::{EndpointUrl, GuardPolicy},
    keys,
    object::object,
    rng::Rng,
    schema::{EventTypePattern, LongText, ProfileName, ShortText, Url},
    seal::Sealer,
    store::{
        Endpoint, EndpointFilter, EndpointKey, EndpointSettings, EndpointState, Engine, Secrets,
    },
};

/// What the caller wants; as JSON, the body of `POST /v1/endpoints`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateEndpoint {
    /// Where to: an `https://` URL with a public host.
    #[schemars(with = "Url")]
    pub url: String,
    /// Which events: types, beginnings such as `invoice.*`, or `*` alone for all.
    #[schemars(with = "Vec<EventTypePattern>", length(min = 1, max = MAX_EVENT_TYPES))]
    pub event_types: Vec<String>,
    /// How they are written, signed and retried.
    #[serde(default = "default_profile")]
    #[schemars(with = "ProfileName")]
    pub profile: String,
    /// Only the events of this tenant.
    #[schemars(with = "Option<ShortText>")]
    pub tenant: Option<String>,
    /// For people.
    #[schemars(with = "Option<LongText>")]
    pub description: Option<String>,
    /// Only where the profile lets the user choose it.
    #[schemars(length(min = 8, max = 256))]
    pub secret: Option<String>,
    /// What it has of its own, instead of what its profile says.
    #[serde(default, deserialize_with = "object")]
    pub settings: SettingsChange,
}

impl fmt::Debug for CreateEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateEndpoint").field("profile", &self.profile).finish_non_exhaustive()
    }
}

/// An endpoint with its new secret, which is shown only now.
#[derive(Debug)]
pub struct WithSecret {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The secret that the server made.
    pub secret: Option<Secret>,
}

/// The use cases of endpoints.
#[derive(Debug)]
pub struct Endpoints {
    /// The record.
    pub engine: Arc<dyn Engine>,
    /// Where deliveries may go.
    pub policy: GuardPolicy,
    /// Seals secrets.
    pub sealer: Arc<Sealer>,
    /// Tells the dispatcher what was deleted.
    pub dispatcher: Arc<Dispatcher>,
    /// When.
    pub clock: Arc<dyn Clock>,
    /// For secrets.
    pub rng: Arc<dyn Rng>,
}

impl Endpoints {
    /// Makes an endpoint.
    ///
    /// # Errors
    /// [`ApiError`] that names the field that is wrong.
    pub async fn create(
        &self,
        caller: &Caller,
        wanted: CreateEndpoint,
    ) -> Result<WithSecret, ApiError> {
        let profile = Profile::get(&wanted.profile)
            .map_err(|error| ApiError::from_core(&error, "profile"))?;
        let url = parse_url(&wanted.url, profile, &self.policy)?;
        let event_types = parse_subscription(&wanted.event_types, profile)?;
        check_text(wanted.tenant.as_deref(), "tenant", MAX_TENANT_LEN)?;
        check_text(wanted.description.as_deref(), "description", MAX_DESCRIPTION_LEN)?;
        let settings = wanted.settings.apply(EndpointSettings::default())?;
        let tenant = caller.tenant(wanted.tenant)?;
        let key = EndpointKey(self.engine.mint(self.clock.now()));
        let issued =
            keys::issue(profile, wanted.secret, &key.to_string(), &self.sealer, &*self.rng)?;
        let endpoint = Endpoint {
            key,
            account: caller.account(),
            url: url.as_str().to_owned(),
            event_types,
            profile: profile.id.to_owned(),
            tenant,
            description: wanted.description,
            state: EndpointState::Active,
            reason: None,
            secret: issued.sealed.kind,
            settings,
            failing_since: None,
            version: 1,
        };
        let secrets = Secrets { current: issued.sealed, previous: None };
        self.engine.insert_endpoint(endpoint.clone(), secrets).await?;
        tracing::info!(endpoint.id = %endpoint.key, profile = profile.id, "endpoint created");
        Ok(WithSecret { endpoint, secret: issued.reveal })
    }

    /// The caller's endpoints, oldest first, after one of them, at most `limit`.
    ///
    /// # Errors
    /// `forbidden` when the filter names a tenant that is not the caller's.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: EndpointFilter,
        after: Option<EndpointKey>,
        limit: u32,
    ) -> Result<Page<Endpoint>, ApiError> {
        let filter = EndpointFilter { tenant: caller.tenant(filter.tenant)?, ..filter };
        let rows = self.engine.endpoints(caller.account(), &filter, after, limit + 1).await?;
        Ok(Page::of(rows, limit, |endpoint| endpoint.key.to_string()))
    }

    /// One endpoint.
    ///
    /// # Errors
    /// `not_found` when the caller has none of this id.
    pub async fn get(&self, caller: &Caller, id: &str) -> Result<Endpoint, ApiError> {
        Ok(caller.endpoint(&*self.engine, id).await?.endpoint)
    }

    /// Deletes an endpoint. Once this returned, nothing more is sent to it: what waits is cancelled, what is being sent
    /// is broken off. Both happen even when the caller stops waiting.
    ///
    /// # Errors
    /// `not_found` when the caller has none of this id.
    pub async fn delete(&self, caller: &Caller, id: &str) -> Result<(), ApiError> {
        let (engine, dispatcher) = (Arc::clone(&self.engine), Arc::clone(&self.dispatcher));
        let (caller, id, now) = (caller.clone(), id.to_owned(), self.clock.now());
        to_the_end(async move {
            let key = caller.endpoint(&*engine, &id).await?.endpoint.key;
            if !engine.delete_endpoint(caller.account(), key, now).await? {
                return Err(unknown("endpoint"));
            }
            dispatcher.revoke(key);
            tracing::info!(endpoint.id = %key, "endpoint deleted");
            Ok(())
        })
        .await
    }
}

/// Checks a URL against what the operator opened, and against the rule of the profile: one that wants HTTPS takes plain
/// HTTP only to where tests and private networks are, whatever else was opened.
pub(super) fn parse_url(
    text: &str,
    profile: &Profile,
    policy: &GuardPolicy,
) -> Result<EndpointUrl, ApiError> {
    let url = EndpointUrl::parse(text, policy)?;
    if profile.https_only && url.is_plain_and_public() {
        let message = format!(
            "URL begins with `http://`, the profile `{}` takes `https://` only",
            profile.id
        );
        return Err(ApiError::new(ApiCode::ForbiddenUrl, message).in_field("url"));
    }
    Ok(url)
}

fn default_profile() -> String {
    "standard_webhooks".to_owned()
}

pub(super) const MAX_DESCRIPTION_LEN: usize = 1024;
