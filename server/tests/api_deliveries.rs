//! Deliveries and events as their senders look at them, and send them again.

#![cfg(test)]

mod support;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{http::StatusCode, response::IntoResponse as _};
use serde_json::{Value, json};
use support::{Engine, TestServer, client::Answer, receiver::Receiver};

on_each_engine! {
    deliveries_are_listed_by_what_became_of_them,
    an_attempt_says_where_its_time_went,
    what_failed_can_be_sent_again,
    events_are_listed_newest_first,
    what_no_text_holds_is_found_nowhere,
    many_deliveries_are_shown_by_page_and_limited,
}

const STANDARD: &str = "standard_webhooks";

async fn what_no_text_holds_is_found_nowhere(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::with(engine.config(&data).await).await;
    let event = server.client.get("/v1/events/%00").await;
    assert_eq!((event.status, event.error_code().as_str()), (404, "not_found"));
    let again = server.client.act("/v1/events/a%00/replay").await;
    assert_eq!(again.status, 404, "{}", again.body);
    for path in [
        "/v1/events?type=%00",
        "/v1/events?tenant=a%00",
        "/v1/endpoints?profile=%00",
        "/v1/endpoints?tenant=%00",
        "/v1/deliveries?tenant=%00",
    ] {
        let refused = server.client.get(path).await;
        assert_eq!(
            (refused.status, refused.error_code().as_str()),
            (422, "invalid_argument"),
            "{path}"
        );
    }
    let tenant = server.client.delete("/v1/tenants/%00").await;
    assert_eq!(tenant.status, 422, "{}", tenant.body);
    server.stop().await;
}

/// Fails until it is told otherwise.
async fn moody() -> (Receiver, Arc<AtomicBool>) {
    let well = Arc::new(AtomicBool::new(false));
    let mood = Arc::clone(&well);
    let receiver = Receiver::answering(move |_| {
        let well = mood.load(Ordering::SeqCst);
        async move {
            match well {
                true => StatusCode::OK.into_response(),
                false => (StatusCode::BAD_GATEWAY, [("x-why", "moody")], "not now").into_response(),
            }
        }
    })
    .await;
    (receiver, well)
}

fn ids(list: &Answer) -> Vec<String> {
    assert_eq!(list.status, 200, "{}", list.body);
    let rows = list.json["data"].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

fn delivery_of(event: &Value) -> String {
    event["deliveries"][0]["id"].as_str().unwrap().to_owned()
}

async fn deliveries_are_listed_by_what_became_of_them(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let (receiver, _) = moody().await;
    let good = Receiver::start().await;
    let server = engine.start(&data).await;
    let failing = server.endpoint(&receiver.url(), "ainative", &["*"]).await.text("/id");
    let taking = server.endpoint(&good.url(), STANDARD, &["*"]).await.text("/id");
    let mut events = Vec::new();
    for n in 0..5 {
        let id = server.send("memory.stored", json!({ "n": n })).await;
        let done = |event: &Value| {
            event["deliveries"].as_array().unwrap().iter().all(|delivery| {
                ["failed", "delivered"].contains(&delivery["state"].as_str().unwrap())
            })
        };
        events.push(server.event_when(&id, done).await);
    }
    let of = |endpoint: &str| {
        let mut ids = Vec::new();
        for event in events.iter().rev() {
            let deliveries = event["deliveries"].as_array().unwrap();
            let of_it = |delivery: &&Value| delivery["endpoint_id"] == endpoint;
            ids.extend(
                deliveries.iter().filter(of_it).map(|it| it["id"].as_str().unwrap().to_owned()),
            );
        }
        ids
    };
    let list = async |query: &str| {
        let (mut all, mut before) = (Vec::new(), String::new());
        loop {
            let page = server.client.get(&format!("/v1/deliveries?limit=2&{query}{before}")).await;
            all.extend(ids(&page));
            match page.json["next"].as_str() {
                Some(next) => before = format!("&before={next}"),
                None => return all,
            }
        }
    };
    assert_eq!(list("state=failed").await, of(&failing));
    assert_eq!(list("state=delivered").await, of(&taking));
    assert_eq!(list(&format!("endpoint_id={failing}")).await, of(&failing));
    assert_eq!(list(&format!("endpoint_id={failing}&state=delivered")).await, Vec::<String>::new());
    assert_eq!(list("state=pending,delivering,cancelled").await, Vec::<String>::new());
    let mut both: Vec<_> = of(&failing).into_iter().chain(of(&taking)).collect();
    for query in ["", "state=failed,delivered", "since=2020-01-01T00:00:00%2B02:00"] {
        let mut listed = list(query).await;
        assert_eq!(listed.len(), 10, "{query}");
        listed.sort_unstable();
        both.sort_unstable();
        assert_eq!(listed, both, "{query}");
    }
    assert_eq!(list("since=2999-01-01T00:00:00Z").await, Vec::<String>::new());

    let first = &server.client.get("/v1/deliveries?state=failed&limit=1").await.json["data"][0];
    let mut shown =
        server.client.get(&format!("/v1/deliveries/{}", first["id"].as_str().unwrap())).await.json;
    let attempts = shown.as_object_mut().unwrap().remove("attempts").unwrap();
    assert_eq!(attempts.as_array().unwrap().len(), 1);
    shown["last_attempt"] = attempts[0].clone();
    assert_eq!(*first, shown);

    for (query, field) in [
        ("limit=0", "limit"),
        ("state=", "state"),
        ("state=failed,", "state"),
        ("state=lost", "state"),
        ("since=yesterday", "since"),
        ("since=2020-01-01", "since"),
        ("endpoint_id=evt_0000000000000", "endpoint_id"),
        ("before=dlv_1", "before"),
        ("after=x", "after"),
    ] {
        let answer = server.client.get(&format!("/v1/deliveries?{query}")).await;
        let got = (answer.status, answer.error_code(), answer.text("/error/field"));
        assert_eq!(got, (422, "invalid_argument".to_owned(), field.to_owned()), "{query}");
    }
}

async fn an_attempt_says_where_its_time_went(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let (receiver, _) = moody().await;
    let server = engine.start(&data).await;
    let url = format!("http://loopback.test:{}/", receiver.port());
    server.endpoint(&url, "ainative", &["*"]).await;
    let id = server.send("memory.stored", json!({})).await;
    let event = server.event_in(&id, "failed").await;
    let shown = server.client.get(&format!("/v1/deliveries/{}", delivery_of(&event))).await.json;
    assert_eq!(shown, event["deliveries"][0]);
    assert_eq!((&shown["event_id"], &shown["event_type"]), (&json!(id), &json!("memory.stored")));
    assert_eq!((&shown["attempt_count"], &shown["created_at"]), (&json!(1), &event["created_at"]));
    let attempt = &shown["attempts"][0];
    assert_eq!((&attempt["status"], &attempt["response_body"]), (&json!(502), &json!("not now")));
    assert_eq!(attempt["address"], format!("127.0.0.1:{}", receiver.port()));
    let head = attempt["response_head"].as_str().unwrap().to_ascii_lowercase();
    assert!(head.contains("content-type: text/plain"), "{head}");
    let total = attempt["duration_ms"].as_u64().unwrap() as f64 + 1.0;
    for phase in ["dns_ms", "connect_ms", "first_byte_ms"] {
        let millis = attempt[phase].as_f64().unwrap_or_else(|| panic!("{phase}: {attempt}"));
        assert!((0.0..=total).contains(&millis), "{phase}: {attempt}");
    }
    assert_eq!(attempt["tls_ms"], Value::Null);
}

async fn what_failed_can_be_sent_again(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let (mut receiver, well) = moody().await;
    let mut other = Receiver::start().await;
    let server = engine.start(&data).await;
    let endpoint = server.endpoint(&receiver.url(), "ainative", &["*"]).await.text("/id");
    server.endpoint(&other.url(), STANDARD, &["*"]).await;
    let settled = |event: &Value, state: &str| {
        let deliveries = event["deliveries"].as_array().unwrap();
        deliveries.iter().all(|it| it["state"] == state || it["state"] == "delivered")
    };
    let mut events = Vec::new();
    for n in 0..4 {
        let id = server.send("memory.stored", json!({ "n": n })).await;
        events.push(server.event_when(&id, |event| settled(event, "failed")).await);
        receiver.next().await;
        other.next().await;
    }
    let failed = |event: &Value| {
        let deliveries = event["deliveries"].as_array().unwrap();
        let of_it = deliveries.iter().find(|it| it["endpoint_id"] == endpoint.as_str());
        of_it.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let id = |event: &Value| event["id"].as_str().unwrap().to_owned();
    well.store(true, Ordering::SeqCst);

    // One.
    let answer = server.client.act(&format!("/v1/deliveries/{}/replay", failed(&events[0]))).await;
    assert_eq!((answer.status, answer.text("/id")), (202, failed(&events[0])));
    let event = server.event_in(&id(&events[0]), "delivered").await;
    let again = event["deliveries"].as_array().unwrap().iter().find(|it| it["attempt_count"] == 2);
    assert_eq!(again.unwrap()["attempts"][1]["status"], 200);
    assert_eq!(receiver.next().await.header("webhook-id"), Some(id(&events[0]).as_str()));

    // All of an endpoint that failed since.
    let path = format!("/v1/endpoints/{endpoint}/replay-failed");
    let since = events[2]["created_at"].as_str().unwrap();
    let answer = server.client.post(&path, &json!({ "since": since })).await;
    assert_eq!((answer.status, &answer.json), (202, &json!({ "deliveries": 2 })));
    server.event_in(&id(&events[2]), "delivered").await;
    server.event_in(&id(&events[3]), "delivered").await;
    let failed_now = server.client.get("/v1/deliveries?state=failed").await;
    assert_eq!(ids(&failed_now), [failed(&events[1])]);
    let nothing = server.client.post(&path, &json!({ "since": "2999-01-01T00:00:00Z" })).await;
    assert_eq!(nothing.json, json!({ "deliveries": 0 }));
    for body in [json!({}), json!({ "since": 7 }), json!({ "since": "x" })] {
        assert_eq!(server.client.post(&path, &body).await.status, 422, "{body}");
    }
    receiver.next().await;
    receiver.next().await;

    // One event, to all it went to: also to those that took it.
    let answer = server.client.act(&format!("/v1/events/{}/replay", id(&events[1]))).await;
    assert_eq!((answer.status, &answer.json), (202, &json!({ "deliveries": 2 })));
    server
        .event_when(&id(&events[1]), |event| {
            let deliveries = event["deliveries"].as_array().unwrap();
            deliveries.iter().all(|it| it["state"] == "delivered" && it["attempt_count"] == 2)
        })
        .await;
    assert_eq!(receiver.next().await.header("webhook-id"), Some(id(&events[1]).as_str()));
    assert_eq!(other.next().await.header("webhook-id"), Some(id(&events[1]).as_str()));
    assert!(receiver.try_next().is_none() && other.try_next().is_none());

    // To an endpoint that is gone, nothing is.
    assert_eq!(server.client.delete(&format!("/v1/endpoints/{endpoint}")).await.status, 204);
    let answer = server.client.act(&format!("/v1/deliveries/{}/replay", failed(&events[0]))).await;
    assert_eq!((answer.status, answer.error_code().as_str()), (409, "not_replayable"));
    let answer = server.client.act(&format!("/v1/events/{}/replay", id(&events[0]))).await;
    assert_eq!(answer.json, json!({ "deliveries": 1 }));
}

#[tokio::test]
async fn a_test_event_goes_to_one_endpoint_in_the_way_of_its_profile() {
    let data = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start().await;
    let server = TestServer::start(&data).await;
    let mut bystander = Receiver::start().await;
    server.endpoint(&bystander.url(), STANDARD, &["*"]).await;
    for (profile, wanted, event_type) in [
        (STANDARD, "*", "test.event"),
        (STANDARD, "invoice.*", "invoice.test"),
        (STANDARD, "order.paid", "order.paid"),
        ("naive", "*", "email.received"),
        ("naive", "approval.*", "approval.resolved"),
        ("ainative", "agent.task.complete", "agent.task.complete"),
        ("yativo", "withdrawal.*", "withdrawal.completed"),
        ("yativo", "my.*", "my.test"),
        ("nativemsg", "*", "message.received"),
        ("standard_webhooks", "hookseal.*", "test.event"),
        ("standard_webhooks", "hookseal.endpoint.disabled", "test.event"),
    ] {
        let body = json!({
            "url": receiver.url(), "profile": profile, "event_types": [wanted], "tenant": "t1",
        });
        let endpoint = server.client.post("/v1/endpoints", &body).await;
        let id = endpoint.text("/id");
        let answer = server.client.act(&format!("/v1/endpoints/{id}/test")).await;
        assert_eq!(answer.status, 202, "{profile} {wanted} {}", answer.body);
        assert_eq!(
            (answer.text("/endpoint_id"), answer.text("/event_type")),
            (id.clone(), event_type.to_owned())
        );
        let seen = receiver.next().await;
        if let Some(secret) = endpoint.json["secret"].as_str() {
            seen.verify(profile, secret).unwrap();
        }
        let event = server.event_in(&answer.text("/event_id"), "delivered").await;
        assert_eq!(event["deliveries"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&event["data"]["test"], &event["tenant"], &event["profile"]),
            (&json!(true), &json!("t1"), &json!(profile))
        );
        assert_eq!(server.client.delete(&format!("/v1/endpoints/{id}")).await.status, 204);
    }
    assert!(bystander.try_next().is_none());

    let id = server.endpoint(&receiver.url(), "naive", &["email.received"]).await.text("/id");
    let path = format!("/v1/endpoints/{id}/test");
    let chosen = json!({ "type": "approval.resolved", "data": { "n": 1 } });
    let answer = server.client.post(&path, &chosen).await;
    assert_eq!(answer.text("/event_type"), "approval.resolved");
    assert_eq!(
        server.event_in(&answer.text("/event_id"), "delivered").await["data"],
        json!({ "n": 1 })
    );
    for (body, field) in [
        (json!({ "type": "no.such" }), "type"),
        (json!({ "type": "hookseal.endpoint.disabled" }), "type"),
        (json!({ "data": [] }), "data"),
        (json!({ "surprise": 1 }), "surprise"),
    ] {
        let answer = server.client.post(&path, &body).await;
        assert_eq!((answer.status, answer.text("/error/field")), (422, field.to_owned()), "{body}");
    }
}

async fn events_are_listed_newest_first(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    let mut all = Vec::new();
    for (n, tenant) in ["t1", "t2", "t1", "t2", "t1"].into_iter().enumerate() {
        let event = json!({
            "type": format!("type.{}", n % 2), "data": { "n": n }, "tenant": tenant, "id": format!("order:{n}"),
        });
        assert_eq!(server.client.post("/v1/events", &event).await.status, 202);
        all.insert(0, format!("order:{n}"));
    }
    let list = async |query: &str| {
        let (mut found, mut before) = (Vec::new(), String::new());
        loop {
            let page = server.client.get(&format!("/v1/events?limit=2&{query}{before}")).await;
            found.extend(ids(&page));
            match page.json["next"].as_str() {
                Some(next) => before = format!("&before={next}"),
                None => return found,
            }
        }
    };
    assert_eq!(list("").await, all);
    assert_eq!(list("type=type.1").await, ["order:3", "order:1"]);
    assert_eq!(list("tenant=t1").await, ["order:4", "order:2", "order:0"]);
    assert_eq!(list("tenant=t1&type=type.1").await, Vec::<String>::new());

    let first = server.client.get("/v1/events?limit=1").await.json["data"][0].clone();
    let mut shown = server.client.get("/v1/events/order:4").await.json;
    let members = shown.as_object_mut().unwrap();
    for (name, value) in
        [("data", json!({ "n": 4 })), ("deliveries", json!([])), ("next_deliveries", Value::Null)]
    {
        assert_eq!(members.remove(name), Some(value));
    }
    assert_eq!(first, shown);
    for (query, field) in
        [("before=order:1", "before"), ("after=x", "after"), ("limit=999", "limit")]
    {
        let answer = server.client.get(&format!("/v1/events?{query}")).await;
        assert_eq!((answer.status, answer.text("/error/field")), (422, field.to_owned()));
    }
}

async fn many_deliveries_are_shown_by_page_and_limited(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    let event = json!({ "type": "a.b", "data": {}, "tenant": "t" });
    let mut endpoints = Vec::new();
    for n in 0..260 {
        let mut endpoint = json!({ "url": "https://nowhere.test/", "event_types": ["a.b"] });
        endpoint["profile"] = STANDARD.into();
        if n % 130 == 7 {
            endpoint["tenant"] = "t".into();
        }
        let made = server.client.post("/v1/endpoints", &endpoint).await;
        assert_eq!(made.status, 201, "{}", made.body);
        endpoints.push(made.text("/id"));
    }
    endpoints.sort_unstable();
    let id = server.client.post("/v1/events", &event).await.text("/id");
    let shown = server.client.get(&format!("/v1/events/{id}")).await.json;
    let to = |rows: &Value| -> Vec<String> {
        let of = |row: &Value| row["endpoint_id"].as_str().unwrap().to_owned();
        rows.as_array().unwrap().iter().map(of).collect()
    };
    assert_eq!(to(&shown["deliveries"]), endpoints[..250]);
    let next = shown["next_deliveries"].as_str().unwrap();
    let list = format!("/v1/events/{id}/deliveries");
    let rest = server.client.get(&format!("{list}?after={next}")).await.json;
    assert_eq!((to(&rest["data"]), &rest["next"]), (endpoints[250..].to_vec(), &Value::Null));
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = server.client.get(&format!("{list}?limit=99{after}")).await.json;
        all.extend(to(&page["data"]));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(all, endpoints);

    // A tenant sees its own.
    let key = json!({ "scope": "read", "tenant": "t" });
    let key = server.client.post("/v1/api-keys", &key).await.text("/key");
    let tenant = server.client.with_key(&key);
    let shown = tenant.get(&format!("/v1/events/{id}")).await.json;
    assert_eq!((to(&shown["deliveries"]).len(), &shown["next_deliveries"]), (2, &Value::Null));
    let first = tenant.get(&format!("{list}?limit=1")).await.json;
    assert_eq!(to(&first["data"]), to(&shown["deliveries"])[..1]);
    assert!(first["next"].is_string());

    // 260 for each.
    let batch = |events: usize| json!({ "events": vec![event.clone(); events] });
    let refused = server.client.post("/v1/events/batch", &batch(385)).await;
    assert_eq!((refused.status, refused.error_code().as_str()), (422, "too_many_deliveries"));
    let listed = server.client.get("/v1/events").await.json;
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    let accepted = server.client.post("/v1/events/batch", &batch(384)).await;
    assert_eq!(accepted.status, 202, "{}", accepted.body);
    server.stop().await;
}
