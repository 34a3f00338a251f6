//! What the PostgreSQL engine does in a second, and what a delivery costs the database, by its own statistics.
//!
//! `cargo run --release -p hookseal-server --example postgres_rate -- postgres://… [SECONDS [SENDERS [ENDPOINTS]]]`, on a
//! database of its own. Senders push events of 1 KB one at a time; whatever is handed over is settled at once.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use hookseal_server::{
    clock::{Clock, SystemClock},
    store::{
        AccountKey, ApiKey, ApiKeyId, Attempt, Endpoint, EndpointKey, EndpointSettings,
        EndpointState, EventKey, Health, Intake, Job, KeyOrigin, NewEvent, Next, Phases,
        Queue as _, Scope, SealedSecret, SecretKind, Secrets, Settlement, SharedTarget, Store as _,
        postgres::PostgresStore,
    },
};
use tokio::sync::mpsc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("which database? Pass its URL")?;
    let mut number = |default: u64| arguments.next().map_or(Ok(default), |text| text.parse());
    let (seconds, senders, endpoints) = (number(10)?, number(64)?, number(10)?);

    let clock = Arc::new(SystemClock::new());
    let store = Arc::new(PostgresStore::open(&url, clock.clone()).await?);
    prepare(&store, endpoints, &*clock).await?;
    let (handed_over, mut jobs) = mpsc::unbounded_channel::<Job>();
    store.set_intake(Arc::new(Memory(handed_over)));

    let counts = Arc::new(Counts::default());
    let settling = {
        let (store, counts, clock) = (Arc::clone(&store), Arc::clone(&counts), Arc::clone(&clock));
        tokio::spawn(async move {
            while let Some(job) = jobs.recv().await {
                let (store, counts, now) = (Arc::clone(&store), Arc::clone(&counts), clock.now());
                tokio::spawn(async move {
                    if store.settle(settlement(job, now)).await.is_ok() {
                        counts.delivered.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        })
    };

    let before = Statistics::read(&url).await?;
    let start = clock.elapsed();
    let end = start + Duration::from_secs(seconds);
    let data: Arc<str> = format!(r#"{{"text":"{}"}}"#, "x".repeat(1000)).into();
    let mut sending = Vec::new();
    for _ in 0..senders {
        let (store, counts, clock, data) =
            (Arc::clone(&store), Arc::clone(&counts), Arc::clone(&clock), Arc::clone(&data));
        sending.push(tokio::spawn(async move {
            while clock.elapsed() < end {
                let to = 1 + counts.events.load(Ordering::Relaxed) % endpoints;
                let began = clock.elapsed();
                let event =
                    event(&store, &*clock, Arc::clone(&data), i64::try_from(to).unwrap_or(1));
                if store.push(vec![event]).await.is_ok() {
                    counts.events.fetch_add(1, Ordering::Relaxed);
                    let micros = (clock.elapsed() - began).as_micros();
                    counts
                        .micros
                        .fetch_add(u64::try_from(micros).unwrap_or_default(), Ordering::Relaxed);
                }
            }
        }));
    }
    for sender in sending {
        sender.await?;
    }
    while counts.delivered.load(Ordering::Relaxed) < counts.events.load(Ordering::Relaxed) {
        tokio::task::yield_now().await;
    }
    let elapsed = (clock.elapsed() - start).as_secs_f64();
    // Connections hand in what they have counted when they are closed.
    settling.abort();
    drop(store);
    let after = Statistics::read(&url).await?;
    report(&counts, elapsed, &before, &after, u64::try_from(data.len())?)
}

#[expect(clippy::print_stdout, reason = "the report is what this program is for")]
#[expect(clippy::cast_precision_loss, reason = "it is rounded anyway")]
fn report(
    counts: &Counts,
    elapsed: f64,
    before: &Statistics,
    after: &Statistics,
    payload: u64,
) -> Result<(), Box<dyn Error>> {
    let delivered = counts.delivered.load(Ordering::Relaxed).max(1) as f64;
    let per = |after: i64, before: i64| (after - before) as f64 / delivered;
    let wal = per(after.wal, before.wal);
    println!("deliveries per second   {:.0}", delivered / elapsed);
    println!(
        "mean time to accept     {:.2} ms",
        counts.micros.load(Ordering::Relaxed) as f64 / delivered / 1000.0
    );
    println!("commits per delivery    {:.4}", per(after.commits, before.commits));
    println!(
        "WAL per delivery        {wal:.0} bytes, {:.0} beyond the payload",
        wal - payload as f64
    );
    println!("  of that, whole pages  {:.2} per delivery", per(after.pages, before.pages));
    println!("rows written            {:.2} per delivery", per(after.rows, before.rows));
    Ok(())
}

#[derive(Debug, Default)]
struct Counts {
    events: AtomicU64,
    delivered: AtomicU64,
    micros: AtomicU64,
}

struct Statistics {
    commits: i64,
    rows: i64,
    wal: i64,
    pages: i64,
}

impl Statistics {
    async fn read(url: &str) -> Result<Self, Box<dyn Error>> {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        let connection = tokio::spawn(connection);
        client.batch_execute("SELECT pg_sleep(1)").await?;
        let row = client.query_one(STATISTICS, &[]).await?;
        drop(client);
        connection.await??;
        Ok(Self { commits: row.get(0), rows: row.get(1), wal: row.get(2), pages: row.get(3) })
    }
}

#[derive(Debug)]
struct Memory(mpsc::UnboundedSender<Job>);

impl Intake for Memory {
    fn reserve(&self, _: &SharedTarget, _: Health, _: usize) -> bool {
        true
    }

    fn release(&self, _: EndpointKey, _: usize) {}

    fn take(&self, jobs: Vec<Job>) {
        for job in jobs {
            // Nobody takes it any more: the program ends.
            let _ = self.0.send(job);
        }
    }

    fn wake(&self) {}
}

async fn prepare(
    store: &PostgresStore,
    endpoints: u64,
    clock: &dyn Clock,
) -> Result<(), Box<dyn Error>> {
    let key = ApiKey {
        id: ApiKeyId(1),
        account: ACCOUNT,
        origin: KeyOrigin::Api,
        scope: Scope::Admin,
        tenant: None,
        name: None,
        used: false,
        created_at: clock.now(),
    };
    store.put_key(key, [1; 32]).await?;
    for number in 1..=i64::try_from(endpoints)? {
        let endpoint = Endpoint {
            key: EndpointKey(number),
            account: ACCOUNT,
            url: "https://example.com/".to_owned(),
            event_types: vec![format!("type.{number}")],
            profile: PROFILE.to_owned(),
            tenant: None,
            description: None,
            state: EndpointState::Active,
            reason: None,
            secret: SecretKind::None,
            settings: EndpointSettings::default(),
            failing_since: None,
            version: 1,
        };
        let current = SealedSecret { kind: SecretKind::None, sealed: Vec::new() };
        store.insert_endpoint(endpoint, Secrets { current, previous: None }).await?;
    }
    Ok(())
}

fn event(store: &PostgresStore, clock: &dyn Clock, data: Arc<str>, to: i64) -> NewEvent {
    let now = clock.now();
    let event_type = format!("type.{to}");
    NewEvent {
        key: EventKey(store.mint(now)),
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

fn settlement(job: Job, now: hookseal::Timestamp) -> Settlement {
    let attempt = Attempt {
        number: job.attempt,
        started_at: now,
        phases: Phases {
            total: Duration::from_micros(2345),
            first_byte: Some(Duration::from_micros(2200)),
            ..Phases::default()
        },
        status: Some(200),
        error: None,
        address: "127.0.0.1:443".parse().ok(),
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

const ACCOUNT: AccountKey = AccountKey(1);
const PROFILE: &str = "standard_webhooks";
const STATISTICS: &str = "SELECT xact_commit, tup_inserted + tup_updated + tup_deleted,
        pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint, (SELECT wal_fpi FROM pg_stat_wal)
    FROM pg_stat_database WHERE datname = current_database()";
