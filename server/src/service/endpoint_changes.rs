//! Endpoints: changed, paused, resumed, enabled, given a new secret.
//!
//! **Invariant.** A change is made to the version that it was thought out for: where another came in between, on whichever
//! node, it is thought out anew. A try whose outcome nobody knows may have been that other.

use std::{fmt, sync::Arc};

use hookseal::{Profile, Secret, SecretRule, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    caller::{Caller, unknown},
    endpoints::{Endpoints, MAX_DESCRIPTION_LEN, WithSecret, parse_url},
    event_types::{MAX_EVENT_TYPES, parse_subscription},
    settings::{SettingsChange, given},
    text::check_text,
    to_the_end,
};
use crate::{
    error::{ApiCode, ApiError},
    keys,
    object::object_or_null,
    schema::{EventTypePattern, LongText, Url},
    store::{
        Endpoint, EndpointChange, EndpointKey, EndpointState, Engine, SealedSecret, SecretKind,
        Secrets, StoreError, Target,
    },
};

/// What is to change; as JSON, the body of `PATCH /v1/endpoints/{id}`. What is left out stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeEndpoint {
    /// Another URL.
    #[schemars(with = "Option<Url>")]
    pub url: Option<String>,
    /// Other events.
    #[schemars(with = "Option<Vec<EventTypePattern>>", length(min = 1, max = MAX_EVENT_TYPES))]
    pub event_types: Option<Vec<String>>,
    /// Another text, or none.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<LongText>")]
    pub description: Option<Option<String>>,
    /// Other settings.
    #[serde(deserialize_with = "object_or_null")]
    pub settings: Option<SettingsChange>,
}

/// What secret follows; as JSON, the body of `POST /v1/endpoints/{id}/rotate-secret`.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RotateSecret {
    /// How long the secret of before signs too, in seconds.
    #[schemars(range(max = MAX_OVERLAP))]
    overlap_seconds: u32,
    /// The new one, where the profile lets the user choose it.
    #[schemars(length(min = 8, max = 256))]
    secret: Option<String>,
}

impl Default for RotateSecret {
    fn default() -> Self {
        Self { overlap_seconds: DEFAULT_OVERLAP, secret: None }
    }
}

impl fmt::Debug for RotateSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RotateSecret")
            .field("overlap_seconds", &self.overlap_seconds)
            .finish_non_exhaustive()
    }
}

impl Endpoints {
    /// Changes an endpoint. Once this returned, nothing more is sent to a URL of before.
    ///
    /// # Errors
    /// `not_found` when the caller has none of this id, [`ApiError`] that names the field that is wrong.
    pub async fn change(
        &self,
        caller: &Caller,
        id: &str,
        wanted: ChangeEndpoint,
    ) -> Result<Endpoint, ApiError> {
        let mut moves = false;
        for _ in 0..MAX_TRIES {
            let endpoint = self.get(caller, id).await?;
            let change = self.plan(&endpoint, &wanted)?;
            moves |= change.url.is_some();
            if let Some(changed) = self.store(endpoint, change, moves).await? {
                return Ok(changed);
            }
        }
        Err(StoreError::Busy.into())
    }

    fn plan(
        &self,
        endpoint: &Endpoint,
        wanted: &ChangeEndpoint,
    ) -> Result<EndpointChange, ApiError> {
        let profile = Profile::get(&endpoint.profile).map_err(ApiError::internal)?;
        let parse_url = |url: &String| parse_url(url, profile, &self.policy);
        let url = wanted.url.as_ref().map(parse_url).transpose()?;
        let parse_types = |types: &Vec<String>| parse_subscription(types, profile);
        let text = wanted.description.as_ref().and_then(Option::as_deref);
        check_text(text, "description", MAX_DESCRIPTION_LEN)?;
        let apply = |settings: SettingsChange| settings.apply(endpoint.settings.clone());
        Ok(EndpointChange {
            url: url.map(|url| url.as_str().to_owned()).filter(|url| *url != endpoint.url),
            event_types: wanted.event_types.as_ref().map(parse_types).transpose()?,
            description: wanted.description.clone(),
            settings: wanted.settings.clone().map(apply).transpose()?,
            ..EndpointChange::default()
        })
    }

    /// Keeps what comes for an endpoint until it is resumed. Once this returned, nothing is sent to it.
    ///
    /// # Errors
    /// `not_found` when the caller has none of this id, `endpoint_disabled`.
    pub async fn pause(&self, caller: &Caller, id: &str) -> Result<Endpoint, ApiError> {
        self.set_state(caller, id, EndpointState::Active, EndpointState::Paused).await
    }

    /// Sends what was kept for an endpoint, and what comes.
    ///
    /// # Errors
    /// As [`pause`](Self::pause).
    pub async fn resume(&self, caller: &Caller, id: &str) -> Result<Endpoint, ApiError> {
        self.set_state(caller, id, EndpointState::Paused, EndpointState::Active).await
    }

    /// Sends nothing more to an endpoint; what waits for it is cancelled, and can be replayed once it is enabled.
    ///
    /// # Errors
    /// `not_found` when the caller has none of this id.
    pub async fn disable(&self, caller: &Caller, id: &str) -> Result<Endpoint, ApiError> {
        for _ in 0..MAX_TRIES {
            let endpoint = self.get(caller, id).await?;
            if endpoint.state == EndpointState::Disabled {
                return Ok(endpoint);
            }
            let state = Some(EndpointState::Disabled);
            let change = EndpointChange { state, ..EndpointChange::default() };
            if let Some(changed) = self.store(endpoint, change, true).await? {
                return Ok(changed);
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Makes a disabled endpoint active again. What was cancelled stays so, and can be replayed.
    ///
    /// # Errors
    /// `not_found` when the caller has none of this id.
    pub async fn enable(&self, caller: &Caller, id: &str) -> Result<Endpoint, ApiError> {
        self.set_state(caller, id, EndpointState::Disabled, EndpointState::Active).await
    }

    /// Gives an endpoint a new secret. The one of before signs as well for `overlap_seconds`, where the profile's signature
    /// has room for two; without an overlap, nothing more is sent under it once this returned.
    ///
    /// # Errors
    /// `not_found` when the caller has none of this id, [`ApiError`] that names the field that is wrong.
    pub async fn rotate_secret(
        &self,
        caller: &Caller,
        id: &str,
        wanted: RotateSecret,
    ) -> Result<WithSecret, ApiError> {
        if wanted.overlap_seconds > MAX_OVERLAP {
            let message = format!(
                "overlap_seconds is {}, expected 0 to {MAX_OVERLAP}",
                wanted.overlap_seconds
            );
            let error = ApiError::new(ApiCode::InvalidArgument, message);
            return Err(error.in_field("overlap_seconds"));
        }
        let target = caller.endpoint(&*self.engine, id).await?;
        let (key, profile) = (target.endpoint.key, &target.endpoint.profile);
        let profile = Profile::get(profile).map_err(ApiError::internal)?;
        if wanted.secret.is_none() && matches!(profile.secret, SecretRule::Chosen { .. }) {
            let message = format!(
                "the profile `{}` lets you choose the secret, send the new one",
                profile.id
            );
            return Err(ApiError::new(ApiCode::InvalidArgument, message).in_field("secret"));
        }
        let issued =
            keys::issue(profile, wanted.secret, &key.to_string(), &self.sealer, &*self.rng)?;
        let until = self.clock.now().plus_millis(i64::from(wanted.overlap_seconds) * 1000);
        let until = (wanted.overlap_seconds > 0).then_some(until);
        let (engine, dispatcher) = (Arc::clone(&self.engine), Arc::clone(&self.dispatcher));
        let caller = caller.clone();
        to_the_end(async move {
            let overlaps = replace(&*engine, &caller, key, issued.sealed, until).await?;
            if !overlaps {
                dispatcher.revoke(key);
            }
            // What waits in memory still knows the secret of before: it is taken from the store again.
            dispatcher.wake();
            tracing::info!(endpoint.id = %key, "secret of the endpoint replaced");
            let endpoint = caller.endpoint(&*engine, &key.to_string()).await?.endpoint;
            Ok(WithSecret { endpoint, secret: issued.reveal })
        })
        .await
    }

    /// The secret of an endpoint, where its profile lets the owner see it again.
    ///
    /// # Errors
    /// `not_found` when the caller has none of this id, or there is no secret to show.
    pub async fn reveal_secret(&self, caller: &Caller, id: &str) -> Result<Secret, ApiError> {
        let Target { endpoint, secrets } = caller.endpoint(&*self.engine, id).await?;
        let profile = Profile::get(&endpoint.profile).map_err(ApiError::internal)?;
        let id = endpoint.key.to_string();
        let secret = keys::reveal(&self.sealer, &secrets.current, &id, profile)?;
        tracing::info!(endpoint.id = id, by = %caller.key(), "secret of the endpoint shown");
        secret.ok_or_else(|| unknown("secret that can be shown"))
    }

    /// From one state to another; an endpoint that is in neither stays as it is.
    async fn set_state(
        &self,
        caller: &Caller,
        id: &str,
        from: EndpointState,
        to: EndpointState,
    ) -> Result<Endpoint, ApiError> {
        for tries in 0..MAX_TRIES {
            let endpoint = self.get(caller, id).await?;
            let change = match endpoint.state {
                state if state == from || (state == to && tries > 0) => {
                    EndpointChange { state: Some(to), ..EndpointChange::default() }
                }
                EndpointState::Disabled => return Err(disabled(&endpoint)),
                _ => return Ok(endpoint),
            };
            if let Some(changed) = self.store(endpoint, change, to != EndpointState::Active).await?
            {
                return Ok(changed);
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Stores a change of what the endpoint is and lets the dispatcher know, even when the caller stops waiting. `None` where
    /// the endpoint is not that any more. With `revokes`, what waits in memory goes back to the store, where a pause keeps it
    /// and a new URL is found.
    async fn store(
        &self,
        endpoint: Endpoint,
        change: EndpointChange,
        revokes: bool,
    ) -> Result<Option<Endpoint>, ApiError> {
        let (engine, dispatcher) = (Arc::clone(&self.engine), Arc::clone(&self.dispatcher));
        let now = self.clock.now();
        let change = EndpointChange { version: Some(endpoint.version), ..change };
        to_the_end(async move {
            let changed = engine.change_endpoint(endpoint.account, endpoint.key, change, now).await;
            let changed = match changed {
                Err(StoreError::Stale) => return Ok(None),
                changed => changed?.ok_or_else(|| unknown("endpoint"))?,
            };
            if revokes {
                dispatcher.revoke(endpoint.key);
            }
            dispatcher.wake();
            tracing::info!(endpoint.id = %endpoint.key, state = changed.state.as_str(), "endpoint changed");
            Ok(Some(changed))
        })
        .await
    }
}

/// Replaces the secret of an endpoint. The one of before signs too until `until`; whether it does.
async fn replace(
    engine: &dyn Engine,
    caller: &Caller,
    key: EndpointKey,
    current: SealedSecret,
    until: Option<Timestamp>,
) -> Result<bool, ApiError> {
    for _ in 0..MAX_TRIES {
        let Target { endpoint, secrets } = caller.endpoint(engine, &key.to_string()).await?;
        if secrets.current == current {
            return Ok(secrets.previous.is_some());
        }
        let until = until.filter(|_| secrets.current.kind != SecretKind::None);
        let previous = until.map(|until| (secrets.current, until));
        let overlaps = previous.is_some();
        let secrets = Secrets { current: current.clone(), previous };
        match engine.put_secrets(endpoint.account, key, endpoint.version, secrets).await {
            Err(StoreError::Stale) => {}
            Ok(false) => return Err(unknown("endpoint")),
            Ok(true) => return Ok(overlaps),
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Busy.into())
}

/// Nothing is sent to this endpoint.
pub(super) fn disabled(endpoint: &Endpoint) -> ApiError {
    let reason = endpoint.reason.as_deref().unwrap_or("unknown");
    ApiError::new(
        ApiCode::EndpointDisabled,
        format!("the endpoint is disabled, reason: `{reason}`"),
    )
}

/// A day: time for receivers to learn the new secret.
const DEFAULT_OVERLAP: u32 = 24 * 60 * 60;
const MAX_OVERLAP: u32 = 30 * DEFAULT_OVERLAP;
/// How often a change is thought out anew.
const MAX_TRIES: u32 = 20;
