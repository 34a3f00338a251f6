//! The database goes away, comes back, takes nothing; connections break.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use hookseal_server::{
    clock::{Clock as _, SystemClock},
    store::{
        DeliveryKey, DeliveryState, NewEvent, Next, Pushed, Queue as _, Store as _, StoreError,
    },
};

use serde_json::json;

use crate::{
    bed::{ACCOUNT, Node, event, lease, nodes, push, settlement, with_memory, within},
    cluster::{Cluster, execute, number},
};

/// Kills the database again and again while events come in and are settled.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_comes_back_has_lost_nothing() {
    let cluster = Arc::new(Cluster::durable());
    let url = cluster.database().await;
    let nodes: [Node; 2] = nodes(&url, 2).await;
    let memories = nodes.each_ref().map(|node| with_memory(node));
    let outages = Arc::new(Outages::default());
    let working: Vec<_> = (0..8)
        .map(|task| {
            let (node, memory) = (Arc::clone(&nodes[task % 2]), Arc::clone(&memories[task % 2]));
            let outages = Arc::clone(&outages);
            tokio::spawn(async move {
                let mut answered = HashMap::new();
                for _ in 0..60 {
                    let deliveries = outages.store(&node, event(&node)).await;
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
        let (cluster, outages) = (Arc::clone(&cluster), Arc::clone(&outages));
        tokio::task::spawn_blocking(move || {
            let _outage = outages.begin();
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
    let outages = Outages::default();
    let outage = outages.begin();
    cluster.stop();
    let data: Arc<str> = "x".repeat(1 << 20).into();
    let asked = outages.clock.elapsed();
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
    drop(outage);
    for push in waiting {
        match within(push).await.unwrap() {
            Ok(pushed) => assert!(matches!(pushed[..], [Pushed::New(_)])),
            Err(error) => outages.excuse(asked, &error),
        }
    }
    assert_eq!(outages.store(&store, event(&store)).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_only_reads_is_asked_now_and_then_on_new_connections() {
    let url = Cluster::shared().database().await;
    let [store]: [Node; 1] = nodes(&url, 1).await;
    push(&store).await;
    store.ping().await.unwrap();
    let readable_only = |what: &str| {
        format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {what}', current_database()); END $$"
        )
    };
    // As when the node is still connected to what has become a standby: all connections, and new ones as well.
    execute(&url, &readable_only("on")).await;
    execute(&url, BREAK_ALL).await;
    let connected = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()";
    let before = number(&url, connected).await;
    let pushing = {
        let store = Arc::clone(&store);
        tokio::spawn(async move { push(&store).await })
    };
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    let clock = SystemClock::new();
    clock.sleep_until(clock.now().plus_millis(1500)).await;
    let made = number(&url, connected).await - before;
    assert!(made < 40, "{made} connections within a moment");
    assert!(!pushing.is_finished());
    execute(&url, &format!("BEGIN READ WRITE; {}; COMMIT", readable_only("off"))).await;
    assert_eq!(within(pushing).await.unwrap().len(), 1);
    // What still holds a connection of before gets another.
    within(async { while store.ping().await.is_err() {} }).await;
}

#[tokio::test]
async fn a_disk_that_is_full_is_said_and_everything_else_goes_on() {
    let url = Cluster::shared().database().await;
    let [store]: [Node; 1] = nodes(&url, 1).await;
    execute(
        &url,
        "CREATE FUNCTION cramped() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE 'no space left on device' USING ERRCODE = '53100'; END $$;
         CREATE TRIGGER cramped BEFORE INSERT ON event EXECUTE FUNCTION cramped()",
    )
    .await;
    let refused = store.push(vec![event(&store)]).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert!(store.heartbeat().await.unwrap());
    execute(&url, "DROP TRIGGER cramped ON event").await;
    assert_eq!(push(&store).await.len(), 1);
}

/// The real thing: not a byte is left, for tables, their indexes or the log.
#[tokio::test(flavor = "multi_thread")]
async fn on_a_disk_that_is_full_nothing_is_accepted_and_nothing_lost() {
    let cluster = Cluster::cramped(96);
    let url = cluster.database().await;
    let [store]: [Node; 1] = nodes(&url, 1).await;
    let memory = with_memory(&store);
    // Nothing that could be compressed.
    let mut state = 7_u64;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'0' + u8::try_from(state >> 58).unwrap() % 75)
    });
    let data = noise.filter(|letter| *letter != '\\').take(64 * 1024).collect::<String>();
    let data: Arc<str> = json!(data).to_string().into();
    let event = || NewEvent { data: Arc::clone(&data), ..event(&store) };
    let mut accepted = 0;
    let mut try_push = async || match store.push(vec![event()]).await {
        Ok(pushed) => {
            assert!(matches!(pushed[..], [Pushed::New(_)]), "{pushed:?}");
            accepted += 1;
            true
        }
        Err(error) => {
            // What HTTP answers with 503.
            assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
            false
        }
    };
    for _ in 0..20 {
        assert!(try_push().await);
    }
    cluster.fill_disk();
    // As long as the files that are there have room it goes on.
    within(async { while try_push().await {} }).await;
    for _ in 0..3 {
        assert!(!try_push().await);
    }
    cluster.free_disk();
    within(async { while !try_push().await {} }).await;
    let jobs = memory.jobs();
    for job in &jobs {
        let settled = store.settle(settlement(job, Next::Delivered)).await.unwrap();
        assert_eq!(settled, DeliveryState::Delivered);
    }
    let stored = number(&url, "SELECT count(*) FROM event").await;
    let delivered = "SELECT count(*) FROM delivery WHERE state = 'delivered'";
    assert!(stored >= accepted, "{stored} of {accepted}");
    assert_eq!(number(&url, delivered).await, stored);
    assert_eq!(number(&url, "SELECT count(*) FROM claim").await, 0);
}

/// When the database was away. On a slow machine that is for longer than anybody waits.
#[derive(Default)]
struct Outages {
    clock: SystemClock,
    all: Mutex<Vec<(Duration, Duration)>>,
}

impl Outages {
    /// Until what is returned is dropped.
    fn begin(&self) -> impl Drop {
        struct Outage<'a>(&'a Outages);
        impl Drop for Outage<'_> {
            fn drop(&mut self) {
                self.0.all.lock().unwrap().last_mut().unwrap().1 = self.0.clock.elapsed();
            }
        }
        self.all.lock().unwrap().push((self.clock.elapsed(), Duration::MAX));
        Outage(self)
    }

    /// Stores an event, however often that has to be asked for.
    async fn store(&self, node: &Node, event: NewEvent) -> Vec<DeliveryKey> {
        let mut refused = false;
        loop {
            let asked = self.clock.elapsed();
            match node.push(vec![event.clone()]).await {
                Ok(pushed) => match &pushed[..] {
                    [Pushed::New(deliveries)] => return deliveries.clone(),
                    // What nobody waited for any more was done all the same.
                    [Pushed::Repeat { deliveries, .. }] if refused => return deliveries.clone(),
                    _ => panic!("not stored: {pushed:?}"),
                },
                Err(error) => self.excuse(asked, &error),
            }
            refused = true;
        }
    }

    /// Nobody is refused who has not waited as long as callers do, without anything being done meanwhile: with the database
    /// away for all of that time but what it takes to find that it is back.
    fn excuse(&self, asked: Duration, error: &StoreError) {
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        let now = self.clock.elapsed();
        let waited = now.saturating_sub(asked);
        let since = now.saturating_sub(PATIENCE_OF_CALLERS);
        let away =
            |(begin, end): &(Duration, Duration)| now.min(*end).saturating_sub(since.max(*begin));
        let away: Duration = self.all.lock().unwrap().iter().map(away).sum();
        assert!(
            waited >= PATIENCE_OF_CALLERS && away + TO_FIND_IT >= PATIENCE_OF_CALLERS,
            "refused after {waited:?}, of which the database was away for {away:?}: {error}"
        );
    }
}

const PATIENCE_OF_CALLERS: Duration = Duration::from_secs(5);
/// Tries to connect are a second apart at most, and on a slow machine a commit takes its time.
const TO_FIND_IT: Duration = Duration::from_secs(2);
const BREAK_ALL: &str = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'hookseal'";
