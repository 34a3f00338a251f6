//! What lists cost, and what is erased.

use std::sync::Arc;

use hookseal::{GiveUpReason, Timestamp};
use hookseal_server::store::{
    DeliveryFilter, DeliveryState, EndpointKey, EventFilter, NewEvent, Next, Queue as _, Replay,
    Store as _,
};

use crate::{
    bed::{
        ACCOUNT, BLOCKED, COMMITTING, Node, event, lease, nodes, now, push, settlement,
        slow_commits, until, with_memory, within,
    },
    cluster::{Cluster, execute, number},
};

#[tokio::test]
async fn slow_lists_do_not_hold_up_what_comes_in() {
    let url = Cluster::shared().database().await;
    let [store]: [Node; 1] = nodes(&url, 2).await;
    let pushed = push(&store).await;
    for job in lease(&store, 10).await {
        store.settle(settlement(&job, Next::Delivered)).await.unwrap();
    }
    let (holder, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    holder.batch_execute("BEGIN; LOCK TABLE attempt IN ACCESS EXCLUSIVE MODE").await.unwrap();
    // As many as there are connections for that.
    let reading: Vec<_> = (0..6)
        .map(|_| {
            let (store, key) = (Arc::clone(&store), pushed[0]);
            tokio::spawn(async move { store.delivery(ACCOUNT, key).await.unwrap() })
        })
        .collect();
    within(until(&url, BLOCKED, 6)).await;
    let deleting = {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.delete_endpoint(ACCOUNT, EndpointKey(1), now()).await })
    };
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(within(push(&store)).await.len(), 2);
    assert_eq!(within(lease(&store, 10)).await.len(), 2);
    assert!(within(store.heartbeat()).await.unwrap());
    assert!(!deleting.is_finished());
    drop(holder);
    connection.await.unwrap().unwrap();
    assert!(within(deleting).await.unwrap().unwrap());
    for reading in reading {
        assert!(within(reading).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_page_of_one_endpoint_costs_nothing_of_the_backlog_of_another() {
    let url = Cluster::shared().database().await;
    let [store]: [Node; 1] = nodes(&url, 3).await;
    push(&store).await;
    let [job] = lease(&store, 1).await.try_into().unwrap();
    let one = job.delivery.endpoint;
    store.settle(settlement(&job, Next::GiveUp(GiveUpReason::TooOld))).await.unwrap();
    store
        .delete_endpoint(ACCOUNT, EndpointKey(if one.0 == 3 { 2 } else { 3 }), now())
        .await
        .unwrap();
    execute(
        &url,
        "INSERT INTO delivery (endpoint, event, account, state, due)
             SELECT e.key, v.key + n, 1, 'pending', 0 FROM generate_series(1, 30000) AS n, event v, endpoint e
             WHERE e.state = 'active' AND NOT EXISTS (SELECT FROM delivery d WHERE d.endpoint = e.key AND d.state = 'failed');
         INSERT INTO event (account, key, type, targets, data)
             SELECT 1, v.key + n, 'a.b', '', '{}' FROM generate_series(1, 30000) AS n, event v; ANALYZE",
    )
    .await;
    let read =
        async || number(&url, "SELECT (sum(idx_tup_read))::bigint FROM pg_stat_user_indexes").await;
    let began = read().await;
    let list = async |states: &[DeliveryState], endpoint| {
        let filter =
            DeliveryFilter { states: states.to_vec(), endpoint, ..DeliveryFilter::default() };
        store.deliveries(ACCOUNT, &filter, None, 20).await.unwrap().rows.len()
    };
    assert_eq!(list(&[DeliveryState::Pending], Some(one)).await, 0);
    assert_eq!(list(&[DeliveryState::Failed], Some(one)).await, 1);
    assert_eq!(list(&[DeliveryState::Cancelled], None).await, 1);
    assert_eq!(list(&[DeliveryState::Pending], None).await, 20);
    let failed = Replay::Failed { endpoint: one, since: Timestamp::MIN };
    assert_eq!(store.replay(ACCOUNT, failed, now()).await.unwrap(), Some(1));
    drop(store);
    // Told when the connections end.
    let connected = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'hookseal'";
    within(async { while number(&url, connected).await > 0 {} }).await;
    let cost = read().await - began;
    assert!(cost < 2000, "{cost}");
}

#[tokio::test]
async fn a_page_of_what_was_delivered_costs_no_more_than_what_is_looked_at() {
    let url = Cluster::shared().database().await;
    let [store]: [Node; 1] = nodes(&url, 1).await;
    execute(
        &url,
        "INSERT INTO event (account, key, type, targets, data)
             SELECT 1, n, 'a.b', decode('0000000000000001', 'hex'), '{}' FROM generate_series(1, 60000) AS n;
         INSERT INTO delivery (endpoint, event, account, state)
             SELECT 1, n, 1, CASE n WHEN 1 THEN 'delivered' ELSE 'failed' END FROM generate_series(1, 60000) AS n;
         ANALYZE",
    )
    .await;
    let filters = [None, Some(EndpointKey(1))].map(|endpoint| DeliveryFilter {
        states: vec![DeliveryState::Delivered],
        endpoint,
        ..DeliveryFilter::default()
    });
    for filter in &filters {
        let page = store.deliveries(ACCOUNT, filter, None, 20).await.unwrap();
        assert!(page.rows.is_empty() && page.until.is_some());
    }
    let types = EventFilter { event_type: Some("a.c".to_owned()), ..EventFilter::default() };
    let since = store.earlier_event(ACCOUNT, None, None, 10_000).await.unwrap();
    let of_type = EventFilter { since, ..types };
    assert!(store.events(ACCOUNT, &of_type, None, 20).await.unwrap().is_empty());
    drop(store);
    // Told when the connections end.
    let connected = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'hookseal'";
    within(async { while number(&url, connected).await > 0 {} }).await;
    let walked = "SELECT sum(seq_tup_read)::bigint FROM pg_stat_user_tables WHERE relname IN ('delivery', 'event')";
    // The statements that wrote the rows read none.
    assert_eq!(number(&url, walked).await, 0);
    let read = number(&url, "SELECT (sum(idx_tup_read))::bigint FROM pg_stat_user_indexes").await;
    assert!(read < 100_000, "{read}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_leaves_no_answer_that_was_just_being_stored() {
    let url = Cluster::shared().database().await;
    let [store, other]: [Node; 2] = nodes(&url, 1).await;
    let memory = with_memory(&store);
    store.push(vec![NewEvent { tenant: Some("t".to_owned()), ..event(&store) }]).await.unwrap();
    execute(&url, &slow_commits("delivery")).await;
    let settling = {
        let (store, job) = (Arc::clone(&store), memory.jobs().remove(0));
        tokio::spawn(async move { store.settle(settlement(&job, Next::Delivered)).await.unwrap() })
    };
    within(until(&url, COMMITTING, 1)).await;
    while other.erase_tenant(ACCOUNT, "t", 10, now()).await.unwrap() {}
    assert_eq!(within(settling).await.unwrap(), DeliveryState::Delivered);
    for table in ["event", "delivery", "attempt"] {
        assert_eq!(number(&url, &format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
    }
}
