//! Signing and verifying.

use std::time::Duration;

use hookseal::{Message, Request, Scheme, Secret, Timestamp, Webhook};
use napi::bindgen_prelude::{External, Uint8Array};
use napi_derive::napi;

use crate::error::{Result, thrown};

/// What a checked request says of itself.
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct NativeVerified {
    pub id: Option<String>,
    pub event_type: Option<String>,
    pub timestamp_ms: Option<f64>,
    pub key_index: u32,
}

/// The ids of the built-in schemes.
#[napi(catch_unwind)]
pub fn schemes() -> Vec<String> {
    Scheme::builtin_ids().into_iter().map(str::to_owned).collect()
}

/// A webhook of a built-in scheme.
#[napi(catch_unwind, ts_return_type = "object")]
pub fn webhook_of_builtin(
    id: String,
    secrets: Vec<String>,
    tolerance_seconds: Option<u32>,
) -> Result<External<Webhook>> {
    webhook(Scheme::builtin(&id), secrets, tolerance_seconds)
}

/// A webhook of a scheme written in JSON.
#[napi(catch_unwind, ts_return_type = "object")]
pub fn webhook_of_json(
    scheme: String,
    secrets: Vec<String>,
    tolerance_seconds: Option<u32>,
) -> Result<External<Webhook>> {
    webhook(Scheme::from_json(&scheme), secrets, tolerance_seconds)
}

fn webhook(
    scheme: std::result::Result<Scheme, hookseal::Error>,
    secrets: Vec<String>,
    tolerance_seconds: Option<u32>,
) -> Result<External<Webhook>> {
    let make = || {
        let scheme = scheme?;
        let secrets =
            secrets.into_iter().map(Secret::new).collect::<std::result::Result<Vec<_>, _>>()?;
        Webhook::new(scheme, &secrets)
    };
    let webhook = make().map_err(thrown)?;
    Ok(External::new(match tolerance_seconds {
        Some(seconds) => webhook.with_tolerance(Duration::from_secs(seconds.into())),
        None => webhook,
    }))
}

/// The id of the scheme in use.
#[napi(catch_unwind)]
pub fn scheme_id(#[napi(ts_arg_type = "object")] webhook: &External<Webhook>) -> String {
    webhook.scheme().id().to_owned()
}

/// The headers that verifying reads, in lower case.
#[napi(catch_unwind)]
pub fn header_names(#[napi(ts_arg_type = "object")] webhook: &External<Webhook>) -> Vec<String> {
    webhook.scheme().headers().into_iter().map(str::to_owned).collect()
}

/// Verifies a request; `headers` is name, value, name, value, …
#[napi(catch_unwind)]
pub fn verify(
    #[napi(ts_arg_type = "object")] webhook: &External<Webhook>,
    body: &[u8],
    headers: Vec<String>,
    now_ms: f64,
) -> Result<NativeVerified> {
    let pairs: Vec<(&str, &str)> = headers
        .as_chunks::<2>()
        .0
        .iter()
        .map(|[name, value]| (name.as_str(), value.as_str()))
        .collect();
    let verified = webhook
        .verify(&Request::new(&pairs, body), Timestamp::from_millis(now_ms as i64))
        .map_err(thrown)?;
    Ok(NativeVerified {
        id: verified.id().map(Into::into),
        event_type: verified.event_type().map(Into::into),
        timestamp_ms: verified.timestamp().map(|timestamp| timestamp.as_millis() as f64),
        key_index: u32::try_from(verified.key_index()).unwrap_or(u32::MAX),
    })
}

/// The headers to send with a body: name, value, name, value, …
#[napi(catch_unwind)]
pub fn sign(
    #[napi(ts_arg_type = "object")] webhook: &External<Webhook>,
    body: &[u8],
    id: Option<String>,
    event_type: Option<String>,
    now_ms: f64,
) -> Result<Vec<String>> {
    let message = Message {
        id: id.as_deref(),
        event_type: event_type.as_deref(),
        body,
        headers: &[],
        ..Message::default()
    };
    let headers = webhook.sign(&message, Timestamp::from_millis(now_ms as i64)).map_err(thrown)?;
    Ok(headers.into_iter().flat_map(|(name, value)| [name, value]).collect())
}

/// The body with its signature inside, where the scheme puts one there.
#[napi(catch_unwind)]
pub fn sign_body(
    #[napi(ts_arg_type = "object")] webhook: &External<Webhook>,
    body: &[u8],
) -> Result<Uint8Array> {
    webhook.sign_body(body).map(Uint8Array::new).map_err(thrown)
}

/// Whether `header` is the lower-case hex HMAC-SHA256 of the body.
#[napi(catch_unwind)]
pub fn verify_signature(secret: String, body: &[u8], header: String) -> bool {
    hookseal::verify_signature(&secret, body, &header)
}
