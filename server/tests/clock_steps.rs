//! Real processes whose time of day is set while they work: an hour ahead, and back.

#![cfg(test)]
#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, reason = "measures how long a server waited")]

mod support;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{http::StatusCode, response::IntoResponse as _};
use serde_json::{Value, json};
use support::{
    PATIENCE, client::Client, postgres::Cluster, process::Process, receiver::Receiver,
    wrong_clock::WrongClock,
};
use tokio::sync::watch;

const HOUR: i64 = 3600;
/// What the receiver asks for, in seconds.
const PAUSE: u64 = 2;
/// Three times as many fail before one is taken: fewer than would make it count as down.
const AT_ONCE: usize = 3;

/// When each event came.
type Arrivals = HashMap<String, Vec<Instant>>;

/// Asks for a pause the first time, and takes it the second.
async fn hesitant() -> (Receiver, Arc<watch::Sender<Arrivals>>) {
    let arrivals = Arc::new(watch::Sender::new(Arrivals::new()));
    let noted = Arc::clone(&arrivals);
    let receiver = Receiver::answering(move |seen| {
        let id = seen.header("webhook-id").unwrap().to_owned();
        let mut first = false;
        noted.send_modify(|arrivals| {
            let of_this = arrivals.entry(id).or_default();
            of_this.push(Instant::now());
            first = of_this.len() == 1;
        });
        async move {
            match first {
                true => {
                    let later = [("retry-after", PAUSE.to_string())];
                    (StatusCode::SERVICE_UNAVAILABLE, later).into_response()
                }
                false => StatusCode::NO_CONTENT.into_response(),
            }
        }
    })
    .await;
    (receiver, arrivals)
}

async fn send(client: &Client, name: &str) -> Vec<String> {
    let ids: Vec<_> = (0..AT_ONCE).map(|n| format!("{name}-{n}")).collect();
    let event = |id: &String| json!({ "type": "a.b", "data": {}, "id": id });
    let events: Vec<_> = ids.iter().map(event).collect();
    let answer = client.post("/v1/events/batch", &json!({ "events": events })).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    ids
}

async fn until(arrivals: &watch::Sender<Arrivals>, ids: &[String], times: usize) {
    let mut arrivals = arrivals.subscribe();
    let came = |arrivals: &Arrivals| {
        ids.iter().all(|id| arrivals.get(id).is_some_and(|times_of| times_of.len() >= times))
    };
    let all = tokio::time::timeout(PATIENCE, arrivals.wait_for(came)).await.is_ok();
    assert!(all, "not {times} times each of {ids:?}: {:?}", arrivals.borrow());
}

/// None came before it was asked for.
fn check_pauses(arrivals: &Arrivals, ids: &[String]) {
    for id in ids {
        let [first, second] = arrivals[id][..] else { panic!("{id}: {:?}", arrivals[id]) };
        let waited = second - first;
        assert!(waited >= Duration::from_secs(PAUSE), "{id} came again after {waited:?}");
    }
}

/// Nothing came more often than it was asked for.
fn check_counts(arrivals: &Arrivals, events: usize) {
    assert_eq!(arrivals.len(), events);
    assert!(arrivals.values().all(|times| times.len() == 2), "{arrivals:?}");
}

async fn endpoint(client: &Client, url: &str, settings: Value) {
    let body = json!({ "url": url, "event_types": ["*"], "settings": settings });
    assert_eq!(client.post("/v1/endpoints", &body).await.status, 201);
}

/// The time of the database counts, and its leases by no time of day.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_clock_is_set_keeps_every_pause_and_its_lease() {
    let cluster = Cluster::shared();
    let url = cluster.database().await;
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let clock = WrongClock::new();
    let node = Process::start_node_in(&folders[0], &url, 5, &clock.variables()).await;
    let other = Process::start_node(&folders[1], &url, 5).await;
    let (receiver, arrivals) = hesitant().await;
    endpoint(&node.client, &receiver.url(), json!({})).await;
    let mut events = 0;
    for (n, ahead) in [HOUR, 0, -HOUR, 0].into_iter().enumerate() {
        let before = send(&node.client, &format!("before-{n}")).await;
        until(&arrivals, &before, 1).await;
        clock.set(ahead);
        let after = send(&node.client, &format!("after-{n}")).await;
        let others = send(&other.client, &format!("others-{n}")).await;
        let ids = [before, after, others].concat();
        until(&arrivals, &ids, 2).await;
        check_pauses(&arrivals.borrow(), &ids);
        events += ids.len();
    }
    check_counts(&arrivals.borrow(), events);
}

/// Here the machine's clock is the only one that outlasts the process: what waits for a moment waits for it by that clock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_clock_is_set_goes_on_and_loses_nothing() {
    let data = tempfile::tempdir().unwrap();
    let clock = WrongClock::new();
    let server = Process::start_in(&data, &clock.variables()).await;
    let (receiver, arrivals) = hesitant().await;
    endpoint(&server.client, &receiver.url(), json!({})).await;
    // Ahead, what waits may come at once.
    let first = send(&server.client, "first").await;
    until(&arrivals, &first, 1).await;
    clock.set(HOUR);
    until(&arrivals, &first, 2).await;
    // Back, it waits for longer, and what is new does not.
    let late = send(&server.client, "late").await;
    until(&arrivals, &late, 1).await;
    clock.set(0);
    let new = send(&server.client, "new").await;
    until(&arrivals, &new, 2).await;
    check_pauses(&arrivals.borrow(), &new);
    clock.set(HOUR);
    until(&arrivals, &late, 2).await;
    check_pauses(&arrivals.borrow(), &late);
    check_counts(&arrivals.borrow(), 3 * AT_ONCE);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_goes_by_no_time_of_day() {
    let data = tempfile::tempdir().unwrap();
    let clock = WrongClock::new();
    let server = Process::start_in(&data, &clock.variables()).await;
    let mut receiver = Receiver::start().await;
    endpoint(&server.client, &receiver.url(), json!({ "rate_limit": 1 })).await;
    for _ in 0..3 {
        let event = json!({ "type": "a.b", "data": {} });
        assert_eq!(server.client.post("/v1/events", &event).await.status, 202);
    }
    receiver.next().await;
    for ahead in [-HOUR, -2 * HOUR] {
        clock.set(ahead);
        receiver.next().await;
    }
}
