//! The conformance vectors: their types, and the loader that counts them.
//!
//! **Invariants.** Every file of the folder is loaded; an unknown field, an unknown operation or a wrong count is a
//! failure, so that no vector can be passed over in silence.

#![forbid(unsafe_code)]

pub mod catalogue;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;

/// Where the vectors are.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// Where the JSON Schemas are.
#[must_use]
pub fn schemas() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas")
}

/// Where the documentation is.
#[must_use]
pub fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// One file of vectors.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct File {
    #[serde(rename = "schema")]
    _schema: String,
    /// What the tests of this file do.
    pub operation: Operation,
    /// How many tests the file says it has.
    pub number_of_tests: usize,
    /// What the flags mean.
    pub notes: BTreeMap<String, Note>,
    /// The tests.
    pub test_groups: Vec<Group>,
}

/// What a flag means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// In a sentence.
    pub description: String,
}

/// What a test does.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// `Webhook::new`.
    Construct,
    /// The table of error codes.
    Errors,
    /// `explain`: the error, if there is one, and the causes that are found.
    Explain,
    /// `Webhook::handshake`, or `Scheme::handshake` where there is no secret yet.
    Handshake,
    /// `verify_signature`.
    Helper,
    /// `RetryPolicy::next`.
    Retry,
    /// `Webhook::sign`.
    Sign,
    /// `Webhook::verify`.
    Verify,
}

/// Tests that share a scheme and secrets, or a policy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Group {
    pub scheme: Option<Value>,
    #[serde(default)]
    pub secrets: Vec<String>,
    /// Settings of the scheme.
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    pub tolerance_seconds: Option<u64>,
    pub profile: Option<String>,
    pub preset: Option<String>,
    pub policy: Option<Value>,
    pub tests: Vec<Test>,
}

/// One test; which fields it has depends on the operation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Test {
    pub tc_id: usize,
    pub comment: String,
    pub flags: Vec<String>,
    pub result: TestResult,
    pub code: Option<String>,
    #[serde(flatten)]
    pub input: BTreeMap<String, Value>,
}

/// Whether the operation succeeds.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum TestResult {
    /// It does not, with the code of the test.
    Invalid,
    /// It does, with what the test expects.
    Valid,
}

impl Test {
    /// A text that the test has.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.input.get(name).and_then(Value::as_str)
    }

    /// A whole number that the test has.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        self.input.get(name).and_then(Value::as_i64)
    }

    /// The bytes of `body` or `bodyBase64`.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        match (self.text("body"), self.text("bodyBase64")) {
            (Some(text), _) => text.as_bytes().to_vec(),
            (None, Some(encoded)) => STANDARD.decode(encoded).unwrap_or_default(),
            (None, None) => Vec::new(),
        }
    }
}

/// Loads every file of the folder.
///
/// # Errors
/// The path and what is wrong with it, for a file that cannot be read or does not count what it holds.
pub fn load() -> Result<Vec<(String, File)>, String> {
    let entries = std::fs::read_dir(folder()).map_err(|error| error.to_string())?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if !name.ends_with(".json") || name.ends_with(".schema.json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
        let file: File = serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
        let count: usize = file.test_groups.iter().map(|group| group.tests.len()).sum();
        if count == 0 || count != file.number_of_tests {
            return Err(format!("{name}: says {} tests, holds {count}", file.number_of_tests));
        }
        files.push((name, file));
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(files)
}
