//! The headers that make a message verifiable: the exact inverse of [verifying](crate::verify).
//!
//! What is signed is read from the request as it will be sent, by the code that verifies.

use crate::algorithm::{Algorithm, Family};
use crate::canonical::form;
use crate::content::{Content, Written, missing, select};
use crate::error::{Error, ErrorCode};
use crate::key::SigningKey;
use crate::request::{MAX_HEADER_LEN, Request};
use crate::scheme::{Candidates, HeaderName, Scheme, Selector, TimestampSource};
use crate::timestamp::Timestamp;
use crate::verify::check_body_digest;

/// What is to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The id of the event, the same for each attempt. Needed where the scheme signs it.
    pub id: Option<&'a str>,
    /// The type of the event, such as `"invoice.paid"`. Needed where the scheme signs it.
    pub event_type: Option<&'a str>,
    /// The method in capitals; `"POST"` unless said otherwise.
    pub method: &'a str,
    /// The whole URL that the message is sent to. Needed where the scheme signs it; empty otherwise.
    pub url: &'a str,
    /// The raw body, exactly as it will be sent.
    pub body: &'a [u8],
    /// Other headers that go with the message, for schemes that sign them.
    pub headers: &'a [(&'a str, &'a str)],
}

impl Default for Message<'_> {
    fn default() -> Self {
        Self { id: None, event_type: None, method: "POST", url: "", body: &[], headers: &[] }
    }
}

/// Signs `message`; see [`Webhook::sign`](crate::Webhook::sign).
pub(crate) fn sign(
    scheme: &Scheme,
    keys: &[SigningKey],
    message: &Message<'_>,
    now: Timestamp,
) -> Result<Vec<(String, String)>, Error> {
    let mut headers = plain_headers(scheme, message, now)?;
    let place = match scheme.signature.place() {
        Selector::Header(place) => place,
        Selector::Query(_) => return Err(not_made(scheme)),
        _ => return Ok(headers),
    };
    let known = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain(message.headers.iter().copied().filter(|(name, _)| !place.is(name)));
    let mut pairs: Vec<(&str, &str)> = Vec::with_capacity(headers.len() + message.headers.len());
    for (name, value) in known {
        if !pairs.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            pairs.push((name, value));
        }
    }
    let request =
        Request { method: message.method, url: message.url, headers: &pairs, body: message.body };
    check_body_digest(scheme, &request).map_err(|error| outgoing(&error))?;
    let value = signature(scheme, keys, message.id, &request, now)
        .map_err(|error| lacking(scheme, message).unwrap_or(error))?;
    // A token repeats what it is for, and the URL may be long.
    if value.len() > MAX_HEADER_LEN {
        let got = value.len();
        return Err(invalid(format!(
            "header `{place}` would have {got} bytes, more than {MAX_HEADER_LEN}"
        )));
    }
    headers.push((place.as_str().to_owned(), value));
    Ok(headers)
}

/// The headers without the signature.
fn plain_headers(
    scheme: &Scheme,
    message: &Message<'_>,
    now: Timestamp,
) -> Result<Vec<(String, String)>, Error> {
    let given = |name: &&HeaderName| {
        message.headers.iter().find(|(known, _)| name.is(known)).map(|(_, value)| *value)
    };
    let timestamp = scheme.timestamp.as_ref().and_then(|rule| {
        let name = rule.from.selector().and_then(Selector::header)?;
        Some((name, rule.unit.format(now)))
    });
    let timestamp = timestamp.as_ref().map(|(name, text)| (*name, text.as_str()));
    let wanted = named(scheme.event_id.as_ref())
        .zip(message.id)
        .into_iter()
        .chain(named(scheme.event_type.as_ref()).zip(message.event_type))
        .chain(scheme.event_type_header.as_ref().zip(message.event_type))
        .chain(timestamp)
        .chain(scheme.content.headers().filter_map(|name| Some((name, given(&name)?))))
        .chain(
            scheme
                .require
                .iter()
                .filter_map(|(place, value)| Some((place.header()?, value.as_str()))),
        );
    // With room for the signature, and for what goes with every delivery.
    let mut headers: Vec<(String, String)> = Vec::with_capacity(6);
    for (name, value) in wanted {
        // Dates have spaces in them.
        let is_ours = timestamp.is_some_and(|(known, _)| known == name);
        if !is_ours {
            header_value(name.as_str(), value)?;
        }
        if !headers.iter().any(|(known, _)| name.is(known)) {
            headers.push((name.as_str().to_owned(), value.to_owned()));
        }
    }
    Ok(headers)
}

fn named(place: Option<&Selector>) -> Option<&HeaderName> {
    place.and_then(Selector::header)
}

/// What stands where the signature is.
fn signature(
    scheme: &Scheme,
    keys: &[SigningKey],
    id: Option<&str>,
    request: &Request<'_>,
    now: Timestamp,
) -> Result<String, Error> {
    let rule = &scheme.signature;
    let key = keys.first().ok_or_else(|| invalid("there is no key to sign with"))?;
    if let Some(jwt) = scheme.jwt.get() {
        let token = jwt.sign(key, None, id, request, now)?;
        return Ok(rule.format.write(&[token], None, &Candidates::default()));
    }
    if !rule.format.can_be_written() || rule.each.is_some() {
        return Err(not_made(scheme));
    }
    let timestamp = match scheme.timestamp.as_ref().map(|rule| (&rule.from, rule.unit)) {
        None => None,
        Some((TimestampSource::Signature | TimestampSource::Value(Selector::Header(_)), unit)) => {
            Some(unit.format(now))
        }
        Some((TimestampSource::Value(selector), unit)) => {
            let text = select(scheme, request, None, selector)
                .and_then(|text| text.ok_or_else(|| missing(selector)))
                .and_then(|text| unit.parse(&text).map(|_| text));
            Some(text.map_err(|error| outgoing(&error))?.into_owned())
        }
    };
    scheme.check_body_type(request.body).map_err(|error| outgoing(&error))?;
    let mut fields = Candidates::default();
    if let Some(header) = rule.format.jose_header(now) {
        fields.add_field("header", header);
    }
    // The names of what is signed besides the body, where the scheme lists them.
    let listed: Vec<&str> = request.headers.iter().map(|(name, _)| *name).collect();
    fields.add_field("h", listed.join(" "));
    let content = Content {
        scheme,
        request,
        body: [request.body, &[]],
        timestamp: timestamp.as_deref().unwrap_or_default(),
        candidates: &fields,
        item: None,
        spelling: 0,
    };
    // One value holds one signature, unless its form has room for those of the other keys too.
    // Public keys among them only verify; where there is no other, the first says so.
    let signing: Vec<&SigningKey> = keys.iter().filter(|key| key.can_sign()).collect();
    let signing = if signing.is_empty() { vec![key] } else { signing };
    let signatures = signing
        .into_iter()
        .take(if rule.format.holds_many() { keys.len() } else { 1 })
        .map(|key| tag(scheme, key, &content).map(|tag| rule.encoding.encode(&tag)))
        .collect::<Result<Vec<String>, Error>>()?;
    Ok(rule.format.write(&signatures, timestamp.as_deref(), &fields))
}

fn tag(scheme: &Scheme, key: &SigningKey, content: &Content<'_, '_>) -> Result<Vec<u8>, Error> {
    let algorithm: Algorithm = scheme.algorithm;
    if let (Family::Token, Some(secret)) = (algorithm.family(), key.secret()) {
        return Ok(secret.to_vec());
    }
    if algorithm.family() != Family::Asymmetric {
        let tag = key.tag(&Written(content, &scheme.content)).map_err(|error| outgoing(&error))?;
        return Ok(tag.as_public().to_vec());
    }
    let message = content.to_vec(&scheme.content).map_err(|error| outgoing(&error))?;
    let key = key.asymmetric().ok_or_else(|| invalid("the key is not a key pair"))?;
    key.sign(algorithm.hash(), scheme.signature.form, &message)
}

/// Puts the signature into the body; see [`Webhook::sign_body`](crate::Webhook::sign_body).
pub(crate) fn sign_body(
    scheme: &Scheme,
    keys: &[SigningKey],
    body: &[u8],
) -> Result<Vec<u8>, Error> {
    let rule = &scheme.signature;
    let request = Request::new(&[], body);
    // Only what stands in headers is written with a time of ours; see `check_timestamp`.
    let now = Timestamp::MIN;
    if let (Some(member), Some(key)) = (scheme.body_signature.get(), keys.first()) {
        let signature = rule.encoding.encode(key.tag_of(body).as_public());
        return member.insert(body, &rule.format.write(&[signature], None, &Candidates::default()));
    }
    match (rule.place(), scheme.jwt.get(), keys.first()) {
        (Selector::Header(_) | Selector::Query(_), _, _) => Ok(body.to_vec()),
        (Selector::Body, Some(jwt), Some(key)) => {
            jwt.sign(key, Some(body), None, &request, now).map(String::into_bytes)
        }
        (Selector::Json(pointer), _, _) => {
            let value = signature(scheme, keys, None, &request, now)?;
            pointer.replace(body, &value).map_err(|error| outgoing(&error))
        }
        (Selector::Form(name), _, _) => {
            let value = signature(scheme, keys, None, &request, now)?;
            Ok(form::with_field(body, name, &value))
        }
        _ => Err(not_made(scheme)),
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

/// What verifying would refuse in a request that came in, signing refuses in the message.
fn outgoing(error: &Error) -> Error {
    Error::new(ErrorCode::InvalidMessage, error.message())
}

/// The fields that the caller left out of what is signed, by their own names rather than by those of headers.
#[cold]
fn lacking(scheme: &Scheme, message: &Message<'_>) -> Option<Error> {
    let fields = [
        ("id", message.id, scheme.event_id.as_ref()),
        ("type", message.event_type, scheme.event_type.as_ref()),
    ];
    fields.into_iter().find_map(|(field, value, place)| {
        let header = named(place).filter(|header| value.is_none() && is_signed(scheme, header))?;
        let given = message.headers.iter().any(|(name, _)| header.is(name));
        let what = format!("the {field} of the event is needed: it is signed as header `{header}`");
        (!given).then(|| invalid(what))
    })
}

fn is_signed(scheme: &Scheme, header: &HeaderName) -> bool {
    scheme.content.headers().any(|name| name == header)
}

fn not_made(scheme: &Scheme) -> Error {
    invalid(format!("signatures of scheme `{}` are verified here, but not made", scheme.id()))
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidMessage, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    #[test]
    fn a_token_fits_into_a_header() {
        let scheme = Scheme::builtin("qstash").unwrap();
        let keys = scheme.keys(&Secret::new("secret").unwrap()).unwrap();
        let code = |len| {
            let url = format!("https://example.com/{}", "a".repeat(len));
            let message = Message { url: &url, ..Message::default() };
            sign(&scheme, &keys, &message, Timestamp::MIN).map_err(|error| error.code()).err()
        };
        assert_eq!(code(1000), None);
        assert_eq!(code(MAX_HEADER_LEN), Some(ErrorCode::InvalidMessage));
    }

    #[test]
    fn a_digest_of_another_body_is_not_signed() {
        let scheme = Scheme::builtin("twilio_json").unwrap();
        let keys = scheme.keys(&Secret::new("secret").unwrap()).unwrap();
        let url = "https://example.com/?bodySHA256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let code = |url, body| {
            let message = Message { url, body, ..Message::default() };
            sign(&scheme, &keys, &message, Timestamp::MIN).map_err(|error| error.code()).map(|_| ())
        };
        assert_eq!(code(url, b""), Ok(()));
        assert_eq!(code(url, b"{}"), Err(ErrorCode::InvalidMessage));
        assert_eq!(code("https://example.com/", b""), Err(ErrorCode::InvalidMessage));
    }

    #[test]
    fn a_body_that_says_when_it_was_signed_says_it() {
        let scheme = Scheme::builtin("linear").unwrap();
        let keys = scheme.keys(&Secret::new("secret").unwrap()).unwrap();
        for (body, is_signed) in [
            (r#"{"webhookTimestamp":1777111523000}"#, true),
            (r#"{"webhookTimestamp":"soon"}"#, false),
            ("{}", false),
        ] {
            let message = Message { body: body.as_bytes(), ..Message::default() };
            let signed = sign(&scheme, &keys, &message, Timestamp::MIN);
            let code = signed.map_err(|error| error.code()).err();
            assert_eq!(code, (!is_signed).then_some(ErrorCode::InvalidMessage), "{body}");
        }
    }
}
