//! What stands behind the `?`, with our error body when it does not fit.

use std::borrow::Cow;

use axum::{extract::FromRequestParts, http::request::Parts};
use hookseal::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error as _};
use serde_json::{Map, Value};

use super::extract::field_of;
use crate::{
    error::{ApiCode, ApiError},
    schema::Moment,
    store::{AccountKey, ApiKeyId, DeliveryKey, DeliveryState, EndpointKey, EventKey, SourceKey},
};

/// The parameters, each at most once.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let mut members = Map::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            // No text that is stored holds one, and not every engine can ask for it.
            if value.chars().any(char::is_control) {
                let message = format!("`{name}` holds a control character, expected plain text");
                return Err(invalid(message, &name));
            }
            let before = members.insert(name.to_string(), Value::String(value.into_owned()));
            if before.is_some() {
                return Err(invalid(format!("`{name}` is given twice, expected once"), &name));
            }
        }
        serde_path_to_error::deserialize(Value::Object(members)).map(Self).map_err(|error| {
            let field = field_of(error.path()).unwrap_or_default();
            invalid(error.inner().to_string(), &field)
        })
    }
}

/// A value that is written as text.
#[derive(Clone, Debug)]
pub(crate) struct Text<T>(pub(crate) T);

impl<'de, T: FromText> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        T::from_text(&text).map(Self).ok_or_else(|| {
            let shown: String =
                text.chars().take(MAX_SHOWN).flat_map(char::escape_default).collect();
            D::Error::custom(format!("got `{shown}`, expected {}", T::EXPECTED))
        })
    }
}

impl<T: FromText> JsonSchema for Text<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::schema(generator)
    }
}

/// What can be read from a text.
pub(crate) trait FromText: Sized {
    /// For the error.
    const EXPECTED: &'static str;

    /// What its texts look like.
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }

    /// Reads it; `None` for any other text.
    fn from_text(text: &str) -> Option<Self>;
}

/// Rows of a page: 1 to 250.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit(pub(crate) u32);

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl FromText for Limit {
    const EXPECTED: &'static str = "1 to 250";

    fn schema(_: &mut SchemaGenerator) -> Schema {
        let Self(default) = Self::default();
        json_schema!({ "type": "integer", "minimum": 1, "maximum": 250, "default": default })
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().filter(|limit| (1..=250).contains(limit)).map(Self)
    }
}

/// States of deliveries.
#[derive(Clone, Debug, Default)]
pub(crate) struct States(pub(crate) Vec<DeliveryState>);

impl FromText for States {
    const EXPECTED: &'static str = "states out of pending, delivering, delivered, failed and cancelled, with commas between them";

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "array",
            "items": generator.subschema_for::<DeliveryState>(),
            "minItems": 1,
        })
    }

    fn from_text(text: &str) -> Option<Self> {
        text.split(',').map(DeliveryState::parse).collect::<Option<_>>().map(Self)
    }
}

impl FromText for bool {
    const EXPECTED: &'static str = "`true` or `false`";

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "boolean", "default": false })
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl FromText for Timestamp {
    const EXPECTED: &'static str = "an RFC 3339 time such as `2026-04-25T10:05:23Z`";

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Moment::json_schema(generator)
    }

    fn from_text(text: &str) -> Option<Self> {
        Self::parse_rfc3339(text).ok()
    }
}

impl FromText for AccountKey {
    const EXPECTED: &'static str = "the id of an account";

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Self::json_schema(generator)
    }

    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl FromText for ApiKeyId {
    const EXPECTED: &'static str = "the `next` of the page before";

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Self::json_schema(generator)
    }

    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl FromText for DeliveryKey {
    const EXPECTED: &'static str = "the id of a delivery";

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Self::json_schema(generator)
    }

    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl FromText for EndpointKey {
    const EXPECTED: &'static str = "the id of an endpoint";

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Self::json_schema(generator)
    }

    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl FromText for SourceKey {
    const EXPECTED: &'static str = "the id of a source";

    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl FromText for EventKey {
    const EXPECTED: &'static str = "the `next` of the page before";

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Self::json_schema(generator)
    }

    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

/// The value of a parameter that may be missing.
pub(crate) fn given<T>(text: Option<Text<T>>) -> Option<T> {
    text.map(|Text(value)| value)
}

fn invalid(message: String, field: &str) -> ApiError {
    ApiError::new(ApiCode::InvalidArgument, message).in_field(field)
}

const MAX_SHOWN: usize = 64;
