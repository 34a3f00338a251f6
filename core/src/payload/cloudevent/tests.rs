use super::*;
use crate::request::Request;

const REQUIRED: [(&str, &str); 4] =
    [("ce-specversion", "1.0"), ("ce-type", "a.b"), ("ce-source", "/s"), ("ce-id", "1")];

fn with(headers: &[(&str, &str)], body: &[u8]) -> Result<CloudEvent, Error> {
    CloudEvent::from_request(&Request::new(&[&REQUIRED, headers].concat(), body))
}

fn event() -> CloudEvent {
    with(&[], b"").unwrap()
}

#[test]
fn the_example_of_the_binding_is_encoded_and_decoded() {
    let subject = "Euro € 😀";
    let mut event = event();
    event.subject = Some(subject.to_owned());
    let headers = event.to_binary().unwrap().headers;
    assert!(
        headers.contains(&("ce-subject".to_owned(), "Euro%20%E2%82%AC%20%F0%9F%98%80".to_owned()))
    );
    for header in [
        "Euro%20%E2%82%AC%20%F0%9F%98%80",
        "Euro%20%e2%82%ac%20%f0%9f%98%80",
        "%45uro%20%E2%82%AC%20%F0%9F%98%80",
        r#""Euro %E2%82%AC %F0%9F%98%80""#,
        r#""Euro \%E2%82%AC \%F0%9F%98%80""#,
        " Euro € 😀\t",
    ] {
        let read = with(&[("ce-subject", header)], b"").unwrap();
        assert_eq!(read.subject.as_deref(), Some(subject), "{header}");
    }
    let once = with(&[("ce-subject", "%2541")], b"").unwrap();
    assert_eq!(once.subject.as_deref(), Some("%41"));
}

#[test]
fn names_of_headers_have_any_case_and_come_once() {
    let read = with(&[("CE-Subject", "x"), ("Content-TYPE", "text/plain")], b"hi").unwrap();
    assert_eq!(read.subject.as_deref(), Some("x"));
    assert!(matches!(read.data, Some(CloudEventData::Text(text)) if text == "hi"));
    for twice in [
        [("ce-subject", "x"), ("Ce-Subject", "y")],
        [("content-type", "text/plain"), ("Content-Type", "text/plain")],
    ] {
        assert_eq!(with(&twice, b"").unwrap_err().code(), ErrorCode::MalformedHeader);
    }
    // Not ours, whatever it looks like.
    assert!(with(&[("ce", "x"), ("cé-x", "y"), ("cee-x", "z"), ("", "")], b"").is_ok());
}

#[test]
fn the_content_type_says_what_the_body_is() {
    let data = |content_type, body| with(&[("content-type", content_type)], body).unwrap().data;
    for json in ["application/json", "APPLICATION/JSON; charset=\"UTF-8\"", "application/a.b+json"]
    {
        assert!(matches!(data(json, b"{}"), Some(CloudEventData::Json(_))), "{json}");
    }
    for text in ["text/csv", "application/xml;charset=utf-8", "image/svg+xml"] {
        assert!(matches!(data(text, b"a"), Some(CloudEventData::Text(_))), "{text}");
        assert!(matches!(data(text, b"\xff"), Some(CloudEventData::Binary(_))), "{text}");
    }
    for binary in ["image/png", "text/plain; charset=latin1", "application/jsonx"] {
        assert!(matches!(data(binary, b"a"), Some(CloudEventData::Binary(_))), "{binary}");
    }
    assert!(data("image/png", b"").is_none());
}

#[test]
fn modes_are_told_apart_by_the_content_type() {
    for (content_type, mode) in [
        ("application/json", ContentMode::Binary),
        ("Application/CloudEvents+JSON; charset=utf-8", ContentMode::Structured),
        ("application/cloudevents+avro", ContentMode::Structured),
        ("application/cloudevents-batch+json", ContentMode::Batched),
    ] {
        let headers = [("content-type", content_type)];
        assert_eq!(ContentMode::of(&Request::new(&headers, b"")), Ok(mode), "{content_type}");
    }
    assert_eq!(ContentMode::of(&Request::new(&[], b"")), Ok(ContentMode::Binary));
}

#[test]
fn what_cannot_be_written_is_refused() {
    let changes: [fn(&mut CloudEvent); 11] = [
        |event| event.id.clear(),
        |event| event.source.push('\n'),
        |event| event.event_type.push('\u{ffff}'),
        |event| event.subject = Some(String::new()),
        |event| event.data_content_type = Some("json".to_owned()),
        |event| drop(event.extensions.insert("id".to_owned(), Attribute::Boolean(true))),
        |event| drop(event.extensions.insert("data".to_owned(), Attribute::Boolean(true))),
        |event| drop(event.extensions.insert("Upper".to_owned(), Attribute::Boolean(true))),
        |event| drop(event.extensions.insert("x".to_owned(), Attribute::String("\0".to_owned()))),
        |event| event.data = Some(CloudEventData::Text("no content type".to_owned())),
        |event| {
            event.data_content_type = Some("text/plain".to_owned());
            event.data = Some(CloudEventData::Json(raw(&1).unwrap()));
        },
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut event = event();
        change(&mut event);
        for error in [event.to_json().unwrap_err(), event.to_binary().unwrap_err()] {
            assert_eq!(error.code(), ErrorCode::InvalidEvent, "{index}: {error}");
        }
    }
    for content_type in ["application/cloudevents+json", "text/plain; charset=latin1"] {
        let mut event = event();
        event.data_content_type = Some(content_type.to_owned());
        event.data = Some(match content_type {
            "text/plain; charset=latin1" => CloudEventData::Text("é".to_owned()),
            _ => CloudEventData::Json(raw(&1).unwrap()),
        });
        assert!(event.to_structured().is_ok());
        assert_eq!(event.to_binary().unwrap_err().code(), ErrorCode::InvalidEvent);
    }
}

#[test]
fn an_event_maps_to_attributes() {
    let event = Event {
        id: "evt_1".to_owned(),
        event_type: EventType::parse("invoice.paid").unwrap(),
        time: Timestamp::from_millis(1_777_111_523_250),
        tenant: Some("user_1".to_owned()),
        data: raw(&serde_json::json!({ "n": 1 })).unwrap(),
    };
    let written = CloudEvent::from_event(&event, "/shop").unwrap().to_json().unwrap();
    assert_eq!(
        String::from_utf8(written).unwrap(),
        r#"{"specversion":"1.0","id":"evt_1","source":"/shop","type":"invoice.paid","datacontenttype":"application/json","time":"2026-04-25T10:05:23.250Z","tenant":"user_1","data":{"n":1}}"#
    );
    assert_eq!(
        CloudEvent::from_event(&event, "").unwrap_err().message(),
        "attribute `source` is empty"
    );
}

#[test]
fn what_an_event_cannot_say_is_given_or_refused() {
    let received = Timestamp::from_millis(7);
    let read = event().into_event(received).unwrap();
    assert_eq!((read.time, read.data.get()), (received, "null"));
    let text = with(&[("content-type", "text/plain")], b"hi").unwrap();
    assert_eq!(text.into_event(received).unwrap_err().code(), ErrorCode::InvalidPayload);
    let mut wide = event();
    wide.event_type = "a b".to_owned();
    assert_eq!(wide.into_event(received).unwrap_err().code(), ErrorCode::InvalidEventType);
}
