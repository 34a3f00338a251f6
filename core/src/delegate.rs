//! Verifying in two steps, so that the platform can hash what is large: first what is signed is given out, then the tags
//! that the platform made of it are judged.
//!
//! **Invariants.** Both steps run the whole of verifying, each with all its checks; they differ in where a tag comes from
//! only. The core compares, in constant time, and decides.

use std::cell::RefCell;
use std::fmt;

use crate::WHOLE;
use crate::algorithm::{Algorithm, Family};
use crate::content::{Content, Written};
use crate::error::{Error, ErrorCode};
use crate::key::{Piece, Pieces as _, SigningKey, Tag};
use crate::scheme::{Scheme, Template};
use crate::secret::Secret;
use crate::wipe::Wiped;

/// What is signed: the body or nothing, with text before and behind it.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Signed {
    /// What stands before the body; all of it where the body does not stand there as it is.
    pub head: Vec<u8>,
    /// Whether the body follows, as it is.
    pub body: bool,
    /// What stands behind the body.
    pub tail: Vec<u8>,
}

/// The key of an HMAC, for the platform.
#[non_exhaustive]
pub struct HmacKey {
    /// The name of the hash as the Web Crypto API has it: `"SHA-256"`.
    pub hash: &'static str,
    /// The bytes of the key.
    pub bytes: Wiped<Vec<u8>>,
}

/// Without the key.
impl fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HmacKey").field("hash", &self.hash).finish_non_exhaustive()
    }
}

/// Where the tags of a verification come from.
pub(crate) enum Tags<'t> {
    /// They are computed.
    Computed,
    /// The platform made them, one for each key.
    Given(&'t [&'t [u8]]),
    /// They are asked for: what is signed is put here, and verifying ends.
    Asked(&'t RefCell<Option<Signed>>),
}

impl Tags<'_> {
    /// The tag of the content under the key of this index.
    ///
    /// # Errors
    /// Those of the content; where tags are asked for, one that only says that verifying ends here.
    #[inline]
    pub(crate) fn tag(
        &self,
        index: usize,
        key: &SigningKey,
        content: &Content<'_, '_>,
        template: &Template,
    ) -> Result<Tag, Error> {
        // SECURITY: only the tag of an HMAC is for others to compute. That of a token is public.
        if matches!(self, Self::Computed) || content.scheme.algorithm.family() != Family::Hmac {
            return key.tag(&Written(content, template));
        }
        self.tag_of_others(index, content, template)
    }

    #[cold]
    fn tag_of_others(
        &self,
        index: usize,
        content: &Content<'_, '_>,
        template: &Template,
    ) -> Result<Tag, Error> {
        if let Self::Asked(signed) = self {
            *signed.borrow_mut() = Some(Signed::of(content, template)?);
        }
        match self {
            Self::Given(tags) => Ok(Tag::of(tags.get(index).copied().unwrap_or_default())),
            _ => Err(Error::new(ErrorCode::NoMatch, "the tags are not there yet")),
        }
    }
}

impl Signed {
    fn of(content: &Content<'_, '_>, template: &Template) -> Result<Self, Error> {
        let mut signed = Self::default();
        let body = content.request.body;
        Written(content, template).give(&mut |piece| {
            let Piece::Bytes(bytes) = piece else { return };
            if !signed.body && bytes.len() == body.len() && bytes.as_ptr() == body.as_ptr() {
                signed.body = true;
            } else if signed.body {
                signed.tail.extend_from_slice(bytes);
            } else {
                signed.head.extend_from_slice(bytes);
            }
        })?;
        Ok(signed)
    }
}

impl Scheme {
    /// Whether verifying does more with the body than to hash it as it is. Where it does not, the requests for
    /// [`Webhook::signed`](crate::Webhook::signed) and [`Webhook::verify_tags`](crate::Webhook::verify_tags) may be without.
    #[must_use]
    #[cfg(feature = "whole")]
    pub fn reads_body(&self) -> bool {
        let timestamp = self.timestamp.as_ref().and_then(|rule| rule.from.selector());
        let required = self.require.iter().map(|(place, _)| place);
        let mut places = self.signature.from.iter().chain(timestamp).chain(required);
        self.has_typed_body()
            || self.algorithm_choice.is_some()
            || self.body_signature.is_some()
            || self.body_digest.is_some()
            || self.jwt.is_some()
            || self.signature.each.is_some()
            || self.content.is_derived()
            || places.any(|place| place.header().is_none())
    }

    /// The same, as the compiled scheme says it.
    #[must_use]
    #[cfg(not(feature = "whole"))]
    pub fn reads_body(&self) -> bool {
        self.reads_body
    }

    /// The key of an HMAC, for the platform to hash with; none for what it does not compute, or not in one step.
    ///
    /// # Errors
    /// As [`key`](Self::key).
    pub fn hmac_key(&self, secret: &Secret) -> Result<Option<HmacKey>, Error> {
        let hash = match self.algorithm {
            Algorithm::HmacSha1 => "SHA-1",
            Algorithm::HmacSha256 => "SHA-256",
            Algorithm::HmacSha384 if WHOLE => "SHA-384",
            Algorithm::HmacSha512 if WHOLE => "SHA-512",
            _ => return Ok(None),
        };
        let in_one_step = !self.signature.each.is_some()
            && !self.signature.fallback.is_some()
            && !self.signature.format.has_groups()
            && (!WHOLE || self.spellings(&self.content) == 1);
        if !in_one_step {
            return Ok(None);
        }
        self.key.bytes(secret.expose()).map(|bytes| Some(HmacKey { hash, bytes }))
    }
}

#[cfg(test)]
mod tests {
    use crate::{Message, Request, Timestamp, Webhook};

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_777_111_523);
    const SECRET: &str = "a secret of many letters, 40 bytes long.";

    fn tag_of(signed: &Signed, body: &[u8], scheme: &Scheme) -> Vec<u8> {
        let HmacKey { hash, bytes } =
            scheme.hmac_key(&Secret::new(SECRET).unwrap()).unwrap().unwrap();
        assert_eq!(hash, "SHA-256");
        let body = if signed.body { body } else { &[] };
        let content = [&signed.head, body, &signed.tail].concat();
        SigningKey::from_bytes(&bytes).unwrap().tag_of(&content).as_public().to_vec()
    }

    #[test]
    fn the_platform_hashes_and_the_core_decides() {
        let body = br#"{"id":"evt_1","type":"a.b"}"#;
        for id in ["stripe", "github", "slack"] {
            let scheme = Scheme::builtin(id).unwrap();
            let hook = Webhook::new(scheme.clone(), &[Secret::new(SECRET).unwrap()]).unwrap();
            let message =
                Message { body, event_type: Some("a.b"), id: Some("1"), ..Message::default() };
            let headers = hook.sign(&message, NOW).unwrap();
            let headers: Vec<(&str, &str)> =
                headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let request = Request::new(&headers, body);
            let signed = hook.signed(&request, NOW).unwrap();
            assert!(signed.body, "{id}");
            let tag = tag_of(&signed, body, &scheme);
            assert!(hook.verify_tags(&request, NOW, &[&tag]).is_ok(), "{id}");
            for wrong in [&[][..], &[&[][..]], &[&tag[1..]], &[&[0; 32]]] {
                let error = hook.verify_tags(&request, NOW, wrong).unwrap_err();
                assert_eq!(error.code(), ErrorCode::NoMatch, "{id}");
            }
            assert!(!scheme.reads_body(), "{id}");
            let without = Request::new(&headers, b"");
            let signed_without = hook.signed(&without, NOW).unwrap();
            assert_eq!(tag_of(&signed_without, body, &scheme), tag, "{id}");
            assert!(hook.verify_tags(&without, NOW, &[&tag]).is_ok(), "{id}");
            let none = Request::new(&[], body);
            assert_eq!(
                hook.signed(&none, NOW).unwrap_err().code(),
                ErrorCode::MissingHeader,
                "{id}"
            );
        }
    }

    /// Whatever else it is given, the verdict on such a scheme's request is that on its headers and its tag.
    #[test]
    fn bodies_that_are_read_are_told() {
        let reads = |id| Scheme::builtin(id).unwrap().reads_body();
        for id in ["standard_webhooks", "naive", "shopify", "svix"] {
            assert!(!reads(id), "{id}");
        }
        // The URL and the form; a claim with the digest; a signature in the body.
        for id in ["twilio", "plaid", "mailgun"] {
            assert!(reads(id), "{id}");
        }
    }

    #[test]
    fn a_token_is_never_the_platforms_to_judge() {
        let hook =
            Webhook::new(Scheme::builtin("gitlab").unwrap(), &[Secret::new(SECRET).unwrap()]);
        let hook = hook.unwrap();
        let headers = [("x-gitlab-token", "another"), ("x-gitlab-event", "Push Hook")];
        let request = Request::new(&headers, b"{}");
        let tag = Tag::of(&[7; 32]);
        let error = hook.verify_tags(&request, NOW, &[tag.as_public()]).unwrap_err();
        assert_eq!(error.code(), ErrorCode::NoMatch);
        assert!(hook.scheme().hmac_key(&Secret::new(SECRET).unwrap()).unwrap().is_none());
    }
}
