//! Headers under another name, or more than once.

use std::ops::ControlFlow;

use super::cause::Cause;
use super::subject::{Change, Part, Subject, Visit};
use crate::content::names;
use crate::error::clip;
use crate::scheme::Selector;

/// More headers than servers take.
const MAX_HEADERS: usize = 128;
/// More lines of one header than any proxy adds.
const MAX_LINES: usize = 8;

pub(super) fn changes(subject: &Subject<'_>, visit: &mut Visit<'_>) -> ControlFlow<()> {
    if subject.request.headers.len() > MAX_HEADERS {
        return ControlFlow::Continue(());
    }
    let absent = absent(subject);
    renamed(subject, &absent, |wanted, found| plain_name(wanted) == plain_name(found), visit)?;
    repeated(subject, visit)?;
    renamed(subject, &absent, |wanted, found| last_word(wanted) == last_word(found), visit)?;
    signature_elsewhere(subject, visit)
}

/// The names of the headers that the scheme reads and the request does not have, under any of their names.
pub(super) fn absent<'s>(subject: &Subject<'s>) -> Vec<&'s str> {
    let is_there = |name: &str| {
        subject.request.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    };
    let has_other_name =
        |name: &str| subject.scheme.names_of(name).iter().any(|known| is_there(known.as_str()));
    let read = subject.scheme.headers().into_iter();
    read.filter(|name| !is_there(name) && !has_other_name(name)).collect()
}

/// Every absent header taken from one whose name is alike.
fn renamed(
    subject: &Subject<'_>,
    absent: &[&str],
    is_alike: impl Fn(&str, &str) -> bool,
    visit: &mut Visit<'_>,
) -> ControlFlow<()> {
    let given = subject.request.headers;
    let found: Vec<(&str, &str, &str)> = absent
        .iter()
        .filter_map(|wanted| {
            let (name, value) = given.iter().find(|(name, _)| is_alike(wanted, name))?;
            Some((*wanted, *name, *value))
        })
        .collect();
    if found.is_empty() {
        return ControlFlow::Continue(());
    }
    let told: Vec<String> = found
        .iter()
        .map(|(wanted, name, _)| format!("header `{wanted}` came as `{}`", clip(name)))
        .collect();
    let headers = given
        .iter()
        .copied()
        .chain(found.iter().map(|(wanted, _, value)| (*wanted, *value)))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    visit(Change::new(Cause::HeaderRenamed, told.join(", "), Part::Headers(headers)))
}

/// Each line alone of a header that came more than once.
fn repeated(subject: &Subject<'_>, visit: &mut Visit<'_>) -> ControlFlow<()> {
    let given = subject.request.headers;
    for name in subject.scheme.headers() {
        let is_it = |known: &str| known.eq_ignore_ascii_case(name);
        let lines: Vec<&str> =
            given.iter().filter(|(known, _)| is_it(known)).map(|(_, value)| *value).collect();
        if lines.len() < 2 {
            continue;
        }
        let others: Vec<(&str, &str)> =
            given.iter().copied().filter(|(known, _)| !is_it(known)).collect();
        for line in lines.iter().take(MAX_LINES) {
            let headers = others.iter().copied().chain([(name, *line)]);
            let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let message =
                format!("header `{name}` came {} times, and one of them is good", lines.len());
            visit(Change::new(Cause::HeaderRepeated, message, Part::Headers(headers.collect())))?;
        }
    }
    ControlFlow::Continue(())
}

/// The value of any other header in the place of the signature.
fn signature_elsewhere(subject: &Subject<'_>, visit: &mut Visit<'_>) -> ControlFlow<()> {
    let place = subject.scheme.signature.place();
    let Selector::Header(wanted) = place else { return ControlFlow::Continue(()) };
    let given = subject.request.headers;
    let is_name_of_it = |name: &str| names(subject.scheme, wanted).any(|known| known.is(name));
    for (name, value) in
        given.iter().filter(|(name, value)| !is_name_of_it(name) && value.len() >= MIN_VALUE)
    {
        let others = given.iter().filter(|(known, _)| !is_name_of_it(known));
        let headers = others.copied().chain([(wanted.as_str(), *value)]);
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let message = format!("the signature stands in header `{}`, not in `{wanted}`", clip(name));
        visit(Change::new(Cause::HeaderRenamed, message, Part::Headers(headers)))?;
    }
    ControlFlow::Continue(())
}

/// The name without what servers and proxies put before it, and with dashes.
fn plain_name(name: &str) -> String {
    let lower = name.trim_matches([' ', ':', '"', '\'']).to_ascii_lowercase().replace('_', "-");
    let mut plain = lower.as_str();
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| plain.strip_prefix(prefix)) {
        plain = rest;
    }
    plain.to_owned()
}

fn last_word(name: &str) -> String {
    let plain = plain_name(name);
    plain.rsplit('-').next().unwrap_or_default().to_owned()
}

/// CGI, proxies and gateways put these before a name; senders themselves write `x-`.
const PREFIXES: [&str; 6] =
    ["http-", "x-amzn-remapped-", "x-forwarded-", "x-original-", "x-orig-", "x-"];
/// Shorter than any signature or token that is worth a trial.
const MIN_VALUE: usize = 8;
