//! Connections: accepted, served, and closed when they are too slow or the server stops.
//!
//! A client has a limited time to send the head of a request (the next one on a connection that is kept open as well),
//! and as long for its body (`extract.rs`). This bounds sockets, not schedules, so it runs on the timers of hyper and
//! tokio, not on the server's clock.

use std::{io, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

use crate::clock::Clock;

/// Serves until `stop` turns true, at most `max_connections` at a time: more wait to be accepted. Then takes no more connections, closes those that are idle, and gives the requests
/// that run two seconds to end: what they have begun to store is stored all the same.
pub async fn listen(
    listener: TcpListener,
    router: Router,
    head_timeout: Duration,
    max_connections: usize,
    clock: Arc<dyn Clock>,
    mut stop: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    while !*stop.borrow() {
        while connections.try_join_next().is_some() {}
        if connections.len() >= max_connections {
            tokio::select! {
                _ = stop.changed() => {}
                _ = connections.join_next() => {}
            }
            continue;
        }
        tokio::select! {
            _ = stop.changed() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => _ = connections.spawn(serve(stream, router.clone(), head_timeout, stop.clone())),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot accept connections, trying again soon");
                    clock.sleep(PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(STOP_GRACE, all).await.is_err() {
        tracing::warn!("requests still run after the grace period, closing their connections");
    }
}

async fn serve(
    stream: TcpStream,
    router: Router,
    head_timeout: Duration,
    mut stop: watch::Receiver<bool>,
) {
    // Answers are small and whole: waiting to fill a packet would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .max_buf_size(MAX_BUFFER)
        .header_read_timeout(head_timeout)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    // The sender is gone only when the server is.
    let stopped = async { _ = stop.wait_for(|stop| *stop).await };
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = stopped => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

/// The next connection may well be fine.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::ConnectionAborted | Kind::ConnectionRefused | Kind::ConnectionReset
    )
}

/// Bytes that are read ahead on a connection, and so of the head of a request.
const MAX_BUFFER: usize = 64 * 1024;
/// Answers come from a local database; what takes longer waits for its client.
const STOP_GRACE: Duration = Duration::from_secs(2);
/// How long to wait when the process has no descriptors left.
const PAUSE: Duration = Duration::from_millis(500);
