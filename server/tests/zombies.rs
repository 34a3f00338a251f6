//! Nodes that stand still for longer than their lease, and nodes that are told to stop: what they held goes to the others, and
//! nobody sends it once more.

#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a receiver takes its time; says what it counted and how long it took"
)]

mod support;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use support::{
    PATIENCE,
    client::Client,
    postgres::Cluster,
    process::Process,
    raw::{NO_CONTENT, RawServer, read_request},
};
use tokio::{io::AsyncWriteExt as _, sync::watch};

const EVENTS: usize = 400;

/// How often each event came.
type Counts = HashMap<String, usize>;

/// Takes everything, each in its time.
async fn slow_receiver() -> (RawServer, Arc<watch::Sender<Counts>>) {
    let counts = Arc::new(watch::Sender::new(Counts::new()));
    let counted = Arc::clone(&counts);
    let server = RawServer::start(move |mut stream, _| {
        let counted = Arc::clone(&counted);
        async move {
            while let Some((head, _)) = read_request(&mut stream).await {
                let id = head.lines().find_map(|line| line.strip_prefix("webhook-id: "));
                let id = id.unwrap().to_owned();
                counted.send_modify(|counts| *counts.entry(id).or_default() += 1);
                tokio::time::sleep(Duration::from_millis(100)).await;
                if stream.write_all(NO_CONTENT).await.is_err() {
                    return;
                }
            }
        }
    })
    .await;
    (server, counts)
}

/// Waits as long as something comes.
async fn until(counts: &watch::Sender<Counts>, mut is_so: impl FnMut(&Counts) -> bool) {
    let mut counts = counts.subscribe();
    while !is_so(&counts.borrow_and_update()) {
        tokio::time::timeout(PATIENCE, counts.changed()).await.expect("in vain").unwrap();
    }
}

async fn send(client: &Client, ids: std::ops::Range<usize>) {
    let event = |n| json!({ "type": "a.b", "data": {}, "id": format!("n{n}") });
    let events: Vec<_> = ids.map(event).collect();
    let answer = client.post("/v1/events/batch", &json!({ "events": events })).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stood_still_longer_than_its_lease_sends_nothing_that_others_have_taken_over() {
    let cluster = Cluster::durable();
    let url = cluster.database().await;
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (receiver, counts) = slow_receiver().await;
    let zombie = Process::start_node(&folders[0], &url, 2).await;
    let other = Process::start_node(&folders[1], &url, 2).await;
    let body = json!({ "url": receiver.url(), "event_types": ["*"] });
    assert_eq!(zombie.client.post("/v1/endpoints", &body).await.status, 201);
    for round in 0..3 {
        let first = round * (EVENTS + 1);
        send(&zombie.client, first..first + EVENTS).await;
        until(&counts, |counts| counts.len() > first + 40).await;
        zombie.stand_still().await;
        let begun = Instant::now();
        until(&counts, |counts| counts.len() == first + EVENTS).await;
        let taken_over = begun.elapsed();
        let before = counts.borrow().clone();
        zombie.go_on().await;
        // It is among the living again once it delivers what it accepts.
        send(&zombie.client, first + EVENTS..first + EVENTS + 1).await;
        until(&counts, |counts| counts.len() == first + EVENTS + 1).await;
        let after = counts.borrow().clone();
        let again = before.iter().filter(|(id, count)| after[*id] > **count).count();
        let twice = before.values().filter(|count| **count > 1).count();
        println!("taken over within {taken_over:?}; {twice} were under way and came twice so far");
        // None of those that waited, and of those that had their turn only what was being written at that very moment.
        assert!(again <= 4, "{again} were sent although others had taken them over");
        // Under way, or answered and not yet on record.
        assert!(twice <= 3 * 32 * (round + 1), "{twice}");
    }
    zombie.terminate().await;
    other.terminate().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_told_to_stop_hands_over_at_once() {
    // Long enough that nobody finds out by a heartbeat: those are a fifth of it apart.
    const LEASE_SECONDS: u32 = 90;

    let cluster = Cluster::durable();
    let url = cluster.database().await;
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (receiver, counts) = slow_receiver().await;
    let leaving = Process::start_node(&folders[0], &url, LEASE_SECONDS).await;
    let other = Process::start_node(&folders[1], &url, LEASE_SECONDS).await;
    let body = json!({ "url": receiver.url(), "event_types": ["*"] });
    assert_eq!(leaving.client.post("/v1/endpoints", &body).await.status, 201);
    send(&leaving.client, 0..EVENTS).await;
    until(&counts, |counts| counts.len() > 40).await;
    let begun = Instant::now();
    leaving.terminate().await;
    until(&counts, |counts| counts.len() == EVENTS).await;
    println!("{EVENTS} events, handed over and delivered within {:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    assert!(counts.borrow().values().all(|count| *count == 1));
    other.terminate().await;
}
