//! Names of things: a prefix that says what it is, then a UUID of version 7 (RFC 9562) in hex, so that ids of one kind
//! sort by the time they were made.

use hookseal::Timestamp;

use crate::rng::{RandomError, Rng};

/// Prefix of an account.
pub const ACCOUNT: &str = "acct_";
/// Prefix of a delivery.
pub const DELIVERY: &str = "dlv_";
/// Prefix of an endpoint.
pub const ENDPOINT: &str = "ep_";
/// Prefix of an event that came without an id.
pub const EVENT: &str = "evt_";

/// Makes a new id.
///
/// # Errors
/// [`RandomError`] when there is no randomness.
pub fn mint(prefix: &str, now: Timestamp, rng: &dyn Rng) -> Result<String, RandomError> {
    let mut random = [0; 10];
    rng.fill(&mut random)?;
    let millis = u64::try_from(now.as_millis()).unwrap_or_default();
    let uuid = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
    Ok(format!("{prefix}{}", uuid.simple()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SeededRng;

    #[test]
    fn ids_sort_by_time_and_differ() {
        let rng = SeededRng::new(1);
        let at = |millis| mint(EVENT, Timestamp::from_millis(millis), &rng).unwrap();
        let ids = [at(1), at(2), at(1_700_000_000_000), at(1_700_000_000_001)];
        assert!(ids.is_sorted());
        assert_ne!(at(5), at(5));
        assert!(ids.iter().all(|id| id.len() == EVENT.len() + 32 && id.starts_with(EVENT)));
    }
}
