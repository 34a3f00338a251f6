//! Where deliveries go: many endpoints behind one address, each as well or badly behaved as it is told to be.
//!
//! **Invariants.** A delivery counts once it was read whole, before it is answered. A thread serves the connections that
//! it accepted; nothing is shared between threads but counters, so that the receiver is not what is measured.

mod connection;
mod mode;
mod verifier;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use tokio::sync::watch;

pub use self::{
    mode::Mode,
    verifier::{Verified, Verifier},
};
use crate::{
    error::{Context as _, Error},
    process::ThreadClock,
    run::Run,
    wire::IdSource,
};

/// A receiver that runs until it is dropped.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    threads: Vec<(JoinHandle<()>, ThreadClock)>,
}

/// What the threads have in common.
#[derive(Debug)]
struct Shared {
    id: IdSource,
    modes: Vec<AtomicU64>,
    run: RwLock<Option<Arc<Run>>>,
    verifier: RwLock<Option<Arc<Verifier>>>,
    posts: AtomicU64,
}

impl Receiver {
    /// Listens on a free port of the loopback interface, with this many endpoints and threads.
    ///
    /// # Errors
    /// When the system gives no socket or thread.
    pub fn start(id: IdSource, endpoints: usize, threads: usize) -> Result<Self, Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("receiver")?;
        listener.set_nonblocking(true).context("receiver")?;
        let address = listener.local_addr().context("receiver")?;
        let shared = Arc::new(Shared {
            id,
            modes: (0..endpoints).map(|_| AtomicU64::new(Mode::Ok.to_bits())).collect(),
            run: RwLock::new(None),
            verifier: RwLock::new(None),
            posts: AtomicU64::new(0),
        });
        let (stop, stopped) = watch::channel(false);
        let mut receiver = Self { address, shared, stop, threads: Vec::new() };
        for shard in 0..threads.max(1) {
            let listener = listener.try_clone().context("receiver")?;
            let (shared, stopped) = (Arc::clone(&receiver.shared), stopped.clone());
            let thread = ThreadClock::spawn(&format!("receiver-{shard}"), move || {
                _ = serve(listener, shard, shared, stopped);
            });
            receiver.threads.push(thread.context("receiver")?);
        }
        Ok(receiver)
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The path of an endpoint.
    #[must_use]
    pub fn path(endpoint: usize) -> String {
        format!("{PATH}{endpoint}")
    }

    /// The number of threads that report arrivals.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads.len()
    }

    /// From now on deliveries are counted for this run.
    pub fn begin(&self, run: Arc<Run>) {
        *self.shared.run.write().unwrap_or_else(PoisonError::into_inner) = Some(run);
    }

    /// From now on signatures are verified by this.
    pub fn verify_with(&self, verifier: Arc<Verifier>) {
        *self.shared.verifier.write().unwrap_or_else(PoisonError::into_inner) = Some(verifier);
    }

    /// The signatures that were verified, if any were to be.
    #[must_use]
    pub fn signatures(&self) -> Option<Verified> {
        self.shared.verifier().map(|verifier| verifier.counts())
    }

    /// How an endpoint behaves from now on.
    pub fn set_mode(&self, endpoint: usize, mode: Mode) {
        if let Some(slot) = self.shared.modes.get(endpoint) {
            slot.store(mode.to_bits(), Ordering::Release);
        }
    }

    /// How an endpoint behaves.
    #[must_use]
    pub fn mode(&self, endpoint: usize) -> Mode {
        self.shared.mode(endpoint)
    }

    /// All requests so far, whatever they were.
    #[must_use]
    pub fn posts(&self) -> u64 {
        self.shared.posts.load(Ordering::Acquire)
    }

    /// The time that its threads have spent on a processor; zero where the system does not tell.
    #[must_use]
    pub fn cpu(&self) -> Duration {
        self.threads.iter().map(|(_, clock)| clock.read()).sum()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        for (thread, _) in self.threads.drain(..) {
            // A thread that panicked has said so already.
            _ = thread.join();
        }
    }
}

impl Shared {
    fn mode(&self, endpoint: usize) -> Mode {
        let bits = self.modes.get(endpoint).map(|slot| slot.load(Ordering::Acquire));
        bits.map_or(Mode::NotFound, Mode::from_bits)
    }

    fn run(&self) -> Option<Arc<Run>> {
        self.run.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn verifier(&self) -> Option<Arc<Verifier>> {
        self.verifier.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn serve(
    listener: TcpListener,
    shard: usize,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Dropping the runtime closes the connections.
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stopped.wait_for(|stopped| *stopped) => return Ok(()),
            };
            if let Ok((stream, _)) = accepted {
                tokio::spawn(connection::serve(stream, shard, Arc::clone(&shared)));
            } else {
                // No descriptors left, perhaps: some will be closed.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    })
}

/// The path of an endpoint, before its number.
const PATH: &str = "/e/";
