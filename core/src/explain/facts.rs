//! What is seen without a trial: something is absent, cut off or of the wrong kind. And what is left to suspect.

use super::body;
use super::cause::Cause;
use super::finding::Finding;
use super::headers;
use super::subject::Subject;
use crate::algorithm::Family;
use crate::error::{Error, ErrorCode, clip};
use crate::handshake::answer;
use crate::scheme::{Candidates, Encoding, Scheme, Selector};

/// What cannot verify before it is put right.
pub(super) fn certain(subject: &Subject<'_>, error: &Error) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |cause, message: String| findings.push(Finding::certain(cause, message));
    if is_handshake(subject) {
        let message = format!(
            "the request is the handshake of scheme `{}`, which wants an answer",
            subject.scheme.id()
        );
        add(Cause::HandshakeRequest, message);
    }
    if error.code() == ErrorCode::InvalidSecret {
        match key_kind(subject) {
            Some(message) => add(Cause::KeyKind, message.to_owned()),
            None if subject.keys.is_empty() => {
                add(Cause::SecretEncoding, error.message().to_owned());
            }
            None => {}
        }
    } else if let Some(message) = key_kind(subject) {
        add(Cause::KeyKind, message.to_owned());
    }
    if error.code() == ErrorCode::MissingHeader {
        add(Cause::HeaderMissing, missing_headers(subject, error));
    }
    if let Some(message) = truncated(subject) {
        add(Cause::SignatureTruncated, message);
    }
    if error.code() == ErrorCode::MissingUrl {
        add(Cause::WrongUrl, "the scheme signs the URL, and none was given".to_owned());
    }
    if error.code() == ErrorCode::MalformedUrl {
        add(Cause::WrongUrl, "the URL is not a whole one, with `https://` and host".to_owned());
    }
    if subject.reads_body() {
        if let Some(message) = not_raw(subject.request.body) {
            add(Cause::BodyReserialized, message.to_owned());
        }
        if let Some((cause, message)) = other_length(subject) {
            add(cause, message);
        }
    }
    findings
}

/// What may be, and could not be tried. Never empty.
pub(super) fn likely(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |cause, message: String| findings.push(Finding::likely(cause, message));
    let body = subject.request.body;
    if subject.reads_body() {
        let named = header(subject, "content-encoding")
            .filter(|name| !name.eq_ignore_ascii_case("identity"));
        if let Some(name) = body::compression(body) {
            add(
                Cause::BodyCompressed,
                format!("the body begins like one that is compressed by {name}"),
            );
        } else if let Some(name) = named {
            let name = clip(name);
            add(
                Cause::BodyCompressed,
                format!(
                    "header `content-encoding` is `{name}`: the sender may have signed the compressed body"
                ),
            );
        }
        if body.is_empty() {
            add(Cause::BodyEmpty, "the body is empty".to_owned());
        }
        if body.windows(3).any(|bytes| bytes == "\u{fffd}".as_bytes()) {
            let message =
                "the body holds U+FFFD, which decoders put in the place of what they cannot read";
            add(Cause::BodyCharset, message.to_owned());
        }
    }
    if lost_case(subject) {
        let message =
            "the signature has no capital letters: something wrote the header in lower case";
        add(Cause::SignatureAltered, message.to_owned());
    }
    if subject.scheme.reads_url() {
        add(
            Cause::WrongUrl,
            "the scheme signs the URL, and no spelling of the one given verifies".to_owned(),
        );
    }
    let config =
        Scheme::catalogue_entry(subject.scheme.id()).map(|entry| entry.config).unwrap_or_default();
    if !config.is_empty() {
        let names: Vec<String> = config.iter().map(|(name, _)| format!("`{name}`")).collect();
        add(Cause::ConfigValue, format!("the scheme uses {}, given as config", names.join(", ")));
    }
    add(
        Cause::WrongSecret,
        "none of the usual mistakes makes the request verify: the secret may be another's"
            .to_owned(),
    );
    findings
}

fn header<'s>(subject: &Subject<'s>, name: &str) -> Option<&'s str> {
    let mut headers = subject.request.headers.iter();
    headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
}

/// Whether the request is a handshake that is not signed.
fn is_handshake(subject: &Subject<'_>) -> bool {
    let unsigned = || Err(Error::new(ErrorCode::NoMatch, "the signature is not good"));
    match answer(subject.scheme, subject.keys, &subject.request, unsigned) {
        Ok(response) => response.is_some(),
        Err(error) => error.code() == ErrorCode::MissingConfig,
    }
}

/// A public or private key where a shared secret is needed, or the reverse.
fn key_kind(subject: &Subject<'_>) -> Option<&'static str> {
    let looks_like_pair = |text: &&str| {
        let text = text.trim_start();
        ["-----BEGIN ", "whpk_", "whsk_", "ssh-", "{\"k"]
            .iter()
            .any(|start| text.starts_with(start))
    };
    match subject.scheme.algorithm.family() {
        Family::Asymmetric if subject.keys.is_empty() => Some(
            "the scheme verifies with the sender's public key, and the secret is none of its kind",
        ),
        Family::BareHash | Family::Hmac | Family::Token
            if subject.secrets.iter().any(looks_like_pair) =>
        {
            Some("the scheme verifies with a shared secret, and a public or private key was given")
        }
        _ => None,
    }
}

fn missing_headers(subject: &Subject<'_>, error: &Error) -> String {
    let absent: Vec<String> = headers::absent(subject)
        .into_iter()
        .take(MAX_NAMED)
        .map(|name| format!("`{name}`"))
        .collect();
    match absent.as_slice() {
        [] => error.message().to_owned(),
        [_] => format!("{}; no other header has a value that fits", error.message()),
        names => format!(
            "{}; of the headers that the scheme reads these are absent: {}",
            error.message(),
            names.join(", ")
        ),
    }
}

/// A signature with too few characters.
fn truncated(subject: &Subject<'_>) -> Option<String> {
    let rule = &subject.scheme.signature;
    let wanted = rule.encoding.chars(subject.scheme.algorithm.tag_len())?;
    let text = first_signature(subject)?;
    let got = text.trim_end_matches('=').chars().count();
    let fits = |c: char| match rule.encoding {
        Encoding::Hex => c.is_ascii_hexdigit(),
        _ => c.is_ascii_alphanumeric() || "+/-_=".contains(c),
    };
    let is_short = got + 2 < wanted && got > 0 && text.chars().all(fits);
    is_short.then(|| format!("the signature has {got} characters, a whole one has {wanted}"))
}

/// The first signature in the header as it stands there.
fn first_signature(subject: &Subject<'_>) -> Option<String> {
    let rule = &subject.scheme.signature;
    let place = rule.place();
    let Selector::Header(name) = place else { return None };
    let value = header(subject, name.as_str())?;
    let mut candidates = Candidates::default();
    rule.format.read(value, place, &mut candidates).ok()?;
    candidates.signatures().first().map(|text| text.as_ref().to_owned())
}

/// Whether base64 of some length has no capital letter, as chance does not make it.
fn lost_case(subject: &Subject<'_>) -> bool {
    let is_base64 =
        matches!(subject.scheme.signature.encoding, Encoding::Base64 | Encoding::Base64url);
    let has_one_case =
        |text: &str| text.len() >= 27 && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    is_base64 && first_signature(subject).is_some_and(|text| has_one_case(&text))
}

/// What languages make of a parsed body when it is used as text.
fn not_raw(body: &[u8]) -> Option<&'static str> {
    match body {
        b"[object Object]" => {
            Some("the body is `[object Object]`: a parsed value was used as text")
        }
        b"undefined" | b"None" | b"null" => {
            Some("the body is the text for no value: it was read before, or by another parser")
        }
        b"Array" => Some("the body is `Array`: a parsed value was used as text"),
        _ if body.starts_with(b"{'") || body.starts_with(b"[{'") => {
            Some("the body is a dictionary as Python prints it, not the JSON that was received")
        }
        _ => None,
    }
}

/// A body that has another length than the request says.
fn other_length(subject: &Subject<'_>) -> Option<(Cause, String)> {
    let said: usize = header(subject, "content-length")?.parse().ok()?;
    let got = subject.request.body.len();
    let is_plain = header(subject, "content-encoding")
        .is_none_or(|name| name.eq_ignore_ascii_case("identity"));
    if said == got || !is_plain {
        return None;
    }
    let cause = match got {
        0 => Cause::BodyEmpty,
        _ if got < said => Cause::BodyTruncated,
        _ => Cause::BodyReserialized,
    };
    Some((cause, format!("the body has {got} bytes, and header `content-length` says {said}")))
}

/// Absent headers that are named.
const MAX_NAMED: usize = 8;
