//! What a node does first, and what it refuses.

use std::{collections::HashSet, sync::Arc};

use hookseal_server::{
    clock::SystemClock,
    store::{Order, Queue as _, postgres::PostgresStore},
};

use crate::{
    bed::{Node, insert, node, nodes, now, push},
    cluster::{Cluster, execute, number},
};

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_make_the_tables_once() {
    let url = Cluster::shared().database().await;
    let starting: Vec<_> = (0..6)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { node(&url).await })
        })
        .collect();
    let mut numbers = HashSet::new();
    for node in starting {
        // The number of the node is in what it mints.
        numbers.insert(node.await.unwrap().mint(now()) >> 11 & 1023);
    }
    assert_eq!(numbers.len(), 6);
    let (rows, numbers) = (
        "SELECT count(*) FROM hookseal_version",
        "SELECT count(DISTINCT number) FROM hookseal_version",
    );
    assert_eq!(number(&url, rows).await, number(&url, numbers).await);
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let url = Cluster::shared().database().await;
    drop(node(&url).await);
    execute(&url, "INSERT INTO hookseal_version VALUES (99)").await;
    let error =
        PostgresStore::open(&url, Arc::new(SystemClock::new())).await.unwrap_err().to_string();
    assert!(error.contains("99") && error.contains("newer"), "{error}");
}

#[tokio::test]
async fn errors_do_not_hold_the_password() {
    for url in ["postgres://me:hunter2@127.0.0.1:1/none", "postgres://me:hunter2@%2Fnowhere/none"] {
        let error =
            PostgresStore::open(url, Arc::new(SystemClock::new())).await.unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn what_is_committed_is_on_disk_whatever_the_database_says() {
    let url = Cluster::shared().database().await;
    execute(
        &url,
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$",
    )
    .await;
    let [store]: [Node; 1] = nodes(&url, 1).await;
    execute(
        &url,
        "CREATE FUNCTION check_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF current_setting('synchronous_commit') <> 'on' THEN RAISE 'not on disk'; END IF;
             RETURN NULL;
         END $$;
         CREATE TRIGGER written AFTER INSERT ON event EXECUTE FUNCTION check_commit();
         CREATE TRIGGER changed AFTER INSERT OR UPDATE ON endpoint EXECUTE FUNCTION check_commit()",
    )
    .await;
    push(&store).await;
    insert(&store, 2, Order::None).await;
}
