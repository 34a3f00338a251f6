//! The answer: a status, headers, and text or a JSON object.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::HandshakeResponse;
use super::template::{Member, Template};
use crate::error::Error;
use crate::scheme::HeaderName;
use crate::scheme::compact::compact;

/// The answer: a status, headers, and text or a JSON object.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Respond {
    /// The HTTP status.
    #[cfg_attr(feature = "schema", schemars(range(min = 200, max = 299)))]
    pub(super) status: u16,
    /// Headers besides the content type.
    #[serde(default)]
    pub(super) headers: BTreeMap<HeaderName, Template>,
    /// Plain text.
    pub(super) body: Option<Template>,
    /// A JSON object, in place of text.
    pub(super) json: Option<BTreeMap<String, Member>>,
}

impl Respond {
    pub(super) fn render(
        &self,
        fill: impl Fn(&Template) -> Result<String, Error>,
    ) -> Result<HandshakeResponse, Error> {
        let mut response = HandshakeResponse::empty(self.status);
        let mut content_type = "text/plain";
        if let Some(members) = &self.json {
            content_type = "application/json";
            let mut object = Map::new();
            for (name, member) in members {
                let value = match member {
                    Member::Number(number) => Value::Number(number.clone()),
                    Member::Text(template) => Value::String(fill(template)?),
                };
                object.insert(name.clone(), value);
            }
            response.body = Value::Object(object).to_string().into_bytes();
        } else if let Some(template) = &self.body {
            response.body = fill(template)?.into_bytes();
        }
        if !response.body.is_empty() {
            // SECURITY: what came in goes out; a browser must not take it for a page.
            for (name, value) in
                [("content-type", content_type), ("x-content-type-options", "nosniff")]
            {
                response.headers.push((name.to_owned(), value.to_owned()));
            }
        }
        for (name, template) in &self.headers {
            response.headers.push((name.as_str().to_owned(), fill(template)?));
        }
        Ok(response)
    }

    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        let members = self.json.iter().flatten().filter_map(|(_, member)| match member {
            Member::Number(_) => None,
            Member::Text(template) => Some(template),
        });
        self.headers.values().chain(&self.body).chain(members)
    }
}

compact! { struct Respond { status, headers, body, json } }
