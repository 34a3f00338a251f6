//! The dispatcher under a clock that the test moves: schedules without waiting.

#![cfg(test)]

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use hookseal::{Profile, Timestamp};
use hookseal_server::{
    clock::{Clock as _, ManualClock},
    dispatch::{Attempter, Dispatcher, Limits, Signals},
    guard::{Failure, GuardPolicy, Outbound, Reply, Transport},
    rng::SeededRng,
    seal::{MasterKey, Sealer},
    service::keys,
    store::{
        Delivery, DeliveryState, Endpoint, EndpointState, KeyOrigin, NewEvent, Pushed, Queue as _,
        Store as _, sqlite::SqliteStore,
    },
};
use tokio::sync::{mpsc, watch};

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
        self.called_at.send((self.clock.now().as_millis() - START) / 1000).unwrap();
        reply
    }
}

struct Bench {
    clock: Arc<ManualClock>,
    store: Arc<SqliteStore>,
    called_at: mpsc::UnboundedReceiver<i64>,
    delivery: String,
    _stop: watch::Sender<bool>,
    _data: tempfile::TempDir,
}

impl Bench {
    /// A dispatcher with one delivery of `profile` to make.
    async fn start(profile: &str, replies: Vec<Reply>) -> Self {
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
        let dispatcher = Dispatcher {
            queue: store.clone(),
            attempter: Arc::new(attempter),
            limits: Limits::default(),
            signals: Arc::new(Signals::default()),
            clock: clock.clone(),
        };
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(dispatcher.run(stopped));
        Self {
            clock,
            store,
            called_at,
            delivery: deliveries[0].id.clone(),
            _stop: stop,
            _data: data,
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
