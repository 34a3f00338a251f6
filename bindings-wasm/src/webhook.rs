//! Signing and verifying.

use std::time::Duration;

use hookseal::{Error, Message, Secret, Timestamp, Webhook};
use js_sys::Uint8Array;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{Result, thrown};
use crate::request::{flat, pairs, request};
use crate::scheme::NativeScheme;

/// A scheme with its keys.
#[wasm_bindgen]
#[derive(Debug)]
pub struct NativeWebhook(pub(crate) Webhook);

/// What a checked request says of itself: a plain object, because a class would have to be freed.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = Object)]
    pub type NativeVerified;

    #[wasm_bindgen(constructor, js_class = "Object")]
    fn new() -> NativeVerified;

    #[wasm_bindgen(method, setter, structural, js_name = id)]
    fn set_id(this: &NativeVerified, id: &str);
    #[wasm_bindgen(method, setter, structural, js_name = eventType)]
    fn set_event_type(this: &NativeVerified, event_type: &str);
    #[wasm_bindgen(method, setter, structural, js_name = timestampMs)]
    fn set_timestamp_ms(this: &NativeVerified, timestamp_ms: f64);
    #[wasm_bindgen(method, setter, structural, js_name = keyIndex)]
    fn set_key_index(this: &NativeVerified, key_index: u32);
    #[wasm_bindgen(method, setter, structural, js_name = payload)]
    fn set_payload(this: &NativeVerified, payload: Uint8Array);
}

/// A scheme with its secrets.
#[wasm_bindgen(js_name = webhookOf)]
pub fn webhook_of(
    scheme: &NativeScheme,
    secrets: Vec<String>,
    tolerance_seconds: Option<u32>,
) -> Result<NativeWebhook> {
    let make = || {
        let secrets =
            secrets.into_iter().map(Secret::new).collect::<std::result::Result<Vec<_>, Error>>()?;
        Webhook::new(scheme.0.clone(), &secrets)
    };
    let webhook = make().map_err(thrown)?;
    Ok(NativeWebhook(match tolerance_seconds {
        Some(seconds) => webhook.with_tolerance(Duration::from_secs(seconds.into())),
        None => webhook,
    }))
}

/// Verifies a request; `headers` is name, value, name, value, …
#[wasm_bindgen(
    unchecked_return_type = "{ id?: string; eventType?: string; timestampMs?: number; keyIndex: number; payload?: Uint8Array }"
)]
pub fn verify(
    webhook: &NativeWebhook,
    body: &[u8],
    headers: Vec<String>,
    now_ms: f64,
    method: Option<String>,
    url: Option<String>,
) -> Result<NativeVerified> {
    let headers = pairs(&headers);
    let request = request(&headers, body, method.as_deref(), url.as_deref());
    let now = Timestamp::from_millis(now_ms as i64);
    let verified = webhook.0.verify(&request, now).map_err(thrown)?;
    let object = NativeVerified::new();
    if let Some(id) = verified.id() {
        object.set_id(&id);
    }
    if let Some(event_type) = verified.event_type() {
        object.set_event_type(&event_type);
    }
    if let Some(timestamp) = verified.timestamp() {
        object.set_timestamp_ms(timestamp.as_millis() as f64);
    }
    object.set_key_index(u32::try_from(verified.key_index()).unwrap_or(u32::MAX));
    // What the sender says, where it is not the body as it came.
    let payload = verified.payload();
    if !std::ptr::eq(payload, body) {
        object.set_payload(Uint8Array::from(payload));
    }
    Ok(object)
}

/// The headers to send with a body: name, value, name, value, …
#[wasm_bindgen]
#[expect(clippy::too_many_arguments, reason = "an object would be made for each call")]
pub fn sign(
    webhook: &NativeWebhook,
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
    webhook.0.sign(&message, Timestamp::from_millis(now_ms as i64)).map(flat).map_err(thrown)
}

/// The body with its signature inside, where the scheme puts one there.
#[wasm_bindgen(js_name = signBody)]
pub fn sign_body(webhook: &NativeWebhook, body: &[u8]) -> Result<Vec<u8>> {
    webhook.0.sign_body(body).map_err(thrown)
}

/// Whether `header` is the lower-case hex HMAC-SHA256 of the body.
#[wasm_bindgen(js_name = verifySignature)]
pub fn verify_signature(secret: String, body: &[u8], header: String) -> bool {
    hookseal::verify_signature(&secret, body, &header)
}
