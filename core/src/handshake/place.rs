//! Where in a handshake a value is: `query:hub.challenge`, `header:x-hook-secret`, `json:/challenge`, `form:events`.

use std::borrow::Cow;

use serde::Deserialize;

use crate::canonical::form::Form;
use crate::canonical::lookup;
use crate::canonical::pairs::{self, Pairs};
use crate::error::{Error, clip};
use crate::request::Request;
use crate::scheme::compact::{Compact, Reader, Writer};
use crate::scheme::{HeaderName, Selector, invalid};

/// Where in a handshake a value is: `header:NAME`, `query:NAME`, `form:NAME` or `json:/POINTER`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String", extend("pattern" = super::schema::PLACE)))]
#[serde(try_from = "String")]
pub(super) struct Place {
    text: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// A field of an urlencoded body.
    Form(String),
    Header(HeaderName),
    /// A member of the body; always a [`Selector::Json`].
    Json(Selector),
    /// A parameter of the query of the URL.
    Query(String),
}

impl Place {
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let kind = match text.split_once(':') {
            Some(("form", name)) if !name.is_empty() => Kind::Form(name.to_owned()),
            Some(("header", name)) => Kind::Header(HeaderName::parse(name)?),
            Some(("json", _)) => Kind::Json(Selector::try_from(text.to_owned())?),
            Some(("query", name)) if !name.is_empty() => Kind::Query(name.to_owned()),
            _ => {
                let known = "`header:NAME`, `query:NAME`, `form:NAME` or `json:/POINTER`";
                return Err(invalid(format!("{known} is expected, got `{}`", clip(text))));
            }
        };
        Ok(Self { text: text.to_owned(), kind })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn header(&self) -> Option<&HeaderName> {
        if let Kind::Header(name) = &self.kind { Some(name) } else { None }
    }

    /// The value; none also when it came more than once, because then nobody knows which one counts, and when what it
    /// stands in cannot be read.
    pub(super) fn find<'a>(&'a self, request: &Request<'a>) -> Option<Cow<'a, str>> {
        match &self.kind {
            Kind::Form(name) => Form::of(request).ok()?.value(name).ok()?.cloned(),
            Kind::Header(name) => request.value(name).ok().flatten().map(Cow::Borrowed),
            Kind::Json(Selector::Json(pointer)) => lookup::first(pointer, request.body),
            Kind::Json(_) => None,
            Kind::Query(name) => query(request.url)?.value(name).ok()?.cloned(),
        }
    }
}

impl Place {
    /// Whether anything stands there, of whatever type and however often.
    pub(super) fn is_present(&self, request: &Request<'_>) -> bool {
        match &self.kind {
            Kind::Form(name) => {
                Form::of(request).is_ok_and(|form| form.iter().any(|(known, _)| known == name))
            }
            Kind::Header(name) => request.headers.iter().any(|(known, _)| name.is(known)),
            Kind::Json(_) => {
                let pointer = self.text.strip_prefix("json:").unwrap_or_default();
                serde_json::from_slice::<serde_json::Value>(request.body)
                    .is_ok_and(|body| body.pointer(pointer).is_some())
            }
            Kind::Query(name) => {
                query(request.url).is_some_and(|pairs| pairs.iter().any(|(known, _)| known == name))
            }
        }
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Place {}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl TryFrom<String> for Place {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

/// The query of a whole URL or of what a server sees of it (`/hook?a=1`).
fn query(url: &str) -> Option<Pairs<'_>> {
    let (url, _fragment) = url.split_once('#').unwrap_or((url, ""));
    let query = url.split_once('?').map_or("", |(_, query)| query);
    Pairs::parse(query.as_bytes(), pairs::Place::Query).ok()
}

impl Compact for Place {
    fn write(&self, into: &mut Writer) {
        self.text.write(into);
    }

    fn read(from: &mut Reader<'_>) -> Self {
        let text = String::read(from);
        Self::parse(&text).unwrap_or_else(|problem| {
            from.refuse(problem);
            Self { text, kind: Kind::Query(String::new()) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_from_whole_urls_and_from_paths() {
        let find = |url: &str, name: &str| {
            let place = Place::parse(&format!("query:{name}")).unwrap();
            place.find(&Request::new(&[], b"").with_url(url)).map(Cow::into_owned)
        };
        for url in ["https://example.com/h?hub.mode=a%2Fb+c&x=1#?y=2", "/h?hub.mode=a%2Fb+c&x=1"] {
            assert_eq!(find(url, "hub.mode").as_deref(), Some("a/b c"));
            assert_eq!(find(url, "x").as_deref(), Some("1"));
            assert_eq!(find(url, "y"), None);
        }
        for url in ["", "/h", "/h?", "/h?x", "/h?x=1&x=1", "/h#?x=1"] {
            let expected = (url == "/h?x").then_some("");
            assert_eq!(find(url, "x").as_deref(), expected, "{url}");
        }
        assert_eq!(find("/h?x=%0d", "x").as_deref(), Some("\r"));
        assert_eq!(find("/h?x=%ff", "x"), None);
    }

    #[test]
    fn what_stands_there_is_seen_whatever_it_is() {
        let headers = [("x-twice", ""), ("x-twice", "b")];
        let body = br#"{"event":{"a":[null]}}"#;
        let request = Request::new(&headers, body).with_url("/h?q&q");
        let is_present = |place: &str| Place::parse(place).unwrap().is_present(&request);
        for place in ["json:/event", "json:/event/a/0", "header:X-Twice", "query:q"] {
            assert!(is_present(place), "{place}");
        }
        for place in ["json:/a", "json:/event/a/1", "header:x", "query:event", "form:event"] {
            assert!(!is_present(place), "{place}");
        }
    }

    #[test]
    fn headers_fields_and_members_are_read() {
        let headers = [("X-Twice", "a"), ("x-twice", "b"), ("X-Once", "c")];
        let find = |place: &str, body: &[u8]| {
            let place = Place::parse(place).unwrap();
            place.find(&Request::new(&headers, body)).map(Cow::into_owned)
        };
        assert_eq!(find("header:x-once", b"").as_deref(), Some("c"));
        assert_eq!(find("header:x-twice", b""), None);
        assert_eq!(find("form:a", b"a=%5B%5D&b=").as_deref(), Some("[]"));
        assert_eq!(find("json:/a/0", br#"{"a":[7]}"#).as_deref(), Some("7"));
        for text in ["", "x", "body", "query:", "form:", "header:", "json:a", "claim:/a"] {
            assert!(Place::parse(text).is_err(), "{text}");
        }
    }
}
