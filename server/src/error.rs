//! The one error that the API answers with.
//!
//! **Invariants.** Every answer that is not a success has the body `{"error":{"code","message","hint","field"}}`. A
//! code never changes its name; its status and hint come from one table. A 5xx says nothing about the inside: the cause
//! goes to the log, once, where the answer is made.

use std::fmt;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{guard::GuardError, rng::RandomError, seal::SealError, store::StoreError};

/// An error on its way to the client.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    hint: &'static str,
    field: Option<String>,
    /// For the log only.
    cause: Option<String>,
}

impl ApiError {
    /// An error of the server's own table. `message` is lower case, one line, without a final period.
    #[must_use]
    pub fn new(code: ApiCode, message: impl Into<String>) -> Self {
        Self {
            status: code.status(),
            code: code.as_str(),
            message: message.into(),
            hint: code.hint(),
            field: None,
            cause: None,
        }
    }

    /// A core error about a value that the client sent.
    #[must_use]
    pub fn from_core(error: &hookseal::Error, field: &str) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            code: error.code().as_str(),
            // What quotes a description ends as that does.
            message: error.message().trim_end_matches('.').to_owned(),
            hint: error.hint(),
            field: Some(field.to_owned()),
            cause: None,
        }
    }

    /// A core error about a whole request, with the status that the core has for it.
    #[must_use]
    pub fn refusal(error: &hookseal::Error) -> Self {
        let status = StatusCode::from_u16(error.code().http_status());
        Self {
            status: status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: error.code().as_str(),
            message: error.message().to_owned(),
            hint: error.hint(),
            field: None,
            cause: None,
        }
    }

    /// Something inside failed.
    #[must_use]
    pub fn internal(cause: impl fmt::Display) -> Self {
        let mut error = Self::new(ApiCode::Internal, "the server failed to do this");
        error.cause = Some(cause.to_string());
        error
    }

    /// Names the field of the request that is wrong.
    #[must_use]
    pub fn in_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says that what is wrong is part of this field.
    #[must_use]
    pub fn within(mut self, outer: &str) -> Self {
        self.field = Some(match self.field {
            Some(inner) => format!("{outer}/{inner}"),
            None => outer.to_owned(),
        });
        self
    }

    /// Names the field as the caller knows it, where it goes by another name there.
    #[must_use]
    pub fn renamed(mut self, ours: &str, theirs: &str) -> Self {
        let rest = self.field.as_deref().and_then(|field| field.strip_prefix(ours));
        if let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            self.field = Some(format!("{theirs}{rest}"));
        }
        self
    }

    /// Names the field `new` where `old` was named.
    #[must_use]
    pub fn instead_of(mut self, old: &str, new: &str) -> Self {
        let rest = self.field.as_deref().and_then(|field| field.strip_prefix(old));
        if let Some(rest) = rest {
            self.field = Some(format!("{new}{rest}"));
        }
        self
    }

    /// What stands under `error` in the body of the answer.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "field": self.field,
        })
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.cause.as_deref().unwrap_or(&self.message))
    }
}

impl std::error::Error for ApiError {}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Some(cause) = &self.cause {
            tracing::error!(error.code = self.code, cause, "request failed");
        }
        let refusal =
            Refusal { code: self.code, message: self.message, hint: self.hint, field: self.field };
        let mut response = (self.status, Json(ErrorView { error: &refusal })).into_response();
        response.extensions_mut().insert(refusal);
        let headers = response.headers_mut();
        if matches!(self.status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if self.status == StatusCode::REQUEST_TIMEOUT {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        // Not where a signature is wanting.
        if self.code == ApiCode::Unauthorized.as_str() {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<GuardError> for ApiError {
    fn from(error: GuardError) -> Self {
        Self::new(ApiCode::ForbiddenUrl, error.to_string()).in_field("url")
    }
}

impl From<RandomError> for ApiError {
    fn from(error: RandomError) -> Self {
        Self::internal(error)
    }
}

impl From<SealError> for ApiError {
    fn from(error: SealError) -> Self {
        Self::internal(error)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => {
                Self::new(ApiCode::Overloaded, "the server has more to write than it can take")
            }
            StoreError::Unavailable(cause) => {
                let message = "the server cannot reach or write what it keeps at the moment";
                let mut error = Self::new(ApiCode::NotReady, message);
                error.cause = Some(cause);
                error
            }
            StoreError::TooManyDeliveries => {
                let message = format!("{error}, the most that one request can make");
                Self::new(ApiCode::TooManyDeliveries, message).in_field("events")
            }
            other => Self::internal(other),
        }
    }
}

/// The body of every answer that is not a success.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub(crate) struct ErrorView<'a> {
    /// What went wrong.
    error: &'a Refusal,
}

/// What the body of the answer says. It goes with the answer, for dialects that say it in another form.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ErrorBody", description = "What went wrong.")]
pub struct Refusal {
    /// Never changes its meaning.
    pub code: &'static str,
    /// What is wrong, for people.
    pub message: String,
    /// What to do.
    pub hint: &'static str,
    /// Where in the request, with `/` between members.
    pub field: Option<String>,
}

/// Declares the server's own codes once: variant, name, status, hint.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $status:ident, $hint:literal;)*) => {
        /// The codes of the API that are not the core's.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum ApiCode { $($(#[$doc])* $variant,)* }

        impl ApiCode {
            /// Every code, in alphabetical order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in the body.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The status of the answer.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// What to do next.
            #[must_use]
            pub const fn hint(self) -> &'static str {
                match self { $(Self::$variant => $hint,)* }
            }
        }
    };
}

codes! {
    /// The account of the API key is suspended.
    AccountSuspended = "account_suspended", FORBIDDEN,
        "ask the operator of this server; what was accepted is still delivered";
    /// There is something of this name already.
    AlreadyExists = "already_exists", CONFLICT,
        "choose another name, or change what is there";
    /// The body is longer than the server takes.
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE,
        "send at most what the operator allows with `--max-body`, usually 1 MiB; put large data elsewhere and send a link to it";
    /// The endpoint is disabled: nothing is sent to it.
    EndpointDisabled = "endpoint_disabled", CONFLICT,
        "enable the endpoint with `POST /v1/endpoints/{id}/enable` once its receiver works again";
    /// The API key may not do this.
    Forbidden = "forbidden", FORBIDDEN,
        "use an API key with the scope, or for the tenant, that the message names";
    /// A header of the endpoint's owner may not be sent.
    ForbiddenHeader = "forbidden_header", UNPROCESSABLE_ENTITY,
        "send at most 32 headers of plain ASCII text under names of your own, such as `authorization` or `x-team`";
    /// The URL may not be delivered to.
    ForbiddenUrl = "forbidden_url", UNPROCESSABLE_ENTITY,
        "use an `https://` URL with a public host; the operator can open more with `--allow-http`, `--allow-network` and `--allow-port`";
    /// The idempotency key or the event id was used for another request.
    IdempotencyConflict = "idempotency_conflict", CONFLICT,
        "use a new `Idempotency-Key` and a new event id for each new event, and the same ones only to repeat a request";
    /// The server failed.
    Internal = "internal", INTERNAL_SERVER_ERROR,
        "try again later; the operator finds the cause in the server's log";
    /// A value has the wrong type, is missing, or is out of range.
    InvalidArgument = "invalid_argument", UNPROCESSABLE_ENTITY,
        "correct the request; the message says what was expected and `field` names where";
    /// The data of an event does not fit the schema of its type.
    InvalidData = "invalid_data", UNPROCESSABLE_ENTITY,
        "correct what `field` names, or register a new version of the schema with `PATCH /v1/event-types/{name}`";
    /// A JSON Schema cannot be used.
    InvalidSchema = "invalid_schema", UNPROCESSABLE_ENTITY,
        "send a JSON Schema of draft 2020-12 or 07 that refers to its own parts only, and not to itself";
    /// An API key cannot revoke itself.
    KeyInUse = "key_in_use", CONFLICT,
        "revoke this API key with another one of the scope `admin`";
    /// There are as many as there can be.
    LimitReached = "limit_reached", CONFLICT,
        "delete what is not needed any more";
    /// The body is not JSON.
    MalformedJson = "malformed_json", BAD_REQUEST,
        "send valid JSON in UTF-8; the message says where it breaks";
    /// The path exists, but not with this method.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED,
        "use a method that the header `Allow` lists";
    /// There is no such thing, or it belongs to somebody else.
    NotFound = "not_found", NOT_FOUND,
        "check the path and the id; what belongs to another account or tenant is not visible to this API key";
    /// The server cannot store anything at the moment.
    NotReady = "not_ready", SERVICE_UNAVAILABLE,
        "ask again after the time in `Retry-After`; the operator finds the cause in the server's log";
    /// The delivery cannot be sent again now.
    NotReplayable = "not_replayable", CONFLICT,
        "wait until the delivery has ended; where its endpoint is disabled, enable it first";
    /// More is waiting than the server can take.
    Overloaded = "overloaded", SERVICE_UNAVAILABLE,
        "send the same request again after the time in `Retry-After`";
    /// The API key was used too often.
    RateLimited = "rate_limited", TOO_MANY_REQUESTS,
        "send the same request again after the time in `Retry-After`, and send events in batches";
    /// The body came too slowly.
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT,
        "send the whole request without pauses, on a new connection";
    /// Nothing is taken from the source now.
    SourcePaused = "source_paused", SERVICE_UNAVAILABLE,
        "send the same request again later; the owner of the source has paused it";
    /// The events of a batch go to more endpoints than one request can send to.
    TooManyDeliveries = "too_many_deliveries", UNPROCESSABLE_ENTITY,
        "send fewer events in one request; one event alone goes to all endpoints that want it";
    /// The key is missing or unknown.
    Unauthorized = "unauthorized", UNAUTHORIZED,
        "send `Authorization: Bearer hks_…` with the API key that the first start of the server printed";
    /// The type of an event is not among those that the account registered.
    UnknownEventType = "unknown_event_type", UNPROCESSABLE_ENTITY,
        "register the type with `POST /v1/event-types`, or set `validate_events` of the account to `known`";
    /// The body is not declared to be JSON.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE,
        "send `Content-Type: application/json`";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_and_phrased() {
        assert!(ApiCode::ALL.is_sorted_by(|a, b| a.as_str() < b.as_str()));
        for code in ApiCode::ALL {
            assert!(
                !code.hint().ends_with('.') && !code.hint().contains('\n'),
                "{}",
                code.as_str()
            );
            assert!(code.status().is_client_error() || code.status().is_server_error());
        }
    }
}
