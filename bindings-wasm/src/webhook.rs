//! Signing and verifying.

use std::time::Duration;

use hookseal::{Message, Request, Scheme, Secret, Timestamp, Webhook};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{Result, thrown};

/// A scheme with its keys.
#[wasm_bindgen]
#[derive(Debug)]
pub struct NativeWebhook(Webhook);

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
}

/// The ids of the built-in schemes.
#[wasm_bindgen]
pub fn schemes() -> Vec<String> {
    Scheme::builtin_ids().into_iter().map(str::to_owned).collect()
}

/// A webhook of a built-in scheme.
#[wasm_bindgen(js_name = webhookOfBuiltin)]
pub fn webhook_of_builtin(
    id: String,
    secrets: Vec<String>,
    tolerance_seconds: Option<u32>,
) -> Result<NativeWebhook> {
    webhook(Scheme::builtin(&id), secrets, tolerance_seconds)
}

/// A webhook of a scheme written in JSON.
#[wasm_bindgen(js_name = webhookOfJson)]
pub fn webhook_of_json(
    scheme: String,
    secrets: Vec<String>,
    tolerance_seconds: Option<u32>,
) -> Result<NativeWebhook> {
    webhook(Scheme::from_json(&scheme), secrets, tolerance_seconds)
}

fn webhook(
    scheme: std::result::Result<Scheme, hookseal::Error>,
    secrets: Vec<String>,
    tolerance_seconds: Option<u32>,
) -> Result<NativeWebhook> {
    let make = || {
        let scheme = scheme?;
        let secrets =
            secrets.into_iter().map(Secret::new).collect::<std::result::Result<Vec<_>, _>>()?;
        Webhook::new(scheme, &secrets)
    };
    let webhook = make().map_err(thrown)?;
    Ok(NativeWebhook(match tolerance_seconds {
        Some(seconds) => webhook.with_tolerance(Duration::from_secs(seconds.into())),
        None => webhook,
    }))
}

/// The id of the scheme in use.
#[wasm_bindgen(js_name = schemeId)]
pub fn scheme_id(webhook: &NativeWebhook) -> String {
    webhook.0.scheme().id().to_owned()
}

/// The headers that verifying reads, in lower case.
#[wasm_bindgen(js_name = headerNames)]
pub fn header_names(webhook: &NativeWebhook) -> Vec<String> {
    webhook.0.scheme().headers().into_iter().map(str::to_owned).collect()
}

/// Verifies a request; `headers` is name, value, name, value, …
#[wasm_bindgen(
    unchecked_return_type = "{ id?: string; eventType?: string; timestampMs?: number; keyIndex: number }"
)]
pub fn verify(
    webhook: &NativeWebhook,
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
        .0
        .verify(&Request::new(&pairs, body), Timestamp::from_millis(now_ms as i64))
        .map_err(thrown)?;
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
    Ok(object)
}

/// The headers to send with a body: name, value, name, value, …
#[wasm_bindgen]
pub fn sign(
    webhook: &NativeWebhook,
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
    let headers =
        webhook.0.sign(&message, Timestamp::from_millis(now_ms as i64)).map_err(thrown)?;
    Ok(headers.into_iter().flat_map(|(name, value)| [name, value]).collect())
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
