//! The server in a world where everything goes wrong, as often as one likes: dispatcher, store, time, randomness and
//! endpoints follow from one number, so that what went wrong once can be looked at again.
//!
//! `HOOKSEAL_SIMULATION_SEED=n` runs one seed, `HOOKSEAL_SIMULATION_SEEDS=n` so many.

#![cfg(test)]
#![expect(clippy::print_stdout, reason = "says what it ran, and a story when it is asked for one")]

mod clock;
mod dice;
mod faults;
mod plot;
mod receiver;
mod report;
mod run;
mod world;

use std::thread;

use crate::run::Story;

#[test]
fn what_was_accepted_is_delivered_or_fails_after_its_schedule() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    if let Some(seed) = number("HOOKSEAL_SIMULATION_SEED") {
        let story = Story::of(seed);
        println!("{story:#?}");
        story.check().unwrap();
        return;
    }
    let seeds: u64 = number("HOOKSEAL_SIMULATION_SEEDS").unwrap_or(2000);
    let workers = thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let (mut lives, mut arrivals) = (0, 0);
    thread::scope(|scope| {
        let run = |first| {
            move || {
                let stories = (first..seeds).step_by(workers as usize).map(Story::of);
                stories.fold((0, 0), |(lives, arrivals), story| {
                    let seed = story.seed;
                    let verdict = story.check();
                    assert!(
                        verdict.is_ok(),
                        "seed {seed}: {}\nagain with HOOKSEAL_SIMULATION_SEED={seed}",
                        verdict.unwrap_err()
                    );
                    (lives + u64::from(story.lives), arrivals + story.arrivals.len() as u64)
                })
            }
        };
        let workers: Vec<_> = (0..workers).map(|first| scope.spawn(run(first))).collect();
        for worker in workers {
            let (more_lives, more_arrivals) = worker.join().unwrap();
            lives += more_lives;
            arrivals += more_arrivals;
        }
    });
    println!("{seeds} seeds, {lives} lives, {arrivals} deliveries");
    // A simulation in which nothing goes wrong proves nothing.
    assert!(seeds < 100 || (lives > 2 * seeds && arrivals > 10 * seeds), "{lives} {arrivals}");
}

#[test]
fn a_seed_tells_the_same_story_each_time() {
    for seed in 0..20 {
        let tell = || format!("{:?}", Story::of(seed));
        assert_eq!(tell(), tell(), "seed {seed}");
    }
}
