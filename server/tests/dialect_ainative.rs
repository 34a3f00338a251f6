//! ainative's API: what its page and the table of the contract say.

#![cfg(test)]

mod support;

use axum::{http::StatusCode, response::IntoResponse as _};
use serde_json::{Value, json};
use support::{
    Engine, TestServer,
    client::{Answer, Client},
    receiver::Receiver,
};

on_each_engine! {
    a_webhook_is_registered_delivered_to_and_deleted,
}

const REGISTER: &str = "/api/v1/webhooks/register";
const SECRET: &str = "my-secret-at-least-8-chars";

async fn user(server: &TestServer, tenant: &str) -> Client {
    let body = json!({ "scope": "admin", "tenant": tenant });
    let made = server.client.post("/v1/api-keys", &body).await;
    server.client.with_key(&made.text("/key"))
}

async fn register(client: &Client, url: &str, secret: Option<&str>) -> Answer {
    let mut body = json!({ "url": url, "events": ["memory.stored", "agent.task.complete"] });
    if let Some(secret) = secret {
        body["secret"] = json!(secret);
    }
    let made = client.post(REGISTER, &body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made
}

fn members(value: &Value) -> Vec<&str> {
    let mut members: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    members
}

#[tokio::test]
async fn the_calls_of_the_page_give_its_answers() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let url = "https://my-system.example.com/webhooks/ainative";
    let body = json!({
        "url": url,
        "events": ["memory.stored", "agent.task.complete", "memory.stored"],
        "secret": SECRET,
    });
    let made = server.client.post(REGISTER, &body).await;
    assert_eq!(
        (made.status, members(&made.json)),
        (201, vec!["created_at", "events", "url", "webhook_id"])
    );
    assert_eq!(made.json["events"], json!(["agent.task.complete", "memory.stored"]));
    let (id, created_at) = (made.text("/webhook_id"), made.text("/created_at"));
    assert_eq!((id.len(), created_at.len(), created_at.ends_with('Z')), (36, 20, true));

    let expected = json!({
        "webhooks": [{
            "webhook_id": id,
            "url": url,
            "events": ["agent.task.complete", "memory.stored"],
            "is_active": true,
            "created_at": created_at,
        }],
        "count": 1,
    });
    for path in ["/api/v1/webhooks/", "/api/v1/webhooks"] {
        let listed = server.client.get(path).await;
        assert_eq!((listed.status, &listed.json), (200, &expected), "{path}");
    }

    let path = format!("/api/v1/webhooks/{id}");
    let deleted = server.client.delete(&path).await;
    assert_eq!(
        (deleted.status, deleted.json),
        (200, json!({ "webhook_id": id, "status": "deleted" }))
    );
    let again = server.client.delete(&path).await;
    assert_eq!((again.status, members(&again.json)), (404, vec!["detail"]));
    assert!(!again.text("/detail").is_empty());
    let listed = server.client.get("/api/v1/webhooks/").await;
    assert_eq!(listed.json, json!({ "webhooks": [], "count": 0 }));
}

#[tokio::test]
async fn errors_have_the_form_of_the_system() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let url = "https://example.com/";
    let good = json!(["memory.stored"]);
    let (short, long) = ("1234567", "x".repeat(257));
    for (body, place) in [
        (json!({ "events": good }), json!(["body", "url"])),
        (json!({ "url": url }), json!(["body", "events"])),
        (json!({ "url": url, "events": [] }), json!(["body", "events"])),
        (json!({ "url": url, "events": "memory.stored" }), json!(["body", "events"])),
        (
            json!({ "url": url, "events": ["memory.stored", "no.such"] }),
            json!(["body", "events", 1]),
        ),
        (json!({ "url": url, "events": ["*"] }), json!(["body", "events", 0])),
        (json!({ "url": "http://example.com/", "events": good }), json!(["body", "url"])),
        (json!({ "url": "https://10.0.0.1/", "events": good }), json!(["body", "url"])),
        (json!({ "url": url, "events": good, "secret": short }), json!(["body", "secret"])),
        (json!({ "url": url, "events": good, "secret": long }), json!(["body", "secret"])),
        (json!({ "url": url, "events": good, "secret": 12_345_678 }), json!(["body", "secret"])),
        (json!("text"), json!(["body"])),
    ] {
        let refused = server.client.post(REGISTER, &body).await;
        assert_eq!((refused.status, members(&refused.json)), (422, vec!["detail"]), "{body}");
        let detail = &refused.json["detail"];
        assert_eq!(detail.as_array().unwrap().len(), 1);
        assert_eq!((members(&detail[0]), &detail[0]["loc"]), (vec!["loc", "msg", "type"], &place));
        assert!(detail[0]["msg"].as_str().is_some_and(|text| !text.is_empty()));
        assert!(!refused.body.contains(&long));
    }
    for secret in ["12345678".to_owned(), "é".repeat(256)] {
        register(&server.client, url, Some(&secret)).await;
    }
    let json_type = ("content-type", "application/json");
    let broken = server.client.request("POST", REGISTER, &[json_type], b"{\"url\": ").await;
    assert_eq!((broken.status, broken.text("/detail/0/type")), (422, "json_invalid".to_owned()));
    for key in ["", "unknown"] {
        let answer = server.client.with_key(key).get("/api/v1/webhooks/").await;
        assert_eq!((answer.status, members(&answer.json)), (401, vec!["detail"]));
        assert!(answer.head.contains("www-authenticate: bearer"), "{}", answer.head);
    }
    let wrong = server.client.get(REGISTER).await;
    assert_eq!((wrong.status, members(&wrong.json)), (405, vec!["detail"]));
    for id in ["x", "550e8400-e29b-41d4-a716-446655440099", "ep_0000000000000"] {
        assert_eq!(server.client.delete(&format!("/api/v1/webhooks/{id}")).await.status, 404);
    }
}

async fn a_webhook_is_registered_delivered_to_and_deleted(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let (mut signed, mut unsigned) = (Receiver::start().await, Receiver::start().await);
    let server = engine.start(&data).await;
    let (one, two) = (user(&server, "u1").await, user(&server, "u2").await);
    let of_one = register(&one, &signed.url(), Some(SECRET)).await.text("/webhook_id");
    let of_two = register(&two, &unsigned.url(), None).await.text("/webhook_id");

    // Each sees and deletes its own.
    for (client, own, other) in [(&one, &of_one, &of_two), (&two, &of_two, &of_one)] {
        let listed = client.get("/api/v1/webhooks/").await;
        assert_eq!(
            (&listed.json["count"], listed.text("/webhooks/0/webhook_id")),
            (&json!(1), own.clone())
        );
        assert_eq!(client.delete(&format!("/api/v1/webhooks/{other}")).await.status, 404);
    }

    for tenant in ["u1", "u2"] {
        let data = json!({ "task_id": "f47ac10b", "status": "completed" });
        let body = json!({ "type": "agent.task.complete", "data": data, "tenant": tenant });
        assert_eq!(server.client.post("/v1/events", &body).await.status, 202);
    }
    let seen = signed.next().await;
    seen.verify("ainative", SECRET).unwrap();
    assert!(seen.header("x-zerodb-signature").unwrap().starts_with("sha256="));
    let body = seen.json();
    assert_eq!(members(&body), ["data", "event_type", "occurred_at"]);
    assert_eq!(body["data"]["owner_id"], "u1");
    assert_eq!(body["occurred_at"].as_str().unwrap().len(), 20);
    let seen = unsigned.next().await;
    assert_eq!(
        (seen.header("x-zerodb-signature"), &seen.json()["data"]["owner_id"]),
        (None, &json!("u2"))
    );
    assert!(signed.try_next().is_none() && unsigned.try_next().is_none());

    assert_eq!(one.delete(&format!("/api/v1/webhooks/{of_one}")).await.status, 200);
    let sent = json!({ "type": "memory.stored", "data": {}, "tenant": "u1" });
    let sent = server.client.post("/v1/events", &sent).await;
    assert_eq!(sent.json["deliveries"], json!([]));
}

#[tokio::test]
async fn a_list_is_whole_however_long() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let mut ids = Vec::new();
    for _ in 0..251 {
        ids.push(register(&server.client, "https://example.com/", None).await.text("/webhook_id"));
    }
    let listed = server.client.get("/api/v1/webhooks/").await;
    assert_eq!(listed.json["count"], 251);
    let all = listed.json["webhooks"].as_array().unwrap();
    assert!(all.iter().zip(&ids).all(|(one, id)| one["webhook_id"] == id.as_str()));
}

#[tokio::test]
async fn a_failed_delivery_is_lost_but_logged_and_the_secret_is_nowhere() {
    let data = tempfile::tempdir().unwrap();
    let failing =
        Receiver::answering(|_| async { StatusCode::INTERNAL_SERVER_ERROR.into_response() }).await;
    let server = TestServer::start(&data).await;
    register(&server.client, &failing.url(), Some(SECRET)).await;
    let event = server.send("memory.stored", json!({})).await;
    let event = server.event_in(&event, "failed").await;
    assert_eq!(event["deliveries"][0]["attempt_count"], 1);
    for entry in std::fs::read_dir(data.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()));
    }
}
