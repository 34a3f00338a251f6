//! `/in/{source}`: what senders call. Without an API key; each source knows its sender by a signature.

use std::{borrow::Cow, sync::Arc};

use axum::{
    body::{Body, HttpBody as _},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse as _, Response},
};
use hookseal::HandshakeResponse;
use http_body_util::BodyExt as _;

use super::extract::{BodyTimeout, Id};
use crate::{
    error::{ApiCode, ApiError},
    service::{
        inbound::gateway::{Answer, Gateway, Incoming},
        room::Part,
    },
};

pub(super) async fn receive(
    State(gateway): State<Arc<Gateway>>,
    State(timeout): State<BodyTimeout>,
    Id(source): Id,
    request: Request,
) -> Result<Response, ApiError> {
    let open = gateway.source(&source).await?;
    let (parts, body) = request.into_parts();
    let headers = text_of(&parts.headers);
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (*name, value.as_ref())).collect();
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let incoming = Incoming { method: parts.method.as_str(), path, headers: &headers };
    let read = tokio::time::timeout(timeout.0, read(&gateway, body, open.max_body())).await;
    let slow = |_| ApiError::new(ApiCode::RequestTimeout, "the body did not come in time");
    let answer = match read.map_err(slow)?? {
        Some((body, _part)) => gateway.receive(&open, &incoming, &body).await?,
        None => gateway.too_large(&open, &incoming),
    };
    Ok(match answer {
        Answer::Stored { id, duplicate } => stored(&id, duplicate),
        Answer::Handshake(response) => handshake(response),
        Answer::Refused(error) => return Err(ApiError::refusal(&error)),
    })
}

/// The whole body, with the memory that it takes; `None` when it is longer than `max`, of which no more is read.
async fn read(
    gateway: &Gateway,
    mut body: Body,
    max: usize,
) -> Result<Option<(Vec<u8>, Part)>, ApiError> {
    let said = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if said > max {
        return Ok(None);
    }
    let (mut read, part) = (Vec::new(), gateway.room.part());
    while let Some(frame) = body.frame().await {
        let broken = |_| ApiError::new(ApiCode::MalformedJson, "the body broke off before its end");
        let Ok(chunk) = frame.map_err(broken)?.into_data() else { continue };
        if read.len().saturating_add(chunk.len()) > max {
            return Ok(None);
        }
        part.grow(chunk.len())?;
        read.extend_from_slice(&chunk);
    }
    Ok(Some((read, part)))
}

/// Values that are not UTF-8 stay visible as what they are: no known sender's.
fn text_of(headers: &HeaderMap) -> Vec<(&str, Cow<'_, str>)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
        .collect()
}

/// Without a body: some senders show it to somebody, or try to act on it.
fn stored(id: &str, duplicate: bool) -> Response {
    let mut response = StatusCode::OK.into_response();
    if let Ok(id) = HeaderValue::from_str(id) {
        response.headers_mut().insert(EVENT_ID, id);
    }
    if duplicate {
        response.headers_mut().insert(DUPLICATE, HeaderValue::from_static("true"));
    }
    response
}

fn handshake(answer: HandshakeResponse) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        let pair = (HeaderName::try_from(name), HeaderValue::try_from(value));
        if let (Ok(name), Ok(value)) = pair {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

const EVENT_ID: HeaderName = HeaderName::from_static("hookseal-event-id");
const DUPLICATE: HeaderName = HeaderName::from_static("hookseal-duplicate");
