//! What only an engine of several nodes has to do: on one database, and when that goes away.

#![cfg(test)]

#[path = "support/postgres.rs"]
mod cluster;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use hookseal::{GiveUpReason, Timestamp};
use hookseal_server::{
    clock::{Clock as _, SystemClock},
    store::{
        AccountKey, ApiKey, ApiKeyId, Attempt, DeliveryFilter, DeliveryKey, DeliveryState,
        Endpoint, EndpointChange, EndpointKey, EndpointSettings, EndpointState, EventKey, Health,
        Heard, Intake, Job, KeyOrigin, LeaseRequest, NewEvent, Next, Order, Phases, Pushed,
        Queue as _, Replay, Scope, SealedSecret, SecretKind, Secrets, Settlement, SharedTarget,
        Store as _, StoreError, postgres::PostgresStore,
    },
};

use cluster::{Cluster, execute, number};

type Node = Arc<PostgresStore>;

const ACCOUNT: AccountKey = AccountKey(1);

async fn node(url: &str) -> Node {
    Arc::new(PostgresStore::open(url, Arc::new(SystemClock::new())).await.unwrap())
}

/// Some nodes on a database that has one account and some endpoints.
async fn nodes<const N: usize>(url: &str, endpoints: i64) -> [Node; N] {
    let mut nodes = Vec::new();
    for _ in 0..N {
        nodes.push(node(url).await);
    }
    prepare(&nodes[0], endpoints).await;
    nodes.try_into().unwrap()
}

async fn prepare(store: &PostgresStore, endpoints: i64) {
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

async fn insert(store: &PostgresStore, number: i64, order: Order) {
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

fn now() -> Timestamp {
    SystemClock::new().now()
}

fn event(store: &PostgresStore) -> NewEvent {
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

async fn push(store: &PostgresStore) -> Vec<DeliveryKey> {
    let [pushed] = store.push(vec![event(store)]).await.unwrap().try_into().unwrap();
    let Pushed::New(deliveries) = pushed else { panic!("not new: {pushed:?}") };
    deliveries
}

async fn lease(store: &PostgresStore, limit: u32) -> Vec<Job> {
    store.lease(request(limit)).await.unwrap().jobs
}

fn request(limit: u32) -> LeaseRequest {
    let now = now();
    LeaseRequest {
        limit,
        bytes: usize::MAX,
        per_endpoint: limit,
        rooms: Vec::new(),
        probe_from: 3,
        probe_until: now.plus_millis(1000),
        now,
    }
}

fn settlement(job: &Job, next: Next) -> Settlement {
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

async fn state(store: &PostgresStore, key: DeliveryKey) -> DeliveryState {
    store.delivery(ACCOUNT, key).await.unwrap().expect("a delivery").0.state
}

/// Takes everything into memory.
#[derive(Debug, Default)]
struct Memory(Mutex<Vec<Job>>);

impl Memory {
    fn jobs(&self) -> Vec<Job> {
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

fn with_memory(store: &PostgresStore) -> Arc<Memory> {
    let memory = Arc::new(Memory::default());
    store.set_intake(memory.clone());
    memory
}

/// Says that every lease has ended, but for those of some nodes that said in time that they are alive.
async fn expire(url: &str, but: &[&Node]) {
    execute(url, "UPDATE node SET expires_at = now() - interval '1 second'").await;
    for node in but {
        assert!(node.heartbeat().await.unwrap());
    }
    execute(url, "UPDATE node SET judges_at = now() - interval '1 second'").await;
}

async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), what).await.expect("it takes too long")
}

/// Makes a commit take its time that has written into a table.
fn slow_commits(table: &str) -> String {
    format!(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN PERFORM pg_sleep(2); RETURN NULL; END';
         CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION slow()"
    )
}

/// Such commits.
const COMMITTING: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";

/// Those who wait for others.
const BLOCKED: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Asks until there is so much to count.
async fn until(url: &str, count: &str, enough: i64) {
    while number(url, count).await < enough {}
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_make_the_tables_once() {
    let url = Cluster::shared().database().await;
    let starting: Vec<_> = (0..6)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { node(&url).await })
        })
        .collect();
    let mut numbers = HashSet::new();
    for node in starting {
        // The number of the node is in what it mints.
        numbers.insert(node.await.unwrap().mint(now()) >> 11 & 1023);
    }
    assert_eq!(numbers.len(), 6);
    let (rows, numbers) = (
        "SELECT count(*) FROM hookseal_version",
        "SELECT count(DISTINCT number) FROM hookseal_version",
    );
    assert_eq!(number(&url, rows).await, number(&url, numbers).await);
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let url = Cluster::shared().database().await;
    drop(node(&url).await);
    execute(&url, "INSERT INTO hookseal_version VALUES (99)").await;
    let error =
        PostgresStore::open(&url, Arc::new(SystemClock::new())).await.unwrap_err().to_string();
    assert!(error.contains("99") && error.contains("newer"), "{error}");
}

#[tokio::test]
async fn errors_do_not_hold_the_password() {
    for url in ["postgres://me:hunter2@127.0.0.1:1/none", "postgres://me:hunter2@%2Fnowhere/none"] {
        let error =
            PostgresStore::open(url, Arc::new(SystemClock::new())).await.unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leases_of_several_nodes_share_nothing() {
    let url = Cluster::shared().database().await;
    let nodes: [Node; 3] = nodes(&url, 5).await;
    let mut pushed = HashSet::new();
    for node in &nodes {
        let events = (0..40).map(|_| event(node)).collect();
        for answer in node.push(events).await.unwrap() {
            let Pushed::New(deliveries) = answer else { panic!("not new") };
            pushed.extend(deliveries);
        }
    }
    assert_eq!(pushed.len(), 600);
    let leasing: Vec<_> = nodes
        .iter()
        .map(|node| {
            let node = Arc::clone(node);
            tokio::spawn(async move {
                let mut jobs = Vec::new();
                // Others may be at every lane just now: nothing taken does not mean nothing left.
                for _ in 0..100 {
                    jobs.extend(lease(&node, 7).await);
                }
                jobs
            })
        })
        .collect();
    let mut leased = HashSet::new();
    for jobs in leasing {
        for job in jobs.await.unwrap() {
            assert!(leased.insert(job.delivery), "taken twice: {}", job.delivery);
        }
    }
    for job in lease(&nodes[0], 1000).await {
        assert!(leased.insert(job.delivery));
    }
    assert_eq!(leased, pushed);
}

#[tokio::test]
async fn what_a_dead_node_held_is_taken_over_once() {
    let url = Cluster::shared().database().await;
    let [dead, one, other]: [Node; 3] = nodes(&url, 2).await;
    let stored = push(&dead).await;
    let leased = lease(&dead, 1).await;
    let memory = with_memory(&dead);
    let in_memory = push(&dead).await;
    assert_eq!(memory.jobs().len(), 2);
    assert_eq!(one.recover(now()).await.unwrap(), 0, "all of them are alive");

    expire(&url, &[&one, &other]).await;
    let (first, second) = tokio::join!(one.recover(now()), other.recover(now()));
    assert_eq!(first.unwrap() + second.unwrap(), 3);
    let due: HashSet<_> = lease(&other, 10).await.iter().map(|job| job.delivery).collect();
    assert_eq!(due, stored.iter().chain(&in_memory).copied().collect());
    let (_, attempts) = one.delivery(ACCOUNT, leased[0].delivery).await.unwrap().unwrap();
    assert_eq!(attempts[0].error.as_deref(), Some("interrupted"));
    assert!(!dead.heartbeat().await.unwrap(), "it learns of it");
    assert!(dead.heartbeat().await.unwrap());
    assert_eq!(dead.nodes(), 3);
}

#[tokio::test]
async fn a_lease_ends_by_itself() {
    let url = Cluster::shared().database().await;
    let clock = SystemClock::new();
    let open = |lease| PostgresStore::open_with_lease(&url, Arc::new(SystemClock::new()), lease);
    let dead = open(300).await.unwrap();
    let alive = open(3_000).await.unwrap();
    prepare(&alive, 1).await;
    push(&dead).await;
    assert_eq!(lease(&dead, 10).await.len(), 1);
    let recovered = within(async {
        loop {
            assert!(alive.heartbeat().await.unwrap());
            let recovered = alive.recover(now()).await.unwrap();
            if recovered > 0 {
                return recovered;
            }
            clock.sleep_until(clock.now().plus_millis(20)).await;
        }
    });
    assert_eq!(recovered.await, 1);
}

#[tokio::test]
async fn nobody_is_dead_because_the_database_was_away() {
    let url = Cluster::shared().database().await;
    let [first, late]: [Node; 2] = nodes(&url, 1).await;
    push(&late).await;
    assert_eq!(lease(&late, 10).await.len(), 1);
    execute(&url, "UPDATE node SET judges_at = now() - interval '1 second'").await;
    execute(&url, "UPDATE node SET expires_at = now() - interval '1 second'").await;
    // Nor does a node judge that could not say itself that it is alive.
    assert_eq!(first.recover(now()).await.unwrap(), 0);
    assert!(first.heartbeat().await.unwrap());
    assert_eq!(first.recover(now()).await.unwrap(), 0);
    assert!(late.heartbeat().await.unwrap());
}

#[tokio::test]
async fn a_node_that_was_taken_for_dead_is_believed_what_was_delivered_only() {
    let url = Cluster::shared().database().await;
    let [zombie, alive]: [Node; 2] = nodes(&url, 1).await;
    for _ in 0..2 {
        push(&zombie).await;
    }
    let stored = lease(&zombie, 10).await;
    let memory = with_memory(&zombie);
    for _ in 0..2 {
        push(&zombie).await;
    }
    let in_memory = memory.jobs();
    expire(&url, &[&alive]).await;
    assert_eq!(alive.recover(now()).await.unwrap(), 4);
    for jobs in [&stored, &in_memory] {
        assert_eq!(
            zombie.settle(settlement(&jobs[0], Next::Delivered)).await.unwrap(),
            DeliveryState::Delivered
        );
        let retry = settlement(&jobs[1], Next::RetryAt(now().plus_millis(60_000)));
        assert_eq!(zombie.settle(retry).await.unwrap(), DeliveryState::Pending);
        assert_eq!(state(&alive, jobs[0].delivery).await, DeliveryState::Delivered);
    }
    let due: Vec<_> = lease(&alive, 10).await.iter().map(|job| job.delivery).collect();
    assert_eq!(due, [stored[1].delivery, in_memory[1].delivery]);
    // What it takes from now on is its own.
    push(&zombie).await;
    let job = memory.jobs().pop().unwrap();
    assert_eq!(
        zombie.settle(settlement(&job, Next::Delivered)).await.unwrap(),
        DeliveryState::Delivered
    );
    assert!(!zombie.heartbeat().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_on_two_nodes_is_one_event() {
    let url = Cluster::shared().database().await;
    let nodes: [Node; 2] = nodes(&url, 1).await;
    for round in 0..20 {
        let pushing = nodes.each_ref().map(|node| {
            let (node, key) = (Arc::clone(node), format!("key-{round}"));
            tokio::spawn(async move {
                let event = NewEvent { idempotency_key: Some(key), ..event(&node) };
                node.push(vec![event]).await.unwrap().remove(0)
            })
        });
        let mut answers = Vec::new();
        for answer in pushing {
            answers.push(answer.await.unwrap());
        }
        let new = answers.iter().filter(|answer| matches!(answer, Pushed::New(_))).count();
        let repeats =
            answers.iter().filter(|answer| matches!(answer, Pushed::Repeat { .. })).count();
        assert_eq!((new, repeats), (1, 1), "{answers:?}");
    }
    assert_eq!(number(&url, "SELECT count(*) FROM event").await, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_holds_across_nodes() {
    let url = Cluster::shared().database().await;
    let nodes: [Node; 3] = nodes(&url, 0).await;
    insert(&nodes[0], 1, Order::Endpoint).await;
    let pushing = nodes.each_ref().map(|node| {
        let node = Arc::clone(node);
        tokio::spawn(async move {
            for _ in 0..10 {
                push(&node).await;
            }
        })
    });
    for pushing in pushing {
        pushing.await.unwrap();
    }
    let mut sent = Vec::new();
    for round in 0..30 {
        let node = &nodes[round % 3];
        let jobs = lease(node, 10).await;
        assert_eq!(jobs.len(), 1, "one at a time");
        assert_eq!(lease(&nodes[(round + 1) % 3], 10).await.len(), 0);
        sent.push(jobs[0].delivery.event);
        node.settle(settlement(&jobs[0], Next::Delivered)).await.unwrap();
    }
    assert!(lease(&nodes[0], 10).await.is_empty());
    assert_eq!(sent.iter().collect::<HashSet<_>>().len(), 30);
}

#[tokio::test]
async fn what_one_node_revokes_the_others_hear() {
    let url = Cluster::shared().database().await;
    let [one, other]: [Node; 2] = nodes(&url, 3).await;
    assert!(one.delete_endpoint(ACCOUNT, EndpointKey(1), now()).await.unwrap());
    assert_eq!(within(other.hear()).await, Heard::Revoked(EndpointKey(1)));
    let paused = EndpointChange { state: Some(EndpointState::Paused), ..EndpointChange::default() };
    one.change_endpoint(ACCOUNT, EndpointKey(2), paused, now()).await.unwrap().unwrap();
    assert_eq!(within(other.hear()).await, Heard::Revoked(EndpointKey(2)));
    // The other stores something that is due, and does not hear itself.
    push(&other).await;
    assert_eq!(within(one.hear()).await, Heard::Due);
    let memory = with_memory(&other);
    push(&other).await;
    let gone =
        Settlement { disable: Some("endpoint_gone"), ..settlement(&memory.jobs()[0], Next::Gone) };
    assert_eq!(other.settle(gone).await.unwrap(), DeliveryState::Failed);
    assert_eq!(within(one.hear()).await, Heard::Revoked(EndpointKey(3)));
    one.delete_endpoint(ACCOUNT, EndpointKey(3), now()).await.unwrap();
    assert_eq!(within(other.hear()).await, Heard::Revoked(EndpointKey(3)));
}

#[tokio::test]
async fn others_hear_of_another_url_and_of_a_secret_that_ends_at_once() {
    let url = Cluster::shared().database().await;
    let [one, other]: [Node; 2] = nodes(&url, 3).await;
    let change = async |number, change| {
        one.change_endpoint(ACCOUNT, EndpointKey(number), change, now()).await.unwrap().unwrap();
    };
    let moved = || Some("https://example.org/".to_owned());
    change(1, EndpointChange { url: moved(), ..EndpointChange::default() }).await;
    assert_eq!(within(other.hear()).await, Heard::Revoked(EndpointKey(1)));
    // What stays the same, or holds for a while, is nobody's business.
    change(1, EndpointChange { url: moved(), ..EndpointChange::default() }).await;
    change(1, EndpointChange { description: Some(None), ..EndpointChange::default() }).await;
    let secret = || SealedSecret { kind: SecretKind::Shared, sealed: vec![1] };
    let overlap = Some((secret(), now().plus_millis(60_000)));
    for (number, previous) in [(2, overlap), (3, None)] {
        let secrets = Secrets { current: secret(), previous };
        assert!(one.put_secrets(ACCOUNT, EndpointKey(number), 1, secrets).await.unwrap());
    }
    assert_eq!(within(other.hear()).await, Heard::Revoked(EndpointKey(3)));
}

#[tokio::test]
async fn what_changed_while_nobody_was_heard_is_found_out() {
    let url = Cluster::shared().database().await;
    let [node]: [Node; 1] = nodes(&url, 3).await;
    with_memory(&node);
    push(&node).await;
    execute(
        &url,
        "UPDATE endpoint SET url = 'https://example.org/', version = version + 1 WHERE key = 2",
    )
    .await;
    execute(
        &url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND query = 'LISTEN hookseal'",
    )
    .await;
    assert_eq!(within(node.hear()).await, Heard::Revoked(EndpointKey(2)));
    assert_eq!(within(node.hear()).await, Heard::Due);
}

#[tokio::test]
async fn what_was_leased_without_an_answer_is_due_again() {
    let url = Cluster::shared().database().await;
    let [store]: [Node; 1] = nodes(&url, 1).await;
    let [pushed] = push(&store).await.try_into().unwrap();
    execute(&url, &slow_commits("claim")).await;
    tokio::select! {
        _ = lease(&store, 10) => panic!("its commit takes longer"),
        () = within(until(&url, COMMITTING, 1)) => {}
    }
    // The commit is done all the same.
    within(until(&url, "SELECT count(*) FROM claim", 1)).await;
    execute(&url, "DROP TRIGGER slow ON claim").await;
    let [job] = lease(&store, 10).await.try_into().expect("it is due again");
    assert_eq!((job.delivery, job.attempt), (pushed, 1));
    let delivered = store.settle(settlement(&job, Next::Delivered)).await.unwrap();
    assert_eq!(delivered, DeliveryState::Delivered);
    assert_eq!(number(&url, "SELECT count(*) FROM claim").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_disables_while_another_retries_and_neither_waits_for_the_other() {
    let url = Cluster::shared().database().await;
    execute(
        &url,
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = ''1h''', current_database()); END $$",
    )
    .await;
    let [one, other]: [Node; 2] = nodes(&url, 1).await;
    for _ in 0..2 {
        push(&one).await;
    }
    let [gone] = lease(&one, 1).await.try_into().unwrap();
    let [late] = lease(&other, 1).await.try_into().unwrap();
    let (holder, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    holder.batch_execute("BEGIN; SELECT FROM lane FOR UPDATE").await.unwrap();
    let settle = |node: &Node, settlement: Settlement| {
        let node = Arc::clone(node);
        tokio::spawn(async move { node.settle(settlement).await.unwrap() })
    };
    let disable = Some("endpoint_gone");
    let disabling = settle(&one, Settlement { disable, ..settlement(&gone, Next::Gone) });
    within(until(&url, BLOCKED, 1)).await;
    let retrying = settle(&other, settlement(&late, Next::RetryAt(now().plus_millis(60_000))));
    within(until(&url, BLOCKED, 2)).await;
    holder.batch_execute("COMMIT").await.unwrap();
    assert_eq!(within(disabling).await.unwrap(), DeliveryState::Failed);
    assert_eq!(within(retrying).await.unwrap(), DeliveryState::Cancelled);
    drop(holder);
    connection.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_read_is_set_aside_and_holds_up_no_other() {
    let url = Cluster::shared().database().await;
    let [store]: [Node; 1] = nodes(&url, 0).await;
    insert(&store, 1, Order::Endpoint).await;
    insert(&store, 2, Order::None).await;
    for _ in 0..2 {
        push(&store).await;
    }
    execute(&url, "UPDATE endpoint SET settings = 'no JSON', version = version + 1 WHERE key = 1")
        .await;
    let endpoints = async |limit| -> Vec<i64> {
        lease(&store, limit).await.iter().map(|job| job.delivery.endpoint.0).collect()
    };
    // Of its order one is due, then the other.
    assert!(endpoints(1).await.is_empty());
    assert_eq!(endpoints(10).await, [2, 2]);
    assert!(endpoints(10).await.is_empty());
    let aside = "SELECT count(*) FROM delivery WHERE state = 'failed' AND reason = 'corrupt'";
    assert_eq!(number(&url, aside).await, 2);
    assert_eq!(number(&url, "SELECT count(*) FROM lane WHERE due IS NOT NULL").await, 0);
}

#[tokio::test]
async fn who_finds_nothing_due_writes_nothing() {
    let url = Cluster::shared().database().await;
    let [store]: [Node; 1] = nodes(&url, 1).await;
    push(&store).await;
    assert_eq!(lease(&store, 10).await.len(), 1);
    let newest = "SELECT (pg_snapshot_xmax(pg_current_snapshot())::text)::bigint";
    let before = number(&url, newest).await;
    for _ in 0..5 {
        assert!(lease(&store, 10).await.is_empty());
    }
    assert_eq!(number(&url, newest).await, before);
}

#[tokio::test]
async fn what_others_are_at_is_looked_at_again_soon() {
    let url = Cluster::shared().database().await;
    let [store]: [Node; 1] = nodes(&url, 1).await;
    push(&store).await;
    let (holder, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    holder.batch_execute("BEGIN; SELECT FROM lane FOR UPDATE").await.unwrap();
    let request = request(10);
    let leased = store.lease(request.clone()).await.unwrap();
    assert!(leased.jobs.is_empty() && !leased.more, "{leased:?}");
    assert_eq!(leased.next_due, Some(request.now.plus_millis(10)));
    drop(holder);
    connection.await.unwrap().unwrap();
}

#[tokio::test]
async fn slow_lists_do_not_hold_up_what_comes_in() {
    let url = Cluster::shared().database().await;
    let [store]: [Node; 1] = nodes(&url, 2).await;
    let pushed = push(&store).await;
    for job in lease(&store, 10).await {
        store.settle(settlement(&job, Next::Delivered)).await.unwrap();
    }
    let (holder, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    holder.batch_execute("BEGIN; LOCK TABLE attempt IN ACCESS EXCLUSIVE MODE").await.unwrap();
    // As many as there are connections.
    let reading: Vec<_> = (0..8)
        .map(|_| {
            let (store, key) = (Arc::clone(&store), pushed[0]);
            tokio::spawn(async move { store.delivery(ACCOUNT, key).await.unwrap() })
        })
        .collect();
    within(until(&url, BLOCKED, 8)).await;
    let deleting = {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.delete_endpoint(ACCOUNT, EndpointKey(1), now()).await })
    };
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(within(push(&store)).await.len(), 2);
    assert!(!deleting.is_finished());
    drop(holder);
    connection.await.unwrap().unwrap();
    assert!(within(deleting).await.unwrap().unwrap());
    for reading in reading {
        assert!(within(reading).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_page_of_one_endpoint_costs_nothing_of_the_backlog_of_another() {
    let url = Cluster::shared().database().await;
    let [store]: [Node; 1] = nodes(&url, 3).await;
    push(&store).await;
    let [job] = lease(&store, 1).await.try_into().unwrap();
    let one = job.delivery.endpoint;
    store.settle(settlement(&job, Next::GiveUp(GiveUpReason::TooOld))).await.unwrap();
    store
        .delete_endpoint(ACCOUNT, EndpointKey(if one.0 == 3 { 2 } else { 3 }), now())
        .await
        .unwrap();
    execute(
        &url,
        "INSERT INTO delivery (endpoint, event, account, state, due)
             SELECT e.key, v.key + n, 1, 'pending', 0 FROM generate_series(1, 30000) AS n, event v, endpoint e
             WHERE e.state = 'active' AND NOT EXISTS (SELECT FROM delivery d WHERE d.endpoint = e.key AND d.state = 'failed');
         INSERT INTO event (account, key, type, targets, data)
             SELECT 1, v.key + n, 'a.b', '', '{}' FROM generate_series(1, 30000) AS n, event v; ANALYZE",
    )
    .await;
    let read =
        async || number(&url, "SELECT (sum(idx_tup_read))::bigint FROM pg_stat_user_indexes").await;
    let began = read().await;
    let list = async |states: &[DeliveryState], endpoint| {
        let filter =
            DeliveryFilter { states: states.to_vec(), endpoint, ..DeliveryFilter::default() };
        store.deliveries(ACCOUNT, &filter, None, 20).await.unwrap().len()
    };
    assert_eq!(list(&[DeliveryState::Pending], Some(one)).await, 0);
    assert_eq!(list(&[DeliveryState::Failed], Some(one)).await, 1);
    assert_eq!(list(&[DeliveryState::Cancelled], None).await, 1);
    assert_eq!(list(&[DeliveryState::Pending], None).await, 20);
    let failed = Replay::Failed { endpoint: one, since: Timestamp::MIN };
    assert_eq!(store.replay(ACCOUNT, failed, now()).await.unwrap(), Some(1));
    drop(store);
    // Told when the connections end.
    let connected = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'hookseal'";
    within(async { while number(&url, connected).await > 0 {} }).await;
    let cost = read().await - began;
    assert!(cost < 2000, "{cost}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_leaves_no_answer_that_was_just_being_stored() {
    let url = Cluster::shared().database().await;
    let [store, other]: [Node; 2] = nodes(&url, 1).await;
    let memory = with_memory(&store);
    store.push(vec![NewEvent { tenant: Some("t".to_owned()), ..event(&store) }]).await.unwrap();
    execute(&url, &slow_commits("delivery")).await;
    let settling = {
        let (store, job) = (Arc::clone(&store), memory.jobs().remove(0));
        tokio::spawn(async move { store.settle(settlement(&job, Next::Delivered)).await.unwrap() })
    };
    within(until(&url, COMMITTING, 1)).await;
    while other.erase_tenant(ACCOUNT, "t", 10, now()).await.unwrap() {}
    assert_eq!(within(settling).await.unwrap(), DeliveryState::Delivered);
    for table in ["event", "delivery", "attempt"] {
        assert_eq!(number(&url, &format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
    }
}

#[tokio::test]
async fn what_is_committed_is_on_disk_whatever_the_database_says() {
    let url = Cluster::shared().database().await;
    execute(
        &url,
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$",
    )
    .await;
    let [store]: [Node; 1] = nodes(&url, 1).await;
    execute(
        &url,
        "CREATE FUNCTION check_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF current_setting('synchronous_commit') <> 'on' THEN RAISE 'not on disk'; END IF;
             RETURN NULL;
         END $$;
         CREATE TRIGGER written AFTER INSERT ON event EXECUTE FUNCTION check_commit();
         CREATE TRIGGER changed AFTER INSERT OR UPDATE ON endpoint EXECUTE FUNCTION check_commit()",
    )
    .await;
    push(&store).await;
    insert(&store, 2, Order::None).await;
}

#[tokio::test]
async fn what_a_large_claim_held_is_taken_over_in_steps() {
    let url = Cluster::shared().database().await;
    let [dead, alive]: [Node; 2] = nodes(&url, 2).await;
    with_memory(&dead);
    for _ in 0..2 {
        dead.push((0..300).map(|_| event(&dead)).collect()).await.unwrap();
    }
    assert_eq!(number(&url, "SELECT count(*) FROM claim").await, 2);
    expire(&url, &[&alive]).await;
    assert_eq!(alive.recover(now()).await.unwrap(), 1200);
    assert_eq!(number(&url, "SELECT count(*) FROM claim").await, 0);
    let due = "SELECT count(*) FROM delivery WHERE state = 'pending' AND attempts = 1";
    assert_eq!(number(&url, due).await, 1200);
}

/// Kills the database again and again while events come in and are settled.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_comes_back_has_lost_nothing() {
    let cluster = Arc::new(Cluster::durable());
    let url = cluster.database().await;
    let nodes: [Node; 2] = nodes(&url, 2).await;
    let memories = nodes.each_ref().map(|node| with_memory(node));
    let working: Vec<_> = (0..8)
        .map(|task| {
            let (node, memory) = (Arc::clone(&nodes[task % 2]), Arc::clone(&memories[task % 2]));
            tokio::spawn(async move {
                let mut answered = HashMap::new();
                for _ in 0..60 {
                    let [pushed] = node.push(vec![event(&node)]).await.unwrap().try_into().unwrap();
                    let Pushed::New(deliveries) = pushed else { panic!("not new: {pushed:?}") };
                    let jobs = memory.jobs();
                    for delivery in deliveries {
                        let job = jobs
                            .iter()
                            .find(|job| job.delivery == delivery)
                            .expect("it was handed over");
                        let state = node.settle(settlement(job, Next::Delivered)).await.unwrap();
                        answered.insert(delivery, state);
                    }
                }
                answered
            })
        })
        .collect();
    for _ in 0..3 {
        let clock = SystemClock::new();
        clock.sleep_until(clock.now().plus_millis(150)).await;
        let cluster = Arc::clone(&cluster);
        tokio::task::spawn_blocking(move || {
            cluster.stop();
            cluster.start_again();
        })
        .await
        .unwrap();
    }
    let mut all = HashMap::new();
    for work in working {
        all.extend(within(work).await.unwrap());
    }
    assert_eq!(all.len(), 960);
    for (delivery, answer) in &all {
        assert_eq!(*answer, DeliveryState::Delivered);
        let (stored, attempts) = nodes[0].delivery(ACCOUNT, *delivery).await.unwrap().unwrap();
        assert_eq!((stored.state, attempts.len()), (DeliveryState::Delivered, 1), "{delivery}");
    }
    let counts = ["event", "delivery", "claim", "attempt"]
        .map(|table| format!("SELECT count(*) FROM {table}"));
    let mut counted = Vec::new();
    for sql in &counts {
        counted.push(number(&url, sql).await);
    }
    assert_eq!(counted, [480, 960, 0, 0]);
}

/// Breaks connections again and again, so that some break while they commit.
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_break_lose_nothing() {
    const EVENTS: i64 = 200;
    let url = Cluster::shared().database().await;
    let nodes: [Node; 2] = nodes(&url, 3).await;
    let breaking = {
        let url = url.clone();
        tokio::spawn(async move {
            let clock = SystemClock::new();
            loop {
                clock.sleep_until(clock.now().plus_millis(15)).await;
                execute(
                    &url,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                     WHERE datname = current_database() AND application_name = 'hookseal' AND random() < 0.3",
                )
                .await;
            }
        })
    };
    let pushing = nodes.each_ref().map(|node| {
        let node = Arc::clone(node);
        tokio::spawn(async move {
            for _ in 0..EVENTS / 2 {
                push(&node).await;
            }
        })
    });
    let settled = Arc::new(Mutex::new(HashSet::new()));
    let sending: Vec<_> = nodes
        .iter()
        .map(|node| {
            let (node, settled) = (Arc::clone(node), Arc::clone(&settled));
            tokio::spawn(async move {
                while i64::try_from(settled.lock().unwrap().len()).unwrap() < 3 * EVENTS {
                    for job in lease(&node, 20).await {
                        node.settle(settlement(&job, Next::Delivered)).await.unwrap();
                        assert!(
                            settled.lock().unwrap().insert(job.delivery),
                            "twice: {}",
                            job.delivery
                        );
                    }
                }
            })
        })
        .collect();
    for work in pushing.into_iter().chain(sending) {
        within(work).await.unwrap();
    }
    breaking.abort();
    let delivered = "SELECT count(*) FROM delivery WHERE state = 'delivered' AND attempts = 1";
    assert_eq!(number(&url, delivered).await, 3 * EVENTS);
    assert_eq!(number(&url, "SELECT count(*) FROM claim").await, 0);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let cluster = Cluster::durable();
    let url = cluster.database().await;
    let [store]: [Node; 1] = nodes(&url, 0).await;
    cluster.stop();
    let data: Arc<str> = "x".repeat(1 << 20).into();
    let pushing: Vec<_> = (0..100)
        .map(|_| {
            let event = NewEvent { data: Arc::clone(&data), ..event(&store) };
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.push(vec![event]).await })
        })
        .collect();
    let (mut busy, mut waiting) = (0, Vec::new());
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    for push in pushing {
        if push.is_finished() {
            assert!(matches!(push.await.unwrap(), Err(StoreError::Busy)));
            busy += 1;
        } else {
            waiting.push(push);
        }
    }
    assert!(busy > 30, "{busy}");
    cluster.start_again();
    for push in waiting {
        assert!(matches!(within(push).await.unwrap().unwrap()[..], [Pushed::New(_)]));
    }
}
