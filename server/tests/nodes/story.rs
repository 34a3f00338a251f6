//! One story: what happened under one number.

use std::{
    fmt,
    time::{Duration, Instant},
};

use crate::{
    dice::Dice,
    plot::{NODES, Plot},
    support::postgres::{Cluster, text},
    verdict::Record,
    world::World,
};

/// What happened under one seed.
pub(crate) struct Story {
    pub(crate) seed: u64,
    pub(crate) lives: usize,
    /// What was done, in its order.
    pub(crate) deeds: Vec<String>,
    pub(crate) world: World,
    pub(crate) records: Vec<Record>,
    pub(crate) complaints: Vec<String>,
}

impl fmt::Debug for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Story")
            .field("seed", &self.seed)
            .field("deeds", &self.deeds)
            .field("records", &self.records)
            .field("arrivals", &self.world.state().arrivals)
            .field("complaints", &self.complaints)
            .finish_non_exhaustive()
    }
}

/// An event that was accepted, with its deliveries.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    pub(crate) id: String,
    pub(crate) sent: Instant,
    pub(crate) answered: Instant,
    /// The number of the endpoint, and the id of the delivery.
    pub(crate) deliveries: Vec<(usize, String)>,
}

impl Story {
    pub(crate) fn of(seed: u64, cluster: &'static Cluster) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let story = runtime.block_on(tell(seed, cluster));
        runtime.shutdown_background();
        story
    }
}

async fn tell(seed: u64, cluster: &'static Cluster) -> Story {
    let world = World::new(Dice::new(!seed), NODES);
    let (servers, port) = world.listen(NODES).await;
    let url = cluster.database().await;
    let mut plot = Plot::new(seed, cluster, &url, world.clone(), port);
    plot.begin().await;
    for _ in 0..STEPS {
        plot.step().await;
    }
    plot.make_peace().await;
    let (records, mut complaints) = plot.records().await;
    if records.iter().all(|record| record.delivery.has_ended()) {
        complaints.extend(plot.left_over(&url).await);
    } else {
        plot.note(&text(&url, STANDING).await);
    }
    plot.end().await;
    drop(servers);
    Story { seed, lives: plot.lives, deeds: plot.deeds, world, records, complaints }
}

#[expect(clippy::disallowed_methods, reason = "the time of the world outside")]
pub(crate) async fn pass(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

const STEPS: u64 = 40;
/// What is left when something does not end.
const STANDING: &str = "SELECT concat_ws(E'\n', (SELECT json_agg(l) FROM lane l),
    (SELECT json_agg(n) FROM node n), (SELECT json_agg(c) FROM claim c),
    (SELECT json_agg(d) FROM (SELECT endpoint, event, state, due, claim, attempts, interruptions FROM delivery
        WHERE state IN ('pending', 'delivering')) d), (extract(epoch FROM now()) * 1000)::bigint)";
