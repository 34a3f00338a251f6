//! What exactly is signed, with the values of one request put in.

use std::borrow::Cow;

use crate::canonical::cavage::HttpSignature;
use crate::canonical::form::Form;
use crate::canonical::json::Pointer;
use crate::canonical::truelayer::DetachedJws;
use crate::canonical::url::Url;
use crate::canonical::{contentful, digest, plivo, signed_headers, sns, sorted_values};
use crate::error::{Error, ErrorCode, say};
use crate::key::{Piece, Pieces};
use crate::request::Request;
use crate::scheme::{
    Border, Candidates, Canonical, DigestForm, HeaderName, Part, Scheme, Selector, Template,
    UrlForm, Value,
};
use crate::{BROAD, WHOLE};

/// One request, or one item of it, as the source of what is signed.
pub(crate) struct Content<'r, 'a> {
    pub(crate) scheme: &'a Scheme,
    pub(crate) request: &'r Request<'a>,
    /// The body in the pieces that are signed.
    pub(crate) body: [&'a [u8]; 2],
    pub(crate) timestamp: &'r str,
    pub(crate) candidates: &'r Candidates<'a>,
    pub(crate) item: Option<&'a [u8]>,
    /// Which of the spellings to write that the sender may have signed, from 0.
    pub(crate) spelling: usize,
}

impl Content<'_, '_> {
    /// Gives out what `template` says, piece by piece.
    ///
    /// # Errors
    /// `missing_header`, `missing_value`, `missing_url`, `malformed_header`, `malformed_body`, …
    #[inline]
    pub(crate) fn write(
        &self,
        template: &Template,
        sink: &mut (impl FnMut(Piece<'_>) + ?Sized),
    ) -> Result<(), Error> {
        for part in template.parts() {
            self.write_part(part, sink)?;
        }
        Ok(())
    }

    /// All of it in one piece.
    pub(crate) fn to_vec(&self, template: &Template) -> Result<Vec<u8>, Error> {
        let mut content = Vec::with_capacity(self.request.body.len() + 128);
        self.write(template, &mut |piece| {
            // A key pair has no secret to put into the content.
            if let Piece::Bytes(bytes) = piece {
                content.extend_from_slice(bytes);
            }
        })?;
        Ok(content)
    }

    #[inline]
    fn write_part(
        &self,
        part: &Part,
        sink: &mut (impl FnMut(Piece<'_>) + ?Sized),
    ) -> Result<(), Error> {
        match part {
            Part::Body => {
                let [head, tail] = self.body;
                sink(Piece::Bytes(head));
                if !tail.is_empty() {
                    sink(Piece::Bytes(tail));
                }
            }
            Part::Literal(literal) => sink(Piece::Bytes(literal.as_bytes())),
            Part::Timestamp => sink(Piece::Bytes(self.timestamp.as_bytes())),
            Part::Value(value) => return self.write_value(value, sink),
            _ => return self.write_derived(part, &mut |piece| sink(piece)),
        }
        Ok(())
    }

    /// Writes what few schemes sign.
    #[cold]
    fn write_derived(&self, part: &Part, sink: &mut dyn FnMut(Piece<'_>)) -> Result<(), Error> {
        if !WHOLE {
            return Ok(()); // INVARIANT: the scheme was refused.
        }
        let request = self.request;
        let mut put = |bytes: &[u8]| sink(Piece::Bytes(bytes));
        match part {
            Part::BodyCrc32 => put(digest::crc32_decimal(request.body).as_bytes()),
            Part::BodySha256(DigestForm::Base64) => {
                put(digest::sha256_base64(request.body).as_bytes());
            }
            Part::BodySha256(DigestForm::Hex) => put(digest::sha256_hex(request.body).as_bytes()),
            Part::BodySha256(DigestForm::Raw) => put(&digest::sha256(request.body)),
            Part::Field(name) => put(self.field(name)?.as_bytes()),
            Part::Method => put(request.method.as_bytes()),
            Part::Optional(segment) if self.is_present(segment)? => self.write(segment, sink)?,
            Part::Secret => sink(Piece::Secret),
            Part::SecretReversed => sink(Piece::SecretReversed),
            Part::SortedForm => put(Form::without_files(request)?.sorted_params().as_bytes()),
            Part::SortedQuery => {
                put(self
                    .spelled(&Url::of(request)?.messagebird_queries()?)
                    .map_or("", String::as_str)
                    .as_bytes());
            }
            Part::Url => put(self.url()?.as_bytes()),
            Part::UrlWithoutQuery => put(Url::of(request)?.without_query().as_bytes()),
            Part::Canonical(Canonical::BodyWithSecret) => {
                let pointer = self.signature_pointer()?;
                let found = pointer.string_at(request.body)?;
                let found = found.ok_or_else(|| missing(self.scheme.signature.place()))?;
                put(found.before);
                sink(Piece::Secret);
                sink(Piece::Bytes(found.after));
            }
            Part::Canonical(Canonical::Cavage) => {
                // A message that goes out has no parameters yet.
                let parameters = self.candidates.field("parameters").map(HttpSignature::parse);
                let parsed = parameters.unwrap_or_else(|| Ok(HttpSignature::unsigned()))?;
                put(parsed.signing_string(request)?.as_bytes());
            }
            Part::Canonical(Canonical::Contentful) => put(&contentful::canonical_request(request)?),
            Part::Canonical(Canonical::PlivoV3) => put(plivo::v3(request)?.as_bytes()),
            Part::Canonical(Canonical::SignedHeaderValues) => {
                put(signed_headers::joined_values(request, self.field("h")?)?.as_bytes());
            }
            Part::Canonical(Canonical::Sns) => {
                put(sns::canonical_message(request.body)?.as_bytes());
            }
            Part::Canonical(Canonical::SortedJsonValues) => {
                let pointer = self.signature_pointer()?.to_string();
                let member = pointer.trim_start_matches('/');
                put(sorted_values::sorted_json_values(request.body, member)?.as_bytes());
            }
            Part::Canonical(Canonical::TruelayerV2) => {
                let inputs = DetachedJws::parse(self.field("jws")?)?.signing_inputs(request)?;
                put(self.spelled(&inputs).map_or(&[], Vec::as_slice));
            }
            _ => {}
        }
        Ok(())
    }

    fn write_value(
        &self,
        value: &Value,
        sink: &mut (impl FnMut(Piece<'_>) + ?Sized),
    ) -> Result<(), Error> {
        let found = select(self.scheme, self.request, self.item, &value.selector)?;
        let text = match found {
            Some(text) => text,
            None if value.or_empty => Cow::Borrowed(""),
            None => return Err(missing(&value.selector)),
        };
        check_border(value, &text)?;
        if WHOLE && value.lower {
            sink(Piece::Bytes(text.to_lowercase().as_bytes()));
        } else {
            sink(Piece::Bytes(text.as_bytes()));
        }
        Ok(())
    }

    fn is_present(&self, segment: &Template) -> Result<bool, Error> {
        // SECURITY: what else is absent does not take the timestamp with it, which would not be signed then.
        if self.scheme.timestamp.as_ref().is_some_and(|rule| segment.holds(&rule.from)) {
            return Ok(!self.timestamp.is_empty());
        }
        for value in segment.values() {
            if select(self.scheme, self.request, self.item, &value.selector)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn field(&self, name: &str) -> Result<&str, Error> {
        self.candidates.field(name).ok_or_else(|| {
            let message = say!("{} holds no `{name}`", self.scheme.signature.place());
            Error::new(ErrorCode::MalformedHeader, message)
        })
    }

    /// The URL in the spelling to try.
    fn url(&self) -> Result<Cow<'_, str>, Error> {
        let Some(form) = self.scheme.url_form.get() else {
            return self.request.known_url().map(Cow::Borrowed);
        };
        let url = Url::of(self.request)?;
        let forms = match form {
            UrlForm::HubspotV3 => vec![Cow::Borrowed(url.text()), url.hubspot_v3_form()],
            UrlForm::Twilio => url.twilio_forms()?,
        };
        Ok(self.spelled(&forms).cloned().unwrap_or_default())
    }

    /// The spelling to try; the last where there are fewer.
    fn spelled<'s, T>(&self, spellings: &'s [T]) -> Option<&'s T> {
        spellings.get(self.spelling).or(spellings.last())
    }

    /// Where in the body the signature stands, for content that is the body without it.
    fn signature_pointer(&self) -> Result<&Pointer, Error> {
        match self.scheme.signature.place() {
            Selector::Json(pointer) => Ok(pointer),
            _ => Err(crate::scheme::invalid(
                "the signed_content needs a signature.from of the form `json:/POINTER`",
            )),
        }
    }
}

/// What a template says of a request.
pub(crate) struct Written<'w, 'r, 'a>(pub(crate) &'w Content<'r, 'a>, pub(crate) &'w Template);

impl Pieces for Written<'_, '_, '_> {
    #[inline]
    fn give(&self, sink: &mut impl FnMut(Piece<'_>)) -> Result<(), Error> {
        if WHOLE {
            return self.0.write(self.1, sink);
        }
        // One copy of the code for all sinks.
        let sink: &mut dyn FnMut(Piece<'_>) = sink;
        self.0.write(self.1, sink)
    }
}

/// SECURITY: a value that holds its separator could be read in two ways: `id` `a` and body `1.b`, or `a.1` and `b`.
#[inline]
fn check_border(value: &Value, text: &str) -> Result<(), Error> {
    let keeps_to_it = match &value.border {
        Border::Open => true,
        // Mostly a point; a search for a text takes longer than a look at each byte of an id.
        Border::Literal(literal) => match literal.as_bytes() {
            [separator] => text.bytes().all(|byte| byte != *separator),
            literal => text.as_bytes().windows(literal.len().max(1)).all(|part| part != literal),
        },
        Border::Plain => text.bytes().all(is_plain),
    };
    if keeps_to_it { Ok(()) } else { Err(beyond_its_border(value)) }
}

#[cold]
fn beyond_its_border(value: &Value) -> Error {
    let code = match &value.selector {
        Selector::Header(_) => ErrorCode::MalformedHeader,
        Selector::Query(_) => ErrorCode::MalformedUrl,
        _ => ErrorCode::MalformedBody,
    };
    let message = match &value.border {
        Border::Literal(literal) => {
            say!("{} contains `{literal}`, which separates it", value.selector)
        }
        _ => say!(
            "{} stands beside other values without a separator, and is not letters, digits and ` +,-./:_|`",
            value.selector
        ),
    };
    Error::new(code, message)
}

/// What ids and times are made of, and the borders of JSON and of forms are not.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'+'..=b'/' | b':' | b'_' | b'|')
}

/// The value at a place; none when it is absent.
///
/// # Errors
/// `malformed_header`, `header_too_long`, `malformed_body`, `missing_url`, … when the place cannot be read.
#[inline]
pub(crate) fn select<'a>(
    scheme: &'a Scheme,
    request: &Request<'a>,
    item: Option<&'a [u8]>,
    selector: &'a Selector,
) -> Result<Option<Cow<'a, str>>, Error> {
    match selector {
        Selector::Header(name) => Ok(find_header(scheme, request, name)?.map(Cow::Borrowed)),
        _ => select_beyond_headers(request, item, selector),
    }
}

/// [`select`] of what is no header.
#[inline(never)]
pub(crate) fn select_beyond_headers<'a>(
    request: &Request<'a>,
    item: Option<&'a [u8]>,
    selector: &'a Selector,
) -> Result<Option<Cow<'a, str>>, Error> {
    match selector {
        _ if !BROAD => Ok(None), // INVARIANT: the scheme was refused.
        Selector::Json(pointer) => pointer.text(request.body),
        _ if !WHOLE => Ok(None), // INVARIANT: the scheme was refused.
        Selector::Body => std::str::from_utf8(request.body)
            .map(|text| Some(Cow::Borrowed(text.trim_ascii())))
            .map_err(|_| Error::new(ErrorCode::MalformedBody, "the body is not text")),
        Selector::Claim(_) => Ok(None), // read from the verified claims
        Selector::Header(_) => Ok(None), // `select` finds it
        Selector::Form(name) => Ok(Form::of(request)?.value(name)?.cloned()),
        Selector::FormJson(field, pointer) => match Form::of(request)?.value(field)? {
            Some(text) => {
                Ok(pointer.text(text.as_bytes())?.map(|value| Cow::Owned(value.into_owned())))
            }
            None => Ok(None),
        },
        Selector::Item(pointer) => pointer.text(item.unwrap_or_default()),
        Selector::Query(name) => Ok(Url::of(request)?.query_value(name)?.map(Cow::Owned)),
    }
}

/// The error for a value that is absent.
#[cold]
pub(crate) fn missing(selector: &Selector) -> Error {
    let code = match selector {
        Selector::Header(_) => ErrorCode::MissingHeader,
        _ => ErrorCode::MissingValue,
    };
    Error::new(code, say!("{selector} is missing"))
}

/// A header's name and then its aliases.
pub(crate) fn names<'a>(
    scheme: &'a Scheme,
    name: &'a HeaderName,
) -> impl Iterator<Item = &'a HeaderName> {
    std::iter::once(name).chain(scheme.aliases(name))
}

#[inline]
pub(crate) fn find_header<'a>(
    scheme: &'a Scheme,
    request: &Request<'a>,
    name: &'a HeaderName,
) -> Result<Option<&'a str>, Error> {
    match request.value(name) {
        Ok(None) => find_alias(scheme, request, name),
        found => found,
    }
}

#[cold]
fn find_alias<'a>(
    scheme: &'a Scheme,
    request: &Request<'a>,
    name: &HeaderName,
) -> Result<Option<&'a str>, Error> {
    for name in scheme.aliases(name) {
        if let Some(value) = request.value(name)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}
