//! SHA-256 and SHA-1 (FIPS 180-4), from any state on. The compression of blocks is that of `sha2` and `sha1`; what is here
//! puts blocks together.
//!
//! **Invariants.** At most one block is kept back, so a message is never copied as a whole.

use std::slice::from_ref;

use sha2::block_api::compress256;

/// Length of a block in bytes.
pub(crate) const BLOCK_LEN: usize = 64;
/// Length of the longest digest, that of SHA-256, in bytes.
pub(crate) const MAX_DIGEST_LEN: usize = 32;
/// Where in the last block the length of the message stands.
const LENGTH_AT: usize = BLOCK_LEN - 8;

/// The words between two blocks; SHA-1 has five.
pub(crate) type State = [u32; 8];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    #[cfg(feature = "broad")]
    Sha1,
    Sha256,
}

impl Kind {
    /// Length of a digest in bytes.
    pub(crate) fn digest_len(self) -> usize {
        match self {
            #[cfg(feature = "broad")]
            Self::Sha1 => 20,
            Self::Sha256 => MAX_DIGEST_LEN,
        }
    }

    /// FIPS 180-4 §5.3.1 and §5.3.3.
    pub(crate) fn initial(self) -> State {
        match self {
            #[cfg(feature = "broad")]
            Self::Sha1 => {
                [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0, 0, 0, 0]
            }
            Self::Sha256 => [
                0x6a09_e667,
                0xbb67_ae85,
                0x3c6e_f372,
                0xa54f_f53a,
                0x510e_527f,
                0x9b05_688c,
                0x1f83_d9ab,
                0x5be0_cd19,
            ],
        }
    }

    #[inline]
    pub(crate) fn compress(self, state: &mut State, blocks: &[[u8; BLOCK_LEN]]) {
        match self {
            Self::Sha256 => compress256(state, blocks),
            #[cfg(feature = "broad")]
            Self::Sha1 => {
                if let Some(state) = state.first_chunk_mut() {
                    compress_sha1(state, blocks);
                }
            }
        }
    }
}

#[cfg(feature = "whole")]
use sha1::block_api::compress as compress_sha1;
#[cfg(all(feature = "broad", not(feature = "whole")))]
use small::compress_sha1;

/// SHA-1 without the library's, whose unrolled rounds take ten times the code.
#[cfg(any(test, all(feature = "broad", not(feature = "whole"))))]
mod small {
    use super::BLOCK_LEN;

    /// FIPS 180-4 §6.1.3: the words of a block are made as they are needed, in the place of those that are not any more.
    pub(super) fn compress_sha1(state: &mut [u32; 5], blocks: &[[u8; BLOCK_LEN]]) {
        for block in blocks {
            let (chunks, _) = block.as_chunks::<4>();
            let mut words = [0_u32; 16];
            words
                .iter_mut()
                .zip(chunks)
                .for_each(|(word, bytes)| *word = u32::from_be_bytes(*bytes));
            let [mut a, mut b, mut c, mut d, mut e] = *state;
            for round in 0..80_usize {
                let word = |back: usize| words.get((round + 16 - back) % 16).copied().unwrap_or(0);
                let new = match round {
                    0..16 => word(16),
                    _ => (word(3) ^ word(8) ^ word(14) ^ word(16)).rotate_left(1),
                };
                if let Some(word) = words.get_mut(round % 16) {
                    *word = new;
                }
                let (mixed, constant) = match round {
                    0..20 => (d ^ b & (c ^ d), 0x5a82_7999),
                    20..40 => (b ^ c ^ d, 0x6ed9_eba1),
                    40..60 => (b & c | d & (b | c), 0x8f1b_bcdc),
                    _ => (b ^ c ^ d, 0xca62_c1d6_u32),
                };
                let sum = a.rotate_left(5).wrapping_add(mixed).wrapping_add(e);
                let sum = sum.wrapping_add(constant).wrapping_add(new);
                (a, b, c, d, e) = (sum, a, b.rotate_left(30), c, d);
            }
            let sums = state.iter_mut().zip([a, b, c, d, e]);
            sums.for_each(|(word, sum)| *word = word.wrapping_add(sum));
        }
    }
}

/// A message that is being hashed.
pub(crate) struct BlockHash {
    kind: Kind,
    state: State,
    /// What does not fill a block yet, and zeros behind it: there is room for a byte, always.
    block: [u8; BLOCK_LEN],
    filled: usize,
    len: u64,
}

impl BlockHash {
    /// Goes on from a state that was reached after `len` bytes, which are whole blocks.
    #[inline]
    pub(crate) fn from_state(kind: Kind, state: State, len: usize) -> Self {
        Self { kind, state, block: [0; BLOCK_LEN], filled: 0, len: len as u64 }
    }

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
            self.kind.compress(&mut self.state, from_ref(&self.block));
            bytes = rest;
        }
        let (blocks, rest) = bytes.as_chunks();
        // Before the blocks are hashed: what is written long before it is read is read faster.
        self.block = [0; BLOCK_LEN];
        if let Some(start) = self.block.get_mut(..rest.len()) {
            start.copy_from_slice(rest);
        }
        self.filled = rest.len();
        self.kind.compress(&mut self.state, blocks);
    }

    /// The digest, in the first bytes.
    #[inline]
    pub(crate) fn finish(&mut self) -> [u8; MAX_DIGEST_LEN] {
        // A one bit, zeros, and the length in bits (FIPS 180-4 §5.1.1).
        if let Some(one) = self.block.get_mut(self.filled) {
            *one = 0x80;
        }
        if self.filled >= LENGTH_AT {
            self.kind.compress(&mut self.state, from_ref(&self.block));
            self.block = [0; BLOCK_LEN];
        }
        if let Some(end) = self.block.last_chunk_mut() {
            *end = self.len.wrapping_mul(8).to_be_bytes();
        }
        self.kind.compress(&mut self.state, from_ref(&self.block));
        let mut digest = [0; MAX_DIGEST_LEN];
        let (words, _) = digest.as_chunks_mut::<4>();
        words.iter_mut().zip(&self.state).for_each(|(to, word)| *to = word.to_be_bytes());
        digest
    }
}

/// The SHA-256 of a message in one piece.
pub(crate) fn sha256(message: &[u8]) -> [u8; MAX_DIGEST_LEN] {
    let mut hash = BlockHash::from_state(Kind::Sha256, Kind::Sha256.initial(), 0);
    hash.update(message);
    hash.finish()
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn agrees_with_the_library() {
        let message: Vec<u8> = (0..=255).cycle().take(300).collect();
        for len in (0..=130).chain([191, 192, 193, 300]) {
            assert_eq!(sha256(&message[..len]), *Sha256::digest(&message[..len]), "{len}");
        }
    }

    #[test]
    fn small_sha1_agrees_with_the_library() {
        let blocks: [[u8; BLOCK_LEN]; 40] =
            std::array::from_fn(|block| std::array::from_fn(|at| (block * 83 + at * 7) as u8));
        let (mut state, mut expected) = ([1, 2, u32::MAX, 4, 5], [1, 2, u32::MAX, 4, 5]);
        small::compress_sha1(&mut state, &blocks);
        sha1::block_api::compress(&mut expected, &blocks);
        assert_eq!(state, expected);
    }
}
