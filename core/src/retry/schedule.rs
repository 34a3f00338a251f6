//! A policy as rows and as a table: when each attempt is made if all fail and no receiver asks for more time.

use std::fmt::Write as _;
use std::time::Duration;

use super::RetryPolicy;
use super::delay::to_millis;

/// One attempt of a schedule. Attempts themselves count as taking no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScheduleRow {
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The least wait before it.
    pub min_delay: Duration,
    /// The longest wait before it.
    pub max_delay: Duration,
    /// The least time since the first attempt.
    pub min_elapsed: Duration,
    /// The longest time since the first attempt.
    pub max_elapsed: Duration,
}

impl ScheduleRow {
    /// The wait before the attempt for people: `at once`, `5m`, `48s – 1m 12s`.
    #[must_use]
    pub fn delay(&self) -> String {
        if self.attempt == 1 { "at once".to_owned() } else { span(self.min_delay, self.max_delay) }
    }

    /// The time since the first attempt for people: `0s`, `1d 8h 36m`.
    #[must_use]
    pub fn elapsed(&self) -> String {
        span(self.min_elapsed, self.max_elapsed)
    }
}

impl RetryPolicy {
    /// Every attempt there can be, with its bounds: `random` 0 gives the least, 1 the longest. An attempt that would
    /// always come later than the policy's greatest age is left out.
    #[must_use]
    pub fn schedule(&self) -> Vec<ScheduleRow> {
        let max_age = self.0.max_age_seconds.map_or(i64::MAX, to_millis);
        let mut rows = vec![row(1, [0; 4])];
        let (mut least, mut longest) = (0, 0);
        for attempt in 1..self.max_attempts() {
            let Some((min_delay, max_delay)) = self.bounds(attempt, None) else { break };
            // What is left of the age bounds the delay.
            let max_delay = max_delay.min(max_age - least);
            least += min_delay;
            longest = max_age.min(longest + max_delay);
            if least > max_age {
                break;
            }
            rows.push(row(attempt + 1, [min_delay, max_delay, least, longest]));
        }
        rows
    }

    /// The [`schedule`](Self::schedule) as a table for people, one line per attempt:
    ///
    /// ```text
    /// attempt  delay         since the first
    ///       1  at once       0s
    ///       2  48s – 1m 12s  48s – 1m 12s
    /// ```
    #[must_use]
    pub fn table(&self) -> String {
        let rows: Vec<_> =
            self.schedule().iter().map(|row| (row.attempt, row.delay(), row.elapsed())).collect();
        let width =
            rows.iter().map(|(_, delay, _)| delay.chars().count()).max().unwrap_or_default();
        let mut table = format!("attempt  {:width$}  since the first\n", "delay");
        for (attempt, delay, elapsed) in rows {
            // INVARIANT: writing to a string does not fail.
            let _ = writeln!(table, "{attempt:7}  {delay:width$}  {elapsed}");
        }
        table
    }
}

fn row(attempt: u32, millis: [i64; 4]) -> ScheduleRow {
    let [min_delay, max_delay, min_elapsed, max_elapsed] =
        millis.map(|millis| Duration::from_millis(millis.unsigned_abs()));
    ScheduleRow { attempt, min_delay, max_delay, min_elapsed, max_elapsed }
}

fn span(min: Duration, max: Duration) -> String {
    let (min, max) = (human(min), human(max));
    if min == max { min } else { format!("{min} – {max}") }
}

/// `1d 8h 36m`, `1m 12s`, `0.5s`: exact below a minute, whole seconds above.
fn human(duration: Duration) -> String {
    if duration < Duration::from_secs(60) {
        return format!("{}s", duration.as_secs_f64());
    }
    let seconds = duration.as_millis().saturating_add(500) / 1000;
    let units = [
        (seconds / 86_400, 'd'),
        (seconds / 3600 % 24, 'h'),
        (seconds / 60 % 60, 'm'),
        (seconds % 60, 's'),
    ];
    let parts: Vec<_> = units
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_reads_well() {
        let table = |name| RetryPolicy::preset(name).unwrap().table();
        assert_eq!(
            table("yativo"),
            "\
attempt  delay    since the first
      1  at once  0s
      2  1m       1m
      3  5m       6m
      4  30m      36m
      5  2h       2h 36m
      6  6h       8h 36m
      7  1d       1d 8h 36m
"
        );
        assert_eq!(
            table("naive"),
            "\
attempt  delay         since the first
      1  at once       0s
      2  8s – 12s      8s – 12s
      3  48s – 1m 12s  56s – 1m 24s
"
        );
        assert_eq!(
            table("ainative"),
            "\
attempt  delay    since the first
      1  at once  0s
"
        );
    }

    #[test]
    fn age_ends_a_schedule() {
        let policy = |jitter| {
            let json = format!(
                r#"{{"schedule":{{"list":[10,10,10,10]}},"jitter":{jitter},"max_age_seconds":25}}"#
            );
            RetryPolicy::from_json(&json).unwrap().schedule()
        };
        let elapsed: Vec<String> = policy(r#""none""#).iter().map(ScheduleRow::elapsed).collect();
        assert_eq!(elapsed, ["0s", "10s", "20s"]);
        let rows = policy(r#"{"plus_minus":0.5}"#);
        let spans: Vec<_> = rows.iter().map(|row| (row.delay(), row.elapsed())).collect();
        let expected = [
            ("at once", "0s"),
            ("5s – 15s", "5s – 15s"),
            ("5s – 15s", "10s – 25s"),
            ("5s – 15s", "15s – 25s"),
            ("5s – 10s", "20s – 25s"),
        ];
        assert_eq!(spans, expected.map(|(delay, elapsed)| (delay.to_owned(), elapsed.to_owned())));
    }

    #[test]
    fn durations_are_for_people() {
        for (millis, expected) in [
            (0, "0s"),
            (1, "0.001s"),
            (1500, "1.5s"),
            (59_999, "59.999s"),
            (60_400, "1m"),
            (60_500, "1m 1s"),
            (3_600_000, "1h"),
            (3_599_600, "1h"),
            (86_399_500, "1d"),
            (90_061_000, "1d 1h 1m 1s"),
        ] {
            assert_eq!(human(Duration::from_millis(millis)), expected);
        }
    }
}
