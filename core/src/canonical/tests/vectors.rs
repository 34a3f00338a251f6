//! Every canonical form against the vector of its provider's row, and against texts that other programs computed.
//!
//! Sources: the vectors are those of the providers' pages and libraries; what is not published was computed with the
//! library itself (named at the test) or with Python's `hmac`, never with this crate. Signatures by public keys (SNS,
//! TrueLayer, Keygen) were verified with Python's `cryptography` over the texts that stand here.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::canonical::*;
use crate::error::ErrorCode;
use crate::request::Request;
use form::Form;
use json::Pointer;
use url::Url;

const CAFE: &str = r#"{"id":"evt_123","type":"test.event","data":{"name":"café ✓","n":1}}"#;

fn hmac_sha1(key: &[u8], content: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).unwrap();
    mac.update(content);
    mac.finalize().into_bytes().to_vec()
}

fn hmac_sha256(key: &[u8], content: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(content);
    mac.finalize().into_bytes().to_vec()
}

const URLENCODED: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[test]
fn twilio_and_mandrill() {
    for (secret, url, body, signature) in [
        (
            "12345",
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212",
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        ),
        (
            "test-webhook-key",
            "https://example.com/mandrill",
            "mandrill_events=%5B%7B%22event%22%3A%22send%22%7D%5D",
            "xVaFFgmTLuwpzIbaGM7diz22/pU=",
        ),
        // npm `twilio` 6.2.0, `getExpectedTwilioSignature`: {b: ["2", "10", "2"], a: "é", B: "", aa: "1"}.
        (
            "12345",
            "https://e.com/x?y=1",
            "b=2&b=10&a=%C3%A9&b=2&B=&aa=1",
            "CH2z0ROENIQToy0wxo9B70GRd60=",
        ),
    ] {
        let headers = [URLENCODED];
        let request = Request::new(&headers, body.as_bytes()).with_url(url);
        let forms = Url::of(&request).unwrap().twilio_forms().unwrap();
        let params = Form::of(&request).unwrap().sorted_params();
        let content = format!("{}{params}", forms[0]);
        assert_eq!(STANDARD.encode(hmac_sha1(secret.as_bytes(), content.as_bytes())), signature);
    }
}

#[test]
fn twilio_json() {
    let url = "https://mycompany.com/myapp.php?foo=1&bar=2&\
               bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
    let url = Url::parse(url).unwrap();
    let written = url.query_value("bodySHA256").unwrap().unwrap();
    assert_eq!(digest::sha256_hex(br#"{"property": "value", "boolean": true}"#), written);
    let signature = STANDARD.encode(hmac_sha1(b"12345", url.text().as_bytes()));
    assert_eq!(signature, "a9nBmqA0ju/hNViExpshrM61xv4=");
}

#[test]
fn messagebird_legacy() {
    let sign = |key: &str, query: &str, body: &[u8]| {
        let content = [b"1547198231\n", query.as_bytes(), b"\n", &digest::sha256(body)].concat();
        STANDARD.encode(hmac_sha256(key.as_bytes(), &content))
    };
    let url = "https://example.com/status?recipient=31612345678&reference=FOO&\
               statusDatetime=2019-01-11T09%3A17%3A11%2B00%3A00&id=eef0ab57a9e049be946f3821568c2b2e&\
               status=delivered&mccmnc=20408&ported=1";
    let queries = Url::parse(url).unwrap().messagebird_queries().unwrap();
    let signature = sign("PlLrKaqvZNRR5zAjm42ZT6q1SQxgbbGd", &queries[0], br#"{"foo":"bar"}"#);
    assert_eq!(signature, "2bl+38H4oHVg03pC3bk2LvCB0IHFgfC4cL5HPQ0LdmI=");
    // npm `messagebird` 4.0.1, `signature.generate`.
    let url = "https://e.com/?b=it's+me!~*&a=%C3%A9&statusDatetime=2019-01-11T09:17:11+00:00&b2";
    let queries = Url::parse(url).unwrap().messagebird_queries().unwrap();
    let signature = sign("key", &queries[1], b"{}");
    assert_eq!(signature, "l1VHrRSZQJKjIkjzDhllj5ULfN7UK9GgxYHphE0Zh4Y=");
}

#[test]
fn contentful() {
    let secret = "a".repeat(64);
    let sign = |request: &Request<'_>| {
        let canonical = contentful::canonical_request(request).unwrap();
        hex::encode(hmac_sha256(secret.as_bytes(), &canonical))
    };
    let headers = [
        ("x-contentful-topic", "ContentManagement.Entry.publish"),
        (
            "x-contentful-signed-headers",
            "x-contentful-signed-headers,x-contentful-timestamp,x-contentful-topic",
        ),
        ("x-contentful-timestamp", "1700000000000"),
    ];
    let request = Request::new(&headers, CAFE.as_bytes());
    assert_eq!(
        sign(&request.with_url("https://example.com/api/webhooks?q=1&w=2")),
        "aa4017e26f38c2207cdecb4e6266dce4bb0b2d8687ceb7f4322fd977b1c25b08"
    );
    // npm `@contentful/node-apps-toolkit` 3.16.1, `signRequest`.
    let headers = [
        ("X-Contentful-Timestamp", "1700000000000"),
        (
            "X-Contentful-Signed-Headers",
            "a-header,x-contentful-crn,x-contentful-signed-headers,x-contentful-timestamp,x-contentful-topic",
        ),
        ("X-Contentful-Topic", " ContentManagement.Entry.publish "),
        ("x-contentful-crn", "crn:1"),
        ("a-header", "1"),
        ("b-header", "not signed"),
    ];
    let request = Request::new(&headers, "{\"é\":1}".as_bytes()).with_method("PUT");
    assert_eq!(
        sign(&request.with_url("https://example.com/a+b%20é/;x?q=1+2&w=%26'é&z=a=b")),
        "29864d3c9dd22288c8e0d074a491fd713ccc5a3367dda12eba00275a547f7e76"
    );
}

#[test]
fn contentful_signs_all_or_nothing() {
    let code = |list: &str, url: &str| {
        let headers = [("x-contentful-signed-headers", list), ("x-contentful-timestamp", "1")];
        let request = Request::new(&headers, b"").with_url(url);
        contentful::canonical_request(&request).unwrap_err().code()
    };
    let both = "x-contentful-signed-headers,x-contentful-timestamp";
    let url = "https://example.com/a";
    assert_eq!(code("x-contentful-timestamp", url), ErrorCode::MalformedHeader);
    assert_eq!(code("x-contentful-signed-headers", url), ErrorCode::MalformedHeader);
    assert_eq!(code(&format!("{both},x-absent"), url), ErrorCode::MissingHeader);
    assert_eq!(code(both, "https://example.com/a?b=1?c=2"), ErrorCode::MalformedUrl);
    assert_eq!(code(both, ""), ErrorCode::MissingUrl);
}

#[test]
fn plivo() {
    let headers = [URLENCODED];
    let body = "From=%2B15551111111&To=%2B15555555555&CallUuid=4vbcpem8-0u46-x1ha-9af1-438vc92bf374&Digits=1234";
    let request =
        Request::new(&headers, body.as_bytes()).with_url("https://example.com/abcd?foo=bar");
    let content = format!("{}.kjsdhfsd87sd7yisud2", plivo::v3(&request).unwrap());
    let signature = STANDARD.encode(hmac_sha256(b"plivo-auth-token", content.as_bytes()));
    assert_eq!(signature, "gEBJyC5vb188tIMS6MIoFdN/yJV12LrtnzGTZ5Rr52w=");
    let version_2 = Url::parse("https://example.com/sms?x=1").unwrap();
    let content = format!("{}12345", version_2.without_query());
    let signature = STANDARD.encode(hmac_sha256(b"plivo-auth-token", content.as_bytes()));
    assert_eq!(signature, "uuLZFo2qakpDo8aO13GZlIZuq/ciIykVAnSG3eYMrMI=");
    // npm `plivo` 4.79.0, what `validateV3Signature` signs.
    for (method, url, body, content) in [
        (
            "POST",
            "https://example.com/a%20b/?b=2&a=x%20y&b=1&c",
            "To=%2B1&B=2&B=1&B=2&A=",
            "https://example.com/a%20b/?a=x y&b=1&b=2&c=.AB1B2B2To+1",
        ),
        ("POST", "https://example.com", "To=1", "https://example.com?To1"),
        ("POST", "https://example.com:8443/x", "", "https://example.com:8443/x"),
        ("GET", "https://example.com/x?z=1&y=%2B", "", "https://example.com/x?y=+&z=1"),
    ] {
        let request = Request::new(&headers, body.as_bytes()).with_method(method).with_url(url);
        assert_eq!(plivo::v3(&request).unwrap(), content);
    }
    let get = Request::new(&headers, b"a=1").with_method("GET").with_url("https://example.com");
    assert_eq!(plivo::v3(&get).unwrap_err().code(), ErrorCode::MalformedBody);
}

#[test]
fn jira() {
    // npm `atlassian-jwt` 2.0.3, `createQueryStringHash`.
    for (method, url, base_path, hash) in [
        (
            "post",
            "https://a.example/app/hook/?b=2&a=x+y&a=10&jwt=e&A=*~!'()",
            "/app",
            "c927107fdabf6e09065cec0f6ad415f1020a60d931d0abadcdd648f8d4e379c0",
        ),
        (
            "GET",
            "https://a.example/",
            "",
            "c88caad15a1c1a900b8ac08aa9686f4e8184539bea1deda36e2f649430df3239",
        ),
        (
            "GET",
            "https://a.example/x&y?%C3%BC=%2F",
            "",
            "7e878e596bb8e7f5a781b128007749b1af7543dd228fa7e0a0c75bb0e00fcde5",
        ),
    ] {
        let request = Request::new(&[], b"").with_method(method).with_url(url);
        assert_eq!(qsh::query_string_hash(&request, base_path).unwrap(), hash);
    }
}

#[test]
fn dropbox_sign() {
    let fields = r#"{"event":{"event_time":"1700000000","event_type":"signature_request_signed","event_hash":"3cbb03ca75cdf51494eceaefe5f2840b086c25a31e72f38cbaa26bbdbe27e211"}}"#;
    let urlencoded = "json=%7B%22event%22%3A%7B%22event_time%22%3A%221700000000%22%2C%22event_type%22%3A%22signature_request_signed%22%2C%22event_hash%22%3A%223cbb03ca75cdf51494eceaefe5f2840b086c25a31e72f38cbaa26bbdbe27e211%22%7D%7D";
    let multipart = format!(
        "--sign\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n{fields}\r\n--sign--\r\n"
    );
    for (content_type, body) in
        [(URLENCODED.1, urlencoded), ("multipart/form-data; boundary=sign", multipart.as_str())]
    {
        let headers = [("Content-Type", content_type)];
        let form = Form::of(&Request::new(&headers, body.as_bytes())).unwrap();
        let json = form.value("json").unwrap().unwrap();
        let text = |pointer: &str| {
            Pointer::parse(pointer).unwrap().text(json.as_bytes()).unwrap().unwrap().into_owned()
        };
        let content = text("/event/event_time") + &text("/event/event_type");
        let signature = hex::encode(hmac_sha256(b"hellosign_api_key", content.as_bytes()));
        assert_eq!(signature, text("/event/event_hash"));
    }
}

#[test]
fn braintree() {
    let body = "bt_signature=other_public_key%7C0000000000000000000000000000000000000000%26integration_public_key%7C38a0df23a819abd2b372a4c85e53805b860816c2&bt_payload=PG5vdGlmaWNhdGlvbj48dGltZXN0YW1wIHR5cGU9ImRhdGV0aW1lIj4yMDIzLTExLTE0VDIyOjEzOjIwWjwvdGltZXN0YW1wPjxraW5kPmNoZWNrPC9raW5kPjxzdWJqZWN0PjxjaGVjayB0eXBlPSJib29sZWFuIj50cnVlPC9jaGVjaz48L3N1YmplY3Q%2BPC9ub3RpZmljYXRpb24%2B%0A";
    let headers = [URLENCODED];
    let form = Form::of(&Request::new(&headers, body.as_bytes())).unwrap();
    let payload = form.value("bt_payload").unwrap().unwrap();
    assert!(payload.ends_with('\n'));
    let key = key_material::Derivation::Sha1.apply(b"integration_private_key");
    let signature = hex::encode(hmac_sha1(&key, payload.as_bytes()));
    let written = form.value("bt_signature").unwrap().unwrap();
    assert!(written.ends_with(&format!("&integration_public_key|{signature}")));
}

#[test]
fn trustpay() {
    let body = r#"{"PaymentInformation":{"CreditDebitIndicator":"CRDT","Status":"Paid","References":{"EndToEndId":"tx1"}},"Signature":"996290289f116ae99044785a9a4c20e09fb317761fd4bdf83509e8afd66d165f"}"#;
    let content = sorted_values::sorted_json_values(body.as_bytes(), "Signature").unwrap();
    let signature = hex::encode(hmac_sha256(b"trustpay_secret", content.as_bytes()));
    let written = Pointer::parse("/Signature").unwrap().text(body.as_bytes()).unwrap();
    assert_eq!(written.as_deref(), Some(signature.as_str()));
}

#[test]
fn sorted_values_are_written_as_the_sender_does() {
    let sorted = |json: &str| sorted_values::sorted_json_values(json.as_bytes(), "S");
    let json = r#"{"b":[true,null,{"S":"kept"}],"S":"left out","a":1,"c":-1.005,"d":12.345,"e":"é\n","f":1e3,"g":""}"#;
    assert_eq!(sorted(json).unwrap(), "/-1.00/1.00/1000.00/12.35/kept/null/true/é\n");
    let many = format!("{{\"a\":[{}0]}}", "0,".repeat(10_000));
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
    for json in ["", "[]", "1", "{} x", r#"{"S":1,"\u0053":2}"#, &many, &deep] {
        assert_eq!(sorted(json).unwrap_err().code(), ErrorCode::MalformedBody);
    }
}

#[test]
fn unisender_go() {
    let body = r#"{"auth":"96dddca05352d49f99986c1b571df70a","events_by_user":[{"user_id":1,"events":[{"event_name":"transactional_email_status","event_data":{"status":"sent"}}]}]}"#;
    let pointer = Pointer::parse("/auth").unwrap();
    let at = pointer.string_at(body.as_bytes()).unwrap().unwrap();
    let content = [at.before, b"unisender_api_key", at.after].concat();
    let signature = hex::encode(Md5::digest(content));
    assert_eq!(signature, at.value);
    let placeholder = pointer.replace(body.as_bytes(), "").unwrap();
    assert_eq!(pointer.replace(&placeholder, &signature).unwrap(), body.as_bytes());
}

#[test]
fn keygen() {
    let headers = [
        ("date", "Tue, 14 Nov 2023 22:13:20 GMT"),
        (
            "keygen-signature",
            "keyid=\"acct\",algorithm=\"ed25519\",signature=\"Zdo/gmiktnrJToNow+Z6AMg9sQtp/WC7QBeWTV3BHG4eGfJdPQ8FW83t7ZHV3iFHLY0RE1uPOXX1hvdz+YJJBA==\",headers=\"(request-target) host date digest\"",
        ),
    ];
    let request =
        Request::new(&headers, CAFE.as_bytes()).with_url("https://example.com/keygen?x=1");
    let signature = cavage::HttpSignature::parse(headers[1].1).unwrap();
    assert_eq!((signature.key_id, signature.algorithm), (Some("acct"), Some("ed25519")));
    assert_eq!(
        signature.signing_string(&request).unwrap(),
        "(request-target): post /keygen?x=1\nhost: example.com\ndate: Tue, 14 Nov 2023 22:13:20 GMT\n\
         digest: sha-256=IYtpQeDSAjvshRUXenGt0xdY+PFwd7vvy8AXhHfRp/o="
    );
}

#[test]
fn hook0() {
    let headers = [("x-event-id", "evt-1"), ("x-delivery-id", "dlv-1")];
    let body = r#"{"event":"user.created"}"#;
    let request = Request::new(&headers, body.as_bytes());
    for (list, signature) in [
        (
            "x-event-id x-delivery-id",
            "19a6fb8f6581715b241a93af02a58611c3b0ac7b747a8d2a5b120ee418d0c347",
        ),
        (
            "x-delivery-id x-event-id",
            "bf5f4e5fe0c9143510ae192f983316a09ed392d0104d2ce0faa3d7bce3687acb",
        ),
    ] {
        let values = signed_headers::joined_values(&request, list).unwrap();
        let content = format!("1800000000.{list}.{values}.{body}");
        assert_eq!(
            hex::encode(hmac_sha256(b"a-subscription-secret", content.as_bytes())),
            signature
        );
    }
}

const SNS_NOTIFICATION: &str = r#"{"Type":"Notification","MessageId":"da41e39f-ea4d-435a-b922-c6aae3915ebe","TopicArn":"arn:aws:sns:us-west-2:123456789012:MyTopic","Subject":"test","Message":"test message","Timestamp":"2023-11-14T22:13:20.000Z","SignatureVersion":"2","Signature":"ceFzpEc/z6tpILJQki7rfxuaTiwIfpk9u2tQMGdB2nUB0ahaUqQsm9+f1k60peXMoZGIrVRMpD3RxVDCiV7Op8MfgGSn+RDwEjfaU2MnJaySYSVfgfLplq0TBmrYHK7fEY4b/kRVKRq7o6MUHhFOPPDuaoi4nZalpXq7XHvX2mNgjCPrz4l31RXq6f+w7OW3+KI+pgyYOp7N6YoAEE3mx21wHC7kCVkVILJIFM+Raly30ittlk29mF2tWHhJOTDC7FgQkq/qwAOa7BF8J95GcRcQO4Dtbor00+6FP4Meknir/lTvsyAGIxM2+5ZMLBLfRj5HLrpW4HKeEhSvjmlwcw==","SigningCertURL":"https://sns.us-west-2.amazonaws.com/SimpleNotificationService-test.pem"}"#;

#[test]
fn sns_notification() {
    assert_eq!(
        sns::canonical_message(SNS_NOTIFICATION.as_bytes()).unwrap(),
        "Message\ntest message\nMessageId\nda41e39f-ea4d-435a-b922-c6aae3915ebe\nSubject\ntest\n\
         Timestamp\n2023-11-14T22:13:20.000Z\nTopicArn\narn:aws:sns:us-west-2:123456789012:MyTopic\n\
         Type\nNotification\n"
    );
    let without =
        SNS_NOTIFICATION.replace("\"Subject\":\"test\"", "\"Subject\":null,\"Token\":\"t\"");
    let canonical = sns::canonical_message(without.as_bytes()).unwrap();
    assert!(!canonical.contains("Subject") && !canonical.contains("Token"));
}

#[test]
fn sns_confirmations() {
    for kind in ["SubscriptionConfirmation", "UnsubscribeConfirmation"] {
        let message = format!(
            r#"{{"Type":"{kind}","MessageId":"id","Token":"t","TopicArn":"arn","Message":"m\nn","SubscribeURL":"https://s","Timestamp":"now","x":[1]}}"#
        );
        assert_eq!(
            sns::canonical_message(message.as_bytes()).unwrap(),
            format!(
                "Message\nm\nn\nMessageId\nid\nSubscribeURL\nhttps://s\nTimestamp\nnow\nToken\nt\nTopicArn\narn\nType\n{kind}\n"
            )
        );
        for cut in ["\"Token\":\"t\",", "\"SubscribeURL\":\"https://s\",", "\"MessageId\":\"id\","]
        {
            let error = sns::canonical_message(message.replace(cut, "").as_bytes()).unwrap_err();
            assert_eq!(error.code(), ErrorCode::MalformedBody);
        }
    }
}

#[test]
fn sns_messages_that_are_none() {
    for (from, to) in [
        ("\"Type\":\"Notification\",", ""),
        ("\"Notification\"", "\"notification\""),
        ("\"Notification\"", "7"),
        ("\"Subject\":", "\"Type\":\"Notification\",\"Subject\":"),
        ("\"Subject\":\"test\"", "\"Subject\":null,\"\\u0053ubject\":\"x\""),
        ("\"TopicArn\"", "\"Topic\""),
        ("}", "}{"),
    ] {
        let body = SNS_NOTIFICATION.replace(from, to);
        let error = sns::canonical_message(body.as_bytes()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::MalformedBody, "{body}");
    }
    assert!(sns::canonical_message(b"[]").is_err());
}

#[test]
fn truelayer() {
    let protected = "eyJhbGciOiJFUzUxMiIsImtpZCI6IjQ1ZmM3NWNmLTU2NDktNDEzNC04NGIzLTE5MmMyYzc4ZTk5MCIsInRsX3ZlcnNpb24iOiIyIiwidGxfaGVhZGVycyI6IlgtVGwtV2ViaG9vay1UaW1lc3RhbXAifQ";
    let signature = format!("{protected}..AXOq");
    let jws = truelayer::DetachedJws::parse(&signature).unwrap();
    assert_eq!((jws.algorithm.as_str(), jws.signature), ("ES512", "AXOq"));
    assert_eq!(jws.key_id.as_deref(), Some("45fc75cf-5649-4134-84b3-192c2c78e990"));
    assert_eq!(jws.key_set_url, None);
    let headers = [("x-tl-webhook-timestamp", "2023-11-14T22:13:20Z")];
    let url = "https://example.com/webhooks/truelayer";
    let request = Request::new(&headers, CAFE.as_bytes()).with_url(url);
    let [input, slashed] = jws.signing_inputs(&request).unwrap();
    assert_eq!(
        hex::encode(Sha256::digest(&input)),
        "f3103ca52772391acd64d6bb3ed84f34063365dae1fc7502f1b055dabbdc2b84"
    );
    let with_slash = format!("{url}/");
    assert_eq!(jws.signing_inputs(&request.with_url(&with_slash)).unwrap(), [slashed, input]);
    let bare = Request::new(&[], b"").with_url(url);
    assert_eq!(jws.signing_inputs(&bare).unwrap_err().code(), ErrorCode::MissingHeader);
    // The middle is filled, a part is missing, not JSON, no header at all.
    for text in ["e30.e30.e30", "e30.e30", "!..e30", "..e30", "e30..e30", "", "e30..a.b"] {
        let error = truelayer::DetachedJws::parse(text).unwrap_err();
        assert_eq!(error.code(), ErrorCode::MalformedHeader, "{text}");
    }
    // {"alg":"ES512","tl_version":"1"}
    let old = truelayer::DetachedJws::parse("eyJhbGciOiJFUzUxMiIsInRsX3ZlcnNpb24iOiIxIn0..AXOq");
    assert_eq!(old.unwrap_err().code(), ErrorCode::UnsupportedSignature);
}
