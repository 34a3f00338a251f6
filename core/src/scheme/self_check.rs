//! A scheme proves itself when it is read: it signs a sample with two keys and verifies it with each.
//!
//! This finds what no rule about single fields does: a separator that is also a letter of the encoding, two values that
//! share a header, a format without a key for its signature. What stands in bodies and URLs cannot be made up, so the
//! proof is for schemes whose signature and values are in headers.

use super::{Part, Scheme, Selector, invalid};
use crate::algorithm::{Algorithm, Family};
use crate::delegate::Tags;
use crate::error::Error;
use crate::key::SigningKey;
use crate::rare::Rare;
use crate::request::Request;
use crate::sign::{Message, sign, sign_body};
use crate::timestamp::Timestamp;
use crate::verify::verify;

const BODY: &[u8] = br#"{"a":1}"#;
const URL: &str = "https://example.com/hooks?a=1";
const NOW: Timestamp = Timestamp::from_seconds(1_777_111_523);

/// # Errors
/// `invalid_scheme`, with what the scheme cannot do.
pub(super) fn run(scheme: &Scheme) -> Result<(), Error> {
    if !is_provable(scheme) {
        return Ok(());
    }
    // How a signature is written does not depend on what computes it, and an HMAC is quick.
    let stand_in;
    let scheme = if scheme.algorithm.family() == Family::Asymmetric {
        stand_in = Scheme {
            algorithm: Algorithm::HmacSha256,
            algorithm_choice: Rare::NONE,
            ..scheme.clone()
        };
        &stand_in
    } else {
        scheme
    };
    let keys = [
        SigningKey::new(scheme.algorithm, b"the first of two sample keys, 40 bytes..")?,
        SigningKey::new(scheme.algorithm, b"and the other one, which is the older...")?,
    ];
    let others: Vec<(&str, &str)> =
        scheme.headers().into_iter().map(|name| (name, "sample-1")).collect();
    let message = Message {
        id: Some("id-1"),
        event_type: Some("a-b"),
        url: URL,
        body: BODY,
        headers: &others,
        ..Message::default()
    };
    let signed = sign(scheme, &keys, &message, NOW).map_err(|error| cannot("sign", &error))?;
    let is_sendable = |value: &str| {
        value.trim() == value && value.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
    };
    if signed.iter().any(|(_, value)| !is_sendable(value)) {
        return Err(invalid(
            "signature.format writes a header that is not visible ASCII, or begins or ends with a space",
        ));
    }
    let headers: Vec<(&str, &str)> =
        signed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let used = if scheme.signature.format.holds_many() { keys.len() } else { 1 };
    for key in keys.iter().take(used) {
        let request = Request::new(&headers, BODY).with_url(URL);
        let _ = verify(scheme, std::slice::from_ref(key), None, &request, NOW, &Tags::Computed)
            .map_err(|error| cannot("verify what it signs", &error))?;
    }
    if scheme.body_signature.is_some() {
        let body = sign_body(scheme, &keys, BODY).map_err(|error| cannot("sign a body", &error))?;
        let _ = verify(scheme, &keys, None, &Request::new(&[], &body), NOW, &Tags::Computed)
            .map_err(|error| cannot("verify a body that it signs", &error))?;
    }
    Ok(())
}

fn is_provable(scheme: &Scheme) -> bool {
    let rule = &scheme.signature;
    rule.place().header().is_some()
        && rule.format.can_be_written()
        && !scheme.jwt.is_some()
        && !scheme.body_digest.is_some()
        && scheme.timestamp.as_ref().and_then(|rule| rule.from.selector()).is_none_or(is_in_header)
        && scheme.require.iter().all(|(place, _)| is_in_header(place))
        && scheme.content.values().all(|value| is_in_header(&value.selector))
        && !scheme
            .content
            .leaves()
            .any(|part| matches!(part, Part::Canonical(_) | Part::SortedForm))
}

fn is_in_header(place: &Selector) -> bool {
    place.header().is_some()
}

fn cannot(what: &str, error: &Error) -> Error {
    invalid(format!("the scheme cannot {what}: {error}"))
}
