//! The native API as its callers see it.

#![cfg(test)]

mod support;

use std::io;

use hookseal_server::config::Config;
use serde_json::{Value, json};
use support::{ADMIN_KEY, TestServer, config, receiver::Receiver};
use tokio::io::AsyncWriteExt as _;

#[tokio::test]
async fn health_needs_no_key_and_everything_else_does() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let nobody = server.client.with_key("");
    assert_eq!(nobody.get("/healthz").await.status, 204);
    assert_eq!(nobody.get("/readyz").await.status, 204);
    for (method, path) in [
        ("GET", "/v1/endpoints"),
        ("POST", "/v1/endpoints"),
        ("GET", "/v1/endpoints/ep_1"),
        ("DELETE", "/v1/endpoints/ep_1"),
        ("POST", "/v1/events"),
        ("GET", "/v1/events/evt_1"),
        ("GET", "/v1/deliveries/dlv_1"),
    ] {
        for key in ["", "hks_wrong", "hks_test_0123456789abcdeF", ADMIN_KEY.trim_end_matches('f')] {
            let answer = server.client.with_key(key).request(method, path, &[], b"").await;
            assert_eq!(
                (answer.status, answer.error_code().as_str()),
                (401, "unauthorized"),
                "{method} {path}"
            );
            assert!(answer.head.contains("www-authenticate: bearer"));
        }
    }
    let basic =
        nobody.request("GET", "/v1/endpoints", &[("authorization", "Basic eDp5")], b"").await;
    assert_eq!(basic.status, 401);
}

/// Method, path, headers, body; status, code, field.
type Refusal<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a [u8], u16, &'a str, Value);

#[tokio::test]
async fn every_refusal_has_the_same_body() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let json_type = ("content-type", "application/json");
    let long = format!(r#"{{"type":"a.b","data":{{"x":"{}"}}}}"#, "x".repeat(1024 * 1024));
    let cases: [Refusal<'_>; 19] = [
        ("GET", "/nothing", &[], b"", 404, "not_found", Value::Null),
        ("GET", "/v1/events/%ff", &[], b"", 404, "not_found", Value::Null),
        ("GET", "/v1/events/evt_none", &[], b"", 404, "not_found", Value::Null),
        ("GET", "/v1/deliveries/dlv_none", &[], b"", 404, "not_found", Value::Null),
        ("GET", "/v1/endpoints/ep_none", &[], b"", 404, "not_found", Value::Null),
        ("DELETE", "/v1/endpoints/ep_none", &[], b"", 404, "not_found", Value::Null),
        ("PUT", "/v1/events", &[], b"", 405, "method_not_allowed", Value::Null),
        ("POST", "/v1/events", &[], b"{}", 415, "unsupported_media_type", Value::Null),
        (
            "POST",
            "/v1/events",
            &[("content-type", "text/json")],
            b"{}",
            415,
            "unsupported_media_type",
            Value::Null,
        ),
        ("POST", "/v1/events", &[json_type], long.as_bytes(), 413, "body_too_large", Value::Null),
        ("POST", "/v1/events", &[json_type], b"", 400, "malformed_json", Value::Null),
        (
            "POST",
            "/v1/events",
            &[json_type],
            b"{\"type\":\"a.b\",}",
            400,
            "malformed_json",
            Value::Null,
        ),
        (
            "POST",
            "/v1/events",
            &[json_type],
            b"{\"type\":\"\xff\",\"data\":{}}",
            400,
            "malformed_json",
            Value::Null,
        ),
        (
            "POST",
            "/v1/events",
            &[json_type],
            b"{\"type\":\"a.b\",\"data\":{}} x",
            400,
            "malformed_json",
            Value::Null,
        ),
        (
            "POST",
            "/v1/events",
            &[json_type],
            b"{\"type\":7,\"data\":{}}",
            422,
            "invalid_argument",
            json!("type"),
        ),
        (
            "POST",
            "/v1/events",
            &[json_type],
            b"{\"type\":\"a.b\"}",
            422,
            "invalid_argument",
            Value::Null,
        ),
        (
            "POST",
            "/v1/events",
            &[json_type],
            b"{\"type\":\"a.b\",\"data\":[]}",
            422,
            "invalid_argument",
            json!("data"),
        ),
        (
            "POST",
            "/v1/events",
            &[json_type],
            b"{\"type\":\"a.b\",\"data\":{\"x\":1,\"x\":2}}",
            422,
            "invalid_argument",
            json!("data"),
        ),
        (
            "POST",
            "/v1/events",
            &[json_type],
            b"{\"typ\":\"a.b\"}",
            422,
            "invalid_argument",
            json!("typ"),
        ),
    ];
    for (method, path, headers, body, status, code, field) in cases {
        let answer = server.client.request(method, path, headers, body).await;
        let case = format!("{method} {path} {}", answer.body);
        assert_eq!((answer.status, answer.error_code().as_str()), (status, code), "{case}");
        assert_eq!(answer.json["error"]["field"], field, "{case}");
    }
    let not_allowed = server.client.request("PUT", "/v1/events", &[], b"").await;
    assert!(not_allowed.head.contains("\r\nallow: get,head,post"), "{}", not_allowed.head);
    let malformed =
        server.client.request("POST", "/v1/events", &[json_type], b"{\n \"type\": }").await;
    assert!(malformed.text("/error/message").contains("line 2 column"), "{}", malformed.body);
}

#[tokio::test]
async fn an_endpoint_shows_its_secret_once() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let body = json!({
        "url": "https://example.com/hook",
        "event_types": ["b.two", "a.one", "b.two"],
        "tenant": "t1",
        "description": "orders",
    });
    let created = server.client.post("/v1/endpoints", &body).await;
    assert_eq!(created.status, 201);
    let id = created.text("/id");
    assert!(id.starts_with("ep_"));
    let secret = created.text("/secret");
    assert!(secret.starts_with("whsec_") && secret.len() > 40);

    let shown = server.client.get(&format!("/v1/endpoints/{id}")).await;
    let mut expected = created.json.clone();
    expected.as_object_mut().unwrap().remove("secret");
    assert_eq!(shown.json, expected);
    assert_eq!(shown.json["event_types"], json!(["a.one", "b.two"]));
    assert_eq!(shown.json["profile"], "standard_webhooks");
    let listed = server.client.get("/v1/endpoints").await;
    assert_eq!(listed.json, json!({ "data": [expected], "next": null }));
    assert!(!listed.body.contains(&secret) && !shown.body.contains("whsec_"));

    let path = format!("/v1/endpoints/{id}");
    assert_eq!(server.client.delete(&path).await.status, 204);
    assert_eq!(server.client.delete(&path).await.status, 404);
    assert_eq!(server.client.get(&path).await.status, 404);
    assert_eq!(server.client.get("/v1/endpoints").await.json, json!({ "data": [], "next": null }));

    let database = std::fs::read(data.path().join("hookseal.db-wal")).unwrap_or_default();
    let holds =
        |needle: &str| database.windows(needle.len()).any(|window| window == needle.as_bytes());
    assert!(
        holds("https://example.com/hook")
            && !holds(&secret)
            && !holds(secret.trim_start_matches("whsec_"))
            && !holds(ADMIN_KEY)
    );
}

#[tokio::test]
async fn secrets_follow_the_profile() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let create = async |profile: &str, secret: Value| {
        let body = json!({ "url": "https://example.com/", "event_types": ["*"], "profile": profile, "secret": secret });
        server.client.post("/v1/endpoints", &body).await
    };
    for (profile, secret) in [
        ("naive", json!("my own secret")),
        ("yativo", json!("my own secret")),
        ("ainative", json!("1234567")),
        ("ainative", json!("")),
        ("ainative", json!("x".repeat(257))),
    ] {
        let answer = create(profile, secret).await;
        assert_eq!((answer.status, answer.error_code().as_str()), (422, "invalid_argument"));
        assert_eq!(answer.json["error"]["field"], "secret");
        assert!(!answer.body.contains("my own secret") && !answer.body.contains("1234567"));
    }
    let signed = create("ainative", json!("12345678")).await;
    assert_eq!(
        (signed.status, &signed.json["signed"], &signed.json["secret"]),
        (201, &json!(true), &Value::Null)
    );
    let unsigned = create("ainative", Value::Null).await;
    assert_eq!((unsigned.status, &unsigned.json["signed"]), (201, &json!(false)));
}

#[tokio::test]
async fn endpoints_are_checked_field_by_field() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::with(hookseal_server::config::Config {
        guard: hookseal_server::guard::GuardPolicy::default(),
        ..config(&data)
    })
    .await;
    let good = json!({ "url": "https://example.com/", "event_types": ["*"], "profile": "naive" });
    for (field, value, code, named) in [
        ("url", json!("http://example.com/"), "forbidden_url", "url"),
        ("url", json!("https://127.0.0.1/"), "forbidden_url", "url"),
        ("url", json!("https://[::ffff:10.0.0.1]/"), "forbidden_url", "url"),
        ("url", json!("https://0x7f.1/"), "forbidden_url", "url"),
        ("url", json!("https://u:p@example.com/"), "forbidden_url", "url"),
        ("url", json!(7), "invalid_argument", "url"),
        ("event_types", json!([]), "invalid_argument", "event_types"),
        ("event_types", json!(["*", "email.received"]), "invalid_argument", "event_types"),
        (
            "event_types",
            json!(["email.received", "no.such"]),
            "invalid_event_type",
            "event_types/1",
        ),
        ("event_types", json!(["bad type"]), "invalid_event_type", "event_types/0"),
        ("event_types", json!([7]), "invalid_argument", "event_types/0"),
        ("profile", json!("nope"), "unknown_profile", "profile"),
        ("tenant", json!(""), "invalid_argument", "tenant"),
        ("tenant", json!("a\nb"), "invalid_argument", "tenant"),
        ("tenant", json!("x".repeat(257)), "invalid_argument", "tenant"),
        ("description", json!("x".repeat(1025)), "invalid_argument", "description"),
        ("surprise", json!(1), "invalid_argument", "surprise"),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        let answer = server.client.post("/v1/endpoints", &body).await;
        assert_eq!(
            (answer.status, answer.error_code().as_str()),
            (422, code),
            "{field} {value} {}",
            answer.body
        );
        assert_eq!(answer.json["error"]["field"], named, "{}", answer.body);
    }
    let unknown = server
        .client
        .post(
            "/v1/endpoints",
            &json!({
        "url": "https://example.com/", "event_types": ["no.such"], "profile": "naive" }),
        )
        .await;
    assert!(unknown.text("/error/message").contains("email.received, approval.resolved"));
    assert_eq!(server.client.get("/v1/endpoints").await.json, json!({ "data": [], "next": null }));
}

#[tokio::test]
async fn events_are_checked_field_by_field() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let good = json!({ "type": "a.b", "data": {} });
    for (field, value, code) in [
        ("type", json!("bad type"), "invalid_event_type"),
        ("type", json!("*"), "invalid_event_type"),
        ("type", json!("hookseal.endpoint.disabled"), "invalid_argument"),
        ("type", json!("hookseal.x"), "invalid_argument"),
        ("data", json!([1]), "invalid_argument"),
        ("data", json!("x"), "invalid_argument"),
        ("data", Value::Null, "invalid_argument"),
        ("id", json!(""), "invalid_argument"),
        ("id", json!("a.b"), "invalid_argument"),
        ("id", json!("a\r\nb: c"), "invalid_argument"),
        ("id", json!("x".repeat(129)), "invalid_argument"),
        ("tenant", json!(""), "invalid_argument"),
        ("profile", json!("nope"), "unknown_profile"),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        let answer = server.client.post("/v1/events", &body).await;
        assert_eq!(
            (answer.status, answer.error_code().as_str()),
            (422, code),
            "{field} {value} {}",
            answer.body
        );
        assert_eq!(answer.json["error"]["field"], field);
    }
    let closed = server
        .client
        .post("/v1/events", &json!({ "type": "a.b", "data": {}, "profile": "naive" }))
        .await;
    assert_eq!((closed.status, closed.error_code().as_str()), (422, "invalid_event_type"));
    for key in ["", "two words", &"x".repeat(256)] {
        let answer =
            server.client.post_with("/v1/events", &[("idempotency-key", key)], &good).await;
        assert_eq!(
            (answer.status, answer.text("/error/field")),
            (422, "Idempotency-Key".to_owned()),
            "{key}"
        );
    }
    let twice = [("idempotency-key", "a"), ("idempotency-key", "b")];
    assert_eq!(server.client.post_with("/v1/events", &twice, &good).await.status, 422);
}

#[tokio::test]
async fn bodies_have_a_limit_and_batches_a_longer_one() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let event = |bytes: usize| json!({ "type": "a.b", "data": { "x": "x".repeat(bytes) } });
    let batch = |count: usize, bytes| json!({ "events": vec![event(bytes); count] });
    let path = "/v1/events/batch";
    let all = server.client.post(path, &batch(1000, 1024)).await;
    assert_eq!((all.status, all.json["events"].as_array().unwrap().len()), (202, 1000));
    let mixed = json!({ "events": [event(1), event(1024 * 1024)] });
    for (body, field) in [(mixed, json!("events/1/data")), (batch(17, 1024 * 1024), Value::Null)] {
        let answer = server.client.post(path, &body).await;
        assert_eq!((answer.status, answer.error_code().as_str()), (413, "body_too_large"));
        assert_eq!(answer.json["error"]["field"], field);
    }
    server.stop().await;

    let server = TestServer::with(Config { max_body: 4096, ..config(&data) }).await;
    assert_eq!(server.client.post("/v1/events", &event(3000)).await.status, 202);
    assert_eq!(server.client.post("/v1/events", &event(4096)).await.status, 413);
    assert_eq!(server.client.post("/v1/endpoints", &event(4096)).await.status, 413);
    assert_eq!(server.client.post(path, &batch(16, 3000)).await.status, 202);
    assert_eq!(server.client.post(path, &batch(1, 4096)).await.status, 413);
    assert_eq!(server.client.post(path, &batch(32, 3000)).await.status, 413);
    let long = "x".repeat(200_000);
    let answer = server.client.request("GET", "/v1/events", &[("x-long", &long)], b"").await;
    assert_eq!(answer.status, 431);
}

#[tokio::test]
async fn keys_of_batches_and_of_events_are_apart() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let event = |n: usize| json!({ "type": "a.b", "data": { "n": n } });
    let batch = |numbers: &[usize]| json!({ "events": numbers.iter().map(|n| event(*n)).collect::<Vec<_>>() });
    let (path, longest) = ("/v1/events/batch", "k".repeat(255));
    let send = async |path: &str, key: &str, body: &Value| {
        server.client.post_with(path, &[("idempotency-key", key)], body).await
    };
    assert_eq!(send("/v1/events", "k/0", &event(1)).await.status, 202);
    let first = send(path, "k", &batch(&[2, 3])).await;
    assert_eq!(first.status, 202, "{}", first.body);
    assert!(first.json.pointer("/events/0/id").is_some(), "{}", first.body);
    assert_eq!(send(path, "k", &batch(&[2, 3])).await.body, first.body);
    // Each is told by its place: what is new there is refused by itself.
    let other = send(path, "k", &batch(&[2, 4, 5])).await;
    assert_eq!((other.status, &other.json["events"][0]), (202, &first.json["events"][0]));
    assert_eq!(other.text("/events/1/error/code"), "idempotency_conflict");
    assert!(other.json.pointer("/events/2/id").is_some(), "{}", other.body);

    assert_eq!(send(path, &longest, &batch(&(0..20).collect::<Vec<_>>())).await.status, 202);
    for key in ["", "two words", &format!("{longest}k")] {
        let answer = send(path, key, &batch(&[1])).await;
        let refused = (answer.status, answer.text("/error/field"));
        assert_eq!(refused, (422, "Idempotency-Key".to_owned()), "{key}");
    }
}

#[tokio::test]
async fn a_repeat_answers_as_the_first_did_and_sends_nothing_more() {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start().await;
    let server = TestServer::start(&data).await;
    server.endpoint(&receiver.url(), "standard_webhooks", &["*"]).await;
    let body = json!({ "type": "order.paid", "data": { "n": 1 } });
    let other = json!({ "type": "order.paid", "data": { "n": 2 } });
    let key = [("idempotency-key", "k1")];

    let first = server.client.post_with("/v1/events", &key, &body).await;
    assert_eq!((first.status, first.json["deliveries"].as_array().unwrap().len()), (202, 1));
    let repeat = server.client.post_with("/v1/events", &key, &body).await;
    assert_eq!((repeat.status, &repeat.body), (202, &first.body));
    let conflict = server.client.post_with("/v1/events", &key, &other).await;
    assert_eq!((conflict.status, conflict.error_code().as_str()), (409, "idempotency_conflict"));

    let with_id = |n: u8| json!({ "type": "order.paid", "data": { "n": n }, "id": "order:1" });
    let first = server.client.post("/v1/events", &with_id(1)).await;
    assert_eq!(first.text("/id"), "order:1");
    let repeat =
        server.client.post_with("/v1/events", &[("idempotency-key", "k2")], &with_id(1)).await;
    assert_eq!((repeat.status, &repeat.body), (202, &first.body));
    assert_eq!(server.client.post("/v1/events", &with_id(2)).await.status, 409);

    // Many at once: one is first, the others repeat it.
    let race = json!({ "type": "order.paid", "data": {}, "id": "order:race" });
    let racers: Vec<_> = (0..20)
        .map(|_| {
            let (client, race) = (server.client.clone(), race.clone());
            tokio::spawn(async move { client.post("/v1/events", &race).await.body })
        })
        .collect();
    let mut answers = Vec::new();
    for racer in racers {
        answers.push(racer.await.unwrap());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");

    for id in ["order:1", "order:race"] {
        server.event_in(id, "delivered").await;
    }
    let mut ids: Vec<_> = [receiver.next().await, receiver.next().await, receiver.next().await]
        .iter()
        .map(|seen| seen.header("webhook-id").unwrap().to_owned())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3, "{ids:?}");
    assert!(receiver.try_next().is_none());
}

#[tokio::test]
async fn what_a_closed_profile_cannot_write_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let send = async |body: Value| {
        let answer = server.client.post("/v1/events", &body).await;
        match answer.status {
            202 => None,
            _ => Some((answer.status, answer.error_code(), answer.text("/error/field"))),
        }
    };
    let refused = Some((422, "invalid_event".to_owned(), "data".to_owned()));
    let bad = [
        ("message.sent", "nativemsg", json!({ "signature": "x" }), Value::Null),
        ("message.sent", "nativemsg", json!({ "event": "x" }), Value::Null),
        ("message.sent", "nativemsg", json!({ "timestamp": 1 }), Value::Null),
        ("message.sent", "nativemsg", json!({ "bot_id": "b1" }), json!("b2")),
        ("email.received", "naive", json!({ "tenant_user_id": "t9" }), json!("t1")),
    ];
    for (event_type, profile, data, tenant) in bad {
        let event = json!({ "type": event_type, "data": data, "tenant": tenant });
        // The only closed profile that has the type is meant, unless another is named.
        assert_eq!(send(event.clone()).await, refused, "{event}");
        let named = |profile: &str| {
            let mut event = event.clone();
            event["profile"] = json!(profile);
            event
        };
        assert_eq!(send(named(profile)).await, refused, "{event}");
        assert_eq!(send(named("standard_webhooks")).await, None, "{event}");
    }
    let good = json!({ "type": "message.sent", "data": { "bot_id": "b1" }, "tenant": "b1" });
    assert_eq!(send(good).await, None);
}

#[tokio::test]
async fn clients_that_are_too_slow_are_cut_off() {
    let data = tempfile::tempdir().unwrap();
    let client_timeout = std::time::Duration::from_millis(200);
    let server =
        TestServer::with(hookseal_server::config::Config { client_timeout, ..config(&data) }).await;
    let head = "POST /v1/events HTTP/1.1\r\nhost: x\r\n";
    // Without an answer, or with one that says so.
    let nothing = server.client.raw(b"").await;
    assert!(nothing.is_err(), "{nothing:?}");
    let half_head = server.client.raw(head.as_bytes()).await;
    assert!(half_head.is_err() || half_head.as_ref().unwrap().status == 408, "{half_head:?}");
    let half_body = format!(
        "{head}authorization: Bearer {ADMIN_KEY}\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{{"
    );
    let answer = server.client.raw(half_body.as_bytes()).await.unwrap();
    assert_eq!((answer.status, answer.error_code().as_str()), (408, "request_timeout"));
    assert!(answer.head.contains("connection: close"), "{}", answer.head);
}

#[tokio::test]
async fn bodies_share_their_memory() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let event = json!({ "type": "a.b", "data": {} });
    let length = 16 * 1024 * 1024;
    let head = format!(
        "POST /v1/events/batch HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {ADMIN_KEY}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    let begin = async || {
        let mut stream = tokio::net::TcpStream::connect(server.client.address()).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&vec![b' '; length - 1]).await.unwrap();
        stream
    };
    let mut slow: [_; 4] = tokio::join!(begin(), begin(), begin(), begin()).into();
    // What they wrote may still be on its way, and the event may take the room of the last of it.
    let refused = async {
        loop {
            let answer = server.client.post("/v1/events", &event).await;
            if answer.status != 202 {
                return answer;
            }
            for stream in &mut slow {
                let waits = |error: &io::Error| error.kind() == io::ErrorKind::WouldBlock;
                if !stream.try_read(&mut [0]).is_err_and(|error| waits(&error)) {
                    *stream = begin().await;
                }
            }
        }
    };
    let refused = tokio::time::timeout(support::raw::PATIENCE, refused).await.unwrap();
    assert_eq!((refused.status, refused.error_code().as_str()), (503, "overloaded"));
    assert!(refused.head.contains("retry-after: 1"), "{}", refused.head);
    drop(slow);
    let accepted = async { while server.client.post("/v1/events", &event).await.status != 202 {} };
    tokio::time::timeout(support::raw::PATIENCE, accepted).await.unwrap();
}
