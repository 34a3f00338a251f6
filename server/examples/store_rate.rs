//! Measures what the SQLite engine spends on an event with one delivery: accepted, handed to memory, settled as delivered.
//!
//! ```text
//! cargo run --release --example store_rate -- [FOLDER] [EVENTS] [BATCH]
//! ```
//!
//! Each line is one size of the batches that callers come in. `wall` is the time from the first call to the last answer, with
//! the disk; `writer` is the time that the writing thread was on a core. Both in microseconds per event.

#![expect(clippy::print_stdout, reason = "the figures are the output")]

use std::{
    env, fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hookseal::Timestamp;
use hookseal_server::{
    clock::{Clock as _, SystemClock},
    store::{
        AccountKey, ApiKey, ApiKeyId, Attempt, Endpoint, EndpointKey, EndpointSettings,
        EndpointState, EventKey, Health, Intake, Job, KeyOrigin, NewEvent, Next, Phases,
        Queue as _, Scope, SealedSecret, SecretKind, Secrets, Settlement, SharedTarget, Store as _,
        StoreError, sqlite::SqliteStore,
    },
};
use tokio::task::JoinSet;

#[tokio::main(worker_threads = 1)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = env::args().skip(1);
    let base = args.next().map_or_else(env::temp_dir, Into::into);
    let events = args.next().map_or(Ok(100_000), |events| events.parse::<usize>())?;
    let only = args.next().map(|batch| batch.parse::<usize>()).transpose()?;
    println!(
        "{:>6} {:>10} {:>10} {:>10} {:>12}",
        "batch", "wall", "writer", "events/s", "bytes/event"
    );
    let all = [(1, events / 20), (8, events / 4), (64, events), (256, events)];
    for (batch, events) in
        all.into_iter().filter(|(batch, _)| only.is_none_or(|only| only == *batch))
    {
        let folder = base.join(format!("store_rate.{}", std::process::id()));
        fs::create_dir(&folder)?;
        let measured = measure(&folder, batch, events).await;
        fs::remove_dir_all(&folder)?;
        measured?;
    }
    Ok(())
}

async fn measure(
    folder: &Path,
    batch: usize,
    events: usize,
) -> Result<(), Box<dyn std::error::Error>> {
    let clock = SystemClock::new();
    let store = Arc::new(SqliteStore::open(&folder.join("db"))?);
    let memory = Arc::new(Memory::default());
    store.set_intake(Arc::clone(&memory) as Arc<dyn Intake>);
    prepare(&store, clock.now()).await?;
    let data: Arc<str> = format!(r#"{{"text":"{}"}}"#, "x".repeat(1000)).into();
    let (start, busy) = (clock.elapsed(), writer_time());
    let rounds = events / batch;
    for _ in 0..=rounds {
        let mut calls = JoinSet::new();
        let now = clock.now();
        for job in memory.drain() {
            let store = Arc::clone(&store);
            calls.spawn(async move { store.settle(delivered(job, now)).await.map(|_| ()) });
        }
        for number in 0..batch {
            let (store, data) = (Arc::clone(&store), Arc::clone(&data));
            let event = event(store.mint(now), number, data, now);
            calls.spawn(async move { store.push(vec![event]).await.map(|_| ()) });
        }
        while let Some(called) = calls.join_next().await {
            called??;
        }
    }
    let done = f64::from(u32::try_from(rounds * batch)?);
    let per_event = |time: Duration| time.as_secs_f64() * 1e6 / done;
    let wall = per_event(clock.elapsed() - start);
    let writer = per_event(writer_time() - busy);
    let bytes = fs::metadata(folder.join("db"))?.len() as f64 / done;
    println!("{batch:>6} {wall:>10.1} {writer:>10.1} {:>10.0} {bytes:>12.0}", 1e6 / wall);
    Ok(())
}

async fn prepare(store: &SqliteStore, now: Timestamp) -> Result<(), StoreError> {
    let key = ApiKey {
        id: ApiKeyId(store.mint(now)),
        account: ACCOUNT,
        origin: KeyOrigin::Api,
        scope: Scope::Admin,
        tenant: None,
        name: None,
        used: true,
        created_at: now,
    };
    store.put_key(key, [1; 32]).await?;
    for number in 0..ENDPOINTS {
        let endpoint = Endpoint {
            key: EndpointKey(store.mint(now)),
            account: ACCOUNT,
            url: "https://example.com/hooks".to_owned(),
            event_types: vec![format!("type.{number}")],
            profile: PROFILE.to_owned(),
            tenant: None,
            description: None,
            state: EndpointState::Active,
            reason: None,
            secret: SecretKind::Shared,
            settings: EndpointSettings::default(),
            failing_since: None,
            version: 1,
        };
        let current = SealedSecret { kind: SecretKind::Shared, sealed: vec![0; 72] };
        store.insert_endpoint(endpoint, Secrets { current, previous: None }).await?;
    }
    Ok(())
}

fn event(key: i64, number: usize, data: Arc<str>, now: Timestamp) -> NewEvent {
    let event_type = format!("type.{}", number % ENDPOINTS);
    NewEvent {
        key: EventKey(key),
        account: ACCOUNT,
        id: None,
        idempotency_key: None,
        fingerprint: [0; 16],
        patterns: vec![event_type.clone(), "type.*".to_owned(), "*".to_owned()],
        event_type,
        tenant: None,
        profile: None,
        ordering_key: None,
        data,
        profiles: vec![PROFILE],
        only: None,
        at_once: false,
        now,
    }
}

fn delivered(job: Job, now: Timestamp) -> Settlement {
    let attempt = Attempt {
        number: job.attempt,
        started_at: now,
        phases: Phases {
            total: Duration::from_micros(700),
            first_byte: Some(Duration::from_micros(650)),
            ..Phases::default()
        },
        status: Some(200),
        error: None,
        address: Some(([127, 0, 0, 1], 8080).into()),
        response_head: Some("content-type: application/json".to_owned()),
        response_body: b"{\"ok\":true}".to_vec(),
    };
    Settlement {
        job,
        attempt: Some(attempt),
        next: Next::Delivered,
        health: None,
        disable: None,
        report: Vec::new(),
        now,
    }
}

/// Takes all there is.
#[derive(Debug, Default)]
struct Memory(Mutex<Vec<Job>>);

impl Memory {
    fn drain(&self) -> Vec<Job> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Intake for Memory {
    fn reserve(&self, _: &SharedTarget, _: Health, _: usize) -> bool {
        true
    }

    fn release(&self, _: EndpointKey, _: usize) {}

    fn take(&self, jobs: Vec<Job>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(jobs);
    }

    fn wake(&self) {}
}

/// How long the thread that writes was on a core, where the system tells.
fn writer_time() -> Duration {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanos = tasks.filter_map(|task| {
        let name = fs::read_to_string(task.path().join("comm")).ok()?;
        let times = fs::read_to_string(task.path().join("schedstat")).ok()?;
        (name.trim() == "sqlite-writer").then(|| times.split(' ').next()?.parse::<u64>().ok())?
    });
    Duration::from_nanos(nanos.max().unwrap_or_default())
}

const ACCOUNT: AccountKey = AccountKey(1);
const ENDPOINTS: usize = 10;
const PROFILE: &str = "standard_webhooks";
