//! `{"id","type","created_at","data"}`; no tenant.

use serde::{Deserialize, Serialize};

use super::data::events;
use super::data_of;
use super::object::{Object, raw};
use crate::error::Error;
use crate::event::{Event, EventType};
use crate::timestamp::Timestamp;

/// The body of a yativo webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "Object")]
pub struct YativoEnvelope {
    /// The id of the event, the same over attempts and replays: `evt_…`.
    pub id: String,
    /// The type of the event: `deposit.confirmed`.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// When it happened: RFC 3339, UTC.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub created_at: String,
    /// The particulars.
    pub data: Object,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub extra: Object,
}

impl YativoEnvelope {
    /// Writes an event into this envelope, which has no place for a tenant.
    ///
    /// # Errors
    /// `invalid_event` when the data is not an object.
    pub fn from_event(event: &Event) -> Result<Self, Error> {
        Ok(Self {
            id: event.id.clone(),
            event_type: event.event_type.clone(),
            created_at: event.time.to_rfc3339_millis(),
            data: data_of(event)?,
            extra: Object::default(),
        })
    }

    /// When it happened.
    ///
    /// # Errors
    /// `malformed_timestamp`.
    pub fn time(&self) -> Result<Timestamp, Error> {
        Timestamp::parse_rfc3339(&self.created_at)
    }

    /// The event, typed.
    ///
    /// # Errors
    /// As [`YativoEvent::read`].
    pub fn typed(&self) -> Result<YativoEvent, Error> {
        YativoEvent::read(&self.event_type, self.data.clone())
    }

    /// Reads the event out.
    ///
    /// # Errors
    /// `malformed_timestamp`.
    pub fn into_event(self) -> Result<Event, Error> {
        Ok(Event {
            time: self.time()?,
            id: self.id,
            event_type: self.event_type,
            tenant: None,
            data: raw(&self.data)?,
        })
    }
}

impl TryFrom<Object> for YativoEnvelope {
    type Error = Error;

    fn try_from(mut object: Object) -> Result<Self, Error> {
        Ok(Self {
            id: object.require("id", "a string")?,
            event_type: object.require_type("type")?,
            created_at: object.require("created_at", "a string")?,
            data: object.require("data", "an object")?,
            extra: object,
        })
    }
}

events! {
    /// An event of yativo, whose registry is open. The page names no members of the data: amounts are read with
    /// [`Object::get_number`], which keeps every digit.
    YativoEvent {
        /// A deposit has enough confirmations.
        "deposit.confirmed" => DepositConfirmed(Object),
        /// A deposit was seen, but is not confirmed.
        "deposit.detected" => DepositDetected(Object),
        /// A transaction was confirmed.
        "transaction.confirmed" => TransactionConfirmed(Object),
        /// A transaction failed.
        "transaction.failed" => TransactionFailed(Object),
        /// A transaction was begun.
        "transaction.initiated" => TransactionInitiated(Object),
        /// A transaction was handed in.
        "transaction.submitted" => TransactionSubmitted(Object),
        /// A withdrawal was carried out.
        "withdrawal.completed" => WithdrawalCompleted(Object),
    }
}
