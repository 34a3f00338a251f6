//! Each sender's handshake: what is asked and answered, what looks alike and is none, and what an attacker tries.

use percent_encoding::utf8_percent_encode;
use serde_json::{Value, json};

use super::*;
use crate::canonical::url::UNRESERVED;
use crate::scheme::catalogue_row;
use crate::sign::Message;
use crate::timestamp::Timestamp;
use crate::webhook::Webhook;

const NOW: Timestamp = Timestamp::from_seconds(1_777_111_523);
const SECRET: &str = "test_secret_0123456789";
/// SHA-1 of `integration_private_key`, which is the key that Braintree's libraries sign with.
const BRAINTREE_KEY: &str = "595532c81f425988ef0d0cdea466625e8723d60a";
const SETTINGS: &[(&str, &str)] = &[
    ("endpoint_url", "https://example.com/ebay"),
    ("public_key", "integration_public_key"),
    ("topic_arn", "arn:aws:sns:us-west-2:123456789012:MyTopic"),
    ("verification_code", "b6f4c1"),
    ("verification_token", "654321-token_of-32-characters-ab"),
    ("verify_token", "meatyhamhock"),
];

const TEXT: &[(&str, &str)] =
    &[("content-type", "text/plain"), ("x-content-type-options", "nosniff")];
const JSON: &[(&str, &str)] =
    &[("content-type", "application/json"), ("x-content-type-options", "nosniff")];

/// The sender's rules, with the settings put in, in a scheme that this test can sign with.
fn scheme(id: &str, settings: &[(&str, &str)]) -> Scheme {
    let row = catalogue_row(id).unwrap();
    let row = settings.iter().fold(row.to_owned(), |row, (name, value)| {
        row.replace(&format!("{{config:{name}}}"), value)
    });
    let row: Value = serde_json::from_str(&row).unwrap();
    let mut scheme = match id {
        "adobe_sign" => json!({
            "algorithm": "token", "signed_content": "", "body_coverage": "none",
            "signature": {"from": "header:x-adobesign-clientid", "encoding": "utf8"},
        }),
        "braintree" => json!({
            "algorithm": "hmac-sha1", "key": {"encoding": "hex"}, "signed_content": "{body}",
            "signature": {"from": "header:x-signature", "encoding": "hex"},
        }),
        "front" => json!({
            "signature": {"from": "header:x-front-signature", "encoding": "base64"},
            "signed_content": "{timestamp}:{body}",
            "timestamp": {"from": "header:x-front-request-timestamp", "unit": "ms"},
        }),
        "okta" => json!({
            "algorithm": "token", "signed_content": "", "body_coverage": "none",
            "signature": {"from": "header:authorization", "encoding": "utf8"},
        }),
        "slack" | "zoom" => json!({
            "signature": {
                "from": "header:x-signature", "encoding": "hex", "format": {"mode": "plain", "prefix": "v0="},
            },
            "signed_content": "v0:{timestamp}:{body}",
            "timestamp": {"from": "header:x-timestamp", "unit": "s"},
        }),
        _ => json!({
            "signature": {"from": "header:x-signature", "encoding": "hex"}, "signed_content": "{body}",
        }),
    };
    scheme["id"] = id.into();
    if let Some(rule) = row.get("handshake") {
        scheme["handshake"] = rule.clone();
    }
    Scheme::from_json(&scheme.to_string()).unwrap()
}

fn webhook(id: &str) -> Webhook {
    let secret = match id {
        "braintree" => BRAINTREE_KEY,
        "x_twitter" => "z3ZX4v7mAAUGykl3EcmkqbartmuW8VFOOzCloLx9Q45P0hLrFu",
        _ => SECRET,
    };
    Webhook::new(scheme(id, SETTINGS), &[Secret::new(secret).unwrap()]).unwrap()
}

/// A request as the sender makes it.
struct Asked {
    id: &'static str,
    method: &'static str,
    url: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
}

const fn get(id: &'static str, url: &'static str) -> Asked {
    Asked { id, method: "GET", url, headers: &[], body: "" }
}

const fn post(id: &'static str, body: &'static str) -> Asked {
    Asked { id, method: "POST", url: "/hook", headers: &[], body }
}

impl Asked {
    const fn with(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }

    fn ask(&self) -> Result<Option<HandshakeResponse>, Error> {
        self.ask_with(self.headers)
    }

    fn ask_with(&self, headers: &[(&str, &str)]) -> Result<Option<HandshakeResponse>, Error> {
        let request = Request::new(headers, self.body.as_bytes());
        webhook(self.id).handshake(&request.with_method(self.method).with_url(self.url), NOW)
    }

    fn ask_signed(&self) -> Result<Option<HandshakeResponse>, Error> {
        let message = Message { body: self.body.as_bytes(), ..Message::default() };
        let signed = webhook(self.id).sign(&message, NOW).unwrap();
        let mut headers = self.headers.to_vec();
        headers.extend(signed.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        self.ask_with(&headers)
    }
}

const SNS: &str = r#"{"Type":"SubscriptionConfirmation","TopicArn":"arn:aws:sns:us-west-2:123456789012:MyTopic","SubscribeURL":"https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-west-2:123456789012:MyTopic&Token=2336412f37","Token":"2336412f37"}"#;
const ASANA: &[(&str, &str)] = &[("X-Hook-Secret", "b537207f20cbfa02357cf448134da559")];
const CLIENT_ID: &[(&str, &str)] = &[("x-adobesign-clientid", SECRET)];

#[test]
fn every_sender_gets_its_answer() {
    let asana = &[("x-hook-secret", "b537207f20cbfa02357cf448134da559")][..];
    let smartsheet = &[JSON, &[("smartsheet-hook-response", "d78dd1d3-01ce")]].concat();
    for (asked, status, headers, body) in [
        (
            get(
                "meta",
                "https://example.com/h?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock",
            ),
            200,
            TEXT,
            "1158201444",
        ),
        (post("notion", r#"{"verification_token":"secret_tMrlL1qK5vuQAh1b6"}"#), 200, &[], ""),
        (get("dropbox", "/h?challenge=abc123"), 200, TEXT, "abc123"),
        (post("asana", "").with(ASANA), 200, asana, ""),
        (get("onfleet", "/h?check=a%20b"), 200, TEXT, "a b"),
        (get("nylas", "/h?challenge=bc609b38-c81f-47fb"), 200, TEXT, "bc609b38-c81f-47fb"),
        (
            post("smartsheet", r#"{"challenge":"d78dd1d3-01ce","webhookId":1}"#)
                .with(&[("Smartsheet-Hook-Challenge", "d78dd1d3-01ce")]),
            200,
            smartsheet,
            r#"{"smartsheetHookResponse":"d78dd1d3-01ce"}"#,
        ),
        (get("fitbit", "/h?verify=b6f4c1"), 204, &[], ""),
        (
            get("linkedin", "/h?challengeCode=890e4665-4dfe-4ab1-b689-ed553bceeed0"),
            200,
            JSON,
            r#"{"challengeCode":"890e4665-4dfe-4ab1-b689-ed553bceeed0","challengeResponse":"527c8bbd8af0c1094001710bff65cebe3569c7f8113f54bc4733da9b1f7ce1bc"}"#,
        ),
        (Asked { method: "HEAD", ..get("trello", "/h") }, 200, &[], ""),
        (Asked { method: "HEAD", ..get("mandrill", "/h") }, 200, &[], ""),
        (post("mandrill", "mandrill_events=%5B%5D"), 200, &[], ""),
        // Published with Braintree's libraries.
        (
            get("braintree", "/h?bt_challenge=20f9f8ed05f77439fe955c977e4c8a53"),
            200,
            TEXT,
            "integration_public_key|d9b899556c966b3f06945ec21311865d35df3ce4",
        ),
        (
            post(
                "lark",
                r#"{"challenge":"ajls384kdjx98XX","token":"xxxxxx","type":"url_verification"}"#,
            ),
            200,
            JSON,
            r#"{"challenge":"ajls384kdjx98XX"}"#,
        ),
        (
            get("ebay", "/h?challenge_code=a8628072-3d33-45ee-9004-bee86830a22d"),
            200,
            JSON,
            r#"{"challengeResponse":"7da93f2be9af0ff740e36f507ad8179a72424c03b9c78aaff89771cb97e74504"}"#,
        ),
        (post("wise", "{}").with(&[("X-Test-Notification", "true")]), 200, &[], ""),
        (
            post("monday", r#"{"challenge":"3eZbrw1aBm2r"}"#),
            200,
            JSON,
            r#"{"challenge":"3eZbrw1aBm2r"}"#,
        ),
        (get("adobe_sign", "/h").with(CLIENT_ID), 200, CLIENT_ID, ""),
        (
            get("okta", "/h")
                .with(&[("authorization", SECRET), ("X-Okta-Verification-Challenge", "Me_rShK8")]),
            200,
            JSON,
            r#"{"verification":"Me_rShK8"}"#,
        ),
        (
            Asked {
                method: "POST",
                ..get(
                    "microsoft_graph",
                    "/h?validationToken=Validation%3a+Testing+client+Request-Id%3a+522a8e7e",
                )
            },
            200,
            TEXT,
            "Validation: Testing client Request-Id: 522a8e7e",
        ),
        // Published by X.
        (
            get("x_twitter", "/h?crc_token=9b4507b3-9040-4669-9ca3-6b94edb50553&nonce=1"),
            200,
            JSON,
            r#"{"response_token":"sha256=Cytd4Sq+NvEcV3MMrXxWJGJx5A+y/lXzzU2Maartkx8="}"#,
        ),
    ] {
        let response = asked.ask().unwrap().unwrap_or_else(|| panic!("{}", asked.id));
        check(asked.id, &response, status, headers, body);
    }
}

#[test]
fn every_signed_handshake_is_verified_and_answered() {
    for (asked, status, headers, body) in [
        (
            post(
                "slack",
                r#"{"token":"x","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}"#,
            ),
            200,
            TEXT,
            "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
        ),
        (
            post(
                "zoom",
                r#"{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1,"event":"endpoint.url_validation"}"#,
            ),
            200,
            JSON,
            r#"{"encryptedToken":"18023db3fdde67132badfd9b4c83d079d3e830a28dc7bdd68d6943ab04198cc7","plainToken":"qgg8vlvZRS6UYooatFL8Aw"}"#,
        ),
        (
            post("twitch", r#"{"challenge":"pogchamp-kappa-360noscope-vohiyo","subscription":{}}"#)
                .with(&[("Twitch-Eventsub-Message-Type", "webhook_callback_verification")]),
            200,
            TEXT,
            "pogchamp-kappa-360noscope-vohiyo",
        ),
        (
            post("front", r#"{"type":"sync","authorization":{"id":"cmp_abc"}}"#)
                .with(&[("X-Front-Challenge", "a\"b")]),
            200,
            JSON,
            r#"{"challenge":"a\"b"}"#,
        ),
        (post("discord", r#"{"type":1,"version":1}"#), 200, JSON, r#"{"type":1}"#),
        (post("discord", r#"{"type":0}"#), 204, &[], ""),
        (post("aws_sns", SNS), 200, &[], ""),
    ] {
        let response = asked.ask_signed().unwrap().unwrap_or_else(|| panic!("{}", asked.id));
        check(asked.id, &response, status, headers, body);
        let refused = asked.ask().unwrap_err();
        assert_eq!(refused.code(), ErrorCode::MissingHeader, "{}", asked.id);
        let forged = Asked { body: asked.body, ..post(asked.id, "") };
        let headers = [("x-signature", "0".repeat(64)), ("x-timestamp", "1".to_owned())];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let forged = forged.ask_with(&[asked.headers, &headers].concat());
        assert_eq!(forged.unwrap_err().code().http_status(), 401, "{}", asked.id);
    }
}

fn check(
    id: &str,
    response: &HandshakeResponse,
    status: u16,
    headers: &[(&str, &str)],
    body: &str,
) {
    assert_eq!(response.status, status, "{id}");
    let known = response.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    assert_eq!(known.collect::<Vec<_>>(), headers, "{id}");
    assert_eq!(String::from_utf8_lossy(&response.body), body, "{id}");
}

#[test]
fn a_secret_that_is_handed_over_is_given_out() {
    for (asked, secret) in [
        (post("asana", "").with(ASANA), "b537207f20cbfa02357cf448134da559"),
        (post("notion", r#"{"verification_token":"secret_tMrl"}"#), "secret_tMrl"),
    ] {
        let response = asked.ask().unwrap().unwrap();
        assert_eq!(response.secret.as_ref().map(Secret::expose), Some(secret));
        assert!(!format!("{response:?}").contains(secret), "it is not printed");
        let request = Request::new(asked.headers, asked.body.as_bytes());
        let first = scheme(asked.id, SETTINGS).handshake(&request).unwrap().unwrap();
        assert_eq!(
            first.secret.as_ref().map(Secret::expose),
            Some(secret),
            "before there is a key"
        );
    }
}

#[test]
fn a_handshake_that_takes_a_secret_says_so() {
    for asked in [
        post("slack", r#"{"type":"url_verification","challenge":"a"}"#),
        get("x_twitter", "/h?crc_token=a"),
    ] {
        let request = Request::new(&[], asked.body.as_bytes());
        let request = request.with_method(asked.method).with_url(asked.url);
        let error = scheme(asked.id, SETTINGS).handshake(&request).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidSecret, "{}", asked.id);
    }
}

#[test]
fn deliveries_and_lookalikes_are_no_handshakes() {
    for asked in [
        post("meta", r#"{"object":"page"}"#),
        get("meta", "/h?hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=meatyhamhock"),
        get("meta", "/h?hub.mode=subscribe&hub.verify_token=meatyhamhock"),
        Asked {
            method: "POST",
            ..get("meta", "/h?hub.mode=subscribe&hub.challenge=1&hub.verify_token=meatyhamhock")
        },
        post("notion", r#"{"data":{"verification_token":"secret_a"}}"#),
        post("notion", r#"{"verification_token":{"a":"secret_a"}}"#),
        Asked { method: "GET", ..post("notion", r#"{"verification_token":"secret_a"}"#) },
        post("xero", r#"{"events":[]}"#),
        get("dropbox", "/h?challange=a"),
        get("dropbox", "/challenge"),
        get("dropbox", "/h#?challenge=a"),
        Asked { method: "POST", ..get("dropbox", "/h?challenge=a") },
        post("asana", r#"{"events":[]}"#),
        Asked { method: "GET", ..post("asana", "").with(ASANA) },
        get("onfleet", "/h?check="),
        get("nylas", ""),
        post("smartsheet", r#"{"challenge":"d78dd1d3","webhookId":1}"#),
        get("fitbit", "/h"),
        get("linkedin", "/h?challengeCode=890e4665"),
        post("slack", r#"{"type":"event_callback","challenge":"a"}"#),
        post("slack", r#"{"event":{"type":"url_verification"},"challenge":"a"}"#),
        post("slack", "payload=%7B%22type%22%3A%22url_verification%22%7D"),
        post("zoom", r#"{"event":"meeting.started","payload":{"plainToken":"a"}}"#),
        post("twitch", r#"{"challenge":"a"}"#)
            .with(&[("twitch-eventsub-message-type", "notification")]),
        post("front", r#"{"type":"sync"}"#),
        get("trello", "/h"),
        post("trello", "{}"),
        post("mandrill", "mandrill_events=%5B%7B%22event%22%3A%22send%22%7D%5D"),
        post("mandrill", "mandrill_events=%5B%5D&mandrill_events=%5B%7B%7D%5D"),
        get("braintree", "/h?bt_challenge=20f9f8ed"),
        post("lark", r#"{"type":"event_callback","challenge":"a"}"#),
        post("lark", r#"{"encrypt":"FIAfJPGRmFZWkaxPQ1XrJZVb"}"#),
        post("discord", r#"{"type":1,"event":{"type":"APPLICATION_AUTHORIZED"}}"#),
        post("discord", r#"{"type":1,"event":null}"#),
        post("discord", r#"{"type":2}"#),
        post("ebay", r#"{"metadata":{},"challenge_code":"a"}"#),
        post("wise", "{}").with(&[("x-test-notification", "false")]),
        post(
            "aws_sns",
            r#"{"Type":"Notification","SubscribeURL":"https://sns.us-west-2.amazonaws.com/"}"#,
        ),
        post(
            "aws_sns",
            r#"{"Type":"UnsubscribeConfirmation","SubscribeURL":"https://sns.us-west-2.amazonaws.com/"}"#,
        ),
        post("monday", r#"{"challenge":"a","event":{}}"#),
        post("monday", r#"[{"challenge":"a"}]"#),
        post("adobe_sign", r#"{"event":"AGREEMENT_ALL"}"#).with(CLIENT_ID),
        get("okta", "/h").with(&[("authorization", SECRET)]),
        post("microsoft_graph", r#"{"value":[{"clientState":"a"}]}"#),
        get("microsoft_graph", "/h?validationToken=a"),
        post("x_twitter", r#"{"crc_token":"a"}"#),
    ] {
        let answer = asked.ask();
        assert!(
            matches!(answer, Ok(None)),
            "{} {} {}: {answer:?}",
            asked.id,
            asked.url,
            asked.body
        );
    }
}

/// What is not in the form that the sender writes is no handshake: it goes on to be verified, and is refused there.
#[test]
fn nothing_hostile_is_sent_back() {
    for asked in [
        get("dropbox", "/h?challenge=%3Cscript%3Ealert(1)%3C/script%3E"),
        get("dropbox", "/h?challenge=a%0d%0aSet-Cookie:%20a=b"),
        get("dropbox", "/h?challenge=%00"),
        get("dropbox", "/h?challenge=%ff%fe"),
        get("dropbox", "/h?challenge=%C3%A9"),
        get("dropbox", "/h?challenge=a&challenge=b"),
        get("onfleet", "/h?check=%3Cimg%20src=x%3E"),
        get("nylas", "/h?challenge=%1b%5b31m"),
        Asked {
            method: "POST",
            ..get("microsoft_graph", "/h?validationToken=%3Csvg/onload=alert(1)%3E")
        },
        post("asana", "").with(&[("x-hook-secret", "a\r\nset-cookie: a=b")]),
        post("asana", "").with(&[("x-hook-secret", "a b")]),
        post("asana", "").with(&[("x-hook-secret", "a"), ("X-Hook-Secret", "b")]),
        post("asana", "").with(&[("x-hook-secret", "")]),
        post("smartsheet", "").with(&[("smartsheet-hook-challenge", "a\nb")]),
        get("adobe_sign", "/h").with(&[("x-adobesign-clientid", "a\u{85}b")]),
        post("lark", r#"{"type":"url_verification","challenge":"<script>"}"#),
        post("lark", r#"{"type":"url_verification","challenge":["a"]}"#),
        post("monday", r#"{"challenge":"\u0000"}"#),
        post("notion", "{\"verification_token\":\"secret_a\\n\"}"),
    ] {
        let answer = asked.ask();
        assert!(
            matches!(answer, Ok(None)),
            "{} {} {}: {answer:?}",
            asked.id,
            asked.url,
            asked.body
        );
    }
    let long = format!("/h?challenge={}", "a".repeat(1025));
    let request = Request::new(&[], b"").with_method("GET").with_url(&long);
    assert!(webhook("dropbox").handshake(&request, NOW).unwrap().is_none());
}

/// The key signs a challenge for anybody: none may be what a delivery of the same sender signs.
#[test]
fn no_delivery_can_be_signed_by_a_challenge() {
    for asked in [
        get("x_twitter", "/h?crc_token=%7B%22for_user_id%22%3A%221%22%7D"),
        get("x_twitter", "/h?crc_token=%5B%5D"),
        get("linkedin", "/h?challengeCode=hmacsha256%3D%7B%22type%22%3A1%7D"),
        get("linkedin", "/h?challengeCode=hmacsha256=abcdef01-4dfe-4ab1-b689-e"),
        get("braintree", "/h?bt_challenge=PG5vdGlmaWNhdGlvbj48dGltZXN0YW1w"),
        get("braintree", "/h?bt_challenge=20f9f8ed05f77439fe955c977e4c8a5320"),
        post(
            "zoom",
            r#"{"event":"endpoint.url_validation","payload":{"plainToken":"v0:1777111523:{}"}}"#,
        ),
        get("ebay", "/h?challenge_code=a%0ab"),
    ] {
        let answer = asked.ask();
        assert!(
            matches!(answer, Ok(None)),
            "{} {} {}: {answer:?}",
            asked.id,
            asked.url,
            asked.body
        );
    }
}

#[test]
fn a_wrong_token_is_refused_with_the_status_that_is_expected() {
    for (asked, status) in [
        (get("meta", "/h?hub.mode=subscribe&hub.challenge=1&hub.verify_token=meatyhamhocK"), 403),
        (get("meta", "/h?hub.mode=subscribe&hub.challenge=1&hub.verify_token="), 403),
        (get("meta", "/h?hub.mode=subscribe&hub.challenge=1"), 403),
        (
            get(
                "meta",
                "/h?hub.mode=subscribe&hub.challenge=1&hub.verify_token=meatyhamhock&hub.verify_token=a",
            ),
            403,
        ),
        (get("fitbit", "/h?verify=b6f4c2"), 404),
    ] {
        let response = asked.ask().unwrap().unwrap();
        check(asked.id, &response, status, &[], "");
    }
}

#[test]
fn only_the_own_topic_is_confirmed_and_only_at_amazon() {
    let response = post("aws_sns", SNS).ask_signed().unwrap().unwrap();
    let url = "https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-west-2:123456789012:MyTopic&Token=2336412f37";
    assert_eq!(response.fetch.as_deref(), Some(url));

    let other = r#"{"Type":"SubscriptionConfirmation","TopicArn":"arn:aws:sns:us-west-2:666:Evil","SubscribeURL":"https://sns.us-west-2.amazonaws.com/"}"#;
    let response = post("aws_sns", other).ask_signed().unwrap().unwrap();
    assert_eq!((response.status, response.fetch), (403, None));

    let elsewhere = r#"{"Type":"SubscriptionConfirmation","TopicArn":"arn:aws:sns:us-west-2:123456789012:MyTopic","SubscribeURL":"https://sns.us-west-2.amazonaws.com@evil.example/"}"#;
    let error = post("aws_sns", elsewhere).ask_signed().unwrap_err();
    assert_eq!(error.code(), ErrorCode::MalformedBody);
}

#[test]
fn a_stranger_learns_nothing_of_a_token() {
    let wrong = [("x-adobesign-clientid", "not_the_client_id_1234")];
    let error = get("adobe_sign", "/h").ask_with(&wrong).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NoMatch);
    let wrong =
        [("authorization", "not_the_token_01234567"), ("x-okta-verification-challenge", "a")];
    let error = get("okta", "/h").ask_with(&wrong).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NoMatch);
}

#[test]
fn a_setting_that_was_not_given_is_named() {
    for (id, url, setting) in [
        (
            "meta",
            "/h?hub.mode=subscribe&hub.challenge=1&hub.verify_token=%7Bconfig:verify_token%7D",
            "`verify_token`",
        ),
        ("fitbit", "/h?verify=a", "`verification_code`"),
        ("braintree", "/h?bt_challenge=20f9f8ed05f77439fe955c977e4c8a53", "`public_key`"),
        ("ebay", "/h?challenge_code=a", "`verification_token`"),
    ] {
        let secret = Secret::new(if id == "braintree" { BRAINTREE_KEY } else { SECRET }).unwrap();
        let webhook = Webhook::new(scheme(id, &[]), &[secret]).unwrap();
        let request = Request::new(&[], b"").with_method("GET").with_url(url);
        let error = webhook.handshake(&request, NOW).unwrap_err();
        assert_eq!(error.code(), ErrorCode::MissingConfig, "{id}");
        assert!(error.message().contains(setting), "{error}");
        assert!(webhook.handshake(&Request::new(&[], b"{}"), NOW).unwrap().is_none());
    }
}

#[test]
fn of_several_secrets_the_one_that_signed_answers() {
    let asked = post("zoom", r#"{"event":"endpoint.url_validation","payload":{"plainToken":"a"}}"#);
    let message = Message { body: asked.body.as_bytes(), ..Message::default() };
    let signed = webhook("zoom").sign(&message, NOW).unwrap();
    let headers: Vec<_> = signed.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let request = Request::new(&headers, asked.body.as_bytes());
    let secrets = ["a newer secret", SECRET].map(|secret| Secret::new(secret).unwrap());
    let both = Webhook::new(scheme("zoom", SETTINGS), &secrets).unwrap();
    let body = |webhook: &Webhook| webhook.handshake(&request, NOW).unwrap().unwrap().body;
    assert_eq!(body(&both), body(&webhook("zoom")));
}

#[test]
fn the_headers_of_a_handshake_are_handed_over() {
    assert_eq!(
        scheme("front", &[]).headers(),
        ["x-front-challenge", "x-front-request-timestamp", "x-front-signature",]
    );
}

/// The senders that shake hands.
fn senders() -> Vec<&'static str> {
    let has_rule = |id: &&str| catalogue_row(id).unwrap().contains("\"handshake\":");
    Scheme::builtin_ids().into_iter().filter(has_rule).collect()
}

proptest::proptest! {
    /// Whatever is asked, of whatever sender: nothing panics, and what is sent back is plain.
    #[test]
    fn answers_are_plain(
        id in proptest::sample::select(senders()),
        method in "GET|POST|HEAD",
        value in r#"[a-f0-9]{20,36}|[ -~]{0,40}|\PC{0,20}|[\r\n<>"'&{}]{0,20}"#,
        json in proptest::bool::ANY,
    ) {
        let webhook = webhook(id);
        let escaped = utf8_percent_encode(&value, UNRESERVED).to_string();
        let names =
            ["hub.challenge", "challenge", "check", "verify", "bt_challenge", "challenge_code", "crc_token", "challengeCode"];
        let pairs: Vec<String> = names.iter().map(|name| format!("{name}={escaped}")).collect();
        let query = format!("/h?hub.mode=subscribe&hub.verify_token=meatyhamhock&validationToken={escaped}&{}", pairs.join("&"));
        let body = if json {
            json!({"challenge": value, "verification_token": value, "type": "url_verification"}).to_string()
        } else {
            json!({"challenge": value}).to_string()
        };
        let headers = ["x-hook-secret", "smartsheet-hook-challenge", "x-test-notification"]
            .map(|name| (name, value.as_str()));
        let request = Request::new(&headers, body.as_bytes()).with_method(&method).with_url(&query);
        if let Ok(Some(response)) = webhook.handshake(&request, NOW) {
            let echoed = response.headers.iter().map(|(_, value)| value.as_bytes());
            for bytes in echoed.chain([response.body.as_slice()]) {
                assert!(bytes.iter().all(|byte| (b' '..=b'~').contains(byte) && !b"<>".contains(byte)), "{id}");
            }
        }
    }
}

#[test]
fn mistakes_in_rules_are_named() {
    let ok = r#""respond":{"status":200}"#;
    for (rule, expected) in [
        (format!("{{{ok}}}"), "no condition"),
        (format!(r#"{{"only_key":"a",{ok},"respnd":1}}"#), "unknown field `respnd`"),
        (format!(r#"{{"method":"get",{ok}}}"#), "capitals"),
        (format!(r#"{{"match":{{"body":"a"}},{ok}}}"#), "`json:/POINTER`"),
        (format!(r#"{{"match":{{"query:a":"{{config:a}}"}},{ok}}}"#), "`compare` does"),
        (format!(r#"{{"method":"GET","compare":{{"query:a":"b"}},{ok}}}"#), "go together"),
        (
            format!(r#"{{"method":"GET","compare":{{"query:a":"b"}},"mismatch_status":200,{ok}}}"#),
            "400 to 499",
        ),
        (r#"{"only_key":"a","respond":{"status":302}}"#.to_owned(), "200 to 299"),
        (r#"{"only_key":"a","respond":{"status":204,"body":"a"}}"#.to_owned(), "none with 204"),
        (r#"{"only_key":"a","respond":{"status":200,"body":"a","json":{}}}"#.to_owned(), "one of"),
        (
            r#"{"only_key":"a","respond":{"status":200,"json":{"a":true}}}"#.to_owned(),
            "texts and numbers",
        ),
        (
            r#"{"only_key":"a","respond":{"status":200,"body":"{json:/a}"}}"#.to_owned(),
            "does not name",
        ),
        (r#"{"only_key":"a","respond":{"status":200,"body":"{b}"}}"#.to_owned(), "not in `values`"),
        (
            r#"{"only_key":"a","respond":{"status":200,"body":"{json:/a"}}"#.to_owned(),
            "without `}`",
        ),
        (
            r#"{"only_key":"a","respond":{"status":200,"headers":{"content-type":"text/html"}}}"#
                .to_owned(),
            "not for a rule to set",
        ),
        (
            r#"{"only_key":"a","respond":{"status":200,"headers":{"x-a":"b\r\nc"}}}"#.to_owned(),
            "visible ASCII",
        ),
        (format!(r#"{{"only_key":"a","secret":"json:/a",{ok}}}"#), "does not name"),
        (
            format!(r#"{{"only_key":"a","fetch":{{"url":"json:/a","hosts":["a.com"]}},{ok}}}"#),
            "what a stranger wrote",
        ),
        (
            format!(
                r#"{{"match":{{"json:/a":{{}}}},"values":{{"b":{{"hmac":"{{json:/a}}","encoding":"hex"}}}},{ok}}}"#
            ),
            "for anybody",
        ),
        (
            format!(r#"{{"only_key":"a","values":{{"b":{{"encoding":"hex"}}}},{ok}}}"#),
            "one of `hmac` and `sha256`",
        ),
        ("7".to_owned(), "a handshake rule or a list of them"),
    ] {
        let json = format!(
            r#"{{"id":"a","signature":{{"from":"header:x-a","encoding":"hex"}},"signed_content":"{{body}}","handshake":{rule}}}"#
        );
        let error = Scheme::from_json(&json).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidScheme, "{rule}");
        assert!(error.message().contains(expected), "{rule}: {error}");
    }
    let token = r#"{"id":"a","algorithm":"token","body_coverage":"none","signature":{"from":"header:x-a","encoding":"utf8"},
        "handshake":{"method":"GET","values":{"b":{"hmac":"","encoding":"hex"}},"respond":{"status":200,"body":"{b}"}}}"#;
    assert!(Scheme::from_json(token).unwrap_err().message().contains("uses `hmac`"));
}
