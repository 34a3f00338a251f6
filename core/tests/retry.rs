//! What holds for every retry policy and every answer.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::time::Duration;

use hookseal::{Decision, GiveUpReason, Outcome, RetryPolicy, Timestamp};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_seconds(1_777_111_523);
const WEEK_MILLIS: i64 = 604_800_000;

/// The JSON of a schedule, and the longest delay in it.
fn schedules() -> impl Strategy<Value = (String, f64)> {
    let list = prop::collection::vec(0.0..1e6, 0..12).prop_map(|delays| {
        let longest = delays.iter().copied().fold(0.0, f64::max);
        (format!(r#"{{"list":{delays:?}}}"#), longest)
    });
    let exponential = (0.0..1e5, 1.0..20.0, 0.0..1e6, 1..40u32).prop_map(
        |(initial, factor, max, attempts): (f64, f64, f64, u32)| {
            let fields = format!(
                r#""initial_seconds":{initial},"factor":{factor},"max_seconds":{max},"max_attempts":{attempts}"#
            );
            (format!(r#"{{"exponential":{{{fields}}}}}"#), max)
        },
    );
    prop_oneof![list, exponential]
}

/// A policy, and the longest wait that it may draw in milliseconds.
fn policies() -> impl Strategy<Value = (RetryPolicy, i64)> {
    let jitters = prop_oneof![
        prop::sample::select(vec!["none", "full", "equal", "decorrelated"])
            .prop_map(|name| (format!("{name:?}"), 0.0)),
        (0.0..=1.0).prop_map(|ratio: f64| (format!(r#"{{"plus_minus":{ratio}}}"#), ratio)),
    ];
    let policies = (schedules(), jitters, prop::option::of(0.0..1e7));
    policies.prop_filter_map("fits no list", |((schedule, longest), (jitter, more), age)| {
        let age = age.map(|seconds: f64| format!(r#","max_age_seconds":{seconds}"#));
        let json =
            format!(r#"{{"schedule":{schedule},"jitter":{jitter}{}}}"#, age.unwrap_or_default());
        let policy = RetryPolicy::from_json(&json).ok()?;
        Some((policy, (longest * (1.0 + more) * 1000.0).round() as i64 + 1))
    })
}

fn wait(policy: &RetryPolicy, attempt: u32, first: Timestamp, now: Timestamp, random: f64) -> i64 {
    match policy.next(attempt, &Outcome::NoResponse, first, now, random).unwrap() {
        Decision::RetryAt(at) => at.as_millis() - now.as_millis(),
        other => panic!("attempt {attempt}: {other:?}"),
    }
}

proptest! {
    #[test]
    fn a_policy_survives_json((policy, _) in policies()) {
        prop_assert_eq!(RetryPolicy::from_json(&policy.to_json()).unwrap(), policy);
    }

    #[test]
    fn a_delay_is_within_its_cap_and_grows_with_the_random_number(
        (policy, longest) in policies(), attempt in 1..40u32, random in 0.0..=1.0, less in 0.0..=1.0,
        previous in prop::option::of(0..10_000_000_000u64),
    ) {
        let next = |random| {
            let previous = previous.map(Duration::from_millis);
            policy.next_after(previous, attempt, &Outcome::status(503), NOW, NOW, random).unwrap()
        };
        if let (Decision::RetryAt(lower), Decision::RetryAt(upper)) = (next(random * less), next(random)) {
            prop_assert!(NOW <= lower && lower <= upper);
            prop_assert!(upper.as_millis() - NOW.as_millis() <= longest);
        }
    }

    #[test]
    fn a_retry_is_never_earlier_than_asked(
        (policy, _) in policies(), attempt in 1..40u32, asked in 0..2_000_000i64, date: bool, random in 0.0..=1.0,
    ) {
        let then = NOW.plus_millis(asked * 1000);
        let value = if date { hookseal::TimestampUnit::HttpDate.format(then) } else { asked.to_string() };
        let outcome = Outcome::Response { status: 503, retry_after: Some(&value), delivery: None };
        match policy.next(attempt, &outcome, NOW, NOW, random).unwrap() {
            Decision::RetryAt(at) => prop_assert!(at >= then),
            Decision::GiveUp(GiveUpReason::RetryAfterTooLong) => prop_assert!(asked * 1000 > WEEK_MILLIS),
            Decision::GiveUp(_) => {}
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn nobody_parks_a_delivery(
        (policy, longest) in policies(), attempt in 1..40u32, value in "[0-9]{1,30}", delivery in ".{0,12}",
    ) {
        let outcome = Outcome::Response { status: 429, retry_after: Some(&value), delivery: Some(&delivery) };
        if let Decision::RetryAt(at) = policy.next(attempt, &outcome, NOW, NOW, 1.0).unwrap() {
            prop_assert!(at.as_millis() - NOW.as_millis() <= longest.max(WEEK_MILLIS));
        }
    }

    #[test]
    fn the_schedule_is_what_next_decides((policy, _) in policies()) {
        let rows = policy.schedule();
        prop_assert_eq!(policy.table().lines().count(), rows.len() + 1);
        // The late chain breaks off where it exceeds the policy's age; from there on the rows say what is left.
        let (mut early, mut late) = (NOW, Some(NOW));
        for (row, number) in rows.iter().zip(1..) {
            prop_assert_eq!(row.attempt, number);
            prop_assert!(row.min_delay <= row.max_delay && row.min_elapsed <= row.max_elapsed);
            if number > 1 {
                let delay = wait(&policy, number - 1, NOW, early, 0.0);
                early = early.plus_millis(delay);
                prop_assert_eq!(Duration::from_millis(delay as u64), row.min_delay);
                late = late.and_then(|late| {
                    policy.next(number - 1, &Outcome::NoResponse, NOW, late, 1.0).unwrap().retry_at()
                });
                if let Some(late) = late {
                    prop_assert_eq!(row.max_elapsed.as_millis() as i64, late.as_millis() - NOW.as_millis());
                }
            }
            prop_assert_eq!(row.min_elapsed.as_millis() as i64, early.as_millis() - NOW.as_millis());
        }
        let last = u32::try_from(rows.len()).unwrap();
        let after = policy.next(last, &Outcome::NoResponse, NOW, early, 0.0).unwrap();
        let ended = matches!(after, Decision::GiveUp(GiveUpReason::AttemptsExhausted | GiveUpReason::TooOld));
        prop_assert!(ended, "{after:?}");
    }
}
