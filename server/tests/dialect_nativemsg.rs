//! What nativeMsg's Settings → Webhooks needs.

#![cfg(test)]

mod support;

use hookseal::{Request, Scheme, Secret, Timestamp, Webhook};
use serde_json::{Value, json};
use support::{
    Engine, TestServer,
    client::{Answer, Client},
    receiver::Receiver,
};

on_each_engine! {
    a_hook_is_made_edited_and_removed,
}

const HOOKS: &str = "/nativemsg/v1/webhooks";

async fn create(client: &Client, url: &str, events: &[&str]) -> Answer {
    let made = client.post(HOOKS, &json!({ "url": url, "events": events })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made
}

#[tokio::test]
async fn hooks_are_listed_by_direction_with_their_secrets_hidden() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let client = &server.client;
    let mut secrets = Vec::new();
    for (events, direction) in [
        (vec!["message.received", "user.created"], "inbound"),
        (vec!["message.sent"], "outbound"),
        (vec!["message.received", "message.status"], "both"),
    ] {
        let made = create(client, "https://yourdomain.com/webhook", &events).await;
        assert_eq!(
            (made.text("/direction"), &made.json["events"]),
            (direction.to_owned(), &json!(events))
        );
        let shown = client.get(&format!("{HOOKS}/{}", made.text("/id"))).await;
        let mut expected = made.json.clone();
        expected["secret"] = shown.json["secret"].clone();
        assert_eq!(shown.json, expected);
        assert_ne!(shown.json["secret"], made.json["secret"]);
        let revealed = client.get(&format!("{HOOKS}/{}/secret", made.text("/id"))).await;
        assert_eq!(revealed.json, json!({ "id": made.json["id"], "secret": made.json["secret"] }));
        secrets.push(made.text("/secret"));
    }
    secrets.sort_unstable();
    secrets.dedup();
    assert_eq!(secrets.len(), 3);
    for (query, count) in [("", 3), ("?direction=inbound", 2), ("?direction=outbound", 2)] {
        let listed = client.get(&format!("{HOOKS}{query}")).await;
        assert_eq!(listed.json["data"].as_array().unwrap().len(), count, "{query}");
        assert!(!secrets.iter().any(|secret| listed.body.contains(secret)));
    }
    assert_eq!(client.get(&format!("{HOOKS}?direction=up")).await.status, 422);
    let types = client.get(&format!("{HOOKS}/event-types")).await;
    assert_eq!(
        types.json["data"],
        json!([
            { "type": "message.received", "direction": "inbound" },
            { "type": "user.created", "direction": "inbound" },
            { "type": "message.sent", "direction": "outbound" },
            { "type": "message.status", "direction": "outbound" },
        ])
    );
    for (body, field) in [
        (json!({ "url": "http://yourdomain.com/", "events": ["message.sent"] }), "url"),
        (json!({ "url": "https://yourdomain.com/", "events": [] }), "events"),
        (json!({ "url": "https://yourdomain.com/", "events": ["no.such"] }), "events/0"),
        (json!({ "events": ["message.sent"] }), "url"),
    ] {
        let refused = client.post(HOOKS, &body).await;
        assert_eq!((refused.status, refused.text("/error/field")), (422, field.to_owned()));
    }
    // Another system's secret is shown once, and here it does not exist.
    let other = server.endpoint("https://example.com/", "naive", &["email.received"]).await;
    let path = format!("{HOOKS}/{}/secret", other.text("/id").replace("ep_", "wh_"));
    assert_eq!(client.get(&path).await.status, 404);
}

async fn a_hook_is_made_edited_and_removed(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let (mut before, mut after) = (Receiver::start().await, Receiver::start().await);
    let server = engine.start(&data).await;
    let client = &server.client;
    let made = create(client, &before.url(), &["message.received"]).await;
    let path = format!("{HOOKS}/{}", made.text("/id"));
    let body = json!({ "type": "message.received", "data": { "user": { "id": "67890" } }, "tenant": "12345" });
    assert_eq!(client.post("/v1/events", &body).await.status, 202);
    let seen = before.next().await;
    assert_eq!(
        (&seen.json()["bot_id"], &seen.json()["user"]["id"]),
        (&json!("12345"), &json!("67890"))
    );
    seen.verify("nativemsg", &made.text("/secret")).unwrap();
    // The reading of the page: the signature in the body, without any header.
    let secret = Secret::new(made.text("/secret")).unwrap();
    let webhook = Webhook::new(Scheme::builtin("nativemsg").unwrap(), &[secret]).unwrap();
    assert!(webhook.verify(&Request::new(&[], &seen.body), Timestamp::MIN).is_ok());

    // Another URL and other events hold at once for what is sent next.
    for method in ["PUT", "PATCH"] {
        let edit = json!({ "url": after.url(), "events": ["message.sent"] }).to_string();
        let json_type = [("content-type", "application/json")];
        let edited = client.request(method, &path, &json_type, edit.as_bytes()).await;
        assert_eq!((edited.status, edited.text("/direction")), (200, "outbound".to_owned()));
    }
    assert_eq!(client.post("/v1/events", &body).await.json["deliveries"], json!([]));
    server.send("message.sent", json!({ "message": {} })).await;
    after.next().await.verify("nativemsg", &made.text("/secret")).unwrap();
    let tested = client.act(&format!("{path}/test")).await;
    assert_eq!(
        (&tested.json["delivered"], &tested.json["event"]),
        (&json!(true), &json!("message.sent"))
    );
    assert_eq!(after.next().await.json()["test"], true);

    // From the moment of its removal nothing more is sent, queued deliveries included.
    let native = format!("/v1/endpoints/{}", made.text("/id").replace("wh_", "ep_"));
    assert_eq!(client.act(&format!("{native}/pause")).await.status, 200);
    let queued = server.send("message.sent", json!({})).await;
    let removed = client.delete(&path).await;
    assert_eq!((removed.status, removed.text("/status")), (200, "removed".to_owned()));
    server.event_in(&queued, "cancelled").await;
    server.send("message.sent", json!({})).await;
    assert_eq!(client.get(HOOKS).await.json, json!({ "data": [], "next": Value::Null }));
    for (method, path) in
        [("GET", path.clone()), ("GET", format!("{path}/secret")), ("DELETE", path)]
    {
        assert_eq!(client.request(method, &path, &[], b"").await.status, 404);
    }
    assert!(before.try_next().is_none() && after.try_next().is_none());
}
