//! Events in: once, and to whom they are for.

use std::future::Future;

use hookseal_server::store::{
    Endpoint, EndpointChange, EndpointKey, EndpointState, EventKey, MAX_DELIVERIES, NewEvent,
    Pushed, StoreError,
};

use crate::bed::{ACCOUNT, Bed, OTHER, PROFILE, at, delivery, endpoint, event, event_key};

pub(crate) async fn is_stored_once(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    let first = NewEvent {
        tenant: Some("t".to_owned()),
        profile: Some(PROFILE.to_owned()),
        ordering_key: Some("k".to_owned()),
        ..event(1)
    };
    assert_eq!(bed.push_new(first.clone()).await, [delivery(key, 1)]);
    let repeat = Pushed::Repeat { id: first.key.to_string(), deliveries: vec![delivery(key, 1)] };
    assert_eq!(bed.push_one(first.clone()).await, repeat);
    let stored = bed.store.event(ACCOUNT, &first.key.to_string()).await.unwrap().unwrap();
    assert_eq!(stored.event.key, first.key);
    assert_eq!(stored.event.id, first.key.to_string());
    assert_eq!(stored.event.event_type, "a.b");
    assert_eq!(stored.event.tenant, first.tenant);
    assert_eq!(stored.event.profile, first.profile);
    assert_eq!(stored.event.ordering_key, first.ordering_key);
    assert_eq!(stored.event.data, first.data);
    assert_eq!(stored.endpoints, [key]);
    assert_eq!(bed.jobs(5).await.len(), 1);
}

pub(crate) async fn tells_a_repeat_from_a_conflict(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    let named = |number, id: Option<&str>, idempotency_key: Option<&str>, content| NewEvent {
        id: id.map(str::to_owned),
        idempotency_key: idempotency_key.map(str::to_owned),
        fingerprint: [content; 16],
        ..event(number)
    };
    bed.push_new(named(1, Some("a"), Some("k"), 1)).await;
    bed.push_new(named(2, Some("b"), None, 1)).await;
    bed.push_new(named(3, None, Some("l"), 1)).await;
    let repeat = |id: &str, number| Pushed::Repeat {
        id: id.to_owned(),
        deliveries: vec![delivery(key, number)],
    };
    let by_key = event_key(3).to_string();
    for (again, expected) in [
        (named(11, Some("a"), Some("k"), 1), repeat("a", 1)),
        (named(12, Some("a"), None, 1), repeat("a", 1)),
        (named(13, None, Some("k"), 1), repeat("a", 1)),
        (named(14, None, Some("l"), 1), repeat(&by_key, 3)),
        (named(15, Some("a"), None, 2), Pushed::Conflict),
        (named(16, None, Some("k"), 2), Pushed::Conflict),
        (named(17, Some("b"), Some("k"), 1), Pushed::Conflict),
        (named(18, Some("c"), Some("k"), 2), Pushed::Conflict),
    ] {
        assert_eq!(bed.push_one(again.clone()).await, expected, "{again:?}");
    }
    // Another account has ids of its own, and whoever names nothing repeats nothing.
    let other = NewEvent { account: OTHER, ..named(19, Some("a"), Some("k"), 2) };
    assert_eq!(bed.push_one(other).await, Pushed::New(vec![]));
    bed.push_new(named(20, None, None, 1)).await;
    assert_eq!(bed.jobs(30).await.len(), 4);
}

pub(crate) async fn an_id_that_is_a_key_is_taken(bed: Bed) {
    bed.push([1]).await;
    let own = |id: EventKey, number| NewEvent { id: Some(id.to_string()), ..event(number) };
    assert_eq!(bed.push_one(own(event_key(1), 2)).await, Pushed::Conflict);
    assert_eq!(bed.push_one(own(event_key(3), 3)).await, Pushed::New(vec![]));
    assert_eq!(bed.push_one(own(event_key(9), 4)).await, Pushed::New(vec![]));
    let found = bed.store.event(ACCOUNT, &event_key(9).to_string()).await.unwrap().unwrap();
    assert_eq!(found.event.key, event_key(4));
    // An event with an id of its own is known by no other.
    assert!(bed.store.event(ACCOUNT, &event_key(4).to_string()).await.unwrap().is_none());
}

pub(crate) async fn a_late_idempotency_key_stands_for_its_event(bed: Bed) {
    let named = |number, id: &str, key: Option<&str>, content| NewEvent {
        id: Some(id.to_owned()),
        idempotency_key: key.map(str::to_owned),
        fingerprint: [content; 16],
        ..event(number)
    };
    bed.push_new(named(1, "a", None, 1)).await;
    assert!(matches!(bed.push_one(named(2, "a", Some("k"), 1)).await, Pushed::Repeat { .. }));
    assert_eq!(bed.push_one(named(3, "b", Some("k"), 2)).await, Pushed::Conflict);
    // Of those that come together the first takes it, and an event that has one takes no other.
    bed.push_new(named(4, "c", None, 1)).await;
    bed.push_new(named(5, "d", None, 1)).await;
    let late = |number, id: &str, key| named(number, id, Some(key), 1);
    let pushed = bed
        .store
        .push(vec![late(6, "c", "l"), late(7, "d", "l"), late(8, "c", "m"), late(9, "e", "l")])
        .await
        .unwrap();
    assert!(
        matches!(
            pushed[..],
            [Pushed::Repeat { .. }, Pushed::Conflict, Pushed::Repeat { .. }, Pushed::Repeat { .. }]
        ),
        "{pushed:?}"
    );
    let [taken] =
        bed.store.push(vec![named(10, "f", Some("m"), 1)]).await.unwrap().try_into().unwrap();
    assert_eq!(taken, Pushed::New(vec![]));
}

pub(crate) async fn stores_so_many_deliveries_at_once_and_no_more(bed: Bed) {
    let endpoints = 200;
    for number in 1..=endpoints {
        bed.insert(endpoint(number)).await;
    }
    let most = i64::try_from(MAX_DELIVERIES).unwrap() / endpoints;
    let named = |number: i64| NewEvent { id: Some(number.to_string()), ..event(number) };
    let events: Vec<_> = (1..=most + 1).map(named).collect();
    bed.with_intake();
    bed.intake.room(EndpointKey(1), 2000);
    let refused = bed.store.push(events.clone()).await;
    assert!(matches!(refused, Err(StoreError::TooManyDeliveries)), "{refused:?}");
    let stored = async || {
        let page = bed.store.events(ACCOUNT, &Default::default(), None, 1000).await.unwrap();
        page.len()
    };
    // Nothing of it is left, neither stored nor in memory.
    assert_eq!(stored().await, 0);
    assert!(bed.intake.taken().is_empty() && bed.jobs(5).await.is_empty());
    let fewer = &events[..events.len() - 1];
    let pushed = bed.store.push(fewer.to_vec()).await.unwrap();
    assert!(pushed.iter().all(|pushed| matches!(pushed, Pushed::New(_))));
    assert_eq!(stored().await, fewer.len());
    assert_eq!(bed.intake.taken().len(), fewer.len());
    // A repeat is no more than it was, though more would want it now; and those of others are not in its way.
    bed.insert(endpoint(endpoints + 1)).await;
    let others = (0..4).map(|other| bed.store.push(vec![event(1000 + other)]));
    let repeat = bed.store.push(fewer.to_vec());
    let (repeat, others) = tokio::join!(repeat, in_turn(others));
    assert!(repeat.unwrap().iter().all(|again| matches!(again, Pushed::Repeat { .. })));
    assert!(others.iter().all(|other| matches!(&other[..], [Pushed::New(to)] if to.len() == 201)));
    // One alone goes to all that want it: as many as there are.
    assert_eq!(bed.push([2000]).await.len(), 201);
}

async fn in_turn<T>(
    all: impl Iterator<Item = impl Future<Output = Result<T, StoreError>>>,
) -> Vec<T> {
    let mut done = Vec::new();
    for one in all {
        done.push(one.await.unwrap());
    }
    done
}

pub(crate) async fn matches_types_prefixes_and_all(bed: Bed) {
    for (number, types) in
        [(1, "a.b"), (2, "a.*"), (3, "*"), (4, "a.c"), (5, "b.*"), (6, "a.b a.* *")]
    {
        let event_types = types.split(' ').map(str::to_owned).collect();
        bed.insert(Endpoint { event_types, ..endpoint(number) }).await;
    }
    let to = |deliveries: Vec<_>| -> Vec<i64> {
        deliveries.iter().map(|key: &hookseal_server::store::DeliveryKey| key.endpoint.0).collect()
    };
    assert_eq!(to(bed.push([1]).await), [1, 2, 3, 6]);
    let other = NewEvent {
        event_type: "b.c".to_owned(),
        patterns: vec!["b.c".to_owned(), "b.*".to_owned(), "*".to_owned()],
        ..event(2)
    };
    assert_eq!(to(bed.push_new(other).await), [3, 5, 6]);
}

pub(crate) async fn matches_tenants_and_profiles(bed: Bed) {
    let of = |number, tenant: Option<&str>, profile: &str| Endpoint {
        tenant: tenant.map(str::to_owned),
        profile: profile.to_owned(),
        ..endpoint(number)
    };
    for one in [
        of(1, None, PROFILE),
        of(2, Some("t"), PROFILE),
        of(3, Some("u"), PROFILE),
        of(4, None, "naive"),
        of(5, Some("t"), "naive"),
    ] {
        bed.insert(one).await;
    }
    let expect = async |number, tenant: Option<&str>, profiles: &[&'static str], to: &[i64]| {
        let tenant = tenant.map(str::to_owned);
        let sent = NewEvent { tenant, profiles: profiles.to_vec(), ..event(number) };
        let got: Vec<_> = bed.push_new(sent).await.iter().map(|key| key.endpoint.0).collect();
        assert_eq!(got, to, "event {number}");
    };
    expect(1, None, &[PROFILE], &[1]).await;
    expect(2, Some("t"), &[PROFILE], &[1, 2]).await;
    expect(3, Some("t"), &[PROFILE, "naive"], &[1, 2, 4, 5]).await;
    expect(4, Some("v"), &["naive"], &[4]).await;
    expect(5, None, &[], &[]).await;
    expect(6, Some("t"), &[PROFILE], &[1, 2]).await;
}

pub(crate) async fn tests_name_their_endpoints(bed: Bed) {
    let silent = |number| Endpoint { event_types: Vec::new(), ..endpoint(number) };
    bed.endpoints([1]).await;
    bed.insert(Endpoint { tenant: Some("t".to_owned()), ..silent(2) }).await;
    bed.insert(Endpoint { account: OTHER, ..silent(3) }).await;
    bed.insert(Endpoint { profile: "naive".to_owned(), ..silent(4) }).await;
    bed.endpoints([5]).await;
    bed.set_state(EndpointKey(5), EndpointState::Disabled, 1).await;
    let only = [4, 2, 3, 2, 5, 99].map(EndpointKey).to_vec();
    let pushed = bed.push_new(NewEvent { only: Some(only), ..event(2) }).await;
    assert_eq!(pushed, [2, 4].map(|number| delivery(EndpointKey(number), 2)));
}

pub(crate) async fn follows_every_change_of_an_endpoint(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    let mut number = 0;
    let mut expect = async |wanted: &[i64]| {
        number += 1;
        let got: Vec<_> = bed.push([number]).await.iter().map(|key| key.endpoint.0).collect();
        assert_eq!(got, wanted, "event {number}");
    };
    expect(&[1]).await;
    bed.endpoints([2]).await;
    expect(&[1, 2]).await;
    let types = |types: &[&str]| EndpointChange {
        event_types: Some(types.iter().map(|&one| one.to_owned()).collect()),
        ..EndpointChange::default()
    };
    bed.change(key, types(&["x.y"]), 1).await;
    expect(&[2]).await;
    bed.change(key, types(&["a.*", "x.y"]), 1).await;
    expect(&[1, 2]).await;
    bed.set_state(key, EndpointState::Disabled, 1).await;
    expect(&[2]).await;
    bed.set_state(key, EndpointState::Active, 1).await;
    expect(&[1, 2]).await;
    bed.set_state(key, EndpointState::Paused, 1).await;
    expect(&[1, 2]).await;
    bed.store.delete_endpoint(ACCOUNT, key, at(1)).await.unwrap();
    expect(&[2]).await;
    let url = EndpointChange { url: Some("https://new.example/".to_owned()), ..Default::default() };
    bed.change(EndpointKey(2), url, 1).await;
    bed.with_intake();
    bed.intake.room(EndpointKey(2), 1);
    expect(&[2]).await;
    let taken = bed.intake.taken();
    assert_eq!(taken[0].target.endpoint.url, "https://new.example/");
}

pub(crate) async fn answers_in_order(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    let named = |number, content| NewEvent {
        id: Some("a".to_owned()),
        fingerprint: [content; 16],
        ..event(number)
    };
    let all = vec![event(1), named(2, 1), named(3, 2), named(4, 1), event(1), event(5)];
    let answers = bed.store.push(all).await.unwrap();
    let new = |number| Pushed::New(vec![delivery(key, number)]);
    let repeat = |id: &str, number| Pushed::Repeat {
        id: id.to_owned(),
        deliveries: vec![delivery(key, number)],
    };
    let first = event_key(1).to_string();
    let expected = [new(1), new(2), Pushed::Conflict, repeat("a", 2), repeat(&first, 1), new(5)];
    assert_eq!(answers, expected);
    assert_eq!(bed.store.push(vec![]).await.unwrap(), []);
}
