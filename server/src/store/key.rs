//! The numbers that rows are known by, and their text in the API.
//!
//! A key is 63 bits: 42 of milliseconds since 2024, 10 of the node that minted it, 11 of a counter. So keys sort by time,
//! rows are appended where they are written, "older than" is a range of keys, and no node asks another for a number.
//! In the API a key is a prefix and thirteen digits of Crockford's base 32, which sort alike.

use std::{
    borrow::Cow,
    fmt,
    sync::{Mutex, PoisonError},
};

use hookseal::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

/// Declares a key with its prefix in the API.
macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub i64);

        impl $name {
            /// What its text begins with.
            pub const PREFIX: &'static str = $prefix;

            /// Reads the text that `Display` writes; `None` for any other.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                text.strip_prefix(Self::PREFIX).and_then(read).map(Self)
            }

            /// When it was minted, to the millisecond.
            #[must_use]
            pub const fn minted_at(self) -> Timestamp {
                Timestamp::from_millis((self.0 >> LOW_BITS) + EPOCH_MILLIS)
            }

            /// The smallest key of a moment: keys below it were minted before.
            #[must_use]
            pub const fn floor(at: Timestamp) -> Self {
                let millis = at.as_millis().saturating_sub(EPOCH_MILLIS);
                let millis = if millis < 0 { 0 } else if millis > MAX_MILLIS { MAX_MILLIS } else { millis };
                Self(millis << LOW_BITS)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(Self::PREFIX)?;
                write(self.0, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                text_schema(Self::PREFIX, 1)
            }
        }
    )*};
}

keys! {
    /// An account.
    AccountKey = "acct_",
    /// An API key's record; not the key itself.
    ApiKeyId = "key_",
    /// What a node took to deliver, and gives back when it is done.
    ClaimKey = "clm_",
    /// An endpoint.
    EndpointKey = "ep_",
    /// An event.
    EventKey = "evt_",
    /// A request that a source was refused.
    RefusalKey = "rfs_",
    /// Somebody who sends webhooks.
    SourceKey = "src_",
}

impl AccountKey {
    /// The account of the server itself. Its text is not one that is read, and no API key opens it.
    pub const OWN: Self = Self(-1);
}

impl EndpointKey {
    /// The server's own endpoint: contacts at Resend.
    pub const RESEND: Self = Self(-1);
}

/// One event for one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryKey {
    /// Where to.
    pub endpoint: EndpointKey,
    /// What.
    pub event: EventKey,
}

impl DeliveryKey {
    /// What its text begins with.
    pub const PREFIX: &'static str = "dlv_";

    /// Reads the text that `Display` writes; `None` for any other.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (event, endpoint) = text.strip_prefix(Self::PREFIX)?.split_at_checked(DIGITS)?;
        Some(Self { endpoint: EndpointKey(read(endpoint)?), event: EventKey(read(event)?) })
    }
}

impl fmt::Display for DeliveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::PREFIX)?;
        write(self.event.0, f)?;
        write(self.endpoint.0, f)
    }
}

impl Serialize for DeliveryKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for DeliveryKey {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "DeliveryKey".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        text_schema(Self::PREFIX, 2)
    }
}

/// Of texts with so many numbers.
fn text_schema(prefix: &str, numbers: usize) -> Schema {
    // The first digit has the three bits that are left of 63.
    let number = format!("[0-7][0-9a-hjkmnp-tv-z]{{{}}}", DIGITS - 1);
    json_schema!({ "type": "string", "pattern": format!("^{prefix}{}$", number.repeat(numbers)) })
}

/// Mints keys of one node. Never the same twice, whatever the clock does.
#[derive(Debug)]
pub struct KeyMint {
    node: i64,
    last: Mutex<i64>,
}

impl KeyMint {
    /// Of a node, beyond the newest key that is known: after a restart the clock may have been set back.
    #[must_use]
    pub const fn new(node: u16, newest: i64) -> Self {
        Self { node: (node as i64 & MAX_NODE) << COUNTER_BITS, last: Mutex::new(newest) }
    }

    /// A new number, for a key of any kind.
    #[must_use]
    pub fn mint(&self, now: Timestamp) -> i64 {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let floor = EventKey::floor(now).0 | self.node;
        *last = if floor > *last { floor } else { self.after(*last) };
        *last
    }

    /// The next key of this node: the counter, and where that is full, the next millisecond.
    const fn after(&self, last: i64) -> i64 {
        let millis = last >> LOW_BITS;
        let same_node = last & (MAX_NODE << COUNTER_BITS) == self.node;
        if same_node && last & MAX_COUNTER < MAX_COUNTER {
            last + 1
        } else {
            ((millis + 1) << LOW_BITS) | self.node
        }
    }
}

fn write(number: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = [b'0'; DIGITS];
    let mut rest = number.cast_unsigned();
    for place in text.iter_mut().rev() {
        let digit = usize::try_from(rest & 31).unwrap_or_default();
        *place = ALPHABET.get(digit).copied().unwrap_or(b'0');
        rest >>= 5;
    }
    f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
}

/// Lower case only, as written, so that a key has one text.
fn read(text: &str) -> Option<i64> {
    if text.len() != DIGITS {
        return None;
    }
    let mut number = 0_i64;
    for byte in text.bytes() {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        number = number.checked_mul(32)?.checked_add(i64::try_from(digit).ok()?)?;
    }
    Some(number)
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const DIGITS: usize = 13;
const COUNTER_BITS: u32 = 11;
const LOW_BITS: u32 = COUNTER_BITS + 10;
const MAX_COUNTER: i64 = (1 << COUNTER_BITS) - 1;
const MAX_NODE: i64 = (1 << 10) - 1;
const MAX_MILLIS: i64 = (1 << 42) - 1;
/// 2024-01-01T00:00:00Z.
const EPOCH_MILLIS: i64 = 1_704_067_200_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(EPOCH_MILLIS + millis)
    }

    #[test]
    fn keys_rise_whatever_the_clock_does() {
        let mint = KeyMint::new(7, 0);
        let mut last = 0;
        for now in [5, 5, 6, 3, 3, 7, 0, 100].into_iter().chain(std::iter::repeat_n(9, 5000)) {
            let key = mint.mint(at(now));
            assert!(key > last);
            assert_eq!(key >> COUNTER_BITS & MAX_NODE, 7);
            last = key;
        }
        assert!(KeyMint::new(0, last).mint(at(1)) > last);
    }

    #[test]
    fn two_nodes_never_mint_the_same() {
        let (a, b) = (KeyMint::new(1, 0), KeyMint::new(2, 0));
        let mut all: Vec<_> = (0..5000).flat_map(|_| [a.mint(at(1)), b.mint(at(1))]).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 10_000);
    }

    #[test]
    fn a_key_knows_its_moment() {
        let key = EventKey(KeyMint::new(3, 0).mint(at(1_234_567)));
        assert_eq!(key.minted_at(), at(1_234_567));
        assert!(key >= EventKey::floor(at(1_234_567)) && key < EventKey::floor(at(1_234_568)));
    }

    #[test]
    fn texts_are_read_back_and_others_are_not() {
        for number in [0, 1, 31, 32, i64::MAX, KeyMint::new(1023, 0).mint(at(999_999_999))] {
            let key = EventKey(number);
            assert_eq!(EventKey::parse(&key.to_string()), Some(key));
            let delivery = DeliveryKey { endpoint: EndpointKey(number), event: EventKey(7) };
            assert_eq!(DeliveryKey::parse(&delivery.to_string()), Some(delivery));
        }
        for text in [
            "",
            "evt_",
            "evt_0",
            "ep_0000000000000",
            "evt_000000000000u",
            "evt_zzzzzzzzzzzzz",
            "evt_000000000000A",
        ] {
            assert_eq!(EventKey::parse(text), None, "{text}");
        }
        assert_eq!(DeliveryKey::parse("dlv_0000000000000é000000000000"), None);
    }
}
