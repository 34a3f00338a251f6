//! What nodes tell each other.

use std::{
    sync::Arc,
    task::{Context, Waker},
};

use hookseal_server::{
    clock::{Clock as _, SystemClock},
    store::{
        DeliveryState, Disable, EndpointChange, EndpointKey, EndpointState, Heard, Next,
        Queue as _, SealedSecret, SecretKind, Secrets, Settlement, Store as _,
        postgres::PostgresStore,
    },
};

use crate::{
    bed::{
        ACCOUNT, COMMITTING, Node, lease, nodes, now, prepare, push, settlement, slow_commits,
        until, with_memory, within,
    },
    cluster::{Cluster, execute},
};

#[tokio::test]
async fn what_one_node_revokes_the_others_hear() {
    let url = Cluster::shared().database().await;
    let [one, other]: [Node; 2] = nodes(&url, 3).await;
    assert!(one.delete_endpoint(ACCOUNT, EndpointKey(1), now()).await.unwrap());
    assert_eq!(within(other.hear()).await, Heard::Revoked(EndpointKey(1)));
    let paused = EndpointChange { state: Some(EndpointState::Paused), ..EndpointChange::default() };
    one.change_endpoint(ACCOUNT, EndpointKey(2), paused, now()).await.unwrap().unwrap();
    assert_eq!(within(other.hear()).await, Heard::Revoked(EndpointKey(2)));
    // The other stores something that is due, and does not hear itself.
    push(&other).await;
    assert_eq!(within(one.hear()).await, Heard::Due);
    let memory = with_memory(&other);
    push(&other).await;
    let disable = Some(Disable { reason: "endpoint_gone", report: None });
    let gone = Settlement { disable, ..settlement(&memory.jobs()[0], Next::Gone) };
    assert_eq!(other.settle(gone).await.unwrap(), DeliveryState::Failed);
    assert_eq!(within(one.hear()).await, Heard::Revoked(EndpointKey(3)));
    let (_, heard) =
        tokio::join!(one.delete_endpoint(ACCOUNT, EndpointKey(3), now()), hear_one(&other));
    assert_eq!(heard, Heard::Revoked(EndpointKey(3)));
}

#[tokio::test]
async fn others_hear_of_what_was_stored_last() {
    let url = Cluster::shared().database().await;
    let [one, other]: [Node; 2] = nodes(&url, 1).await;
    for _ in 0..3 {
        // Said at once or, where that is too often, when nothing follows it.
        push(&one).await;
        assert_eq!(within(other.hear()).await, Heard::Due);
        assert_eq!(lease(&other, 10).await.len(), 1);
    }
}

#[tokio::test]
async fn others_hear_of_another_url_and_of_a_secret_that_ends_at_once() {
    let url = Cluster::shared().database().await;
    let [one, other]: [Node; 2] = nodes(&url, 3).await;
    let change = async |number, change| {
        one.change_endpoint(ACCOUNT, EndpointKey(number), change, now()).await.unwrap().unwrap();
    };
    let moved = || Some("https://example.org/".to_owned());
    change(1, EndpointChange { url: moved(), ..EndpointChange::default() }).await;
    assert_eq!(within(other.hear()).await, Heard::Revoked(EndpointKey(1)));
    // What stays the same, or holds for a while, is nobody's business.
    change(1, EndpointChange { url: moved(), ..EndpointChange::default() }).await;
    change(1, EndpointChange { description: Some(None), ..EndpointChange::default() }).await;
    let secret = || SealedSecret { kind: SecretKind::Shared, sealed: vec![1] };
    let overlap = Some((secret(), now().plus_millis(60_000)));
    for (number, previous) in [(2, overlap), (3, None)] {
        let secrets = Secrets { current: secret(), previous };
        assert!(one.put_secrets(ACCOUNT, EndpointKey(number), 1, secrets).await.unwrap());
    }
    assert_eq!(within(other.hear()).await, Heard::Revoked(EndpointKey(3)));
}

#[tokio::test]
async fn what_changed_while_nobody_was_heard_is_found_out() {
    let url = Cluster::shared().database().await;
    let [node]: [Node; 1] = nodes(&url, 3).await;
    with_memory(&node);
    push(&node).await;
    execute(
        &url,
        "UPDATE endpoint SET url = 'https://example.org/', version = version + 1 WHERE key = 2",
    )
    .await;
    execute(
        &url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND query IN ('LISTEN hookseal', 'SELECT pg_backend_pid()')",
    )
    .await;
    assert_eq!(within(node.hear()).await, Heard::Revoked(EndpointKey(2)));
    assert_eq!(within(node.hear()).await, Heard::Due);
}

/// The first thing that is heard, once it is done: whoever asks for more has done what was said.
async fn hear_one(node: &Node) -> Heard {
    let heard = within(node.hear()).await;
    let mut more = node.hear();
    assert!(more.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    heard
}

#[tokio::test]
async fn a_deletion_is_answered_once_the_others_have_done_what_it_says() {
    let url = Cluster::shared().database().await;
    let [one, other, idle]: [Node; 3] = nodes(&url, 1).await;
    with_memory(&other);
    let mut deleting = Box::pin(one.delete_endpoint(ACCOUNT, EndpointKey(1), now()));
    tokio::select! {
        _ = &mut deleting => panic!("nobody has heard it"),
        heard = within(other.hear()) => assert_eq!(heard, Heard::Revoked(EndpointKey(1))),
    }
    // It is told, and has not yet done it.
    let clock = SystemClock::new();
    tokio::select! {
        _ = &mut deleting => panic!("it is not done"),
        () = clock.sleep_until(clock.now().plus_millis(300)) => {}
    }
    tokio::select! {
        deleted = within(&mut deleting) => assert!(deleted.unwrap()),
        _ = other.hear() => panic!("nothing more is said"),
    }
    drop(idle);
}

#[tokio::test]
async fn what_is_just_being_committed_is_broken_off_before_the_answer() {
    let url = Cluster::shared().database().await;
    let [one, other]: [Node; 2] = nodes(&url, 1).await;
    let memory = with_memory(&other);
    execute(&url, &slow_commits("event")).await;
    let pushing = {
        let other = Node::clone(&other);
        tokio::spawn(async move { push(&other).await })
    };
    within(until(&url, COMMITTING, 1)).await;
    let deleting = {
        let one = Node::clone(&one);
        tokio::spawn(async move { one.delete_endpoint(ACCOUNT, EndpointKey(1), now()).await })
    };
    // Once at once, and once more when there is something to break off.
    assert_eq!(within(other.hear()).await, Heard::Revoked(EndpointKey(1)));
    assert!(memory.jobs().is_empty());
    while memory.jobs().is_empty() {
        assert!(!deleting.is_finished());
        tokio::task::yield_now().await;
    }
    while within(other.hear()).await != Heard::Revoked(EndpointKey(1)) {}
    assert!(!deleting.is_finished());
    tokio::select! {
        deleted = within(deleting) => assert!(deleted.unwrap().unwrap()),
        () = async { loop { other.hear().await; } } => {}
    }
    pushing.await.unwrap();
}

#[tokio::test]
async fn a_node_that_stands_still_is_waited_for_until_its_lease_ends() {
    let url = Cluster::shared().database().await;
    let open = |lease| PostgresStore::open_with_lease(&url, Arc::new(SystemClock::new()), lease);
    let still = Arc::new(open(2000).await.unwrap());
    let one = Arc::new(open(60_000).await.unwrap());
    prepare(&one, 2).await;
    with_memory(&still);
    assert!(still.heartbeat().await.unwrap());
    assert!(within(one.delete_endpoint(ACCOUNT, EndpointKey(1), now())).await.unwrap());
    // By then it begins nothing more.
    assert!(still.lease_end().unwrap() <= still.clock().elapsed());
    // This node itself was not kept waiting.
    assert_eq!(within(one.hear()).await, Heard::Revoked(EndpointKey(1)));
}

#[tokio::test]
async fn a_deletion_whose_answer_is_lost_is_one_all_the_same() {
    let url = Cluster::shared().database().await;
    let [one]: [Node; 1] = nodes(&url, 1).await;
    execute(
        &url,
        "CREATE SEQUENCE times;
         CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('times') = 1 THEN RAISE 'again' USING ERRCODE = '40001'; END IF; RETURN NULL;
         END $$;
         CREATE CONSTRAINT TRIGGER fail AFTER UPDATE ON endpoint DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION fail()",
    )
    .await;
    assert!(one.delete_endpoint(ACCOUNT, EndpointKey(1), now()).await.unwrap());
    // Whatever the first try did, this node does what it says.
    assert_eq!(within(one.hear()).await, Heard::Revoked(EndpointKey(1)));
    assert!(!one.delete_endpoint(ACCOUNT, EndpointKey(1), now()).await.unwrap());
}

#[tokio::test]
async fn a_node_that_leaves_says_that_what_it_gave_back_is_due() {
    let url = Cluster::shared().database().await;
    let [leaving, other]: [Node; 2] = nodes(&url, 1).await;
    with_memory(&leaving);
    leaving.leave().await.unwrap();
    assert_eq!(within(other.hear()).await, Heard::Due);
}
