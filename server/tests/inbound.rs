//! The gateway: what senders send is verified, stored once, and goes on to endpoints; what does not verify is refused,
//! counted and explained.

#![cfg(test)]

mod support;

use axum::{http::StatusCode, response::IntoResponse as _};
use hookseal_server::{config::Config, rng::SystemRng, rotation::rotate};
use serde_json::{Value, json};
use support::{
    Engine, TestServer,
    client::Answer,
    config,
    receiver::Receiver,
    sender::{Sender, now},
};

on_each_engine! {
    what_a_sender_sends_goes_to_every_endpoint_once,
    each_kind_of_scheme_is_verified,
    what_does_not_verify_is_counted_and_explained,
    a_source_is_changed_paused_and_deleted,
    repeats_are_known_as_long_as_the_source_says,
    a_new_master_key_seals_sources_anew,
    a_secret_is_taken_from_a_sender_that_hands_it_over,
    erasing_a_tenant_takes_its_sources,
}

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

async fn make(server: &TestServer, body: &Value) -> Answer {
    let made = server.client.post("/v1/sources", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made
}

/// A source of this scheme, and its sender.
async fn pair(server: &TestServer, scheme: &str, extra: Value) -> (String, Sender) {
    let mut body =
        json!({ "name": scheme.replace('_', "-"), "scheme": scheme, "secrets": [SECRET] });
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let id = make(server, &body).await.text("/id");
    let sender = Sender::new(scheme, SECRET, &server.client, &id);
    (id, sender)
}

async fn counts(server: &TestServer, id: &str) -> Value {
    let source = server.client.get(&format!("/v1/sources/{id}")).await;
    assert_eq!(source.status, 200, "{}", source.body);
    source.json["counts"].clone()
}

async fn what_a_sender_sends_goes_to_every_endpoint_once(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    let (mut first, mut second) = (Receiver::start().await, Receiver::start().await);
    let mut failing = Receiver::answering(|seen| async move {
        let status = if seen.number < 3 { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
        status.into_response()
    })
    .await;
    let mut secrets = Vec::new();
    for (receiver, types) in
        [(&first, "stripe.invoice.paid"), (&second, "stripe.*"), (&failing, "*")]
    {
        let made = server.endpoint(&receiver.url(), "standard_webhooks", &[types]).await;
        secrets.push(made.text("/secret"));
    }
    let other = Receiver::start().await;
    server.endpoint(&other.url(), "standard_webhooks", &["billing.*"]).await;

    let (id, stripe) = pair(&server, "stripe", json!({})).await;
    // As it came: the order of members, the digits and the spaces.
    let body = br#"{ "type": "invoice.paid","id":"evt_9", "amount": 12345678901234567890.10 }"#;
    let sent = stripe.send("", body).await;
    let (event, duplicate) = sent.stored();
    assert!(!duplicate);
    // A retry is signed anew.
    let later = now().plus_millis(1000);
    let again = stripe.send_with(&stripe.headers("", body, later), body).await;
    assert_eq!(again.stored(), (event.clone(), true));

    for (receiver, secret) in [(&mut first, &secrets[0]), (&mut second, &secrets[1])] {
        let seen = receiver.next().await;
        seen.verify("standard_webhooks", secret).unwrap();
        assert_eq!(seen.header("webhook-id"), Some(event.as_str()));
        let text = String::from_utf8(seen.body).unwrap();
        let members =
            r#""data":{"type":"invoice.paid","id":"evt_9","amount":12345678901234567890.10}"#;
        assert!(text.contains(members), "{text}");
    }
    for _ in 0..3 {
        assert_eq!(failing.next().await.header("webhook-id"), Some(event.as_str()));
    }
    let stored = server.event_in(&event, "delivered").await;
    assert_eq!(stored["type"], "stripe.invoice.paid");
    let shown = server.client.get(&format!("/v1/events/{event}")).await;
    assert!(shown.body.contains(str::from_utf8(body).unwrap()), "{}", shown.body);
    assert_eq!(stored["deliveries"].as_array().unwrap().len(), 3);
    assert!(first.try_next().is_none() && second.try_next().is_none());
    assert_eq!(
        counts(&server, &id).await,
        json!({ "accepted": 1, "duplicates": 1, "refused": {} })
    );
    let found = server.client.get("/v1/events").await;
    assert_eq!(found.json["data"].as_array().unwrap().len(), 1);
}

async fn each_kind_of_scheme_is_verified(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    let data_of = async |answer: &Answer| -> (String, Value) {
        let event = server.client.get(&format!("/v1/events/{}", answer.stored().0)).await.json;
        (event["type"].as_str().unwrap().to_owned(), event["data"].clone())
    };

    // Ids in a header: the same body under another id is another event.
    let (_, github) = pair(&server, "github", json!({})).await;
    let one = github.send("d1", b"{}").await;
    assert_eq!(data_of(&one).await, ("github.x.y".to_owned(), json!({})));
    assert_eq!(github.send("d1", b"{}").await.stored(), (one.stored().0, true));
    assert!(!github.send("d2", b"{}").await.stored().1);

    let (_, standard) = pair(&server, "standard_webhooks", json!({})).await;
    let body = br#"{"type":"a b","data":{}}"#;
    let sent = standard.send("msg_1", body).await;
    assert_eq!(data_of(&sent).await.0, "standard-webhooks.a_b");

    // A handshake that is signed, and a delivery.
    let (_, slack) =
        pair(&server, "slack", json!({ "settings": { "id_from": "/event_id" } })).await;
    let challenge = br#"{"type":"url_verification","challenge":"3eZbrw1aBm2rZgRNFdxV"}"#;
    let shaken = slack.send("", challenge).await;
    assert_eq!((shaken.status, shaken.body.as_str()), (200, "3eZbrw1aBm2rZgRNFdxV"));
    assert!(shaken.head.contains("content-type: text/plain") && shaken.head.contains("nosniff"));
    let unsigned = slack.send_with(&[], challenge).await;
    assert_eq!((unsigned.status, unsigned.error_code().as_str()), (401, "missing_header"));
    let body = br#"{"event_id":"Ev1","event":{"type":"app_mention"}}"#;
    let sent = slack.send("", body).await;
    assert_eq!(data_of(&sent).await.0, "slack.app_mention");
    let retried = br#"{"event_id":"Ev1","event":{"type":"app_mention"},"retry":1}"#;
    assert_eq!(slack.send("", retried).await.stored(), (sent.stored().0, true));

    // A handshake that is a query of GET, not signed, with a value that only the owner knows.
    let extra = json!({ "config": { "verify_token": "mine" } });
    let (meta, _) = pair(&server, "meta", extra).await;
    let ask = async |token: &str| {
        let path = format!(
            "/in/{meta}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}"
        );
        server.client.with_key("").get(&path).await
    };
    let shaken = ask("mine").await;
    assert_eq!((shaken.status, shaken.body.as_str()), (200, "1158201444"));
    assert_eq!(ask("theirs").await.status, 403);

    // A form, and a URL that is signed: as the server sees it, and as the owner says.
    let (id, mut twilio) = pair(&server, "twilio", json!({})).await;
    twilio.content_type = "application/x-www-form-urlencoded";
    let body = b"From=%2B4912&Body=hello+there";
    let sent = twilio.send("t1", body).await;
    let form =
        json!({ "content_type": twilio.content_type, "text": "From=%2B4912&Body=hello+there" });
    assert_eq!(data_of(&sent).await, ("twilio.received".to_owned(), form));
    twilio.url = "https://hooks.example.com/a/twilio".to_owned();
    assert_eq!(twilio.send("t2", body).await.error_code(), "no_match");
    let change = json!({ "settings": { "public_url": twilio.url } });
    let changed = server.client.patch(&format!("/v1/sources/{id}"), &change).await;
    assert_eq!((changed.status, changed.text("/url")), (200, twilio.url.clone()));
    assert!(!twilio.send("t2", body).await.stored().1);

    // The URL in JSON, and a body that is a list.
    let (_, square) = pair(&server, "square", json!({})).await;
    let sent = square.send("", br#"{"event_id":"s1","type":"payment.created"}"#).await;
    assert_eq!(data_of(&sent).await.0, "square.payment.created");
    let (_, hubspot) = pair(&server, "hubspot_v3", json!({})).await;
    let sent = hubspot.send("", br#"[{"subscriptionType":"contact.creation","n":1.10}]"#).await;
    let (name, list) = data_of(&sent).await;
    assert_eq!(name, "hubspot-v3.contact.creation");
    assert_eq!(list["json"][0]["subscriptionType"], "contact.creation");

    // A scheme of one's own.
    let own = json!({
        "id": "acme", "name": "Acme", "signed_content": "{body}",
        "signature": { "from": "header:x-acme", "encoding": "hex" },
    });
    let (id, _) = pair(&server, "github", json!({ "name": "acme", "scheme": own })).await;
    let webhook = hookseal::Webhook::new(
        hookseal::Scheme::from_json(&own.to_string()).unwrap(),
        &[hookseal::Secret::new(SECRET).unwrap()],
    );
    let message = hookseal::Message { body: b"\xff\x00", ..hookseal::Message::default() };
    let headers = webhook.unwrap().sign(&message, now()).unwrap();
    let pairs: Vec<_> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let path = format!("/in/{id}?a=b");
    let sent = server.client.with_key("").request("POST", &path, &pairs, b"\xff\x00").await;
    let wrapped = json!({ "content_type": null, "query": "a=b", "base64": "/wA=" });
    assert_eq!(data_of(&sent).await, ("acme.received".to_owned(), wrapped));
}

async fn what_does_not_verify_is_counted_and_explained(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    let (id, stripe) = pair(&server, "stripe", json!({})).await;
    let other = Sender::new("stripe", "whsec_another", &server.client, &id);
    let body = br#"{"type":"invoice.paid","n":1}"#;

    let wrong = other.send("", body).await;
    assert_eq!((wrong.status, wrong.error_code().as_str()), (401, "no_match"));
    assert!(!wrong.head.contains("www-authenticate") && !wrong.body.contains("whsec_"));
    let old = stripe.send_with(&stripe.headers("", body, now().plus_millis(-900_000)), body).await;
    assert_eq!((old.status, old.error_code().as_str()), (401, "timestamp_too_old"));
    let changed = stripe
        .send_with(&stripe.headers("", body, now()), b"{\"type\": \"invoice.paid\", \"n\": 1}")
        .await;
    assert_eq!(changed.error_code(), "no_match");
    let none = stripe.send_with(&[], body).await;
    assert_eq!((none.status, none.error_code().as_str()), (401, "missing_header"));
    for header in ["t=,v1=", "x", "t=1,v1=zz", &"a".repeat(9000)] {
        let odd = [("stripe-signature".to_owned(), header.to_owned())];
        assert_eq!(stripe.send_with(&odd, body).await.status, 401, "{header}");
    }
    assert!(server.client.get("/v1/events").await.json["data"].as_array().unwrap().is_empty());

    let counted = counts(&server, &id).await;
    assert_eq!((&counted["accepted"], &counted["refused"]["no_match"]), (&json!(0), &json!(2)));
    assert_eq!(counted["refused"]["timestamp_too_old"], 2);
    assert_eq!(counted["refused"]["header_too_long"], 1);

    let path = format!("/v1/sources/{id}/refusals");
    let listed = server.client.get(&path).await;
    let rows = listed.json["data"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["code"]), (8, &json!("header_too_long")));
    assert_eq!(rows[7]["code"], "no_match");
    assert!(!listed.body.contains("invoice.paid"));
    let look = async |row: usize| {
        let path = format!("{path}/{}", rows[row]["id"].as_str().unwrap());
        let found = server.client.get(&path).await;
        assert_eq!(found.status, 200, "{}", found.body);
        assert!(!found.body.contains(SECRET));
        found.json
    };
    // The body was parsed and written again.
    let rewritten = look(5).await;
    assert_eq!(rewritten["explanation"]["verified"], false);
    assert_eq!(rewritten["explanation"]["findings"][0]["certain"], true, "{rewritten}");
    assert_eq!(rewritten["body"]["text"], "{\"type\": \"invoice.paid\", \"n\": 1}");
    let headers = rewritten["headers"].as_array().unwrap();
    assert!(headers.iter().any(|pair| pair[0] == "stripe-signature"));
    let late = look(6).await;
    assert_eq!(late["explanation"]["error"]["code"], "timestamp_too_old");
    // Once the secret is mended, it says so.
    let secrets = json!({ "secrets": ["whsec_another", SECRET] });
    let mended = server.client.patch(&format!("/v1/sources/{id}"), &secrets).await;
    assert_eq!((mended.status, &mended.json["secrets"]), (200, &json!(2)));
    assert_eq!(look(7).await["explanation"]["verified"], true);
    assert!(!other.send("", body).await.stored().1);
    assert!(stripe.send("", body).await.stored().1);

    // What is at rest says nothing.
    server.stop().await;
    for entry in std::fs::read_dir(data.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for mark in [SECRET.as_bytes(), b"\"n\": 1}"] {
            assert!(!bytes.windows(mark.len()).any(|window| window == mark));
        }
    }
}

#[tokio::test]
async fn a_flood_is_counted_and_hardly_kept() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let (id, stripe) = pair(&server, "stripe", json!({})).await;
    for _ in 0..100 {
        assert_eq!(stripe.send_with(&[], b"{}").await.status, 401);
    }
    assert_eq!(counts(&server, &id).await["refused"]["missing_header"], 100);
    let listed = server.client.get(&format!("/v1/sources/{id}/refusals")).await;
    let kept = listed.json["data"].as_array().unwrap().len();
    assert!((10..20).contains(&kept), "{kept}");
}

#[tokio::test]
async fn bodies_and_rates_have_limits() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let settings = json!({ "settings": { "max_body_bytes": 100 } });
    let (id, github) = pair(&server, "github", settings).await;
    assert!(!github.send("d1", &[b' '; 100]).await.stored().1);
    let long = github.send("d2", &[b' '; 101]).await;
    assert_eq!((long.status, long.error_code().as_str()), (413, "body_too_large"));
    // Nothing of it is read: the answer comes before the body.
    let head = format!("POST /in/{id} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\n");
    let early = server.client.raw(head.as_bytes()).await.unwrap();
    assert_eq!((early.status, early.error_code().as_str()), (413, "body_too_large"));
    let chunks = format!(
        "POST /in/{id} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n40\r\n{0}\r\n40\r\n{0}\r\n",
        " ".repeat(64)
    );
    let chunked = server.client.raw(chunks.as_bytes()).await.unwrap();
    assert_eq!((chunked.status, chunked.error_code().as_str()), (413, "body_too_large"));
    assert_eq!(counts(&server, &id).await["refused"]["body_too_large"], 3);
    let listed = server.client.get(&format!("/v1/sources/{id}/refusals")).await;
    let path = format!("/v1/sources/{id}/refusals/{}", listed.text("/data/0/id"));
    assert_eq!(server.client.get(&path).await.json["explanation"], Value::Null);

    let change = json!({ "settings": { "rate_limit": 5, "max_body_bytes": null } });
    let changed = server.client.patch(&format!("/v1/sources/{id}"), &change).await;
    assert_eq!(changed.json["settings"]["max_body_bytes"], Value::Null);
    let mut refused = github.send("d3", b"{}").await;
    while refused.status == 200 {
        refused = github.send("d3", b"{}").await;
    }
    assert_eq!((refused.status, refused.error_code().as_str()), (429, "rate_limited"));
    assert!(refused.head.contains("retry-after: 1"));

    for path in ["/in/src_0000000000000", "/in/x", "/in/github"] {
        let unknown = server.client.with_key("").post(path, &json!({})).await;
        assert_eq!((unknown.status, unknown.error_code().as_str()), (404, "not_found"), "{path}");
    }
}

async fn a_source_is_changed_paused_and_deleted(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    let made = make(
        &server,
        &json!({ "name": "shop", "scheme": "stripe", "secrets": [SECRET], "tenant": "t1" }),
    )
    .await;
    let id = made.text("/id");
    assert!(id.starts_with("src_"));
    assert_eq!(
        (made.text("/state"), made.text("/url")),
        ("active".to_owned(), format!("/in/{id}"))
    );
    assert_eq!((made.text("/scheme"), &made.json["secrets"]), ("stripe".to_owned(), &json!(1)));
    assert!(!made.body.contains(SECRET));
    let path = format!("/v1/sources/{id}");
    let stripe = Sender::new("stripe", SECRET, &server.client, &id);

    let paused = server.client.patch(&path, &json!({ "state": "paused" })).await;
    assert_eq!(paused.text("/state"), "paused");
    let body = br#"{"type":"charge.failed"}"#;
    let told = stripe.send("", body).await;
    assert_eq!((told.status, told.error_code().as_str()), (503, "source_paused"));
    let change = json!({
        "state": "active", "name": "shop-2",
        "settings": { "event_prefix": "money", "event_types": { "charge.failed": "memory.stored" } },
    });
    let changed = server.client.patch(&path, &change).await;
    assert_eq!(changed.text("/name"), "shop-2");
    let event = stripe.send("", body).await.stored().0;
    let event = server.client.get(&format!("/v1/events/{event}")).await.json;
    assert_eq!((&event["type"], &event["tenant"]), (&json!("memory.stored"), &json!("t1")));
    let event = stripe.send("", br#"{"type":"charge.paid"}"#).await.stored().0;
    let event = server.client.get(&format!("/v1/events/{event}")).await.json;
    assert_eq!(event["type"], "money.charge.paid");

    for (change, field) in [
        (json!({ "name": "Shop" }), "name"),
        (json!({ "name": "hookseal" }), "name"),
        (json!({ "secrets": [" x"] }), "secrets"),
        (json!({ "config": { "a": "b" } }), "config"),
        (json!({ "state": "gone" }), "state"),
        (json!({ "scheme": "github" }), "scheme"),
        (json!({ "settings": { "event_prefix": "hookseal" } }), "settings/event_prefix"),
        (json!({ "settings": { "event_types": { "a": "b c" } } }), "settings/event_types/a"),
        (json!({ "settings": { "id_from": "id" } }), "settings/id_from"),
        (json!({ "settings": { "dedupe_seconds": 59 } }), "settings/dedupe_seconds"),
        (json!({ "settings": { "max_body_bytes": 0 } }), "settings/max_body_bytes"),
        (json!({ "settings": { "rate_limit": 0 } }), "settings/rate_limit"),
        (json!({ "settings": { "public_url": "/in" } }), "settings/public_url"),
    ] {
        let refused = server.client.patch(&path, &change).await;
        assert_eq!(
            (refused.status, refused.text("/error/field").as_str()),
            (422, field),
            "{change}"
        );
    }
    for (scheme, code, field) in [
        (json!("strype"), "unknown_scheme", "scheme"),
        (json!("meta"), "", ""),
        (json!("paypal"), "missing_config", "config"),
        (json!({ "id": "x" }), "invalid_scheme", "scheme"),
        (json!(7), "invalid_argument", "scheme"),
    ] {
        let body = json!({ "name": "x", "scheme": scheme, "secrets": [SECRET] });
        let answer = server.client.post("/v1/sources", &body).await;
        if code.is_empty() {
            assert_eq!(answer.status, 201, "{}", answer.body);
            continue;
        }
        assert_eq!((answer.status, answer.error_code().as_str()), (422, code), "{scheme}");
        assert_eq!(answer.text("/error/field"), field, "{scheme}");
    }

    let listed = server.client.get("/v1/sources?tenant=t1&limit=1").await;
    assert_eq!(listed.json["data"].as_array().unwrap().len(), 1);
    assert_eq!((listed.text("/data/0/id"), &listed.json["next"]), (id, &Value::Null));
    assert_eq!(server.client.delete(&path).await.status, 204);
    assert_eq!(server.client.delete(&path).await.status, 404);
    assert_eq!(server.client.get(&path).await.status, 404);
    assert_eq!(stripe.send("", body).await.status, 404);
}

async fn repeats_are_known_as_long_as_the_source_says(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    let never = json!({ "settings": { "dedupe_seconds": 0 } });
    let (_, github) = pair(&server, "github", never).await;
    let first = github.send("d1", b"{}").await.stored();
    let second = github.send("d1", b"{}").await.stored();
    assert!(!first.1 && !second.1 && first.0 != second.0);

    let hour = json!({ "settings": { "dedupe_seconds": 3600 } });
    let (id, github) = pair(&server, "github", hour).await;
    let (_, other) = pair(&server, "github", json!({})).await;
    let first = github.send("d1", b"{}").await.stored();
    assert_eq!(github.send("d1", b"{\"n\":2}").await.stored(), (first.0.clone(), true));
    // Ids are a source's own.
    assert!(!other.send("d1", b"{}").await.stored().1);

    let again = Config { database_url: None, ..config(&data) };
    if matches!(engine, Engine::Sqlite) {
        server.stop().await;
        let server = TestServer::with(again).await;
        let github = Sender::new("github", SECRET, &server.client, &id);
        assert_eq!(github.send("d1", b"{}").await.stored(), (first.0, true));
        assert_eq!(counts(&server, &id).await["duplicates"], 2);
    }
}

async fn a_new_master_key_seals_sources_anew(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let first = engine.config(&data).await;
    let again = || Config { database_url: first.database_url.clone(), ..config(&data) };
    let server = TestServer::with(again()).await;
    let (id, stripe) = pair(&server, "stripe", json!({})).await;
    assert_eq!(stripe.send_with(&[], b"{}").await.status, 401);
    assert_eq!(counts(&server, &id).await["refused"]["missing_header"], 1);
    server.stop().await;
    assert_eq!(rotate(&again(), None, &SystemRng).await.unwrap().secrets, 1);
    let server = TestServer::with(again()).await;
    let stripe = Sender::new("stripe", SECRET, &server.client, &id);
    assert!(!stripe.send("", b"{}").await.stored().1);
    // What was refused is forgotten, the counts are not.
    let listed = server.client.get(&format!("/v1/sources/{id}/refusals")).await;
    assert_eq!((listed.status, &listed.json["data"]), (200, &json!([])));
    assert_eq!(counts(&server, &id).await["refused"]["missing_header"], 1);
}

async fn a_secret_is_taken_from_a_sender_that_hands_it_over(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    let (id, asana) = pair(&server, "asana", json!({ "secrets": [] })).await;
    let body = br#"{"events":[{"action":"changed"}]}"#;
    let early = asana.send("", body).await;
    assert_eq!((early.status, early.error_code().as_str()), (500, "invalid_secret"));
    let hand_over = async |secret: &str| {
        asana.send_with(&[("x-hook-secret".to_owned(), secret.to_owned())], b"{}").await
    };
    let shaken = hand_over(SECRET).await;
    assert_eq!(shaken.status, 200);
    assert!(shaken.head.contains(&format!("x-hook-secret: {}", SECRET.to_ascii_lowercase())));
    assert!(!asana.send("", body).await.stored().1);
    let path = format!("/v1/sources/{id}/handed-over-secret");
    assert_eq!(server.client.get(&path).await.json, json!({ "secret": SECRET }));
    // Nobody who comes later takes its place.
    assert_eq!(hand_over("another").await.status, 200);
    assert!(asana.send("", body).await.stored().1);
    let source = server.client.get(&format!("/v1/sources/{id}")).await;
    assert_eq!(source.json["secrets"], 1);
    // What the owner said is not shown again.
    let change = json!({ "secrets": [SECRET] });
    assert_eq!(server.client.patch(&format!("/v1/sources/{id}"), &change).await.status, 200);
    assert_eq!(server.client.get(&path).await.error_code(), "not_found");
}

async fn erasing_a_tenant_takes_its_sources(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let server = engine.start(&data).await;
    let (of_a, sender) = pair(&server, "github", json!({ "tenant": "a" })).await;
    let (of_all, other) = pair(&server, "github", json!({})).await;
    assert_eq!(sender.send("d1", b"{}").await.status, 200);
    assert_eq!(server.client.delete("/v1/tenants/a").await.status, 204);
    assert_eq!(sender.send("d2", b"{}").await.status, 404);
    assert_eq!(other.send("d2", b"{}").await.status, 200);
    assert_eq!(server.client.get(&format!("/v1/sources/{of_a}")).await.status, 404);
    assert_eq!(server.client.get(&format!("/v1/sources/{of_all}")).await.status, 200);
}
