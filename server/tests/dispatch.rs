//! The dispatcher under a clock that the test moves: schedules without waiting.

#![cfg(test)]

use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::pin,
    sync::{Arc, Mutex},
    task::Poll,
    time::Duration,
};

use async_trait::async_trait;
use hookseal::{Profile, Timestamp};
use hookseal_server::{
    clock::{Clock as _, ManualClock},
    dispatch::{Attempter, Dispatcher, Limits, Signals},
    guard::{Failure, GuardPolicy, Outbound, Reply, Transport},
    keys,
    rng::SeededRng,
    seal::{MasterKey, Sealer},
    service::{
        endpoints::Endpoints,
        events::{Events, SendEvent},
    },
    store::{
        Delivery, DeliveryState, Endpoint, EndpointState, KeyOrigin, LeaseRequest, Leased,
        NewEvent, Pushed, Queue, Settlement, Store as _, StoreError, sqlite::SqliteStore,
    },
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

const START: i64 = 1_777_111_523_000;
const PATIENCE: Duration = Duration::from_secs(20);

/// Answers from a list, and says what time it was.
#[derive(Debug)]
struct Script {
    clock: Arc<ManualClock>,
    replies: Mutex<VecDeque<Reply>>,
    called_at: mpsc::UnboundedSender<i64>,
}

#[async_trait]
impl Transport for Script {
    async fn post(&self, _outbound: Outbound) -> Reply {
        let reply =
            self.replies.lock().unwrap().pop_front().unwrap_or(Reply::failed(Failure::Connection));
        let hangs = reply == hang();
        self.called_at.send((self.clock.now().as_millis() - START) / 1000).unwrap();
        if hangs {
            std::future::pending::<()>().await;
        }
        reply
    }
}

struct Bench {
    clock: Arc<ManualClock>,
    store: Arc<SqliteStore>,
    signals: Arc<Signals>,
    called_at: mpsc::UnboundedReceiver<i64>,
    delivery: String,
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
    _data: tempfile::TempDir,
}

impl Bench {
    /// A dispatcher with one delivery of `profile` to make.
    async fn start(profile: &str, replies: Vec<Reply>) -> Self {
        Self::over(profile, replies, |store| store).await
    }

    /// The same over another queue than the store itself.
    async fn over(
        profile: &str,
        replies: Vec<Reply>,
        queue: impl FnOnce(Arc<SqliteStore>) -> Arc<dyn Queue>,
    ) -> Self {
        let data = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(START)));
        let rng = Arc::new(SeededRng::new(1));
        let sealer = Arc::new(Sealer::new(&MasterKey::parse(&"07".repeat(32)).unwrap()));
        let store = Arc::new(SqliteStore::open(&data.path().join("db"), rng.clone()).unwrap());
        store.put_key("acct", [1; 32], KeyOrigin::Generated, clock.now()).await.unwrap();
        let issued =
            keys::issue(Profile::get(profile).unwrap(), None, "ep_1", &sealer, &*rng).unwrap();
        let endpoint = Endpoint {
            id: "ep_1".to_owned(),
            account: "acct".to_owned(),
            url: "https://example.com/".to_owned(),
            event_types: vec!["*".to_owned()],
            profile: profile.to_owned(),
            tenant: None,
            description: None,
            state: EndpointState::Active,
            secret: issued.sealed.kind,
            created_at: clock.now(),
        };
        store.insert_endpoint(endpoint, issued.sealed).await.unwrap();
        let event = NewEvent {
            account: "acct".to_owned(),
            id: "evt_1".to_owned(),
            event_type: "deposit.detected".to_owned(),
            tenant: None,
            profile: None,
            data: "{}".to_owned(),
            fingerprint: [0; 32],
            idempotency_key: None,
            patterns: vec!["*".to_owned()],
            profiles: vec!["standard_webhooks", "yativo"],
            now: clock.now(),
        };
        let Pushed::New(deliveries) = store.push(event).await.unwrap() else { panic!("not new") };

        let (called, called_at) = mpsc::unbounded_channel();
        let transport =
            Script { clock: clock.clone(), replies: Mutex::new(replies.into()), called_at: called };
        let attempter = Attempter {
            transport: Arc::new(transport),
            policy: GuardPolicy::default(),
            sealer,
            retry_delay_factor: 1.0,
            clock: clock.clone(),
            rng,
        };
        let signals = Arc::new(Signals::default());
        let dispatcher = Dispatcher {
            queue: queue(store.clone()),
            attempter: Arc::new(attempter),
            limits: Limits::default(),
            signals: signals.clone(),
            clock: clock.clone(),
        };
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(dispatcher.run(stopped));
        Self {
            clock,
            store,
            signals,
            called_at,
            delivery: deliveries[0].id.clone(),
            stop,
            running,
            _data: data,
        }
    }

    fn events(&self) -> Events {
        Events {
            store: self.store.clone(),
            queue: self.store.clone(),
            signals: self.signals.clone(),
            clock: self.clock.clone(),
            rng: Arc::new(SeededRng::new(2)),
        }
    }

    /// Seconds after the start at which the next attempt was made.
    async fn next_call(&mut self) -> i64 {
        tokio::time::timeout(PATIENCE, self.called_at.recv()).await.expect("no attempt").unwrap()
    }

    /// The delivery once `number` attempts are on record.
    async fn after_attempt(&self, number: usize) -> Delivery {
        let look = async {
            loop {
                let delivery = self.store.delivery("acct", &self.delivery).await.unwrap().unwrap();
                if delivery.attempts.len() == number {
                    return delivery;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, look).await.expect("not settled")
    }

    /// Moves the clock to one second before the next attempt is due, sees that none is made, and moves on.
    async fn advance_to_next(&mut self, delivery: &Delivery) {
        let due = delivery.next_attempt_at.unwrap().as_millis() - self.clock.now().as_millis();
        let due = Duration::from_millis(u64::try_from(due).unwrap());
        self.clock.advance(due - Duration::from_secs(1));
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(self.called_at.try_recv().is_err(), "an attempt before it was due");
        self.clock.advance(Duration::from_secs(1));
    }
}

/// Stands in a script for an endpoint that never answers.
fn hang() -> Reply {
    Reply { retry_after: Some("never".to_owned()), ..Reply::default() }
}

fn status(status: u16) -> Reply {
    Reply { status: Some(status), ..Reply::default() }
}

#[tokio::test]
async fn a_dead_endpoint_gets_the_whole_schedule_of_its_profile() {
    let mut bench = Bench::start("yativo", Vec::new()).await;
    let mut calls = Vec::new();
    for number in 1..=7 {
        calls.push(bench.next_call().await);
        let delivery = bench.after_attempt(number).await;
        if number < 7 {
            assert_eq!(delivery.state, DeliveryState::Pending);
            bench.advance_to_next(&delivery).await;
        } else {
            assert_eq!(
                (delivery.state, delivery.reason.as_deref()),
                (DeliveryState::Failed, Some("attempts_exhausted"))
            );
        }
    }
    // At once, then after 1 min, 5 min, 30 min, 2 h, 6 h, 24 h.
    assert_eq!(calls, [0, 60, 360, 2_160, 9_360, 30_960, 117_360]);
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let asks = Reply { retry_after: Some("100".to_owned()), ..status(503) };
    let mut bench = Bench::start("standard_webhooks", vec![asks, status(204)]).await;
    bench.next_call().await;
    let delivery = bench.after_attempt(1).await;
    bench.advance_to_next(&delivery).await;
    assert!(bench.next_call().await >= 100);
    assert_eq!(bench.after_attempt(2).await.state, DeliveryState::Delivered);
}

#[tokio::test]
async fn who_asks_for_years_loses_the_delivery_not_the_queue() {
    let asks = Reply { retry_after: Some("3153600000".to_owned()), ..status(503) };
    let mut bench = Bench::start("standard_webhooks", vec![asks]).await;
    bench.next_call().await;
    let delivery = bench.after_attempt(1).await;
    assert_eq!(
        (delivery.state, delivery.reason.as_deref()),
        (DeliveryState::Failed, Some("retry_after_too_long"))
    );
}

#[tokio::test]
async fn a_receiver_aborts_a_delivery() {
    let aborts = Reply { delivery: Some("abort-message".to_owned()), ..status(500) };
    let mut bench = Bench::start("yativo", vec![aborts]).await;
    bench.next_call().await;
    let delivery = bench.after_attempt(1).await;
    assert_eq!(
        (delivery.state, delivery.reason.as_deref()),
        (DeliveryState::Failed, Some("aborted"))
    );
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_success() {
    let broken = Reply { failure: Some(Failure::Timeout), ..status(200) };
    let mut bench = Bench::start("standard_webhooks", vec![broken]).await;
    bench.next_call().await;
    let delivery = bench.after_attempt(1).await;
    assert_eq!(delivery.state, DeliveryState::Pending);
    assert_eq!(
        (delivery.attempts[0].status, delivery.attempts[0].error.as_deref()),
        (Some(200), Some("timeout"))
    );
}

/// Begins a call, as a handler does, and drops it as soon as it waits: the client hung up.
async fn hang_up<T>(call: impl Future<Output = T>) {
    let mut call = pin!(call);
    poll_fn(|context| {
        assert!(call.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
}

fn event(id: &str) -> SendEvent {
    serde_json::from_value(serde_json::json!({ "type": "a.b", "data": {}, "id": id })).unwrap()
}

#[tokio::test]
async fn what_was_accepted_is_sent_although_the_client_hung_up() {
    let mut bench = Bench::start("standard_webhooks", vec![status(200); 3]).await;
    bench.next_call().await;
    bench.after_attempt(1).await;
    hang_up(bench.events().send("acct", event("evt_2"), None)).await;
    bench.next_call().await;
}

#[tokio::test]
async fn a_repeat_wakes_the_dispatcher() {
    let mut bench = Bench::start("standard_webhooks", vec![status(200); 3]).await;
    bench.next_call().await;
    bench.after_attempt(1).await;
    // Stored, but nobody was told.
    let silent = Events { signals: Arc::new(Signals::default()), ..bench.events() };
    let first = silent.send("acct", event("evt_2"), None).await.unwrap();
    let repeat = bench.events().send("acct", event("evt_2"), None).await.unwrap();
    assert_eq!(first.deliveries, repeat.deliveries);
    bench.next_call().await;
}

#[tokio::test]
async fn a_deletion_breaks_off_what_runs_although_the_client_hung_up() {
    let mut bench = Bench::start("standard_webhooks", vec![hang()]).await;
    bench.next_call().await;
    let endpoints = Endpoints {
        store: bench.store.clone(),
        policy: GuardPolicy::default(),
        sealer: Arc::new(Sealer::new(&MasterKey::parse(&"07".repeat(32)).unwrap())),
        signals: bench.signals.clone(),
        clock: bench.clock.clone(),
        rng: Arc::new(SeededRng::new(2)),
    };
    hang_up(endpoints.delete("acct", "ep_1")).await;
    let delivery = bench.after_attempt(1).await;
    assert_eq!(delivery.attempts[0].error.as_deref(), Some("cancelled"));
    assert_eq!(delivery.state, DeliveryState::Cancelled);
}

#[tokio::test]
async fn an_endpoint_that_did_not_answer_gets_one_attempt_at_a_time() {
    let silent = Reply::failed(Failure::Timeout);
    let mut bench = Bench::start("yativo", vec![silent, hang(), hang()]).await;
    bench.next_call().await;
    bench.after_attempt(1).await;
    for id in ["evt_2", "evt_3"] {
        bench.events().send("acct", event(id), None).await.unwrap();
    }
    bench.next_call().await;
    for _ in 0..10 {
        // Each waits its turn behind the leases that were asked for.
        bench.store.ping().await.unwrap();
        tokio::task::yield_now().await;
    }
    assert!(bench.called_at.try_recv().is_err(), "a second attempt beside the one that hangs");
}

/// Its deliveries can be leased and never settled.
#[derive(Debug)]
struct Corrupt(Arc<SqliteStore>);

#[async_trait]
impl Queue for Corrupt {
    async fn push(&self, event: NewEvent) -> Result<Pushed, StoreError> {
        self.0.push(event).await
    }

    async fn lease(&self, request: LeaseRequest) -> Result<Leased, StoreError> {
        self.0.lease(request).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<DeliveryState, StoreError> {
        Err(StoreError::Corrupt { table: "delivery", id: settlement.delivery_id })
    }

    async fn recover(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.0.recover(now).await
    }
}

#[tokio::test]
async fn what_can_never_be_settled_is_not_tried_for_ever() {
    let corrupt = |store| -> Arc<dyn Queue> { Arc::new(Corrupt(store)) };
    let mut bench = Bench::over("yativo", vec![status(200)], corrupt).await;
    bench.next_call().await;
    // The clock stands still, so a pause before another try would never end, nor would the grace period.
    bench.stop.send_replace(true);
    tokio::time::timeout(PATIENCE, bench.running).await.expect("it still tries").unwrap();
}

#[tokio::test]
async fn a_status_that_does_not_exist_is_tried_again() {
    let mut bench = Bench::start("yativo", vec![status(700)]).await;
    bench.next_call().await;
    assert_eq!(bench.after_attempt(1).await.state, DeliveryState::Pending);
}
