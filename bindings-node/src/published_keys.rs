//! Keys that senders publish: which are known, and which to fetch.

use std::cell::RefCell;
use std::time::Duration;

use hookseal::{Error, KeyDecision, KeyRequest, PublishedKeys, Secret};
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::error::{Result, thrown};

/// What is known of the keys of senders; used by one thread.
type Keys = RefCell<PublishedKeys<Secret>>;

/// A published key that verifying needs.
#[napi(object)]
#[derive(Debug)]
pub struct NativeKeyRequest {
    pub url: Option<String>,
    pub key_id: Option<String>,
    pub format: String,
}

impl From<KeyRequest> for NativeKeyRequest {
    fn from(wanted: KeyRequest) -> Self {
        let format = wanted.format.as_str().to_owned();
        Self { url: wanted.url, key_id: wanted.key_id, format }
    }
}

impl NativeKeyRequest {
    fn read(self) -> Result<KeyRequest> {
        KeyRequest::new(self.url, self.key_id, &self.format).map_err(thrown)
    }
}

/// None is known yet.
#[napi(catch_unwind, ts_return_type = "object")]
pub fn published_keys() -> External<Keys> {
    External::new(RefCell::default())
}

/// Where anybody can fetch a key.
#[napi(catch_unwind)]
pub fn public_key_url(wanted: NativeKeyRequest) -> Result<String> {
    wanted.read()?.public_url().map(str::to_owned).map_err(thrown)
}

/// A key, where it is known.
#[napi(catch_unwind)]
pub fn recall_key(
    #[napi(ts_arg_type = "object")] keys: &External<Keys>,
    wanted: NativeKeyRequest,
    now_ms: f64,
) -> Result<Option<String>> {
    let known = keys.borrow().recall(&wanted.read()?, since_epoch(now_ms)).map_err(thrown)?;
    Ok(known.map(|key| key.expose().to_owned()))
}

/// A key, where it is known; none where it is to be fetched now.
#[napi(catch_unwind)]
pub fn ask_for_key(
    #[napi(ts_arg_type = "object")] keys: &External<Keys>,
    wanted: NativeKeyRequest,
    now_ms: f64,
) -> Result<Option<String>> {
    match keys.borrow_mut().ask(&wanted.read()?, since_epoch(now_ms)) {
        KeyDecision::Use(key) => Ok(Some(key.expose().to_owned())),
        KeyDecision::Unavailable { error, .. } => Err(thrown(error)),
        _ => Ok(None),
    }
}

/// The key in what came.
#[napi(catch_unwind)]
pub fn key_arrived(
    #[napi(ts_arg_type = "object")] keys: &External<Keys>,
    wanted: NativeKeyRequest,
    text: String,
    now_ms: f64,
) -> Result<String> {
    usable(keys.borrow_mut().arrived(&wanted.read()?, &text, since_epoch(now_ms), Ok))
}

/// The key that is used although it could not be fetched.
#[napi(catch_unwind)]
pub fn key_failed(
    #[napi(ts_arg_type = "object")] keys: &External<Keys>,
    wanted: NativeKeyRequest,
    why: String,
    now_ms: f64,
) -> Result<String> {
    usable(keys.borrow_mut().failed(&wanted.read()?, &why, since_epoch(now_ms)))
}

fn usable(key: std::result::Result<Secret, Error>) -> Result<String> {
    key.map(|key| key.expose().to_owned()).map_err(thrown)
}

fn since_epoch(ms: f64) -> Duration {
    Duration::from_millis(ms as u64)
}
