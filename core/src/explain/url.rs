//! The URL as the sender may have it: before the proxy, with or without port, slash and query.

use std::ops::ControlFlow;

use percent_encoding::percent_decode_str;

use super::cause::Cause;
use super::subject::{Change, Part, Subject, Visit};
use crate::canonical::url_spelling::with_other_slash;
use crate::error::clip;

/// Longer URLs than any sender takes.
const MAX_URL_LEN: usize = 8192;

/// A value of one part of the URL, and what is to be said where it is not the one given.
type Choice = (String, Option<String>);

pub(super) fn changes(subject: &Subject<'_>, visit: &mut Visit<'_>) -> ControlFlow<()> {
    let given = subject.request.url;
    if !subject.scheme.reads_url() || given.len() > MAX_URL_LEN {
        return ControlFlow::Continue(());
    }
    let mut spellings = spellings(subject);
    // The smallest change first; `sort_by_key` keeps the likely ones in front.
    spellings.sort_by_key(|(_, told)| told.len());
    for (url, told) in spellings.into_iter().filter(|(url, _)| url != given) {
        let message = match told.as_slice() {
            [] => "the URL that was signed is not the one given".to_owned(),
            told => format!("the URL that was signed differs: {}", told.join("; ")),
        };
        visit(Change::new(Cause::WrongUrl, message, Part::Url(url)))?;
    }
    ControlFlow::Continue(())
}

/// Every spelling, with what is changed in it.
fn spellings(subject: &Subject<'_>) -> Vec<(String, Vec<String>)> {
    let given = Given::parse(subject.request.url);
    let mut spellings = Vec::new();
    for (protocol, protocol_told) in protocols(subject, &given) {
        for (host, host_told) in hosts(subject, &given) {
            for (port, port_told) in ports(subject, &host, &protocol) {
                for (target, target_told) in targets(subject, &given) {
                    let name = without_port(&host);
                    let told = [&protocol_told, &host_told, &port_told, &target_told];
                    let told = told.into_iter().flatten().cloned().collect();
                    spellings.push((format!("{protocol}://{name}{port}{target}"), told));
                }
            }
        }
    }
    spellings
}

/// The URL as it was given, or what there is of it.
struct Given<'u> {
    protocol: &'u str,
    host: &'u str,
    path: &'u str,
    query: Option<&'u str>,
}

impl<'u> Given<'u> {
    /// A path alone is what many servers call the URL of a request.
    fn parse(url: &'u str) -> Self {
        let url = url.split('#').next().unwrap_or_default();
        let (protocol, rest) = url.split_once("://").unwrap_or(("", url));
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (host, target) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        Self { protocol, host, path, query }
    }
}

fn header<'s>(subject: &Subject<'s>, name: &str) -> Option<&'s str> {
    let found = subject.request.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    // Each proxy adds its own; the first is the one nearest to the sender.
    let first = found?.1.split(',').next().unwrap_or_default().trim();
    (!first.is_empty() && first.len() <= MAX_URL_LEN).then_some(first)
}

/// The value of a parameter of `Forwarded` (RFC 7239).
fn forwarded<'s>(subject: &Subject<'s>, name: &str) -> Option<&'s str> {
    let pairs =
        header(subject, "forwarded")?.split(';').filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(known, _)| known.eq_ignore_ascii_case(name));
    values.next().map(|(_, value)| value.trim_matches('"'))
}

fn protocols(subject: &Subject<'_>, given: &Given<'_>) -> Vec<Choice> {
    let told = subject.request.url.contains("://");
    ["https", "http"]
        .into_iter()
        .map(|protocol| {
            let is_given = protocol.eq_ignore_ascii_case(given.protocol);
            let message = match (is_given, told) {
                (true, _) => None,
                (false, true) => Some(format!("it begins with `{protocol}://`")),
                (false, false) => Some(format!("it is whole, and begins with `{protocol}://`")),
            };
            (protocol.to_owned(), message)
        })
        .collect()
}

fn hosts(subject: &Subject<'_>, given: &Given<'_>) -> Vec<Choice> {
    let found = ["x-forwarded-host", "host", "x-original-host"]
        .into_iter()
        .map(|name| header(subject, name));
    let mut hosts: Vec<Choice> = Vec::new();
    if !given.host.is_empty() {
        hosts.push((given.host.to_owned(), None));
    }
    let lower = given.host.to_lowercase();
    for host in found.chain([forwarded(subject, "host"), Some(&*lower)]).flatten() {
        let is_host = !host.is_empty() && !host.contains(['/', '?', '#', ' ']);
        if is_host && hosts.iter().all(|(known, _)| known != host) {
            hosts.push((host.to_owned(), Some(format!("its host is `{}`", clip(host)))));
        }
    }
    hosts
}

fn ports(subject: &Subject<'_>, host: &str, protocol: &str) -> Vec<Choice> {
    let given = host.get(without_port(host).len()..).unwrap_or_default();
    let standard = if protocol == "https" { ":443" } else { ":80" };
    let forwarded =
        header(subject, "x-forwarded-port").filter(|port| port.bytes().all(|b| b.is_ascii_digit()));
    let mut ports: Vec<Choice> = vec![(given.to_owned(), None)];
    for port in
        [Some(String::new()), Some(standard.to_owned()), forwarded.map(|port| format!(":{port}"))]
    {
        let Some(port) = port.filter(|port| ports.iter().all(|(known, _)| known != port)) else {
            continue;
        };
        let told = if port.is_empty() {
            "it has no port".to_owned()
        } else {
            format!("its port is `{port}`")
        };
        ports.push((port, Some(told)));
    }
    ports
}

/// Path and query.
fn targets(subject: &Subject<'_>, given: &Given<'_>) -> Vec<Choice> {
    let query = given.query.map_or(String::new(), |query| format!("?{query}"));
    let path = given.path;
    let mut targets: Vec<Choice> = vec![(format!("{path}{query}"), None)];
    let mut add = |target: String, told: &str| {
        if targets.iter().all(|(known, _)| *known != target) {
            targets.push((target, Some(told.to_owned())));
        }
    };
    let other = with_other_slash(path);
    let told = if other.len() < path.len() {
        "its path has no slash at the end"
    } else {
        "its path has a slash at the end"
    };
    add(format!("{other}{query}"), told);
    add(path.to_owned(), "it has no query");
    for name in ["x-original-uri", "x-original-url", "x-rewrite-url", "x-forwarded-uri"] {
        if let Some(target) = header(subject, name).filter(|target| target.starts_with('/')) {
            let told = format!("its path is that of header `{name}`");
            add(target.to_owned(), &told);
            add(format!("{}{query}", target.split('?').next().unwrap_or_default()), &told);
        }
    }
    if let Some(prefix) =
        header(subject, "x-forwarded-prefix").filter(|prefix| prefix.starts_with('/'))
    {
        let told = "the prefix of header `x-forwarded-prefix` stands before its path";
        add(format!("{}{path}{query}", prefix.trim_end_matches('/')), told);
    }
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    add(decode(&format!("{path}{query}")), "its escapes are decoded");
    add(format!("{path}{}", decode(&query)), "the escapes of its query are decoded");
    add(format!("{path}{}", query.replace("%20", "+")), "spaces in its query are `+`");
    add(format!("{path}{}", query.replace('+', "%20")), "spaces in its query are `%20`");
    add(format!("{path}?"), "it ends with `?`");
    targets
}

/// The name or address of a host; the colons of IPv6 stand in brackets.
fn without_port(host: &str) -> &str {
    let name_end = host.rfind(']').unwrap_or(0);
    match host.rfind(':').filter(|at| *at > name_end) {
        Some(at) => host.get(..at).unwrap_or(host),
        None => host,
    }
}
