//! An event for one endpoint, to see whether it receives.

use hookseal::Profile;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    caller::{Caller, unknown},
    endpoint_changes::disabled,
    events::{Events, SendEvent},
};
use crate::{
    error::ApiError,
    store::{Attempt, Delivery, Endpoint, EndpointState, Pushed},
    subscription,
};

/// What to send; as JSON, the body of `POST /v1/endpoints/{id}/test`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SendTest {
    /// The type; one that the endpoint wants, where none is given.
    #[serde(rename = "type")]
    event_type: Option<String>,
    /// A JSON object; `{"test":true}`, where none is given.
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
        let endpoint = caller.endpoint(&*self.engine, endpoint_id).await?.endpoint;
        if endpoint.state == EndpointState::Disabled {
            return Err(disabled(&endpoint));
        }
        let profile = Profile::get(&endpoint.profile).map_err(ApiError::internal)?;
        let data = match wanted.data {
            Some(data) => data,
            None => RawValue::from_string(DATA.to_owned()).map_err(ApiError::internal)?,
        };
        let event = SendEvent {
            event_type: wanted.event_type.unwrap_or_else(|| a_type(&endpoint, profile)),
            data,
            tenant: endpoint.tenant.clone(),
            id: None,
            profile: Some(endpoint.profile.clone()),
            ordering_key: None,
        };
        let mut event = self.parse(caller, event, None)?;
        event.only = Some(vec![endpoint.key]);
        let pushed = self.engine.push(vec![event]).await?;
        let Some(Pushed::New(deliveries)) = pushed.into_iter().next() else {
            return Err(ApiError::internal("a new event was not new"));
        };
        // Without a delivery, the endpoint went away meanwhile.
        let key = *deliveries.first().ok_or_else(|| unknown("endpoint"))?;
        let delivery = self.engine.delivery(caller.account(), key).await?;
        delivery.ok_or_else(|| unknown("endpoint"))
    }
}

/// A type that the endpoint wants and its profile has.
fn a_type(endpoint: &Endpoint, profile: &Profile) -> String {
    let wanted = || endpoint.event_types.iter().map(String::as_str);
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

const DATA: &str = r#"{"test":true}"#;
