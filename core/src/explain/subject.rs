//! What is tried: a request with its scheme and keys, and what is changed in it.
//!
//! **Invariants.** A change is one mistake put right. A trial does not look at the clock, so that a second mistake there
//! does not hide the first.

use std::ops::ControlFlow;
use std::time::Duration;

use super::cause::Cause;
use super::finding::Finding;
use crate::algorithm::Family;
use crate::delegate::Tags;
use crate::error::Error;
use crate::key::SigningKey;
use crate::request::Request;
use crate::scheme::{MAX_SIGNATURES, Scheme, Selector};
use crate::timestamp::Timestamp;
use crate::verify::{Verified, verify};

/// A request with the scheme and the keys that it is held against.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) scheme: &'a Scheme,
    pub(super) secrets: &'a [&'a str],
    pub(super) keys: &'a [SigningKey],
    pub(super) request: Request<'a>,
}

/// One mistake put right.
pub(super) struct Change {
    pub(super) cause: Cause,
    /// For people: what the mistake is.
    pub(super) message: String,
    pub(super) part: Part,
}

/// What a change replaces.
pub(super) enum Part {
    Body(Vec<u8>),
    Headers(Vec<(String, String)>),
    Keys(Vec<SigningKey>),
    Method(&'static str),
    Scheme(Box<Scheme>, Vec<SigningKey>),
    Url(String),
}

/// Takes the changes one after the other, until it has seen enough.
pub(super) type Visit<'v> = dyn FnMut(Change) -> ControlFlow<()> + 'v;

impl Change {
    pub(super) fn new(cause: Cause, message: impl Into<String>, part: Part) -> Self {
        Self { cause, message: message.into(), part }
    }

    pub(super) fn finding(&self) -> Finding {
        Finding::certain(self.cause, &*self.message)
    }
}

impl<'a> Subject<'a> {
    /// The request, verified at whatever time.
    pub(super) fn verify(&self, now: Timestamp) -> Result<Verified<'a>, Error> {
        verify(self.scheme, self.keys, Some(Duration::MAX), &self.request, now, &Tags::Computed)
    }

    /// Gives the subject with this part replaced to `then`.
    pub(super) fn with<T>(&self, part: &Part, then: impl FnOnce(&Subject<'_>) -> T) -> T {
        let request = self.request;
        match part {
            Part::Body(body) => then(&Subject { request: Request { body, ..request }, ..*self }),
            Part::Headers(headers) => {
                let headers: Vec<(&str, &str)> =
                    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                then(&Subject { request: Request { headers: &headers, ..request }, ..*self })
            }
            Part::Keys(keys) => then(&Subject { keys, ..*self }),
            Part::Method(method) => {
                then(&Subject { request: Request { method, ..request }, ..*self })
            }
            Part::Scheme(scheme, keys) => then(&Subject { scheme, keys, ..*self }),
            Part::Url(url) => then(&Subject { request: Request { url, ..request }, ..*self }),
        }
    }

    /// What one trial costs, in bytes hashed.
    pub(super) fn cost(&self) -> u64 {
        let size = |len: usize| u64::try_from(len).unwrap_or(u64::MAX);
        let keys = size(self.keys.len()).max(1);
        let has_pairs = matches!(self.scheme.algorithm.family(), Family::Asymmetric | Family::Jwt);
        let checks = if has_pairs { self.signatures().saturating_mul(KEY_PAIR_COST) } else { 0 };
        let body = size(self.request.body.len());
        body.saturating_add(checks).saturating_mul(keys).saturating_add(TRIAL_COST)
    }

    /// At most how many signatures stand in the headers.
    fn signatures(&self) -> u64 {
        let places = self.scheme.signature.from.iter().filter_map(Selector::header);
        let values =
            places.flat_map(|place| self.request.headers.iter().filter(|(name, _)| place.is(name)));
        let count: usize = values.map(|(_, value)| value.len() / MIN_SIGNATURE_LEN).sum();
        u64::try_from(count.min(MAX_SIGNATURES)).unwrap_or(u64::MAX) + 1
    }

    /// The headers with one value replaced.
    pub(super) fn headers_with(&self, index: usize, value: &str) -> Part {
        let headers = self.request.headers.iter().enumerate().map(|(at, (name, old))| {
            ((*name).to_owned(), if at == index { value } else { old }.to_owned())
        });
        Part::Headers(headers.collect())
    }

    /// Whether what the body holds makes a difference.
    pub(super) fn reads_body(&self) -> bool {
        let scheme = self.scheme;
        scheme.covers_body()
            || scheme.content.touches_body()
            || scheme.signature.place().header().is_none()
    }
}

/// What a trial costs besides hashing the body: reading headers, making the change.
const TRIAL_COST: u64 = 2048;
/// What checking with a public key costs, in bytes that could be hashed instead.
const KEY_PAIR_COST: u64 = 128 * 1024;
/// In characters; that of an Ed25519 signature in base64.
const MIN_SIGNATURE_LEN: usize = 86;
