//! The document of the API (OpenAPI 3.1), made from the table of routes and the types of their handlers.
//!
//! **Invariant.** There is no second list: a call that is not in `routes.rs` is not in the document, and what a call takes
//! and answers is what its handler's types say.

mod operation;
mod schemas;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use axum::{
    body::Bytes,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

pub(super) use self::operation::{Described, Operation, Reason};
use self::schemas::{Schemas, polish};
use super::routes::{Call, calls};
use crate::error::ErrorView;

/// `GET /openapi.json`.
pub(super) async fn show() -> Response {
    ([(CONTENT_TYPE, "application/json")], BYTES.clone()).into_response()
}

/// The document, as it is served.
#[must_use]
pub fn text() -> &'static str {
    &TEXT
}

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut schemas = Schemas::new();
    // Named by what refers to it only through the answers below.
    schemas.write.subschema_for::<ErrorView<'_>>();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut responses = Map::new();
    for call in calls() {
        let method = call.route.method.as_str().to_ascii_lowercase();
        let item = describe(&call, &mut schemas, &mut responses);
        paths.entry(call.route.path).or_default().insert(method, item);
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Hookseal",
            "description": ABOUT,
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE") },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "key": [] }],
        "tags": TAGS.iter().map(|(name, about)| json!({ "name": name, "description": about })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": { "type": "http", "scheme": "bearer", "description": "An API key: `hks_…`." },
            },
            "responses": responses,
            "schemas": schemas.take(),
        },
    });
    polish(&mut document);
    exemplify(&mut document);
    document
}

fn describe(call: &Call, schemas: &mut Schemas, responses: &mut Map<String, Value>) -> Value {
    let mut operation = Operation::new(call.route.path, schemas);
    (call.describe)(&mut operation);
    operation.reasons.extend(&call.reasons);
    let mut answers = BTreeMap::new();
    for (status, content) in operation.answers {
        let mut answer = Map::new();
        answer.insert("description".to_owned(), json!(meaning(status)));
        if let Some(content) = content {
            answer.insert("content".to_owned(), content);
        }
        answers.insert(status.to_string(), Value::Object(answer));
    }
    let statuses: BTreeSet<_> = operation.reasons.iter().map(|reason| reason.status).collect();
    for status in statuses {
        let reasons = operation.reasons.iter().filter(|reason| reason.status == status);
        let reasons: Vec<_> = reasons.copied().collect();
        let name = reasons.iter().map(|reason| reason.name).collect::<Vec<_>>().join(".");
        let reference = json!({ "$ref": format!("#/components/responses/{name}") });
        responses.entry(name).or_insert_with(|| refused(status, &reasons));
        answers.insert(status.to_string(), reference);
    }
    let scope = call.route.scope.as_str();
    let mut item = Map::new();
    item.insert("operationId".to_owned(), json!(call.id));
    item.insert("summary".to_owned(), json!(call.summary));
    item.insert(
        "description".to_owned(),
        json!(format!("Needs a key with the scope `{}`.", scope)),
    );
    item.insert("x-scope".to_owned(), json!(scope));
    item.insert("tags".to_owned(), json!([tag(call.route.path)]));
    if !operation.parameters.is_empty() {
        item.insert("parameters".to_owned(), Value::Array(operation.parameters));
    }
    if let Some(body) = operation.body {
        item.insert("requestBody".to_owned(), body);
    }
    item.insert("responses".to_owned(), json!(answers));
    Value::Object(item)
}

/// An answer with one of these codes.
fn refused(status: u16, reasons: &[Reason]) -> Value {
    let codes: Vec<_> = reasons.iter().map(|reason| reason.name).collect();
    let lines: Vec<_> =
        reasons.iter().map(|reason| format!("`{}`: {}.", reason.name, reason.hint)).collect();
    let mut answer = json!({
        "description": lines.join("\n\n"),
        "content": { "application/json": { "schema": { "allOf": [
            { "$ref": "#/components/schemas/Error" },
            { "properties": { "error": { "properties": { "code": { "enum": codes } } } } },
        ] } } },
    });
    let header = match status {
        429 | 503 => Some(("Retry-After", "Seconds to wait before the next try.")),
        401 => Some(("WWW-Authenticate", "Always `Bearer`.")),
        _ => None,
    };
    if let (Some((name, about)), Some(answer)) = (header, answer.as_object_mut()) {
        let header = json!({ "description": about, "schema": { "type": "string" } });
        answer.insert("headers".to_owned(), json!({ name: header }));
    }
    answer
}

/// The resource: `/v1/<tag>/…`.
fn tag(path: &str) -> &str {
    path.split('/').nth(2).unwrap_or_default()
}

const fn meaning(status: u16) -> &'static str {
    match status {
        201 => "It was made.",
        202 => "It is on disk, and will be done.",
        204 => "It was done.",
        _ => "What was asked for.",
    }
}

/// Gives bodies their examples: one for each schema that is a body, and for lists the example of their rows.
fn exemplify(document: &mut Value) {
    match document {
        Value::Array(values) => values.iter_mut().for_each(exemplify),
        Value::Object(members) => {
            if let Some(media) = members.get_mut("application/json").and_then(Value::as_object_mut)
            {
                let name = media.get("schema").and_then(|schema| schema.get("$ref"));
                let name = name.and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
                if let Some(example) = name.and_then(example) {
                    media.insert("example".to_owned(), example);
                }
            }
            members.values_mut().for_each(exemplify);
        }
        _ => {}
    }
}

fn example(schema: &str) -> Option<Value> {
    let rows = || {
        let row = EXAMPLES.get(schema.strip_suffix("List")?)?;
        Some(json!({ "data": [row], "next": null }))
    };
    EXAMPLES.get(schema).cloned().or_else(rows)
}

static BYTES: LazyLock<Bytes> = LazyLock::new(|| Bytes::from_static(TEXT.as_bytes()));
static TEXT: LazyLock<String> = LazyLock::new(|| {
    let text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    format!("{text}\n")
});
/// By the name of the schema. A test holds each against it.
static EXAMPLES: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("examples.json")).unwrap_or_default());

const ABOUT: &str = "Accepts events, delivers them signed to the endpoints that want them, and keeps the record.\n\n\
    Ids begin with what they are: `acct_`, `dlv_`, `ep_`, `evt_`, `key_`. Times are RFC 3339 in UTC with milliseconds. Whatever is \
    not a success has the body `{\"error\":{\"code\",\"message\",\"hint\",\"field\"}}`. A list is `{\"data\":[…],\"next\":…}`: \
    send `next` as `after` or `before` to get the page that follows.";
const TAGS: &[(&str, &str)] = &[
    ("account", "The account of the key."),
    ("accounts", "All accounts, for the operator of the server."),
    ("api-keys", "Who may call."),
    ("deliveries", "One event for one endpoint, with every attempt."),
    ("endpoints", "URLs that receive."),
    ("event-types", "What can be sent, with the JSON Schemas of the data."),
    ("events", "What is sent."),
    (
        "sources",
        "Senders whose webhooks are taken at `/in/{source}`, and what of theirs was refused.",
    ),
    ("tenants", "Your customers, where they are kept apart."),
];
