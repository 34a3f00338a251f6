//! The URL that a receiver calls to confirm a subscription, held to the sender's hosts.

use serde::Deserialize;

use super::place::Place;
use crate::canonical::host::{HostPattern, is_host};
use crate::error::{Error, ErrorCode, clip};
use crate::scheme::compact::compact;

/// Longer than any confirmation URL.
const MAX_LEN: usize = 2048;

/// Where the URL is, and on which hosts it may be.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Fetch {
    /// Where the URL is.
    pub(super) url: Place,
    /// The sender's hosts.
    hosts: Vec<HostPattern>,
}

impl Fetch {
    /// The URL as it is, if it may be called.
    ///
    /// # Errors
    /// `malformed_body`.
    pub(super) fn check(&self, url: &str) -> Result<String, Error> {
        // SECURITY: nothing in front of the path but a host name. What parsers of URLs disagree on (user names, ports,
        // backslashes, escapes, white space) cannot be in it.
        let host = url.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
        let is_plain = url.len() <= MAX_LEN
            && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte));
        match host {
            Some(host) if is_plain && is_host(host, &self.hosts) => Ok(url.to_owned()),
            _ => {
                let (place, url) = (self.url.as_str(), clip(url));
                let message = format!("`{place}` is not an https URL of the sender: `{url}`");
                Err(Error::new(ErrorCode::MalformedBody, message))
            }
        }
    }
}

compact! { struct Fetch { url, hosts } }

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(hosts: &str) -> Result<Fetch, String> {
        serde_json::from_str(&format!(r#"{{"url":"json:/SubscribeURL","hosts":{hosts}}}"#))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn only_the_senders_hosts_are_called() {
        let sns = fetch(r#"["sns.*.amazonaws.com"]"#).unwrap();
        for url in [
            "https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-west-2:1:T&Token=2",
            "https://sns.eu-central-1.amazonaws.com",
            "https://sns.us-east-1.amazonaws.com?a",
        ] {
            assert_eq!(sns.check(url).as_deref(), Ok(url));
        }
        for url in [
            "",
            "https://SNS.eu-central-1.amazonaws.com",
            "http://sns.us-east-1.amazonaws.com/",
            "HTTPS://sns.us-east-1.amazonaws.com/",
            "https://sns.us-east-1.amazonaws.com.evil.example/",
            "https://evil.example/sns.us-east-1.amazonaws.com/",
            "https://sns.evil.example#.amazonaws.com/",
            "https://sns.evil.example?.amazonaws.com/",
            "https://evil.example\\.amazonaws.com/",
            "https://sns.us-east-1.amazonaws.com:443/",
            "https://sns.us-east-1.amazonaws.com:22@evil.example/",
            "https://sns.us-east-1.amazonaws.com@evil.example/",
            "https://user@sns.us-east-1.amazonaws.com/",
            "https://sns.a.b.amazonaws.com/",
            "https://sns..amazonaws.com/",
            "https://sns.amazonaws.com/",
            "https://sns.us-east-1.amazonaws.com./",
            "https://s3.us-east-1.amazonaws.com/",
            "https://sns.%65.amazonaws.com/",
            "https://sns.é.amazonaws.com/",
            "https://sns.us-east-1.amazonaws.com/\r\nHost: evil.example",
            "https://sns.us-east-1.amazonaws.com/a b",
            " https://sns.us-east-1.amazonaws.com/",
            "https://169.254.169.254/",
            &format!("https://sns.us-east-1.amazonaws.com/{}", "a".repeat(2048)),
        ] {
            assert_eq!(sns.check(url).unwrap_err().code(), ErrorCode::MalformedBody, "{url}");
        }
    }

    #[test]
    fn a_host_must_be_pinned() {
        for hosts in [r#"["*"]"#, r#"["*.com"]"#, r#"["com"]"#, r#"["a b.com"]"#, r#"["s*.a.com"]"#]
        {
            assert!(fetch(hosts).unwrap_err().contains("a host such as"), "{hosts}");
        }
    }
}
