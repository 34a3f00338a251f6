//! Where the timestamp is, how it is written and how far it may be off.

use std::time::Duration;

use serde::Deserialize;

use super::Selector;
use crate::error::Error;
use crate::scheme::compact::compact;
use crate::timestamp::TimestampUnit;

/// Where the timestamp is, how it is written and how far it may be off.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct TimestampRule {
    /// Where it is.
    pub(crate) from: TimestampSource,
    /// How it is written.
    pub(crate) unit: TimestampUnit,
    /// How many seconds it may be off, in both directions; the receiver may say otherwise.
    #[serde(default = "default_tolerance")]
    tolerance_seconds: u32,
}

impl TimestampRule {
    pub(crate) fn tolerance(&self) -> Duration {
        Duration::from_secs(self.tolerance_seconds.into())
    }
}

/// Five minutes, as Standard Webhooks, Stripe and Slack.
fn default_tolerance() -> u32 {
    300
}

/// Where the timestamp is: a place, or `signature` for beside the signature, where its format says.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "super::schema::SelectorOrSignature"))]
#[serde(try_from = "String")]
pub(crate) enum TimestampSource {
    /// Beside the signature, where its format says.
    Signature,
    /// At a place of its own.
    Value(Selector),
}

impl TimestampSource {
    pub(crate) fn selector(&self) -> Option<&Selector> {
        if let Self::Value(selector) = self { Some(selector) } else { None }
    }
}

impl TryFrom<String> for TimestampSource {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        if text == "signature" {
            return Ok(Self::Signature);
        }
        Selector::parse(&text).map(Self::Value)
    }
}

compact! { struct TimestampRule { from, unit, tolerance_seconds } }
compact! { enum TimestampSource { Signature, Value(selector) } }
