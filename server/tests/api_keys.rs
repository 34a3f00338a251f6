//! API keys: what each may do, and what it never sees.

#![cfg(test)]

mod support;

use std::sync::Arc;

use hookseal_server::{
    clock::{Clock as _, SystemClock},
    config::Config,
    dialects::Dialect,
    http::routes,
    store::{
        self, AccountKey, ApiKey, ApiKeyId, KeyOrigin, Scope, postgres::PostgresStore,
        sqlite::SqliteStore,
    },
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use support::{
    Engine, TestServer,
    client::{Answer, Client},
    config,
    receiver::Receiver,
};

on_each_engine! {
    revoked_keys_stay_revoked_under_load,
    a_key_of_a_tenant_has_what_is_the_tenants,
    erasing_a_tenant_leaves_nothing_of_it_and_all_of_others,
    no_route_lets_anybody_at_what_is_anothers,
    no_route_of_a_dialect_lets_anybody_at_what_is_anothers,
}

const STANDARD: &str = "standard_webhooks";

async fn key(client: &Client, scope: &str, tenant: Option<&str>) -> Answer {
    let body = json!({ "scope": scope, "tenant": tenant, "name": "a test" });
    let answer = client.post("/v1/api-keys", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer
}

async fn client(server: &TestServer, scope: &str, tenant: Option<&str>) -> Client {
    let made = key(&server.client, scope, tenant).await;
    server.client.with_key(&made.text("/key"))
}

#[tokio::test]
async fn a_key_is_shown_once_and_stops_at_once() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let made = key(&server.client, "read", Some("t1")).await;
    let (id, text) = (made.text("/id"), made.text("/key"));
    assert!(
        id.starts_with("key_") && text.starts_with("hks_") && text.len() == 47,
        "{}",
        made.body
    );
    let mut expected = made.json.clone();
    expected.as_object_mut().unwrap().remove("key");
    assert_eq!(
        (&expected["scope"], &expected["tenant"], &expected["name"], &expected["origin"]),
        (&json!("read"), &json!("t1"), &json!("a test"), &json!("api"))
    );
    let listed = server.client.get("/v1/api-keys").await;
    assert_eq!(listed.json["data"][1], expected);
    assert_eq!(listed.json["data"][0]["origin"], "environment");
    assert!(!listed.body.contains(&text));
    let database = std::fs::read(data.path().join("hookseal.db-wal")).unwrap();
    assert!(!database.windows(text.len()).any(|window| window == text.as_bytes()));

    let holder = server.client.with_key(&text);
    assert_eq!(holder.get("/v1/events").await.status, 200);
    let path = format!("/v1/api-keys/{id}");
    assert_eq!(server.client.delete(&path).await.status, 204);
    assert_eq!(holder.get("/v1/events").await.status, 401);
    assert_eq!(server.client.delete(&path).await.status, 404);
    assert_eq!(server.client.delete("/v1/api-keys/key_none").await.status, 404);

    let own = listed.json["data"][0]["id"].as_str().unwrap();
    let itself = server.client.delete(&format!("/v1/api-keys/{own}")).await;
    assert_eq!((itself.status, itself.error_code().as_str()), (409, "key_in_use"));

    for (body, field) in [
        (json!({}), Value::Null),
        (json!({ "scope": "root" }), json!("scope")),
        (json!({ "scope": "read", "tenant": "" }), json!("tenant")),
        (json!({ "scope": "read", "name": "x".repeat(257) }), json!("name")),
        (json!({ "scope": "read", "surprise": 1 }), json!("surprise")),
    ] {
        let answer = server.client.post("/v1/api-keys", &body).await;
        assert_eq!((answer.status, &answer.json["error"]["field"]), (422, &field), "{body}");
    }
}

#[tokio::test]
async fn keys_are_listed_a_page_at_a_time() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    for _ in 0..4 {
        key(&server.client, "read", None).await;
    }
    let all = server.client.get("/v1/api-keys").await;
    let all: Vec<_> = all.json["data"].as_array().unwrap().clone();
    assert_eq!(all.len(), 5);
    let (mut paged, mut path) = (Vec::new(), "/v1/api-keys?limit=2".to_owned());
    for rows in [2, 2, 1] {
        let page = server.client.get(&path).await.json;
        assert_eq!(page["data"].as_array().unwrap().len(), rows);
        paged.extend(page["data"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => path = format!("/v1/api-keys?limit=2&after={next}"),
            None => assert_eq!(rows, 1),
        }
    }
    assert_eq!(paged, all);
    for query in ["limit=0", "limit=251", "after=evt_1", "before=key_1", "x=1"] {
        let answer = server.client.get(&format!("/v1/api-keys?{query}")).await;
        assert_eq!((answer.status, answer.error_code().as_str()), (422, "invalid_argument"));
    }
}

#[tokio::test]
async fn each_key_has_a_rate_of_its_own() {
    let data = tempfile::tempdir().unwrap();
    let limited = Config { api_rate_limit: 5, ..config(&data) };
    let server = TestServer::with(limited).await;
    let one = client(&server, "read", None).await;
    let mut refused = one.get("/v1/events").await;
    while refused.status == 200 {
        refused = one.get("/v1/events").await;
    }
    assert_eq!((refused.status, refused.error_code().as_str()), (429, "rate_limited"));
    assert!(refused.head.contains("retry-after: 1"), "{}", refused.head);
    assert_eq!(server.client.get("/v1/events").await.status, 200);
    let again = async { while one.get("/v1/events").await.status != 200 {} };
    tokio::time::timeout(support::PATIENCE, again).await.unwrap();
}

async fn revoked_keys_stay_revoked_under_load(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    for _ in 0..10 {
        let made = key(&server.client, "read", None).await;
        let holder = server.client.with_key(&made.text("/key"));
        let callers: Vec<_> = (0..4)
            .map(|_| {
                let holder = holder.clone();
                tokio::spawn(async move { while holder.get("/v1/events").await.status == 200 {} })
            })
            .collect();
        let path = format!("/v1/api-keys/{}", made.text("/id"));
        assert_eq!(server.client.delete(&path).await.status, 204);
        assert_eq!(holder.get("/v1/events").await.status, 401);
        for caller in callers {
            tokio::time::timeout(support::PATIENCE, caller).await.unwrap().unwrap();
        }
    }
}

async fn a_key_of_a_tenant_has_what_is_the_tenants(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let mut own_receiver = Receiver::start().await;
    let mut all_receiver = Receiver::start().await;
    let server = engine.start(&data).await;
    let all = server.endpoint(&all_receiver.url(), STANDARD, &["*"]).await.text("/id");
    let a = client(&server, "admin", Some("a")).await;

    let body = json!({ "url": own_receiver.url(), "event_types": ["*"] });
    let own = a.post("/v1/endpoints", &body).await;
    assert_eq!((own.status, own.text("/tenant")), (201, "a".to_owned()));
    let own_id = own.text("/id");
    let mut named = body.clone();
    named["tenant"] = json!("b");
    let other = a.post("/v1/endpoints", &named).await;
    assert_eq!(
        (other.status, other.error_code(), other.text("/error/field")),
        (403, "forbidden".to_owned(), "tenant".to_owned())
    );
    assert!(!other.body.contains("`b`"));
    assert_eq!(a.get("/v1/endpoints").await.json["data"].as_array().unwrap().len(), 1);
    assert_eq!(a.get("/v1/endpoints?tenant=a").await.json["data"].as_array().unwrap().len(), 1);
    assert_eq!(a.get(&format!("/v1/endpoints/{all}")).await.status, 404);

    // The account's endpoint gets the tenant's events too, but its deliveries are the account's.
    let sent = a.post("/v1/events", &json!({ "type": "x.y", "data": {} })).await;
    assert_eq!((sent.status, sent.json["deliveries"].as_array().unwrap().len()), (202, 1));
    assert_eq!(sent.text("/deliveries/0/endpoint_id"), own_id);
    let id = sent.text("/id");
    assert_eq!(all_receiver.next().await.header("webhook-id"), Some(id.as_str()));
    own_receiver.next().await;
    let whole = server.event_in(&id, "delivered").await;
    assert_eq!(
        (whole["tenant"].as_str(), whole["deliveries"].as_array().unwrap().len()),
        (Some("a"), 2)
    );
    let seen = a.get(&format!("/v1/events/{id}")).await;
    assert_eq!(seen.json["deliveries"].as_array().unwrap().len(), 1);
    for delivery in whole["deliveries"].as_array().unwrap() {
        let path = format!("/v1/deliveries/{}", delivery["id"].as_str().unwrap());
        let own = delivery["endpoint_id"] == own_id.as_str();
        assert_eq!(a.get(&path).await.status, if own { 200 } else { 404 });
        assert_eq!(a.act(&format!("{path}/replay")).await.status, if own { 202 } else { 404 });
    }
    own_receiver.next().await;
    // What is still being sent is not sent again.
    server.event_in(&id, "delivered").await;
    let again = a.act(&format!("/v1/events/{id}/replay")).await;
    assert_eq!(again.json, json!({ "deliveries": 1 }));
    assert_eq!(a.get("/v1/deliveries").await.json["data"].as_array().unwrap().len(), 1);

    let foreign = json!({ "type": "x.y", "data": {}, "tenant": "b" });
    assert_eq!(a.post("/v1/events", &foreign).await.status, 403);
    let batch = json!({ "events": [{ "type": "x.y", "data": {} }, foreign] });
    let refused = a.post("/v1/events/batch", &batch).await;
    assert_eq!((refused.status, refused.text("/error/field")), (403, "events/1/tenant".to_owned()));

    // An idempotency key of one tenant is not that of another.
    let b = client(&server, "send", Some("b")).await;
    let event = json!({ "type": "x.y", "data": {} });
    let key = [("idempotency-key", "k1")];
    let of_a = a.post_with("/v1/events", &key, &event).await;
    let of_b = b.post_with("/v1/events", &key, &event).await;
    assert_eq!((of_a.status, of_b.status), (202, 202));
    assert_ne!(of_a.text("/id"), of_b.text("/id"));
    assert_eq!(a.post_with("/v1/events", &key, &event).await.body, of_a.body);

    // Keys that it makes are the tenant's; those of the account do not exist.
    let made = a.post("/v1/api-keys", &json!({ "scope": "admin" })).await;
    assert_eq!(made.text("/tenant"), "a");
    assert_eq!(a.get("/v1/api-keys").await.json["data"].as_array().unwrap().len(), 2);
}

async fn erasing_a_tenant_leaves_nothing_of_it_and_all_of_others(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let (mut receiver_a, mut receiver_b) = (Receiver::start().await, Receiver::start().await);
    let server = engine.start(&data).await;
    let (a, b) =
        (client(&server, "admin", Some("a b/ü")).await, client(&server, "admin", Some("b")).await);
    let mut ids = Vec::new();
    for (client, receiver) in [(&a, &mut receiver_a), (&b, &mut receiver_b)] {
        let body = json!({ "url": receiver.url(), "event_types": ["*"] });
        let endpoint = client.post("/v1/endpoints", &body).await.text("/id");
        let event = client.post("/v1/events", &json!({ "type": "x.y", "data": {} })).await;
        receiver.next().await;
        server.event_in(&event.text("/id"), "delivered").await;
        ids.push((endpoint, event.text("/id"), event.text("/deliveries/0/id")));
    }
    // One that waits when it is erased.
    let paused = format!("/v1/endpoints/{}/pause", ids[0].0);
    assert_eq!(a.act(&paused).await.status, 200);
    a.post("/v1/events", &json!({ "type": "x.y", "data": {} })).await;

    let path = "/v1/tenants/a%20b%2F%C3%BC";
    assert_eq!(a.delete(path).await.status, 403);
    assert_eq!(server.client.delete(path).await.status, 204);
    assert_eq!(server.client.delete(path).await.status, 204);
    assert_eq!(a.get("/v1/events").await.status, 401);
    let (endpoint, event, delivery) = &ids[0];
    for path in [
        format!("/v1/endpoints/{endpoint}"),
        format!("/v1/events/{event}"),
        format!("/v1/deliveries/{delivery}"),
    ] {
        assert_eq!(server.client.get(&path).await.status, 404, "{path}");
    }
    for list in ["endpoints", "events", "deliveries"] {
        let listed = server.client.get(&format!("/v1/{list}")).await;
        assert_eq!(listed.json["data"].as_array().unwrap().len(), 1, "{list} {}", listed.body);
    }
    let (endpoint, event, delivery) = &ids[1];
    for path in [
        format!("/v1/endpoints/{endpoint}"),
        format!("/v1/events/{event}"),
        format!("/v1/deliveries/{delivery}"),
    ] {
        assert_eq!(b.get(&path).await.status, 200, "{path}");
    }
    assert!(receiver_a.try_next().is_none() && receiver_b.try_next().is_none());
}

/// Method, path, body; what a key of another tenant gets, and a key of another account. Bodies name the tenant `a`.
type Case = (&'static str, &'static str, Value, u16, u16);

fn cases() -> Vec<Case> {
    let none = Value::Null;
    let event = json!({ "type": "x.y", "data": {}, "tenant": "a" });
    vec![
        ("GET", "/v1/account", none.clone(), 200, 200),
        ("PATCH", "/v1/account", json!({ "name": "mine" }), 403, 200),
        ("GET", "/v1/accounts", none.clone(), 403, 403),
        ("POST", "/v1/accounts", json!({ "name": "another" }), 403, 403),
        ("GET", "/v1/accounts/{id}", none.clone(), 403, 403),
        ("PATCH", "/v1/accounts/{id}", json!({ "suspended": true }), 403, 403),
        ("GET", "/v1/api-keys", none.clone(), 200, 200),
        ("POST", "/v1/api-keys", json!({ "scope": "admin", "tenant": "a" }), 403, 201),
        ("GET", "/v1/api-keys/{id}", none.clone(), 404, 404),
        ("DELETE", "/v1/api-keys/{id}", none.clone(), 404, 404),
        ("GET", "/v1/deliveries", none.clone(), 200, 200),
        ("GET", "/v1/deliveries/{id}", none.clone(), 404, 404),
        ("GET", "/v1/deliveries/{id}/attempts", none.clone(), 404, 404),
        ("POST", "/v1/deliveries/{id}/replay", none.clone(), 404, 404),
        ("GET", "/v1/endpoints", none.clone(), 200, 200),
        (
            "POST",
            "/v1/endpoints",
            json!({ "url": "https://example.com/", "event_types": ["*"], "tenant": "a" }),
            403,
            201,
        ),
        ("DELETE", "/v1/endpoints/{id}", none.clone(), 404, 404),
        ("GET", "/v1/endpoints/{id}", none.clone(), 404, 404),
        ("PATCH", "/v1/endpoints/{id}", json!({ "description": "mine" }), 404, 404),
        ("POST", "/v1/endpoints/{id}/disable", none.clone(), 404, 404),
        ("POST", "/v1/endpoints/{id}/enable", none.clone(), 404, 404),
        ("POST", "/v1/endpoints/{id}/pause", none.clone(), 404, 404),
        (
            "POST",
            "/v1/endpoints/{id}/replay-failed",
            json!({ "since": "2020-01-01T00:00:00Z" }),
            404,
            404,
        ),
        ("POST", "/v1/endpoints/{id}/resume", none.clone(), 404, 404),
        ("POST", "/v1/endpoints/{id}/rotate-secret", none.clone(), 404, 404),
        ("POST", "/v1/endpoints/{id}/test", none.clone(), 404, 404),
        // What can be subscribed to is no secret from a tenant; it changes nothing there.
        ("GET", "/v1/event-types", none.clone(), 200, 200),
        ("POST", "/v1/event-types", json!({ "name": "x.z" }), 403, 201),
        ("DELETE", "/v1/event-types/{name}", none.clone(), 403, 404),
        ("GET", "/v1/event-types/{name}", none.clone(), 200, 404),
        ("PATCH", "/v1/event-types/{name}", json!({ "archived": true }), 403, 404),
        ("GET", "/v1/events", none.clone(), 200, 200),
        ("POST", "/v1/events", event.clone(), 403, 202),
        ("POST", "/v1/events/batch", json!({ "events": [event] }), 403, 202),
        ("GET", "/v1/events/{id}", none.clone(), 404, 404),
        ("GET", "/v1/events/{id}/deliveries", none.clone(), 404, 404),
        ("POST", "/v1/events/{id}/replay", none.clone(), 404, 404),
        ("GET", "/v1/sources", none.clone(), 200, 200),
        (
            "POST",
            "/v1/sources",
            json!({ "name": "x", "scheme": "github", "secrets": ["12345678"], "tenant": "a" }),
            403,
            201,
        ),
        ("DELETE", "/v1/sources/{id}", none.clone(), 404, 404),
        ("GET", "/v1/sources/{id}", none.clone(), 404, 404),
        ("PATCH", "/v1/sources/{id}", json!({ "state": "paused" }), 404, 404),
        ("GET", "/v1/sources/{id}/handed-over-secret", none.clone(), 404, 404),
        ("GET", "/v1/sources/{id}/refusals", none.clone(), 404, 404),
        ("GET", "/v1/sources/{id}/refusals/{refusal}", none.clone(), 404, 404),
        ("DELETE", "/v1/tenants/{tenant}", none, 403, 204),
    ]
}

/// The same for the dialects. `{user_id}` is the tenant `a`, ids are those of its webhooks.
fn dialect_cases(dialect: Dialect) -> Vec<Case> {
    let none = Value::Null;
    let url = "https://example.com/";
    let naive = json!({ "url": url, "eventTypes": ["email.received"] });
    match dialect {
        Dialect::Ainative => vec![
            ("GET", "/api/v1/webhooks/", none.clone(), 200, 200),
            (
                "POST",
                "/api/v1/webhooks/register",
                json!({ "url": url, "events": ["memory.stored"] }),
                201,
                201,
            ),
            ("DELETE", "/api/v1/webhooks/{webhook_id}", none, 404, 404),
        ],
        Dialect::Naive => vec![
            ("GET", "/v1/webhooks", none.clone(), 403, 200),
            ("POST", "/v1/webhooks", naive.clone(), 403, 201),
            ("GET", "/v1/webhooks/event-types", none.clone(), 200, 200),
            ("DELETE", "/v1/webhooks/{id}", none.clone(), 403, 404),
            ("POST", "/v1/webhooks/{id}/test", none.clone(), 403, 404),
            ("GET", "/v1/users/{user_id}/webhooks", none.clone(), 403, 200),
            ("POST", "/v1/users/{user_id}/webhooks", naive, 403, 201),
            ("GET", "/v1/users/{user_id}/webhooks/event-types", none.clone(), 403, 200),
            ("DELETE", "/v1/users/{user_id}/webhooks/{id}", none.clone(), 403, 404),
            ("POST", "/v1/users/{user_id}/webhooks/{id}/test", none, 403, 404),
        ],
        Dialect::Nativemsg => {
            let hook = json!({ "url": url, "events": ["message.sent"] });
            vec![
                ("GET", "/nativemsg/v1/webhooks", none.clone(), 200, 200),
                ("POST", "/nativemsg/v1/webhooks", hook.clone(), 201, 201),
                ("GET", "/nativemsg/v1/webhooks/event-types", none.clone(), 200, 200),
                ("GET", "/nativemsg/v1/webhooks/{id}", none.clone(), 404, 404),
                ("PATCH", "/nativemsg/v1/webhooks/{id}", hook.clone(), 404, 404),
                ("PUT", "/nativemsg/v1/webhooks/{id}", hook, 404, 404),
                ("DELETE", "/nativemsg/v1/webhooks/{id}", none.clone(), 404, 404),
                ("GET", "/nativemsg/v1/webhooks/{id}/secret", none.clone(), 404, 404),
                ("POST", "/nativemsg/v1/webhooks/{id}/test", none, 404, 404),
            ]
        }
        Dialect::Yativo => vec![
            ("POST", "/webhook/create", json!({ "url": url, "events": ["*"] }), 201, 201),
            ("GET", "/webhook/list", none.clone(), 200, 200),
            ("GET", "/webhook/{id}", none.clone(), 404, 404),
            ("PUT", "/webhook/{id}", json!({ "events": ["*"] }), 404, 404),
            ("DELETE", "/webhook/{id}", none.clone(), 404, 404),
            ("GET", "/webhook/{id}/events", none.clone(), 404, 404),
            ("POST", "/webhook/{id}/replay", none.clone(), 404, 404),
            ("POST", "/webhook/{id}/test", none, 404, 404),
        ],
    }
}

async fn no_route_of_a_dialect_lets_anybody_at_what_is_anothers(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let first = engine.config(&data).await;
    let again = Config { database_url: first.database_url.clone(), ..config(&data) };
    TestServer::with(first).await.stop().await;
    another_account(&again, "hks_another_account").await;
    let receiver = Receiver::start().await;
    let server = TestServer::with(again).await;
    let admin = &server.client;
    let of_b = client(&server, "admin", Some("b")).await;
    let of_a = client(&server, "admin", Some("a")).await;
    let (read, send) = (client(&server, "read", None).await, client(&server, "send", None).await);
    let another = admin.with_key("hks_another_account");

    for (dialect, event_type, native_id) in [
        (Dialect::Ainative, "memory.stored", false),
        (Dialect::Naive, "email.received", true),
        (Dialect::Nativemsg, "message.sent", true),
        (Dialect::Yativo, "deposit.confirmed", true),
    ] {
        let url = format!("{}&mark=secret-of-a", receiver.url());
        let profile = dialect.as_str();
        let body =
            json!({ "url": url, "profile": profile, "event_types": [event_type], "tenant": "a" });
        let made = admin.post("/v1/endpoints", &body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let endpoint = made.text("/id");
        let id = match native_id {
            true => endpoint.replace("ep_", "wh_"),
            false => of_a.get("/api/v1/webhooks").await.text("/webhooks/0/webhook_id"),
        };
        let sent = admin
            .post("/v1/events", &json!({ "type": event_type, "data": {}, "tenant": "a" }))
            .await;
        server.event_in(&sent.text("/id"), "delivered").await;
        let secret = made.json["secret"].as_str().unwrap_or("secret-of-a").to_owned();
        let marks = [id.as_str(), "secret-of-a", &secret];
        let concrete = |path: &str| {
            path.replace("{id}", &id).replace("{webhook_id}", &id).replace("{user_id}", "a")
        };
        let state = async || {
            [
                admin.get("/v1/endpoints?tenant=a").await.json,
                admin.get(&format!("/v1/deliveries?endpoint_id={endpoint}")).await.json,
            ]
        };
        let before = state().await;

        let cases = dialect_cases(dialect);
        let routes = dialect.routes();
        let table: Vec<_> =
            routes.iter().map(|route| (route.method.to_string(), route.path)).collect();
        let tested: Vec<_> = cases.iter().map(|case| (case.0.to_owned(), case.1)).collect();
        assert_eq!(
            table, tested,
            "every route stands in the table of this test, in the same order"
        );
        for ((method, path, body, tenant_b, account), route) in cases.iter().zip(&routes) {
            for path in [concrete(path), format!("{}/", concrete(path).trim_end_matches('/'))] {
                let mut callers = vec![
                    (&admin.with_key(""), 401),
                    (&admin.with_key("hks_unknown"), 401),
                    (&of_b, *tenant_b),
                    (&another, *account),
                ]
                .into_iter()
                .map(|(caller, status)| (caller.clone(), status))
                .collect::<Vec<_>>();
                if route.scope != Scope::Read {
                    callers.push((read.clone(), 403));
                }
                if route.scope == Scope::Admin {
                    callers.push((send.clone(), 403));
                }
                for (caller, status) in callers {
                    let answer = call(&caller, method, &path, body).await;
                    assert_eq!(answer.status, status, "{method} {path} {}", answer.body);
                    for mark in marks {
                        assert!(!answer.body.contains(mark), "{method} {path}: {}", answer.body);
                    }
                }
            }
        }
        assert_eq!(state().await, before, "{profile}");

        // An id of this dialect is none of the others'.
        for other in Dialect::ALL.iter().filter(|other| **other != dialect) {
            for (method, path, body, ..) in dialect_cases(*other) {
                if path.contains("id}")
                    && !path.ends_with("/webhooks")
                    && !path.ends_with("event-types")
                {
                    let answer = call(admin, method, &concrete(path), &body).await;
                    assert_eq!(answer.status, 404, "{method} {path} {}", answer.body);
                }
            }
        }
        assert_eq!(state().await, before, "{profile}");

        // Whose scope is enough gets through; what removes comes last.
        let removes = |case: &&Case| case.0 == "DELETE";
        let (last, others): (Vec<_>, Vec<_>) =
            cases.iter().zip(&routes).partition(|(case, _)| removes(case));
        for ((method, path, body, ..), route) in others.into_iter().chain(last.into_iter().take(1))
        {
            let caller = match route.scope {
                Scope::Read => &read,
                Scope::Send => &send,
                Scope::Admin => admin,
            };
            let answer = call(caller, method, &concrete(path), body).await;
            assert!((200..300).contains(&answer.status), "{method} {path} {}", answer.body);
        }
    }
}

async fn call(client: &Client, method: &str, path: &str, body: &Value) -> Answer {
    match body {
        Value::Null => client.request(method, path, &[], b"").await,
        body => {
            let json = [("content-type", "application/json")];
            client.request(method, path, &json, body.to_string().as_bytes()).await
        }
    }
}

/// Adds an account with an admin key to data that no server has open.
async fn another_account(config: &Config, text: &str) {
    let clock = SystemClock::new();
    let now = clock.now();
    let store: Box<dyn store::Engine> = match &config.database_url {
        None => Box::new(SqliteStore::open(&config.data.join("hookseal.db")).unwrap()),
        Some(url) => Box::new(PostgresStore::open(url, Arc::new(clock)).await.unwrap()),
    };
    let key = ApiKey {
        id: ApiKeyId(store.mint(now)),
        account: AccountKey(store.mint(now)),
        origin: KeyOrigin::Api,
        scope: Scope::Admin,
        tenant: None,
        name: None,
        used: true,
        created_at: now,
    };
    store.put_key(key, Sha256::digest(text.as_bytes()).into()).await.unwrap();
}

async fn no_route_lets_anybody_at_what_is_anothers(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let first = engine.config(&data).await;
    let again = Config { database_url: first.database_url.clone(), ..config(&data) };
    TestServer::with(first).await.stop().await;
    another_account(&again, "hks_another_account").await;
    let mut receiver = Receiver::start().await;
    let server = TestServer::with(again).await;
    let admin = &server.client;

    // What the tenant `a` has.
    let body = json!({ "url": format!("{}&mark=secret-of-a", receiver.url()), "event_types": ["*"], "tenant": "a" });
    let endpoint = admin.post("/v1/endpoints", &body).await.text("/id");
    let body = json!({ "type": "x.y", "data": { "mark": "secret-of-a" }, "tenant": "a" });
    let sent = admin.post("/v1/events", &body).await;
    receiver.next().await;
    let (event, delivery) = (sent.text("/id"), sent.text("/deliveries/0/id"));
    server.event_in(&event, "delivered").await;
    let account = admin.get("/v1/account").await.text("/id");
    let body = json!({ "name": "typed.once", "description": "what a may send" });
    assert_eq!(admin.post("/v1/event-types", &body).await.status, 201);
    let key_of_a = key(admin, "admin", Some("a")).await.text("/id");
    let body = json!({ "name": "secret-of-a", "scheme": "github", "secrets": ["12345678"], "tenant": "a" });
    let source = admin.post("/v1/sources", &body).await.text("/id");
    let sent = admin.with_key("").post(&format!("/in/{source}"), &json!({})).await;
    assert_eq!(sent.status, 401);
    let refusals = admin.get(&format!("/v1/sources/{source}/refusals")).await;
    let refusal = refusals.text("/data/0/id");
    let concrete = |path: &str| {
        let id = match path.split('/').nth(2).unwrap() {
            "account" => "",
            "accounts" => &account,
            "api-keys" => &key_of_a,
            "deliveries" => &delivery,
            "endpoints" => &endpoint,
            "event-types" => "typed.once",
            "events" => &event,
            "sources" => &source,
            "tenants" => "a",
            other => panic!("what is the id of {other}?"),
        };
        path.replace("{id}", id)
            .replace("{name}", id)
            .replace("{tenant}", id)
            .replace("{refusal}", &refusal)
    };
    let marks = [&endpoint, &event, &delivery, &key_of_a, &source, &refusal, "secret-of-a"];

    let of_b = client(&server, "admin", Some("b")).await;
    let (read, send) = (client(&server, "read", None).await, client(&server, "send", None).await);
    let read_of_a = client(&server, "read", Some("a")).await;
    let another = admin.with_key("hks_another_account");
    let state = async || {
        let mut state = Vec::new();
        for path in [
            "/v1/account".to_owned(),
            "/v1/event-types".to_owned(),
            "/v1/api-keys".to_owned(),
            "/v1/endpoints".to_owned(),
            "/v1/events".to_owned(),
            "/v1/deliveries".to_owned(),
            format!("/v1/endpoints/{endpoint}"),
            format!("/v1/events/{event}"),
            "/v1/sources".to_owned(),
            format!("/v1/sources/{source}"),
            format!("/v1/sources/{source}/refusals"),
        ] {
            state.push(admin.get(&path).await.json);
        }
        state
    };
    let before = state().await;

    let cases = cases();
    let table: Vec<_> =
        routes().iter().map(|route| (route.method.to_string(), route.path)).collect();
    let tested: Vec<_> = cases.iter().map(|case| (case.0.to_owned(), case.1)).collect();
    assert_eq!(table, tested, "every route stands in the table of this test, in the same order");
    for ((method, path, body, tenant_b, account), route) in cases.iter().zip(routes()) {
        let concrete = concrete(path);
        let case = format!("{method} {concrete}");
        for (caller, status) in [
            (&admin.with_key(""), 401),
            (&admin.with_key("hks_unknown"), 401),
            (&of_b, *tenant_b),
            (&another, *account),
        ] {
            let answer = call(caller, method, &concrete, body).await;
            assert_eq!(answer.status, status, "{case} {}", answer.body);
            for mark in marks {
                assert!(!answer.body.contains(mark), "{case} shows {mark}: {}", answer.body);
            }
        }
        let too_weak = match route.scope {
            Scope::Read => vec![],
            Scope::Send => vec![&read, &read_of_a],
            Scope::Admin => vec![&read, &read_of_a, &send],
        };
        for caller in too_weak {
            let answer = call(caller, method, &concrete, body).await;
            assert_eq!((answer.status, answer.error_code().as_str()), (403, "forbidden"), "{case}");
        }
    }
    assert_eq!(state().await, before);
    assert!(receiver.try_next().is_none());

    // Each filter, with what is another's.
    for query in [
        format!("/v1/deliveries?endpoint_id={endpoint}"),
        format!("/v1/deliveries?state=delivered&endpoint_id={endpoint}"),
        "/v1/deliveries?since=2020-01-01T00:00:00Z".to_owned(),
        "/v1/endpoints?profile=standard_webhooks".to_owned(),
        "/v1/events?type=x.y".to_owned(),
        "/v1/sources?limit=9".to_owned(),
    ] {
        let answer = of_b.get(&query).await;
        assert_eq!(answer.json, json!({ "data": [], "next": null }), "{query}");
    }
    for list in ["deliveries", "endpoints", "events", "sources"] {
        assert_eq!(of_b.get(&format!("/v1/{list}?tenant=a")).await.status, 403);
    }

    // Whose scope is enough gets through.
    for ((method, path, body, ..), route) in cases.iter().zip(routes()) {
        let callers = match route.scope {
            Scope::Read => vec![&read, &send, &read_of_a],
            Scope::Send => vec![&send],
            Scope::Admin => vec![],
        };
        for caller in callers {
            let answer = call(caller, method, &concrete(path), body).await;
            assert!((200..300).contains(&answer.status), "{method} {path} {}", answer.body);
        }
    }
}
