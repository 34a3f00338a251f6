//! How to speak to a server: a TOML file. The files in `adapters/` are built in; `bench/README.md` documents the format.

mod call;
mod template;

use std::{collections::BTreeMap, fs};

use serde::Deserialize;

pub use self::{
    call::Call,
    template::{Template, Values},
};
use crate::{
    error::{Context as _, Error},
    wire::IdSource,
};

/// All that is particular to a server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adapter {
    /// Its name in reports.
    pub name: String,
    /// What other templates may use; `--set NAME=VALUE` replaces one.
    #[serde(default)]
    pub values: Values,
    /// How to start it; without this it must be running already.
    pub server: Option<Start>,
    /// Headers of every call.
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// Calls to make once, in this order.
    #[serde(default)]
    pub setup: Vec<Call>,
    /// How to make an endpoint; without this the server knows where to deliver.
    pub endpoint: Option<Call>,
    /// How to send an event.
    pub event: Call,
    /// How to send several in one request, where the server has that.
    pub batch: Option<Batch>,
    /// What a delivery looks like.
    pub delivery: Delivery,
}

/// How a server is started.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// The program, unless `--program` names another.
    pub program: String,
    /// Its arguments.
    #[serde(default)]
    pub arguments: Vec<Template>,
    /// Further arguments when it is to use a database.
    #[serde(default)]
    pub database: Vec<Template>,
    /// Its environment, beside that of the load generator.
    #[serde(default)]
    pub environment: BTreeMap<String, Template>,
    /// A path whose `GET` is answered with 200 to 299 once it is ready.
    pub ready: Template,
}

/// Several events in one request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// The request; `{items}` are the events, with commas between them.
    pub call: Call,
    /// One event in it.
    pub item: Template,
    /// The most that one request takes.
    pub limit: usize,
}

/// A delivery, as the receiver sees it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Where the id of the event is that the event was sent with.
    pub id: IdSource,
    /// The scheme of its signature, if the core is to verify some; `secret` is then among what `endpoint` saves.
    pub scheme: Option<String>,
}

impl Adapter {
    /// A built-in adapter by its name, or that of a file.
    ///
    /// # Errors
    /// When there is neither, or what is wrong with it.
    pub fn load(name: &str) -> Result<Self, Error> {
        if let Some((_, text)) = BUILT_IN.iter().find(|(built_in, _)| *built_in == name) {
            return Self::parse(text).context(format!("adapter `{name}`"));
        }
        let names: Vec<_> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        let text = fs::read_to_string(name).context(format!(
            "cannot read the adapter `{name}` (built in are {})",
            names.join(", ")
        ))?;
        Self::parse(&text).context(format!("adapter `{name}`"))
    }

    /// Reads an adapter, and checks that every name in it will have a value.
    ///
    /// # Errors
    /// What is wrong.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let adapter: Self =
            toml::from_str(text).map_err(|error| Error::new(error.to_string().trim_end()))?;
        adapter.check()?;
        Ok(adapter)
    }

    fn check(&self) -> Result<(), Error> {
        let mut known: Vec<&str> = self.values.keys().map(String::as_str).collect();
        if let Some(server) = &self.server {
            expect("server.arguments", server.arguments.iter(), &[&known, OF_SERVER])?;
            expect("server.ready", [&server.ready].into_iter(), &[&known, OF_SERVER])?;
            let with_database: &[&[&str]] = &[&known, OF_SERVER, OF_DATABASE];
            expect("server.database", server.database.iter(), with_database)?;
            expect("server.environment", server.environment.values(), with_database)?;
        }
        for (index, call) in self.setup.iter().enumerate() {
            expect(&format!("setup {}", index + 1), call.templates(), &[&known])?;
            known.extend(call.save.keys().map(String::as_str));
        }
        expect("headers", self.headers.values(), &[&known])?;
        if let Some(endpoint) = &self.endpoint {
            expect("endpoint", endpoint.templates(), &[&known, OF_ENDPOINT])?;
            known.extend(endpoint.save.keys().map(String::as_str));
        }
        expect("event", self.event.templates(), &[&known, OF_ENDPOINT, OF_EVENT])?;
        if let Some(batch) = &self.batch {
            expect("batch.item", [&batch.item].into_iter(), &[&known, OF_ENDPOINT, OF_EVENT])?;
            expect("batch.call", batch.call.templates(), &[&known, &["items"]])?;
            if batch.limit == 0 {
                return Err(Error::new("`batch.limit` is 0, expected at least 1"));
            }
        }
        if self.delivery.scheme.is_some() && !known.contains(&"secret") {
            return Err(Error::new("with `delivery.scheme`, `endpoint` must save a `secret`"));
        }
        Ok(())
    }
}

fn expect<'t>(
    place: &str,
    templates: impl Iterator<Item = &'t Template>,
    known: &[&[&str]],
) -> Result<(), Error> {
    let is_known = |name: &str| known.iter().any(|known| known.contains(&name));
    for name in templates.flat_map(Template::names) {
        if !is_known(name) {
            let names: Vec<_> = known.iter().flat_map(|known| known.iter()).copied().collect();
            let names = names.join("`, `");
            return Err(Error::new(format!(
                "`{place}` uses `{{{name}}}`, which has no value there; known are `{names}`"
            )));
        }
    }
    Ok(())
}

/// Where the server is to listen, a folder for it alone, and where deliveries go when nobody tells it.
const OF_SERVER: &[&str] = &["folder", "port", "receiver"];
const OF_DATABASE: &[&str] = &["database_url"];
/// Where to deliver, as a URL and its path, and the event type that the endpoint alone wants.
const OF_ENDPOINT: &[&str] = &["path", "type", "url"];
const OF_EVENT: &[&str] = &["data", "id"];
const BUILT_IN: &[(&str, &str)] = &[
    ("forwarder", include_str!("../../adapters/forwarder.toml")),
    ("hookseal", include_str!("../../adapters/hookseal.toml")),
    ("svix", include_str!("../../adapters/svix.toml")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_adapters_are_right() {
        for (name, _) in BUILT_IN {
            let adapter = Adapter::load(name).unwrap();
            assert!(!adapter.name.is_empty());
            if let Some(scheme) = &adapter.delivery.scheme {
                hookseal::Scheme::builtin(scheme).unwrap();
            }
        }
        assert!(Adapter::load("none").unwrap_err().to_string().contains("hookseal"));
    }

    #[test]
    fn names_without_a_value_are_refused() {
        let right = include_str!("../../adapters/hookseal.toml");
        for (from, to, expected) in [
            ("Bearer {key}", "Bearer {token}", "`headers` uses `{token}`"),
            ("\"id\":\"{id}\"", "\"id\":\"{ident}\"", "`event` uses `{ident}`"),
            ("\"{url}\"", "\"{link}\"", "`endpoint` uses `{link}`"),
            ("secret = \"/secret\"", "token = \"/secret\"", "must save a `secret`"),
            ("name =", "nam =", "unknown field `nam`"),
        ] {
            let error = Adapter::parse(&right.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn requests_are_written_and_answers_read() {
        let adapter = Adapter::load("hookseal").unwrap();
        let mut values = Values::from([("key".to_owned(), "hks_1".to_owned())]);
        let event = adapter.event.with_headers(&adapter.headers).bind(&values);
        let (mut body, mut out) = (Vec::new(), Vec::new());
        let look = |name: &str| match name {
            "id" => Some(&b"e1"[..]),
            "type" => Some(&b"load.e0"[..]),
            "data" => Some(&b"{}"[..]),
            _ => None,
        };
        event.write(look, &mut body, &mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("POST /v1/events HTTP/1.1\r\n"), "{text}");
        assert!(text.contains("authorization: Bearer hks_1\r\n"), "{text}");
        let expected = r#"{"id":"e1","type":"load.e0","data":{}}"#;
        assert!(text.ends_with(&format!("content-length: {}\r\n\r\n{expected}", expected.len())));
        let endpoint = adapter.endpoint.unwrap();
        endpoint.save(br#"{"id":"ep_1","secret":"whsec_1"}"#, &mut values).unwrap();
        assert_eq!(values["secret"], "whsec_1");
        assert!(endpoint.save(b"{}", &mut values).is_err());
    }
}
