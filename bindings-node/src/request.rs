//! A request, out of the parts that cross the border.

use hookseal::Request;

/// The pairs of name, value, name, value, …
pub(crate) fn pairs(flat: &[String]) -> Vec<(&str, &str)> {
    flat.as_chunks::<2>().0.iter().map(|[name, value]| (name.as_str(), value.as_str())).collect()
}

/// Name, value, name, value, …
pub(crate) fn flat(pairs: Vec<(String, String)>) -> Vec<String> {
    pairs.into_iter().flat_map(|(name, value)| [name, value]).collect()
}

/// The request; a `POST`, and without a URL, unless they are given.
pub(crate) fn request<'r>(
    headers: &'r [(&'r str, &'r str)],
    body: &'r [u8],
    method: Option<&'r str>,
    url: Option<&'r str>,
) -> Request<'r> {
    let request = Request::new(headers, body).with_url(url.unwrap_or_default());
    match method {
        Some(method) => request.with_method(method),
        None => request,
    }
}
