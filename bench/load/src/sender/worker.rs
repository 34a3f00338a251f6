//! One connection.

use std::{io, ops::Range, sync::Arc, time::Duration};

use tokio::time::{sleep, timeout};

use super::{Pace, Plan, Sent, events::Written, pacer};
use crate::{error::Error, interrupt, wire::Client};

/// Sends until there is nothing left to send.
pub(super) async fn work(plan: Arc<Plan>) -> Result<Sent, Error> {
    let mut sent = Sent::new()?;
    let mut client = Client::new(plan.address, plan.load.timeout);
    let mut written = Written::default();
    while let Some(events) = next(&plan).await {
        exchange(&plan, &mut client, &events, &mut written, &mut sent).await;
        if let Pace::Step(pause) = plan.load.pace {
            // What does not arrive counts as lost; the next one is sent all the same.
            _ = timeout(plan.load.timeout, plan.run.reached(events.end as u64)).await;
            sleep(pause).await;
        }
    }
    Ok(sent)
}

/// Waits until the next request may go out.
async fn next(plan: &Plan) -> Option<Range<usize>> {
    if matches!(plan.load.pace, Pace::Open(_)) {
        plan.due.acquire().await.ok()?.forget();
    }
    if is_over(plan) {
        return None;
    }
    let events = plan.claim()?;
    if let Pace::Closed { window: Some(window) } = plan.load.pace {
        let must_be_there = (events.end as u64).saturating_sub(window);
        // What does not arrive must not stop the rest.
        _ = timeout(plan.load.timeout, plan.run.reached(must_be_there)).await;
    }
    Some(events)
}

async fn exchange(
    plan: &Plan,
    client: &mut Client,
    events: &Range<usize>,
    written: &mut Written,
    sent: &mut Sent,
) {
    plan.events.write(&plan.run, events.clone(), written);
    let count = events.len() as u64;
    loop {
        let due = match plan.load.pace {
            Pace::Open(rate) => pacer::due(events.start, rate),
            _ => plan.run.elapsed(),
        };
        for event in events.clone() {
            plan.run.due(event, due);
        }
        let (status, retry_after) = match client.exchange(&written.request).await {
            Ok(answer) if (200..300).contains(&answer.status) => {
                sent.accept.record(plan.run.elapsed().saturating_sub(due));
                sent.accepted += count;
                events.clone().for_each(|event| plan.run.accepted(event));
                return;
            }
            Ok(answer) if matches!(answer.status, 429 | 503) => (answer.status, answer.retry_after),
            Ok(answer) => {
                let words = || {
                    let words = String::from_utf8_lossy(&answer.body);
                    format!(
                        "{}: {}",
                        answer.status,
                        words.chars().take(MOST_WORDS).collect::<String>()
                    )
                };
                sent.failure(format!("status {}", answer.status), count, words);
                return;
            }
            Err(error) => {
                sent.failure(kind(&error), count, || error.to_string());
                // A server that is gone must not be asked as fast as it can refuse.
                sleep(PAUSE).await;
                return;
            }
        };
        sent.refused += count;
        if matches!(plan.load.pace, Pace::Open(_)) {
            return;
        }
        sleep(retry_after.unwrap_or(RETRY)).await;
        if is_over(plan) {
            sent.failure(format!("status {status} until the end"), count, || status.to_string());
            return;
        }
    }
}

/// An open loop ends by its schedule, unless the server has fallen behind it for good.
fn is_over(plan: &Plan) -> bool {
    let grace = match plan.load.pace {
        Pace::Open(_) => plan.load.timeout,
        _ => Duration::ZERO,
    };
    interrupt::is_requested() || plan.run.elapsed() >= plan.load.duration + grace
}

fn kind(error: &io::Error) -> String {
    format!("{:?}", error.kind())
}

const PAUSE: Duration = Duration::from_millis(10);
/// Where the server does not say how long.
const RETRY: Duration = Duration::from_secs(1);
const MOST_WORDS: usize = 300;
