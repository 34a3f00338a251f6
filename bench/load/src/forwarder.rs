//! The anchor: takes a POST, posts it on, and answers with what it was answered. It stores nothing, signs nothing and
//! tries nothing again, but speaks HTTP with the same libraries and settings as the server does: nothing that delivers
//! with them can be faster.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use http_body_util::{BodyExt as _, Empty};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HeaderName},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::error::{Context as _, Error};

/// Forwards from `listen` to `to` (`http://host:port`), path by path, until the process is stopped. `GET` is answered
/// with 204 at once.
///
/// # Errors
/// When it cannot listen.
pub fn forward(listen: SocketAddr, to: &str) -> Result<(), Error> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("runtime")?;
    let to: Arc<str> = to.trim_end_matches('/').into();
    let client = client()?;
    runtime.block_on(async move {
        let listener =
            TcpListener::bind(listen).await.context(format!("cannot listen on {listen}"))?;
        loop {
            let (stream, _) = listener.accept().await.context("cannot accept")?;
            stream.set_nodelay(true).context("TCP_NODELAY")?;
            let (client, to) = (client.clone(), Arc::clone(&to));
            tokio::spawn(async move {
                let service =
                    service_fn(move |request| pass_on(client.clone(), Arc::clone(&to), request));
                // A connection that breaks off is its peer's affair.
                _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}

async fn pass_on(
    client: reqwest::Client,
    to: Arc<str>,
    request: Request<Incoming>,
) -> Result<Response<Empty<Bytes>>, Infallible> {
    let status = if request.method() == Method::POST {
        let answered = try_pass_on(client, &to, request).await;
        answered.unwrap_or(StatusCode::BAD_GATEWAY)
    } else {
        StatusCode::NO_CONTENT
    };
    let mut response = Response::new(Empty::new());
    *response.status_mut() = status;
    Ok(response)
}

async fn try_pass_on(
    client: reqwest::Client,
    to: &str,
    request: Request<Incoming>,
) -> Result<StatusCode, Box<dyn std::error::Error + Send + Sync>> {
    let url = format!("{to}{}", request.uri().path());
    let id = request.headers().get(&WEBHOOK_ID).cloned();
    let body = request.into_body().collect().await?.to_bytes();
    let mut onward = client.post(url).header(CONTENT_TYPE, "application/json").body(body);
    if let Some(id) = id {
        onward = onward.header(&WEBHOOK_ID, id);
    }
    let answer = onward.timeout(TIMEOUT).send().await?;
    let status = answer.status();
    // Read to its end, so that the connection can be used again.
    answer.bytes().await?;
    Ok(status)
}

/// As the server makes its own.
fn client() -> Result<reqwest::Client, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("TLS")?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
        .pool_idle_timeout(Duration::from_secs(30))
        .build()
        .context("HTTP client")
}

static WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMEOUT: Duration = Duration::from_secs(30);
