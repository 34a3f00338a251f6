//! Schemas on the page.

use maud::{Markup, html};
use serde_json::Value;

use super::{members, prose, text};

/// A schema with a name: its members, or what else it is.
pub(super) fn named(name: &str, schema: &Value) -> Markup {
    let required: Vec<_> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().collect();
    html! {
        article id={ "schema-" (name) } {
            h3 { a href={ "#schema-" (name) } { (name) } }
            p { (prose(text(schema, &["description"]))) }
            @if schema.get("properties").is_some() {
                dl {
                    @for (name, member) in members(schema, "properties") {
                        dt {
                            code { (name) } " " (kind(member))
                            @if required.iter().any(|one| *one == name) { span.quiet { ", always there" } }
                        }
                        dd { (prose(text(member, &["description"]))) }
                    }
                }
            } @else { p { (kind(schema)) } }
        }
    }
}

/// What a value is, in a few words.
pub(super) fn kind(schema: &Value) -> Markup {
    if let Some(name) = text(schema, &["$ref"]).rsplit('/').next().filter(|name| !name.is_empty()) {
        return html! { a href={ "#schema-" (name) } { (name) } };
    }
    for several in ["anyOf", "oneOf", "allOf"] {
        if let Some(parts) = schema.get(several).and_then(Value::as_array) {
            return joined(parts, kind);
        }
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return joined(
            words,
            |word| html! { code { (word.as_str().map_or_else(|| word.to_string(), str::to_owned)) } },
        );
    }
    if let Some(only) = schema.get("const").and_then(Value::as_str) {
        return html! { code { (only) } };
    }
    let types = match schema.get("type") {
        Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one.as_str()],
        _ => vec!["anything"],
    };
    html! {
        @for (index, name) in types.iter().enumerate() {
            @if index > 0 { " or " }
            @match (*name, schema.get("items")) {
                ("array", Some(items)) => { "list of " (kind(items)) }
                ("object", _) if schema.get("properties").is_some() => {
                    "{ "
                    @for (index, (name, member)) in members(schema, "properties").enumerate() {
                        @if index > 0 { ", " }
                        code { (name) } ": " (kind(member))
                    }
                    " }"
                }
                _ => (name)
            }
        }
        (limits(schema))
    }
}

fn joined(parts: &[Value], show: impl Fn(&Value) -> Markup) -> Markup {
    html! {
        @for (index, part) in parts.iter().enumerate() {
            @if index > 0 { " or " }
            (show(part))
        }
    }
}

/// How long, how large, of which form.
fn limits(schema: &Value) -> Markup {
    let number = |name: &str| schema.get(name).map(Value::to_string);
    let range = |least: &str, most: &str, of: &str| match (number(least), number(most)) {
        (Some(least), Some(most)) => Some(format!("{least} to {most}{of}")),
        (None, Some(most)) => Some(format!("up to {most}{of}")),
        (Some(least), None) if least != "0" && least != "0.0" => Some(format!("from {least}{of}")),
        _ => None,
    };
    let words = [
        range("minimum", "maximum", ""),
        range("minLength", "maxLength", " characters"),
        range("minItems", "maxItems", " of them"),
        range("minProperties", "maxProperties", " members"),
    ];
    let format = text(schema, &["format"]);
    let shown = ["date-time", "uri"].contains(&format).then(|| format.to_owned());
    html! {
        @for word in words.into_iter().flatten().chain(shown) { ", " (word) }
        @if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) { ", " code { (pattern) } }
        @if let Some(default) = schema.get("default").filter(|value| !value.is_object()) { ", else " code { (default) } }
    }
}
