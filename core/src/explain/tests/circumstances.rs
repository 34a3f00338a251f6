//! The time, the URL, the method; several mistakes, and none.

use super::*;

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
            [Cause::BomAdded, Cause::SecretPadded],
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
    for (scheme, query) in [
        ("nylas", "challenge=abc"),
        ("meta", "hub.mode=subscribe&hub.verify_token=t&hub.challenge=1158201444"),
        ("x_twitter", "crc_token=abc"),
    ] {
        let case = Case { headers: Vec::new(), method: "GET".to_owned(), ..Case::of("stripe") };
        expect(
            &case
                .taken_for(scheme)
                .with_url(&format!("https://example.com/?{query}"))
                .with_body(""),
            Cause::HandshakeRequest,
        );
    }
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
