//! HMAC-SHA256 and HMAC-SHA1 (RFC 2104) that begin where the key ends.
//!
//! HMAC hashes one block made of the key before the message, and one before the inner digest. The states after those two
//! blocks are all of the key that signing needs: kept, they save two of the blocks of every message, and they are the
//! form in which a key can be stored without the secret ([`OneWayKey`](crate::OneWayKey)).

use zeroize::Zeroizing;
#[cfg(any(feature = "whole", not(feature = "heap-wipes")))]
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::block_hash::{BLOCK_LEN, BlockHash, Kind, MAX_DIGEST_LEN, State};

/// Length of a state in bytes.
pub(crate) const STATE_LEN: usize = size_of::<State>();

/// The two states of a key.
#[derive(Clone)]
#[cfg_attr(any(feature = "whole", not(feature = "heap-wipes")), derive(Zeroize, ZeroizeOnDrop))]
pub(crate) struct Key {
    #[cfg_attr(any(feature = "whole", not(feature = "heap-wipes")), zeroize(skip))]
    kind: Kind,
    inner: State,
    outer: State,
}

impl Key {
    pub(crate) fn new(kind: Kind, key: &[u8]) -> Self {
        let mut block = Zeroizing::new([0u8; BLOCK_LEN]);
        if key.len() > BLOCK_LEN {
            let mut hash = BlockHash::from_state(kind, kind.initial(), 0);
            hash.update(key);
            let digest = Zeroizing::new(hash.finish());
            let digest = digest.iter().take(kind.digest_len());
            block.iter_mut().zip(digest).for_each(|(to, from)| *to = *from);
        } else {
            block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        }
        let state_after = |pad: u8| {
            let mut state = kind.initial();
            kind.compress(&mut state, &[*Zeroizing::new(block.map(|byte| byte ^ pad))]);
            state
        };
        Self { kind, inner: state_after(0x36), outer: state_after(0x5c) }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// From the form of [`to_bytes`](Self::to_bytes).
    pub(crate) fn from_bytes(bytes: &[u8; 2 * STATE_LEN]) -> Self {
        let (words, _) = bytes.as_chunks::<4>();
        let mut key = Self { kind: Kind::Sha256, inner: [0; 8], outer: [0; 8] };
        let Self { inner, outer, .. } = &mut key;
        let states = inner.iter_mut().chain(outer);
        states.zip(words).for_each(|(state, word)| *state = u32::from_be_bytes(*word));
        key
    }

    /// The states, inner then outer, eight big-endian words each.
    pub(crate) fn to_bytes(&self) -> Zeroizing<[u8; 2 * STATE_LEN]> {
        let mut bytes = Zeroizing::new([0; 2 * STATE_LEN]);
        let (chunks, _) = bytes.as_chunks_mut::<4>();
        let words = self.inner.iter().chain(&self.outer);
        chunks.iter_mut().zip(words).for_each(|(chunk, word)| *chunk = word.to_be_bytes());
        bytes
    }

    #[inline]
    pub(crate) fn start(&self) -> Message<'_> {
        Message { key: self, hash: BlockHash::from_state(self.kind, self.inner, BLOCK_LEN) }
    }
}

/// A message that is being signed.
pub(crate) struct Message<'k> {
    key: &'k Key,
    hash: BlockHash,
}

impl Message<'_> {
    #[inline]
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
    }

    /// The tag, in the first bytes.
    pub(crate) fn finish(&mut self) -> [u8; MAX_DIGEST_LEN] {
        let digest = self.hash.finish();
        let mut outer = BlockHash::from_state(self.key.kind, self.key.outer, BLOCK_LEN);
        outer.update(digest.get(..self.key.kind.digest_len()).unwrap_or_default());
        outer.finish()
    }
}

#[cfg(all(test, feature = "broad"))]
mod tests {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    use sha1::Sha1;
    use sha2::Sha256;

    use super::*;

    /// Every length of key and message around the ends of blocks, cut in every way that matters.
    #[test]
    fn agrees_with_the_library() {
        let message: Vec<u8> = (0..=255).cycle().take(300).collect();
        for key_len in [1, 31, 32, 63, 64, 65, 200] {
            let secret = vec![0xa7; key_len];
            let key = Key::new(Kind::Sha256, &secret);
            assert_eq!(*Key::from_bytes(&key.to_bytes()).to_bytes(), *key.to_bytes());
            let library = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
            let (key1, library1) =
                (Key::new(Kind::Sha1, &secret), Hmac::<Sha1>::new_from_slice(&secret).unwrap());
            for len in (0..=130).chain([191, 192, 193, 300]) {
                let expected = library.clone().chain_update(&message[..len]).finalize();
                let expected1 = library1.clone().chain_update(&message[..len]).finalize();
                for cut in [0, 1, 17, 63, 64, 65, len] {
                    let (head, tail) = message[..len].split_at(cut.min(len));
                    let tag_of = |key: &Key| {
                        let mut signed = key.start();
                        signed.update(head);
                        signed.update(tail);
                        signed.finish()
                    };
                    assert_eq!(tag_of(&key), *expected.as_bytes(), "{key_len} {len} {cut}");
                    assert_eq!(
                        tag_of(&key1)[..20],
                        expected1.as_bytes()[..],
                        "{key_len} {len} {cut}"
                    );
                }
            }
        }
    }
}
