//! What became of events.

use hookseal::GiveUpReason;
use hookseal_server::store::{
    DeliveryFilter, DeliveryKey, DeliveryState, Endpoint, EndpointKey, EventFilter, NewEvent, Next,
};

use crate::bed::{ACCOUNT, Bed, at, delivery, endpoint, event, event_key};

pub(crate) async fn an_event_shows_its_deliveries(bed: Bed) {
    let [one, two, three] = bed.endpoints([1, 2, 3]).await;
    bed.with_intake();
    bed.intake.room(two, 1);
    bed.intake.room(three, 1);
    bed.push_new(NewEvent { id: Some("mine".to_owned()), ..event(1) }).await;
    let jobs = bed.intake.taken();
    bed.settle(&jobs[1], Next::Delivered, 5).await;
    let detail = bed.store.event(ACCOUNT, "mine").await.unwrap().unwrap();
    assert_eq!((detail.event.id.as_str(), detail.event.key), ("mine", event_key(1)));
    assert_eq!(detail.endpoints, [one, two, three]);
    let found = bed.store.deliveries_of(&detail.event, &detail.endpoints).await.unwrap();
    let states: Vec<_> = found.iter().map(|delivery| (delivery.key, delivery.state)).collect();
    let expected = [
        (delivery(one, 1), DeliveryState::Pending),
        (delivery(two, 1), DeliveryState::Delivering),
        (delivery(three, 1), DeliveryState::Delivered),
    ];
    assert_eq!(states, expected);
    for delivery in &found {
        assert_eq!((delivery.event_id.as_str(), delivery.event_type.as_str()), ("mine", "a.b"));
    }
    assert_eq!(found[2].attempts, 1);
    assert!(found[2].last_attempt.is_some());
    let some = bed.store.deliveries_of(&detail.event, &[two]).await.unwrap();
    assert_eq!(some, found[1..2]);
    assert!(bed.store.event(ACCOUNT, "yours").await.unwrap().is_none());
}

pub(crate) async fn a_delivery_shows_its_attempts(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.with_intake();
    bed.intake.room(key, 1);
    bed.push([1]).await;
    let (found, attempts) = bed.store.delivery(ACCOUNT, delivery(key, 1)).await.unwrap().unwrap();
    assert_eq!((found.state, found.attempts), (DeliveryState::Delivering, 0));
    assert!(attempts.is_empty());
    assert_eq!(found.event_id, event_key(1).to_string());
    let [job] = bed.intake.taken().try_into().unwrap();
    bed.settle(&job, Next::RetryAt(at(20)), 5).await;
    let job = bed.one_job(20).await;
    bed.settle(&job, Next::Delivered, 25).await;
    let (found, attempts) = bed.store.delivery(ACCOUNT, delivery(key, 1)).await.unwrap().unwrap();
    assert_eq!((found.state, found.attempts), (DeliveryState::Delivered, 2));
    let numbers: Vec<_> = attempts.iter().map(|attempt| attempt.number).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(found.last_attempt.as_ref(), attempts.last());
    for unknown in [delivery(key, 9), delivery(EndpointKey(9), 1)] {
        assert!(bed.store.delivery(ACCOUNT, unknown).await.unwrap().is_none());
    }
}

pub(crate) async fn events_by_filter_and_page(bed: Bed) {
    for number in 1..=6 {
        let tenant = (number % 2 == 0).then(|| "t".to_owned());
        let event_type = if number > 3 { "a.c" } else { "a.b" }.to_owned();
        bed.push_new(NewEvent { tenant, event_type, ..event(number) }).await;
    }
    let list =
        async |tenant: Option<&str>, event_type: Option<&str>, before: Option<i64>, limit| {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            let filter = EventFilter {
                tenant: owned(tenant),
                event_type: owned(event_type),
                since: Some(event_key(2)),
            };
            let before = before.map(event_key);
            let found = bed.store.events(ACCOUNT, &filter, before, limit).await.unwrap();
            let number = |key: hookseal_server::store::EventKey| {
                key.minted_at().as_millis() - at(0).as_millis()
            };
            found.iter().map(|event| number(event.key)).collect::<Vec<_>>()
        };
    assert_eq!(list(None, None, None, 10).await, [6, 5, 4, 3, 2]);
    assert_eq!(list(None, None, Some(4), 2).await, [3, 2]);
    assert_eq!(list(Some("t"), None, None, 2).await, [6, 4]);
    assert_eq!(list(Some("t"), None, Some(4), 2).await, [2]);
    assert_eq!(list(None, Some("a.b"), None, 10).await, [3, 2]);
    assert_eq!(list(Some("t"), Some("a.c"), Some(6), 10).await, [4]);
    assert!(list(Some("u"), None, None, 10).await.is_empty());
    let all = bed.store.events(ACCOUNT, &EventFilter::default(), None, 10).await.unwrap();
    assert_eq!(all.len(), 6);
    let earlier = async |tenant, before: Option<i64>, places| {
        bed.store.earlier_event(ACCOUNT, tenant, before.map(event_key), places).await.unwrap()
    };
    assert_eq!(earlier(None, None, 1).await, Some(event_key(6)));
    assert_eq!(earlier(None, Some(4), 3).await, Some(event_key(1)));
    assert_eq!(earlier(None, Some(4), 4).await, None);
    assert_eq!(earlier(Some("t"), None, 2).await, Some(event_key(4)));
    assert_eq!(earlier(Some("u"), None, 1).await, None);
}

pub(crate) async fn deliveries_by_filter_and_page(bed: Bed) {
    bed.endpoints([1]).await;
    bed.insert(Endpoint { tenant: Some("t".to_owned()), ..endpoint(2) }).await;
    let [three] = bed.endpoints([3]).await;
    for number in 1..=4 {
        bed.push_new(NewEvent { tenant: Some("t".to_owned()), ..event(number) }).await;
    }
    // By endpoint: 1 takes them, 2 fails, 3 is deleted. Of the last event, all are being sent.
    for job in bed.jobs(10).await {
        if job.delivery.event == event_key(4) {
            continue;
        }
        let next = match job.delivery.endpoint.0 {
            1 => Next::Delivered,
            2 => Next::GiveUp(GiveUpReason::TooOld),
            _ => Next::RetryAt(at(50)),
        };
        bed.settle(&job, next, 11).await;
    }
    bed.with_intake();
    bed.intake.room(EndpointKey(1), 1);
    bed.push([5]).await;
    let list = async |filter: &DeliveryFilter, before: Option<DeliveryKey>, limit| {
        let found = bed.store.deliveries(ACCOUNT, filter, before, limit).await.unwrap();
        let number = |key: DeliveryKey| {
            (key.event.minted_at().as_millis() - at(0).as_millis(), key.endpoint.0)
        };
        assert_eq!(found.until, None);
        found.rows.iter().map(|delivery| number(delivery.key)).collect::<Vec<_>>()
    };
    let all = DeliveryFilter::default;
    let everything = [
        (5, 3),
        (4, 3),
        (4, 2),
        (4, 1),
        (3, 3),
        (3, 2),
        (3, 1),
        (2, 3),
        (2, 2),
        (2, 1),
        (1, 3),
        (1, 2),
        (1, 1),
    ];
    assert_eq!(list(&all(), None, 99).await, everything);
    let states = |states: &[DeliveryState]| DeliveryFilter { states: states.to_vec(), ..all() };
    let of = |state: DeliveryState| states(&[state]);
    let failed = of(DeliveryState::Failed);
    assert_eq!(list(&failed, None, 99).await, [(3, 2), (2, 2), (1, 2)]);
    assert_eq!(list(&of(DeliveryState::Delivered), None, 99).await, [(3, 1), (2, 1), (1, 1)]);
    assert_eq!(list(&of(DeliveryState::Delivering), None, 99).await, [(4, 3), (4, 2), (4, 1)]);
    assert_eq!(list(&of(DeliveryState::Pending), None, 99).await, [(5, 3), (3, 3), (2, 3), (1, 3)]);
    let both = states(&[DeliveryState::Failed, DeliveryState::Pending]);
    assert_eq!(list(&both, Some(delivery(three, 3)), 3).await, [(3, 2), (2, 3), (2, 2)]);
    let since = |filter: DeliveryFilter| DeliveryFilter { since: Some(at(3)), ..filter };
    assert_eq!(list(&since(failed.clone()), None, 99).await, [(3, 2)]);
    assert_eq!(list(&since(of(DeliveryState::Delivered)), None, 99).await, [(3, 1)]);
    let at_one = DeliveryFilter { endpoint: Some(EndpointKey(1)), ..all() };
    assert_eq!(list(&at_one, None, 99).await, [(4, 1), (3, 1), (2, 1), (1, 1)]);
    assert_eq!(list(&since(at_one.clone()), None, 99).await, [(4, 1), (3, 1)]);
    let at_two = DeliveryFilter { endpoint: Some(EndpointKey(2)), ..failed };
    assert_eq!(list(&at_two, Some(delivery(EndpointKey(2), 3)), 1).await, [(2, 2)]);
    let of_tenant = DeliveryFilter { tenant: Some("t".to_owned()), ..all() };
    assert_eq!(list(&of_tenant, None, 99).await, [(4, 2), (3, 2), (2, 2), (1, 2)]);
    let nobody = DeliveryFilter { endpoint: Some(EndpointKey(1)), ..of_tenant };
    assert!(list(&nobody, None, 99).await.is_empty());
    let one_of_tenant =
        DeliveryFilter { tenant: Some("t".to_owned()), ..of(DeliveryState::Pending) };
    assert!(list(&one_of_tenant, None, 99).await.is_empty());
    let under_way = DeliveryFilter {
        endpoint: Some(EndpointKey(2)),
        ..states(&[DeliveryState::Delivering, DeliveryState::Failed])
    };
    assert_eq!(list(&under_way, None, 99).await, [(4, 2), (3, 2), (2, 2), (1, 2)]);
    let failed_of_tenant =
        DeliveryFilter { tenant: Some("t".to_owned()), ..of(DeliveryState::Failed) };
    assert_eq!(list(&failed_of_tenant, None, 2).await, [(3, 2), (2, 2)]);
    // Page after page, everything once.
    for filter in [all(), states(DeliveryState::ALL)] {
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = bed.store.deliveries(ACCOUNT, &filter, before, 2).await.unwrap().rows;
            let Some(last) = page.last() else { break };
            before = Some(last.key);
            seen.extend(page.iter().map(|delivery| delivery.key));
        }
        let expected: Vec<_> = everything
            .iter()
            .map(|(number, endpoint)| delivery(EndpointKey(*endpoint), *number))
            .collect();
        assert_eq!(seen, expected);
    }
    bed.store.delete_endpoint(ACCOUNT, three, at(20)).await.unwrap();
    let cancelled = of(DeliveryState::Cancelled);
    assert_eq!(list(&cancelled, None, 99).await, [(5, 3), (3, 3), (2, 3), (1, 3)]);
    assert!(list(&of(DeliveryState::Pending), None, 99).await.is_empty());
    let at_three = |filter| DeliveryFilter { endpoint: Some(EndpointKey(3)), ..filter };
    assert_eq!(list(&at_three(cancelled), None, 2).await, [(5, 3), (3, 3)]);
    assert!(list(&at_three(of(DeliveryState::Pending)), None, 99).await.is_empty());
}

pub(crate) async fn look_so_far_and_no_farther(bed: Bed) {
    let tenant = Some("t".to_owned());
    bed.insert(Endpoint { tenant: tenant.clone(), ..endpoint(1) }).await;
    let of_tenant = |number| NewEvent { tenant: tenant.clone(), ..event(number) };
    bed.push_new(of_tenant(1)).await;
    let job = bed.one_job(2).await;
    bed.settle(&job, Next::Delivered, 3).await;
    let others: Vec<_> = (2..=11_000).map(of_tenant).collect();
    for some in others.chunks(1000) {
        bed.store.push(some.to_vec()).await.unwrap();
    }
    let delivered =
        DeliveryFilter { states: vec![DeliveryState::Delivered], ..DeliveryFilter::default() };
    let at_one = DeliveryFilter { endpoint: Some(EndpointKey(1)), ..delivered.clone() };
    let of_tenant = DeliveryFilter { tenant, ..delivered.clone() };
    for filter in [delivered, at_one, of_tenant] {
        let first = bed.store.deliveries(ACCOUNT, &filter, None, 10).await.unwrap();
        assert!(first.rows.is_empty() && first.until.is_some(), "{filter:?}: {first:?}");
        let rest = bed.store.deliveries(ACCOUNT, &filter, first.until, 10).await.unwrap();
        let found: Vec<_> = rest.rows.iter().map(|delivery| delivery.key).collect();
        assert_eq!((found, rest.until), (vec![delivery(EndpointKey(1), 1)], None), "{filter:?}");
    }
    // Where everything is wanted, a page is full.
    let all = DeliveryFilter { endpoint: Some(EndpointKey(1)), ..DeliveryFilter::default() };
    let page = bed.store.deliveries(ACCOUNT, &all, None, 10).await.unwrap();
    assert_eq!((page.rows.len(), page.until), (10, None));
}
