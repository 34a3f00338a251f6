//! A request as Python hands it over.

use hookseal::{Error, ErrorCode, Request};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use smallvec::SmallVec;

use crate::error::{raise, refuse};
use crate::headers::{Found, Names, USUAL};
use crate::text::exact;

/// Bodies from this size (bytes) are hashed without the GIL. Whoever lets go of it may get it back only after a switch
/// interval (5 ms by default), which is a bad bargain for the microsecond or two that a small body takes; 32 KiB take
/// 20 to 30 µs, in which other threads can work.
const DETACH_FROM: usize = 32 * 1024;

/// Runs `work` on a body of this length, without the GIL where that pays.
pub(crate) fn on_body<T: Send>(
    py: Python<'_>,
    length: usize,
    work: impl FnOnce() -> T + Send,
) -> T {
    if length < DETACH_FROM { work() } else { py.detach(work) }
}

/// Method and URL, where the caller gave them.
#[derive(Default)]
pub(crate) struct Target {
    method: Option<String>,
    url: Option<String>,
}

impl Target {
    /// # Errors
    /// `WebhookError` with `malformed_url` for a URL that is not Unicode, `invalid_argument` for such a method, and for
    /// what is not text.
    pub(crate) fn of(
        method: Option<&Bound<'_, PyAny>>,
        url: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let read = |name: &str, value: &Bound<'_, PyAny>, code: ErrorCode| {
            let wrong_type = |_| refuse(name, "text", value, ErrorCode::InvalidArgument.as_str());
            exact(name, value.cast::<PyString>().map_err(wrong_type)?, code)
        };
        Ok(Self {
            method: method
                .map(|method| read("method", method, ErrorCode::InvalidArgument))
                .transpose()?,
            url: url.map(|url| read("url", url, ErrorCode::MalformedUrl)).transpose()?,
        })
    }
}

/// Calls `work` with the request, of which it gets the headers that are in `names`; without the GIL where that pays.
///
/// # Errors
/// Those of [`Names::select`] and of `work`.
#[inline]
pub(crate) fn on_request<T: Send>(
    names: &Names,
    body: &Bound<'_, PyBytes>,
    headers: &Bound<'_, PyAny>,
    target: &Target,
    work: impl FnOnce(&Request<'_>) -> Result<T, Error> + Send,
) -> PyResult<T> {
    with_request(names, body, headers, target, |request| {
        on_body(body.py(), request.body.len(), || work(request)).map_err(raise)
    })
}

/// As [`on_request`], but with the GIL.
///
/// # Errors
/// As there.
#[inline]
pub(crate) fn with_request<T>(
    names: &Names,
    body: &Bound<'_, PyBytes>,
    headers: &Bound<'_, PyAny>,
    target: &Target,
    work: impl FnOnce(&Request<'_>) -> PyResult<T>,
) -> PyResult<T> {
    let mut found = Found::new();
    names.select(headers, &mut found)?;
    let headers = found.iter().map(|(name, value)| Ok((&**name, value.as_str(name)?)));
    let headers = headers.collect::<PyResult<SmallVec<[(&str, &str); USUAL]>>>()?;
    let mut request = Request::new(&headers, body.as_bytes());
    if let Some(method) = &target.method {
        request = request.with_method(method);
    }
    if let Some(url) = &target.url {
        request = request.with_url(url);
    }
    work(&request)
}
