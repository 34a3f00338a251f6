//! CloudEvents 1.0: an event with its attributes, as JSON ([`json`]) and over HTTP ([`http`]).
//!
//! **Invariants.** What is read and what is written has the four required attributes, extensions named as the
//! specification demands, strings without control characters, and data that fits its content type. `source` and
//! `dataschema` are held to be URIs, but not parsed. Source: CloudEvents 1.0.2, "CloudEvents", "JSON Event Format" and
//! "HTTP Protocol Binding".

mod http;
mod json;
mod media_type;

pub use http::ContentMode;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::object::{Object, invalid, raw};
use crate::error::{Error, ErrorCode, clip};
use crate::event::{Event, EventType};
use crate::timestamp::Timestamp;

/// A CloudEvent of version 1.0. With serde it reads and writes the JSON event format.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Object")]
pub struct CloudEvent {
    /// Identifies the event, together with `source`.
    pub id: String,
    /// Where it happened: a URI reference.
    pub source: String,
    /// What kind of thing happened: `com.example.invoice.paid`. Wider than [`EventType`].
    pub event_type: String,
    /// The media type of the data; JSON where there is none.
    pub data_content_type: Option<String>,
    /// The schema of the data: a URI.
    pub data_schema: Option<String>,
    /// What it happened to, within `source`.
    pub subject: Option<String>,
    /// When it happened: RFC 3339. See [`moment`](Self::moment).
    pub time: Option<String>,
    /// All other attributes. Names are lower-case letters and digits; more than 20 of them are discouraged.
    pub extensions: BTreeMap<String, Attribute>,
    /// What the event says.
    pub data: Option<CloudEventData>,
}

/// The value of an extension. Times, URIs and bytes (in base64) are strings; read from headers, all are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// True or false.
    Boolean(bool),
    /// A whole number of 32 bits.
    Integer(i32),
    /// Text without control characters.
    String(String),
}

/// The data of a CloudEvent.
#[derive(Clone, Debug)]
pub enum CloudEventData {
    /// Bytes of any content type.
    Binary(Vec<u8>),
    /// JSON, in the sender's own bytes. The content type is absent or says JSON.
    Json(Box<RawValue>),
    /// Text, whose content type is there and does not say JSON.
    Text(String),
}

/// The extension that holds the tenant of an [`Event`], for which CloudEvents has no attribute. Ours.
const TENANT: &str = "tenant";
const SPEC_VERSION: &str = "1.0";
/// Names that an extension cannot have.
const CORE: [&str; 9] = [
    "data",
    "datacontenttype",
    "dataschema",
    "id",
    "source",
    "specversion",
    "subject",
    "time",
    "type",
];

impl CloudEvent {
    /// Writes an event as a CloudEvent of this source. The tenant becomes the extension `tenant`.
    ///
    /// # Errors
    /// `invalid_event` when the id, the source or the tenant cannot be an attribute.
    pub fn from_event(event: &Event, source: &str) -> Result<Self, Error> {
        let tenant = event.tenant.clone();
        let written = Self {
            id: event.id.clone(),
            source: source.to_owned(),
            event_type: event.event_type.as_str().to_owned(),
            data_content_type: Some(media_type::JSON.to_owned()),
            data_schema: None,
            subject: None,
            time: Some(event.time.to_rfc3339_millis()),
            extensions: tenant
                .into_iter()
                .map(|tenant| (TENANT.to_owned(), Attribute::String(tenant)))
                .collect(),
            data: Some(CloudEventData::Json(event.data.clone())),
        };
        written.check(ErrorCode::InvalidEvent).map(|()| written)
    }

    /// Reads the event out. `received` stands in for a `time` that the sender left out; data that is absent is null.
    ///
    /// # Errors
    /// `invalid_event_type`; `malformed_timestamp`; `invalid_payload` when the data is not JSON.
    pub fn into_event(self, received: Timestamp) -> Result<Event, Error> {
        let time = self.moment()?.unwrap_or(received);
        let data = match self.data {
            None => raw(&())?,
            Some(CloudEventData::Json(data)) => data,
            Some(CloudEventData::Binary(_) | CloudEventData::Text(_)) => {
                let content_type = self.data_content_type.unwrap_or_default();
                return Err(invalid(format!(
                    "data of the type `{}` is not JSON, which an event holds",
                    clip(&content_type)
                )));
            }
        };
        Ok(Event {
            id: self.id,
            event_type: EventType::parse(&self.event_type)?,
            time,
            tenant: self.extensions.get(TENANT).map(ToString::to_string),
            data,
        })
    }

    /// When it happened, if that is said.
    ///
    /// # Errors
    /// `malformed_timestamp`.
    pub fn moment(&self) -> Result<Option<Timestamp>, Error> {
        self.time.as_deref().map(Timestamp::parse_rfc3339).transpose()
    }

    /// Holds every attribute against the specification.
    fn check(&self, code: ErrorCode) -> Result<(), Error> {
        let refuse = |message: String| Err(Error::new(code, message));
        for (name, value) in self.texts() {
            if value.is_empty() {
                return refuse(format!("attribute `{name}` is empty"));
            }
            if !is_string(value) {
                return refuse(format!("attribute `{name}` holds a control character"));
            }
        }
        for (name, value) in &self.extensions {
            if !is_name(name) || CORE.contains(&name.as_str()) {
                return refuse(format!(
                    "extension `{}` is not named with lower-case letters and digits alone, other than the specification's own attributes",
                    clip(name)
                ));
            }
            if matches!(value, Attribute::String(text) if !is_string(text)) {
                return refuse(format!("extension `{name}` holds a control character"));
            }
        }
        self.moment()?;
        let content_type = self.data_content_type.as_deref();
        if let Some(text) = content_type
            && !media_type::is_valid(text)
        {
            return refuse(format!("data content type `{}` is not a media type", clip(text)));
        }
        let says_json = content_type.is_none_or(media_type::is_json);
        match &self.data {
            Some(CloudEventData::Json(_)) if !says_json => {
                refuse("JSON data has a content type that is not JSON".to_owned())
            }
            Some(CloudEventData::Text(_)) if says_json => {
                refuse("text data has no content type, or one that is JSON".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// The attributes that are not extensions, and set, in the order they are written.
    fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("specversion", Some(SPEC_VERSION)),
            ("id", Some(&*self.id)),
            ("source", Some(&*self.source)),
            ("type", Some(&*self.event_type)),
            ("datacontenttype", self.data_content_type.as_deref()),
            ("dataschema", self.data_schema.as_deref()),
            ("subject", self.subject.as_deref()),
            ("time", self.time.as_deref()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

impl std::fmt::Display for Attribute {
    /// The canonical string of the specification, "Type System".
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Boolean(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::String(value) => f.write_str(value),
        }
    }
}

fn check_version(version: &str) -> Result<(), Error> {
    if version == SPEC_VERSION {
        return Ok(());
    }
    Err(invalid(format!("specversion `{}` is not `{SPEC_VERSION}`", clip(version))))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Whether the text is a `String` of the specification: no control characters, no noncharacters of Unicode.
fn is_string(text: &str) -> bool {
    text.chars().all(|c| {
        let noncharacter = matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe;
        !c.is_control() && !noncharacter
    })
}

#[cfg(test)]
mod tests;
