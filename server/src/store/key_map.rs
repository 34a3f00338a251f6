//! Maps by the keys of rows.
//!
//! Keys are numbers that the server minted, so nobody can choose them to collide, and a hash that withstands that would cost
//! more than the look-up.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// A map by a key of [`store`](crate::store), or by one made of several.
pub(crate) type KeyMap<K, V> = HashMap<K, V, BuildHasherDefault<KeyHasher>>;

/// Spreads numbers over all bits.
#[derive(Debug, Default)]
pub(crate) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_i64(&mut self, number: i64) {
        self.write_u64(number.cast_unsigned());
    }

    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(ODD);
        // A product is spread over its high half; the map looks at both.
        self.0 = mixed ^ (mixed >> 32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// 2^64 over the golden ratio.
const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, hash::BuildHasher as _};

    use super::*;
    use crate::store::{DeliveryKey, EndpointKey, EventKey};

    #[test]
    fn keys_that_follow_each_other_are_spread() {
        let hasher = BuildHasherDefault::<KeyHasher>::default();
        let key = |event: i64, endpoint: i32| DeliveryKey {
            endpoint: EndpointKey(i64::from(endpoint) << 21),
            event: EventKey(event),
        };
        let hashes = (0..64).flat_map(|event| (0..64).map(move |endpoint| key(event, endpoint)));
        let hashes: Vec<_> = hashes.map(|key| hasher.hash_one(key)).collect();
        assert_eq!(hashes.iter().collect::<HashSet<_>>().len(), 4096);
        // Of as many numbers as there are places, a good hash leaves some 37 % of the places empty.
        for shift in [0, 52] {
            let places: HashSet<_> = hashes.iter().map(|hash| hash >> shift & 0xfff).collect();
            assert!(places.len() > 2400, "{shift}: {}", places.len());
        }
    }
}
