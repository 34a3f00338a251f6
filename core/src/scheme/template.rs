//! What exactly is signed: `{header:webhook-id}.{timestamp}.{body}`.

use serde::Deserialize;

use super::{HeaderName, invalid};
use crate::error::{Error, clip};

/// More than any sender uses, and few enough to resolve without allocating.
const MAX_PARTS: usize = 15;
/// The body may come in two pieces (the signature was cut out of it).
const MAX_SLICES: usize = MAX_PARTS + 1;

/// The template of the signed content: literals, and tokens in braces.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Body,
    Header(HeaderName),
    Literal(String),
    Timestamp,
}

/// Where the tokens of a template get their values.
pub(crate) trait Source<'a> {
    fn body(&self) -> [&'a [u8]; 2];
    fn header(&self, name: &'a HeaderName) -> Result<&'a str, Error>;
    fn timestamp(&self) -> &'a str;
}

/// The signed content as slices of what came in; nothing is copied.
pub(crate) struct Parts<'a> {
    slices: [&'a [u8]; MAX_SLICES],
    len: usize,
}

impl<'a> Parts<'a> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a [u8]> {
        self.slices.iter().copied().take(self.len)
    }

    fn push(&mut self, slice: &'a [u8]) {
        if let Some(slot) = self.slices.get_mut(self.len) {
            *slot = slice;
            self.len += 1;
        }
    }
}

impl Template {
    fn parse(text: &str) -> Result<Self, Error> {
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (literal, token) = match rest.split_once('{') {
                None => (rest, None),
                Some((literal, after)) => {
                    let (token, after) = after
                        .split_once('}')
                        .ok_or_else(|| invalid("signed_content has a `{` without `}`"))?;
                    rest = after;
                    (literal, Some(token))
                }
            };
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            let Some(token) = token else { break };
            parts.push(match token.split_once(':') {
                None if token == "body" => Part::Body,
                None if token == "timestamp" => Part::Timestamp,
                Some(("header", name)) => Part::Header(HeaderName::parse(name)?),
                _ => {
                    let token = clip(token);
                    let message =
                        "signed_content takes `{body}`, `{timestamp}` and `{header:NAME}`";
                    return Err(invalid(format!("{message}, got `{{{token}}}`")));
                }
            });
        }
        if parts.iter().filter(|part| **part == Part::Body).count() > 1 {
            return Err(invalid("signed_content uses `{body}` more than once"));
        }
        if parts.len() > MAX_PARTS {
            return Err(invalid(format!(
                "signed_content has {} parts, more than {MAX_PARTS}",
                parts.len()
            )));
        }
        Ok(Self(parts))
    }

    pub(crate) fn uses_body(&self) -> bool {
        self.0.contains(&Part::Body)
    }

    pub(crate) fn uses_timestamp(&self) -> bool {
        self.0.contains(&Part::Timestamp)
    }

    pub(crate) fn headers(&self) -> impl Iterator<Item = &HeaderName> {
        self.0
            .iter()
            .filter_map(|part| if let Part::Header(name) = part { Some(name) } else { None })
    }

    /// The literal right behind a header's value, which that value must not contain to stay readable in one way only.
    pub(crate) fn literal_after(&self, header: &HeaderName) -> Option<&str> {
        let position =
            self.0.iter().position(|part| matches!(part, Part::Header(name) if name == header))?;
        match self.0.get(position + 1) {
            Some(Part::Literal(literal)) => Some(literal),
            _ => None,
        }
    }

    /// Puts the values in.
    ///
    /// # Errors
    /// Those of the source, for a header that is absent.
    pub(crate) fn resolve<'a>(&'a self, source: &impl Source<'a>) -> Result<Parts<'a>, Error> {
        let mut parts = Parts { slices: [&[]; MAX_SLICES], len: 0 };
        for part in &self.0 {
            match part {
                Part::Body => source.body().into_iter().for_each(|piece| parts.push(piece)),
                Part::Header(name) => parts.push(source.header(name)?.as_bytes()),
                Part::Literal(literal) => parts.push(literal.as_bytes()),
                Part::Timestamp => parts.push(source.timestamp().as_bytes()),
            }
        }
        Ok(parts)
    }
}

impl TryFrom<String> for Template {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_literals_and_tokens() {
        let template = Template::parse("v0:{timestamp}:{body}").unwrap();
        let literal = |text: &str| Part::Literal(text.to_owned());
        assert_eq!(template.0, [literal("v0:"), Part::Timestamp, literal(":"), Part::Body]);
        let id = HeaderName::parse("Webhook-Id").unwrap();
        let template = Template::parse("{header:webhook-id}.{body}").unwrap();
        assert_eq!(template.literal_after(&id), Some("."));
    }

    #[test]
    fn refuses_what_it_cannot_resolve() {
        for text in
            ["{body", "{}", "{body}{body}", "{header:}", "{header:a b}", &"{timestamp}a".repeat(8)]
        {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
