//! Headers that the owner of an endpoint adds to each delivery, and the headers of a request.

use std::{
    collections::HashSet,
    sync::{Arc, LazyLock},
};

use hookseal::{Profile, Scheme};
use hyper::{
    HeaderMap,
    header::{HeaderName, HeaderValue, USER_AGENT},
};

use super::GuardError;

/// Headers of the endpoint's owner that may be sent. Cheap to clone; empty by default.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CustomHeaders(Arc<[(HeaderName, HeaderValue)]>);

/// Without the values, which may hold secrets.
impl std::fmt::Debug for CustomHeaders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Checks headers that an endpoint shall be sent beside ours: at most 32, names of at most 128 letters, digits and hyphens
/// and values of at most 4,096 printable ASCII characters, 8 KiB in all, each name once.
///
/// Refused are the names that HTTP and the connection need (`host`, `content-length`, `transfer-encoding`, `proxy-*` …),
/// what we say ourselves (`content-type`, `user-agent`, `webhook-*`, `hookseal-*`, every header that a profile signs
/// with), where a proxy says that a request came from (`forwarded`, `x-forwarded*`, `x-real-ip`), `proxy`, which scripts
/// take for a setting of theirs (httpoxy), and the words without which the metadata services of clouds answer nobody.
/// `authorization` and `cookie` are allowed.
///
/// # Errors
/// [`GuardError`] that names the header, and never its value.
pub fn check_custom_headers(headers: &[(String, String)]) -> Result<CustomHeaders, GuardError> {
    if headers.len() > MAX_CUSTOM_HEADERS {
        return Err(GuardError::new(format!(
            "there are {} custom headers, at most {MAX_CUSTOM_HEADERS} are allowed",
            headers.len()
        )));
    }
    let total: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if total > MAX_TOTAL_LEN {
        return Err(GuardError::new(format!(
            "custom headers have {total} bytes in all, at most {MAX_TOTAL_LEN} are allowed"
        )));
    }
    let mut seen = HashSet::new();
    let mut checked = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let name = check_name(name)?;
        let value = check_value(&name, value)?;
        if !seen.insert(name.clone()) {
            return Err(GuardError::new(format!("custom header `{name}` is given twice")));
        }
        checked.push((name, value));
    }
    Ok(CustomHeaders(checked.into()))
}

/// The headers of a request: ours, and those of `custom` whose names we do not use. `None` when ours are not headers.
pub(super) fn request_headers(
    ours: &[(String, String)],
    custom: &CustomHeaders,
) -> Option<HeaderMap> {
    // And the host, the user agent and the length, so that it never grows.
    let mut map = HeaderMap::with_capacity(ours.len() + custom.0.len() + 3);
    map.insert(USER_AGENT, USER_AGENT_VALUE.clone());
    for (name, value) in ours {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        map.append(name, HeaderValue::from_str(value).ok()?);
    }
    for (name, value) in custom.0.iter() {
        // SECURITY: whatever was checked when the endpoint was made, ours stand.
        if !map.contains_key(name) && !is_reserved(name.as_str()) {
            map.insert(name.clone(), value.clone());
        }
    }
    Some(map)
}

fn check_name(text: &str) -> Result<HeaderName, GuardError> {
    // SECURITY: receivers that put headers into variables (CGI, WSGI, Rack) read `_` as `-`, and so `webhook_id` as ours.
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let name = HeaderName::from_bytes(text.as_bytes()).ok();
    let name = name.filter(|_| is_plain && text.len() <= MAX_NAME_LEN).ok_or_else(|| {
        let shown: String = text.chars().take(MAX_NAME_LEN).flat_map(char::escape_default).collect();
        GuardError::new(format!(
            "custom header `{shown}` is not a name, expected 1 to {MAX_NAME_LEN} letters, digits and hyphens"
        ))
    })?;
    if is_reserved(name.as_str()) {
        return Err(GuardError::new(format!(
            "custom header `{name}` is reserved, choose another name"
        )));
    }
    Ok(name)
}

fn check_value(name: &HeaderName, text: &str) -> Result<HeaderValue, GuardError> {
    let refuse = |reason: &str| GuardError::new(format!("custom header `{name}` {reason}"));
    if text.len() > MAX_VALUE_LEN {
        return Err(refuse(&format!(
            "has {} bytes, at most {MAX_VALUE_LEN} are allowed",
            text.len()
        )));
    }
    if text.trim() != text {
        return Err(refuse("begins or ends with a space, leave it out"));
    }
    if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err(refuse("holds a character that is not printable ASCII, such as a line break"));
    }
    let value = HeaderValue::from_str(text);
    let mut value = value.map_err(|_| refuse("has a value that no header can have"))?;
    // SECURITY: kept out of the table that HTTP/2 compresses with, which tenants with endpoints at one host share.
    value.set_sensitive(true);
    Ok(value)
}

fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
        || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || PROFILE_HEADERS.contains(name)
}

/// What the profiles sign with and say, from their schemes.
static PROFILE_HEADERS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let names = Profile::ALL
        .iter()
        .flat_map(|profile| std::iter::once(profile.scheme).chain(profile.second_scheme));
    let schemes = names.filter_map(|name| Scheme::builtin(name).ok());
    schemes
        .flat_map(|scheme| scheme.headers().into_iter().map(str::to_owned).collect::<Vec<_>>())
        .collect()
});

static USER_AGENT_VALUE: HeaderValue = HeaderValue::from_static(concat!(
    "Hookseal/",
    env!("CARGO_PKG_VERSION"),
    " (+",
    env!("CARGO_PKG_REPOSITORY"),
    ")"
));

/// In lower case. The lengths and the connection (RFC 9110 §7.6.1, §8), what the body is, who sends it, what answers may
/// be, and the metadata services.
const RESERVED: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "metadata",
    "metadata-flavor",
    "proxy",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-aws-ec2-metadata-token",
    "x-aws-ec2-metadata-token-ttl-seconds",
    "x-google-metadata-request",
    "x-real-ip",
];
const RESERVED_PREFIXES: &[&str] = &["hookseal-", "proxy-", "webhook-", "x-forwarded"];
/// Headers of one endpoint.
pub const MAX_CUSTOM_HEADERS: usize = 32;
const MAX_NAME_LEN: usize = 128;
const MAX_VALUE_LEN: usize = 4096;
const MAX_TOTAL_LEN: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&str, &str)]) -> Result<CustomHeaders, GuardError> {
        let owned: Vec<_> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        check_custom_headers(&owned)
    }

    #[test]
    fn what_users_need_passes() {
        let headers = [
            ("Authorization", "Bearer abc"),
            ("Cookie", "a=b; c=d"),
            ("X-Api-Key", "k"),
            ("X-Empty", ""),
            ("accept", "application/json"),
        ];
        let map = request_headers(&[], &check(&headers).unwrap()).unwrap();
        for (name, value) in headers {
            assert_eq!(map.get(name).unwrap(), value, "{name}");
            assert!(map.get(name).unwrap().is_sensitive(), "{name}");
        }
    }

    #[test]
    fn reserved_names_are_refused_however_they_are_written() {
        for name in RESERVED {
            assert!(check(&[(name, "x")]).is_err(), "{name}");
            assert!(check(&[(&name.to_uppercase(), "x")]).is_err(), "{name}");
        }
        for name in
            ["Proxy-Authorization", "Webhook-Id", "hookseal-x", "X-Forwarded-For", "X-Forwarded"]
        {
            assert!(check(&[(name, "x")]).is_err(), "{name}");
        }
    }

    #[test]
    fn every_header_that_a_profile_sends_is_reserved() {
        for profile in Profile::ALL {
            for name in std::iter::once(profile.scheme).chain(profile.second_scheme) {
                let scheme = Scheme::builtin(name).unwrap();
                assert!(!scheme.headers().is_empty());
                for name in scheme.headers() {
                    assert!(check(&[(name, "x")]).is_err(), "{name}");
                }
            }
        }
    }

    #[test]
    fn what_breaks_out_of_a_header_is_refused() {
        for name in [
            "",
            "a b",
            "a:b",
            "a\r\nb",
            "a\0",
            "\u{e9}",
            ":authority",
            " a",
            "a ",
            "webhook_id",
            "x.a",
            "x!",
        ] {
            assert!(check(&[(name, "x")]).is_err(), "{name:?}");
        }
        for value in
            ["a\r\nb: c", "a\nb", "a\r", "a\0b", "\u{e9}", "a\tb", "\u{7f}", " a", "a ", "\u{2028}"]
        {
            assert!(check(&[("x-a", value)]).is_err(), "{value:?}");
        }
    }

    #[test]
    fn there_are_limits() {
        let name = |count: usize| "n".repeat(count);
        assert!(check(&[(&name(MAX_NAME_LEN), "x")]).is_ok());
        assert!(check(&[(&name(MAX_NAME_LEN + 1), "x")]).is_err());
        let value = |count: usize| "v".repeat(count);
        assert!(check(&[("x-a", &value(MAX_VALUE_LEN))]).is_ok());
        assert!(check(&[("x-a", &value(MAX_VALUE_LEN + 1))]).is_err());
        let (a, b) = (value(MAX_VALUE_LEN), value(MAX_VALUE_LEN - 6));
        assert!(check(&[("x-a", &a), ("x-b", &b)]).is_ok());
        assert!(check(&[("x-a", &a), ("x-b", &value(MAX_VALUE_LEN - 5))]).is_err());
        let many: Vec<_> =
            (0..=MAX_CUSTOM_HEADERS).map(|at| (format!("x-{at}"), String::new())).collect();
        assert!(check_custom_headers(&many[1..]).is_ok());
        assert!(check_custom_headers(&many).is_err());
        assert!(check(&[("x-a", "1"), ("X-A", "2")]).is_err());
    }

    #[test]
    fn a_refusal_never_shows_the_value() {
        for (name, value) in [("host", "hunter2"), ("x-a", "hunter2\n"), ("x a", "hunter2")] {
            let error = check(&[(name, value)]).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn ours_win_even_over_what_was_not_checked() {
        let unchecked = CustomHeaders(
            [
                ("webhook-id", "theirs"),
                ("content-length", "0"),
                ("transfer-encoding", "chunked"),
                ("host", "theirs"),
                ("user-agent", "theirs"),
                ("content-type", "text/html"),
                ("x-mine", "theirs"),
            ]
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .into(),
        );
        let ours = [("webhook-id", "ours"), ("content-type", "application/json")];
        let ours = ours.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let map = request_headers(&ours, &unchecked).unwrap();
        assert_eq!(map.get("webhook-id").unwrap(), "ours");
        assert_eq!(map.get("content-type").unwrap(), "application/json");
        assert_eq!(map.get("x-mine").unwrap(), "theirs");
        assert_eq!(map.get("user-agent"), Some(&USER_AGENT_VALUE));
        assert_eq!(map.len(), 4);
    }
}
