//! HMAC-SHA256 (RFC 2104) that begins where the key ends.
//!
//! HMAC hashes one block made of the key before the message, and one before the inner digest. The states after those two
//! blocks are all of the key that signing needs: kept, they save two of the blocks of every message, and they are the
//! form in which a key can be stored without the secret ([`OneWayKey`](crate::OneWayKey)). The compression of a block is
//! that of `sha2`; what is here puts blocks together.
//!
//! **Invariants.** At most one block is kept back, so a message is never copied as a whole.

use std::slice::from_ref;

use sha2::block_api::compress256;
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Length of a block in bytes.
const BLOCK_LEN: usize = 64;
/// Length of a state, and of a digest, in bytes.
pub(crate) const STATE_LEN: usize = 32;
/// Where in the last block the length of the message stands.
const LENGTH_AT: usize = BLOCK_LEN - 8;

/// FIPS 180-4 §5.3.3.
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The two states of a key.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Key {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl Key {
    pub(crate) fn new(key: &[u8]) -> Self {
        let mut block = Zeroizing::new([0u8; BLOCK_LEN]);
        let hashed;
        let source: &[u8] = if key.len() > BLOCK_LEN {
            hashed = Zeroizing::new(<[u8; STATE_LEN]>::from(Sha256::digest(key)));
            hashed.as_slice()
        } else {
            key
        };
        block.iter_mut().zip(source).for_each(|(to, from)| *to = *from);
        let state_after = |pad: u8| {
            let mut state = INITIAL;
            compress256(&mut state, &[*Zeroizing::new(block.map(|byte| byte ^ pad))]);
            state
        };
        Self { inner: state_after(0x36), outer: state_after(0x5c) }
    }

    /// From the form of [`to_bytes`](Self::to_bytes).
    pub(crate) fn from_bytes(bytes: &[u8; 2 * STATE_LEN]) -> Self {
        let (words, _) = bytes.as_chunks::<4>();
        let mut key = Self { inner: [0; 8], outer: [0; 8] };
        let states = key.inner.iter_mut().chain(&mut key.outer);
        states.zip(words).for_each(|(state, word)| *state = u32::from_be_bytes(*word));
        key
    }

    /// The states, inner then outer, eight big-endian words each.
    pub(crate) fn to_bytes(&self) -> Zeroizing<[u8; 2 * STATE_LEN]> {
        let mut bytes = Zeroizing::new([0; 2 * STATE_LEN]);
        write_words(self.inner.iter().chain(&self.outer), bytes.as_mut_slice());
        bytes
    }

    pub(crate) fn start(&self) -> Message<'_> {
        Message {
            key: self,
            state: self.inner,
            block: [0; BLOCK_LEN],
            filled: 0,
            len: BLOCK_LEN as u64,
        }
    }
}

/// A message that is being signed.
pub(crate) struct Message<'k> {
    key: &'k Key,
    state: [u32; 8],
    /// What does not fill a block yet: there is room for a byte, always.
    block: [u8; BLOCK_LEN],
    filled: usize,
    len: u64,
}

impl Message<'_> {
    #[inline]
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.len += bytes.len() as u64;
        let room = self.block.get_mut(self.filled..).unwrap_or_default();
        match room.split_at_mut_checked(bytes.len()) {
            Some((start, [_, ..])) => {
                start.copy_from_slice(bytes);
                self.filled += bytes.len();
            }
            _ => self.update_blocks(bytes),
        }
    }

    /// Takes what ends a block.
    #[inline(never)]
    fn update_blocks(&mut self, mut bytes: &[u8]) {
        let room = self.block.get_mut(self.filled..).unwrap_or_default();
        if self.filled > 0
            && let Some((end, rest)) = bytes.split_at_checked(room.len())
        {
            room.copy_from_slice(end);
            compress256(&mut self.state, from_ref(&self.block));
            bytes = rest;
        }
        let (blocks, rest) = bytes.as_chunks();
        compress256(&mut self.state, blocks);
        self.filled = rest.len();
        if let Some(start) = self.block.get_mut(..rest.len()) {
            start.copy_from_slice(rest);
        }
    }

    #[inline]
    pub(crate) fn finish(&mut self) -> [u8; STATE_LEN] {
        // A one bit, zeros, and the length in bits (FIPS 180-4 §5.1.1).
        if let Some([one, zeros @ ..]) = self.block.get_mut(self.filled..) {
            *one = 0x80;
            zeros.fill(0);
        }
        if self.filled >= LENGTH_AT {
            compress256(&mut self.state, from_ref(&self.block));
            self.block = [0; BLOCK_LEN];
        }
        write_length(&mut self.block, self.len);
        compress256(&mut self.state, from_ref(&self.block));

        let mut block = [0; BLOCK_LEN];
        write_words(self.state.iter(), &mut block);
        if let Some(after) = block.get_mut(STATE_LEN) {
            *after = 0x80;
        }
        write_length(&mut block, (BLOCK_LEN + STATE_LEN) as u64);
        let mut state = self.key.outer;
        compress256(&mut state, from_ref(&block));
        let mut digest = [0; STATE_LEN];
        write_words(state.iter(), &mut digest);
        digest
    }
}

#[inline]
fn write_words<'w>(words: impl Iterator<Item = &'w u32>, to: &mut [u8]) {
    let (chunks, _) = to.as_chunks_mut::<4>();
    chunks.iter_mut().zip(words).for_each(|(chunk, word)| *chunk = word.to_be_bytes());
}

/// Writes the length of `len` bytes, in bits, at the end of a last block.
#[inline]
fn write_length(block: &mut [u8; BLOCK_LEN], len: u64) {
    if let Some(end) = block.last_chunk_mut() {
        *end = len.wrapping_mul(8).to_be_bytes();
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit as _, Mac as _};

    use super::*;

    /// Every length of key and message around the ends of blocks, cut in every way that matters.
    #[test]
    fn agrees_with_the_library() {
        let message: Vec<u8> = (0..=255).cycle().take(300).collect();
        for key_len in [1, 31, 32, 63, 64, 65, 200] {
            let secret = vec![0xa7; key_len];
            let key = Key::new(&secret);
            assert_eq!(*Key::from_bytes(&key.to_bytes()).to_bytes(), *key.to_bytes());
            let library = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
            for len in (0..=130).chain([191, 192, 193, 300]) {
                let expected = library.clone().chain_update(&message[..len]).finalize();
                for cut in [0, 1, 17, 63, 64, 65, len] {
                    let (head, tail) = message[..len].split_at(cut.min(len));
                    let mut signed = key.start();
                    signed.update(head);
                    signed.update(tail);
                    assert_eq!(signed.finish(), *expected.as_bytes(), "{key_len} {len} {cut}");
                }
            }
        }
    }
}
