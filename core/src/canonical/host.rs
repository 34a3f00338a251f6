//! Where a key may be fetched from: URLs of known hosts only.
//!
//! A sender that says in its request where its certificate is could name any place; the scheme names the hosts that are
//! its own.
//!
//! Source: npm `sns-validator` 0.3.5 (`^sns\.[a-zA-Z0-9\-]{3,}\.amazonaws\.com(\.cn)?$`); PayPal, `*.paypal.com`.
//!
//! **Invariants.** A URL is allowed only in the one form that every parser reads alike: `https://`, a host of lower-case
//! ASCII labels, `/`, and visible ASCII without backslashes, fragments and queries. No user, no port, no address, no dot at the
//! end.

use std::fmt;

use serde::Deserialize;

use crate::error::{Error, ErrorCode, clip};
use crate::scheme::compact::compact;

/// No URL of a certificate or key set is nearly as long.
const MAX_URL_LEN: usize = 2048;

/// A host, or many: `api.example.com`, `sns.*.amazonaws.com` (exactly one label), `*.paypal.com` (one or more labels).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String", extend("pattern" = r"^(\*\.|[a-z0-9-]+\.)*[a-z0-9-]+\.[a-z0-9-]+$")))]
#[serde(try_from = "String")]
pub(crate) struct HostPattern(String);

impl HostPattern {
    /// # Errors
    /// `invalid_scheme` for what is not such a host, or a `*` in one of the last two labels.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let labels: Vec<&str> = text.split('.').collect();
        let fixed = labels.iter().rev().take(2).filter(|label| is_label(label)).count();
        let known = labels.iter().all(|label| *label == "*" || is_label(label));
        if fixed < 2 || !known || text.len() > 253 {
            let message =
                format!("a host such as `sns.*.amazonaws.com` is expected, got `{}`", clip(text));
            return Err(Error::new(ErrorCode::InvalidScheme, message));
        }
        Ok(Self(text.to_owned()))
    }

    fn matches(&self, host: &str) -> bool {
        let (pattern, host) = match self.0.strip_prefix("*.") {
            None => (self.0.as_str(), host),
            Some(tail) => {
                // As many labels from the right as the pattern has; at least one remains for the star.
                let dots = tail.bytes().filter(|&byte| byte == b'.').count();
                let cut = host.rmatch_indices('.').nth(dots).and_then(|(at, _)| host.get(at + 1..));
                let Some(host_tail) = cut else { return false };
                (tail, host_tail)
            }
        };
        let (mut labels, mut wanted) = (host.split('.'), pattern.split('.'));
        loop {
            match (wanted.next(), labels.next()) {
                (None, None) => return true,
                (Some(want), Some(label)) if want == label || (want == "*" && is_region(label)) => {
                }
                _ => return false,
            }
        }
    }
}

impl TryFrom<String> for HostPattern {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `url` is on one of these hosts and written so that there is no doubt about it.
pub(crate) fn host_matches(url: &str, patterns: &[HostPattern]) -> bool {
    let Some((host, path)) = url.strip_prefix("https://").and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\\?#".contains(&byte);
    url.len() <= MAX_URL_LEN && path.bytes().all(is_plain) && is_host(host, patterns)
}

/// Whether `host` is a name, without port or anything else, and one of these.
pub(crate) fn is_host(host: &str, patterns: &[HostPattern]) -> bool {
    host.len() <= 253
        && host.split('.').all(is_label)
        && patterns.iter().any(|pattern| pattern.matches(host))
}

/// Whether a label is the name of a cloud region (`us-east-1`): an inner `*` stands for nothing else, because other
/// services have names of the same form (`sns.s3.amazonaws.com` is a bucket of anybody).
fn is_region(label: &str) -> bool {
    let mut parts = label.rsplit('-');
    let number = parts.next().unwrap_or_default();
    let words: Vec<&str> = parts.collect();
    let is_word =
        |word: &&str| word.len() >= 2 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && words.len() >= 2
        && words.iter().all(is_word)
}

fn is_label(label: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(is_plain)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

compact! { tuple HostPattern }

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns() -> Vec<HostPattern> {
        ["sns.*.amazonaws.com", "sns.*.amazonaws.com.cn", "*.paypal.com", "keys.example.com"]
            .map(|text| HostPattern::parse(text).unwrap())
            .to_vec()
    }

    #[test]
    fn known_hosts_are_allowed() {
        for url in [
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123.pem",
            "https://sns.cn-north-1.amazonaws.com.cn/x.pem",
            "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270",
            "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1",
            "https://keys.example.com/",
            "https://keys.example.com/a@b:c//d%2e;e=f",
        ] {
            assert!(host_matches(url, &patterns()), "{url}");
        }
    }

    #[test]
    fn every_trick_is_refused() {
        for url in [
            // Other schemes, or none.
            "http://sns.us-east-1.amazonaws.com/x.pem",
            "HTTPS://sns.us-east-1.amazonaws.com/x.pem",
            "https:/sns.us-east-1.amazonaws.com/x.pem",
            "https:///sns.us-east-1.amazonaws.com/x.pem",
            "//sns.us-east-1.amazonaws.com/x.pem",
            "sns.us-east-1.amazonaws.com/x.pem",
            " https://sns.us-east-1.amazonaws.com/x.pem",
            "file:///https://sns.us-east-1.amazonaws.com/x.pem",
            // A user, real or seeming.
            "https://sns.us-east-1.amazonaws.com@evil.com/x.pem",
            "https://evil.com@sns.us-east-1.amazonaws.com/x.pem",
            "https://@sns.us-east-1.amazonaws.com/x.pem",
            "https://a:b@sns.us-east-1.amazonaws.com/x.pem",
            "https://evil.com%40sns.us-east-1.amazonaws.com/x.pem",
            // Backslashes, which browsers take for slashes.
            "https://evil.com\\@sns.us-east-1.amazonaws.com/x.pem",
            "https://evil.com\\.sns.us-east-1.amazonaws.com/x.pem",
            "https:\\\\sns.us-east-1.amazonaws.com/x.pem",
            "https://sns.us-east-1.amazonaws.com\\x.pem/",
            "https://sns.us-east-1.amazonaws.com/\\x.pem",
            // The known host somewhere else.
            "https://sns.us-east-1.amazonaws.com.evil.com/x.pem",
            "https://evil.com/sns.us-east-1.amazonaws.com/x.pem",
            "https://evil.com/https://sns.us-east-1.amazonaws.com/x.pem",
            "https://evil.com?sns.us-east-1.amazonaws.com/x.pem",
            "https://evil.com#sns.us-east-1.amazonaws.com/x.pem",
            "https://evil.com?.sns.us-east-1.amazonaws.com/x.pem",
            "https://evilsns.us-east-1.amazonaws.com/x.pem",
            "https://evil.sns.us-east-1.amazonaws.com/x.pem",
            "https://evilpaypal.com/x.pem",
            "https://paypal.com.evil.com/x.pem",
            "https://a.keys.example.com/",
            "https://paypal.com/x.pem",
            "https://.paypal.com/x.pem",
            "https://a..paypal.com/x.pem",
            // Another number of labels under the star in the middle.
            "https://sns.amazonaws.com/x.pem",
            "https://sns..amazonaws.com/x.pem",
            "https://sns.a.b.amazonaws.com/x.pem",
            "https://s3.us-east-1.amazonaws.com/x.pem",
            // Dots at the end, capitals, letters that only look alike, other ways to write a dot.
            "https://sns.us-east-1.amazonaws.com./x.pem",
            "https://SNS.us-east-1.amazonaws.com/x.pem",
            "https://sns.us-east-1.amazonaws.COM/x.pem",
            "https://sns.us-east-1.am\u{430}zonaws.com/x.pem",
            "https://sns.us-east-1.amazonaws\u{3002}com/x.pem",
            "https://sns\u{ff0e}us-east-1.amazonaws.com/x.pem",
            "https://sns.us-east-1.amazonaws%2ecom/x.pem",
            "https://sns.us\u{ad}-east-1.amazonaws.com/x.pem",
            "https://sns.\u{2100}.amazonaws.com/x.pem",
            "https://sns.us_east.amazonaws.com/x.pem",
            "https://sns.-a.amazonaws.com/x.pem",
            "https://sns.*.amazonaws.com/x.pem",
            // Ports, queries, fragments, no path.
            "https://sns.us-east-1.amazonaws.com:443/x.pem",
            "https://sns.us-east-1.amazonaws.com:/x.pem",
            "https://sns.us-east-1.amazonaws.com:8443/x.pem",
            "https://sns.us-east-1.amazonaws.com/x?y=.pem",
            "https://sns.us-east-1.amazonaws.com/x.pem#y",
            "https://sns.us-east-1.amazonaws.com",
            "https://sns.us-east-1.amazonaws.com?/x.pem",
            "https://sns.us-east-1.amazonaws.com#/x.pem",
            // White space and control characters, which some parsers take out.
            "https://sns.us-east-1.amazonaws.com\t/x.pem",
            "https://sns.us-\neast-1.amazonaws.com/x.pem",
            "https://sns.us-east-1.amazonaws.com/x.pem\r\nhost: evil.com",
            "https://sns.us-east-1.amazonaws.com/x .pem",
            "https://sns.us-east-1.amazonaws.com/\0.pem",
            "https://\u{200b}sns.us-east-1.amazonaws.com/x.pem",
            // Addresses.
            "https://127.0.0.1/x.pem",
            "https://[::1]/x.pem",
            "https://2130706433/x.pem",
            "",
            "https://",
            "https:///",
        ] {
            assert!(!host_matches(url, &patterns()), "{url:?}");
        }
        let long = format!("https://keys.example.com/{}", "a".repeat(MAX_URL_LEN));
        assert!(!host_matches(&long, &patterns()));
        assert!(!host_matches("https://keys.example.com/", &[]));
    }

    #[test]
    fn patterns_keep_their_last_two_labels() {
        for wrong in [
            "",
            "*",
            "com",
            "*.com",
            "a.*.com.*",
            "a.*",
            "*paypal.com",
            "a.b*.com",
            "A.com",
            "a..com",
            ".a.com",
            "a.com.",
            "a.com/",
            "a.com:443",
            "é.com",
        ] {
            let error = HostPattern::parse(wrong).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidScheme, "{wrong}");
        }
        let two = HostPattern::parse("*.*.example.com").unwrap();
        assert!(host_matches("https://a.eu-west-1.example.com/", std::slice::from_ref(&two)));
        assert!(!host_matches("https://b.example.com/", &[two]));
    }
}
