//! The URL of a request as text: its parts, and the other spellings that senders sign.
//!
//! **Invariants.** The text is never normalised: what is signed is what the caller gave, or one of the named spellings
//! of a sender, each with its source. Every spelling says the same place: it differs in an explicit port, in escapes, in
//! the order of the query, or in the slash at the end of the path.

use std::borrow::Cow;
use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

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
    scheme: &'a str,
    authority: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    /// `#` and what follows; it is never sent.
    fragment: &'a str,
    text: &'a str,
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

    /// The spellings that Twilio may have signed: as given, with the port taken out or put in, and both of these with
    /// the query escaped anew (its servers escape what some clients leave as it is). The first is the likely one.
    ///
    /// Source: npm `twilio` 6.2.0, `lib/webhooks/webhooks.js`, `validateRequest`.
    ///
    /// # Errors
    /// As [`pairs`](Self::pairs).
    pub(crate) fn twilio_forms(&self) -> Result<Vec<Cow<'a, str>>, Error> {
        let as_given = Cow::Borrowed(self.text);
        let other_port = Cow::Owned(self.with_other_port());
        let Some(query) = self.query.filter(|query| !query.is_empty()) else {
            return Ok(vec![as_given, other_port]);
        };
        let pairs = self.pairs()?;
        let escaped = write_query(pairs.iter(), |text| utf8_percent_encode(text, COMPONENT));
        if escaped == query {
            return Ok(vec![as_given, other_port]);
        }
        let escape = |text: &str| {
            let before = text.split_once('?').map_or(text, |(before, _)| before);
            Cow::Owned(format!("{before}?{escaped}{}", self.fragment))
        };
        Ok(vec![as_given.clone(), other_port.clone(), escape(&as_given), escape(&other_port)])
    }

    /// Without its port, or with that of its scheme where it has none.
    fn with_other_port(&self) -> String {
        let host_at = self.authority.rfind('@').map_or(0, |at| at + 1);
        let host = self.authority.get(host_at..).unwrap_or_default();
        // The colons of an IPv6 address stand in brackets.
        let name_end = host.rfind(']').map_or(0, |at| at + 1);
        let port = host.get(name_end..).and_then(|tail| tail.find(':')).map(|at| name_end + at);
        let (kept, added) = match port {
            Some(at) => (host_at + at, ""),
            None => (self.authority.len(), self.default_port()),
        };
        let authority = self.authority.get(..kept).unwrap_or_default();
        let rest_at = self.scheme.len() + self.authority.len();
        let rest = self.text.get(rest_at..).unwrap_or_default();
        format!("{}{authority}{added}{rest}", self.scheme)
    }

    fn default_port(&self) -> &'static str {
        if self.scheme.len() == "https://".len() { ":443" } else { ":80" }
    }

    /// The URL as HubSpot signs it since version 3: twelve escapes are decoded first.
    ///
    /// Source: HubSpot, "Validating requests", v3: `%3A %2F %3F %40 %21 %24 %27 %28 %29 %2A %2C %3B`.
    pub(crate) fn hubspot_v3_form(&self) -> Cow<'a, str> {
        if !self.text.contains('%') {
            return Cow::Borrowed(self.text);
        }
        let mut form = String::with_capacity(self.text.len());
        for (number, piece) in self.text.split('%').enumerate() {
            if number == 0 {
                form.push_str(piece);
                continue;
            }
            match piece.split_at_checked(2).map(|(code, rest)| (hubspot_decodes(code), rest)) {
                Some((Some(character), rest)) => {
                    form.push(character);
                    form.push_str(rest);
                }
                _ => {
                    form.push('%');
                    form.push_str(piece);
                }
            }
        }
        Cow::Owned(form)
    }

    /// The query as MessageBird signed it before its JWTs: by name, decoded and escaped anew. Its libraries escape in two
    /// ways; the second is there only where it differs. A space in `statusDatetime` is a `+` that was not escaped.
    ///
    /// Source: PyPI `messagebird` 2.2.0, `signed_request.py` (`urlencode`); npm `messagebird` 4.0.1, `lib/signature.js`.
    ///
    /// # Errors
    /// As [`pairs`](Self::pairs).
    pub(crate) fn messagebird_queries(&self) -> Result<Vec<String>, Error> {
        let pairs = self.pairs()?;
        let mut pairs: Vec<(&str, Cow<'_, str>)> = pairs
            .iter()
            .map(|(name, value)| {
                let is_date = name == "statusDatetime" && value.contains(' ');
                let value = if is_date { value.replace(' ', "+").into() } else { value.into() };
                (name, value)
            })
            .collect();
        // Stable: values of one name keep their order.
        pairs.sort_by(|(left, _), (right, _)| left.cmp(right));
        let pairs = || pairs.iter().map(|(name, value)| (*name, value.as_ref()));
        let plus = write_query(pairs(), |text| {
            utf8_percent_encode(text, UNRESERVED).to_string().replace("%20", "+")
        });
        let percent = write_query(pairs(), |text| utf8_percent_encode(text, COMPONENT));
        Ok(if plus == percent { vec![plus] } else { vec![plus, percent] })
    }
}

/// The same path with a slash at its end taken off, or put on where there is none.
pub(crate) fn with_other_slash(path: &str) -> String {
    match path.strip_suffix('/') {
        Some(without) => without.to_owned(),
        None => format!("{path}/"),
    }
}

/// Joins pairs as `name=value&…`.
pub(crate) fn write_query<'p, T: std::fmt::Display>(
    pairs: impl Iterator<Item = (&'p str, &'p str)>,
    escape: impl Fn(&'p str) -> T,
) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        let separator = if query.is_empty() { "" } else { "&" };
        // Writing into a `String` does not fail.
        let _ = write!(query, "{separator}{}={}", escape(name), escape(value));
    }
    query
}

fn hubspot_decodes(code: &str) -> Option<char> {
    const DECODED: &str = ":/?@!$'()*,;";
    let escape = format!("%{code}");
    let mut decoded = percent_decode_str(&escape);
    let character = char::from(decoded.next()?);
    // An escape that is none stays as it is: three bytes.
    (decoded.next().is_none() && DECODED.contains(character)).then_some(character)
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

    #[test]
    fn twilio_signs_with_or_without_the_port() {
        for (given, other) in [
            ("https://e.com/a?b=1", "https://e.com:443/a?b=1"),
            ("http://e.com", "http://e.com:80"),
            ("https://u:p@e.com:8080/a", "https://u:p@e.com/a"),
            ("https://[::1]/", "https://[::1]:443/"),
            ("https://[::1]:9/", "https://[::1]/"),
        ] {
            assert_eq!(url(given).twilio_forms().unwrap(), [given, other]);
        }
        assert_eq!(
            url("https://e.com/a?b=it's one&c".replace(' ', "+").as_str()).twilio_forms().unwrap(),
            [
                "https://e.com/a?b=it's+one&c",
                "https://e.com:443/a?b=it's+one&c",
                "https://e.com/a?b=it's%20one&c=",
                "https://e.com:443/a?b=it's%20one&c=",
            ]
        );
    }

    #[test]
    fn hubspot_decodes_twelve_escapes_and_no_other() {
        let form = |text| url(text).hubspot_v3_form().into_owned();
        assert_eq!(
            form("https://e.com/%3A%2f%3F%40%21%24%27%28%29%2A%2C%3B%20%25%2B%zz%3%"),
            "https://e.com/:/?@!$'()*,;%20%25%2B%zz%3%"
        );
        assert_eq!(form("https://e.com/%252F%c3%a9"), "https://e.com/%252F%c3%a9");
    }

    #[test]
    fn messagebird_sorts_and_escapes_in_two_ways() {
        let queries = |query: &str| {
            url(&format!("https://e.com/?{query}")).messagebird_queries().unwrap()
        };
        assert_eq!(queries("b=2&a=1&b=1"), ["a=1&b=2&b=1"]);
        assert_eq!(
            queries("m=it's+me%21~&a=%C3%A9"),
            ["a=%C3%A9&m=it%27s+me%21~", "a=%C3%A9&m=it's%20me!~"]
        );
        assert_eq!(
            queries("statusDatetime=2019-01-11T09:17:11+00:00"),
            ["statusDatetime=2019-01-11T09%3A17%3A11%2B00%3A00"]
        );
        assert_eq!(queries(""), [""]);
    }

    #[test]
    fn the_other_slash_is_its_own_inverse() {
        for path in ["/a", "/a/", "/", "/a//"] {
            assert_eq!(with_other_slash(&with_other_slash(path)), path);
        }
        assert_eq!(with_other_slash("/a"), "/a/");
    }
}
