//! yativo's API: what its page and the table of the contract say.

#![cfg(test)]

mod support;

use axum::{http::StatusCode, response::IntoResponse as _};
use hookseal_server::config::Config;
use serde_json::{Value, json};
use support::{
    Engine, TestServer,
    client::{Answer, Client},
    config,
    receiver::Receiver,
};

on_each_engine! {
    what_failed_is_in_the_log_and_can_be_replayed,
}

async fn create(client: &Client, url: &str, events: &[&str]) -> Answer {
    let made = client.post("/webhook/create", &json!({ "url": url, "events": events })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made
}

#[tokio::test]
async fn a_webhook_is_made_listed_changed_and_deleted() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let client = &server.client;
    let body = json!({
        "url": "https://example.com/yativo",
        "events": ["deposit.detected", "card.frozen", "deposit.confirmed"],
        "description": "books",
    });
    let made = client.post("/webhook/create", &body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let (id, secret) = (made.text("/id"), made.text("/secret"));
    assert!(id.starts_with("wh_") && secret.starts_with("whsec_"));
    assert_eq!(
        (made.text("/status"), &made.json["events"]),
        ("active".to_owned(), &body["events"])
    );
    let mut shown = made.json.clone();
    shown.as_object_mut().unwrap().remove("secret");
    let path = format!("/webhook/{id}");
    assert_eq!(client.get(&path).await.json, shown);
    assert_eq!(client.get("/webhook/list").await.json["data"], json!([shown]));

    // What is left out keeps its value.
    for (change, member, value) in [
        (json!({ "url": "https://example.com/2" }), "url", json!("https://example.com/2")),
        (json!({ "events": ["*"] }), "events", json!(["*"])),
        (json!({ "description": "ledger" }), "description", json!("ledger")),
        (json!({}), "status", json!("active")),
    ] {
        let changed = client
            .request(
                "PUT",
                &path,
                &[("content-type", "application/json")],
                change.to_string().as_bytes(),
            )
            .await;
        shown[member] = value;
        assert_eq!((changed.status, &changed.json), (200, &shown));
        assert_eq!(client.get(&path).await.json, shown);
    }
    let deleted = client.delete(&path).await;
    assert_eq!((deleted.status, deleted.json), (200, json!({ "id": id, "status": "deleted" })));
    assert_eq!(client.delete(&path).await.status, 404);
    for (method, path) in [
        ("GET", path.clone()),
        ("PUT", path.clone()),
        ("GET", format!("{path}/events")),
        ("POST", format!("{path}/replay")),
        ("POST", format!("{path}/test")),
        ("GET", "/webhook/wh_none".to_owned()),
    ] {
        let body: &[u8] = if method == "PUT" { b"{}" } else { b"" };
        let headers: &[_] =
            if method == "PUT" { &[("content-type", "application/json")] } else { &[] };
        let answer = client.request(method, &path, headers, body).await;
        assert_eq!(
            (answer.status, answer.error_code().as_str()),
            (404, "not_found"),
            "{method} {path}"
        );
    }
}

/// Whatever the operator opened for tests, plain HTTP to a public host is refused, with the reason.
#[tokio::test]
async fn plain_http_is_refused_when_it_is_configured() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let body = json!({ "url": "http://example.com/", "events": ["*"] });
    let refused = server.client.post("/webhook/create", &body).await;
    assert_eq!((refused.status, refused.error_code().as_str()), (422, "forbidden_url"));
    assert!(refused.text("/error/message").contains("https://"), "{}", refused.body);
    let made = create(&server.client, "http://127.0.0.1:9000/", &["*"]).await;
    let path = format!("/webhook/{}", made.text("/id"));
    let json = [("content-type", "application/json")];
    let change = br#"{"url":"http://example.com/"}"#;
    assert_eq!(server.client.request("PUT", &path, &json, change).await.status, 422);
    server.stop().await;

    let closed = tempfile::tempdir().unwrap();
    let mut config = config(&closed);
    config.guard.allow_http = false;
    let server = TestServer::with(config).await;
    for url in ["http://127.0.0.1:9000/", "http://example.com/"] {
        let body = json!({ "url": url, "events": ["*"] });
        let refused = server.client.post("/webhook/create", &body).await;
        assert_eq!((refused.status, refused.text("/error/field")), (422, "url".to_owned()));
        assert!(refused.text("/error/message").contains("https://"));
    }
    for (body, field) in [
        (json!({ "url": "https://example.com/" }), "events"),
        (json!({ "url": "https://example.com/", "events": ["*", "a.b"] }), "events"),
        (json!({ "url": "https://example.com/", "events": ["bad type"] }), "events/0"),
        (json!({ "url": "https://example.com/", "events": ["hookseal.*"] }), "events/0"),
    ] {
        let refused = server.client.post("/webhook/create", &body).await;
        assert_eq!(
            (refused.status, refused.text("/error/field")),
            (422, field.to_owned()),
            "{body}"
        );
    }
}

async fn what_failed_is_in_the_log_and_can_be_replayed(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::answering(|seen| async move {
        match (seen.json()["type"] == "deposit.confirmed", seen.number) {
            (true, 1..=9) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            _ => StatusCode::OK.into_response(),
        }
    })
    .await;
    // Its schedule takes more than 30 hours.
    let fast = Config { retry_delay_factor: 0.000_001, ..engine.config(&data).await };
    let server = TestServer::with(fast).await;
    let client = &server.client;
    let made = create(client, &receiver.url(), &["*"]).await;
    let (path, secret) = (format!("/webhook/{}", made.text("/id")), made.text("/secret"));

    let first = server.send("card.frozen", json!({ "n": 1 })).await;
    receiver.next().await;
    server.event_in(&first, "delivered").await;
    let failing = server.send("deposit.confirmed", json!({ "amount": "1.10" })).await;
    for _ in 0..7 {
        let seen = receiver.next().await;
        for scheme in ["yativo", "yativo-v2"] {
            seen.verify(scheme, &secret).unwrap();
        }
        assert_eq!(seen.json()["id"], failing.as_str());
        assert_eq!(seen.header("x-yativo-timestamp"), seen.header("webhook-timestamp"));
    }
    server.event_in(&failing, "failed").await;

    let log = client.get(&format!("{path}/events")).await;
    let rows = log.json["data"].as_array().unwrap();
    assert_eq!((rows.len(), &log.json["next"]), (2, &Value::Null), "{}", log.body);
    assert_eq!((&rows[0]["id"], &rows[1]["id"]), (&json!(failing), &json!(first)));
    assert_eq!((&rows[0]["status"], &rows[1]["status"]), (&json!("failed"), &json!("delivered")));
    assert_eq!((&rows[0]["attempts"], &rows[1]["attempts"]), (&json!(7), &json!(1)));
    assert_eq!(rows[0]["response_codes"], json!([503, 503, 503, 503, 503, 503, 503]));
    assert_eq!(
        (&rows[0]["type"], &rows[1]["response_codes"]),
        (&json!("deposit.confirmed"), &json!([200]))
    );
    assert_eq!(rows[0]["attempt_log"].as_array().unwrap().len(), 7);
    assert!(
        rows[0]["last_attempt_at"].as_str().unwrap() >= rows[0]["created_at"].as_str().unwrap()
    );

    let page = client.get(&format!("{path}/events?limit=1")).await;
    assert_eq!(page.text("/data/0/id"), failing);
    let next = page.text("/next");
    let page = client.get(&format!("{path}/events?limit=1&before={next}")).await;
    assert_eq!((page.text("/data/0/id"), &page.json["next"]), (first.clone(), &Value::Null));
    for (status, expected) in [
        ("failed", vec![&failing]),
        ("delivered", vec![&first]),
        ("pending", vec![]),
        ("pending,failed,delivered,cancelled", vec![&failing, &first]),
    ] {
        let page = client.get(&format!("{path}/events?status={status}")).await;
        let ids: Vec<_> =
            page.json["data"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
        assert_eq!(json!(ids), json!(expected), "{status}");
    }
    assert_eq!(client.get(&format!("{path}/events?status=lost")).await.status, 422);

    // All that failed, and then one by its id: always the same id.
    let replayed = client.act(&format!("{path}/replay")).await;
    assert_eq!((replayed.status, &replayed.json["replayed"]), (202, &json!(1)));
    for _ in 0..2 {
        assert_eq!(receiver.next().await.json()["id"], failing.as_str());
    }
    server.event_in(&failing, "delivered").await;
    let one = client.post(&format!("{path}/replay"), &json!({ "event_id": failing })).await;
    assert_eq!((one.status, &one.json["replayed"]), (202, &json!(1)));
    assert_eq!(receiver.next().await.json()["id"], failing.as_str());
    let unknown = client.post(&format!("{path}/replay"), &json!({ "event_id": "evt_none" })).await;
    assert_eq!(unknown.status, 404);
    let none = client.act(&format!("{path}/replay")).await;
    assert_eq!((none.status, &none.json["replayed"]), (202, &json!(0)));

    let tested = client.act(&format!("{path}/test")).await;
    assert_eq!(tested.json["delivered"], true, "{}", tested.body);
    assert_eq!(receiver.next().await.json()["data"], json!({ "test": true }));
}
