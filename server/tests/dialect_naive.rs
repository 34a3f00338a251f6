//! naive's API: what its page and the table of the contract say.

#![cfg(test)]

mod support;

use axum::{http::StatusCode, response::IntoResponse as _};
use hookseal_server::{config::Config, dialects::Dialect};
use serde_json::{Value, json};
use support::{
    ADMIN_KEY, Engine, TestServer,
    client::{Answer, Client},
    config,
    receiver::Receiver,
};

on_each_engine! {
    a_company_hears_of_all_its_tenants_and_a_tenant_of_itself,
    a_test_goes_past_whatever_waits,
}

async fn create(client: &Client, path: &str, url: &str, types: &[&str]) -> Answer {
    let made = client.post(path, &json!({ "url": url, "eventTypes": types })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made
}

async fn tenant_key(server: &TestServer, tenant: &str) -> Client {
    let body = json!({ "scope": "admin", "tenant": tenant });
    let made = server.client.post("/v1/api-keys", &body).await;
    server.client.with_key(&made.text("/key"))
}

#[tokio::test]
async fn the_calls_of_the_page_give_its_answers() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let client = &server.client;
    let url = "https://app.example.com/api/webhooks/naive";
    let made = create(client, "/v1/webhooks", url, &["email.received", "approval.resolved"]).await;
    let (id, secret) = (made.text("/id"), made.text("/secret"));
    assert!(secret.starts_with("whsec_"));
    let shown = json!({
        "id": id,
        "url": url,
        "eventTypes": ["email.received", "approval.resolved"],
        "active": true,
        "tenant_user_id": null,
    });
    let mut whole = shown.clone();
    whole["secret"] = json!(secret);
    assert_eq!(made.json, whole);

    let listed = client.get("/v1/webhooks").await;
    assert_eq!((listed.status, &listed.json["data"]), (200, &json!([shown])));
    assert!(!listed.body.contains("whsec_"));
    assert_eq!(client.get("/v1/webhooks/").await.json, listed.json);

    let types = client.get("/v1/webhooks/event-types").await;
    assert_eq!(types.json, json!({ "eventTypes": ["email.received", "approval.resolved"] }));

    let path = format!("/v1/webhooks/{id}");
    assert_eq!(client.delete(&path).await.status, 200);
    for unknown in [path.as_str(), "/v1/webhooks/wh_none", "/v1/webhooks/wh_0000000000000"] {
        assert_eq!(client.delete(unknown).await.status, 404);
        assert_eq!(client.act(&format!("{unknown}/test")).await.status, 404);
    }
    assert_eq!(client.get("/v1/webhooks").await.json["data"], json!([]));
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_its_field() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let url = "https://example.com/";
    for (body, field) in [
        (json!({ "eventTypes": ["email.received"] }), "url"),
        (json!({ "url": url }), "eventTypes"),
        (json!({ "url": url, "eventTypes": [] }), "eventTypes"),
        (json!({ "url": url, "eventTypes": "email.received" }), "eventTypes"),
        (json!({ "url": url, "eventTypes": ["email.received", "no.such"] }), "eventTypes/1"),
        (json!({ "url": url, "eventTypes": ["*"] }), "eventTypes/0"),
        (json!({ "url": url, "eventTypes": ["hookseal.*"] }), "eventTypes/0"),
        (json!({ "url": "http://example.com/", "eventTypes": ["email.received"] }), "url"),
        (json!({ "url": 7, "eventTypes": ["email.received"] }), "url"),
    ] {
        for path in ["/v1/webhooks", "/v1/users/u1/webhooks"] {
            let refused = server.client.post(path, &body).await;
            refused.error_code();
            assert_eq!((refused.status, refused.text("/error/field")), (422, field.to_owned()));
        }
    }
    let event = json!({ "type": "no.such", "data": {}, "profile": "naive" });
    assert_eq!(server.client.post("/v1/events", &event).await.status, 422);
    for (key, status) in [("", 401), ("nv_sk_live_unknown", 401)] {
        let answer = server.client.with_key(key).get("/v1/webhooks").await;
        assert_eq!((answer.status, answer.error_code().as_str()), (status, "unauthorized"));
    }
    assert_eq!(server.client.request("PUT", "/v1/webhooks", &[], b"").await.status, 405);
    let none = server.client.get("/v1/webhooks").await;
    assert_eq!(none.json["data"], json!([]));
}

async fn a_company_hears_of_all_its_tenants_and_a_tenant_of_itself(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let (mut company, mut one) = (Receiver::start().await, Receiver::start().await);
    let server = engine.start(&data).await;
    let client = &server.client;
    let types = ["email.received"];
    let of_company = create(client, "/v1/webhooks", &company.url(), &types).await;
    let of_one = create(client, "/v1/users/u1/webhooks", &one.url(), &types).await;
    let of_two = create(client, "/v1/users/u2/webhooks", &one.url(), &types).await;
    assert_eq!(of_one.text("/tenant_user_id"), "u1");

    for tenant in [json!("u1"), json!("u3"), Value::Null] {
        let body =
            json!({ "type": "email.received", "data": { "subject": "Hi" }, "tenant": tenant });
        assert_eq!(client.post("/v1/events", &body).await.status, 202);
        let seen = company.next().await;
        seen.verify("naive", &of_company.text("/secret")).unwrap();
        assert_eq!(seen.header("x-naive-event"), Some("email.received"));
        assert_eq!(seen.json()["data"], json!({ "subject": "Hi", "tenant_user_id": tenant }));
    }
    let seen = one.next().await;
    seen.verify("naive", &of_one.text("/secret")).unwrap();
    assert_eq!(seen.json()["data"]["tenant_user_id"], "u1");
    assert!(one.try_next().is_none() && company.try_next().is_none());

    // Under a tenant's path there is nothing but its own; at the root there is all.
    let ids = |answer: Answer| -> Vec<String> {
        let all = answer.json["data"].as_array().unwrap().clone();
        all.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let (a, b, c) = (of_company.text("/id"), of_one.text("/id"), of_two.text("/id"));
    assert_eq!(ids(client.get("/v1/webhooks").await), [a.clone(), b.clone(), c.clone()]);
    assert_eq!(ids(client.get("/v1/users/u1/webhooks").await), std::slice::from_ref(&b));
    let key_of_one = tenant_key(&server, "u1").await;
    assert_eq!(ids(key_of_one.get("/v1/users/u1/webhooks").await), std::slice::from_ref(&b));
    for caller in [client, &key_of_one] {
        for other in [&a, &c] {
            let path = format!("/v1/users/u1/webhooks/{other}");
            assert_eq!(caller.delete(&path).await.status, 404);
            assert_eq!(caller.act(&format!("{path}/test")).await.status, 404);
        }
    }
    let body = json!({ "url": one.url(), "eventTypes": types });
    for path in ["/v1/webhooks", "/v1/users/u2/webhooks"] {
        assert_eq!(key_of_one.post(path, &body).await.status, 403, "{path}");
        assert_eq!(key_of_one.get(path).await.status, 403, "{path}");
        assert_eq!(key_of_one.delete(&format!("{path}/{b}")).await.status, 403, "{path}");
        assert_eq!(key_of_one.act(&format!("{path}/{b}/test")).await.status, 403, "{path}");
    }
    assert_eq!(key_of_one.get("/v1/users/u2/webhooks/event-types").await.status, 403);
    assert_eq!(key_of_one.get("/v1/users/u1/webhooks/event-types").await.status, 200);
    assert_eq!(key_of_one.delete(&format!("/v1/users/u1/webhooks/{b}")).await.status, 200);

    // What the native API made for another profile is not there.
    let native = server.endpoint("https://example.com/", "yativo", &["*"]).await.text("/id");
    let guessed = native.replace("ep_", "wh_");
    assert_eq!(client.delete(&format!("/v1/webhooks/{guessed}")).await.status, 404);
    assert_eq!(ids(client.get("/v1/webhooks").await), [a, c]);
    assert_eq!(client.get(&format!("/v1/endpoints/{native}")).await.status, 200);
}

#[tokio::test]
async fn a_test_tells_what_came_of_it() {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::answering(|seen| async move {
        if seen.number == 1 { StatusCode::OK } else { StatusCode::BAD_GATEWAY }.into_response()
    })
    .await;
    let server = TestServer::start(&data).await;
    let path = "/v1/users/u1/webhooks";
    let made = create(&server.client, path, &receiver.url(), &["approval.resolved"]).await;
    let test = format!("{path}/{}/test", made.text("/id"));

    let good = server.client.act(&test).await;
    assert_eq!(good.status, 200, "{}", good.body);
    assert_eq!((&good.json["delivered"], &good.json["status"]), (&json!(true), &json!(200)));
    assert_eq!(
        (&good.json["error"], &good.json["event"]),
        (&Value::Null, &json!("approval.resolved"))
    );
    assert!(good.json["durationMs"].is_u64());
    let seen = receiver.next().await;
    seen.verify("naive", &made.text("/secret")).unwrap();
    assert_eq!(seen.json()["event"], "approval.resolved");
    assert_eq!(
        seen.json()["data"],
        json!({ "test": true, "status": "approved", "tenant_user_id": "u1" })
    );

    // Some clients always send a body.
    let bad = server.client.post(&test, &json!({})).await;
    assert_eq!((bad.status, &bad.json["delivered"]), (200, &json!(false)));
    assert_eq!((&bad.json["status"], bad.text("/error").contains("502")), (&json!(502), true));
    receiver.next().await;
    drop(receiver);
    let refused = server.client.act(&test).await;
    assert_eq!(
        (&refused.json["delivered"], &refused.json["status"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(refused.text("/error"), "no answer: connection_failed");

    // All of it is on record, and over.
    for (answer, state) in [(&good, "delivered"), (&bad, "failed"), (&refused, "failed")] {
        let path = format!("/v1/deliveries/{}", answer.text("/deliveryId"));
        let delivery = server.client.get(&path).await;
        assert_eq!(
            (delivery.text("/state"), &delivery.json["attempt_count"]),
            (state.to_owned(), &json!(1))
        );
        assert_eq!(delivery.json["next_attempt_at"], Value::Null);
    }
}

async fn a_test_goes_past_whatever_waits(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start().await;
    let server = engine.start(&data).await;
    let client = &server.client;
    let made = create(client, "/v1/webhooks", &receiver.url(), &["email.received"]).await;
    let id = made.text("/id");
    let native = format!("/v1/endpoints/{}", id.replace("wh_", "ep_"));
    let ordered = json!({ "settings": { "order": "endpoint", "rate_limit": 1 } });
    assert_eq!(client.patch(&native, &ordered).await.status, 200);
    assert_eq!(client.act(&format!("{native}/pause")).await.status, 200);
    let waiting = server.send("email.received", json!({})).await;

    let tested = client.act(&format!("/v1/webhooks/{id}/test")).await;
    assert_eq!(tested.json["delivered"], true, "{}", tested.body);
    assert_eq!(receiver.next().await.json()["data"]["test"], true);
    let native_test = client.act(&format!("{native}/test?wait=true")).await;
    assert_eq!((native_test.status, native_test.text("/state")), (200, "delivered".to_owned()));
    assert_eq!(receiver.next().await.json()["data"]["test"], true);
    assert!(receiver.try_next().is_none(), "what is paused waits");

    assert_eq!(client.act(&format!("{native}/resume")).await.status, 200);
    receiver.next().await;
    server.event_in(&waiting, "delivered").await;
}

#[tokio::test]
async fn only_the_dialects_that_are_on_are_there() {
    let data = tempfile::tempdir().unwrap();
    let some = Config { dialects: vec![Dialect::Yativo], ..config(&data) };
    let server = TestServer::with(some).await;
    for (path, status) in [
        ("/webhook/list", 200),
        ("/v1/webhooks", 404),
        ("/v1/users/u1/webhooks", 404),
        ("/api/v1/webhooks/", 404),
        ("/nativemsg/v1/webhooks", 404),
        ("/v1/endpoints", 200),
    ] {
        assert_eq!(server.client.get(path).await.status, status, "{path}");
    }
}

/// The breaker is open, the receiver hangs, and the test has its answer after the time of an attempt.
#[tokio::test]
async fn a_test_is_bounded_by_the_time_of_an_attempt() {
    let data = tempfile::tempdir().unwrap();
    let receiver = Receiver::answering(|_| std::future::pending()).await;
    let server = TestServer::start(&data).await;
    let client = &server.client;
    let made = create(client, "/v1/webhooks", &receiver.url(), &["email.received"]).await;
    let id = made.text("/id");
    let native = format!("/v1/endpoints/{}", id.replace("wh_", "ep_"));
    let quick = json!({ "settings": { "timeout_ms": 200 } });
    assert_eq!(client.patch(&native, &quick).await.status, 200);
    for _ in 0..4 {
        let event = server.send("email.received", json!({})).await;
        server.event_in(&event, "failed").await;
    }
    let path = format!("/v1/webhooks/{id}/test");
    let tested = client.act(&path).await;
    assert_eq!(tested.text("/error"), "no answer: response_timeout", "{}", tested.body);
    let duration = tested.json["durationMs"].as_u64().unwrap();
    assert!((150..5_000).contains(&duration), "{duration}");

    // Four at a time; nobody is kept waiting for more than there is room for.
    let many: Vec<_> = (0..8)
        .map(|_| {
            let (client, path) = (client.with_key(ADMIN_KEY), path.clone());
            tokio::spawn(async move { client.act(&path).await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for one in many {
        statuses.push(one.await.unwrap());
    }
    assert!(statuses.contains(&200) && statuses.iter().all(|status| [200, 503].contains(status)));

    // A webhook that goes away meanwhile breaks the attempt off.
    let slow = json!({ "settings": { "timeout_ms": 60_000 } });
    assert_eq!(client.patch(&native, &slow).await.status, 200);
    let testing = {
        let (client, path) = (client.with_key(ADMIN_KEY), path.clone());
        tokio::spawn(async move { client.act(&path).await })
    };
    let under_way = async {
        while client.get("/v1/deliveries?state=delivering").await.json["data"] == json!([])
            && !testing.is_finished()
        {
            let log = client.get("/v1/events?limit=1").await;
            let event = client.get(&format!("/v1/events/{}", log.text("/data/0/id"))).await;
            if event.json["deliveries"][0]["state"] == "delivering" {
                break;
            }
        }
    };
    tokio::time::timeout(support::PATIENCE, under_way).await.unwrap();
    assert_eq!(client.delete(&format!("/v1/webhooks/{id}")).await.status, 200);
    let broken_off = testing.await.unwrap();
    assert_eq!(broken_off.text("/error"), "no answer: cancelled", "{}", broken_off.body);
}
