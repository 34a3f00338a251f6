//! Removing events for good.

use hookseal_server::store::{
    DeliveryState, Endpoint, EndpointKey, EventFilter, NewEvent, Next, Order,
};

use crate::bed::{ACCOUNT, Bed, OTHER, at, delivery, endpoint, event, numbers};

async fn events(bed: &Bed) -> Vec<i64> {
    let found = bed.store.events(ACCOUNT, &EventFilter::default(), None, 2000).await.unwrap();
    let number =
        |key: hookseal_server::store::EventKey| key.minted_at().as_millis() - at(0).as_millis();
    found.iter().rev().map(|event| number(event.key)).collect()
}

async fn prune(bed: &Bed, before: i64, attempts: i64, limit: u32) -> usize {
    let mut rounds = 1;
    while bed.store.prune(at(before), at(attempts), limit).await.unwrap() {
        rounds += 1;
        assert!(rounds < 1000);
    }
    rounds
}

pub(crate) async fn prunes_what_has_ended(bed: Bed) {
    let [one, two] = bed.endpoints([1, 2]).await;
    bed.with_intake();
    bed.intake.room(one, 1);
    let only_two = |number| NewEvent { only: Some(vec![two]), ..event(number) };
    // 1: in memory. 2: ended. 3: to nobody. 4: one of two ended. 5: waits for one that is deleted. 6: ended, but new.
    bed.push_new(NewEvent { only: Some(vec![one]), ..event(1) }).await;
    bed.push_new(only_two(2)).await;
    bed.push_new(NewEvent { only: Some(vec![]), ..event(3) }).await;
    bed.push([4]).await;
    let gone = bed.endpoints([3]).await[0];
    bed.push_new(NewEvent { only: Some(vec![gone]), ..event(5) }).await;
    bed.push_new(only_two(6)).await;
    for job in bed.jobs(10).await {
        let waits = job.delivery.endpoint != two;
        bed.settle(&job, if waits { Next::RetryAt(at(50)) } else { Next::Delivered }, 11).await;
    }
    bed.store.delete_endpoint(ACCOUNT, gone, at(12)).await.unwrap();
    assert_eq!(events(&bed).await, [1, 2, 3, 4, 5, 6]);
    assert!(bed.store.prune(at(6), at(6), 2).await.unwrap());
    assert_eq!(events(&bed).await, [1, 3, 4, 5, 6]);
    prune(&bed, 6, 6, 2).await;
    assert_eq!(events(&bed).await, [1, 4, 6]);
    assert!(bed.store.delivery(ACCOUNT, delivery(two, 2)).await.unwrap().is_none());
    assert_eq!(bed.state(delivery(two, 4)).await.0, DeliveryState::Delivered);
    // Once they have ended, their turn comes.
    let [job] = bed.intake.taken().try_into().unwrap();
    bed.settle(&job, Next::Delivered, 60).await;
    let job = bed.one_job(60).await;
    bed.settle(&job, Next::Delivered, 61).await;
    prune(&bed, 6, 6, 1).await;
    assert_eq!(events(&bed).await, [6]);
}

pub(crate) async fn prunes_records_of_attempts(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.push([1, 2, 3]).await;
    for now in [10, 20] {
        for job in bed.jobs(now).await {
            let last = now == 20 && job.delivery != delivery(key, 2);
            bed.settle(&job, if last { Next::Delivered } else { Next::RetryAt(at(20)) }, now + 1)
                .await;
        }
    }
    prune(&bed, 0, 3, 1).await;
    prune(&bed, 0, 3, 1).await;
    assert_eq!(events(&bed).await, [1, 2, 3]);
    let counts = async |number| {
        let found = bed.delivery(delivery(key, number)).await;
        (found.attempts, bed.attempts(found.key).await.len(), found.last_attempt.is_some())
    };
    assert_eq!(counts(1).await, (2, 0, false));
    assert_eq!(counts(2).await, (2, 2, true));
    assert_eq!(counts(3).await, (2, 2, true));
    // What ends when all others are done goes as well.
    let job = bed.one_job(30).await;
    bed.settle(&job, Next::Delivered, 31).await;
    prune(&bed, 0, 3, 1).await;
    assert_eq!(counts(2).await, (3, 0, false));
    assert_eq!(counts(3).await, (2, 2, true));
}

pub(crate) async fn takes_few_large_events_at_a_time(bed: Bed) {
    for number in 1..=400 {
        bed.insert(endpoint(number)).await;
    }
    for number in 1..=8 {
        bed.push([number]).await;
    }
    bed.push_new(NewEvent { tenant: Some("t".to_owned()), ..event(9) }).await;
    for number in 1..=400 {
        bed.store.delete_endpoint(ACCOUNT, EndpointKey(number), at(20)).await.unwrap();
    }
    // Two of 400 deliveries each, and no more in one step.
    assert!(bed.store.prune(at(9), at(9), 100).await.unwrap());
    assert_eq!(events(&bed).await, [3, 4, 5, 6, 7, 8, 9]);
    prune(&bed, 9, 9, 100).await;
    assert_eq!(events(&bed).await, [9]);
    while bed.store.erase_tenant(ACCOUNT, "t", 100, at(30)).await.unwrap() {}
    assert!(events(&bed).await.is_empty());
}

pub(crate) async fn erases_a_tenant(bed: Bed) {
    let of = |tenant: &str, number| NewEvent { tenant: Some(tenant.to_owned()), ..event(number) };
    let [free] = bed.endpoints([1]).await;
    let ordered = bed.ordered(2, Order::Endpoint).await;
    bed.insert(Endpoint { tenant: Some("t".to_owned()), ..endpoint(3) }).await;
    for number in 1..=600 {
        bed.push_new(of("t", number)).await;
    }
    bed.push_new(of("u", 601)).await;
    bed.push([602]).await;
    bed.push_new(NewEvent { account: OTHER, ..of("t", 603) }).await;
    let mut rounds = 0;
    while bed.store.erase_tenant(ACCOUNT, "t", 100, at(700)).await.unwrap() {
        rounds += 1;
        assert!(rounds < 100);
    }
    assert_eq!(events(&bed).await, [601, 602]);
    assert_eq!(bed.store.target(ACCOUNT, EndpointKey(3)).await.unwrap(), None);
    assert!(bed.store.target(ACCOUNT, free).await.unwrap().is_some());
    assert!(bed.store.delivery(ACCOUNT, delivery(free, 1)).await.unwrap().is_none());
    // An order goes on with what is left of it.
    let mut left = bed.jobs(800).await;
    left.sort_by_key(|job| job.delivery);
    assert_eq!(numbers(&left), [601, 602, 601]);
    assert_eq!(left[2].delivery.endpoint, ordered);
    let theirs = bed.store.events(OTHER, &EventFilter::default(), None, 9).await.unwrap();
    assert_eq!(theirs.len(), 1);
    let none = bed.store.erase_tenant(ACCOUNT, "nobody", 100, at(700)).await.unwrap();
    assert!(!none);
}

pub(crate) async fn what_is_erased_does_not_come_back(mut bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.with_intake();
    bed.intake.room(key, 2);
    let of_tenant = |number| NewEvent { tenant: Some("t".to_owned()), ..event(number) };
    for number in 1..=4 {
        bed.push_new(of_tenant(number)).await;
    }
    let mut jobs = bed.intake.taken();
    jobs.extend(bed.jobs(10).await);
    assert_eq!(numbers(&jobs), [1, 2, 3, 4]);
    while bed.store.erase_tenant(ACCOUNT, "t", 100, at(20)).await.unwrap() {}
    let again = Next::RetryAt(at(40));
    for (job, next) in jobs.iter().zip([Next::Delivered, again, Next::Delivered, again]) {
        assert_eq!(bed.settle(job, next, 30).await, DeliveryState::Cancelled);
        assert!(bed.store.delivery(ACCOUNT, job.delivery).await.unwrap().is_none());
    }
    assert!(bed.jobs(50).await.is_empty());
    bed.crash().await;
    assert_eq!(bed.store.recover(at(60)).await.unwrap(), 0);
    assert!(bed.jobs(70).await.is_empty());
    assert!(events(&bed).await.is_empty());
}
