use super::*;
use crate::store::{
    AccountKey, ClaimKey, DeliveryKey, Endpoint, EndpointSettings, EndpointState, Event, EventKey,
    SealedSecret, SecretKind, Secrets, Target,
};

const LIMITS: Limits =
    Limits { total: 8, per_endpoint: 4, queue: 100, remembered: 4, grace: Duration::ZERO };

fn now(millis: u64) -> Now {
    let elapsed = Duration::from_millis(millis);
    let time = Timestamp::from_millis(1_777_000_000_000 + i64::try_from(millis).unwrap());
    Now { time, elapsed }
}

fn target(endpoint: i64, tenant: &str, settings: EndpointSettings) -> SharedTarget {
    let none = SealedSecret { kind: SecretKind::None, sealed: Vec::new() };
    Arc::new(Target {
        endpoint: Endpoint {
            key: EndpointKey(endpoint),
            account: AccountKey(1),
            url: "https://example.com/".to_owned(),
            event_types: vec!["*".to_owned()],
            profile: "ainative".to_owned(),
            tenant: Some(tenant.to_owned()),
            description: None,
            state: EndpointState::Active,
            reason: None,
            secret: SecretKind::None,
            settings,
            failing_since: None,
            version: 1,
        },
        secrets: Secrets { current: none, previous: None },
    })
}

fn plain(endpoint: i64) -> SharedTarget {
    target(endpoint, "t", EndpointSettings::default())
}

fn job(target: &SharedTarget, event: i64) -> Job {
    Job {
        delivery: DeliveryKey { endpoint: target.endpoint.key, event: EventKey(event) },
        claim: ClaimKey(1),
        attempt: 1,
        step: 1,
        first_attempt_at: None,
        target: Arc::clone(target),
        health: Health::default(),
        event: Arc::new(Event {
            key: EventKey(event),
            account: AccountKey(1),
            id: event.to_string(),
            event_type: "a.b".to_owned(),
            tenant: None,
            profile: None,
            ordering_key: None,
            data: Arc::from("{}"),
        }),
        at_once: false,
    }
}

/// Accepts so many events for an endpoint.
fn accept(scheduler: &mut Scheduler, target: &SharedTarget, count: i64, at: u64) {
    for event in 0..count {
        assert!(scheduler.reserve(target, Health::default(), 2, now(at)));
        assert!(scheduler.take(vec![job(target, event)], now(at)).is_empty());
    }
}

/// The endpoints of all turns there are.
fn turns(scheduler: &mut Scheduler, at: u64) -> Vec<i64> {
    let turns = std::iter::from_fn(|| scheduler.turn(now(at)));
    turns.map(|turn| turn.job.delivery.endpoint.0).collect()
}

fn finish(scheduler: &mut Scheduler, endpoint: i64, leased: bool, sign: Sign, at: u64) -> After {
    let probe = scheduler.lanes[&EndpointKey(endpoint)].health.failures >= OPEN_AFTER;
    let kind = TurnKind { leased, probe, bytes: 2 };
    scheduler.finish(EndpointKey(endpoint), kind, sign, sign == Sign::Down, now(at), 0.0)
}

fn end(scheduler: &mut Scheduler, endpoint: i64, sign: Sign, at: u64) -> After {
    let after = finish(scheduler, endpoint, false, sign, at);
    scheduler.settled();
    after
}

#[test]
fn endpoints_take_turns_whatever_waits_for_each() {
    let mut scheduler = Scheduler::new(LIMITS);
    accept(&mut scheduler, &plain(1), 50, 0);
    accept(&mut scheduler, &plain(2), 2, 0);
    accept(&mut scheduler, &plain(3), 1, 0);
    // The last quarter is for endpoints to which nothing runs.
    assert_eq!(turns(&mut scheduler, 0), [1, 2, 3, 1, 2, 1]);
    accept(&mut scheduler, &plain(4), 5, 0);
    accept(&mut scheduler, &plain(5), 5, 0);
    assert_eq!(turns(&mut scheduler, 0), [4, 5]);
    // Beyond them there is one for a tenant that has little under way.
    accept(&mut scheduler, &plain(7), 1, 0);
    accept(&mut scheduler, &target(6, "other", EndpointSettings::default()), 5, 0);
    assert_eq!(turns(&mut scheduler, 0), [6]);
    end(&mut scheduler, 1, Sign::Took, 1);
    end(&mut scheduler, 2, Sign::Took, 1);
    assert_eq!(turns(&mut scheduler, 1), [7]);
}

#[test]
fn endpoints_of_one_tenant_that_begin_to_hang_leave_room_for_the_others() {
    for known in [false, true] {
        let limits = Limits { total: 512, queue: 10_000, remembered: 10_000, ..LIMITS };
        let mut scheduler = Scheduler::new(limits);
        for endpoint in 1..=600 {
            accept(&mut scheduler, &plain(endpoint), 1, 0);
            if known {
                assert_eq!(turns(&mut scheduler, 0), [endpoint]);
                end(&mut scheduler, endpoint, Sign::Took, 0);
            }
        }
        // None of these ever ends.
        for endpoint in 1..=600 {
            accept(&mut scheduler, &plain(endpoint), 3, 1);
        }
        let hanging = turns(&mut scheduler, 1).len();
        assert_eq!(hanging, if known { 544 } else { 512 });
        // One by one, and many at once, though none of them ever took anything.
        for (first, tenant) in [(2000, "a"), (3000, "b"), (4000, "c")] {
            let own = |endpoint| target(endpoint, tenant, EndpointSettings::default());
            for round in 2..50 {
                let endpoint = first + i64::try_from(round).unwrap();
                accept(&mut scheduler, &own(endpoint), 1, round);
                assert_eq!(turns(&mut scheduler, round), [endpoint], "{tenant}");
                end(&mut scheduler, endpoint, Sign::Took, round);
            }
            for endpoint in first + 100..first + 300 {
                accept(&mut scheduler, &own(endpoint), 1, 60);
            }
            let (mut running, mut served) = (VecDeque::from(turns(&mut scheduler, 60)), 0);
            while let Some(endpoint) = running.pop_front() {
                assert!(endpoint > first, "those that hang wait");
                end(&mut scheduler, endpoint, Sign::Took, 60);
                running.extend(turns(&mut scheduler, 60));
                served += 1;
            }
            assert_eq!(served, 200, "{tenant}");
            // One with more to send than runs at once.
            accept(&mut scheduler, &own(first + 99), 5, 61);
            for _ in 0..5 {
                assert_eq!(turns(&mut scheduler, 61), [first + 99]);
                end(&mut scheduler, first + 99, Sign::Took, 61);
            }
        }
    }
}

#[test]
fn who_had_to_wait_for_others_goes_on_once_they_are_gone() {
    let limits = Limits { total: 512, queue: 10_000, remembered: 10_000, ..LIMITS };
    let mut scheduler = Scheduler::new(limits);
    for endpoint in 1..=512 {
        accept(&mut scheduler, &plain(endpoint), 1, 0);
    }
    assert_eq!(turns(&mut scheduler, 0).len(), 512);
    for endpoint in 1001..=1600 {
        let other = target(endpoint, "other", EndpointSettings::default());
        accept(&mut scheduler, &other, 1, 1);
    }
    let begun = turns(&mut scheduler, 1).len();
    assert_eq!(begun, 33, "as many as are left");
    // None of its own ends.
    for endpoint in 1..=512 {
        end(&mut scheduler, endpoint, Sign::Took, 2);
    }
    let mut running = begun;
    while let Some(turn) = scheduler.turn(now(3)) {
        assert!(turn.job.delivery.endpoint.0 > 1000);
        running += 1;
    }
    assert_eq!(running, 512);
}

#[test]
fn endpoints_that_never_took_anything_leave_room_for_those_that_did() {
    let limits = Limits { total: 512, queue: 10_000, remembered: 10_000, ..LIMITS };
    let mut scheduler = Scheduler::new(limits);
    accept(&mut scheduler, &plain(9999), 1, 0);
    assert_eq!(turns(&mut scheduler, 0), [9999]);
    end(&mut scheduler, 9999, Sign::Took, 0);
    for endpoint in 1..=600 {
        accept(&mut scheduler, &plain(endpoint), 1, 1);
    }
    let hanging = turns(&mut scheduler, 1).len();
    assert_eq!(hanging, 512);
    accept(&mut scheduler, &plain(9999), 1, 2);
    assert_eq!(turns(&mut scheduler, 2), [9999]);
    // Whoever ends makes room for one that waited.
    end(&mut scheduler, 9999, Sign::Took, 3);
    end(&mut scheduler, 1, Sign::Took, 3);
    assert_eq!(turns(&mut scheduler, 3).len(), 1);
}

#[test]
fn tenants_share_alike_whatever_the_number_of_their_endpoints() {
    let mut scheduler = Scheduler::new(Limits { total: 100, ..LIMITS });
    for endpoint in 1..=9 {
        accept(&mut scheduler, &target(endpoint, "many", EndpointSettings::default()), 3, 0);
    }
    accept(&mut scheduler, &target(10, "one", EndpointSettings::default()), 3, 0);
    let first: Vec<_> = turns(&mut scheduler, 0).into_iter().take(6).collect();
    assert_eq!(first, [1, 10, 2, 10, 3, 10]);
}

#[test]
fn an_endpoint_gets_as_many_at_once_as_it_wants() {
    let mut scheduler = Scheduler::new(LIMITS);
    let two = EndpointSettings { concurrency: Some(2), ..EndpointSettings::default() };
    accept(&mut scheduler, &target(1, "t", two), 9, 0);
    assert_eq!(turns(&mut scheduler, 0), [1, 1]);
    end(&mut scheduler, 1, Sign::Took, 1);
    assert_eq!(turns(&mut scheduler, 1), [1]);
}

#[test]
fn who_did_not_answer_gets_one_at_a_time() {
    let mut scheduler = Scheduler::new(LIMITS);
    accept(&mut scheduler, &plain(1), 9, 0);
    assert_eq!(turns(&mut scheduler, 0).len(), 4);
    for _ in 0..4 {
        end(&mut scheduler, 1, Sign::Down, 1);
    }
    assert_eq!(turns(&mut scheduler, 1), [1]);
    end(&mut scheduler, 1, Sign::Took, 2);
    assert_eq!(turns(&mut scheduler, 2).len(), 4);
}

#[test]
fn a_rate_is_kept_and_the_next_moment_told() {
    let mut scheduler = Scheduler::new(LIMITS);
    let rate = EndpointSettings { rate_limit: Some(2), ..EndpointSettings::default() };
    accept(&mut scheduler, &target(1, "t", rate), 9, 0);
    scheduler.ask = false;
    assert_eq!(turns(&mut scheduler, 0), [1, 1]);
    assert!(std::mem::take(&mut scheduler.new_timer));
    let half = Duration::from_millis(500) + Duration::from_nanos(1);
    assert_eq!(scheduler.next_moment(now(0)), (None, Some(half)));
    assert!(turns(&mut scheduler, 400).is_empty());
    assert_eq!(turns(&mut scheduler, 501), [1]);
}

#[test]
fn memory_is_bounded() {
    let mut scheduler = Scheduler::new(LIMITS);
    accept(&mut scheduler, &plain(1), 60, 0);
    accept(&mut scheduler, &plain(2), 40, 0);
    assert!(!scheduler.reserve(&plain(3), Health::default(), 2, now(0)));
    turns(&mut scheduler, 0);
    assert!(scheduler.reserve(&plain(3), Health::default(), 2, now(0)));
    scheduler.release(EndpointKey(3), 2);
    assert!(!scheduler.reserve(&plain(3), Health::default(), MAX_BYTES, now(0)));

    let mut scheduler = Scheduler::new(Limits { queue: 10_000, ..LIMITS });
    accept(&mut scheduler, &plain(1), i64::try_from(MAX_PER_LANE).unwrap(), 0);
    assert!(!scheduler.reserve(&plain(1), Health::default(), 2, now(0)));
    assert!(scheduler.reserve(&plain(2), Health::default(), 2, now(0)));
}

#[test]
fn what_is_accepted_leaves_a_lease_its_bytes() {
    let mut scheduler = Scheduler::new(Limits { total: 64, ..LIMITS });
    let most = MAX_BYTES - LEASE_BYTES;
    assert!(!scheduler.reserve(&plain(1), Health::default(), most + 1, now(0)));
    assert!(scheduler.reserve(&plain(1), Health::default(), most, now(0)));
    assert_eq!(scheduler.lease_request(now(0)).unwrap().bytes, LEASE_BYTES);
    scheduler.leased(Leased { jobs: vec![job(&plain(2), 7)], ..Leased::default() }, now(0));
    scheduler.wake();
    assert!(!scheduler.asks());
    scheduler.release(EndpointKey(1), most);
    assert!(scheduler.asks());
}

#[test]
fn an_open_breaker_gives_back_what_waits_and_takes_no_more() {
    let mut scheduler = Scheduler::new(LIMITS);
    let mut released = Vec::new();
    for round in 0..OPEN_AFTER {
        accept(&mut scheduler, &plain(1), if round == 0 { 1 } else { 2 }, u64::from(round));
        assert_eq!(turns(&mut scheduler, u64::from(round)).len(), 1);
        released = end(&mut scheduler, 1, Sign::Down, u64::from(round)).released;
    }
    assert_eq!(released.len(), usize::try_from(OPEN_AFTER).unwrap() - 1);
    assert_eq!(scheduler.waiting, 0);
    assert_eq!(scheduler.bytes, 0);
    let known = scheduler.lanes[&EndpointKey(1)].health;
    assert!(!scheduler.reserve(&plain(1), known, 2, now(20)));
    // A probe comes by a lease, and closes it.
    assert!(scheduler.lease_request(now(2000)).is_some());
    let probe = Job { health: known, ..job(&plain(1), 7) };
    scheduler.leased(Leased { jobs: vec![probe], ..Leased::default() }, now(2000));
    assert_eq!(turns(&mut scheduler, 2000), [1]);
    let after = finish(&mut scheduler, 1, true, Sign::Took, 2001);
    assert_eq!(after.health, Some(Health::default()));
    assert!(scheduler.reserve(&plain(1), Health::default(), 2, now(2002)));
}

#[test]
fn what_another_node_learnt_is_believed() {
    let mut scheduler = Scheduler::new(LIMITS);
    let open = Health { failures: 20, hold_until: Some(now(50).time), failing_since: None };
    assert!(!scheduler.reserve(&plain(1), open, 2, now(0)));
    assert!(!scheduler.reserve(&plain(1), Health::default(), 2, now(0)));
    assert!(scheduler.reserve(&plain(1), Health::default(), 2, now(1500)));
}

#[test]
fn failures_from_before_a_success_are_over_though_it_is_not_settled_yet() {
    let mut scheduler = Scheduler::new(LIMITS);
    accept(&mut scheduler, &plain(1), 1, 10);
    assert_eq!(turns(&mut scheduler, 10), [1]);
    end(&mut scheduler, 1, Sign::Took, 11);
    let failures = OPEN_AFTER - 1;
    let before = Health { failures, hold_until: None, failing_since: Some(now(0).time) };
    assert!(scheduler.reserve(&plain(1), before, 2, now(12)));
    assert!(scheduler.take(vec![job(&plain(1), 1)], now(12)).is_empty());
    assert_eq!(turns(&mut scheduler, 12), [1]);
    let after = end(&mut scheduler, 1, Sign::Down, 13).health.unwrap();
    assert_eq!((after.failures, after.hold_until), (1, None));
    // Those that another node saw since are not.
    let since = Health { failing_since: Some(now(14).time), ..before };
    assert!(scheduler.reserve(&plain(1), since, 2, now(15)));
    assert_eq!(scheduler.lanes[&EndpointKey(1)].health.failures, failures);
}

#[test]
fn what_waits_is_given_back_when_another_node_opens_the_breaker() {
    let mut scheduler = Scheduler::new(LIMITS);
    let endpoint = plain(1);
    accept(&mut scheduler, &endpoint, 3, 0);
    let open = Health {
        failures: OPEN_AFTER + 2,
        hold_until: Some(now(4000).time),
        failing_since: Some(now(0).time),
    };
    assert!(!scheduler.reserve(&endpoint, open, 2, now(1)));
    let begun = scheduler.turns(now(1));
    assert!(begun.turns.is_empty());
    assert_eq!(begun.overtaken.len(), 3);
    assert_eq!((scheduler.waiting, scheduler.bytes), (0, 0));
    // A lease brings the one that is to show whether it is well again.
    let probe = Job { health: open, ..job(&endpoint, 9) };
    assert!(scheduler.lease_request(now(2)).is_some());
    let leased = Leased { jobs: vec![probe], ..Leased::default() };
    assert!(scheduler.leased(leased, now(2)).is_empty());
    let begun = scheduler.turns(now(2));
    assert!(begun.turns[0].kind.probe);
    assert!(begun.overtaken.is_empty());
}

#[test]
fn a_probe_that_is_broken_off_holds_up_the_next_for_a_moment_only() {
    let mut scheduler = Scheduler::new(LIMITS);
    let endpoint = plain(1);
    let open = Health {
        failures: OPEN_AFTER,
        hold_until: Some(now(120_000).time),
        failing_since: Some(now(0).time),
    };
    let probe = Job { health: open, ..job(&endpoint, 1) };
    assert!(scheduler.lease_request(now(2)).is_some());
    let leased = Leased { jobs: vec![probe], ..Leased::default() };
    assert!(scheduler.leased(leased, now(2)).is_empty());
    assert!(scheduler.turn(now(2)).unwrap().kind.probe);
    let after = finish(&mut scheduler, 1, true, Sign::Nothing, 3);
    assert_eq!(after.health, Some(Health { hold_until: Some(now(1003).time), ..open }));
}

#[test]
fn nothing_is_begun_once_others_may_take_over() {
    let mut scheduler = Scheduler::new(LIMITS);
    scheduler.set_lease_end(Some(Duration::from_millis(1000)));
    accept(&mut scheduler, &plain(1), 2, 0);
    accept(&mut scheduler, &plain(2), 1, 0);
    assert!(scheduler.turn(now(999)).is_some());
    assert!(scheduler.turn(now(1000)).is_none());
    scheduler.set_lease_end(Some(Duration::from_millis(2000)));
    assert_eq!(turns(&mut scheduler, 1001), [2, 1]);
}

#[test]
fn leases_are_asked_for_in_worthwhile_pieces() {
    let mut scheduler = Scheduler::new(Limits { total: 64, per_endpoint: 4, ..LIMITS });
    let request = scheduler.lease_request(now(0)).unwrap();
    assert_eq!((request.limit, request.per_endpoint), (128, 4));
    assert!(scheduler.lease_request(now(0)).is_none(), "nothing new to ask");
    let of = |endpoint| {
        target(endpoint, ["t", "u"][usize::from(endpoint > 65)], EndpointSettings::default())
    };
    let jobs: Vec<_> = (1..=130).map(|endpoint| job(&of(endpoint), 1)).collect();
    scheduler.leased(Leased { jobs, more: true, ..Leased::default() }, now(0));
    assert!(scheduler.lease_request(now(0)).is_none(), "too little room");
    let turns = turns(&mut scheduler, 0);
    assert_eq!(turns.len(), 64);
    for endpoint in turns.into_iter().take(36) {
        finish(&mut scheduler, endpoint, true, Sign::Took, 1);
    }
    let request = scheduler.lease_request(now(1)).unwrap();
    assert_eq!(request.limit, 34);
    // What is in memory has its own room: twice what may run, less what was leased.
    assert!(request.rooms.contains(&(EndpointKey(90), 7)), "{:?}", request.rooms);
}

#[test]
fn little_room_is_enough_after_a_while() {
    let mut scheduler = Scheduler::new(Limits { total: 64, per_endpoint: 4, ..LIMITS });
    scheduler.lease_request(now(0)).unwrap();
    // Of so many tenants that none has too much.
    let of = |n: i64| target(n, &format!("t{}", n % 8), EndpointSettings::default());
    let jobs = (1..=140).map(|endpoint| job(&of(endpoint), 1)).collect();
    scheduler.leased(Leased { jobs, more: true, ..Leased::default() }, now(0));
    assert!(scheduler.lease_request(now(0)).is_none());
    assert_eq!(scheduler.next_moment(now(20)), (None, Some(Duration::from_millis(30))));
    assert!(scheduler.lease_request(now(49)).is_none());
    assert_eq!(scheduler.lease_request(now(50)).unwrap().limit, 5);
    assert_eq!(scheduler.next_moment(now(50)), (None, None));
}

#[test]
fn a_few_that_hang_do_not_hold_up_the_next_lease() {
    let mut scheduler = Scheduler::new(LIMITS);
    let hanging = (1..=4).map(|event| job(&plain(1), event)).collect();
    scheduler.lease_request(now(0)).unwrap();
    scheduler.leased(Leased { jobs: hanging, ..Leased::default() }, now(0));
    assert_eq!(turns(&mut scheduler, 0).len(), 4);
    scheduler.wake();
    assert!(scheduler.lease_request(now(1)).is_some());
}

#[test]
fn who_used_all_its_room_is_asked_for_again() {
    let mut scheduler = Scheduler::new(LIMITS);
    accept(&mut scheduler, &plain(1), 1, 0);
    turns(&mut scheduler, 0);
    end(&mut scheduler, 1, Sign::Down, 0);
    // Silent, so it is told how many to take, and "more" says nothing about it.
    let request = scheduler.lease_request(now(0)).unwrap();
    assert_eq!(request.rooms, [(EndpointKey(1), 2)]);
    let jobs = vec![job(&plain(1), 101), job(&plain(1), 102)];
    scheduler.leased(Leased { jobs, ..Leased::default() }, now(0));
    assert_eq!(turns(&mut scheduler, 0), [1]);
    finish(&mut scheduler, 1, true, Sign::Took, 1);
    assert_eq!(turns(&mut scheduler, 1), [1]);
    finish(&mut scheduler, 1, true, Sign::Took, 2);
    assert!(scheduler.lease_request(now(2)).is_some());
}

#[test]
fn a_retry_gets_its_turn_before_what_was_accepted_since() {
    let mut scheduler = Scheduler::new(LIMITS);
    accept(&mut scheduler, &plain(1), 9, 0);
    scheduler.lease_request(now(0)).unwrap();
    let jobs = vec![job(&plain(1), 101), job(&plain(1), 102)];
    scheduler.leased(Leased { jobs, ..Leased::default() }, now(0));
    let order: Vec<_> = std::iter::from_fn(|| scheduler.turn(now(0)))
        .map(|turn| turn.job.delivery.event.0)
        .collect();
    assert_eq!(order, [101, 102, 0, 1]);
}

#[test]
fn a_revocation_takes_out_what_waits_and_what_a_lease_still_brings() {
    let mut scheduler = Scheduler::new(LIMITS);
    accept(&mut scheduler, &plain(1), 5, 0);
    let running = scheduler.turn(now(0)).unwrap();
    assert!(!running.revoked.has_changed().unwrap());
    scheduler.lease_request(now(0)).unwrap();
    assert_eq!(scheduler.revoke(EndpointKey(1)).len(), 4);
    assert!(running.revoked.has_changed().unwrap());
    let jobs = vec![job(&plain(1), 101), job(&plain(2), 102)];
    let gone = scheduler.leased(Leased { jobs, ..Leased::default() }, now(0));
    assert_eq!(gone.len(), 1);
    assert_eq!(turns(&mut scheduler, 0), [2]);
}

#[test]
fn who_was_taken_for_dead_sends_nothing_that_an_earlier_lease_still_brings() {
    let mut scheduler = Scheduler::new(LIMITS);
    scheduler.lease_request(now(0)).unwrap();
    assert!(scheduler.revoke_all().is_empty());
    let jobs = vec![job(&plain(1), 1), job(&plain(2), 1)];
    assert_eq!(scheduler.leased(Leased { jobs, ..Leased::default() }, now(1)).len(), 2);
    assert!(turns(&mut scheduler, 1).is_empty());
    // The next one is this node's again.
    scheduler.wake();
    scheduler.lease_request(now(1)).unwrap();
    let jobs = vec![job(&plain(1), 1)];
    assert!(scheduler.leased(Leased { jobs, ..Leased::default() }, now(1)).is_empty());
    assert_eq!(turns(&mut scheduler, 1), [1]);
}

#[test]
fn a_closed_scheduler_gives_everything_back() {
    let mut scheduler = Scheduler::new(LIMITS);
    accept(&mut scheduler, &plain(1), 5, 0);
    assert!(scheduler.reserve(&plain(1), Health::default(), 2, now(0)));
    assert_eq!(scheduler.close().len(), 5);
    assert_eq!(scheduler.take(vec![job(&plain(1), 9)], now(0)).len(), 1);
    assert!(!scheduler.reserve(&plain(1), Health::default(), 2, now(0)));
    assert!(turns(&mut scheduler, 0).is_empty());
    assert_eq!((scheduler.waiting, scheduler.bytes), (0, 0));
}

#[test]
fn endpoints_that_nothing_happens_to_are_forgotten() {
    let mut scheduler = Scheduler::new(LIMITS);
    for endpoint in 0..20 {
        accept(&mut scheduler, &plain(endpoint), 1, 0);
        turns(&mut scheduler, 0);
        end(&mut scheduler, endpoint, Sign::Took, 0);
    }
    assert!(scheduler.lanes.len() <= LIMITS.remembered + 1, "{}", scheduler.lanes.len());
}

#[test]
fn who_takes_no_turn_can_be_broken_off_as_long_as_it_runs() {
    let mut scheduler = Scheduler::new(LIMITS);
    let aside = scheduler.aside(&plain(100), Health::default(), now(0));
    let churn = |scheduler: &mut Scheduler| {
        for endpoint in 0..20 {
            accept(scheduler, &plain(endpoint), 1, 0);
            turns(scheduler, 0);
            end(scheduler, endpoint, Sign::Took, 0);
        }
        scheduler.lanes.contains_key(&EndpointKey(100))
    };
    assert!(churn(&mut scheduler) && !aside.revoked.has_changed().unwrap());
    scheduler.revoke(EndpointKey(100));
    assert!(aside.revoked.has_changed().unwrap());
    scheduler.leave_aside(EndpointKey(100), Duration::ZERO);
    assert!(!churn(&mut scheduler));
}

#[test]
fn what_was_under_way_when_the_breaker_opened_counts_no_more() {
    let mut scheduler = Scheduler::new(Limits { per_endpoint: 32, total: 64, ..LIMITS });
    accept(&mut scheduler, &plain(1), 32, 0);
    let kinds: Vec<_> =
        std::iter::from_fn(|| scheduler.turn(now(0))).map(|turn| turn.kind).collect();
    assert_eq!(kinds.len(), 32);
    for kind in kinds {
        scheduler.finish(EndpointKey(1), kind, Sign::Down, true, now(1), 0.0);
    }
    let health = scheduler.lanes[&EndpointKey(1)].health;
    assert_eq!((health.failures, health.hold_until), (OPEN_AFTER, Some(now(1001).time)));
    // Nor does what another node saw end it: a success does.
    let after =
        scheduler.finish(EndpointKey(1), TurnKind::default(), Sign::Took, false, now(2), 0.0);
    assert_eq!(after.health, Some(Health::default()));
}

#[test]
fn the_kept_part_is_for_those_that_took_the_last() {
    let mut scheduler = Scheduler::new(Limits { remembered: 1000, ..LIMITS });
    let failed = Health { failures: 3, hold_until: None, failing_since: Some(now(0).time) };
    for endpoint in 1..=40 {
        assert!(scheduler.reserve(&plain(endpoint), failed, 2, now(0)));
        let job = Job { health: failed, ..job(&plain(endpoint), 1) };
        scheduler.take(vec![job], now(0));
    }
    assert_eq!(turns(&mut scheduler, 0).len(), 6);
    accept(&mut scheduler, &plain(99), 1, 0);
    assert_eq!(turns(&mut scheduler, 0), [99], "before all of those that wait");
    end(&mut scheduler, 99, Sign::Took, 1);
    for endpoint in 1..=6 {
        end(&mut scheduler, endpoint, Sign::Down, 1);
    }
    assert_eq!(turns(&mut scheduler, 1), [7, 8, 9, 10, 11, 12], "they go on in their order");
}

#[test]
fn nothing_more_is_begun_while_many_outcomes_wait_for_the_store() {
    let mut scheduler = Scheduler::new(Limits { queue: 5, ..LIMITS });
    for round in 0..5 {
        accept(&mut scheduler, &plain(1), 1, round);
        assert_eq!(turns(&mut scheduler, round), [1]);
        finish(&mut scheduler, 1, false, Sign::Took, round);
    }
    assert!(!scheduler.reserve(&plain(1), Health::default(), 2, now(9)));
    scheduler.leased(Leased { jobs: vec![job(&plain(2), 7)], ..Leased::default() }, now(9));
    assert!(turns(&mut scheduler, 9).is_empty());
    assert!(scheduler.settled(), "somebody waits");
    assert_eq!(turns(&mut scheduler, 9), [2]);
}

#[test]
fn a_rate_is_shared_anew_when_nodes_come() {
    let mut scheduler = Scheduler::new(LIMITS);
    let rate = EndpointSettings { rate_limit: Some(4), ..EndpointSettings::default() };
    accept(&mut scheduler, &target(1, "t", rate), 9, 0);
    scheduler.set_share(0.5);
    assert_eq!(turns(&mut scheduler, 0), [1, 1]);
}

/// Has leases bring what there is room for, from a store in which that much is due for each, in that order. How much that was.
fn fill(
    scheduler: &mut Scheduler,
    store: &mut VecDeque<(SharedTarget, u32)>,
    event: &mut i64,
    at: u64,
) -> usize {
    let mut brought = 0;
    while let Some(request) = scheduler.lease_request(now(at)) {
        let (mut jobs, mut more) = (Vec::new(), false);
        for _ in 0..store.len() {
            let (target, due) = store.pop_front().unwrap();
            let endpoint = &target.endpoint;
            let room = request.rooms.iter().find(|(key, _)| *key == endpoint.key);
            let is_out = request.without.iter().any(|tenant| tenant.tenant == endpoint.tenant);
            let left = request.limit - u32::try_from(jobs.len()).unwrap();
            // What is said of an endpoint holds, whatever is said of its tenant.
            let most = room.map_or(if is_out { 0 } else { request.per_endpoint }, |room| room.1);
            let taken = due.min(most).min(left);
            for _ in 0..taken {
                *event += 1;
                jobs.push(job(&target, *event));
            }
            more |= due > taken && room.is_none() && !is_out;
            if due > taken {
                store.push_back((target, due - taken));
            }
        }
        brought += jobs.len();
        scheduler.leased(Leased { jobs, more, ..Leased::default() }, now(at));
    }
    brought
}

#[test]
fn a_backlog_that_goes_out_slowly_leaves_leases_to_the_others() {
    let limits =
        Limits { total: 512, per_endpoint: 32, queue: 10_000, remembered: 10_000, ..LIMITS };
    let once = EndpointSettings { rate_limit: Some(1), ..EndpointSettings::default() };
    let free = EndpointSettings::default();
    // So few that their rates alone bound them, and so many, or so free, that their tenant's share does.
    for (endpoints, settings) in [(40, &once), (2000, &once), (40, &free)] {
        let mut scheduler = Scheduler::new(limits);
        let mut store: VecDeque<_> =
            (1..=endpoints).map(|key| (target(key, "slow", settings.clone()), 1000)).collect();
        let mut event = 0;
        fill(&mut scheduler, &mut store, &mut event, 0);
        let slow = scheduler.leased;
        assert!((400..=1088).contains(&slow), "{slow} of 1280 for {endpoints} endpoints");
        turns(&mut scheduler, 0);
        // Whatever is due for others comes at the first word of it, though nothing of the slow ends.
        for (key, tenant) in [(9001, "a"), (9002, "b"), (9003, "c")] {
            store.push_back((target(key, tenant, EndpointSettings::default()), 8));
            scheduler.wake();
            let brought = fill(&mut scheduler, &mut store, &mut event, 1);
            assert_eq!(brought, 8, "{tenant}, {endpoints} endpoints");
            // Where three quarters run already, one after the other.
            let begun = if settings == &free { vec![key] } else { vec![key; 8] };
            assert_eq!(turns(&mut scheduler, 1), begun, "{tenant}, {endpoints} endpoints");
        }
        // Those with more than there is room for leave some to the next.
        for tenant in ["d", "e", "f"] {
            let keys = 10_000 + event..;
            store.extend(keys.take(20).map(|key| (target(key, tenant, free.clone()), 1000)));
            scheduler.wake();
            let brought = fill(&mut scheduler, &mut store, &mut event, 1);
            assert!(brought > 0 && scheduler.room() > 0, "{tenant}, {endpoints} endpoints");
        }
    }
}

#[test]
fn a_share_that_was_left_out_comes_back_in_worthwhile_pieces() {
    let limits =
        Limits { total: 512, per_endpoint: 32, queue: 10_000, remembered: 10_000, ..LIMITS };
    let mut scheduler = Scheduler::new(limits);
    let mut store: VecDeque<_> = (1..=2000).map(|key| (plain(key), 1000)).collect();
    let (mut event, mut requests, mut ended) = (0, 0, 0);
    fill(&mut scheduler, &mut store, &mut event, 0);
    let mut running = VecDeque::from(turns(&mut scheduler, 0));
    while ended < 5000 {
        let endpoint = running.pop_front().unwrap();
        finish(&mut scheduler, endpoint, true, Sign::Took, 1);
        scheduler.settled();
        ended += 1;
        requests += usize::from(scheduler.asks());
        fill(&mut scheduler, &mut store, &mut event, 1);
        running.extend(turns(&mut scheduler, 1));
        assert!(running.len() >= 384, "{} run after {ended}", running.len());
    }
    assert!(requests <= ended / 40, "asked {requests} times for {ended}");
    // In the end nothing is left behind.
    store.clear();
    while let Some(endpoint) = running.pop_front() {
        finish(&mut scheduler, endpoint, true, Sign::Took, 2);
        scheduler.settled();
        fill(&mut scheduler, &mut store, &mut event, 2);
        running.extend(turns(&mut scheduler, 2));
    }
    assert_eq!((scheduler.leased, scheduler.running, scheduler.waiting), (0, 0, 0));
    assert!(scheduler.shares.is_empty());
}

#[test]
fn a_share_that_was_left_out_comes_back_though_some_of_it_ended_meanwhile() {
    let limits =
        Limits { total: 512, per_endpoint: 32, queue: 10_000, remembered: 10_000, ..LIMITS };
    let mut scheduler = Scheduler::new(limits);
    let mut store: VecDeque<_> = (1..=2000).map(|key| (plain(key), 1000)).collect();
    fill(&mut scheduler, &mut store, &mut 0, 0);
    let mut running = VecDeque::from(turns(&mut scheduler, 0));
    let mut end = |scheduler: &mut Scheduler, count| {
        for endpoint in running.drain(..count) {
            finish(scheduler, endpoint, true, Sign::Took, 1);
            scheduler.settled();
        }
    };
    scheduler.wake();
    let request = scheduler.lease_request(now(1)).unwrap();
    assert_eq!(request.without.len(), 1);
    end(&mut scheduler, 40);
    scheduler.leased(Leased::default(), now(1));
    assert!(!scheduler.asks(), "too little to be worth while");
    end(&mut scheduler, 60);
    assert_eq!(scheduler.lease_request(now(1)).unwrap().without, []);
}

#[test]
fn a_share_that_is_full_has_no_room_in_any_of_its_lanes() {
    let limits =
        Limits { total: 512, per_endpoint: 32, queue: 10_000, remembered: 10_000, ..LIMITS };
    let mut scheduler = Scheduler::new(limits);
    let jobs = |endpoints: i64| {
        (1..=endpoints).flat_map(|key| (1..=26).map(move |event| job(&plain(key), event)))
    };
    assert!(scheduler.lease_request(now(0)).is_some());
    scheduler.leased(Leased { jobs: jobs(39).collect(), ..Leased::default() }, now(0));
    scheduler.wake();
    let request = scheduler.lease_request(now(0)).unwrap();
    assert!(request.without.is_empty() && request.rooms.iter().all(|(_, room)| *room == 38));
    scheduler.leased(Leased { jobs: jobs(1).collect(), ..Leased::default() }, now(0));
    scheduler.wake();
    let request = scheduler.lease_request(now(0)).unwrap();
    assert_eq!(request.without.len(), 1);
    assert!(request.rooms.iter().all(|(_, room)| *room == 0), "{:?}", request.rooms);
}
