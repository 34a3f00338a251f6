//! One node: the whole server, on a thread and a runtime of its own, with a clock that is wrong.

use std::{
    future::{self, Future},
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use async_trait::async_trait;
use hookseal::Timestamp;
use hookseal_server::{
    app::{Server, Shell},
    clock::{Clock, SystemClock},
    config::Config,
    guard::Resolver,
    rng::SeededRng,
};
use tokio::{runtime::Handle, sync::oneshot};

use crate::{
    standstill::Standstills,
    support::{ADMIN_KEY, client::Client},
    world::now,
};

/// A time of day that somebody set off.
#[derive(Debug)]
pub(crate) struct WrongClock {
    right: SystemClock,
    off: AtomicI64,
}

impl WrongClock {
    pub(crate) fn new(off_millis: i64) -> Self {
        Self { right: SystemClock::new(), off: AtomicI64::new(off_millis) }
    }

    pub(crate) fn step(&self, millis: i64) {
        self.off.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for WrongClock {
    fn now(&self) -> Timestamp {
        self.right.now().plus_millis(self.off.load(Ordering::Relaxed))
    }

    fn elapsed(&self) -> Duration {
        self.right.elapsed()
    }

    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let off = self.off.load(Ordering::Relaxed);
        self.right.sleep_until(at.plus_millis(-off))
    }
}

/// Every name is at an address of this node's own, by which the receiver knows it.
#[derive(Debug)]
struct OwnAddress(usize);

#[async_trait]
impl Resolver for OwnAddress {
    async fn lookup(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec![IpAddr::V4(address_of(self.0))])
    }
}

pub(crate) fn address_of(node: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, u8::try_from(node).unwrap() + 2)
}

#[derive(Debug)]
enum End {
    Kill,
    Stop,
}

/// A node that runs.
pub(crate) struct Node {
    pub(crate) client: Client,
    standstills: Standstills,
    runtime: Handle,
    end: oneshot::Sender<End>,
    thread: JoinHandle<()>,
}

impl Node {
    /// Fails where the database is out of reach.
    pub(crate) async fn start(
        number: usize,
        config: Config,
        clock: Arc<WrongClock>,
        standstills: Standstills,
        seed: u64,
    ) -> Result<Self, String> {
        let (started, begun) = oneshot::channel();
        let (end, ending) = oneshot::channel();
        let shell = Shell {
            clock,
            rng: Arc::new(SeededRng::new(seed)),
            resolver: Arc::new(OwnAddress(number)),
        };
        let watch = standstills.clone().watch();
        let thread = thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.spawn(watch);
            runtime.block_on(live(config, shell, started, ending));
            // What still runs is broken off wherever it stands, as its connections are.
            runtime.shutdown_background();
        });
        let (address, runtime) = begun.await.unwrap()?;
        Ok(Self { client: Client::new(address, ADMIN_KEY), standstills, runtime, end, thread })
    }

    /// Stands still for so long, and does not know it.
    #[expect(clippy::disallowed_methods, reason = "the thread is to stand still")]
    pub(crate) fn freeze(&self, time: Duration) {
        self.standstills.note(now(), now() + time);
        self.runtime.spawn(async move { thread::sleep(time) });
    }

    /// As if its process was killed.
    pub(crate) async fn kill(self) {
        self.end(End::Kill).await;
    }

    /// Stops as it is told to.
    pub(crate) async fn stop(self) {
        self.end(End::Stop).await;
    }

    async fn end(self, how: End) {
        // It may have ended by itself, which the join tells.
        let _ = self.end.send(how);
        let thread = self.thread;
        tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap();
    }
}

async fn live(
    config: Config,
    shell: Shell,
    started: oneshot::Sender<Result<(SocketAddr, Handle), String>>,
    ending: oneshot::Receiver<End>,
) {
    let server = match Server::start(config, shell).await {
        Ok(server) => server,
        Err(error) => return started.send(Err(error.to_string())).unwrap(),
    };
    started.send(Ok((server.address(), Handle::current()))).unwrap();
    let (stop, stopped) = oneshot::channel();
    let killed = async {
        match ending.await {
            Ok(End::Stop) => {
                let _ = stop.send(());
                future::pending::<()>().await;
            }
            Ok(End::Kill) | Err(_) => {}
        }
    };
    tokio::select! {
        () = killed => {}
        ended = server.run_until(async { stopped.await.unwrap() }) => ended.unwrap(),
    }
}
