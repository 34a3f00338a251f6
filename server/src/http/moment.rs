//! Times in answers.

use std::time::Duration;

use hookseal::Timestamp;

/// RFC 3339 in UTC, always with milliseconds, so that texts sort as times do.
pub(crate) fn text(moment: Timestamp) -> String {
    let text = moment.to_rfc3339_millis();
    match text.strip_suffix('Z') {
        Some(seconds) if !text.contains('.') => format!("{seconds}.000Z"),
        _ => text,
    }
}

/// Milliseconds, to the microsecond.
pub(crate) fn millis(time: Duration) -> f64 {
    f64::from(u32::try_from(time.as_micros()).unwrap_or(u32::MAX)) / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_sort_as_times_do() {
        let texts = [999, 1000, 1001, 2000].map(|millis| text(Timestamp::from_millis(millis)));
        assert!(texts.is_sorted(), "{texts:?}");
        assert_eq!(texts[1], "1970-01-01T00:00:01.000Z");
    }

    #[test]
    fn durations_have_three_digits_at_most() {
        assert_eq!(millis(Duration::from_nanos(300_999)), 0.3);
        assert_eq!(millis(Duration::from_secs(15)), 15_000.0);
    }
}
