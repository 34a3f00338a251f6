use super::*;
use crate::{EventType, Timestamp};

/// The bodies on the vendors' pages (yativo's and naive's pages show members, not a whole body).
const EXAMPLES: [(EnvelopeKind, &str, &str); 4] = [
    (
        EnvelopeKind::Ainative,
        r#"{"event_type":"agent.task.complete","occurred_at":"2026-04-25T10:05:23Z","data":{"task_id":"f47ac10b-58cc-4372-a567-0e02b2c3d479","status":"completed","agent_types":["backend","qa"],"owner_id":"user-uuid"}}"#,
        "user-uuid",
    ),
    (
        EnvelopeKind::Nativemsg,
        r#"{"event":"message.received","timestamp":"2025-10-08T18:15:00Z","bot_id":"12345","user":{"id":"67890","phone":"+15555550123"},"message":{"type":"text","content":"Hi, I need help!"}}"#,
        "12345",
    ),
    (
        EnvelopeKind::Naive,
        r#"{"event":"approval.resolved","data":{"approval_id":"apr_1","status":"approved","tenant_user_id":"user_1"},"ts":1777111523250}"#,
        "user_1",
    ),
    (
        EnvelopeKind::Yativo,
        r#"{"id":"evt_01","type":"deposit.confirmed","created_at":"2026-04-25T10:05:23Z","data":{"amount":12345678901234567890.10}}"#,
        "",
    ),
];

fn event(tenant: Option<&str>, data: &str) -> Event {
    Event {
        id: "evt_1".to_owned(),
        event_type: EventType::parse("a.b").unwrap(),
        time: Timestamp::from_millis(1_777_111_523_250),
        tenant: tenant.map(str::to_owned),
        data: serde_json::from_str(data).unwrap(),
    }
}

fn encode(kind: EnvelopeKind, event: &Event) -> Result<String, ErrorCode> {
    kind.encode(event).map(|body| String::from_utf8(body).unwrap()).map_err(|error| error.code())
}

#[test]
fn the_vendors_examples_survive_both_ways() {
    for (kind, body, tenant) in EXAMPLES {
        let event = kind.decode(body.as_bytes(), "evt_01").unwrap();
        assert_eq!(event.tenant.as_deref().unwrap_or_default(), tenant);
        assert_eq!(event.id, "evt_01");
        assert_eq!(encode(kind, &event).as_deref(), Ok(body));
    }
}

#[test]
fn the_page_of_nativemsg_with_its_signature_is_read() {
    let page = br#"{
  "event": "message.received", "timestamp": "2025-10-08T18:15:00Z", "bot_id": "12345",
  "user": { "id": "67890", "phone": "+15555550123" },
  "message": { "type": "text", "content": "Hi, I need help!" },
  "signature": "sha256=ab4f123456789cde"
}"#;
    let envelope: NativemsgEnvelope = serde_json::from_slice(page).unwrap();
    assert_eq!(envelope.signature.as_deref(), Some("sha256=ab4f123456789cde"));
    assert_eq!(
        envelope.fields.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ["user", "message"]
    );
}

#[test]
fn unknown_members_are_kept() {
    let body =
        r#"{"event":"a.b","data":{"tenant_user_id":null},"ts":1,"attempt":{"n":2},"x":1e400}"#;
    let envelope: NaiveEnvelope = serde_json::from_str(body).unwrap();
    assert_eq!(serde_json::to_string(&envelope).unwrap(), body);
}

#[test]
fn numbers_keep_every_digit() {
    let object = Object::parse(
        br#"{"n":12345678901234567890.10,"s":"-1.250000","e":1e400,"t":"1 ","w":"01","x":"a","q":"\"1\"","b":true}"#,
    )
    .unwrap();
    let number = |name| object.get_number(name);
    assert_eq!(number("n").as_deref(), Some("12345678901234567890.10"));
    assert_eq!(number("s").as_deref(), Some("-1.250000"));
    assert_eq!(number("e").as_deref(), Some("1e400"));
    for none in ["t", "w", "x", "q", "b", "absent"] {
        assert_eq!(number(none), None, "{none}");
    }
}

#[test]
fn typed_data_names_the_member_that_is_wrong() {
    let typed = |body: &str| {
        let envelope: NativemsgEnvelope = serde_json::from_str(body).unwrap();
        envelope.typed().map(|typed| typed.event_type().to_owned())
    };
    let body = |user: &str| {
        format!(
            r#"{{"event":"user.created","timestamp":"2025-10-08T18:15:00Z","bot_id":null,"user":{user}}}"#
        )
    };
    assert_eq!(typed(&body(r#"{"id":"1"}"#)).as_deref(), Ok("user.created"));
    for (user, message) in [
        ("{}", "member `user`: member `id` is missing"),
        ("7", "member `user`: invalid type: integer `7`, expected an object"),
    ] {
        assert_eq!(typed(&body(user)).unwrap_err().message(), message);
    }
}

#[test]
fn data_that_repeats_a_member_is_not_written() {
    let extra = Object::parse(br#"{"owner_id":"b"}"#).unwrap();
    let event = AinativeEvent::MemoryStored(MemoryStored { owner_id: Some("a".to_owned()), extra });
    assert_eq!(event.data().unwrap_err().code(), ErrorCode::InvalidPayload);
}

#[test]
fn tenants_stand_where_the_system_has_them() {
    let of = |kind, tenant, data| encode(kind, &event(tenant, data));
    let naive = |data: &str| Ok(format!(r#"{{"event":"a.b","data":{data},"ts":1777111523250}}"#));
    assert_eq!(of(EnvelopeKind::Naive, None, "{}"), naive(r#"{"tenant_user_id":null}"#));
    assert_eq!(
        of(EnvelopeKind::Naive, Some("t"), r#"{"n":1}"#),
        naive(r#"{"n":1,"tenant_user_id":"t"}"#)
    );
    assert_eq!(
        of(EnvelopeKind::Naive, Some("t"), r#"{"tenant_user_id":"u"}"#),
        Err(ErrorCode::InvalidEvent)
    );
    assert_eq!(
        of(EnvelopeKind::Naive, None, r#"{"tenant_user_id":"u"}"#),
        Err(ErrorCode::InvalidEvent)
    );
    let ainative = |data: &str| {
        Ok(format!(r#"{{"event_type":"a.b","occurred_at":"2026-04-25T10:05:23Z","data":{data}}}"#))
    };
    assert_eq!(of(EnvelopeKind::Ainative, None, "{}"), ainative("{}"));
    assert_eq!(of(EnvelopeKind::Ainative, Some("t"), "{}"), ainative(r#"{"owner_id":"t"}"#));
    assert_eq!(of(EnvelopeKind::Ainative, None, r#"{"owner_id":7}"#), Err(ErrorCode::InvalidEvent));
    assert_eq!(
        of(EnvelopeKind::Nativemsg, Some("t"), r#"{"bot_id":"u"}"#),
        Err(ErrorCode::InvalidEvent)
    );
}

#[test]
fn what_an_envelope_cannot_say_is_refused() {
    for data in ["[]", "1", r#""x""#, "null", r#"{"a":1,"a":2}"#] {
        for kind in [EnvelopeKind::Naive, EnvelopeKind::Standard, EnvelopeKind::Nativemsg] {
            assert_eq!(encode(kind, &event(None, data)), Err(ErrorCode::InvalidEvent), "{data}");
        }
    }
    for member in ["event", "timestamp", "signature"] {
        let data = format!(r#"{{"{member}":1}}"#);
        assert_eq!(
            encode(EnvelopeKind::Nativemsg, &event(None, &data)),
            Err(ErrorCode::InvalidEvent)
        );
    }
}

#[test]
fn a_body_of_another_kind_is_named() {
    for (body, expected) in [
        (r#"{"data":{},"ts":1}"#, "`event` is missing"),
        (r#"{"event":"a.b","data":[],"ts":1}"#, "`data` is not an object"),
        (r#"{"event":"a.b","data":{},"ts":"x"}"#, "`ts` is not milliseconds"),
        (r#"{"event":"a b","data":{},"ts":1}"#, "event type `a b`"),
        (
            r#"{"event":"a.b","data":{"tenant_user_id":7},"ts":1}"#,
            "`tenant_user_id` is not a string or null",
        ),
        ("[]", "a JSON object is expected"),
        ("\u{feff}{}", "a JSON object is expected"),
    ] {
        let error = EnvelopeKind::Naive.decode(body.as_bytes(), "evt_1").unwrap_err();
        assert!(error.message().contains(expected), "{body}: {error}");
    }
}
