//! What is outside the server: the endpoints, and the record of all that reached them.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::RangeInclusive,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use hookseal::Timestamp;
use hookseal_server::{
    clock::Clock as _,
    guard::{Failure, Outbound, Reply, Transport},
    store::{DeliveryKey, EndpointKey, EventKey},
};

use crate::{clock::SimClock, dice::Dice};

/// How an endpoint behaves, most of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    /// Takes half of what it gets.
    Moody,
    /// Says when to come again.
    Busy,
    /// Refuses connections.
    Dead,
    /// Takes connections and says nothing.
    Hanging,
}

impl Mood {
    pub(crate) const ALL: [Self; 5] =
        [Self::Well, Self::Moody, Self::Busy, Self::Dead, Self::Hanging];
}

/// One POST that an endpoint saw.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) at: Timestamp,
    pub(crate) took: bool,
    /// Asked not to be called again before.
    pub(crate) not_before: Option<Timestamp>,
    /// The server got the answer.
    pub(crate) answered: bool,
    /// The server wrote it down, and told so.
    pub(crate) settled: bool,
    /// The run of the server that sent it.
    pub(crate) life: u32,
    /// How often the clock was set back before.
    pub(crate) set_backs: usize,
}

#[derive(Debug, Default)]
struct State {
    rough: bool,
    life: u32,
    moods: HashMap<String, Mood>,
    deleted: HashMap<EndpointKey, Timestamp>,
    arrivals: BTreeMap<DeliveryKey, Vec<Arrival>>,
    late: Vec<String>,
    /// What the clock showed each time that it was set back.
    set_backs: Vec<Timestamp>,
    running: HashMap<EndpointKey, u32>,
    capped: HashSet<EndpointKey>,
}

#[derive(Debug, Default)]
pub(crate) struct World(Mutex<State>);

impl World {
    pub(crate) fn set_rough(&self, rough: bool) {
        self.0.lock().unwrap().rough = rough;
    }

    pub(crate) fn is_rough(&self) -> bool {
        self.0.lock().unwrap().rough
    }

    pub(crate) fn begin_life(&self) {
        let mut state = self.0.lock().unwrap();
        state.life += 1;
        state.running.clear();
    }

    pub(crate) fn lives(&self) -> u32 {
        self.0.lock().unwrap().life
    }

    pub(crate) fn set_mood(&self, endpoint: EndpointKey, mood: Mood) {
        self.0.lock().unwrap().moods.insert(endpoint.to_string(), mood);
    }

    /// The server answered that the endpoint is deleted.
    pub(crate) fn deleted(&self, endpoint: EndpointKey, at: Timestamp) {
        self.0.lock().unwrap().deleted.insert(endpoint, at);
    }

    /// Gets one at a time.
    pub(crate) fn cap(&self, endpoint: EndpointKey) {
        self.0.lock().unwrap().capped.insert(endpoint);
    }

    pub(crate) fn arrivals(&self) -> BTreeMap<DeliveryKey, Vec<Arrival>> {
        self.0.lock().unwrap().arrivals.clone()
    }

    pub(crate) fn set_back(&self, from: Timestamp) {
        self.0.lock().unwrap().set_backs.push(from);
    }

    pub(crate) fn set_backs(&self) -> Vec<Timestamp> {
        self.0.lock().unwrap().set_backs.clone()
    }

    /// What must never happen, and did.
    pub(crate) fn complaints(&self) -> Vec<String> {
        self.0.lock().unwrap().late.clone()
    }

    /// What arrived in that time is on record.
    pub(crate) fn settled(&self, delivery: DeliveryKey, during: &RangeInclusive<Timestamp>) {
        let mut state = self.0.lock().unwrap();
        for arrival in state.arrivals.entry(delivery).or_default() {
            arrival.settled |= during.contains(&arrival.at);
        }
    }

    fn arrive(&self, delivery: DeliveryKey, mut arrival: Arrival) -> Exchange<'_> {
        let mut state = self.0.lock().unwrap();
        if state.deleted.contains_key(&delivery.endpoint) {
            state.late.push(format!("{delivery} was sent after its endpoint was deleted"));
        }
        if state.capped.contains(&delivery.endpoint) {
            let running = state.running.entry(delivery.endpoint).or_default();
            *running += 1;
            if *running > 1 {
                state.late.push(format!("{delivery} was sent beside another of an order"));
            }
        }
        let life = state.life;
        arrival.life = life;
        arrival.set_backs = state.set_backs.len();
        state.arrivals.entry(delivery).or_default().push(arrival);
        Exchange { world: self, endpoint: delivery.endpoint, life }
    }

    /// The answer of the last one came back.
    fn answer(&self, delivery: DeliveryKey) {
        let mut state = self.0.lock().unwrap();
        if let Some(last) = state.arrivals.get_mut(&delivery).and_then(|all| all.last_mut()) {
            last.answered = true;
        }
    }
}

/// An exchange with an endpoint; over when dropped, however it ended.
struct Exchange<'a> {
    world: &'a World,
    endpoint: EndpointKey,
    life: u32,
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        let mut state = self.world.0.lock().unwrap();
        if state.life == self.life
            && let Some(running) = state.running.get_mut(&self.endpoint)
        {
            *running -= 1;
        }
    }
}

/// The network of the simulation.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) world: Arc<World>,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) dice: Arc<Mutex<Dice>>,
}

#[async_trait]
impl Transport for Network {
    async fn post(&self, outbound: Outbound) -> Reply {
        let endpoint = outbound.url.as_str().rsplit('/').next().unwrap().to_owned();
        let id = outbound.headers.iter().find(|(name, _)| name == "webhook-id").unwrap().1.clone();
        let delivery = DeliveryKey {
            endpoint: EndpointKey::parse(&endpoint).unwrap(),
            event: EventKey::parse(&id).unwrap(),
        };
        let mood = self.world.0.lock().unwrap().moods[&endpoint];
        let (way, luck, lost, wait) = {
            let mut dice = self.dice.lock().unwrap();
            let lost = self.world.is_rough() && dice.one_in(30);
            (1 + dice.below(20), dice.below(2) == 0, lost, dice.below(30))
        };
        self.clock.pass(way).await;
        if mood == Mood::Dead {
            return Reply::failed(Failure::Connection);
        }
        let took = matches!(mood, Mood::Well) || (luck && mood != Mood::Hanging);
        let now = self.clock.now();
        let asks = mood == Mood::Busy && !took;
        let not_before = asks.then(|| now.plus_millis(i64::try_from(wait).unwrap() * 1000));
        let arrival = Arrival {
            at: now,
            took,
            not_before,
            answered: false,
            settled: false,
            life: 0,
            set_backs: 0,
        };
        let _exchange = self.world.arrive(delivery, arrival);
        if mood == Mood::Hanging {
            self.clock.pass(u64::try_from(outbound.timeouts.total.as_millis()).unwrap()).await;
            return Reply::failed(Failure::Timeout);
        }
        self.clock.pass(way).await;
        if lost {
            // It took it, or not; the server never learns.
            return Reply::failed(Failure::Connection);
        }
        self.world.answer(delivery);
        let status = if took { 200 } else { 503 };
        let retry_after = asks.then(|| wait.to_string());
        Reply { status: Some(status), retry_after, ..Reply::default() }
    }
}
