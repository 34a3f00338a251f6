//! The schedule of an open loop.

use std::{
    io,
    sync::Arc,
    thread::{JoinHandle, sleep},
    time::Duration,
};

use super::Plan;
use crate::{interrupt, process::ThreadClock};

/// Says of each request when it is due, from a thread of its own: the timers of the runtime are coarser than what is to
/// be measured. Ends after the last request, with the processor time that it took.
pub(super) fn start(plan: Arc<Plan>, rate: f64) -> io::Result<JoinHandle<Duration>> {
    let (thread, _) = ThreadClock::spawn("pacer", move || {
        let batch = plan.load.batch;
        let requests = plan.run.capacity() / batch;
        for request in 0..requests {
            let wait = due(request * batch, rate).saturating_sub(plan.run.elapsed());
            if interrupt::is_requested() {
                break;
            }
            if !wait.is_zero() {
                sleep(wait);
            }
            plan.due.add_permits(1);
        }
        // One more for everybody, so that they see that there is nothing left.
        plan.due.add_permits(plan.load.connections.max(1));
        ThreadClock::own().read()
    })?;
    Ok(thread)
}

/// When an event is due, counted from the beginning of the run.
pub(super) fn due(event: usize, rate: f64) -> Duration {
    LEAD + Duration::from_secs_f64(event as f64 / rate)
}

/// Everybody is up by then.
pub(super) const LEAD: Duration = Duration::from_millis(100);
