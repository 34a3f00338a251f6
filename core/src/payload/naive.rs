//! `{"event","data","ts"}`; the tenant is `data.tenant_user_id`, always there, null when company-wide.

use serde::{Deserialize, Serialize};

use super::data::{data, events};
use super::object::{Object, raw};
use super::{data_of, optional_string, set_tenant};
use crate::error::Error;
use crate::event::{Event, EventType};
use crate::timestamp::Timestamp;

const TENANT: &str = "tenant_user_id";

/// The body of a naive webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

    /// When it happened.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        Timestamp::from_millis(self.ts_ms)
    }

    /// The event, typed.
    ///
    /// # Errors
    /// As [`NaiveEvent::read`].
    pub fn typed(&self) -> Result<NaiveEvent, Error> {
        NaiveEvent::read(&self.event, self.data.clone())
    }

    /// Reads the event out; `id` is the request's `webhook-id`.
    ///
    /// # Errors
    /// `invalid_payload` when `tenant_user_id` is neither a string nor null.
    pub fn into_event(self, id: &str) -> Result<Event, Error> {
        Ok(Event {
            id: id.to_owned(),
            time: self.time(),
            event_type: self.event,
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

events! {
    /// An event of naive.
    NaiveEvent {
        /// An approval was approved, denied, or failed.
        "approval.resolved" => ApprovalResolved(ApprovalResolved),
        /// An email arrived at one of the tenant's managed inboxes.
        "email.received" => EmailReceived(EmailReceived),
    }
}

data! {
    /// The data of `approval.resolved`.
    ApprovalResolved {
        /// How it ended.
        status as "status": ApprovalStatus,
        /// Whose it is; none when it is the company's.
        tenant_user_id as "tenant_user_id": Option<String>,
    }

    /// The data of `email.received`.
    EmailReceived {
        /// Whose inbox it is; none when it is the company's.
        tenant_user_id as "tenant_user_id": Option<String>,
    }
}

/// How an approval ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ApprovalStatus {
    /// It was approved.
    Approved,
    /// It was denied.
    Denied,
    /// It could not be carried out.
    Failed,
    /// A status that this version does not know.
    #[serde(untagged)]
    Other(String),
}
