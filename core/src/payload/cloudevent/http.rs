//! The HTTP binding: attributes in `ce-` headers and the data as the body, or all in the body.
//! Source: CloudEvents 1.0.2, "HTTP Protocol Binding"; §3.1.3.2 for the values of headers.

use std::collections::BTreeMap;

use super::{Attribute, CloudEvent, CloudEventData, check_version, is_name, media_type};
use crate::error::{Error, ErrorCode, clip};
use crate::payload::object::invalid;
use crate::profile::Outgoing;
use crate::request::{MAX_HEADER_LEN, Request};

const PREFIX: &str = "ce-";
const CONTENT_TYPE: &str = "content-type";
const STRUCTURED: &str = "application/cloudevents";
const STRUCTURED_JSON: &str = "application/cloudevents+json";
const BATCHED: &str = "application/cloudevents-batch";
const BATCHED_JSON: &str = "application/cloudevents-batch+json";

/// Where a message has its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentMode {
    /// Several, in the body: [`CloudEvent::parse_batch`].
    Batched,
    /// One, in headers and body.
    Binary,
    /// One, in the body.
    Structured,
}

impl ContentMode {
    /// Tells the mode by the content type. A message in [`Binary`](Self::Binary) mode need not be a CloudEvent at all.
    ///
    /// # Errors
    /// `malformed_header` when the content type came more than once; `header_too_long`.
    pub fn of(request: &Request<'_>) -> Result<Self, Error> {
        let essence = media_type::essence(content_type(request)?.unwrap_or_default());
        Ok(if essence.starts_with(BATCHED) {
            Self::Batched
        } else if essence.starts_with(STRUCTURED) {
            Self::Structured
        } else {
            Self::Binary
        })
    }
}

impl CloudEvent {
    /// Reads the event that a request holds, in binary or structured mode.
    ///
    /// # Errors
    /// `missing_header` for a required attribute; `malformed_header` for one that is not encoded as the binding says or
    /// came more than once; `header_too_long`; `invalid_payload` for all else, a batch among it; `malformed_timestamp`.
    pub fn from_request(request: &Request<'_>) -> Result<Self, Error> {
        let content_type = content_type(request)?;
        match ContentMode::of(request)? {
            ContentMode::Batched => Err(invalid(
                "the body is a batch of CloudEvents; read it with `CloudEvent::parse_batch`"
                    .to_owned(),
            )),
            ContentMode::Structured => {
                let essence = media_type::essence(content_type.unwrap_or_default());
                if essence != STRUCTURED_JSON {
                    let message =
                        format!("event format `{}` is not `{STRUCTURED_JSON}`", clip(&essence));
                    return Err(invalid(message));
                }
                Self::parse(request.body)
            }
            ContentMode::Binary => Self::from_binary(request, content_type),
        }
    }

    /// Writes the event with its attributes in headers and its data as the body.
    ///
    /// # Errors
    /// `invalid_event` when the event is not as the specification demands, or its data cannot be a body: text in another
    /// character set than UTF-8, or a CloudEvent in itself.
    pub fn to_binary(&self) -> Result<Outgoing, Error> {
        self.check(ErrorCode::InvalidEvent)?;
        let refuse = |message: &str| Err(Error::new(ErrorCode::InvalidEvent, message));
        let mut content_type = self.data_content_type.as_deref();
        let body = match &self.data {
            None => Vec::new(),
            Some(CloudEventData::Binary(bytes)) => bytes.clone(),
            Some(CloudEventData::Json(value)) => {
                // What the JSON format leaves unsaid is said here.
                content_type = content_type.or(Some(media_type::JSON));
                value.get().as_bytes().to_vec()
            }
            Some(CloudEventData::Text(text)) => text.as_bytes().to_vec(),
        };
        if let Some(content_type) = content_type {
            if media_type::essence(content_type).starts_with(STRUCTURED) {
                return refuse("data that is a CloudEvent itself cannot be sent in binary mode");
            }
            let text = matches!(self.data, Some(CloudEventData::Json(_) | CloudEventData::Text(_)));
            if text && !media_type::is_utf8(content_type) {
                return refuse("the data is text in UTF-8, but its content type says otherwise");
            }
        }
        let header = |name: &str, value: &str| (format!("{PREFIX}{name}"), encode(value));
        let mut headers: Vec<_> = self
            .texts()
            .filter(|(name, _)| *name != "datacontenttype")
            .map(|(name, value)| header(name, value))
            .collect();
        headers
            .extend(self.extensions.iter().map(|(name, value)| header(name, &value.to_string())));
        headers.extend(content_type.map(|value| (CONTENT_TYPE.to_owned(), value.to_owned())));
        Ok(Outgoing { headers, body })
    }

    /// Writes the event into the body, in the JSON format.
    ///
    /// # Errors
    /// As [`to_json`](Self::to_json).
    pub fn to_structured(&self) -> Result<Outgoing, Error> {
        Ok(Outgoing { headers: json_headers(STRUCTURED_JSON), body: self.to_json()? })
    }

    /// Writes several events into one body. Only for a receiver that asked for batches.
    ///
    /// # Errors
    /// As [`to_json`](Self::to_json).
    pub fn to_batched(events: &[Self]) -> Result<Outgoing, Error> {
        Ok(Outgoing { headers: json_headers(BATCHED_JSON), body: Self::batch_to_json(events)? })
    }

    fn from_binary(request: &Request<'_>, content_type: Option<&str>) -> Result<Self, Error> {
        let mut attributes = attributes(request)?;
        let mut required = |name: &str| {
            attributes.remove(name).ok_or_else(|| {
                Error::new(ErrorCode::MissingHeader, format!("header `{PREFIX}{name}` is missing"))
            })
        };
        check_version(&required("specversion")?)?;
        let (id, source, event_type) = (required("id")?, required("source")?, required("type")?);
        let event = Self {
            id,
            source,
            event_type,
            data_content_type: content_type.map(str::to_owned),
            data_schema: attributes.remove("dataschema"),
            subject: attributes.remove("subject"),
            time: attributes.remove("time"),
            extensions: attributes
                .into_iter()
                .map(|(name, value)| (name, Attribute::String(value)))
                .collect(),
            data: read_body(request.body, content_type)?,
        };
        event.check(ErrorCode::InvalidPayload).map(|()| event)
    }
}

fn json_headers(media_type: &str) -> Vec<(String, String)> {
    vec![(CONTENT_TYPE.to_owned(), media_type.to_owned())]
}

fn read_body(body: &[u8], content_type: Option<&str>) -> Result<Option<CloudEventData>, Error> {
    let binary = || Ok(Some(CloudEventData::Binary(body.to_vec())));
    match content_type {
        _ if body.is_empty() => Ok(None),
        Some(name) if media_type::is_json(name) => match serde_json::from_slice(body) {
            Ok(value) => Ok(Some(CloudEventData::Json(value))),
            Err(error) => Err(invalid(format!(
                "the body is not JSON, as its content type says it is: {error}"
            ))),
        },
        Some(name) if media_type::is_utf8_text(name) => match std::str::from_utf8(body) {
            Ok(text) => Ok(Some(CloudEventData::Text(text.to_owned()))),
            Err(_) => binary(),
        },
        _ => binary(),
    }
}

/// The attributes in headers, by name.
fn attributes(request: &Request<'_>) -> Result<BTreeMap<String, String>, Error> {
    let mut attributes = BTreeMap::new();
    for (header, value) in request.headers {
        let Some((prefix, name)) = header.split_at_checked(PREFIX.len()) else { continue };
        if !prefix.eq_ignore_ascii_case(PREFIX) {
            continue;
        }
        let name = name.to_ascii_lowercase();
        if !is_name(&name) || name == "data" || name == "datacontenttype" {
            return Err(malformed(header, "is not an attribute that has a header"));
        }
        check_length(header, value)?;
        let value = decode(value.trim_matches([' ', '\t']))
            .map_err(|problem| malformed(header, problem))?;
        if attributes.insert(name, value).is_some() {
            return Err(malformed(header, "came more than once"));
        }
    }
    Ok(attributes)
}

fn content_type<'a>(request: &Request<'a>) -> Result<Option<&'a str>, Error> {
    let named = |(name, _): &&(&str, &str)| name.eq_ignore_ascii_case(CONTENT_TYPE);
    let mut values = request.headers.iter().filter(named).map(|(_, value)| value.trim());
    let value = values.next().filter(|value| !value.is_empty());
    if values.next().is_some() {
        return Err(malformed(CONTENT_TYPE, "came more than once"));
    }
    value.map_or(Ok(()), |value| check_length(CONTENT_TYPE, value)).map(|()| value)
}

fn check_length(header: &str, value: &str) -> Result<(), Error> {
    if value.len() <= MAX_HEADER_LEN {
        return Ok(());
    }
    let message =
        format!("header `{}` has {} bytes, more than {MAX_HEADER_LEN}", clip(header), value.len());
    Err(Error::new(ErrorCode::HeaderTooLong, message))
}

fn malformed(header: &str, problem: &str) -> Error {
    Error::new(ErrorCode::MalformedHeader, format!("header `{}` {problem}", clip(header)))
}

/// Percent-encodes what is not printable ASCII, and space, `"` and `%`.
fn encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'!'..=b'~' if byte != b'"' && byte != b'%' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// Undoes quotes, which older senders write, and then one round of percent-encoding.
fn decode(value: &str) -> Result<String, &'static str> {
    let unquoted = match value.strip_prefix('"') {
        Some(quoted) => &*unquote(quoted).ok_or("opens a quote that does not close at its end")?,
        None => value,
    };
    let mut bytes = Vec::with_capacity(unquoted.len());
    let mut rest = unquoted.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next().unwrap_or_default(), rest.next().unwrap_or_default()];
                let [decoded] = hex::FromHex::from_hex(digits)
                    .map_err(|_| "has a `%` without two hex digits behind it")?;
                decoded
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 when its percent-encoding is undone")
}

/// The text of a quoted string (RFC 9110 §5.6.4) behind its opening quote; none when it does not close at the end.
fn unquote(quoted: &str) -> Option<String> {
    let mut text = String::with_capacity(quoted.len());
    let mut rest = quoted.chars();
    loop {
        match rest.next()? {
            '"' => return rest.as_str().is_empty().then_some(text),
            '\\' => text.push(rest.next()?),
            other => text.push(other),
        }
    }
}
