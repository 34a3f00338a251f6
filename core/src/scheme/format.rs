//! How a signature header is written: one value, `t=…,v1=…`, or `v1,… v1,…`.

use std::fmt;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::HeaderName;
use crate::algorithm::Algorithm;
use crate::error::{Error, ErrorCode, clip};
use crate::key::{MAX_TAG_LEN, Tag};

/// Senders that rotate keys write two or three; the cap bounds the work a stranger can ask for.
pub(crate) const MAX_SIGNATURES: usize = 32;

/// How a signature header is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Format {
    /// `t=1700000000,v1=…`: pairs, of which some are signatures and one may be the timestamp.
    Kv { item_sep: Separator, kv_sep: Separator, sig_keys: Vec<String>, ts_key: Option<String> },
    /// `…,…`: signatures only.
    List {
        sep: Separator,
        #[serde(default)]
        prefix: String,
    },
    /// The whole header is one signature, behind a prefix such as `sha256=`.
    Plain {
        #[serde(default)]
        prefix: String,
        #[serde(default)]
        prefix_optional: bool,
    },
    /// `v1,… v1a,…`: each signature behind its version.
    TaggedList { item_sep: Separator, tag_sep: Separator, tags: Vec<String> },
}

impl Default for Format {
    fn default() -> Self {
        Self::Plain { prefix: String::new(), prefix_optional: false }
    }
}

/// The character between two items.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Separator(char);

impl TryFrom<String> for Separator {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(separator), None) if separator.is_ascii() => Ok(Self(separator)),
            _ => {
                let message = format!("a separator is one ASCII character, got `{}`", clip(&text));
                Err(super::invalid(message))
            }
        }
    }
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How the bytes of a signature are written.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Encoding {
    Base64,
    Base64url,
    /// Either case is read; lower case is written.
    Hex,
    /// As it is; for tokens.
    Utf8,
}

impl Encoding {
    /// How many characters `len` bytes take; none where any number may be well-formed.
    fn chars(self, len: Option<usize>) -> Option<usize> {
        let len = len?;
        match self {
            Self::Base64 => Some(len.div_ceil(3) * 4),
            Self::Base64url => Some((len * 4).div_ceil(3)),
            Self::Hex => Some(len * 2),
            Self::Utf8 => None,
        }
    }

    /// Whether a signature of this length can be well-formed.
    pub(crate) fn has_length(self, text: &str, algorithm: Algorithm) -> bool {
        self.chars(algorithm.tag_len()).is_none_or(|chars| chars == text.len())
    }

    /// The bytes of one signature; none when it is not written canonically or has the wrong length.
    pub(crate) fn decode(self, text: &str, algorithm: Algorithm) -> Option<Tag> {
        let Some(len) = algorithm.tag_len() else { return self.decode_token(text) };
        // The decoder wants room for whole groups of three bytes.
        let mut buffer = [0; MAX_TAG_LEN + 3];
        let found = match self {
            Self::Base64 => STANDARD.decode_slice(text, &mut buffer).ok()?,
            Self::Base64url => URL_SAFE_NO_PAD.decode_slice(text, &mut buffer).ok()?,
            Self::Hex => hex::decode_to_slice(text, buffer.get_mut(..len)?).ok().map(|()| len)?,
            Self::Utf8 => return None,
        };
        (found == len).then_some(())?;
        buffer.get(..len).map(Tag::of)
    }

    fn decode_token(self, text: &str) -> Option<Tag> {
        let token = match self {
            Self::Base64 => STANDARD.decode(text).ok()?,
            Self::Base64url => URL_SAFE_NO_PAD.decode(text).ok()?,
            Self::Hex => hex::decode(text).ok()?,
            Self::Utf8 => text.as_bytes().to_vec(),
        };
        Some(Tag::Token(Zeroizing::new(token)))
    }

    pub(crate) fn encode(self, tag: &Tag) -> String {
        match self {
            Self::Base64 => STANDARD.encode(tag.as_public()),
            Self::Base64url => URL_SAFE_NO_PAD.encode(tag.as_public()),
            Self::Hex => hex::encode(tag.as_public()),
            Self::Utf8 => String::from_utf8_lossy(tag.as_public()).into_owned(),
        }
    }

    /// For messages: what a well-formed signature looks like.
    pub(crate) fn describe(self, algorithm: Algorithm) -> String {
        let chars = self.chars(algorithm.tag_len());
        let count = chars.map_or(String::new(), |chars| format!("{chars} "));
        match self {
            Self::Base64 => format!("{count}characters of base64"),
            Self::Base64url => format!("{count}characters of base64url"),
            Self::Hex => format!("{count}hex digits"),
            Self::Utf8 => "text".to_owned(),
        }
    }
}

/// What a signature header holds: encoded signatures and, in some formats, the timestamp.
pub(crate) struct Candidates<'a> {
    signatures: [&'a str; MAX_SIGNATURES],
    len: usize,
    pub(crate) timestamp: Option<&'a str>,
    /// Whether there are signatures of a version that the scheme does not read.
    pub(crate) foreign: bool,
}

impl<'a> Candidates<'a> {
    pub(crate) fn new() -> Self {
        Self { signatures: [""; MAX_SIGNATURES], len: 0, timestamp: None, foreign: false }
    }

    pub(crate) fn signatures(&self) -> impl Iterator<Item = &'a str> {
        self.signatures.iter().copied().take(self.len)
    }

    fn push(&mut self, signature: &'a str, header: &HeaderName) -> Result<(), Error> {
        let slot = self.signatures.get_mut(self.len).ok_or_else(|| {
            let message = format!("header `{header}` holds more than {MAX_SIGNATURES} signatures");
            Error::new(ErrorCode::TooManySignatures, message)
        })?;
        *slot = signature;
        self.len += 1;
        Ok(())
    }
}

impl Format {
    /// Whether several lines of the header add up.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self, Self::List { .. } | Self::TaggedList { .. })
    }

    /// Whether one header can hold the signatures of several keys.
    pub(crate) fn holds_many(&self) -> bool {
        !matches!(self, Self::Plain { .. })
    }

    /// Whether the timestamp stands in the signature header.
    pub(crate) fn carries_timestamp(&self) -> bool {
        matches!(self, Self::Kv { ts_key: Some(_), .. })
    }

    /// For messages: the form of the header.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Kv { item_sep, kv_sep, sig_keys, ts_key } => {
                let items: Vec<String> = ts_key
                    .iter()
                    .chain(sig_keys)
                    .map(|key| format!("{key}{}…", kv_sep.0))
                    .collect();
                items.join(item_sep.0.encode_utf8(&mut [0; 4]))
            }
            Self::List { sep, prefix } => format!("{prefix}…{}…", sep.0),
            Self::Plain { prefix, .. } => format!("{prefix}…"),
            Self::TaggedList { tag_sep, tags, .. } => tags
                .iter()
                .map(|tag| format!("{tag}{}…", tag_sep.0))
                .collect::<Vec<_>>()
                .join(" or "),
        }
    }

    /// Takes one value of the header apart.
    ///
    /// # Errors
    /// `malformed_header` when it does not have this form; `too_many_signatures`.
    pub(crate) fn read<'a>(
        &self,
        value: &'a str,
        header: &HeaderName,
        into: &mut Candidates<'a>,
    ) -> Result<(), Error> {
        let malformed = |problem: String| {
            Error::new(ErrorCode::MalformedHeader, format!("header `{header}` {problem}"))
        };
        match self {
            Self::Plain { prefix, prefix_optional } => {
                let signature = match value.strip_prefix(prefix.as_str()) {
                    Some(signature) => signature,
                    None if *prefix_optional => value,
                    None => return Err(malformed(format!("does not begin with `{prefix}`"))),
                };
                into.push(signature, header)
            }
            Self::List { sep, prefix } => value.split(sep.0).try_for_each(|item| {
                let item = item.trim_matches(' ');
                into.push(item.strip_prefix(prefix.as_str()).unwrap_or(item), header)
            }),
            Self::TaggedList { item_sep, tag_sep, tags } => {
                for item in value.split(item_sep.0) {
                    // Two lines of a header may reach us as one, joined by a comma (RFC 9110 §5.3).
                    let item = item.trim_end_matches(',');
                    let Some((tag, signature)) = item.split_once(tag_sep.0) else {
                        continue;
                    };
                    if tags.iter().any(|known| known == tag) {
                        into.push(signature, header)?;
                    } else {
                        into.foreign = true;
                    }
                }
                Ok(())
            }
            Self::Kv { item_sep, kv_sep, sig_keys, ts_key } => {
                for item in value.split(item_sep.0) {
                    let Some((key, item)) = item.trim_matches(' ').split_once(kv_sep.0) else {
                        continue;
                    };
                    if ts_key.as_deref() == Some(key) {
                        if into.timestamp.replace(item).is_some() {
                            return Err(malformed(format!(
                                "holds `{key}{}` more than once",
                                kv_sep.0
                            )));
                        }
                    } else if sig_keys.iter().any(|known| known == key) {
                        into.push(item, header)?;
                    } else {
                        into.foreign = true;
                    }
                }
                Ok(())
            }
        }
    }

    /// Writes a signature (and the timestamp, where it belongs here).
    pub(crate) fn write(&self, signatures: &[String], timestamp: Option<&str>) -> String {
        match self {
            Self::Plain { prefix, .. } => {
                format!("{prefix}{}", signatures.first().map_or("", String::as_str))
            }
            Self::List { sep, prefix } => {
                let items: Vec<String> =
                    signatures.iter().map(|signature| format!("{prefix}{signature}")).collect();
                items.join(sep.0.encode_utf8(&mut [0; 4]))
            }
            Self::TaggedList { item_sep, tag_sep, tags } => {
                let tag = tags.first().map_or("", String::as_str);
                let items: Vec<String> = signatures
                    .iter()
                    .map(|signature| format!("{tag}{}{signature}", tag_sep.0))
                    .collect();
                items.join(item_sep.0.encode_utf8(&mut [0; 4]))
            }
            Self::Kv { item_sep, kv_sep, sig_keys, ts_key } => {
                let key = sig_keys.first().map_or("", String::as_str);
                let timestamp = ts_key
                    .iter()
                    .zip(timestamp)
                    .map(|(key, value)| format!("{key}{}{value}", kv_sep.0));
                let signatures =
                    signatures.iter().map(|signature| format!("{key}{}{signature}", kv_sep.0));
                timestamp
                    .chain(signatures)
                    .collect::<Vec<_>>()
                    .join(item_sep.0.encode_utf8(&mut [0; 4]))
            }
        }
    }
}
