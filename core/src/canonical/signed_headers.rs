//! Headers whose names the sender lists in the request, and signs with it.
//!
//! Source for [`joined_values`]: hook0 86a9d66, `clients/conformance/signature.json`. Contentful, TrueLayer and HTTP
//! signatures list names as well.
//!
//! **Invariants.** A listed header is there, once, and not empty: signing over an absent value would let anybody drop a
//! header. At most [`MAX_NAMES`] names, none of them twice.

use crate::error::{Error, ErrorCode, clip};
use crate::request::{MAX_HEADER_LEN, Request};

const MAX_NAMES: usize = 32;

/// The only value of this header, in any case, or none.
///
/// # Errors
/// `malformed_header` when it came more than once or is empty; `header_too_long`.
pub(crate) fn value<'a>(request: &Request<'a>, name: &str) -> Result<Option<&'a str>, Error> {
    let mut values =
        request.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| *v);
    let Some(value) = values.next() else { return Ok(None) };
    let problem = if values.next().is_some() {
        "came more than once"
    } else if value.is_empty() {
        "is empty"
    } else if value.len() > MAX_HEADER_LEN {
        let message = format!("header `{}` has more than {MAX_HEADER_LEN} bytes", clip(name));
        return Err(Error::new(ErrorCode::HeaderTooLong, message));
    } else {
        return Ok(Some(value));
    };
    Err(malformed(format!("header `{}` {problem}", clip(name))))
}

/// The only value of a header that has to be there.
///
/// # Errors
/// `missing_header`; as [`value`].
pub(crate) fn required<'a>(request: &Request<'a>, name: &str) -> Result<&'a str, Error> {
    value(request, name)?.ok_or_else(|| {
        let message = format!("header `{}` is absent, but the signature covers it", clip(name));
        Error::new(ErrorCode::MissingHeader, message)
    })
}

/// The names in a list that the sender wrote, in its order.
///
/// # Errors
/// `malformed_header` for an empty list, one that is too long, a name that is none or stands there twice.
pub(crate) fn names(list: &str, separator: char) -> Result<Vec<&str>, Error> {
    let mut names: Vec<&str> = Vec::new();
    for name in list.split(separator) {
        // `(request-target)` and the like are names in HTTP signatures.
        let is_name =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~()".contains(&byte);
        if name.is_empty() || name.len() > 128 || !name.bytes().all(is_name) {
            return Err(malformed(format!("`{}` is not the name of a signed header", clip(name))));
        }
        if names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return Err(malformed(format!("signed header `{}` is listed twice", clip(name))));
        }
        if names.len() == MAX_NAMES {
            return Err(malformed(format!("more than {MAX_NAMES} signed headers are listed")));
        }
        names.push(name);
    }
    Ok(names)
}

/// The values of the headers in `list` (names with a space between), joined with `.`: hook0's `h` and its like.
///
/// SECURITY: the body follows, which is JSON. A value that holds the beginning of JSON could have taken it from there.
///
/// # Errors
/// `missing_header` for a listed header that is absent; `malformed_header` for a value with `{` or `[`; as [`names`] and
/// [`value`].
pub(crate) fn joined_values(request: &Request<'_>, list: &str) -> Result<String, Error> {
    let value = |name| {
        let value = required(request, name)?;
        if value.contains(['{', '[']) {
            return Err(malformed(format!("signed header `{name}` contains `{{` or `[`")));
        }
        Ok(value)
    };
    let values: Result<Vec<&str>, Error> = names(list, ' ')?.into_iter().map(value).collect();
    Ok(values?.join("."))
}

fn malformed(message: String) -> Error {
    Error::new(ErrorCode::MalformedHeader, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADERS: &[(&str, &str)] =
        &[("X-Event-Id", "evt-1"), ("x-delivery-id", "dlv-1"), ("x-empty", "")];

    #[test]
    fn values_come_in_the_order_of_the_list() {
        let request = Request::new(HEADERS, b"");
        assert_eq!(joined_values(&request, "x-event-id x-delivery-id").unwrap(), "evt-1.dlv-1");
        assert_eq!(joined_values(&request, "x-delivery-id X-EVENT-ID").unwrap(), "dlv-1.evt-1");
    }

    #[test]
    fn a_listed_header_is_there_once() {
        let request = Request::new(HEADERS, b"");
        let code = |list: &str| joined_values(&request, list).unwrap_err().code();
        assert_eq!(code("x-event-id x-missing"), ErrorCode::MissingHeader);
        let many = (0..=MAX_NAMES).map(|n| format!("x{n}")).collect::<Vec<_>>().join(" ");
        let headers = [("x-a", "1.{\"b\":2")];
        let error = joined_values(&Request::new(&headers, b""), "x-a").unwrap_err();
        assert_eq!(error.code(), ErrorCode::MalformedHeader);
        for list in [
            "",
            "x-event-id ",
            "x-event-id  x-delivery-id",
            "x-event-id X-Event-Id",
            "x-empty",
            "x:y",
            &many,
        ] {
            assert_eq!(code(list), ErrorCode::MalformedHeader, "{list}");
        }
        let twice = [("x-a", "1"), ("X-A", "2")];
        let error = joined_values(&Request::new(&twice, b""), "x-a").unwrap_err();
        assert_eq!(error.code(), ErrorCode::MalformedHeader);
        let long = "v".repeat(MAX_HEADER_LEN + 1);
        let headers = [("x-a", long.as_str())];
        let error = joined_values(&Request::new(&headers, b""), "x-a").unwrap_err();
        assert_eq!(error.code(), ErrorCode::HeaderTooLong);
    }
}
