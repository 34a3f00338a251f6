//! How many tasks run, and when none does.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::Notify;

/// Counts tasks. Every attempt is counted twice, in and out, so that costs no lock; only who stops waits for zero.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    open: AtomicUsize,
    none: Notify,
}

impl Tasks {
    /// Counts one until what is returned is dropped.
    pub(super) fn enter(self: &Arc<Self>) -> Open {
        self.open.fetch_add(1, Ordering::SeqCst);
        Open(Arc::clone(self))
    }

    /// Returns when there is none.
    pub(super) async fn ended(&self) {
        loop {
            let mut none = std::pin::pin!(self.none.notified());
            // From here on it hears of the last one.
            none.as_mut().enable();
            if self.open.load(Ordering::SeqCst) == 0 {
                return;
            }
            none.await;
        }
    }
}

/// A task that is counted.
#[derive(Debug)]
pub(super) struct Open(Arc<Tasks>);

impl Drop for Open {
    fn drop(&mut self) {
        if self.0.open.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.none.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waits_for_the_last_one() {
        let tasks = Arc::new(Tasks::default());
        tasks.ended().await;
        let (one, other) = (tasks.enter(), tasks.enter());
        drop(one);
        let waiting = tokio::spawn({
            let tasks = Arc::clone(&tasks);
            async move { tasks.ended().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(other);
        waiting.await.unwrap();
    }
}
