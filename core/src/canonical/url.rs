//! The URL of a request as text, cut into its parts.
//!
//! **Invariants.** The text is never normalised: what is signed is what the caller gave. The spellings in which some
//! senders sign it are in [`url_spelling`](super::url_spelling).

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

use super::pairs::{Pairs, Place};
use crate::error::{Error, ErrorCode, clip};
use crate::request::Request;

/// All but what RFC 3986 calls unreserved.
pub(crate) const UNRESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// All but what `encodeURIComponent` of JavaScript leaves alone, and Node's `querystring.escape` with it.
pub(crate) const COMPONENT: &AsciiSet =
    &UNRESERVED.remove(b'!').remove(b'\'').remove(b'(').remove(b')').remove(b'*');

/// A URL cut into its parts, each of them as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Url<'a> {
    /// `https://`
    pub(super) scheme: &'a str,
    pub(super) authority: &'a str,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    /// `#` and what follows; it is never sent.
    pub(super) fragment: &'a str,
    pub(super) text: &'a str,
}

impl<'a> Url<'a> {
    /// The URL of the request.
    ///
    /// # Errors
    /// `missing_url` when the request has none, `malformed_url` when it is not a whole URL.
    pub(crate) fn of(request: &Request<'a>) -> Result<Self, Error> {
        if request.url.is_empty() {
            let message = "the scheme signs the URL of the request, and none was given";
            return Err(Error::new(ErrorCode::MissingUrl, message));
        }
        Self::parse(request.url)
    }

    /// Cuts a URL into its parts.
    ///
    /// # Errors
    /// `malformed_url` when it is not `http://` or `https://`, a host and no control characters or white space.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Error> {
        let malformed = || {
            let expected = "a whole URL such as `https://example.com/hooks?a=1` is expected";
            Error::new(ErrorCode::MalformedUrl, format!("{expected}, got `{}`", clip(text)))
        };
        let (name, after_scheme) = text.split_once("://").ok_or_else(malformed)?;
        let scheme = text.strip_suffix(after_scheme).ok_or_else(malformed)?;
        let known = name.eq_ignore_ascii_case("http") || name.eq_ignore_ascii_case("https");
        if !known || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(malformed());
        }
        let (before_fragment, fragment) = split_before(after_scheme, &['#']);
        let (before_query, query) = match before_fragment.split_once('?') {
            Some((before, query)) => (before, Some(query)),
            None => (before_fragment, None),
        };
        let (authority, path) = split_before(before_query, &['/']);
        if authority.is_empty() {
            return Err(malformed());
        }
        Ok(Self { scheme, authority, path, query, fragment, text })
    }

    /// As it was given.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// What stands before the `?`, or before the `#`.
    pub(crate) fn without_query(&self) -> &'a str {
        let tail = self.fragment.len() + self.query.map_or(0, |query| query.len() + 1);
        self.text.get(..self.text.len().saturating_sub(tail)).unwrap_or(self.text)
    }

    /// The path as it is written; `/` where nothing is, as that is what is sent.
    pub(crate) fn path(&self) -> &'a str {
        if self.path.is_empty() { "/" } else { self.path }
    }

    /// What stands behind the `?`, as it is written.
    pub(crate) fn query(&self) -> Option<&'a str> {
        self.query
    }

    /// Path and query as they stand in the first line of the request.
    pub(crate) fn target(&self) -> Cow<'a, str> {
        match self.query {
            Some(query) => Cow::Owned(format!("{}?{query}", self.path())),
            None => Cow::Borrowed(self.path()),
        }
    }

    /// The value of the `host` header of a request to this URL: host and port, without the scheme's own port.
    pub(crate) fn host(&self) -> &'a str {
        let host = self.authority.rsplit_once('@').map_or(self.authority, |(_, host)| host);
        host.strip_suffix(self.default_port()).unwrap_or(host)
    }

    /// The decoded pairs of the query.
    ///
    /// # Errors
    /// `malformed_url` when it is not UTF-8 or has too many.
    pub(crate) fn pairs(&self) -> Result<Pairs<'a>, Error> {
        Pairs::parse(self.query.unwrap_or_default().as_bytes(), Place::Query)
    }

    /// The decoded value of this name in the query, or none.
    ///
    /// # Errors
    /// `malformed_url` when it stands there more than once; as [`pairs`](Self::pairs).
    pub(crate) fn query_value(&self, name: &str) -> Result<Option<String>, Error> {
        Ok(self.pairs()?.value(name)?.map(|value| value.clone().into_owned()))
    }

    pub(super) fn default_port(&self) -> &'static str {
        if self.scheme.len() == "https://".len() { ":443" } else { ":80" }
    }
}

/// `text` up to the first of `characters`, and the rest with it.
fn split_before<'t>(text: &'t str, characters: &[char]) -> (&'t str, &'t str) {
    text.find(characters).and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url<'_> {
        Url::parse(text).unwrap()
    }

    #[test]
    fn parts_are_cut_as_they_are_written() {
        let full = url("https://u@Ex.com:8443/a%2fb/?q=1?2&r=%20#f?g");
        assert_eq!(full.without_query(), "https://u@Ex.com:8443/a%2fb/");
        assert_eq!((full.path(), full.query()), ("/a%2fb/", Some("q=1?2&r=%20")));
        assert_eq!(full.target(), "/a%2fb/?q=1?2&r=%20");
        assert_eq!(full.host(), "Ex.com:8443");
        let bare = url("https://ex.com:443");
        assert_eq!((bare.path(), bare.query(), bare.host()), ("/", None, "ex.com"));
        assert_eq!(bare.without_query(), bare.text());
        let hash = url("http://ex.com:80/a#b?c=d");
        assert_eq!((hash.path(), hash.query(), hash.host()), ("/a", None, "ex.com"));
        assert_eq!(hash.without_query(), "http://ex.com:80/a");
        assert_eq!(url("http://ex.com?a=1").target(), "/?a=1");
        assert_eq!(url("http://ex.com?").without_query(), "http://ex.com");
    }

    #[test]
    fn what_is_not_a_whole_url_is_refused() {
        for text in [
            "example.com/a",
            "/a?b=c",
            "ftp://example.com/",
            "https:///a",
            "https://",
            "https://ex ample.com/",
            "https://example.com/\n",
        ] {
            assert_eq!(Url::parse(text).unwrap_err().code(), ErrorCode::MalformedUrl, "{text}");
        }
        let error = Url::of(&Request::new(&[], b"")).unwrap_err();
        assert_eq!(error.code(), ErrorCode::MissingUrl);
    }

    #[test]
    fn a_query_value_is_decoded_and_stands_there_once() {
        let url = url("https://e.com/mp?data.id=ABC+1%2B&type=payment&type=x");
        assert_eq!(url.query_value("data.id").unwrap().as_deref(), Some("ABC 1+"));
        assert_eq!(url.query_value("id").unwrap(), None);
        assert_eq!(url.query_value("type").unwrap_err().code(), ErrorCode::MalformedUrl);
    }
}
