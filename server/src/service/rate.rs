//! How often a key may call.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    error::{ApiCode, ApiError},
    store::ApiKeyId,
};

/// A token bucket per API key: so many requests per second, and as many at once after a pause.
///
/// A bucket is one moment: when it will be full again (the generic cell rate algorithm, ITU-T I.371).
#[derive(Debug)]
pub(super) struct RateLimit {
    /// The time that one request costs; nothing where there is no limit.
    cost: Duration,
    full_at: Mutex<HashMap<ApiKeyId, Duration>>,
}

impl RateLimit {
    /// So many requests per second; 0 for any number.
    pub(super) fn new(per_second: u32) -> Self {
        let cost = Duration::from_secs(1).checked_div(per_second).unwrap_or_default();
        Self { cost, full_at: Mutex::default() }
    }

    /// Takes a token at `now`.
    ///
    /// # Errors
    /// `rate_limited` when there is none.
    pub(super) fn take(&self, key: ApiKeyId, now: Duration) -> Result<(), ApiError> {
        if self.cost.is_zero() {
            return Ok(());
        }
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= MAX_KEYS {
            full_at.retain(|_, full_at| *full_at > now);
        }
        let bucket = full_at.entry(key).or_default();
        let after = (*bucket).max(now) + self.cost;
        if after.saturating_sub(now) > BURST {
            let message = "this API key has sent more requests than its rate allows";
            return Err(ApiError::new(ApiCode::RateLimited, message));
        }
        *bucket = after;
        Ok(())
    }
}

/// What a full bucket holds: a second's worth. So whoever is refused can call again within a second.
const BURST: Duration = Duration::from_secs(1);
/// Beyond that, full buckets are dropped: a key that is not there has one.
const MAX_KEYS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_its_rate_and_a_burst_of_a_second() {
        let limit = RateLimit::new(10);
        let taken = |key, millis| limit.take(ApiKeyId(key), Duration::from_millis(millis)).is_ok();
        assert_eq!((0..30).filter(|_| taken(1, 0)).count(), 10);
        assert_eq!((0..30).filter(|_| taken(2, 0)).count(), 10);
        assert!(!taken(1, 99));
        assert!(taken(1, 100) && !taken(1, 100));
        assert_eq!((0..30).filter(|_| taken(1, 500)).count(), 4);
        assert_eq!((0..30).filter(|_| taken(1, 60_000)).count(), 10);
        // A clock that is asked out of order gives nothing away.
        assert!(!taken(1, 59_000));
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let limit = RateLimit::new(0);
        assert!((0..10_000).all(|_| limit.take(ApiKeyId(1), Duration::ZERO).is_ok()));
    }

    #[test]
    fn full_buckets_are_not_kept() {
        let limit = RateLimit::new(1);
        for key in 0..25_000 {
            let now = Duration::from_secs(u64::try_from(key).unwrap() / 5_000 * 10);
            limit.take(ApiKeyId(key), now).unwrap();
        }
        assert!(limit.full_at.lock().unwrap().len() <= MAX_KEYS);
    }
}
