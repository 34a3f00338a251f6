//! An event for one endpoint, to see whether it receives.

use std::{sync::Arc, time::Duration};

use hookseal::Profile;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    caller::{Caller, unknown},
    endpoint_changes::disabled,
    events::{Events, SendEvent},
    to_the_end,
};
use crate::{
    error::{ApiCode, ApiError},
    schema::{AnyObject, EventTypeName},
    store::{Attempt, Delivery, DeliveryKey, Endpoint, EndpointState, NewEvent, Pushed},
    subscription,
};

/// What to send; as JSON, the body of `POST /v1/endpoints/{id}/test`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SendTest {
    /// The type; one that the endpoint wants, where none is given.
    #[serde(rename = "type")]
    #[schemars(with = "Option<EventTypeName>")]
    event_type: Option<String>,
    /// A JSON object; where none is given, `{"test":true}` with what receivers of the type rely on.
    #[schemars(with = "Option<AnyObject>")]
    data: Option<Box<RawValue>>,
}

impl Events {
    /// Sends an event to this one endpoint, whatever it subscribed to, and returns the delivery.
    ///
    /// # Errors
    /// `not_found` when the caller has no endpoint of this id, `endpoint_disabled`, [`ApiError`] that names the field that
    /// is wrong.
    pub async fn send_test(
        &self,
        caller: &Caller,
        endpoint_id: &str,
        wanted: SendTest,
    ) -> Result<(Delivery, Vec<Attempt>), ApiError> {
        let (event, _) = self.test_event(caller, endpoint_id, wanted).await?;
        let pushed = self.engine.push(vec![event]).await?;
        let Some(Pushed::New(deliveries)) = pushed.into_iter().next() else {
            return Err(ApiError::internal("a new event was not new"));
        };
        // Without a delivery, the endpoint went away meanwhile.
        let key = *deliveries.first().ok_or_else(|| unknown("endpoint"))?;
        let delivery = self.engine.delivery(caller.account(), key).await?;
        delivery.ok_or_else(|| unknown("endpoint"))
    }

    /// As [`send_test`](Self::send_test), but the event is sent at once, whatever waits for the endpoint and although it is
    /// paused or on hold, and tried once. Returns the delivery with the outcome of that attempt, or as it stands when there
    /// is none a little after the attempt should have ended.
    ///
    /// # Errors
    /// As [`send_test`](Self::send_test); `overloaded` when too many such tests are under way.
    pub async fn send_test_at_once(
        &self,
        caller: &Caller,
        endpoint_id: &str,
        wanted: SendTest,
    ) -> Result<(Delivery, Vec<Attempt>), ApiError> {
        let (mut event, endpoint) = self.test_event(caller, endpoint_id, wanted).await?;
        event.at_once = true;
        let (engine, dispatcher) = (Arc::clone(&self.engine), Arc::clone(&self.dispatcher));
        let key = DeliveryKey { endpoint: endpoint.key, event: event.key };
        let limit = timeout(&endpoint)? + MARGIN;
        // To the end, so that the place is taken for as long as the attempt runs.
        to_the_end(async move {
            let busy = "too many test events are under way";
            let mut expected = dispatcher
                .expect(key)
                .ok_or_else(|| ApiError::new(ApiCode::Overloaded, busy))?;
            if !matches!(engine.push(vec![event]).await?.as_slice(), [Pushed::New(made)] if made.contains(&key)) {
                return Err(unknown("endpoint"));
            }
            expected.settled(limit).await;
            engine.delivery(endpoint.account, key).await?.ok_or_else(|| unknown("endpoint"))
        })
        .await
    }

    async fn test_event(
        &self,
        caller: &Caller,
        endpoint_id: &str,
        wanted: SendTest,
    ) -> Result<(NewEvent, Endpoint), ApiError> {
        let endpoint = caller.endpoint(&*self.engine, endpoint_id).await?.endpoint;
        if endpoint.state == EndpointState::Disabled {
            return Err(disabled(&endpoint));
        }
        let profile = Profile::get(&endpoint.profile).map_err(ApiError::internal)?;
        let event_type = wanted.event_type.unwrap_or_else(|| a_type(&endpoint, profile));
        let known = profile.event_types().iter().find(|known| known.name == event_type);
        let data = match wanted.data {
            Some(data) => data,
            None => RawValue::from_string(known.map_or(DATA, |known| known.test_data).to_owned())
                .map_err(ApiError::internal)?,
        };
        let event = SendEvent {
            event_type,
            data,
            tenant: endpoint.tenant.clone(),
            id: None,
            profile: Some(endpoint.profile.clone()),
            ordering_key: None,
        };
        let mut event = self.parse(caller, event, None)?;
        event.only = Some(vec![endpoint.key]);
        Ok((event, endpoint))
    }
}

/// How long an attempt to this endpoint may take.
fn timeout(endpoint: &Endpoint) -> Result<Duration, ApiError> {
    let own = endpoint.settings.timeout_ms.map(|millis| Duration::from_millis(millis.into()));
    let profile = Profile::get(&endpoint.profile).map_err(ApiError::internal)?;
    Ok(own.unwrap_or(profile.timeout))
}

/// A type that the endpoint wants and its profile has.
fn a_type(endpoint: &Endpoint, profile: &Profile) -> String {
    // What only the server sends is not sent as a test either.
    let ours = |text: &&str| !subscription::is_operational(text);
    let wanted = || endpoint.event_types.iter().map(String::as_str).filter(ours);
    let plain = |text: &&str| *text != subscription::ALL && subscription::prefix(text).is_none();
    if let Some(named) = wanted().find(plain) {
        return named.to_owned();
    }
    let prefixes = || wanted().filter_map(subscription::prefix);
    let begins = |name: &str| {
        prefixes().any(|prefix| name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.')))
    };
    let known = || profile.event_types().iter().map(|known| known.name);
    if let Some(known) = known().find(|name| begins(name)) {
        return known.to_owned();
    }
    match prefixes().next() {
        Some(prefix) if profile.is_open() => format!("{prefix}.test"),
        _ => known().next().unwrap_or("test.event").to_owned(),
    }
}

/// To write down what came of an attempt.
const MARGIN: Duration = Duration::from_secs(5);
const DATA: &str = r#"{"test":true}"#;
