//! Who calls.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{header::AUTHORIZATION, request::Parts},
};

use crate::{
    error::{ApiCode, ApiError},
    service::accounts::Accounts,
};

/// The caller, authenticated. Every handler under `/v1` takes one.
#[derive(Debug)]
pub(super) struct Ctx {
    /// The account whose key was sent.
    pub(super) account: String,
}

impl<S> FromRequestParts<S> for Ctx
where
    S: Send + Sync,
    Arc<Accounts>: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let key = bearer(parts).ok_or_else(|| {
            ApiError::new(
                ApiCode::Unauthorized,
                "expected the header `Authorization: Bearer <key>`",
            )
        })?;
        let account = Arc::<Accounts>::from_ref(state).authenticate(key).await?;
        Ok(Self { account })
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let (scheme, key) = parts.headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim_start_matches(' '))
}
