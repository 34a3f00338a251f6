//! JSON Schemas (draft 2020-12) of what goes over the wire and of schemes, made from the types. Only with the feature
//! `schema`.
//!
//! **Invariants.** A schema says what the types say. In payloads, members that this version does not know are allowed
//! everywhere; in schemes nowhere.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use crate::payload::{
    AinativeEnvelope, AinativeEvent, CloudEvent, LumaEnvelope, LumaEvent, NaiveEnvelope,
    NaiveEvent, NativemsgEnvelope, NativemsgEvent, StandardEnvelope, YativoEnvelope, YativoEvent,
};
use crate::scheme::Scheme;

/// Every schema, as the stem of its file and the document.
#[must_use]
pub fn all() -> Vec<(&'static str, Value)> {
    // What is written, not what is read: the envelopes read from any object, and say by hand what they need.
    let written = SchemaSettings::draft2020_12().for_serialize();
    let payloads = PAYLOADS.iter().map(|document| (document.name, document.write(written.clone())));
    // Schemes are only read.
    let read = SchemaSettings::draft2020_12().for_deserialize();
    payloads.chain([(SCHEME.name, SCHEME.write(read))]).collect()
}

/// One file of schemas.
struct Document {
    name: &'static str,
    title: &'static str,
    root: fn(&mut SchemaGenerator) -> Schema,
}

#[rustfmt::skip]
const PAYLOADS: &[Document] = &[
    Document { name: "ainative", title: "Webhook of ainative (ZeroDB)", root: |g| envelope::<AinativeEnvelope>(g, "event_type", Some("data"), AinativeEvent::schemas) },
    Document { name: "cloudevents", title: "CloudEvent", root: CloudEvent::json_schema },
    Document { name: "cloudevents-batch", title: "Batch of CloudEvents", root: batch },
    Document { name: "luma", title: "Webhook of Luma", root: |g| envelope::<LumaEnvelope>(g, "type", Some("data"), LumaEvent::schemas) },
    Document { name: "naive", title: "Webhook of naive", root: |g| envelope::<NaiveEnvelope>(g, "event", Some("data"), NaiveEvent::schemas) },
    Document { name: "nativemsg", title: "Webhook of nativeMsg", root: |g| envelope::<NativemsgEnvelope>(g, "event", None, NativemsgEvent::schemas) },
    Document { name: "standard-webhooks", title: "Webhook of Standard Webhooks", root: StandardEnvelope::json_schema },
    Document { name: "yativo", title: "Webhook of yativo", root: |g| envelope::<YativoEnvelope>(g, "type", Some("data"), YativoEvent::schemas) },
];

const SCHEME: Document =
    Document { name: "scheme", title: "Scheme of Hookseal", root: Scheme::json_schema };

const BASE: &str = "https://github.com/hookseal/hookseal/blob/main/schemas";

impl Document {
    fn write(&self, settings: SchemaSettings) -> Value {
        let mut generator = settings.into_generator();
        let mut schema = (self.root)(&mut generator);
        schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        schema.insert("$id".to_owned(), json!(format!("{BASE}/{}.json", self.name)));
        schema.insert("title".to_owned(), json!(self.title));
        let definitions = generator.take_definitions(true);
        if !definitions.is_empty() {
            schema.insert("$defs".to_owned(), Value::Object(definitions));
        }
        let mut document = schema.to_value();
        unwrap_descriptions(&mut document);
        document
    }
}

/// Doc comments have lines of a certain length, descriptions have not.
fn unwrap_descriptions(document: &mut Value) {
    match document {
        Value::Array(values) => values.iter_mut().for_each(unwrap_descriptions),
        Value::Object(members) => members.iter_mut().for_each(|(name, value)| match value {
            Value::String(text) if name == "description" => {
                *text = text.replace("\n\n", "\0").replace('\n', " ").replace('\0', "\n\n");
            }
            value => unwrap_descriptions(value),
        }),
        _ => {}
    }
}

fn batch(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = Vec::<CloudEvent>::json_schema(generator);
    let description =
        "Several events of version 1.0 in one body, for a receiver that asked for batches.";
    schema.insert("description".to_owned(), json!(description));
    schema
}

/// The schema of an envelope, whose type says what its data holds: the member `data`, or the whole object without one.
fn envelope<E: JsonSchema>(
    generator: &mut SchemaGenerator,
    event_type: &str,
    data: Option<&str>,
    events: fn(&mut SchemaGenerator) -> Vec<(&'static str, Schema)>,
) -> Schema {
    let mut schema = E::json_schema(generator);
    let rules: Vec<Value> = events(generator)
        .into_iter()
        .map(|(name, then)| {
            let then = match data {
                Some(data) => json!({ "properties": { data: then } }),
                None => then.to_value(),
            };
            json!({ "if": { "properties": { event_type: { "const": name } } }, "then": then })
        })
        .collect();
    schema.insert("allOf".to_owned(), Value::Array(rules));
    schema
}
