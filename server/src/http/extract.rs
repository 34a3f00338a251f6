//! Request bodies, path parameters and headers, with our error body when they do not fit.

use std::{error::Error, iter, marker::PhantomData, sync::Arc, time::Duration};

use axum::{
    RequestExt as _,
    body::{Body, Bytes, HttpBody as _},
    extract::{self, FromRef, FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header::CONTENT_TYPE, request::Parts},
};
use http_body_util::{BodyExt as _, LengthLimitError};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use crate::{
    error::{ApiCode, ApiError},
    object::Object,
    service::room::{Part, Room},
};

/// How long a client may take for the whole body.
#[derive(Clone, Copy, Debug)]
pub struct BodyTimeout(pub Duration);

/// A JSON body.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<S, T: DeserializeOwned> FromRequest<S> for Json<T>
where
    S: Send + Sync,
    BodyTimeout: FromRef<S>,
    Arc<Room>: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::new(
                ApiCode::UnsupportedMediaType,
                "the body is not declared to be JSON",
            ));
        }
        let Raw(body, _part) = Raw::from_request(request, state).await?;
        parse(&body).map(Self)
    }
}

/// A JSON body, or none at all, which stands for the default.
#[derive(Debug)]
pub(crate) struct JsonOrNothing<T>(pub(crate) T);

impl<S, T: DeserializeOwned + Default> FromRequest<S> for JsonOrNothing<T>
where
    S: Send + Sync,
    BodyTimeout: FromRef<S>,
    Arc<Room>: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        // Known from the head: nothing, or at least a part of a body, is to come.
        if request.body().is_end_stream() && !request.headers().contains_key(CONTENT_TYPE) {
            return Ok(Self(T::default()));
        }
        Json::from_request(request, state).await.map(|Json(value)| Self(value))
    }
}

/// A body of any kind, as it came, with the memory that it takes.
#[derive(Debug)]
pub(crate) struct Raw(pub(crate) Bytes, pub(crate) Arc<Part>);

impl<S> FromRequest<S> for Raw
where
    S: Send + Sync,
    BodyTimeout: FromRef<S>,
    Arc<Room>: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let BodyTimeout(limit) = BodyTimeout::from_ref(state);
        // Behind a gate, the gate keeps it until the answer is there.
        let part = request.extensions().get().cloned();
        let part = part.unwrap_or_else(|| Arc::new(Arc::<Room>::from_ref(state).part()));
        let read = tokio::time::timeout(limit, read(request.into_limited_body(), &part)).await;
        let slow = |_| ApiError::new(ApiCode::RequestTimeout, "the body did not come in time");
        Ok(Self(read.map_err(slow)??, part))
    }
}

/// The whole body, of which each piece finds its room before the next is read.
async fn read(mut body: Body, part: &Part) -> Result<Bytes, ApiError> {
    let (mut first, mut all) = (Bytes::new(), Vec::new());
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(|error| unreadable(&error))?.into_data() else { continue };
        part.grow(piece.len())?;
        if first.is_empty() {
            first = piece;
            continue;
        }
        if all.is_empty() {
            all.extend_from_slice(&first);
        }
        all.extend_from_slice(&piece);
    }
    // The usual body comes in one piece, which is not copied.
    Ok(if all.is_empty() { first } else { all.into() })
}

/// The last parameter of the path.
#[derive(Debug)]
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        // A path that is not UTF-8 names nothing that exists.
        let unknown = |_| ApiError::new(ApiCode::NotFound, "there is nothing at this path");
        extract::Path::from_request_parts(parts, state)
            .await
            .map(|extract::Path(id)| Self(id))
            .map_err(unknown)
    }
}

/// The last parameter of the path, of which the document of the API says that it looks like a `T`. One that does not is
/// nobody's id: the service says so.
#[derive(Debug)]
pub(crate) struct IdOf<T>(pub(crate) String, pub(crate) PhantomData<T>);

impl<S: Send + Sync, T> FromRequestParts<S> for IdOf<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Id::from_request_parts(parts, state).await.map(|Id(id)| Self(id, PhantomData))
    }
}

/// Both parameters of a path that has two, as [`IdOf`].
#[derive(Debug)]
pub(super) struct IdsOf<T, U>(pub(super) String, pub(super) String, pub(super) PhantomData<(T, U)>);

impl<S: Send + Sync, T, U> FromRequestParts<S> for IdsOf<T, U> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let unknown = |_| ApiError::new(ApiCode::NotFound, "there is nothing at this path");
        extract::Path::from_request_parts(parts, state)
            .await
            .map(|extract::Path((outer, inner))| Self(outer, inner, PhantomData))
            .map_err(unknown)
    }
}

/// The header `Idempotency-Key`.
#[derive(Debug)]
pub(crate) struct IdempotencyKey(pub(crate) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let mut values = parts.headers.get_all(NAME).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return match parts.headers.contains_key(NAME) {
                false => Ok(Self(None)),
                true => Err(invalid("Idempotency-Key was sent more than once, expected one")),
            };
        };
        let text = value.to_str().map_err(|_| invalid("Idempotency-Key is not ASCII text"))?;
        Ok(Self(Some(text.to_owned())))
    }
}

fn invalid(message: &str) -> ApiError {
    ApiError::new(ApiCode::InvalidArgument, message).in_field("Idempotency-Key")
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn unreadable(error: &axum::Error) -> ApiError {
    let first: &(dyn Error + 'static) = error;
    let mut causes = iter::successors(Some(first), |cause| (*cause).source());
    if causes.any(<dyn Error>::is::<LengthLimitError>) {
        return ApiError::new(ApiCode::BodyTooLarge, "the body is longer than this call takes");
    }
    ApiError::new(ApiCode::MalformedJson, "the body broke off before its end")
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    // Keeping note of the path costs as much as the parsing: only who is refused needs it.
    match serde_json::from_slice(body) {
        Ok(Object(value)) => Ok(value),
        Err(_) => parse_with_path(body),
    }
}

fn parse_with_path<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let Object(value) = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = field_of(error.path());
        describe(error.inner(), field)
    })?;
    deserializer.end().map_err(|error| describe(&error, None))?;
    Ok(value)
}

/// Where in the body: member names and indices, joined with `/`.
pub(crate) fn field_of(path: &Path) -> Option<String> {
    let segments: Vec<_> = path
        .iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Map { key } => Some(key.clone()),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect();
    (!segments.is_empty()).then(|| segments.join("/"))
}

fn describe(error: &serde_json::Error, field: Option<String>) -> ApiError {
    let code = if error.is_data() { ApiCode::InvalidArgument } else { ApiCode::MalformedJson };
    let described = ApiError::new(code, error.to_string());
    match field {
        Some(field) if error.is_data() => described.in_field(field),
        _ => described,
    }
}

const NAME: &str = "idempotency-key";
