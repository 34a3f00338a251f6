//! `wasm-schemes`: prints what the small core's package holds besides the wasm, as one JSON object: the compiled schemes by
//! id, and the table of errors.

use anyhow::Result;
use hookseal::{ErrorCode, Scheme};
use serde_json::{Map, Value, json};

fn main() -> Result<()> {
    let mut schemes = Map::new();
    for id in Scheme::builtin_ids() {
        schemes.insert(id.to_owned(), Value::String(Scheme::compile_builtin(id)?));
    }
    let errors = ErrorCode::ALL.iter().map(|code| {
        json!({ "code": code.as_str(), "httpStatus": code.http_status(), "meaning": code.meaning(), "hint": code.hint() })
    });
    serde_json::to_writer(
        std::io::stdout().lock(),
        &json!({ "schemes": schemes, "errors": errors.collect::<Vec<_>>() }),
    )?;
    Ok(())
}
