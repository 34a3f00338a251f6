//! Writes what the fuzz targets start from: of the vectors, one request and one scheme of each kind that there is.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use conformance::{File, Group, Operation, Test, TestResult};
use serde_json::Value;

fn main() -> io::Result<()> {
    let folder = conformance::folder();
    let catalogue = fs::read_to_string(folder.join("../../core/src/scheme/catalogue.json"))?;
    let rows: Vec<Value> = serde_json::from_str(&catalogue)?;
    let files = conformance::load().map_err(io::Error::other)?;
    let seeds = folder.join("../../fuzz/seeds");
    write_deliveries(&seeds.join("verify"), &rows, &files)?;
    write_schemes(&seeds.join("scheme"), &rows)?;
    write_retries(&seeds.join("retry_after"), &files)
}

/// The first vector that verifies, of each kind of scheme.
fn write_deliveries(folder: &Path, rows: &[Value], files: &[(String, File)]) -> io::Result<()> {
    empty(folder)?;
    for row in one_of_each_kind(rows) {
        let id = row.get("id").and_then(Value::as_str).unwrap_or_default();
        let groups = groups(files, Operation::Verify)
            .filter(|group| group.scheme.as_ref().and_then(Value::as_str) == Some(id));
        let found = groups
            .flat_map(|group| group.tests.iter().map(move |test| (group, test)))
            .find(|(_, test)| test.result == TestResult::Valid);
        if let Some((group, test)) = found {
            fs::write(folder.join(id), delivery(id, group, test))?;
        }
    }
    Ok(())
}

/// In the form that `fuzz/src/delivery.rs` reads.
fn delivery(id: &str, group: &Group, test: &Test) -> Vec<u8> {
    let secrets = group.secrets.join("\t");
    let now = test.number("nowMs").unwrap_or_default();
    let method = test.text("method").unwrap_or("POST");
    let url = test.text("url").unwrap_or("https://example.com/hooks?a=1");
    let mut text = format!("{id}\n{secrets}\n{now}\n{method} {url}\n");
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
    for row in one_of_each_kind(rows) {
        let mut scheme = row.clone();
        if let Some(members) = scheme.as_object_mut() {
            // Words for people only take a fuzzer's time.
            members.retain(|name, _| !["name", "notes", "source"].contains(&name.as_str()));
        }
        let id = row.get("id").and_then(Value::as_str).unwrap_or_default();
        fs::write(folder.join(id), scheme.to_string())?;
    }
    Ok(())
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

/// The first row of each kind: rows of a kind differ in their names only.
fn one_of_each_kind(rows: &[Value]) -> Vec<&Value> {
    let mut kinds = BTreeSet::new();
    rows.iter().filter(|row| kinds.insert(kind(row))).collect()
}

fn kind(row: &Value) -> Vec<String> {
    let at = |pointer| row.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let content = at("/signed_content");
    let tokens = content.split('{').skip(1).filter_map(|token| token.split([':', '}']).next());
    let mut kind: Vec<String> =
        row.as_object().into_iter().flat_map(|row| row.keys().cloned()).collect();
    kind.retain(|name| {
        !["name", "notes", "source", "event_id", "event_type"].contains(&name.as_str())
    });
    kind.extend(
        [
            "/algorithm",
            "/signature/format/mode",
            "/signature/encoding",
            "/timestamp/unit",
            "/key/encoding",
        ]
        .map(at),
    );
    kind.extend(tokens.map(str::to_owned));
    kind
}

fn empty(folder: &Path) -> io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)
}
