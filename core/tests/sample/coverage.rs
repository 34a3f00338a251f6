//! Which headers a row of the catalogue signs.

use serde_json::Value;

/// The headers that the row names in what it signs and in what it demands, in lower case.
pub(crate) fn signed_headers(row: &Value) -> Vec<String> {
    let mut names = Vec::new();
    for member in ["signature", "signed_content", "timestamp"] {
        find_headers(&row[member], &mut names);
    }
    let required = row["require"].as_object().into_iter().flat_map(|map| map.keys());
    names.extend(required.filter_map(|place| place.strip_prefix("header:")).map(str::to_owned));
    names
}

/// Every `header:NAME` in the texts of `value`.
fn find_headers(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.extend(text.split("header:").skip(1).map(|rest| {
            let end = rest.find(['}', '|', '?', ':']).unwrap_or(rest.len());
            rest[..end].to_ascii_lowercase()
        })),
        Value::Array(items) => items.iter().for_each(|item| find_headers(item, into)),
        Value::Object(members) => members.values().for_each(|item| find_headers(item, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
