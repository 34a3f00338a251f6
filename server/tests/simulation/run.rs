//! One story: events, deletions, pauses and crashes; then peace, and the question what became of everything.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use hookseal::Timestamp;
use hookseal_server::{
    clock::Clock as _,
    dispatch::{Attempter, Dispatcher, Limits},
    guard::GuardPolicy,
    rng::SeededRng,
    store::{
        DeliveryKey, DeliveryState, EndpointKey, EventKey, Queue, Store as _, sqlite::SqliteStore,
    },
};
use tokio::sync::{Notify, watch};

use crate::{
    clock::SimClock,
    dice::Dice,
    faults::FaultyQueue,
    plot::{ACCOUNTS, Plot, SCHEDULE_LEN, Stage, sealer},
    report::{self, Report},
    world::{Arrival, Network, World},
};

const START: i64 = 1_777_111_523_000;

/// What happened under one seed.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) seed: u64,
    pub(crate) lives: u32,
    /// What each event that was accepted was to be sent to.
    accepted: BTreeMap<EventKey, Vec<DeliveryKey>>,
    pub(crate) arrivals: BTreeMap<DeliveryKey, Vec<Arrival>>,
    ends: BTreeMap<DeliveryKey, End>,
    pub(crate) reports: Vec<Report>,
    /// Endpoints that the server disabled, each time.
    disabled: Vec<EndpointKey>,
    complaints: Vec<String>,
    set_backs: Vec<Timestamp>,
}

/// What the record says of a delivery in the end.
#[derive(Debug)]
struct End {
    state: DeliveryState,
    attempts: u32,
    /// Interrupted by a crash, or broken off by the server.
    broken_off: u32,
    /// Its endpoint was disabled or deleted at some time.
    was_closed: bool,
}

/// How the server is set up.
#[derive(Clone, Copy)]
struct Setup {
    limits: Limits,
    disable_after: Option<Duration>,
}

impl Setup {
    /// Little room, so that much goes through the store; and so much that no few endpoints can take all of it.
    fn of(dice: &mut Dice) -> Self {
        let total = if dice.one_in(2) { 8 } else { 16 };
        let remembered = if dice.one_in(2) { 1 } else { Limits::default().remembered };
        let disable_after = [None, Some(10), Some(100)][usize::try_from(dice.below(3)).unwrap()];
        Self {
            limits: Limits { total, per_endpoint: 6, queue: 6, remembered, ..Limits::default() },
            disable_after: disable_after.map(Duration::from_secs),
        }
    }
}

impl Story {
    pub(crate) fn of(seed: u64) -> Self {
        // In memory where that is possible: nothing here outlives a crash of the machine.
        let data = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let path = data.path().join("simulation.db");
        let mut dice = Dice::new(seed);
        let setup = Setup::of(&mut dice);
        let world = Arc::new(World::new(setup.limits.total + setup.limits.total / 8));
        let mut plot = Plot::new(Arc::new(Mutex::new(dice)), Arc::clone(&world));
        let mut now = Timestamp::from_millis(START);
        let mut ended = None;
        while ended.is_none() {
            world.begin_life();
            // Crashes and faults stop after a while, so that each story has an end.
            world.set_rough(plot.steps_left > 0 && world.lives() < 12);
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build()
                .unwrap();
            (now, ended) = runtime.block_on(live(&path, &mut plot, now, seed, setup));
        }
        let (ends, reports) = ended.unwrap();
        Self {
            seed,
            lives: world.lives(),
            accepted: plot.accepted,
            arrivals: world.arrivals(),
            ends,
            reports,
            disabled: world.disabled(),
            complaints: world.complaints(),
            set_backs: world.set_backs(),
        }
    }

    /// Whether everything went as promised.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let Some(first) = self.complaints.first() {
            return Err(first.clone());
        }
        let reported = self.reports.iter().map(|report| &report.deliveries);
        for delivery in self.accepted.values().chain(reported).flatten() {
            let end = self.ends.get(delivery).ok_or(format!("{delivery} was lost"))?;
            let arrivals = self.arrivals.get(delivery).map_or(&[][..], Vec::as_slice);
            check_end(delivery, end, arrivals)?;
            self.check_waits(delivery, arrivals)?;
            check_duplicates(delivery, arrivals)?;
        }
        let failed = |delivery: &&DeliveryKey| self.ends[*delivery].state == DeliveryState::Failed;
        let failed: Vec<_> = self.accepted.values().flatten().filter(failed).copied().collect();
        report::check(&self.reports, &self.disabled, &failed)
    }

    /// Never before the moment that the receiver asked for, once the server wrote that down. A clock that showed that moment
    /// and was set back then is believed.
    fn check_waits(&self, delivery: &DeliveryKey, arrivals: &[Arrival]) -> Result<(), String> {
        for (one, next) in arrivals.iter().zip(arrivals.iter().skip(1)) {
            let shown = self.set_backs[one.set_backs..next.set_backs].iter().chain([&next.at]);
            if let Some(not_before) = one.not_before.filter(|_| one.answered && one.settled)
                && shown.max().is_some_and(|latest| *latest < not_before)
            {
                return Err(format!(
                    "{delivery} came before the time it was asked for: {one:?} {next:?}"
                ));
            }
        }
        Ok(())
    }
}

fn check_end(delivery: &DeliveryKey, end: &End, arrivals: &[Arrival]) -> Result<(), String> {
    let fits = match end.state {
        DeliveryState::Delivered => arrivals.iter().any(|arrival| arrival.took && arrival.answered),
        DeliveryState::Cancelled => end.was_closed,
        DeliveryState::Failed => {
            end.attempts - end.broken_off >= SCHEDULE_LEN
                || arrivals.iter().any(|arrival| arrival.gone && arrival.answered)
        }
        DeliveryState::Pending | DeliveryState::Delivering => false,
    };
    if fits { Ok(()) } else { Err(format!("{delivery} ended as {end:?} after {arrivals:?}")) }
}

/// Taken twice only where the first answer was lost, or the server died before it had written it down.
fn check_duplicates(delivery: &DeliveryKey, arrivals: &[Arrival]) -> Result<(), String> {
    for (index, one) in arrivals.iter().enumerate() {
        let again =
            arrivals.iter().skip(index + 1).any(|later| later.life == one.life || one.settled);
        if one.took && one.answered && again {
            return Err(format!("{delivery} was sent again for no reason: {arrivals:?}"));
        }
    }
    Ok(())
}

type Ended = (BTreeMap<DeliveryKey, End>, Vec<Report>);

/// One run of the server: until it crashes, or until nothing is left to do.
async fn live(
    path: &Path,
    plot: &mut Plot,
    now: Timestamp,
    seed: u64,
    setup: Setup,
) -> (Timestamp, Option<Ended>) {
    let clock = Arc::new(SimClock::new(now));
    let store = Arc::new(SqliteStore::inline(path).unwrap());
    let crash = Arc::new(Notify::new());
    let queue: Arc<dyn Queue> = Arc::new(FaultyQueue {
        inner: Arc::clone(&store),
        clock: Arc::clone(&clock),
        dice: Arc::clone(&plot.dice),
        world: Arc::clone(&plot.world),
        crash: Arc::clone(&crash),
    });
    let rng = Arc::new(SeededRng::new(seed ^ u64::from(plot.world.lives())));
    let attempter = Attempter {
        transport: Arc::new(Network {
            world: Arc::clone(&plot.world),
            clock: Arc::clone(&clock),
            dice: Arc::clone(&plot.dice),
        }),
        policy: GuardPolicy::default(),
        resend: None,
        sealer: Arc::new(sealer()),
        retry_delay_factor: 1.0,
        disable_after: setup.disable_after,
        clock: Arc::<SimClock>::clone(&clock),
        rng,
    };
    let dispatcher =
        Dispatcher::new(&queue, attempter, setup.limits, Arc::<SimClock>::clone(&clock));
    store.recover(clock.now()).await.unwrap();
    let (_stop, stopped) = watch::channel(false);
    tokio::spawn(Arc::clone(&dispatcher).run(stopped));
    if !plot.has_begun() {
        plot.begin(&store, &clock, setup.limits.per_endpoint).await;
    }
    let stage = Stage { store: &store, queue: &*queue, dispatcher: &dispatcher, clock: &clock };
    let ended = tokio::select! {
        biased;
        () = crash.notified() => false,
        () = plot.play(&stage) => true,
    };
    if !ended {
        return (clock.now(), None);
    }
    let reports = report::reports(&store, &ACCOUNTS).await;
    let reported = reports.iter().map(|report| &report.deliveries);
    let ends = ends(&store, &plot.world, plot.accepted.values().chain(reported).flatten()).await;
    (clock.now(), Some((ends, reports)))
}

async fn ends(
    store: &SqliteStore,
    world: &World,
    deliveries: impl Iterator<Item = &DeliveryKey>,
) -> BTreeMap<DeliveryKey, End> {
    let (mut ends, owners) = (BTreeMap::new(), world.owners());
    for delivery in deliveries {
        let account = owners[&delivery.endpoint].account;
        let Some((record, attempts)) = store.delivery(account, *delivery).await.unwrap() else {
            continue;
        };
        let broken_off = attempts.iter().filter(|attempt| {
            matches!(attempt.error.as_deref(), Some("interrupted" | "cancelled"))
        });
        let end = End {
            state: record.state,
            attempts: record.attempts,
            broken_off: u32::try_from(broken_off.count()).unwrap(),
            was_closed: world.was_closed(delivery.endpoint),
        };
        ends.insert(*delivery, end);
    }
    ends
}
