//! Look-ups that are under way.

use std::{
    collections::HashMap,
    fmt, io,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::Resolver;

/// Asks a resolver for each name at most once at a time: whoever asks while the look-up runs gets its answer, and nobody
/// gets it later.
///
/// The system's resolver holds a thread until it has an answer, whether or not somebody still waits for it. A name whose
/// servers are dead would hold one per attempt, until none is left for the names that work, nor for whatever else runs on
/// such threads. So there are [`MAX_RUNNING`] look-ups at a time, and [`MAX_OF_ONE`] on behalf of one party: many dead names
/// of one tenant keep only that tenant waiting. Who waits and gives up leaves nothing behind.
#[derive(Clone)]
pub(super) struct Lookups {
    resolver: Arc<dyn Resolver>,
    running: Arc<Mutex<Running>>,
    places: Arc<Semaphore>,
    of_party: Arc<Mutex<HashMap<u64, Weak<Semaphore>>>>,
}

/// Held until a look-up has ended.
struct Place {
    _of_party: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

type Running = HashMap<String, watch::Receiver<Option<Answer>>>;

/// An [`io::Error`] in a form that can be shared.
type Answer = Result<Arc<[IpAddr]>, (io::ErrorKind, String)>;

impl fmt::Debug for Lookups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.resolver.fmt(f)
    }
}

impl Lookups {
    pub(super) fn new(resolver: Arc<dyn Resolver>) -> Self {
        let places = Arc::new(Semaphore::new(MAX_RUNNING));
        Self { resolver, running: Arc::default(), places, of_party: Arc::default() }
    }

    /// All addresses of `host`, which `party` asks for.
    pub(super) async fn lookup(&self, host: &str, party: u64) -> io::Result<Arc<[IpAddr]>> {
        let running = self.running(&self.lock(), host);
        let mut answer = match running {
            Some(answer) => answer,
            None => self.join(host, self.place(party).await?),
        };
        // The task that sends the answer can end without one only when the runtime shuts down.
        let answer = answer.wait_for(Option::is_some).await.map_err(io::Error::other)?.clone();
        match answer {
            Some(Ok(addresses)) => Ok(addresses),
            Some(Err((kind, message))) => Err(io::Error::new(kind, message)),
            None => Err(io::ErrorKind::Interrupted.into()),
        }
    }

    /// Waits until one more look-up may run on behalf of `party`.
    async fn place(&self, party: u64) -> io::Result<Place> {
        let own = {
            let mut parties = self.of_party.lock().unwrap_or_else(PoisonError::into_inner);
            match parties.get(&party).and_then(Weak::upgrade) {
                Some(own) => own,
                None => {
                    parties.retain(|_, places| places.strong_count() > 0);
                    let own = Arc::new(Semaphore::new(MAX_OF_ONE));
                    parties.insert(party, Arc::downgrade(&own));
                    own
                }
            }
        };
        // Nobody closes them.
        let of_party = own.acquire_owned().await.map_err(io::Error::other)?;
        let of_all = Arc::clone(&self.places).acquire_owned().await.map_err(io::Error::other)?;
        Ok(Place { _of_party: of_party, _of_all: of_all })
    }

    /// The answer to come of a look-up that runs.
    fn running(&self, running: &Running, host: &str) -> Option<watch::Receiver<Option<Answer>>> {
        // One whose sender is gone never comes: its task panicked.
        running.get(host).filter(|answer| answer.has_changed().is_ok()).cloned()
    }

    /// The answer to come, of a look-up that runs or begins now in `place`.
    fn join(&self, host: &str, place: Place) -> watch::Receiver<Option<Answer>> {
        let mut running = self.lock();
        if let Some(answer) = self.running(&running, host) {
            return answer;
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
            drop(place);
        });
        answer
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fewer than the threads that the runtime has for what blocks (512), which the reads of SQLite need as well.
const MAX_RUNNING: usize = 128;
const MAX_OF_ONE: usize = 32;

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
            async move { lookups.lookup(host, 1).await.unwrap()[0].to_string() }
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
            _ = lookups.lookup(host, 1) => Some(()),
            () = tokio::task::yield_now() => None,
        }
    }

    #[tokio::test]
    async fn everybody_learns_why_there_is_no_answer() {
        let (gated, lookups) = gated();
        gated.gate.add_permits(1);
        let (one, other) =
            tokio::join!(lookups.lookup("bad.test", 1), lookups.lookup("bad.test", 2));
        for answer in [one, other] {
            assert_eq!(answer.unwrap_err().kind(), io::ErrorKind::NotFound);
        }
    }

    /// Answers for one name, and for no other.
    #[derive(Debug)]
    struct Hanging(AtomicU8);

    #[async_trait]
    impl Resolver for Hanging {
        async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
            if host != "works.test" {
                self.0.fetch_add(1, Ordering::SeqCst);
                std::future::pending::<()>().await;
            }
            Ok(vec![IpAddr::from([127, 0, 0, 1])])
        }
    }

    #[tokio::test]
    async fn dead_names_of_one_party_keep_nobody_else_waiting() {
        let hanging = Arc::new(Hanging(AtomicU8::new(0)));
        let lookups = Lookups::new(Arc::<Hanging>::clone(&hanging));
        let asking: Vec<_> = (0..2 * MAX_OF_ONE)
            .map(|number| {
                let lookups = lookups.clone();
                tokio::spawn(async move { lookups.lookup(&format!("dead{number}.test"), 1).await })
            })
            .collect();
        while usize::from(hanging.0.load(Ordering::SeqCst)) < MAX_OF_ONE {
            tokio::task::yield_now().await;
        }
        assert!(lookups.lookup("works.test", 2).await.is_ok());
        // Who gives up leaves the look-up that runs, and nothing of one that has yet to begin.
        for asking in asking {
            asking.abort();
            assert!(asking.await.unwrap_err().is_cancelled());
        }
        assert_eq!(usize::from(hanging.0.load(Ordering::SeqCst)), MAX_OF_ONE);
        assert_eq!(lookups.lock().len(), MAX_OF_ONE);
        assert_eq!(ask_and_leave(&lookups, "works.test").await, None);
    }
}
