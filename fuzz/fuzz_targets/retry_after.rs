//! Any `Retry-After` (the first line) and any policy (the rest): a retry is never earlier than it was asked for, and a
//! policy reads what it writes.

#![no_main]

use hookseal::{Decision, Outcome, RetryPolicy, Timestamp};
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp::from_seconds(1_777_111_523);
/// Policies may have a thousand attempts; the first ones and the last ones tell.
const EDGE: u32 = 8;

fuzz_target!(|text: &str| {
    let (header, json) = text.split_once('\n').unwrap_or((text, ""));
    let policy = RetryPolicy::from_json(json);
    if let Ok(policy) = &policy {
        assert_eq!(RetryPolicy::from_json(&policy.to_json()).as_ref(), Ok(policy));
    }
    let policy = policy.unwrap_or_else(|_| RetryPolicy::profile("yativo").expect("it exists"));

    let last = policy.max_attempts();
    let attempts = (1..=last + 1).filter(|attempt| *attempt <= EDGE || attempt + EDGE > last);
    for attempt in attempts {
        for random in [0.0, 0.5, 1.0] {
            let next = |retry_after| {
                let outcome = Outcome::Response { status: 503, retry_after, delivery: None };
                policy.next(attempt, &outcome, NOW, NOW, random).expect("the arguments are right")
            };
            let Decision::RetryAt(at) = next(Some(header)) else { continue };
            assert!(attempt < last, "a retry after the last attempt");
            let Decision::RetryAt(planned) = next(None) else { panic!("a header adds a retry") };
            assert!(at >= planned && planned >= NOW, "earlier than planned");
            if let Some(asked) = asked(header) {
                assert!(at >= asked, "earlier than asked for");
            }
        }
    }
});

/// When a well-formed header asks to be tried again.
fn asked(header: &str) -> Option<Timestamp> {
    let seconds = header.parse::<u32>().ok().filter(|_| !header.starts_with('+'));
    seconds.map(|seconds| NOW.plus_millis(i64::from(seconds) * 1000))
}
