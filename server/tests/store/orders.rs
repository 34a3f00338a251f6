//! Endpoints that get their events one after the other.

use hookseal::GiveUpReason;
use hookseal_server::store::{
    DeliveryState, EndpointChange, EndpointKey, EndpointSettings, NewEvent, Next, Order, Settlement,
};

use crate::bed::{Bed, at, delivery, event, numbers, settlement};

fn keyed(number: i64, key: Option<&str>) -> NewEvent {
    NewEvent { ordering_key: key.map(str::to_owned), ..event(number) }
}

pub(crate) async fn of_an_endpoint_send_one_at_a_time(bed: Bed) {
    let key = bed.ordered(1, Order::Endpoint).await;
    bed.with_intake();
    bed.push_new(keyed(1, Some("a"))).await;
    bed.push_new(keyed(2, None)).await;
    bed.push_new(keyed(3, Some("b"))).await;
    assert_eq!(bed.delivery(delivery(key, 1)).await.next_attempt_at, Some(at(1)));
    assert_eq!(bed.delivery(delivery(key, 2)).await.next_attempt_at, None);
    for number in 1..=3 {
        let job = bed.one_job(10 * number).await;
        assert_eq!(numbers(std::slice::from_ref(&job)), [number]);
        assert!(bed.jobs(10 * number + 9).await.is_empty());
        bed.intake.calls();
        bed.settle(&job, Next::Delivered, 10 * number + 5).await;
        assert_eq!(bed.intake.was_woken(), number < 3);
    }
    assert!(bed.jobs(100).await.is_empty());
    bed.push([101]).await;
    assert_eq!(numbers(&bed.jobs(101).await), [101]);
}

pub(crate) async fn of_a_key_leave_others_free(bed: Bed) {
    bed.ordered(1, Order::Key).await;
    for (number, key) in
        [(1, Some("a")), (2, Some("b")), (3, Some("a")), (4, None), (5, None), (6, Some("b"))]
    {
        bed.push_new(keyed(number, key)).await;
    }
    let jobs = bed.jobs(10).await;
    assert_eq!(numbers(&jobs), [1, 2, 4, 5]);
    bed.settle(&jobs[1], Next::Delivered, 11).await;
    assert_eq!(numbers(&bed.jobs(12).await), [6]);
    bed.settle(&jobs[0], Next::Delivered, 13).await;
    assert_eq!(numbers(&bed.jobs(14).await), [3]);
}

pub(crate) async fn go_on_after_a_failure(bed: Bed) {
    bed.ordered(1, Order::Endpoint).await;
    bed.push([1, 2, 3]).await;
    let job = bed.one_job(10).await;
    bed.settle(&job, Next::GiveUp(GiveUpReason::AttemptsExhausted), 11).await;
    let job = bed.one_job(12).await;
    assert_eq!(numbers(std::slice::from_ref(&job)), [2]);
    // One that was sent although nobody knew counts as well, and frees the next only once.
    let lost = hookseal_server::store::Job { claim: crate::bed::NO_CLAIM, ..job.clone() };
    bed.settle(&lost, Next::Delivered, 13).await;
    assert_eq!(numbers(&bed.jobs(14).await), [3]);
    bed.settle(&job, Next::RetryAt(at(20)), 15).await;
    assert!(bed.jobs(99).await.is_empty());
}

pub(crate) async fn wait_for_a_retry(bed: Bed) {
    let key = bed.ordered(1, Order::Endpoint).await;
    bed.push([1, 2]).await;
    let job = bed.one_job(10).await;
    bed.settle(&job, Next::RetryAt(at(50)), 11).await;
    bed.push([12]).await;
    let held = bed.lease(49).await;
    assert_eq!((held.jobs.len(), held.next_due), (0, Some(at(50))));
    let job = bed.one_job(50).await;
    assert_eq!(numbers(std::slice::from_ref(&job)), [1]);
    let given = Settlement { attempt: None, ..settlement(&job, Next::Release(at(60)), 51) };
    bed.store.settle(given).await.unwrap();
    let job = bed.one_job(60).await;
    assert_eq!(numbers(std::slice::from_ref(&job)), [1]);
    // A replay of one that has ended waits its turn, and then comes first.
    bed.settle(&job, Next::Delivered, 61).await;
    let job = bed.one_job(62).await;
    let what = hookseal_server::store::Replay::Delivery(delivery(key, 1));
    assert_eq!(bed.store.replay(crate::bed::ACCOUNT, what, at(63)).await.unwrap(), Some(1));
    assert!(bed.jobs(64).await.is_empty());
    bed.settle(&job, Next::Delivered, 65).await;
    assert_eq!(numbers(&bed.jobs(66).await), [1]);
}

pub(crate) async fn end_when_they_are_lifted(bed: Bed) {
    let key: EndpointKey = bed.ordered(1, Order::Endpoint).await;
    bed.push([1, 2, 3]).await;
    let job = bed.one_job(10).await;
    bed.with_intake();
    let settings = Some(EndpointSettings::default());
    bed.change(key, EndpointChange { settings, ..EndpointChange::default() }, 11).await;
    assert!(bed.intake.was_woken());
    assert_eq!(numbers(&bed.jobs(12).await), [2, 3]);
    assert_eq!(bed.settle(&job, Next::Delivered, 13).await, DeliveryState::Delivered);
    assert!(bed.jobs(14).await.is_empty());
}
