//! Answers whose status is in their type, so that the document of the API can tell it.

use axum::{
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::error::ApiError;

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
        json(StatusCode::CREATED, &self.0)
    }
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        json(StatusCode::ACCEPTED, &self.0)
    }
}

impl<T: Serialize> IntoResponse for Done<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Now(done) => json(StatusCode::OK, &done),
            Self::Later(begun) => Accepted(begun).into_response(),
        }
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// Written into plain memory first, which takes the many small pieces best.
fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => {
            let mut response = Response::new(body.into());
            *response.status_mut() = status;
            response.headers_mut().insert(CONTENT_TYPE, APPLICATION_JSON.clone());
            response
        }
        Err(error) => ApiError::internal(error).into_response(),
    }
}

static APPLICATION_JSON: HeaderValue = HeaderValue::from_static("application/json");
