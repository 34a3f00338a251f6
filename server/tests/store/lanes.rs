//! What comes back by a lease.

use hookseal::Timestamp;
use hookseal_server::store::{
    Endpoint, EndpointKey, LeaseRequest, Leased, NewEvent, Next, Settlement, Tenant,
};

use crate::bed::{ACCOUNT, Bed, at, endpoint, event, failing, numbers, request, settlement};

async fn lease(bed: &Bed, request: LeaseRequest) -> Leased {
    bed.store.lease(request).await.unwrap()
}

pub(crate) async fn take_what_is_due_and_no_more(bed: Bed) {
    bed.endpoints([1]).await;
    bed.push([1, 2]).await;
    let jobs = bed.jobs(10).await;
    bed.settle(&jobs[0], Next::RetryAt(at(30)), 11).await;
    bed.settle(&jobs[1], Next::RetryAt(at(20)), 11).await;
    let none = bed.lease(19).await;
    assert_eq!((none.jobs.len(), none.more, none.next_due), (0, false, Some(at(20))));
    let one = bed.lease(20).await;
    assert_eq!(numbers(&one.jobs), [2]);
    assert_eq!((one.more, one.next_due), (false, Some(at(30))));
    let last = bed.lease(99).await;
    assert_eq!(numbers(&last.jobs), [1]);
    assert_eq!((last.more, last.next_due), (false, None));
    assert!(bed.jobs(99).await.is_empty());
}

pub(crate) async fn keep_to_their_rooms(bed: Bed) {
    let [one, two, three] = bed.endpoints([1, 2, 3]).await;
    bed.push([1, 2, 3, 4]).await;
    let limited = LeaseRequest { per_endpoint: 2, rooms: vec![(one, 0), (two, 3)], ..request(10) };
    let count = |leased: &Leased, key: EndpointKey| {
        leased.jobs.iter().filter(|job| job.delivery.endpoint == key).count()
    };
    let leased = lease(&bed, limited).await;
    assert_eq!([one, two, three].map(|key| count(&leased, key)), [0, 3, 2]);
    let rest = lease(&bed, LeaseRequest { limit: 3, ..request(10) }).await;
    assert_eq!(rest.jobs.len(), 3);
    assert_eq!(bed.jobs(10).await.len(), 4);
}

pub(crate) async fn say_whether_more_is_due(bed: Bed) {
    let [one, two] = bed.endpoints([1, 2]).await;
    bed.push([1, 2]).await;
    let small = |rooms| LeaseRequest { per_endpoint: 1, rooms, ..request(10) };
    let leased = lease(&bed, small(vec![(two, 0)])).await;
    assert_eq!((numbers(&leased.jobs), leased.more), (vec![1], true));
    // Who has said how much room there is knows what is left.
    let leased = lease(&bed, small(vec![(one, 0), (two, 1)])).await;
    assert_eq!((numbers(&leased.jobs), leased.more), (vec![1], false));
    let leased = lease(&bed, LeaseRequest { limit: 1, ..request(10) }).await;
    assert!(leased.more);
    let leased = lease(&bed, request(10)).await;
    assert_eq!((leased.jobs.len(), leased.more), (1, false));
}

pub(crate) async fn end_with_the_delivery_that_reaches_their_bytes(bed: Bed) {
    let [one, _] = bed.endpoints([1, 2]).await;
    bed.push([1, 2]).await;
    let few = |now| LeaseRequest { bytes: event(1).data.len() + 1, ..request(now) };
    let leased = lease(&bed, few(10)).await;
    assert_eq!((leased.jobs.len(), leased.more), (2, true));
    // Nobody else tells that there is more, wherever it is for.
    let roomy = LeaseRequest { bytes: 1, rooms: vec![(one, 9), (EndpointKey(2), 9)], ..few(10) };
    let leased = lease(&bed, roomy).await;
    assert_eq!((leased.jobs.len(), leased.more), (1, true));
    let leased = lease(&bed, few(10)).await;
    assert_eq!((leased.jobs.len(), leased.more), (1, false));
}

async fn fail(
    bed: &Bed,
    job: &hookseal_server::store::Job,
    failures: u32,
    hold: Option<i64>,
    retry: i64,
    now: i64,
) {
    let failed = Settlement {
        health: Some(failing(failures, 1, hold)),
        ..settlement(job, Next::RetryAt(at(retry)), now)
    };
    bed.store.settle(failed).await.unwrap();
}

pub(crate) async fn probe_one_at_a_time(bed: Bed) {
    bed.endpoints([1]).await;
    bed.push([1, 2, 3, 4]).await;
    let jobs = bed.jobs(10).await;
    for job in &jobs {
        fail(&bed, job, 3, None, 20, 11).await;
    }
    let probe = |now, until: Timestamp| LeaseRequest { probe_until: until, ..request(now) };
    let first = lease(&bed, probe(20, at(50))).await;
    assert_eq!((first.jobs.len(), first.more), (1, false));
    assert_eq!(first.next_due, Some(at(50)));
    assert_eq!(first.jobs[0].health, failing(3, 1, Some(50)));
    assert!(lease(&bed, probe(49, at(80))).await.jobs.is_empty());
    // Nothing was heard of it: the next one.
    assert_eq!(lease(&bed, probe(50, at(80))).await.jobs.len(), 1);
    // It was taken: all of them.
    let taken = Settlement {
        health: Some(hookseal_server::store::Health::default()),
        ..settlement(&first.jobs[0], Next::Delivered, 60)
    };
    bed.store.settle(taken).await.unwrap();
    assert_eq!(lease(&bed, probe(60, at(90))).await.jobs.len(), 2);
}

pub(crate) async fn hold_back_until_their_moment(bed: Bed) {
    bed.endpoints([1]).await;
    bed.push([1]).await;
    let job = bed.one_job(10).await;
    fail(&bed, &job, 1, Some(70), 20, 11).await;
    bed.push([12]).await;
    let held = bed.lease(69).await;
    assert_eq!((held.jobs.len(), held.next_due), (0, Some(at(70))));
    assert_eq!(bed.jobs(70).await.len(), 2);
}

pub(crate) async fn a_backlog_costs_others_nothing(bed: Bed) {
    let [dead, alive] = bed.endpoints([1, 2]).await;
    let many: Vec<_> = (1..=2000)
        .map(|number| hookseal_server::store::NewEvent { only: Some(vec![dead]), ..event(number) })
        .collect();
    for some in many.chunks(500) {
        bed.store.push(some.to_vec()).await.unwrap();
    }
    let last = hookseal_server::store::NewEvent { only: Some(vec![alive]), ..event(3000) };
    bed.push_new(last).await;
    let some = LeaseRequest { limit: 10, per_endpoint: 4, ..request(3000) };
    let leased = lease(&bed, some).await;
    assert_eq!(numbers(&leased.jobs), [1, 2, 3, 4, 3000]);
    assert!(leased.more);
}

pub(crate) async fn go_on_where_the_last_one_ended(bed: Bed) {
    let all = bed.endpoints([1, 2, 3]).await;
    for number in 1..=4 {
        bed.push_new(NewEvent { now: at(1), ..event(number) }).await;
    }
    let mut after = None;
    let mut take = async |limit| {
        let some = LeaseRequest { limit, per_endpoint: 2, after, ..request(10) };
        let leased = lease(&bed, some).await;
        after = leased.after;
        let of = leased.jobs.iter().map(|job| job.delivery.endpoint).collect::<Vec<_>>();
        (of, leased.more, leased.after.is_some())
    };
    // Nobody has a second turn before each had the first, though all is due since the same moment.
    for key in all {
        assert_eq!(take(2).await, (vec![key; 2], true, true));
    }
    assert_eq!(take(2).await, (vec![], true, false), "that was the last of them");
    for key in all {
        assert_eq!(take(2).await.0, [key; 2]);
    }
    take(9).await;
    assert_eq!(take(9).await, (vec![], false, false));
}

/// An endpoint of that tenant, with so many deliveries that are due.
async fn of_tenant(bed: &Bed, number: i64, tenant: &str, due: std::ops::Range<i64>) -> EndpointKey {
    let key = EndpointKey(number);
    bed.insert(Endpoint { tenant: Some(tenant.to_owned()), ..endpoint(number) }).await;
    for number in due {
        let own =
            NewEvent { tenant: Some(tenant.to_owned()), only: Some(vec![key]), ..event(number) };
        bed.push_new(own).await;
    }
    key
}

pub(crate) async fn leave_out_tenants(bed: Bed) {
    of_tenant(&bed, 1, "full", 1..4).await;
    let other = of_tenant(&bed, 2, "other", 4..7).await;
    let without = |names: &[&str]| {
        let tenant = |name: &&str| Tenant { account: ACCOUNT, tenant: Some((*name).to_owned()) };
        LeaseRequest { without: names.iter().map(tenant).collect(), ..request(10) }
    };
    let none = lease(&bed, without(&["full", "other"])).await;
    assert_eq!((none.jobs.len(), none.more, none.next_due, none.after), (0, false, None, None));
    // That there is more for them nobody needs to be told.
    let leased = lease(&bed, LeaseRequest { per_endpoint: 2, ..without(&["full"]) }).await;
    assert!(leased.jobs.iter().all(|job| job.delivery.endpoint == other));
    assert_eq!((leased.jobs.len(), leased.more), (2, true));
    let leased = lease(&bed, without(&["full"])).await;
    assert_eq!((leased.jobs.len(), leased.more, leased.next_due), (1, false, None));
    assert_eq!(bed.jobs(10).await.len(), 3);
}

pub(crate) async fn look_at_so_many_of_a_tenant_that_is_left_out(bed: Bed) {
    for number in 1..=300 {
        of_tenant(&bed, number, "full", number..number + 1).await;
    }
    let other = of_tenant(&bed, 999, "other", 999..1000).await;
    let full = Tenant { account: ACCOUNT, tenant: Some("full".to_owned()) };
    let some = LeaseRequest { without: vec![full], ..request(1000) };
    let first = lease(&bed, some.clone()).await;
    assert_eq!((first.jobs.len(), first.more), (0, false));
    assert!(first.after.is_some());
    // The rest soon, not at once and again and again.
    assert_eq!(first.next_due, Some(at(1010)));
    let second = lease(&bed, LeaseRequest { after: first.after, ..some.clone() }).await;
    assert_eq!(second.jobs.iter().map(|job| job.delivery.endpoint).collect::<Vec<_>>(), [other]);
    assert_eq!((second.more, second.after), (true, None));
}
