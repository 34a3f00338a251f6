//! One story: what the users do, and what befalls the nodes.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use hookseal_server::{config::Config, dispatch::Limits, seal::MasterKey};
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinSet;
use zeroize::Zeroizing;

use crate::{
    dice::Dice,
    node::{Node, WrongClock},
    support::{
        self,
        client::Client,
        postgres::{Cluster, number, text},
    },
    verdict::{Delivery, Record},
    wire::{Weather, Wire},
    world::{Endpoint, LONGEST_FREEZE, Mood, World, now},
};

pub(crate) const NODES: usize = 3;
const STEPS: u64 = 40;
const LEASE: Duration = Duration::from_millis(800);
/// First attempt and two retries, in seconds, and what they are multiplied with.
const SCHEDULE: [u32; 2] = [20, 60];
const FACTOR: f64 = 0.01;

/// What happened under one seed.
pub(crate) struct Story {
    pub(crate) seed: u64,
    pub(crate) lives: usize,
    /// What was done, in its order.
    pub(crate) deeds: Vec<String>,
    pub(crate) world: World,
    pub(crate) records: Vec<Record>,
    pub(crate) complaints: Vec<String>,
}

impl fmt::Debug for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Story")
            .field("seed", &self.seed)
            .field("deeds", &self.deeds)
            .field("records", &self.records)
            .field("arrivals", &self.world.state().arrivals)
            .field("complaints", &self.complaints)
            .finish_non_exhaustive()
    }
}

/// An event that was accepted, with its deliveries.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    pub(crate) id: String,
    pub(crate) sent: Instant,
    pub(crate) answered: Instant,
    /// The number of the endpoint, and the id of the delivery.
    pub(crate) deliveries: Vec<(usize, String)>,
}

impl Story {
    pub(crate) fn of(seed: u64, cluster: &'static Cluster) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let story = runtime.block_on(tell(seed, cluster));
        runtime.shutdown_background();
        story
    }
}

async fn tell(seed: u64, cluster: &'static Cluster) -> Story {
    let world = World::new(Dice::new(!seed));
    let (servers, port) = world.listen(NODES).await;
    let mut dice = Dice::new(seed);
    let url = cluster.database().await;
    let seats = (0..NODES).map(|_| Seat::new(cluster, &mut dice)).collect();
    let mut plot = Plot {
        seed,
        dice,
        world: world.clone(),
        port,
        seats,
        database: url.split(['/', '?']).nth(3).unwrap().to_owned(),
        ids: Vec::new(),
        events: 0,
        lives: 0,
        begun: now(),
        deeds: Vec::new(),
        accepted: Arc::default(),
        sending: JoinSet::new(),
    };
    plot.begin().await;
    for _ in 0..STEPS {
        plot.step().await;
    }
    plot.make_peace().await;
    let (records, mut complaints) = plot.records().await;
    if records.iter().all(|record| record.delivery.has_ended()) {
        complaints.extend(plot.left_over(&url).await);
    } else {
        plot.note(&text(&url, STANDING).await);
    }
    for seat in &mut plot.seats {
        if let Some(node) = seat.node.take() {
            node.stop().await;
        }
    }
    complaints.extend(world.state().complaints.clone());
    drop(servers);
    Story { seed, lives: plot.lives, deeds: plot.deeds, world, records, complaints }
}

/// Where a node lives, again and again.
struct Seat {
    node: Option<Node>,
    wire: Wire,
    clock: Arc<WrongClock>,
    data: TempDir,
}

impl Seat {
    fn new(cluster: &Cluster, dice: &mut Dice) -> Self {
        let off = i64::try_from(dice.below(120_000)).unwrap() - 60_000;
        Self {
            node: None,
            wire: Wire::lay(cluster.folder()),
            clock: Arc::new(WrongClock::new(off)),
            data: tempfile::tempdir().unwrap(),
        }
    }
}

pub(crate) struct Plot {
    pub(crate) seed: u64,
    pub(crate) dice: Dice,
    pub(crate) world: World,
    port: u16,
    seats: Vec<Seat>,
    database: String,
    /// Of the endpoints, by their numbers.
    pub(crate) ids: Vec<String>,
    pub(crate) events: u64,
    lives: usize,
    begun: Instant,
    pub(crate) deeds: Vec<String>,
    pub(crate) accepted: Arc<Mutex<Vec<Accepted>>>,
    pub(crate) sending: JoinSet<()>,
}

impl Plot {
    async fn begin(&mut self) {
        for seat in 0..NODES {
            self.start(seat).await;
            assert!(self.seats[seat].node.is_some(), "{:?}", self.deeds);
        }
        for number in 0..2 + usize::try_from(self.dice.below(3)).unwrap() {
            let ordered = number == 1;
            let settings = json!({
                "order": if ordered { "endpoint" } else { "none" },
                "retry": { "schedule": { "list": SCHEDULE } },
                "timeout_ms": 400,
            });
            let body =
                json!({ "url": self.url(number, 0), "event_types": ["*"], "settings": settings });
            let answer = self.client(0).post("/v1/endpoints", &body).await;
            assert_eq!(answer.status, 201, "{}", answer.body);
            self.ids.push(answer.text("/id"));
            let mood = self.mood();
            self.note(&format!("endpoint {number} is {mood:?}, ordered: {ordered}"));
            self.world.state().endpoints.push(Endpoint::new(mood, ordered));
        }
    }

    async fn step(&mut self) {
        let pause = self.dice.below(3) * self.dice.below(100);
        pass(pause).await;
        let endpoint = usize::try_from(self.dice.below(self.ids.len() as u64)).unwrap();
        let seat = usize::try_from(self.dice.below(NODES as u64)).unwrap();
        match self.dice.below(32) {
            0 => self.delete(endpoint).await,
            1 | 2 => self.pause_and_resume(endpoint).await,
            3 => self.move_away(endpoint).await,
            4..6 => {
                let mood = self.mood();
                self.note(&format!("endpoint {endpoint} is {mood:?}"));
                self.world.state().endpoints[endpoint].mood = mood;
            }
            6 | 7 => {
                self.note(&format!("node {seat} is killed"));
                if let Some(node) = self.seats[seat].node.take() {
                    node.kill().await;
                }
            }
            8 => {
                self.note(&format!("node {seat} stops"));
                if let Some(node) = self.seats[seat].node.take() {
                    node.stop().await;
                }
            }
            9..12 => self.start(seat).await,
            12 => self.freeze(seat),
            13 | 14 => self.weather(seat).await,
            15 | 16 => {
                let bytes = i64::try_from(self.dice.below(3000)).unwrap();
                self.note(&format!("the wire of node {seat} breaks after {bytes} bytes"));
                self.seats[seat].wire.break_after(bytes);
            }
            17 => {
                let step = i64::try_from(self.dice.below(60_000)).unwrap() - 30_000;
                self.note(&format!("the clock of node {seat} steps by {step} ms"));
                self.seats[seat].clock.step(step);
            }
            _ => {
                for _ in 0..=self.dice.below(5) {
                    self.send();
                }
            }
        }
        if self.clients().is_empty() {
            self.start(seat).await;
        }
    }

    async fn start(&mut self, seat: usize) {
        if self.seats[seat].node.is_some() {
            return;
        }
        self.lives += 1;
        self.note(&format!("node {seat} starts"));
        let config = self.config(seat);
        let seed = self.seed.wrapping_mul(1000).wrapping_add(self.lives as u64);
        self.seats[seat].wire.set(Weather::Fine);
        let clock = Arc::clone(&self.seats[seat].clock);
        match Node::start(seat, config, clock, seed).await {
            Ok(node) => self.seats[seat].node = Some(node),
            Err(error) => self.note(&format!("it does not: {error}")),
        }
    }

    fn config(&self, seat: usize) -> Config {
        let seat = &self.seats[seat];
        let socket = seat.wire.folder().to_str().unwrap().replace('/', "%2F");
        let url = format!("postgres://hookseal@{socket}/{}?sslmode=disable", self.database);
        Config {
            database_url: Some(Zeroizing::new(url)),
            master_key: Some(MasterKey::parse(&"5a".repeat(32)).unwrap()),
            node_lease: LEASE,
            retry_delay_factor: FACTOR,
            limits: Limits {
                total: 16,
                per_endpoint: 4,
                queue: 12,
                grace: Duration::from_millis(500),
                ..Limits::default()
            },
            ..support::config(&seat.data)
        }
    }

    fn freeze(&mut self, seat: usize) {
        let millis = 100 + self.dice.below(2 * 800);
        let Some(node) = &self.seats[seat].node else { return };
        let time = Duration::from_millis(millis);
        assert!(time < LONGEST_FREEZE);
        node.freeze(time);
        self.world.state().frozen.push((seat, now(), now() + time));
        self.note(&format!("node {seat} stands still for {time:?}"));
    }

    async fn weather(&mut self, seat: usize) {
        let weather = match self.dice.below(3) {
            0 => Weather::Slow(1 + self.dice.below(15)),
            1 => Weather::Still,
            _ => Weather::Broken,
        };
        let millis = self.dice.below(1500);
        self.note(&format!("the wire of node {seat} is {weather:?} for {millis} ms"));
        self.seats[seat].wire.set(weather);
        let clear_up = self.seats[seat].wire.later(Weather::Fine);
        self.sending.spawn(async move {
            pass(millis).await;
            clear_up();
        });
    }

    async fn make_peace(&mut self) {
        self.note("peace");
        {
            let mut state = self.world.state();
            state.rough = false;
            state.endpoints.iter_mut().for_each(|endpoint| endpoint.mood = Mood::Well);
        }
        while let Some(done) = self.sending.join_next().await {
            done.unwrap();
        }
        for seat in 0..NODES {
            self.seats[seat].wire.mend();
            self.start(seat).await;
            assert!(self.seats[seat].node.is_some(), "{:?}", self.deeds);
        }
    }

    /// What the servers say became of everything, once they say that it has ended.
    async fn records(&mut self) -> (Vec<Record>, Vec<String>) {
        let (mut records, mut complaints) = (Vec::new(), Vec::new());
        let accepted = std::mem::take(&mut *self.accepted.lock().unwrap());
        let until = now() + PEACE;
        for event in accepted {
            for (endpoint, id) in &event.deliveries {
                let path = format!("/v1/deliveries/{id}");
                let delivery = loop {
                    let answer =
                        self.act(async |client| client.try_call("GET", &path, None).await).await;
                    let delivery = Delivery::read(&answer.json);
                    if delivery.as_ref().is_some_and(Delivery::has_ended) || now() > until {
                        break delivery;
                    }
                    pass(20).await;
                };
                match delivery {
                    Some(delivery) => {
                        records.push(Record {
                            event: event.clone(),
                            endpoint: *endpoint,
                            delivery,
                        });
                    }
                    None => {
                        complaints.push(format!("{} to endpoint {endpoint} was lost", event.id));
                    }
                }
            }
        }
        (records, complaints)
    }

    /// What a node holds to deliver, although all is delivered, would be delivered again when it dies.
    async fn left_over(&self, url: &str) -> Option<String> {
        let until = now() + PEACE;
        loop {
            let claims = number(url, "SELECT count(*) FROM claim").await;
            if claims == 0 {
                return None;
            }
            if now() > until {
                return Some(format!("{claims} claims are left"));
            }
            pass(20).await;
        }
    }

    pub(crate) fn url(&self, endpoint: usize, version: u32) -> String {
        format!("http://endpoint.test:{}/{endpoint}/{version}", self.port)
    }

    fn client(&self, seat: usize) -> &Client {
        &self.seats[seat].node.as_ref().unwrap().client
    }

    pub(crate) fn clients(&self) -> Vec<Client> {
        self.seats.iter().filter_map(|seat| Some(seat.node.as_ref()?.client.clone())).collect()
    }

    fn mood(&mut self) -> Mood {
        Mood::ALL[usize::try_from(self.dice.below(5)).unwrap()]
    }

    pub(crate) fn note(&mut self, deed: &str) {
        let at = self.begun.elapsed();
        self.deeds.push(format!("{at:.3?} {deed}"));
    }
}

#[expect(clippy::disallowed_methods, reason = "the time of the world outside")]
pub(crate) async fn pass(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

/// What is left when something does not end.
const STANDING: &str = "SELECT concat_ws(E'\n', (SELECT json_agg(l) FROM lane l),
    (SELECT json_agg(n) FROM node n), (SELECT json_agg(c) FROM claim c),
    (SELECT json_agg(d) FROM (SELECT endpoint, event, state, due, claim, attempts, interruptions FROM delivery
        WHERE state IN ('pending', 'delivering')) d), (extract(epoch FROM now()) * 1000)::bigint)";
const PEACE: Duration = Duration::from_secs(30);
