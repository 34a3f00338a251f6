//! Schedules that have a name: those of the profiles, those of other senders, and that of our own clients.
//!
//! A preset of a sender is the schedule and its jitter. Which statuses are final, which disable, and how long `Retry-After`
//! may ask for are the defaults of this library, whoever's schedule it is. `api_client` is a whole policy: it is for calls
//! that somebody waits for.

use super::{RetryPolicy, policy::Jitter};
use crate::error::{Error, ErrorCode, clip};
use crate::profile::Profile;

impl RetryPolicy {
    /// A schedule by its name:
    ///
    /// | name | attempts | |
    /// |---|---|---|
    /// | `standard_webhooks` | 10 | the example of the Standard Webhooks specification |
    /// | `naive`, `ainative`, `yativo`, `nativemsg` | 3, 1, 7, 5 | what these systems document; where they are silent, ours |
    /// | `svix` | 8 | docs.svix.com/retries, ±20 % as its server spreads it |
    /// | `stripe` | 12 | like its live mode: exponential, three days at most; it does not publish the delays, these are ours |
    /// | `convoy` | 10 | the default of a project: every 100 s |
    /// | `outpost` | 11 | its default: 30 s, doubled each time |
    /// | `api_client` | 5 | of a call of an API, such as our clients make: seconds, after 408, 425, 429 and 5xx only, and no longer than two minutes in all |
    ///
    /// # Errors
    /// `invalid_argument`, with the names that there are.
    pub fn preset(name: &str) -> Result<Self, Error> {
        PRESETS
            .iter()
            .find(|preset| preset.name == name)
            .map(|preset| (preset.policy)())
            .ok_or_else(|| {
                let names = Self::presets().collect::<Vec<_>>().join(", ");
                let message = format!("preset `{}` does not exist; there are {names}", clip(name));
                Error::new(ErrorCode::InvalidArgument, message)
            })
    }

    /// The names of the presets; the first is the default.
    pub fn presets() -> impl Iterator<Item = &'static str> {
        PRESETS.iter().map(|preset| preset.name)
    }

    /// The schedule of a profile, which is the preset of that name.
    ///
    /// # Errors
    /// `unknown_profile`.
    pub fn profile(id: &str) -> Result<Self, Error> {
        Profile::get(id).map(Profile::retry_policy)
    }
}

struct Preset {
    name: &'static str,
    policy: fn() -> RetryPolicy,
}

const PRESETS: &[Preset] = &[
    Preset { name: "standard_webhooks", policy: standard_webhooks },
    Preset { name: "naive", policy: naive },
    Preset { name: "ainative", policy: ainative },
    Preset { name: "yativo", policy: yativo },
    Preset { name: "nativemsg", policy: nativemsg },
    Preset { name: "svix", policy: svix },
    Preset { name: "stripe", policy: stripe },
    Preset { name: "convoy", policy: convoy },
    Preset { name: "outpost", policy: outpost },
    Preset { name: "api_client", policy: api_client },
];

/// The example schedule of the specification: 10 attempts over three days.
pub(crate) fn standard_webhooks() -> RetryPolicy {
    RetryPolicy::list(&[
        5.0,
        5.0 * MINUTE,
        30.0 * MINUTE,
        2.0 * HOUR,
        5.0 * HOUR,
        10.0 * HOUR,
        14.0 * HOUR,
        20.0 * HOUR,
        24.0 * HOUR,
    ])
}

/// Three attempts with backoff; the delays are ours.
pub(crate) fn naive() -> RetryPolicy {
    RetryPolicy::exponential(10.0, 6.0, HOUR, 3).plus_minus(0.2)
}

/// One attempt.
pub(crate) fn ainative() -> RetryPolicy {
    RetryPolicy::list(&[])
}

/// Seven attempts.
pub(crate) fn yativo() -> RetryPolicy {
    RetryPolicy::list(&[MINUTE, 5.0 * MINUTE, 30.0 * MINUTE, 2.0 * HOUR, 6.0 * HOUR, 24.0 * HOUR])
}

/// Five attempts; the delays are ours.
pub(crate) fn nativemsg() -> RetryPolicy {
    RetryPolicy::exponential(30.0, 4.0, HOUR, 5).plus_minus(0.2)
}

/// docs.svix.com/retries; its server spreads them by ±20 %.
fn svix() -> RetryPolicy {
    RetryPolicy::list(&[
        5.0,
        5.0 * MINUTE,
        30.0 * MINUTE,
        2.0 * HOUR,
        5.0 * HOUR,
        10.0 * HOUR,
        10.0 * HOUR,
    ])
    .plus_minus(0.2)
}

/// docs.stripe.com/webhooks says "up to three days" and "exponential". The delays are ours, and with the longest of them
/// the last attempt still comes within three days.
fn stripe() -> RetryPolicy {
    RetryPolicy::exponential(5.0 * MINUTE, 2.0, 12.0 * HOUR, 12).plus_minus(0.2)
}

/// A project's default strategy in Convoy 26: linear, 100 s, 10 attempts, the first included.
fn convoy() -> RetryPolicy {
    RetryPolicy::list(&[100.0; 9])
}

/// Outpost 1.2: `retry_interval_seconds` 30, base 2, `retry_max_limit` 10 beside the first attempt, no cap.
fn outpost() -> RetryPolicy {
    RetryPolicy::exponential(30.0, 2.0, 30.0 * 512.0, 11)
}

/// Calls of an API, while the caller waits: what is wrong with the request stays wrong, what the server is short of may be
/// there in a moment. AWS Architecture Blog, "Exponential Backoff And Jitter", for the full jitter; RFC 9110 §15.5.9
/// (408), RFC 8470 §5.2 (425) and RFC 6585 §4 (429) for what may be sent again.
fn api_client() -> RetryPolicy {
    let mut policy = RetryPolicy::exponential(0.5, 2.0, 8.0, 5);
    policy.0.jitter = Jitter::Full;
    policy.0.max_age_seconds = Some(2.0 * MINUTE);
    policy.0.max_retry_after_seconds = MINUTE;
    policy.0.final_statuses =
        (300..=499).filter(|status| !matches!(status, 408 | 425 | 429)).collect();
    policy.0.disable_statuses = Vec::new();
    policy
}

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{retry::Outcome, timestamp::Timestamp};

    fn delays(name: &str) -> Vec<u64> {
        let policy = RetryPolicy::preset(name).unwrap();
        let rows = policy.schedule();
        rows.iter().skip(1).map(|row| (row.min_delay + row.max_delay).as_secs() / 2).collect()
    }

    #[test]
    fn the_four_systems_keep_their_schedules() {
        assert_eq!(delays("yativo"), [60, 300, 1800, 7200, 21600, 86400]);
        assert_eq!(delays("ainative"), [0_u64; 0]);
        assert_eq!(delays("naive"), [10, 60]);
        assert_eq!(delays("nativemsg"), [30, 120, 480, 1920]);
    }

    #[test]
    fn other_senders_are_as_they_document() {
        assert_eq!(delays("svix"), [5, 300, 1800, 7200, 18000, 36000, 36000]);
        assert_eq!(delays("convoy"), [100; 9]);
        assert_eq!(delays("outpost"), [30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15360]);
        let days = |name| {
            let rows = RetryPolicy::preset(name).unwrap().schedule();
            rows.last().unwrap().max_elapsed.as_secs_f64() / 86400.0
        };
        assert!((2.5..=3.0).contains(&days("stripe")), "{}", days("stripe"));
        assert!((3.0..=3.2).contains(&days("standard_webhooks")));
    }

    #[test]
    fn a_client_of_an_api_waits_for_what_may_change() {
        let policy = RetryPolicy::preset("api_client").unwrap();
        let longest: Vec<_> =
            policy.schedule().iter().map(|row| row.max_delay.as_millis()).collect();
        assert_eq!(longest, [0, 500, 1000, 2000, 4000]);
        let now = Timestamp::from_millis(0);
        let next = |status, retry_after| {
            let outcome = Outcome::Response { status, retry_after, delivery: None };
            policy.next(1, &outcome, now, now, 0.0).unwrap().as_str()
        };
        for status in [408, 425, 429, 500, 501, 503, 599] {
            assert_eq!(next(status, Some("60")), "retry", "{status}");
            assert_eq!(next(status, Some("61")), "give_up", "{status}");
        }
        for status in [301, 304, 400, 401, 404, 409, 410, 422, 499] {
            assert_eq!(next(status, None), "give_up", "{status}");
        }
    }

    #[test]
    fn every_profile_has_the_preset_of_its_name() {
        for profile in Profile::ALL {
            assert_eq!(RetryPolicy::preset(profile.id).unwrap(), profile.retry_policy());
            assert_eq!(RetryPolicy::profile(profile.id).unwrap(), profile.retry_policy());
        }
        assert_eq!(RetryPolicy::presets().next(), Profile::ALL.first().map(|profile| profile.id));
        let error = RetryPolicy::preset("stripes").unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidArgument);
        assert!(
            error.message().starts_with("preset `stripes` does not exist; there are standard_")
        );
        assert_eq!(RetryPolicy::profile("svix").unwrap_err().code(), ErrorCode::UnknownProfile);
    }
}
