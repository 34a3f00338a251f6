//! How long the disk takes while something runs, so that its waits are not taken for the server's.

use std::{
    fs::File,
    io::Write as _,
    path::Path,
    sync::mpsc::{self, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{
    error::{Context as _, Error},
    latency::{Latency, Quantiles},
};

/// Appends a page to a file and syncs it, again and again: what a commit can do no faster.
#[derive(Debug)]
pub struct DiskWatch {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<Option<Quantiles>>,
}

impl DiskWatch {
    /// Begins, with a file of its own in `folder`.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn start(folder: &Path) -> Result<Self, Error> {
        let mut file = tempfile::tempfile_in(folder).context(folder.display())?;
        let mut latency = Latency::new()?;
        let (stop, stopped) = mpsc::channel();
        let thread = thread::spawn(move || {
            while stopped.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                let begun = Instant::now();
                write(&mut file).ok()?;
                latency.record(begun.elapsed());
            }
            Some(latency.quantiles())
        });
        Ok(Self { stop, thread })
    }

    /// Ends, and says what it saw; nothing where the disk failed.
    #[must_use]
    pub fn stop(self) -> Option<Quantiles> {
        drop(self.stop);
        self.thread.join().ok()?
    }
}

fn write(file: &mut File) -> std::io::Result<()> {
    file.write_all(&[0; PAGE])?;
    file.sync_data()
}

const PAGE: usize = 4096;
/// Between two writes: few enough to cost the server nothing that could be measured.
const PAUSE: Duration = Duration::from_millis(20);
