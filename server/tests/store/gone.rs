//! Endpoints that are deleted, disabled or paused.

use hookseal::GiveUpReason;
use hookseal_server::store::{
    DeliveryFilter, DeliveryState, EndpointKey, EndpointState, NewEvent, Next, Order, Replay,
    Settlement,
};

use crate::bed::{ACCOUNT, Bed, at, delivery, event, failing, numbers, settlement};

pub(crate) async fn deletion_cancels_and_wipes(bed: Bed) {
    let [gone, other] = bed.endpoints([1, 2]).await;
    bed.push([1]).await;
    let jobs = bed.jobs(5).await;
    for job in &jobs {
        bed.settle(job, Next::RetryAt(at(50)), 6).await;
    }
    assert!(bed.store.delete_endpoint(ACCOUNT, gone, at(7)).await.unwrap());
    assert!(!bed.store.delete_endpoint(ACCOUNT, gone, at(8)).await.unwrap());
    assert_eq!(bed.store.target(ACCOUNT, gone).await.unwrap(), None);
    let cancelled = (DeliveryState::Cancelled, Some("endpoint_deleted".to_owned()));
    assert_eq!(bed.state(delivery(gone, 1)).await, cancelled);
    assert_eq!(bed.state(delivery(other, 1)).await.0, DeliveryState::Pending);
    assert_eq!(bed.push([10]).await, [delivery(other, 10)]);
    let left = bed.jobs(99).await;
    assert!(left.iter().all(|job| job.delivery.endpoint == other));
    assert_eq!(left.len(), 2);
    let all = bed.store.all_targets(None, 10).await.unwrap();
    assert_eq!(all.len(), 1);
}

async fn backlog(bed: &Bed, only: EndpointKey, len: i64) {
    let many: Vec<_> =
        (1..=len).map(|number| NewEvent { only: Some(vec![only]), ..event(number) }).collect();
    for some in many.chunks(500) {
        bed.store.push(some.to_vec()).await.unwrap();
    }
}

async fn count(bed: &Bed, state: DeliveryState) -> usize {
    let filter = DeliveryFilter { states: vec![state], ..DeliveryFilter::default() };
    bed.store.deliveries(ACCOUNT, &filter, None, 10_000).await.unwrap().rows.len()
}

pub(crate) async fn a_large_backlog_is_cancelled_at_once_and_swept_later(bed: Bed) {
    let free = bed.endpoints([1]).await[0];
    let ordered = bed.ordered(2, Order::Endpoint).await;
    for key in [free, ordered] {
        backlog(&bed, key, 0).await;
    }
    let many: Vec<_> = (1..=1500).map(event).collect();
    for some in many.chunks(500) {
        bed.store.push(some.to_vec()).await.unwrap();
    }
    for key in [free, ordered] {
        assert!(bed.store.delete_endpoint(ACCOUNT, key, at(2000)).await.unwrap());
    }
    assert!(bed.jobs(3000).await.is_empty());
    let see = async || {
        assert_eq!(count(&bed, DeliveryState::Pending).await, 0);
        assert_eq!(count(&bed, DeliveryState::Cancelled).await, 3000);
        for number in [1, 1500] {
            for key in [free, ordered] {
                let found = bed.delivery(delivery(key, number)).await;
                assert_eq!(found.state, DeliveryState::Cancelled);
                assert_eq!(found.reason.as_deref(), Some("endpoint_deleted"));
                assert_eq!(found.next_attempt_at, None);
            }
        }
    };
    see().await;
    let mut rounds = 0;
    while bed.store.sweep(300, at(2001)).await.unwrap() {
        rounds += 1;
        assert!(rounds < 100);
    }
    assert!(!bed.store.sweep(300, at(2001)).await.unwrap());
    see().await;
}

pub(crate) async fn what_is_being_sent_ends_as_it_ends(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.with_intake();
    bed.intake.room(key, 2);
    bed.push([1, 2, 3, 4, 5]).await;
    let mut jobs = bed.intake.taken();
    jobs.extend(bed.jobs(10).await);
    assert_eq!(numbers(&jobs), [1, 2, 3, 4, 5]);
    bed.store.delete_endpoint(ACCOUNT, key, at(11)).await.unwrap();
    for job in &jobs {
        assert_eq!(bed.state(job.delivery).await.0, DeliveryState::Delivering);
    }
    let given = Settlement { attempt: None, ..settlement(&jobs[4], Next::Release(at(12)), 12) };
    assert_eq!(bed.store.settle(given).await.unwrap(), DeliveryState::Cancelled);
    for (job, next, state) in [
        (&jobs[0], Next::RetryAt(at(20)), DeliveryState::Cancelled),
        (&jobs[1], Next::Delivered, DeliveryState::Delivered),
        (&jobs[2], Next::RetryAt(at(20)), DeliveryState::Cancelled),
        (&jobs[3], Next::GiveUp(GiveUpReason::TooOld), DeliveryState::Failed),
    ] {
        assert_eq!(bed.settle(job, next, 12).await, state);
        assert_eq!(bed.state(job.delivery).await.0, state);
    }
    assert_eq!(bed.state(jobs[0].delivery).await.1.as_deref(), Some("endpoint_deleted"));
    assert!(bed.jobs(99).await.is_empty());
}

pub(crate) async fn pausing_keeps_what_comes(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.push([1, 2]).await;
    let jobs = bed.jobs(3).await;
    let failed = Settlement {
        health: Some(failing(5, 1, Some(9000))),
        ..settlement(&jobs[0], Next::RetryAt(at(20)), 4)
    };
    bed.store.settle(failed).await.unwrap();
    let paused = bed.set_state(key, EndpointState::Paused, 5).await;
    assert_eq!(paused.state, EndpointState::Paused);
    bed.push([6]).await;
    bed.settle(&jobs[1], Next::RetryAt(at(20)), 7).await;
    let held = bed.lease(100).await;
    assert_eq!((held.jobs.len(), held.next_due), (0, None));
    for number in [1, 2, 6] {
        assert_eq!(bed.state(delivery(key, number)).await.0, DeliveryState::Pending);
    }
    bed.with_intake();
    let resumed = bed.set_state(key, EndpointState::Active, 101).await;
    assert_eq!((resumed.state, resumed.failing_since), (EndpointState::Active, None));
    assert!(bed.intake.was_woken());
    let mut back = bed.jobs(101).await;
    back.sort_by_key(|job| job.delivery);
    assert_eq!(numbers(&back), [1, 2, 6]);
    assert!(back.iter().all(|job| job.health == Default::default()));
}

pub(crate) async fn disabling_cancels_and_enabling_starts_anew(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    backlog(&bed, key, 2500).await;
    bed.set_state(key, EndpointState::Disabled, 3000).await;
    assert_eq!(count(&bed, DeliveryState::Cancelled).await, 2500);
    assert!(bed.push([3001]).await.is_empty());
    // Enabled before all of them were swept: they stay what they were said to be.
    let enabled = bed.set_state(key, EndpointState::Active, 3002).await;
    assert_eq!((enabled.state, enabled.reason), (EndpointState::Active, None));
    assert_eq!(count(&bed, DeliveryState::Cancelled).await, 2500);
    let cancelled = (DeliveryState::Cancelled, Some("endpoint_disabled".to_owned()));
    assert_eq!(bed.state(delivery(key, 2500)).await, cancelled);
    assert!(bed.jobs(4000).await.is_empty());
    bed.push([4001]).await;
    let what = Replay::Delivery(delivery(key, 7));
    assert_eq!(bed.store.replay(ACCOUNT, what, at(4002)).await.unwrap(), Some(1));
    let mut back = bed.jobs(4003).await;
    back.sort_by_key(|job| job.delivery);
    assert_eq!(numbers(&back), [7, 4001]);
}
