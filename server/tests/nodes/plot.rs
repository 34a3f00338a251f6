//! What the nodes go through: they come and go, stand still, lose their way to the database, while endpoints change their moods.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    dice::Dice,
    seat::Seat,
    story::{Accepted, pass},
    support::{client::Client, postgres::Cluster},
    wire::Weather,
    world::{Endpoint, LONGEST_FREEZE, Mood, World, now},
};

pub(crate) struct Plot {
    pub(crate) seed: u64,
    pub(crate) dice: Dice,
    pub(crate) world: World,
    port: u16,
    pub(crate) seats: Vec<Seat>,
    /// Of the endpoints, by their numbers.
    pub(crate) ids: Vec<String>,
    pub(crate) events: u64,
    pub(crate) lives: usize,
    pub(crate) begun: Instant,
    pub(crate) deeds: Vec<String>,
    pub(crate) accepted: Arc<Mutex<Vec<Accepted>>>,
    pub(crate) sending: JoinSet<()>,
}

impl Plot {
    pub(crate) fn new(
        seed: u64,
        cluster: &'static Cluster,
        url: &str,
        world: World,
        port: u16,
    ) -> Self {
        let mut dice = Dice::new(seed);
        let database = url.split(['/', '?']).nth(3).unwrap();
        let standstills = world.state().standstills.clone().into_iter().enumerate();
        let seat = |(number, its)| Seat::new(number, cluster, database, its, &mut dice);
        Self {
            seats: standstills.map(seat).collect(),
            seed,
            dice,
            world,
            port,
            ids: Vec::new(),
            events: 0,
            lives: 0,
            begun: now(),
            deeds: Vec::new(),
            accepted: Arc::default(),
            sending: JoinSet::new(),
        }
    }

    pub(crate) async fn begin(&mut self) {
        for seat in 0..NODES {
            self.start(seat).await;
            assert!(self.seats[seat].node.is_some(), "{:?}", self.deeds);
        }
        for number in 0..2 + usize::try_from(self.dice.below(3)).unwrap() {
            let ordered = number == 1;
            let settings = json!({
                "order": if ordered { "endpoint" } else { "none" },
                "retry": { "schedule": { "list": SCHEDULE } },
                "timeout_ms": ATTEMPT_TIMEOUT.as_millis() as u64,
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

    pub(crate) async fn step(&mut self) {
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

    pub(crate) async fn start(&mut self, seat: usize) {
        if self.seats[seat].node.is_some() {
            return;
        }
        self.lives += 1;
        self.note(&format!("node {seat} starts"));
        let seed = self.seed.wrapping_mul(1000).wrapping_add(self.lives as u64);
        if let Err(error) = self.seats[seat].start(seed).await {
            self.note(&format!("it does not: {error}"));
        }
    }

    fn freeze(&mut self, seat: usize) {
        let millis = 100 + self.dice.below(2 * 800);
        let Some(node) = &self.seats[seat].node else { return };
        let time = Duration::from_millis(millis);
        assert!(time < LONGEST_FREEZE);
        node.freeze(time);
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

pub(crate) const NODES: usize = 3;
/// Of the retries after the first attempt, in seconds, before they are multiplied.
const SCHEDULE: [u32; 2] = [20, 60];
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(400);
