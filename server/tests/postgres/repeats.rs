//! Outcomes that are told more than once.

use hookseal_server::store::{DeliveryState, Next, Queue as _, Replay, Store as _};

use crate::{
    bed::{ACCOUNT, Node, lease, nodes, now, push, settlement},
    cluster::Cluster,
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
