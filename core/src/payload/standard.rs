//! `{"type","timestamp","data"}`, the payload that Standard Webhooks recommends; id and attempt time are in headers.
//! Source: Standard Webhooks specification, "Payload structure".

use serde::{Deserialize, Serialize};

use super::data_of;
use super::object::{Object, raw};
use crate::error::Error;
use crate::event::{Event, EventType};
use crate::timestamp::Timestamp;

/// The body of a Standard Webhooks message.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "Object")]
pub struct StandardEnvelope {
    /// The type of the event: `invoice.paid`.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// When it happened: RFC 3339.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub timestamp: String,
    /// The particulars.
    pub data: Object,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub extra: Object,
}

impl StandardEnvelope {
    /// Writes an event into this envelope, which has no place for a tenant.
    ///
    /// # Errors
    /// `invalid_event` when the data is not an object.
    pub fn from_event(event: &Event) -> Result<Self, Error> {
        let timestamp = event.time.to_rfc3339_millis();
        Ok(Self {
            event_type: event.event_type.clone(),
            timestamp,
            data: data_of(event)?,
            extra: Object::default(),
        })
    }

    /// When it happened.
    ///
    /// # Errors
    /// `malformed_timestamp`.
    pub fn time(&self) -> Result<Timestamp, Error> {
        Timestamp::parse_rfc3339(&self.timestamp)
    }

    /// Reads the event out; `id` is the request's `webhook-id`.
    ///
    /// # Errors
    /// `malformed_timestamp`.
    pub fn into_event(self, id: &str) -> Result<Event, Error> {
        Ok(Event {
            id: id.to_owned(),
            time: self.time()?,
            event_type: self.event_type,
            tenant: None,
            data: raw(&self.data)?,
        })
    }
}

impl TryFrom<Object> for StandardEnvelope {
    type Error = Error;

    fn try_from(mut object: Object) -> Result<Self, Error> {
        Ok(Self {
            event_type: object.require_type("type")?,
            timestamp: object.require("timestamp", "a string")?,
            data: object.require("data", "an object")?,
            extra: object,
        })
    }
}
