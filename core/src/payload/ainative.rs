//! `{"event_type","occurred_at","data"}`; the tenant is `data.owner_id`, where the event has one.

use serde::{Deserialize, Serialize};

use super::object::{Object, raw};
use super::{data_of, optional_string, set_tenant};
use crate::error::Error;
use crate::event::{Event, EventType};
use crate::timestamp::Timestamp;

const TENANT: &str = "owner_id";

/// The body of an ainative (ZeroDB) webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Object")]
pub struct AinativeEnvelope {
    /// The type of the event: `memory.stored`.
    pub event_type: EventType,
    /// When it happened: RFC 3339, UTC, seconds.
    pub occurred_at: String,
    /// The particulars.
    pub data: Object,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub extra: Object,
}

impl AinativeEnvelope {
    /// Writes an event into this envelope.
    ///
    /// # Errors
    /// `invalid_event` when the data is not an object or names another owner than the event.
    pub fn from_event(event: &Event) -> Result<Self, Error> {
        let mut data = data_of(event)?;
        if event.tenant.is_some() {
            set_tenant(&mut data, TENANT, event.tenant.as_deref())?;
        }
        let occurred_at = event.time.to_rfc3339();
        Ok(Self {
            event_type: event.event_type.clone(),
            occurred_at,
            data,
            extra: Object::default(),
        })
    }

    /// Reads the event out; `id` is the request's `webhook-id`.
    ///
    /// # Errors
    /// `malformed_timestamp`; `invalid_payload` when `owner_id` is neither a string nor null.
    pub fn into_event(self, id: &str) -> Result<Event, Error> {
        Ok(Event {
            id: id.to_owned(),
            event_type: self.event_type,
            time: Timestamp::parse_rfc3339(&self.occurred_at)?,
            tenant: optional_string(self.data.get(TENANT), TENANT)?,
            data: raw(&self.data)?,
        })
    }
}

impl TryFrom<Object> for AinativeEnvelope {
    type Error = Error;

    fn try_from(mut object: Object) -> Result<Self, Error> {
        Ok(Self {
            event_type: object.require_type("event_type")?,
            occurred_at: object.require("occurred_at", "a string")?,
            data: object.require("data", "an object")?,
            extra: object,
        })
    }
}
