//! The headers that make a message verifiable: the exact inverse of [verifying](crate::verify).

use crate::error::{Error, ErrorCode};
use crate::key::SigningKey;
use crate::scheme::{HeaderName, Scheme, Selector, Source, TimestampSource};
use crate::timestamp::Timestamp;

/// What is to be sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Message<'a> {
    /// The id of the event, the same for each attempt. Needed where the scheme signs it.
    pub id: Option<&'a str>,
    /// The type of the event, such as `"invoice.paid"`. Needed where the scheme signs it.
    pub event_type: Option<&'a str>,
    /// The raw body, exactly as it will be sent.
    pub body: &'a [u8],
}

/// Signs `message`; see [`Webhook::sign`](crate::Webhook::sign).
pub(crate) fn sign(
    scheme: &Scheme,
    keys: &[SigningKey],
    message: &Message<'_>,
    now: Timestamp,
) -> Result<Vec<(String, String)>, Error> {
    let timestamp = scheme.timestamp.as_ref().map(|rule| rule.unit.format(now));
    let outgoing =
        Outgoing { scheme, message, timestamp: timestamp.as_deref().unwrap_or_default() };
    let content = scheme.content.resolve(&outgoing)?;
    // One header holds one signature, unless its form has room for those of the other keys too.
    let signatures: Vec<String> = keys
        .iter()
        .take(if scheme.signature.format.holds_many() { keys.len() } else { 1 })
        .map(|key| scheme.signature.encoding.encode(key.tag(content.iter()).into_public()))
        .collect();

    let mut headers: Vec<(String, String)> = Vec::with_capacity(4);
    let mut push = |name: &HeaderName, value: &str| {
        if !headers.iter().any(|(known, _)| name.is(known)) {
            headers.push((name.as_str().to_owned(), value.to_owned()));
        }
    };
    if let (Some(Selector::Header(name)), Some(id)) = (&scheme.event_id, message.id) {
        push(name, header_value("id", id)?);
    }
    if let (Some(Selector::Header(name)), Some(event_type)) =
        (&scheme.event_type, message.event_type)
    {
        push(name, header_value("event type", event_type)?);
    }
    if let (Some(TimestampSource::Header(name)), Some(text)) =
        (scheme.timestamp.as_ref().map(|rule| &rule.from), timestamp.as_deref())
    {
        push(name, text);
    }
    push(
        &scheme.signature.header,
        &scheme.signature.format.write(&signatures, timestamp.as_deref()),
    );
    Ok(headers)
}

/// Inserts the signature into the body; see [`Webhook::sign_body`](crate::Webhook::sign_body).
pub(crate) fn sign_body(
    scheme: &Scheme,
    keys: &[SigningKey],
    body: Vec<u8>,
) -> Result<Vec<u8>, Error> {
    let (Some(member), Some(key)) = (&scheme.body_signature, keys.first()) else { return Ok(body) };
    let rule = &scheme.signature;
    let signature = rule.encoding.encode(key.tag([body.as_slice()]).into_public());
    member.insert(&body, &rule.format.write(&[signature], None))
}

/// A message as the source of the signed content.
struct Outgoing<'r, 'a> {
    scheme: &'a Scheme,
    message: &'r Message<'a>,
    timestamp: &'a str,
}

impl<'a> Source<'a> for Outgoing<'_, 'a> {
    fn body(&self) -> [&'a [u8]; 2] {
        [self.message.body, &[]]
    }

    fn header(&self, name: &'a HeaderName) -> Result<&'a str, Error> {
        let is = |selector: &Option<Selector>| matches!(selector, Some(Selector::Header(known)) if known == name);
        let (what, value) = if is(&self.scheme.event_id) {
            ("id", self.message.id)
        } else if is(&self.scheme.event_type) {
            ("event type", self.message.event_type)
        } else {
            match &self.scheme.timestamp.as_ref().map(|rule| &rule.from) {
                Some(TimestampSource::Header(known)) if known == name => {
                    ("timestamp", Some(self.timestamp))
                }
                _ => ("header", None),
            }
        };
        let value = value.ok_or_else(|| {
            invalid(format!(
                "scheme `{}` signs the {what} (`{name}`), but the message has none",
                self.scheme.id()
            ))
        })?;
        let value = header_value(what, value)?;
        match self.scheme.content.literal_after(name) {
            Some(literal) if value.contains(literal) => Err(invalid(format!(
                "the {what} contains `{literal}`, which separates it from what follows"
            ))),
            _ => Ok(value),
        }
    }

    fn timestamp(&self) -> &'a str {
        self.timestamp
    }
}

/// What may stand in a header: visible ASCII, so that no value ends its line or is changed on the way.
fn header_value<'a>(what: &str, value: &'a str) -> Result<&'a str, Error> {
    if value.is_empty() || value.len() > 256 || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(invalid(format!(
            "the {what} takes 1 to 256 visible ASCII characters without spaces"
        )));
    }
    Ok(value)
}

fn invalid(message: String) -> Error {
    Error::new(ErrorCode::InvalidMessage, message)
}
