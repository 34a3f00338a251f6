//! What a parser of forms made of the body: decoded text, or JSON of the fields.

use std::ops::ControlFlow;

use percent_encoding::{AsciiSet, percent_decode, utf8_percent_encode};

use super::json::{Node, parse};
use super::{Bodies, Cause};
use crate::canonical::url::{COMPONENT, UNRESERVED};

/// Fields in which senders put JSON.
const JSON_FIELDS: [&str; 4] = ["payload", "data", "body", "json"];
/// More fields than the forms of senders have.
const MAX_FIELDS: usize = 200;

/// How fields are encoded: with `+` for a space as forms are, as `encodeURIComponent` does, and in between.
const ENCODINGS: [(&AsciiSet, &str); 4] =
    [(UNRESERVED, "+"), (COMPONENT, "%20"), (UNRESERVED, "%20"), (COMPONENT, "+")];

pub(super) fn changes(bodies: &mut Bodies<'_, '_>) -> ControlFlow<()> {
    let Some(text) = bodies.text() else { return ControlFlow::Continue(()) };
    let message = "the body is what a form parser made of it: JSON instead of encoded fields";
    match parse(text) {
        Some(Node::Object(members)) => {
            for (encoding, space) in ENCODINGS {
                if let Some(form) = members
                    .len()
                    .le(&MAX_FIELDS)
                    .then(|| of_members(&members, encoding, space))
                    .flatten()
                {
                    bodies.give(Cause::BodyDecoded, message, form)?;
                }
                let value = encode(text, encoding, space);
                for name in JSON_FIELDS {
                    let message =
                        format!("the body is the value of the form's field `{name}`, decoded");
                    bodies.give(Cause::BodyDecoded, &message, format!("{name}={value}"))?;
                }
            }
        }
        Some(_) => {}
        None if text.contains('=') => {
            for (encoding, space) in ENCODINGS {
                let form = of_text(text, encoding, space);
                bodies.give(
                    Cause::BodyDecoded,
                    "the body is the form with its escapes decoded",
                    form,
                )?;
            }
            let decoded: Vec<u8> = percent_decode(&text.replace('+', " ").into_bytes()).collect();
            bodies.give(
                Cause::BodyDecoded,
                "the body is a form that was signed with its escapes decoded",
                decoded,
            )?;
        }
        None => {}
    }
    ControlFlow::Continue(())
}

/// The form whose fields these are; none where they are not all text and numbers.
fn of_members(
    members: &[(&str, Node<'_>)],
    encoding: &'static AsciiSet,
    space: &str,
) -> Option<String> {
    let fields = members.iter().map(|(name, value)| {
        let name: String = serde_json::from_str(name).ok()?;
        let value = match value {
            Node::Text(raw) => serde_json::from_str(raw).ok()?,
            Node::Scalar(text) => (*text).to_owned(),
            Node::List(_) | Node::Object(_) => return None,
        };
        Some(format!("{}={}", encode(&name, encoding, space), encode(&value, encoding, space)))
    });
    Some(fields.collect::<Option<Vec<_>>>()?.join("&"))
}

/// The form whose fields were decoded in place.
fn of_text(text: &str, encoding: &'static AsciiSet, space: &str) -> String {
    let fields = text.split('&').map(|field| match field.split_once('=') {
        Some((name, value)) => {
            format!("{}={}", encode(name, encoding, space), encode(value, encoding, space))
        }
        None => encode(field, encoding, space),
    });
    fields.collect::<Vec<_>>().join("&")
}

fn encode(text: &str, encoding: &'static AsciiSet, space: &str) -> String {
    let encoded = utf8_percent_encode(text, encoding).to_string();
    if space == "%20" { encoded } else { encoded.replace("%20", space) }
}
