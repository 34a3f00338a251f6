//! One request of an adapter.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::template::{Template, Values};
use crate::error::Error;

/// A request to the server under test, in templates. Every status from 200 to 299 is a success.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The method.
    #[serde(default = "post")]
    pub method: String,
    /// Path and query.
    pub path: Template,
    /// Headers beside `host`, `content-type` and `content-length`.
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// The body.
    #[serde(default)]
    pub body: Template,
    /// Values to take from the answer: their names, and JSON pointers to them.
    #[serde(default)]
    pub save: BTreeMap<String, String>,
}

impl Call {
    /// The same with the values put in that are known by now.
    #[must_use]
    pub fn bind(&self, values: &Values) -> Self {
        let headers = self.headers.iter().map(|(name, value)| (name.clone(), value.bind(values)));
        Self {
            method: self.method.clone(),
            path: self.path.bind(values),
            headers: headers.collect(),
            body: self.body.bind(values),
            save: self.save.clone(),
        }
    }

    /// The same with these headers, where it does not have them itself.
    #[must_use]
    pub fn with_headers(&self, headers: &BTreeMap<String, Template>) -> Self {
        let mut call = self.clone();
        for (name, value) in headers {
            call.headers.entry(name.clone()).or_insert_with(|| value.clone());
        }
        call
    }

    /// Writes the whole request in place of what `out` held.
    pub fn write<'v>(
        &self,
        look: impl Fn(&str) -> Option<&'v [u8]> + Copy,
        body: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) {
        body.clear();
        self.body.write(look, body);
        out.clear();
        out.extend_from_slice(self.method.as_bytes());
        out.push(b' ');
        self.path.write(look, out);
        out.extend_from_slice(
            b" HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n",
        );
        for (name, value) in &self.headers {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b": ");
            value.write(look, out);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
        out.extend_from_slice(body);
    }

    /// Takes the values out of an answer.
    ///
    /// # Errors
    /// Which value is missing.
    pub fn save(&self, answer: &[u8], values: &mut Values) -> Result<(), Error> {
        if self.save.is_empty() {
            return Ok(());
        }
        let json: serde_json::Value = serde_json::from_slice(answer)
            .map_err(|error| Error::new(format!("the answer is not JSON: {error}")))?;
        for (name, pointer) in &self.save {
            let text = match json.pointer(pointer) {
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(serde_json::Value::Number(number)) => number.to_string(),
                _ => return Err(Error::new(format!("the answer has no text at `{pointer}`"))),
            };
            values.insert(name.clone(), text);
        }
        Ok(())
    }

    /// All templates in it.
    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        self.headers.values().chain([&self.path, &self.body])
    }
}

fn post() -> String {
    "POST".to_owned()
}
