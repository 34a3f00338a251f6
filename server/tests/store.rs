//! What every engine of the store must do. Each engine runs the same list.

#![cfg(test)]

use std::{collections::HashMap, sync::Arc};

use hookseal::{GiveUpReason, Timestamp};
use hookseal_server::{
    rng::SeededRng,
    store::{
        Attempt, DeliveryState, Endpoint, EndpointSecret, EndpointState, KeyOrigin, LeaseRequest,
        NewEvent, Next, Pushed, PushedDelivery, Queue, SealedSecret, Settlement, Store,
        sqlite::SqliteStore,
    },
};

trait Engine: Store + Queue {}
impl<T: Store + Queue> Engine for T {}

#[tokio::test]
async fn sqlite() {
    let data = tempfile::tempdir().unwrap();
    let behaviours: [(&str, AsyncBehaviour); 12] = [
        ("keys", |store| Box::pin(keys(store))),
        ("settings", |store| Box::pin(settings(store))),
        ("endpoints", |store| Box::pin(endpoints(store))),
        ("accounts_are_apart", |store| Box::pin(accounts_are_apart(store))),
        ("pushes_once", |store| Box::pin(pushes_once(store))),
        ("leases_within_its_limits", |store| Box::pin(leases_within_its_limits(store))),
        ("settles_each_way", |store| Box::pin(settles_each_way(store))),
        ("deletion_cancels", |store| Box::pin(deletion_cancels(store))),
        ("recovers", |store| Box::pin(recovers(store))),
        ("gives_up_what_kills", |store| Box::pin(gives_up_what_kills(store))),
        ("keeps_room_for_others", |store| Box::pin(keeps_room_for_others(store))),
        ("unused_keys_are_replaced", |store| Box::pin(unused_keys_are_replaced(store))),
    ];
    for (name, behaviour) in behaviours {
        let path = data.path().join(name);
        let store = SqliteStore::open(&path, Arc::new(SeededRng::new(1))).unwrap();
        behaviour(Arc::new(store)).await;
    }
}

type AsyncBehaviour = fn(Arc<dyn Engine>) -> std::pin::Pin<Box<dyn Future<Output = ()>>>;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

async fn with_endpoints(store: &dyn Engine, ids: &[&str]) {
    store.put_key("acct", [1; 32], KeyOrigin::Generated, at(0)).await.unwrap();
    for id in ids {
        let secret = SealedSecret { kind: EndpointSecret::Shared, sealed: vec![7, 8, 9] };
        store.insert_endpoint(endpoint(id, "acct"), secret).await.unwrap();
    }
}

fn endpoint(id: &str, account: &str) -> Endpoint {
    Endpoint {
        id: id.to_owned(),
        account: account.to_owned(),
        url: "https://example.com/".to_owned(),
        event_types: vec!["*".to_owned()],
        profile: "standard_webhooks".to_owned(),
        tenant: None,
        description: None,
        state: EndpointState::Active,
        secret: EndpointSecret::Shared,
        created_at: at(5),
    }
}

fn event(id: &str, millis: i64) -> NewEvent {
    NewEvent {
        account: "acct".to_owned(),
        id: id.to_owned(),
        event_type: "a.b".to_owned(),
        tenant: None,
        profile: None,
        data: r#"{"n":1}"#.to_owned(),
        fingerprint: [0; 32],
        idempotency_key: None,
        patterns: vec!["a.b".to_owned(), "*".to_owned()],
        profiles: vec!["standard_webhooks"],
        now: at(millis),
    }
}

async fn push(store: &dyn Engine, event: NewEvent) -> Vec<PushedDelivery> {
    match store.push(event).await.unwrap() {
        Pushed::New(deliveries) => deliveries,
        other => panic!("not new: {other:?}"),
    }
}

fn lease(limit: u32, now: i64) -> LeaseRequest {
    LeaseRequest {
        limit,
        shared: 100,
        per_endpoint: 100,
        busy: HashMap::new(),
        silent: Arc::default(),
        after: String::new(),
        now: at(now),
    }
}

async fn leased_ids(store: &dyn Engine, request: LeaseRequest) -> Vec<String> {
    store.lease(request).await.unwrap().jobs.into_iter().map(|job| job.delivery_id).collect()
}

fn settlement(delivery: &str, number: u32, next: Next, now: i64) -> Settlement {
    let attempt = Attempt {
        number,
        started_at: at(now - 3),
        duration_ms: 3,
        status: Some(500),
        error: None,
        response_body: b"\xffno".to_vec(),
    };
    Settlement { delivery_id: delivery.to_owned(), attempt, next, now: at(now) }
}

async fn keys(store: Arc<dyn Engine>) {
    assert_eq!(store.first_account().await.unwrap(), None);
    store.put_key("acct", [1; 32], KeyOrigin::Generated, at(1)).await.unwrap();
    store.put_key("acct", [2; 32], KeyOrigin::Environment, at(2)).await.unwrap();
    assert_eq!(store.first_account().await.unwrap().as_deref(), Some("acct"));
    store.put_key("acct", [3; 32], KeyOrigin::Environment, at(3)).await.unwrap();
    for (hash, account) in [([1; 32], Some("acct")), ([2; 32], None), ([3; 32], Some("acct"))] {
        let owner = store.owner_of_key(hash).await.unwrap().map(|owner| owner.account);
        assert_eq!(owner.as_deref(), account);
    }
}

async fn settings(store: Arc<dyn Engine>) {
    assert_eq!(store.setting("x").await.unwrap(), None);
    store.put_setting("x", vec![1]).await.unwrap();
    store.put_setting("x", vec![2, 3]).await.unwrap();
    assert_eq!(store.setting("x").await.unwrap(), Some(vec![2, 3]));
    store.ping().await.unwrap();
}

async fn endpoints(store: Arc<dyn Engine>) {
    with_endpoints(&*store, &["ep_2", "ep_1"]).await;
    let all = store.endpoints("acct").await.unwrap();
    assert_eq!(all, [endpoint("ep_1", "acct"), endpoint("ep_2", "acct")]);
    assert_eq!(store.endpoint("acct", "ep_2").await.unwrap(), Some(endpoint("ep_2", "acct")));
    let twice = SealedSecret { kind: EndpointSecret::None, sealed: Vec::new() };
    assert!(store.insert_endpoint(endpoint("ep_1", "acct"), twice).await.is_err());
    assert!(store.delete_endpoint("acct", "ep_1", at(6)).await.unwrap());
    assert!(!store.delete_endpoint("acct", "ep_1", at(7)).await.unwrap());
    assert_eq!(store.endpoint("acct", "ep_1").await.unwrap(), None);
    assert_eq!(store.endpoints("acct").await.unwrap().len(), 1);
}

async fn accounts_are_apart(store: Arc<dyn Engine>) {
    with_endpoints(&*store, &["ep_1"]).await;
    store.put_key("other", [2; 32], KeyOrigin::Generated, at(0)).await.unwrap();
    let delivery = push(&*store, event("evt_1", 1)).await.remove(0).id;
    assert!(store.event("acct", "evt_1").await.unwrap().is_some());
    assert!(store.delivery("acct", &delivery).await.unwrap().is_some());
    assert!(store.event("other", "evt_1").await.unwrap().is_none());
    assert!(store.delivery("other", &delivery).await.unwrap().is_none());
    assert!(store.endpoint("other", "ep_1").await.unwrap().is_none());
    assert!(!store.delete_endpoint("other", "ep_1", at(2)).await.unwrap());
    let theirs = NewEvent { account: "other".to_owned(), ..event("evt_1", 2) };
    assert_eq!(push(&*store, theirs).await, []);
}

async fn pushes_once(store: Arc<dyn Engine>) {
    with_endpoints(&*store, &["ep_1", "ep_2"]).await;
    let keyed =
        |id: &str, key: &str| NewEvent { idempotency_key: Some(key.to_owned()), ..event(id, 1) };
    let deliveries = push(&*store, keyed("evt_1", "k1")).await;
    assert_eq!(
        deliveries.iter().map(|d| d.endpoint.as_str()).collect::<Vec<_>>(),
        ["ep_1", "ep_2"]
    );

    let repeat = Pushed::Repeat { id: "evt_1".to_owned(), deliveries };
    assert_eq!(store.push(keyed("evt_2", "k1")).await.unwrap(), repeat);
    assert_eq!(store.push(keyed("evt_1", "k2")).await.unwrap(), repeat);
    assert_eq!(store.push(event("evt_1", 9)).await.unwrap(), repeat);
    // The repeat has taken its key as well.
    let under_k2 = |fingerprint| NewEvent { fingerprint, ..keyed("evt_4", "k2") };
    assert_eq!(store.push(under_k2([0; 32])).await.unwrap(), repeat);
    assert_eq!(store.push(under_k2([1; 32])).await.unwrap(), Pushed::Conflict);
    let other = NewEvent { fingerprint: [1; 32], ..keyed("evt_3", "k1") };
    assert_eq!(store.push(other).await.unwrap(), Pushed::Conflict);
    let other = NewEvent { fingerprint: [1; 32], ..event("evt_1", 1) };
    assert_eq!(store.push(other).await.unwrap(), Pushed::Conflict);
    assert!(store.event("acct", "evt_2").await.unwrap().is_none());
}

async fn leases_within_its_limits(store: Arc<dyn Engine>) {
    with_endpoints(&*store, &["ep_1", "ep_2", "ep_3"]).await;
    for n in 0..4 {
        push(&*store, event(&format!("evt_{n}"), 10 + n)).await;
    }
    assert_eq!(leased_ids(&*store, lease(100, 9)).await.len(), 0);
    assert_eq!(store.lease(lease(100, 9)).await.unwrap().next_due, Some(at(10)));

    // Two at most each, one endpoint has one running, one has all.
    let busy = HashMap::from([("ep_1".to_owned(), 1), ("ep_2".to_owned(), 2)]);
    let leased =
        store.lease(LeaseRequest { per_endpoint: 2, busy, ..lease(100, 12) }).await.unwrap();
    let got: Vec<_> =
        leased.jobs.iter().map(|j| (j.endpoint_id.as_str(), j.event.id.as_str())).collect();
    assert_eq!(got, [("ep_1", "evt_0"), ("ep_3", "evt_0"), ("ep_3", "evt_1")]);
    assert!(leased.more);
    assert_eq!(leased.next_due, Some(at(13)));
    assert_eq!((leased.jobs[0].attempt, leased.jobs[0].first_attempt_at), (1, None));
    assert_eq!(leased.jobs[0].secret.sealed, [7, 8, 9]);

    // The walk goes on behind the endpoint served last, and comes round.
    let request = LeaseRequest { after: "ep_2".to_owned(), ..lease(4, 13) };
    let leased = store.lease(request).await.unwrap();
    let got: Vec<_> =
        leased.jobs.iter().map(|j| (j.endpoint_id.as_str(), j.event.id.as_str())).collect();
    assert_eq!(got, [("ep_3", "evt_2"), ("ep_3", "evt_3"), ("ep_1", "evt_1"), ("ep_1", "evt_2")]);

    let rest = store.lease(lease(100, 13)).await.unwrap();
    assert_eq!((rest.jobs.len(), rest.more, rest.next_due), (5, false, None));
}

async fn settles_each_way(store: Arc<dyn Engine>) {
    with_endpoints(&*store, &["ep_1"]).await;
    let state = async |id: &str| {
        let delivery = store.delivery("acct", id).await.unwrap().unwrap();
        (delivery.state, delivery.reason, delivery.next_attempt_at, delivery.attempts.len())
    };
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(push(&*store, event(&format!("evt_{n}"), n)).await.remove(0).id);
    }
    assert_eq!(leased_ids(&*store, lease(100, 9)).await, ids);
    assert_eq!(state(&ids[0]).await, (DeliveryState::Delivering, None, None, 0));

    let settled = settlement(&ids[0], 1, Next::Delivered, 20);
    assert_eq!(store.settle(settled.clone()).await.unwrap(), DeliveryState::Delivered);
    // The answer was lost, the settlement comes again.
    assert_eq!(store.settle(settled.clone()).await.unwrap(), DeliveryState::Delivered);
    assert_eq!(state(&ids[0]).await, (DeliveryState::Delivered, None, None, 1));
    assert_eq!(store.delivery("acct", &ids[0]).await.unwrap().unwrap().attempts, [settled.attempt]);

    store.settle(settlement(&ids[1], 1, Next::GiveUp(GiveUpReason::TooOld), 20)).await.unwrap();
    assert_eq!(state(&ids[1]).await, (DeliveryState::Failed, Some("too_old".to_owned()), None, 1));

    store.settle(settlement(&ids[2], 1, Next::RetryAt(at(50)), 20)).await.unwrap();
    assert_eq!(state(&ids[2]).await, (DeliveryState::Pending, None, Some(at(50)), 1));
    assert_eq!(leased_ids(&*store, lease(100, 49)).await.len(), 0);
    let job = store.lease(lease(100, 50)).await.unwrap().jobs.remove(0);
    assert_eq!((job.attempt, job.first_attempt_at), (2, Some(at(17))));
    store.settle(settlement(&ids[2], 2, Next::RetryAt(at(90)), 60)).await.unwrap();

    store.settle(settlement(&ids[3], 1, Next::Disable, 70)).await.unwrap();
    assert_eq!(state(&ids[3]).await.0, DeliveryState::Failed);
    assert_eq!(
        state(&ids[2]).await,
        (DeliveryState::Cancelled, Some("endpoint_gone".to_owned()), None, 2)
    );
    assert_eq!(
        store.endpoint("acct", "ep_1").await.unwrap().unwrap().state,
        EndpointState::Disabled
    );
    assert_eq!(push(&*store, event("evt_9", 80)).await, []);
}

async fn deletion_cancels(store: Arc<dyn Engine>) {
    with_endpoints(&*store, &["ep_1"]).await;
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(push(&*store, event(&format!("evt_{n}"), n)).await.remove(0).id);
    }
    // Three run, one waits.
    assert_eq!(leased_ids(&*store, lease(3, 9)).await.len(), 3);
    assert!(store.delete_endpoint("acct", "ep_1", at(10)).await.unwrap());
    for id in &ids {
        assert_eq!(
            store.delivery("acct", id).await.unwrap().unwrap().state,
            DeliveryState::Cancelled
        );
    }
    assert_eq!(leased_ids(&*store, lease(100, 99)).await.len(), 0);
    // What was under way ends as it really ended, but never waits again.
    for (id, next, state) in [
        (&ids[0], Next::Delivered, DeliveryState::Delivered),
        (&ids[1], Next::RetryAt(at(50)), DeliveryState::Cancelled),
        (&ids[2], Next::Cancelled, DeliveryState::Cancelled),
    ] {
        assert_eq!(store.settle(settlement(id, 1, next, 20)).await.unwrap(), state);
    }
    assert_eq!(leased_ids(&*store, lease(100, 99)).await.len(), 0);
}

async fn recovers(store: Arc<dyn Engine>) {
    with_endpoints(&*store, &["ep_1", "ep_2"]).await;
    push(&*store, event("evt_1", 1)).await;
    assert_eq!(leased_ids(&*store, lease(100, 2)).await.len(), 2);
    store.delete_endpoint("acct", "ep_2", at(3)).await.unwrap();
    assert_eq!(leased_ids(&*store, lease(100, 4)).await.len(), 0);
    assert_eq!(store.recover(at(5)).await.unwrap(), 1);
    assert_eq!(store.recover(at(5)).await.unwrap(), 0);
    let job = store.lease(lease(100, 5)).await.unwrap().jobs.remove(0);
    assert_eq!((job.endpoint_id.as_str(), job.attempt), ("ep_1", 2));
    assert_eq!(job.first_attempt_at, Some(at(2)));
    let attempts = store.delivery("acct", &job.delivery_id).await.unwrap().unwrap().attempts;
    assert_eq!(
        (attempts.len(), attempts[0].number, attempts[0].error.as_deref()),
        (1, 1, Some("interrupted"))
    );
    store.settle(settlement(&job.delivery_id, 2, Next::Delivered, 9)).await.unwrap();
    assert_eq!(store.delivery("acct", &job.delivery_id).await.unwrap().unwrap().attempts.len(), 2);
}

async fn gives_up_what_kills(store: Arc<dyn Engine>) {
    with_endpoints(&*store, &["ep_1"]).await;
    let id = push(&*store, event("evt_1", 1)).await.remove(0).id;
    for recovered in [1, 1, 1, 1, 1, 0] {
        assert_eq!(leased_ids(&*store, lease(1, 5)).await.len(), 1);
        assert_eq!(store.recover(at(5)).await.unwrap(), recovered);
    }
    let delivery = store.delivery("acct", &id).await.unwrap().unwrap();
    assert_eq!(
        (delivery.state, delivery.reason.as_deref(), delivery.attempts.len()),
        (DeliveryState::Failed, Some("interrupted"), 6)
    );
}

async fn keeps_room_for_others(store: Arc<dyn Engine>) {
    with_endpoints(&*store, &["ep_1", "ep_2", "ep_3", "ep_4"]).await;
    for n in 0..9 {
        push(&*store, event(&format!("evt_{n}"), n)).await;
    }
    // Six free, of which two are kept; ep_1 is busy, ep_2 silent.
    let request = LeaseRequest {
        shared: 4,
        busy: HashMap::from([("ep_1".to_owned(), 1)]),
        silent: Arc::new(["ep_2".to_owned()].into()),
        per_endpoint: 3,
        ..lease(6, 20)
    };
    let leased = store.lease(request).await.unwrap();
    let got: Vec<_> = leased.jobs.iter().map(|job| job.endpoint_id.as_str()).collect();
    assert_eq!(got, ["ep_1", "ep_1", "ep_2", "ep_3", "ep_4"]);
    assert!(leased.more);

    let request = LeaseRequest {
        shared: 0,
        busy: HashMap::from([
            ("ep_1".to_owned(), 3),
            ("ep_2".to_owned(), 1),
            ("ep_3".to_owned(), 1),
        ]),
        silent: Arc::new(["ep_2".to_owned()].into()),
        ..lease(6, 20)
    };
    let leased = store.lease(request).await.unwrap();
    let got: Vec<_> = leased.jobs.iter().map(|job| job.endpoint_id.as_str()).collect();
    assert_eq!(got, ["ep_4"]);
}

async fn unused_keys_are_replaced(store: Arc<dyn Engine>) {
    let put = async |key: u8| {
        store.put_key("acct", [key; 32], KeyOrigin::Generated, at(1)).await.unwrap();
    };
    let known = async |key: u8| store.owner_of_key([key; 32]).await.unwrap().is_some();
    put(1).await;
    assert!(store.has_unused_key("acct").await.unwrap());
    put(2).await;
    assert!(!known(1).await && known(2).await);
    store.mark_key_used([2; 32]).await.unwrap();
    assert!(!store.has_unused_key("acct").await.unwrap());
    put(3).await;
    assert!(known(2).await && known(3).await);
}
