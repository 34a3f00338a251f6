//! What exactly is signed: `{header:webhook-id}.{timestamp}.{body}`.

use serde::Deserialize;

use super::{HeaderName, TimestampSource, invalid};
use crate::error::{Error, clip};
use crate::key::Piece;

/// More than any sender uses, and few enough to resolve without allocating.
const MAX_PARTS: usize = 15;
/// The body may come in two pieces (the signature was cut out of it).
const MAX_PIECES: usize = MAX_PARTS + 1;

/// The template of the signed content: literals, and tokens in braces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Body,
    Header(HeaderName),
    Literal(String),
    /// What is left out when a header in it is absent.
    Optional(Template),
    Secret,
    Timestamp,
}

/// Where the tokens of a template get their values.
pub(crate) trait Source<'a> {
    fn body(&self) -> [&'a [u8]; 2];
    /// None when the header is absent.
    fn header(&self, name: &'a HeaderName) -> Result<Option<&'a str>, Error>;
    /// The error that says so.
    fn missing(&self, name: &HeaderName) -> Error;
    fn timestamp(&self) -> &'a str;
}

/// The signed content as slices of what came in; nothing is copied.
pub(crate) struct Parts<'a> {
    pieces: [Piece<'a>; MAX_PIECES],
    len: usize,
}

impl<'a> Parts<'a> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = Piece<'a>> {
        self.pieces.iter().copied().take(self.len)
    }

    fn push(&mut self, piece: Piece<'a>) {
        // INVARIANT: a template has at most MAX_PARTS parts, and one of them is the body.
        if let Some(slot) = self.pieces.get_mut(self.len) {
            *slot = piece;
            self.len += 1;
        }
    }
}

impl Template {
    fn parse(text: &str) -> Result<Self, Error> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("[[") {
            let (inside, after) = after
                .split_once("]]")
                .ok_or_else(|| invalid("signed_content has a `[[` without `]]`"))?;
            parts.extend(parse_tokens(before)?);
            parts.push(Part::Optional(Self(parse_tokens(inside)?)));
            rest = after;
        }
        parts.extend(parse_tokens(rest)?);
        let template = Self(parts);
        let count = template.leaves().count();
        if template.leaves().filter(|part| **part == Part::Body).count() > 1 {
            return Err(invalid("signed_content uses `{body}` more than once"));
        }
        if count > MAX_PARTS {
            return Err(invalid(format!(
                "signed_content has {count} parts, more than {MAX_PARTS}"
            )));
        }
        Ok(template)
    }

    /// The parts, those of optional segments among them.
    fn leaves(&self) -> impl Iterator<Item = &Part> {
        self.0.iter().flat_map(|part| match part {
            Part::Optional(Self(parts)) => parts.iter(),
            part => std::slice::from_ref(part).iter(),
        })
    }

    pub(crate) fn uses_body(&self) -> bool {
        self.0.contains(&Part::Body)
    }

    pub(crate) fn uses_secret(&self) -> bool {
        self.0.contains(&Part::Secret)
    }

    pub(crate) fn uses_timestamp(&self) -> bool {
        self.leaves().any(|part| *part == Part::Timestamp)
    }

    /// Whether a timestamp from this place is among what is signed.
    pub(crate) fn signs(&self, timestamp: &TimestampSource) -> bool {
        let its_header =
            |name| matches!(timestamp, TimestampSource::Header(known) if known == name);
        self.uses_timestamp() || self.headers().any(its_header)
    }

    pub(crate) fn headers(&self) -> impl Iterator<Item = &HeaderName> {
        self.leaves()
            .filter_map(|part| if let Part::Header(name) = part { Some(name) } else { None })
    }

    /// The literal right behind a header's value, if the value contains it: such a value could be read in two ways.
    pub(crate) fn separator_in<'t>(&'t self, header: &HeaderName, value: &str) -> Option<&'t str> {
        let literal = self.literal_after(header)?;
        let mut places = value.as_bytes().windows(literal.len());
        places.any(|place| place == literal.as_bytes()).then_some(literal)
    }

    fn literal_after(&self, header: &HeaderName) -> Option<&str> {
        let mut parts = self.leaves();
        parts.find(|part| matches!(part, Part::Header(name) if name == header))?;
        match parts.next() {
            Some(Part::Literal(literal)) => Some(literal),
            _ => None,
        }
    }

    /// Puts the values in.
    ///
    /// # Errors
    /// Those of the source, for a header that is absent.
    pub(crate) fn resolve<'a>(&'a self, source: &impl Source<'a>) -> Result<Parts<'a>, Error> {
        let mut parts = Parts { pieces: [Piece::Bytes(&[]); MAX_PIECES], len: 0 };
        self.resolve_into(source, &mut parts)?;
        Ok(parts)
    }

    fn resolve_into<'a>(
        &'a self,
        source: &impl Source<'a>,
        into: &mut Parts<'a>,
    ) -> Result<(), Error> {
        for part in &self.0 {
            match part {
                Part::Body => {
                    source.body().into_iter().for_each(|bytes| into.push(Piece::Bytes(bytes)));
                }
                Part::Header(name) => {
                    let value = source.header(name)?.ok_or_else(|| source.missing(name))?;
                    into.push(Piece::Bytes(value.as_bytes()));
                }
                Part::Literal(literal) => into.push(Piece::Bytes(literal.as_bytes())),
                Part::Optional(segment) => {
                    if segment.is_present(source)? {
                        segment.resolve_into(source, into)?;
                    }
                }
                Part::Secret => into.push(Piece::Secret),
                Part::Timestamp => into.push(Piece::Bytes(source.timestamp().as_bytes())),
            }
        }
        Ok(())
    }

    fn is_present<'a>(&'a self, source: &impl Source<'a>) -> Result<bool, Error> {
        for name in self.headers() {
            if source.header(name)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Literals and tokens, without optional segments.
fn parse_tokens(text: &str) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((literal, after)) = rest.split_once('{') {
        let (token, after) =
            after.split_once('}').ok_or_else(|| invalid("signed_content has a `{` without `}`"))?;
        push_literal(&mut parts, literal);
        parts.push(match token.split_once(':') {
            None if token == "body" => Part::Body,
            None if token == "secret" => Part::Secret,
            None if token == "timestamp" => Part::Timestamp,
            Some(("header", name)) => Part::Header(HeaderName::parse(name)?),
            _ => {
                let token = clip(token);
                let known = "`{body}`, `{timestamp}`, `{header:NAME}` and `{secret}`";
                return Err(invalid(format!("signed_content takes {known}, got `{{{token}}}`")));
            }
        });
        rest = after;
    }
    push_literal(&mut parts, rest);
    Ok(parts)
}

fn push_literal(parts: &mut Vec<Part>, literal: &str) {
    if !literal.is_empty() {
        parts.push(Part::Literal(literal.to_owned()));
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
