//! `kill -9` between accept and delivery, over and over: nothing that was answered with 202 is lost, and nothing comes
//! twice but what was under way at a kill.

#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "says what it counted and how long it took; nothing is decided by that"
)]

mod support;

use std::time::Instant;

use serde_json::json;
use support::{
    ADMIN_KEY, audit::audit, client::Client, ledger::Ledger, postgres::Cluster, process::Process,
    traffic::Traffic,
};
use tempfile::TempDir;

const KILLS: usize = 100;
const SENDERS: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_server_that_is_killed_loses_nothing() {
    let begun = Instant::now();
    let data = tempfile::tempdir().unwrap();
    let ledger = Ledger::start().await;
    let mut process = Process::start(&data, Some(ADMIN_KEY)).await;
    make_endpoint(&process.client, &ledger).await;
    // Far enough ahead that a kill finds some under way, near enough that none is under way at every one.
    let traffic = Traffic::start(&ledger, 1, SENDERS, 60);
    for round in 0..KILLS {
        traffic.set(0, Some(process.client.clone()));
        ledger.until_more(arrivals(round)).await;
        process.kill().await;
        traffic.set(0, None);
        ledger.end_life().await;
        process = Process::start(&data, Some(ADMIN_KEY)).await;
    }
    traffic.set(0, Some(process.client.clone()));
    let tally = traffic.stop().await;
    let found = audit(&process.client, &ledger, &tally).await;
    for (id, lives) in ledger.repeated() {
        let each_in_its_own = lives.windows(2).all(|pair| pair[0] < pair[1]);
        assert!(each_in_its_own, "{id} came twice from one life of the server: {lives:?}");
    }
    assert!(tally.refused.is_empty(), "{:?}", tally.refused);
    assert!(found.accepted >= 5 * KILLS, "{found:?}");
    println!("SQLite: {KILLS} kills, {found:?}, {:?}", begun.elapsed());
    process.terminate().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_that_are_killed_lose_nothing() {
    const NODES: usize = 3;

    let begun = Instant::now();
    let cluster = Cluster::durable();
    let url = cluster.database().await;
    let folders: Vec<TempDir> = (0..NODES).map(|_| tempfile::tempdir().unwrap()).collect();
    let ledger = Ledger::start().await;
    let mut nodes = Vec::new();
    for folder in &folders {
        nodes.push(Process::start_node(folder, &url, 1).await);
    }
    make_endpoint(&nodes[0].client, &ledger).await;
    let traffic = Traffic::start(&ledger, NODES, SENDERS, 200);
    for (number, node) in nodes.iter().enumerate() {
        traffic.set(number, Some(node.client.clone()));
    }
    // An order of kills that is always the same and prefers none.
    let mut random = 0x9E37_79B9_u32;
    for round in 0..KILLS {
        ledger.until_more(arrivals(round)).await;
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        let victim = random as usize % NODES;
        let node = nodes.swap_remove(victim);
        node.kill().await;
        traffic.set(victim, None);
        let reborn = Process::start_node(&folders[victim], &url, 1).await;
        traffic.set(victim, Some(reborn.client.clone()));
        nodes.push(reborn);
        nodes.swap(victim, NODES - 1);
    }
    let tally = traffic.stop().await;
    let found = audit(&nodes[0].client, &ledger, &tally).await;
    assert!(tally.refused.is_empty(), "{:?}", tally.refused);
    assert!(found.accepted >= 5 * KILLS, "{found:?}");
    println!("PostgreSQL: {KILLS} kills of {NODES} nodes, {found:?}, {:?}", begun.elapsed());
    for node in nodes {
        node.terminate().await;
    }
}

/// How many events a life delivers before it is killed: from one to many, and never few many times in a row, since an
/// event that is under way at six kills fails.
const fn arrivals(round: usize) -> usize {
    1 + 5 * (round * 7 % 10)
}

async fn make_endpoint(client: &Client, ledger: &Ledger) {
    let body = json!({ "url": ledger.url(), "event_types": ["*"] });
    assert_eq!(client.post("/v1/endpoints", &body).await.status, 201);
}
