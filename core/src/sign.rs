//! The headers that make a message verifiable: the exact inverse of [verifying](crate::verify).

use crate::error::{Error, ErrorCode};
use crate::key::{Piece, SigningKey};
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
    /// Other headers that go with the message, for schemes that sign them.
    pub headers: &'a [(&'a str, &'a str)],
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
        .map(|key| scheme.signature.encoding.encode(&key.tag(content.iter())))
        .collect();

    let mut headers: Vec<(String, String)> = Vec::with_capacity(4);
    let mut push = |name: &HeaderName, value: &str| {
        if !headers.iter().any(|(known, _)| name.is(known)) {
            headers.push((name.as_str().to_owned(), value.to_owned()));
        }
    };
    if let (Some(Selector::Header(name)), Some(id)) = (&scheme.event_id, message.id) {
        push(name, header_value(name.as_str(), id)?);
    }
    if let (Some(Selector::Header(name)), Some(event_type)) =
        (&scheme.event_type, message.event_type)
    {
        push(name, header_value(name.as_str(), event_type)?);
    }
    if let (Some(name), Some(event_type)) = (&scheme.event_type_header, message.event_type) {
        push(name, header_value(name.as_str(), event_type)?);
    }
    if let (Some(TimestampSource::Header(name)), Some(text)) =
        (scheme.timestamp.as_ref().map(|rule| &rule.from), timestamp.as_deref())
    {
        push(name, text);
    }
    for name in scheme.content.headers() {
        if let Some(value) = outgoing.header(name)? {
            push(name, value);
        }
    }
    for (name, value) in &scheme.require_headers {
        push(name, value);
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
    let signature = rule.encoding.encode(&key.tag([Piece::Bytes(&body)].into_iter()));
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

    fn header(&self, name: &'a HeaderName) -> Result<Option<&'a str>, Error> {
        let is = |selector: &Option<Selector>| matches!(selector, Some(Selector::Header(known)) if known == name);
        let is_timestamp = matches!(
            self.scheme.timestamp.as_ref().map(|rule| &rule.from),
            Some(TimestampSource::Header(known)) if known == name
        );
        let value = if is(&self.scheme.event_id) {
            self.message.id
        } else if is(&self.scheme.event_type) {
            self.message.event_type
        } else if is_timestamp {
            Some(self.timestamp)
        } else {
            self.message.headers.iter().find(|(known, _)| name.is(known)).map(|(_, value)| *value)
        };
        let Some(value) = value else { return Ok(None) };
        let value = header_value(name.as_str(), value)?;
        match self.scheme.content.separator_in(name, value) {
            Some(literal) => Err(invalid(format!(
                "`{name}` contains `{literal}`, which separates it from what follows"
            ))),
            None => Ok(Some(value)),
        }
    }

    fn missing(&self, name: &HeaderName) -> Error {
        let scheme = self.scheme.id();
        invalid(format!("scheme `{scheme}` signs `{name}`, but the message does not have it"))
    }

    fn timestamp(&self) -> &'a str {
        self.timestamp
    }
}

/// What may stand in a header: visible ASCII, so that no value ends its line or is changed on the way.
fn header_value<'a>(what: &str, value: &'a str) -> Result<&'a str, Error> {
    if value.is_empty() || value.len() > 256 || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(invalid(format!(
            "`{what}` takes 1 to 256 visible ASCII characters without spaces"
        )));
    }
    Ok(value)
}

fn invalid(message: String) -> Error {
    Error::new(ErrorCode::InvalidMessage, message)
}
