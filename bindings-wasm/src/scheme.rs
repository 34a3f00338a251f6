//! Schemes: the built-in ones, and what one needs before there is a secret.

use hookseal::{CatalogueEntry, Error, Scheme, Webhook};
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::error::{Result, thrown};
use crate::handshake::NativeHandshake;
use crate::published_keys::NativeKeyRequest;
use crate::request::{flat, pairs, request};

/// How a sender signs.
#[wasm_bindgen]
#[derive(Debug)]
pub struct NativeScheme(pub(crate) Scheme);

/// What is known of a built-in scheme besides how it signs; `config` is name, description, name, description, …
#[derive(Serialize)]
struct SchemeRow {
    id: String,
    name: String,
    source: String,
    confidence: String,
    notes: Option<String>,
    config: Vec<String>,
}

/// Every built-in scheme.
#[wasm_bindgen(
    unchecked_return_type = "{ id: string; name: string; source: string; confidence: string; notes?: string; config: string[] }[]"
)]
pub fn schemes() -> Result<JsValue> {
    let row = |id: &str| -> std::result::Result<SchemeRow, Error> {
        let CatalogueEntry { id, name, source, confidence, notes, config, .. } =
            Scheme::catalogue_entry(id)?;
        let config = flat(config);
        Ok(SchemeRow { id, name, source, confidence, notes, config })
    };
    let rows: std::result::Result<Vec<SchemeRow>, Error> =
        Scheme::builtin_ids().into_iter().map(row).collect();
    Ok(serde_wasm_bindgen::to_value(&rows.map_err(thrown)?)?)
}

/// A built-in scheme by its name, or one written in JSON; `config` is name, value, name, value, …
#[wasm_bindgen(js_name = schemeOf)]
pub fn scheme_of(text: String, config: Option<Vec<String>>) -> Result<NativeScheme> {
    let config = config.unwrap_or_default();
    Scheme::from_text_with(&text, &pairs(&config)).map(NativeScheme).map_err(thrown)
}

/// The id of a scheme.
#[wasm_bindgen(js_name = schemeId)]
pub fn scheme_id(scheme: &NativeScheme) -> String {
    scheme.0.id().to_owned()
}

/// The headers that are read, in lower case; none where all of them are needed.
#[wasm_bindgen(js_name = headerNames)]
pub fn header_names(scheme: &NativeScheme) -> Option<Vec<String>> {
    let names = || scheme.0.headers().into_iter().map(str::to_owned).collect();
    (!scheme.0.reads_any_header()).then(names)
}

/// Whether verifying looks at the method or the URL.
#[wasm_bindgen(js_name = readsTarget)]
pub fn reads_target(scheme: &NativeScheme) -> bool {
    scheme.0.reads_target()
}

/// Whether there are handshakes to answer.
#[wasm_bindgen(js_name = hasHandshake)]
pub fn has_handshake(scheme: &NativeScheme) -> bool {
    scheme.0.has_handshake()
}

/// The answer to a handshake while there is no secret.
#[wasm_bindgen(js_name = firstHandshake, unchecked_return_type = "{ status: number; headers: string[]; body: string; secret?: string; fetch?: string } | undefined")]
pub fn first_handshake(
    scheme: &NativeScheme,
    body: &[u8],
    headers: Vec<String>,
    method: Option<String>,
    url: Option<String>,
) -> Result<JsValue> {
    let headers = pairs(&headers);
    let request = request(&headers, body, method.as_deref(), url.as_deref());
    let response = scheme.0.handshake(&request).map_err(thrown)?;
    Ok(serde_wasm_bindgen::to_value(&response.map(NativeHandshake::from))?)
}

/// The published key that verifying a request needs.
#[wasm_bindgen(js_name = keyRequest, unchecked_return_type = "{ url?: string; keyId?: string; format: string } | undefined")]
pub fn key_request(
    scheme: &NativeScheme,
    body: &[u8],
    headers: Vec<String>,
    method: Option<String>,
    url: Option<String>,
) -> Result<JsValue> {
    let headers = pairs(&headers);
    let request = request(&headers, body, method.as_deref(), url.as_deref());
    let wanted = Webhook::key_request(&scheme.0, &request).map_err(thrown)?;
    Ok(serde_wasm_bindgen::to_value(&wanted.map(NativeKeyRequest::from))?)
}
