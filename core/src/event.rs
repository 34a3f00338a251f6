//! What happened, in the one form that every envelope maps to and from.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::{Error, ErrorCode, clip};
use crate::timestamp::Timestamp;

/// The type of an event: `invoice.paid`. 1 to 128 letters, digits and `. _ - : /`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[A-Za-z0-9._:/-]{1,128}$")))]
pub struct EventType(String);

impl EventType {
    /// Reads the name of a type.
    ///
    /// # Errors
    /// `invalid_event_type`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:/".contains(&byte);
        if text.is_empty() || text.len() > 128 || !text.bytes().all(allowed) {
            let message = format!(
                "event type `{}` is not 1 to 128 letters, digits and `. _ - : /`",
                clip(text)
            );
            return Err(Error::new(ErrorCode::InvalidEventType, message));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for EventType {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

impl From<EventType> for String {
    fn from(event_type: EventType) -> Self {
        event_type.0
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// The same for every delivery and attempt: `evt_…`.
    pub id: String,
    /// What kind of thing happened.
    pub event_type: EventType,
    /// When it happened.
    pub time: Timestamp,
    /// Whose event it is, where the sender has tenants.
    pub tenant: Option<String>,
    /// The particulars: a JSON object (any JSON, from a CloudEvent), in the sender's own bytes, so that long numbers and the order of members survive.
    pub data: Box<RawValue>,
}
