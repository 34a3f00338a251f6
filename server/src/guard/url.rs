//! The URL of an endpoint.

use std::{fmt, net::IpAddr};

use url::{Host, Url};

use super::{GuardError, GuardPolicy};

/// A URL that deliveries may be sent to. Its scheme, host, port and shape passed the guard.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointUrl(Url);

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
        let url = Url::parse(text)
            .map_err(|error| GuardError::new(format!("URL does not parse: {error}")))?;
        check_scheme(&url, policy)?;
        if authority(text)?.contains('@') {
            return Err(GuardError::new("URL holds a user name or password, leave them out"));
        }
        if url.fragment().is_some() {
            return Err(GuardError::new(
                "URL holds a fragment (`#…`), which is never sent, leave it out",
            ));
        }
        check_host(&url, policy)?;
        check_port(&url)?;
        Ok(Self(url))
    }

    /// The URL in its normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(super) fn as_url(&self) -> &Url {
        &self.0
    }
}

/// Without path and query, which may hold tokens.
impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EndpointUrl({}…)", self.0.origin().ascii_serialization())
    }
}

/// What stands between `//` and the path, as it was written: the parser forgives missing or further slashes, and drops
/// an empty user name.
fn authority(text: &str) -> Result<&str, GuardError> {
    let rest = text.split_once("://").map(|(_, rest)| rest).filter(|rest| !rest.starts_with('/'));
    let rest = rest.ok_or_else(|| {
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
                return policy.addresses.check(IpAddr::from([127, 0, 0, 1]));
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

fn check_port(url: &Url) -> Result<(), GuardError> {
    match url.port() {
        None | Some(80 | 443 | 1024..) => Ok(()),
        Some(port) => Err(GuardError::new(format!(
            "URL has port {port}, expected 443, 80 or one from 1024 up"
        ))),
    }
}

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
        let policy = GuardPolicy { allow_http: true, addresses };
        assert!(EndpointUrl::parse("http://127.0.0.1:9000/hook", &policy).is_ok());
        assert!(EndpointUrl::parse("http://localhost:9000/hook", &policy).is_ok());
        assert!(EndpointUrl::parse("http://10.0.0.1:9000/hook", &policy).is_err());
    }

    #[test]
    fn debug_hides_path_and_query() {
        let url =
            EndpointUrl::parse("https://example.com/token?key=1", &GuardPolicy::default()).unwrap();
        assert_eq!(format!("{url:?}"), "EndpointUrl(https://example.com…)");
    }
}
