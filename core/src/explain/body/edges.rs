//! What stands around the body: a byte order mark, white space; and how its lines end.

use std::ops::ControlFlow;

use super::Bodies;
use super::Cause;

const BOM: &[u8] = b"\xef\xbb\xbf";

pub(super) fn changes(bodies: &mut Bodies<'_, '_>) -> ControlFlow<()> {
    let body = bodies.body;
    if let Some(rest) = body.strip_prefix(BOM) {
        let message = "a byte order mark (EF BB BF) was put before the body";
        bodies.give(Cause::BomAdded, message, rest)?;
        bodies.give(Cause::BomAdded, message, rest.trim_ascii())?;
    }
    let ended = "a line break was put at the end of the body";
    bodies.give(Cause::NewlineAdded, ended, body.strip_suffix(b"\n").unwrap_or(body))?;
    bodies.give(Cause::NewlineAdded, ended, body.strip_suffix(b"\r\n").unwrap_or(body))?;
    bodies.give(
        Cause::NewlineAdded,
        "white space was put at the end of the body",
        body.trim_ascii_end(),
    )?;
    bodies.give(
        Cause::NewlineAdded,
        "white space was put at the start of the body",
        body.trim_ascii_start(),
    )?;
    bodies.give(Cause::NewlineAdded, "white space was put around the body", body.trim_ascii())?;
    for (end, name) in
        [("\n", "`\\n`"), ("\r\n", "`\\r\\n`"), ("\n\n", "`\\n\\n`"), (" ", "a space")]
    {
        let message = format!("{name} at the end of the body was taken off");
        bodies.give(Cause::NewlineRemoved, &message, [body, end.as_bytes()].concat())?;
    }
    bodies.give(
        Cause::BomRemoved,
        "the byte order mark (EF BB BF) of the body was taken off",
        [BOM, body].concat(),
    )?;
    if !body.is_empty() {
        bodies.give(
            Cause::BodyEmpty,
            "the body that was signed is empty, and this one is not",
            Vec::new(),
        )?;
    }
    if body.contains(&b'\r') {
        let message = "each `\\n` of the body was made `\\r\\n`";
        bodies.give(Cause::LineEndings, message, without_returns(body))?;
    }
    if body.contains(&b'\n') {
        let message = "each `\\r\\n` of the body was made `\\n`";
        bodies.give(Cause::LineEndings, message, with_returns(body))?;
    }
    ControlFlow::Continue(())
}

/// Every CR LF as LF.
fn without_returns(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut bytes = body.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\r' || bytes.peek() != Some(&b'\n') {
            out.push(byte);
        }
    }
    out
}

/// Every LF as CR LF.
fn with_returns(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 64);
    for byte in without_returns(body) {
        if byte == b'\n' {
            out.push(b'\r');
        }
        out.push(byte);
    }
    out
}
