//! What is known of a request once its signature was checked.

use std::borrow::Cow;
use std::fmt;

use crate::WHOLE;
use crate::canonical::lookup;
use crate::late::told;
use crate::request::Request;
use crate::scheme::{Scheme, Selector};
use crate::timestamp::Timestamp;

/// A request whose signature was checked. Only this gives access to what the request says of itself.
#[derive(Clone)]
#[must_use]
pub struct Verified<'a> {
    pub(super) scheme: &'a Scheme,
    pub(super) request: Request<'a>,
    pub(super) timestamp: Option<Timestamp>,
    pub(super) key_index: usize,
    pub(super) claims: Option<Vec<u8>>,
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
            _ => told(self.scheme, &self.request, selector),
        }
    }
}
