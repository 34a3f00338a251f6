//! The answer to a handshake.

use hookseal::{HandshakeResponse, Timestamp};
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::error::{Result, thrown};
use crate::request::{flat, pairs, request};
use crate::webhook::NativeWebhook;

/// What to answer; `headers` is name, value, name, value, …
#[derive(Serialize)]
pub(crate) struct NativeHandshake {
    status: u16,
    headers: Vec<String>,
    body: String,
    secret: Option<String>,
    fetch: Option<String>,
}

impl From<HandshakeResponse> for NativeHandshake {
    fn from(response: HandshakeResponse) -> Self {
        Self {
            status: response.status,
            headers: flat(response.headers),
            // INVARIANT: the core makes it of text.
            body: String::from_utf8_lossy(&response.body).into_owned(),
            secret: response.secret.map(|secret| secret.expose().to_owned()),
            fetch: response.fetch,
        }
    }
}

/// The answer to a request, if it is a handshake.
#[wasm_bindgen(
    unchecked_return_type = "{ status: number; headers: string[]; body: string; secret?: string; fetch?: string } | undefined"
)]
pub fn handshake(
    webhook: &NativeWebhook,
    body: &[u8],
    headers: Vec<String>,
    now_ms: f64,
    method: Option<String>,
    url: Option<String>,
) -> Result<JsValue> {
    let headers = pairs(&headers);
    let request = request(&headers, body, method.as_deref(), url.as_deref());
    let now = Timestamp::from_millis(now_ms as i64);
    let response = webhook.0.handshake(&request, now).map_err(thrown)?;
    Ok(serde_wasm_bindgen::to_value(&response.map(NativeHandshake::from))?)
}
