//! One story: events, deletions, pauses and crashes; then peace, and the question what became of everything.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, Mutex},
};

use hookseal::{Profile, Timestamp};
use hookseal_server::{
    clock::Clock as _,
    dispatch::{Attempter, Dispatcher, Limits},
    guard::GuardPolicy,
    keys,
    rng::SeededRng,
    seal::{MasterKey, Sealer},
    store::{
        AccountKey, ApiKey, ApiKeyId, DeliveryKey, DeliveryState, Endpoint, EndpointChange,
        EndpointKey, EndpointSettings, EndpointState, EventKey, KeyOrigin, NewEvent, Order, Pushed,
        Queue, Scope, Secrets, Store as _, sqlite::SqliteStore,
    },
};
use tokio::sync::{Notify, watch};

use crate::{
    clock::SimClock,
    dice::Dice,
    faults::FaultyQueue,
    world::{Arrival, Mood, Network, World},
};

const START: i64 = 1_777_111_523_000;
const ACCOUNT: AccountKey = AccountKey(1);
const PROFILE: &str = "standard_webhooks";
const STEPS: u64 = 40;
/// Beyond the end of the schedule, with its holds.
const PEACE_MILLIS: u64 = 4 * 24 * 3600 * 1000;
/// First attempt and two retries.
const SCHEDULE: &str = r#"{"schedule":{"list":[2,30]}}"#;
const SCHEDULE_LEN: u32 = 3;

/// What happened under one seed.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) seed: u64,
    pub(crate) lives: u32,
    /// What each event that was accepted was to be sent to.
    accepted: BTreeMap<EventKey, Vec<DeliveryKey>>,
    deleted: BTreeSet<EndpointKey>,
    pub(crate) arrivals: BTreeMap<DeliveryKey, Vec<Arrival>>,
    ends: BTreeMap<DeliveryKey, End>,
    complaints: Vec<String>,
    set_backs: Vec<Timestamp>,
}

/// What the record says of a delivery in the end.
#[derive(Debug)]
struct End {
    state: DeliveryState,
    attempts: u32,
    /// Interrupted by a crash, or broken off by the server.
    broken_off: u32,
}

/// What goes on over the crashes.
struct Plot {
    dice: Arc<Mutex<Dice>>,
    world: Arc<World>,
    endpoints: Vec<EndpointKey>,
    steps_left: u64,
    accepted: BTreeMap<EventKey, Vec<DeliveryKey>>,
    deleted: BTreeSet<EndpointKey>,
}

impl Story {
    pub(crate) fn of(seed: u64) -> Self {
        // In memory where that is possible: nothing here outlives a crash of the machine.
        let data = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let path = data.path().join("simulation.db");
        let dice = Arc::new(Mutex::new(Dice::new(seed)));
        let world = Arc::new(World::default());
        let mut plot = Plot {
            dice,
            world: Arc::clone(&world),
            endpoints: Vec::new(),
            steps_left: STEPS,
            accepted: BTreeMap::new(),
            deleted: BTreeSet::new(),
        };
        let mut now = Timestamp::from_millis(START);
        let mut ends = None;
        while ends.is_none() {
            world.begin_life();
            // Crashes and faults stop after a while, so that each story has an end.
            world.set_rough(plot.steps_left > 0 && world.lives() < 12);
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build()
                .unwrap();
            (now, ends) = runtime.block_on(live(&path, &mut plot, now, seed));
        }
        Self {
            seed,
            lives: world.lives(),
            accepted: plot.accepted,
            deleted: plot.deleted,
            arrivals: world.arrivals(),
            ends: ends.unwrap(),
            complaints: world.complaints(),
            set_backs: world.set_backs(),
        }
    }

    /// Whether everything went as promised.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let Some(first) = self.complaints.first() {
            return Err(first.clone());
        }
        for delivery in self.accepted.values().flatten() {
            let end = self.ends.get(delivery).ok_or(format!("{delivery} was lost"))?;
            let arrivals = self.arrivals.get(delivery).map_or(&[][..], Vec::as_slice);
            self.check_end(delivery, end, arrivals)?;
            self.check_waits(delivery, arrivals)?;
            check_duplicates(delivery, arrivals)?;
        }
        Ok(())
    }

    fn check_end(
        &self,
        delivery: &DeliveryKey,
        end: &End,
        arrivals: &[Arrival],
    ) -> Result<(), String> {
        let fits = match end.state {
            DeliveryState::Delivered => {
                arrivals.iter().any(|arrival| arrival.took && arrival.answered)
            }
            DeliveryState::Cancelled => self.deleted.contains(&delivery.endpoint),
            DeliveryState::Failed => end.attempts - end.broken_off >= SCHEDULE_LEN,
            DeliveryState::Pending | DeliveryState::Delivering => false,
        };
        if fits { Ok(()) } else { Err(format!("{delivery} ended as {end:?} after {arrivals:?}")) }
    }

    /// Never before the moment that the receiver asked for, once the server wrote that down. A clock that showed that moment
    /// and was set back then is believed.
    fn check_waits(&self, delivery: &DeliveryKey, arrivals: &[Arrival]) -> Result<(), String> {
        for (one, next) in arrivals.iter().zip(arrivals.iter().skip(1)) {
            let shown = self.set_backs[one.set_backs..next.set_backs].iter().chain([&next.at]);
            if let Some(not_before) = one.not_before.filter(|_| one.answered && one.settled)
                && shown.max().is_some_and(|latest| *latest < not_before)
            {
                return Err(format!(
                    "{delivery} came before the time it was asked for: {one:?} {next:?}"
                ));
            }
        }
        Ok(())
    }
}

/// Taken twice only where the first answer was lost, or the server died before it had written it down.
fn check_duplicates(delivery: &DeliveryKey, arrivals: &[Arrival]) -> Result<(), String> {
    for (index, one) in arrivals.iter().enumerate() {
        let again =
            arrivals.iter().skip(index + 1).any(|later| later.life == one.life || one.settled);
        if one.took && one.answered && again {
            return Err(format!("{delivery} was sent again for no reason: {arrivals:?}"));
        }
    }
    Ok(())
}

/// One run of the server: until it crashes, or until nothing is left to do.
async fn live(
    path: &Path,
    plot: &mut Plot,
    now: Timestamp,
    seed: u64,
) -> (Timestamp, Option<BTreeMap<DeliveryKey, End>>) {
    let clock = Arc::new(SimClock::new(now));
    let store = Arc::new(SqliteStore::inline(path).unwrap());
    let crash = Arc::new(Notify::new());
    let queue: Arc<dyn Queue> = Arc::new(FaultyQueue {
        inner: Arc::<SqliteStore>::clone(&store),
        clock: Arc::clone(&clock),
        dice: Arc::clone(&plot.dice),
        world: Arc::clone(&plot.world),
        crash: Arc::clone(&crash),
    });
    let rng = Arc::new(SeededRng::new(seed ^ u64::from(plot.world.lives())));
    let attempter = Attempter {
        transport: Arc::new(Network {
            world: Arc::clone(&plot.world),
            clock: Arc::clone(&clock),
            dice: Arc::clone(&plot.dice),
        }),
        policy: GuardPolicy::default(),
        resend: None,
        sealer: Arc::new(sealer()),
        retry_delay_factor: 1.0,
        disable_after: None,
        clock: Arc::<SimClock>::clone(&clock),
        rng,
    };
    // Little room, so that much goes through the store.
    let limits = Limits { total: 8, per_endpoint: 3, queue: 6, ..Limits::default() };
    let dispatcher = Dispatcher::new(&queue, attempter, limits, Arc::<SimClock>::clone(&clock));
    store.recover(clock.now()).await.unwrap();
    let (_stop, stopped) = watch::channel(false);
    tokio::spawn(Arc::clone(&dispatcher).run(stopped));
    if plot.endpoints.is_empty() {
        plot.begin(&store, &clock).await;
    }
    let ended = tokio::select! {
        biased;
        () = crash.notified() => false,
        () = plot.play(&store, &*queue, &dispatcher, &clock) => true,
    };
    let ends = if ended { Some(ends(&store, &plot.accepted).await) } else { None };
    (clock.now(), ends)
}

fn sealer() -> Sealer {
    Sealer::new(&MasterKey::parse(&"07".repeat(32)).unwrap())
}

impl Plot {
    async fn begin(&mut self, store: &SqliteStore, clock: &SimClock) {
        let key = ApiKey {
            id: ApiKeyId(1),
            account: ACCOUNT,
            origin: KeyOrigin::Generated,
            scope: Scope::Admin,
            tenant: None,
            name: None,
            used: true,
            created_at: clock.now(),
        };
        store.put_key(key, [1; 32]).await.unwrap();
        for n in 0..2 + self.below(4) {
            let key = EndpointKey(store.mint(clock.now()));
            let profile = Profile::get(PROFILE).unwrap();
            let issued =
                keys::issue(profile, None, &key.to_string(), &sealer(), &SeededRng::new(n))
                    .unwrap();
            let order = if n == 1 { Order::Endpoint } else { Order::None };
            let endpoint = Endpoint {
                key,
                account: ACCOUNT,
                url: format!("https://example.com/{key}"),
                event_types: vec!["*".to_owned()],
                profile: PROFILE.to_owned(),
                tenant: None,
                description: None,
                state: EndpointState::Active,
                reason: None,
                secret: issued.sealed.kind,
                settings: EndpointSettings {
                    order,
                    retry: Some(SCHEDULE.to_owned()),
                    ..EndpointSettings::default()
                },
                failing_since: None,
                version: 1,
            };
            let secrets = Secrets { current: issued.sealed, previous: None };
            store.insert_endpoint(endpoint, secrets).await.unwrap();
            let mood = Mood::ALL[usize::try_from(self.below(5)).unwrap()];
            self.world.set_mood(key, mood);
            if order == Order::Endpoint {
                self.world.cap(key);
            }
            self.endpoints.push(key);
        }
    }

    async fn play(
        &mut self,
        store: &SqliteStore,
        queue: &dyn Queue,
        dispatcher: &Dispatcher,
        clock: &SimClock,
    ) {
        while self.steps_left > 0 {
            self.steps_left -= 1;
            let pause = self.below(4) * self.below(3000);
            clock.pass(pause).await;
            let which = usize::try_from(self.below(self.endpoints.len() as u64)).unwrap();
            let endpoint = self.endpoints[which];
            match self.below(24) {
                0 => self.delete(store, dispatcher, clock, endpoint).await,
                1 | 2 => {
                    let state = if self.below(2) == 0 {
                        EndpointState::Paused
                    } else {
                        EndpointState::Active
                    };
                    change(store, dispatcher, clock, endpoint, state).await;
                }
                3 | 4 => {
                    let mood = Mood::ALL[usize::try_from(self.below(5)).unwrap()];
                    self.world.set_mood(endpoint, mood);
                }
                5 => {
                    let step = i64::try_from(self.below(8000)).unwrap() - 2000;
                    if step < 0 {
                        self.world.set_back(clock.now());
                    }
                    clock.step(step);
                }
                _ => {
                    for _ in 0..=self.below(4) {
                        self.send(queue, clock).await;
                    }
                }
            }
        }
        self.world.set_rough(false);
        for endpoint in self.endpoints.clone() {
            if !self.deleted.contains(&endpoint) {
                change(store, dispatcher, clock, endpoint, EndpointState::Active).await;
            }
        }
        clock.pass(PEACE_MILLIS).await;
    }

    /// Sends an event, again and again until it is accepted, as a client does.
    async fn send(&mut self, queue: &dyn Queue, clock: &SimClock) {
        let key = EventKey(queue.mint(clock.now()));
        let event = NewEvent {
            key,
            account: ACCOUNT,
            id: None,
            idempotency_key: Some(key.to_string()),
            fingerprint: [0; 16],
            event_type: "a.b".to_owned(),
            tenant: None,
            profile: None,
            ordering_key: None,
            data: Arc::from("{}"),
            patterns: vec!["*".to_owned()],
            profiles: vec![PROFILE],
            only: None,
            at_once: false,
            now: clock.now(),
        };
        // A crash in here may leave an event that was stored and not answered: of that nothing was promised.
        for _ in 0..20 {
            match queue.push(vec![event.clone()]).await.map(|mut pushed| pushed.remove(0)) {
                Ok(Pushed::New(deliveries) | Pushed::Repeat { deliveries, .. }) => {
                    self.accepted.insert(key, deliveries);
                    return;
                }
                Ok(Pushed::Conflict) => panic!("a conflict with itself"),
                Err(_) => clock.pass(100).await,
            }
        }
    }

    async fn delete(
        &mut self,
        store: &SqliteStore,
        dispatcher: &Dispatcher,
        clock: &SimClock,
        endpoint: EndpointKey,
    ) {
        if self.deleted.len() + 1 < self.endpoints.len() && self.deleted.insert(endpoint) {
            store.delete_endpoint(ACCOUNT, endpoint, clock.now()).await.unwrap();
            dispatcher.revoke(endpoint);
            self.world.deleted(endpoint, clock.now());
        }
    }

    fn below(&self, end: u64) -> u64 {
        self.dice.lock().unwrap().below(end)
    }
}

async fn change(
    store: &SqliteStore,
    dispatcher: &Dispatcher,
    clock: &SimClock,
    endpoint: EndpointKey,
    state: EndpointState,
) {
    let change = EndpointChange { state: Some(state), ..EndpointChange::default() };
    store.change_endpoint(ACCOUNT, endpoint, change, clock.now()).await.unwrap();
    if state == EndpointState::Paused {
        dispatcher.revoke(endpoint);
    } else {
        dispatcher.wake();
    }
}

async fn ends(
    store: &SqliteStore,
    accepted: &BTreeMap<EventKey, Vec<DeliveryKey>>,
) -> BTreeMap<DeliveryKey, End> {
    let mut ends = BTreeMap::new();
    for delivery in accepted.values().flatten() {
        let Some((record, attempts)) = store.delivery(ACCOUNT, *delivery).await.unwrap() else {
            continue;
        };
        let broken_off = attempts.iter().filter(|attempt| {
            matches!(attempt.error.as_deref(), Some("interrupted" | "cancelled"))
        });
        ends.insert(
            *delivery,
            End {
                state: record.state,
                attempts: record.attempts,
                broken_off: u32::try_from(broken_off.count()).unwrap(),
            },
        );
    }
    ends
}
