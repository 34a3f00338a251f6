//! What waits for one endpoint, or for all of one tenant, holds up nobody else: neither what is stored nor what is accepted.

#![cfg(test)]

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{http::StatusCode, response::IntoResponse as _};
use hookseal_server::config::Config;
use serde_json::json;
use tokio::{sync::watch, time::timeout};

use self::support::{Engine, TestServer, receiver::Receiver};

on_each_engine!(
    a_stored_backlog_of_one_endpoint_holds_up_nobody,
    a_stored_backlog_of_many_endpoints_holds_up_nobody,
    endpoints_of_one_tenant_that_begin_to_hang_hold_up_nobody,
);

/// Attempts that hang end after 15 s or more. Nobody may wait for that.
const PROMPT: Duration = Duration::from_secs(10);
const BACKLOG: usize = 50_000;
const FEW: usize = 10;

/// A receiver that hangs until it is told to go on.
struct Gate {
    receiver: Receiver,
    come: Arc<AtomicUsize>,
    open: watch::Sender<bool>,
}

impl Gate {
    async fn closed() -> Self {
        let (open, opened) = watch::channel(false);
        let come = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&come);
        let receiver = Receiver::answering(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            let mut opened = opened.clone();
            async move {
                // An error: the test is over.
                let _ = opened.wait_for(|open| *open).await;
                StatusCode::NO_CONTENT.into_response()
            }
        })
        .await;
        Self { receiver, come, open }
    }

    /// Until so many hang.
    async fn come_to(&mut self, count: usize) {
        receive("crowd", &mut self.receiver, count).await;
    }
}

/// An endpoint of that tenant for that type of events.
async fn endpoint(server: &TestServer, url: &str, tenant: &str, event_type: &str) -> String {
    let body = json!({
        "url": url, "profile": "standard_webhooks", "tenant": tenant, "event_types": [event_type],
    });
    let answer = server.client.post("/v1/endpoints", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    answer.text("/id")
}

async fn act(server: &TestServer, endpoints: &[String], what: &str) {
    for id in endpoints {
        let answer = server.client.act(&format!("/v1/endpoints/{id}/{what}")).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
    }
}

async fn send(server: &TestServer, tenant: &str, event_type: &str, count: usize) {
    let event = json!({ "type": event_type, "tenant": tenant, "data": {} });
    for first in (0..count).step_by(1000) {
        let events = vec![&event; (count - first).min(1000)];
        let answer = server.client.post("/v1/events/batch", &json!({ "events": events })).await;
        assert_eq!(answer.status, 202, "{}", answer.json);
    }
}

async fn receive(who: &str, receiver: &mut Receiver, count: usize) {
    let all = async {
        for _ in 0..count {
            receiver.next().await;
        }
    };
    timeout(PROMPT, all).await.unwrap_or_else(|_| panic!("{who} had to wait for others"));
}

async fn start(engine: Engine, data: &tempfile::TempDir, total: u32) -> TestServer {
    let mut config: Config = engine.config(data).await;
    config.limits.grace = Duration::ZERO;
    config.limits.total = total;
    TestServer::with(config).await
}

/// That much waits in the store for so many endpoints of one tenant, when little does for another endpoint of it and for
/// another tenant. How much of the backlog is sent before the few of the same tenant.
async fn overtaken(engine: Engine, endpoints: usize) -> usize {
    let data = tempfile::tempdir().unwrap();
    let server = start(engine, &data, 512).await;
    let mut crowd = Gate::closed().await;
    let (mut mate, mut other) = (Receiver::start().await, Receiver::start().await);
    let mut crowded = Vec::new();
    for _ in 0..endpoints {
        crowded.push(endpoint(&server, &crowd.receiver.url(), "crowd", "crowd").await);
    }
    let mates = [endpoint(&server, &mate.url(), "crowd", "mate").await];
    let others = [endpoint(&server, &other.url(), "other", "other").await];
    for endpoints in [&crowded[..], &mates, &others] {
        act(&server, endpoints, "pause").await;
    }
    send(&server, "crowd", "crowd", BACKLOG / endpoints).await;
    send(&server, "crowd", "mate", FEW).await;
    send(&server, "other", "other", FEW).await;

    act(&server, &crowded, "resume").await;
    crowd.come_to(32).await;
    act(&server, &mates, "resume").await;
    act(&server, &others, "resume").await;
    // Of the crowd nothing ends.
    receive("other", &mut other, FEW).await;
    crowd.open.send_replace(true);
    for _ in 0..FEW {
        mate.next().await;
    }
    let come = crowd.come.load(Ordering::Relaxed);
    server.stop().await;
    come
}

async fn a_stored_backlog_of_one_endpoint_holds_up_nobody(engine: Engine) {
    let come = overtaken(engine, 1).await;
    assert!(come < 500, "{come} of {BACKLOG} went first");
}

async fn a_stored_backlog_of_many_endpoints_holds_up_nobody(engine: Engine) {
    let come = overtaken(engine, 50).await;
    // A turn of each of them, or two.
    assert!(come < BACKLOG / 5, "{come} of {BACKLOG} went first");
}

async fn endpoints_of_one_tenant_that_begin_to_hang_hold_up_nobody(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    // As many sockets on both sides as a test may open on any machine.
    let server = start(engine, &data, 128).await;
    let (mut mate, mut other) = (Receiver::start().await, Receiver::start().await);
    endpoint(&server, &mate.url(), "crowd", "mate").await;
    endpoint(&server, &other.url(), "other", "other").await;
    // It took something once. The other never did.
    send(&server, "crowd", "mate", 1).await;
    receive("mate", &mut mate, 1).await;
    let mut crowd = Gate::closed().await;
    for _ in 0..200 {
        endpoint(&server, &crowd.receiver.url(), "crowd", "crowd").await;
    }
    send(&server, "crowd", "crowd", 1).await;
    crowd.come_to(128).await;
    for _ in 0..FEW {
        send(&server, "other", "other", 1).await;
        send(&server, "crowd", "mate", 1).await;
        receive("other", &mut other, 1).await;
        receive("mate", &mut mate, 1).await;
    }
    assert_eq!(crowd.come.load(Ordering::Relaxed), 128);
    server.stop().await;
}
