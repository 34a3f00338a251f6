//! Is this request from who it says? The one place that decides.
//!
//! The order is: find the signatures, read the timestamp and hold it against `now`, hash what is signed, compare in
//! constant time. Nothing is allocated unless a request is refused.
//!
//! **Invariants.** No input panics. Work is bounded: one header of 8 KiB, 32 signatures, one hash of the body per key.

use std::borrow::Cow;
use std::time::Duration;

use crate::error::{Error, ErrorCode, clip};
use crate::key::SigningKey;
use crate::request::Request;
use crate::scheme::{
    Candidates, HeaderName, Located, Scheme, Selector, SignatureRule, Source, TimestampRule,
    TimestampSource,
};
use crate::timestamp::Timestamp;

/// A request whose signature was checked. Only this gives access to what the request says of itself.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Verified<'a> {
    scheme: &'a Scheme,
    request: Request<'a>,
    timestamp: Option<Timestamp>,
    key_index: usize,
}

impl<'a> Verified<'a> {
    /// The raw body, now known to be the sender's.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.request.body
    }

    /// The id of the event or message, where the scheme has one. The same id comes with every attempt.
    ///
    /// Some senders put it in a header that they do not sign (naive, ainative, nativemsg): there it tells a retry from
    /// a new event, but not a replay by somebody who changes headers.
    #[must_use]
    pub fn id(&self) -> Option<Cow<'a, str>> {
        self.select(self.scheme.event_id.as_ref()?)
    }

    /// The type of the event, where the scheme says where it is: `"invoice.paid"`. As the id, it may stand in a header
    /// that the sender does not sign.
    #[must_use]
    pub fn event_type(&self) -> Option<Cow<'a, str>> {
        self.select(self.scheme.event_type.as_ref()?)
    }

    /// When the sender signed, where the scheme has a timestamp.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.timestamp
    }

    /// Which of the secrets matched, from 0: tells when an old one is no longer in use.
    #[must_use]
    pub fn key_index(&self) -> usize {
        self.key_index
    }

    fn select(&self, selector: &'a Selector) -> Option<Cow<'a, str>> {
        match selector {
            Selector::Header(name) => {
                find_header(self.scheme, &self.request, name).ok().flatten().map(Cow::Borrowed)
            }
            Selector::Json(pointer) => pointer.find(self.request.body),
        }
    }
}

/// Verifies `request`; see [`Webhook::verify`](crate::Webhook::verify).
pub(crate) fn verify<'a>(
    scheme: &'a Scheme,
    keys: &[SigningKey],
    tolerance: Option<Duration>,
    request: &Request<'a>,
    now: Timestamp,
) -> Result<Verified<'a>, Error> {
    check_required(scheme, request)?;
    let mut candidates = Candidates::new();
    let body = read_signatures(scheme, request, &mut candidates)?;
    let written = scheme
        .timestamp
        .as_ref()
        .map(|rule| read_timestamp(scheme, rule, request, &candidates))
        .transpose()?;
    let timestamp = written.map(|(_, timestamp)| timestamp);
    if let Some((rule, timestamp)) = scheme.timestamp.as_ref().zip(timestamp) {
        check_age(timestamp, now, tolerance.unwrap_or_else(|| rule.tolerance()))?;
    }
    let incoming =
        Incoming { scheme, request, body, timestamp: written.map_or("", |(text, _)| text) };
    let key_index = find_key(scheme, keys, &candidates, &incoming)?;
    Ok(Verified { scheme, request: *request, timestamp, key_index })
}

/// Headers that must have a certain value, such as the version of the scheme.
fn check_required(scheme: &Scheme, request: &Request<'_>) -> Result<(), Error> {
    for (name, expected) in &scheme.require_headers {
        let value = find_header(scheme, request, name)?.ok_or_else(|| missing(name))?;
        if value != expected {
            let message = format!("header `{name}` is `{}`, not `{expected}`", clip(value));
            return Err(Error::new(ErrorCode::MalformedHeader, message));
        }
    }
    Ok(())
}

/// Collects the signatures of the request; gives back the body in the pieces that they sign.
fn read_signatures<'a>(
    scheme: &'a Scheme,
    request: &Request<'a>,
    candidates: &mut Candidates<'a>,
) -> Result<[&'a [u8]; 2], Error> {
    let rule = &scheme.signature;
    let mut found = false;
    for name in names(scheme, &rule.header) {
        if rule.format.is_list() {
            for value in request.values(name) {
                found = true;
                rule.format.read(value?, name, candidates)?;
            }
        } else if let Some(value) = request.value(name)? {
            found = true;
            rule.format.read(value, name, candidates)?;
        }
        if found {
            return Ok([request.body, &[]]);
        }
    }
    let located = scheme
        .body_signature
        .as_ref()
        .map(|member| member.locate(request.body))
        .transpose()?
        .flatten();
    match (located, &scheme.body_signature) {
        (Some(Located { value, rest }), _) => {
            rule.format.read(value, &rule.header, candidates)?;
            Ok(rest)
        }
        (None, Some(member)) => {
            let message = format!(
                "header `{}` is missing, and the body has no member `{}`",
                rule.header,
                member.member()
            );
            Err(Error::new(ErrorCode::MissingHeader, message))
        }
        (None, None) => Err(missing(&rule.header)),
    }
}

/// The timestamp as it is written, and what it says.
fn read_timestamp<'a>(
    scheme: &'a Scheme,
    rule: &'a TimestampRule,
    request: &Request<'a>,
    candidates: &Candidates<'a>,
) -> Result<(&'a str, Timestamp), Error> {
    let text = match &rule.from {
        TimestampSource::Header(name) => {
            find_header(scheme, request, name)?.ok_or_else(|| missing(name))?
        }
        TimestampSource::Signature => {
            candidates.timestamp.ok_or_else(|| malformed(scheme, "holds no timestamp"))?
        }
    };
    rule.unit.parse(text).map(|timestamp| (text, timestamp))
}

fn check_age(timestamp: Timestamp, now: Timestamp, tolerance: Duration) -> Result<(), Error> {
    let off = Duration::from_millis(now.as_millis().abs_diff(timestamp.as_millis()));
    if off <= tolerance {
        return Ok(());
    }
    let (code, side) = if timestamp < now {
        (ErrorCode::TimestampTooOld, "before")
    } else {
        (ErrorCode::TimestampTooNew, "after")
    };
    let message = format!(
        "timestamp is {} s {side} now, the tolerance is {} s",
        off.as_secs(),
        tolerance.as_secs()
    );
    Err(Error::new(code, message))
}

/// Which key made one of the signatures.
fn find_key(
    scheme: &Scheme,
    keys: &[SigningKey],
    candidates: &Candidates<'_>,
    incoming: &Incoming<'_, '_>,
) -> Result<usize, Error> {
    let SignatureRule { header, format, encoding } = &scheme.signature;
    let malformed_signature = |text: &str| {
        let (want, got) = (encoding.describe(scheme.algorithm), text.chars().count());
        malformed(scheme, &format!("holds a signature of {got} characters that is not {want}"))
    };
    let Some(first) = candidates.signatures().next() else {
        let code = if candidates.foreign {
            ErrorCode::UnsupportedSignature
        } else {
            ErrorCode::MalformedHeader
        };
        let form = format.describe();
        return Err(Error::new(
            code,
            format!("header `{header}` holds no signature of the form `{form}`"),
        ));
    };
    if !candidates.signatures().any(|text| encoding.has_length(text, scheme.algorithm)) {
        return Err(malformed_signature(first));
    }
    let content = scheme.content.resolve(incoming)?;
    let mut well_formed = false;
    for (index, key) in keys.iter().enumerate() {
        let tag = key.tag(content.iter());
        // Every candidate is compared, so that the time says nothing about which one matched.
        let matched = candidates
            .signatures()
            .filter_map(|text| encoding.decode(text, scheme.algorithm))
            .fold(false, |matched, candidate| {
                well_formed = true;
                tag.matches(&candidate) | matched
            });
        if matched {
            return Ok(index);
        }
    }
    if !well_formed {
        return Err(malformed_signature(first));
    }
    let message = match keys.len() {
        1 => format!("header `{header}` does not match the key"),
        count => format!("header `{header}` matches none of the {count} keys"),
    };
    Err(Error::new(ErrorCode::NoMatch, message))
}

/// A request as the source of the signed content.
struct Incoming<'r, 'a> {
    scheme: &'a Scheme,
    request: &'r Request<'a>,
    body: [&'a [u8]; 2],
    timestamp: &'a str,
}

impl<'a> Source<'a> for Incoming<'_, 'a> {
    fn body(&self) -> [&'a [u8]; 2] {
        self.body
    }

    fn header(&self, name: &'a HeaderName) -> Result<Option<&'a str>, Error> {
        let value = find_header(self.scheme, self.request, name)?;
        // SECURITY: a value that holds its separator could be read in two ways: `id` `a` and body `1.b`, or `a.1` and `b`.
        match value.and_then(|value| self.scheme.content.separator_in(name, value)) {
            Some(literal) => {
                let message = format!("header `{name}` contains `{literal}`, which separates it");
                Err(Error::new(ErrorCode::MalformedHeader, message))
            }
            None => Ok(value),
        }
    }

    fn missing(&self, name: &HeaderName) -> Error {
        missing(name)
    }

    fn timestamp(&self) -> &'a str {
        self.timestamp
    }
}

/// A header's name and then its aliases.
fn names<'a>(scheme: &'a Scheme, name: &'a HeaderName) -> impl Iterator<Item = &'a HeaderName> {
    std::iter::once(name).chain(scheme.aliases(name))
}

fn find_header<'a>(
    scheme: &'a Scheme,
    request: &Request<'a>,
    name: &'a HeaderName,
) -> Result<Option<&'a str>, Error> {
    for name in names(scheme, name) {
        if let Some(value) = request.value(name)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

fn missing(name: &HeaderName) -> Error {
    Error::new(ErrorCode::MissingHeader, format!("header `{name}` is missing"))
}

fn malformed(scheme: &Scheme, problem: &str) -> Error {
    Error::new(
        ErrorCode::MalformedHeader,
        format!("header `{}` {problem}", scheme.signature.header),
    )
}
