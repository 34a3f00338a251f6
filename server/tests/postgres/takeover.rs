//! Who is dead, who says so, and what becomes of what it held.

use std::{collections::HashSet, sync::Arc};

use hookseal_server::{
    clock::{Clock as _, SystemClock},
    store::{
        DeliveryState, Health, LeaseRequest, Next, Queue as _, Settlement, Store as _,
        postgres::PostgresStore,
    },
};

use crate::{
    bed::{
        ACCOUNT, Node, event, expire, lease, nodes, now, prepare, push, request, settlement, state,
        with_memory, within,
    },
    cluster::{Cluster, execute, number},
};

#[tokio::test]
async fn what_a_dead_node_held_is_taken_over_once() {
    let url = Cluster::shared().database().await;
    let [dead, one, other]: [Node; 3] = nodes(&url, 2).await;
    let stored = push(&dead).await;
    let leased = lease(&dead, 1).await;
    let memory = with_memory(&dead);
    let in_memory = push(&dead).await;
    assert_eq!(memory.jobs().len(), 2);
    assert_eq!(one.recover(now()).await.unwrap(), 0, "all of them are alive");

    expire(&url, &[&one, &other]).await;
    let (first, second) = tokio::join!(one.recover(now()), other.recover(now()));
    assert_eq!(first.unwrap() + second.unwrap(), 3);
    let due: HashSet<_> = lease(&other, 10).await.iter().map(|job| job.delivery).collect();
    assert_eq!(due, stored.iter().chain(&in_memory).copied().collect());
    let (_, attempts) = one.delivery(ACCOUNT, leased[0].delivery).await.unwrap().unwrap();
    assert_eq!(attempts[0].error.as_deref(), Some("interrupted"));
    assert!(!dead.heartbeat().await.unwrap(), "it learns of it");
    assert!(dead.heartbeat().await.unwrap());
    assert_eq!(dead.nodes(), 3);
}

#[tokio::test]
async fn a_lease_ends_by_itself() {
    let url = Cluster::shared().database().await;
    let clock = SystemClock::new();
    let open = |lease| PostgresStore::open_with_lease(&url, Arc::new(SystemClock::new()), lease);
    let dead = open(300).await.unwrap();
    let alive = open(3_000).await.unwrap();
    prepare(&alive, 1).await;
    push(&dead).await;
    assert_eq!(lease(&dead, 10).await.len(), 1);
    let recovered = within(async {
        loop {
            assert!(alive.heartbeat().await.unwrap());
            let recovered = alive.recover(now()).await.unwrap();
            if recovered > 0 {
                return recovered;
            }
            clock.sleep_until(clock.now().plus_millis(20)).await;
        }
    });
    assert_eq!(recovered.await, 1);
}

#[tokio::test]
async fn nobody_is_dead_because_the_database_was_away() {
    let url = Cluster::shared().database().await;
    let [first, late]: [Node; 2] = nodes(&url, 1).await;
    push(&late).await;
    assert_eq!(lease(&late, 10).await.len(), 1);
    execute(&url, "UPDATE node SET judges_at = now() - interval '1 second'").await;
    execute(&url, "UPDATE node SET expires_at = now() - interval '1 second'").await;
    // Nor does a node judge that could not say itself that it is alive.
    assert_eq!(first.recover(now()).await.unwrap(), 0);
    assert!(first.heartbeat().await.unwrap());
    assert_eq!(first.recover(now()).await.unwrap(), 0);
    assert!(late.heartbeat().await.unwrap());
}

#[tokio::test]
async fn a_node_that_was_taken_for_dead_is_believed_what_was_delivered_only() {
    let url = Cluster::shared().database().await;
    let [zombie, alive]: [Node; 2] = nodes(&url, 1).await;
    for _ in 0..2 {
        push(&zombie).await;
    }
    let stored = lease(&zombie, 10).await;
    let memory = with_memory(&zombie);
    for _ in 0..2 {
        push(&zombie).await;
    }
    let in_memory = memory.jobs();
    expire(&url, &[&alive]).await;
    assert_eq!(alive.recover(now()).await.unwrap(), 4);
    for jobs in [&stored, &in_memory] {
        assert_eq!(
            zombie.settle(settlement(&jobs[0], Next::Delivered)).await.unwrap(),
            DeliveryState::Delivered
        );
        let retry = settlement(&jobs[1], Next::RetryAt(now().plus_millis(60_000)));
        assert_eq!(zombie.settle(retry).await.unwrap(), DeliveryState::Pending);
        assert_eq!(state(&alive, jobs[0].delivery).await, DeliveryState::Delivered);
    }
    let due: Vec<_> = lease(&alive, 10).await.iter().map(|job| job.delivery).collect();
    assert_eq!(due, [stored[1].delivery, in_memory[1].delivery]);
    // What it takes from now on is its own.
    push(&zombie).await;
    let job = memory.jobs().pop().unwrap();
    assert_eq!(
        zombie.settle(settlement(&job, Next::Delivered)).await.unwrap(),
        DeliveryState::Delivered
    );
    assert!(!zombie.heartbeat().await.unwrap());
}

#[tokio::test]
async fn what_a_large_claim_held_is_taken_over_in_steps() {
    let url = Cluster::shared().database().await;
    let [dead, alive]: [Node; 2] = nodes(&url, 2).await;
    with_memory(&dead);
    for _ in 0..2 {
        dead.push((0..300).map(|_| event(&dead)).collect()).await.unwrap();
    }
    assert_eq!(number(&url, "SELECT count(*) FROM claim").await, 2);
    expire(&url, &[&alive]).await;
    assert_eq!(alive.recover(now()).await.unwrap(), 1200);
    assert_eq!(number(&url, "SELECT count(*) FROM claim").await, 0);
    let due = "SELECT count(*) FROM delivery WHERE state = 'pending' AND attempts = 1";
    assert_eq!(number(&url, due).await, 1200);
}

#[tokio::test]
async fn a_probe_that_dies_with_its_node_holds_up_nobody() {
    let url = Cluster::shared().database().await;
    let [dead, alive]: [Node; 2] = nodes(&url, 1).await;
    for _ in 0..2 {
        push(&dead).await;
    }
    let [job] = lease(&dead, 1).await.try_into().unwrap();
    let down = Health { failures: 12, hold_until: None, failing_since: Some(now()) };
    let failed = settlement(&job, Next::RetryAt(now()));
    dead.settle(Settlement { health: Some(down), ..failed }).await.unwrap();
    let probe = LeaseRequest { probe_until: now().plus_millis(120_000), ..request(10) };
    assert_eq!(dead.lease(probe).await.unwrap().jobs.len(), 1);
    assert!(lease(&alive, 10).await.is_empty());
    expire(&url, &[&alive]).await;
    assert_eq!(alive.recover(now()).await.unwrap(), 1);
    assert_eq!(lease(&alive, 10).await.len(), 1, "the next probe");
}
