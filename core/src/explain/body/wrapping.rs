//! The body inside something else: base64, a JSON string, the envelope of a gateway or a queue.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::value::RawValue;

use super::{Bodies, Cause};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Members of an envelope that are looked into.
const MAX_MEMBERS: usize = 32;
/// How often somebody encoded it.
const MAX_LAYERS: usize = 3;

pub(super) fn changes(bodies: &mut Bodies<'_, '_>) -> ControlFlow<()> {
    let Some(text) = bodies.text() else { return ControlFlow::Continue(()) };
    if let Some(inner) = unbase64(text) {
        bodies.give(Cause::BodyBase64, "the body is base64 of the one that was signed", inner)?;
    }
    // `str(body)` of Python.
    let literal = ["b'", "b\""].into_iter().find_map(|start| text.trim().strip_prefix(start));
    if let Some(inner) = literal.and_then(|rest| rest.strip_suffix(['\'', '"'])) {
        let message =
            "the body is Python's notation of bytes, with the body that was signed inside `b'…'`";
        bodies.give(Cause::BodyReserialized, message, inner)?;
    }
    let mut inner = text.to_owned();
    for _ in 0..MAX_LAYERS {
        let Ok(string) = serde_json::from_str::<String>(&inner) else { break };
        let message = "the body is a JSON string that holds the one that was signed";
        bodies.give(Cause::BodyDoubleEncoded, message, string.as_bytes())?;
        inner = string;
    }
    let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text) else {
        return ControlFlow::Continue(());
    };
    for member in members.values().map(|raw| raw.get()).take(MAX_MEMBERS) {
        let message = "the body is an envelope; a member of it is the body that was signed";
        if member.starts_with(['{', '[']) {
            bodies.give(Cause::BodyWrapped, message, member)?;
        }
        let Ok(string) = serde_json::from_str::<String>(member) else { continue };
        bodies.give(Cause::BodyWrapped, message, string.as_bytes())?;
        if let Some(inner) = unbase64(&string) {
            let message =
                "the body is an envelope; a member of it is base64 of the body that was signed";
            bodies.give(Cause::BodyWrapped, message, inner)?;
        }
    }
    ControlFlow::Continue(())
}

fn unbase64(text: &str) -> Option<Vec<u8>> {
    let plain: String = text.split_whitespace().collect();
    let inner = BASE64.decode(plain.replace('-', "+").replace('_', "/")).ok()?;
    (!inner.is_empty()).then_some(inner)
}
