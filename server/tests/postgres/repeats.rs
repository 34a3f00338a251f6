//! Outcomes that are told more than once.

use hookseal_server::store::{DeliveryState, Next, Queue as _, Replay, Settlement, Store as _};

use crate::{
    bed::{ACCOUNT, Node, expire, lease, nodes, now, push, settlement},
    cluster::{Cluster, number},
};

#[tokio::test]
async fn an_outcome_that_is_told_again_after_others_is_one_all_the_same() {
    let url = Cluster::shared().database().await;
    let [one, other]: [Node; 2] = nodes(&url, 1).await;
    let [key] = push(&one).await.try_into().unwrap();
    let [job] = lease(&one, 1).await.try_into().unwrap();
    let delivered = settlement(&job, Next::Delivered);
    assert_eq!(one.settle(delivered.clone()).await.unwrap(), DeliveryState::Delivered);
    assert_eq!(other.replay(ACCOUNT, Replay::Delivery(key), now()).await.unwrap(), Some(1));
    let [again] = lease(&other, 1).await.try_into().unwrap();
    let retry = settlement(&again, Next::RetryAt(now().plus_millis(60_000)));
    assert_eq!(other.settle(retry).await.unwrap(), DeliveryState::Pending);
    for node in [&one, &other] {
        assert_eq!(node.settle(delivered.clone()).await.unwrap(), DeliveryState::Pending);
    }
    let (_, attempts) = one.delivery(ACCOUNT, key).await.unwrap().unwrap();
    assert_eq!(attempts.len(), 2);
}

/// A node was taken for dead, another took over, and the first took the same delivery once more: what it began before and
/// what it has since come to their ends together.
#[tokio::test]
async fn what_was_taken_before_is_not_in_the_way_of_what_was_taken_since() {
    let url = Cluster::shared().database().await;
    let [one, other]: [Node; 2] = nodes(&url, 1).await;
    push(&one).await;
    let [before] = lease(&one, 1).await.try_into().unwrap();
    expire(&url, &[&other]).await;
    assert_eq!(other.recover(now()).await.unwrap(), 1);
    assert!(!one.heartbeat().await.unwrap(), "it learns of it");
    let [since] = lease(&one, 1).await.try_into().unwrap();
    // In one commit, because the writer gets to neither of them before both are there.
    let (late, given_back) = tokio::join!(
        one.settle(settlement(&before, Next::RetryAt(now().plus_millis(60_000)))),
        one.settle(Settlement { attempt: None, ..settlement(&since, Next::Release(now())) }),
    );
    assert_eq!(late.unwrap(), DeliveryState::Delivering, "it counts for nothing");
    assert_eq!(given_back.unwrap(), DeliveryState::Pending);
    assert_eq!(number(&url, "SELECT count(*) FROM claim").await, 0);
    let [again] = lease(&other, 1).await.try_into().unwrap();
    assert_eq!((again.delivery, again.attempt), (since.delivery, since.attempt));
}
