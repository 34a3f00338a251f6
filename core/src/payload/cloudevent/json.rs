//! The JSON event format, and its batches. Source: CloudEvents 1.0.2, "JSON Event Format".

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::{Attribute, CloudEvent, CloudEventData, check_version, media_type};
use crate::error::{Error, ErrorCode, clip};
use crate::payload::object::{Object, invalid};
use crate::payload::to_bytes;

impl CloudEvent {
    /// Reads one event in the JSON format.
    ///
    /// # Errors
    /// `invalid_payload` when the body is not a CloudEvent of version 1.0; the message names the attribute.
    /// `malformed_timestamp` for its time.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        Object::parse(body)?.try_into()
    }

    /// Reads a batch: a JSON array of events.
    ///
    /// # Errors
    /// `invalid_payload` when the body is not an array or an event of it is not a CloudEvent.
    pub fn parse_batch(body: &[u8]) -> Result<Vec<Self>, Error> {
        serde_json::from_slice(body)
            .map_err(|error| invalid(format!("an array of CloudEvents is expected: {error}")))
    }

    /// Writes the event in the JSON format.
    ///
    /// # Errors
    /// `invalid_event` when an attribute or the data is not as the specification demands.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        self.check(ErrorCode::InvalidEvent)?;
        to_bytes(self, 0)
    }

    /// Writes a batch.
    ///
    /// # Errors
    /// As [`to_json`](Self::to_json).
    pub fn batch_to_json(events: &[Self]) -> Result<Vec<u8>, Error> {
        events.iter().try_for_each(|event| event.check(ErrorCode::InvalidEvent))?;
        to_bytes(&events, 0)
    }
}

impl TryFrom<Object> for CloudEvent {
    type Error = Error;

    fn try_from(mut object: Object) -> Result<Self, Error> {
        check_version(&object.member::<String>("specversion")?)?;
        let data_content_type: Option<String> = object.member("datacontenttype")?;
        let data = object.take("data");
        let binary: Option<String> = object.member("data_base64")?;
        let mut event = Self {
            id: object.member("id")?,
            source: object.member("source")?,
            event_type: object.member("type")?,
            data: read_data(data, binary, data_content_type.as_deref())?,
            data_content_type,
            data_schema: object.member("dataschema")?,
            subject: object.member("subject")?,
            time: object.member("time")?,
            extensions: std::collections::BTreeMap::new(),
        };
        for (name, value) in object.iter() {
            if let Some(value) = read_attribute(name, value)? {
                event.extensions.insert(name.to_owned(), value);
            }
        }
        event.check(ErrorCode::InvalidPayload).map(|()| event)
    }
}

fn read_data(
    data: Option<Box<RawValue>>,
    binary: Option<String>,
    content_type: Option<&str>,
) -> Result<Option<CloudEventData>, Error> {
    match (data, binary) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(invalid("both `data` and `data_base64` are there".to_owned())),
        (None, Some(text)) => match STANDARD.decode(text) {
            Ok(bytes) => Ok(Some(CloudEventData::Binary(bytes))),
            Err(_) => Err(invalid("member `data_base64` is not base64".to_owned())),
        },
        (Some(value), None) if content_type.is_none_or(media_type::is_json) => {
            Ok(Some(CloudEventData::Json(value)))
        }
        (Some(value), None) => match serde_json::from_str(value.get()) {
            Ok(text) => Ok(Some(CloudEventData::Text(text))),
            Err(_) => Err(invalid(format!(
                "member `data` of the type `{}` is not a string",
                clip(content_type.unwrap_or_default())
            ))),
        },
    }
}

/// None for null, which means that the attribute is not set.
fn read_attribute(name: &str, value: &RawValue) -> Result<Option<Attribute>, Error> {
    let json = value.get();
    if json == "null" {
        return Ok(None);
    }
    // Not by serde's own choice: it would take 5.0 for a number, and a lone surrogate for a failure of its own.
    let attribute = match json.as_bytes().first() {
        Some(b'"') => serde_json::from_str(json).ok().map(Attribute::String),
        Some(b't' | b'f') => Some(Attribute::Boolean(json == "true")),
        _ => json.parse().ok().map(Attribute::Integer),
    };
    attribute.map(Some).ok_or_else(|| {
        invalid(format!(
            "extension `{}` is not a string, a boolean or a whole number of 32 bits, got `{}`",
            clip(name),
            clip(json)
        ))
    })
}

impl Serialize for CloudEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.texts() {
            map.serialize_entry(name, value)?;
        }
        for (name, value) in &self.extensions {
            map.serialize_entry(name, value)?;
        }
        match &self.data {
            None => {}
            Some(CloudEventData::Binary(bytes)) => {
                map.serialize_entry("data_base64", &STANDARD.encode(bytes))?;
            }
            Some(CloudEventData::Json(value)) => map.serialize_entry("data", value)?,
            Some(CloudEventData::Text(text)) => map.serialize_entry("data", text)?,
        }
        map.end()
    }
}

impl Serialize for Attribute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Boolean(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i32(*value),
            Self::String(value) => serializer.serialize_str(value),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for CloudEvent {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CloudEvent".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let text = serde_json::json!({ "type": "string", "minLength": 1 });
        let optional = serde_json::json!({ "type": ["string", "null"], "minLength": 1 });
        let optional_as = |format: &str| serde_json::json!({ "type": ["string", "null"], "minLength": 1, "format": format });
        schemars::json_schema!({
            "description": "An event of version 1.0, with its attributes and its data.",
            "type": "object",
            "required": ["id", "source", "specversion", "type"],
            "properties": {
                "data": true,
                "data_base64": { "type": ["string", "null"], "contentEncoding": "base64" },
                "datacontenttype": optional,
                "dataschema": optional_as("uri"),
                "id": text,
                "source": { "type": "string", "minLength": 1, "format": "uri-reference" },
                "specversion": { "const": super::SPEC_VERSION },
                "subject": optional,
                "time": optional_as("date-time"),
                "type": text,
            },
            "propertyNames": { "pattern": "^([a-z0-9]+|data_base64)$" },
            "additionalProperties": {
                "type": ["boolean", "integer", "string", "null"],
                "minimum": i32::MIN,
                "maximum": i32::MAX,
            },
            "not": {
                "required": ["data", "data_base64"],
                "properties": { "data_base64": { "type": "string" } },
            },
        })
    }
}
