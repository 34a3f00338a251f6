//! Writes what others need of the core's tables: `tests/vectors/errors.json`, the names of the built-in schemes as types
//! of TypeScript and Python, the JSON Schemas in `schemas/`, and `docs/catalogue.md`. The tests hold all of them against
//! the core.

use std::fs;
use std::io;

use hookseal::{ErrorCode, Scheme};
use serde_json::json;

fn main() -> io::Result<()> {
    let folder = conformance::folder();
    let root = folder.join("../..");
    fs::write(folder.join("errors.json"), errors())?;
    for (name, schema) in hookseal::schema::all() {
        fs::write(conformance::schemas().join(format!("{name}.json")), format!("{schema:#}\n"))?;
    }
    let page = conformance::catalogue::page().map_err(io::Error::other)?;
    fs::write(conformance::catalogue::path(), page)?;
    fs::write(root.join("bindings-js/scheme-name.ts"), typescript())?;
    fs::write(root.join("bindings-python/python/hookseal/_scheme_name.py"), python())
}

fn errors() -> String {
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
    format!("{document:#}\n")
}

const COMMAND: &str = "cargo run -p conformance --bin regen";

fn typescript() -> String {
    let names: String = Scheme::builtin_ids().iter().map(|id| format!("\n  | \"{id}\"")).collect();
    format!(
        "// Written by `{COMMAND}`.\n\n/** The id of a built-in scheme. */\nexport type SchemeName ={names};\n"
    )
}

fn python() -> String {
    let names: String = Scheme::builtin_ids().iter().map(|id| format!("    \"{id}\",\n")).collect();
    format!(
        "\"\"\"The names of the built-in schemes. Written by `{COMMAND}`.\"\"\"\n\n\
         from typing import Literal\n\nSchemeName = Literal[\n{names}]\n\
         \"\"\"A scheme of the catalogue: how one sender signs.\"\"\"\n"
    )
}
