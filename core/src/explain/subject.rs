//! What is tried: a request with its scheme and keys, and what is changed in it.
//!
//! **Invariants.** A change is one mistake put right. A trial does not look at the clock, so that a second mistake there
//! does not hide the first.

use std::ops::ControlFlow;
use std::time::Duration;

use super::cause::Cause;
use super::finding::Finding;
use crate::algorithm::Family;
use crate::error::Error;
use crate::key::SigningKey;
use crate::request::Request;
use crate::scheme::Scheme;
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
        verify(self.scheme, self.keys, Some(Duration::MAX), &self.request, now)
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
        let body = u64::try_from(self.request.body.len()).unwrap_or(u64::MAX);
        let keys = u64::try_from(self.keys.len()).unwrap_or(u64::MAX).max(1);
        let each = if self.scheme.algorithm.family() == Family::Asymmetric
            || self.scheme.algorithm.family() == Family::Jwt
        {
            KEY_PAIR_COST
        } else {
            0
        };
        // Reading the body for its values costs about as much as hashing it.
        (body.saturating_add(each))
            .saturating_mul(keys)
            .saturating_add(body)
            .saturating_add(TRIAL_COST)
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
