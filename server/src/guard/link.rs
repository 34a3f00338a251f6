//! A connection that requests can be made on.

use std::{
    future::Future,
    net::SocketAddr,
    pin::pin,
    sync::{Arc, Weak},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Request, Response,
    body::Incoming,
    client::conn::{TrySendError, http1, http2},
    header::HOST,
};
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::{
    Failure, Outbound,
    connect::Dialled,
    failure::Stop,
    headers::request_headers,
    pool::Pool,
    wire::{Gauge, Metered},
};

/// A connection with HTTP on it: one request at a time with HTTP/1.1, many with HTTP/2.
pub(super) struct Link {
    channel: Channel,
    gauge: Arc<Gauge>,
    /// One for each copy.
    copies: Arc<()>,
    /// When the connection was made.
    pub(super) made: Duration,
    pub(super) address: Option<SocketAddr>,
}

enum Channel {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

/// A request that got no answer.
pub(super) struct Unanswered {
    pub(super) stop: Stop,
    /// The connection was at its end already: the request was not sent, or the receiver says that it did nothing with
    /// it, or nothing at all came back.
    pub(super) stale: bool,
}

impl Link {
    /// Begins to speak HTTP. A task of its own moves the bytes until the connection ends, which it does when the link and
    /// its copies are dropped.
    #[expect(clippy::disallowed_methods, reason = "this is the only place that makes clients")]
    pub(super) async fn open(
        dialled: Dialled,
        address: Option<SocketAddr>,
        made: Duration,
        pool: Weak<Pool>,
    ) -> Result<Self, Stop> {
        let gauge = Gauge::new();
        let io = TokioIo::new(Metered { stream: dialled.stream, gauge: Arc::clone(&gauge) });
        let channel = if dialled.is_http2 {
            let (sender, connection) = http2::Builder::new(TokioExecutor::new())
                .initial_stream_window_size(STREAM_WINDOW)
                .initial_connection_window_size(CONNECTION_WINDOW)
                .max_header_list_size(MAX_HEAD)
                .handshake(io)
                .await
                .map_err(|error| Stop::classify(&error))?;
            tokio::spawn(drive(connection, pool));
            Channel::Http2(sender)
        } else {
            let (sender, connection) = http1::Builder::new()
                .max_buf_size(MAX_HEAD as usize)
                .handshake(io)
                .await
                .map_err(|error| Stop::classify(&error))?;
            tokio::spawn(drive(connection, pool));
            Channel::Http1(sender)
        };
        Ok(Self { channel, gauge, copies: Arc::default(), made, address })
    }

    /// Another handle on the same connection, where several requests can be under way on it.
    pub(super) fn share(&self) -> Option<Self> {
        match &self.channel {
            Channel::Http1(_) => None,
            Channel::Http2(sender) => Some(Self {
                channel: Channel::Http2(sender.clone()),
                gauge: Arc::clone(&self.gauge),
                copies: Arc::clone(&self.copies),
                made: self.made,
                address: self.address,
            }),
        }
    }

    /// Whether as many requests are under way as one connection should carry: each has a copy, and the pool has one.
    pub(super) fn is_full(&self) -> bool {
        Arc::strong_count(&self.copies) > MAX_AT_ONCE
    }

    /// Whether a request can be made now.
    pub(super) fn is_ready(&self) -> bool {
        match &self.channel {
            Channel::Http1(sender) => sender.is_ready(),
            Channel::Http2(sender) => sender.is_ready() && !self.gauge.is_given_up(),
        }
    }

    /// Waits until the next request can be made. Returns whether it ever can.
    pub(super) async fn ready(&mut self) -> bool {
        match &mut self.channel {
            Channel::Http1(sender) => sender.ready().await.is_ok(),
            Channel::Http2(sender) => sender.ready().await.is_ok(),
        }
    }

    /// `outbound` as this connection sends it.
    pub(super) fn request(
        &self,
        method: &Method,
        outbound: &Outbound,
    ) -> Result<Request<Full<Bytes>>, Stop> {
        let headers = request_headers(&outbound.headers, &outbound.custom_headers);
        let mut headers = headers
            .ok_or_else(|| Stop::new(Failure::Render, "a header of ours cannot be written"))?;
        let mut request = Request::new(Full::new(outbound.body.clone()));
        *request.method_mut() = method.clone();
        *request.uri_mut() = match &self.channel {
            Channel::Http1(_) => {
                headers.insert(HOST, outbound.url.authority().clone());
                outbound.url.path().clone()
            }
            Channel::Http2(_) => outbound.url.absolute().clone(),
        };
        *request.headers_mut() = headers;
        Ok(request)
    }

    /// Sends a request and waits for the head of its answer.
    pub(super) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Unanswered> {
        let before = self.gauge.received();
        let sent = match &mut self.channel {
            Channel::Http1(sender) => {
                self.gauge.allow(MAX_EXCHANGE);
                sender.try_send_request(request).await
            }
            Channel::Http2(sender) => {
                self.gauge.allow(MAX_EXCHANGES);
                sender.try_send_request(request).await
            }
        };
        sent.map_err(|error| self.unanswered(error, before))
    }

    fn unanswered(&self, mut error: TrySendError<Request<Full<Bytes>>>, before: u64) -> Unanswered {
        let unsent = error.take_message().is_some();
        let error = error.into_error();
        let received = self.gauge.received().saturating_sub(before);
        let stale = unsent || received == 0 || was_refused(&error);
        let mut stop = self.explain(&error);
        // With HTTP/2, a head that is longer than was asked for is reported as any other breach of the rules.
        let is_http2 = matches!(self.channel, Channel::Http2(_));
        if is_http2 && stop.failure == Failure::InvalidResponse && received > MAX_HEAD.into() {
            stop.failure = Failure::ResponseTooLarge;
        }
        Unanswered { stop, stale }
    }

    /// What an error on this connection means.
    pub(super) fn explain(&self, error: &hyper::Error) -> Stop {
        if self.gauge.is_exceeded() {
            return Stop::new(Failure::ResponseTooLarge, "the answer is too large");
        }
        Stop::classify(error)
    }

    /// Bytes that came since the connection was made.
    pub(super) fn received(&self) -> u64 {
        self.gauge.received()
    }

    /// No more requests on this connection, by whomever.
    pub(super) fn give_up(&self) {
        self.gauge.give_up();
    }
}

/// Whether the receiver says that it did nothing with the request (RFC 9113 §8.7).
fn was_refused(error: &hyper::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref());
    cause.is_some_and(|cause: &h2::Error| {
        cause.is_remote()
            && (cause.is_go_away() || cause.reason() == Some(h2::Reason::REFUSED_STREAM))
    })
}

/// Moves bytes until the connection ends; now and then looks whether it, or another, is idle for too long.
async fn drive(connection: impl Future<Output = hyper::Result<()>>, pool: Weak<Pool>) {
    let mut connection = pin!(connection);
    // How it ends is told to whoever has a request on it.
    while tokio::time::timeout(LOOK_AFTER, connection.as_mut()).await.is_err() {
        match pool.upgrade() {
            Some(pool) => pool.drop_expired(),
            None => return,
        }
    }
}

/// Bytes of an answer's head with HTTP/1.1, and of its headers with HTTP/2.
const MAX_HEAD: u32 = 32 * 1024;
/// Bytes that may come for one request with HTTP/1.1: heads of interim answers, the head, the part of the body that is
/// kept, in chunks as small as they may be, and what is read ahead.
const MAX_EXCHANGE: u64 = 256 * 1024;
/// The same for all requests that are under way on a connection with HTTP/2.
const MAX_EXCHANGES: u64 = 4 * 1024 * 1024;
/// Requests on a connection with HTTP/2: fewer than servers usually allow (RFC 9113 §6.5.2 recommends 100 at least), and
/// so few that one which drips its answer holds up few.
const MAX_AT_ONCE: usize = 32;
/// With HTTP/2 no more of a body comes than was asked for: some more than is kept, for as many requests as there can be.
const STREAM_WINDOW: u32 = 32 * 1024;
const CONNECTION_WINDOW: u32 = MAX_AT_ONCE as u32 * STREAM_WINDOW;
const LOOK_AFTER: Duration = Duration::from_secs(15);
