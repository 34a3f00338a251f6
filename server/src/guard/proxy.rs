//! The operator's way out, where the network has only one.

use std::{fmt, net::IpAddr, str::FromStr};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http_body_util::Empty;
use hyper::{
    Request, Uri,
    client::conn::http1,
    header::{HOST, HeaderValue, PROXY_AUTHORIZATION},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::{Host, Url};

use super::{EndpointUrl, Failure, GuardError, failure::Stop, wire::Stream};

/// An HTTP proxy that every delivery goes through, in a tunnel (`CONNECT`), with or without TLS inside.
///
/// The proxy gets the endpoint's name, not an address, and resolves it: a network with such a proxy often has no other
/// DNS. So the guard sees no address behind a name, and the proxy has to refuse those that are not public.
#[derive(Clone, PartialEq, Eq)]
pub struct EgressProxy {
    host: Host,
    port: u16,
    authorization: Option<HeaderValue>,
}

/// Without user name and password.
impl fmt::Debug for EgressProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EgressProxy({}:{})", self.host, self.port)
    }
}

impl FromStr for EgressProxy {
    type Err = GuardError;

    /// Reads `http://[user:password@]host:port`.
    fn from_str(text: &str) -> Result<Self, GuardError> {
        // The text is not shown: it may hold a password.
        let refuse = || {
            GuardError::new(
                "egress proxy does not parse, expected `http://host:port` or `http://user:password@host:port`",
            )
        };
        let url = Url::parse(text).map_err(|_| refuse())?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if url.scheme() != "http" || !bare {
            return Err(refuse());
        }
        let host = url.host().ok_or_else(refuse)?.to_owned();
        let port = url.port_or_known_default().ok_or_else(refuse)?;
        Ok(Self { host, port, authorization: authorization(&url).map_err(|()| refuse())? })
    }
}

/// The header for user name and password (RFC 7617), when the URL has them.
fn authorization(url: &Url) -> Result<Option<HeaderValue>, ()> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let decode = |text: &str| {
        let pair = format!("={text}").replace('+', "%2B");
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    let user = decode(url.username()).ok_or(())?;
    let password = decode(url.password().unwrap_or_default()).ok_or(())?;
    if user.contains(':') {
        return Err(());
    }
    let encoded = BASE64_STANDARD.encode(format!("{user}:{password}"));
    let mut value = HeaderValue::try_from(format!("Basic {encoded}")).map_err(|_| ())?;
    value.set_sensitive(true);
    Ok(Some(value))
}

impl EgressProxy {
    /// Its address, or its name. The operator chose it, so it may be anywhere.
    pub(super) fn host(&self) -> Result<IpAddr, &str> {
        match &self.host {
            Host::Ipv4(address) => Ok(IpAddr::V4(*address)),
            Host::Ipv6(address) => Ok(IpAddr::V6(*address)),
            Host::Domain(name) => Err(name),
        }
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// Asks the proxy at the other end of `tcp` for a tunnel to the endpoint.
    #[expect(clippy::disallowed_methods, reason = "the guard makes the clients")]
    pub(super) async fn tunnel(
        &self,
        tcp: TcpStream,
        url: &EndpointUrl,
    ) -> Result<Box<dyn Stream>, Stop> {
        let broken = |error: hyper::Error| Stop::new(Failure::Proxy, error);
        let request = self.request(url).ok_or_else(|| {
            Stop::new(Failure::Proxy, "the endpoint's URL has no form that a proxy is asked with")
        })?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(MAX_HEAD)
            .handshake(TokioIo::new(tcp))
            .await
            .map_err(broken)?;
        // Ends when the tunnel stands, or `sender` is dropped.
        tokio::spawn(connection.with_upgrades());
        let response = sender.send_request(request).await.map_err(broken)?;
        if !response.status().is_success() {
            let detail = format!("the egress proxy answered {}", response.status().as_u16());
            return Err(Stop::new(Failure::Proxy, detail));
        }
        let tunnel = hyper::upgrade::on(response).await.map_err(broken)?;
        Ok(Box::new(TokioIo::new(tunnel)))
    }

    fn request(&self, url: &EndpointUrl) -> Option<Request<Empty<Bytes>>> {
        // With the port in any case (RFC 9110 §9.3.6).
        let (_, authority) = url.origin().split_once("://")?;
        let target: Uri = authority.parse().ok()?;
        let mut request = Request::connect(target).header(HOST, authority);
        if let Some(value) = &self.authorization {
            request = request.header(PROXY_AUTHORIZATION, value.clone());
        }
        request.body(Empty::new()).ok()
    }
}

const MAX_HEAD: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_operators_write_is_read() {
        for (text, shown, credentials) in [
            ("http://proxy.internal:3128", "EgressProxy(proxy.internal:3128)", None),
            ("http://10.0.0.5:3128/", "EgressProxy(10.0.0.5:3128)", None),
            ("http://[fd00::5]:3128", "EgressProxy([fd00::5]:3128)", None),
            ("http://proxy", "EgressProxy(proxy:80)", None),
            ("http://u:p%40%2B+x@proxy:3128", "EgressProxy(proxy:3128)", Some("u:p@++x")),
            ("http://u@proxy:3128", "EgressProxy(proxy:3128)", Some("u:")),
        ] {
            let proxy: EgressProxy = text.parse().unwrap();
            assert_eq!(format!("{proxy:?}"), shown);
            let expected =
                credentials.map(|plain| format!("Basic {}", BASE64_STANDARD.encode(plain)));
            let sent = proxy.authorization.map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(sent, expected, "{text}");
        }
    }

    #[test]
    fn others_are_refused_without_their_password() {
        for text in [
            "",
            "proxy:3128",
            "https://u:hunter2@proxy:3128",
            "socks5://proxy:1080",
            "http://u:hunter2@proxy:3128/path",
            "http://proxy:3128/?x",
            "http://u%3av:hunter2@proxy:3128",
            "http://:99999",
        ] {
            let error = text.parse::<EgressProxy>().unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
