//! Events: accepted once, and looked up with all that became of them.

use std::{fmt, sync::Arc};

use hookseal::{Event, EventType, Profile, payload::Object};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::{
    caller::Caller,
    page::Page,
    registry::Registry,
    text::{MAX_TENANT_LEN, check_text},
};
use crate::{
    clock::Clock,
    dispatch::Dispatcher,
    error::{ApiCode, ApiError},
    schema::{AnyObject, EventId, EventTypeName, OrderingKey, ProfileName, ShortText},
    store::{
        self, Attempt, Delivery, DeliveryKey, EndpointKey, Engine, EventDetail, EventFilter,
        EventHead, EventKey, NewEvent, Pushed,
    },
    subscription,
};

/// An event to send; as JSON, the body of `POST /v1/events`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendEvent {
    /// The type.
    #[serde(rename = "type")]
    #[schemars(with = "EventTypeName")]
    pub event_type: String,
    /// A JSON object. Its bytes are kept as they came, so that big numbers and the order of members survive.
    #[schemars(with = "AnyObject")]
    pub data: Box<RawValue>,
    /// The tenant it belongs to.
    #[schemars(with = "Option<ShortText>")]
    pub tenant: Option<String>,
    /// The caller's own id; unique within the account.
    #[schemars(with = "Option<EventId>")]
    pub id: Option<String>,
    /// Only endpoints of this profile.
    #[schemars(with = "Option<ProfileName>")]
    pub profile: Option<String>,
    /// Endpoints that keep an order by key get events of the same one in the order of their acceptance.
    #[schemars(with = "Option<OrderingKey>")]
    pub ordering_key: Option<String>,
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
    pub deliveries: Vec<DeliveryKey>,
}

/// An event with all that became of it.
#[derive(Debug)]
pub struct Shown {
    /// The event.
    pub event: store::Event,
    /// Its first deliveries, each with its attempts, first to last.
    pub deliveries: Page<(Delivery, Vec<Attempt>)>,
}

/// The use cases of events.
#[derive(Debug)]
pub struct Events {
    /// The record, and where deliveries wait.
    pub engine: Arc<dyn Engine>,
    /// Tells when a test event has its outcome.
    pub dispatcher: Arc<Dispatcher>,
    /// When.
    pub clock: Arc<dyn Clock>,
    /// Bytes of the data of an event.
    pub max_data: usize,
    /// Types with their schemas.
    pub registry: Arc<Registry>,
}

impl Events {
    /// Stores an event with its deliveries; once that is begun, even when the caller stops waiting. A repeat (the same key
    /// or the same id, with the same content) gets the answer of the first call.
    ///
    /// # Errors
    /// `idempotency_conflict` when key or id were used for another content, `overloaded` when too many wait,
    /// [`ApiError`] that names the field that is wrong.
    pub async fn send(
        &self,
        caller: &Caller,
        event: SendEvent,
        idempotency_key: Option<String>,
    ) -> Result<Accepted, ApiError> {
        idempotency_key.as_deref().map_or(Ok(()), check_idempotency_key)?;
        let events = [self.parse(caller, event, idempotency_key)?];
        self.registry.check(caller, &events, false).await?;
        let mut accepted = self.push(caller, events.into()).await?;
        accepted.pop().ok_or_else(|| ApiError::internal("the store gave no answer"))?
    }

    /// Stores up to [`MAX_BATCH`] events in one transaction, each on its own terms. A repeat of `idempotency_key` is told by
    /// the place of the event in the batch.
    ///
    /// # Errors
    /// As [`send`](Self::send): when one event is wrong, none is stored, and the field names which. An event whose id was
    /// used for another content is answered as such, and the others are stored.
    pub async fn send_batch(
        &self,
        caller: &Caller,
        events: Vec<SendEvent>,
        idempotency_key: Option<String>,
    ) -> Result<Vec<Result<Accepted, ApiError>>, ApiError> {
        if !(1..=MAX_BATCH).contains(&events.len()) {
            let message =
                format!("the batch has {} events, expected 1 to {MAX_BATCH}", events.len());
            return Err(ApiError::new(ApiCode::InvalidArgument, message).in_field("events"));
        }
        idempotency_key.as_deref().map_or(Ok(()), check_idempotency_key)?;
        let parse = |(index, event)| {
            // No key holds the character between, so none is that of an event in a batch.
            let key = idempotency_key.as_ref().map(|key| format!("{key}\t{index}"));
            self.parse(caller, event, key).map_err(|error| error.within(&format!("events/{index}")))
        };
        let events = events.into_iter().enumerate().map(parse).collect::<Result<Vec<_>, _>>()?;
        self.registry.check(caller, &events, true).await?;
        self.push(caller, events).await
    }

    async fn push(
        &self,
        caller: &Caller,
        events: Vec<NewEvent>,
    ) -> Result<Vec<Result<Accepted, ApiError>>, ApiError> {
        let name = |event: &NewEvent| event.id.clone().unwrap_or_else(|| event.key.to_string());
        let ids: Vec<_> = events.iter().map(name).collect();
        let pushed = self.engine.push(events).await?;
        let mut view = caller.view(&*self.engine);
        let mut answers = Vec::with_capacity(pushed.len());
        for (id, pushed) in ids.into_iter().zip(pushed) {
            answers.push(match pushed {
                Pushed::New(deliveries) => {
                    Ok(Accepted { id, deliveries: view.of(deliveries).await? })
                }
                Pushed::Repeat { id, deliveries } => {
                    Ok(Accepted { id, deliveries: view.of(deliveries).await? })
                }
                Pushed::Conflict => Err(ApiError::new(
                    ApiCode::IdempotencyConflict,
                    "the idempotency key or event id was used for an event with another content",
                )),
            });
        }
        Ok(answers)
    }

    /// The caller's events, newest first, before one of them, at most `limit`. Of those of one type, the ones among 10,000
    /// events: a page may have fewer rows, or none, and a next one all the same.
    ///
    /// # Errors
    /// `forbidden` when the filter names a tenant that is not the caller's.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: EventFilter,
        before: Option<EventKey>,
        limit: u32,
    ) -> Result<Page<EventHead>, ApiError> {
        let mut filter = EventFilter { tenant: caller.tenant(filter.tenant)?, ..filter };
        let account = caller.account();
        if filter.event_type.is_some() {
            let tenant = filter.tenant.as_deref();
            filter.since = self.engine.earlier_event(account, tenant, before, MAX_WALK).await?;
        }
        let rows = self.engine.events(account, &filter, before, limit + 1).await?;
        let page = Page::of(rows, limit, |event| event.key.to_string());
        // Beyond those that were looked at there may be more.
        let next = page.next.or_else(|| filter.since.map(|since| since.to_string()));
        Ok(Page { next, ..page })
    }

    /// An event with its first 250 deliveries, and all their attempts; where there are more than 20 deliveries, each with its
    /// last.
    ///
    /// # Errors
    /// `not_found` when the caller has none of this id.
    pub async fn get(&self, caller: &Caller, id: &str) -> Result<Shown, ApiError> {
        let detail = caller.event(&*self.engine, id).await?;
        let page = self.page_of(caller, &detail, None, MAX_SHOWN).await?;
        let has_few = page.rows.len() <= MAX_WHOLE;
        let mut rows = Vec::with_capacity(page.rows.len());
        for delivery in page.rows {
            let whole = match delivery.attempts {
                0 | 1 => None,
                _ if !has_few => None,
                _ => self.engine.delivery(caller.account(), delivery.key).await?,
            };
            rows.push(whole.unwrap_or_else(|| {
                let last = delivery.last_attempt.clone().into_iter().collect();
                (delivery, last)
            }));
        }
        Ok(Shown { event: detail.event, deliveries: Page { rows, next: page.next } })
    }

    /// The deliveries of an event, after one of them, at most `limit`.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn deliveries(
        &self,
        caller: &Caller,
        id: &str,
        after: Option<DeliveryKey>,
        limit: u32,
    ) -> Result<Page<Delivery>, ApiError> {
        let detail = caller.event(&*self.engine, id).await?;
        self.page_of(caller, &detail, after, limit).await
    }

    /// The delivery of an event to an endpoint of the caller's, where it went there.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn delivery_to(
        &self,
        caller: &Caller,
        id: &str,
        endpoint: EndpointKey,
    ) -> Result<Option<DeliveryKey>, ApiError> {
        let EventDetail { event, endpoints } = caller.event(&*self.engine, id).await?;
        let key = DeliveryKey { endpoint, event: event.key };
        Ok(endpoints.contains(&endpoint).then_some(key))
    }

    async fn page_of(
        &self,
        caller: &Caller,
        detail: &EventDetail,
        after: Option<DeliveryKey>,
        limit: u32,
    ) -> Result<Page<Delivery>, ApiError> {
        let keys = caller.deliveries_of(&*self.engine, detail, after, limit + 1).await?;
        let Page { rows, next } = Page::of(keys, limit, DeliveryKey::to_string);
        let endpoints: Vec<_> = rows.iter().map(|key| key.endpoint).collect();
        Ok(Page { rows: self.engine.deliveries_of(&detail.event, &endpoints).await?, next })
    }

    /// Checks what the caller wants to send. The idempotency key was [checked](check_idempotency_key).
    pub(super) fn parse(
        &self,
        caller: &Caller,
        mut event: SendEvent,
        idempotency_key: Option<String>,
    ) -> Result<NewEvent, ApiError> {
        let event_type = EventType::parse(&event.event_type)
            .map_err(|error| ApiError::from_core(&error, "type"))?;
        // SECURITY: receivers of the server's own events believe them.
        if subscription::is_operational(&event.event_type) {
            let message = format!("type is `{event_type}`, which only the server itself sends");
            return Err(ApiError::new(ApiCode::InvalidArgument, message).in_field("type"));
        }
        let profiles = profiles_for(event.profile.as_deref(), &event_type)?;
        if event.data.get().len() > self.max_data {
            let message = format!("data is longer than {} bytes", self.max_data);
            return Err(ApiError::new(ApiCode::BodyTooLarge, message).in_field("data"));
        }
        // What no envelope can hold is refused here, while somebody is there to read why.
        Object::parse(event.data.get().as_bytes()).map_err(|error| {
            ApiError::new(ApiCode::InvalidArgument, error.message()).in_field("data")
        })?;
        check_text(event.tenant.as_deref(), "tenant", MAX_TENANT_LEN)?;
        check_text(event.ordering_key.as_deref(), "ordering_key", MAX_KEY_LEN)?;
        event.id.as_deref().map_or(Ok(()), check_id)?;
        event.tenant = caller.tenant(event.tenant)?;
        // Apart for each tenant that calls with a key of its own: none can take the keys of another. No line break can
        // stand in either part.
        let idempotency_key = idempotency_key.map(|key| match caller.limit() {
            Some(tenant) => format!("{tenant}\n{key}"),
            None => key,
        });
        // Without either there is nothing that a repeat could be known by.
        let repeatable = event.id.is_some() || idempotency_key.is_some();
        let fingerprint = if repeatable { fingerprint(&event) } else { [0; 16] };
        let now = self.clock.now();
        let key = EventKey(self.engine.mint(now));
        if let Some(profile) = profile_to_fit(event.profile.as_deref(), &profiles) {
            let event = Event {
                id: event.id.clone().unwrap_or_else(|| key.to_string()),
                event_type: event_type.clone(),
                time: now,
                tenant: event.tenant.clone(),
                data: event.data.clone(),
            };
            profile.envelope.encode(&event).map_err(|error| ApiError::from_core(&error, "data"))?;
        }
        Ok(NewEvent {
            key,
            account: caller.account(),
            patterns: subscription::patterns_of(&event.event_type),
            id: event.id,
            event_type: event.event_type,
            tenant: event.tenant,
            profile: event.profile,
            ordering_key: event.ordering_key,
            data: Arc::from(event.data.get()),
            fingerprint,
            idempotency_key,
            profiles,
            only: None,
            at_once: false,
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
    let knows = |profile: &&&Profile| profile.has_event_type(event_type);
    Ok(Profile::ALL.iter().filter(knows).map(|profile| profile.id).collect())
}

/// The profiles that have a type which is one.
pub(super) fn profiles_of(event_type: &str) -> Vec<&'static str> {
    EventType::parse(event_type)
        .ok()
        .and_then(|event_type| profiles_for(None, &event_type).ok())
        .unwrap_or_default()
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

/// Half a SHA-256 over the fields, each with its length, so that no two contents run together.
fn fingerprint(event: &SendEvent) -> [u8; 16] {
    let fields = [
        Some(event.event_type.as_str()),
        Some(event.data.get()),
        event.tenant.as_deref(),
        event.id.as_deref(),
        event.profile.as_deref(),
        event.ordering_key.as_deref(),
    ];
    let mut hash = Sha256::new();
    for field in fields {
        hash.update([u8::from(field.is_some())]);
        let field = field.unwrap_or_default();
        hash.update(field.len().to_le_bytes());
        hash.update(field);
    }
    let mut half = [0; 16];
    half.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    half
}

/// Events in one call.
pub const MAX_BATCH: usize = 1000;
/// Deliveries that an event is shown with.
const MAX_SHOWN: u32 = 250;
/// Deliveries that an event is shown with and all their attempts, each of which may hold 20 KiB of an answer.
const MAX_WHOLE: usize = 20;
/// Events that a page of those of one type is looked for among.
const MAX_WALK: u32 = 10_000;
const MAX_ID_LEN: usize = 128;
const MAX_KEY_LEN: usize = 255;
