//! What a source may have of its own: checked, and merged into what it has.

use std::collections::BTreeMap;

use hookseal::EventType;
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use crate::{
    error::{ApiCode, ApiError},
    service::settings::given,
    store::SourceSettings,
    subscription,
};

/// Settings to change; as JSON, the member `settings`. What is left out stays, what is `null` goes back to the default.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SourceSettingsChange {
    /// What types begin with.
    #[serde(deserialize_with = "given")]
    event_prefix: Option<Option<String>>,
    /// The sender's types that get another name, all of them.
    #[serde(deserialize_with = "given")]
    event_types: Option<Option<BTreeMap<String, String>>>,
    /// Where the type is.
    #[serde(deserialize_with = "given")]
    type_from: Option<Option<String>>,
    /// Where the id is.
    #[serde(deserialize_with = "given")]
    id_from: Option<Option<String>>,
    /// For how long a repeat is known.
    #[serde(deserialize_with = "given")]
    dedupe_seconds: Option<Option<u32>>,
    /// Bytes of a body, at most.
    #[serde(deserialize_with = "given")]
    max_body_bytes: Option<Option<u32>>,
    /// Requests per second, at most.
    #[serde(deserialize_with = "given")]
    rate_limit: Option<Option<u32>>,
    /// How far timestamps may be off.
    #[serde(deserialize_with = "given")]
    tolerance_seconds: Option<Option<u32>>,
    /// The URL that the sender was given.
    #[serde(deserialize_with = "given")]
    public_url: Option<Option<String>>,
}

impl SourceSettingsChange {
    /// The settings `own` with this change.
    ///
    /// # Errors
    /// [`ApiError`] that names the field that is wrong, below `settings`.
    pub(super) fn apply(self, own: SourceSettings) -> Result<SourceSettings, ApiError> {
        self.checked(own).map_err(|error| error.within("settings"))
    }

    fn checked(self, mut own: SourceSettings) -> Result<SourceSettings, ApiError> {
        if let Some(prefix) = self.event_prefix {
            prefix.as_deref().map_or(Ok(()), check_prefix)?;
            own.event_prefix = prefix;
        }
        if let Some(types) = self.event_types {
            own.event_types = types.unwrap_or_default();
            check_types(&own.event_types)?;
        }
        if let Some(pointer) = self.type_from {
            check_pointer("type_from", pointer.as_deref())?;
            own.type_from = pointer;
        }
        if let Some(pointer) = self.id_from {
            check_pointer("id_from", pointer.as_deref())?;
            own.id_from = pointer;
        }
        if let Some(seconds) = self.dedupe_seconds {
            own.dedupe_seconds = match seconds {
                Some(0) => Some(0),
                seconds => within("dedupe_seconds", seconds, MIN_DEDUPE, MAX_DEDUPE)?,
            };
        }
        if let Some(bytes) = self.max_body_bytes {
            own.max_body_bytes = within("max_body_bytes", bytes, 1, MAX_BODY)?;
        }
        if let Some(rate) = self.rate_limit {
            own.rate_limit = within("rate_limit", rate, 1, MAX_RATE)?;
        }
        if let Some(seconds) = self.tolerance_seconds {
            own.tolerance_seconds = within("tolerance_seconds", seconds, 1, MAX_TOLERANCE)?;
        }
        if let Some(url) = self.public_url {
            url.as_deref().map_or(Ok(()), check_url)?;
            own.public_url = url;
        }
        Ok(own)
    }
}

/// Empty for types as the sender says them.
fn check_prefix(prefix: &str) -> Result<(), ApiError> {
    let invalid = |message: String| invalid("event_prefix", message);
    if prefix.is_empty() {
        return Ok(());
    }
    if prefix.len() > MAX_PREFIX_LEN {
        let len = prefix.len();
        return Err(invalid(format!(
            "event_prefix has {len} characters, expected 0 to {MAX_PREFIX_LEN}"
        )));
    }
    EventType::parse(prefix).map_err(|error| ApiError::from_core(&error, "event_prefix"))?;
    check_is_not_ours(&format!("{prefix}."), "event_prefix")
}

fn check_types(types: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if types.len() > MAX_TYPES {
        let message =
            format!("event_types has {} members, expected at most {MAX_TYPES}", types.len());
        return Err(invalid("event_types", message));
    }
    for (said, name) in types {
        let field = format!("event_types/{said}");
        EventType::parse(name).map_err(|error| ApiError::from_core(&error, &field))?;
        check_is_not_ours(name, &field)?;
    }
    Ok(())
}

/// What begins with `hookseal.` tells of the server itself.
pub(super) fn check_is_not_ours(name: &str, field: &str) -> Result<(), ApiError> {
    if !subscription::is_operational(name) {
        return Ok(());
    }
    let message = "types that begin with `hookseal.` are the server's own, choose another name";
    Err(invalid(field, message.to_owned()))
}

fn check_pointer(field: &str, pointer: Option<&str>) -> Result<(), ApiError> {
    let Some(pointer) = pointer else { return Ok(()) };
    if pointer.starts_with('/') && pointer.len() <= MAX_POINTER_LEN {
        return Ok(());
    }
    let message = format!(
        "{field} is not a JSON pointer such as `/data/id`, of at most {MAX_POINTER_LEN} bytes"
    );
    Err(invalid(field, message))
}

fn check_url(text: &str) -> Result<(), ApiError> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= MAX_URL_LEN);
    let usable = |url: &Url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.fragment().is_none()
    };
    if url.as_ref().is_some_and(usable) {
        return Ok(());
    }
    let message = "public_url is not the whole URL that the sender was given, such as `https://example.com/in/src_…`";
    Err(invalid("public_url", message.to_owned()))
}

fn within(field: &str, value: Option<u32>, min: u32, max: u32) -> Result<Option<u32>, ApiError> {
    match value {
        Some(value) if !(min..=max).contains(&value) => {
            Err(invalid(field, format!("{field} is {value}, expected {min} to {max}")))
        }
        value => Ok(value),
    }
}

fn invalid(field: &str, message: String) -> ApiError {
    ApiError::new(ApiCode::InvalidArgument, message).in_field(field)
}

const MAX_PREFIX_LEN: usize = 64;
const MAX_TYPES: usize = 256;
const MAX_POINTER_LEN: usize = 256;
const MAX_URL_LEN: usize = 2048;
const MIN_DEDUPE: u32 = 60;
/// Events are kept for 30 days, unless the operator says otherwise.
const MAX_DEDUPE: u32 = 30 * 24 * 60 * 60;
const MAX_BODY: u32 = 5 * 1024 * 1024;
const MAX_RATE: u32 = 10_000;
const MAX_TOLERANCE: u32 = 7 * 24 * 60 * 60;
