//! What the behaviours are tried on, and with.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use hookseal::Timestamp;
use hookseal_server::store::{
    AccountKey, ApiKey, ApiKeyId, Attempt, ClaimKey, Delivery, DeliveryKey, DeliveryState,
    Endpoint, EndpointChange, EndpointKey, EndpointSettings, EndpointState, Engine, EventKey,
    Health, Intake, Job, KeyOrigin, LeaseRequest, Leased, NewEvent, Next, Order, Phases, Pushed,
    Scope, SealedSecret, SecretKind, Secrets, Settlement, SharedTarget,
};

/// A database of its own.
#[async_trait]
pub(crate) trait Database: Send + Sync {
    /// A node on it. Any that was there before is dead.
    async fn open(&self) -> Arc<dyn Engine>;
}

pub(crate) async fn run<F: Future<Output = ()>>(
    database: impl Database + 'static,
    behaviour: fn(Bed) -> F,
) {
    let store = database.open().await;
    let bed = Bed { store, intake: Arc::default(), database: Box::new(database) };
    for account in [ACCOUNT, OTHER] {
        let key = ApiKey {
            id: ApiKeyId(account.0),
            account,
            origin: KeyOrigin::Api,
            scope: Scope::Admin,
            tenant: None,
            name: None,
            used: false,
            created_at: ApiKeyId(account.0).minted_at(),
        };
        let hash = [u8::try_from(account.0).unwrap(); 32];
        bed.store.put_key(key, hash).await.unwrap();
    }
    behaviour(bed).await;
}

pub(crate) struct Bed {
    pub(crate) store: Arc<dyn Engine>,
    pub(crate) intake: Arc<Recorder>,
    database: Box<dyn Database>,
}

pub(crate) const ACCOUNT: AccountKey = AccountKey(1);
pub(crate) const OTHER: AccountKey = AccountKey(2);

impl Bed {
    /// The node dies, and another takes its place.
    pub(crate) async fn crash(&mut self) {
        self.store = self.database.open().await;
    }

    /// Lets the node take deliveries into memory.
    pub(crate) fn with_intake(&self) {
        self.store.set_intake(self.intake.clone());
    }

    /// Endpoints that want everything.
    pub(crate) async fn endpoints<const N: usize>(&self, numbers: [i64; N]) -> [EndpointKey; N] {
        for number in numbers {
            self.insert(endpoint(number)).await;
        }
        numbers.map(EndpointKey)
    }

    pub(crate) async fn ordered(&self, number: i64, order: Order) -> EndpointKey {
        let settings = EndpointSettings { order, ..EndpointSettings::default() };
        self.insert(Endpoint { settings, ..endpoint(number) }).await;
        EndpointKey(number)
    }

    pub(crate) async fn insert(&self, endpoint: Endpoint) {
        self.store.insert_endpoint(endpoint, secrets()).await.unwrap();
    }

    /// Pushes events one after the other, all of them new.
    pub(crate) async fn push<const N: usize>(&self, numbers: [i64; N]) -> Vec<DeliveryKey> {
        let mut deliveries = Vec::new();
        for number in numbers {
            deliveries.extend(self.push_new(event(number)).await);
        }
        deliveries
    }

    pub(crate) async fn push_new(&self, event: NewEvent) -> Vec<DeliveryKey> {
        match self.push_one(event).await {
            Pushed::New(deliveries) => deliveries,
            other => panic!("not new: {other:?}"),
        }
    }

    pub(crate) async fn push_one(&self, event: NewEvent) -> Pushed {
        let [pushed] = self.store.push(vec![event]).await.unwrap().try_into().unwrap();
        pushed
    }

    pub(crate) async fn lease(&self, now: i64) -> Leased {
        self.store.lease(request(now)).await.unwrap()
    }

    pub(crate) async fn jobs(&self, now: i64) -> Vec<Job> {
        self.lease(now).await.jobs
    }

    pub(crate) async fn one_job(&self, now: i64) -> Job {
        let [job] = self.jobs(now).await.try_into().expect("one job");
        job
    }

    pub(crate) async fn settle(&self, job: &Job, next: Next, now: i64) -> DeliveryState {
        self.store.settle(settlement(job, next, now)).await.unwrap()
    }

    pub(crate) async fn delivery(&self, key: DeliveryKey) -> Delivery {
        self.store.delivery(ACCOUNT, key).await.unwrap().expect("a delivery").0
    }

    pub(crate) async fn attempts(&self, key: DeliveryKey) -> Vec<Attempt> {
        self.store.delivery(ACCOUNT, key).await.unwrap().expect("a delivery").1
    }

    pub(crate) async fn state(&self, key: DeliveryKey) -> (DeliveryState, Option<String>) {
        let delivery = self.delivery(key).await;
        (delivery.state, delivery.reason)
    }

    pub(crate) async fn change(
        &self,
        key: EndpointKey,
        change: EndpointChange,
        now: i64,
    ) -> Endpoint {
        self.store
            .change_endpoint(ACCOUNT, key, change, at(now))
            .await
            .unwrap()
            .expect("an endpoint")
    }

    pub(crate) async fn set_state(
        &self,
        key: EndpointKey,
        state: EndpointState,
        now: i64,
    ) -> Endpoint {
        self.change(key, EndpointChange { state: Some(state), ..EndpointChange::default() }, now)
            .await
    }
}

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000 + millis)
}

/// What is accepted at that moment has this key.
pub(crate) fn event_key(number: i64) -> EventKey {
    EventKey::floor(at(number))
}

pub(crate) fn event(number: i64) -> NewEvent {
    NewEvent {
        key: event_key(number),
        account: ACCOUNT,
        id: None,
        idempotency_key: None,
        fingerprint: [0; 16],
        event_type: "a.b".to_owned(),
        tenant: None,
        profile: None,
        ordering_key: None,
        data: format!(r#"{{"n":{number}}}"#).into(),
        patterns: vec!["a.b".to_owned(), "a.*".to_owned(), "*".to_owned()],
        profiles: vec![PROFILE],
        only: None,
        at_once: false,
        now: at(number),
    }
}

pub(crate) const PROFILE: &str = "standard_webhooks";

pub(crate) fn endpoint(number: i64) -> Endpoint {
    Endpoint {
        key: EndpointKey(number),
        account: ACCOUNT,
        url: "https://example.com/".to_owned(),
        event_types: vec!["*".to_owned()],
        profile: PROFILE.to_owned(),
        tenant: None,
        description: None,
        state: EndpointState::Active,
        reason: None,
        secret: SecretKind::Shared,
        settings: EndpointSettings::default(),
        failing_since: None,
        version: 1,
    }
}

pub(crate) fn secrets() -> Secrets {
    Secrets {
        current: SealedSecret { kind: SecretKind::Shared, sealed: vec![7, 8, 9] },
        previous: None,
    }
}

pub(crate) fn request(now: i64) -> LeaseRequest {
    LeaseRequest {
        limit: 100,
        bytes: usize::MAX,
        per_endpoint: 100,
        rooms: Vec::new(),
        without: Vec::new(),
        after: None,
        probe_from: 3,
        probe_until: at(now + 1000),
        now: at(now),
    }
}

pub(crate) fn settlement(job: &Job, next: Next, now: i64) -> Settlement {
    Settlement {
        job: job.clone(),
        attempt: Some(attempt(job.attempt, now - 3)),
        next,
        health: None,
        disable: None,
        report: Vec::new(),
        now: at(now),
    }
}

pub(crate) fn attempt(number: u32, started: i64) -> Attempt {
    Attempt {
        number,
        started_at: at(started),
        phases: Phases {
            total: Duration::from_micros(3001),
            connect: Some(Duration::from_micros(500)),
            ..Phases::default()
        },
        status: Some(500),
        error: None,
        address: Some("[2001:db8::1]:443".parse().unwrap()),
        response_head: Some("content-type: text/plain".to_owned()),
        response_body: b"\xffno".to_vec(),
    }
}

pub(crate) fn failing(failures: u32, since: i64, hold: Option<i64>) -> Health {
    Health { failures, failing_since: Some(at(since)), hold_until: hold.map(at) }
}

/// The numbers of what jobs send.
pub(crate) fn numbers(jobs: &[Job]) -> Vec<i64> {
    jobs.iter().map(|job| job.delivery.event.minted_at().as_millis() - at(0).as_millis()).collect()
}

pub(crate) fn delivery(endpoint: EndpointKey, number: i64) -> DeliveryKey {
    DeliveryKey { endpoint, event: event_key(number) }
}

/// Stands for the dispatcher.
#[derive(Debug, Default)]
pub(crate) struct Recorder(Mutex<Records>);

#[derive(Debug, Default)]
struct Records {
    rooms: HashMap<EndpointKey, u32>,
    calls: Vec<Call>,
}

#[derive(Clone, Debug)]
pub(crate) enum Call {
    Reserve(EndpointKey, Health, usize),
    Release(EndpointKey, usize),
    Take(Vec<Job>),
    Wake,
}

impl Recorder {
    pub(crate) fn room(&self, endpoint: EndpointKey, room: u32) {
        self.0.lock().unwrap().rooms.insert(endpoint, room);
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.0.lock().unwrap().calls)
    }

    /// What was taken since the last look.
    pub(crate) fn taken(&self) -> Vec<Job> {
        let taken = |call| if let Call::Take(jobs) = call { jobs } else { Vec::new() };
        self.calls().into_iter().flat_map(taken).collect()
    }

    pub(crate) fn was_woken(&self) -> bool {
        self.calls().iter().any(|call| matches!(call, Call::Wake))
    }
}

impl Intake for Recorder {
    fn reserve(&self, target: &SharedTarget, health: Health, bytes: usize) -> bool {
        let mut records = self.0.lock().unwrap();
        let endpoint = target.endpoint.key;
        records.calls.push(Call::Reserve(endpoint, health, bytes));
        match records.rooms.get_mut(&endpoint) {
            Some(room) if *room > 0 => {
                *room -= 1;
                true
            }
            _ => false,
        }
    }

    fn release(&self, endpoint: EndpointKey, bytes: usize) {
        self.0.lock().unwrap().calls.push(Call::Release(endpoint, bytes));
    }

    fn take(&self, jobs: Vec<Job>) {
        self.0.lock().unwrap().calls.push(Call::Take(jobs));
    }

    fn wake(&self) {
        self.0.lock().unwrap().calls.push(Call::Wake);
    }
}

/// A claim that nobody made.
pub(crate) const NO_CLAIM: ClaimKey = ClaimKey(3);
