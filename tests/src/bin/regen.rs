//! Writes `tests/vectors/errors.json` from the core's table of codes, so that every language is held against it.

use hookseal::ErrorCode;
use serde_json::json;

fn main() -> std::io::Result<()> {
    let tests: Vec<_> = ErrorCode::ALL
        .iter()
        .enumerate()
        .map(|(index, code)| {
            json!({
                "tcId": index + 1, "comment": code.meaning(), "flags": [], "result": "valid",
                "code": code.as_str(), "httpStatus": code.http_status(), "hint": code.hint(),
            })
        })
        .collect();
    let document = json!({
        "schema": "vector.schema.json", "operation": "errors", "numberOfTests": tests.len(), "notes": {},
        "testGroups": [{ "tests": tests }],
    });
    std::fs::write(conformance::folder().join("errors.json"), format!("{document:#}\n"))
}
