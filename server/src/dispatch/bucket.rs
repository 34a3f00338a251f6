//! A token bucket: attempts per second.

use std::time::Duration;

/// Holds at most one second's tokens; time comes in as [`Clock::elapsed`](crate::clock::Clock::elapsed).
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    per_second: f64,
    tokens: f64,
    at: Duration,
}

impl Bucket {
    /// A full one. `share` is the part of the rate that is this node's.
    pub(super) fn new(per_second: u32, share: f64, now: Duration) -> Self {
        let per_second = f64::from(per_second.max(1)) * share;
        Self { per_second, tokens: per_second.max(1.0), at: now }
    }

    /// The endpoint was changed: what is left is no more than there was, though it be another rate.
    pub(super) fn follow(self, former: Option<&Self>, now: Duration) -> Self {
        let Some(former) = former else { return self };
        Self { tokens: former.left(now).min(self.tokens), ..self }
    }

    /// The share became `factor` times what it was.
    pub(super) fn scale(&mut self, factor: f64) {
        self.per_second *= factor;
        self.tokens = self.tokens.min(self.per_second.max(1.0));
    }

    /// Whether a new one would hold no more than this.
    pub(super) fn is_full(&self, now: Duration) -> bool {
        self.left(now) >= self.per_second.max(1.0)
    }

    /// What is in it, however much it holds.
    fn left(&self, now: Duration) -> f64 {
        self.tokens + now.saturating_sub(self.at).as_secs_f64() * self.per_second
    }

    /// How many it lets out in such a time, one at least.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate is positive, and what is too large is as good as the largest"
    )]
    pub(super) fn within(&self, time: Duration) -> u32 {
        ((self.per_second * time.as_secs_f64()) as u32).max(1)
    }

    /// Takes a token, or says after how long there is one for sure.
    pub(super) fn take(&mut self, now: Duration) -> Result<(), Duration> {
        self.tokens = self.left(now).min(self.per_second.max(1.0));
        self.at = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        // Rounded, it could be too short, or nothing at all: who asks again then would ask forever.
        Err(Duration::from_secs_f64((1.0 - self.tokens) / self.per_second)
            + Duration::from_nanos(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_kept_over_any_time() {
        let mut bucket = Bucket::new(10, 1.0, Duration::ZERO);
        let (mut now, mut taken) = (Duration::ZERO, 0);
        while now < Duration::from_secs(5) {
            match bucket.take(now) {
                Ok(()) => taken += 1,
                Err(wait) => now += wait,
            }
        }
        // One second's worth at once, and then the rate.
        assert!((59..=60).contains(&taken), "{taken}");
    }

    #[test]
    fn a_share_follows_the_number_of_nodes() {
        let mut bucket = Bucket::new(90, 1.0, Duration::ZERO);
        assert!(bucket.is_full(Duration::ZERO));
        bucket.scale(1.0 / 3.0);
        let taken = (0..100).filter(|_| bucket.take(Duration::ZERO).is_ok()).count();
        assert_eq!(taken, 30);
        assert!(!bucket.is_full(Duration::from_millis(900)));
        assert!(bucket.is_full(Duration::from_millis(1001)));
        bucket.scale(3.0);
        let wait = bucket.take(Duration::ZERO).unwrap_err();
        assert_eq!(wait.as_micros(), 1_000_000 / 90);
    }

    #[test]
    fn after_the_wait_there_is_a_token() {
        for rate in 1..=50 {
            for millis in 0..1000 {
                // What is left of a token by then is often less than what rounding takes away.
                let mut bucket = Bucket::new(rate, 1.0, Duration::ZERO);
                while bucket.take(Duration::ZERO).is_ok() {}
                let now = Duration::from_millis(millis);
                while bucket.take(now).is_ok() {}
                let wait = bucket.take(now).unwrap_err();
                assert_eq!(bucket.take(now + wait), Ok(()), "{rate} {millis}");
            }
        }
    }

    #[test]
    fn a_change_fills_no_bucket() {
        let second = Duration::from_secs(1);
        let mut former = Bucket::new(10, 1.0, Duration::ZERO);
        while former.take(Duration::ZERO).is_ok() {}
        let left =
            |mut bucket: Bucket| (0..100).filter(|_| bucket.take(second / 2).is_ok()).count();
        let new = |rate| Bucket::new(rate, 1.0, second / 2);
        assert_eq!(left(new(10).follow(Some(&former), second / 2)), 5);
        assert_eq!(left(new(100).follow(Some(&former), second / 2)), 5);
        assert_eq!(left(new(2).follow(Some(&former), second / 2)), 2);
        assert_eq!(left(new(10).follow(None, second / 2)), 10);
    }

    #[test]
    fn a_share_of_a_small_rate_still_sends() {
        let mut bucket = Bucket::new(1, 0.25, Duration::ZERO);
        assert!(bucket.take(Duration::ZERO).is_ok());
        let wait = bucket.take(Duration::ZERO).unwrap_err();
        assert_eq!(wait, Duration::from_secs(4) + Duration::from_nanos(1));
        assert!(bucket.take(wait).is_ok());
    }
}
