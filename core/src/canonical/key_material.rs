//! What is done to a secret's text or bytes before it is a key, where a sender does more than decode it.
//!
//! **Invariants.** Results are wiped from memory when dropped.

use serde::Deserialize;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorCode, clip};
use crate::scheme::compact::compact;
use crate::wipe::Wiped;

// Source: npm `inngest` 4.24.0, `helpers/net.cjs`: `^signkey-\w+-`.
/// A prefix of which one part varies: `signkey-*-`, where `*` is one or more letters, digits and `_`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String", extend("pattern" = r"^[^*]*\*[^*0-9A-Za-z_][^*]*$")))]
#[serde(try_from = "String")]
pub(crate) struct PrefixPattern {
    before: String,
    after: String,
}

impl PrefixPattern {
    /// # Errors
    /// `invalid_scheme` without exactly one `*`, or when what follows it could belong to it.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        match text.split_once('*') {
            Some((before, after))
                if !after.is_empty() && !after.contains('*') && !after.starts_with(is_word) =>
            {
                Ok(Self { before: before.to_owned(), after: after.to_owned() })
            }
            _ => {
                let expected = "a prefix such as `signkey-*-` is expected";
                let message = format!("{expected}, got `{}`", clip(text));
                Err(Error::new(ErrorCode::InvalidScheme, message))
            }
        }
    }

    /// The text behind the prefix; the whole text when it does not begin with it.
    pub(crate) fn strip<'t>(&self, text: &'t str) -> &'t str {
        let Some(varying) = text.strip_prefix(self.before.as_str()) else { return text };
        let tail = varying.trim_start_matches(is_word);
        if tail.len() == varying.len() {
            return text;
        }
        tail.strip_prefix(self.after.as_str()).unwrap_or(text)
    }
}

impl TryFrom<String> for PrefixPattern {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

/// A hash of the secret that is the key, as raw bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Derivation {
    // Braintree: npm `braintree` 3.40.0, `digest.js`.
    /// SHA-1, as Braintree.
    Sha1,
    /// SHA-256, as ConnectWise.
    Sha256,
}

impl Derivation {
    pub(crate) fn apply(self, secret: &[u8]) -> Wiped<Vec<u8>> {
        Wiped::new(match self {
            Self::Sha1 => Sha1::digest(secret).to_vec(),
            Self::Sha256 => Sha256::digest(secret).to_vec(),
        })
    }
}

/// Unicode's normalisation form KD (UAX #15) of the secret's text.
///
/// Source: npm `@easypost/api` 8.9.0, `validateWebhook`.
///
/// # Errors
/// `invalid_secret` for other than ASCII when the crate is built without the feature `nfkd`.
pub(crate) fn nfkd(secret: &str) -> Result<Wiped<String>, Error> {
    if secret.is_ascii() {
        return Ok(Wiped::new(secret.to_owned()));
    }
    normalize(secret)
}

#[cfg(feature = "nfkd")]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as without the feature")]
fn normalize(secret: &str) -> Result<Wiped<String>, Error> {
    use unicode_normalization::UnicodeNormalization as _;

    // Grown once, so that no freed buffer keeps a part of the secret.
    let len = secret.nfkd().map(char::len_utf8).sum();
    let mut normalized = Wiped::new(String::with_capacity(len));
    normalized.extend(secret.nfkd());
    Ok(normalized)
}

#[cfg(not(feature = "nfkd"))]
fn normalize(_: &str) -> Result<Wiped<String>, Error> {
    let message = "this build reads ASCII secrets of this scheme only (feature `nfkd` is off)";
    Err(Error::new(ErrorCode::InvalidSecret, message))
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

compact! { struct PrefixPattern { before, after } }
compact! { enum Derivation { Sha1, Sha256 } }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_varying_prefix_is_stripped() {
        let pattern = PrefixPattern::parse("signkey-*-").unwrap();
        for (text, key) in [
            ("signkey-prod-0a1b", "0a1b"),
            ("signkey-branch_1-0a-1b", "0a-1b"),
            ("signkey-prod-", ""),
            ("signkey--0a", "signkey--0a"),
            ("signkey-prod", "signkey-prod"),
            ("signkey-prö-1", "signkey-prö-1"),
            ("xsignkey-prod-1", "xsignkey-prod-1"),
            ("0a1b", "0a1b"),
            ("", ""),
        ] {
            assert_eq!(pattern.strip(text), key);
        }
        for wrong in ["", "signkey-", "signkey-*", "a*b", "*-*-"] {
            let error = PrefixPattern::parse(wrong).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidScheme, "{wrong}");
        }
    }

    #[test]
    fn hashes_are_raw() {
        let sha1 = hex::encode(Derivation::Sha1.apply(b"abc"));
        assert_eq!(sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(Derivation::Sha256.apply(b"").len(), 32);
    }

    #[test]
    #[cfg(feature = "nfkd")]
    fn nfkd_is_that_of_unicode() {
        // Python: unicodedata.normalize("NFKD", …).
        for (text, normalized) in [
            ("plain", "plain"),
            ("caf\u{e9}", "cafe\u{301}"),
            ("\u{fb01}\u{2460}\u{3000}", "fi1 "),
            ("\u{ac00}", "\u{1100}\u{1161}"),
            ("\u{1e9b}\u{323}", "s\u{323}\u{307}"),
        ] {
            assert_eq!(*nfkd(text).unwrap(), normalized);
        }
    }

    #[test]
    #[cfg(not(feature = "nfkd"))]
    fn without_tables_only_ascii_is_read() {
        assert_eq!(*nfkd("plain").unwrap(), "plain");
        assert_eq!(nfkd("caf\u{e9}").unwrap_err().code(), ErrorCode::InvalidSecret);
    }
}
