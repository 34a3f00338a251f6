//! A receiver that counts: which events it took, how often, and from which life of the server.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    reason = "each test file mounts this module and uses a part of it"
)]

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tokio::{io::AsyncWriteExt as _, net::TcpStream, sync::watch};

use super::{
    PATIENCE,
    raw::{NO_CONTENT, RawServer, read_request},
};

/// Takes what comes, but every third event only when it comes again, so that some wait for a retry at any time.
pub struct Ledger {
    server: RawServer,
    book: Arc<watch::Sender<Book>>,
    open: Arc<watch::Sender<usize>>,
}

/// What is known so far.
#[derive(Default)]
pub struct Book {
    /// Lives that have ended.
    life: usize,
    /// The life of the server in each of which an event was taken.
    taken: HashMap<String, Vec<usize>>,
    put_off: HashSet<String>,
    missing: HashSet<String>,
}

impl Book {
    /// How many different events were taken.
    pub fn events(&self) -> usize {
        self.taken.len()
    }

    fn take(&mut self, id: String) -> &'static [u8] {
        let third = id.bytes().map(usize::from).sum::<usize>().is_multiple_of(3);
        if third && self.put_off.insert(id.clone()) {
            return REFUSAL;
        }
        self.missing.remove(&id);
        let life = self.life;
        self.taken.entry(id).or_default().push(life);
        NO_CONTENT
    }
}

/// A connection that is not closed.
struct Open(Arc<watch::Sender<usize>>);

impl Open {
    fn new(count: &Arc<watch::Sender<usize>>) -> Self {
        count.send_modify(|open| *open += 1);
        Self(Arc::clone(count))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

impl Ledger {
    pub async fn start() -> Arc<Self> {
        let book = Arc::new(watch::Sender::new(Book::default()));
        let open = Arc::new(watch::Sender::new(0));
        let (entries, count) = (Arc::clone(&book), Arc::clone(&open));
        let server = RawServer::start(move |mut stream, _| {
            let (entries, counted) = (Arc::clone(&entries), Open::new(&count));
            async move {
                let _counted = counted;
                while let Some((head, _)) = read_request(&mut stream).await {
                    let id = head.lines().find_map(|line| line.strip_prefix("webhook-id: "));
                    let mut answer = NO_CONTENT;
                    if let Some(id) = id {
                        entries.send_modify(|book| answer = book.take(id.to_owned()));
                    }
                    if stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
            }
        })
        .await;
        Arc::new(Self { server, book, open })
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    /// How many different events were taken.
    pub fn events(&self) -> usize {
        self.book.borrow().events()
    }

    /// Waits for something to be true of the book; panics when that takes longer than anything should.
    pub async fn until(&self, is_so: impl FnMut(&Book) -> bool) {
        let mut book = self.book.subscribe();
        let reached = tokio::time::timeout(PATIENCE, book.wait_for(is_so)).await;
        drop(reached.expect("nothing more came").unwrap());
    }

    /// Waits until so many further events were taken.
    pub async fn until_more(&self, events: usize) {
        let enough = self.events() + events;
        self.until(|book| book.events() >= enough).await;
    }

    /// Notes that the only server was killed: what comes from now on comes from another. Everything that the killed one
    /// sent has been read when this returns.
    pub async fn end_life(&self) {
        // Connections are accepted in their order: behind this one there is none of the killed process.
        let mut last = TcpStream::connect(self.server.address).await.unwrap();
        last.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let mut answer = [0; NO_CONTENT.len()];
        tokio::io::AsyncReadExt::read_exact(&mut last, &mut answer).await.unwrap();
        drop(last);
        let mut open = self.open.subscribe();
        let closed = tokio::time::timeout(PATIENCE, open.wait_for(|open| *open == 0)).await;
        drop(closed.expect("a connection outlived its process").unwrap());
        self.book.send_modify(|book| book.life += 1);
    }

    /// Those of `accepted` that were not taken within a while without news.
    pub async fn missing_of(&self, accepted: &[String]) -> Vec<String> {
        self.book.send_modify(|book| {
            let missing = accepted.iter().filter(|id| !book.taken.contains_key(*id));
            book.missing = missing.cloned().collect();
        });
        let mut book = self.book.subscribe();
        loop {
            let left: Vec<_> = book.borrow_and_update().missing.iter().cloned().collect();
            if left.is_empty() || tokio::time::timeout(PATIENCE, book.changed()).await.is_err() {
                return left;
            }
        }
    }

    /// The events that were taken more than once, with the lives of the server that sent them.
    pub fn repeated(&self) -> Vec<(String, Vec<usize>)> {
        let book = self.book.borrow();
        let more = book.taken.iter().filter(|(_, lives)| lives.len() > 1);
        more.map(|(id, lives)| (id.clone(), lives.clone())).collect()
    }
}

const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
