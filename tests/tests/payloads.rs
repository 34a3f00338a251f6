//! The payloads of `vectors/payloads/`: read, typed, written again, and refused with the right code.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hookseal::payload::{
    AinativeEvent, CloudEvent, ContentMode, EnvelopeKind, LumaEnvelope, LumaEvent, NaiveEvent,
    NativemsgEvent, Object, YativoEvent,
};
use hookseal::{Error, Event, Outgoing, Request, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelopes {
    notes: BTreeMap<String, String>,
    id: String,
    #[serde(rename = "receivedMs")]
    received_ms: i64,
    tests: Vec<Test>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Test {
    schema: String,
    comment: String,
    origin: String,
    body: String,
    result: conformance::TestResult,
    typed: Option<String>,
    event: Option<Expected>,
    code: Option<String>,
    #[serde(default)]
    untyped: bool,
    #[serde(default, rename = "fitsSchema")]
    _fits_schema: bool,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Expected {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    time_ms: i64,
    tenant: Option<String>,
    data: String,
}

fn read<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let path = conformance::folder().join("payloads").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn kind(schema: &str) -> Option<EnvelopeKind> {
    Some(match schema {
        "ainative" => EnvelopeKind::Ainative,
        "naive" => EnvelopeKind::Naive,
        "nativemsg" => EnvelopeKind::Nativemsg,
        "standard-webhooks" => EnvelopeKind::Standard,
        "yativo" => EnvelopeKind::Yativo,
        _ => return None,
    })
}

fn decode(test: &Test, file: &Envelopes) -> Result<Event, Error> {
    match kind(&test.schema) {
        Some(kind) => kind.decode(test.body.as_bytes(), &file.id),
        None => LumaEnvelope::try_from(Object::parse(test.body.as_bytes())?)?
            .into_event(&file.id, Timestamp::from_millis(file.received_ms)),
    }
}

/// The name of the variant's type, whether it is known, and its data written again.
type Typed = (String, bool, Box<RawValue>);

fn typed(schema: &str, event: &Event) -> Option<Result<Typed, Error>> {
    macro_rules! through {
        ($events:ident) => {
            $events::try_from(event).and_then(|typed| {
                let other = matches!(typed, $events::Other { .. });
                Ok((typed.event_type().to_owned(), other, typed.data()?))
            })
        };
    }
    Some(match schema {
        "ainative" => through!(AinativeEvent),
        "luma" => through!(LumaEvent),
        "naive" => through!(NaiveEvent),
        "nativemsg" => through!(NativemsgEvent),
        "yativo" => through!(YativoEvent),
        _ => return None,
    })
}

/// Members by name, each in its own bytes.
fn members(json: &str) -> BTreeMap<String, String> {
    let object = Object::parse(json.as_bytes()).unwrap();
    object.iter().map(|(name, value)| (name.to_owned(), value.get().to_owned())).collect()
}

#[test]
fn every_envelope_is_read_typed_and_written_again() {
    let file: Envelopes = read("envelopes.json");
    assert!(file.tests.len() >= 47);
    for test in &file.tests {
        let at = format!("{}: {}", test.schema, test.comment);
        assert!(file.notes.contains_key(&test.origin), "{at}");
        let event = decode(test, &file);
        if test.result == conformance::TestResult::Invalid {
            let error = match event {
                Ok(event) if test.untyped => typed(&test.schema, &event).unwrap().expect_err(&at),
                other => other.expect_err(&at),
            };
            assert_eq!(Some(error.code().as_str()), test.code.as_deref(), "{at}: {error}");
            continue;
        }
        let event = event.unwrap_or_else(|error| panic!("{at}: {error}"));
        let found = Expected {
            id: event.id.clone(),
            event_type: event.event_type.to_string(),
            time_ms: event.time.as_millis(),
            tenant: event.tenant.clone(),
            data: event.data.get().to_owned(),
        };
        assert_eq!(Some(&found), test.event.as_ref(), "{at}");
        if let Some(outcome) = typed(&test.schema, &event) {
            let (name, other, data) = outcome.unwrap();
            assert_eq!(name, found.event_type, "{at}");
            assert_eq!(test.typed.as_deref(), Some(if other { "other" } else { &*name }), "{at}");
            assert_eq!(members(data.get()), members(&found.data), "{at}");
        }
        let written = match kind(&test.schema) {
            Some(kind) => String::from_utf8(kind.encode(&event).unwrap()).unwrap(),
            None => serde_json::to_string(&LumaEnvelope::from_event(&event).unwrap()).unwrap(),
        };
        let mut expected = members(&test.body);
        // The scheme's business, not the envelope's.
        expected.remove("signature");
        assert_eq!(members(&written), expected, "{at}");
    }
}

#[test]
fn the_types_of_a_profile_are_typed() {
    for (profile, types) in [
        ("ainative", AinativeEvent::TYPES),
        ("naive", NaiveEvent::TYPES),
        ("nativemsg", NativemsgEvent::TYPES),
        ("yativo", YativoEvent::TYPES),
    ] {
        let profile = hookseal::Profile::get(profile).unwrap();
        let mut known: Vec<&str> = profile.event_types().iter().map(|known| known.name).collect();
        known.sort_unstable();
        assert_eq!(known, types, "{}", profile.id);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CloudEvents {
    notes: BTreeMap<String, String>,
    valid: Vec<Both>,
    invalid: Vec<Refused>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Both {
    comment: String,
    origin: String,
    structured: Message,
    binary: Message,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Message {
    headers: BTreeMap<String, String>,
    body: Option<String>,
    body_base64: Option<String>,
}

#[derive(Deserialize)]
struct Refused {
    comment: String,
    code: String,
    #[serde(flatten)]
    message: Message,
}

impl Message {
    fn bytes(&self) -> Vec<u8> {
        match (&self.body, &self.body_base64) {
            (Some(text), None) => text.as_bytes().to_vec(),
            (None, Some(encoded)) => STANDARD.decode(encoded).unwrap(),
            _ => panic!("a message has one body"),
        }
    }

    fn read(&self) -> Result<CloudEvent, Error> {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        CloudEvent::from_request(&Request::new(&headers, &self.bytes()))
    }
}

/// A structured body without the attributes that are not set.
fn attributes(body: &[u8]) -> Value {
    let mut value: Value = serde_json::from_slice(body).unwrap();
    value.as_object_mut().unwrap().retain(|name, value| name == "data" || !value.is_null());
    value
}

/// The headers by name, and the body as JSON where it is, for the sake of spaces.
fn comparable(message: &Outgoing) -> (BTreeMap<String, String>, Value) {
    let headers: BTreeMap<String, String> = message.headers.iter().cloned().collect();
    let json = headers.get("content-type").is_some_and(|value| value.contains("json"));
    let body = match serde_json::from_slice(&message.body) {
        Ok(value) if json => value,
        _ => Value::from(message.body.clone()),
    };
    (headers, body)
}

#[test]
fn cloudevents_pass_between_their_two_modes() {
    let file: CloudEvents = read("cloudevents.json");
    assert!(file.valid.len() >= 14);
    for test in &file.valid {
        let at = &test.comment;
        assert!(file.notes.contains_key(&test.origin), "{at}");
        let structured = test.structured.read().unwrap_or_else(|error| panic!("{at}: {error}"));
        let binary = test.binary.read().unwrap_or_else(|error| panic!("{at}: {error}"));
        assert_eq!(
            attributes(&structured.to_structured().unwrap().body),
            attributes(&test.structured.bytes()),
            "{at}"
        );
        let headers = test.binary.headers.clone().into_iter().collect();
        let expected = comparable(&Outgoing { headers, body: test.binary.bytes() });
        assert_eq!(comparable(&structured.to_binary().unwrap()), expected, "{at}");
        assert_eq!(comparable(&binary.to_binary().unwrap()), expected, "{at}");
        let batch = CloudEvent::to_batched(&[structured, binary]).unwrap();
        let headers: Vec<(&str, &str)> =
            batch.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request = Request::new(&headers, &batch.body);
        assert_eq!(ContentMode::of(&request), Ok(ContentMode::Batched));
        assert_eq!(CloudEvent::parse_batch(&batch.body).unwrap().len(), 2, "{at}");
    }
}

#[test]
fn what_is_not_a_cloudevent_is_refused() {
    let file: CloudEvents = read("cloudevents.json");
    assert!(file.invalid.len() >= 49);
    for test in &file.invalid {
        let error = test.message.read().expect_err(&test.comment);
        assert_eq!(error.code().as_str(), test.code, "{}: {error}", test.comment);
    }
}

#[test]
fn the_schemas_are_current() {
    let written = hookseal::schema::all();
    for (name, schema) in &written {
        let path = conformance::schemas().join(format!("{name}.json"));
        let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(file, *schema, "{name}: run `cargo run -p conformance --bin regen`");
    }
    assert_eq!(std::fs::read_dir(conformance::schemas()).unwrap().count(), written.len());
}
