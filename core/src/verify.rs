//! Is this request from who it says? The one place that decides.
//!
//! The order is: find the signatures, read the timestamp and hold it against `now`, hash what is signed, compare in
//! constant time. For an HMAC over headers and body nothing is allocated unless a request is refused.
//!
//! **Invariants.** No input panics. Work is bounded: one header of 8 KiB, 32 signatures, one hash of the body per key and
//! form of the URL.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::WHOLE;
use crate::algorithm::{Algorithm, Family};
use crate::canonical::lookup;
use crate::canonical::url::Url;
use crate::content::{Content, find_header, missing, select, select_beyond_headers};
use crate::delegate::Tags;
use crate::error::{Error, ErrorCode, clip, say};
use crate::key::{SigningKey, Tag};
use crate::request::Request;
use crate::scheme::{
    AlgorithmChoice, BodyDigest, Candidates, Fallback, HeaderName, KeyRequest, Located, Scheme,
    Selector, SignatureRule, Template, TimestampRule, TimestampSource,
};
use crate::timestamp::Timestamp;

/// A request whose signature was checked. Only this gives access to what the request says of itself.
#[derive(Clone)]
#[must_use]
pub struct Verified<'a> {
    scheme: &'a Scheme,
    request: Request<'a>,
    timestamp: Option<Timestamp>,
    key_index: usize,
    claims: Option<Vec<u8>>,
}

impl fmt::Debug for Verified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("scheme", &self.scheme.id())
            .field("timestamp", &self.timestamp)
            .field("key_index", &self.key_index)
            .finish_non_exhaustive()
    }
}

impl<'a> Verified<'a> {
    /// The raw body, now known to be the sender's.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.request.body
    }

    /// What the sender says: the raw body or, where the body is a JSON Web Token, the JSON of its claims.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        let in_body = self.scheme.signature.from.contains(&Selector::Body);
        self.claims.as_deref().filter(|_| in_body).unwrap_or(self.request.body)
    }

    /// The id of the event or message, where the scheme has one. The same id comes with every attempt.
    ///
    /// Some senders put it in a header that they do not sign (naive, ainative, nativemsg): there it tells a retry from
    /// a new event, but not a replay by somebody who changes headers.
    #[must_use]
    pub fn id(&self) -> Option<Cow<'_, str>> {
        self.select(self.scheme.event_id.as_ref()?)
    }

    /// The type of the event, where the scheme says where it is: `"invoice.paid"`. As the id, it may stand in a header
    /// that the sender does not sign.
    #[must_use]
    pub fn event_type(&self) -> Option<Cow<'_, str>> {
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

    /// The same, with the index of the key's secret for that of the key.
    pub(crate) fn of_secret(mut self, secret_of: &[usize]) -> Self {
        self.key_index = secret_of.get(self.key_index).copied().unwrap_or(self.key_index);
        self
    }

    fn select(&self, selector: &'a Selector) -> Option<Cow<'_, str>> {
        match selector {
            Selector::Claim(pointer) if WHOLE => lookup::first(pointer, self.claims.as_deref()?),
            // Stops at the value, and takes a missing one lightly.
            Selector::Json(pointer) => lookup::first(pointer, self.request.body),
            _ => select(self.scheme, &self.request, None, selector).ok().flatten(),
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
    tags: &Tags<'_>,
) -> Result<Verified<'a>, Error> {
    if !scheme.require.is_empty() {
        check_required_headers(scheme, request)?;
    }
    let rule = &scheme.signature;
    if let Some(jwt) = scheme.jwt.get() {
        let mut candidates = Candidates::default();
        read_signatures(scheme, request, None, &mut candidates)?;
        let text = candidates.signatures().first().map_or("", |text| text.as_ref());
        let claims = jwt.verify(text, rule.place(), keys, tolerance, request, now)?;
        check_required_values(scheme, request, Some(&claims.json))?;
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
        check_required_values(scheme, request, None)?;
    }
    Ok(Verified { scheme, request: *request, timestamp, key_index, claims: None })
}

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

/// The key that verifying `request` needs; see [`Webhook::key_request`](crate::Webhook::key_request).
pub(crate) fn key_request(
    scheme: &Scheme,
    request: &Request<'_>,
) -> Result<Option<KeyRequest>, Error> {
    let Some(source) = scheme.key_source.get() else { return Ok(None) };
    let mut candidates = Candidates::default();
    read_signatures(scheme, request, None, &mut candidates)?;
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

/// Headers that must have a certain value, such as the version of the scheme: another version is another signature.
fn check_required_headers(scheme: &Scheme, request: &Request<'_>) -> Result<(), Error> {
    for (place, expected) in &scheme.require {
        let Some(name) = place.header() else { continue };
        let value = find_header(scheme, request, name)?.ok_or_else(|| missing(place))?;
        if value != expected {
            let message = say!("{place} is `{}`, not `{expected}`", clip(value));
            return Err(Error::new(ErrorCode::MalformedHeader, message));
        }
    }
    Ok(())
}

/// Holds the values that must be the receiver's own against what the request says: whose topic it is, which account.
///
/// # Errors
/// `missing_value`, `claim_mismatch`; `malformed_body` where the value cannot be read.
fn check_required_values(
    scheme: &Scheme,
    request: &Request<'_>,
    claims: Option<&[u8]>,
) -> Result<(), Error> {
    for (place, expected) in &scheme.require {
        let value = match place {
            Selector::Header(_) => continue, // They are checked.
            Selector::Claim(pointer) if WHOLE => {
                claims.and_then(|claims| lookup::first(pointer, claims))
            }
            _ => select(scheme, request, None, place)?,
        };
        let value = value.ok_or_else(|| missing(place))?;
        if value != expected.as_str() {
            let message = say!("{place} is `{}`, not `{}`", clip(&value), clip(expected));
            return Err(Error::new(ErrorCode::ClaimMismatch, message));
        }
    }
    Ok(())
}

/// One verification: of the whole request or of an item of it.
struct Attempt<'r, 'a> {
    scheme: &'a Scheme,
    keys: &'r [SigningKey],
    tolerance: Option<Duration>,
    request: &'r Request<'a>,
    now: Timestamp,
    tags: &'r Tags<'r>,
}

/// When the sender signed, and the index of the key.
type Outcome = (Option<Timestamp>, usize);

impl<'a> Attempt<'_, 'a> {
    fn verify(&self, item: Option<&'a [u8]>) -> Result<Outcome, Error> {
        let rule = &self.scheme.signature;
        if rule.format.has_groups() {
            return self.verify_groups();
        }
        let mut candidates = Candidates::default();
        let body = read_signatures(self.scheme, self.request, item, &mut candidates)?;
        match rule.fallback.get() {
            Some(fallback) if candidates.signatures().is_empty() => self.verify_older(fallback),
            _ => self.check(item, body, &candidates, &self.scheme.content),
        }
    }

    /// Of a header that holds several groups, one has to be good.
    #[cold]
    fn verify_groups(&self) -> Result<Outcome, Error> {
        let rule = &self.scheme.signature;
        let mut last = Err(missing(rule.place()));
        let Some(value) = self.signature_header()? else { return last };
        for group in rule.format.groups(value) {
            let mut candidates = Candidates::default();
            rule.format.read(group, rule.place(), &mut candidates)?;
            last = self.check(None, [self.request.body, &[]], &candidates, &self.scheme.content);
            if last.is_ok() {
                break;
            }
        }
        last
    }

    /// The request holds no signature of the newer version: one of the older has to be good.
    #[cold]
    fn verify_older(&self, fallback: &'a Fallback) -> Result<Outcome, Error> {
        let mut candidates = Candidates::default();
        if let Some(value) = self.signature_header()? {
            fallback.format.read(value, self.scheme.signature.place(), &mut candidates)?;
        }
        self.check(None, [self.request.body, &[]], &candidates, &fallback.signed_content)
    }

    fn signature_header(&self) -> Result<Option<&'a str>, Error> {
        match self.scheme.signature.place().header() {
            Some(name) => find_header(self.scheme, self.request, name),
            None => Ok(None),
        }
    }

    /// Holds the time against the clock and the signatures against the keys.
    fn check(
        &self,
        item: Option<&'a [u8]>,
        body: [&'a [u8]; 2],
        candidates: &Candidates<'a>,
        template: &Template,
    ) -> Result<Outcome, Error> {
        let (scheme, request) = (self.scheme, self.request);
        scheme.check_body_type(request.body)?;
        let written = match &scheme.timestamp {
            Some(rule) => {
                let written = read_timestamp(scheme, rule, request, item, candidates)?;
                check_age(written.1, self.now, self.tolerance.unwrap_or_else(|| rule.tolerance()))?;
                Some(written)
            }
            None => None,
        };
        let timestamp = written.as_ref().map_or("", |(text, _)| text.as_ref());
        let algorithm = match scheme.algorithm_choice.get() {
            Some(choice) => self.chosen_algorithm(choice, item)?,
            None => scheme.algorithm,
        };
        let (encoding, len) = (scheme.signature.encoding, algorithm.tag_len());
        let signatures = candidates.signatures();
        let chars = encoding.chars(len);
        if !signatures.iter().any(|text| chars.is_none_or(|chars| chars == text.len())) {
            return Err(self.no_good_form(candidates, algorithm));
        }
        let mut content =
            Content { scheme, request, body, timestamp, candidates, item, spelling: 0 };
        loop {
            if let Some(key_index) = self.find_key(&content, algorithm, template)? {
                return Ok((written.map(|(_, timestamp)| timestamp), key_index));
            }
            content.spelling += 1;
            if content.spelling >= scheme.spellings(template) {
                break;
            }
        }
        Err(self.no_match(candidates, algorithm))
    }

    /// The algorithm that the request names.
    #[cold]
    fn chosen_algorithm(
        &self,
        choice: &'a AlgorithmChoice,
        item: Option<&'a [u8]>,
    ) -> Result<Algorithm, Error> {
        let named = select(self.scheme, self.request, item, &choice.from)?
            .ok_or_else(|| missing(&choice.from))?;
        choice.map.get(named.as_ref()).copied().ok_or_else(|| {
            let message =
                say!("{} is `{}`, which the scheme does not know", choice.from, clip(&named));
            Error::new(ErrorCode::UnsupportedSignature, message)
        })
    }

    #[cold]
    fn no_match(&self, candidates: &Candidates<'_>, algorithm: Algorithm) -> Error {
        let SignatureRule { encoding, .. } = self.scheme.signature;
        let (mut signatures, len) = (candidates.signatures().iter(), algorithm.tag_len());
        if !signatures.any(|text| encoding.decode(text, len).is_some()) {
            return self.no_good_form(candidates, algorithm);
        }
        let place = self.scheme.signature.place();
        let message = match self.keys.len() {
            1 => say!("{place} does not match the key"),
            count => say!("{place} matches none of the {count} keys"),
        };
        Error::new(ErrorCode::NoMatch, message)
    }

    /// What is wrong when no signature is well-formed.
    #[cold]
    fn no_good_form(&self, candidates: &Candidates<'_>, algorithm: Algorithm) -> Error {
        let SignatureRule { format, encoding, .. } = &self.scheme.signature;
        let place = self.scheme.signature.place();
        if let Some(first) = candidates.signatures().first() {
            let message = say!(
                "{place} holds a signature of {} characters that is not {}",
                first.chars().count(),
                encoding.describe(algorithm.tag_len())
            );
            return Error::new(ErrorCode::MalformedHeader, message);
        }
        let code = if candidates.foreign {
            ErrorCode::UnsupportedSignature
        } else {
            ErrorCode::MalformedHeader
        };
        Error::new(code, say!("{place} holds no signature of the form `{}`", format.describe()))
    }

    /// Which key made one of the signatures.
    #[inline(never)]
    fn find_key(
        &self,
        content: &Content<'_, '_>,
        algorithm: Algorithm,
        template: &Template,
    ) -> Result<Option<usize>, Error> {
        if WHOLE && algorithm.family() == Family::Asymmetric {
            return self.find_key_pair(content, algorithm, template);
        }
        let candidates = content.candidates;
        if WHOLE && self.keys.len() > 1 && self.reads_once(algorithm, template) {
            let message = content.to_vec(template)?;
            let made_it =
                |key: &SigningKey| self.is_among(&key.tag_of(&message), candidates, algorithm);
            return Ok(self.keys.iter().position(made_it));
        }
        for (index, key) in self.keys.iter().enumerate() {
            match self.tags.tag(index, key, content, template) {
                Ok(tag) if self.is_among(&tag, candidates, algorithm) => return Ok(Some(index)),
                Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Whether one of the signatures is `tag`. Each is compared, so that the time says nothing about which one it is.
    fn is_among(&self, tag: &Tag, candidates: &Candidates<'_>, algorithm: Algorithm) -> bool {
        let (encoding, len) = (self.scheme.signature.encoding, algorithm.tag_len());
        let is_token = algorithm.family() == Family::Token;
        let mut matched = false;
        for text in candidates.signatures() {
            matched |= match encoding.decode(text, len) {
                Some(token) if is_token => tag.matches(&digest_of(&token)),
                Some(candidate) => tag.matches(&candidate),
                None => false,
            };
        }
        matched
    }

    /// Which key pair made one of the signatures.
    #[cold]
    fn find_key_pair(
        &self,
        content: &Content<'_, '_>,
        algorithm: Algorithm,
        template: &Template,
    ) -> Result<Option<usize>, Error> {
        let SignatureRule { encoding, form, .. } = self.scheme.signature;
        let (hash, len) = (algorithm.hash(), algorithm.tag_len());
        let message = content.to_vec(template)?;
        let made_it = |key: &SigningKey| {
            let Some(key) = key.asymmetric() else { return false };
            let signatures = content.candidates.signatures().iter();
            signatures
                .filter_map(|text| encoding.decode(text, len))
                .any(|tag| key.verify(hash, form, &message, tag.as_public()))
        };
        Ok(self.keys.iter().position(made_it))
    }

    /// Whether what each of several keys signs is put together once for all of them.
    #[cold]
    fn reads_once(&self, algorithm: Algorithm, template: &Template) -> bool {
        matches!(self.tags, Tags::Computed)
            && algorithm.family() == Family::Hmac
            && template.is_derived()
    }
}

/// That by which a token is compared.
#[cold]
fn digest_of(token: &Tag) -> Tag {
    Tag::of(&Sha256::digest(token.as_public()))
}

/// Collects the signatures of the request; gives back the body in the pieces that they sign.
fn read_signatures<'a>(
    scheme: &'a Scheme,
    request: &Request<'a>,
    item: Option<&'a [u8]>,
    candidates: &mut Candidates<'a>,
) -> Result<[&'a [u8]; 2], Error> {
    let mut found = false;
    for place in &scheme.signature.from {
        found |= match place {
            Selector::Header(name) => {
                read_header(scheme, request, name, place, candidates)?
                    || read_alias(scheme, request, name, place, candidates)?
            }
            _ => read_beyond_headers(scheme, request, item, place, candidates)?,
        };
    }
    if found { Ok([request.body, &[]]) } else { read_member(scheme, request, candidates) }
}

/// Collects the signatures in a header; false when it is absent.
#[inline]
fn read_header<'a>(
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
fn read_alias<'a>(
    scheme: &Scheme,
    request: &Request<'a>,
    name: &HeaderName,
    place: &Selector,
    candidates: &mut Candidates<'a>,
) -> Result<bool, Error> {
    for alias in scheme.aliases(name) {
        if read_header(scheme, request, alias, place, candidates)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Collects the signatures at a place that is no header; false when there is none.
#[inline(never)]
fn read_beyond_headers<'a>(
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
fn read_member<'a>(
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

/// The timestamp as it is written, and what it says.
fn read_timestamp<'c, 'a: 'c>(
    scheme: &'a Scheme,
    rule: &'a TimestampRule,
    request: &Request<'a>,
    item: Option<&'a [u8]>,
    candidates: &'c Candidates<'a>,
) -> Result<(Cow<'c, str>, Timestamp), Error> {
    let text = match &rule.from {
        TimestampSource::Value(selector) => {
            select(scheme, request, item, selector)?.ok_or_else(|| missing(selector))?
        }
        TimestampSource::Signature => match &candidates.timestamp {
            Some(text) => Cow::Borrowed(text.as_ref()),
            None => return Err(no_timestamp(scheme)),
        },
    };
    rule.unit.parse(&text).map(|timestamp| (text, timestamp))
}

#[cold]
fn no_timestamp(scheme: &Scheme) -> Error {
    let message = say!("{} holds no timestamp", scheme.signature.place());
    Error::new(ErrorCode::MalformedHeader, message)
}

pub(crate) fn check_age(
    timestamp: Timestamp,
    now: Timestamp,
    tolerance: Duration,
) -> Result<(), Error> {
    let off = now.as_millis().abs_diff(timestamp.as_millis());
    if u128::from(off) <= tolerance.as_millis() {
        return Ok(());
    }
    Err(of_another_time(timestamp, now, tolerance))
}

#[cold]
fn of_another_time(timestamp: Timestamp, now: Timestamp, tolerance: Duration) -> Error {
    let off = Duration::from_millis(now.as_millis().abs_diff(timestamp.as_millis()));
    let (code, side) = if timestamp < now {
        (ErrorCode::TimestampTooOld, "before")
    } else {
        (ErrorCode::TimestampTooNew, "after")
    };
    let message = say!(
        "timestamp is {} s {side} now, the tolerance is {} s",
        off.as_secs(),
        tolerance.as_secs()
    );
    Error::new(code, message)
}
