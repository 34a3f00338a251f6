//! `{"event","data","ts"}`; the tenant is `data.tenant_user_id`, always there, null when company-wide.

use serde::{Deserialize, Serialize};

use super::object::{Object, raw};
use super::{data_of, optional_string, set_tenant};
use crate::error::Error;
use crate::event::{Event, EventType};
use crate::timestamp::Timestamp;

const TENANT: &str = "tenant_user_id";

/// The body of a naive webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Object")]
pub struct NaiveEnvelope {
    /// The type of the event: `email.received`.
    pub event: EventType,
    /// The particulars, with `tenant_user_id`.
    pub data: Object,
    /// When it happened, in milliseconds since the epoch.
    #[serde(rename = "ts")]
    pub ts_ms: i64,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub extra: Object,
}

impl NaiveEnvelope {
    /// Writes an event into this envelope.
    ///
    /// # Errors
    /// `invalid_event` when the data is not an object or names another tenant than the event.
    pub fn from_event(event: &Event) -> Result<Self, Error> {
        let mut data = data_of(event)?;
        set_tenant(&mut data, TENANT, event.tenant.as_deref())?;
        let ts_ms = event.time.as_millis();
        Ok(Self { event: event.event_type.clone(), data, ts_ms, extra: Object::default() })
    }

    /// Reads the event out; `id` is the request's `webhook-id`.
    ///
    /// # Errors
    /// `invalid_payload` when `tenant_user_id` is neither a string nor null.
    pub fn into_event(self, id: &str) -> Result<Event, Error> {
        Ok(Event {
            id: id.to_owned(),
            event_type: self.event,
            time: Timestamp::from_millis(self.ts_ms),
            tenant: optional_string(self.data.get(TENANT), TENANT)?,
            data: raw(&self.data)?,
        })
    }
}

impl TryFrom<Object> for NaiveEnvelope {
    type Error = Error;

    fn try_from(mut object: Object) -> Result<Self, Error> {
        Ok(Self {
            event: object.require_type("event")?,
            data: object.require("data", "an object")?,
            ts_ms: object.require("ts", "milliseconds since the epoch")?,
            extra: object,
        })
    }
}
