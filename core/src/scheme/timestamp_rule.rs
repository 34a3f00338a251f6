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
    /// Whether it may be left out, for senders that sign without one where they are told to: its part of the content is
    /// in `[[…]]` then, and a request without it is of any age.
    #[serde(default)]
    pub(crate) optional: bool,
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

compact! { struct TimestampRule { from, unit, tolerance_seconds, optional } }
compact! { enum TimestampSource { Signature, Value(selector) } }

#[cfg(test)]
mod tests {
    use crate::{ErrorCode, Message, Request, Scheme, Secret, Timestamp, Webhook};

    #[test]
    fn a_timestamp_may_be_left_out_where_the_scheme_says_so() {
        let json = r#"{"id":"acme","signature":{"from":"header:x-sig","encoding":"hex"},"body_type":"json",
            "signed_content":"[[{timestamp}:]]{body}",
            "timestamp":{"from":"header:x-time","unit":"s","optional":true}}"#;
        let scheme = Scheme::compiled(&Scheme::compile(json).unwrap(), &[]).unwrap();
        let webhook = Webhook::new(scheme, &[Secret::new("secret").unwrap()]).unwrap();
        let at = Timestamp::from_seconds(1_777_111_523);
        let signed = webhook.sign(&Message { body: b"{}", ..Message::default() }, at).unwrap();
        let with: Vec<(&str, &str)> =
            signed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let without: Vec<(&str, &str)> =
            with.iter().copied().filter(|(name, _)| *name != "x-time").collect();
        let bare = webhook.scheme().key(&Secret::new("secret").unwrap()).unwrap();
        let bare = crate::radix::hex_encode(bare.tag_of(b"{}").as_public());
        let outcome = |headers: &[(&str, &str)], body: &[u8], after| {
            let verified = webhook.verify(&Request::new(headers, body), at.plus_millis(after));
            verified.map(|verified| verified.timestamp()).map_err(|error| error.code())
        };
        assert_eq!(outcome(&with, b"{}", 0), Ok(Some(at)));
        assert_eq!(outcome(&with, b"{}", 301_000), Err(ErrorCode::TimestampTooOld));
        assert_eq!(outcome(&without, b"{}", 0), Err(ErrorCode::NoMatch));
        assert_eq!(outcome(&without, b"1777111523:{}", 0), Err(ErrorCode::MalformedBody));
        assert_eq!(outcome(&[("x-sig", &bare)], b"{}", 301_000), Ok(None));
        let both = [("x-sig", bare.as_str()), ("x-time", "1777111523")];
        assert_eq!(outcome(&both, b"{}", 0), Err(ErrorCode::NoMatch));
    }

    #[test]
    fn an_absent_value_does_not_take_the_timestamp_with_it() {
        let json = r#"{"id":"acme","signature":{"from":"header:x-sig","encoding":"hex"},
            "signed_content":"[[{timestamp}.{header:x-id}.]]{body}","timestamp":{"from":"header:x-time","unit":"s"}}"#;
        let key = Secret::new("secret").unwrap();
        let webhook = Webhook::new(Scheme::from_json(json).unwrap(), &[key]).unwrap();
        let at = Timestamp::from_seconds(1_777_111_523);
        let signed = webhook.sign(&Message { body: b"{}", ..Message::default() }, at);
        assert_eq!(signed.unwrap_err().code(), ErrorCode::InvalidMessage);
        let tag = crate::radix::hex_encode(
            webhook
                .scheme()
                .key(&Secret::new("secret").unwrap())
                .unwrap()
                .tag_of(b"{}")
                .as_public(),
        );
        let headers = [("x-sig", tag.as_str()), ("x-time", "1777111523")];
        let verified = webhook.verify(&Request::new(&headers, b"{}"), at);
        assert_eq!(verified.unwrap_err().code(), ErrorCode::MissingHeader);
    }
}
