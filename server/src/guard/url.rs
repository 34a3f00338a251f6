//! The URL of an endpoint.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use hyper::{Uri, header::HeaderValue};
use rustls::pki_types::ServerName;
use url::{Host, Url};

use super::{GuardError, GuardPolicy, special_range};

/// A URL that deliveries may be sent to. Its scheme, host, port and shape passed the guard, and all that a request needs
/// of it is ready, so that it can be parsed once and kept. Cheap to clone.
#[derive(Clone)]
pub struct EndpointUrl(Arc<Parts>);

struct Parts {
    url: Url,
    port: u16,
    origin: Arc<str>,
    absolute: Uri,
    path: Uri,
    authority: HeaderValue,
    server_name: Option<ServerName<'static>>,
}

impl EndpointUrl {
    /// Parses and checks a URL.
    ///
    /// # Errors
    /// [`GuardError`] that says what is wrong with it.
    pub fn parse(text: &str, policy: &GuardPolicy) -> Result<Self, GuardError> {
        if text.len() > MAX_LEN {
            return Err(GuardError::new(format!(
                "URL has {} bytes, at most {MAX_LEN} are allowed",
                text.len()
            )));
        }
        // The parser drops line breaks and spaces silently; a URL that holds them is a mistake or an attack.
        if let Some(odd) = text.chars().find(|c| c.is_control() || c.is_whitespace() || *c == '\\')
        {
            return Err(GuardError::new(format!(
                "URL holds `{}`, percent-encode it",
                odd.escape_default()
            )));
        }
        let url = Url::parse(text).map_err(does_not_parse)?;
        check_scheme(&url, policy)?;
        // The parser drops an empty user name, and reads one where this cannot see it.
        let named = !url.username().is_empty() || url.password().is_some();
        if authority(text)?.contains('@') || named {
            return Err(GuardError::new("URL holds a user name or password, leave them out"));
        }
        if url.fragment().is_some() {
            return Err(GuardError::new(
                "URL holds a fragment (`#…`), which is never sent, leave it out",
            ));
        }
        let parsed = Self(Arc::new(Parts::new(url)?));
        parsed.check(policy)?;
        Ok(parsed)
    }

    /// Checks the URL against another policy than it was parsed with. The [transport](super::HttpTransport) does so for
    /// each connection, so a URL that was kept cannot outlive what the operator closes.
    ///
    /// # Errors
    /// [`GuardError`] that says what the policy refuses.
    pub fn check(&self, policy: &GuardPolicy) -> Result<(), GuardError> {
        check_scheme(&self.0.url, policy)?;
        check_host(&self.0.url, policy)?;
        policy.ports.check(self.0.port)
    }

    /// Whether it is plain HTTP to a host that may be on the public network: not an address or a name that only means
    /// something nearby (RFC 6761 `.localhost` and `.test`, RFC 6762 `.local`, `.internal`, and names of one label).
    #[must_use]
    pub fn is_plain_and_public(&self) -> bool {
        let is_near = match self.host() {
            Some(Ok(address)) => special_range(address).is_some(),
            Some(Err(name)) => {
                let name = name.strip_suffix('.').unwrap_or(name);
                name.rsplit_once('.').is_none_or(|(_, last)| NEAR.contains(&last))
            }
            None => false,
        };
        self.0.url.scheme() == "http" && !is_near
    }

    /// The URL in its normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.url.as_str()
    }

    /// Scheme, host and port: requests to the same may share a connection.
    pub(super) fn origin(&self) -> &Arc<str> {
        &self.0.origin
    }

    /// The address that is the host, or the name that has to be looked up.
    pub(super) fn host(&self) -> Option<Result<IpAddr, &str>> {
        self.0.url.host().map(|host| match host {
            Host::Ipv4(address) => Ok(IpAddr::V4(address)),
            Host::Ipv6(address) => Ok(IpAddr::V6(address)),
            Host::Domain(name) => Err(name),
        })
    }

    pub(super) fn port(&self) -> u16 {
        self.0.port
    }

    /// The URL as HTTP/2 sends it.
    pub(super) fn absolute(&self) -> &Uri {
        &self.0.absolute
    }

    /// Path and query, as HTTP/1.1 sends them.
    pub(super) fn path(&self) -> &Uri {
        &self.0.path
    }

    /// The header `Host`: as it was configured, with the port where it is not the scheme's own.
    pub(super) fn authority(&self) -> &HeaderValue {
        &self.0.authority
    }

    /// Whom the TLS session must be with; `None` without TLS.
    pub(super) fn server_name(&self) -> Option<&ServerName<'static>> {
        self.0.server_name.as_ref()
    }
}

impl PartialEq for EndpointUrl {
    fn eq(&self, other: &Self) -> bool {
        self.0.url == other.0.url
    }
}

impl Eq for EndpointUrl {}

/// Without path and query, which may hold tokens.
impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EndpointUrl({}…)", self.0.url.origin().ascii_serialization())
    }
}

impl Parts {
    fn new(url: Url) -> Result<Self, GuardError> {
        let host = url.host_str().ok_or_else(|| GuardError::new("URL has no host"))?;
        let port = url.port_or_known_default().ok_or_else(|| GuardError::new("URL has no port"))?;
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let path = url
            .query()
            .map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let server_name = match url.scheme() {
            "https" => Some(server_name(&url)?),
            _ => None,
        };
        Ok(Self {
            port,
            origin: format!("{}://{host}:{port}", url.scheme()).into(),
            absolute: format!("{}://{authority}{path}", url.scheme())
                .parse()
                .map_err(does_not_parse)?,
            path: path.parse().map_err(does_not_parse)?,
            authority: HeaderValue::try_from(authority).map_err(does_not_parse)?,
            server_name,
            url,
        })
    }
}

fn server_name(url: &Url) -> Result<ServerName<'static>, GuardError> {
    match url.host() {
        Some(Host::Ipv4(address)) => Ok(IpAddr::V4(address).into()),
        Some(Host::Ipv6(address)) => Ok(IpAddr::V6(address).into()),
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            ServerName::try_from(name.to_owned())
                .map_err(|_| GuardError::new("URL has no usable host name"))
        }
        None => Err(GuardError::new("URL has no host")),
    }
}

fn does_not_parse(error: impl fmt::Display) -> GuardError {
    GuardError::new(format!("URL does not parse: {error}"))
}

/// What stands between `//` and the path, as it was written: the parser forgives missing or further slashes, and drops
/// an empty user name.
fn authority(text: &str) -> Result<&str, GuardError> {
    let rest = text.split_once(':').and_then(|(_, rest)| rest.strip_prefix("//"));
    let rest = rest.filter(|rest| !rest.starts_with('/')).ok_or_else(|| {
        GuardError::new(
            "URL does not have exactly two slashes before its host, expected `https://host`",
        )
    })?;
    Ok(rest.split(['/', '?', '#']).next().unwrap_or_default())
}

fn check_scheme(url: &Url, policy: &GuardPolicy) -> Result<(), GuardError> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if policy.allow_http => Ok(()),
        "http" => Err(GuardError::new("URL begins with `http://`, expected `https://`")),
        other => Err(GuardError::new(format!("URL has the scheme `{other}`, expected `https`"))),
    }
}

fn check_host(url: &Url, policy: &GuardPolicy) -> Result<(), GuardError> {
    // The parser has already read octal, hexadecimal and short forms of IPv4 as the address they mean.
    match url.host() {
        Some(Host::Ipv4(address)) => policy.addresses.check(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => policy.addresses.check(IpAddr::V6(address)),
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            // What else a name may hide is seen when it is resolved; this one is refused early for the better error.
            if name == "localhost" || name.ends_with(".localhost") {
                return policy.addresses.check(IpAddr::V4(Ipv4Addr::LOCALHOST));
            }
            let is_label = |label: &str| (1..=MAX_LABEL_LEN).contains(&label.len());
            if name.len() > MAX_NAME_LEN || !name.split('.').all(is_label) {
                return Err(GuardError::new("URL has no usable host name"));
            }
            Ok(())
        }
        None => Err(GuardError::new("URL has no host")),
    }
}

const NEAR: [&str; 4] = ["internal", "local", "localhost", "test"];
/// Longer than any URL that works with common servers.
const MAX_LEN: usize = 2048;
/// RFC 1035 §2.3.4, as the next.
const MAX_LABEL_LEN: usize = 63;
const MAX_NAME_LEN: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::AddressPolicy;

    #[test]
    fn public_https_urls_pass() {
        for text in [
            "https://example.com",
            "https://example.com/hooks?tenant=1",
            "https://example.com:8443/a",
            "https://EXAMPLE.com./a",
            "https://8.8.8.8/",
            "https://[2606:4700:4700::1111]/",
            "https://bücher.example/",
            "https://example.com/@user?mail=a@b",
        ] {
            assert!(EndpointUrl::parse(text, &GuardPolicy::default()).is_ok(), "{text}");
        }
    }

    /// Each with a word that its message must hold.
    #[test]
    fn others_are_refused_with_the_reason() {
        let long = format!("https://example.com/{}", "a".repeat(MAX_LEN));
        let long_name = format!("https://{}com/", "a.".repeat(130));
        let long_label = format!("https://{}.com/", "a".repeat(64));
        for (text, word) in [
            ("", "parse"),
            ("example.com", "parse"),
            ("http://example.com", "https://"),
            ("ftp://example.com", "scheme"),
            ("file:///etc/passwd", "scheme"),
            ("javascript:alert(1)", "scheme"),
            ("https://", "parse"),
            ("https://user@example.com", "user name"),
            ("https://user:pass@example.com", "user name"),
            ("https://:pass@example.com", "user name"),
            ("https://@example.com", "user name"),
            ("https://:@example.com", "user name"),
            ("https:example.com", "two slashes"),
            ("https:/example.com", "two slashes"),
            ("https:u:p@example.com/x://y", "two slashes"),
            ("https:example.com/x://y", "two slashes"),
            ("https:/example.com?x://y", "two slashes"),
            ("https:u@example.com?x://y", "two slashes"),
            ("https:///example.com", "two slashes"),
            ("https://example.com../", "host name"),
            ("https://a..example.com/", "host name"),
            ("https://.example.com/", "host name"),
            (&long_label, "host name"),
            ("https://example.com/#x", "fragment"),
            ("https://example.com:22/", "port 22"),
            ("https://example.com:25/", "port 25"),
            ("https://example.com:0/", "port 0"),
            ("https://example.com:99999/", "parse"),
            ("https://example.com/\r\nHost: evil", "percent-encode"),
            ("https://exa mple.com/", "percent-encode"),
            ("https://example.com\\@127.0.0.1/", "percent-encode"),
            (" https://example.com/", "percent-encode"),
            ("https://localhost/", "loopback"),
            ("https://localhost./", "loopback"),
            ("https://LOCALHOST/", "loopback"),
            ("https://a.localhost/", "loopback"),
            ("https://127.0.0.1/", "loopback"),
            ("https://127.1/", "loopback"),
            ("https://2130706433/", "loopback"),
            ("https://0x7f000001/", "loopback"),
            ("https://0x7f.1/", "loopback"),
            ("https://0177.0.0.1/", "loopback"),
            ("https://127.0.0.1./", "loopback"),
            ("https://①②⑦.0.0.1/", "loopback"),
            ("https://127%2e0.0.1/", "loopback"),
            ("https://0/", "this network"),
            ("https://10.0.0.1:8443/", "private"),
            ("https://169.254.169.254/latest/meta-data", "link local"),
            ("https://[::1]/", "loopback"),
            ("https://[::]/", "unspecified"),
            ("https://[::ffff:127.0.0.1]/", "mapped"),
            ("https://[::ffff:7f00:1]/", "mapped"),
            ("https://[::127.0.0.1]/", "compatible"),
            ("https://[64:ff9b::7f00:1]/", "NAT64"),
            ("https://[2002:7f00:1::]/", "6to4"),
            ("https://[fe80::1%25eth0]/", "parse"),
            ("https://[fd00:ec2::254]/", "unique local"),
            ("https://256.256.256.256/", "parse"),
            (&long, "bytes"),
            (&long_name, "host name"),
        ] {
            let error = EndpointUrl::parse(text, &GuardPolicy::default()).expect_err(text);
            assert!(error.to_string().contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn the_operator_can_open_http_and_networks() {
        let addresses = AddressPolicy::new(vec!["127.0.0.0/8".parse().unwrap()]);
        let policy = GuardPolicy { allow_http: true, addresses, ..GuardPolicy::default() };
        assert!(EndpointUrl::parse("http://127.0.0.1:9000/hook", &policy).is_ok());
        assert!(EndpointUrl::parse("http://localhost:9000/hook", &policy).is_ok());
        assert!(EndpointUrl::parse("http://10.0.0.1:9000/hook", &policy).is_err());
    }

    #[test]
    fn plain_http_is_told_from_what_stays_nearby() {
        let networks = vec!["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()];
        let addresses = AddressPolicy::new(networks);
        let policy = GuardPolicy { allow_http: true, addresses, ..GuardPolicy::default() };
        let is_open = |text: &str| EndpointUrl::parse(text, &policy).unwrap().is_plain_and_public();
        for text in ["http://example.com/", "http://8.8.8.8/", "http://[2606:4700:4700::1111]/"] {
            assert!(is_open(text), "{text}");
        }
        for text in [
            "https://example.com/",
            "http://127.0.0.1:9000/",
            "http://10.0.0.7/",
            "http://[::1]:9000/",
            "http://localhost:9000/",
            "http://receiver:9000/",
            "http://a.localhost./",
            "http://receiver.test/",
        ] {
            assert!(!is_open(text), "{text}");
        }
    }

    #[test]
    fn debug_hides_path_and_query() {
        let url =
            EndpointUrl::parse("https://example.com/token?key=1", &GuardPolicy::default()).unwrap();
        assert_eq!(format!("{url:?}"), "EndpointUrl(https://example.com…)");
    }
}
