//! What a lease takes, leaves and writes.

use hookseal_server::store::{DeliveryState, Next, Order, Queue as _};

use crate::{
    bed::{COMMITTING, Node, insert, lease, nodes, push, settlement, slow_commits, until, within},
    cluster::{Cluster, execute, number},
};

#[tokio::test]
async fn what_was_leased_without_an_answer_is_due_again() {
    let url = Cluster::shared().database().await;
    let [store]: [Node; 1] = nodes(&url, 1).await;
    let [pushed] = push(&store).await.try_into().unwrap();
    execute(&url, &slow_commits("claim")).await;
    tokio::select! {
        _ = lease(&store, 10) => panic!("its commit takes longer"),
        () = within(until(&url, COMMITTING, 1)) => {}
    }
    // The commit is done all the same.
    within(until(&url, "SELECT count(*) FROM claim", 1)).await;
    execute(&url, "DROP TRIGGER slow ON claim").await;
    let [job] = lease(&store, 10).await.try_into().expect("it is due again");
    assert_eq!((job.delivery, job.attempt), (pushed, 1));
    let delivered = store.settle(settlement(&job, Next::Delivered)).await.unwrap();
    assert_eq!(delivered, DeliveryState::Delivered);
    assert_eq!(number(&url, "SELECT count(*) FROM claim").await, 0);
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_read_is_set_aside_and_holds_up_no_other() {
    let url = Cluster::shared().database().await;
    let [store]: [Node; 1] = nodes(&url, 0).await;
    insert(&store, 1, Order::Endpoint).await;
    insert(&store, 2, Order::None).await;
    for _ in 0..2 {
        push(&store).await;
    }
    execute(&url, "UPDATE endpoint SET settings = 'no JSON', version = version + 1 WHERE key = 1")
        .await;
    let endpoints = async |limit| -> Vec<i64> {
        lease(&store, limit).await.iter().map(|job| job.delivery.endpoint.0).collect()
    };
    // Of its order one is due, then the other.
    assert!(endpoints(1).await.is_empty());
    assert_eq!(endpoints(10).await, [2, 2]);
    assert!(endpoints(10).await.is_empty());
    let aside = "SELECT count(*) FROM delivery WHERE state = 'failed' AND reason = 'corrupt'";
    assert_eq!(number(&url, aside).await, 2);
    assert_eq!(number(&url, "SELECT count(*) FROM lane WHERE due IS NOT NULL").await, 0);
}

#[tokio::test]
async fn who_finds_nothing_due_writes_nothing() {
    // The number below is that of all databases.
    let cluster = Cluster::durable();
    let url = cluster.database().await;
    let [store]: [Node; 1] = nodes(&url, 1).await;
    push(&store).await;
    assert_eq!(lease(&store, 10).await.len(), 1);
    let newest = "SELECT (pg_snapshot_xmax(pg_current_snapshot())::text)::bigint";
    let before = number(&url, newest).await;
    for _ in 0..5 {
        assert!(lease(&store, 10).await.is_empty());
    }
    assert_eq!(number(&url, newest).await, before);
}
