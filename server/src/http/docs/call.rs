//! A call on the page: what it takes, what it answers, and how to try it.

use maud::{Markup, html};
use serde_json::Value;

use super::{members, prose, schema, text};

/// A method of a path.
pub(super) struct Call<'d> {
    path: &'d str,
    pub(super) method: &'d str,
    pub(super) tag: &'d str,
    pub(super) id: &'d str,
    operation: &'d Value,
}

impl<'d> Call<'d> {
    pub(super) fn new(path: &'d str, method: &'d str, operation: &'d Value) -> Self {
        let tag = operation.get("tags").and_then(|tags| tags.get(0)).and_then(Value::as_str);
        let id = text(operation, &["operationId"]);
        Self { path, method, tag: tag.unwrap_or_default(), id, operation }
    }

    /// The path, as far as it differs from that of others.
    pub(super) fn short(&self) -> &str {
        self.path.strip_prefix("/v1").unwrap_or(self.path)
    }

    pub(super) fn show(&self, document: &Value) -> Markup {
        let parameters = self.operation.get("parameters").and_then(Value::as_array);
        let body = self.operation.get("requestBody");
        html! {
            article #(self.id) {
                h3 {
                    span.method.(self.method) { (self.method) } " "
                    a href={ "#" (self.id) } { (self.path) }
                }
                p { (prose(&capital(text(self.operation, &["summary"])))) "." }
                p.quiet { (prose(text(self.operation, &["description"]))) }
                @if let Some(parameters) = parameters {
                    h4 { "Parameters" }
                    dl {
                        @for parameter in parameters {
                            dt {
                                code { (text(parameter, &["name"])) } " "
                                @if let Some(schema) = parameter.get("schema") { (schema::kind(schema)) }
                                @if text(parameter, &["in"]) != "query" { span.quiet { ", in the " (text(parameter, &["in"])) } }
                            }
                            dd { (prose(text(parameter, &["description"]))) }
                        }
                    }
                }
                @if let Some(schema) = body.and_then(schema_of) {
                    h4 { "Body" }
                    p {
                        (schema::kind(schema))
                        @if body.and_then(|body| body.get("required")) == Some(&Value::Bool(false)) { ", or nothing" }
                    }
                }
                h4 { "Try it" }
                pre tabindex="0" { code { (self.curl()) } }
                h4 { "Answers" }
                @for (status, answer) in members(self.operation, "responses") {
                    @if status.starts_with('2') { (success(status, answer)) } @else { (refusal(document, status, answer)) }
                }
            }
        }
    }

    fn curl(&self) -> String {
        let mut lines = vec![format!(
            "curl -X {} \"$HOOKSEAL_URL{}\" \\\n  -H \"Authorization: Bearer $HOOKSEAL_API_KEY\"",
            self.method.to_ascii_uppercase(),
            self.path
        )];
        if let Some(example) = self.operation.get("requestBody").and_then(example_of) {
            let json = serde_json::to_string_pretty(example).unwrap_or_default();
            lines.push("-H 'Content-Type: application/json'".to_owned());
            lines.push(format!("-d '{}'", json.replace('\'', "'\\''")));
        }
        lines.join(" \\\n  ")
    }
}

fn success(status: &str, answer: &Value) -> Markup {
    html! {
        p {
            span.status { (status) } " " (prose(text(answer, &["description"])))
            @if let Some(schema) = schema_of(answer) { " " (schema::kind(schema)) }
        }
        @if let Some(example) = example_of(answer) {
            pre tabindex="0" { code { (serde_json::to_string_pretty(example).unwrap_or_default()) } }
        }
    }
}

/// The answers that are shared stand apart in the document.
fn refusal(document: &Value, status: &str, answer: &Value) -> Markup {
    let reference = text(answer, &["$ref"]).strip_prefix('#').unwrap_or_default();
    let answer = document.pointer(reference).unwrap_or(answer);
    html! {
        details {
            summary {
                span.status.bad { (status) } " "
                @for (index, code) in reference.rsplit('/').next().unwrap_or_default().split('.').enumerate() {
                    @if index > 0 { ", " }
                    code { (code) }
                }
            }
            @for line in text(answer, &["description"]).split("\n\n") { p { (prose(line)) } }
        }
    }
}

fn media(body: &Value) -> Option<&Value> {
    body.get("content")?.get("application/json")
}

fn schema_of(body: &Value) -> Option<&Value> {
    media(body)?.get("schema")
}

fn example_of(body: &Value) -> Option<&Value> {
    media(body)?.get("example")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
