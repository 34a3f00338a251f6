//! Keys that senders publish: which are known, and which to fetch.

use std::time::Duration;

use hookseal::{Error, KeyDecision, KeyRequest, PublishedKeys, Secret};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::error::{Result, thrown};

/// What is known of the keys of senders.
#[wasm_bindgen]
#[derive(Debug)]
pub struct NativePublishedKeys(PublishedKeys<Secret>);

/// A published key that verifying needs.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NativeKeyRequest {
    url: Option<String>,
    key_id: Option<String>,
    format: String,
}

impl From<KeyRequest> for NativeKeyRequest {
    fn from(wanted: KeyRequest) -> Self {
        let format = wanted.format.as_str().to_owned();
        Self { url: wanted.url, key_id: wanted.key_id, format }
    }
}

/// None is known yet.
#[wasm_bindgen(js_name = publishedKeys)]
pub fn published_keys() -> NativePublishedKeys {
    NativePublishedKeys(PublishedKeys::new())
}

/// Where anybody can fetch a key.
#[wasm_bindgen(js_name = publicKeyUrl)]
pub fn public_key_url(
    #[wasm_bindgen(unchecked_param_type = "{ url?: string; keyId?: string; format: string }")]
    wanted: JsValue,
) -> Result<String> {
    read(wanted)?.public_url().map(str::to_owned).map_err(thrown)
}

/// A key, where it is known.
#[wasm_bindgen(js_name = recallKey)]
pub fn recall_key(
    keys: &NativePublishedKeys,
    #[wasm_bindgen(unchecked_param_type = "{ url?: string; keyId?: string; format: string }")]
    wanted: JsValue,
    now_ms: f64,
) -> Result<Option<String>> {
    let known = keys.0.recall(&read(wanted)?, since_epoch(now_ms)).map_err(thrown)?;
    Ok(known.map(|key| key.expose().to_owned()))
}

/// A key, where it is known; none where it is to be fetched now.
#[wasm_bindgen(js_name = askForKey)]
pub fn ask_for_key(
    keys: &mut NativePublishedKeys,
    #[wasm_bindgen(unchecked_param_type = "{ url?: string; keyId?: string; format: string }")]
    wanted: JsValue,
    now_ms: f64,
) -> Result<Option<String>> {
    match keys.0.ask(&read(wanted)?, since_epoch(now_ms)) {
        KeyDecision::Use(key) => Ok(Some(key.expose().to_owned())),
        KeyDecision::Unavailable { error, .. } => Err(thrown(error)),
        _ => Ok(None),
    }
}

/// The key in what came.
#[wasm_bindgen(js_name = keyArrived)]
pub fn key_arrived(
    keys: &mut NativePublishedKeys,
    #[wasm_bindgen(unchecked_param_type = "{ url?: string; keyId?: string; format: string }")]
    wanted: JsValue,
    text: &str,
    now_ms: f64,
) -> Result<String> {
    usable(keys.0.arrived(&read(wanted)?, text, since_epoch(now_ms), Ok))
}

/// The key that is used although it could not be fetched.
#[wasm_bindgen(js_name = keyFailed)]
pub fn key_failed(
    keys: &mut NativePublishedKeys,
    #[wasm_bindgen(unchecked_param_type = "{ url?: string; keyId?: string; format: string }")]
    wanted: JsValue,
    why: &str,
    now_ms: f64,
) -> Result<String> {
    usable(keys.0.failed(&read(wanted)?, why, since_epoch(now_ms)))
}

fn read(wanted: JsValue) -> Result<KeyRequest> {
    let NativeKeyRequest { url, key_id, format } = serde_wasm_bindgen::from_value(wanted)?;
    KeyRequest::new(url, key_id, &format).map_err(thrown)
}

fn usable(key: std::result::Result<Secret, Error>) -> Result<String> {
    key.map(|key| key.expose().to_owned()).map_err(thrown)
}

fn since_epoch(ms: f64) -> Duration {
    Duration::from_millis(ms as u64)
}
