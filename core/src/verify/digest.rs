//! The digest of the body, where one is signed in its place.

use sha2::{Digest as _, Sha256};

use crate::canonical::url::Url;
use crate::content::{missing, select};
use crate::error::{Error, ErrorCode, say};
use crate::key::Tag;
use crate::request::Request;
use crate::scheme::{BodyDigest, Scheme, Selector};

/// Holds the digest of the body, where one stands in what is signed, against the body.
///
/// # Errors
/// `digest_mismatch`; `missing_value`, `missing_header`.
#[inline]
pub(crate) fn check_body_digest(scheme: &Scheme, request: &Request<'_>) -> Result<(), Error> {
    match scheme.body_digest.get() {
        Some(digest) => check_digest(digest, scheme, request),
        None => Ok(()),
    }
}

#[cold]
fn check_digest(digest: &BodyDigest, scheme: &Scheme, request: &Request<'_>) -> Result<(), Error> {
    let place = &digest.from;
    let text = select(scheme, request, None, place)?.ok_or_else(|| missing(place))?;
    if let Selector::Query(name) = place {
        check_is_last(request, name)?;
    }
    let expected = Tag::of(&Sha256::digest(request.body));
    if digest.encoding.decode(&text, Some(32)).is_some_and(|found| expected.matches(&found)) {
        return Ok(());
    }
    let message = say!("{place} is not the SHA-256 of the body");
    Err(Error::new(ErrorCode::DigestMismatch, message))
}

/// SECURITY: the key signs forms as well, as the URL with the fields behind it. Such text reads as another URL, but only
/// as one in which fields follow.
fn check_is_last(request: &Request<'_>, name: &str) -> Result<(), Error> {
    let pairs = Url::of(request)?.pairs()?;
    match pairs.iter().last() {
        Some((last, _)) if last != name => {
            let message = say!("query parameter `{name}` is not the last of the URL");
            Err(Error::new(ErrorCode::MalformedUrl, message))
        }
        _ => Ok(()),
    }
}
