//! Endpoints as their owners change them.

#![cfg(test)]

mod support;

use axum::{http::StatusCode, response::IntoResponse as _};
use serde_json::{Value, json};
use support::{Engine, TestServer, client::Answer, receiver::Receiver};

on_each_engine! {
    settings_are_set_changed_and_reset,
    a_change_counts_from_its_answer_on,
    headers_of_the_owner_go_with_every_delivery,
    a_policy_of_its_own_replaces_the_profiles,
    a_paused_endpoint_gets_what_came_meanwhile_once_it_is_resumed,
    a_disabled_endpoint_says_why_and_can_be_enabled,
    during_the_overlap_both_secrets_sign,
    endpoints_are_listed_a_page_at_a_time,
}

const STANDARD: &str = "standard_webhooks";

fn path(endpoint: &Answer) -> String {
    format!("/v1/endpoints/{}", endpoint.text("/id"))
}

fn refused(answer: &Answer) -> (u16, String, Value) {
    (answer.status, answer.error_code(), answer.json["error"]["field"].clone())
}

async fn settings_are_set_changed_and_reset(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    let plain = server.endpoint("https://example.com/a", STANDARD, &["*"]).await;
    let defaults = json!({
        "headers": {}, "rate_limit": null, "concurrency": null, "order": "none", "retry": null, "timeout_ms": null,
    });
    assert_eq!(plain.json["settings"], defaults);
    assert_eq!((plain.text("/state"), &plain.json["reason"]), ("active".to_owned(), &Value::Null));
    assert_eq!(plain.json["failing_since"], Value::Null);

    let body = json!({
        "url": "https://example.com/b", "event_types": ["*"], "settings": {
            "headers": { "X-Team": "red", "authorization": "Bearer t" },
            "rate_limit": 10, "concurrency": 2, "order": "key", "timeout_ms": 2500,
            "retry": { "schedule": { "list": [1, 2] } },
        },
    });
    let own = server.client.post("/v1/endpoints", &body).await;
    assert_eq!(own.status, 201, "{}", own.body);
    assert_eq!(
        own.json["settings"]["headers"],
        json!({ "X-Team": "red", "authorization": "Bearer t" })
    );
    assert_eq!(own.json["settings"]["order"], "key");
    assert_eq!(own.json["settings"]["retry"]["schedule"], json!({ "list": [1.0, 2.0] }));
    assert_eq!(own.json["settings"]["retry"]["disable_statuses"], json!([410]));

    let change = json!({
        "url": "https://example.com/c", "event_types": ["b", "a.*", "b"], "description": "mine",
        "settings": { "rate_limit": 20, "concurrency": null, "headers": null },
    });
    let changed = server.client.patch(&path(&own), &change).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let mut expected = own.json.clone();
    expected.as_object_mut().unwrap().remove("secret");
    expected["url"] = json!("https://example.com/c");
    expected["event_types"] = json!(["a.*", "b"]);
    expected["description"] = json!("mine");
    expected["settings"]["rate_limit"] = json!(20);
    expected["settings"]["concurrency"] = Value::Null;
    expected["settings"]["headers"] = json!({});
    assert_eq!(changed.json, expected);
    assert_eq!(server.client.get(&path(&own)).await.json, expected);

    assert_eq!(server.client.patch(&path(&own), &json!({})).await.json, expected);
    let cleared = server.client.patch(&path(&own), &json!({ "description": null })).await;
    assert_eq!(cleared.json["description"], Value::Null);
}

#[tokio::test]
async fn changes_are_checked_field_by_field() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let endpoint = server.endpoint("https://example.com/", "naive", &["*"]).await;
    let before = server.client.get(&path(&endpoint)).await.json;
    let many: serde_json::Map<_, _> = (0..33).map(|n| (format!("x-{n}"), json!("v"))).collect();
    for (change, code, field) in [
        (json!({ "url": "https://10.0.0.1/" }), "forbidden_url", "url"),
        (json!({ "url": 7 }), "invalid_argument", "url"),
        (json!({ "event_types": [] }), "invalid_argument", "event_types"),
        (json!({ "event_types": ["no.such"] }), "invalid_event_type", "event_types/0"),
        (json!({ "description": "a\u{7}b" }), "invalid_argument", "description"),
        (json!({ "profile": "yativo" }), "invalid_argument", "profile"),
        (json!({ "tenant": "t" }), "invalid_argument", "tenant"),
        (json!({ "state": "active" }), "invalid_argument", "state"),
        (json!({ "settings": 7 }), "invalid_argument", "settings"),
        (json!({ "settings": { "surprise": 1 } }), "invalid_argument", "settings/surprise"),
        (json!({ "settings": { "rate_limit": 0 } }), "invalid_argument", "settings/rate_limit"),
        (
            json!({ "settings": { "rate_limit": 10_001 } }),
            "invalid_argument",
            "settings/rate_limit",
        ),
        (json!({ "settings": { "rate_limit": -1 } }), "invalid_argument", "settings/rate_limit"),
        (json!({ "settings": { "concurrency": 0 } }), "invalid_argument", "settings/concurrency"),
        (json!({ "settings": { "timeout_ms": 99 } }), "invalid_argument", "settings/timeout_ms"),
        (
            json!({ "settings": { "timeout_ms": 60_001 } }),
            "invalid_argument",
            "settings/timeout_ms",
        ),
        (json!({ "settings": { "order": "fifo" } }), "invalid_argument", "settings/order"),
        (json!({ "settings": { "retry": {} } }), "invalid_retry_policy", "settings/retry"),
        (
            json!({ "settings": { "retry": { "schedule": { "list": [-1] } } } }),
            "invalid_retry_policy",
            "settings/retry",
        ),
        // An endpoint can be aimed at anybody: no floods.
        (retry(&json!({ "list": [0, 60] })), "invalid_argument", "settings/retry"),
        (retry(&json!({ "list": [60, 0.99] })), "invalid_argument", "settings/retry"),
        (retry(&json!({ "list": vec![60; 50] })), "invalid_argument", "settings/retry"),
        (retry(&exponential(0.5, 49)), "invalid_argument", "settings/retry"),
        (retry(&exponential(1.0, 51)), "invalid_argument", "settings/retry"),
        (json!({ "settings": { "headers": [] } }), "invalid_argument", "settings/headers"),
        (json!({ "settings": { "headers": many } }), "forbidden_header", "settings/headers"),
        (
            json!({ "settings": { "headers": { "x": 7 } } }),
            "invalid_argument",
            "settings/headers/x",
        ),
    ] {
        let answer = server.client.patch(&path(&endpoint), &change).await;
        let expected = (422, code.to_owned(), json!(field));
        assert_eq!(refused(&answer), expected, "{change} {}", answer.body);
        let mut create = json!({ "url": "https://example.com/", "event_types": ["*"] });
        if let Some(settings) = change.get("settings") {
            create["settings"] = settings.clone();
            let answer = server.client.post("/v1/endpoints", &create).await;
            assert_eq!(refused(&answer), expected, "{create} {}", answer.body);
        }
    }
    for (name, value) in [
        ("webhook-id", "x"),
        ("WEBHOOK-Signature", "x"),
        ("x-zerodb-signature", "x"),
        ("Content-Type", "text/plain"),
        ("user-agent", "x"),
        ("host", "example.org"),
        ("content-length", "0"),
        ("transfer-encoding", "chunked"),
        ("connection", "close"),
        ("x y", "x"),
        ("", "x"),
        ("x-a", "b\r\nwebhook-id: c"),
        ("x-a\r\nb", "c"),
        ("x-a", "é"),
    ] {
        let change = json!({ "settings": { "headers": { name: value } } });
        let answer = server.client.patch(&path(&endpoint), &change).await;
        assert_eq!(
            refused(&answer),
            (422, "forbidden_header".to_owned(), json!("settings/headers"))
        );
    }
    assert_eq!(server.client.get(&path(&endpoint)).await.json, before);
}

async fn a_change_counts_from_its_answer_on(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let (mut first, mut second) = (Receiver::start().await, Receiver::start().await);
    let server = engine.start(&data).await;
    let endpoint = server.endpoint(&first.url(), STANDARD, &["a.b"]).await;
    let id = server.send("a.b", json!({})).await;
    server.event_in(&id, "delivered").await;
    first.next().await;

    let change = json!({ "url": second.url(), "event_types": ["c.*"] });
    assert_eq!(server.client.patch(&path(&endpoint), &change).await.status, 200);
    let unwanted = server.client.post("/v1/events", &json!({ "type": "a.b", "data": {} })).await;
    assert_eq!(unwanted.json["deliveries"], json!([]));
    let id = server.send("c.d", json!({})).await;
    server.event_in(&id, "delivered").await;
    assert_eq!(second.next().await.header("webhook-id"), Some(id.as_str()));
    assert!(first.try_next().is_none() && second.try_next().is_none());
}

async fn headers_of_the_owner_go_with_every_delivery(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start().await;
    let server = engine.start(&data).await;
    let body = json!({
        "url": receiver.url(), "event_types": ["*"],
        "settings": { "headers": { "X-Team": "red", "authorization": "Bearer t" } },
    });
    let endpoint = server.client.post("/v1/endpoints", &body).await;
    server.send("a.b", json!({})).await;
    let seen = receiver.next().await;
    assert_eq!(
        (seen.header("x-team"), seen.header("authorization")),
        (Some("red"), Some("Bearer t"))
    );
    seen.verify(STANDARD, &endpoint.text("/secret")).unwrap();

    let change = json!({ "settings": { "headers": { "x-team": "blue" } } });
    assert_eq!(server.client.patch(&path(&endpoint), &change).await.status, 200);
    server.send("a.b", json!({})).await;
    let seen = receiver.next().await;
    assert_eq!((seen.header("x-team"), seen.header("authorization")), (Some("blue"), None));
}

async fn a_policy_of_its_own_replaces_the_profiles(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let receiver = Receiver::answering(async |_| StatusCode::BAD_GATEWAY.into_response()).await;
    let server = engine.start(&data).await;
    let endpoint = server.endpoint(&receiver.url(), "ainative", &["*"]).await;
    let change = json!({ "settings": { "retry": { "schedule": { "list": [1, 1, 1] } } } });
    assert_eq!(server.client.patch(&path(&endpoint), &change).await.status, 200);
    let id = server.send("memory.stored", json!({})).await;
    let event = server.event_in(&id, "failed").await;
    assert_eq!(event["deliveries"][0]["attempts"].as_array().unwrap().len(), 4);
    assert_eq!(event["deliveries"][0]["attempt_count"], 4);
}

async fn a_paused_endpoint_gets_what_came_meanwhile_once_it_is_resumed(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start().await;
    let server = engine.start(&data).await;
    let endpoint = server.endpoint(&receiver.url(), STANDARD, &["*"]).await;
    let act = async |what: &str| server.client.act(&format!("{}/{what}", path(&endpoint))).await;

    let paused = act("pause").await;
    assert_eq!((paused.status, paused.text("/state")), (200, "paused".to_owned()));
    assert_eq!(act("pause").await.json, paused.json);
    let id = server.send("a.b", json!({})).await;
    let kept = server.event_in(&id, "pending").await;
    assert_eq!(kept["deliveries"][0]["attempts"], json!([]));
    assert_eq!(act("enable").await.text("/state"), "paused");
    assert!(receiver.try_next().is_none());

    assert_eq!(act("resume").await.text("/state"), "active");
    assert_eq!(act("resume").await.text("/state"), "active");
    server.event_in(&id, "delivered").await;
    assert_eq!(receiver.next().await.header("webhook-id"), Some(id.as_str()));
}

async fn a_disabled_endpoint_says_why_and_can_be_enabled(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::answering(async |seen| match seen.number {
        1 => StatusCode::GONE.into_response(),
        _ => StatusCode::OK.into_response(),
    })
    .await;
    let server = engine.start(&data).await;
    let endpoint = server.endpoint(&receiver.url(), STANDARD, &["*"]).await;
    let id = server.send("a.b", json!({})).await;
    let event = server.event_in(&id, "failed").await;
    receiver.next().await;

    let shown = server.client.get(&path(&endpoint)).await;
    assert_eq!(shown.text("/state"), "disabled");
    assert_eq!(shown.text("/reason"), "endpoint_gone");
    let delivery =
        format!("/v1/deliveries/{}/replay", event["deliveries"][0]["id"].as_str().unwrap());
    let since = json!({ "since": "2020-01-01T00:00:00Z" });
    for answer in [
        server.client.act(&format!("{}/pause", path(&endpoint))).await,
        server.client.act(&format!("{}/resume", path(&endpoint))).await,
        server.client.act(&format!("{}/test", path(&endpoint))).await,
        server.client.post(&format!("{}/replay-failed", path(&endpoint)), &since).await,
        server.client.act(&delivery).await,
    ] {
        assert_eq!((answer.status, answer.error_code().as_str()), (409, "endpoint_disabled"));
        assert!(answer.text("/error/message").contains("endpoint_gone"));
    }
    let enabled = server.client.act(&format!("{}/enable", path(&endpoint))).await;
    assert_eq!((enabled.status, enabled.text("/state")), (200, "active".to_owned()));
    assert_eq!(
        (&enabled.json["reason"], &enabled.json["failing_since"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(server.client.act(&delivery).await.status, 202);
    server.event_in(&id, "delivered").await;
}

async fn during_the_overlap_both_secrets_sign(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start().await;
    let server = engine.start(&data).await;
    let endpoint = server.endpoint(&receiver.url(), STANDARD, &["*"]).await;
    let rotate = format!("{}/rotate-secret", path(&endpoint));
    let old = endpoint.text("/secret");

    let rotated = server.client.post(&rotate, &json!({ "overlap_seconds": 600 })).await;
    assert_eq!(rotated.status, 200, "{}", rotated.body);
    let new = rotated.text("/secret");
    assert!(new.starts_with("whsec_") && new != old);
    assert!(!server.client.get(&path(&endpoint)).await.body.contains(&new));
    server.send("a.b", json!({})).await;
    let seen = receiver.next().await;
    seen.verify(STANDARD, &old).unwrap();
    seen.verify(STANDARD, &new).unwrap();

    let last = server.client.post(&rotate, &json!({ "overlap_seconds": 0 })).await.text("/secret");
    server.send("a.b", json!({})).await;
    let seen = receiver.next().await;
    seen.verify(STANDARD, &last).unwrap();
    assert!(seen.verify(STANDARD, &old).is_err() && seen.verify(STANDARD, &new).is_err());

    // A day, where nothing is said.
    assert_eq!(server.client.act(&rotate).await.status, 200);
    server.send("a.b", json!({})).await;
    receiver.next().await.verify(STANDARD, &last).unwrap();
}

#[tokio::test]
async fn chosen_secrets_are_given_when_rotated() {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start().await;
    let server = TestServer::start(&data).await;
    let endpoint = server.endpoint(&receiver.url(), "ainative", &["*"]).await;
    let rotate = format!("{}/rotate-secret", path(&endpoint));
    for (body, field) in [
        (json!({}), "secret"),
        (json!({ "secret": "short" }), "secret"),
        (json!({ "secret": "long enough", "overlap_seconds": 2_592_001 }), "overlap_seconds"),
        (json!({ "secret": "long enough", "overlap_seconds": -1 }), "overlap_seconds"),
    ] {
        let answer = server.client.post(&rotate, &body).await;
        assert_eq!(refused(&answer), (422, "invalid_argument".to_owned(), json!(field)), "{body}");
        assert!(!answer.body.contains("long enough"));
    }
    let rotated = server.client.post(&rotate, &json!({ "secret": "long enough" })).await;
    assert_eq!((rotated.status, &rotated.json["secret"]), (200, &Value::Null));
    assert_eq!(rotated.json["signed"], true);
    server.send("memory.stored", json!({})).await;
    receiver.next().await.verify("ainative", "long enough").unwrap();

    let made = server.endpoint(&receiver.url(), "naive", &["*"]).await;
    let answer = server
        .client
        .post(&format!("{}/rotate-secret", path(&made)), &json!({ "secret": "my own secret" }))
        .await;
    assert_eq!(refused(&answer), (422, "invalid_argument".to_owned(), json!("secret")));
}

async fn endpoints_are_listed_a_page_at_a_time(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    let mut all = Vec::new();
    for (n, (profile, tenant)) in
        [(STANDARD, "t1"), ("naive", "t1"), (STANDARD, "t2"), ("naive", "t2"), (STANDARD, "t1")]
            .into_iter()
            .enumerate()
    {
        let body = json!({
            "url": format!("https://example.com/{n}"), "event_types": ["*"], "profile": profile, "tenant": tenant,
        });
        all.push(server.client.post("/v1/endpoints", &body).await.text("/id"));
    }
    let walk = async |query: &str, limit: usize| {
        let (mut ids, mut after) = (Vec::new(), String::new());
        loop {
            let page =
                server.client.get(&format!("/v1/endpoints?limit={limit}{query}{after}")).await;
            assert_eq!(page.status, 200, "{}", page.body);
            let rows = page.json["data"].as_array().unwrap();
            assert!(rows.len() <= limit);
            ids.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
            match page.json["next"].as_str() {
                Some(next) => {
                    assert_eq!((rows.len(), Some(next)), (limit, ids.last().map(String::as_str)));
                    after = format!("&after={next}");
                }
                None => return ids,
            }
        }
    };
    for limit in [1, 2, 4, 5, 250] {
        assert_eq!(walk("", limit).await, all);
    }
    let of = |places: &[usize]| places.iter().map(|place| all[*place].clone()).collect::<Vec<_>>();
    assert_eq!(walk("&tenant=t1", 2).await, of(&[0, 1, 4]));
    assert_eq!(walk("&profile=naive", 1).await, of(&[1, 3]));
    assert_eq!(walk("&tenant=t2&profile=naive", 1).await, of(&[3]));
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=251", "limit"),
        ("limit=x", "limit"),
        ("limit=1&limit=2", "limit"),
        ("after=ep_1", "after"),
        ("after=", "after"),
        ("before=ep_0000000000000", "before"),
        ("surprise=1", "surprise"),
    ] {
        let answer = server.client.get(&format!("/v1/endpoints?{query}")).await;
        assert_eq!(refused(&answer), (422, "invalid_argument".to_owned(), json!(field)), "{query}");
    }
}

fn retry(schedule: &Value) -> Value {
    json!({ "settings": { "retry": { "schedule": schedule } } })
}

fn exponential(initial_seconds: f64, max_attempts: u32) -> Value {
    json!({ "exponential": {
        "initial_seconds": initial_seconds, "factor": 2, "max_seconds": 60, "max_attempts": max_attempts,
    } })
}
