//! The only HTTP client: one POST, and what came back.

use std::{error::Error as StdError, fmt, io, sync::Arc, time::Duration};

use async_trait::async_trait;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};

use super::{AddressPolicy, EndpointUrl, GuardError, GuardedResolver, Resolver};

/// Sends deliveries.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Makes one POST and reads the answer. Never fails: what went wrong is part of the [`Reply`].
    async fn post(&self, outbound: Outbound) -> Reply;
}

/// One request to be made.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// Where to.
    pub url: EndpointUrl,
    /// Headers beside those that HTTP itself needs.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// For the whole attempt: look-up, connection, request and answer with its body.
    pub timeout: Duration,
}

/// What an attempt brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The status, when an answer began.
    pub status: Option<u16>,
    /// The header `Retry-After`, as it came.
    pub retry_after: Option<String>,
    /// The header `webhook-delivery`, as it came: what the receiver wants to be sent.
    pub delivery: Option<String>,
    /// The beginning of the body, at most 16 KiB.
    pub body: Vec<u8>,
    /// Why there is no whole answer.
    pub failure: Option<Failure>,
}

impl Reply {
    /// A reply that consists of a failure.
    #[must_use]
    pub fn failed(failure: Failure) -> Self {
        Self { failure: Some(failure), ..Self::default() }
    }
}

/// Why an attempt got no whole answer. The names are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The endpoint was deleted while the attempt ran.
    Cancelled,
    /// No connection, or it broke off.
    Connection,
    /// The name did not resolve.
    Dns,
    /// The guard refused the URL or an address.
    Forbidden,
    /// The server died while the attempt ran: whether the receiver got it is not known.
    Interrupted,
    /// The answer was not HTTP.
    InvalidResponse,
    /// The event cannot be written for this endpoint.
    Render,
    /// The endpoint's secret does not open with this master key.
    Seal,
    /// The attempt took longer than its profile allows.
    Timeout,
    /// No TLS session: certificate, name or version.
    Tls,
}

impl Failure {
    /// The name in the API and the logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Connection => "connection_failed",
            Self::Dns => "dns_failed",
            Self::Forbidden => "forbidden_address",
            Self::Interrupted => "interrupted",
            Self::InvalidResponse => "invalid_response",
            Self::Render => "render_failed",
            Self::Seal => "secret_unreadable",
            Self::Timeout => "timeout",
            Self::Tls => "tls_failed",
        }
    }

    /// Whether nobody answered: what may hold an attempt for as long as its timeout.
    #[must_use]
    pub const fn is_silence(self) -> bool {
        matches!(self, Self::Connection | Self::Dns | Self::Timeout | Self::Tls)
    }
}

/// The transport over the network.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
}

impl HttpTransport {
    /// A client that looks names up with `resolver` and connects only where `policy` lets it.
    ///
    /// The roots are Mozilla's, compiled in (`webpki-roots`), not the platform's: the binary is then self-contained,
    /// and behaves the same in an empty container.
    ///
    /// # Errors
    /// [`io::Error`] when TLS cannot be set up.
    #[expect(clippy::disallowed_methods, reason = "this is the replacement that the lint names")]
    pub fn new(resolver: Arc<dyn Resolver>, policy: AddressPolicy) -> io::Result<Self> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls_config()?)
            .dns_resolver(Arc::new(GuardedResolver::new(resolver, policy)))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(MAX_IDLE_PER_HOST)
            .build()
            .map_err(io::Error::other)?;
        Ok(Self { client })
    }

    async fn try_post(&self, outbound: Outbound, reply: &mut Reply) -> Result<(), Failure> {
        let request = self
            .client
            .post(outbound.url.as_url().clone())
            .headers(header_map(&outbound.headers)?)
            .header(USER_AGENT, USER_AGENT_VALUE)
            .timeout(outbound.timeout)
            .body(outbound.body);
        let mut response = request.send().await.map_err(|error| classify(&error))?;
        reply.status = Some(response.status().as_u16());
        reply.retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        reply.delivery = list(response.headers(), &WEBHOOK_DELIVERY);
        while let Some(chunk) = response.chunk().await.map_err(|error| classify(&error))? {
            let room = MAX_KEPT_BODY.saturating_sub(reply.body.len());
            reply.body.extend(chunk.iter().take(room));
            // What goes beyond is never read: dropping the response closes the connection or resets the stream.
            if chunk.len() >= room {
                break;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn post(&self, outbound: Outbound) -> Reply {
        let mut reply = Reply::default();
        reply.failure = self.try_post(outbound, &mut reply).await.err();
        reply
    }
}

fn tls_config() -> io::Result<rustls::ClientConfig> {
    let roots = rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The values of a header as one list (RFC 9110 §5.3), without what is not text.
fn list(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<_> =
        headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, Failure> {
    let mut map = HeaderMap::with_capacity(headers.len() + 1);
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Failure::Render)?;
        map.append(name, HeaderValue::from_str(value).map_err(|_| Failure::Render)?);
    }
    Ok(map)
}

/// The client wraps causes several layers deep; the first that we know names the failure.
fn classify(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::Timeout;
    }
    let known = causes(error).find_map(|cause| {
        if cause.is::<GuardError>() {
            return Some(Failure::Forbidden);
        }
        if cause.is::<rustls::Error>() {
            return Some(Failure::Tls);
        }
        if cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse) {
            return Some(Failure::InvalidResponse);
        }
        None
    });
    // The connector's own error is private to its crate; its text is all there is.
    let is_dns = || causes(error).any(|cause| cause.to_string().starts_with("dns error"));
    known.unwrap_or_else(|| if is_dns() { Failure::Dns } else { Failure::Connection })
}

/// An error and all that it wraps. The source of an [`io::Error`] is the source *of* what it wraps, so that is asked for
/// by its own name.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    fn inner<'a>(outer: &&'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
        let error = *outer;
        match error.downcast_ref::<io::Error>() {
            Some(wrapper) => Some(wrapper.get_ref()?),
            None => error.source(),
        }
    }
    std::iter::successors(Some(error), inner)
}

/// A receiver's word on what it is sent; the core reads it.
static WEBHOOK_DELIVERY: HeaderName = HeaderName::from_static("webhook-delivery");
/// Bytes of a response body that are read and kept.
const MAX_KEPT_BODY: usize = 16 * 1024;
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_IDLE_PER_HOST: usize = 16;
const USER_AGENT_VALUE: &str =
    concat!("Hookseal/", env!("CARGO_PKG_VERSION"), " (+", env!("CARGO_PKG_REPOSITORY"), ")");
