//! Atlassian's query string hash: what a JWT of theirs says of the request that carries it.
//!
//! Source: Atlassian, "Query string hash"; npm `atlassian-jwt` 2.0.3, `createQueryStringHash`.
//!
//! **Invariants.** Method, path below the app's own, and the whole query but `jwt`. The body is not covered.

use percent_encoding::utf8_percent_encode;

use super::digest::sha256_hex;
use super::url::{UNRESERVED, Url};
use crate::error::Error;
use crate::request::Request;

/// The hash in hex. `base_path` is the path of the app's own base URL (`""`, `"/app"`), which is not part of it.
///
/// # Errors
/// `missing_url`, `malformed_url`.
pub(crate) fn query_string_hash(request: &Request<'_>, base_path: &str) -> Result<String, Error> {
    Ok(sha256_hex(canonical_request(request, base_path)?.as_bytes()))
}

/// `METHOD&path&query`.
fn canonical_request(request: &Request<'_>, base_path: &str) -> Result<String, Error> {
    let url = Url::of(request)?;
    let path = path_below(url.path(), base_path).replace('&', "%26");
    let path = match path.strip_suffix('/') {
        Some(without) if !without.is_empty() => without,
        _ => path.as_str(),
    };
    let escape = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
    let pairs = url.pairs()?;
    let mut escaped: Vec<(String, String)> = pairs
        .iter()
        .filter(|(name, _)| *name != "jwt")
        .map(|(name, value)| (escape(name), escape(value)))
        .collect();
    escaped.sort_unstable();
    let mut query = String::new();
    let mut last: Option<&str> = None;
    for (name, value) in &escaped {
        // Values of one name follow each other, with a comma between.
        match last {
            Some(known) if known == name => query.push_str(&format!(",{value}")),
            Some(_) => query.push_str(&format!("&{name}={value}")),
            None => query.push_str(&format!("{name}={value}")),
        }
        last = Some(name);
    }
    Ok(format!("{}&{path}&{query}", request.method.to_ascii_uppercase()))
}

/// The path without the base path before it; `/` where nothing remains.
fn path_below<'p>(path: &'p str, base_path: &str) -> &'p str {
    match path.strip_prefix(base_path.trim_end_matches('/')) {
        Some("") => "/",
        Some(below) if below.starts_with('/') => below,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(method: &str, url: &str, base_path: &str) -> String {
        let request = Request::new(&[], b"").with_method(method).with_url(url);
        canonical_request(&request, base_path).unwrap()
    }

    #[test]
    fn published_example() {
        let request = Request::new(&[], b"").with_method("GET");
        let request = request.with_url("https://example.com/test?param=value");
        assert_eq!(
            query_string_hash(&request, "").unwrap(),
            "be16910858a41fd19ea5c1b4e9decca9a784d1024cb00b2158defe2f29dc86dd"
        );
    }

    #[test]
    fn path_and_query_are_canonical() {
        let at = |url: &str| canonical("post", &format!("https://a.example/app{url}"), "/app");
        assert_eq!(at("/hook?b=2&a=x+y&a=10&jwt=ey&A=*~!"), "POST&/hook&A=%2A~%21&a=10,x%20y&b=2");
        assert_eq!(at(""), "POST&/&");
        assert_eq!(at("/"), "POST&/&");
        assert_eq!(at("/x&y/"), "POST&/x%26y&");
        assert_eq!(at("le/x"), "POST&/apple/x&");
        assert_eq!(canonical("GET", "https://a.example", ""), "GET&/&");
        assert_eq!(canonical("GET", "https://a.example/app/x?c", "/app/"), "GET&/x&c=");
    }
}
