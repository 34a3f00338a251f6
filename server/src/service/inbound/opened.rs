//! A source made ready: its secrets open, its scheme read.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use hookseal::{
    Error, ErrorCode, HandshakeResponse, Request, Scheme, Timestamp, Verified, Webhook,
};

use super::sealed::Sealed;
use crate::{error::ApiError, seal::Sealer, store::Source};

/// Kept in memory while requests come; keys wipe themselves.
#[derive(Debug)]
pub struct OpenSource {
    pub(super) source: Source,
    pub(super) scheme: Scheme,
    webhook: Option<Webhook>,
    /// When the bucket of its rate will be full again.
    full_at: Mutex<Duration>,
}

impl OpenSource {
    /// # Errors
    /// `internal` when it does not open, or what it holds is not what this version takes.
    pub(super) fn new(source: Source, sealer: &Sealer) -> Result<Self, ApiError> {
        let sealed = Sealed::open(&source, sealer)?;
        let odd = |error: Error| ApiError::internal(format!("source `{}`: {error}", source.key));
        let scheme = sealed.scheme(&source.scheme).map_err(odd)?;
        let webhook = sealed.webhook(&scheme).map_err(odd)?;
        let tolerance = source.settings.tolerance_seconds.map(u64::from).map(Duration::from_secs);
        let webhook = match (webhook, tolerance) {
            (Some(webhook), Some(tolerance)) => Some(webhook.with_tolerance(tolerance)),
            (webhook, _) => webhook,
        };
        Ok(Self { source, scheme, webhook, full_at: Mutex::default() })
    }

    /// Bytes of a body, at most.
    #[must_use]
    pub fn max_body(&self) -> usize {
        let own = self.source.settings.max_body_bytes.map(usize::try_from);
        own.and_then(Result::ok).unwrap_or(DEFAULT_MAX_BODY)
    }

    /// Whether nobody knows its secret yet.
    pub(super) fn waits_for_secret(&self) -> bool {
        self.webhook.is_none()
    }

    /// The answer where `request` is a handshake.
    pub(super) fn handshake(
        &self,
        request: &Request<'_>,
        now: Timestamp,
    ) -> Result<Option<HandshakeResponse>, Error> {
        match &self.webhook {
            Some(webhook) => webhook.handshake(request, now),
            None => self.scheme.handshake(request),
        }
    }

    pub(super) fn verify<'a>(
        &'a self,
        request: &Request<'a>,
        now: Timestamp,
    ) -> Result<Verified<'a>, Error> {
        let webhook = self
            .webhook
            .as_ref()
            .ok_or_else(|| Error::new(ErrorCode::InvalidSecret, "the source has no secret yet"))?;
        webhook.verify(request, now)
    }

    /// Takes a token of its rate, where it has one: so many requests per second, and as many at once after a pause.
    pub(super) fn take_token(&self, now: Duration) -> bool {
        let Some(rate) = self.source.settings.rate_limit else { return true };
        let cost = Duration::from_secs(1).checked_div(rate).unwrap_or_default();
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let after = (*full_at).max(now) + cost;
        let has_one = after.saturating_sub(now) <= Duration::from_secs(1);
        if has_one {
            *full_at = after;
        }
        has_one
    }
}

const DEFAULT_MAX_BODY: usize = 1024 * 1024;
