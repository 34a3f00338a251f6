//! Guests of Luma become contacts at Resend: once each, whatever Resend answers and whenever the server dies.

#![cfg(test)]

mod support;

use std::{collections::VecDeque, sync::Mutex, time::Duration};

use axum::{
    http::{StatusCode, header::RETRY_AFTER},
    response::IntoResponse as _,
};
use hookseal::{Message, Scheme, Secret, Webhook};
use hookseal_server::{config::Config, guard::GuardPolicy, luma::LumaConfig};
use serde_json::{Value, json};
use support::{
    Engine, TestServer,
    client::{Answer, Client},
    config,
    process::Process,
    receiver::{Receiver, Seen},
    sender::now,
};
use zeroize::Zeroizing;

on_each_engine! {
    a_guest_becomes_one_contact,
    what_resend_does_not_take_is_sent_again,
    what_failed_for_good_is_tried_again_by_a_new_registration,
    what_waits_survives_a_restart,
    only_signed_requests_count,
}

const SECRET: &str = "luma-secret-0123456789";
const API_KEY: &str = "re_test_0123456789";

/// Answers with these, one after the other, and then with 201.
async fn resend(answers: &[(u16, Option<&'static str>)]) -> Receiver {
    let answers: VecDeque<_> = answers.iter().copied().collect();
    let answers = std::sync::Arc::new(Mutex::new(answers));
    Receiver::answering(move |_| {
        let (status, retry_after) = answers.lock().unwrap().pop_front().unwrap_or((201, None));
        async move {
            let mut response = StatusCode::from_u16(status).unwrap().into_response();
            if let Some(after) = retry_after {
                response.headers_mut().insert(RETRY_AFTER, after.parse().unwrap());
            }
            response
        }
    })
    .await
}

fn luma(resend: &Receiver) -> LumaConfig {
    LumaConfig {
        secret: Some(Zeroizing::new(SECRET.to_owned())),
        resend_api_key: Some(Zeroizing::new(API_KEY.to_owned())),
        resend_audience: Some("aud_1".to_owned()),
        resend_base_url: Some(format!("http://127.0.0.1:{}", resend.port())),
    }
}

/// Endpoints may not be on loopback here; Resend may.
async fn start(engine: Engine, data: &tempfile::TempDir, resend: &Receiver) -> TestServer {
    let config = engine.config(data).await;
    TestServer::with(Config { guard: GuardPolicy::default(), luma: luma(resend), ..config }).await
}

fn guest(number: u32) -> Value {
    json!({ "type": "guest.registered", "data": {
        "id": format!("gst-{number}"),
        "user_email": format!("guest{number}@example.com"),
        "user_name": "Ada King Lovelace",
        "user_first_name": "Ada",
        "user_last_name": "Lovelace",
        "approval_status": "approved",
        "registered_at": "2026-04-25T10:05:23Z",
        "event": { "id": "evt-1", "name": "Launch" },
    }})
}

fn signature(secret: &str, body: &[u8]) -> String {
    let webhook =
        Webhook::new(Scheme::builtin("luma").unwrap(), &[Secret::new(secret).unwrap()]).unwrap();
    let headers = webhook.sign(&Message { body, ..Message::default() }, now()).unwrap();
    headers[0].1.clone()
}

async fn call(client: &Client, route: &str, signature: Option<&str>, body: &[u8]) -> Answer {
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(signature.map(|signature| ("x-luma-signature", signature)));
    let path = format!("/api/v1/webhooks/luma/{route}");
    client.with_key("").request("POST", &path, &headers, body).await
}

async fn register(client: &Client, guest: &Value) -> Answer {
    let body = guest.to_string();
    let signature = signature(SECRET, body.as_bytes());
    let answer = call(client, "guest-registered", Some(&signature), body.as_bytes()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

fn is_contact(seen: &Seen, number: u32) {
    assert_eq!(seen.path, "/audiences/aud_1/contacts");
    assert_eq!(seen.header("authorization"), Some(format!("Bearer {API_KEY}").as_str()));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    let expected = json!({
        "email": format!("guest{number}@example.com"),
        "first_name": "Ada", "last_name": "Lovelace", "unsubscribed": false,
    });
    assert_eq!(seen.json(), expected);
}

/// Nothing more is on its way: one that is registered now comes next.
async fn nothing_more(server: &Client, resend: &mut Receiver, number: u32) {
    register(server, &guest(number)).await;
    is_contact(&resend.next().await, number);
    assert!(resend.try_next().is_none());
}

async fn a_guest_becomes_one_contact(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let mut resend = resend(&[]).await;
    let server = start(engine, &data, &resend).await;
    let first = register(&server.client, &guest(1)).await;
    assert_eq!(first.json, json!({ "status": "accepted", "guest_id": "gst-1" }));
    is_contact(&resend.next().await, 1);
    assert_eq!(register(&server.client, &guest(1)).await.text("/status"), "duplicate");
    // The same person at another event, as another guest.
    let mut other = guest(1);
    other["data"]["id"] = json!("gst-77");
    other["data"]["user_email"] = json!("Guest1@Example.com");
    assert_eq!(register(&server.client, &other).await.text("/status"), "duplicate");
    nothing_more(&server.client, &mut resend, 2).await;

    // With and without its prefix.
    let body = guest(3).to_string();
    let plain = signature(SECRET, body.as_bytes());
    let plain = plain.strip_prefix("sha256=").unwrap_or(&plain).to_owned();
    let sent = call(&server.client, "guest-registered", Some(&plain), body.as_bytes()).await;
    assert_eq!(sent.text("/status"), "accepted");
    is_contact(&resend.next().await, 3);
    let prefixed = format!("sha256={plain}");
    let sent = call(&server.client, "guest-registered", Some(&prefixed), body.as_bytes()).await;
    assert_eq!(sent.text("/status"), "duplicate");

    // Nobody sees it, and nobody else may deliver to where Resend is.
    for list in ["endpoints", "events", "deliveries"] {
        let listed = server.client.get(&format!("/v1/{list}")).await;
        assert_eq!(listed.json["data"], json!([]), "{list}");
    }
    for id in ["ep_zzzzzzzzzzzzz", "ep_fzzzzzzzzzzzz", "ep_-1"] {
        assert_eq!(server.client.get(&format!("/v1/endpoints/{id}")).await.status, 404);
    }
    let body = json!({ "url": resend.url(), "event_types": ["*"] });
    assert_eq!(server.client.post("/v1/endpoints", &body).await.error_code(), "forbidden_url");
    server.stop().await;
    for entry in std::fs::read_dir(data.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for mark in [SECRET, API_KEY] {
            assert!(!bytes.windows(mark.len()).any(|window| window == mark.as_bytes()));
        }
    }
}

async fn what_resend_does_not_take_is_sent_again(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let mut resend = resend(&[
        (500, None),
        (503, None),
        (410, None),
        (401, None),
        (429, Some("2")),
        (409, None),
    ])
    .await;
    let server = start(engine, &data, &resend).await;
    register(&server.client, &guest(1)).await;
    for _ in 0..5 {
        is_contact(&resend.next().await, 1);
    }
    let asked = now();
    assert_eq!(register(&server.client, &guest(1)).await.text("/status"), "duplicate");
    is_contact(&resend.next().await, 1);
    let waited = now().as_millis() - asked.as_millis();
    assert!(waited > 1500, "{waited} ms");
    // 409 says that the contact is there.
    nothing_more(&server.client, &mut resend, 2).await;
}

async fn what_failed_for_good_is_tried_again_by_a_new_registration(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let mut resend = resend(&[(422, None)]).await;
    let server = start(engine, &data, &resend).await;
    register(&server.client, &guest(1)).await;
    is_contact(&resend.next().await, 1);
    // As soon as the outcome is on record.
    let again =
        async { while register(&server.client, &guest(1)).await.text("/status") != "accepted" {} };
    tokio::time::timeout(support::PATIENCE, again).await.unwrap();
    is_contact(&resend.next().await, 1);
    nothing_more(&server.client, &mut resend, 2).await;
    assert_eq!(register(&server.client, &guest(1)).await.text("/status"), "duplicate");
}

async fn what_waits_survives_a_restart(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let mut down = resend(&[(500, None); 1000]).await;
    let first = engine.config(&data).await;
    let again = |luma| Config { database_url: first.database_url.clone(), luma, ..config(&data) };
    let server = TestServer::with(Config { retry_delay_factor: 0.05, ..again(luma(&down)) }).await;
    register(&server.client, &guest(1)).await;
    is_contact(&down.next().await, 1);
    server.stop().await;
    // A server that does not know the way keeps what waits.
    let server = TestServer::with(again(LumaConfig::default())).await;
    assert_eq!(server.client.get("/v1/events").await.status, 200);
    server.stop().await;
    let mut up = resend(&[]).await;
    let server = TestServer::with(again(luma(&up))).await;
    is_contact(&up.next().await, 1);
    nothing_more(&server.client, &mut up, 2).await;
}

#[tokio::test]
async fn a_contact_that_was_accepted_survives_kill_9() {
    let data = tempfile::tempdir().unwrap();
    // It takes the request, and never answers.
    let mut hanging = Receiver::answering(|_| async {
        std::future::pending::<()>().await;
        StatusCode::OK.into_response()
    })
    .await;
    let variables = |receiver: &Receiver| {
        [
            ("LUMA_WEBHOOK_SECRET", SECRET.to_owned()),
            ("RESEND_API_KEY", API_KEY.to_owned()),
            ("RESEND_AUDIENCE_ID", "aud_1".to_owned()),
            ("RESEND_BASE_URL", format!("http://127.0.0.1:{}/", receiver.port())),
        ]
    };
    let start = async |receiver: &Receiver| {
        let variables = variables(receiver);
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Process::start_in(&data, &variables).await
    };
    let process = start(&hanging).await;
    register(&process.client, &guest(1)).await;
    is_contact(&hanging.next().await, 1);
    process.kill().await;
    let mut resend = resend(&[]).await;
    let process = start(&resend).await;
    is_contact(&resend.next().await, 1);
    nothing_more(&process.client, &mut resend, 2).await;
    process.terminate().await;
}

#[tokio::test]
async fn a_slow_resend_is_waited_for() {
    let data = tempfile::tempdir().unwrap();
    let mut slow = Receiver::answering(|_| async {
        tokio::time::timeout(Duration::from_millis(700), std::future::pending::<()>()).await.ok();
        StatusCode::CREATED.into_response()
    })
    .await;
    let server = start(Engine::Sqlite, &data, &slow).await;
    register(&server.client, &guest(1)).await;
    is_contact(&slow.next().await, 1);
    assert_eq!(register(&server.client, &guest(1)).await.text("/status"), "duplicate");
    nothing_more(&server.client, &mut slow, 2).await;
}

async fn only_signed_requests_count(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let mut resend = resend(&[]).await;
    let server = start(engine, &data, &resend).await;
    let body = guest(1).to_string();
    let right = signature(SECRET, body.as_bytes());
    let of_other = signature("another-secret", body.as_bytes());
    for route in ["guest-registered", "webhook-test", "guest-registered/"] {
        for wrong in [
            None,
            Some(""),
            Some("sha256="),
            Some("ab"),
            Some("zz"),
            Some(of_other.as_str()),
            right.get(..right.len() - 1),
        ] {
            let answer = call(&server.client, route, wrong, body.as_bytes()).await;
            assert_eq!(answer.status, 401, "{route} {wrong:?} {}", answer.body);
            assert!(answer.json["detail"].is_string(), "{}", answer.body);
            assert!(!answer.head.contains("www-authenticate"));
        }
        let changed = guest(2).to_string();
        let answer = call(&server.client, route, Some(&right), changed.as_bytes()).await;
        assert_eq!(answer.status, 401);
    }
    let tested = call(&server.client, "webhook-test", Some(&right), body.as_bytes()).await;
    assert_eq!((tested.status, tested.json), (200, json!({ "status": "ok" })));

    let signed = async |body: &[u8]| {
        call(&server.client, "guest-registered", Some(&signature(SECRET, body)), body).await
    };
    let other = signed(br#"{"type":"event.updated","data":{}}"#).await;
    assert_eq!(other.json, json!({ "status": "ignored", "type": "event.updated" }));
    for (body, place) in [
        (&b"{"[..], json!(["body"])),
        (b"[]", json!(["body", "data"])),
        (br#"{"type":"guest.registered"}"#, json!(["body", "data"])),
        (br#"{"type":"guest.registered","data":{}}"#, json!(["body", "data", "user_email"])),
    ] {
        let answer = signed(body).await;
        assert_eq!(
            (answer.status, &answer.json["detail"][0]["loc"]),
            (422, &place),
            "{}",
            answer.body
        );
    }
    let long = vec![b' '; 1024 * 1024 + 1];
    let answer = signed(&long).await;
    assert_eq!(answer.status, 413);
    assert!(answer.json["detail"].is_string());
    let health = server.client.with_key("").get("/api/v1/webhooks/luma/health").await;
    assert_eq!((health.status, health.json), (200, json!({ "status": "ok", "missing": [] })));
    nothing_more(&server.client, &mut resend, 9).await;
}

#[tokio::test]
async fn without_its_variables_it_says_so() {
    let data = tempfile::tempdir().unwrap();
    let resend = resend(&[]).await;
    let body = guest(1).to_string();
    let signature = signature(SECRET, body.as_bytes());
    let whole = luma(&resend);
    for (config_of_luma, missing, statuses) in [
        (
            LumaConfig::default(),
            vec!["LUMA_WEBHOOK_SECRET", "RESEND_API_KEY", "RESEND_AUDIENCE_ID"],
            [503, 503],
        ),
        (LumaConfig { secret: None, ..whole.clone() }, vec!["LUMA_WEBHOOK_SECRET"], [503, 503]),
        (
            LumaConfig { resend_audience: None, ..whole.clone() },
            vec!["RESEND_AUDIENCE_ID"],
            [503, 200],
        ),
        (LumaConfig { resend_base_url: None, ..whole }, vec![], [200, 200]),
    ] {
        let shown = format!("{config_of_luma:?}");
        assert!(!shown.contains(SECRET) && !shown.contains(API_KEY), "{shown}");
        let server = TestServer::with(Config { luma: config_of_luma, ..config(&data) }).await;
        let health = server.client.with_key("").get("/api/v1/webhooks/luma/health").await;
        let status = if missing.is_empty() { "ok" } else { "unconfigured" };
        assert_eq!(health.json, json!({ "status": status, "missing": missing }));
        for (route, status) in ["guest-registered", "webhook-test"].into_iter().zip(statuses) {
            let answer = call(&server.client, route, Some(&signature), body.as_bytes()).await;
            assert_eq!(answer.status, status, "{route} {missing:?} {}", answer.body);
            if status == 503 {
                assert!(answer.text("/detail").contains(missing[0]), "{}", answer.body);
            }
        }
        server.stop().await;
    }
    for url in ["resend", "ftp://x/", "http://u:p@127.0.0.1/"] {
        let odd = LumaConfig { resend_base_url: Some(url.to_owned()), ..luma(&resend) };
        let started = hookseal_server::app::Server::start(
            Config { luma: odd, ..config(&data) },
            hookseal_server::app::Shell::default(),
        );
        let error = started.await.unwrap_err().to_string();
        assert!(error.contains("RESEND_BASE_URL"), "{error}");
    }
}
