//! A thread of the engine.

use std::{
    io,
    thread::{self, JoinHandle},
};

use super::StoreError;

/// Waited for when it is dropped. So it belongs behind whatever tells the thread to end, in the same struct: fields are dropped
/// in their order. Once the store is gone, nothing writes to its files any more.
#[derive(Debug)]
pub(super) struct Thread(Option<JoinHandle<()>>);

impl Thread {
    pub(super) fn start(
        name: &str,
        run: impl FnOnce() + Send + 'static,
    ) -> Result<Self, StoreError> {
        let started = thread::Builder::new().name(name.to_owned()).spawn(run);
        let failed = |error: io::Error| {
            StoreError::Engine(format!("cannot start the thread `{name}`: {error}"))
        };
        Ok(Self(Some(started.map_err(failed)?)))
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // One that drops itself would wait for ever; one that panicked has said so.
        if let Some(thread) = self.0.take()
            && thread.thread().id() != thread::current().id()
        {
            let _ = thread.join();
        }
    }
}
