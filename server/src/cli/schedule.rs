//! `hookseal schedule`.

use std::{fmt::Write as _, path::Path, process::ExitCode};

use clap::Args;
use hookseal::{RetryPolicy, ScheduleRow};
use serde_json::{Value, json};

use super::answer::{Failure, report_text};
use super::scheme::read_text;

/// Print when a delivery is tried again, as a table
///
/// Without a policy, lists the presets. Exits with 0, with 1 when the policy is refused (as JSON), with 2 for wrong use.
#[derive(Args, Debug)]
pub(super) struct Schedule {
    /// Name of a preset, or a file `….json` with a policy of your own
    policy: Option<String>,

    /// Print JSON, with all times in seconds
    #[arg(long)]
    json: bool,
}

impl Schedule {
    pub(super) fn run(&self) -> ExitCode {
        report_text(self.text())
    }

    fn text(&self) -> Result<String, Failure> {
        Ok(match (&self.policy, self.json) {
            (None, false) => presets_table()?,
            (None, true) => format!("{}\n", presets_json()?),
            (Some(name), false) => {
                let policy = read_policy(name)?;
                format!("{name}: {}\n\n{}", summary(&policy), policy.table())
            }
            (Some(name), true) => format!("{}\n", policy_json(&read_policy(name)?)),
        })
    }
}

fn read_policy(name: &str) -> Result<RetryPolicy, Failure> {
    let path = Path::new(name);
    Ok(if path.extension().is_some_and(|end| end == "json") {
        RetryPolicy::from_json(&read_text(path)?)?
    } else {
        RetryPolicy::preset(name)?
    })
}

/// `7 attempts, the last after 1d 8h 36m`.
fn summary(policy: &RetryPolicy) -> String {
    let rows = policy.schedule();
    match rows.last() {
        Some(last) if rows.len() > 1 => {
            format!("{} attempts, the last after {}", rows.len(), last.elapsed())
        }
        _ => "1 attempt".to_owned(),
    }
}

fn presets_table() -> Result<String, Failure> {
    let width = RetryPolicy::presets().map(str::len).max().unwrap_or_default();
    let mut table = String::new();
    for name in RetryPolicy::presets() {
        // Writing to a string does not fail.
        let _ = writeln!(table, "{name:width$}  {}", summary(&RetryPolicy::preset(name)?));
    }
    Ok(table)
}

fn presets_json() -> Result<Value, Failure> {
    let presets = RetryPolicy::presets().map(|name| {
        let policy = RetryPolicy::preset(name)?;
        Ok(json!({ "name": name, "policy": policy, "schedule": rows_json(&policy) }))
    });
    Ok(json!({ "presets": presets.collect::<Result<Vec<_>, Failure>>()? }))
}

fn policy_json(policy: &RetryPolicy) -> Value {
    json!({ "policy": policy, "schedule": rows_json(policy) })
}

fn rows_json(policy: &RetryPolicy) -> Vec<Value> {
    policy.schedule().iter().map(row_json).collect()
}

fn row_json(row: &ScheduleRow) -> Value {
    json!({
        "attempt": row.attempt,
        "delay": row.delay(),
        "elapsed": row.elapsed(),
        "min_delay_seconds": row.min_delay.as_secs_f64(),
        "max_delay_seconds": row.max_delay.as_secs_f64(),
        "min_elapsed_seconds": row.min_elapsed.as_secs_f64(),
        "max_elapsed_seconds": row.max_elapsed.as_secs_f64(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(policy: Option<&str>) -> String {
        Schedule { policy: policy.map(str::to_owned), json: false }.text().unwrap()
    }

    #[test]
    fn a_schedule_reads_well() {
        assert_eq!(
            text(Some("svix")),
            "\
svix: 8 attempts, the last after 22h 4m 4s – 1d 9h 6m 6s

attempt  delay            since the first
      1  at once          0s
      2  4s – 6s          4s – 6s
      3  4m – 6m          4m 4s – 6m 6s
      4  24m – 36m        28m 4s – 42m 6s
      5  1h 36m – 2h 24m  2h 4m 4s – 3h 6m 6s
      6  4h – 6h          6h 4m 4s – 9h 6m 6s
      7  8h – 12h         14h 4m 4s – 21h 6m 6s
      8  8h – 12h         22h 4m 4s – 1d 9h 6m 6s
"
        );
        assert!(text(Some("ainative")).starts_with("ainative: 1 attempt\n\n"));
    }

    #[test]
    fn the_presets_are_listed() {
        assert_eq!(
            text(None),
            "\
standard_webhooks  10 attempts, the last after 3d 3h 35m 5s
naive              3 attempts, the last after 56s – 1m 24s
ainative           1 attempt
yativo             7 attempts, the last after 1d 8h 36m
nativemsg          5 attempts, the last after 34m – 51m
svix               8 attempts, the last after 22h 4m 4s – 1d 9h 6m 6s
stripe             12 attempts, the last after 1d 21h 48m – 2d 20h 42m
convoy             10 attempts, the last after 15m
outpost            11 attempts, the last after 8h 31m 30s
api_client         5 attempts, the last after 0s – 7.5s
"
        );
    }
}
