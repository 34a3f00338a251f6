//! Signing and verifying.

#![expect(clippy::too_many_arguments, reason = "an object would be made for each call")]

use std::sync::Arc;
use std::time::Duration;

use hookseal::{Error, Message, Scheme, Secret, Timestamp, Webhook};
use napi::bindgen_prelude::{External, Uint8Array};
use napi_derive::napi;

use crate::error::{Result, thrown};
use crate::request::{flat, pairs, request};

/// What a checked request says of itself.
#[napi(object, object_from_js = false)]
#[expect(missing_debug_implementations, reason = "bytes of JavaScript have none")]
pub struct NativeVerified {
    pub id: Option<String>,
    pub event_type: Option<String>,
    pub timestamp_ms: Option<f64>,
    pub key_index: u32,
    /// What the sender says, where it is not the body as it came.
    pub payload: Option<Uint8Array>,
}

/// A scheme with its secrets.
#[napi(catch_unwind, ts_return_type = "object")]
pub fn webhook_of(
    #[napi(ts_arg_type = "object")] scheme: &External<Scheme>,
    secrets: Vec<String>,
    tolerance_seconds: Option<u32>,
) -> Result<External<Arc<Webhook>>> {
    let make = || {
        let secrets =
            secrets.into_iter().map(Secret::new).collect::<std::result::Result<Vec<_>, Error>>()?;
        Webhook::new(Scheme::clone(scheme), &secrets)
    };
    let webhook = make().map_err(thrown)?;
    Ok(External::new(Arc::new(match tolerance_seconds {
        Some(seconds) => webhook.with_tolerance(Duration::from_secs(seconds.into())),
        None => webhook,
    })))
}

/// Verifies a request; `headers` is name, value, name, value, …
#[napi(catch_unwind)]
pub fn verify(
    #[napi(ts_arg_type = "object")] webhook: &External<Arc<Webhook>>,
    body: &[u8],
    headers: Vec<String>,
    now_ms: f64,
    method: Option<String>,
    url: Option<String>,
) -> Result<NativeVerified> {
    let headers = pairs(&headers);
    let request = request(&headers, body, method.as_deref(), url.as_deref());
    let now = Timestamp::from_millis(now_ms as i64);
    let verified = webhook.verify(&request, now).map_err(thrown)?;
    let payload = verified.payload();
    Ok(NativeVerified {
        id: verified.id().map(Into::into),
        event_type: verified.event_type().map(Into::into),
        timestamp_ms: verified.timestamp().map(|timestamp| timestamp.as_millis() as f64),
        key_index: u32::try_from(verified.key_index()).unwrap_or(u32::MAX),
        payload: (!std::ptr::eq(payload, body)).then(|| payload.into()),
    })
}

/// The id of the event with this verified body, where the scheme has it there.
#[napi(catch_unwind)]
pub fn event_id_in(
    #[napi(ts_arg_type = "object")] webhook: &External<Arc<Webhook>>,
    body: &[u8],
) -> Option<String> {
    webhook.scheme().event_id_in(body).map(Into::into)
}

/// The type of the event with this verified body, where the scheme has it there.
#[napi(catch_unwind)]
pub fn event_type_in(
    #[napi(ts_arg_type = "object")] webhook: &External<Arc<Webhook>>,
    body: &[u8],
) -> Option<String> {
    webhook.scheme().event_type_in(body).map(Into::into)
}

/// The headers to send with a body: name, value, name, value, …
#[napi(catch_unwind)]
pub fn sign(
    #[napi(ts_arg_type = "object")] webhook: &External<Arc<Webhook>>,
    body: &[u8],
    now_ms: f64,
    id: Option<String>,
    event_type: Option<String>,
    headers: Option<Vec<String>>,
    method: Option<String>,
    url: Option<String>,
) -> Result<Vec<String>> {
    let headers = headers.unwrap_or_default();
    let message = Message {
        id: id.as_deref(),
        event_type: event_type.as_deref(),
        method: method.as_deref().unwrap_or(Message::default().method),
        url: url.as_deref().unwrap_or_default(),
        body,
        headers: &pairs(&headers),
    };
    webhook.sign(&message, Timestamp::from_millis(now_ms as i64)).map(flat).map_err(thrown)
}

/// The body with its signature inside, where the scheme puts one there.
#[napi(catch_unwind)]
pub fn sign_body(
    #[napi(ts_arg_type = "object")] webhook: &External<Arc<Webhook>>,
    body: &[u8],
) -> Result<Uint8Array> {
    webhook.sign_body(body).map(Uint8Array::new).map_err(thrown)
}

/// Whether `header` is the lower-case hex HMAC-SHA256 of the body.
#[napi(catch_unwind)]
pub fn verify_signature(secret: String, body: &[u8], header: String) -> bool {
    hookseal::verify_signature(&secret, body, &header)
}
