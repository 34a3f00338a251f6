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
pub(crate) struct Target<'a> {
    method: Option<&'a str>,
    url: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// # Errors
    /// `WebhookError` with `malformed_url` for a URL that is not Unicode, `invalid_argument` for such a method, and for
    /// what is not text.
    pub(crate) fn of(
        method: Option<&'a Bound<'_, PyAny>>,
        url: Option<&'a Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let method =
            method.map(|method| read("method", method, ErrorCode::InvalidArgument)).transpose()?;
        let url = url.map(|url| read("url", url, ErrorCode::MalformedUrl)).transpose()?;
        Ok(Self { method, url })
    }
}

fn read<'a>(name: &str, value: &'a Bound<'_, PyAny>, code: ErrorCode) -> PyResult<&'a str> {
    let wrong_type = |_| refuse(name, "text", value, ErrorCode::InvalidArgument.as_str());
    exact(name, value.cast::<PyString>().map_err(wrong_type)?, code)
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
    target: &Target<'_>,
    work: impl FnOnce(&Request<'_>) -> Result<T, Error> + Send,
) -> PyResult<T> {
    with_request(names, body, headers, target, |request, _| {
        on_body(body.py(), request.body.len(), || work(request)).map_err(raise)
    })
}

/// As [`on_request`], but with the GIL, and the headers also as Python has them.
///
/// # Errors
/// As there.
#[inline]
pub(crate) fn with_request<'py, T>(
    names: &Names,
    body: &Bound<'py, PyBytes>,
    headers: &Bound<'py, PyAny>,
    target: &Target<'_>,
    work: impl FnOnce(&Request<'_>, &Found<'_, 'py>) -> PyResult<T>,
) -> PyResult<T> {
    let mut found = Found::new();
    names.select(headers, &mut found)?;
    let headers = found.iter().map(|(name, value)| Ok((&**name, value.as_str(name)?)));
    let headers = headers.collect::<PyResult<SmallVec<[(&str, &str); USUAL]>>>()?;
    let mut request = Request::new(&headers, body.as_bytes());
    if let Some(method) = target.method {
        request = request.with_method(method);
    }
    if let Some(url) = target.url {
        request = request.with_url(url);
    }
    work(&request, &found)
}
