//! What happens in a story: who is there, what they send and change, until nothing is left to do.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use hookseal::{Profile, Timestamp};
use hookseal_server::{
    clock::Clock as _,
    dispatch::Dispatcher,
    keys,
    rng::SeededRng,
    seal::{MasterKey, Sealer},
    store::{
        AccountKey, ApiKey, ApiKeyId, DeliveryKey, Endpoint, EndpointChange, EndpointKey,
        EndpointSettings, EndpointState, EventKey, KeyOrigin, NewEvent, Order, Pushed, Queue,
        Scope, Secrets, Store as _, Tenant, sqlite::SqliteStore,
    },
    subscription,
};

use crate::{
    clock::SimClock,
    dice::Dice,
    receiver::{Mood, Receiver, Standing},
    world::World,
};

/// What goes on over the crashes.
pub(crate) struct Plot {
    pub(crate) dice: Arc<Mutex<Dice>>,
    pub(crate) world: Arc<World>,
    endpoints: Vec<EndpointKey>,
    deleted: BTreeSet<EndpointKey>,
    pub(crate) steps_left: u64,
    pub(crate) accepted: BTreeMap<EventKey, Vec<DeliveryKey>>,
}

/// The server of now.
pub(crate) struct Stage<'a> {
    pub(crate) store: &'a SqliteStore,
    pub(crate) queue: &'a dyn Queue,
    pub(crate) dispatcher: &'a Dispatcher,
    pub(crate) clock: &'a SimClock,
}

impl Plot {
    pub(crate) fn new(dice: Arc<Mutex<Dice>>, world: Arc<World>) -> Self {
        Self {
            dice,
            world,
            endpoints: Vec::new(),
            deleted: BTreeSet::new(),
            steps_left: STEPS,
            accepted: BTreeMap::new(),
        }
    }

    pub(crate) fn has_begun(&self) -> bool {
        !self.endpoints.is_empty()
    }

    pub(crate) async fn begin(&mut self, store: &SqliteStore, clock: &SimClock, per_endpoint: u32) {
        for account in ACCOUNTS {
            let key = ApiKey {
                id: ApiKeyId(account.0),
                account,
                origin: KeyOrigin::Generated,
                scope: Scope::Admin,
                tenant: None,
                name: None,
                used: true,
                created_at: clock.now(),
            };
            let hash = [u8::try_from(account.0).unwrap(); 32];
            store.put_key(key, hash).await.unwrap();
        }
        for n in 0..3 + self.below(4) {
            let endpoint = self.endpoint(n, EndpointKey(store.mint(clock.now())));
            let profile = Profile::get(PROFILE).unwrap();
            let id = endpoint.key.to_string();
            let issued = keys::issue(profile, None, &id, &sealer(), &SeededRng::new(n)).unwrap();
            let endpoint = Endpoint { secret: issued.sealed.kind, ..endpoint };
            let receiver = Receiver::new(&endpoint, per_endpoint, self.mood());
            self.world.add(endpoint.key, receiver);
            self.endpoints.push(endpoint.key);
            let secrets = Secrets { current: issued.sealed, previous: None };
            store.insert_endpoint(endpoint, secrets).await.unwrap();
        }
    }

    /// The first gets everything, of the server's own events too; the second keeps an order, the third one for each key.
    fn endpoint(&self, n: u64, key: EndpointKey) -> Endpoint {
        let order = match n {
            1 => Order::Endpoint,
            2 if self.below(2) == 0 => Order::Key,
            _ => Order::None,
        };
        let event_types: &[&str] = match n {
            0 => &["*", "hookseal.*"],
            _ if self.below(6) == 0 => &["c.d"],
            _ => &["*"],
        };
        let owner = if n == 0 { tenants(0) } else { tenants(self.below(TENANTS)) };
        let rate = u32::try_from(1 + self.below(4)).unwrap();
        let concurrency = u32::try_from(1 + self.below(2)).unwrap();
        Endpoint {
            key,
            account: owner.account,
            url: format!("https://example.com/{key}"),
            event_types: event_types.iter().map(|&pattern| pattern.to_owned()).collect(),
            profile: PROFILE.to_owned(),
            tenant: owner.tenant,
            description: None,
            state: EndpointState::Active,
            reason: None,
            secret: hookseal_server::store::SecretKind::None,
            settings: EndpointSettings {
                order,
                rate_limit: (self.below(4) == 0).then_some(rate),
                concurrency: (self.below(4) == 0).then_some(concurrency),
                retry: Some(SCHEDULE.to_owned()),
                ..EndpointSettings::default()
            },
            failing_since: None,
            version: 1,
        }
    }

    pub(crate) async fn play(&mut self, stage: &Stage<'_>) {
        let Stage { clock, .. } = stage;
        while self.steps_left > 0 {
            self.steps_left -= 1;
            let pause = self.below(4) * self.below(3000);
            clock.pass(pause).await;
            let which = usize::try_from(self.below(self.endpoints.len() as u64)).unwrap();
            let endpoint = self.endpoints[which];
            match self.below(26) {
                0 => self.delete(stage, endpoint).await,
                1 | 2 => {
                    let state = if self.below(2) == 0 {
                        EndpointState::Paused
                    } else {
                        EndpointState::Active
                    };
                    self.change(stage, endpoint, state).await;
                }
                3 | 4 => self.world.set_mood(endpoint, self.mood()),
                5 => {
                    let step = i64::try_from(self.below(8000)).unwrap() - 2000;
                    if step < 0 {
                        self.world.set_back(clock.now());
                    }
                    clock.step(step);
                }
                6 => {
                    let count = 10 + self.below(30);
                    self.send(stage, count).await;
                }
                _ => {
                    for _ in 0..=self.below(4) {
                        self.send(stage, 1).await;
                    }
                }
            }
        }
        self.world.set_rough(false);
        for endpoint in self.endpoints.clone() {
            self.change(stage, endpoint, EndpointState::Active).await;
        }
        clock.pass(PEACE_MILLIS).await;
        self.world.check_overdue(clock.elapsed());
    }

    fn mood(&self) -> Mood {
        if self.below(10) == 0 {
            return Mood::Gone;
        }
        Mood::COMMON[usize::try_from(self.below(5)).unwrap()]
    }

    /// Sends events of a tenant together, again and again until they are accepted, as a client does.
    async fn send(&mut self, Stage { queue, clock, .. }: &Stage<'_>, count: u64) {
        let owner = tenants(self.below(TENANTS));
        let events: Vec<_> = (0..count)
            .map(|_| self.event(EventKey(queue.mint(clock.now())), &owner, clock.now()))
            .collect();
        // A crash in here may leave events that were stored and not answered: of those nothing was promised.
        for _ in 0..20 {
            let Ok(pushed) = queue.push(events.clone()).await else {
                clock.pass(100).await;
                continue;
            };
            for (event, pushed) in events.iter().zip(pushed) {
                match pushed {
                    Pushed::New(deliveries) | Pushed::Repeat { deliveries, .. } => {
                        self.accepted.insert(event.key, deliveries);
                    }
                    Pushed::Conflict => panic!("a conflict with itself"),
                }
            }
            return;
        }
    }

    fn event(&self, key: EventKey, owner: &Tenant, now: Timestamp) -> NewEvent {
        let event_type = if self.below(6) == 0 { "c.d" } else { "a.b" };
        let ordering_key = ["a", "b"].get(usize::try_from(self.below(3)).unwrap());
        // To some endpoints by name, of whatever tenants.
        let only = (self.below(8) == 0)
            .then(|| self.endpoints.iter().copied().filter(|_| self.below(2) == 0).collect());
        NewEvent {
            key,
            account: owner.account,
            id: None,
            idempotency_key: Some(key.to_string()),
            fingerprint: [0; 16],
            event_type: event_type.to_owned(),
            tenant: owner.tenant.clone(),
            profile: None,
            ordering_key: ordering_key.map(|&key| key.to_owned()),
            data: Arc::from("{}"),
            patterns: subscription::patterns_of(event_type),
            profiles: vec![PROFILE],
            only,
            at_once: false,
            now,
        }
    }

    async fn delete(&mut self, stage: &Stage<'_>, endpoint: EndpointKey) {
        let Stage { store, dispatcher, clock, .. } = stage;
        if self.deleted.len() + 1 < self.endpoints.len() && self.deleted.insert(endpoint) {
            let account = self.world.owners()[&endpoint].account;
            store.delete_endpoint(account, endpoint, clock.now()).await.unwrap();
            dispatcher.revoke(endpoint);
            self.world.set(endpoint, Standing::Deleted);
        }
    }

    async fn change(&self, stage: &Stage<'_>, endpoint: EndpointKey, state: EndpointState) {
        let Stage { store, dispatcher, clock, .. } = stage;
        if self.deleted.contains(&endpoint) {
            return;
        }
        let account = self.world.owners()[&endpoint].account;
        let change = EndpointChange { state: Some(state), ..EndpointChange::default() };
        store.change_endpoint(account, endpoint, change, clock.now()).await.unwrap();
        if state == EndpointState::Paused {
            dispatcher.revoke(endpoint);
            self.world.set(endpoint, Standing::Paused);
        } else {
            self.world.set(endpoint, Standing::Open);
            dispatcher.wake();
        }
    }

    fn below(&self, end: u64) -> u64 {
        self.dice.lock().unwrap().below(end)
    }
}

/// Two of one account, what is everybody's there, and another account.
fn tenants(n: u64) -> Tenant {
    let (account, tenant) = match n {
        0 => (ACCOUNTS[0], None),
        1 => (ACCOUNTS[0], Some("one")),
        2 => (ACCOUNTS[0], Some("other")),
        _ => (ACCOUNTS[1], None),
    };
    Tenant { account, tenant: tenant.map(ToOwned::to_owned) }
}

pub(crate) fn sealer() -> Sealer {
    Sealer::new(&MasterKey::parse(&"07".repeat(32)).unwrap())
}

const TENANTS: u64 = 4;
pub(crate) const ACCOUNTS: [AccountKey; 2] = [AccountKey(1), AccountKey(2)];
const PROFILE: &str = "standard_webhooks";
const STEPS: u64 = 40;
/// Beyond the end of the schedule, with its holds.
const PEACE_MILLIS: u64 = 4 * 24 * 3600 * 1000;
/// First attempt and two retries.
const SCHEDULE: &str = r#"{"schedule":{"list":[2,30]}}"#;
pub(crate) const SCHEDULE_LEN: u32 = 3;
