//! Accounts: made by the operator, apart from each other, changed and suspended.

#![cfg(test)]

mod support;

use serde_json::{Value, json};
use support::{Engine, TestServer, client::Client};

on_each_engine! {
    an_account_is_made_with_its_first_key,
    the_operator_has_no_access_to_what_is_in_an_account,
    a_suspended_account_is_refused_and_comes_back,
}

async fn make(server: &TestServer, name: &str) -> (String, Client) {
    let made = server.client.post("/v1/accounts", &json!({ "name": name })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    (made.text("/id"), server.client.with_key(&made.text("/api_key/key")))
}

async fn an_account_is_made_with_its_first_key(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    let operator = &server.client;
    let made =
        operator.post("/v1/accounts", &json!({ "name": "acme", "validate_events": "known" })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let (id, key) = (made.text("/id"), made.text("/api_key/key"));
    assert!(id.starts_with("acct_") && key.starts_with("hks_"), "{}", made.body);
    assert_eq!(
        (made.text("/name"), made.text("/validate_events")),
        ("acme".into(), "known".into())
    );
    assert_eq!(
        (made.text("/api_key/scope"), &made.json["suspended"]),
        ("admin".into(), &json!(false))
    );

    // The key is shown once.
    let listed = operator.get("/v1/accounts").await;
    assert_eq!(listed.json["data"].as_array().unwrap().len(), 2);
    assert_eq!(listed.json["data"][1]["id"], id.as_str());
    assert!(!listed.body.contains(&key));
    let page = operator.get("/v1/accounts?limit=1").await;
    assert_eq!(page.json["next"], page.json["data"][0]["id"]);
    let rest = operator.get(&format!("/v1/accounts?limit=1&after={}", page.text("/next"))).await;
    assert_eq!((&rest.json["data"][0]["id"], &rest.json["next"]), (&json!(id), &Value::Null));

    let holder = operator.with_key(&key);
    let own = holder.get("/v1/account").await;
    assert_eq!((own.status, own.text("/id")), (200, id.clone()));
    let changed =
        holder.patch("/v1/account", &json!({ "name": null, "validate_events": "off" })).await;
    assert_eq!(
        (&changed.json["name"], changed.text("/validate_events")),
        (&Value::Null, "off".into())
    );
    let shown = operator.get(&format!("/v1/accounts/{id}")).await;
    assert_eq!(shown.json, changed.json);
    for (body, field) in [
        (json!({ "name": "" }), json!("name")),
        (json!({ "validate_events": "some" }), json!("validate_events")),
        (json!({ "suspended": true }), json!("suspended")),
    ] {
        let answer = holder.patch("/v1/account", &body).await;
        assert_eq!((answer.status, &answer.json["error"]["field"]), (422, &field), "{body}");
    }
    assert_eq!(operator.get("/v1/accounts/acct_0000000000000").await.status, 404);
    assert_eq!(operator.get("/v1/accounts/nobody").await.status, 404);
}

async fn the_operator_has_no_access_to_what_is_in_an_account(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    let (id, holder) = make(&server, "acme").await;
    let (_, other) = make(&server, "other").await;
    let body = json!({ "url": "https://example.com/", "event_types": ["*"] });
    let endpoint = holder.post("/v1/endpoints", &body).await;
    let path = format!("/v1/endpoints/{}", endpoint.text("/id"));
    for stranger in [&server.client, &other] {
        assert_eq!(stranger.get(&path).await.status, 404);
        assert_eq!(stranger.get("/v1/endpoints").await.json["data"], json!([]));
    }
    // Nor has another account, or a key of a tenant, any of the operator's calls.
    let body = json!({ "scope": "admin", "tenant": "t" });
    let of_tenant = server.client.post("/v1/api-keys", &body).await.text("/key");
    for stranger in [&holder, &server.client.with_key(&of_tenant)] {
        for path in ["/v1/accounts".to_owned(), format!("/v1/accounts/{id}")] {
            let answer = stranger.get(&path).await;
            assert_eq!(
                (answer.status, answer.error_code()),
                (403, "forbidden".to_owned()),
                "{path}"
            );
        }
        assert_eq!(stranger.post("/v1/accounts", &json!({ "name": "x" })).await.status, 403);
    }
}

async fn a_suspended_account_is_refused_and_comes_back(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    let (id, holder) = make(&server, "acme").await;
    assert_eq!(holder.get("/v1/events").await.status, 200);
    let path = format!("/v1/accounts/{id}");
    assert_eq!(server.client.patch(&path, &json!({ "suspended": true })).await.status, 200);
    let refused = holder.get("/v1/events").await;
    assert_eq!((refused.status, refused.error_code()), (403, "account_suspended".to_owned()));
    assert_eq!(server.client.patch(&path, &json!({ "suspended": false })).await.status, 200);
    assert_eq!(holder.get("/v1/events").await.status, 200);

    let own = server.client.get("/v1/account").await.text("/id");
    let path = format!("/v1/accounts/{own}");
    let itself = server.client.patch(&path, &json!({ "suspended": true })).await;
    assert_eq!((itself.status, itself.error_code()), (409, "key_in_use".to_owned()));
}
