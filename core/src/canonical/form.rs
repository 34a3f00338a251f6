//! The fields of a body that is a form: `application/x-www-form-urlencoded` or `multipart/form-data`.
//!
//! **Invariants.** The `content-type` decides how the body is read; without one it is urlencoded, as the default of HTML
//! says. A body of another type has no fields: it is refused, unless it is empty. Files of a multipart form are not
//! fields. Text is UTF-8.

use std::borrow::Cow;

use percent_encoding::utf8_percent_encode;

use super::header_params::HeaderParams;
use super::multipart::Files;
use super::pairs::{Pairs, Place};
use super::url::UNRESERVED;
use super::{multipart, signed_headers};
use crate::error::{Error, ErrorCode, clip};
use crate::request::Request;

/// The decoded fields of a body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Form<'a>(Pairs<'a>);

impl<'a> Form<'a> {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// `malformed_body` when it is not a form, `malformed_header` for a `content-type` that cannot be read.
    pub(crate) fn of(request: &Request<'a>) -> Result<Self, Error> {
        Self::read(request, Files::Skipped)
    }

    /// The same for a body whose fields are all that is signed: a file in it is refused.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub(crate) fn without_files(request: &Request<'a>) -> Result<Self, Error> {
        Self::read(request, Files::Refused)
    }

    fn read(request: &Request<'a>, files: Files) -> Result<Self, Error> {
        if request.body.is_empty() {
            return Ok(Self(Pairs::empty(Place::Form)));
        }
        let Some(text) = signed_headers::value(request, "content-type")? else {
            return Pairs::parse(request.body, Place::Form).map(Self);
        };
        let content_type =
            HeaderParams::parse(text).filter(HeaderParams::is_utf8).ok_or_else(|| {
                let message = format!("header `content-type` cannot be read: `{}`", clip(text));
                Error::new(ErrorCode::MalformedHeader, message)
            })?;
        match content_type.value.as_str() {
            "application/x-www-form-urlencoded" => Pairs::parse(request.body, Place::Form),
            "multipart/form-data" => {
                let boundary = content_type.get("boundary").unwrap_or_default();
                multipart::parse(request.body, boundary, files)
            }
            other => {
                let message = format!(
                    "the body is a form, says the scheme, but `{}`, says `content-type`",
                    clip(other)
                );
                Err(Error::new(ErrorCode::MalformedBody, message))
            }
        }
        .map(Self)
    }

    /// The value of this field, or none.
    ///
    /// # Errors
    /// `malformed_body` when it stands there more than once.
    pub(crate) fn value(&self, name: &str) -> Result<Option<&Cow<'a, str>>, Error> {
        self.0.value(name)
    }

    /// All fields in the order in which they stand there.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter()
    }

    /// Names and values without anything between them, by name and then by value, each pair once.
    ///
    /// Source: npm `twilio` 6.2.0, `lib/webhooks/webhooks.js`, `getExpectedTwilioSignature`; Mandrill does the same.
    pub(crate) fn sorted_params(&self) -> String {
        let mut pairs = self.0.sorted();
        pairs.dedup();
        concat(&pairs)
    }

    /// The same, but a pair that stands there twice is written twice, as Plivo does.
    pub(crate) fn sorted_params_with_repeats(&self) -> String {
        concat(&self.0.sorted())
    }
}

/// An urlencoded body with this field written at its end, and nowhere else; other bytes as they are.
pub(crate) fn with_field(body: &[u8], name: &str, value: &str) -> Vec<u8> {
    let escape = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
    let field = format!("{}={}", escape(name), escape(value));
    let start = format!("{}=", escape(name));
    let kept = body
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with(start.as_bytes()));
    let fields: Vec<&[u8]> = kept.chain([field.as_bytes()]).collect();
    fields.join(&b'&')
}

fn concat(pairs: &[(&str, &str)]) -> String {
    pairs.iter().flat_map(|(name, value)| [*name, *value]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form<'a>(headers: &'a [(&'a str, &'a str)], body: &'a str) -> Result<Form<'a>, Error> {
        Form::of(&Request::new(headers, body.as_bytes()))
    }

    const URLENCODED: &[(&str, &str)] =
        &[("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")];

    #[test]
    fn fields_are_decoded() {
        let body = "json=%7B%22a%22%3A1%7D&note=a+b";
        for headers in [URLENCODED, &[]] {
            let form = form(headers, body).unwrap();
            assert_eq!(form.value("json").unwrap().map(Cow::as_ref), Some("{\"a\":1}"));
            assert_eq!(form.value("note").unwrap().map(Cow::as_ref), Some("a b"));
            assert_eq!(form.value("x").unwrap(), None);
        }
        assert!(form(URLENCODED, "a=1&a=2").unwrap().value("a").is_err());
    }

    #[test]
    fn multipart_reads_the_same_as_urlencoded() {
        let headers = [("content-type", "multipart/form-data; boundary=\"XX\"")];
        let body =
            "--XX\r\ncontent-disposition: form-data; name=\"json\"\r\n\r\n{\"a\":1}\r\n--XX--\r\n";
        let form_of_parts = form(&headers, body).unwrap();
        assert_eq!(form_of_parts, form(URLENCODED, "json=%7B%22a%22%3A1%7D").unwrap());
    }

    #[test]
    fn params_are_sorted_and_each_is_written_once() {
        let form = form(URLENCODED, "b=2&a=z&b=10&b=2&B=x&aa=1&a=").unwrap();
        assert_eq!(form.sorted_params(), "Bxaazaa1b10b2");
        assert_eq!(form.sorted_params_with_repeats(), "Bxaazaa1b10b2b2");
        assert_eq!(form.iter().count(), 7);
    }

    #[test]
    fn other_bodies_have_no_fields() {
        let json = [("content-type", "application/json")];
        assert_eq!(form(&json, "{}").unwrap_err().code(), ErrorCode::MalformedBody);
        assert_eq!(form(&json, "").unwrap().sorted_params(), "");
        let latin = [("content-type", "application/x-www-form-urlencoded; charset=iso-8859-1")];
        assert_eq!(form(&latin, "a=1").unwrap_err().code(), ErrorCode::MalformedHeader);
        let twice = [URLENCODED[0], json[0]];
        assert_eq!(form(&twice, "a=1").unwrap_err().code(), ErrorCode::MalformedHeader);
    }
}
