//! Nodes on a database, and what they are asked.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use hookseal::Timestamp;
use hookseal_server::{
    clock::{Clock as _, SystemClock},
    store::{
        AccountKey, ApiKey, ApiKeyId, Attempt, DeliveryKey, DeliveryState, Endpoint, EndpointKey,
        EndpointSettings, EndpointState, EventKey, Health, Intake, Job, KeyOrigin, LeaseRequest,
        NewEvent, Next, Order, Phases, Pushed, Queue as _, Scope, SealedSecret, SecretKind,
        Secrets, Settlement, SharedTarget, Store as _, postgres::PostgresStore,
    },
};

use crate::cluster::{execute, number};

pub(crate) type Node = Arc<PostgresStore>;

pub(crate) const ACCOUNT: AccountKey = AccountKey(1);

pub(crate) async fn node(url: &str) -> Node {
    Arc::new(PostgresStore::open(url, Arc::new(SystemClock::new())).await.unwrap())
}

/// Some nodes on a database that has one account and some endpoints.
pub(crate) async fn nodes<const N: usize>(url: &str, endpoints: i64) -> [Node; N] {
    let mut nodes = Vec::new();
    for _ in 0..N {
        nodes.push(node(url).await);
    }
    prepare(&nodes[0], endpoints).await;
    nodes.try_into().unwrap()
}

pub(crate) async fn prepare(store: &PostgresStore, endpoints: i64) {
    let key = ApiKey {
        id: ApiKeyId(1),
        account: ACCOUNT,
        origin: KeyOrigin::Api,
        scope: Scope::Admin,
        tenant: None,
        name: None,
        used: false,
        created_at: ApiKeyId(1).minted_at(),
    };
    store.put_key(key, [1; 32]).await.unwrap();
    for number in 1..=endpoints {
        insert(store, number, Order::None).await;
    }
}

pub(crate) async fn insert(store: &PostgresStore, number: i64, order: Order) {
    let endpoint = Endpoint {
        key: EndpointKey(number),
        account: ACCOUNT,
        url: "https://example.com/".to_owned(),
        event_types: vec!["*".to_owned()],
        profile: "standard_webhooks".to_owned(),
        tenant: None,
        description: None,
        state: EndpointState::Active,
        reason: None,
        secret: SecretKind::None,
        settings: EndpointSettings { order, ..EndpointSettings::default() },
        failing_since: None,
        version: 1,
    };
    let current = SealedSecret { kind: SecretKind::None, sealed: Vec::new() };
    store.insert_endpoint(endpoint, Secrets { current, previous: None }).await.unwrap();
}

pub(crate) fn now() -> Timestamp {
    SystemClock::new().now()
}

pub(crate) fn event(store: &PostgresStore) -> NewEvent {
    NewEvent {
        key: EventKey(store.mint(now())),
        account: ACCOUNT,
        id: None,
        idempotency_key: None,
        fingerprint: [7; 16],
        event_type: "a.b".to_owned(),
        tenant: None,
        profile: None,
        ordering_key: None,
        data: "{}".into(),
        patterns: vec!["*".to_owned()],
        profiles: vec!["standard_webhooks"],
        only: None,
        at_once: false,
        now: now(),
    }
}

pub(crate) async fn push(store: &PostgresStore) -> Vec<DeliveryKey> {
    let [pushed] = store.push(vec![event(store)]).await.unwrap().try_into().unwrap();
    let Pushed::New(deliveries) = pushed else { panic!("not new: {pushed:?}") };
    deliveries
}

pub(crate) async fn lease(store: &PostgresStore, limit: u32) -> Vec<Job> {
    store.lease(request(limit)).await.unwrap().jobs
}

pub(crate) fn request(limit: u32) -> LeaseRequest {
    let now = now();
    LeaseRequest {
        limit,
        bytes: usize::MAX,
        per_endpoint: limit,
        rooms: Vec::new(),
        without: Vec::new(),
        after: None,
        probe_from: 3,
        probe_until: now.plus_millis(1000),
        now,
    }
}

pub(crate) fn settlement(job: &Job, next: Next) -> Settlement {
    let attempt = Attempt {
        number: job.attempt,
        started_at: now(),
        phases: Phases { total: Duration::from_micros(1234), ..Phases::default() },
        status: Some(200),
        error: None,
        address: None,
        response_head: None,
        response_body: Vec::new(),
    };
    Settlement {
        job: job.clone(),
        attempt: Some(attempt),
        next,
        health: None,
        disable: None,
        report: Vec::new(),
        now: now(),
    }
}

pub(crate) async fn state(store: &PostgresStore, key: DeliveryKey) -> DeliveryState {
    store.delivery(ACCOUNT, key).await.unwrap().expect("a delivery").0.state
}

/// Takes everything into memory.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<Vec<Job>>);

impl Memory {
    pub(crate) fn jobs(&self) -> Vec<Job> {
        self.0.lock().unwrap().clone()
    }
}

impl Intake for Memory {
    fn reserve(&self, _: &SharedTarget, _: Health, _: usize) -> bool {
        true
    }

    fn release(&self, _: EndpointKey, _: usize) {}

    fn take(&self, jobs: Vec<Job>) {
        self.0.lock().unwrap().extend(jobs);
    }

    fn wake(&self) {}
}

pub(crate) fn with_memory(store: &PostgresStore) -> Arc<Memory> {
    let memory = Arc::new(Memory::default());
    store.set_intake(memory.clone());
    memory
}

/// Says that every lease has ended, but for those of some nodes that said in time that they are alive.
pub(crate) async fn expire(url: &str, but: &[&Node]) {
    execute(url, "UPDATE node SET expires_at = now() - interval '1 second'").await;
    for node in but {
        assert!(node.heartbeat().await.unwrap());
    }
    execute(url, "UPDATE node SET judges_at = now() - interval '1 second'").await;
}

pub(crate) async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), what).await.expect("it takes too long")
}

/// Makes a commit take its time that has written into a table.
pub(crate) fn slow_commits(table: &str) -> String {
    format!(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN PERFORM pg_sleep(2); RETURN NULL; END';
         CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION slow()"
    )
}

/// Such commits.
pub(crate) const COMMITTING: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";

/// Those who wait for others.
pub(crate) const BLOCKED: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Asks until there is so much to count.
pub(crate) async fn until(url: &str, count: &str, enough: i64) {
    while number(url, count).await < enough {}
}
