//! The page `/docs`: the document of the API for people. Made on the server from the document itself, once; it has no
//! script and asks nobody else for anything.

mod call;
mod schema;

use std::sync::LazyLock;

use axum::{
    body::Bytes,
    http::{
        HeaderValue,
        header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, html};
use serde_json::{Map, Value};

use super::openapi;
use crate::error::ApiCode;

/// `GET /docs`.
pub(super) async fn show() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, PAGE.clone()).into_response()
}

/// `GET /docs/style.css`.
pub(super) async fn style() -> Response {
    let css = HeaderValue::from_static("text/css; charset=utf-8");
    ([(CONTENT_TYPE, css)], STYLE).into_response()
}

fn page(document: &Value) -> Markup {
    let components = |kind: &str| document.get("components").and_then(|all| all.get(kind));
    let schemas = components("schemas").and_then(Value::as_object);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Hookseal API" }
                link rel="stylesheet" href="/docs/style.css";
            }
            body {
                nav aria-label="Contents" {
                    a.home href="#top" { "Hookseal API" }
                    @for tag in tags(document) {
                        p { a href={ "#" (tag.name) } { (tag.name) } }
                        ul {
                            @for call in &tag.calls {
                                li { a href={ "#" (call.id) } { span.method.(call.method) { (call.method) } " " (call.short()) } }
                            }
                        }
                    }
                    p { a href="#schemas" { "schemas" } }
                    p { a href="#errors" { "errors" } }
                }
                main #top {
                    h1 { "Hookseal API" }
                    @for paragraph in text(document, &["info", "description"]).split("\n\n") {
                        p { (prose(paragraph)) }
                    }
                    p {
                        "Version " (text(document, &["info", "version"]))
                        ". The same for programs: " a href="/openapi.json" { "openapi.json" } " (OpenAPI 3.1)."
                    }
                    @for tag in tags(document) {
                        section #(tag.name) {
                            h2 { (tag.name) }
                            p { (prose(tag.about)) }
                            @for call in &tag.calls { (call.show(document)) }
                        }
                    }
                    section #schemas {
                        h2 { "Schemas" }
                        @for (name, schema) in schemas.into_iter().flatten() { (schema::named(name, schema)) }
                    }
                    section #errors {
                        h2 { "Errors" }
                        p { (prose("Whatever is not a success has the body `{\"error\":{\"code\",\"message\",\"hint\",\"field\"}}`. A code never changes its meaning. Calls that take values have some more codes, which they list.")) }
                        div.wide { table {
                            thead { tr { th { "code" } th { "status" } th { "what to do" } } }
                            tbody {
                                @for code in ApiCode::ALL {
                                    tr {
                                        td { code { (code.as_str()) } }
                                        td { (code.status().as_u16()) }
                                        td { (prose(code.hint())) }
                                    }
                                }
                            }
                        } }
                    }
                }
            }
        }
    }
}

/// The calls of a resource.
struct Tag<'d> {
    name: &'d str,
    about: &'d str,
    calls: Vec<call::Call<'d>>,
}

fn tags(document: &Value) -> Vec<Tag<'_>> {
    let mut calls: Vec<_> = members(document, "paths")
        .flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten();
            methods.map(move |(method, call)| call::Call::new(path, method, call))
        })
        .collect();
    let all = document.get("tags").and_then(Value::as_array).into_iter().flatten();
    all.map(|tag| {
        let name = text(tag, &["name"]);
        let (own, others) = calls.drain(..).partition(|call: &call::Call<'_>| call.tag == name);
        calls = others;
        Tag { name, about: text(tag, &["description"]), calls: own }
    })
    .collect()
}

/// The text at a place, or none.
fn text<'v>(value: &'v Value, path: &[&str]) -> &'v str {
    let found = path.iter().try_fold(value, |value, name| value.get(name));
    found.and_then(Value::as_str).unwrap_or_default()
}

/// The members of what stands under a name, or none.
fn members<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value.get(name).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

/// Text in which what stands between backticks is code.
fn prose(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

static PAGE: LazyLock<Bytes> =
    LazyLock::new(|| Bytes::from(page(&openapi::document()).into_string()));
const STYLE: &str = include_str!("style.css");
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
