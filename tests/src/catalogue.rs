//! The page of the catalogue: `docs/catalogue.md`.

use std::path::PathBuf;

use hookseal::{CatalogueEntry, Error, Scheme};
use serde_json::Value;

const INTRODUCTION: &str = "\
# Catalogue

The schemes that are built in: how each sender signs. Written by `cargo run -p conformance --bin regen` from
[catalogue.jsonl](../core/src/scheme/catalogue.jsonl); [schemes.md](schemes.md) says what the fields of a scheme mean, and
`hookseal schemes ID` shows one with a command to try it.

- **confidence**: `high`, from the provider's own documents or code, or from several sources; `medium`, from one other
  source.
- **handshake**: whether there is a request to answer before the first delivery.
- **body**: whether the signature protects it. Where it does so in part or not at all, take the body as a hint, and ask the
  sender's API.

| id | name | algorithm | confidence | handshake | body | notes |
|---|---|---|---|---|---|---|
";

/// Where the page is.
#[must_use]
pub fn path() -> PathBuf {
    crate::docs().join("catalogue.md")
}

/// The page, made from the rows.
///
/// # Errors
/// `unknown_scheme`, never for the names that the core lists.
pub fn page() -> Result<String, Error> {
    let rows = Scheme::builtin_ids()
        .into_iter()
        .map(|id| Scheme::catalogue_entry(id).map(|entry| line(&entry)))
        .collect::<Result<String, Error>>()?;
    Ok(format!("{INTRODUCTION}{rows}"))
}

fn line(entry: &CatalogueEntry) -> String {
    let row: Value = serde_json::from_str(entry.json).unwrap_or_default();
    let handshake = if row.get("handshake").is_some() { "yes" } else { "" };
    let body = match row.get("body_coverage").and_then(Value::as_str) {
        Some("none") => "not signed",
        Some("partial") => "in part",
        _ => "signed",
    };
    let settings: Vec<String> = entry.config.iter().map(|(name, _)| format!("`{name}`")).collect();
    let mut notes = entry.notes.clone().unwrap_or_default();
    if !settings.is_empty() {
        notes = format!("{notes} Takes {}.", settings.join(", ")).trim_start().to_owned();
    }
    let cells = [
        &format!("`{}`", entry.id),
        &entry.name,
        &algorithm(&row),
        &entry.confidence,
        handshake,
        body,
        notes.as_str(),
    ];
    let cells = cells.map(|cell| cell.replace('|', "\\|").replace('\n', " "));
    format!("| {} |\n", cells.join(" | "))
}

fn algorithm(row: &Value) -> String {
    let names = |values: Vec<&Value>| {
        values.into_iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
    };
    match row.get("algorithm") {
        None => "hmac-sha256".to_owned(),
        Some(Value::String(name)) if name == "jwt" => {
            let taken = row.pointer("/jwt/algorithms").and_then(Value::as_array);
            format!("jwt: {}", names(taken.into_iter().flatten().collect()))
        }
        Some(Value::String(name)) => name.clone(),
        Some(choice) => {
            let map = choice.get("map").and_then(Value::as_object);
            names(map.into_iter().flat_map(|map| map.values()).collect())
        }
    }
}
