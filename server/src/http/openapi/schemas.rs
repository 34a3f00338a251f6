//! The named schemas of the document.

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};

/// Those of what the server reads and of what it writes: a member with a default is asked for only in the latter.
#[derive(Debug)]
pub(in crate::http) struct Schemas {
    pub(super) read: SchemaGenerator,
    pub(super) write: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self {
            read: settings.clone().for_deserialize().into_generator(),
            write: settings.for_serialize().into_generator(),
        }
    }

    /// All of them. Where something is both read and written, the schema of what is read stands: it holds for both.
    pub(super) fn take(mut self) -> Map<String, Value> {
        let mut all = self.write.take_definitions(true);
        all.extend(self.read.take_definitions(true));
        all
    }
}

/// Makes texts of doc comments those of a document: their lines have a certain length. And drops `"default": null`, which
/// is said by the type.
pub(super) fn polish(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(polish),
        Value::Object(members) => {
            if members.get("default") == Some(&Value::Null) {
                members.remove("default");
            }
            for (name, value) in members {
                match value {
                    Value::String(text) if name == "description" => *text = paragraphs(text),
                    value => polish(value),
                }
            }
        }
        _ => {}
    }
}

fn paragraphs(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
    paragraphs.collect::<Vec<_>>().join("\n\n")
}
