//! Sources: whom webhooks are taken from, how often, and what of theirs was refused.

use std::{collections::BTreeMap, fmt};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{AccountKey, EventKey, RefusalKey, SourceKey, StoreError, word::words};

words! {
    /// Whether a source is listened to.
    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    SourceState {
        /// It is.
        Active = "active",
        /// It is told to try again later.
        Paused = "paused",
    }
}

/// Somebody who sends webhooks.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    /// `src_…`; says when it was made.
    pub key: SourceKey,
    /// The owner.
    pub account: AccountKey,
    /// Whose events it brings.
    pub tenant: Option<String>,
    /// For people, and what its event types begin with.
    pub name: String,
    /// The name of a scheme as a JSON string, or a scheme as a JSON object.
    pub scheme: String,
    /// Whether it is listened to.
    pub state: SourceState,
    /// Its settings.
    pub settings: SourceSettings,
    /// Its secrets, and the values of the scheme that only the owner knows.
    pub sealed: Vec<u8>,
    /// Rises with every change, but for that of the master key.
    pub version: i64,
}

/// Without what is sealed.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("key", &self.key)
            .field("account", &self.account)
            .field("state", &self.state)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// What a source may have of its own. One JSON column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceSettings {
    /// What its event types begin with, instead of its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_prefix: Option<String>,
    /// The sender's types that get another name, whole.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub event_types: BTreeMap<String, String>,
    /// Where in the body the type is, as a JSON pointer, instead of where the scheme says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_from: Option<String>,
    /// Where in the body the id is, as a JSON pointer, instead of where the scheme says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_from: Option<String>,
    /// For how long a repeat is known: as long as its event is kept, unless said otherwise; 0 for not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dedupe_seconds: Option<u32>,
    /// Bytes of a body, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_body_bytes: Option<u32>,
    /// Requests per second, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<u32>,
    /// How far timestamps may be off, instead of what the scheme says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance_seconds: Option<u32>,
    /// The URL that the sender was given, where it is not what the server sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
}

/// What happened at a source since the last note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceNote {
    /// Which.
    pub source: SourceKey,
    /// By what happened, how often.
    pub counts: Vec<(String, u64)>,
    /// Requests that were refused and are kept for a look.
    pub refusals: Vec<Refusal>,
}

/// A request that was refused.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `rfs_…`; says when it came.
    pub key: RefusalKey,
    /// Why.
    pub code: String,
    /// The request.
    pub sealed: Vec<u8>,
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("key", &self.key)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

/// The records of sources.
#[async_trait]
pub trait Sources: fmt::Debug + Send + Sync {
    /// Adds a source.
    ///
    /// # Errors
    /// [`StoreError`], as every call here.
    async fn insert_source(&self, source: Source) -> Result<(), StoreError>;

    /// The source of this key, whosever it is: senders have no account.
    async fn source(&self, key: SourceKey) -> Result<Option<Source>, StoreError>;

    /// Sources of an account, and where one is given of its tenant, oldest first, after one of them, at most `limit`.
    async fn sources(
        &self,
        account: AccountKey,
        tenant: Option<&str>,
        after: Option<SourceKey>,
        limit: u32,
    ) -> Result<Vec<Source>, StoreError>;

    /// Replaces what can be changed of a source: name, state, settings and what is sealed. Whether that was done: not
    /// where it is gone, or has another version than `source` says, which was read before.
    async fn put_source(&self, source: Source) -> Result<bool, StoreError>;

    /// Deletes a source with its counts and refusals. Whether there was one.
    async fn delete_source(&self, account: AccountKey, key: SourceKey) -> Result<bool, StoreError>;

    /// The sources of all accounts after one of them, at most `limit`: to seal their secrets under another master key.
    async fn all_sources(
        &self,
        after: Option<SourceKey>,
        limit: u32,
    ) -> Result<Vec<Source>, StoreError>;

    /// Adds to the counts of sources, and keeps refusals: of each source the newest `keep`. After an unclear outcome, a
    /// repeat may count twice.
    async fn note(&self, notes: Vec<SourceNote>, keep: u32) -> Result<(), StoreError>;

    /// How often what happened at a source.
    async fn source_counts(&self, key: SourceKey) -> Result<Vec<(String, u64)>, StoreError>;

    /// What was refused at a source, newest first, at most `limit`.
    async fn refusals(&self, source: SourceKey, limit: u32) -> Result<Vec<Refusal>, StoreError>;

    /// One of them.
    async fn refusal(
        &self,
        source: SourceKey,
        key: RefusalKey,
    ) -> Result<Option<Refusal>, StoreError>;

    /// Removes all refusals of before.
    async fn prune_refusals(&self, before: RefusalKey) -> Result<(), StoreError>;

    /// The event that was stored under an idempotency key.
    async fn event_under(
        &self,
        account: AccountKey,
        idempotency_key: &str,
    ) -> Result<Option<EventKey>, StoreError>;
}
