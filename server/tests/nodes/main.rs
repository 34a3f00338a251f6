//! Three servers on one PostgreSQL in a world where everything goes wrong: nodes are killed, stopped, stand still longer than
//! their lease, are cut off from the database in the middle of a commit, have clocks that are wrong; endpoints are moved,
//! paused and deleted meanwhile. Then peace, and the question what became of everything.
//!
//! What happens follows from one number; when exactly it does, from the machine as well, since the database is a real
//! one. `HOOKSEAL_NODES_SEED=n` runs one seed and tells what it did, `HOOKSEAL_NODES_SEEDS=n` so many instead of as many as there is time for.

#![cfg(test)]
#![expect(clippy::print_stdout, reason = "says what it ran, and a story when it is asked for one")]

#[path = "../simulation/dice.rs"]
mod dice;
mod node;
mod peace;
mod plot;
mod seat;
mod standstill;
mod story;
#[path = "../support/mod.rs"]
mod support;
mod users;
mod verdict;
mod wire;
mod world;

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use crate::{story::Story, support::postgres::Cluster, world::now};

#[test]
fn what_several_nodes_accepted_is_delivered_or_fails_after_its_schedule() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let cluster = Cluster::shared();
    if let Some(seed) = number("HOOKSEAL_NODES_SEED") {
        let story = Story::of(seed, cluster);
        println!("{story:#?}");
        story.check().unwrap();
        return;
    }
    let (seeds, until) = match number("HOOKSEAL_NODES_SEEDS") {
        Some(seeds) => (seeds, None),
        None => (u64::MAX, Some(now() + TIME)),
    };
    let first = number("HOOKSEAL_NODES_FIRST").unwrap_or_default();
    let next = AtomicU64::new(first);
    let failures = Mutex::new(Vec::new());
    // They mostly wait.
    let tales: Vec<_> = thread::scope(|scope| {
        let run = || {
            let mut tales = Vec::new();
            while until.is_none_or(|until| now() < until) {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= first.saturating_add(seeds) {
                    break;
                }
                let story = Story::of(seed, cluster);
                match story.check() {
                    Ok(()) => tales.push(story.tale()),
                    Err(verdict) => {
                        let failure = format!(
                            "seed {seed}: {verdict}\nagain with HOOKSEAL_NODES_SEED={seed}\n{:#?}",
                            story.deeds
                        );
                        println!("{failure}");
                        failures.lock().unwrap().push(failure);
                    }
                }
            }
            tales
        };
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(run)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let failures = failures.into_inner().unwrap();
    assert!(
        failures.is_empty(),
        "{} of {} seeds failed; the first was {}",
        failures.len(),
        failures.len() + tales.len(),
        failures[0]
    );
    let sum = |part: fn(&verdict::Tale) -> usize| tales.iter().map(part).sum::<usize>();
    let (deliveries, taken_over) = (sum(|tale| tale.deliveries), sum(|tale| tale.interrupted));
    println!(
        "{} seeds, {} lives of nodes, {deliveries} deliveries, {taken_over} of them interrupted, {} tried by several nodes, {} taken twice",
        tales.len(),
        sum(|tale| tale.lives),
        sum(|tale| tale.shared),
        sum(|tale| tale.repeated),
    );
    // A simulation in which nothing goes wrong proves nothing.
    assert!(
        tales.len() < 10 || (deliveries > 10 * tales.len() && taken_over > tales.len()),
        "{deliveries} {taken_over}"
    );
}

/// Stories that begin within this time are told.
const TIME: Duration = Duration::from_secs(75);
const AT_ONCE: usize = 6;
