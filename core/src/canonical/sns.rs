//! What Amazon SNS signs: names and values of a message, a line each, in an order that depends on its type.
//!
//! Source: AWS, "Verifying the signatures of Amazon SNS messages"; npm `sns-validator` 0.3.5 (which takes an
//! `UnsubscribeConfirmation` for a notification, against the page; the page is followed).
//!
//! **Invariants.** Only members of the top level count, and none of those that are signed stands there twice. Members
//! that are not signed (`UnsubscribeURL` among them) are not protected.

use std::fmt;

use serde::de::{Deserializer as _, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::error::{Error, ErrorCode, clip};

/// The signed members in their order; of a notification `Token` is not one.
const KEYS: [&str; 8] =
    ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

/// The signed text of the message in `body`.
///
/// # Errors
/// `malformed_body` when the body is not such a message, lacks a member that its type has, or has one twice.
pub(crate) fn canonical_message(body: &[u8]) -> Result<String, Error> {
    let malformed = |message: String| Error::new(ErrorCode::MalformedBody, message);
    let mut reader = serde_json::Deserializer::from_slice(body);
    let values = reader
        .deserialize_map(Members)
        .and_then(|values| reader.end().map(|()| values))
        .map_err(|error| {
        let at = format!("line {}, column {}", error.line(), error.column());
        malformed(format!("the body is not an SNS message: {at}"))
    })?;
    let value = |key: &str| {
        KEYS.iter().zip(&values).find(|(known, _)| **known == key).and_then(|(_, v)| v.as_deref())
    };
    let required: &[&str] = match value("Type") {
        Some("Notification") => &["Message", "MessageId", "Timestamp", "TopicArn"],
        Some("SubscriptionConfirmation" | "UnsubscribeConfirmation") => {
            &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn"]
        }
        Some(other) => {
            return Err(malformed(format!("`{}` is no known type of SNS message", clip(other))));
        }
        None => return Err(malformed("the SNS message has no `Type`".to_owned())),
    };
    if let Some(absent) = required.iter().find(|key| value(key).is_none()) {
        return Err(malformed(format!("the SNS message has no `{absent}`")));
    }
    let is_notification = value("Type") == Some("Notification");
    Ok(KEYS
        .iter()
        .zip(&values)
        .filter(|(key, _)| !(is_notification && **key == "Token"))
        .filter_map(|(key, value)| value.as_ref().map(|value| format!("{key}\n{value}\n")))
        .collect())
}

/// Takes the strings under [`KEYS`] out of an object; null counts as absent.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = [Option<String>; 8];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values: [Option<Option<String>>; 8] = Default::default();
        while let Some(key) = map.next_key::<String>()? {
            let slot = KEYS.iter().zip(&mut values).find(|(known, _)| **known == key);
            match slot {
                Some((_, slot)) if slot.is_none() => *slot = Some(map.next_value()?),
                Some(_) => return Err(A::Error::custom("twice")),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(values.map(Option::flatten))
    }
}
