//! Several nodes at the same rows.

use std::{collections::HashSet, sync::Arc};

use hookseal_server::store::{
    DeliveryState, Disable, NewEvent, Next, Order, Pushed, Queue as _, Settlement,
};

use crate::{
    bed::{
        BLOCKED, Node, event, insert, lease, nodes, now, push, request, settlement, until, within,
    },
    cluster::{Cluster, execute, number},
};

#[tokio::test(flavor = "multi_thread")]
async fn leases_of_several_nodes_share_nothing() {
    let url = Cluster::shared().database().await;
    let nodes: [Node; 3] = nodes(&url, 5).await;
    let mut pushed = HashSet::new();
    for node in &nodes {
        let events = (0..40).map(|_| event(node)).collect();
        for answer in node.push(events).await.unwrap() {
            let Pushed::New(deliveries) = answer else { panic!("not new") };
            pushed.extend(deliveries);
        }
    }
    assert_eq!(pushed.len(), 600);
    let leasing: Vec<_> = nodes
        .iter()
        .map(|node| {
            let node = Arc::clone(node);
            tokio::spawn(async move {
                let mut jobs = Vec::new();
                // Others may be at every lane just now: nothing taken does not mean nothing left.
                for _ in 0..100 {
                    jobs.extend(lease(&node, 7).await);
                }
                jobs
            })
        })
        .collect();
    let mut leased = HashSet::new();
    for jobs in leasing {
        for job in jobs.await.unwrap() {
            assert!(leased.insert(job.delivery), "taken twice: {}", job.delivery);
        }
    }
    for job in lease(&nodes[0], 1000).await {
        assert!(leased.insert(job.delivery));
    }
    assert_eq!(leased, pushed);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_on_two_nodes_is_one_event() {
    let url = Cluster::shared().database().await;
    let nodes: [Node; 2] = nodes(&url, 1).await;
    for round in 0..20 {
        let pushing = nodes.each_ref().map(|node| {
            let (node, key) = (Arc::clone(node), format!("key-{round}"));
            tokio::spawn(async move {
                let event = NewEvent { idempotency_key: Some(key), ..event(&node) };
                node.push(vec![event]).await.unwrap().remove(0)
            })
        });
        let mut answers = Vec::new();
        for answer in pushing {
            answers.push(answer.await.unwrap());
        }
        let new = answers.iter().filter(|answer| matches!(answer, Pushed::New(_))).count();
        let repeats =
            answers.iter().filter(|answer| matches!(answer, Pushed::Repeat { .. })).count();
        assert_eq!((new, repeats), (1, 1), "{answers:?}");
    }
    assert_eq!(number(&url, "SELECT count(*) FROM event").await, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_holds_across_nodes() {
    let url = Cluster::shared().database().await;
    let nodes: [Node; 3] = nodes(&url, 0).await;
    insert(&nodes[0], 1, Order::Endpoint).await;
    let pushing = nodes.each_ref().map(|node| {
        let node = Arc::clone(node);
        tokio::spawn(async move {
            for _ in 0..10 {
                push(&node).await;
            }
        })
    });
    for pushing in pushing {
        pushing.await.unwrap();
    }
    let mut sent = Vec::new();
    for round in 0..30 {
        let node = &nodes[round % 3];
        let jobs = lease(node, 10).await;
        assert_eq!(jobs.len(), 1, "one at a time");
        assert_eq!(lease(&nodes[(round + 1) % 3], 10).await.len(), 0);
        sent.push(jobs[0].delivery.event);
        node.settle(settlement(&jobs[0], Next::Delivered)).await.unwrap();
    }
    assert!(lease(&nodes[0], 10).await.is_empty());
    assert_eq!(sent.iter().collect::<HashSet<_>>().len(), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_disables_while_another_retries_and_neither_waits_for_the_other() {
    let url = Cluster::shared().database().await;
    execute(
        &url,
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = ''1h''', current_database()); END $$",
    )
    .await;
    let [one, other]: [Node; 2] = nodes(&url, 1).await;
    for _ in 0..2 {
        push(&one).await;
    }
    let [gone] = lease(&one, 1).await.try_into().unwrap();
    let [late] = lease(&other, 1).await.try_into().unwrap();
    let (holder, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    holder.batch_execute("BEGIN; SELECT FROM lane FOR UPDATE").await.unwrap();
    let settle = |node: &Node, settlement: Settlement| {
        let node = Arc::clone(node);
        tokio::spawn(async move { node.settle(settlement).await.unwrap() })
    };
    let disable = Some(Disable { reason: "endpoint_gone", report: None });
    let disabling = settle(&one, Settlement { disable, ..settlement(&gone, Next::Gone) });
    within(until(&url, BLOCKED, 1)).await;
    let retrying = settle(&other, settlement(&late, Next::RetryAt(now().plus_millis(60_000))));
    within(until(&url, BLOCKED, 2)).await;
    holder.batch_execute("COMMIT").await.unwrap();
    assert_eq!(within(disabling).await.unwrap(), DeliveryState::Failed);
    assert_eq!(within(retrying).await.unwrap(), DeliveryState::Cancelled);
    drop(holder);
    connection.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_others_are_at_is_looked_at_again_soon() {
    let url = Cluster::shared().database().await;
    let [store]: [Node; 1] = nodes(&url, 1).await;
    push(&store).await;
    let (holder, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    holder.batch_execute("BEGIN; SELECT FROM lane FOR UPDATE").await.unwrap();
    let request = request(10);
    let leased = store.lease(request.clone()).await.unwrap();
    assert!(leased.jobs.is_empty() && !leased.more, "{leased:?}");
    assert_eq!(leased.next_due, Some(request.now.plus_millis(10)));
    drop(holder);
    connection.await.unwrap().unwrap();
}
