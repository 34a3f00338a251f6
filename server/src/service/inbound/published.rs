//! Keys that senders publish: fetched when a request needs one, and kept for an hour.
//!
//! **Invariants.** What is fetched is one of the sender's own URLs: the scheme pins its hosts, and the guard where it may lead.
//! Requests of strangers cause few fetches: one at a time for a source, ten, and then one in six seconds.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hookseal::{KeyRequest, Secret, Webhook};

use super::opened::OpenSource;
use crate::{
    clock::Clock,
    error::{ApiCode, ApiError},
    guard::{EndpointUrl, GuardPolicy, Timeouts, Transport},
};

/// The published keys of one source.
#[derive(Debug, Default)]
pub(super) struct Published {
    known: Mutex<HashMap<Place, Known>>,
    fetching: tokio::sync::Mutex<Fetches>,
}

/// Where a key is, and which of those that are there.
type Place = (String, Option<String>);

#[derive(Clone, Debug)]
struct Known {
    /// None where there was no key.
    webhook: Option<Arc<Webhook>>,
    at: Duration,
}

/// A bucket, as the time when it will be full again.
#[derive(Debug, Default)]
struct Fetches {
    full_at: Duration,
}

/// The way to published keys.
#[derive(Clone, Debug)]
pub struct KeyFetcher {
    /// Goes there.
    pub transport: Arc<dyn Transport>,
    /// Where it may go.
    pub policy: GuardPolicy,
    /// When.
    pub clock: Arc<dyn Clock>,
}

impl KeyFetcher {
    /// What verifies with the key that a request of this source asks for.
    ///
    /// # Errors
    /// `not_ready` when the key cannot be had now.
    pub(super) async fn webhook(
        &self,
        open: &OpenSource,
        wanted: KeyRequest,
    ) -> Result<Arc<Webhook>, ApiError> {
        let published = &open.published;
        let place = (wanted.url.unwrap_or_default(), wanted.key_id);
        if let Some(known) = published.recall(&place, self.clock.elapsed()) {
            return known;
        }
        let mut fetches = published.fetching.lock().await;
        // Somebody else may have fetched it meanwhile.
        let now = self.clock.elapsed();
        if let Some(known) = published.recall(&place, now) {
            return known;
        }
        let after = fetches.full_at.max(now) + EVERY;
        if after.saturating_sub(now) > EVERY * BURST {
            return Err(unavailable());
        }
        fetches.full_at = after;
        let webhook = self.fetch(open, &place.0).await;
        if let Err(problem) = &webhook {
            let host = host(&place.0);
            tracing::warn!(source.id = %open.source.key, host, problem, "cannot fetch the key of a sender");
        }
        let known = Known { webhook: webhook.ok(), at: self.clock.elapsed() };
        published.remember(place, known.clone());
        known.webhook.ok_or_else(unavailable)
    }

    async fn fetch(&self, open: &OpenSource, url: &str) -> Result<Arc<Webhook>, String> {
        let url = EndpointUrl::parse(url, &self.policy).map_err(|error| error.to_string())?;
        let reply = self.transport.get(url, Timeouts::within(WITHIN)).await;
        match (reply.failure, reply.status) {
            (None, Some(200)) => {}
            (Some(failure), _) => return Err(failure.as_str().to_owned()),
            (None, status) => return Err(format!("status {}", status.unwrap_or_default())),
        }
        let text = str::from_utf8(&reply.body).map_err(|_| "not text".to_owned())?;
        let webhook = Secret::new(text.trim())
            .and_then(|text| open.scheme.keys(&text))
            .and_then(|keys| Webhook::with_keys(open.scheme.clone(), keys));
        webhook.map(|webhook| Arc::new(open.in_time(webhook))).map_err(|error| error.to_string())
    }
}

impl Published {
    fn recall(&self, place: &Place, now: Duration) -> Option<Result<Arc<Webhook>, ApiError>> {
        let known =
            self.known.lock().unwrap_or_else(PoisonError::into_inner).get(place).cloned()?;
        let fresh = if known.webhook.is_some() { FRESH } else { FRESH_WITHOUT };
        let is_fresh = now.saturating_sub(known.at) < fresh;
        is_fresh.then(|| known.webhook.ok_or_else(unavailable))
    }

    fn remember(&self, place: Place, key: Known) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KNOWN {
            // Places without a key first: strangers name them.
            known.retain(|_, known| known.webhook.is_some());
        }
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        known.insert(place, key);
    }
}

fn unavailable() -> ApiError {
    ApiError::new(ApiCode::NotReady, "the key that the sender publishes could not be had")
}

/// For the log: the path may be a stranger's.
fn host(url: &str) -> String {
    url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

const FRESH: Duration = Duration::from_secs(60 * 60);
const FRESH_WITHOUT: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(6);
const BURST: u32 = 10;
const WITHIN: Duration = Duration::from_secs(10);
const MAX_KNOWN: usize = 32;
