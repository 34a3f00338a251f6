//! The secret read in another way: its prefix, its encoding, what stands around it.
//!
//! **Invariants.** A message names a prefix only where everybody knows it: any other is a part of the secret.

use std::ops::ControlFlow;

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use zeroize::Zeroizing;

use super::cause::Cause;
use super::subject::{Change, Part, Subject, Visit};
use crate::key::SigningKey;
use crate::scheme::{KeyEncoding, KeyRule};
use crate::secret::Secret;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A prefix that senders put before secrets of any kind.
const KNOWN_PREFIX: &str = "whsec_";
/// A prefix is a short word.
const MAX_PREFIX_LEN: usize = 16;
/// As many as a webhook takes.
const MAX_SECRETS: usize = 16;

pub(super) fn changes(subject: &Subject<'_>, visit: &mut Visit<'_>) -> ControlFlow<()> {
    for (index, text) in subject.secrets.iter().take(MAX_SECRETS).enumerate() {
        let which = if subject.secrets.len() > 1 {
            format!("secret {}", index + 1)
        } else {
            "the secret".to_owned()
        };
        let mut each = Readings { subject, which, visit };
        each.padded(text)?;
        each.prefixed(text)?;
        each.encoded(text)?;
    }
    ControlFlow::Continue(())
}

/// The readings of one secret.
struct Readings<'r, 'v> {
    subject: &'r Subject<'r>,
    which: String,
    visit: &'r mut Visit<'v>,
}

impl Readings<'_, '_> {
    /// Without what stands around it, and with the line break that the sender may have stored.
    fn padded(&mut self, text: &str) -> ControlFlow<()> {
        let trimmed = text.trim();
        let unquoted = trimmed.trim_matches(['"', '\'', '`', ' ']);
        let value =
            trimmed.split_once('=').filter(|(name, value)| is_variable(name) && !value.is_empty());
        let value = value.map_or(unquoted, |(_, value)| value.trim_matches(['"', '\'', '`', ' ']));
        let rule = &self.subject.scheme.key;
        for (plain, what) in [
            (trimmed, "white space around it"),
            (unquoted, "quotes around it"),
            (value, "the name of a variable before it"),
        ] {
            if plain != text {
                self.read(rule, plain, Cause::SecretPadded, &format!("has {what}"))?;
            }
        }
        let scheme_word = self.subject.scheme.signature.format.prefixes();
        for word in scheme_word.iter().filter_map(|word| trimmed.strip_prefix(word.as_str())) {
            self.read(
                rule,
                word,
                Cause::SecretPadded,
                "has the first word of the header before it",
            )?;
        }
        let raw = rule.read_as(KeyEncoding::Utf8);
        if rule.encoding() == KeyEncoding::Utf8 {
            self.read_raw(
                &raw,
                &format!("{trimmed}\n"),
                "is stored by the sender with a line break at its end",
            )?;
        }
        ControlFlow::Continue(())
    }

    /// With its prefix as a part of the key, or without.
    fn prefixed(&mut self, text: &str) -> ControlFlow<()> {
        let (text, rule) = (text.trim(), &self.subject.scheme.key);
        let raw = rule.read_as(KeyEncoding::Utf8);
        let known = rule.prefixes().iter().map(String::as_str).chain([KNOWN_PREFIX]);
        for prefix in known {
            match text.strip_prefix(prefix) {
                Some(rest) => {
                    let told = format!("is the key as it stands, `{prefix}` with it");
                    self.read(&raw, text, Cause::SecretPrefix, &told)?;
                    let told = format!("is the key without `{prefix}`");
                    self.read(&raw, rest, Cause::SecretPrefix, &told)?;
                    self.decoded(rest, Cause::SecretPrefix, &format!("without `{prefix}`"))?;
                }
                None => {
                    let told = format!("lacks its `{prefix}`, which is a part of the key");
                    self.read(&raw, &format!("{prefix}{text}"), Cause::SecretPrefix, &told)?;
                }
            }
        }
        let ends = text.match_indices(['_', '-', ':', '.']).map(|(at, _)| at + 1);
        for rest in ends.take_while(|end| *end <= MAX_PREFIX_LEN).filter_map(|end| text.get(end..))
        {
            self.read(&raw, rest, Cause::SecretPrefix, "is the key without the word before it")?;
            self.decoded(rest, Cause::SecretPrefix, "without the word before it")?;
        }
        ControlFlow::Continue(())
    }

    /// In another encoding than the scheme says.
    fn encoded(&mut self, text: &str) -> ControlFlow<()> {
        let (text, rule) = (text.trim(), &self.subject.scheme.key);
        if rule.encoding() != KeyEncoding::Utf8 {
            let told = "is the key as it stands: the scheme takes it for an encoding of the key";
            self.read(&rule.read_as(KeyEncoding::Utf8), text, Cause::SecretEncoding, told)?;
        }
        self.decoded(text, Cause::SecretEncoding, "")?;
        // A configuration store that keeps everything as base64, given out as it is.
        let Some(inner) = BASE64.decode(text).ok().map(Zeroizing::new) else {
            return ControlFlow::Continue(());
        };
        match std::str::from_utf8(&inner) {
            Ok(inner) => {
                let told = "is base64 of the secret that the sender shows";
                self.read(rule, inner.trim(), Cause::SecretEncoding, told)
            }
            Err(_) => ControlFlow::Continue(()),
        }
    }

    /// From hex and from base64 of either alphabet.
    fn decoded(&mut self, text: &str, cause: Cause, condition: &str) -> ControlFlow<()> {
        let rule = &self.subject.scheme.key;
        let space = if condition.is_empty() { "" } else { " " };
        self.read(
            &rule.read_as(KeyEncoding::Hex),
            text,
            cause,
            &format!("is hex of the key{space}{condition}"),
        )?;
        let plain = Zeroizing::new(text.replace('-', "+").replace('_', "/"));
        let told = format!("is base64 of the key{space}{condition}");
        self.read(&rule.read_as(KeyEncoding::Base64), &plain, cause, &told)
    }

    fn read(&mut self, rule: &KeyRule, text: &str, cause: Cause, told: &str) -> ControlFlow<()> {
        let Ok(secret) = Secret::new(text) else { return ControlFlow::Continue(()) };
        let scheme = self.subject.scheme;
        let mut keys = Vec::new();
        match rule.parse(&secret, scheme.algorithm, scheme.jwt.get(), &mut keys) {
            Ok(()) => self.give(keys, cause, told),
            Err(_) => ControlFlow::Continue(()),
        }
    }

    /// Text that a [`Secret`] does not hold.
    fn read_raw(&mut self, rule: &KeyRule, text: &str, told: &str) -> ControlFlow<()> {
        match rule
            .bytes(text)
            .and_then(|bytes| SigningKey::new(self.subject.scheme.algorithm, &bytes))
        {
            Ok(key) => self.give(vec![key], Cause::SecretPadded, told),
            Err(_) => ControlFlow::Continue(()),
        }
    }

    fn give(&mut self, keys: Vec<SigningKey>, cause: Cause, told: &str) -> ControlFlow<()> {
        (self.visit)(Change::new(cause, format!("{} {told}", self.which), Part::Keys(keys)))
    }
}

/// Whether this is how the variable of an environment is called.
fn is_variable(name: &str) -> bool {
    let name = name.trim().trim_start_matches("export ");
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}
