//! Deliveries that go to memory while they are accepted.

use hookseal_server::store::{
    DeliveryState, Endpoint, EndpointKey, EndpointSettings, EndpointState, Health, NewEvent, Next,
    Order, Pushed, Settlement,
};

use crate::bed::{Bed, Call, at, delivery, endpoint, event, failing, numbers, settlement};

pub(crate) async fn takes_what_there_is_room_for(bed: Bed) {
    let [one, two] = bed.endpoints([1, 2]).await;
    bed.with_intake();
    bed.intake.room(one, 1);
    bed.intake.room(two, 1);
    bed.push([1]).await;
    let calls = bed.intake.calls();
    let bytes = event(1).data.len();
    for (call, endpoint) in calls.iter().zip([one, two]) {
        let Call::Reserve(reserved, health, size) = call else { panic!("{call:?}") };
        assert_eq!((*reserved, *health, *size), (endpoint, Health::default(), bytes));
    }
    let [.., Call::Take(jobs)] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!(calls.len(), 3);
    for (job, endpoint) in jobs.iter().zip([one, two]) {
        assert_eq!(job.delivery, delivery(endpoint, 1));
        assert_eq!((job.attempt, job.step, job.first_attempt_at), (1, 1, None));
        assert_eq!(job.target.endpoint.key, endpoint);
        assert_eq!(job.event.data, event(1).data);
        assert_eq!(bed.state(job.delivery).await, (DeliveryState::Delivering, None));
    }
    assert_eq!(jobs.len(), 2);
    // They are the node's: nobody gets them by a lease.
    assert!(bed.jobs(10).await.is_empty());
}

pub(crate) async fn stores_what_there_is_no_room_for(bed: Bed) {
    let [one, two] = bed.endpoints([1, 2]).await;
    bed.with_intake();
    bed.intake.room(one, 1);
    bed.push([1, 2]).await;
    let calls = bed.intake.calls();
    assert!(calls.iter().any(|call| matches!(call, Call::Wake)));
    let stored = bed.jobs(10).await;
    let mut keys: Vec<_> = stored.iter().map(|job| job.delivery).collect();
    keys.sort_unstable();
    assert_eq!(keys, [delivery(one, 2), delivery(two, 1), delivery(two, 2)]);
}

pub(crate) async fn knows_the_health_of_an_endpoint(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.with_intake();
    bed.intake.room(key, 1);
    bed.push([1]).await;
    let [job] = bed.intake.taken().try_into().unwrap();
    let health = failing(2, 4, Some(90));
    let failed = Settlement { health: Some(health), ..settlement(&job, Next::RetryAt(at(50)), 5) };
    bed.store.settle(failed).await.unwrap();
    bed.push([6]).await;
    let calls = bed.intake.calls();
    let asked = calls.iter().find_map(|call| match call {
        Call::Reserve(_, health, _) => Some(*health),
        _ => None,
    });
    assert_eq!(asked, Some(health));
    bed.intake.room(key, 1);
    bed.push([7]).await;
    let [job] = bed.intake.taken().try_into().unwrap();
    assert_eq!(job.health, health);
}

pub(crate) async fn hands_over_before_it_answers(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.with_intake();
    bed.intake.room(key, 3);
    let events = vec![event(1), event(2)];
    assert_eq!(bed.store.push(events).await.unwrap().len(), 2);
    assert_eq!(numbers(&bed.intake.taken()), [1, 2]);
    bed.push([3]).await;
    assert_eq!(numbers(&bed.intake.taken()), [3]);
}

pub(crate) async fn gets_its_room_back_when_nothing_is_stored(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.with_intake();
    bed.intake.room(key, 9);
    let named = |number, content| NewEvent {
        id: Some("a".to_owned()),
        fingerprint: [content; 16],
        ..event(number)
    };
    bed.push_new(named(1, 1)).await;
    bed.intake.calls();
    assert_eq!(bed.push_one(named(2, 2)).await, Pushed::Conflict);
    assert!(matches!(bed.push_one(named(3, 1)).await, Pushed::Repeat { .. }));
    let (mut reserved, mut released, mut taken) = (0, 0, 0);
    for call in bed.intake.calls() {
        match call {
            Call::Reserve(..) => reserved += 1,
            Call::Release(endpoint, bytes) => {
                assert_eq!((endpoint, bytes), (key, event(1).data.len()));
                released += 1;
            }
            Call::Take(jobs) => taken += jobs.len(),
            Call::Wake => {}
        }
    }
    assert_eq!((reserved, taken), (released, 0));
}

pub(crate) async fn is_not_asked_for_what_has_to_wait(bed: Bed) {
    let ordered = bed.ordered(1, Order::Endpoint).await;
    let by_key = bed.ordered(2, Order::Key).await;
    let [paused] = bed.endpoints([3]).await;
    bed.set_state(paused, EndpointState::Paused, 1).await;
    bed.with_intake();
    for key in [ordered, by_key, paused] {
        bed.intake.room(key, 9);
    }
    bed.push_new(NewEvent { ordering_key: Some("k".to_owned()), ..event(2) }).await;
    assert!(bed.intake.taken().is_empty());
    // Without a key, an order by key is none.
    bed.push([3]).await;
    let taken: Vec<EndpointKey> =
        bed.intake.taken().iter().map(|job| job.target.endpoint.key).collect();
    assert_eq!(taken, [by_key]);
}

pub(crate) async fn gets_what_goes_at_once_without_being_asked(bed: Bed) {
    let ordered = EndpointSettings { order: Order::Endpoint, ..EndpointSettings::default() };
    bed.insert(Endpoint { settings: ordered, ..endpoint(1) }).await;
    let key = EndpointKey(1);
    bed.push([1]).await;
    bed.set_state(key, EndpointState::Paused, 1).await;
    bed.with_intake();
    let at_once = NewEvent { only: Some(vec![key]), at_once: true, ..event(2) };
    assert_eq!(bed.push_new(at_once).await, [delivery(key, 2)]);
    let calls = bed.intake.calls();
    let [Call::Take(jobs)] = calls.as_slice() else { panic!("{calls:?}") };
    let [job] = jobs.as_slice() else { panic!("{jobs:?}") };
    assert_eq!((job.delivery, job.at_once), (delivery(key, 2), true));
    assert_eq!(bed.state(job.delivery).await, (DeliveryState::Delivering, None));

    // It is over with its first attempt, and the one before it in the order still waits.
    let next = Next::GiveUp(hookseal::GiveUpReason::AttemptsExhausted);
    let state = bed.store.settle(settlement(job, next, 9)).await.unwrap();
    assert_eq!(state, DeliveryState::Failed);
    assert!(bed.jobs(10).await.is_empty());
    bed.set_state(key, EndpointState::Active, 11).await;
    assert_eq!(numbers(&bed.jobs(12).await), [1]);
}
