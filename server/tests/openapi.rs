//! The document of the API: as it was committed, true to its own rules, and served.

#![cfg(test)]

mod support;

use std::{collections::BTreeSet, fs, path::Path};

use hookseal_server::{
    error::ApiCode,
    http::{calls, openapi},
};
use serde_json::{Value, json};
use support::TestServer;

/// Every example of a body, with the schema that it stands beside.
fn examples<'d>(value: &'d Value, found: &mut Vec<(&'d Value, &'d Value)>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| examples(value, found)),
        Value::Object(members) => {
            if let Some(media) = members.get("application/json")
                && let Some(example) = media.get("example")
            {
                found.push((&media["schema"], example));
            }
            members.values().for_each(|value| examples(value, found));
        }
        _ => {}
    }
}

/// Whatever stands under `$ref`.
fn references<'d>(value: &'d Value, found: &mut BTreeSet<&'d str>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|value| references(value, found));
        }
        _ => {}
    }
}

#[test]
fn the_document_is_the_committed_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == openapi::text(),
        "docs/openapi.json is out of date; run `cargo run -p hookseal-server -- openapi > docs/openapi.json`, and look at what changed"
    );
}

#[test]
fn every_route_is_an_operation_and_nothing_else_is() {
    let document = openapi::document();
    let mut operations = 0;
    let mut ids = BTreeSet::new();
    for call in calls() {
        let route = &call.route;
        let operation =
            &document["paths"][route.path][route.method.as_str().to_ascii_lowercase().as_str()];
        assert_eq!(operation["x-scope"], route.scope.as_str(), "{} {}", route.method, route.path);
        assert_eq!(operation["summary"], call.summary);
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()));
        for part in route.path.split('/').filter_map(|part| part.strip_prefix('{')) {
            let name = part.strip_suffix('}').unwrap();
            let parameters = operation["parameters"].as_array().unwrap();
            assert!(
                parameters.iter().any(|one| one["name"] == name && one["in"] == "path"),
                "{name} of {}",
                route.path
            );
        }
        operations += 1;
    }
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(
        paths.values().map(|path| path.as_object().unwrap().len()).sum::<usize>(),
        operations
    );
    let tags: BTreeSet<_> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| &tag["name"])
        .map(Value::to_string)
        .collect();
    let used: BTreeSet<_> = paths
        .values()
        .flat_map(|path| path.as_object().unwrap().values())
        .map(|operation| operation["tags"][0].to_string())
        .collect();
    assert_eq!(tags, used);
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let document = openapi::document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in &found {
        assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
    for schema in document["components"]["schemas"].as_object().unwrap().keys() {
        let reference = format!("#/components/schemas/{schema}");
        assert!(found.contains(reference.as_str()), "{schema} is not used");
    }
}

#[test]
fn every_body_has_an_example_that_its_schema_takes() {
    let document = openapi::document();
    let mut found = Vec::new();
    examples(&document, &mut found);
    let components = &document["components"];
    for (schema, example) in &found {
        let whole = json!({ "allOf": [schema], "components": components });
        let validator = jsonschema::options().should_validate_formats(true).build(&whole).unwrap();
        let wrong: Vec<_> = validator.iter_errors(example).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{example} {wrong:?}");
    }
    let bodies = document["paths"].as_object().unwrap().values();
    let bodies = bodies.flat_map(|path| path.as_object().unwrap().values()).flat_map(|operation| {
        let answers = operation["responses"].as_object().unwrap().iter();
        let answers =
            answers.filter(|(status, _)| status.starts_with('2')).map(|(_, answer)| answer);
        answers.chain(operation.get("requestBody")).filter(|body| body.get("content").is_some())
    });
    let mut count = 0;
    for body in bodies {
        assert!(body["content"]["application/json"].get("example").is_some(), "{body}");
        count += 1;
    }
    assert_eq!(count, found.len());
}

#[tokio::test]
async fn it_is_served_to_everybody() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let answer = server.client.with_key("").get("/openapi.json").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, openapi::text()));
    assert!(answer.head.contains("content-type: application/json"), "{}", answer.head);
}

/// The names of the tags, in their order.
fn tags_of(page: &str) -> Vec<&str> {
    page.split('<').skip(1).filter_map(|piece| piece.split(['>', ' ']).next()).collect()
}

#[tokio::test]
async fn the_page_has_every_call_and_asks_nobody_else() {
    let data = tempfile::tempdir().unwrap();
    let server = TestServer::start(&data).await;
    let page = server.client.with_key("").get("/docs").await;
    assert_eq!(page.status, 200);
    assert!(page.head.contains("content-type: text/html; charset=utf-8"), "{}", page.head);
    assert!(page.head.contains("content-security-policy: default-src 'none'; style-src 'self'"));
    for call in calls() {
        assert!(page.body.contains(&format!("<article id=\"{}\">", call.id)), "{}", call.id);
        assert!(page.body.contains(&format!("$HOOKSEAL_URL{}", call.route.path)));
    }
    for code in ApiCode::ALL {
        assert!(page.body.contains(&format!("<td><code>{}</code></td>", code.as_str())));
    }
    for reference in page.body.split("href=\"#").skip(1) {
        let id = reference.split('"').next().unwrap();
        assert!(page.body.contains(&format!("id=\"{id}\"")), "nothing is called {id}");
    }
    let tags = tags_of(&page.body);
    assert!(!tags.iter().any(|tag| ["script", "img", "iframe", "style"].contains(tag)));
    assert!(!page.body.contains("style=\"") && !page.body.contains("=\"http"));
    for tag in ["article", "section", "dl", "dt", "dd", "table", "details", "pre", "ul"] {
        let closing = format!("/{tag}");
        let count = |name: &str| tags.iter().filter(|one| **one == name).count();
        assert_eq!(count(tag), count(&closing), "{tag}");
    }
    let style = server.client.with_key("").get("/docs/style.css").await;
    assert_eq!(style.status, 200);
    assert!(style.head.contains("content-type: text/css") && !style.body.contains("url("));
}
