//! `{"type","data"}`, what Luma sends when a guest registers. It holds neither an id nor a time: both are given beside it.

use serde::{Deserialize, Serialize};

use super::data::{data, events};
use super::data_of;
use super::object::{Object, raw};
use crate::error::Error;
use crate::event::{Event, EventType};
use crate::timestamp::Timestamp;

/// The body of a Luma webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "Object")]
pub struct LumaEnvelope {
    /// The type of the event: `guest.registered`.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// The particulars.
    pub data: Object,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub extra: Object,
}

impl LumaEnvelope {
    /// Writes an event into this envelope, which has no place for an id, a time or a tenant.
    ///
    /// # Errors
    /// `invalid_event` when the data is not an object.
    pub fn from_event(event: &Event) -> Result<Self, Error> {
        Ok(Self {
            event_type: event.event_type.clone(),
            data: data_of(event)?,
            extra: Object::default(),
        })
    }

    /// The event, typed.
    ///
    /// # Errors
    /// As [`LumaEvent::read`].
    pub fn typed(&self) -> Result<LumaEvent, Error> {
        LumaEvent::read(&self.event_type, self.data.clone())
    }

    /// Reads the event out; `id` is the request's `webhook-id`, `received` when it came in.
    ///
    /// # Errors
    /// `invalid_payload` when the data cannot be written.
    pub fn into_event(self, id: &str, received: Timestamp) -> Result<Event, Error> {
        Ok(Event {
            id: id.to_owned(),
            event_type: self.event_type,
            time: received,
            tenant: None,
            data: raw(&self.data)?,
        })
    }
}

impl TryFrom<Object> for LumaEnvelope {
    type Error = Error;

    fn try_from(mut object: Object) -> Result<Self, Error> {
        Ok(Self {
            event_type: object.require_type("type")?,
            data: object.require("data", "an object")?,
            extra: object,
        })
    }
}

events! {
    /// An event of Luma.
    LumaEvent {
        /// A guest registered for an event.
        "guest.registered" => GuestRegistered(GuestRegistered),
    }
}

data! {
    /// The data of `guest.registered`.
    GuestRegistered {
        /// The id of the guest.
        id as "id": String,
        /// The address of the guest.
        user_email as "user_email": String,
        /// The whole name, where the guest gave one.
        user_name as "user_name": Option<String>,
        /// The first name.
        user_first_name as "user_first_name": Option<String>,
        /// The last name.
        user_last_name as "user_last_name": Option<String>,
        /// Whether the guest may come.
        approval_status as "approval_status": GuestStatus,
        /// When the guest registered: RFC 3339.
        #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
        registered_at as "registered_at": Option<String>,
        /// What the guest registered for.
        #[serde(skip_serializing_if = "Option::is_none")]
        event as "event": Option<Box<LumaGathering>>,
    }

    /// What a guest registers for.
    LumaGathering {
        /// Its id: `evt-…`.
        id as "id": Option<String>,
        /// Its name.
        #[serde(skip_serializing_if = "Option::is_none")]
        name as "name": Option<String>,
        /// When it starts: RFC 3339.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
        start_at as "start_at": Option<String>,
        /// When it ends: RFC 3339.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
        end_at as "end_at": Option<String>,
        /// The name of its time zone: `Europe/Berlin`.
        #[serde(skip_serializing_if = "Option::is_none")]
        timezone as "timezone": Option<String>,
    }
}

impl GuestRegistered {
    /// When the guest registered, if that is said.
    ///
    /// # Errors
    /// `malformed_timestamp`.
    pub fn registered_time(&self) -> Result<Option<Timestamp>, Error> {
        self.registered_at.as_deref().map(Timestamp::parse_rfc3339).transpose()
    }
}

/// Whether a guest may come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GuestStatus {
    /// The guest may come.
    Approved,
    /// The host declined, or the guest did.
    Declined,
    /// The guest is invited and has not answered.
    Invited,
    /// The host has yet to decide.
    PendingApproval,
    /// The guest comes to a session of the event.
    Session,
    /// There is no room yet.
    Waitlist,
    /// A status that this version does not know.
    #[serde(untagged)]
    Other(String),
}
