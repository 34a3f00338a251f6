//! The answer to a handshake.

use std::fmt;
use std::sync::Arc;

use hookseal::{HandshakeResponse, Timestamp, Webhook};
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::error::{Result, thrown};
use crate::request::{flat, pairs, request};

/// What to answer; `headers` is name, value, name, value, …
#[napi(object, object_from_js = false)]
pub struct NativeHandshake {
    pub status: u16,
    pub headers: Vec<String>,
    pub body: String,
    pub secret: Option<String>,
    pub fetch: Option<String>,
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

/// Without headers and body: with some senders they repeat the secret.
impl fmt::Debug for NativeHandshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeHandshake").field("status", &self.status).finish_non_exhaustive()
    }
}

/// The answer to a request, if it is a handshake.
#[napi(catch_unwind)]
pub fn handshake(
    #[napi(ts_arg_type = "object")] webhook: &External<Arc<Webhook>>,
    body: &[u8],
    headers: Vec<String>,
    now_ms: f64,
    method: Option<String>,
    url: Option<String>,
) -> Result<Option<NativeHandshake>> {
    let headers = pairs(&headers);
    let request = request(&headers, body, method.as_deref(), url.as_deref());
    let now = Timestamp::from_millis(now_ms as i64);
    let response = webhook.handshake(&request, now).map_err(thrown)?;
    Ok(response.map(NativeHandshake::from))
}
