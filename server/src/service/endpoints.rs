//! Endpoints: made, listed, deleted.

use std::{fmt, sync::Arc};

use hookseal::{EventType, Profile, Secret};
use serde::Deserialize;

use super::to_the_end;
use crate::{
    clock::Clock,
    dispatch::Signals,
    error::{ApiCode, ApiError},
    guard::{EndpointUrl, GuardPolicy},
    id, keys,
    rng::Rng,
    seal::Sealer,
    store::{Endpoint, EndpointState, Store},
};

/// What the caller wants; as JSON, the body of `POST /v1/endpoints`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateEndpoint {
    /// Where to.
    pub url: String,
    /// Which events: exact types, or `*` alone for all.
    pub event_types: Vec<String>,
    /// How they are written, signed and retried.
    #[serde(default = "default_profile")]
    pub profile: String,
    /// Only the events of this tenant.
    pub tenant: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Only where the profile lets the user choose it.
    pub secret: Option<String>,
}

impl fmt::Debug for CreateEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateEndpoint").field("profile", &self.profile).finish_non_exhaustive()
    }
}

/// An endpoint that was made, with the secret that is shown only now.
#[derive(Debug)]
pub struct Created {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The secret that the server made.
    pub secret: Option<Secret>,
}

/// The use cases of endpoints.
#[derive(Debug)]
pub struct Endpoints {
    /// The record.
    pub store: Arc<dyn Store>,
    /// Where deliveries may go.
    pub policy: GuardPolicy,
    /// Seals secrets.
    pub sealer: Arc<Sealer>,
    /// Tells the dispatcher what was deleted.
    pub signals: Arc<Signals>,
    /// When.
    pub clock: Arc<dyn Clock>,
    /// For ids and secrets.
    pub rng: Arc<dyn Rng>,
}

impl Endpoints {
    /// Makes an endpoint.
    ///
    /// # Errors
    /// [`ApiError`] that names the field that is wrong.
    pub async fn create(&self, account: &str, wanted: CreateEndpoint) -> Result<Created, ApiError> {
        let profile = Profile::get(&wanted.profile)
            .map_err(|error| ApiError::from_core(&error, "profile"))?;
        let url = EndpointUrl::parse(&wanted.url, &self.policy)?;
        let event_types = parse_subscription(&wanted.event_types, profile)?;
        check_text(wanted.tenant.as_deref(), "tenant", MAX_TENANT_LEN)?;
        check_text(wanted.description.as_deref(), "description", MAX_DESCRIPTION_LEN)?;
        let now = self.clock.now();
        let id = id::mint(id::ENDPOINT, now, &*self.rng)?;
        let issued = keys::issue(profile, wanted.secret, &id, &self.sealer, &*self.rng)?;
        let endpoint = Endpoint {
            id,
            account: account.to_owned(),
            url: url.as_str().to_owned(),
            event_types,
            profile: profile.id.to_owned(),
            tenant: wanted.tenant,
            description: wanted.description,
            state: EndpointState::Active,
            secret: issued.sealed.kind,
            created_at: now,
        };
        self.store.insert_endpoint(endpoint.clone(), issued.sealed).await?;
        tracing::info!(endpoint.id, profile = profile.id, "endpoint created");
        Ok(Created { endpoint, secret: issued.reveal })
    }

    /// All endpoints of the account, oldest first.
    ///
    /// # Errors
    /// [`ApiError`] when the store fails.
    pub async fn list(&self, account: &str) -> Result<Vec<Endpoint>, ApiError> {
        Ok(self.store.endpoints(account).await?)
    }

    /// One endpoint.
    ///
    /// # Errors
    /// `not_found` when the account has none of this id.
    pub async fn get(&self, account: &str, id: &str) -> Result<Endpoint, ApiError> {
        self.store.endpoint(account, id).await?.ok_or_else(unknown)
    }

    /// Deletes an endpoint. Once this returned, nothing more is sent to it: what waits is cancelled, what is being sent
    /// is broken off. Both happen even when the caller stops waiting.
    ///
    /// # Errors
    /// `not_found` when the account has none of this id.
    pub async fn delete(&self, account: &str, id: &str) -> Result<(), ApiError> {
        let (store, signals) = (Arc::clone(&self.store), Arc::clone(&self.signals));
        let (account, id, now) = (account.to_owned(), id.to_owned(), self.clock.now());
        to_the_end(async move {
            if !store.delete_endpoint(&account, &id, now).await? {
                return Err(unknown());
            }
            signals.revoke(&id);
            tracing::info!(endpoint.id = id, "endpoint deleted");
            Ok(())
        })
        .await
    }
}

/// Checks a text that people chose: its length in characters, and that it holds no control characters.
pub(super) fn check_text(text: Option<&str>, field: &str, max: usize) -> Result<(), ApiError> {
    let Some(text) = text else { return Ok(()) };
    let len = text.chars().count();
    let message = if !(1..=max).contains(&len) {
        format!("{field} has {len} characters, expected 1 to {max}")
    } else if text.chars().any(char::is_control) {
        format!("{field} holds a control character, expected plain text")
    } else {
        return Ok(());
    };
    Err(ApiError::new(ApiCode::InvalidArgument, message).in_field(field))
}

fn parse_subscription(wanted: &[String], profile: &Profile) -> Result<Vec<String>, ApiError> {
    let invalid =
        |message: String| ApiError::new(ApiCode::InvalidArgument, message).in_field("event_types");
    if !(1..=MAX_EVENT_TYPES).contains(&wanted.len()) {
        return Err(invalid(format!(
            "event_types has {} entries, expected 1 to {MAX_EVENT_TYPES}",
            wanted.len()
        )));
    }
    let all = wanted.iter().any(|text| text == ALL_TYPES);
    if all && wanted.len() > 1 {
        return Err(invalid(
            "event_types holds `*`, which stands for all types; leave the others out".to_owned(),
        ));
    }
    if !all {
        for (index, text) in wanted.iter().enumerate() {
            let field = format!("event_types/{index}");
            EventType::parse(text)
                .and_then(|event_type| profile.check_event_type(&event_type))
                .map_err(|error| ApiError::from_core(&error, &field))?;
        }
    }
    let mut event_types = wanted.to_vec();
    event_types.sort_unstable();
    event_types.dedup();
    Ok(event_types)
}

fn default_profile() -> String {
    "standard_webhooks".to_owned()
}

fn unknown() -> ApiError {
    ApiError::new(ApiCode::NotFound, "there is no endpoint with this id")
}

/// Subscribes to every type.
pub(super) const ALL_TYPES: &str = "*";
pub(super) const MAX_TENANT_LEN: usize = 256;
const MAX_DESCRIPTION_LEN: usize = 1024;
const MAX_EVENT_TYPES: usize = 256;
