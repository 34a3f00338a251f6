//! A request as Python hands it over.

use hookseal::{Error, ErrorCode, Request};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::error::raise;
use crate::headers::Names;
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

/// Method and URL, where the caller gave one of them; the URL is empty where it is not known.
#[derive(FromPyObject)]
pub(crate) struct Target<'py>(Bound<'py, PyString>, Bound<'py, PyString>);

impl Target<'_> {
    /// # Errors
    /// `WebhookError` with `malformed_url` for a URL that is not Unicode, `invalid_argument` for such a method.
    fn into_texts(self) -> PyResult<(String, String)> {
        let method = exact("method", &self.0, ErrorCode::InvalidArgument)?;
        Ok((method, exact("url", &self.1, ErrorCode::MalformedUrl)?))
    }
}

/// Calls `work` with the request, of which it gets the headers that are in `names`; without the GIL where that pays.
///
/// # Errors
/// Those of [`Names::select`], of [`Target`] and of `work`.
pub(crate) fn on_request<T: Send>(
    names: &Names,
    body: &Bound<'_, PyBytes>,
    headers: &Bound<'_, PyAny>,
    target: Option<Target<'_>>,
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
pub(crate) fn with_request<T>(
    names: &Names,
    body: &Bound<'_, PyBytes>,
    headers: &Bound<'_, PyAny>,
    target: Option<Target<'_>>,
    work: impl FnOnce(&Request<'_>) -> PyResult<T>,
) -> PyResult<T> {
    let headers = names.select(headers)?;
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (&**name, value.as_str())).collect();
    let target = target.map(Target::into_texts).transpose()?;
    let mut request = Request::new(&headers, body.as_bytes());
    if let Some((method, url)) = &target {
        request = request.with_method(method).with_url(url);
    }
    work(&request)
}
