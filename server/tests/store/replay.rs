//! Sending again.

use hookseal::GiveUpReason;
use hookseal_server::store::{
    DeliveryKey, DeliveryState, EndpointKey, EndpointState, Next, Replay,
};

use crate::bed::{ACCOUNT, Bed, at, delivery, event_key, numbers};

const FAILED: Next = Next::GiveUp(GiveUpReason::AttemptsExhausted);

async fn replay(bed: &Bed, what: Replay, now: i64) -> Option<u64> {
    bed.store.replay(ACCOUNT, what, at(now)).await.unwrap()
}

pub(crate) async fn one_delivery(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.with_intake();
    for (number, next) in
        [(1, Next::Delivered), (2, FAILED), (3, Next::Cancelled), (4, Next::RetryAt(at(900)))]
    {
        bed.push([number]).await;
        let job = bed.one_job(10).await;
        bed.settle(&job, next, 11).await;
        bed.intake.calls();
        assert_eq!(replay(&bed, Replay::Delivery(delivery(key, number)), 20).await, Some(1));
        assert!(bed.intake.was_woken());
        let found = bed.delivery(delivery(key, number)).await;
        assert_eq!((found.state, found.reason), (DeliveryState::Pending, None));
        assert_eq!(found.next_attempt_at, Some(at(20)));
        let job = bed.one_job(20).await;
        // What waited goes on; what had ended begins its schedule anew.
        let waited = number == 4;
        let expected = if waited { (2, 2, Some(at(8))) } else { (2, 1, None) };
        assert_eq!((job.attempt, job.step, job.first_attempt_at), expected);
        bed.settle(&job, Next::Delivered, 23).await;
        let numbers: Vec<_> =
            bed.attempts(job.delivery).await.iter().map(|attempt| attempt.number).collect();
        assert_eq!(numbers, [1, 2]);
    }
    // What is being sent is not sent twice.
    bed.intake.room(key, 1);
    bed.push([30, 31]).await;
    bed.one_job(32).await;
    for number in [30, 31] {
        assert_eq!(replay(&bed, Replay::Delivery(delivery(key, number)), 33).await, Some(0));
    }
    assert!(bed.jobs(40).await.is_empty());
    for unknown in [delivery(key, 99), delivery(EndpointKey(9), 1)] {
        assert_eq!(replay(&bed, Replay::Delivery(unknown), 33).await, None);
    }
}

pub(crate) async fn an_event(bed: Bed) {
    let [one, two, three] = bed.endpoints([1, 2, 3]).await;
    bed.push([1, 2]).await;
    for job in bed.jobs(10).await {
        bed.settle(&job, Next::Delivered, 11).await;
    }
    bed.store.delete_endpoint(ACCOUNT, three, at(12)).await.unwrap();
    assert_eq!(replay(&bed, Replay::Event(event_key(1)), 20).await, Some(2));
    let mut again: Vec<DeliveryKey> = bed.jobs(20).await.iter().map(|job| job.delivery).collect();
    again.sort_unstable();
    assert_eq!(again, [delivery(one, 1), delivery(two, 1)]);
    assert_eq!(replay(&bed, Replay::Event(event_key(9)), 20).await, None);
}

pub(crate) async fn all_failed_of_an_endpoint(bed: Bed) {
    let [one, two] = bed.endpoints([1, 2]).await;
    let many: Vec<_> = (1..=700).map(crate::bed::event).collect();
    bed.store.push(many).await.unwrap();
    for _ in 0..14 {
        for job in bed.jobs(1000).await {
            let number = numbers(std::slice::from_ref(&job))[0];
            let next = if number % 2 == 0 { FAILED } else { Next::Delivered };
            bed.settle(&job, next, 1001).await;
        }
    }
    let since = |endpoint, since| Replay::Failed { endpoint, since: at(since) };
    assert_eq!(replay(&bed, since(one, 690), 1100).await, Some(6));
    assert_eq!(numbers(&bed.jobs(1100).await), [690, 692, 694, 696, 698, 700]);
    assert_eq!(replay(&bed, since(one, 0), 1200).await, Some(344));
    assert_eq!(replay(&bed, since(one, 0), 1200).await, Some(0));
    assert_eq!(bed.state(delivery(two, 2)).await.0, DeliveryState::Failed);
    assert_eq!(replay(&bed, since(EndpointKey(9), 0), 1200).await, None);
}

pub(crate) async fn leaves_out_who_is_gone(bed: Bed) {
    let [one, two] = bed.endpoints([1, 2]).await;
    bed.push([1]).await;
    for job in bed.jobs(10).await {
        bed.settle(&job, FAILED, 11).await;
    }
    bed.set_state(one, EndpointState::Disabled, 12).await;
    bed.store.delete_endpoint(ACCOUNT, two, at(12)).await.unwrap();
    let since = |endpoint| Replay::Failed { endpoint, since: at(0) };
    assert_eq!(replay(&bed, since(one), 20).await, Some(0));
    assert_eq!(replay(&bed, since(two), 20).await, None);
    for key in [one, two] {
        assert_eq!(replay(&bed, Replay::Delivery(delivery(key, 1)), 20).await, Some(0));
        assert_eq!(bed.state(delivery(key, 1)).await.0, DeliveryState::Failed);
    }
    assert_eq!(replay(&bed, Replay::Event(event_key(1)), 20).await, Some(0));
    // A paused one keeps it until it is resumed.
    bed.set_state(one, EndpointState::Paused, 21).await;
    assert_eq!(replay(&bed, since(one), 22).await, Some(1));
    assert!(bed.jobs(30).await.is_empty());
    bed.set_state(one, EndpointState::Active, 31).await;
    assert_eq!(numbers(&bed.jobs(31).await), [1]);
}
