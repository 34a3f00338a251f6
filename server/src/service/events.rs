//! Events: accepted once, and looked up with all that became of them.

use std::{fmt, sync::Arc};

use hookseal::{Event, EventType, Profile, payload::Object};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::{
    endpoints::{ALL_TYPES, MAX_TENANT_LEN, check_text},
    to_the_end,
};
use crate::{
    clock::Clock,
    dispatch::Signals,
    error::{ApiCode, ApiError},
    id,
    rng::Rng,
    store::{Delivery, EventDetail, NewEvent, Pushed, PushedDelivery, Queue, Store},
};

/// An event to send; as JSON, the body of `POST /v1/events`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendEvent {
    /// The type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// A JSON object. Its bytes are kept as they came, so that big numbers and the order of members survive.
    pub data: Box<RawValue>,
    /// The tenant it belongs to.
    pub tenant: Option<String>,
    /// The caller's own id; unique within the account.
    pub id: Option<String>,
    /// Only endpoints of this profile.
    pub profile: Option<String>,
}

impl fmt::Debug for SendEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendEvent").field("event_type", &self.event_type).finish_non_exhaustive()
    }
}

/// An event that is on disk.
#[derive(Debug)]
pub struct Accepted {
    /// Its id.
    pub id: String,
    /// One per endpoint that wants it.
    pub deliveries: Vec<PushedDelivery>,
}

/// The use cases of events.
#[derive(Debug)]
pub struct Events {
    /// The record.
    pub store: Arc<dyn Store>,
    /// Where deliveries wait.
    pub queue: Arc<dyn Queue>,
    /// Wakes the dispatcher.
    pub signals: Arc<Signals>,
    /// When.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub rng: Arc<dyn Rng>,
}

impl Events {
    /// Stores an event with its deliveries and wakes the dispatcher, even when the caller stops waiting. A repeat (the
    /// same key or the same id, with the same content) gets the answer of the first call.
    ///
    /// # Errors
    /// `idempotency_conflict` when key or id were used for another content, `overloaded` when too many wait,
    /// [`ApiError`] that names the field that is wrong.
    pub async fn send(
        &self,
        account: &str,
        event: SendEvent,
        idempotency_key: Option<String>,
    ) -> Result<Accepted, ApiError> {
        let event = self.parse(account, event, idempotency_key)?;
        let id = event.id.clone();
        let (queue, signals) = (Arc::clone(&self.queue), Arc::clone(&self.signals));
        let pushed = to_the_end(async move {
            let pushed = queue.push(event).await?;
            // A repeat wakes as well: it may be there because the first call went wrong half-way.
            if let Pushed::New(waiting) | Pushed::Repeat { deliveries: waiting, .. } = &pushed
                && !waiting.is_empty()
            {
                signals.pushed();
            }
            Ok(pushed)
        });
        match pushed.await? {
            Pushed::New(deliveries) => {
                tracing::debug!(event.id = id, deliveries = deliveries.len(), "event accepted");
                Ok(Accepted { id, deliveries })
            }
            Pushed::Repeat { id, deliveries } => Ok(Accepted { id, deliveries }),
            Pushed::Conflict => Err(ApiError::new(
                ApiCode::IdempotencyConflict,
                "the idempotency key or event id was used for an event with another content",
            )),
        }
    }

    /// An event with its deliveries and their attempts.
    ///
    /// # Errors
    /// `not_found` when the account has none of this id.
    pub async fn get(&self, account: &str, id: &str) -> Result<EventDetail, ApiError> {
        let unknown = || ApiError::new(ApiCode::NotFound, "there is no event with this id");
        self.store.event(account, id).await?.ok_or_else(unknown)
    }

    /// One delivery with its attempts.
    ///
    /// # Errors
    /// `not_found` when the account has none of this id.
    pub async fn get_delivery(&self, account: &str, id: &str) -> Result<Delivery, ApiError> {
        let unknown = || ApiError::new(ApiCode::NotFound, "there is no delivery with this id");
        self.store.delivery(account, id).await?.ok_or_else(unknown)
    }

    fn parse(
        &self,
        account: &str,
        event: SendEvent,
        idempotency_key: Option<String>,
    ) -> Result<NewEvent, ApiError> {
        let event_type = EventType::parse(&event.event_type)
            .map_err(|error| ApiError::from_core(&error, "type"))?;
        let profiles = profiles_for(event.profile.as_deref(), &event_type)?;
        // What no envelope can hold is refused here, while somebody is there to read why.
        Object::parse(event.data.get().as_bytes()).map_err(|error| {
            ApiError::new(ApiCode::InvalidArgument, error.message()).in_field("data")
        })?;
        check_text(event.tenant.as_deref(), "tenant", MAX_TENANT_LEN)?;
        event.id.as_deref().map_or(Ok(()), check_id)?;
        idempotency_key.as_deref().map_or(Ok(()), check_idempotency_key)?;
        let fingerprint = fingerprint(&event);
        let now = self.clock.now();
        let id = match &event.id {
            Some(id) => id.clone(),
            None => id::mint(id::EVENT, now, &*self.rng)?,
        };
        if let Some(profile) = profile_to_fit(event.profile.as_deref(), &profiles) {
            let event = Event {
                id: id.clone(),
                event_type: event_type.clone(),
                time: now,
                tenant: event.tenant.clone(),
                data: event.data.clone(),
            };
            profile.envelope.encode(&event).map_err(|error| ApiError::from_core(&error, "data"))?;
        }
        Ok(NewEvent {
            account: account.to_owned(),
            id,
            patterns: vec![event_type.as_str().to_owned(), ALL_TYPES.to_owned()],
            event_type: event.event_type,
            tenant: event.tenant,
            profile: event.profile,
            data: String::from(Box::<str>::from(event.data)),
            fingerprint,
            idempotency_key,
            profiles,
            now,
        })
    }
}

/// The profiles that can write an event of this type; with `wanted`, that one.
fn profiles_for(
    wanted: Option<&str>,
    event_type: &EventType,
) -> Result<Vec<&'static str>, ApiError> {
    if let Some(wanted) = wanted {
        let profile =
            Profile::get(wanted).map_err(|error| ApiError::from_core(&error, "profile"))?;
        profile
            .check_event_type(event_type)
            .map_err(|error| ApiError::from_core(&error, "type"))?;
        return Ok(vec![profile.id]);
    }
    let knows = |profile: &&&Profile| profile.check_event_type(event_type).is_ok();
    Ok(Profile::ALL.iter().filter(knows).map(|profile| profile.id).collect())
}

/// The profile whose envelope an event has to fit into to be accepted: the one that was asked for, or else the only
/// closed one that has the type. Who means another profile by that type can ask for it.
///
/// Where neither is so, an endpoint whose envelope cannot hold the event gets a delivery that fails as `render_failed`.
fn profile_to_fit(wanted: Option<&str>, profiles: &[&str]) -> Option<&'static Profile> {
    let mut fitting = profiles
        .iter()
        .filter_map(|id| Profile::get(id).ok())
        .filter(|profile| wanted.is_some() || !profile.is_open());
    match (fitting.next(), fitting.next()) {
        (Some(profile), None) => Some(profile),
        _ => None,
    }
}

/// An event's id goes into headers and signed content, where `.` separates.
fn check_id(id: &str) -> Result<(), ApiError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':');
    if (1..=MAX_ID_LEN).contains(&id.len()) && id.bytes().all(fits) {
        return Ok(());
    }
    let message =
        format!("id is not usable, expected 1 to {MAX_ID_LEN} letters, digits and `_ - :`");
    Err(ApiError::new(ApiCode::InvalidArgument, message).in_field("id"))
}

fn check_idempotency_key(key: &str) -> Result<(), ApiError> {
    if (1..=MAX_KEY_LEN).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    let message = format!(
        "Idempotency-Key is not usable, expected 1 to {MAX_KEY_LEN} visible ASCII characters"
    );
    Err(ApiError::new(ApiCode::InvalidArgument, message).in_field("Idempotency-Key"))
}

/// SHA-256 over the fields, each with its length, so that no two contents run together.
fn fingerprint(event: &SendEvent) -> [u8; 32] {
    let fields = [
        Some(event.event_type.as_str()),
        Some(event.data.get()),
        event.tenant.as_deref(),
        event.id.as_deref(),
        event.profile.as_deref(),
    ];
    let mut hash = Sha256::new();
    for field in fields {
        hash.update([u8::from(field.is_some())]);
        let field = field.unwrap_or_default();
        hash.update(field.len().to_le_bytes());
        hash.update(field);
    }
    hash.finalize().into()
}

const MAX_ID_LEN: usize = 128;
const MAX_KEY_LEN: usize = 255;
