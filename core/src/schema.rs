//! JSON Schemas (draft 2020-12) of what goes over the wire, made from the types. Only with the feature `schema`.
//!
//! **Invariants.** A schema says what the types say: members that this version does not know are allowed everywhere.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use crate::payload::{
    AinativeEnvelope, AinativeEvent, CloudEvent, LumaEnvelope, LumaEvent, NaiveEnvelope,
    NaiveEvent, NativemsgEnvelope, NativemsgEvent, StandardEnvelope, YativoEnvelope, YativoEvent,
};

/// Every schema, as the stem of its file and the document.
#[must_use]
pub fn all() -> Vec<(&'static str, Value)> {
    let document = |document: &Document| (document.name, document.write());
    DOCUMENTS.iter().map(document).collect()
}

/// One file of schemas.
struct Document {
    name: &'static str,
    title: &'static str,
    root: fn(&mut SchemaGenerator) -> Schema,
}

#[rustfmt::skip]
const DOCUMENTS: &[Document] = &[
    Document { name: "ainative", title: "Webhook of ainative (ZeroDB)", root: |g| envelope::<AinativeEnvelope>(g, "event_type", Some("data"), AinativeEvent::schemas) },
    Document { name: "cloudevents", title: "CloudEvent", root: CloudEvent::json_schema },
    Document { name: "cloudevents-batch", title: "Batch of CloudEvents", root: batch },
    Document { name: "luma", title: "Webhook of Luma", root: |g| envelope::<LumaEnvelope>(g, "type", Some("data"), LumaEvent::schemas) },
    Document { name: "naive", title: "Webhook of naive", root: |g| envelope::<NaiveEnvelope>(g, "event", Some("data"), NaiveEvent::schemas) },
    Document { name: "nativemsg", title: "Webhook of nativeMsg", root: |g| envelope::<NativemsgEnvelope>(g, "event", None, NativemsgEvent::schemas) },
    Document { name: "standard-webhooks", title: "Webhook of Standard Webhooks", root: StandardEnvelope::json_schema },
    Document { name: "yativo", title: "Webhook of yativo", root: |g| envelope::<YativoEnvelope>(g, "type", Some("data"), YativoEvent::schemas) },
];

const BASE: &str = "https://github.com/hookseal/hookseal/blob/main/schemas";

impl Document {
    fn write(&self) -> Value {
        // What is written, not what is read: the envelopes read from any object, and say by hand what they need.
        let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
        let mut schema = (self.root)(&mut generator);
        schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        schema.insert("$id".to_owned(), json!(format!("{BASE}/{}.json", self.name)));
        schema.insert("title".to_owned(), json!(self.title));
        let definitions = generator.take_definitions(true);
        if !definitions.is_empty() {
            schema.insert("$defs".to_owned(), Value::Object(definitions));
        }
        schema.to_value()
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
