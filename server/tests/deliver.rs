//! Deliveries, from the API to a receiver that verifies them.

#![cfg(test)]

mod support;

use std::{future, time::Duration};

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use support::{PATIENCE, TestServer, config, receiver::Receiver};

#[tokio::test]
async fn every_profile_delivers_what_its_receiver_verifies() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    for (profile, event_type) in [
        ("standard_webhooks", "invoice.paid"),
        ("naive", "email.received"),
        ("ainative", "memory.stored"),
        ("yativo", "deposit.confirmed"),
        ("nativemsg", "message.sent"),
    ] {
        let mut receiver = Receiver::start().await;
        let mut body =
            json!({ "url": receiver.url(), "event_types": [event_type], "profile": profile });
        if profile == "ainative" {
            body["secret"] = json!("chosen by the user");
        }
        let endpoint = server.client.post("/v1/endpoints", &body).await;
        let secret = endpoint.json["secret"].as_str().unwrap_or("chosen by the user").to_owned();
        let id = server.send(event_type, json!({ "amount": 1 })).await;

        let seen = receiver.next().await;
        seen.verify(profile, &secret).unwrap_or_else(|error| panic!("{profile}: {error}"));
        assert!(
            seen.verify(profile, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_err(),
            "{profile}"
        );
        assert_eq!(seen.path, "/hook?x=1");
        assert_eq!(seen.header("webhook-id"), Some(id.as_str()), "{profile}");
        assert!(seen.header("user-agent").unwrap().starts_with("Hookseal/"), "{profile}");
        assert_eq!(seen.header("content-type"), Some("application/json"), "{profile}");
        assert_eq!(seen.header("accept-encoding"), None, "{profile}");

        let event = server.event_in(&id, "delivered").await;
        let attempts = event["deliveries"][0]["attempts"].as_array().unwrap();
        assert_eq!(
            (attempts.len(), &attempts[0]["status"], &attempts[0]["error"]),
            (1, &json!(204), &Value::Null)
        );
        assert_eq!(event["deliveries"][0]["next_attempt_at"], Value::Null);
        assert_eq!(
            server.client.delete(&format!("/v1/endpoints/{}", endpoint.text("/id"))).await.status,
            204
        );
    }
}

#[tokio::test]
async fn without_a_secret_ainative_sends_unsigned() {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start().await;
    let server = TestServer::start(&data).await;
    server.endpoint(&receiver.url(), "ainative", &["*"]).await;
    server.send("memory.stored", json!({})).await;
    assert_eq!(receiver.next().await.header("x-zerodb-signature"), None);
}

#[tokio::test]
async fn failures_are_retried_and_every_attempt_is_on_record() {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::answering(async |seen| match seen.number {
        1 => (StatusCode::INTERNAL_SERVER_ERROR, "first").into_response(),
        2 => (StatusCode::FOUND, [("location", "/elsewhere")], "second").into_response(),
        _ => (StatusCode::OK, "x".repeat(100_000)).into_response(),
    })
    .await;
    let server = TestServer::start(&data).await;
    let endpoint = server.endpoint(&receiver.url(), "yativo", &["*"]).await;
    let id = server.send("deposit.detected", json!({})).await;
    let event = server.event_in(&id, "delivered").await;

    let attempts = event["deliveries"][0]["attempts"].as_array().unwrap();
    let column =
        |name: &str| attempts.iter().map(|attempt| attempt[name].clone()).collect::<Vec<_>>();
    assert_eq!(column("number"), [1, 2, 3]);
    assert_eq!(column("status"), [500, 302, 200]);
    assert_eq!(column("error"), [Value::Null, Value::Null, Value::Null]);
    assert_eq!(attempts[0]["response_body"], "first");
    assert_eq!(attempts[2]["response_body"], "x".repeat(16 * 1024));
    assert!(column("at").is_sorted_by_key(|at| at.as_str().unwrap().to_owned()));
    let mut bodies = Vec::new();
    for _ in 0..3 {
        let seen = receiver.next().await;
        assert_eq!(seen.path, "/hook?x=1");
        seen.verify("yativo", &endpoint.text("/secret")).unwrap();
        bodies.push(seen.json()["id"].clone());
    }
    assert_eq!(bodies, [id.as_str(); 3]);

    let path = format!("/v1/deliveries/{}", event["deliveries"][0]["id"].as_str().unwrap());
    assert_eq!(server.client.get(&path).await.json, event["deliveries"][0]);
}

#[tokio::test]
async fn a_schedule_ends_and_says_why() {
    let data = tempfile::tempdir().unwrap();
    let receiver = Receiver::answering(async |_| StatusCode::BAD_GATEWAY.into_response()).await;
    let server = TestServer::start(&data).await;
    server.endpoint(&receiver.url(), "naive", &["*"]).await;
    server.endpoint(&receiver.url(), "ainative", &["*"]).await;
    for (event_type, attempts) in [("email.received", 3), ("memory.stored", 1)] {
        let id = server.send(event_type, json!({})).await;
        let event = server.event_in(&id, "failed").await;
        assert_eq!(event["deliveries"][0]["attempts"].as_array().unwrap().len(), attempts);
        assert_eq!(event["deliveries"][0]["reason"], "attempts_exhausted");
    }
}

#[tokio::test]
async fn an_event_with_many_deliveries_shows_their_last_attempts() {
    let data = tempfile::tempdir().unwrap();
    let receiver = Receiver::answering(async |_| StatusCode::BAD_GATEWAY.into_response()).await;
    let server = TestServer::start(&data).await;
    let endpoint = json!({
        "url": receiver.url(), "event_types": ["*"],
        "settings": { "retry": { "schedule": { "list": [1] } } },
    });
    for (endpoints, shown) in [(20, 2), (21, 1)] {
        while server.client.get("/v1/endpoints?limit=250").await.json["data"]
            .as_array()
            .unwrap()
            .len()
            < endpoints
        {
            assert_eq!(server.client.post("/v1/endpoints", &endpoint).await.status, 201);
        }
        let id = server.send("a.b", json!({})).await;
        let event = server.event_in(&id, "failed").await;
        let deliveries = event["deliveries"].as_array().unwrap();
        assert_eq!(deliveries.len(), endpoints);
        for delivery in deliveries {
            let attempts = delivery["attempts"].as_array().unwrap();
            let last = (attempts.len(), &attempts[shown - 1]["number"], &delivery["attempt_count"]);
            assert_eq!(last, (shown, &json!(2), &json!(2)));
        }
        let path = format!("/v1/deliveries/{}", deliveries[0]["id"].as_str().unwrap());
        let delivery = server.client.get(&path).await.json;
        assert_eq!(delivery["attempts"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn an_attempt_that_cannot_be_made_says_why() {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start().await;
    let server = TestServer::start(&data).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let named = |name: &str| format!("http://{name}:{}/", receiver.port());
    for (url, event_type, error) in [
        (format!("http://{closed}/"), "memory.stored", "connection_failed"),
        (named("unknown.test"), "vectors.indexed", "dns_failed"),
        (named("private.test"), "agent.task.complete", "forbidden_address"),
        (named("mixed.test"), "mcp.server.ready", "forbidden_address"),
        (format!("https://127.0.0.1:{}/", receiver.port()), "memory.consolidated", "tls_failed"),
    ] {
        server.endpoint(&url, "ainative", &[event_type]).await;
        let id = server.send(event_type, json!({})).await;
        let event = server.event_in(&id, "failed").await;
        let attempt = &event["deliveries"][0]["attempts"][0];
        assert_eq!((&attempt["status"], &attempt["error"]), (&Value::Null, &json!(error)), "{url}");
    }
    assert!(receiver.try_next().is_none());
}

/// What strange servers answer, byte for byte, and what the attempt then says.
#[tokio::test]
async fn answers_that_are_not_http_have_a_name() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    for (answer, event_type, status, error) in [
        (&b""[..], "memory.stored", Value::Null, "connection_failed"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "vectors.indexed", Value::Null, "invalid_response"),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort",
            "mcp.server.ready",
            json!(200),
            "connection_failed",
        ),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        server
            .endpoint(
                &format!("http://{}/", listener.local_addr().unwrap()),
                "ainative",
                &[event_type],
            )
            .await;
        let id = server.send(event_type, json!({})).await;
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 16 * 1024];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        stream.write_all(answer).await.unwrap();
        drop(stream);
        let event = server.event_in(&id, "failed").await;
        let attempt = &event["deliveries"][0]["attempts"][0];
        assert_eq!(
            (&attempt["status"], &attempt["error"]),
            (&status, &json!(error)),
            "{event_type}"
        );
    }
}

#[tokio::test]
async fn a_name_is_connected_to_at_its_address_and_kept_as_host() {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start().await;
    let server = TestServer::start(&data).await;
    let url = format!("http://loopback.test:{}/", receiver.port());
    server.endpoint(&url, "standard_webhooks", &["*"]).await;
    server.send("a.b", json!({})).await;
    let host = format!("loopback.test:{}", receiver.port());
    assert_eq!(receiver.next().await.header("host"), Some(host.as_str()));
}

#[tokio::test]
async fn what_the_operator_closed_again_is_not_delivered_to() {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start().await;
    let server = TestServer::start(&data).await;
    server.endpoint(&receiver.url(), "ainative", &["*"]).await;
    server.stop().await;
    let guard = hookseal_server::guard::GuardPolicy::default();
    let server = TestServer::with(hookseal_server::config::Config { guard, ..config(&data) }).await;
    let id = server.send("memory.stored", json!({})).await;
    let event = server.event_in(&id, "failed").await;
    assert_eq!(event["deliveries"][0]["attempts"][0]["error"], "forbidden_address");
    assert!(receiver.try_next().is_none());
}

#[tokio::test]
async fn gone_disables_the_endpoint_and_cancels_what_waits() {
    let data = tempfile::tempdir().unwrap();
    let receiver = Receiver::answering(async |seen| match seen.json()["type"].as_str() {
        Some("gone") => StatusCode::GONE.into_response(),
        _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    })
    .await;
    // With real delays, so that the first event waits while the second is sent.
    let server = TestServer::with(hookseal_server::config::Config {
        retry_delay_factor: 1.0,
        ..config(&data)
    })
    .await;
    let endpoint = server.endpoint(&receiver.url(), "yativo", &["*"]).await;
    let waits = server.send("wait", json!({})).await;
    server
        .event_when(&waits, |event| {
            event["deliveries"][0]["attempts"].as_array().unwrap().len() == 1
        })
        .await;
    let waiting = server.event_in(&waits, "pending").await;
    assert!(waiting["deliveries"][0]["next_attempt_at"].is_string());

    let gone = server.send("gone", json!({})).await;
    assert_eq!(server.event_in(&gone, "failed").await["deliveries"][0]["reason"], "endpoint_gone");
    assert_eq!(
        server.event_in(&waits, "cancelled").await["deliveries"][0]["reason"],
        "endpoint_disabled"
    );
    let shown = server.client.get(&format!("/v1/endpoints/{}", endpoint.text("/id"))).await;
    assert_eq!(shown.json["state"], "disabled");
    let later = server.client.post("/v1/events", &json!({ "type": "later", "data": {} })).await;
    assert_eq!(later.json["deliveries"], json!([]));
}

/// What is told of a tenant's event at an endpoint of the account holds nothing of the tenant's, so that erasing the tenant
/// leaves nothing behind.
#[tokio::test]
async fn the_server_tells_what_came_to_its_end() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let mut told = Receiver::start().await;
    let gone = Receiver::answering(async |_| StatusCode::GONE.into_response()).await;
    let failing = Receiver::answering(async |_| StatusCode::BAD_GATEWAY.into_response()).await;
    let operator = server.endpoint(&told.url(), "standard_webhooks", &["hookseal.*"]).await;
    let gone = server.endpoint(&gone.url(), "standard_webhooks", &["*"]).await.text("/id");
    let make = async |tenant: Option<&str>| {
        let endpoint = json!({
            "url": failing.url(), "event_types": ["*"], "tenant": tenant,
            "settings": { "retry": { "schedule": { "list": [1] } } },
        });
        let answer = server.client.post("/v1/endpoints", &endpoint).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.text("/id")
    };
    let (of_account, of_tenant) = (make(None).await, make(Some("acme")).await);
    let event = json!({ "type": "a.b", "data": {}, "tenant": "acme", "id": "acme:1" });
    assert_eq!(server.client.post("/v1/events", &event).await.status, 202);

    let mut events = Vec::new();
    for _ in 0..4 {
        let seen = told.next().await;
        seen.verify("standard_webhooks", &operator.text("/secret")).unwrap();
        events.push(seen.json());
    }
    let one = |event_type: &str, endpoint: &str| {
        let its = |event: &&Value| {
            event["type"] == event_type && event["data"]["endpoint_id"] == endpoint
        };
        let found: Vec<_> = events.iter().filter(its).collect();
        assert_eq!(found.len(), 1, "{event_type} {endpoint}: {events:?}");
        found[0]["data"].clone()
    };
    let disabled = one("hookseal.endpoint.disabled", &gone);
    assert_eq!((&disabled["reason"], &disabled["tenant"]), (&json!("endpoint_gone"), &Value::Null));
    for (endpoint, attempts, event_id, tenant) in [
        (&gone, 1, Value::Null, Value::Null),
        (&of_account, 2, Value::Null, Value::Null),
        (&of_tenant, 2, json!("acme:1"), json!("acme")),
    ] {
        let exhausted = one("hookseal.delivery.exhausted", endpoint);
        let got = (&exhausted["attempts"], &exhausted["event_id"], &exhausted["tenant"]);
        assert_eq!(got, (&json!(attempts), &event_id, &tenant), "{exhausted}");
        assert_eq!(exhausted["event_type"], "a.b");
        let path = format!("/v1/deliveries/{}", exhausted["delivery_id"].as_str().unwrap());
        let delivery = server.client.get(&path).await;
        assert_eq!((delivery.status, delivery.text("/state")), (200, "failed".to_owned()));
        assert_eq!(delivery.json["reason"], exhausted["reason"]);
    }

    assert_eq!(server.client.delete("/v1/tenants/acme").await.status, 204);
    let left = server.client.get("/v1/events").await.json["data"].as_array().unwrap().clone();
    assert_eq!(left.len(), 3, "{left:?}");
    for event in left {
        let path = format!("/v1/events/{}", event["id"].as_str().unwrap());
        let event = server.client.get(&path).await;
        assert!(event.status == 200 && !event.body.contains("acme"), "{}", event.body);
    }
}

#[tokio::test]
async fn a_receiver_that_takes_an_event_can_refuse_the_next() {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::answering(async |_| {
        let mut answer = StatusCode::OK.into_response();
        // Sent twice: one list.
        for value in ["unknown", "Disable"] {
            answer.headers_mut().append("webhook-delivery", value.parse().unwrap());
        }
        answer
    })
    .await;
    let server = TestServer::start(&data).await;
    let endpoint = server.endpoint(&receiver.url(), "yativo", &["*"]).await;
    let id = server.send("last", json!({})).await;
    receiver.next().await;
    server.event_in(&id, "delivered").await;
    let shown = server.client.get(&format!("/v1/endpoints/{}", endpoint.text("/id"))).await;
    assert_eq!(shown.json["state"], "disabled");
    let later = server.client.post("/v1/events", &json!({ "type": "later", "data": {} })).await;
    assert_eq!(later.json["deliveries"], json!([]));
}

#[tokio::test]
async fn types_tenants_and_profiles_decide_who_gets_an_event() {
    let data = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let server = TestServer::start(&data).await;
    let mut names = std::collections::HashMap::new();
    for (name, profile, event_types, tenant) in [
        ("all", "standard_webhooks", "*", None),
        ("exact", "standard_webhooks", "email.received", None),
        ("other type", "standard_webhooks", "email.sent", None),
        ("tenant", "standard_webhooks", "*", Some("t1")),
        ("other tenant", "standard_webhooks", "*", Some("t2")),
        ("naive", "naive", "*", None),
        ("nativemsg", "nativemsg", "*", None),
    ] {
        let body = json!({ "url": receiver.url(), "profile": profile, "event_types": [event_types], "tenant": tenant });
        names.insert(server.client.post("/v1/endpoints", &body).await.text("/id"), name);
    }
    let receivers = async |body: Value| {
        let answer = server.client.post("/v1/events", &body).await;
        let deliveries = answer.json["deliveries"].as_array().unwrap().clone();
        let mut got: Vec<_> = deliveries
            .iter()
            .map(|delivery| names[delivery["endpoint_id"].as_str().unwrap()])
            .collect();
        got.sort_unstable();
        got
    };
    let plain = json!({ "type": "email.received", "data": {} });
    assert_eq!(receivers(plain).await, ["all", "exact", "naive"]);
    let tenant = json!({ "type": "email.received", "data": {}, "tenant": "t1" });
    assert_eq!(receivers(tenant).await, ["all", "exact", "naive", "tenant"]);
    let profile = json!({ "type": "email.received", "data": {}, "profile": "naive" });
    assert_eq!(receivers(profile).await, ["naive"]);
    assert_eq!(receivers(json!({ "type": "something.else", "data": {} })).await, ["all"]);
}

#[tokio::test]
async fn data_arrives_byte_for_byte() {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start().await;
    let server = TestServer::start(&data).await;
    server.endpoint(&receiver.url(), "standard_webhooks", &["*"]).await;
    let inner = r#"{"z":12345678901234567890123,"a":1.10,"b":"\u00e9","z2":{"y":0,"x":-0}}"#;
    let body = format!(r#"{{"type":"a.b","data":{inner}}}"#);
    let headers = [("content-type", "application/json; charset=utf-8")];
    let answer = server.client.request("POST", "/v1/events", &headers, body.as_bytes()).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    let sent = String::from_utf8(receiver.next().await.body).unwrap();
    assert!(sent.contains(inner), "{sent}");
    let shown = server.client.get(&format!("/v1/events/{}", answer.text("/id"))).await;
    assert!(shown.body.contains(inner), "{}", shown.body);
}

#[tokio::test]
async fn deleting_an_endpoint_breaks_off_and_cancels() {
    let data = tempfile::tempdir().unwrap();
    let mut hanging = Receiver::answering(async |_| future::pending::<Response>().await).await;
    let failing = Receiver::answering(async |_| StatusCode::BAD_GATEWAY.into_response()).await;
    let server = TestServer::with(hookseal_server::config::Config {
        retry_delay_factor: 1.0,
        ..config(&data)
    })
    .await;
    let hangs = server.endpoint(&hanging.url(), "standard_webhooks", &["hangs"]).await.text("/id");
    let fails = server.endpoint(&failing.url(), "standard_webhooks", &["fails"]).await.text("/id");
    let in_flight = server.send("hangs", json!({})).await;
    let waiting = server.send("fails", json!({})).await;
    hanging.next().await;
    server.event_in(&waiting, "pending").await;

    for id in [&hangs, &fails] {
        assert_eq!(server.client.delete(&format!("/v1/endpoints/{id}")).await.status, 204);
    }
    let event = server.event_in(&waiting, "cancelled").await;
    assert_eq!(event["deliveries"][0]["reason"], "endpoint_deleted");
    assert_eq!(event["deliveries"][0]["next_attempt_at"], Value::Null);
    let event = server
        .event_when(&in_flight, |event| event["deliveries"][0]["attempts"][0].is_object())
        .await;
    assert_eq!(event["deliveries"][0]["state"], "cancelled");
    assert_eq!(event["deliveries"][0]["attempts"][0]["error"], "cancelled");
    assert_eq!(
        server.client.post("/v1/events", &json!({ "type": "hangs", "data": {} })).await.json["deliveries"],
        json!([])
    );
}

#[tokio::test]
async fn a_hanging_endpoint_does_not_hold_up_the_others() {
    let data = tempfile::tempdir().unwrap();
    let _hanging = Receiver::answering(async |_| future::pending::<Response>().await).await;
    let mut healthy = Receiver::start().await;
    let mut config = config(&data);
    config.limits.total = 8;
    config.limits.per_endpoint = 4;
    config.limits.grace = Duration::ZERO;
    let server = TestServer::with(config).await;
    server.endpoint(&_hanging.url(), "standard_webhooks", &["hangs"]).await;
    server.endpoint(&healthy.url(), "standard_webhooks", &["works"]).await;
    for _ in 0..40 {
        server.send("hangs", json!({})).await;
    }
    for _ in 0..20 {
        let id = server.send("works", json!({})).await;
        assert_eq!(healthy.next().await.header("webhook-id"), Some(id.as_str()));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_stopping_server_lets_attempts_end_and_settles_them() {
    let data = tempfile::tempdir().unwrap();
    let gate = std::sync::Arc::new(tokio::sync::Notify::new());
    let opened = std::sync::Arc::clone(&gate);
    let mut receiver = Receiver::answering(move |_| {
        let opened = std::sync::Arc::clone(&opened);
        async move {
            opened.notified().await;
            StatusCode::OK.into_response()
        }
    })
    .await;
    let server = TestServer::start(&data).await;
    server.endpoint(&receiver.url(), "standard_webhooks", &["*"]).await;
    let id = server.send("a.b", json!({})).await;
    receiver.next().await;
    let client = server.client.clone();
    let stopping = tokio::spawn(server.stop());
    // The listener is closed at once, the attempt goes on.
    let closed = async {
        while client.raw(b"GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n").await.is_ok() {}
    };
    tokio::time::timeout(PATIENCE, closed).await.unwrap();
    gate.notify_one();
    stopping.await.unwrap();

    let server = TestServer::start(&data).await;
    let event = server.client.get(&format!("/v1/events/{id}")).await;
    assert_eq!(event.json["deliveries"][0]["state"], "delivered");
    assert!(receiver.try_next().is_none());
}

#[tokio::test]
async fn many_hanging_endpoints_do_not_hold_up_a_healthy_one() {
    let data = tempfile::tempdir().unwrap();
    let hanging = Receiver::answering(async |_| future::pending::<Response>().await).await;
    let mut healthy = Receiver::start().await;
    let mut config = config(&data);
    config.limits.grace = Duration::ZERO;
    let server = TestServer::with(config).await;
    for _ in 0..20 {
        server.endpoint(&hanging.url(), "standard_webhooks", &["hangs"]).await;
    }
    server.endpoint(&healthy.url(), "standard_webhooks", &["works"]).await;
    for _ in 0..20 {
        server.send("hangs", json!({})).await;
    }
    // Nothing that hangs ends before its timeout, 15 s or more; the healthy one must not wait for that.
    let prompt = Duration::from_secs(10);
    let send = async {
        for _ in 0..20 {
            let id = server.send("works", json!({})).await;
            assert_eq!(healthy.next().await.header("webhook-id"), Some(id.as_str()));
        }
    };
    tokio::time::timeout(prompt, send).await.expect("the healthy endpoint had to wait");
    server.stop().await;
}
