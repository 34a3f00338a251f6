//! What came in: method, URL, header pairs and the raw body.

use std::fmt;

use crate::error::{Error, ErrorCode, say};
use crate::scheme::HeaderName;

/// No header that a signature uses may be longer (bytes).
pub const MAX_HEADER_LEN: usize = 8192;

/// A request as received. The body is the raw bytes, before anything parsed them; header names may have any case and
/// any order.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method in capitals: `"POST"`, unless said otherwise.
    pub method: &'a str,
    /// The whole URL as the sender knows it, with scheme, host and query: `"https://example.com/hooks?a=1"`. Behind a
    /// proxy this is not what the server sees. Only some schemes sign it; empty where it is not known.
    pub url: &'a str,
    /// Name and value of each header. Repeat the name for a header that came more than once.
    pub headers: &'a [(&'a str, &'a str)],
    /// The raw body.
    pub body: &'a [u8],
}

/// Names, not values: a header may hold a token.
impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("headers", &names)
            .field("body_len", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl<'a> Request<'a> {
    /// A `POST` of these headers and this raw body.
    #[must_use]
    pub fn new(headers: &'a [(&'a str, &'a str)], body: &'a [u8]) -> Self {
        Self { method: "POST", url: "", headers, body }
    }

    /// The same with this method, in capitals.
    #[must_use]
    pub fn with_method(self, method: &'a str) -> Self {
        Self { method, ..self }
    }

    /// The same with this URL: whole, as it is registered with the sender.
    #[must_use]
    pub fn with_url(self, url: &'a str) -> Self {
        Self { url, ..self }
    }

    /// The URL, where it is needed.
    ///
    /// # Errors
    /// `missing_url`.
    pub(crate) fn known_url(&self) -> Result<&'a str, Error> {
        if self.url.is_empty() {
            let message = "the scheme needs the URL of the request, and none was given";
            return Err(Error::new(ErrorCode::MissingUrl, message));
        }
        Ok(self.url)
    }

    /// Every value of the header, in the order received.
    ///
    /// # Errors
    /// `malformed_header` for an empty value, `header_too_long` for one over [`MAX_HEADER_LEN`].
    pub(crate) fn values(&self, name: &HeaderName) -> impl Iterator<Item = Result<&'a str, Error>> {
        self.headers.iter().filter(|(key, _)| name.is(key)).map(move |(_, value)| {
            match value.len() {
                1..=MAX_HEADER_LEN => Ok(*value),
                len => Err(of_bad_length(name, len)),
            }
        })
    }

    /// The only value of the header, or none.
    ///
    /// # Errors
    /// `malformed_header` when it came more than once or is empty; `header_too_long`.
    pub(crate) fn value(&self, name: &HeaderName) -> Result<Option<&'a str>, Error> {
        let mut values = self.values(name);
        let Some(value) = values.next().transpose()? else { return Ok(None) };
        match values.next() {
            None => Ok(Some(value)),
            Some(_) => Err(repeated(name)),
        }
    }
}

#[cold]
fn of_bad_length(name: &HeaderName, len: usize) -> Error {
    if len == 0 {
        return Error::new(ErrorCode::MalformedHeader, say!("header `{name}` is empty"));
    }
    let message = say!("header `{name}` has {len} bytes, more than {MAX_HEADER_LEN}");
    Error::new(ErrorCode::HeaderTooLong, message)
}

#[cold]
fn repeated(name: &HeaderName) -> Error {
    Error::new(ErrorCode::MalformedHeader, say!("header `{name}` came more than once"))
}
