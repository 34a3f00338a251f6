//! Any text as a timestamp: what parses is canonical, and formats back.

#![no_main]

use hookseal::{Timestamp, TimestampUnit};
use libfuzzer_sys::fuzz_target;

const UNITS: [TimestampUnit; 4] =
    [TimestampUnit::HttpDate, TimestampUnit::Iso8601, TimestampUnit::Ms, TimestampUnit::S];

fuzz_target!(|text: &str| {
    for unit in UNITS {
        let Ok(moment) = unit.parse(text) else { continue };
        let written = unit.format(moment);
        let again = unit.parse(&written).expect("what is written parses");
        // Only milliseconds keep what is less than a second.
        assert_eq!(again.as_seconds(), moment.as_seconds(), "{unit:?}");
        assert_eq!(unit.format(again), written, "{unit:?}");
        if matches!(unit, TimestampUnit::Ms | TimestampUnit::S) {
            assert!(written == text || moment == Timestamp::MAX, "{unit:?} is not canonical");
        }
    }
});
