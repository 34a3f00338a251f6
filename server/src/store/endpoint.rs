//! Endpoints: who gets events, and how.

use std::{fmt, sync::Arc};

use hookseal::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccountKey, EndpointKey, word::words};

words! {
    /// Whether an endpoint gets events.
    EndpointState {
        /// It does.
        Active = "active",
        /// Nothing is sent any more: it is gone, or failed for too long. What waited was cancelled.
        Disabled = "disabled",
        /// What comes is kept and sent once it is resumed.
        Paused = "paused",
    }
}

words! {
    /// In which form an endpoint's secret is kept.
    SecretKind {
        /// There is none; deliveries are not signed.
        None = "none",
        /// The one-way form: it signs, but does not give the secret back.
        OneWay = "one_way",
        /// The secret itself.
        Shared = "shared",
    }
}

words! {
    /// In which order an endpoint gets its events.
    #[derive(Default, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    Order {
        /// As fast as it takes them.
        #[default]
        None = "none",
        /// One after the other, in the order of their acceptance.
        Endpoint = "endpoint",
        /// One after the other among events of the same `ordering_key`; those without one are free.
        Key = "key",
    }
}

/// What an endpoint may have of its own, beside what its profile says. One JSON column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndpointSettings {
    /// Headers sent with every delivery.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// Attempts per second, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<u32>,
    /// Attempts at once, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// In which order.
    pub order: Order,
    /// A retry policy, as the core's JSON, instead of the profile's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<String>,
    /// How long an attempt may take, in milliseconds, instead of the profile's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u32>,
}

/// A URL that receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `ep_…`; says when it was made.
    pub key: EndpointKey,
    /// The owner.
    pub account: AccountKey,
    /// Where to; checked again before each attempt.
    pub url: String,
    /// What it wants: types, prefixes such as `invoice.*`, or `*` for all. Each once.
    pub event_types: Vec<String>,
    /// The profile's id.
    pub profile: String,
    /// Gets the events of this tenant only.
    pub tenant: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Whether it gets events.
    pub state: EndpointState,
    /// Why it is disabled.
    pub reason: Option<String>,
    /// In which form the secret is kept.
    pub secret: SecretKind,
    /// Its own settings.
    pub settings: EndpointSettings,
    /// Since when no attempt succeeds.
    pub failing_since: Option<Timestamp>,
    /// Rises with every change of what stands above and of the secret, `failing_since` apart.
    pub version: i64,
}

impl Endpoint {
    /// Why it is in `state`, when a call of the API asks for that.
    pub(super) fn reason_in(&self, state: EndpointState) -> Option<String> {
        match state {
            same if same == self.state => self.reason.clone(),
            EndpointState::Disabled => Some(BY_USER.to_owned()),
            EndpointState::Active | EndpointState::Paused => None,
        }
    }
}

/// Why an endpoint is disabled that nothing is wrong with.
const BY_USER: &str = "by_user";

/// A sealed secret with its kind. `sealed` is empty where there is none.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// The form.
    pub kind: SecretKind,
    /// The sealed bytes.
    pub sealed: Vec<u8>,
}

impl fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedSecret({})", self.kind.as_str())
    }
}

/// The secrets of an endpoint: that of now, and while one is being replaced that of before, which signs as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secrets {
    /// Signs.
    pub current: SealedSecret,
    /// Signs too, until that moment.
    pub previous: Option<(SealedSecret, Timestamp)>,
}

/// An endpoint as an attempt needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Its secrets.
    pub secrets: Secrets,
}

/// A change of an endpoint; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct EndpointChange {
    /// Only while the endpoint has this version.
    pub version: Option<i64>,
    /// Another URL.
    pub url: Option<String>,
    /// Other types, each once.
    pub event_types: Option<Vec<String>>,
    /// Another text, or none.
    pub description: Option<Option<String>>,
    /// Other settings, whole.
    pub settings: Option<EndpointSettings>,
    /// Paused, resumed, or enabled again. `Disabled` cancels what waits.
    pub state: Option<EndpointState>,
}

/// Which endpoints.
#[derive(Clone, Debug, Default)]
pub struct EndpointFilter {
    /// Those of this tenant.
    pub tenant: Option<String>,
    /// Those of this profile.
    pub profile: Option<String>,
}

/// Shared, because many deliveries go to the same one.
pub type SharedTarget = Arc<Target>;
