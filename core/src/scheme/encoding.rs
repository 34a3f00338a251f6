//! How the bytes of a signature are written as text.

use serde::Deserialize;

use crate::BROAD;
use crate::error::say;
use crate::key::{MAX_TAG_LEN, Tag};
use crate::radix::{STANDARD, URL_SAFE_NO_PAD, hex_decode, hex_encode, hex_into};
use crate::scheme::compact::compact;
use crate::wipe::Wiped;

/// How the bytes of a signature are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Encoding {
    /// Base64 with its `=` (RFC 4648 §4).
    Base64,
    /// Base64 for URLs, without `=` (RFC 4648 §5).
    Base64url,
    /// Either case is read; lower case is written.
    Hex,
    /// As it is; for tokens.
    Utf8,
}

impl Encoding {
    /// How many characters `len` bytes take; none where any number may be well-formed.
    pub(crate) fn chars(self, len: Option<usize>) -> Option<usize> {
        let len = len?;
        match self {
            Self::Base64 => Some(len.div_ceil(3) << 2),
            Self::Base64url => Some((len << 2).div_ceil(3)),
            Self::Hex => Some(len << 1),
            Self::Utf8 => None,
        }
    }

    /// The bytes of one signature; none when it is not written canonically or has another length than `len`.
    #[inline]
    pub(crate) fn decode(self, text: &str, len: Option<usize>) -> Option<Tag> {
        let len = match len {
            Some(len) => len,
            None if BROAD => return self.decode_any(text),
            None => return None,
        };
        let mut bytes = [0; MAX_TAG_LEN];
        let found = match self {
            Self::Base64 => STANDARD.decode_slice(text, &mut bytes)?,
            Self::Base64url if BROAD => URL_SAFE_NO_PAD.decode_slice(text, &mut bytes)?,
            Self::Hex => hex_into(text.as_bytes(), bytes.get_mut(..len)?).map(|()| len)?,
            Self::Base64url | Self::Utf8 => return None,
        };
        (found == len).then_some(Tag::Hash { bytes, len })
    }

    fn decode_any(self, text: &str) -> Option<Tag> {
        let bytes = match self {
            Self::Base64 => STANDARD.decode(text)?,
            Self::Base64url => URL_SAFE_NO_PAD.decode(text)?,
            Self::Hex => hex_decode(text)?,
            Self::Utf8 => text.as_bytes().to_vec(),
        };
        Some(Tag::Long(Wiped::new(bytes)))
    }

    pub(crate) fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Base64 => STANDARD.encode(bytes),
            Self::Base64url => URL_SAFE_NO_PAD.encode(bytes),
            Self::Hex => hex_encode(bytes),
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    /// For messages: what a well-formed signature looks like.
    pub(crate) fn describe(self, len: Option<usize>) -> String {
        let count = self.chars(len).map_or(String::new(), |chars| say!("{chars} "));
        match self {
            Self::Base64 => say!("{count}characters of base64"),
            Self::Base64url => say!("{count}characters of base64url"),
            Self::Hex => say!("{count}hex digits"),
            Self::Utf8 => "text".to_owned(),
        }
    }
}

compact! { enum Encoding { Hex, Base64 | Base64url, Utf8 } }
