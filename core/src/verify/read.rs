//! What a request brings to be verified: signatures, and the time of signing.

use std::borrow::Cow;

use crate::content::{missing, select, select_beyond_headers};
use crate::error::{Error, ErrorCode, say};
use crate::request::Request;
use crate::scheme::{
    Candidates, HeaderName, Located, Scheme, Selector, TimestampRule, TimestampSource,
};
use crate::timestamp::Timestamp;
use crate::{BROAD, WHOLE};

/// Collects the signatures of the request; gives back the body in the pieces that they sign.
pub(super) fn signatures<'a>(
    scheme: &'a Scheme,
    request: &Request<'a>,
    item: Option<&'a [u8]>,
    candidates: &mut Candidates<'a>,
) -> Result<[&'a [u8]; 2], Error> {
    let mut found = false;
    for place in &scheme.signature.from {
        found |= match place {
            Selector::Header(name) => {
                header(scheme, request, name, place, candidates)?
                    || alias(scheme, request, name, place, candidates)?
            }
            _ if !BROAD => false, // INVARIANT: the scheme was refused.
            _ => beyond_headers(scheme, request, item, place, candidates)?,
        };
    }
    if found { Ok([request.body, &[]]) } else { member(scheme, request, candidates) }
}

/// Collects the signatures in a header; false when it is absent.
#[inline]
fn header<'a>(
    scheme: &Scheme,
    request: &Request<'a>,
    name: &HeaderName,
    place: &Selector,
    candidates: &mut Candidates<'a>,
) -> Result<bool, Error> {
    let format = &scheme.signature.format;
    if !format.is_list() {
        let Some(value) = request.value(name)? else { return Ok(false) };
        return format.read(value, place, candidates).map(|()| true);
    }
    let mut found = false;
    for value in request.values(name) {
        format.read(value?, place, candidates)?;
        found = true;
    }
    Ok(found)
}

/// The same under the first of its other names that is there.
#[cold]
fn alias<'a>(
    scheme: &Scheme,
    request: &Request<'a>,
    name: &HeaderName,
    place: &Selector,
    candidates: &mut Candidates<'a>,
) -> Result<bool, Error> {
    for other in scheme.aliases(name) {
        if header(scheme, request, other, place, candidates)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Collects the signatures at a place that is no header; false when there is none.
#[inline(never)]
fn beyond_headers<'a>(
    scheme: &Scheme,
    request: &Request<'a>,
    item: Option<&'a [u8]>,
    place: &'a Selector,
    candidates: &mut Candidates<'a>,
) -> Result<bool, Error> {
    let format = &scheme.signature.format;
    match select_beyond_headers(request, item, place)? {
        None => return Ok(false),
        Some(Cow::Borrowed(value)) => format.read(value, place, candidates)?,
        Some(Cow::Owned(value)) => {
            let mut read = Candidates::default();
            format.read(&value, place, &mut read)?;
            candidates.append(read, place)?;
        }
    }
    Ok(true)
}

/// Takes the signature out of the body, where it may stand there.
#[cold]
fn member<'a>(
    scheme: &Scheme,
    request: &Request<'a>,
    candidates: &mut Candidates<'a>,
) -> Result<[&'a [u8]; 2], Error> {
    let rule = &scheme.signature;
    let Some(member) = scheme.body_signature.get() else { return Err(missing(rule.place())) };
    match member.locate(request.body)? {
        Some(Located { value, rest }) => {
            rule.format.read(value, rule.place(), candidates)?;
            Ok(rest)
        }
        None => {
            let (place, member) = (rule.place(), member.member());
            let message = say!("{place} is missing, and the body has no member `{member}`");
            Err(Error::new(ErrorCode::MissingHeader, message))
        }
    }
}

/// The timestamp as it is written, and what it says; none where it may be, and is, left out.
pub(super) fn timestamp<'c, 'a: 'c>(
    scheme: &'a Scheme,
    rule: &'a TimestampRule,
    request: &Request<'a>,
    item: Option<&'a [u8]>,
    candidates: &'c Candidates<'a>,
) -> Result<Option<(Cow<'c, str>, Timestamp)>, Error> {
    let text = match &rule.from {
        TimestampSource::Value(selector) => match select(scheme, request, item, selector)? {
            Some(text) => text,
            None if WHOLE && rule.optional => return Ok(None),
            None => return Err(missing(selector)),
        },
        TimestampSource::Signature => match &candidates.timestamp {
            Some(text) => Cow::Borrowed(text.as_ref()),
            None => return Err(no_timestamp(scheme)),
        },
    };
    rule.unit.parse(&text).map(|timestamp| Some((text, timestamp)))
}

#[cold]
fn no_timestamp(scheme: &Scheme) -> Error {
    let message = say!("{} holds no timestamp", scheme.signature.place());
    Error::new(ErrorCode::MalformedHeader, message)
}
