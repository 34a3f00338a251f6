//! What holds for every payload.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;

use hookseal::payload::{
    AinativeEvent, Attribute, CloudEvent, CloudEventData, EnvelopeKind, LumaEnvelope, LumaEvent,
    NaiveEvent, NativemsgEvent, Object, YativoEvent,
};
use hookseal::{Event, EventType, Outgoing, Request, Timestamp};
use proptest::prelude::*;
use serde_json::value::RawValue;

const KINDS: [EnvelopeKind; 5] = [
    EnvelopeKind::Ainative,
    EnvelopeKind::Naive,
    EnvelopeKind::Nativemsg,
    EnvelopeKind::Standard,
    EnvelopeKind::Yativo,
];
const NOW: Timestamp = Timestamp::from_seconds(1_777_111_523);

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,40})([.][0-9]{1,20})?([eE][+-]?[0-9]{1,4})?",
        "\\PC{0,12}".prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..4).prop_map(|map| object(&map)),
        ]
    })
}

fn object(members: &BTreeMap<String, String>) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{}:{value}", serde_json::json!(name)))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// Members whose names no envelope needs itself.
fn members() -> impl Strategy<Value = BTreeMap<String, String>> {
    prop::collection::btree_map("x_[a-z]{0,6}", json(), 0..6)
}

fn raw(json: &str) -> Box<RawValue> {
    serde_json::from_str(json).unwrap()
}

prop_compose! {
    fn events()(id in "evt_[a-z0-9]{1,8}", name in "[a-z]{1,8}([.][a-z]{1,8}){0,3}", millis in 0..4_000_000_000_000_i64, tenant in prop::option::of("[a-z]\\PC{0,8}"), data in members()) -> Event {
        Event { id, event_type: EventType::parse(&name).unwrap(), time: Timestamp::from_millis(millis), tenant, data: raw(&object(&data)) }
    }
}

fn texts() -> impl Strategy<Value = String> {
    "[!-~]([ -~€é😀]{0,16}[!-~€é😀])?"
}

fn attribute() -> impl Strategy<Value = Attribute> {
    prop_oneof![
        any::<bool>().prop_map(Attribute::Boolean),
        any::<i32>().prop_map(Attribute::Integer),
        texts().prop_map(Attribute::String),
    ]
}

fn contents() -> impl Strategy<Value = (Option<String>, Option<CloudEventData>)> {
    let of = |kind: &'static str| Some(kind.to_owned());
    prop_oneof![
        Just((None, None)),
        json().prop_map(|text| (None, Some(CloudEventData::Json(raw(&text))))),
        json()
            .prop_map(move |text| (of("application/json"), Some(CloudEventData::Json(raw(&text))))),
        prop::collection::vec(any::<u8>(), 1..40)
            .prop_map(move |bytes| (of("image/png"), Some(CloudEventData::Binary(bytes)))),
        "\\PC{1,20}".prop_map(move |text| (of("text/plain"), Some(CloudEventData::Text(text)))),
    ]
}

prop_compose! {
    fn cloudevents()(id in texts(), source in texts(), event_type in texts(), subject in prop::option::of(texts()), data_schema in prop::option::of(texts()), time in prop::option::of(0..4_000_000_000_000_i64), extensions in prop::collection::btree_map("x[a-z0-9]{0,19}", attribute(), 0..4), (data_content_type, data) in contents()) -> CloudEvent {
        let time = time.map(|millis| Timestamp::from_millis(millis).to_rfc3339_millis());
        CloudEvent { id, source, event_type, data_content_type, data_schema, subject, time, extensions, data }
    }
}

fn read(message: &Outgoing) -> CloudEvent {
    let headers: Vec<(&str, &str)> =
        message.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    CloudEvent::from_request(&Request::new(&headers, &message.body)).unwrap()
}

/// The data of every event type that a system names, made of its required members and these.
const TYPED: [(&str, &str); 5] = [
    ("approval.resolved", r#""status":"approved","tenant_user_id":null"#),
    ("agent.task.complete", r#""task_id":"t","status":"completed""#),
    ("message.received", r#""user":{"id":"1"},"message":{"type":"text"}"#),
    (
        "guest.registered",
        r#""id":"g","user_email":"a@b","user_name":null,"user_first_name":null,"user_last_name":null,"approval_status":"invited","registered_at":null"#,
    ),
    ("deposit.detected", r#""amount":12345678901234567890.10"#),
];

fn typed(event: &Event) -> Vec<Result<Box<RawValue>, hookseal::Error>> {
    vec![
        NaiveEvent::try_from(event).and_then(|typed| typed.data()),
        AinativeEvent::try_from(event).and_then(|typed| typed.data()),
        NativemsgEvent::try_from(event).and_then(|typed| typed.data()),
        LumaEvent::try_from(event).and_then(|typed| typed.data()),
        YativoEvent::try_from(event).and_then(|typed| typed.data()),
    ]
}

fn sorted(json: &str) -> BTreeMap<String, String> {
    let object = Object::parse(json.as_bytes()).unwrap();
    object.iter().map(|(name, value)| (name.to_owned(), value.get().to_owned())).collect()
}

proptest! {
    #[test]
    fn what_an_envelope_writes_it_reads(event in events()) {
        for kind in KINDS {
            let body = kind.encode(&event).unwrap();
            let back = kind.decode(&body, &event.id).unwrap();
            prop_assert_eq!(&back.id, &event.id);
            prop_assert_eq!(&back.event_type, &event.event_type);
            let unit = if kind == EnvelopeKind::Ainative { 1000 } else { 1 };
            prop_assert_eq!(back.time.as_millis() / unit, event.time.as_millis() / unit);
            if !matches!(kind, EnvelopeKind::Standard | EnvelopeKind::Yativo) {
                prop_assert_eq!(&back.tenant, &event.tenant);
            }
            let mut data = sorted(back.data.get());
            data.remove("tenant_user_id");
            data.remove("owner_id");
            prop_assert_eq!(data, sorted(event.data.get()));
            prop_assert_eq!(kind.encode(&back).unwrap(), body);
        }
    }

    #[test]
    fn unknown_members_of_typed_data_survive(more in members()) {
        for (name, known) in TYPED {
            let mut members = sorted(&format!("{{{known}}}"));
            members.extend(more.clone());
            let data = raw(&object(&members));
            let event = Event { id: "e".to_owned(), event_type: EventType::parse(name).unwrap(), time: NOW, tenant: None, data };
            for written in typed(&event) {
                prop_assert_eq!(&sorted(written.unwrap().get()), &members);
            }
        }
    }

    #[test]
    fn an_unknown_type_is_never_refused(event in events()) {
        for written in typed(&event) {
            prop_assert_eq!(sorted(written.unwrap().get()), sorted(event.data.get()));
        }
    }

    #[test]
    fn a_cloudevent_survives_its_json(event in cloudevents()) {
        let json = event.to_json().unwrap();
        prop_assert_eq!(CloudEvent::parse(&json).unwrap().to_json().unwrap(), json.clone());
        let structured = event.to_structured().unwrap();
        prop_assert_eq!(read(&structured).to_json().unwrap(), json);
        let batch = CloudEvent::batch_to_json(&[event.clone(), event]).unwrap();
        prop_assert_eq!(CloudEvent::batch_to_json(&CloudEvent::parse_batch(&batch).unwrap()).unwrap(), batch);
    }

    #[test]
    fn a_cloudevent_survives_its_headers(mut event in cloudevents()) {
        let back = read(&event.to_binary().unwrap());
        // What headers cannot say: the kind of an extension, and a content type that goes without saying.
        for value in event.extensions.values_mut() {
            *value = Attribute::String(value.to_string());
        }
        if matches!(event.data, Some(CloudEventData::Json(_))) {
            event.data_content_type = event.data_content_type.or(Some("application/json".to_owned()));
        }
        prop_assert_eq!(back.to_json().unwrap(), event.to_json().unwrap());
    }

    #[test]
    fn an_event_survives_cloudevents(event in events()) {
        let source = "https://example.com/shop";
        for message in [CloudEvent::from_event(&event, source).unwrap().to_binary(), CloudEvent::from_event(&event, source).unwrap().to_structured()] {
            let back = read(&message.unwrap()).into_event(NOW).unwrap();
            prop_assert_eq!(&back.id, &event.id);
            prop_assert_eq!(&back.event_type, &event.event_type);
            prop_assert_eq!(back.time, event.time);
            prop_assert_eq!(&back.tenant, &event.tenant);
            prop_assert_eq!(back.data.get(), event.data.get());
        }
    }

    #[test]
    fn nothing_panics(bytes: Vec<u8>, text in "\\PC{0,60}|[%\"\\\\a-fA-F0-9é]{0,12}", json in json(), name in "ce-(id|type|source|specversion|subject|[a-z]{0,8})", more in members()) {
        let wide = object(&more);
        for body in [&bytes[..], text.as_bytes(), json.as_bytes(), wide.as_bytes()] {
            for kind in KINDS {
                if let Ok(event) = kind.decode(body, &text) {
                    let _ = (typed(&event), CloudEvent::from_event(&event, &text));
                }
            }
            let _ = (CloudEvent::parse(body), CloudEvent::parse_batch(body), serde_json::from_slice::<LumaEnvelope>(body));
            let headers = [("ce-specversion", "1.0"), ("ce-id", &*text), ("ce-source", "/"), (&*name, &*text), ("ce-type", "t"), ("content-type", &*text)];
            let _ = CloudEvent::from_request(&Request::new(&headers, body));
        }
    }
}

#[test]
fn deep_nesting_is_read_without_recursion() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let members = format!(r#""user":{{"id":"1","x":{0}}},"x":{0}"#, deep(200_000));
    let data = format!("{{{members}}}");
    let body = format!(
        r#"{{"event":"user.created","timestamp":"2026-04-25T10:05:23Z","bot_id":null,{members}}}"#
    );
    let event = EnvelopeKind::Nativemsg.decode(body.as_bytes(), "evt_1").unwrap();
    let written = NativemsgEvent::try_from(&event).unwrap().data().unwrap();
    assert_eq!(sorted(written.get()), sorted(&data));
    let json = CloudEvent::from_event(&event, "/").unwrap().to_json().unwrap();
    assert!(CloudEvent::parse(&json).is_ok());
    assert!(EnvelopeKind::Naive.decode(deep(200_000).as_bytes(), "evt_1").is_err());
}
