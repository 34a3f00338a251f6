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

/// What became of a key that was made with another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMade {
    /// The account has as many keys as there can be.
    Full,
    /// It is there.
    New,
    /// The other one was revoked.
    Revoked,
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

words! {
    /// Which events of an account are held against the schemas of their types when they are accepted.
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "snake_case")]
    Validation {
        /// None.
        #[default]
        Off = "off",
        /// Those whose type is registered with a schema.
        Known = "known",
        /// Those, and events whose type is not registered, or archived, are refused.
        All = "all",
    }
}

/// Whose everything is. What is of one account does not exist for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// `acct_…`; says when it was made.
    pub key: AccountKey,
    /// For people.
    pub name: Option<String>,
    /// Which events are held against schemas.
    pub validation: Validation,
    /// Its keys open nothing.
    pub suspended: bool,
}

impl Account {
    /// Does what a change says.
    pub(super) fn change(&mut self, change: &AccountChange) {
        if let Some(name) = &change.name {
            self.name.clone_from(name);
        }
        self.validation = change.validation.unwrap_or(self.validation);
        self.suspended = change.suspended.unwrap_or(self.suspended);
    }
}

/// A change of an account; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// Another text, or none.
    pub name: Option<Option<String>>,
    /// Which events are held against schemas.
    pub validation: Option<Validation>,
    /// Whether its keys open nothing.
    pub suspended: Option<bool>,
}

/// An API key with the account that it opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The key.
    pub key: ApiKey,
    /// The account.
    pub account: Account,
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
