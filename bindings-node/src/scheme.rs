//! Schemes: the built-in ones, and what one needs before there is a secret.

use hookseal::{CatalogueEntry, Error, Scheme, Webhook};
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::error::{Result, thrown};
use crate::handshake::NativeHandshake;
use crate::published_keys::NativeKeyRequest;
use crate::request::{flat, pairs, request};

/// What is known of a built-in scheme besides how it signs; `config` is name, description, name, description, …
#[napi(object, object_from_js = false)]
#[derive(Debug)]
pub struct SchemeRow {
    pub id: String,
    pub name: String,
    pub source: String,
    pub confidence: String,
    pub notes: Option<String>,
    pub config: Vec<String>,
}

/// Every built-in scheme.
#[napi(catch_unwind)]
pub fn schemes() -> Result<Vec<SchemeRow>> {
    let row = |id: &str| -> std::result::Result<SchemeRow, Error> {
        let CatalogueEntry { id, name, source, confidence, notes, config, .. } =
            Scheme::catalogue_entry(id)?;
        let config = flat(config);
        Ok(SchemeRow { id, name, source, confidence, notes, config })
    };
    Scheme::builtin_ids()
        .into_iter()
        .map(row)
        .collect::<std::result::Result<_, _>>()
        .map_err(thrown)
}

/// A built-in scheme by its name, or one written in JSON; `config` is name, value, name, value, …
#[napi(catch_unwind, ts_return_type = "object")]
pub fn scheme_of(text: String, config: Option<Vec<String>>) -> Result<External<Scheme>> {
    let config = config.unwrap_or_default();
    Scheme::from_text_with(&text, &pairs(&config)).map(External::new).map_err(thrown)
}

/// The id of a scheme.
#[napi(catch_unwind)]
pub fn scheme_id(#[napi(ts_arg_type = "object")] scheme: &External<Scheme>) -> String {
    scheme.id().to_owned()
}

/// The headers that are read, in lower case; none where all of them are needed.
#[napi(catch_unwind)]
pub fn header_names(
    #[napi(ts_arg_type = "object")] scheme: &External<Scheme>,
) -> Option<Vec<String>> {
    let names = || scheme.headers().into_iter().map(str::to_owned).collect();
    (!scheme.reads_any_header()).then(names)
}

/// Whether verifying looks at the method or the URL.
#[napi(catch_unwind)]
pub fn reads_target(#[napi(ts_arg_type = "object")] scheme: &External<Scheme>) -> bool {
    scheme.reads_target()
}

/// Whether there are handshakes to answer.
#[napi(catch_unwind)]
pub fn has_handshake(#[napi(ts_arg_type = "object")] scheme: &External<Scheme>) -> bool {
    scheme.has_handshake()
}

/// The answer to a handshake while there is no secret.
#[napi(catch_unwind)]
pub fn first_handshake(
    #[napi(ts_arg_type = "object")] scheme: &External<Scheme>,
    body: &[u8],
    headers: Vec<String>,
    method: Option<String>,
    url: Option<String>,
) -> Result<Option<NativeHandshake>> {
    let headers = pairs(&headers);
    let request = request(&headers, body, method.as_deref(), url.as_deref());
    let response = scheme.handshake(&request).map_err(thrown)?;
    Ok(response.map(NativeHandshake::from))
}

/// The published key that verifying a request needs.
#[napi(catch_unwind)]
pub fn key_request(
    #[napi(ts_arg_type = "object")] scheme: &External<Scheme>,
    body: &[u8],
    headers: Vec<String>,
    method: Option<String>,
    url: Option<String>,
) -> Result<Option<NativeKeyRequest>> {
    let headers = pairs(&headers);
    let request = request(&headers, body, method.as_deref(), url.as_deref());
    let wanted = Webhook::key_request(scheme, &request).map_err(thrown)?;
    Ok(wanted.map(NativeKeyRequest::from))
}
