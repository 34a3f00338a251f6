//! Each mistake, made on a request that was really signed.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::prelude::*;

use super::*;
use crate::sign::Message;

const NOW: Timestamp = Timestamp::from_seconds(1_777_111_523);
const BODY: &str = r#"{"data":{"amount":1.50,"id":7,"name":"Café","url":"https://e.com/a"},"type":"invoice.paid"}"#;
const URL: &str = "https://example.com/hooks/in?a=1";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SEED: &str = "whsk_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// A request as it was received, with what the receiver knows.
#[derive(Clone, Debug)]
struct Case {
    scheme: Scheme,
    secrets: Vec<String>,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    now: Timestamp,
}

impl Case {
    fn signed(scheme: &str, secret: &str, body: &[u8], others: &[(&str, &str)]) -> Self {
        let scheme = Scheme::builtin(scheme).unwrap();
        let webhook = Webhook::new(scheme.clone(), &[Secret::new(secret).unwrap()]).unwrap();
        let message = Message {
            id: Some("msg_1"),
            event_type: Some("invoice.paid"),
            url: URL,
            body,
            headers: others,
            ..Message::default()
        };
        let mut headers = webhook.sign(&message, NOW).unwrap();
        headers
            .extend(others.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self {
            scheme,
            secrets: vec![secret.to_owned()],
            method: "POST".to_owned(),
            url: URL.to_owned(),
            headers,
            body: body.to_vec(),
            now: NOW,
        }
    }

    fn of(scheme: &str) -> Self {
        match scheme {
            "twilio" => {
                let form = b"To=%2B15550001&Body=Caf%C3%A9+now&From=%2B15550002";
                let headers = [("content-type", "application/x-www-form-urlencoded")];
                Self::signed(scheme, SECRET, form, &headers)
            }
            "discord" => Self::signed(scheme, SEED, BODY.as_bytes(), &[]),
            _ => Self::signed(scheme, SECRET, BODY.as_bytes(), &[]),
        }
    }

    fn explain(&self) -> Explanation {
        let secrets: Vec<&str> = self.secrets.iter().map(String::as_str).collect();
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request =
            Request::new(&headers, &self.body).with_method(&self.method).with_url(&self.url);
        explain(&self.scheme, &secrets, None, &request, self.now)
    }

    fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    fn with_url(mut self, url: &str) -> Self {
        self.url = url.to_owned();
        self
    }

    fn with_secret(mut self, secret: &str) -> Self {
        self.secrets = vec![secret.to_owned()];
        self
    }

    fn with_now(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// The receiver takes it for one of this scheme.
    fn taken_for(mut self, scheme: &str) -> Self {
        self.scheme = Scheme::builtin(scheme).unwrap();
        self
    }

    fn header(&mut self, name: &str) -> &mut (String, String) {
        self.headers.iter_mut().find(|(known, _)| known == name).unwrap()
    }

    fn with_value(mut self, name: &str, change: impl Fn(&str) -> String) -> Self {
        let header = self.header(name);
        header.1 = change(&header.1);
        self
    }

    fn with_names(mut self, change: impl Fn(&str) -> String) -> Self {
        self.headers.iter_mut().for_each(|(name, _)| *name = change(name));
        self
    }

    fn and_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }
}

/// The first finding is this, certain, and nothing is told that must not be.
#[track_caller]
fn expect(case: &Case, cause: Cause) -> String {
    let explanation = case.explain();
    assert!(!explanation.verified && explanation.error.is_some());
    let first = explanation.findings.first().unwrap();
    assert_eq!((first.cause, first.certain), (cause, true), "{:#?}", explanation.findings);
    check_form(&explanation, case);
    first.message.clone()
}

/// Certain findings stand first, messages are in form, and no secret, signature or body is in them.
#[track_caller]
fn check_form(explanation: &Explanation, case: &Case) {
    assert!(explanation.findings.is_sorted_by_key(|finding| !finding.certain));
    let mut hidden: Vec<String> = Vec::new();
    for secret in &case.secrets {
        let bare = secret.trim().trim_matches('"').trim_start_matches("whsec_");
        let bytes = STANDARD.decode(bare).unwrap_or_default();
        hidden.extend([
            secret.clone(),
            bare.to_owned(),
            hex::encode(&bytes),
            STANDARD.encode(bare),
            hex::encode(bare),
        ]);
        hidden.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    hidden.extend(
        case.headers
            .iter()
            .map(|(_, value)| value.clone())
            .filter(|value| value.len() > 20 && !value.contains('/')),
    );
    // `[object Object]` and the like are nobody's data.
    hidden.extend(
        Some(String::from_utf8_lossy(&case.body).into_owned()).filter(|body| body.len() > 24),
    );
    for finding in &explanation.findings {
        let message = &finding.message;
        assert!(
            !message.is_empty() && !message.ends_with('.') && !message.contains('\n'),
            "{message}"
        );
        assert_eq!(finding.hint, finding.cause.hint());
        for text in hidden.iter().filter(|text| text.len() > 8) {
            assert!(!message.contains(text.as_str()), "{message}");
        }
    }
}

const SIGNED_BODIES: [&str; 3] = ["stripe", "github", "standard_webhooks"];

#[test]
fn a_body_that_was_serialised_again_is_found() {
    let plain = BODY.replace("1.50", "1.5");
    let value: serde_json::Value = serde_json::from_str(BODY).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    for (sent, received) in [
        (BODY.replace(':', ": ").replace(',', ", ").replace(": /", ":/"), BODY.to_owned()),
        (BODY.to_owned(), plain.clone()),
        (plain.clone(), pretty.clone()),
        (pretty, plain),
        (BODY.to_owned(), BODY.replace(',', ", ")),
        (BODY.replace('é', "\\u00e9"), BODY.to_owned()),
        (BODY.replace('é', "\\u00E9"), BODY.to_owned()),
        (BODY.to_owned(), BODY.replace('é', "\\u00e9")),
        (BODY.replace('/', "\\/").replace('é', "\\u00e9"), BODY.to_owned()),
        (BODY.to_owned(), BODY.replace('/', "\\/")),
        (r#"{"a":{"c":[],"d":2},"b":1}"#.to_owned(), r#"{"b": 1,"a":{"d": 2, "c":[]}}"#.to_owned()),
        ("{\n    \"b\": 1\n}\n".to_owned(), r#"{"b":1}"#.to_owned()),
        ("{\n\t\"b\": 1\n}".to_owned(), r#"{"b":1}"#.to_owned()),
        (r#"{"b":1.0}"#.to_owned(), r#"{"b":1}"#.to_owned()),
        (r#"{"a":1,"b":20.00}"#.to_owned(), r#"{"a":1,"b":20}"#.to_owned()),
        (r#"{"a": 1, "b": 2.0}"#.to_owned(), r#"{"a":1,"b":2}"#.to_owned()),
        (r#"{"b":1}"#.to_owned(), r#"{"b":1.0}"#.to_owned()),
        ("{\"b\":\"\\u003ca\\u003e\"}\n".to_owned(), r#"{"b":"<a>"}"#.to_owned()),
        (r#"{"b":"\u0022\u00E9\u002B"}"#.to_owned(), r#"{"b":"\"é+"}"#.to_owned()),
        (r#"{"a":1}"#.to_owned(), r#"b'{"a":1}'"#.to_owned()),
    ] {
        for scheme in SIGNED_BODIES {
            let case = Case::signed(scheme, SECRET, sent.as_bytes(), &[]);
            assert!(case.explain().verified);
            expect(&case.with_body(received.as_str()), Cause::BodyReserialized);
        }
    }
}

#[test]
fn a_parsed_value_in_the_place_of_the_body_is_found() {
    for body in ["[object Object]", "{'type': 'invoice.paid'}", "undefined"] {
        expect(&Case::of("stripe").with_body(body), Cause::BodyReserialized);
    }
    expect(
        &Case::of("stripe").with_body(r#"{"a":1}"#).and_header("content-length", "6"),
        Cause::BodyReserialized,
    );
    expect(
        &Case::of("stripe").with_body(&BODY[..20]).and_header("Content-Length", "94"),
        Cause::BodyTruncated,
    );
    expect(&Case::of("stripe").with_body("").and_header("Content-Length", "94"), Cause::BodyEmpty);
    let likely = Case::of("stripe").with_body("").explain().findings;
    assert_eq!((likely[0].cause, likely[0].certain), (Cause::BodyEmpty, false));
    expect(&Case::signed("github", SECRET, b"", &[]).with_body("{}"), Cause::BodyEmpty);
}

#[test]
fn what_was_put_around_the_body_or_taken_off_is_found() {
    for scheme in SIGNED_BODIES {
        for (sent, received, cause) in [
            (BODY.to_owned(), format!("\u{feff}{BODY}"), Cause::BomAdded),
            (format!("\u{feff}{BODY}"), BODY.to_owned(), Cause::BomRemoved),
            (BODY.to_owned(), format!("{BODY}\n"), Cause::NewlineAdded),
            (BODY.to_owned(), format!("{BODY}\r\n"), Cause::NewlineAdded),
            (BODY.to_owned(), format!(" {BODY}\n\n"), Cause::NewlineAdded),
            (format!("{BODY}\n\n"), format!("{BODY}\n"), Cause::NewlineAdded),
            (format!("{BODY}\n"), BODY.to_owned(), Cause::NewlineRemoved),
            (format!("{BODY}\r\n"), BODY.to_owned(), Cause::NewlineRemoved),
            ("a\nb\nc".to_owned(), "a\r\nb\r\nc".to_owned(), Cause::LineEndings),
            ("a\r\nb\r\nc".to_owned(), "a\nb\nc".to_owned(), Cause::LineEndings),
        ] {
            // `\n\n` to `\n` is a line break taken off.
            let cause = if sent.ends_with("\n\n") { Cause::NewlineRemoved } else { cause };
            let case = Case::signed(scheme, SECRET, sent.as_bytes(), &[]);
            expect(&case.with_body(received), cause);
        }
    }
}

#[test]
fn another_character_set_is_found() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let latin1 = |text: &str| text.chars().map(|c| u8::try_from(c).unwrap()).collect::<Vec<u8>>();
    let mojibake = |text: &str| text.bytes().map(char::from).collect::<String>().into_bytes();
    let body = "{\"a\":\"Café à la crème\"}";
    for (sent, received) in [
        (body.into(), mojibake(body)),
        (body.into(), latin1(body)),
        (latin1(body), body.into()),
        (body.into(), utf16(body)),
        (body.into(), [&b"\xff\xfe"[..], &utf16(body)].concat()),
        (utf16(body), body.into()),
        ("{\"a\":\"100 €\"}".into(), b"{\"a\":\"100 \x80\"}".to_vec()),
        ("{\"a\":\"100 €\"}".into(), "{\"a\":\"100 â‚¬\"}".into()),
    ] {
        let sent: Vec<u8> = sent;
        for scheme in SIGNED_BODIES {
            expect(
                &Case::signed(scheme, SECRET, &sent, &[]).with_body(received.clone()),
                Cause::BodyCharset,
            );
        }
    }
    let lost = Case::of("stripe").with_body(BODY.replace('é', "\u{fffd}")).explain().findings;
    assert_eq!((lost[0].cause, lost[0].certain), (Cause::BodyCharset, false));
}

#[test]
fn a_body_inside_something_else_is_found() {
    use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
    let gzip =
        [b"\x1f\x8b\x08\0\0\0\0\0\0\x03", &*compress_to_vec(BODY.as_bytes(), 6), &[0; 8]].concat();
    let string = serde_json::to_string(BODY).unwrap();
    let base64 = STANDARD.encode(BODY);
    for scheme in SIGNED_BODIES {
        for (received, cause) in [
            (gzip.clone(), Cause::BodyCompressed),
            (compress_to_vec_zlib(BODY.as_bytes(), 6), Cause::BodyCompressed),
            (base64.clone().into(), Cause::BodyBase64),
            (string.clone().into(), Cause::BodyDoubleEncoded),
            (serde_json::to_string(&string).unwrap().into(), Cause::BodyDoubleEncoded),
            (format!("{{\"headers\":{{}},\"body\":{string}}}").into(), Cause::BodyWrapped),
            (
                format!("{{\"isBase64Encoded\":true,\"body\":\"{base64}\"}}").into(),
                Cause::BodyWrapped,
            ),
            (format!("{{\"body\":{BODY},\"n\":1}}").into(), Cause::BodyWrapped),
        ] {
            expect(&Case::of(scheme).with_body(received), cause);
        }
    }
    let zstd = Case::of("stripe").with_body(b"\x28\xb5\x2f\xfd\x04").explain().findings;
    assert_eq!((zstd[0].cause, zstd[0].certain), (Cause::BodyCompressed, false));
    let named =
        Case::of("stripe").with_body("{}").and_header("Content-Encoding", "br").explain().findings;
    assert_eq!((named[0].cause, named[0].certain), (Cause::BodyCompressed, false));
}

#[test]
fn a_form_that_was_parsed_is_found() {
    let form = "payload=%7B%22a%22%3A%22b+c%22%7D";
    for received in [r#"{"a":"b c"}"#, r#"payload={"a":"b c"}"#, r#"{"payload":"{\"a\":\"b c\"}"}"#]
    {
        expect(
            &Case::signed("github", SECRET, form.as_bytes(), &[]).with_body(received),
            Cause::BodyDecoded,
        );
    }
    let form = "token=a%20b&text=it's%2Fme";
    let case = Case::signed("slack", SECRET, form.as_bytes(), &[]);
    expect(&case.with_body("token=a b&text=it's/me"), Cause::BodyDecoded);
}

#[test]
fn a_secret_that_is_read_in_another_way_is_found() {
    let bare = SECRET.trim_start_matches("whsec_");
    let bytes = STANDARD.decode(bare).unwrap();
    for (scheme, secret, cause) in [
        ("stripe", bare.to_owned(), Cause::SecretPrefix),
        ("stripe", hex::encode(SECRET), Cause::SecretEncoding),
        ("stripe", STANDARD.encode(SECRET), Cause::SecretEncoding),
        ("standard_webhooks", hex::encode(&bytes), Cause::SecretEncoding),
        ("standard_webhooks", STANDARD.encode(SECRET), Cause::SecretEncoding),
        ("standard_webhooks", format!(" {SECRET}\n"), Cause::SecretPadded),
        ("standard_webhooks", format!("\"{SECRET}\""), Cause::SecretPadded),
        ("stripe", format!("{SECRET}\n"), Cause::SecretPadded),
        ("stripe", format!("'{SECRET}'"), Cause::SecretPadded),
        ("stripe", format!("STRIPE_SECRET={SECRET}"), Cause::SecretPadded),
        ("github", format!("export SECRET=\"{SECRET}\""), Cause::SecretPadded),
        ("gitlab", format!("{SECRET} "), Cause::SecretPadded),
        ("twilio", format!("{SECRET} "), Cause::SecretPadded),
        ("square", STANDARD.encode(SECRET), Cause::SecretEncoding),
    ] {
        let message = expect(&Case::of(scheme).with_secret(&secret), cause);
        assert!(message.starts_with("the secret "), "{message}");
    }
    // What a library for the same sender does that reads the secret otherwise.
    let raw = r#"{"id":"raw","signature":{"from":"header:x-sig","encoding":"hex"},"signed_content":"{body}"}"#;
    let decoded = raw.replace(
        "\"signature\"",
        r#""key":{"encoding":"base64","strip_prefix":["whsec_"]},"signature""#,
    );
    let own = |json: &str, secret: &str| {
        let scheme = Scheme::from_json(json).unwrap();
        let webhook = Webhook::new(scheme.clone(), &[Secret::new(secret).unwrap()]).unwrap();
        let message = Message { body: BODY.as_bytes(), ..Message::default() };
        Case {
            headers: webhook.sign(&message, NOW).unwrap(),
            scheme,
            ..Case::of("stripe").with_secret(secret)
        }
    };
    for (signs, reads, secret, cause) in [
        (raw, decoded.as_str(), SECRET, Cause::SecretPrefix),
        (decoded.as_str(), raw, SECRET, Cause::SecretPrefix),
        (raw, decoded.as_str(), bare, Cause::SecretEncoding),
        (decoded.as_str(), raw, bare, Cause::SecretEncoding),
    ] {
        let case = Case { scheme: Scheme::from_json(reads).unwrap(), ..own(signs, secret) };
        expect(&case, cause);
    }
    let mut two = Case::of("stripe");
    two.secrets = vec!["another secret".to_owned(), format!("{SECRET}\n")];
    assert!(expect(&two, Cause::SecretPadded).starts_with("secret 2 "));
}

#[test]
fn the_wrong_kind_of_key_is_found() {
    expect(&Case::of("discord").with_secret(SECRET), Cause::KeyKind);
    let public = "-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----";
    expect(&Case::of("stripe").with_secret(public), Cause::KeyKind);
    expect(
        &Case::of("standard_webhooks")
            .with_secret("whpk_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="),
        Cause::KeyKind,
    );
    let likely = Case::of("stripe").with_secret("whsec_of_another_endpoint").explain().findings;
    assert_eq!((likely[0].cause, likely[0].certain), (Cause::WrongSecret, false));
}

#[test]
fn another_scheme_is_named() {
    for (sent, taken_for) in [
        ("standard_webhooks", "stripe"),
        ("stripe", "standard_webhooks"),
        ("github", "standard_webhooks"),
        ("slack", "stripe"),
        ("square", "shopify"),
    ] {
        let case = Case::of(sent).taken_for(taken_for);
        let explanation = case.explain();
        let named = format!("`{sent}`");
        let others =
            explanation.findings.iter().take_while(|finding| finding.cause == Cause::OtherScheme);
        assert!(others.clone().count() >= 1, "{sent} {:#?}", explanation.findings);
        assert!(
            others.map(|finding| finding.message.as_str()).any(|text| text.contains(&named)),
            "{sent}"
        );
        check_form(&explanation, &case);
    }
    let other = r#"{"id":"other","algorithm":"hmac-sha512","signature":{"from":"header:x-hub-signature-256","encoding":"hex",
        "format":{"mode":"plain","prefix":"sha256="}},"signed_content":"{body}"}"#;
    let scheme = Scheme::from_json(other).unwrap();
    assert!(
        expect(&Case { scheme, ..Case::of("github") }, Cause::WrongAlgorithm)
            .contains("HMAC-SHA256")
    );
}

#[test]
fn a_header_under_another_name_is_found() {
    for scheme in ["standard_webhooks", "slack", "github", "discord", "square"] {
        for change in [
            |name: &str| format!("HTTP_{}", name.to_uppercase().replace('-', "_")),
            |name: &str| name.replace('-', "_"),
            |name: &str| format!("x-original-{name}"),
            |name: &str| format!("X-Amzn-Remapped-{name}"),
        ] {
            expect(&Case::of(scheme).with_names(change), Cause::HeaderRenamed);
        }
    }
    let renamed =
        Case::of("standard_webhooks").with_names(|name| name.replace("webhook", "x-acme"));
    let message = expect(&renamed, Cause::HeaderRenamed);
    assert!(message.contains("`webhook-signature` came as `x-acme-signature`"), "{message}");
    expect(&Case::of("github").with_names(|_| "x-sig".to_owned()), Cause::HeaderRenamed);
    expect(
        &Case::of("github").and_header("X-Hub-Signature-256", "sha256=00"),
        Cause::HeaderRepeated,
    );
    let joined = |value: &str| format!("sha256={}, {value}", "0".repeat(64));
    expect(&Case::of("github").with_value("x-hub-signature-256", joined), Cause::HeaderRepeated);
    for (scheme, name) in [
        ("github", "x-hub-signature-256"),
        ("standard_webhooks", "webhook-id"),
        ("slack", "x-slack-request-timestamp"),
    ] {
        let message = expect(&Case::of(scheme).without(name), Cause::HeaderMissing);
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn a_signature_that_was_rewritten_is_found() {
    let signature = |scheme: &str| match scheme {
        "github" => "x-hub-signature-256",
        "shopify" => "x-shopify-hmac-sha256",
        "slack" => "x-slack-signature",
        "square" => "x-square-hmacsha256-signature",
        "stripe" => "stripe-signature",
        _ => "webhook-signature",
    };
    type Change = fn(&str) -> String;
    let base64url: Change =
        |value| value.replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned();
    let to_hex: Change = |value| hex::encode(STANDARD.decode(value).unwrap());
    for (scheme, change, cause) in [
        (
            "github",
            (|value| value.trim_start_matches("sha256=").to_owned()) as Change,
            Cause::SignatureAltered,
        ),
        ("github", |value| value.replace("sha256=", "SHA256="), Cause::SignatureAltered),
        ("github", |value| format!("[\"{value}\"]"), Cause::SignatureAltered),
        ("github", |value| format!("b'{value}'"), Cause::SignatureAltered),
        ("github", |value| value.replace('=', "%3D"), Cause::SignatureAltered),
        ("github", |value| format!("Signature {value}"), Cause::SignatureAltered),
        ("slack", |value| value.trim_start_matches("v0=").to_owned(), Cause::SignatureAltered),
        ("shopify", |value| format!("sha256={value}"), Cause::SignatureAltered),
        (
            "shopify",
            |value| value.replace('=', "%3D").replace('+', "%2B").replace('/', "%2F"),
            Cause::SignatureAltered,
        ),
        (
            "standard_webhooks",
            |value| value.trim_start_matches("v1,").to_owned(),
            Cause::SignatureAltered,
        ),
        ("stripe", |value| format!("\"{value}\""), Cause::SignatureAltered),
        ("shopify", base64url, Cause::SignatureEncoding),
        ("square", |value| value.trim_end_matches('=').to_owned(), Cause::SignatureEncoding),
        ("shopify", to_hex, Cause::SignatureEncoding),
        ("github", |value| value[..40].to_owned(), Cause::SignatureTruncated),
        ("stripe", |value| value[..40].to_owned(), Cause::SignatureTruncated),
        ("shopify", |value| value[..30].to_owned(), Cause::SignatureTruncated),
    ] {
        let case = Case::of(scheme);
        let changed = case.clone().with_value(signature(scheme), change);
        assert_ne!(changed.headers, case.headers, "{scheme}");
        expect(&changed, cause);
    }
    // A base64 signature with a `+` in it.
    let with_plus = (0..100)
        .map(|number| {
            Case::signed("shopify", SECRET, format!("{{\"n\":{number}}}").as_bytes(), &[])
        })
        .find(|case| {
            case.headers[0].1.contains('+')
                || case
                    .headers
                    .iter()
                    .any(|(name, value)| name.contains("hmac") && value.contains('+'))
        })
        .unwrap();
    expect(
        &with_plus.with_value("x-shopify-hmac-sha256", |value| value.replace('+', " ")),
        Cause::SignatureAltered,
    );
    let lower =
        Case::of("shopify").with_value("x-shopify-hmac-sha256", str::to_ascii_lowercase).explain();
    assert_eq!(
        (lower.findings[0].cause, lower.findings[0].certain),
        (Cause::SignatureAltered, false)
    );
}

#[test]
fn a_clock_is_told_from_a_replay() {
    for scheme in ["standard_webhooks", "stripe", "slack", "discord"] {
        for (seconds, cause, told) in [
            (400, Cause::ClockOff, "400 s before now"),
            (-400, Cause::ClockOff, "400 s after now"),
            (7205, Cause::ClockOff, "2 h, as between time zones"),
            (-19_800, Cause::ClockOff, "5.5 h, as between time zones"),
            (-100_000, Cause::ClockOff, "100000 s after now"),
            (10_000, Cause::Replay, "10000 s before now"),
            (86_400, Cause::Replay, "sent again"),
            (1_000_000, Cause::Replay, "1000000 s before now"),
        ] {
            let case = Case::of(scheme).with_now(NOW.plus_millis(seconds * 1000));
            let message = expect(&case, cause);
            assert!(message.contains(told), "{message}");
        }
        let milliseconds = Case::of(scheme).with_now(Timestamp::from_seconds(NOW.as_millis()));
        assert!(expect(&milliseconds, Cause::ClockOff).contains("milliseconds"));
        let seconds = Case::of(scheme).with_now(Timestamp::from_millis(NOW.as_seconds()));
        assert!(expect(&seconds, Cause::ClockOff).contains("1970"));
    }
    // The clock, besides another mistake.
    let case = Case::of("stripe").with_body(format!("{BODY}\n")).with_now(NOW.plus_millis(600_000));
    expect(&case, Cause::NewlineAdded);
    assert_eq!(case.explain().findings[1].cause, Cause::ClockOff);
}

#[test]
fn another_unit_of_the_timestamp_is_found() {
    let scheme = |unit: &str| {
        format!(
            r#"{{"id":"own","signature":{{"from":"header:x-sig","encoding":"hex"}},"signed_content":"{{timestamp}}.{{body}}",
               "timestamp":{{"from":"header:x-time","unit":"{unit}"}}}}"#
        )
    };
    for (signs, reads) in
        [("ms", "s"), ("s", "ms"), ("iso8601", "s"), ("s", "iso8601"), ("http-date", "ms")]
    {
        let signing = Scheme::from_json(&scheme(signs)).unwrap();
        let webhook = Webhook::new(signing, &[Secret::new(SECRET).unwrap()]).unwrap();
        let headers =
            webhook.sign(&Message { body: BODY.as_bytes(), ..Message::default() }, NOW).unwrap();
        let case = Case {
            scheme: Scheme::from_json(&scheme(reads)).unwrap(),
            headers,
            ..Case::of("stripe")
        };
        expect(&case, Cause::TimestampUnit);
    }
    let converted =
        Case::of("slack").with_value("x-slack-request-timestamp", |value| format!("{value}000"));
    expect(&converted, Cause::TimestampUnit);
    let missing = Case::of("standard_webhooks").without("webhook-timestamp");
    expect(&missing, Cause::HeaderMissing);
}

#[test]
fn a_wrong_url_or_method_is_found() {
    for scheme in ["square", "twilio"] {
        for (given, headers) in [
            ("http://example.com/hooks/in?a=1", &[][..]),
            ("https://example.com:8443/hooks/in?a=1", &[]),
            ("https://example.com/hooks/in/?a=1", &[]),
            (
                "http://10.0.0.7:3000/hooks/in?a=1",
                &[("x-forwarded-host", "example.com"), ("x-forwarded-proto", "https")],
            ),
            (
                "http://10.0.0.7:3000/hooks/in?a=1",
                &[("forwarded", "for=1.2.3.4;host=\"example.com\";proto=https")],
            ),
            ("http://localhost/hooks/in?a=1", &[("host", "example.com")]),
            ("/hooks/in?a=1", &[("host", "example.com")]),
            ("https://example.com/in?a=1", &[("x-forwarded-prefix", "/hooks")]),
            ("https://example.com/x", &[("x-original-uri", "/hooks/in?a=1")]),
            ("", &[("host", "example.com"), ("x-original-uri", "/hooks/in?a=1")]),
        ] {
            if scheme == "twilio" && given.contains(":8443") {
                continue; // its scheme tries the port itself
            }
            let mut case = Case::of(scheme).with_url(given);
            for (name, value) in headers {
                case = case.and_header(name, value);
            }
            expect(&case, Cause::WrongUrl);
        }
        let other = Case::of(scheme).with_url("https://other.example.com/x").explain();
        assert_eq!((other.findings[0].cause, other.findings[0].certain), (Cause::WrongUrl, false));
    }
    let message =
        expect(&Case::of("square").with_url("http://example.com/hooks/in?a=1"), Cause::WrongUrl);
    assert_eq!(message, "the URL that was signed differs: it begins with `https://`");
    expect(&Case::of("square").with_url(""), Cause::WrongUrl);
    let own = r#"{"id":"own","signature":{"from":"header:x-sig","encoding":"hex"},"signed_content":"{method}{body}"}"#;
    let scheme = Scheme::from_json(own).unwrap();
    let webhook = Webhook::new(scheme.clone(), &[Secret::new(SECRET).unwrap()]).unwrap();
    let headers =
        webhook.sign(&Message { body: BODY.as_bytes(), ..Message::default() }, NOW).unwrap();
    let case = Case { scheme, headers, method: "PUT".to_owned(), ..Case::of("stripe") };
    expect(&case, Cause::WrongMethod);
}

#[test]
fn two_mistakes_are_both_found() {
    for (case, causes) in [
        (
            Case::of("stripe")
                .with_secret(&format!("{SECRET}\n"))
                .with_body(format!("\u{feff}{BODY}")),
            [Cause::SecretPadded, Cause::BomAdded],
        ),
        (
            Case::of("github")
                .with_names(str::to_uppercase)
                .with_names(|name| format!("HTTP_{name}"))
                .with_body(BODY.replace(',', ", ")),
            [Cause::HeaderRenamed, Cause::BodyReserialized],
        ),
        (
            Case::of("square")
                .with_url("http://example.com/hooks/in?a=1")
                .with_body(format!("{BODY}\n")),
            [Cause::NewlineAdded, Cause::WrongUrl],
        ),
    ] {
        expect(&case, causes[0]);
        let found: Vec<Cause> =
            case.explain().findings.iter().map(|finding| finding.cause).collect();
        assert_eq!(found, causes);
    }
}

#[test]
fn a_handshake_is_told_from_a_delivery() {
    let case = Case { headers: Vec::new(), ..Case::of("stripe") }.taken_for("meta").with_url(
        "https://example.com/?hub.mode=subscribe&hub.verify_token=t&hub.challenge=1158201444",
    );
    let case = Case { method: "GET".to_owned(), ..case }.with_body("");
    let explanation = case.explain();
    assert!(explanation.findings.iter().any(|finding| finding.cause == Cause::HeaderMissing));
}

#[test]
fn a_request_that_verifies_gets_advice() {
    let causes = |case: &Case| {
        let explanation = case.explain();
        assert!(explanation.verified && explanation.error.is_none());
        explanation.findings.iter().map(|finding| finding.cause).collect::<Vec<_>>()
    };
    assert_eq!(causes(&Case::of("standard_webhooks")), []);
    assert_eq!(causes(&Case::of("github")), [Cause::NoReplayProtection]);
    assert_eq!(causes(&Case::of("gitlab")), [Cause::BodyNotCovered, Cause::NoReplayProtection]);
    let mut two = Case::of("stripe");
    two.secrets.insert(0, "whsec_the_new_one".to_owned());
    assert_eq!(causes(&two), [Cause::OldSecret]);
}
