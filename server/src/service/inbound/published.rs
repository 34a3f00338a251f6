//! Keys that senders publish: fetched when a request needs one. What is kept, and when a request may cause a fetch, is
//! [`PublishedKeys`]'s to say, for each source.
//!
//! **Invariants.** What is fetched is one of the sender's own URLs: the scheme pins its hosts, and the guard where it may lead.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hookseal::{KeyDecision, KeyRequest, PublishedKeys, Webhook};

use super::opened::OpenSource;
use crate::{
    clock::Clock,
    error::{ApiCode, ApiError},
    guard::{EndpointUrl, GuardPolicy, Timeouts, Transport},
};

/// The published keys of one source.
#[derive(Debug, Default)]
pub(super) struct Published {
    keys: Mutex<PublishedKeys<Arc<Webhook>>>,
    /// One fetch at a time.
    fetching: tokio::sync::Mutex<()>,
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
        let known = published.keys().recall(&wanted, self.clock.elapsed());
        if let Some(known) = known.map_err(|_| unavailable())? {
            return Ok(known);
        }
        let _turn = published.fetching.lock().await;
        match published.keys().ask(&wanted, self.clock.elapsed()) {
            KeyDecision::Use(known) => return Ok(known),
            KeyDecision::Unavailable { .. } => return Err(unavailable()),
            _ => {}
        }
        let came = self.fetch(&wanted).await;
        let now = self.clock.elapsed();
        let webhook = match came {
            Ok(text) => published.keys().arrived(&wanted, &text, now, |text| {
                let keys = open.scheme.keys(&text)?;
                let webhook = Webhook::with_keys(open.scheme.clone(), keys)?;
                Ok(Arc::new(open.in_time(webhook)))
            }),
            Err(problem) => published.keys().failed(&wanted, &problem, now),
        };
        webhook.map_err(|error| {
            let host = host(wanted.url.as_deref().unwrap_or_default());
            tracing::warn!(source.id = %open.source.key, host, problem = %error, "cannot fetch the key of a sender");
            unavailable()
        })
    }

    async fn fetch(&self, wanted: &KeyRequest) -> Result<String, String> {
        let url = wanted.public_url().map_err(|error| error.to_string())?;
        let url = EndpointUrl::parse(url, &self.policy).map_err(|error| error.to_string())?;
        let reply = self.transport.get(url, Timeouts::within(WITHIN)).await;
        match (reply.failure, reply.status) {
            (None, Some(200)) => {}
            (Some(failure), _) => return Err(failure.as_str().to_owned()),
            (None, status) => return Err(format!("status {}", status.unwrap_or_default())),
        }
        String::from_utf8(reply.body).map_err(|_| "not text".to_owned())
    }
}

impl Published {
    fn keys(&self) -> MutexGuard<'_, PublishedKeys<Arc<Webhook>>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The reason is for the log alone.
fn unavailable() -> ApiError {
    ApiError::new(ApiCode::NotReady, "the key that the sender publishes could not be had")
}

/// For the log: the path may be a stranger's.
fn host(url: &str) -> String {
    url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

const WITHIN: Duration = Duration::from_secs(10);
