//! One verification: signatures, time, hash, comparison.

use std::time::Duration;

use super::{age::check_age, read};
use crate::algorithm::{Algorithm, Family};
use crate::block_hash::sha256;
use crate::content::{Content, find_header, missing, select};
use crate::delegate::Tags;
use crate::error::{Error, ErrorCode, clip, say};
use crate::key::{SigningKey, Tag};
use crate::request::Request;
use crate::scheme::{AlgorithmChoice, Candidates, Fallback, Scheme, SignatureRule, Template};
use crate::timestamp::Timestamp;
use crate::{BROAD, WHOLE};

/// Senders write one group for each secret, and each costs a hash of the body.
const MAX_GROUPS: usize = 8;

/// One verification: of the whole request or of an item of it.
pub(super) struct Attempt<'r, 'a> {
    pub(super) scheme: &'a Scheme,
    pub(super) keys: &'r [SigningKey],
    pub(super) tolerance: Option<Duration>,
    pub(super) request: &'r Request<'a>,
    pub(super) now: Timestamp,
    pub(super) tags: &'r Tags<'r>,
}

/// When the sender signed, and the index of the key.
pub(super) type Outcome = (Option<Timestamp>, usize);

impl<'a> Attempt<'_, 'a> {
    pub(super) fn verify(&self, item: Option<&'a [u8]>) -> Result<Outcome, Error> {
        let rule = &self.scheme.signature;
        if rule.format.has_groups() {
            return self.verify_groups();
        }
        let mut candidates = Candidates::default();
        let body = read::signatures(self.scheme, self.request, item, &mut candidates)?;
        match rule.fallback.get() {
            Some(fallback) if candidates.signatures().is_empty() => self.verify_older(fallback),
            _ => self.check(item, body, &candidates, &self.scheme.content),
        }
    }

    /// Of a header that holds several groups, one has to be good.
    #[cold]
    fn verify_groups(&self) -> Result<Outcome, Error> {
        let rule = &self.scheme.signature;
        let mut last = Err(missing(rule.place()));
        let Some(value) = self.signature_header()? else { return last };
        if rule.format.groups(value).nth(MAX_GROUPS).is_some() {
            let message = say!("{} holds more than {MAX_GROUPS} groups", rule.place());
            return Err(Error::new(ErrorCode::TooManySignatures, message));
        }
        for group in rule.format.groups(value) {
            let mut candidates = Candidates::default();
            rule.format.read(group, rule.place(), &mut candidates)?;
            last = self.check(None, [self.request.body, &[]], &candidates, &self.scheme.content);
            if last.is_ok() {
                break;
            }
        }
        last
    }

    /// The request holds no signature of the newer version: one of the older has to be good.
    #[cold]
    fn verify_older(&self, fallback: &'a Fallback) -> Result<Outcome, Error> {
        let mut candidates = Candidates::default();
        if let Some(value) = self.signature_header()? {
            fallback.format.read(value, self.scheme.signature.place(), &mut candidates)?;
        }
        self.check(None, [self.request.body, &[]], &candidates, &fallback.signed_content)
    }

    fn signature_header(&self) -> Result<Option<&'a str>, Error> {
        match self.scheme.signature.place().header() {
            Some(name) => find_header(self.scheme, self.request, name),
            None => Ok(None),
        }
    }

    /// Holds the time against the clock and the signatures against the keys.
    fn check(
        &self,
        item: Option<&'a [u8]>,
        body: [&'a [u8]; 2],
        candidates: &Candidates<'a>,
        template: &Template,
    ) -> Result<Outcome, Error> {
        let (scheme, request) = (self.scheme, self.request);
        scheme.check_body_type(request.body)?;
        let written = match &scheme.timestamp {
            Some(rule) => {
                let written = read::timestamp(scheme, rule, request, item, candidates)?;
                if let Some((_, timestamp)) = &written {
                    let tolerance = self.tolerance.unwrap_or_else(|| rule.tolerance());
                    check_age(*timestamp, self.now, tolerance)?;
                }
                written
            }
            None => None,
        };
        let timestamp = written.as_ref().map_or("", |(text, _)| text.as_ref());
        let algorithm = match scheme.algorithm_choice.get() {
            Some(choice) => self.chosen_algorithm(choice, item)?,
            None => scheme.algorithm,
        };
        let (encoding, len) = (scheme.signature.encoding, algorithm.tag_len());
        let signatures = candidates.signatures();
        let chars = encoding.chars(len);
        if !signatures.iter().any(|text| chars.is_none_or(|chars| chars == text.len())) {
            return Err(self.no_good_form(candidates, algorithm));
        }
        let mut content =
            Content { scheme, request, body, timestamp, candidates, item, spelling: 0 };
        loop {
            if let Some(key_index) = self.find_key(&content, algorithm, template)? {
                return Ok((written.map(|(_, timestamp)| timestamp), key_index));
            }
            content.spelling += 1;
            if content.spelling >= scheme.spellings(template) {
                break;
            }
        }
        Err(self.no_match(candidates, algorithm))
    }

    /// The algorithm that the request names.
    #[cold]
    fn chosen_algorithm(
        &self,
        choice: &'a AlgorithmChoice,
        item: Option<&'a [u8]>,
    ) -> Result<Algorithm, Error> {
        let named = select(self.scheme, self.request, item, &choice.from)?
            .ok_or_else(|| missing(&choice.from))?;
        choice.map.get(named.as_ref()).copied().ok_or_else(|| {
            let message =
                say!("{} is `{}`, which the scheme does not know", choice.from, clip(&named));
            Error::new(ErrorCode::UnsupportedSignature, message)
        })
    }

    #[cold]
    fn no_match(&self, candidates: &Candidates<'_>, algorithm: Algorithm) -> Error {
        let SignatureRule { encoding, .. } = self.scheme.signature;
        let (mut signatures, len) = (candidates.signatures().iter(), algorithm.tag_len());
        if !signatures.any(|text| encoding.decode(text, len).is_some()) {
            return self.no_good_form(candidates, algorithm);
        }
        let place = self.scheme.signature.place();
        let message = match self.keys.len() {
            1 => say!("{place} does not match the key"),
            count => say!("{place} matches none of the {count} keys"),
        };
        if WHOLE && self.scheme.content.uses_url() {
            let url = "the URL that is registered with the sender is signed, too";
            return Error::new(ErrorCode::NoMatch, format!("{message}; {url}"));
        }
        Error::new(ErrorCode::NoMatch, message)
    }

    /// What is wrong when no signature is well-formed.
    #[cold]
    fn no_good_form(&self, candidates: &Candidates<'_>, algorithm: Algorithm) -> Error {
        let SignatureRule { format, encoding, .. } = &self.scheme.signature;
        let place = self.scheme.signature.place();
        if let Some(first) = candidates.signatures().first() {
            let message = say!(
                "{place} holds a signature of {} characters that is not {}",
                first.chars().count(),
                encoding.describe(algorithm.tag_len())
            );
            return Error::new(ErrorCode::MalformedHeader, message);
        }
        let code = if candidates.foreign {
            ErrorCode::UnsupportedSignature
        } else {
            ErrorCode::MalformedHeader
        };
        Error::new(code, say!("{place} holds no signature of the form `{}`", format.describe()))
    }

    /// Which key made one of the signatures.
    #[inline(never)]
    fn find_key(
        &self,
        content: &Content<'_, '_>,
        algorithm: Algorithm,
        template: &Template,
    ) -> Result<Option<usize>, Error> {
        if WHOLE && algorithm.family() == Family::Asymmetric {
            return self.find_key_pair(content, algorithm, template);
        }
        let candidates = content.candidates;
        if WHOLE && self.keys.len() > 1 && self.reads_once(algorithm, template) {
            let message = content.to_vec(template)?;
            let made_it =
                |key: &SigningKey| self.is_among(&key.tag_of(&message), candidates, algorithm);
            return Ok(self.keys.iter().position(made_it));
        }
        for (index, key) in self.keys.iter().enumerate() {
            match self.tags.tag(index, key, content, template) {
                Ok(tag) if self.is_among(&tag, candidates, algorithm) => return Ok(Some(index)),
                Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Whether one of the signatures is `tag`. Each is compared, so that the time says nothing about which one it is.
    fn is_among(&self, tag: &Tag, candidates: &Candidates<'_>, algorithm: Algorithm) -> bool {
        let (encoding, len) = (self.scheme.signature.encoding, algorithm.tag_len());
        let is_token = algorithm.family() == Family::Token;
        let mut matched = false;
        for text in candidates.signatures() {
            matched |= match encoding.decode(text, len) {
                Some(token) if BROAD && is_token => tag.matches(&digest_of(&token)),
                Some(candidate) => tag.matches(&candidate),
                None => false,
            };
        }
        matched
    }

    /// Which key pair made one of the signatures.
    #[cold]
    fn find_key_pair(
        &self,
        content: &Content<'_, '_>,
        algorithm: Algorithm,
        template: &Template,
    ) -> Result<Option<usize>, Error> {
        let SignatureRule { encoding, form, .. } = self.scheme.signature;
        let (hash, len) = (algorithm.hash(), algorithm.tag_len());
        let message = content.to_vec(template)?;
        let made_it = |key: &SigningKey| {
            let Some(key) = key.asymmetric() else { return false };
            let signatures = content.candidates.signatures().iter();
            signatures
                .filter_map(|text| encoding.decode(text, len))
                .any(|tag| key.verify(hash, form, &message, tag.as_public()))
        };
        Ok(self.keys.iter().position(made_it))
    }

    /// Whether what each of several keys signs is put together once for all of them.
    #[cold]
    fn reads_once(&self, algorithm: Algorithm, template: &Template) -> bool {
        matches!(self.tags, Tags::Computed)
            && algorithm.family() == Family::Hmac
            && template.is_derived()
    }
}

/// That by which a token is compared.
#[cold]
fn digest_of(token: &Tag) -> Tag {
    Tag::of(&sha256(token.as_public()))
}
