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
    dispatch::{Attempter, Dispatcher, Limits},
    guard::{Failure, GuardPolicy, Outbound, Reply, Transport},
    keys,
    rng::SeededRng,
    seal::{MasterKey, Sealer},
    service::{
        caller::Caller,
        endpoints::Endpoints,
        events::{Events, SendEvent},
        registry::Registry,
    },
    store::{
        Account, AccountKey, ApiKey, ApiKeyId, Attempt, Delivery, DeliveryKey, DeliveryState,
        Endpoint, EndpointKey, EndpointSettings, EndpointState, EventKey, Holder, Intake,
        KeyOrigin, LeaseRequest, Leased, NewEvent, Pushed, Queue, Scope, Secrets, Settlement,
        Store as _, StoreError, Validation, sqlite::SqliteStore,
    },
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

const ACCOUNT: AccountKey = AccountKey(1);
const START: i64 = 1_777_111_523_000;
const PATIENCE: Duration = Duration::from_secs(20);

fn api_key() -> ApiKey {
    ApiKey {
        id: ApiKeyId(1),
        account: ACCOUNT,
        origin: KeyOrigin::Generated,
        scope: Scope::Admin,
        tenant: None,
        name: None,
        used: true,
        created_at: Timestamp::from_millis(START),
    }
}

fn holder() -> Holder {
    let account =
        Account { key: ACCOUNT, name: None, validation: Validation::Off, suspended: false };
    Holder { key: api_key(), account }
}

fn caller() -> Caller {
    Caller::new(Arc::new(holder()))
}

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
    dispatcher: Arc<Dispatcher>,
    called_at: mpsc::UnboundedReceiver<i64>,
    endpoint: EndpointKey,
    delivery: DeliveryKey,
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
        let store = Arc::new(SqliteStore::open(&data.path().join("db")).unwrap());
        store.put_key(api_key(), [1; 32]).await.unwrap();
        let key = EndpointKey(store.mint(clock.now()));
        let issued =
            keys::issue(Profile::get(profile).unwrap(), None, &key.to_string(), &sealer(), &*rng)
                .unwrap();
        let endpoint = Endpoint {
            key,
            account: ACCOUNT,
            url: "https://example.com/".to_owned(),
            event_types: vec!["*".to_owned()],
            profile: profile.to_owned(),
            tenant: None,
            description: None,
            state: EndpointState::Active,
            reason: None,
            secret: issued.sealed.kind,
            settings: EndpointSettings::default(),
            failing_since: None,
            version: 1,
        };
        let secrets = Secrets { current: issued.sealed, previous: None };
        store.insert_endpoint(endpoint, secrets).await.unwrap();

        let (called, called_at) = mpsc::unbounded_channel();
        let transport =
            Script { clock: clock.clone(), replies: Mutex::new(replies.into()), called_at: called };
        let attempter = Attempter {
            transport: Arc::new(transport),
            policy: GuardPolicy::default(),
            resend: None,
            sealer: Arc::new(sealer()),
            retry_delay_factor: 1.0,
            disable_after: None,
            clock: clock.clone(),
            rng,
        };
        let queue = queue(store.clone());
        let dispatcher = Dispatcher::new(&queue, attempter, Limits::default(), clock.clone());
        let (stop, stopped) = watch::channel(false);
        let running = {
            let dispatcher = Arc::clone(&dispatcher);
            tokio::spawn(async move {
                // The dispatcher holds its queue weakly.
                let _queue = queue;
                dispatcher.run(stopped).await;
            })
        };
        let mut bench = Self {
            clock,
            store,
            dispatcher,
            called_at,
            endpoint: key,
            delivery: DeliveryKey { endpoint: key, event: EventKey(0) },
            stop,
            running,
            _data: data,
        };
        let accepted = bench.events().send(&caller(), event("evt_1"), None).await.unwrap();
        bench.delivery = accepted.deliveries[0];
        bench
    }

    fn events(&self) -> Events {
        Events {
            engine: self.store.clone(),
            dispatcher: Arc::clone(&self.dispatcher),
            clock: self.clock.clone(),
            max_data: 1024 * 1024,
            registry: Arc::new(Registry::new(self.store.clone(), self.clock.clone())),
        }
    }

    /// Seconds after the start at which the next attempt was made.
    async fn next_call(&mut self) -> i64 {
        tokio::time::timeout(PATIENCE, self.called_at.recv()).await.expect("no attempt").unwrap()
    }

    /// The delivery once `number` attempts are on record.
    async fn after_attempt(&self, number: usize) -> (Delivery, Vec<Attempt>) {
        let look = async {
            loop {
                let found = self.store.delivery(ACCOUNT, self.delivery).await.unwrap().unwrap();
                if found.1.len() == number {
                    return found;
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
        let (delivery, _) = bench.after_attempt(number).await;
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
    let (delivery, _) = bench.after_attempt(1).await;
    bench.advance_to_next(&delivery).await;
    assert!(bench.next_call().await >= 100);
    assert_eq!(bench.after_attempt(2).await.0.state, DeliveryState::Delivered);
}

#[tokio::test]
async fn who_asks_for_years_loses_the_delivery_not_the_queue() {
    let asks = Reply { retry_after: Some("3153600000".to_owned()), ..status(503) };
    let mut bench = Bench::start("standard_webhooks", vec![asks]).await;
    bench.next_call().await;
    let (delivery, _) = bench.after_attempt(1).await;
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
    let (delivery, _) = bench.after_attempt(1).await;
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
    let (delivery, attempts) = bench.after_attempt(1).await;
    assert_eq!(delivery.state, DeliveryState::Pending);
    assert_eq!((attempts[0].status, attempts[0].error.as_deref()), (Some(200), Some("timeout")));
}

fn sealer() -> Sealer {
    Sealer::new(&MasterKey::parse(&"07".repeat(32)).unwrap())
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
    serde_json::from_value(serde_json::json!({ "type": "deposit.detected", "data": {}, "id": id }))
        .unwrap()
}

#[tokio::test]
async fn what_was_accepted_is_sent_although_the_client_hung_up() {
    let mut bench = Bench::start("standard_webhooks", vec![status(200); 3]).await;
    bench.next_call().await;
    bench.after_attempt(1).await;
    hang_up(bench.events().send(&caller(), event("evt_2"), None)).await;
    bench.next_call().await;
}

#[tokio::test]
async fn a_deletion_breaks_off_what_runs_although_the_client_hung_up() {
    let mut bench = Bench::start("standard_webhooks", vec![hang()]).await;
    bench.next_call().await;
    let endpoints = Endpoints {
        engine: bench.store.clone(),
        policy: GuardPolicy::default(),
        sealer: Arc::new(sealer()),
        dispatcher: bench.dispatcher.clone(),
        clock: bench.clock.clone(),
        rng: Arc::new(SeededRng::new(2)),
    };
    hang_up(endpoints.delete(&caller(), &bench.endpoint.to_string())).await;
    let (delivery, attempts) = bench.after_attempt(1).await;
    assert_eq!(attempts[0].error.as_deref(), Some("cancelled"));
    assert_eq!(delivery.state, DeliveryState::Cancelled);
}

#[tokio::test]
async fn an_endpoint_that_did_not_answer_gets_one_attempt_at_a_time() {
    let silent = Reply::failed(Failure::Timeout);
    let mut bench = Bench::start("yativo", vec![silent, hang(), hang()]).await;
    bench.next_call().await;
    bench.after_attempt(1).await;
    for id in ["evt_2", "evt_3"] {
        bench.events().send(&caller(), event(id), None).await.unwrap();
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
    fn mint(&self, now: Timestamp) -> i64 {
        self.0.mint(now)
    }

    fn set_intake(&self, intake: Arc<dyn Intake>) {
        self.0.set_intake(intake);
    }

    async fn push(&self, events: Vec<NewEvent>) -> Result<Vec<Pushed>, StoreError> {
        self.0.push(events).await
    }

    async fn lease(&self, request: LeaseRequest) -> Result<Leased, StoreError> {
        self.0.lease(request).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<DeliveryState, StoreError> {
        Err(StoreError::Corrupt { table: "delivery", id: settlement.job.delivery.to_string() })
    }

    async fn recover(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.0.recover(now).await
    }

    async fn heartbeat(&self) -> Result<bool, StoreError> {
        self.0.heartbeat().await
    }

    async fn broken(&self) {
        self.0.broken().await;
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
    assert_eq!(bench.after_attempt(1).await.0.state, DeliveryState::Pending);
}
