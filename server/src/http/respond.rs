//! Answers whose status is in their type, so that the document of the API can tell it.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// 201: it was made.
#[derive(Debug)]
pub(super) struct Created<T>(pub(super) T);

/// 202: it is on disk, and will be done.
#[derive(Debug)]
pub(super) struct Accepted<T>(pub(super) T);

/// 200: it was done now; or 202: it will be done.
#[derive(Debug)]
pub(super) enum Done<T> {
    /// It was done.
    Now(T),
    /// It is on disk.
    Later(T),
}

/// 204: it was done, and there is nothing to say.
#[derive(Debug)]
pub(super) struct NoContent;

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, Json(self.0)).into_response()
    }
}

impl<T: Serialize> IntoResponse for Done<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Now(done) => Json(done).into_response(),
            Self::Later(begun) => Accepted(begun).into_response(),
        }
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}
