//! The way from one node to the database: a socket that can be slow, stand still, break, or swallow the answer to a commit.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{UnixListener, UnixStream},
    sync::watch,
    task::{AbortHandle, JoinSet},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    Fine,
    /// Each piece takes so many milliseconds more.
    Slow(u64),
    /// Nothing comes through, and nothing is lost.
    Still,
    /// Connections break, and new ones as well.
    Broken,
}

/// Removed with its socket when dropped.
pub(crate) struct Wire {
    folder: TempDir,
    weather: Arc<watch::Sender<Weather>>,
    /// Bytes of answers until everything breaks once; negative: never.
    left: Arc<AtomicI64>,
    task: AbortHandle,
}

impl Wire {
    pub(crate) fn lay(database: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(SOCKET)).unwrap();
        let weather = Arc::new(watch::Sender::new(Weather::Fine));
        let left = Arc::new(AtomicI64::new(-1));
        let line = Line { weather: Arc::clone(&weather), left: Arc::clone(&left) };
        let database = database.join(SOCKET);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (node, _) = listener.accept().await.unwrap();
                while connections.try_join_next().is_some() {}
                connections.spawn(line.clone().carry(node, database.clone()));
            }
        });
        Self { folder, weather, left, task: task.abort_handle() }
    }

    /// What the node takes for the database's folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// Sets it when that is called.
    pub(crate) fn later(&self, weather: Weather) -> impl FnOnce() + Send + 'static {
        let wire = Arc::clone(&self.weather);
        move || {
            wire.send_replace(weather);
        }
    }

    /// For good.
    pub(crate) fn mend(&self) {
        self.break_after(-1);
        self.set(Weather::Fine);
    }

    /// Breaks all connections once the database has answered so many bytes more.
    pub(crate) fn break_after(&self, bytes: i64) {
        self.left.store(bytes, Ordering::SeqCst);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Line {
    weather: Arc<watch::Sender<Weather>>,
    left: Arc<AtomicI64>,
}

impl Line {
    async fn carry(self, node: UnixStream, database: PathBuf) {
        let mut weather = self.weather.subscribe();
        if *weather.borrow() == Weather::Broken {
            return;
        }
        let Ok(database) = UnixStream::connect(database).await else { return };
        let (mut from_node, mut to_node) = node.into_split();
        let (mut from_database, mut to_database) = database.into_split();
        tokio::select! {
            _ = weather.wait_for(|weather| *weather == Weather::Broken) => {}
            // Whoever ends it, ends it for both.
            _ = self.copy(&mut from_node, &mut to_database, false) => {}
            _ = self.copy(&mut from_database, &mut to_node, true) => {}
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "what takes its time here is the world, not the server"
    )]
    async fn copy(
        &self,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
        counts: bool,
    ) -> io::Result<()> {
        let mut piece = vec![0; 16 * 1024];
        let mut weather = self.weather.subscribe();
        loop {
            let length = from.read(&mut piece).await?;
            if length == 0 {
                return Ok(());
            }
            let now = *weather.wait_for(|weather| *weather != Weather::Still).await.unwrap();
            if let Weather::Slow(millis) = now {
                tokio::time::sleep(Duration::from_millis(millis)).await;
            }
            let mut end = length;
            if counts && self.left.load(Ordering::SeqCst) >= 0 {
                let before = self.left.fetch_sub(i64::try_from(length).unwrap(), Ordering::SeqCst);
                end = length.min(usize::try_from(before).unwrap_or_default());
            }
            to.write_all(&piece[..end]).await?;
            if end < length {
                self.left.store(-1, Ordering::SeqCst);
                // All of them break, and those that come next do not.
                self.weather.send_replace(Weather::Broken);
                self.weather.send_replace(Weather::Fine);
                return Ok(());
            }
        }
    }
}

const SOCKET: &str = ".s.PGSQL.5432";
