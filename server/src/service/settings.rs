//! What an endpoint may have of its own: checked, merged into what it has, and kept.

use std::{borrow::Cow, fmt, time::Duration};

use hookseal::RetryPolicy;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{
    error::{ApiCode, ApiError},
    guard,
    store::{EndpointSettings, Order},
};

/// Settings to change; as JSON, the member `settings`. What is left out stays, what is `null` goes back to the default.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsChange {
    /// Headers sent with every delivery, all of them.
    #[serde(deserialize_with = "given")]
    headers: Option<Option<Headers>>,
    /// Attempts per second, at most.
    #[serde(deserialize_with = "given")]
    #[schemars(range(min = 1, max = MAX_RATE))]
    rate_limit: Option<Option<u32>>,
    /// Attempts at once, at most.
    #[serde(deserialize_with = "given")]
    #[schemars(range(min = 1, max = MAX_CONCURRENCY))]
    concurrency: Option<Option<u32>>,
    /// In which order.
    #[serde(deserialize_with = "given")]
    order: Option<Option<Order>>,
    /// A retry policy instead of the profile's.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<RetryPolicy>")]
    retry: Option<Option<Box<RawValue>>>,
    /// How long an attempt may take, in milliseconds, instead of the profile's.
    #[serde(deserialize_with = "given")]
    #[schemars(range(min = MIN_TIMEOUT_MS, max = MAX_TIMEOUT_MS))]
    timeout_ms: Option<Option<u32>>,
}

impl SettingsChange {
    /// The settings `own` with this change.
    ///
    /// # Errors
    /// [`ApiError`] that names the field that is wrong, below `settings`.
    pub(super) fn apply(self, own: EndpointSettings) -> Result<EndpointSettings, ApiError> {
        self.checked(own).map_err(|error| error.within("settings"))
    }

    fn checked(self, mut own: EndpointSettings) -> Result<EndpointSettings, ApiError> {
        if let Some(headers) = self.headers {
            own.headers = headers.unwrap_or_default().0;
            check_headers(&own.headers)?;
        }
        if let Some(rate) = self.rate_limit {
            own.rate_limit = within("rate_limit", rate, 1, MAX_RATE)?;
        }
        if let Some(concurrency) = self.concurrency {
            own.concurrency = within("concurrency", concurrency, 1, MAX_CONCURRENCY)?;
        }
        if let Some(order) = self.order {
            own.order = order.unwrap_or_default();
        }
        if let Some(retry) = self.retry {
            own.retry = retry.map(|json| policy(&json)).transpose()?;
        }
        if let Some(timeout) = self.timeout_ms {
            own.timeout_ms = within("timeout_ms", timeout, MIN_TIMEOUT_MS, MAX_TIMEOUT_MS)?;
        }
        Ok(own)
    }
}

/// A JSON object of names and values, in their order; a name that comes twice is seen.
#[derive(Clone, Default)]
struct Headers(Vec<(String, String)>);

/// Without the values, which may be secrets.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Headers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of header names and values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Headers(pairs))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}

impl JsonSchema for Headers {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Headers".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "maxProperties": guard::MAX_CUSTOM_HEADERS,
            "propertyNames": { "pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$" },
            "additionalProperties": {
                "type": "string",
                "maxLength": 4096,
                "pattern": "^([!-~]([ -~]*[!-~])?)?$",
            },
        })
    }
}

/// Tells `null` from what is left out.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

fn within(field: &str, value: Option<u32>, min: u32, max: u32) -> Result<Option<u32>, ApiError> {
    match value {
        Some(value) if !(min..=max).contains(&value) => {
            let message = format!("{field} is {value}, expected {min} to {max}");
            Err(ApiError::new(ApiCode::InvalidArgument, message).in_field(field))
        }
        value => Ok(value),
    }
}

/// Kept as the core writes it, with its defaults filled in: a default that changes changes no endpoint.
fn policy(json: &RawValue) -> Result<String, ApiError> {
    let policy = RetryPolicy::from_json(json.get());
    let policy = policy.map_err(|error| ApiError::from_core(&error, "retry"))?;
    // SECURITY: an endpoint can be aimed at anybody, and one event must not become a flood.
    let attempts = policy.max_attempts();
    let refuse = |message| Err(ApiError::new(ApiCode::InvalidArgument, message).in_field("retry"));
    if attempts > MAX_ATTEMPTS {
        return refuse(format!("retry has {attempts} attempts, expected at most {MAX_ATTEMPTS}"));
    }
    if policy.schedule().iter().skip(1).any(|row| row.max_delay < MIN_DELAY) {
        return refuse(format!(
            "retry has a delay of less than {} s, expected longer ones",
            MIN_DELAY.as_secs()
        ));
    }
    Ok(policy.to_json())
}

/// Ours and HTTP's cannot be set, and no value may end its line.
fn check_headers(headers: &[(String, String)]) -> Result<(), ApiError> {
    guard::check_custom_headers(headers).map(drop).map_err(|error| {
        ApiError::new(ApiCode::ForbiddenHeader, error.to_string()).in_field("headers")
    })
}

/// Of a retry policy; the profiles' own have up to 10.
const MAX_ATTEMPTS: u32 = 50;
/// Between two attempts, as the longest that jitter makes of it.
const MIN_DELAY: Duration = Duration::from_secs(1);
const MAX_RATE: u32 = 10_000;
const MAX_CONCURRENCY: u32 = 1000;
const MIN_TIMEOUT_MS: u32 = 100;
const MAX_TIMEOUT_MS: u32 = 60_000;
