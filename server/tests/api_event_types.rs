//! Types of events: registered with schemas, and events held against them.

#![cfg(test)]

mod support;

use hookseal_server::{config::Config, seal::MasterKey};
use serde_json::{Value, json};
use support::{Engine, PATIENCE, TestServer, client::Answer, config};

on_each_engine! {
    a_type_is_registered_and_has_versions,
    events_are_held_against_the_newest_schema,
    only_registered_types_where_the_account_asks,
}

fn invoice(minimum: i64) -> Value {
    json!({
        "type": "object",
        "required": ["amount"],
        "properties": { "amount": { "type": "integer", "minimum": minimum } },
    })
}

async fn register(server: &TestServer, name: &str, schema: Option<Value>) -> Answer {
    let body = json!({ "name": name, "schema": schema });
    let answer = server.client.post("/v1/event-types", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer
}

async fn validate(server: &TestServer, which: &str) {
    let answer = server.client.patch("/v1/account", &json!({ "validate_events": which })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

async fn send(server: &TestServer, event_type: &str, data: Value) -> Answer {
    server.client.post("/v1/events", &json!({ "type": event_type, "data": data })).await
}

async fn a_type_is_registered_and_has_versions(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    let client = &server.client;
    let body = json!({
        "name": "invoice/paid",
        "description": "in full",
        "schema": invoice(0),
        "example": { "amount": 5 },
    });
    let made = client.post("/v1/event-types", &body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(
        (
            &made.json["version"],
            &made.json["schema_version"],
            &made.json["schema"],
            &made.json["example"]
        ),
        (&json!(1), &json!(1), &invoice(0), &json!({ "amount": 5 }))
    );
    let again = client.post("/v1/event-types", &body).await;
    assert_eq!((again.status, again.error_code()), (409, "already_exists".to_owned()));

    let path = "/v1/event-types/invoice%2Fpaid";
    assert_eq!(client.get(path).await.json, made.json);
    // The same schema is no new version; another one is, and the example has to fit it.
    let same = client.patch(path, &json!({ "schema": invoice(0) })).await;
    assert_eq!(same.json["version"], 1);
    let misfit = client.patch(path, &json!({ "schema": invoice(6) })).await;
    assert_eq!((misfit.status, misfit.error_code()), (422, "invalid_data".to_owned()));
    assert_eq!(misfit.text("/error/field"), "example/amount");
    let body =
        json!({ "schema": invoice(6), "example": null, "archived": true, "description": null });
    let changed = client.patch(path, &body).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(
        (
            &changed.json["version"],
            &changed.json["archived"],
            &changed.json["description"],
            &changed.json["example"]
        ),
        (&json!(2), &json!(true), &Value::Null, &Value::Null)
    );
    let old = client.get(&format!("{path}?version=1")).await;
    assert_eq!(
        (&old.json["schema"], &old.json["schema_version"], &old.json["version"]),
        (&invoice(0), &json!(1), &json!(2))
    );
    assert_eq!(client.get(&format!("{path}?version=3")).await.status, 404);
    assert_eq!(client.get(&format!("{path}?version=0")).await.status, 422);

    register(&server, "a.first", None).await;
    let listed = client.get("/v1/event-types?limit=1").await;
    assert_eq!(
        (&listed.json["data"][0]["name"], &listed.json["next"]),
        (&json!("a.first"), &json!("a.first"))
    );
    assert!(listed.json["data"][0].get("schema").is_none());
    let rest = client.get("/v1/event-types?after=a.first").await;
    assert_eq!(
        (&rest.json["data"][0]["name"], &rest.json["next"]),
        (&json!("invoice/paid"), &Value::Null)
    );
    let of_profile = client.get("/v1/event-types?profile=naive").await;
    let names: Vec<_> = of_profile.json["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["email.received", "approval.resolved"]);
    assert_eq!(of_profile.json["data"][0]["profile"], "naive");

    assert_eq!(client.delete(path).await.status, 204);
    assert_eq!(client.delete(path).await.status, 404);
    assert_eq!(client.get(path).await.status, 404);
    for (body, field, code) in [
        (json!({ "name": "a b" }), "name", "invalid_event_type"),
        (json!({ "name": "hookseal.mine" }), "name", "invalid_argument"),
        (json!({ "name": "x", "schema": true }), "schema", "invalid_schema"),
        (
            json!({ "name": "x", "schema": { "$ref": "https://example.com/" } }),
            "schema",
            "invalid_schema",
        ),
        (json!({ "name": "x", "example": [] }), "example", "invalid_argument"),
        (json!({ "name": "x", "schema": invoice(0), "example": {} }), "example", "invalid_data"),
        (json!({ "name": "x", "description": "" }), "description", "invalid_argument"),
    ] {
        let answer = client.post("/v1/event-types", &body).await;
        assert_eq!(
            (answer.status, answer.error_code().as_str(), answer.text("/error/field").as_str()),
            (422, code, field),
            "{body}"
        );
    }
    let all = client.get("/v1/event-types?profile=nobody").await;
    assert_eq!((all.status, all.error_code()), (422, "unknown_profile".to_owned()));
}

async fn events_are_held_against_the_newest_schema(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    register(&server, "invoice.paid", Some(invoice(0))).await;
    // Nobody asked.
    assert_eq!(send(&server, "invoice.paid", json!({})).await.status, 202);
    validate(&server, "known").await;
    let refused = send(&server, "invoice.paid", json!({ "amount": "secret" })).await;
    assert_eq!((refused.status, refused.error_code()), (422, "invalid_data".to_owned()));
    assert_eq!(refused.text("/error/field"), "data/amount");
    assert!(refused.body.contains("/properties/amount/type") && !refused.body.contains("secret"));
    assert_eq!(send(&server, "invoice.paid", json!({ "amount": 1 })).await.status, 202);
    assert_eq!(send(&server, "another.type", json!({})).await.status, 202);

    let batch = |amount: i64| {
        json!({ "events": [
        { "type": "another.type", "data": {} },
        { "type": "invoice.paid", "data": { "amount": amount } },
    ] })
    };
    let before = server.client.get("/v1/events").await.json["data"].as_array().unwrap().len();
    let refused = server.client.post("/v1/events/batch", &batch(-1)).await;
    assert_eq!(
        (refused.status, refused.text("/error/field")),
        (422, "events/1/data/amount".to_owned())
    );
    let after = server.client.get("/v1/events").await.json["data"].as_array().unwrap().len();
    assert_eq!(before, after);
    assert_eq!(server.client.post("/v1/events/batch", &batch(1)).await.status, 202);

    // A new version holds at once on this node, and so does an archived or deleted type.
    let path = "/v1/event-types/invoice.paid";
    assert_eq!(server.client.patch(path, &json!({ "schema": invoice(5) })).await.status, 200);
    assert_eq!(send(&server, "invoice.paid", json!({ "amount": 1 })).await.status, 422);
    assert_eq!(server.client.patch(path, &json!({ "archived": true })).await.status, 200);
    assert_eq!(send(&server, "invoice.paid", json!({ "amount": 1 })).await.status, 202);
    assert_eq!(server.client.patch(path, &json!({ "archived": false })).await.status, 200);
    assert_eq!(send(&server, "invoice.paid", json!({ "amount": 1 })).await.status, 422);
    assert_eq!(server.client.delete(path).await.status, 204);
    assert_eq!(send(&server, "invoice.paid", json!({ "amount": 1 })).await.status, 202);

    // The schema of one account is nobody else's.
    register(&server, "invoice.paid", Some(invoice(5))).await;
    let body = json!({ "name": "other", "validate_events": "all" });
    let other = server.client.post("/v1/accounts", &body).await.text("/api_key/key");
    let other = server.client.with_key(&other);
    let event = json!({ "type": "invoice.paid", "data": { "amount": 1 } });
    let refused = other.post("/v1/events", &event).await;
    assert_eq!((refused.status, refused.error_code()), (422, "unknown_event_type".to_owned()));
    let body = json!({ "name": "invoice.paid", "schema": invoice(1) });
    assert_eq!(other.post("/v1/event-types", &body).await.status, 201);
    assert_eq!(other.post("/v1/events", &event).await.status, 202);
    assert_eq!(server.client.post("/v1/events", &event).await.status, 422);
}

async fn only_registered_types_where_the_account_asks(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    register(&server, "known.one", None).await;
    validate(&server, "all").await;
    assert_eq!(send(&server, "known.one", json!({ "any": "thing" })).await.status, 202);
    let refused = send(&server, "unknown.one", json!({})).await;
    assert_eq!(
        (refused.status, refused.error_code(), refused.text("/error/field")),
        (422, "unknown_event_type".to_owned(), "type".to_owned())
    );
    let path = "/v1/event-types/known.one";
    assert_eq!(server.client.patch(path, &json!({ "archived": true })).await.status, 200);
    assert_eq!(send(&server, "known.one", json!({})).await.error_code(), "unknown_event_type");
    validate(&server, "off").await;
    assert_eq!(send(&server, "unknown.one", json!({})).await.status, 202);
}

#[tokio::test]
async fn another_node_sees_a_change_soon() {
    let (data, more) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let master_key = Some(MasterKey::parse(&"11".repeat(32)).unwrap());
    let one = Config { master_key: master_key.clone(), ..Engine::Postgres.config(&data).await };
    let database_url = one.database_url.clone();
    let other = Config { database_url, master_key, ..config(&more) };
    let (first, second) = (TestServer::with(one).await, TestServer::with(other).await);
    validate(&first, "known").await;
    let until = async |status: u16| {
        let asking = async {
            while send(&second, "invoice.paid", json!({ "amount": 1 })).await.status != status {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, asking).await.unwrap();
    };
    // Both know that there is nothing.
    until(202).await;
    register(&first, "invoice.paid", Some(invoice(5))).await;
    until(422).await;
    let path = "/v1/event-types/invoice.paid";
    assert_eq!(first.client.patch(path, &json!({ "schema": invoice(1) })).await.status, 200);
    until(202).await;
}
