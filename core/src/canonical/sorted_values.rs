//! The values of a JSON body without their names: TrustPay's form.
//!
//! Source: juspay/connector-service, `connectors/trustpay.rs`: texts as they are, numbers with two decimals, `true`,
//! `false`, `null`, sorted bytewise and joined with `/`.
//!
//! **Invariants.** The values are covered, their names and places are not: a body with two values exchanged has the same
//! form. At most [`MAX_LEAVES`] values, at most 128 levels (the JSON reader's own limit).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::error::{Error, ErrorCode};

const MAX_LEAVES: usize = 10_000;
const MAX_NUMBER: f64 = 1e15;

/// All values but the one of the top-level member `signature`, sorted and joined.
///
/// # Errors
/// `malformed_body` when the body is not a JSON object, is too large, or has `signature` twice.
pub(crate) fn sorted_json_values(body: &[u8], signature: &str) -> Result<String, Error> {
    let mut leaves = Vec::new();
    let mut reader = serde_json::Deserializer::from_slice(body);
    reader
        .deserialize_map(Collect { leaves: &mut leaves, except: Some(signature) })
        .and_then(|()| reader.end())
        .map_err(|error| {
            let at = format!("line {}, column {}", error.line(), error.column());
            Error::new(
                ErrorCode::MalformedBody,
                format!("the body is not as TrustPay writes it: {at}"),
            )
        })?;
    leaves.sort_unstable();
    Ok(leaves.join("/"))
}

struct Collect<'l, 's> {
    leaves: &'l mut Vec<String>,
    /// A member of this object that is left out.
    except: Option<&'s str>,
}

impl Collect<'_, '_> {
    fn add<E: serde::de::Error>(self, leaf: String) -> Result<(), E> {
        if self.leaves.len() == MAX_LEAVES {
            return Err(E::custom("too many values"));
        }
        self.leaves.push(leaf);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Collect<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Collect<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut left_out = 0;
        while let Some(key) = map.next_key::<String>()? {
            if self.except == Some(key.as_str()) {
                left_out += 1;
                map.next_value::<serde::de::IgnoredAny>()?;
            } else {
                map.next_value_seed(Collect { leaves: self.leaves, except: None })?;
            }
        }
        if left_out > 1 { Err(A::Error::custom("twice")) } else { Ok(()) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Collect { leaves: self.leaves, except: None })?.is_some() {}
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        self.add(value.to_owned())
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.add(value.to_string())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        // Through the float, as the source does: the two differ above 2^53.
        #[expect(clippy::cast_precision_loss, reason = "the sender's own rounding")]
        self.visit_f64(value as f64)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        #[expect(clippy::cast_precision_loss, reason = "the sender's own rounding")]
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        // An amount; written out, the largest numbers would be three hundred digits each.
        if value.abs() > MAX_NUMBER {
            return Err(E::custom("a number is too large"));
        }
        self.add(format!("{value:.2}"))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.add("null".to_owned())
    }
}
