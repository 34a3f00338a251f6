//! Randomness, passed in.
//!
//! **Invariant.** No other file of this package asks the operating system for random bytes (`clippy.toml` forbids it).

use std::{
    fmt,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    sync::atomic::{AtomicU64, Ordering},
};

use sha2::{Digest as _, Sha256};

/// Where ids, secrets, nonces and jitter come from.
pub trait Rng: fmt::Debug + Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// [`RandomError`] when the operating system has no randomness to give.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError>;

    /// A number in `[0, 1)`, for jitter.
    ///
    /// # Errors
    /// As [`fill`](Rng::fill).
    fn unit(&self) -> Result<f64, RandomError> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes)?;
        Ok(f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0))
    }
}

/// The operating system's generator.
#[derive(Debug)]
pub struct SystemRng;

impl Rng for SystemRng {
    #[expect(clippy::disallowed_methods, reason = "this is the replacement that the lint names")]
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        getrandom::fill(bytes).map_err(|_| RandomError)
    }

    /// Jitter has to spread, not to be secret: the standard library's hash keys cost no system call each.
    fn unit(&self) -> Result<f64, RandomError> {
        let random = RandomState::new().build_hasher().finish();
        Ok(f64::from(u32::try_from(random >> 32).unwrap_or_default()) / (f64::from(u32::MAX) + 1.0))
    }
}

/// A generator that gives the same bytes for the same seed. For tests only.
#[derive(Debug)]
pub struct SeededRng {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededRng {
    /// The generator of `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Rng for SeededRng {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        for chunk in bytes.chunks_mut(32) {
            let draw = self.drawn.fetch_add(1, Ordering::Relaxed);
            let block = Sha256::new()
                .chain_update(self.seed.to_le_bytes())
                .chain_update(draw.to_le_bytes())
                .finalize();
            chunk.iter_mut().zip(block).for_each(|(to, from)| *to = from);
        }
        Ok(())
    }
}

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug)]
pub struct RandomError;

impl fmt::Display for RandomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operating system gave no random bytes")
    }
}

impl std::error::Error for RandomError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_gives_the_same_bytes() {
        let (a, b, c) = (SeededRng::new(7), SeededRng::new(7), SeededRng::new(8));
        let draw = |rng: &SeededRng| {
            let mut bytes = [0; 80];
            rng.fill(&mut bytes).unwrap();
            bytes
        };
        let first = draw(&a);
        assert_eq!(first, draw(&b));
        assert_ne!(first, draw(&a));
        assert_ne!(first, draw(&c));
    }

    #[test]
    fn unit_is_within_its_range() {
        let rng = SeededRng::new(1);
        assert!((0..1000).all(|_| (0.0..1.0).contains(&rng.unit().unwrap())));
    }
}
