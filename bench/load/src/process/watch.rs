//! The most memory that processes take while something runs.

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::Duration,
};

use super::Usage;

/// Looks again and again until it is asked for what it saw.
#[derive(Debug)]
pub struct Watch {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<Peak>,
}

/// The most that was seen, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Peak {
    /// Resident memory of the server.
    pub server: u64,
    /// Proportional memory of the database.
    pub database: u64,
}

impl Watch {
    /// Begins to watch the trees of these processes.
    #[must_use]
    pub fn start(servers: Vec<u32>, databases: Vec<u32>) -> Self {
        let (stop, stopped) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut peak = Peak::default();
            for round in 0_u64.. {
                let server =
                    servers.iter().filter_map(|pid| Usage::of(*pid)).map(|usage| usage.resident);
                peak.server = peak.server.max(server.sum());
                if round.is_multiple_of(ROUNDS_PER_DATABASE) {
                    let database = databases.iter().filter_map(|pid| Usage::proportional(*pid));
                    peak.database = peak.database.max(database.sum());
                }
                if stopped.recv_timeout(ROUND) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
            peak
        });
        Self { stop, thread }
    }

    /// Ends, and says what it saw.
    #[must_use]
    pub fn stop(self) -> Peak {
        drop(self.stop);
        self.thread.join().unwrap_or_default()
    }
}

const ROUND: Duration = Duration::from_millis(100);
/// A database has many pages to walk.
const ROUNDS_PER_DATABASE: u64 = 20;
