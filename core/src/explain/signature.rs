//! The value of the signature's header as somebody on the way, or the caller, wrote it anew.

use std::ops::ControlFlow;

use percent_encoding::percent_decode_str;

use super::cause::Cause;
use super::subject::{Change, Part, Subject, Visit};
use crate::content::names;
use crate::request::MAX_HEADER_LEN;
use crate::scheme::{Encoding, HeaderName, Scheme, Selector};

/// A signature has one prefix, or a scheme's name and one.
const MAX_CUTS: usize = 3;
/// Values that a proxy has put into one line.
const MAX_PIECES: usize = 8;

pub(super) fn changes(subject: &Subject<'_>, visit: &mut Visit<'_>) -> ControlFlow<()> {
    encodings(subject, visit)?;
    let places = subject.scheme.signature.from.iter().filter_map(Selector::header);
    let wanted: Vec<&HeaderName> = places.flat_map(|name| names(subject.scheme, name)).collect();
    for (index, (name, value)) in subject.request.headers.iter().enumerate() {
        if wanted.iter().any(|known| known.is(name)) && value.len() <= MAX_HEADER_LEN {
            Value { subject, index, value, visit }.changes()?;
        }
    }
    ControlFlow::Continue(())
}

/// The signature as it stands, in another encoding.
fn encodings(subject: &Subject<'_>, visit: &mut Visit<'_>) -> ControlFlow<()> {
    const KNOWN: [(Encoding, &str); 3] =
        [(Encoding::Hex, "hex"), (Encoding::Base64, "base64"), (Encoding::Base64url, "base64url")];
    let rule = &subject.scheme.signature;
    let Some((_, wanted)) = KNOWN.iter().find(|(known, _)| *known == rule.encoding) else {
        return ControlFlow::Continue(());
    };
    for (encoding, name) in KNOWN.into_iter().filter(|(known, _)| *known != rule.encoding) {
        let mut scheme: Scheme = subject.scheme.clone();
        scheme.signature.encoding = encoding;
        let message = format!("the signature is written in {name}, not in {wanted}");
        let part = Part::Scheme(Box::new(scheme), subject.keys.to_vec());
        visit(Change::new(Cause::SignatureEncoding, message, part))?;
    }
    ControlFlow::Continue(())
}

/// One header with a signature.
struct Value<'r, 'v> {
    subject: &'r Subject<'r>,
    index: usize,
    value: &'r str,
    visit: &'r mut Visit<'v>,
}

impl Value<'_, '_> {
    fn changes(&mut self) -> ControlFlow<()> {
        let value = self.value;
        let bare =
            value.strip_prefix('b').filter(|rest| rest.starts_with(['\'', '"'])).unwrap_or(value);
        let bare = bare.trim_matches(|c: char| c.is_whitespace() || "\"'`[](),".contains(c));
        self.altered(bare, "quotes, brackets or white space stand around it")?;
        self.altered(&value.replace(' ', "+"), "each `+` in it became a space")?;
        let decoded = percent_decode_str(value).decode_utf8_lossy();
        self.altered(&decoded, "it is percent-encoded")?;
        let joined: String = value.split_whitespace().collect();
        self.altered(&joined, "white space stands in it")?;
        self.pieces()?;
        self.prefixes(bare)?;
        self.alphabets(bare)
    }

    /// With the prefix that the scheme wants, or without one that it does not.
    fn prefixes(&mut self, value: &str) -> ControlFlow<()> {
        for prefix in self.subject.scheme.signature.format.prefixes() {
            self.altered(&format!("{prefix}{value}"), &format!("its `{prefix}` is missing"))?;
            if let Some((head, rest)) = value.split_at_checked(prefix.len())
                && head.eq_ignore_ascii_case(&prefix)
            {
                self.altered(
                    &format!("{prefix}{rest}"),
                    &format!("its `{prefix}` is in another case"),
                )?;
            }
        }
        let cuts =
            value.match_indices(['=', ' ', ',', ':']).map(|(at, separator)| at + separator.len());
        let rests: Vec<&str> = cuts.take(MAX_CUTS).filter_map(|at| value.get(at..)).collect();
        for rest in rests {
            let rest = rest.trim();
            self.altered(rest, "something stands before it that is no part of it")?;
            for prefix in self.subject.scheme.signature.format.prefixes() {
                let told = format!("it begins with something else than `{prefix}`");
                self.altered(&format!("{prefix}{rest}"), &told)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Base64 in the other alphabet, with or without its padding.
    fn alphabets(&mut self, value: &str) -> ControlFlow<()> {
        let rule = &self.subject.scheme.signature;
        let changed = match rule.encoding {
            Encoding::Base64 => {
                let standard = value.replace('-', "+").replace('_', "/");
                vec![format!("{standard}="), format!("{standard}=="), standard]
            }
            Encoding::Base64url => {
                let plain = value.trim_end_matches('=');
                vec![plain.to_owned(), plain.replace('+', "-").replace('/', "_")]
            }
            Encoding::Hex | Encoding::Utf8 => Vec::new(),
        };
        for value in changed {
            let message =
                "the signature is written in the other alphabet of base64, or without its padding";
            self.give(&value, Cause::SignatureEncoding, message.to_owned())?;
        }
        ControlFlow::Continue(())
    }

    /// Each of several values that were joined by commas.
    fn pieces(&mut self) -> ControlFlow<()> {
        let pieces: Vec<&str> = self.value.split(", ").take(MAX_PIECES).collect();
        if pieces.len() > 1 {
            for piece in pieces {
                let message = "several values were joined into one header, and one of them is good";
                self.give(piece, Cause::HeaderRepeated, message.to_owned())?;
            }
        }
        ControlFlow::Continue(())
    }

    fn altered(&mut self, value: &str, what: &str) -> ControlFlow<()> {
        self.give(
            value,
            Cause::SignatureAltered,
            format!("the signature's header was changed: {what}"),
        )
    }

    fn give(&mut self, value: &str, cause: Cause, message: String) -> ControlFlow<()> {
        if value == self.value || value.is_empty() {
            return ControlFlow::Continue(());
        }
        (self.visit)(Change::new(cause, message, self.subject.headers_with(self.index, value)))
    }
}
