//! What follows an attempt.

use hookseal::GiveUpReason;
use hookseal_server::{
    guard::Failure,
    store::{
        Attempt, DeliveryState, Disable, EndpointChange, EndpointState, Health, Job, NewEvent,
        Next, Settlement,
    },
};

use crate::bed::{
    ACCOUNT, Bed, NO_CLAIM, at, attempt, delivery, event, failing, numbers, settlement,
};

const OUTCOMES: [(Next, DeliveryState, Option<&str>); 6] = [
    (Next::Cancelled, DeliveryState::Cancelled, Some("endpoint_deleted")),
    (Next::Delivered, DeliveryState::Delivered, None),
    (Next::Gone, DeliveryState::Failed, Some("endpoint_gone")),
    (Next::GiveUp(GiveUpReason::TooOld), DeliveryState::Failed, Some("too_old")),
    (Next::Impossible(Failure::Render), DeliveryState::Failed, Some("render_failed")),
    (
        Next::RetryAt(hookseal::Timestamp::from_millis(1_800_000_009_000)),
        DeliveryState::Pending,
        None,
    ),
];

pub(crate) async fn each_outcome_has_its_state(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    for (number, (next, state, reason)) in (1_i64..).zip(OUTCOMES) {
        bed.push([number]).await;
        let job = bed.one_job(20).await;
        assert_eq!(bed.state(job.delivery).await.0, DeliveryState::Delivering);
        assert_eq!(bed.settle(&job, next, 30 + number).await, state);
        let found = bed.delivery(delivery(key, number)).await;
        assert_eq!((found.state, found.reason.as_deref()), (state, reason));
        assert_eq!(found.next_attempt_at, next.due());
        assert_eq!(found.attempts, 1);
    }
    let [job] = bed.jobs(9000).await.try_into().unwrap();
    assert_eq!((job.attempt, job.step), (2, 2));
    assert_eq!(job.first_attempt_at, Some(at(33)));
}

pub(crate) async fn of_what_was_only_in_memory_writes_its_row(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.with_intake();
    bed.intake.room(key, 20);
    for (number, (next, state, reason)) in (1_i64..).zip(OUTCOMES) {
        bed.push([number]).await;
        let [job] = bed.intake.taken().try_into().unwrap();
        assert_eq!(bed.settle(&job, next, 30).await, state);
        let (found, attempts) =
            bed.store.delivery(ACCOUNT, delivery(key, number)).await.unwrap().unwrap();
        assert_eq!((found.state, found.reason.as_deref()), (state, reason));
        assert_eq!(found.next_attempt_at, next.due());
        assert_eq!(attempts, [attempt(1, 27)]);
        assert_eq!(found.last_attempt, Some(attempt(1, 27)));
    }
    let job = bed.one_job(9000).await;
    assert_eq!((job.attempt, job.step, job.first_attempt_at), (2, 2, Some(at(27))));
}

pub(crate) async fn keeps_every_attempt(bed: Bed) {
    bed.endpoints([1]).await;
    let [key] = bed.push([1]).await.try_into().unwrap();
    let mut made = Vec::new();
    for number in 1..=3_u32 {
        let now = i64::from(number) * 10;
        let job = bed.one_job(now).await;
        assert_eq!(job.attempt, number);
        let tried = Attempt {
            status: None,
            error: Some("timeout".to_owned()),
            response_body: vec![u8::try_from(number).unwrap()],
            response_head: None,
            address: None,
            ..attempt(number, now)
        };
        made.push(tried.clone());
        let next = Next::RetryAt(at(now + 5));
        let settled = Settlement { attempt: Some(tried), ..settlement(&job, next, now + 1) };
        bed.store.settle(settled).await.unwrap();
        assert_eq!(bed.attempts(key).await, made);
    }
    let found = bed.delivery(key).await;
    assert_eq!(found.attempts, 3);
    assert_eq!(found.last_attempt.as_ref(), made.last());
}

pub(crate) async fn counts_no_step_that_it_broke_off(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.with_intake();
    bed.intake.room(key, 1);
    bed.push([1]).await;
    let mut job = bed.intake.taken().pop().unwrap();
    for (now, number) in [(10, 1), (20, 2)] {
        let mut cut = settlement(&job, Next::RetryAt(at(now)), now);
        cut.attempt.as_mut().unwrap().error = Some("cancelled".to_owned());
        assert_eq!(bed.store.settle(cut).await.unwrap(), DeliveryState::Pending);
        job = bed.one_job(now).await;
        assert_eq!((job.attempt, job.step), (number + 1, 1));
    }
    bed.settle(&job, Next::RetryAt(at(30)), 30).await;
    let job = bed.one_job(30).await;
    assert_eq!((job.attempt, job.step), (4, 2));
    assert_eq!(bed.attempts(job.delivery).await.len(), 3);
}

pub(crate) async fn twice_is_once(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.with_intake();
    bed.intake.room(key, 1);
    for (number, (next, state, _)) in (1_i64..).zip(OUTCOMES) {
        bed.push([number]).await;
        let job = match bed.intake.taken().pop() {
            Some(job) => job,
            None => bed.one_job(20).await,
        };
        let health = Some(failing(1, 1, None));
        let settled = Settlement { health, ..settlement(&job, next, 30) };
        assert_eq!(bed.store.settle(settled.clone()).await.unwrap(), state);
        let first = bed.delivery(job.delivery).await;
        assert_eq!(bed.store.settle(settled).await.unwrap(), state);
        assert_eq!(bed.delivery(job.delivery).await, first);
        assert_eq!(bed.attempts(job.delivery).await.len(), 1);
    }
    // Nor does a late repeat undo what came after.
    bed.push([20]).await;
    let job = bed.one_job(40).await;
    let delivered =
        Settlement { health: Some(Health::default()), ..settlement(&job, Next::Delivered, 41) };
    bed.store.settle(delivered.clone()).await.unwrap();
    let what = hookseal_server::store::Replay::Delivery(job.delivery);
    bed.store.replay(ACCOUNT, what, at(42)).await.unwrap();
    bed.store.settle(delivered).await.unwrap();
    assert_eq!(bed.state(job.delivery).await.0, DeliveryState::Pending);
}

pub(crate) async fn gives_back_what_was_not_tried(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.with_intake();
    bed.intake.room(key, 1);
    bed.push([1, 2]).await;
    let mut jobs = bed.intake.taken();
    jobs.extend(bed.jobs(10).await);
    assert_eq!(numbers(&jobs), [1, 2]);
    for job in &jobs {
        let given = Settlement { attempt: None, ..settlement(job, Next::Release(at(15)), 12) };
        assert_eq!(bed.store.settle(given).await.unwrap(), DeliveryState::Pending);
        let found = bed.delivery(job.delivery).await;
        assert_eq!((found.attempts, found.last_attempt), (0, None));
        assert_eq!(found.next_attempt_at, Some(at(15)));
    }
    assert!(bed.jobs(14).await.is_empty());
    let again = bed.jobs(15).await;
    assert_eq!(again.len(), 2);
    for job in again {
        assert_eq!((job.attempt, job.step, job.first_attempt_at), (1, 1, None));
    }
}

pub(crate) async fn believes_that_it_was_delivered(bed: Bed) {
    bed.endpoints([1]).await;
    bed.push([1, 2, 3]).await;
    let jobs = bed.jobs(10).await;
    let lost = |job: &Job| Job { claim: NO_CLAIM, ..job.clone() };
    let [first, second, third] = jobs.as_slice() else { panic!() };
    // While it is being sent again, ...
    assert_eq!(bed.settle(&lost(first), Next::Delivered, 20).await, DeliveryState::Delivered);
    let later = Settlement {
        attempt: Some(attempt(1, 30)),
        ..settlement(first, Next::RetryAt(at(40)), 33)
    };
    assert_eq!(bed.store.settle(later).await.unwrap(), DeliveryState::Delivered);
    // ... while it waits, ...
    bed.settle(second, Next::RetryAt(at(50)), 20).await;
    assert_eq!(bed.settle(&lost(second), Next::Delivered, 25).await, DeliveryState::Delivered);
    // ... and after it was given up.
    bed.settle(third, Next::GiveUp(GiveUpReason::TooOld), 20).await;
    assert_eq!(bed.settle(&lost(third), Next::Delivered, 25).await, DeliveryState::Delivered);
    for job in &jobs {
        assert_eq!(bed.state(job.delivery).await, (DeliveryState::Delivered, None));
    }
    let numbers: Vec<_> =
        bed.attempts(second.delivery).await.iter().map(|attempt| attempt.number).collect();
    assert_eq!(numbers, [1, 2]);
    assert!(bed.jobs(100).await.is_empty());
}

pub(crate) async fn believes_nothing_else_of_what_is_not_held(bed: Bed) {
    bed.endpoints([1]).await;
    let [key] = bed.push([1]).await.try_into().unwrap();
    let job = bed.one_job(10).await;
    let lost = Job { claim: NO_CLAIM, ..job.clone() };
    for (next, ..) in OUTCOMES.into_iter().filter(|(next, ..)| *next != Next::Delivered) {
        let settled = Settlement {
            health: Some(failing(9, 1, Some(9000))),
            disable: Some(failing_for_good()),
            report: vec![event(90)],
            ..settlement(&lost, next, 20)
        };
        assert_eq!(bed.store.settle(settled).await.unwrap(), DeliveryState::Delivering);
    }
    assert!(bed.attempts(key).await.is_empty());
    assert_eq!(bed.store.events(ACCOUNT, &Default::default(), None, 9).await.unwrap().len(), 1);
    let target = bed.store.target(ACCOUNT, key.endpoint).await.unwrap().unwrap();
    assert_eq!(target.endpoint.state, EndpointState::Active);
    assert_eq!(target.endpoint.failing_since, None);
    assert_eq!(bed.settle(&job, Next::Delivered, 30).await, DeliveryState::Delivered);
}

fn failing_for_good() -> Disable {
    Disable { reason: "failing", report: Some(event(91)) }
}

pub(crate) async fn an_answer_from_before_a_change_disables_nothing(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.push([1, 2]).await;
    let [job, other] = bed.jobs(10).await.try_into().unwrap();
    let failed = Settlement {
        health: Some(failing(9, 1, Some(9000))),
        ..settlement(&other, Next::RetryAt(at(9000)), 11)
    };
    bed.store.settle(failed).await.unwrap();
    let url = EndpointChange {
        url: Some("https://example.com/new".to_owned()),
        ..EndpointChange::default()
    };
    let changed = bed.change(key, url, 12).await;
    assert_eq!(changed.failing_since, None);
    let gone = Settlement { disable: Some(failing_for_good()), ..settlement(&job, Next::Gone, 13) };
    assert_eq!(bed.store.settle(gone).await.unwrap(), DeliveryState::Failed);
    let endpoint = bed.store.target(ACCOUNT, key).await.unwrap().unwrap().endpoint;
    assert_eq!((endpoint.state, endpoint.version), (EndpointState::Active, changed.version));
    // Nothing tells of what did not happen, and what waits goes on.
    assert_eq!(bed.store.events(ACCOUNT, &Default::default(), None, 9).await.unwrap().len(), 2);
    let next = bed.one_job(9000).await;
    assert_eq!(next.delivery, other.delivery);
    let gone =
        Settlement { disable: Some(failing_for_good()), ..settlement(&next, Next::Gone, 9001) };
    assert_eq!(bed.store.settle(gone).await.unwrap(), DeliveryState::Failed);
    let endpoint = bed.store.target(ACCOUNT, key).await.unwrap().unwrap().endpoint;
    assert_eq!(endpoint.state, EndpointState::Disabled);
    assert_eq!(bed.store.events(ACCOUNT, &Default::default(), None, 9).await.unwrap().len(), 3);
}

pub(crate) async fn disables_and_cancels(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    let keys = bed.push([1, 2, 3]).await;
    let jobs = bed.jobs(10).await;
    bed.settle(&jobs[0], Next::RetryAt(at(20)), 11).await;
    let last =
        Settlement { disable: Some(failing_for_good()), ..settlement(&jobs[1], Next::Gone, 12) };
    assert_eq!(bed.store.settle(last).await.unwrap(), DeliveryState::Failed);
    let endpoint = bed.store.target(ACCOUNT, key).await.unwrap().unwrap().endpoint;
    assert_eq!(endpoint.state, EndpointState::Disabled);
    assert_eq!(endpoint.reason.as_deref(), Some("failing"));
    assert!(endpoint.version > 1);
    let cancelled = (DeliveryState::Cancelled, Some("endpoint_disabled".to_owned()));
    assert_eq!(bed.state(keys[0]).await, cancelled);
    assert_eq!(bed.settle(&jobs[2], Next::RetryAt(at(20)), 13).await, DeliveryState::Cancelled);
    assert_eq!(bed.state(keys[2]).await, cancelled);
    assert!(bed.jobs(100).await.is_empty());
    assert!(bed.push([4]).await.is_empty());
}

pub(crate) async fn stores_its_reports(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.push([1]).await;
    let job = bed.one_job(10).await;
    bed.with_intake();
    bed.intake.room(key, 1);
    let report = vec![
        NewEvent { event_type: "endpoint.failing".to_owned(), ..event(11) },
        NewEvent { event_type: "endpoint.failing".to_owned(), ..event(12) },
    ];
    let settled = Settlement { report, ..settlement(&job, Next::RetryAt(at(90)), 11) };
    bed.store.settle(settled.clone()).await.unwrap();
    assert_eq!(numbers(&bed.intake.taken()), [11]);
    bed.store.settle(settled).await.unwrap();
    assert!(bed.intake.taken().is_empty());
    assert_eq!(numbers(&bed.jobs(20).await), [12]);
}

pub(crate) async fn remembers_health(bed: Bed) {
    let [key] = bed.endpoints([1]).await;
    bed.push([1, 2]).await;
    let jobs = bed.jobs(10).await;
    let failed = Settlement {
        health: Some(failing(1, 8, None)),
        ..settlement(&jobs[0], Next::RetryAt(at(20)), 11)
    };
    bed.store.settle(failed).await.unwrap();
    let since =
        async || bed.store.target(ACCOUNT, key).await.unwrap().unwrap().endpoint.failing_since;
    assert_eq!(since().await, Some(at(8)));
    let version = bed.store.target(ACCOUNT, key).await.unwrap().unwrap().endpoint.version;
    assert_eq!(version, 1);
    assert_eq!(bed.one_job(20).await.health, failing(1, 8, None));
    let taken =
        Settlement { health: Some(Health::default()), ..settlement(&jobs[1], Next::Delivered, 21) };
    bed.store.settle(taken).await.unwrap();
    assert_eq!(since().await, None);
}
