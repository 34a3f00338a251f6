//! `/api/v1/webhooks/luma/…`: what Luma calls, each request signed.

use std::sync::Arc;

use axum::{Json, Router, extract::State, http::HeaderMap, routing};
use hookseal::{Request, Webhook, payload::LumaEnvelope};
use serde_json::{Value, json};

use super::{
    contact::Contact,
    contacts::{Contacts, Outcome},
};
use crate::{
    clock::Clock,
    error::{ApiCode, ApiError},
    http::{AppState, extract::Raw},
};

/// What Luma's routes need.
#[derive(Debug)]
pub struct Luma {
    /// Verifies; nothing without a secret.
    pub(crate) webhook: Option<Webhook>,
    /// Where guests go; nothing while the way to Resend is not known.
    pub(crate) contacts: Option<Contacts>,
    /// The variables that are missing.
    pub(crate) missing: Vec<&'static str>,
    /// When.
    pub(crate) clock: Arc<dyn Clock>,
}

/// They need no API key: a signature says who calls.
pub(crate) fn router() -> Router<AppState> {
    let all = [
        ("guest-registered", routing::post(guest_registered)),
        ("webhook-test", routing::post(webhook_test)),
        ("health", routing::get(health)),
    ];
    all.into_iter().fold(Router::new(), |router, (name, handler)| {
        let path = format!("{PREFIX}{name}");
        router.route(&format!("{path}/"), handler.clone()).route(&path, handler)
    })
}

async fn guest_registered(
    State(state): State<AppState>,
    headers: HeaderMap,
    Raw(body, _part): Raw,
) -> Result<Json<Value>, ApiError> {
    let luma = &state.luma;
    luma.verify(&headers, &body)?;
    let contacts = luma.contacts.as_ref().ok_or_else(|| luma.unconfigured())?;
    let envelope = read(&body)?;
    if envelope.event_type.as_str() != GUEST_REGISTERED {
        // Luma would send it again and again.
        return Ok(Json(json!({ "status": "ignored", "type": envelope.event_type.as_str() })));
    }
    let outcome = contacts.add(&Contact::of_guest(&envelope.data)?).await?;
    tracing::info!(?outcome, "a guest registered");
    let status = match outcome {
        Outcome::Accepted | Outcome::Again => "accepted",
        Outcome::Known => "duplicate",
    };
    Ok(Json(json!({ "status": status, "guest_id": envelope.data.get_str("id") })))
}

async fn webhook_test(
    State(state): State<AppState>,
    headers: HeaderMap,
    Raw(body, _part): Raw,
) -> Result<Json<Value>, ApiError> {
    state.luma.verify(&headers, &body)?;
    Ok(Json(json!({ "status": "ok" })))
}

async fn health(State(state): State<AppState>) -> Json<Value> {
    let missing = &state.luma.missing;
    let status = if missing.is_empty() { "ok" } else { "unconfigured" };
    Json(json!({ "status": status, "missing": missing }))
}

impl Luma {
    fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), ApiError> {
        let webhook = self.webhook.as_ref().ok_or_else(|| self.unconfigured())?;
        let text = |value: &axum::http::HeaderValue| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let verified = webhook.verify(&Request::new(&headers, body), self.clock.now());
        verified.map(drop).map_err(|error| ApiError::refusal(&error))
    }

    fn unconfigured(&self) -> ApiError {
        let names: Vec<_> = self.missing.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("the server lacks {}", names.join(", "));
        ApiError::new(ApiCode::NotReady, message)
    }
}

fn read(body: &[u8]) -> Result<LumaEnvelope, ApiError> {
    serde_json::from_slice(body).map_err(|error| {
        let code = if error.is_data() { ApiCode::InvalidArgument } else { ApiCode::MalformedJson };
        let described = ApiError::new(code, error.to_string());
        if error.is_data() { described.in_field("data") } else { described }
    })
}

const PREFIX: &str = "/api/v1/webhooks/luma/";
const GUEST_REGISTERED: &str = "guest.registered";
