//! `{"event","timestamp","bot_id",…the event's own members…}`; the tenant is `bot_id`. When sent, the member `signature`
//! follows as the last one ([`Webhook::sign_body`](crate::Webhook::sign_body)).

use serde::{Deserialize, Serialize};

use super::data::{data, events};
use super::data_of;
use super::object::{Object, raw};
use crate::error::{Error, ErrorCode};
use crate::event::{Event, EventType};
use crate::timestamp::Timestamp;

/// The body of a nativeMsg webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "Object")]
pub struct NativemsgEnvelope {
    /// The type of the event: `message.received`.
    pub event: EventType,
    /// When it happened: RFC 3339, UTC.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub timestamp: String,
    /// Which bot it belongs to.
    pub bot_id: Option<String>,
    /// The event's own members: `user`, `message`, …
    #[serde(flatten)]
    pub fields: Object,
    /// `sha256=` and hex, once the body is signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^sha256=")))]
    pub signature: Option<String>,
}

impl NativemsgEnvelope {
    /// Writes an event into this envelope, whose top level holds the members of the data.
    ///
    /// # Errors
    /// `invalid_event` when the data is not an object, names another bot than the event's tenant, or has a member that
    /// the envelope needs itself.
    pub fn from_event(event: &Event) -> Result<Self, Error> {
        let mut fields = data_of(event)?;
        let refuse = |message: String| Err(Error::new(ErrorCode::InvalidEvent, message));
        for reserved in ["event", "timestamp", "signature"] {
            if fields.get(reserved).is_some() {
                return refuse(format!(
                    "data has a member `{reserved}`, which nativemsg's envelope needs itself"
                ));
            }
        }
        if let Some(bot_id) = fields.take("bot_id")
            && bot_id.get() != raw(&event.tenant)?.get()
        {
            let message = "data has a member `bot_id` that is not the tenant of the event; pass it as `tenant`";
            return refuse(message.to_owned());
        }
        Ok(Self {
            event: event.event_type.clone(),
            timestamp: event.time.to_rfc3339_millis(),
            bot_id: event.tenant.clone(),
            fields,
            signature: None,
        })
    }

    /// When it happened.
    ///
    /// # Errors
    /// `malformed_timestamp`.
    pub fn time(&self) -> Result<Timestamp, Error> {
        Timestamp::parse_rfc3339(&self.timestamp)
    }

    /// The event, typed.
    ///
    /// # Errors
    /// As [`NativemsgEvent::read`].
    pub fn typed(&self) -> Result<NativemsgEvent, Error> {
        NativemsgEvent::read(&self.event, self.fields.clone())
    }

    /// Reads the event out; `id` is the request's `webhook-id`.
    ///
    /// # Errors
    /// `malformed_timestamp`.
    pub fn into_event(self, id: &str) -> Result<Event, Error> {
        Ok(Event {
            id: id.to_owned(),
            time: self.time()?,
            event_type: self.event,
            tenant: self.bot_id,
            data: raw(&self.fields)?,
        })
    }
}

impl TryFrom<Object> for NativemsgEnvelope {
    type Error = Error;

    fn try_from(mut object: Object) -> Result<Self, Error> {
        Ok(Self {
            event: object.require_type("event")?,
            timestamp: object.require("timestamp", "a string")?,
            bot_id: object.require("bot_id", "a string or null")?,
            signature: match object.take("signature") {
                None => None,
                Some(value) => super::optional_string(Some(&value), "signature")?,
            },
            fields: object,
        })
    }
}

events! {
    /// An event of nativeMsg.
    NativemsgEvent {
        /// A user sent a message to a bot.
        "message.received" => MessageReceived(MessageReceived),
        /// A bot sent a message.
        "message.sent" => MessageSent(MessageSent),
        /// The status of a message changed.
        "message.status" => MessageStatus(MessageStatus),
        /// A user was created.
        "user.created" => UserCreated(UserCreated),
    }
}

data! {
    /// The members of `message.received`.
    MessageReceived {
        /// Who sent it.
        user as "user": NativemsgUser,
        /// What was sent.
        message as "message": NativemsgMessage,
    }

    /// The members of `message.sent`.
    MessageSent {
        /// Whom it was sent to.
        #[serde(skip_serializing_if = "Option::is_none")]
        user as "user": Option<NativemsgUser>,
        /// What was sent.
        #[serde(skip_serializing_if = "Option::is_none")]
        message as "message": Option<NativemsgMessage>,
    }

    /// The members of `message.status`.
    MessageStatus {
        /// Whom the message was sent to.
        #[serde(skip_serializing_if = "Option::is_none")]
        user as "user": Option<NativemsgUser>,
        /// The message whose status changed.
        #[serde(skip_serializing_if = "Option::is_none")]
        message as "message": Option<NativemsgMessage>,
    }

    /// The members of `user.created`.
    UserCreated {
        /// Who was created.
        #[serde(skip_serializing_if = "Option::is_none")]
        user as "user": Option<NativemsgUser>,
    }

    /// A person who talks with a bot.
    NativemsgUser {
        /// The id of the user.
        id as "id": String,
        /// The number with `+` and country code, where the channel has one.
        #[serde(skip_serializing_if = "Option::is_none")]
        phone as "phone": Option<String>,
    }

    /// A message.
    NativemsgMessage {
        /// What it is: `text`.
        kind as "type": String,
        /// The text of a text message.
        #[serde(skip_serializing_if = "Option::is_none")]
        content as "content": Option<String>,
    }
}
