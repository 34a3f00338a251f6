//! Whether the server can store what it is sent.

use std::{sync::Arc, time::Duration};

use tokio::sync::Mutex;

use crate::{
    clock::Clock,
    error::{ApiCode, ApiError},
    store::Engine,
};

/// Tries a write, at most once a second however often it is asked: the question needs no key.
#[derive(Debug)]
pub struct Readiness {
    store: Arc<dyn Engine>,
    clock: Arc<dyn Clock>,
    last: Mutex<Option<Tried>>,
}

#[derive(Clone, Copy, Debug)]
struct Tried {
    at: Duration,
    worked: bool,
}

impl Readiness {
    /// Of `store`.
    #[must_use]
    pub fn new(store: Arc<dyn Engine>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, last: Mutex::default() }
    }

    /// Whether a write reached the disk within the last second.
    ///
    /// # Errors
    /// `not_ready` when the last one did not.
    pub async fn check(&self) -> Result<(), ApiError> {
        let mut last = self.last.lock().await;
        let fresh = last.filter(|tried| self.clock.elapsed().saturating_sub(tried.at) < EACH);
        let tried = match fresh {
            Some(tried) => tried,
            None => {
                let outcome = self.store.ping().await;
                if let Err(error) = &outcome {
                    tracing::error!(%error, "not ready: a write failed");
                }
                let tried = Tried { at: self.clock.elapsed(), worked: outcome.is_ok() };
                *last = Some(tried);
                tried
            }
        };
        if tried.worked {
            return Ok(());
        }
        Err(ApiError::new(ApiCode::NotReady, "the server cannot store anything at the moment"))
    }
}

const EACH: Duration = Duration::from_secs(1);
