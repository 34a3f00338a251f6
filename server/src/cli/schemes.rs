//! `hookseal schemes`.

use std::{collections::BTreeMap, process::ExitCode};

use clap::Args;
use hookseal::Scheme;
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::answer::{Failure, report, report_text};
use super::scheme::{own_scheme, read_text};

/// List the built-in schemes, or show one: what it takes, what it signs, and a command to try it with
///
/// A scheme of your own, in a file `….json`, is checked and shown alike; exit code 1 says what is wrong with it.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  hookseal schemes | grep -i pay
  hookseal schemes stripe
  hookseal schemes stripe --json | jq .scheme > acme.json")]
pub(super) struct Schemes {
    /// Name of a built-in scheme, or a file `….json`
    id: Option<String>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What this command reads of the JSON of a scheme; the core checks it.
#[derive(Deserialize)]
struct Row {
    name: Option<String>,
    source: Option<String>,
    confidence: Option<String>,
    notes: Option<String>,
    #[serde(default)]
    config: BTreeMap<String, Setting>,
    signed_content: Option<String>,
    key_source: Option<Value>,
    handshake: Option<Value>,
}

#[derive(Deserialize)]
struct Setting {
    description: String,
    default: Option<String>,
    example: Option<String>,
}

impl Schemes {
    pub(super) fn run(&self) -> ExitCode {
        match (&self.id, self.json) {
            (None, false) => report_text(list().map(|rows| rows.join("\n"))),
            (None, true) => report(list_as_json()),
            (Some(id), false) => report_text(Shown::of(id).map(|shown| shown.text())),
            (Some(id), true) => report(Shown::of(id).and_then(|shown| shown.json())),
        }
    }
}

fn list() -> Result<Vec<String>, Failure> {
    let mut rows = vec![format!("{:<26}{:<12}{}", "ID", "CONFIDENCE", "NAME")];
    for id in Scheme::builtin_ids() {
        let entry = Scheme::catalogue_entry(id)?;
        rows.push(format!("{id:<26}{:<12}{}", entry.confidence, entry.name));
    }
    Ok(rows)
}

fn list_as_json() -> Result<Vec<Value>, Failure> {
    Scheme::builtin_ids()
        .into_iter()
        .map(|id| {
            let entry = Scheme::catalogue_entry(id)?;
            Ok(json!({ "id": id, "name": entry.name, "confidence": entry.confidence }))
        })
        .collect()
}

/// One scheme with all that is told of it.
struct Shown {
    /// What stands for it on the command line.
    argument: String,
    text: String,
    row: Row,
    scheme: Scheme,
    /// The headers of a delivery, without other spellings of them and those of handshakes.
    headers: Vec<String>,
}

impl Shown {
    fn of(argument: &str) -> Result<Self, Failure> {
        let text = match own_scheme(argument) {
            Some(path) => read_text(path)?,
            None => Scheme::catalogue_entry(argument)?.json.to_owned(),
        };
        let parsed: Result<Row, _> = serde_json::from_str(&text);
        let config: Vec<(&str, &str)> = match &parsed {
            Ok(row) => {
                row.config.iter().map(|(name, setting)| (name.as_str(), setting.sample())).collect()
            }
            Err(_) => Vec::new(),
        };
        let scheme = Scheme::from_json_with(&text, &config)?;
        let headers = Scheme::from_json_with(&without_spellings(&text), &config)?;
        let headers = headers.headers().into_iter().map(str::to_owned).collect();
        // What the core takes, this reads.
        let row = parsed.map_err(|error| Failure::Unusable(error.to_string()))?;
        Ok(Self { argument: argument.to_owned(), text, row, scheme, headers })
    }

    fn text(&self) -> String {
        let (row, scheme) = (&self.row, &self.scheme);
        let body = if scheme.covers_body() {
            "signed"
        } else {
            "NOT signed as a whole: treat it as a hint, and ask the sender's API"
        };
        let mut lines =
            vec![format!("{}: {}", scheme.id(), row.name.as_deref().unwrap_or(scheme.name()))];
        let mut line = |name: &str, value: &str| lines.push(format!("  {name:<12}{value}"));
        for (name, value) in [
            ("notes", &row.notes),
            ("source", &row.source),
            ("confidence", &row.confidence),
            ("signs", &row.signed_content),
        ] {
            if let Some(value) = value {
                line(name, &value.replace('\n', "\\n"));
            }
        }
        line("body", body);
        line("headers", &self.headers.join(", "));
        if scheme.reads_any_header() {
            line("", "and those that the signature names");
        }
        if scheme.reads_url() {
            line("url", "needed, as it is registered with the sender");
        }
        if row.key_source.is_some() {
            line("key", "published by the sender: `hookseal key` says where");
        }
        if row.handshake.is_some() {
            line("handshake", "yes: `hookseal handshake` answers it");
        }
        for (name, setting) in &row.config {
            line("config", &format!("{name}: {}", setting.description));
            if let Some(default) = &setting.default {
                line("", &format!("(`{default}` when it is not given)"));
            }
        }
        lines.push(format!("\n  {}", self.example()));
        lines.join("\n")
    }

    fn json(&self) -> Result<Value, Failure> {
        let (row, scheme) = (&self.row, &self.scheme);
        let config: serde_json::Map<String, Value> = row
            .config
            .iter()
            .map(|(name, setting)| {
                let Setting { description, default, example } = setting;
                let setting =
                    json!({ "description": description, "default": default, "example": example });
                (name.clone(), setting)
            })
            .collect();
        let text: &RawValue = serde_json::from_str(&self.text)
            .map_err(|error| Failure::Unusable(error.to_string()))?;
        Ok(json!({
            "id": scheme.id(),
            "name": scheme.name(),
            "confidence": row.confidence,
            "source": row.source,
            "notes": row.notes,
            "config": config,
            "headers": self.headers,
            "reads_any_header": scheme.reads_any_header(),
            "reads_url": scheme.reads_url(),
            "covers_body": scheme.covers_body(),
            "has_published_key": row.key_source.is_some(),
            "has_handshake": row.handshake.is_some(),
            "example": self.example(),
            "scheme": text,
        }))
    }

    /// A command that verifies a delivery; what stands in `…` comes from the delivery.
    fn example(&self) -> String {
        let file = if self.row.key_source.is_some() { "key" } else { "secret" };
        let mut command = format!("hookseal verify {} --secret-file {file}", self.argument);
        let needed = without_optional(&self.text);
        for (name, setting) in &self.row.config {
            if setting.default.is_none() && needed.contains(&format!("{{config:{name}}}")) {
                command.push_str(&format!(" --config {name}={}", quoted(setting.sample())));
            }
        }
        if self.scheme.reads_url() {
            command.push_str(" --url 'https://example.com/hooks'");
        }
        for name in &self.headers {
            let value =
                if name == "content-type" { "application/x-www-form-urlencoded" } else { "…" };
            command.push_str(&format!(" --header '{name}: {value}'"));
        }
        command + " body"
    }
}

impl Setting {
    fn sample(&self) -> &str {
        self.example.as_deref().or(self.default.as_deref()).unwrap_or("sample")
    }
}

/// The scheme with one name for each header, and without its handshakes.
fn without_spellings(text: &str) -> String {
    edited(text, |scheme| {
        scheme.remove("header_aliases");
        scheme.remove("handshake");
        let Some(from) = scheme.get_mut("signature").and_then(|rule| rule.get_mut("from")) else {
            return;
        };
        if let Some(first) = from.as_array().and_then(|places| places.first()).cloned() {
            *from = first;
        }
        // `x-signature-{1..100}`: the first of them.
        if let Some((before, rest)) = from.as_str().and_then(|place| place.split_once('{'))
            && let Some((first, _)) = rest.split_once("..")
        {
            *from = format!("{before}{first}").into();
        }
    })
}

/// The scheme without what can be left out by those who only verify.
fn without_optional(text: &str) -> String {
    edited(text, |scheme| {
        scheme.remove("handshake");
        scheme.remove("require");
    })
}

fn edited(text: &str, edit: impl FnOnce(&mut serde_json::Map<String, Value>)) -> String {
    match serde_json::from_str(text) {
        Ok(Value::Object(mut scheme)) => {
            edit(&mut scheme);
            Value::Object(scheme).to_string()
        }
        _ => text.to_owned(),
    }
}

/// As a shell takes it.
fn quoted(value: &str) -> String {
    let is_plain =
        value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte));
    if is_plain { value.to_owned() } else { format!("'{}'", value.replace('\'', r"'\''")) }
}
