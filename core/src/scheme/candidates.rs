//! What stands where the signature is: encoded signatures and, in some formats, the timestamp and other fields.

use std::borrow::Cow;

use super::Selector;
use crate::error::{Error, ErrorCode, say};

/// Senders that rotate keys write two or three; the cap bounds the work a stranger can ask for.
pub(crate) const MAX_SIGNATURES: usize = 32;

/// As many as a sender that rotates keys writes stay off the heap.
#[cfg(feature = "whole")]
type Signatures<'a> = smallvec::SmallVec<[Cow<'a, str>; 4]>;
#[cfg(not(feature = "whole"))]
type Signatures<'a> = Vec<Cow<'a, str>>;

/// What stands where the signature is.
#[derive(Debug, Default)]
pub(crate) struct Candidates<'a> {
    signatures: Signatures<'a>,
    pub(crate) timestamp: Option<Cow<'a, str>>,
    /// Other named parts that the signed content uses.
    fields: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Whether there are signatures of a version that the scheme does not read.
    pub(crate) foreign: bool,
}

impl<'a> Candidates<'a> {
    pub(crate) fn signatures(&self) -> &[Cow<'a, str>] {
        &self.signatures
    }

    /// # Errors
    /// `too_many_signatures`.
    #[inline]
    pub(crate) fn push(
        &mut self,
        signature: impl Into<Cow<'a, str>>,
        place: &Selector,
    ) -> Result<(), Error> {
        if self.signatures.len() == MAX_SIGNATURES {
            return Err(too_many(place));
        }
        self.signatures.push(signature.into());
        Ok(())
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_ref())
    }

    /// Keeps a field; false when there is one of this name already.
    pub(crate) fn add_field(
        &mut self,
        name: impl Into<Cow<'a, str>>,
        value: impl Into<Cow<'a, str>>,
    ) -> bool {
        let name = name.into();
        if self.field(&name).is_some() {
            return false;
        }
        self.fields.push((name, value.into()));
        true
    }

    /// Takes over what was read from text that does not live long enough.
    ///
    /// # Errors
    /// `too_many_signatures`.
    pub(crate) fn append(&mut self, other: Candidates<'_>, place: &Selector) -> Result<(), Error> {
        for signature in other.signatures {
            self.push(signature.into_owned(), place)?;
        }
        for (name, value) in other.fields {
            self.add_field(name.into_owned(), value.into_owned());
        }
        if let Some(timestamp) = other.timestamp {
            self.timestamp = Some(Cow::Owned(timestamp.into_owned()));
        }
        self.foreign |= other.foreign;
        Ok(())
    }
}

#[cold]
fn too_many(place: &Selector) -> Error {
    let message = say!("{place} holds more than {MAX_SIGNATURES} signatures");
    Error::new(ErrorCode::TooManySignatures, message)
}
