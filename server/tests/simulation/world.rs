//! What is outside the server: the endpoints, and the record of all that reached them.

use std::{
    collections::{BTreeMap, HashMap},
    ops::RangeInclusive,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use hookseal::Timestamp;
use hookseal_server::{
    clock::Clock as _,
    guard::{Failure, Outbound, Reply, Transport},
    store::{
        DeliveryKey, Endpoint, EndpointKey, EndpointState, EventKey, NewEvent, Pushed, Tenant,
    },
};

use crate::{
    clock::SimClock,
    dice::Dice,
    receiver::{Mood, Receiver, Standing},
};

/// One POST that an endpoint saw.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) at: Timestamp,
    pub(crate) took: bool,
    /// Wanted nothing more.
    pub(crate) gone: bool,
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

/// An attempt that is on record.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) delivery: DeliveryKey,
    /// From its beginning to its settlement.
    pub(crate) during: RangeInclusive<Timestamp>,
    pub(crate) took: bool,
    /// By the server.
    pub(crate) broken_off: bool,
    /// The version of the endpoint that it was made to.
    pub(crate) version: i64,
    /// The endpoint before and after it was settled, unless it is deleted.
    pub(crate) before: Option<Endpoint>,
    pub(crate) after: Option<Endpoint>,
}

#[derive(Debug, Default)]
struct State {
    rough: bool,
    life: u32,
    /// Attempts at a time, in all.
    most: usize,
    receivers: BTreeMap<EndpointKey, Receiver>,
    ordering_keys: HashMap<EventKey, String>,
    arrivals: BTreeMap<DeliveryKey, Vec<Arrival>>,
    /// Endpoints that the server disabled, each time.
    disabled: Vec<EndpointKey>,
    late: Vec<String>,
    /// What the clock showed each time that it was set back.
    set_backs: Vec<Timestamp>,
}

#[derive(Debug, Default)]
pub(crate) struct World(Mutex<State>);

impl World {
    /// With so many attempts at a time.
    pub(crate) fn new(most: u32) -> Self {
        let most = usize::try_from(most).unwrap();
        Self(Mutex::new(State { most, ..State::default() }))
    }

    pub(crate) fn set_rough(&self, rough: bool) {
        self.0.lock().unwrap().rough = rough;
    }

    pub(crate) fn is_rough(&self) -> bool {
        self.0.lock().unwrap().rough
    }

    pub(crate) fn begin_life(&self) {
        let mut state = self.0.lock().unwrap();
        state.life += 1;
        state.receivers.values_mut().for_each(Receiver::begin_life);
    }

    pub(crate) fn lives(&self) -> u32 {
        self.0.lock().unwrap().life
    }

    pub(crate) fn add(&self, key: EndpointKey, receiver: Receiver) {
        self.0.lock().unwrap().receivers.insert(key, receiver);
    }

    pub(crate) fn set_mood(&self, endpoint: EndpointKey, mood: Mood) {
        let mut state = self.0.lock().unwrap();
        state.receiver(endpoint).set_mood(mood);
        if mood == Mood::Hanging {
            let owner = state.receiver(endpoint).owner.clone();
            let receivers = state.receivers.values_mut();
            receivers.filter(|it| it.owner == owner).for_each(Receiver::break_promises);
        }
    }

    /// The server answered that the endpoint is deleted, paused, or open.
    pub(crate) fn set(&self, endpoint: EndpointKey, standing: Standing) {
        let mut state = self.0.lock().unwrap();
        let receiver = state.receiver(endpoint);
        receiver.set(standing);
    }

    /// Whom each endpoint belongs to.
    pub(crate) fn owners(&self) -> BTreeMap<EndpointKey, Tenant> {
        let state = self.0.lock().unwrap();
        state.receivers.iter().map(|(key, receiver)| (*key, receiver.owner.clone())).collect()
    }

    /// Endpoints that the server disabled, each time.
    pub(crate) fn disabled(&self) -> Vec<EndpointKey> {
        self.0.lock().unwrap().disabled.clone()
    }

    pub(crate) fn was_closed(&self, endpoint: EndpointKey) -> bool {
        self.0.lock().unwrap().receiver(endpoint).was_closed
    }

    pub(crate) fn arrivals(&self) -> BTreeMap<DeliveryKey, Vec<Arrival>> {
        self.0.lock().unwrap().arrivals.clone()
    }

    pub(crate) fn set_back(&self, from: Timestamp) {
        let mut state = self.0.lock().unwrap();
        state.set_backs.push(from);
    }

    pub(crate) fn set_backs(&self) -> Vec<Timestamp> {
        self.0.lock().unwrap().set_backs.clone()
    }

    /// What must never happen, and did.
    pub(crate) fn complaints(&self) -> Vec<String> {
        self.0.lock().unwrap().late.clone()
    }

    /// Nothing that could have been sent waits longer than it should.
    pub(crate) fn check_overdue(&self, now: Duration) {
        let mut state = self.0.lock().unwrap();
        let overdue = state.receivers.iter().find_map(|(key, receiver)| {
            receiver.overdue(now).map(|event| DeliveryKey { endpoint: *key, event })
        });
        state.late.extend(overdue.map(|it| format!("{it} had to wait for others")));
    }

    /// The endpoints that an event goes to.
    pub(crate) fn wanted(&self, event: &NewEvent) -> Vec<EndpointKey> {
        let state = self.0.lock().unwrap();
        let wants = |(key, receiver): &(&EndpointKey, &Receiver)| receiver.wants(**key, event);
        state.receivers.iter().filter(wants).map(|(key, _)| *key).collect()
    }

    /// An event is on record, that was to go to these.
    pub(crate) fn pushed(
        &self,
        event: &NewEvent,
        wanted: &[EndpointKey],
        pushed: &Pushed,
        now: Duration,
    ) {
        let Pushed::New(deliveries) = pushed else { return };
        let mut state = self.0.lock().unwrap();
        if let Some(ordering_key) = &event.ordering_key {
            state.ordering_keys.insert(event.key, ordering_key.clone());
        }
        let mut endpoints: Vec<_> = deliveries.iter().map(|it| it.endpoint).collect();
        endpoints.sort_unstable();
        if endpoints != wanted {
            let key = event.key;
            state.late.push(format!("{key} goes to {endpoints:?} instead of {wanted:?}"));
        }
        for endpoint in endpoints {
            if !state.is_crowded(endpoint) {
                state.receiver(endpoint).promise(event.key, now);
            }
        }
    }

    /// An attempt is on record.
    pub(crate) fn settled(&self, settled: &Settled) {
        let mut state = self.0.lock().unwrap();
        let (mut gone, mut was_gone) = (false, false);
        for arrival in state.arrivals.entry(settled.delivery).or_default() {
            was_gone |= arrival.gone && arrival.answered;
            if settled.during.contains(&arrival.at) {
                arrival.settled = true;
                gone |= arrival.gone && arrival.answered;
            }
        }
        let verdict = state.judge(settled, gone, was_gone);
        let delivery = settled.delivery;
        state.late.extend(verdict.err().map(|how| format!("after {delivery} its endpoint {how}")));
    }

    /// The server was told that it disabled an endpoint.
    pub(crate) fn told(&self, endpoint: EndpointKey) {
        let mut state = self.0.lock().unwrap();
        let receiver = state.receiver(endpoint);
        if receiver.standing == Standing::Disabling {
            receiver.set(Standing::Disabled);
        }
    }

    fn begin(&self, delivery: DeliveryKey, now: Duration) -> Exchange<'_> {
        let mut state = self.0.lock().unwrap();
        let DeliveryKey { endpoint, event } = delivery;
        let ordering_key = state.ordering_keys.get(&event).cloned();
        let verdict = state.receiver(endpoint).begin(event, ordering_key.as_deref(), now);
        state.late.extend(verdict.err().map(|how| format!("to {endpoint}: {how}")));
        let open: usize = state.receivers.values().map(Receiver::open).sum();
        if open > state.most {
            state.late.push(format!("{open} attempts are under way"));
        }
        Exchange { world: self, delivery, life: state.life, took: false }
    }

    fn arrive(&self, delivery: DeliveryKey, mut arrival: Arrival) {
        let mut state = self.0.lock().unwrap();
        let standing = state.receiver(delivery.endpoint).standing;
        if !matches!(standing, Standing::Open | Standing::Disabling) {
            state.late.push(format!("{delivery} arrived though its endpoint is {standing:?}"));
        }
        arrival.life = state.life;
        arrival.set_backs = state.set_backs.len();
        state.arrivals.entry(delivery).or_default().push(arrival);
    }

    /// The answer of the last one came back.
    fn answer(&self, delivery: DeliveryKey) {
        let mut state = self.0.lock().unwrap();
        if let Some(last) = state.arrivals.get_mut(&delivery).and_then(|all| all.last_mut()) {
            last.answered = true;
        }
    }
}

impl State {
    /// Whether others of its tenant may hold all that the tenant gets: with as little as there is here, one endpoint gets most of
    /// what eight attempts at a time are.
    fn is_crowded(&self, endpoint: EndpointKey) -> bool {
        let owner = self.receivers.get(&endpoint).map(|it| &it.owner);
        let others = self
            .receivers
            .iter()
            .filter(|(key, it)| **key != endpoint && Some(&it.owner) == owner && it.is_stuck());
        others.count() >= self.most / 9
    }

    fn receiver(&mut self, endpoint: EndpointKey) -> &mut Receiver {
        self.receivers.get_mut(&endpoint).unwrap()
    }

    /// Whether the server disabled the endpoint when it had to, and only then. `gone`: the endpoint wanted nothing more, in
    /// this attempt or, `was_gone`, in any of the delivery.
    fn judge(&mut self, settled: &Settled, gone: bool, was_gone: bool) -> Result<(), &'static str> {
        let endpoint = settled.delivery.endpoint;
        let receiver = self.receivers.get_mut(&endpoint).unwrap();
        let Some(before) = &settled.before else { return Ok(()) };
        if before.state == EndpointState::Disabled {
            return Ok(());
        }
        let after = settled.after.as_ref();
        if let Some(after) = after.filter(|after| after.state == EndpointState::Disabled) {
            self.disabled.push(endpoint);
            receiver.set(Standing::Disabling);
            return match after.reason.as_deref() {
                Some("endpoint_gone") if was_gone => Ok(()),
                Some("endpoint_failing") if settled.took || settled.broken_off => {
                    Err("was disabled for nothing")
                }
                Some("endpoint_failing") => Ok(()),
                _ => Err("was disabled for no reason"),
            };
        }
        if gone && before.version == settled.version {
            return Err("was not disabled");
        }
        Ok(())
    }
}

/// An exchange with an endpoint; over when dropped, however it ended.
struct Exchange<'a> {
    world: &'a World,
    delivery: DeliveryKey,
    life: u32,
    /// It took the delivery, and the server knows.
    took: bool,
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        let mut state = self.world.0.lock().unwrap();
        if state.life == self.life {
            state.receiver(self.delivery.endpoint).end(self.delivery.event, self.took);
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
        let mut exchange = self.world.begin(delivery, self.clock.elapsed());
        let mood = self.world.0.lock().unwrap().receiver(delivery.endpoint).mood;
        let (way, luck, lost, wait) = {
            let mut dice = self.dice.lock().unwrap();
            let lost = self.world.is_rough() && dice.one_in(30);
            (1 + dice.below(20), dice.below(2) == 0, lost, dice.below(30))
        };
        self.clock.pass(way).await;
        if mood == Mood::Dead {
            return Reply::failed(Failure::Connection);
        }
        let gone = mood == Mood::Gone;
        let took = mood == Mood::Well || (luck && matches!(mood, Mood::Moody | Mood::Busy));
        let now = self.clock.now();
        let asks = mood == Mood::Busy && !took;
        let not_before = asks.then(|| now.plus_millis(i64::try_from(wait).unwrap() * 1000));
        let arrival = Arrival {
            at: now,
            took,
            gone,
            not_before,
            answered: false,
            settled: false,
            life: 0,
            set_backs: 0,
        };
        self.world.arrive(delivery, arrival);
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
        exchange.took = took;
        let status = match (took, gone) {
            (true, _) => 200,
            (false, true) => 410,
            (false, false) => 503,
        };
        let retry_after = asks.then(|| wait.to_string());
        Reply { status: Some(status), retry_after, ..Reply::default() }
    }
}
