//! What the data of events has to look like: a JSON Schema that came from a customer.
//!
//! **Invariants.** Nothing is fetched: a schema refers to its own parts only. What it costs to hold data against one is
//! bounded before it is done: no part refers to itself, what is written out in full is short and shallow, patterns take
//! time that is linear in the text, and the product of both sizes has a limit.

use std::collections::HashMap;

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::{Map, Value};

use crate::error::{ApiCode, ApiError};

/// A schema, ready to be used.
#[derive(Debug)]
pub struct DataSchema {
    validator: Validator,
    /// Its parts, with all that they refer to written out.
    parts: usize,
    /// About how much memory it takes.
    size: usize,
}

impl DataSchema {
    /// Reads a schema.
    ///
    /// # Errors
    /// `invalid_schema` in the field `schema`, with the reason.
    pub fn compile(text: &str) -> Result<Self, ApiError> {
        if text.len() > MAX_LEN {
            return Err(invalid(&format!("it has {} bytes, expected up to {MAX_LEN}", text.len())));
        }
        let schema: Value =
            serde_json::from_str(text).map_err(|error| invalid(&error.to_string()))?;
        let mut walk = Walk { root: &schema, known: HashMap::new(), patterns: 0 };
        let extent = walk.object(&schema, true, 0)?;
        let patterns = walk.patterns;
        let validator = jsonschema::options()
            .with_draft(draft(&schema)?)
            .offline()
            .should_validate_formats(true)
            // A pattern that data holds would be a program of somebody else's.
            .with_format("regex", |_: &str| true)
            .with_pattern_options(PatternOptions::regex().size_limit(MAX_PATTERN_SIZE))
            .build(&schema)
            .map_err(|error| {
                let place = error.instance_path().as_str();
                let place = if place.is_empty() { "/" } else { place };
                invalid(&format!("at `{}`: {}", clip(place), clip(&error.to_string())))
            })?;
        let size = text.len() * COMPILED + patterns * MAX_PATTERN_SIZE;
        Ok(Self { validator, parts: extent.parts, size })
    }

    /// About how many bytes of memory it takes.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// What it costs to hold text of this length against it, in steps of some nanoseconds.
    #[must_use]
    pub const fn cost(&self, len: usize) -> usize {
        self.parts.saturating_mul(len)
    }

    /// Holds JSON against it.
    ///
    /// # Errors
    /// `invalid_data` in the field `data` or below, with the rule that is broken, and never with a value.
    pub fn check(&self, json: &str) -> Result<(), ApiError> {
        let refused = |message: String| ApiError::new(ApiCode::InvalidData, message);
        if self.cost(json.len()) > MAX_COST {
            let message = format!(
                "data has {} bytes, which is too much for a schema of {} parts",
                json.len(),
                self.parts
            );
            return Err(refused(message).in_field("data"));
        }
        let data: Value =
            serde_json::from_str(json).map_err(|error| refused(clip(&error.to_string())))?;
        let Err(error) = self.validator.validate(&data) else { return Ok(()) };
        let rule = clip(error.schema_path().as_str());
        let message = format!("{} (rule `{rule}`)", clip(&error.masked_with("it").to_string()));
        Err(refused(message).in_field(format!("data{}", error.instance_path().as_str())))
    }
}

/// How much there is below a place in a schema.
#[derive(Clone, Copy, Debug)]
struct Extent {
    parts: usize,
    depth: usize,
}

/// Looks at every part of a schema, as if what it refers to were written out.
struct Walk<'a> {
    root: &'a Value,
    /// By what refers to it; `None` while it is looked at.
    known: HashMap<&'a str, Option<Extent>>,
    patterns: usize,
}

impl<'a> Walk<'a> {
    fn object(&mut self, part: &'a Value, is_root: bool, depth: usize) -> Result<Extent, ApiError> {
        let Some(members) = part.as_object() else {
            return Err(invalid("a schema is an object"));
        };
        self.members(members, is_root, depth)
    }

    fn members(
        &mut self,
        members: &'a Map<String, Value>,
        is_root: bool,
        depth: usize,
    ) -> Result<Extent, ApiError> {
        let mut extent = Extent { parts: 1, depth };
        for (name, value) in members {
            let inner = match name.as_str() {
                "const" | "enum" | "default" | "examples" => continue,
                "$id" if is_root => continue,
                "$id" | "$anchor" | "$dynamicRef" | "$dynamicAnchor" | "$recursiveRef"
                | "$recursiveAnchor" | "$vocabulary" => {
                    return Err(invalid(&format!(
                        "it has the keyword `{name}`, which is not taken"
                    )));
                }
                "$ref" => self.reference(value, depth + 1)?,
                "properties" | "patternProperties" | "$defs" | "definitions"
                | "dependentSchemas" | "dependencies" => {
                    if name == "patternProperties" {
                        self.patterns += value.as_object().map_or(0, Map::len);
                    }
                    self.each(value, depth + 1)?
                }
                "pattern" => {
                    self.patterns += 1;
                    continue;
                }
                _ => self.any(value, depth + 1)?,
            };
            extent.parts = extent.parts.saturating_add(inner.parts);
            extent.depth = extent.depth.max(inner.depth);
            if extent.parts > MAX_PARTS {
                return Err(invalid(&format!(
                    "with all that it refers to it has more than {MAX_PARTS} parts"
                )));
            }
        }
        if extent.depth > MAX_DEPTH {
            return Err(invalid(&format!(
                "with all that it refers to it is deeper than {MAX_DEPTH} levels"
            )));
        }
        if self.patterns > MAX_PATTERNS {
            return Err(invalid(&format!("it has more than {MAX_PATTERNS} patterns")));
        }
        Ok(extent)
    }

    /// The members of an object whose names are not keywords.
    fn each(&mut self, value: &'a Value, depth: usize) -> Result<Extent, ApiError> {
        let parts = value.as_object().into_iter().flat_map(Map::values);
        self.sum(parts, depth)
    }

    /// Whatever stands behind another keyword.
    fn any(&mut self, value: &'a Value, depth: usize) -> Result<Extent, ApiError> {
        match value {
            Value::Object(members) => self.members(members, false, depth),
            Value::Array(parts) => self.sum(parts.iter(), depth),
            _ => Ok(Extent { parts: 1, depth }),
        }
    }

    fn sum(
        &mut self,
        parts: impl Iterator<Item = &'a Value>,
        depth: usize,
    ) -> Result<Extent, ApiError> {
        let mut extent = Extent { parts: 0, depth };
        for part in parts {
            let inner = self.any(part, depth)?;
            extent.parts = extent.parts.saturating_add(inner.parts);
            extent.depth = extent.depth.max(inner.depth);
        }
        Ok(extent)
    }

    fn reference(&mut self, value: &'a Value, depth: usize) -> Result<Extent, ApiError> {
        let refuse = |why: &str| {
            let shown = clip(value.as_str().unwrap_or_default());
            Err(invalid(&format!("`$ref` is `{shown}`, {why}")))
        };
        let pointer = value.as_str().and_then(|text| text.strip_prefix('#'));
        let Some(pointer) = pointer.filter(|pointer| !pointer.contains('%')) else {
            return refuse("expected a place in the same schema such as `#/$defs/address`");
        };
        if depth > MAX_DEPTH {
            return refuse("which is referred to from too deep");
        }
        match self.known.get(pointer) {
            Some(Some(known)) => {
                return Ok(Extent { parts: known.parts, depth: depth + known.depth });
            }
            Some(None) => {
                return refuse("which refers to itself; write it out as deep as you need");
            }
            None => {}
        }
        let Some(part) = self.root.pointer(pointer) else {
            return refuse("where there is nothing");
        };
        self.known.insert(pointer, None);
        // Its own depth, wherever it is referred to from.
        let extent = match part {
            Value::Object(members) => self.members(members, pointer.is_empty(), 0)?,
            Value::Bool(_) => Extent { parts: 1, depth: 0 },
            _ => return refuse("where there is no schema"),
        };
        self.known.insert(pointer, Some(extent));
        Ok(Extent { parts: extent.parts, depth: depth + extent.depth })
    }
}

/// Which rules it is written in.
fn draft(schema: &Value) -> Result<Draft, ApiError> {
    match schema.get("$schema").map(|name| name.as_str().unwrap_or_default()) {
        None | Some("https://json-schema.org/draft/2020-12/schema") => Ok(Draft::Draft202012),
        Some(
            "http://json-schema.org/draft-07/schema" | "http://json-schema.org/draft-07/schema#",
        ) => Ok(Draft::Draft7),
        Some(_) => Err(invalid("`$schema` names another draft than 2020-12 and 07")),
    }
}

fn invalid(reason: &str) -> ApiError {
    ApiError::new(ApiCode::InvalidSchema, format!("the schema cannot be used: {reason}"))
        .in_field("schema")
}

/// One short line.
fn clip(text: &str) -> String {
    text.chars().take(MAX_SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Bytes of a schema.
pub(super) const MAX_LEN: usize = 64 * 1024;
const MAX_PARTS: usize = 20_000;
/// The stack of a thread takes several times as much.
const MAX_DEPTH: usize = 96;
const MAX_PATTERNS: usize = 100;
/// Bytes of one pattern when it is compiled.
const MAX_PATTERN_SIZE: usize = 256 * 1024;
/// A second or so, at worst.
const MAX_COST: usize = 1 << 28;
/// Bytes in memory for each byte of text.
const COMPILED: usize = 32;
const MAX_SHOWN: usize = 200;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(schema: &Value) -> String {
        DataSchema::compile(&schema.to_string()).unwrap_err().message().to_owned()
    }

    #[test]
    fn data_is_held_against_it() {
        let schema = json!({
            "$defs": { "money": { "type": "object", "required": ["amount"],
                "properties": { "amount": { "type": "integer", "minimum": 0 } } } },
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": { "type": "string", "pattern": "^in_" },
                "total": { "$ref": "#/$defs/money" },
                "mail": { "format": "email" },
            },
        });
        let schema = DataSchema::compile(&schema.to_string()).unwrap();
        schema.check(r#"{"id":"in_1","total":{"amount":5},"mail":"a@example.com"}"#).unwrap();
        for (data, field, word) in [
            (r#"{}"#, "data", "required"),
            (r#"{"id":"secret"}"#, "data/id", "/properties/id/pattern"),
            (r#"{"id":"in_1","total":{"amount":"secret"}}"#, "data/total/amount", "integer"),
            (r#"{"id":"in_1","total":{"amount":-1}}"#, "data/total/amount", "minimum"),
            (r#"{"id":"in_1","mail":"secret"}"#, "data/mail", "email"),
        ] {
            let error = schema.check(data).unwrap_err();
            assert_eq!(error.to_json()["field"], field, "{data}");
            assert!(error.message().contains(word), "{data}: {}", error.message());
            assert!(!error.message().contains("secret"), "{}", error.message());
        }
    }

    #[test]
    fn what_could_be_fetched_or_never_ends_is_refused() {
        for (schema, word) in [
            (json!({ "$ref": "https://example.com/x.json" }), "same schema"),
            (json!({ "$ref": "other.json#/a" }), "same schema"),
            (json!({ "$ref": "#" }), "itself"),
            (json!({ "properties": { "child": { "$ref": "#" } } }), "itself"),
            (
                json!({ "$ref": "#/$defs/a", "$defs": { "a": { "allOf": [{ "$ref": "#/$defs/b" }] },
                "b": { "not": { "$ref": "#/$defs/a" } } } }),
                "itself",
            ),
            (json!({ "$ref": "#/nowhere" }), "nothing"),
            (json!({ "$dynamicRef": "#x" }), "not taken"),
            (json!({ "properties": { "a": { "$id": "https://example.com/a" } } }), "not taken"),
            (json!({ "$schema": "https://example.com/my-draft" }), "draft"),
            (json!({ "type": "strung" }), "/type"),
            (json!({ "pattern": "(" }), "pattern"),
            (json!({ "pattern": "(a{1000}){1000}{1000}" }), "pattern"),
            (json!({ "pattern": "(?=a)b" }), "pattern"),
            (json!([]), "object"),
            (json!(true), "object"),
        ] {
            let message = refused(&schema);
            assert!(message.contains(word), "{schema}: {message}");
        }
        assert!(refused(&json!({ "description": "x".repeat(MAX_LEN) })).contains("bytes"));
        let patterns: Vec<_> = (0..200).map(|n| json!({ "pattern": format!("^{n}") })).collect();
        assert!(refused(&json!({ "anyOf": patterns })).contains("patterns"));
        // Doubled at each step: as many parts as there are atoms.
        let mut bomb = json!({ "$defs": { "d0": { "type": "string" } }, "$ref": "#/$defs/d60" });
        for n in 1..=60 {
            let part = json!({ "$ref": format!("#/$defs/d{}", n - 1) });
            bomb["$defs"][format!("d{n}")] = json!({ "allOf": [part, part] });
        }
        assert!(refused(&bomb).contains("more than"));
        // A long chain would be a deep stack.
        let mut chain = json!({ "$defs": { "d0": { "type": "string" } }, "$ref": "#/$defs/d500" });
        for n in 1..=500 {
            chain["$defs"][format!("d{n}")] = json!({ "$ref": format!("#/$defs/d{}", n - 1) });
        }
        let message = refused(&chain);
        assert!(message.contains("deep"), "{message}");
    }

    #[test]
    fn what_looks_like_a_keyword_may_be_a_name() {
        let schema = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "definitions": { "leaf": { "type": "string" } },
            "properties": {
                "$ref": { "type": "string" },
                "$id": { "$ref": "#/definitions/leaf" },
                "kind": { "const": { "$ref": "https://example.com/" } },
            },
        });
        let schema = DataSchema::compile(&schema.to_string()).unwrap();
        schema.check(r#"{"$ref":"https://example.com/","$id":"x"}"#).unwrap();
        assert!(schema.check(r#"{"$id":1}"#).is_err());
    }

    #[test]
    fn much_data_is_not_held_against_a_large_schema() {
        let parts: Vec<_> = (0..3000).map(|_| json!({ "type": "object" })).collect();
        let schema = DataSchema::compile(&json!({ "allOf": parts }).to_string()).unwrap();
        schema.check(r#"{"a":1}"#).unwrap();
        let much = format!(r#"{{"a":"{}"}}"#, "x".repeat(200_000));
        assert!(schema.check(&much).unwrap_err().message().contains("too much"));
    }
}
