//! The name of a header, in lower case.

use std::fmt;

use serde::Deserialize;

use super::compact::{Compact, Reader, Writer};
use super::invalid;
use crate::error::{Error, clip, say};
use crate::{BROAD, WHOLE};

/// The name of a header (an RFC 9110 token), kept in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String", extend("pattern" = r"^([!#$%&'*+.^_`|~0-9A-Za-z-]|\{config:[^{}]+\}){1,128}$")))]
#[serde(try_from = "String")]
pub(crate) struct HeaderName(String);

impl HeaderName {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let is_token =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if text.is_empty() || text.len() > 128 || !text.bytes().all(is_token) {
            return Err(invalid(say!(
                "a header name such as `x-signature` is expected, got `{}`",
                clip(text)
            )));
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `name` is this header, in any case. Mostly they are written alike.
    #[inline]
    pub(crate) fn is(&self, name: &str) -> bool {
        // The last letters of names as long as each other mostly tell them apart, in fewer steps than a comparison.
        let end = |text: &str| text.as_bytes().last().map(|byte| byte | 0x20);
        self.0.len() == name.len()
            && (!WHOLE || end(&self.0) == end(name))
            && (self.0 == name || self.is_other_case_of(name))
    }

    /// Compares from the end: names of one sender begin with the same word.
    fn is_other_case_of(&self, name: &str) -> bool {
        let mut bytes = self.0.bytes().rev().zip(name.bytes().rev());
        bytes.all(|(lower, byte)| lower == byte.to_ascii_lowercase())
    }
}

impl TryFrom<String> for HeaderName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Compact for HeaderName {
    fn write(&self, into: &mut Writer) {
        self.0.write(into);
    }

    /// The name may be the user's own.
    fn read(from: &mut Reader<'_>) -> Self {
        let text = String::read(from);
        // Without values of the user's, it is as it was when it was compiled.
        let name = match if BROAD { Self::parse(&text) } else { Ok(Self(text)) } {
            Ok(name) => name,
            Err(problem) => {
                from.refuse(problem);
                Self(String::new())
            }
        };
        #[cfg(not(feature = "whole"))]
        from.names.push(name.clone());
        name
    }
}
