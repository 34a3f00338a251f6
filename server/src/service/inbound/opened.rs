//! A source made ready: its secrets open, its scheme read.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hookseal::{Error, Scheme, Webhook};

use super::{published::Published, sealed::Sealed};
use crate::{error::ApiError, seal::Sealer, store::Source};

/// Kept in memory while requests come; keys wipe themselves.
#[derive(Debug)]
pub struct OpenSource {
    pub(super) source: Source,
    pub(super) scheme: Scheme,
    /// With the secrets of its owner; nothing where there are none.
    pub(super) webhook: Option<Arc<Webhook>>,
    /// Keys that the sender publishes.
    pub(super) published: Published,
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
        let (published, full_at) = Default::default();
        let mut open = Self { source, scheme, webhook: None, published, full_at };
        open.webhook = webhook.map(|webhook| Arc::new(open.in_time(webhook)));
        Ok(open)
    }

    /// The same, with the source's own tolerance for timestamps.
    pub(super) fn in_time(&self, webhook: Webhook) -> Webhook {
        match self.source.settings.tolerance_seconds {
            Some(seconds) => webhook.with_tolerance(Duration::from_secs(seconds.into())),
            None => webhook,
        }
    }

    /// Bytes of a body, at most.
    #[must_use]
    pub fn max_body(&self) -> usize {
        let own = self.source.settings.max_body_bytes.map(usize::try_from);
        own.and_then(Result::ok).unwrap_or(DEFAULT_MAX_BODY)
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
