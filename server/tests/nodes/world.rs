//! What is outside the servers: endpoints with their moods, and the record of all that reached them.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::{
    dice::Dice,
    node::address_of,
    standstill::Standstills,
    support::raw::{NO_CONTENT, PATIENCE, RawServer, read_request},
};

/// How an endpoint behaves, most of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    /// Takes half of what it gets.
    Moody,
    /// Says when to come again.
    Busy,
    Failing,
    /// Takes connections and says nothing.
    Hanging,
}

impl Mood {
    pub(crate) const ALL: [Self; 5] =
        [Self::Well, Self::Moody, Self::Busy, Self::Failing, Self::Hanging];
}

/// One POST that an endpoint saw.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) at: Instant,
    pub(crate) node: usize,
    pub(crate) took: bool,
    /// Asked not to be called again before.
    pub(crate) not_before: Option<Instant>,
    /// When it got its answer, as far as is known here.
    pub(crate) answered: Option<Instant>,
}

/// One POST to where the server had said that nothing goes any more.
#[derive(Debug)]
pub(crate) struct Stray {
    pub(crate) id: String,
    pub(crate) endpoint: usize,
    pub(crate) node: usize,
    pub(crate) at: Instant,
    /// When the server had said so, and why.
    pub(crate) since: Instant,
    pub(crate) why: &'static str,
    /// When it was broken off, if it was.
    pub(crate) ended: Option<Instant>,
}

/// Two deliveries of an order that were under way at a time.
#[derive(Debug)]
pub(crate) struct Overlap {
    pub(crate) endpoint: usize,
    pub(crate) at: Instant,
    pub(crate) ids: [String; 2],
}

/// What is said, and after how long to come again.
type Answer = (&'static [u8], Option<Duration>);

#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) mood: Mood,
    /// Gets one after the other.
    pub(crate) ordered: bool,
    /// The server said that nothing goes there any more: since when, and why.
    pub(crate) closed: Option<(Instant, &'static str)>,
    /// The part of the URL that changes, and since when it is the only one.
    pub(crate) version: u32,
    pub(crate) moved: Instant,
    open: HashMap<String, u32>,
}

#[derive(Debug)]
pub(crate) struct State {
    dice: Dice,
    pub(crate) rough: bool,
    pub(crate) endpoints: Vec<Endpoint>,
    /// By number of the endpoint and id of the event.
    pub(crate) arrivals: BTreeMap<(usize, String), Vec<Arrival>>,
    pub(crate) overlaps: Vec<Overlap>,
    pub(crate) strays: Vec<Stray>,
    /// Of the nodes.
    pub(crate) standstills: Vec<Standstills>,
    /// Of the world.
    pub(crate) own_standstills: Standstills,
}

#[derive(Clone, Debug)]
pub(crate) struct World(Arc<Mutex<State>>);

impl World {
    /// With so many nodes, on a runtime that is its own.
    pub(crate) fn new(dice: Dice, nodes: usize) -> Self {
        let own_standstills = Standstills::default();
        tokio::spawn(own_standstills.clone().watch());
        Self(Arc::new(Mutex::new(State {
            dice,
            rough: true,
            endpoints: Vec::new(),
            arrivals: BTreeMap::new(),
            overlaps: Vec::new(),
            strays: Vec::new(),
            standstills: (0..nodes).map(|_| Standstills::default()).collect(),
            own_standstills,
        })))
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Listens for so many nodes, at one port of an address for each.
    pub(crate) async fn listen(&self, nodes: usize) -> (Vec<RawServer>, u16) {
        loop {
            let first = self.listen_at((address_of(0), 0).into(), 0).await.unwrap();
            let port = first.address.port();
            let mut servers = vec![first];
            for node in 1..nodes {
                servers.extend(self.listen_at((address_of(node), port).into(), node).await);
            }
            if servers.len() == nodes {
                return (servers, port);
            }
        }
    }

    async fn listen_at(&self, address: SocketAddr, node: usize) -> Option<RawServer> {
        // Free a moment before it is taken.
        drop(TcpListener::bind(address).await.ok()?);
        let world = self.clone();
        let serve = move |stream, _| {
            let world = world.clone();
            async move { world.serve(stream, node).await }
        };
        Some(RawServer::at(address, serve).await)
    }

    async fn serve(&self, mut stream: TcpStream, node: usize) {
        while let Some((head, _)) = read_request(&mut stream).await {
            let at = now();
            let path = head.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
            let (endpoint, version) = path.split_once('/').unwrap();
            let (endpoint, version) = (endpoint.parse().unwrap(), version.parse().unwrap());
            let id = head.lines().find_map(|line| line.strip_prefix("webhook-id: ")).unwrap();
            let stray = self.state().stray(endpoint, version);
            if let Some((since, why)) = stray {
                // What was on its way when the server said that nothing more comes is broken off by it.
                let ends = tokio::time::timeout(PATIENCE, stream.read(&mut [0])).await;
                let ended = ends.is_ok().then(now);
                let id = id.to_owned();
                self.state().strays.push(Stray { id, endpoint, node, at, since, why, ended });
                return;
            }
            if !self.exchange(&mut stream, node, endpoint, id).await {
                return;
            }
        }
    }

    /// Whether the connection goes on.
    async fn exchange(
        &self,
        stream: &mut TcpStream,
        node: usize,
        endpoint: usize,
        id: &str,
    ) -> bool {
        let (answer, place) = self.state().arrive(node, endpoint, id);
        let _open = Exchange { world: self, endpoint, id };
        let Some((answer, waits)) = answer else {
            // Until the node has had enough.
            let _ = tokio::time::timeout(LONGEST_FREEZE, stream.read(&mut [0])).await;
            return false;
        };
        let said = now();
        if stream.write_all(answer).await.is_err() {
            return false;
        }
        let mut state = self.state();
        let arrival = &mut state.arrivals.get_mut(&(endpoint, id.to_owned())).unwrap()[place];
        arrival.answered = Some(now());
        arrival.not_before = waits.map(|wait| said + wait);
        true
    }
}

impl State {
    fn stray(&self, endpoint: usize, version: u32) -> Option<(Instant, &'static str)> {
        let endpoint = &self.endpoints[endpoint];
        let moved = (version < endpoint.version).then_some((endpoint.moved, "it moved"));
        endpoint.closed.or(moved)
    }

    /// What is answered, unless nothing is, and the place of the arrival.
    fn arrive(&mut self, node: usize, number: usize, id: &str) -> (Option<Answer>, usize) {
        let (luck, lost) = (self.dice.one_in(2), self.rough && self.dice.one_in(30));
        let endpoint = &mut self.endpoints[number];
        if endpoint.ordered {
            let others = endpoint.open.keys().filter(|other| *other != id);
            self.overlaps.extend(others.map(|other| Overlap {
                endpoint: number,
                at: now(),
                ids: [other.clone(), id.to_owned()],
            }));
        }
        *endpoint.open.entry(id.to_owned()).or_default() += 1;
        let mood = endpoint.mood;
        let took = match mood {
            Mood::Well => true,
            Mood::Moody | Mood::Busy => luck,
            Mood::Failing | Mood::Hanging => false,
        };
        let answer: Option<Answer> = match mood {
            Mood::Hanging => None,
            _ if lost => None,
            _ if took => Some((NO_CONTENT, None)),
            Mood::Busy => Some((BUSY, Some(BUSY_TIME))),
            _ => Some((FAILED, None)),
        };
        let arrivals = self.arrivals.entry((number, id.to_owned())).or_default();
        arrivals.push(Arrival { at: now(), node, took, not_before: None, answered: None });
        (answer, arrivals.len() - 1)
    }
}

/// Over when dropped, however it ended.
struct Exchange<'a> {
    world: &'a World,
    endpoint: usize,
    id: &'a str,
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        let mut state = self.world.state();
        let open = &mut state.endpoints[self.endpoint].open;
        if let Some(count) = open.get_mut(self.id) {
            *count -= 1;
            if *count == 0 {
                open.remove(self.id);
            }
        }
    }
}

impl Endpoint {
    pub(crate) fn new(mood: Mood, ordered: bool) -> Self {
        Self { mood, ordered, closed: None, version: 0, moved: now(), open: HashMap::new() }
    }
}

#[expect(clippy::disallowed_methods, reason = "the time of the world outside")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n";
const BUSY_TIME: Duration = Duration::from_secs(1);
const FAILED: &[u8] = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n";
pub(crate) const LONGEST_FREEZE: Duration = Duration::from_millis(2500);
