//! Is this request from who it says? The one place that decides.
//!
//! The order is: find the signatures, read the timestamp and hold it against `now`, hash what is signed, compare in
//! constant time. For an HMAC over headers and body nothing is allocated unless a request is refused.
//!
//! **Invariants.** No input panics. Work is bounded: one header of 8 KiB, 32 signatures, one hash of the body per key and
//! form of the URL, or per key and each of 8 groups of signatures.

mod age;
mod attempt;
mod digest;
mod read;
mod required;
mod verified;

use std::time::Duration;

use self::attempt::Attempt;
pub use self::verified::Verified;
pub(crate) use self::{age::check_age, digest::check_body_digest};
use crate::delegate::Tags;
use crate::error::Error;
use crate::key::SigningKey;
use crate::request::Request;
use crate::scheme::{Candidates, KeyRequest, Scheme};
use crate::timestamp::Timestamp;

/// Verifies `request`; see [`Webhook::verify`](crate::Webhook::verify).
pub(crate) fn verify<'a>(
    scheme: &'a Scheme,
    keys: &[SigningKey],
    tolerance: Option<Duration>,
    request: &Request<'a>,
    now: Timestamp,
    tags: &Tags<'_>,
) -> Result<Verified<'a>, Error> {
    if !scheme.require.is_empty() {
        required::check_required_headers(scheme, request)?;
    }
    let rule = &scheme.signature;
    if let Some(jwt) = scheme.jwt.get() {
        let mut candidates = Candidates::default();
        read::signatures(scheme, request, None, &mut candidates)?;
        let text = candidates.signatures().first().map_or("", |text| text.as_ref());
        let claims = jwt.verify(text, rule.place(), keys, tolerance, request, now)?;
        required::check_required_values(scheme, request, Some(&claims.json))?;
        return Ok(Verified {
            scheme,
            request: *request,
            timestamp: claims.issued_at,
            key_index: claims.key_index,
            claims: Some(claims.json),
        });
    }
    let attempt = Attempt { scheme, keys, tolerance, request, now, tags };
    let (timestamp, key_index) = match rule.each.get() {
        Some(pointer) => {
            let mut outcome = (None, 0);
            // Never empty: a body without items would not be checked at all.
            for item in pointer.all(request.body)? {
                outcome = attempt.verify(Some(item.as_bytes()))?;
            }
            outcome
        }
        None => attempt.verify(None)?,
    };
    check_body_digest(scheme, request)?;
    if !scheme.require.is_empty() {
        required::check_required_values(scheme, request, None)?;
    }
    Ok(Verified { scheme, request: *request, timestamp, key_index, claims: None })
}

/// The key that verifying `request` needs; see [`Webhook::key_request`](crate::Webhook::key_request).
pub(crate) fn key_request(
    scheme: &Scheme,
    request: &Request<'_>,
) -> Result<Option<KeyRequest>, Error> {
    let Some(source) = scheme.key_source.get() else { return Ok(None) };
    let mut candidates = Candidates::default();
    read::signatures(scheme, request, None, &mut candidates)?;
    let token = candidates.signatures().first().filter(|_| scheme.jwt.is_some());
    let key_id = token.and_then(|text| {
        let token = crate::jwt::Token::parse(text)?;
        token.header.get("kid")?.as_str().map(str::to_owned)
    });
    if let Some(key_id) = key_id {
        candidates.add_field("key_id", key_id);
    }
    source.resolve(scheme, request, &candidates).map(Some)
}
