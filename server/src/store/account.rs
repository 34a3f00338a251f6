//! Accounts and the keys that open them.

use hookseal::Timestamp;
use serde::Deserialize;

use super::{AccountKey, ApiKeyId, word::words};

words! {
    /// How an API key came to be.
    KeyOrigin {
        /// Made through the API.
        Api = "api",
        /// Set by the operator.
        Environment = "environment",
        /// Made by the first start and shown once.
        Generated = "generated",
    }
}

words! {
    /// What an API key may do. Each scope holds those that are named after it.
    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    Scope {
        /// Everything, API keys too.
        Admin = "admin",
        /// Send events, and read.
        Send = "send",
        /// Look, change nothing.
        Read = "read",
    }
}

/// An API key, without the key: only its SHA-256 is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// `key_…`.
    pub id: ApiKeyId,
    /// Whom it opens.
    pub account: AccountKey,
    /// How it came to be.
    pub origin: KeyOrigin,
    /// What it may do.
    pub scope: Scope,
    /// Sees and touches only what belongs to this tenant.
    pub tenant: Option<String>,
    /// For people.
    pub name: Option<String>,
    /// Whether it was ever used.
    pub used: bool,
    /// When it was made.
    pub created_at: Timestamp,
}
