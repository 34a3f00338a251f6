//! A node that died with deliveries in its hands.

use hookseal::GiveUpReason;
use hookseal_server::store::{DeliveryState, MAX_INTERRUPTIONS, Next, Order, Replay};

use crate::bed::{ACCOUNT, Bed, at, delivery, numbers};

pub(crate) async fn what_was_in_memory_is_due_again(mut bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.with_intake();
    bed.intake.room(key, 3);
    bed.push([1, 2, 3]).await;
    let jobs = bed.intake.taken();
    bed.settle(&jobs[0], Next::Delivered, 5).await;
    bed.settle(&jobs[1], Next::RetryAt(at(80)), 5).await;
    bed.crash().await;
    assert!(bed.jobs(50).await.is_empty());
    assert_eq!(bed.store.recover(at(60)).await.unwrap(), 1);
    assert_eq!(bed.store.recover(at(60)).await.unwrap(), 0);
    let job = bed.one_job(60).await;
    assert_eq!(job.delivery, delivery(key, 3));
    // The schedule goes on as if it had not been tried.
    assert_eq!((job.attempt, job.step, job.first_attempt_at), (2, 1, None));
    let attempts = bed.attempts(job.delivery).await;
    assert_eq!(attempts.len(), 1);
    assert_eq!((attempts[0].number, attempts[0].error.as_deref()), (1, Some("interrupted")));
    assert_eq!(bed.settle(&job, Next::Delivered, 61).await, DeliveryState::Delivered);
    assert_eq!(numbers(&bed.jobs(80).await), [2]);
}

pub(crate) async fn what_had_a_row_keeps_its_schedule(mut bed: Bed) {
    bed.endpoints([1]).await;
    let [key] = bed.push([1]).await.try_into().unwrap();
    let job = bed.one_job(10).await;
    bed.settle(&job, Next::RetryAt(at(20)), 13).await;
    bed.one_job(20).await;
    bed.crash().await;
    assert_eq!(bed.store.recover(at(30)).await.unwrap(), 1);
    let job = bed.one_job(30).await;
    assert_eq!((job.attempt, job.step, job.first_attempt_at), (3, 2, Some(at(10))));
    let errors: Vec<_> = bed.attempts(key).await.into_iter().map(|attempt| attempt.error).collect();
    assert_eq!(errors, [None, Some("interrupted".to_owned())]);
}

pub(crate) async fn gives_up_what_kills(mut bed: Bed) {
    bed.endpoints([1]).await;
    let [key] = bed.push([1]).await.try_into().unwrap();
    let mut now = 10;
    for _ in 0..MAX_INTERRUPTIONS {
        bed.one_job(now).await;
        bed.crash().await;
        assert_eq!(bed.store.recover(at(now)).await.unwrap(), 1);
        now += 10;
    }
    bed.one_job(now).await;
    bed.crash().await;
    assert_eq!(bed.store.recover(at(now)).await.unwrap(), 0);
    assert_eq!(bed.state(key).await, (DeliveryState::Failed, Some("interrupted".to_owned())));
    let made = MAX_INTERRUPTIONS + 1;
    assert_eq!(bed.attempts(key).await.len(), usize::try_from(made).unwrap());
    // A replay has as many lives again.
    now += 10;
    bed.store.replay(ACCOUNT, Replay::Delivery(key), at(now)).await.unwrap();
    let job = bed.one_job(now).await;
    assert_eq!((job.attempt, job.step), (made + 1, 1));
    bed.crash().await;
    assert_eq!(bed.store.recover(at(now)).await.unwrap(), 1);
}

pub(crate) async fn leaves_the_living_alone(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.with_intake();
    bed.intake.room(key, 1);
    bed.push([1, 2]).await;
    let mut jobs = bed.intake.taken();
    jobs.extend(bed.jobs(10).await);
    assert_eq!(bed.store.recover(at(20)).await.unwrap(), 0);
    assert!(bed.jobs(30).await.is_empty());
    for job in &jobs {
        assert_eq!(bed.settle(job, Next::Delivered, 40).await, DeliveryState::Delivered);
    }
}

pub(crate) async fn cancels_for_endpoints_that_are_gone(mut bed: Bed) {
    let [one, two] = bed.endpoints([1, 2]).await;
    bed.with_intake();
    bed.intake.room(one, 1);
    bed.push([1]).await;
    bed.one_job(10).await;
    for key in [one, two] {
        bed.store.delete_endpoint(ACCOUNT, key, at(11)).await.unwrap();
    }
    bed.crash().await;
    assert_eq!(bed.store.recover(at(20)).await.unwrap(), 0);
    for key in [one, two] {
        let cancelled = (DeliveryState::Cancelled, Some("endpoint_deleted".to_owned()));
        assert_eq!(bed.state(delivery(key, 1)).await, cancelled);
        assert_eq!(bed.attempts(delivery(key, 1)).await.len(), 1);
    }
}

pub(crate) async fn keeps_orders(mut bed: Bed) {
    bed.ordered(1, Order::Endpoint).await;
    bed.push([1, 2]).await;
    bed.one_job(10).await;
    bed.crash().await;
    assert_eq!(bed.store.recover(at(20)).await.unwrap(), 1);
    let job = bed.one_job(20).await;
    assert_eq!(numbers(std::slice::from_ref(&job)), [1]);
    bed.settle(&job, Next::GiveUp(GiveUpReason::TooOld), 21).await;
    assert_eq!(numbers(&bed.jobs(22).await), [2]);
}
