//! Look-ups that are under way.

use std::{
    collections::HashMap,
    fmt, io,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use super::Resolver;

/// Asks a resolver for each name at most once at a time: whoever asks while the look-up runs gets its answer, and nobody
/// gets it later.
///
/// The system's resolver holds a thread until it has an answer, whether or not somebody still waits for it. A name whose
/// servers are dead would hold one per attempt, until none is left for the names that work.
#[derive(Clone)]
pub(super) struct Lookups {
    resolver: Arc<dyn Resolver>,
    running: Arc<Mutex<HashMap<String, watch::Receiver<Option<Answer>>>>>,
}

/// An [`io::Error`] in a form that can be shared.
type Answer = Result<Arc<[IpAddr]>, (io::ErrorKind, String)>;

impl fmt::Debug for Lookups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.resolver.fmt(f)
    }
}

impl Lookups {
    pub(super) fn new(resolver: Arc<dyn Resolver>) -> Self {
        Self { resolver, running: Arc::default() }
    }

    /// All addresses of `host`.
    pub(super) async fn lookup(&self, host: &str) -> io::Result<Arc<[IpAddr]>> {
        let mut answer = self.join(host);
        // The task that sends the answer can end without one only when the runtime shuts down.
        let answer = answer.wait_for(Option::is_some).await.map_err(io::Error::other)?.clone();
        match answer {
            Some(Ok(addresses)) => Ok(addresses),
            Some(Err((kind, message))) => Err(io::Error::new(kind, message)),
            None => Err(io::ErrorKind::Interrupted.into()),
        }
    }

    /// The answer to come, of a look-up that runs or begins now.
    fn join(&self, host: &str) -> watch::Receiver<Option<Answer>> {
        let mut running = self.lock();
        // One whose sender is gone never comes: its task panicked.
        if let Some(answer) = running.get(host)
            && answer.has_changed().is_ok()
        {
            return answer.clone();
        }
        let (send, answer) = watch::channel(None);
        running.insert(host.to_owned(), answer.clone());
        let (lookups, host) = (self.clone(), host.to_owned());
        tokio::spawn(async move {
            let found = lookups.resolver.lookup(&host).await;
            // First, so that an answer is never handed to who asks after it came.
            lookups.lock().remove(&host);
            let found = found.map(Arc::from).map_err(|error| (error.kind(), error.to_string()));
            send.send_replace(Some(found));
        });
        answer
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, watch::Receiver<Option<Answer>>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use async_trait::async_trait;
    use tokio::sync::Semaphore;

    use super::*;

    /// Answers as often as there are permits: 127.0.0.1, then 127.0.0.2 …
    #[derive(Debug)]
    struct Gated {
        gate: Semaphore,
        asked: AtomicU8,
    }

    #[async_trait]
    impl Resolver for Gated {
        async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
            let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
            self.gate.acquire().await.unwrap().forget();
            match host {
                "bad.test" => Err(io::ErrorKind::NotFound.into()),
                _ => Ok(vec![IpAddr::from([127, 0, 0, number])]),
            }
        }
    }

    fn gated() -> (Arc<Gated>, Lookups) {
        let gated = Arc::new(Gated { gate: Semaphore::new(0), asked: AtomicU8::new(0) });
        (Arc::clone(&gated), Lookups::new(gated))
    }

    #[tokio::test]
    async fn one_question_at_a_time_for_each_name_and_no_memory() {
        let (gated, lookups) = gated();
        let ask = |host: &'static str| {
            let lookups = lookups.clone();
            async move { lookups.lookup(host).await.unwrap()[0].to_string() }
        };
        // Whoever gave up left the look-up running.
        let nobody = ask_and_leave(&lookups, "a.test").await;
        assert!(nobody.is_none());
        gated.gate.add_permits(1);
        let (first, second, third) = tokio::join!(ask("a.test"), ask("a.test"), ask("a.test"));
        assert_eq!([first, second, third], ["127.0.0.1"; 3]);
        assert_eq!(gated.asked.load(Ordering::SeqCst), 1);
        gated.gate.add_permits(1);
        assert_eq!(ask("a.test").await, "127.0.0.2");
        assert!(lookups.lock().is_empty());
    }

    /// Begins to ask and goes away.
    async fn ask_and_leave(lookups: &Lookups, host: &str) -> Option<()> {
        tokio::select! {
            biased;
            _ = lookups.lookup(host) => Some(()),
            () = tokio::task::yield_now() => None,
        }
    }

    #[tokio::test]
    async fn everybody_learns_why_there_is_no_answer() {
        let (gated, lookups) = gated();
        gated.gate.add_permits(1);
        let (one, other) = tokio::join!(lookups.lookup("bad.test"), lookups.lookup("bad.test"));
        for answer in [one, other] {
            assert_eq!(answer.unwrap_err().kind(), io::ErrorKind::NotFound);
        }
    }
}
