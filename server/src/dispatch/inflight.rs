//! Which endpoints are being sent to, so that a deletion can break it off.
//!
//! **Invariant.** After [`Inflight::revoke`] returned, no attempt to that endpoint begins from an earlier lease.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

/// The attempts that run, by endpoint.
#[derive(Clone, Debug, Default)]
pub(super) struct Inflight(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    endpoints: HashMap<String, Running>,
    leasing: bool,
    /// Endpoints deleted while a lease was under way, which may bring deliveries for them.
    revoked: HashSet<String>,
}

#[derive(Debug)]
struct Running {
    count: u32,
    revoked: watch::Sender<bool>,
}

impl Inflight {
    /// A lease begins. Returns how many attempts run, by endpoint.
    pub(super) fn begin_lease(&self) -> HashMap<String, u32> {
        let mut state = self.lock();
        state.leasing = true;
        state
            .endpoints
            .iter()
            .map(|(endpoint, running)| (endpoint.clone(), running.count))
            .collect()
    }

    /// All that the lease brought has entered.
    pub(super) fn end_lease(&self) {
        let mut state = self.lock();
        state.leasing = false;
        state.revoked.clear();
    }

    /// An attempt begins, unless its endpoint was revoked since the lease began.
    pub(super) fn enter(&self, endpoint: &str) -> Option<Ticket> {
        let mut state = self.lock();
        if state.revoked.contains(endpoint) {
            return None;
        }
        let running = state
            .endpoints
            .entry(endpoint.to_owned())
            .or_insert_with(|| Running { count: 0, revoked: watch::Sender::new(false) });
        running.count += 1;
        let revoked = running.revoked.subscribe();
        Some(Ticket { inflight: self.clone(), endpoint: endpoint.to_owned(), revoked })
    }

    /// Breaks off what runs for `endpoint`.
    pub(super) fn revoke(&self, endpoint: &str) {
        let mut state = self.lock();
        if state.leasing {
            state.revoked.insert(endpoint.to_owned());
        }
        if let Some(running) = state.endpoints.get(endpoint) {
            running.revoked.send_replace(true);
        }
    }

    fn leave(&self, endpoint: &str) {
        let mut state = self.lock();
        if let Some(running) = state.endpoints.get_mut(endpoint) {
            running.count -= 1;
            if running.count == 0 {
                state.endpoints.remove(endpoint);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole after each statement, so a panic elsewhere does not spoil it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One running attempt; ends when dropped.
#[derive(Debug)]
pub struct Ticket {
    inflight: Inflight,
    endpoint: String,
    revoked: watch::Receiver<bool>,
}

impl Ticket {
    /// Returns once the endpoint was revoked; never, if it is not.
    pub(super) async fn revoked(&mut self) {
        if self.revoked.wait_for(|revoked| *revoked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.inflight.leave(&self.endpoint);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn revoking_breaks_off_what_runs_and_stops_what_was_leased() {
        let inflight = Inflight::default();
        let mut running = inflight.enter("ep_1").unwrap();
        assert_eq!(inflight.begin_lease(), HashMap::from([("ep_1".to_owned(), 1)]));
        inflight.revoke("ep_1");
        running.revoked().await;
        assert!(inflight.enter("ep_1").is_none());
        assert!(inflight.enter("ep_2").is_some());

        inflight.end_lease();
        drop(running);
        assert!(inflight.lock().endpoints.is_empty());
        assert!(inflight.enter("ep_1").is_some());
    }
}
