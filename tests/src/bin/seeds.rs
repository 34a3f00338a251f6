//! Writes what the fuzz targets start from: of the vectors, one request, scheme, handshake and key of each kind that
//! there is.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use conformance::{File, Group, Operation, Test, TestResult};
use serde_json::Value;

fn main() -> io::Result<()> {
    let core = conformance::folder().join("../../core/src");
    let catalogue = fs::read_to_string(core.join("scheme/catalogue.jsonl"))?;
    let rows: Vec<Value> = catalogue.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let keys: Vec<Value> =
        serde_json::from_str(&fs::read_to_string(core.join("asymmetric/vectors.json"))?)?;
    let files = conformance::load().map_err(io::Error::other)?;
    let seeds = conformance::folder().join("../../fuzz/seeds");
    // `tamper` and `explain` start from the same deliveries: see the links in that folder.
    write_deliveries(&seeds.join("verify"), &rows, &files)?;
    write_handshakes(&seeds.join("handshake"), &rows, &files)?;
    write_schemes(&seeds.join("scheme"), &rows)?;
    write_config(&seeds.join("scheme_config"), &rows, &files)?;
    write_keys(&seeds.join("keys"), &keys)?;
    write_retries(&seeds.join("retry_after"), &files)
}

/// The first vector that verifies, of each kind of scheme.
fn write_deliveries(folder: &Path, rows: &[Value], files: &[(String, File)]) -> io::Result<()> {
    empty(folder)?;
    for id in one_of_each_kind(rows, "") {
        let is_valid = |test: &Test| test.result == TestResult::Valid;
        if let Some((group, test)) = first(files, Operation::Verify, id, is_valid) {
            fs::write(folder.join(id), delivery(id, group, test))?;
        }
    }
    Ok(())
}

/// The first vector that is answered, of each kind of handshake.
fn write_handshakes(folder: &Path, rows: &[Value], files: &[(String, File)]) -> io::Result<()> {
    empty(folder)?;
    for id in one_of_each_kind(rows, "/handshake") {
        let is_answered = |test: &Test| test.input.get("response").is_some_and(Value::is_object);
        if let Some((group, test)) = first(files, Operation::Handshake, id, is_answered) {
            fs::write(folder.join(id), delivery(id, group, test))?;
        }
    }
    Ok(())
}

/// In the form that `fuzz/src/delivery.rs` reads.
fn delivery(id: &str, group: &Group, test: &Test) -> Vec<u8> {
    let config: Vec<String> =
        group.config.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let secrets: Vec<String> = group.secrets.iter().map(|text| text.replace('\n', "\\n")).collect();
    let now = test.number("nowMs").unwrap_or_default();
    let method = test.text("method").unwrap_or("POST");
    let url = test.text("url").unwrap_or("https://example.com/hooks?a=1");
    let (config, secrets) = (config.join("\t"), secrets.join("\t"));
    let mut text = format!("{id}\n{config}\n{secrets}\n{now}\n{method} {url}\n");
    let headers = test.input.get("headers").and_then(Value::as_array);
    for header in headers.into_iter().flatten() {
        if let (Some(name), Some(value)) =
            (header.get(0).and_then(Value::as_str), header.get(1).and_then(Value::as_str))
        {
            text.push_str(&format!("{name}: {value}\n"));
        }
    }
    text.push_str("id: msg_1\ntype: a.b\n\n");
    [text.into_bytes(), test.body()].concat()
}

/// One row of each kind.
fn write_schemes(folder: &Path, rows: &[Value]) -> io::Result<()> {
    empty(folder)?;
    for id in one_of_each_kind(rows, "") {
        let row = rows.iter().find(|row| name(row) == id);
        fs::write(folder.join(id), row.map(without_words).unwrap_or_default())?;
    }
    Ok(())
}

/// The row as a scheme; words for people only take a fuzzer's time.
fn without_words(row: &Value) -> String {
    let mut scheme = row.clone();
    if let Some(members) = scheme.as_object_mut() {
        members.retain(|name, _| !["name", "notes", "source"].contains(&name.as_str()));
    }
    scheme.to_string()
}

/// The values of each scheme that takes any, with its name; once with the scheme itself.
fn write_config(folder: &Path, rows: &[Value], files: &[(String, File)]) -> io::Result<()> {
    empty(folder)?;
    let mut seen = BTreeSet::new();
    for row in rows {
        let id = name(row);
        let groups = groups(files, Operation::Verify).chain(groups(files, Operation::Handshake));
        let of_scheme = |group: &&Group| group.scheme.as_ref().and_then(Value::as_str) == Some(id);
        let Some(group) = groups.filter(of_scheme).find(|group| !group.config.is_empty()) else {
            continue;
        };
        if !seen.insert(group.config.keys().collect::<Vec<_>>()) {
            continue;
        }
        let values: String =
            group.config.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        if seen.len() == 1 {
            let own = format!("{values}\n{}", without_words(row));
            fs::write(folder.join("as-json"), own)?;
        }
        fs::write(folder.join(id), format!("{values}\n{id}"))?;
    }
    Ok(())
}

/// A key in each of the forms in which keys are handed around, and one of each kind as DER.
fn write_keys(folder: &Path, keys: &[Value]) -> io::Result<()> {
    empty(folder)?;
    let mut seen = BTreeSet::new();
    for key in keys {
        let kind = key.get("type").and_then(Value::as_str).unwrap_or_default().to_lowercase();
        for part in ["public", "private"] {
            let texts = key.get(part).and_then(Value::as_array).into_iter().flatten();
            for text in texts.filter_map(Value::as_str) {
                let der = STANDARD.decode(text).ok().filter(|bytes| bytes.first() == Some(&0x30));
                let form = match der {
                    Some(_) => format!("der-{kind}-{part}"),
                    None => form(text)?,
                };
                let bytes = der.as_deref().unwrap_or(text.as_bytes());
                if seen.insert(form.clone()) {
                    fs::write(folder.join(form), bytes)?;
                }
            }
        }
    }
    Ok(())
}

/// The form of a key's text: its label, prefix or members.
fn form(text: &str) -> io::Result<String> {
    if text.starts_with('{') {
        let json: Value = serde_json::from_str(text)?;
        let names: Vec<&str> =
            json.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        return Ok(format!("json-{}", names.join("-")));
    }
    let label = text.strip_prefix("-----BEGIN ").and_then(|rest| rest.split_once("-----"));
    Ok(match (label, text.split_once('_')) {
        (Some((label, _)), _) => format!("pem-{}", label.to_lowercase().replace(' ', "-")),
        (None, Some((prefix @ ("whpk" | "whsk"), _))) => prefix.to_owned(),
        _ if text.bytes().all(|byte| byte.is_ascii_hexdigit()) => "hex".to_owned(),
        _ => "base64".to_owned(),
    })
}

/// Every policy with every `Retry-After` of its vectors.
fn write_retries(folder: &Path, files: &[(String, File)]) -> io::Result<()> {
    empty(folder)?;
    let mut seeds = BTreeSet::new();
    for group in groups(files, Operation::Retry) {
        let policy = group.policy.as_ref().map(Value::to_string).unwrap_or_default();
        for test in &group.tests {
            seeds.insert(format!("{}\n{policy}", test.text("retryAfter").unwrap_or_default()));
        }
    }
    for (number, seed) in seeds.iter().enumerate() {
        fs::write(folder.join(number.to_string()), seed)?;
    }
    Ok(())
}

fn groups(files: &[(String, File)], operation: Operation) -> impl Iterator<Item = &Group> {
    let files = files.iter().filter(move |(_, file)| file.operation == operation);
    files.flat_map(|(_, file)| &file.test_groups)
}

/// The first test of a built-in scheme that `is_wanted`, with its group.
fn first<'f>(
    files: &'f [(String, File)],
    operation: Operation,
    id: &str,
    is_wanted: impl Fn(&Test) -> bool,
) -> Option<(&'f Group, &'f Test)> {
    let groups = groups(files, operation)
        .filter(|group| group.scheme.as_ref().and_then(Value::as_str) == Some(id));
    groups
        .flat_map(|group| group.tests.iter().map(move |test| (group, test)))
        .filter(|(_, test)| is_wanted(test))
        // Rather one with settings, where there is any.
        .min_by_key(|(group, _)| group.config.is_empty())
}

/// The names of rows, each of which uses something of the language, in the part at this JSON pointer, that none before
/// it does.
fn one_of_each_kind<'r>(rows: &'r [Value], part: &str) -> Vec<&'r str> {
    let mut seen = BTreeSet::new();
    let is_new = |row: &&Value| {
        let mut used = Vec::new();
        collect(row.pointer(part).unwrap_or(&Value::Null), "", &mut used);
        // All are added, so not `any`.
        used.into_iter().filter(|used| seen.insert(used.clone())).count() > 0
    };
    rows.iter().filter(is_new).map(name).collect()
}

/// What a row uses: its members, the kinds of places and tokens in its texts, and the words that choose among a few.
fn collect(value: &Value, path: &str, into: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, path, into)),
        Value::Object(members) => {
            for (name, value) in members.iter().filter(|(name, _)| !WORDS.contains(&name.as_str()))
            {
                let is_word = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                let path = format!("{path}/{}", if is_word { name } else { "*" });
                into.push(path.clone());
                collect(value, &path, into);
            }
        }
        Value::String(text) => {
            let is_choice =
                ["algorithm", "algorithms", "mode", "encoding", "derive", "unit", "form"]
                    .iter()
                    .any(|name| path.ends_with(&format!("/{name}")));
            if is_choice || text == "signature" || text == "body" {
                into.push(format!("{path}={text}"));
            }
            let kinds = text.split('{').skip(1).chain(text.contains(":/").then_some(text.as_str()));
            into.extend(kinds.map(|token| {
                let kind = token.split(['}', '/']).next().unwrap_or_default();
                let is_whole = kind.starts_with("canonical:") || kind.starts_with("body_");
                let kind = if is_whole { kind } else { kind.split(':').next().unwrap_or_default() };
                format!("{path}~{kind}{}", if token.contains("|lower") { "|lower" } else { "" })
            }));
        }
        Value::Bool(_) | Value::Null | Value::Number(_) => {}
    }
}

fn name(row: &Value) -> &str {
    row.get("id").and_then(Value::as_str).unwrap_or_default()
}

fn empty(folder: &Path) -> io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)
}

/// Members of a row that say nothing of how it signs. Handshakes have seeds of their own.
const WORDS: [&str; 10] = [
    "confidence",
    "config",
    "description",
    "event_id",
    "event_type",
    "handshake",
    "id",
    "name",
    "notes",
    "source",
];
