//! JSON that was parsed and written again: the ways in which the sender may have written it.

use std::ops::ControlFlow;

use super::json::{Node, parse};
use super::style::{Escapes, Numbers, Spacing, Style};
use super::{Bodies, Cause};

/// Numbers that are tried one by one.
const MAX_NUMBERS: usize = 32;
/// Larger bodies are tried in the usual ways only.
const MAX_LEN: usize = 64 * 1024;

const COMPACT: Spacing = Spacing { comma: ",", colon: ":", indent: None };
const SPACED: Spacing = Spacing { comma: ", ", colon: ": ", indent: None };

const SPACINGS: [(Spacing, &str); 7] = [
    (COMPACT, "compact JSON"),
    (SPACED, "JSON with a space after `,` and `:`"),
    (indented("  "), "JSON indented by two spaces"),
    (indented("    "), "JSON indented by four spaces"),
    (indented("\t"), "JSON indented by tabs"),
    (Spacing { comma: ",", colon: ": ", indent: None }, "JSON with a space after `:`"),
    (Spacing { comma: ", ", colon: ":", indent: None }, "JSON with a space after `,`"),
];

const PLAIN: Escapes = Escapes { non_ascii: false, slash: false, others: "", capitals: false };

/// What serialisers escape: JavaScript; Python; PHP; PHP with `JSON_UNESCAPED_UNICODE`; Go and Ruby on Rails; Gson;
/// .NET; others.
const ESCAPES: [(Escapes, &str); 8] = [
    (PLAIN, ""),
    (Escapes { non_ascii: true, ..PLAIN }, ", with `\\u…` for letters outside of ASCII"),
    (
        Escapes { non_ascii: true, slash: true, ..PLAIN },
        ", with `\\u…` for letters outside of ASCII and `\\/`",
    ),
    (Escapes { slash: true, ..PLAIN }, ", with `\\/`"),
    (Escapes { others: "<>&\u{2028}\u{2029}", ..PLAIN }, ", with `\\u…` for `<>&`"),
    (Escapes { others: "<>&='\u{2028}\u{2029}", ..PLAIN }, ", with `\\u…` for `<>&='`"),
    (
        Escapes { non_ascii: true, others: "<>&'\"+`\u{7f}", capitals: true, ..PLAIN },
        ", with `\\u…` in capitals for signs and for letters outside of ASCII",
    ),
    (
        Escapes { non_ascii: true, capitals: true, ..PLAIN },
        ", with `\\u…` in capitals for letters outside of ASCII",
    ),
];

const fn indented(by: &'static str) -> Spacing {
    Spacing { comma: ",", colon: ": ", indent: Some(by) }
}

pub(super) fn changes(bodies: &mut Bodies<'_, '_>) -> ControlFlow<()> {
    let Some(node) = bodies.text().and_then(|text| parse(text.trim_start_matches('\u{feff}')))
    else {
        return ControlFlow::Continue(());
    };
    let escapes = relevant_escapes(&node);
    written(bodies, &node, &escapes, Numbers::AsTheyAre, "")?;
    let mut sorted = node.clone();
    sorted.sort();
    if sorted != node {
        written(
            bodies,
            &sorted,
            &escapes,
            Numbers::AsTheyAre,
            ", with its members sorted by name",
        )?;
    }
    if bodies.body.len() > MAX_LEN {
        return ControlFlow::Continue(());
    }
    let count = count_numbers(&node);
    if count == 0 {
        return ControlFlow::Continue(());
    }
    for numbers in [Numbers::Short, Numbers::WithDecimal, Numbers::Cents] {
        written(bodies, &node, &escapes, numbers, NUMBERS_DIFFER)?;
    }
    let usual = escapes.get(..escapes.len().min(2)).unwrap_or_default();
    for index in 0..count.min(MAX_NUMBERS) {
        for numbers in [Numbers::OneDecimal(index), Numbers::OneCents(index)] {
            for (spacing, name) in SPACINGS.into_iter().take(2) {
                for (escapes, told) in usual {
                    let style = Style { spacing, escapes: *escapes, numbers };
                    give(bodies, &node, style, &format!("{name}{told}{NUMBERS_DIFFER}"))?;
                }
            }
        }
    }
    ControlFlow::Continue(())
}

const NUMBERS_DIFFER: &str = ", with numbers written otherwise (`1.0`, `1`)";

/// In every spacing and with every kind of escapes.
fn written(
    bodies: &mut Bodies<'_, '_>,
    node: &Node<'_>,
    all_escapes: &[(Option<Escapes>, &str)],
    numbers: Numbers,
    more: &str,
) -> ControlFlow<()> {
    for (spacing, name) in SPACINGS {
        for (escapes, told) in all_escapes {
            give(
                bodies,
                node,
                Style { spacing, escapes: *escapes, numbers },
                &format!("{name}{told}{more}"),
            )?;
        }
    }
    ControlFlow::Continue(())
}

fn give(bodies: &mut Bodies<'_, '_>, node: &Node<'_>, style: Style, told: &str) -> ControlFlow<()> {
    let mut body = style.write(node);
    let message = format!("the body was parsed and serialised again; what was signed is {told}");
    bodies.give(Cause::BodyReserialized, &message, body.as_slice())?;
    body.push(b'\n');
    let message = format!("{message} and a line break at the end");
    bodies.give(Cause::BodyReserialized, &message, body)
}

/// Those that write something in this JSON differently from the ones before.
fn relevant_escapes(node: &Node<'_>) -> Vec<(Option<Escapes>, &'static str)> {
    let mut seen: Vec<Vec<u8>> = Vec::new();
    let mut relevant = Vec::new();
    let sample = Node::List(sample(node));
    let all = ESCAPES.into_iter().map(|(escapes, told)| (Some(escapes), told));
    for (escapes, told) in all.chain([(None, ", with its strings as they are")]) {
        let written =
            Style { spacing: COMPACT, escapes, numbers: Numbers::AsTheyAre }.write(&sample);
        if !seen.contains(&written) {
            seen.push(written);
            relevant.push((escapes, told));
        }
    }
    relevant
}

/// Every string, as items of one list.
fn sample<'a>(node: &Node<'a>) -> Vec<Node<'a>> {
    match node {
        Node::List(items) => items.iter().flat_map(sample).collect(),
        Node::Object(members) => members
            .iter()
            .flat_map(|(name, value)| std::iter::once(Node::Text(name)).chain(sample(value)))
            .collect(),
        Node::Scalar(_) => Vec::new(),
        Node::Text(text) => vec![Node::Text(text)],
    }
}

fn count_numbers(node: &Node<'_>) -> usize {
    match node {
        Node::List(items) => items.iter().map(count_numbers).sum(),
        Node::Object(members) => members.iter().map(|(_, value)| count_numbers(value)).sum(),
        Node::Scalar(text) => usize::from(!text.starts_with(['t', 'f', 'n'])),
        Node::Text(_) => 0,
    }
}
