//! Which endpoints are being sent to, so that a deletion can break it off, and which of them did not answer lately.
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
    /// Endpoints whose last attempt brought no answer. Shared with a lease while it runs.
    silent: Arc<HashSet<String>>,
}

/// What a lease must know of the attempts that run.
#[derive(Debug)]
pub(super) struct Load {
    /// How many run, for the endpoints where some do.
    pub(super) busy: HashMap<String, u32>,
    /// The endpoints whose last attempt brought no answer.
    pub(super) silent: Arc<HashSet<String>>,
}

#[derive(Debug)]
struct Running {
    count: u32,
    revoked: watch::Sender<bool>,
}

impl Inflight {
    /// A lease begins.
    pub(super) fn begin_lease(&self) -> Load {
        let mut state = self.lock();
        state.leasing = true;
        let busy = state
            .endpoints
            .iter()
            .map(|(endpoint, running)| (endpoint.clone(), running.count))
            .collect();
        Load { busy, silent: Arc::clone(&state.silent) }
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
        state.note(endpoint, true);
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

impl State {
    fn note(&mut self, endpoint: &str, answers: bool) {
        // Looks first: most attempts change nothing, and a change while a lease runs copies the set.
        match (answers, self.silent.contains(endpoint)) {
            (true, true) => _ = Arc::make_mut(&mut self.silent).remove(endpoint),
            (false, false) if self.silent.len() < MAX_SILENT => {
                Arc::make_mut(&mut self.silent).insert(endpoint.to_owned());
            }
            _ => {}
        }
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
    /// Whether the attempt brought an answer, whatever it said.
    pub(super) fn note(&self, answers: bool) {
        // The attempt that a deletion broke off says nothing about an endpoint that is no more.
        if !*self.revoked.borrow() {
            self.inflight.lock().note(&self.endpoint, answers);
        }
    }

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

/// Endpoints that are remembered as silent, to bound the memory they take; beyond, the limit per endpoint is all.
const MAX_SILENT: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn revoking_breaks_off_what_runs_and_stops_what_was_leased() {
        let inflight = Inflight::default();
        let mut running = inflight.enter("ep_1").unwrap();
        assert_eq!(inflight.begin_lease().busy, HashMap::from([("ep_1".to_owned(), 1)]));
        inflight.revoke("ep_1");
        running.revoked().await;
        assert!(inflight.enter("ep_1").is_none());
        assert!(inflight.enter("ep_2").is_some());

        inflight.end_lease();
        drop(running);
        assert!(inflight.lock().endpoints.is_empty());
        assert!(inflight.enter("ep_1").is_some());
    }

    #[test]
    fn an_endpoint_is_silent_until_it_answers_or_goes() {
        let inflight = Inflight::default();
        let silent = || {
            let load = inflight.begin_lease();
            inflight.end_lease();
            load.silent.len()
        };
        for (answers, count) in [(true, 0), (false, 1), (false, 1), (true, 0), (false, 1)] {
            inflight.enter("ep_1").unwrap().note(answers);
            assert_eq!(silent(), count);
        }
        let late = inflight.enter("ep_1").unwrap();
        inflight.revoke("ep_1");
        late.note(false);
        assert_eq!(silent(), 0);
    }
}
