//! Where in a request a value is: `header:x-event-id`, `json:/data/id`, `query:token`.

use std::fmt;

use serde::Deserialize;

use super::{HeaderName, invalid};
use crate::canonical::json::Pointer;
use crate::error::{Error, clip, say};
use crate::scheme::compact::compact;

/// Where in a request a value is: `header:NAME`, `query:NAME`, `form:NAME`, `json:/POINTER`, `form_json:FIELD:/POINTER`,
/// `item:/POINTER`, `claim:/POINTER`, or `body` for all of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String", extend("pattern" = super::schema::selector())))]
#[serde(try_from = "String")]
pub(crate) enum Selector {
    /// The whole body.
    Body,
    /// A member of the claims of the token, once it is verified.
    Claim(Pointer),
    /// A field of a form, urlencoded or multipart.
    Form(String),
    /// A member of the JSON in a field of a form.
    FormJson(String, Pointer),
    Header(HeaderName),
    /// A member of one of the items that are signed each for themselves.
    Item(Pointer),
    Json(Pointer),
    /// A parameter of the URL's query.
    Query(String),
}

impl Selector {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        if text == "body" {
            return Ok(Self::Body);
        }
        let refuse = || {
            let known = "`header:NAME`, `query:NAME`, `form:NAME`, `json:/POINTER`, `form_json:FIELD:/POINTER`, \
                         `item:/POINTER` or `claim:/POINTER`";
            Err(invalid(say!("{known} is expected, got `{}`", clip(text))))
        };
        let Some((place, name)) = text.split_once(':') else { return refuse() };
        if name.is_empty() {
            return refuse();
        }
        match place {
            "header" => HeaderName::parse(name).map(Self::Header),
            "query" => Ok(Self::Query(name.to_owned())),
            "form" => Ok(Self::Form(name.to_owned())),
            "form_json" => match name.split_once(':') {
                Some((field, pointer)) if !field.is_empty() => {
                    Pointer::parse(pointer).map(|pointer| Self::FormJson(field.to_owned(), pointer))
                }
                _ => refuse(),
            },
            "claim" => Pointer::parse(name).map(Self::Claim),
            "item" => Pointer::parse(name).map(Self::Item),
            "json" => Pointer::parse(name).map(Self::Json),
            _ => refuse(),
        }
    }

    pub(crate) fn header(&self) -> Option<&HeaderName> {
        if let Self::Header(name) = self { Some(name) } else { None }
    }
}

/// For messages: the place in words.
impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body => f.write_str("the body"),
            Self::Claim(pointer) => write!(f, "claim `{pointer}`"),
            Self::Form(name) => write!(f, "form field `{name}`"),
            Self::FormJson(field, pointer) => write!(f, "`{pointer}` of form field `{field}`"),
            Self::Header(name) => write!(f, "header `{name}`"),
            Self::Item(pointer) => write!(f, "`{pointer}` of an item of the body"),
            Self::Json(pointer) => write!(f, "`{pointer}` of the body"),
            Self::Query(name) => write!(f, "query parameter `{name}`"),
        }
    }
}

impl TryFrom<String> for Selector {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

compact! { enum Selector { Header(name), Json(pointer); Body, Claim(pointer), Form(name), FormJson(name, pointer), Item(pointer), Query(name) } }
